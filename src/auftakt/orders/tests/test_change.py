"""Changing orders: drafts freely, submitted orders by revisions that respect what has gone too far."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests import build

from auftakt.inventory.models import Bucket
from auftakt.orders import actions, queries
from auftakt.orders.models import Order, OrderLine, Revision
from auftakt.orders.types import Cancellation, LineDraft, OrderDraft
from auftakt.platform.models import JournalEntry
from auftakt.promising.models import Commitment

from .test_capture import drawn, verbs

pytestmark = pytest.mark.django_db
A = {"actor": build.ACTOR, "at": build.AT}


def stored(order_id: UUID) -> OrderDraft:
    return queries.stored_drafts([order_id])[order_id]


def with_lines(order_id: UUID, lines: Sequence[tuple[str, str]], **values: object) -> OrderDraft:
    drafts = tuple(
        LineDraft(sku, Decimal(number), external_line_id=str(at)) for at, (sku, number) in enumerate(lines, 1)
    )
    return replace(stored(order_id), lines=drafts, **values)  # type: ignore[arg-type]


def taken(sku: str) -> Decimal:
    return sum((bucket.drawn for bucket in Bucket.objects.filter(item__sku=sku)), Decimal(0))


def pieces(order_id: UUID) -> list[tuple[str, str, Decimal]]:
    found = queries.fulfilment_lines(order_ids=[order_id]).values()
    return sorted((piece.sku, piece.state, piece.quantity) for piece in found)


def ship(order_id: UUID, sku: str, at: object = build.AT) -> None:
    ids = [key for key, line in queries.fulfilment_lines(order_ids=[order_id]).items() if line.sku == sku]
    build.done(actions.release_lines(ids, **A))
    build.done(build.promising.consume([(key, key) for key in ids], **A))
    build.done(actions.ship_lines(ids, **A))


def test_a_draft_is_edited_freely() -> None:
    build.company()
    order_id = build.order(stage="draft", lines=[("BIKE", "1"), ("LOCK", "1")])
    changed = actions.change(order_id, with_lines(order_id, [("HELMET", "5")], notes="Call first"), **A).one()
    assert (changed.result, changed.state) == ("revised", "draft")
    lines = queries.order_lines(order_ids=[order_id]).values()
    assert [(line.sku, line.quantity, line.net) for line in lines] == [("HELMET", Decimal(5), Decimal(250))]
    assert queries.orders([order_id])[order_id].notes == "Call first"
    assert verbs(order_id) == ["order.captured", "order.changed"]
    assert (Revision.objects.count(), Commitment.objects.count()) == (0, 0)
    assert actions.submit([order_id], **A).done == (order_id,)
    assert Revision.objects.get().number == 1


def test_a_change_thought_out_on_another_content_writes_nothing() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "1")])
    seen = Order.objects.get().content_sha256
    actions.change(order_id, with_lines(order_id, [("BIKE", "2")]), seen=seen, **A).one()
    before = (verbs(order_id), Order.objects.get().gross, Revision.objects.count(), taken("BIKE"))
    outcome = actions.change(order_id, with_lines(order_id, [("BIKE", "3")]), seen=seen, **A)
    assert outcome.refused[0].findings[0].code == "changed_meanwhile"
    assert (verbs(order_id), Order.objects.get().gross, Revision.objects.count(), taken("BIKE")) == before


def test_a_revision_gives_back_and_promises_anew() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "2"), ("LOCK", "4")])
    lock = next(key for key, piece in queries.fulfilment_lines(order_ids=[order_id]).items() if piece.sku == "LOCK")
    bikes = drawn()
    changed = actions.change(order_id, with_lines(order_id, [("BIKE", "2"), ("LOCK", "1")]), **A).one()
    assert (changed.result, changed.state) == ("revised", "submitted")
    assert (taken("BIKE"), taken("LOCK")) == (2, 1)
    assert pieces(order_id) == [("BIKE", "open", Decimal(2)), ("LOCK", "open", Decimal(1))]
    assert lock in queries.fulfilment_lines(order_ids=[order_id])
    assert bikes - drawn() == Decimal("71.4")
    revision = Revision.objects.get(order_id=order_id, number=2)
    assert revision.difference == {"lines": {"2": {"quantity": ["4", "1"]}}}
    assert verbs(order_id)[-1] == "order.revised"


def test_a_line_left_out_is_cancelled_and_worth_nothing() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "1"), ("LOCK", "3")])
    actions.change(order_id, with_lines(order_id, [("BIKE", "1")]), **A).one()
    assert pieces(order_id) == [("BIKE", "open", Decimal(1)), ("LOCK", "cancelled", Decimal(3))]
    gone = OrderLine.objects.get(order_id=order_id, item__sku="LOCK")
    assert (gone.cancelled, gone.gross, gone.waterfall) == (Decimal(3), 0, [])
    assert (taken("LOCK"), drawn()) == (0, Decimal(1190))


def test_several_pieces_become_one_again_when_the_quantity_falls() -> None:
    build.company(stock={("DC", "BIKE"): "2"})
    order_id = build.order(lines=[("BIKE", "5")])
    assert pieces(order_id) == [("BIKE", "open", Decimal(2)), ("BIKE", "open", Decimal(3))]
    actions.change(order_id, with_lines(order_id, [("BIKE", "2")]), **A).one()
    assert pieces(order_id) == [("BIKE", "cancelled", Decimal(0)), ("BIKE", "open", Decimal(2))]


def test_another_destination_promises_every_open_line_anew() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "1"), ("FITTING", "1")])
    away = build.AddressDraft("Ring 7", "Wien", "AT", "1010")
    actions.change(order_id, replace(stored(order_id), ship_to=away, ship_to_id=None), **A).one()
    found = queries.fulfilment_lines(order_ids=[order_id]).values()
    bike = next(piece for piece in found if piece.sku == "BIKE")
    assert (bike.arrive_on, bike.first_arrive_on) == (build.TODAY + timedelta(days=2),) * 2
    order = queries.orders([order_id])[order_id]
    assert order.tax == Decimal(212)
    assert (taken("BIKE"), Commitment.objects.count()) == (1, 1)


def test_nothing_falls_below_what_has_been_released_or_shipped() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "4"), ("LOCK", "1")])
    line = next(line for line in queries.order_lines(order_ids=[order_id]).values() if line.sku == "BIKE")
    ship(order_id, "BIKE")
    before = (JournalEntry.objects.count(), drawn(), pieces(order_id))
    refused = actions.change(order_id, with_lines(order_id, [("BIKE", "3"), ("LOCK", "1")]), **A).refused
    finding = refused[0].findings[0]
    assert (finding.code, finding.place, finding.facts["shipped"]) == ("below_released", "/lines/0/quantity", "4")
    removed = actions.change(order_id, with_lines(order_id, [("LOCK", "1")]), **A).refused
    assert {finding.code for finding in removed[0].findings} == {"below_released"}
    assert (JournalEntry.objects.count(), drawn(), pieces(order_id)) == before
    assert queries.order_lines(ids=[line.id])[line.id].shipped == 4


def test_what_was_shipped_keeps_its_price() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "2"), ("LOCK", "1")])
    ship(order_id, "BIKE")
    build.done(build.pricing.save_prices([build.PriceDraft("LIST", sku, Decimal(1)) for sku in ("BIKE", "LOCK")], **A))
    actions.change(order_id, with_lines(order_id, [("BIKE", "3"), ("LOCK", "2")]), **A).one()
    lines = {line.sku: line for line in queries.order_lines(order_ids=[order_id]).values()}
    assert (lines["BIKE"].unit_price, lines["BIKE"].net, lines["BIKE"].gross) == (1000, 3000, 3570)
    assert (lines["LOCK"].unit_price, lines["LOCK"].net) == (1, 2)
    assert pieces(order_id) == [
        ("BIKE", "open", Decimal(1)), ("BIKE", "shipped", Decimal(2)), ("LOCK", "open", Decimal(2)),
    ]  # fmt: skip


def test_a_revision_beyond_the_credit_line_changes_nothing() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "10")])
    before = (drawn(), pieces(order_id), taken("BIKE"), JournalEntry.objects.count())
    refused = actions.change(order_id, with_lines(order_id, [("BIKE", "50")]), **A).refused
    assert [refusal.code for refusal in refused] == ["credit_exhausted"]
    assert (drawn(), pieces(order_id), taken("BIKE"), JournalEntry.objects.count()) == before


def test_another_way_to_pay_gives_the_credit_back() -> None:
    build.company()
    order_id = build.order()
    assert drawn() == 1190
    actions.change(order_id, replace(stored(order_id), payment_method="card"), **A).one()
    assert drawn() == 0
    actions.change(order_id, replace(stored(order_id), payment_method="on_account"), **A).one()
    assert drawn() == 1190


def test_saying_the_same_in_other_words_is_no_revision() -> None:
    build.company()
    made = build.draft([("BIKE", "1")], reference="WEB-1")
    order_id = build.capture(made)
    explicit = replace(made, lines=(replace(made.lines[0], unit="each"),), currency="EUR")
    said = actions.capture([explicit], submit=True, **A).one()
    assert (said.result, Revision.objects.filter(order_id=order_id).count()) == ("unchanged", 1)
    assert queries.orders([order_id])[order_id].revision == 1
    assert verbs(order_id) == ["order.captured", "order.submitted"]


def test_an_order_keeps_its_customer_and_ended_orders_stay() -> None:
    build.company()
    order_id = build.order()
    other = replace(stored(order_id), customer_number="C-2", bill_to_id=None, ship_to_id=None)
    assert actions.change(order_id, other, **A).refused[0].findings[0].code == "customer_fixed"
    build.done(actions.cancel([Cancellation(order_id)], **A))
    assert actions.change(order_id, stored(order_id), **A).refused[0].code == "order_ended"
    assert actions.change(build.TODAY and UUID(int=1), stored(order_id), **A).refused[0].code == "unknown_order"
