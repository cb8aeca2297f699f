"""A line that names a reservation takes over its supply, and nobody gets in between."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests import build

from auftakt.orders import actions, queries
from auftakt.orders.models import FulfilmentLine, Order
from auftakt.orders.tests.counting import statements
from auftakt.orders.types import LineDraft, OrderDraft
from auftakt.platform.sql import Statements
from auftakt.promising import actions as promising
from auftakt.promising import queries as supply
from auftakt.promising.models import Commitment
from auftakt.promising.types import ReservationDraft
from auftakt.values import new_id

pytestmark = pytest.mark.django_db
A: dict[str, Any] = {"actor": build.ACTOR, "at": build.AT}
UNTIL = build.AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def company() -> None:
    build.company(stock={("DC", "BIKE"): "10", ("DC", "LOCK"): "100"})


def reserve(quantity: int, sku: str = "BIKE") -> UUID:
    draft = ReservationDraft("cart", "cart 1", UNTIL, Decimal(quantity), "DE", sku)
    return promising.reserve([draft], **A).one().id


def order(quantity: int, *reservations: UUID, sku: str = "BIKE", reference: str = "R-1") -> OrderDraft:
    return replace(
        build.draft(reference=reference), lines=(LineDraft(sku, Decimal(quantity), reservations=reservations),)
    )


def sites(order_id: UUID) -> list[tuple[str, Decimal]]:
    return [(each.site_code, each.quantity) for each in queries.fulfilment_lines(order_ids=[order_id]).values()]


def state(key: UUID) -> str:
    return supply.reservations([key])[key].state


def faults() -> list[str]:
    wrong: list[str] = []
    for capability in ("inventory", "promising", "orders"):
        sql = Statements(f"auftakt.{capability}")
        for name in sql.texts:
            if name.startswith("verify_"):
                violations, _, example = sql.rows(name)[0]
                wrong += [f"{name}: {example}"] if violations else []
    return wrong


def test_the_line_takes_over_what_was_reserved() -> None:
    key = reserve(8)
    other = actions.capture([order(5, reference="OTHER")], submit=True, **A).one()
    assert sites(other.order_id) == [("DC", 2), ("", 3)], "8 of 10 are spoken for"
    made = actions.capture([order(8, key)], submit=True, **A).one()
    assert sites(made.order_id) == [("DC", 8)]
    assert state(key) == "turned"
    assert faults() == []
    again = actions.capture([order(8)], submit=True, **A).one()
    assert again.result == "unchanged", "what was reserved is not part of what is ordered"


def test_nobody_of_the_same_batch_gets_in_between() -> None:
    key = reserve(8)
    hasty = replace(order(10, reference="FIRST"), priority=1)
    first, second = actions.capture([hasty, order(8, key)], submit=True, **A).done
    assert sites(second.order_id) == [("DC", 8)]
    assert sites(first.order_id) == [("DC", 2), ("", 8)]
    assert faults() == []


def test_the_rest_of_a_larger_reservation_goes_back_and_several_make_one() -> None:
    first, second = reserve(3), reserve(4)
    made = actions.capture([order(5, first, second)], submit=True, **A).one()
    assert sites(made.order_id) == [("DC", 5)]
    assert (state(first), state(second)) == ("turned", "turned")
    assert Commitment.objects.count() == 1
    assert faults() == []


def test_what_cannot_be_had_refuses_the_order_and_moves_nothing() -> None:
    key, lock, gone = reserve(2), reserve(1, "LOCK"), reserve(1)
    promising.release_reservations([gone], **A)
    drafts = [order(3, key), order(1, lock), order(1, gone), order(1, new_id()), order(1, key, key)]
    drafts = [replace(each, external_reference=f"BAD-{index}") for index, each in enumerate(drafts)]
    before = sorted(Commitment.objects.values_list("demand_id", "quantity"))
    outcome = actions.capture(drafts, submit=True, **A)
    assert [(each.subject, each.code, each.findings[0].place) for each in outcome.refused] == [
        ("0", "reservation_too_small", "/lines/0/reservations"),
        ("1", "reservation_of_other_item", "/lines/0/reservations/0"),
        ("2", "reservation_ended", "/lines/0/reservations/0"),
        ("3", "unknown_reservation", "/lines/0/reservations/0"),
        ("4", "reservation_named_twice", "/lines/0/reservations/1"),
    ]
    late = actions.capture([order(1, key)], submit=True, actor="test", at=UNTIL)
    assert late.refused[0].code == "reservation_expired"
    assert not Order.objects.exists()
    assert not FulfilmentLine.objects.exists()
    assert sorted(Commitment.objects.values_list("demand_id", "quantity")) == before
    assert (state(key), state(lock)) == ("open", "open")
    assert faults() == []


def test_a_draft_keeps_its_reservation_until_it_is_submitted() -> None:
    key = reserve(8)
    made = actions.capture([order(8, key)], submit=False, **A).one()
    assert (state(key), made.state) == ("open", "draft")
    assert not actions.submit([made.order_id], **A).refused
    assert state(key) == "turned"
    assert sites(made.order_id) == [("DC", 8)]
    assert faults() == []


def test_a_draft_whose_reservation_has_gone_is_promised_from_what_there_is() -> None:
    key = reserve(8)
    made = actions.capture([order(8, key)], submit=False, **A).one()
    promising.expire_reservations(limit=10, actor="worker", at=UNTIL)
    assert not actions.submit([made.order_id], actor="test", at=UNTIL).refused
    assert sites(made.order_id) == [("DC", 8)]
    assert faults() == []


def test_a_revision_that_names_the_same_again_is_welcome() -> None:
    key = reserve(3)
    actions.capture([order(3, key)], submit=True, **A).one()
    more = replace(order(4, key), notes="one more")
    revised = actions.capture([more], submit=True, **A).one()
    assert revised.result == "revised"
    assert sites(revised.order_id) == [("DC", 4)]
    assert faults() == []


def test_many_cost_as_many_statements_as_one() -> None:
    def taken(count: int, name: str) -> int:
        keys = [reserve(1, "LOCK") for _ in range(count)]
        drafts = [order(1, key, sku="LOCK", reference=f"{name}-{index}") for index, key in enumerate(keys)]
        with statements() as seen:
            actions.capture(drafts, submit=True, **A)
        return len(seen)

    taken(1, "WARM")
    assert taken(1, "ONE") == taken(12, "MANY")
