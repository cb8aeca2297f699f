"""Lots on their way out: scanned or first expired first out, refused with a word, known after."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests import build

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft
from auftakt.fulfilment import actions, queries
from auftakt.fulfilment.models import Pick, Release, ShipmentLine
from auftakt.fulfilment.types import Picked, ScanDraft, Shipping
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.models import LotHold, LotStock
from auftakt.inventory.types import LotQuantity, Receipt
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import PriceDraft
from auftakt.values import new_id

pytestmark = pytest.mark.django_db
BY: Any = {"actor": build.ACTOR, "at": build.AT}


def lots(**told: tuple[int, int]) -> tuple[LotQuantity, ...]:
    return tuple(
        LotQuantity(number, Decimal(quantity), build.TODAY + timedelta(days))
        for number, (quantity, days) in told.items()
    )


@pytest.fixture
def pick() -> Pick:
    """Four gels are to be picked; OLD has expired, SOON expires in 20 days, LATE in 90; they must keep ten."""
    build.company()
    gel = ItemDraft("GEL", "Energy gel", tracking="lot", min_remaining_days=10, shelf_life_days=100, activate=True)
    build.done(catalog.save_items([gel], **BY))
    build.done(pricing.save_prices([PriceDraft("LIST", "GEL", Decimal(2))], **BY))
    told = lots(OLD=(5, -1), SHORT=(5, 5), SOON=(3, 20), LATE=(5, 90))
    build.done(inventory.receive([Receipt("DC", "GEL", Decimal(18), lots=told)], **BY))
    build.order(stage="released", lines=[("GEL", "4")])
    return Pick.objects.get()


def gone() -> dict[str, Decimal]:
    return dict(LotStock.objects.filter(quantity__gt=0).values_list("lot__number", "quantity"))


def scan(pick: Pick, code: str, quantity: int = 1) -> Any:
    release = pick.release_line.release_id
    return actions.scan([ScanDraft(new_id(), code, release, None, pick.id, Decimal(quantity))], **BY)


def codes(outcome: Any) -> list[str]:
    return [finding.code for refusal in outcome.refused for finding in refusal.findings]


def ship() -> UUID:
    return build.done(actions.ship([Shipping(Release.objects.get().id)], **BY))[0]


def test_picked_without_a_word_the_first_to_expire_that_keep_go(pick: Pick) -> None:
    build.done(actions.pick([Picked(pick.id, Decimal(4))], **BY))
    held = dict(LotHold.objects.values_list("lot__number", "quantity"))
    assert held == {"SOON": 3, "LATE": 1}
    slip = queries.slip_data(Release.objects.get().id)
    assert any("SOON" in text for text in slip["lines"][0]["details"])
    shipment = ship()
    assert gone() == {"OLD": 5, "SHORT": 5, "LATE": 4}
    moved = stock.moved_lots([shipment], "shipment")
    assert [number for number, *_ in moved[shipment, pick.item_id]] == ["SOON", "LATE"]
    assert not LotHold.objects.exists()
    assert ShipmentLine.objects.get().quantity == 4
    slip = queries.slip_data(Release.objects.get().id)
    assert any("LATE" in text for text in slip["lines"][0]["details"])


def test_another_lot_is_scanned_and_a_wrong_one_refused(pick: Pick) -> None:
    assert codes(scan(pick, "OLD")) == ["lot_expired"]
    assert codes(scan(pick, "SHORT")) == ["lot_expired"]
    assert codes(scan(pick, "NONE")) == ["code_unknown"]
    assert codes(scan(pick, "SOON", 4)) == ["lot_not_there"]
    assert not LotHold.objects.exists()
    assert Pick.objects.get().scanned == 0
    first = scan(pick, "LATE", 2).one().id
    second = scan(pick, "LATE").one().id
    build.done(actions.unscan([second], **BY))
    assert dict(LotHold.objects.values_list("lot__number", "quantity")) == {"LATE": 2}
    assert codes(actions.unscan([first, first], **BY)) == []
    assert not LotHold.objects.exists()
    scan(pick, "LATE", 2)
    scan(pick, "GEL", 2)
    build.done(actions.pick_scanned([pick.release_line.release_id], **BY))
    ship()
    assert gone() == {"OLD": 5, "SHORT": 5, "SOON": 1, "LATE": 3}


def test_a_lot_that_does_not_keep_is_refused_as_told_and_nothing_is_picked(pick: Pick) -> None:
    told = Picked(pick.id, Decimal(4), lots=(LotQuantity("SHORT", Decimal(4)),))
    assert codes(actions.pick([told], **BY)) == ["lot_expired"]
    assert Release.objects.get().state == "released"
    assert not LotHold.objects.exists()


def test_recalled_lots_lie_free_again(pick: Pick) -> None:
    build.done(actions.pick([Picked(pick.id, Decimal(4))], **BY))
    build.done(actions.recall([Release.objects.get().id], **BY))
    assert not LotHold.objects.exists()
    assert not LotStock.objects.filter(held__gt=0).exists()
    assert sum(gone().values()) == 18


def test_a_short_pick_takes_lots_off_the_books(pick: Pick) -> None:
    build.done(actions.pick([Picked(pick.id, Decimal(3))], **BY))
    assert sum(gone().values()) == 17
    assert sum(LotHold.objects.values_list("quantity", flat=True)) == 3
