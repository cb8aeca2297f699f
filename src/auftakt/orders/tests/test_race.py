"""The same order from many sides at once, and orders that fight for the last pieces."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from tests import build

from auftakt.inventory.models import Bucket
from auftakt.orders import actions, queries
from auftakt.orders.models import Order, Revision
from auftakt.orders.types import Cancellation, LineDraft
from auftakt.parties.models import CreditDraw
from auftakt.platform.sql import Statements
from auftakt.promising.models import Commitment

pytestmark = pytest.mark.django_db(transaction=True)
A = {"actor": build.ACTOR, "at": build.AT}
VERIFY = Statements("auftakt.orders")


def violations() -> dict[str, tuple[int, str]]:
    """What `sql/verify.sql` finds, by statement: only those with something wrong."""
    found = {name: VERIFY.rows(name)[0] for name in VERIFY.texts if name.startswith("verify_")}
    return {name: (row[0], row[2]) for name, row in found.items() if row[0]}


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all in threads, each with a connection of its own."""

    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, works))


def test_the_same_order_at_the_same_moment_is_one_order() -> None:
    build.company()
    made = build.draft([("BIKE", "1"), ("SET", "1")], reference="WEB-1")
    outcomes = at_once([lambda: actions.capture([made], submit=True, **A).one()] * 24)
    assert Counter(each.result for each in outcomes) == {"created": 1, "unchanged": 23}
    assert len({each.number for each in outcomes}) == 1
    assert (Order.objects.count(), Revision.objects.count(), CreditDraw.objects.count()) == (1, 1, 1)
    assert Commitment.objects.count() == 3
    assert violations() == {}


def test_other_content_at_the_same_moment_becomes_revisions_one_after_another() -> None:
    build.company()
    made = build.draft([("LOCK", "1")], reference="WEB-1")
    drafts = [replace(made, lines=(LineDraft("LOCK", Decimal(number)),)) for number in range(1, 7)]
    outcomes = at_once([lambda draft=draft: actions.capture([draft], submit=True, **A).one() for draft in drafts])
    assert Counter(each.result for each in outcomes) == {"created": 1, "revised": 5}
    assert sorted(Revision.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    line = queries.order_lines(order_ids=[outcomes[0].order_id]).popitem()[1]
    assert Bucket.objects.get(item__sku="LOCK").drawn == line.quantity
    assert violations() == {}


def test_batches_that_overlap_take_each_order_once() -> None:
    build.company(stock={("DC", "LOCK"): "1000"})
    drafts = [build.draft([("LOCK", "1")], customer="C-2", reference=f"B-{number}") for number in range(40)]
    batches = [drafts[start : start + 20] for start in (0, 10, 20, 5, 15)]
    outcomes = at_once([lambda batch=batch: actions.capture(batch, submit=True, **A) for batch in batches])
    assert not [outcome.refused for outcome in outcomes if outcome.refused]
    results = Counter(each.result for outcome in outcomes for each in outcome.done)
    assert results == {"created": 40, "unchanged": 60}
    assert (Order.objects.count(), Bucket.objects.get(item__sku="LOCK").drawn) == (40, 40)
    assert violations() == {}


def test_nobody_gets_what_is_not_there() -> None:
    build.company(stock={("DC", "HELMET"): "7", ("DC", "LOCK"): "20"})
    drafts = [build.draft([("HELMET", "1"), ("SET", "1"), ("LOCK", "1")], customer="C-2") for _ in range(16)]
    at_once([lambda draft=draft: actions.capture([draft], submit=True, **A).one() for draft in drafts])
    helmets, locks = Bucket.objects.get(item__sku="HELMET"), Bucket.objects.get(item__sku="LOCK")
    assert (helmets.drawn, helmets.quantity) == (7, 7)
    assert locks.drawn <= 20
    assert violations() == {}


def test_cancelling_and_releasing_at_once_never_does_both() -> None:
    build.company(stock={("DC", "LOCK"): "100"})
    ids = [build.order(lines=[("LOCK", "2")], customer="C-2") for _ in range(8)]
    lines = {piece.order_id: key for key, piece in queries.fulfilment_lines(order_ids=ids).items()}
    works: list[Callable[[], Any]] = []
    for key in ids:
        works.append(lambda key=key: actions.cancel([Cancellation(key)], **A))
        works.append(lambda key=key: actions.release_lines([lines[key]], **A))
    outcomes = at_once(works)
    for cancelled, released in zip(outcomes[::2], outcomes[1::2], strict=True):
        assert len(cancelled.done) + len(released.done) == 1
    assert violations() == {}


def test_promising_anew_from_many_sides_never_stops_in_a_circle() -> None:
    build.company(stock={("DC", "LOCK"): "60", ("DC", "HELMET"): "60", ("SHOP", "LOCK"): "9", ("SHOP", "HELMET"): "9"})
    ids = [build.order(lines=[("LOCK", "2"), ("HELMET", "2"), ("SET", "1")], customer="C-2") for _ in range(8)]
    lines = {key: list(queries.fulfilment_lines(order_ids=[key])) for key in ids}
    works = [lambda key=key, step=step: actions.repromise(lines[key][::step], **A) for key in ids for step in (1, -1)]
    assert all(outcome.done for outcome in at_once(works))
    assert violations() == {}


def test_a_released_line_keeps_its_stock() -> None:
    build.company(stock={("DC", "BIKE"): "1"})
    order_id = build.order(lines=[("BIKE", "1")], customer="C-2")
    build.purchase("BIKE", "1", build.TODAY)
    waiting = build.order(lines=[("BIKE", "1")], customer="C-2")
    (piece,) = queries.fulfilment_lines(order_ids=[order_id])
    assert actions.release_lines([piece], **A).done == (piece,)
    assert Commitment.objects.get(demand_id=piece).is_pinned
    (late,) = queries.fulfilment_lines(order_ids=[waiting])
    assert [each.code for each in actions.release_lines([late], **A).refused] == ["not_on_hand"]
    assert actions.recall_lines([piece], **A).done == (piece,)
    assert not Commitment.objects.get(demand_id=piece).is_pinned


BREAKS = {
    "verify_line_quantities": "update orders_fulfilmentline set quantity = 3, base_quantity = 3",
    "verify_fulfilment_units": "update orders_fulfilmentline set base_quantity = base_quantity * 2",
    "verify_order_totals": "update orders_order set net = net + 1, gross = gross + 1",
    "verify_waterfalls": "update orders_orderline set waterfall = '[]'",
    "verify_revisions": "update orders_revision set number = 7",
    "verify_states": "update orders_order set state = 'cancelled'",
    "verify_promises_held": "update promising_commitment set quantity = quantity / 2",
    "verify_commitments_wanted": "update promising_commitment set demand_id = gen_random_uuid()",
    "verify_references": "update orders_fulfilmentline set site_id = gen_random_uuid()",
    "verify_credit_of_orders": "update parties_creditdraw set amount = amount * 3",
}


@pytest.mark.parametrize("broken", BREAKS)
def test_each_broken_balance_is_found(broken: str) -> None:
    build.company()
    build.order(lines=[("BIKE", "2")])
    assert violations() == {}
    with connection.cursor() as cursor:
        cursor.execute(BREAKS[broken])
    assert broken in violations()


def test_there_is_a_break_for_every_statement() -> None:
    assert set(BREAKS) == {name for name in VERIFY.texts if name.startswith("verify_")}
