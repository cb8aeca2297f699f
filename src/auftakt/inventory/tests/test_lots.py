"""Lots and serial numbers: asked for, counted by number, first expired first out; refused by name."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft
from auftakt.inventory import actions, queries
from auftakt.inventory.models import Lot, LotHold, LotStock, MoveLot
from auftakt.inventory.tests import build
from auftakt.inventory.tests.build import AT, BY
from auftakt.inventory.types import (
    Adjustment,
    Arrival,
    BucketDraw,
    ExpectedSupply,
    Issue,
    LotHoldDraft,
    LotQuantity,
    Receipt,
    StockCount,
    Transfer,
)
from auftakt.platform.sql import Statements
from auftakt.values import new_id

pytestmark = pytest.mark.django_db
TODAY = AT.date()
sql = Statements("auftakt.inventory")


@pytest.fixture
def ids() -> dict[str, UUID]:
    known = build.company()
    drafts = [
        ItemDraft("OIL", "Chain oil", tracking="lot", shelf_life_days=365, activate=True),
        ItemDraft("MOTOR", "Motor", tracking="serial", activate=True),
    ]
    return known | dict(zip(("OIL", "MOTOR"), catalog.save_items(drafts, **BY).done, strict=True))


def lots(*told: tuple[str, int] | tuple[str, int, date]) -> tuple[LotQuantity, ...]:
    return tuple(LotQuantity(each[0], Decimal(each[1]), *each[2:]) for each in told)


def oil(*told: Any, site: str = "HAM") -> None:
    got = actions.receive([Receipt(site, "OIL", sum(lot.quantity for lot in lots(*told)), lots=lots(*told))], **BY)
    assert not got.refused, got.refused


def lying(ids: dict[str, UUID], sku: str = "OIL", site: str = "HAM") -> dict[str, Decimal]:
    return {lot.number: lot.quantity for lot in queries.lots([ids[sku]], ids[site]).get(ids[sku], [])}


def sound() -> None:
    for name in sql.texts:
        if name.startswith("verify_"):
            violations, _, example = sql.rows(name)[0]
            assert violations == 0, (name, example)


def codes(outcome: Any) -> list[str]:
    return [finding.code for refusal in outcome.refused for finding in refusal.findings]


def test_received_by_lot_and_expiring_by_shelf_life(ids: dict[str, UUID]) -> None:
    oil(("A", 5, TODAY + timedelta(30)), ("B", 3))
    assert lying(ids) == {"A": 5, "B": 3}
    assert Lot.objects.get(number="B").expires_on == TODAY + timedelta(365)
    assert build.on_hand(ids, "OIL").quantity == 8
    sound()


@pytest.mark.parametrize(
    ("sku", "quantity", "told", "code"),
    [
        ("OIL", 5, (), "lots_missing"),
        ("MOTOR", 1, (), "serials_missing"),
        ("OIL", 5, (("A", 4),), "lots_do_not_sum"),
        ("OIL", 4, (("A", 2), (" A ", 2)), "lot_repeated"),
        ("MOTOR", 2, (("S1", 1), ("S1", 1)), "serial_repeated"),
        ("MOTOR", 2, (("S1", 2),), "serial_is_one"),
        ("MOTOR", 1, (("KNOWN", 1),), "serial_in_stock"),
        ("OIL", 1, (("OLD", 1, date(2031, 1, 1)),), "lot_used_twice"),
        ("OIL", 1, (("", 1),), "lot_malformed"),
        ("BIKE", 1, (("A", 1),), "lots_unexpected"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_moves(
    ids: dict[str, UUID], sku: str, quantity: int, told: Any, code: str
) -> None:
    oil(("OLD", 1, TODAY + timedelta(9)))
    actions.receive([Receipt("MUC", "MOTOR", Decimal(1), lots=lots(("KNOWN", 1)))], **BY)
    before = build.picture(), list(LotStock.objects.order_by("id").values()), Lot.objects.count()
    refused = actions.receive([Receipt("HAM", sku, Decimal(quantity), lots=lots(*told))], **BY)
    assert codes(refused) == [code]
    assert (build.picture(), list(LotStock.objects.order_by("id").values()), Lot.objects.count()) == before
    sound()


def test_a_number_twice_in_one_batch_counts_once(ids: dict[str, UUID]) -> None:
    twice = [Receipt(site, "MOTOR", Decimal(1), lots=lots(("S1", 1))) for site in ("HAM", "MUC")]
    got = actions.receive(twice, **BY)
    assert len(got.done) == 1
    assert codes(got) == ["serial_in_stock"]
    sound()


def test_a_known_lot_grows(ids: dict[str, UUID]) -> None:
    oil(("A", 5, TODAY + timedelta(30)))
    oil(("A", 2), ("A2", 1))
    assert lying(ids) == {"A": 7, "A2": 1}


def test_leaves_first_expired_first_out_and_what_was_picked_before(ids: dict[str, UUID]) -> None:
    oil(("LATE", 5, TODAY + timedelta(90)), ("SOON", 5, TODAY + timedelta(30)), ("GONE", 5, TODAY - timedelta(1)))
    bucket = build.on_hand(ids, "OIL").id
    actions.draw([BucketDraw(bucket, Decimal(8))], **BY)
    actions.issue([Issue(bucket, Decimal(6), new_id())], **BY)
    assert lying(ids) == {"LATE": 4, "GONE": 5}
    pick, parcel = new_id(), new_id()
    hold = LotHoldDraft(pick, ids["OIL"], "OIL", ids["HAM"], Decimal(2), TODAY, lots=lots(("LATE", 2)))
    assert not actions.hold_lots([hold], **BY).refused
    actions.pass_lots_on([(pick, parcel)], **BY)
    actions.issue([Issue(bucket, Decimal(2), parcel)], **BY)
    assert lying(ids) == {"LATE": 2, "GONE": 5}
    assert not LotHold.objects.exists()
    sound()


def test_a_pick_takes_no_lot_that_does_not_keep(ids: dict[str, UUID]) -> None:
    oil(("SOON", 5, TODAY + timedelta(30)), ("LATE", 5, TODAY + timedelta(90)))

    def hold(quantity: int, *told: Any, days: int = 60) -> Any:
        draft = LotHoldDraft(
            new_id(), ids["OIL"], "OIL", ids["HAM"], Decimal(quantity), TODAY, days, lots=lots(*told)
        )  # fmt: skip
        return actions.hold_lots([draft], **BY)

    assert codes(hold(1, ("SOON", 1))) == ["lot_expired"]
    assert codes(hold(1, ("NONE", 1))) == ["lot_not_there"]
    assert not hold(4).refused
    assert LotHold.objects.get().lot.number == "LATE"
    assert codes(hold(2)) == ["lots_expired"]
    assert codes(hold(2, ("LATE", 2))) == ["lot_not_there"]
    actions.release_lots([LotHold.objects.get().reference_id], **BY)
    assert not hold(5).refused
    sound()


def test_a_count_by_lot_moves_the_difference_of_each(ids: dict[str, UUID]) -> None:
    oil(("A", 5), ("B", 3))
    counted = StockCount("HAM", "OIL", Decimal(8), lots=lots(("A", 4), ("B", 3), ("C", 1)))
    assert actions.count([counted], **BY).done == (Decimal(0),)
    assert lying(ids) == {"A": 4, "B": 3, "C": 1}
    assert codes(actions.count([StockCount("HAM", "OIL", Decimal(7))], **BY)) == ["lots_missing"]
    assert actions.count([StockCount("HAM", "OIL", Decimal(8))], **BY).done == (Decimal(0),)
    assert actions.count([StockCount("HAM", "OIL", Decimal(0))], **BY).done == (Decimal(-8),)
    assert lying(ids) == {}
    sound()


def test_moved_adjusted_and_reversed_with_its_lots(ids: dict[str, UUID]) -> None:
    oil(("A", 5), ("B", 3))
    assert codes(actions.transfer([Transfer("HAM", "MUC", "OIL", Decimal(2))], **BY)) == ["lots_missing"]
    moved = actions.transfer([Transfer("HAM", "MUC", "OIL", Decimal(2), lots=lots(("B", 2)))], **BY).one()
    assert lying(ids, site="MUC") == {"B": 2}
    assert codes(actions.adjust([Adjustment("HAM", "OIL", Decimal(-2), "damage", lots=lots(("B", 2)))], **BY)) == [
        "lot_not_there"
    ]
    assert not actions.adjust([Adjustment("HAM", "OIL", Decimal(-2), "damage", lots=lots(("A", 2)))], **BY).refused
    assert not actions.reverse([moved], **BY).refused
    assert lying(ids) == {"A": 3, "B": 3}
    sound()


def test_a_serial_number_goes_and_comes_back(ids: dict[str, UUID]) -> None:
    actions.receive([Receipt("HAM", "MOTOR", Decimal(2), lots=lots(("S1", 1), ("S2", 1)))], **BY)
    bucket = build.on_hand(ids, "MOTOR").id
    actions.draw([BucketDraw(bucket, Decimal(1))], **BY)
    actions.issue([Issue(bucket, Decimal(1))], **BY)
    assert lying(ids, "MOTOR") == {"S2": 1}
    actions.receive([Receipt("MUC", "MOTOR", Decimal(1), lots=lots(("S1", 1)))], **BY)
    moved = actions.transfer([Transfer("MUC", "HAM", "MOTOR", Decimal(1), lots=lots(("S1", 1)))], **BY)
    assert not moved.refused
    assert lying(ids, "MOTOR") == {"S1": 1, "S2": 1}
    sound()
    stock = LotStock.objects.filter(lot__number="S1", quantity=0).first()
    with pytest.raises(IntegrityError, match="serial_in_one_place"), transaction.atomic():
        LotStock.objects.filter(id=stock.id).update(quantity=1)


def test_what_arrives_asks_for_its_lots(ids: dict[str, UUID]) -> None:
    supply = ExpectedSupply(new_id(), "purchase", ids["OIL"], ids["HAM"], build.DAY, Decimal(5))
    actions.expect([supply], **BY)
    assert codes(actions.arrive([Arrival(supply.reference_id, Decimal(2))], **BY)) == ["lots_missing"]
    assert build.on_hand(ids, "OIL").quantity == 0
    assert not actions.arrive([Arrival(supply.reference_id, Decimal(2), lots=lots(("A", 2)))], **BY).refused
    assert Lot.objects.get().came_with_id == supply.reference_id
    sound()


def test_verify_finds_a_lot_that_is_not_in_the_ledger(ids: dict[str, UUID]) -> None:
    oil(("A", 5))
    LotStock.objects.update(quantity=4)
    for name in ("verify_lots_are_the_ledger", "verify_lots_sum_to_on_hand"):
        assert sql.rows(name)[0][0] == 1
    MoveLot.objects.update(quantity=4)
    assert sql.rows("verify_moves_of_tracked_items_name_lots")[0][0] == 1


def test_untracked_items_pay_nothing_and_lots_cost_a_constant(ids: dict[str, UUID]) -> None:
    def statements(receipts: list[Receipt]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert not actions.receive(receipts, **BY).refused
        return len(seen)

    statements([Receipt("HAM", "BIKE", Decimal(1)), Receipt("HAM", "OIL", Decimal(1), lots=lots(("Z", 1)))])
    plain = statements([Receipt("HAM", "BIKE", Decimal(1))])
    with CaptureQueriesContext(connection) as seen:
        actions.receive([Receipt("HAM", "BIKE", Decimal(1))], **BY)
    assert not [each for each in seen.captured_queries if "lot" in each["sql"].replace("allot", "")]
    one = statements([Receipt("HAM", "OIL", Decimal(1), lots=lots(("A", 1)))])
    told = [LotQuantity(f"N{number}", Decimal(1)) for number in range(40)]
    many = statements([Receipt("HAM", "OIL", Decimal(4), lots=tuple(told[at : at + 4])) for at in range(0, 40, 4)])
    assert plain < one == many
