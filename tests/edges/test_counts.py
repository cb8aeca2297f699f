"""Counts: within the tolerance they are booked, beyond it another approves; what was promised is promised anew."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.models import Bucket, CountLine, LotStock, Move
from auftakt.inventory.types import CountDecision, CountEntry, CountPlan, CountTolerance, LotQuantity, Receipt
from auftakt.orders import actions, queries
from auftakt.platform.models import JournalEntry
from tests import build

pytestmark = pytest.mark.django_db
BY: Any = {"actor": "walter", "at": build.AT}
BOSS: Any = {"actor": "boss", "at": build.AT}


@pytest.fixture(autouse=True)
def company() -> None:
    build.company()
    build.receive({("DC", "LOCK"): "100"})
    build.done(inventory.save_count_tolerances([CountTolerance("DC", Decimal(5), Decimal(50))], **BY))


def on_hand(sku: str = "LOCK") -> tuple[Decimal, Decimal]:
    held = Bucket.objects.get(item__sku=sku, site__code="DC", kind="on_hand")
    return held.quantity, held.drawn


def item(sku: str = "LOCK") -> UUID:
    return catalog_id(sku)


def catalog_id(sku: str) -> UUID:
    return Bucket.objects.filter(item__sku=sku).first().item_id


def take(counted: str, sku: str = "LOCK", **more: Any) -> Any:
    return actions.take_counts([CountEntry("DC", item(sku), Decimal(counted), **more)], **BY)


def decide(line: UUID, decision: str, reason: str = "", who: Any = BOSS) -> Any:
    return actions.decide_counts([CountDecision(line, decision, reason)], **who)


def codes(outcome: Any) -> list[str]:
    return [finding.code for refusal in outcome.refused for finding in refusal.findings]


def test_within_tolerance_a_count_is_booked_by_itself() -> None:
    before = on_hand()[0]
    taken = take(str(before - 5)).one()
    assert (taken.state, taken.difference) == ("posted", Decimal(-5))
    assert on_hand()[0] == before - 5
    assert Move.objects.order_by("-id").first().reason == "count"


@pytest.mark.parametrize("value", [None, Decimal(11)])
def test_beyond_tolerance_it_waits_and_nothing_moves(value: Decimal | None) -> None:
    before, moves = on_hand()[0], Move.objects.count()
    taken = take(str(before - (50 if value is None else 5)), unit_value=value).one()
    assert taken.state == "waiting"
    assert (on_hand()[0], Move.objects.count()) == (before, moves)
    assert codes(take(str(before - 6))) == ["count_waiting"]
    assert codes(decide(taken.line_id, "approve", who=BY)) == ["count_is_own"]
    assert codes(decide(taken.line_id, "reject")) == ["reason_missing"]
    assert (on_hand()[0], Move.objects.count()) == (before, moves)
    build.receive({("DC", "LOCK"): "10"})
    assert decide(taken.line_id, "approve").one().state == "posted"
    assert on_hand()[0] == before + 10 + taken.difference
    assert codes(decide(taken.line_id, "approve")) == ["count_not_waiting"]


def test_counted_again_or_dropped() -> None:
    before = on_hand()[0]
    first = take("1").one().line_id
    assert decide(first, "recount", "look behind the pallet").one().state == "open"
    assert take(str(before), line_id=first).one().state == "posted"
    second = take("1").one().line_id
    assert decide(second, "reject", "wrong shelf").one().state == "rejected"
    assert on_hand()[0] == before


def test_a_list_is_planned_and_counted_once() -> None:
    plan = CountPlan("DC", build.TODAY + timedelta(3), "items", items=("LOCK",))
    (key,) = build.done(inventory.plan_counts([plan], **BY))
    assert codes(inventory.plan_counts([plan], **BY)) == ["nothing_to_count"]
    (line,) = stock.count_lines(list_id=key).values()
    assert take(str(on_hand()[0]), line_id=line.id).one().state == "posted"
    assert codes(take("3", line_id=line.id)) == ["count_not_open"]
    assert not stock.count_lists()
    for choose in ("abc", "longest", "random", "bins"):
        outcome = inventory.plan_counts([CountPlan("DC", build.TODAY, choose, abc="A", most=2)], **BY)
        assert outcome.done or codes(outcome) == ["nothing_to_count"]
    assert codes(inventory.plan_counts([CountPlan("DC", build.TODAY, "moon", most=0)], **BY)) == [
        "count_choice_unknown", "count_too_long",
    ]  # fmt: skip


def test_promised_stock_that_is_missing_is_taken_from_the_lowest_priority() -> None:
    before = on_hand()[0]
    order = build.order(stage="submitted", lines=[("LOCK", str(before))])
    (piece,) = queries.fulfilment_lines(order_ids=[order]).values()
    assert piece.is_promised
    taken = take(str(before - 2)).one()
    assert taken.state == "posted"
    assert [each.order_id for each in taken.lost] == [order]
    quantity, drawn = on_hand()
    assert quantity == before - 2
    assert drawn <= quantity
    assert JournalEntry.objects.filter(verb="order.promise_lost", subject_id=order).exists()


def test_what_the_warehouse_is_at_work_on_is_not_taken_away() -> None:
    before = on_hand()[0]
    build.order(stage="released", lines=[("LOCK", str(before))])
    taken = take(str(before - 2)).one()
    assert taken.state == "waiting"
    assert [finding.code for finding in taken.findings] == ["stock_promised"]
    assert on_hand()[0] == before


def test_counted_by_lot() -> None:
    build.done(catalog.save_items([ItemDraft("GEL", "Gel", tracking="lot", activate=True)], **BY))
    lots = (LotQuantity("A", Decimal(60)), LotQuantity("B", Decimal(40)))
    build.done(inventory.receive([Receipt("DC", "GEL", Decimal(100), lots=lots)], **BY))
    assert codes(take("99", "GEL")) == ["lots_missing"]
    told = (LotQuantity("A", Decimal(58)), LotQuantity("B", Decimal(40)), LotQuantity("C", Decimal(1)))
    assert take("99", "GEL", lots=told).one().state == "posted"
    lying = dict(LotStock.objects.filter(quantity__gt=0).values_list("lot__number", "quantity"))
    assert lying == {"A": 58, "B": 40, "C": 1}
    swapped = (LotQuantity("A", Decimal(40)), LotQuantity("B", Decimal(58)), LotQuantity("C", Decimal(1)))
    taken = take("99", "GEL", lots=swapped).one()
    assert (taken.state, taken.difference) == ("waiting", 0)
    assert decide(taken.line_id, "approve").one().state == "posted"
    assert CountLine.objects.get(id=taken.line_id).state == "posted"
    lying = dict(LotStock.objects.filter(quantity__gt=0).values_list("lot__number", "quantity"))
    assert lying == {"A": 40, "B": 58, "C": 1}
