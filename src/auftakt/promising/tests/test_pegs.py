"""Pegs that move: what is free does not depend on who was promised first."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auftakt.promising import actions, queries, rules
from auftakt.promising.engine import Picture, SupplyRow, loosen, put_back, supply_array
from auftakt.promising.tests import build
from auftakt.promising.tests.build import BY
from auftakt.promising.tests.world import key
from auftakt.promising.types import Peg, SiteOfSupply
from auftakt.values import from_micro, to_micro

ON = build.ON
SITE = SiteOfSupply(key("P"), "P", 0)
ITEM = key("bolt")


@st.composite
def pegged(draw: st.DrawFn) -> tuple[list[SupplyRow], list[Peg]]:
    """Supply of one item on several days, and promises on supply that is in time for them."""
    days = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True))
    totals = {day: draw(st.integers(1, 8)) for day in days}
    left = dict(totals)
    pegs: list[Peg] = []
    for number in range(draw(st.integers(0, 6))):
        need = draw(st.integers(0, 12))
        open_ = [day for day in days if day <= need and left[day]]
        if not open_:
            continue
        day = draw(st.sampled_from(open_))
        amount = draw(st.integers(1, left[day]))
        left[day] -= amount
        available = ON + timedelta(days=day) if day else None
        pegs.append(
            Peg(
                key(f"peg {number}"), key(f"demand {number}"), key(f"bucket {day}"), ITEM, SITE.id, "P",
                "purchase" if day else "on_hand", available, Decimal(amount), ON + timedelta(days=need), 100,
            )
        )  # fmt: skip
    rows = [
        SupplyRow(
            key(f"bucket {day}"), ITEM, SITE.id, (ON + timedelta(days=day)).toordinal() if day else 0,
            total * 10**6, (total - left[day]) * 10**6,
        )
        for day, total in totals.items()
    ]  # fmt: skip
    return rows, pegs


def looking_ahead(rows: list[SupplyRow], pegs: list[Peg], day: date) -> int:
    """The least that supply exceeds needs by, from a day on: what can be had on that day."""
    return min(
        sum(row.quantity for row in rows if row.due <= (ON + timedelta(days=at)).toordinal())
        - sum(to_micro(peg.quantity) for peg in pegs if peg.need_on <= ON + timedelta(days=at))
        for at in range((day - ON).days, 20)
    )


@given(pegged())
@settings(max_examples=400, deadline=None)
def test_free_supply_is_what_looking_ahead_tells(world: tuple[list[SupplyRow], list[Peg]]) -> None:
    rows, pegs = world
    picture = Picture(1, [SITE], [])
    picture.load(supply_array(rows))
    moves, taken = loosen(picture, pegs, ON)
    buckets = {picture.bucket(row): row for row in picture.rows_at(ITEM, SITE.id)}
    shelf = picture.shelf.heap.rows
    for days in range(14):
        day = ON + timedelta(days=days)
        free = sum(shelf[row]["free"] for row in buckets.values() if shelf[row]["due"] <= day.toordinal())
        assert free == looking_ahead(rows, pegs, day)
    held: dict[UUID, Decimal] = defaultdict(Decimal)
    by_id = {peg.id: peg for peg in pegs}
    due = {row.id: row.due for row in rows}
    for move in moves:
        held[move.peg_id] += move.quantity
        assert due[by_id[move.peg_id].bucket_id] < due[move.to_bucket_id] <= by_id[move.peg_id].need_on.toordinal()
    assert all(0 < quantity <= by_id[peg].quantity for peg, quantity in held.items())
    put_back(taken)
    assert {bucket: shelf[row]["free"] for bucket, row in buckets.items()} == {
        row.id: row.quantity - row.drawn for row in rows
    }
    assert loosen(picture, pegs, ON)[0] == moves


@given(pegged(), st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_exactly_what_arrived_moves(world: tuple[list[SupplyRow], list[Peg]], arrived: int) -> None:
    _, pegs = world
    moves = rules.move_earliest(pegs, Decimal(arrived), key("shelf"))
    held = sum((peg.quantity for peg in pegs), Decimal(0))
    assert sum((move.quantity for move in moves), Decimal(0)) == min(held, arrived)
    assert from_micro(to_micro(held)) == held


@pytest.mark.django_db
def test_an_early_promise_for_a_late_day_makes_room() -> None:
    build.network(BER=1)
    (bolt,) = build.items("bolt")
    build.stock(("BER", "bolt", 50))
    late = build.demand(bolt, 50, requested_ship_on=ON + timedelta(days=12))
    build.promise(late)
    build.purchase("BER", "bolt", 40, 10)
    asked = build.demand(bolt, 41)
    assert queries.propose([asked], on=ON)[0].unpromised == 41
    urgent = build.demand(bolt, 40)
    assert queries.propose([urgent], on=ON)[0].pieces[0].ship_on == ON
    assert build.buckets(bolt) == [("BER", "on_hand", 50, 50), ("BER", "purchase", 40, 0)]
    assert build.promise(urgent)[0].pieces[0].ship_on == ON
    assert build.buckets(bolt) == [("BER", "on_hand", 50, 50), ("BER", "purchase", 40, 40)]
    assert sorted((peg.kind, peg.quantity) for peg in queries.pegs([late.id])[late.id]) == [
        ("on_hand", 10), ("purchase", 40),
    ]  # fmt: skip
    assert queries.on_hand([urgent.id, late.id]) == {urgent.id}
    assert build.faults() == []


@pytest.mark.django_db
def test_what_the_warehouse_works_on_stays() -> None:
    build.network(BER=1)
    (bolt,) = build.items("bolt")
    build.stock(("BER", "bolt", 5))
    late = build.demand(bolt, 5, requested_ship_on=ON + timedelta(days=12))
    build.promise(late)
    build.purchase("BER", "bolt", 5, 10)
    assert actions.pin([late.id], **BY).done == (late.id,)
    assert queries.propose([build.demand(bolt, 5)], on=ON)[0].pieces[0].ship_on == ON + timedelta(days=10)
    actions.unpin([late.id], **BY)
    assert queries.propose([build.demand(bolt, 5)], on=ON)[0].pieces[0].ship_on == ON


@pytest.mark.django_db
def test_only_stock_on_hand_is_pinned() -> None:
    build.network(BER=1)
    (bolt,) = build.items("bolt")
    build.stock(("BER", "bolt", 5))
    build.purchase("BER", "bolt", 5, 10)
    here, coming = build.demand(bolt, 5), build.demand(bolt, 5)
    build.promise(here, coming)
    nothing = key("nothing")
    outcome = actions.pin([coming.id, nothing, here.id], **BY)
    assert outcome.done == (nothing, here.id)
    assert [(refusal.subject, refusal.code) for refusal in outcome.refused] == [(str(coming.id), "not_on_hand")]


@pytest.mark.django_db
def test_moving_pegs_costs_the_same_for_one_and_many() -> None:
    build.network(BER=1)
    skus = [f"bolt{number}" for number in range(60)]
    ids = build.items(*skus)
    build.stock(*(("BER", sku, 5) for sku in skus))
    build.promise(*(build.demand(item, 5, requested_ship_on=ON + timedelta(days=12)) for item in ids))
    for sku in skus:
        build.purchase("BER", sku, 5, 10)
    one = build.count_statements(lambda: build.promise(build.demand(ids[0], 5)))
    many: list[Decimal] = []
    demands = [build.demand(item, 5) for item in ids[1:]]
    assert build.count_statements(lambda: many.append(build.quantities(build.promise(*demands)))) == one
    assert many == [5 * 59]
    assert build.faults() == []
