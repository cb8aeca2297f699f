"""Holds and cancellations: only what is open gives way, and everything it held goes back."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests import build

from auftakt.orders import actions, queries
from auftakt.orders.models import Hold
from auftakt.orders.tests.counting import statements
from auftakt.orders.types import Cancellation
from auftakt.platform.models import JournalEntry
from auftakt.promising.models import Commitment

from .test_capture import drawn, verbs
from .test_change import pieces, ship, taken

pytestmark = pytest.mark.django_db
A = {"actor": build.ACTOR, "at": build.AT}


def line_of(order_id: UUID, sku: str) -> UUID:
    return next(key for key, line in queries.order_lines(order_ids=[order_id]).items() if line.sku == sku)


def test_a_whole_order_gives_everything_back() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "2"), ("FITTING", "1"), ("TYRE", "3")])
    assert drawn() > 0
    assert actions.cancel([Cancellation(order_id, reason="Changed mind")], **A).done == (order_id,)
    assert queries.orders([order_id])[order_id].state == "cancelled"
    assert (drawn(), taken("BIKE"), Commitment.objects.count()) == (0, 0, 0)
    assert {state for _, state, _ in pieces(order_id)} == {"cancelled"}
    entry = JournalEntry.objects.get(subject_id=order_id, verb="order.cancelled").change
    assert entry == {"reason": "Changed mind", "lines": {"1": "2", "2": "1", "3": "3"}, "state": "cancelled"}


def test_part_of_a_line_splits_what_serves_it() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "5")])
    actions.cancel([Cancellation(order_id, line_of(order_id, "BIKE"), Decimal(2), "Two less")], **A).one()
    assert pieces(order_id) == [("BIKE", "cancelled", Decimal(2)), ("BIKE", "open", Decimal(3))]
    order = queries.orders([order_id])[order_id]
    assert (order.state, order.gross) == ("submitted", 5950)
    assert (taken("BIKE"), drawn()) == (3, Decimal(3 * 1190))
    actions.cancel([Cancellation(order_id, line_of(order_id, "BIKE"))], **A).one()
    assert (queries.orders([order_id])[order_id].state, drawn(), taken("BIKE")) == ("cancelled", 0, 0)


def test_what_has_no_promise_gives_way_first() -> None:
    build.company(stock={("DC", "BIKE"): "2"})
    order_id = build.order(lines=[("BIKE", "5")])
    actions.cancel([Cancellation(order_id, line_of(order_id, "BIKE"), Decimal(4))], **A).one()
    found = queries.fulfilment_lines(order_ids=[order_id]).values()
    assert sorted((piece.state, piece.quantity, piece.is_promised) for piece in found) == [
        ("cancelled", Decimal(1), False), ("cancelled", Decimal(3), False), ("open", Decimal(1), True),
    ]  # fmt: skip
    assert taken("BIKE") == 1


def test_only_what_is_open_can_be_cancelled() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "2"), ("LOCK", "3")])
    ship(order_id, "BIKE")
    before = (JournalEntry.objects.count(), drawn(), pieces(order_id))
    wishes = [
        Cancellation(order_id, line_of(order_id, "BIKE")),
        Cancellation(order_id, line_of(order_id, "LOCK"), Decimal(4)),
        Cancellation(order_id, line_of(order_id, "LOCK"), Decimal(0)),
        Cancellation(order_id, line_of(order_id, "LOCK"), Decimal("0.5")),
        Cancellation(order_id, line_of(order_id, "LOCK"), Decimal("1E+999999")),
        Cancellation(order_id, UUID(int=1)),
        Cancellation(order_id, None, Decimal(1)),
        Cancellation(UUID(int=1)),
    ]
    refused = actions.cancel(wishes, **A).refused
    assert [refusal.code for refusal in refused] == [
        "more_than_open", "more_than_open", "quantity_not_positive", "quantity_too_fine", "quantity_not_positive",
        "unknown_line",
        "line_missing", "unknown_order",
    ]  # fmt: skip
    assert (JournalEntry.objects.count(), drawn(), pieces(order_id)) == before
    build.done(actions.cancel([Cancellation(order_id)], **A))
    assert queries.orders([order_id])[order_id].state == "submitted"
    assert [refusal.code for refusal in actions.cancel([Cancellation(order_id)], **A).refused] == ["more_than_open"]


def test_two_wishes_for_one_line_see_each_other() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "3")])
    wish = Cancellation(order_id, line_of(order_id, "BIKE"), Decimal(2))
    outcome = actions.cancel([wish, wish], **A)
    assert (len(outcome.done), [refusal.code for refusal in outcome.refused]) == (1, ["more_than_open"])
    assert pieces(order_id) == [("BIKE", "cancelled", Decimal(2)), ("BIKE", "open", Decimal(1))]


def test_a_draft_is_cancelled_as_a_whole() -> None:
    build.company()
    order_id = build.order(stage="draft")
    part = Cancellation(order_id, line_of(order_id, "BIKE"), Decimal(1))
    assert actions.cancel([part], **A).refused[0].code == "draft_in_part"
    actions.cancel([Cancellation(order_id)], **A).one()
    assert queries.orders([order_id])[order_id].state == "cancelled"
    assert actions.cancel([Cancellation(order_id)], **A).refused[0].code == "order_ended"


def test_cancelling_takes_the_same_statements_for_one_and_many() -> None:
    build.company(stock={("DC", "LOCK"): "10000"})

    def count(orders: int) -> int:
        drafts = [build.draft([("LOCK", "3")]) for _ in range(orders)]
        ids = [each.order_id for each in build.done(actions.capture(drafts, submit=True, **A))]
        lines = queries.order_lines(order_ids=ids)
        wishes = [Cancellation(line.order_id, key, Decimal(1)) for key, line in lines.items()]
        with statements() as seen:
            build.done(actions.cancel(wishes, **A))
        return len(seen)

    assert count(1) == count(200)


def test_a_hold_stops_release_until_it_is_released() -> None:
    build.company()
    order_id = build.order()
    ids = list(queries.fulfilment_lines(order_ids=[order_id]))
    assert actions.hold([order_id], "credit", "Call finance", **A).done == (order_id,)
    refused = actions.release_lines(ids, **A).refused
    assert [(refusal.code, refusal.transient) for refusal in refused] == [("order_on_hold", True)]
    assert queries.progress([order_id])[order_id].on_hold
    later = build.AT + timedelta(hours=1)
    assert actions.release_holds([order_id], "credit", "Paid", actor="anna", at=later).done == (order_id,)
    hold = Hold.objects.get()
    assert (hold.placed_by, hold.released_by, hold.released_at, hold.release_note) == ("test", "anna", later, "Paid")
    assert build.done(actions.release_lines(ids, **A)) == tuple(ids)
    assert verbs(order_id)[-2:] == ["order.held", "order.hold_released"]


def test_holds_are_refused_by_name() -> None:
    build.company()
    order_id, gone = build.order(), build.order(stage="cancelled")
    build.done(actions.hold([order_id], "credit", **A))
    before = JournalEntry.objects.count()
    assert [each.code for each in actions.hold([order_id, gone, UUID(int=1)], "credit", **A).refused] == [
        "unknown_order", "already_held", "order_ended",
    ]  # fmt: skip
    assert [each.code for each in actions.release_holds([order_id], "fraud", **A).refused] == ["not_held"]
    assert [each.code for each in actions.hold([order_id], "", **A).refused] == ["reason_missing"]
    assert (Hold.objects.count(), JournalEntry.objects.count()) == (1, before)
