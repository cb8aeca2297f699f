"""Pure rules, without a database."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auftakt.orders.rules import (
    STAGES,
    content,
    covered,
    derive_progress,
    fingerprint,
    give_up,
    in_rounds,
    is_storable,
    plain,
    scaled,
    search_words,
)
from auftakt.orders.types import FulfilmentFacts, LineDraft, OrderDraft, Served

QUANTITIES = st.decimals(min_value="0.001", max_value=1000, places=3)


def piece(number: int, quantity: Decimal, day: int | None) -> FulfilmentFacts:
    ship_on = date(2026, 1, 1) + timedelta(days=day) if day is not None else None
    key = UUID(int=number)
    return FulfilmentFacts(
        key, key, key, key, "SKU", "stocked", quantity, quantity, "open", None, "", ship_on, ship_on, ship_on, None,
        None, None,
    )  # fmt: skip


@given(st.lists(st.tuples(QUANTITIES, st.none() | st.integers(0, 9)), min_size=1, max_size=6), st.data())
def test_giving_up_takes_exactly_what_is_asked_and_the_latest_first(
    made: list[tuple[Decimal, int | None]], data: st.DataObject
) -> None:
    pieces = [piece(number, quantity, day) for number, (quantity, day) in enumerate(made)]
    whole = sum((each.quantity for each in pieces), Decimal(0))
    wanted = data.draw(st.decimals(min_value="0.001", max_value=whole, places=3))
    chosen = give_up(pieces, wanted)
    assert sum(each.quantity for each in chosen) == wanted
    assert all(each.left == each.piece.quantity - each.quantity >= 0 for each in chosen)
    assert sum(1 for each in chosen if each.left) <= 1
    kept = [each.ship_on for each in pieces if each.id not in {one.piece.id for one in chosen}]
    given = [each.piece.ship_on for each in chosen]
    assert all(late is None or (early is not None and early <= late) for early in kept for late in given)


def test_more_than_there_is_cannot_be_given_up() -> None:
    with pytest.raises(ValueError, match="more to be cancelled"):
        give_up([piece(1, Decimal(1), 0)], Decimal(2))


@given(st.decimals(min_value=0, max_value=10**6, places=2), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_shares_given_back_step_by_step_sum_to_the_whole(gross: Decimal, steps: list[int]) -> None:
    quantity = Decimal(sum(steps))
    before, given, gone = gross, Decimal(0), Decimal(0)
    for step in steps:
        gone += step
        after = covered(gross, quantity, gone, "EUR")
        given += before - after
        before = after
    assert (given, before) == (gross, 0)


def draft(reference: str, *quantities: str) -> OrderDraft:
    return OrderDraft("shop", reference, "C-1", tuple(LineDraft("A", Decimal(number)) for number in quantities))


@given(st.lists(st.tuples(st.sampled_from(["", "x", "y"]), st.sampled_from(["1", "2"])), max_size=12))
def test_rounds_hold_each_reference_once_and_lose_nobody(made: list[tuple[str, str]]) -> None:
    members = []
    for index, (reference, quantity) in enumerate(made):
        text = content(draft(reference, quantity))
        members.append((index, draft(reference, quantity), fingerprint(text), text))
    rounds, copies = in_rounds(members)
    for one in rounds:
        named = [member[1].external_reference for member in one if member[1].external_reference]
        assert len(named) == len(set(named))
    placed = [member[0] for one in rounds for member in one]
    assert sorted([*placed, *copies]) == list(range(len(made)))
    assert all(made[copy] == made[first] and made[copy][0] for copy, first in copies.items())


def test_content_is_equal_exactly_when_the_order_is() -> None:
    assert content(draft("x", "5")) == content(draft("x", "5.000"))
    assert content(draft("x", "5")) != content(draft("x", "50"))
    assert content(draft("x", "1", "2")) != content(draft("x", "2", "1"))


@pytest.mark.parametrize(("number", "text"), [("5.000", "5"), ("100", "100"), ("0.50", "0.5"), ("NaN", "NaN")])
def test_plain_numbers(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


def test_what_the_database_can_keep() -> None:
    assert is_storable("Grüße\n🚲")
    assert not is_storable("a\x00b")
    assert not is_storable("a\ud800b")


def test_words_are_split_the_same_for_keeping_and_asking() -> None:
    assert search_words("SO-000123", "Bike BK-7, bike") == ["so", "000123", "bike", "bk", "7"]


def test_amounts_are_scaled_at_the_same_price() -> None:
    assert scaled(Decimal("10.00"), Decimal(3), Decimal(2), "EUR") == Decimal("6.67")


@pytest.mark.parametrize(
    ("state", "served", "known", "stage"),
    [
        ("draft", Served(), {}, "draft"),
        ("submitted", Served(lines=2, open=2, unpromised=2), {}, "waiting"),
        ("submitted", Served(lines=2, open=2, unpromised=1), {}, "part_promised"),
        ("submitted", Served(lines=2, open=2), {}, "promised"),
        ("submitted", Served(lines=2, open=1, unpromised=1, released=1), {}, "released"),
        ("submitted", Served(lines=2, open=1, shipped=1), {}, "part_shipped"),
        ("submitted", Served(lines=2, shipped=1, cancelled=1), {}, "shipped"),
        ("submitted", Served(lines=1, shipped=1), {"is_billed": True}, "billed"),
        ("submitted", Served(lines=1, shipped=1), {"is_billed": True, "is_paid": True}, "paid"),
        ("closed", Served(lines=1, shipped=1), {}, "closed"),
        ("cancelled", Served(lines=1, cancelled=1), {}, "cancelled"),
    ],
)
def test_progress_is_derived(state: str, served: Served, known: dict[str, bool], stage: str) -> None:
    assert derive_progress(state, served, **known).stage == stage
    assert stage in STAGES
