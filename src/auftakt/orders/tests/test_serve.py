"""What the floors above do with fulfilment lines."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests import build

from auftakt.orders import actions, queries
from auftakt.orders.models import Closure
from auftakt.orders.tests.counting import statements
from auftakt.orders.types import Closing, Split
from auftakt.platform.models import JournalEntry
from auftakt.promising.models import Commitment

from .test_capture import drawn, verbs
from .test_change import pieces, ship, taken

pytestmark = pytest.mark.django_db
A = {"actor": build.ACTOR, "at": build.AT}


def lines_of(order_id: UUID) -> list[UUID]:
    return list(queries.fulfilment_lines(order_ids=[order_id]))


def balances(order_id: UUID) -> list[tuple[Decimal, Decimal, Decimal]]:
    return [(line.released, line.shipped, line.open) for line in queries.order_lines(order_ids=[order_id]).values()]


def test_release_recall_and_ship_move_the_balances_of_the_line() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "2")])
    ids = lines_of(order_id)
    assert actions.release_lines(ids, **A).done == tuple(ids)
    assert balances(order_id) == [(2, 0, 0)]
    assert [each.code for each in actions.release_lines(ids, **A).refused] == ["line_not_open"]
    assert queries.progress([order_id])[order_id].stage == "released"
    assert actions.recall_lines(ids, **A).done == tuple(ids)
    assert balances(order_id) == [(0, 0, 2)]
    assert [each.code for each in actions.ship_lines(ids, **A).refused] == ["line_not_released"]
    ship(order_id, "BIKE")
    assert balances(order_id) == [(0, 2, 0)]
    piece = queries.fulfilment_lines(ids=ids)[ids[0]]
    assert (piece.state, piece.shipped_at) == ("shipped", build.AT)
    assert [each.code for each in actions.recall_lines(ids, **A).refused] == ["line_not_released"]


def test_only_promised_lines_of_submitted_orders_are_released() -> None:
    build.company()
    ids = lines_of(build.order(lines=[("TYRE", "1"), ("FITTING", "1")]))
    before = JournalEntry.objects.count()
    refused = actions.release_lines([*ids, UUID(int=1)], **A).refused
    assert {(each.code, each.transient) for each in refused} == {
        ("not_promised", True), ("not_promised", False), ("unknown_line", False),
    }  # fmt: skip
    assert JournalEntry.objects.count() == before


def test_services_are_performed_without_a_release() -> None:
    build.company()
    order_id = build.order(lines=[("FITTING", "1.5")])
    build.done(actions.hold([order_id], "credit", **A))
    assert [each.code for each in actions.ship_lines(lines_of(order_id), **A).refused] == ["order_on_hold"]
    build.done(actions.release_holds([order_id], "credit", **A))
    build.done(actions.ship_lines(lines_of(order_id), **A))
    assert balances(order_id) == [(0, Decimal("1.5"), 0)]


def test_a_short_pick_splits_the_line_and_gives_back_the_rest() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "5")])
    ids = lines_of(order_id)
    build.done(actions.release_lines(ids, **A))
    rest = actions.split_line([Split(ids[0], Decimal(3))], **A).one()
    assert pieces(order_id) == [("BIKE", "open", Decimal(2)), ("BIKE", "released", Decimal(3))]
    assert balances(order_id) == [(3, 0, 2)]
    found = queries.fulfilment_lines(ids=[rest])[rest]
    assert (found.site_id, found.split_from_id, found.base_quantity) == (None, ids[0], Decimal(2))
    assert (taken("BIKE"), Commitment.objects.get().quantity) == (3, 3)
    assert JournalEntry.objects.get(verb="order.line_split").change["rest"] == str(rest)
    assert actions.repromise([rest], **A).done == (rest,)
    assert (taken("BIKE"), queries.fulfilment_lines(ids=[rest])[rest].site_code) == (5, "DC")


def test_keeping_nothing_makes_the_line_itself_the_rest() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "5")])
    ids = lines_of(order_id)
    build.done(actions.release_lines(ids, **A))
    assert actions.split_line([Split(ids[0], Decimal(0))], **A).done == tuple(ids)
    assert (balances(order_id), taken("BIKE")) == ([(0, 0, 5)], 0)
    assert not queries.fulfilment_lines(ids=ids)[ids[0]].is_promised
    refused = actions.split_line([Split(ids[0], Decimal(5)), Split(UUID(int=1), Decimal(1))], **A).refused
    assert [each.code for each in refused] == ["split_not_inside", "unknown_line"]


def test_promising_again_finds_new_supply_and_keeps_the_first_day() -> None:
    build.company(stock={("DC", "BIKE"): "2"})
    order_id = build.order(lines=[("BIKE", "5")])
    waiting = next(
        key for key, piece in queries.fulfilment_lines(order_ids=[order_id]).items() if not piece.is_promised
    )
    before = JournalEntry.objects.count()
    refused = actions.repromise([waiting], **A).refused
    assert [(each.code, each.transient) for each in refused] == [("no_supply", True)]
    assert JournalEntry.objects.count() == before
    build.receive({("DC", "BIKE"): "1", ("SHOP", "BIKE"): "1"})
    assert actions.repromise([waiting], actor="anna", at=build.AT + timedelta(days=1)).done == (waiting,)
    assert verbs(order_id)[-1] == "order.promised"
    assert sum(piece[2] for piece in pieces(order_id)) == 5
    assert taken("BIKE") == 4
    promised = [
        key for key, piece in queries.fulfilment_lines(order_ids=[order_id]).items() if piece.ship_on == build.TODAY
    ]
    first = queries.fulfilment_lines(ids=promised)[promised[0]].first_arrive_on
    build.done(actions.repromise(promised, actor="anna", at=build.AT + timedelta(days=3)))
    again = queries.fulfilment_lines(ids=promised)[promised[0]]
    assert (again.first_arrive_on, again.arrive_on) == (first, build.TODAY + timedelta(days=4))


def test_charges_are_handed_over_once() -> None:
    build.company()
    order_id = build.order(lines=[("LOCK", "1")])
    charge = actions.bill_charges([order_id], **A).one()
    assert (charge.kind, charge.net, charge.tax, charge.billed) == (
        "shipping", Decimal("4.900"), Decimal("0.930"), True,
    )  # fmt: skip
    assert actions.bill_charges([order_id], **A).done == ()


def test_an_order_closes_when_nothing_is_open() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "1")])
    facts = Closing(order_id, in_full=True, on_time=False, undamaged=True, billed_right=True)
    assert [each.code for each in actions.close([facts], **A).refused] == ["still_open"]
    ship(order_id, "BIKE")
    later = build.AT + timedelta(days=9)
    assert actions.close([facts], actor="worker", at=later).done == (order_id,)
    page = queries.order_page(order_id)
    assert page is not None
    assert page.closure is not None
    assert (page.order.state, page.order.closed_at, page.closure.perfect) == ("closed", later, False)
    assert (drawn(), Closure.objects.count(), verbs(order_id)[-1]) == (0, 1, "order.closed")
    refused = actions.close([facts, replace(facts, order_id=UUID(int=1))], **A).refused
    assert [each.code for each in refused] == ["not_submitted", "unknown_order"]


def test_statements_do_not_grow_with_the_batch() -> None:
    build.company(stock={("DC", "LOCK"): "10000"})

    def count(orders: int) -> list[int]:
        drafts = [build.draft([("LOCK", "4")]) for _ in range(orders)]
        ids = [each.order_id for each in build.done(actions.capture(drafts, submit=True, **A))]
        lines = list(queries.fulfilment_lines(order_ids=ids))
        counted = []
        for verb, given in (
            (actions.repromise, lines),
            (actions.release_lines, lines),
            (actions.split_line, [Split(key, Decimal(3)) for key in lines]),
            (actions.ship_lines, lines),
            (actions.bill_charges, ids),
        ):
            with statements() as seen:
                build.done(verb(given, **A))
            counted.append(len(seen))
        return counted

    assert count(1) == count(100)
