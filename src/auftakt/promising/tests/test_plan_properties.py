"""What holds for every plan, checked against small random worlds and a slow, obvious reckoning."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auftakt.promising.engine import Picture, SupplyRow, earliest, propose, put_back, supply_array
from auftakt.promising.tests.world import key
from auftakt.promising.types import Demand, LaneFacts, Promise, SiteOfSupply
from auftakt.values import to_micro

ON = date(2026, 3, 2)
SITES = [SiteOfSupply(key("P"), "P", 0), SiteOfSupply(key("Q"), "Q", 1), SiteOfSupply(key("R"), "R", 0)]
LANES = [
    LaneFacts(site.id, "DE", "", "post", transit, Decimal(cost), "EUR")
    for site, transit, cost in zip(SITES, (2, 1, 2), (5, 5, 3), strict=True)
]
ITEMS = [key("bolt"), key("nut")]


@st.composite
def supplies(draw: st.DrawFn) -> list[SupplyRow]:
    rows: list[SupplyRow] = []
    for item in ITEMS:
        for site in SITES:
            for number, due in enumerate(draw(st.lists(st.integers(0, 9), max_size=3, unique=True))):
                amount = draw(st.integers(0, 12))
                when = ON.toordinal() + due - 1 if due else 0
                drawn = draw(st.integers(0, amount))
                made = key(f"{item}{site.code}{number}")
                rows.append(SupplyRow(made, item, site.id, when, amount * 10**6, drawn * 10**6))
    return rows


@st.composite
def demands(draw: st.DrawFn) -> list[Demand]:
    made: list[Demand] = []
    for number in range(draw(st.integers(1, 6))):
        kit = draw(st.booleans())
        wish = draw(st.sampled_from(["none", "ship", "arrive"]))
        when = ON + timedelta(days=draw(st.integers(0, 12)))
        made.append(
            Demand(
                id=key(f"demand {number}"),
                item_id=ITEMS[0],
                components=((ITEMS[0], Decimal(2)), (ITEMS[1], Decimal(1))) if kit else ((ITEMS[0], Decimal(1)),),
                quantity=Decimal(draw(st.integers(1, 15))),
                country="DE",
                requested_ship_on=when if wish == "ship" else None,
                requested_arrival_on=when if wish == "arrive" else None,
                not_before_on=draw(st.none() | st.integers(0, 6).map(lambda days: ON + timedelta(days=days))),
                split_dates=draw(st.booleans()),
                split_sites=draw(st.booleans()),
                priority=draw(st.sampled_from([100, 100, 1])),
            )
        )
    return made


def picture(rows: list[SupplyRow]) -> Picture:
    made = Picture(1, SITES, LANES)
    made.load(supply_array(rows))
    return made


def without_ids(promises: list[Promise]) -> list[tuple[object, ...]]:
    return [
        (piece.quantity, piece.site_code, piece.ship_on, piece.arrive_on, piece.takes, piece.reason)
        for promise in promises
        for piece in promise.pieces
    ]


def day_of(row: SupplyRow) -> int:
    return row.due if row.due == 0 or row.due >= ON.toordinal() else ON.toordinal() + 1


@given(supplies(), demands())
@settings(max_examples=300, deadline=None)
def test_every_plan_keeps_the_rules(rows: list[SupplyRow], wanted: list[Demand]) -> None:
    promises, _, _ = propose(picture(rows), wanted, ON)
    left = {row.id: row.quantity - row.drawn for row in rows}
    by_id = {row.id: row for row in rows}
    for demand, promise in zip(wanted, promises, strict=True):
        assert promise.demand_id == demand.id == promise.pieces[0].demand_id
        assert sum(piece.quantity for piece in promise.pieces) == demand.quantity
        promised = [piece for piece in promise.pieces if piece.site_id]
        assert demand.quantity - promise.unpromised == sum(piece.quantity for piece in promised)
        if not demand.split_dates and not demand.split_sites:
            assert len(promise.pieces) == 1
        if not demand.split_sites:
            assert len({piece.site_id for piece in promised}) <= 1
        if not demand.split_dates:
            assert len({piece.arrive_on for piece in promised}) <= 1
            assert not promised or not promise.unpromised
        for piece in promised:
            site = next(site for site in SITES if site.id == piece.site_id)
            assert piece.ship_on
            assert piece.need_on
            assert piece.quantity % demand.step == 0
            assert piece.ship_on >= ON + timedelta(days=site.processing_days)
            assert demand.not_before_on is None or piece.ship_on >= demand.not_before_on
            assert demand.requested_ship_on is None or piece.ship_on >= demand.requested_ship_on
            assert piece.need_on == piece.ship_on - timedelta(days=site.processing_days)
            needs: dict[UUID, Decimal] = defaultdict(Decimal)
            for take in piece.takes:
                bucket = by_id[take.bucket_id]
                assert bucket.site_id == piece.site_id
                assert bucket.item_id == take.item_id
                assert day_of(bucket) <= piece.need_on.toordinal()
                left[bucket.id] -= to_micro(take.quantity)
                needs[take.item_id] += take.quantity
            assert needs == {item: each * piece.quantity for item, each in demand.components}
    assert all(amount >= 0 for amount in left.values())


@given(supplies(), demands())
@settings(max_examples=100, deadline=None)
def test_the_same_question_has_the_same_answer(rows: list[SupplyRow], wanted: list[Demand]) -> None:
    made = picture(rows)
    first, taken, _ = propose(made, wanted, ON)
    put_back(taken)
    again, _, _ = propose(made, wanted, ON)
    other, _, _ = propose(picture(rows[::-1]), wanted, ON)
    assert without_ids(first) == without_ids(again) == without_ids(other)


@given(supplies(), demands())
@settings(max_examples=200, deadline=None)
def test_the_whole_is_there_as_early_as_it_can_be(rows: list[SupplyRow], wanted: list[Demand]) -> None:
    demand = replace(wanted[0], split_dates=False, split_sites=False, requested_ship_on=None)
    promise = propose(picture(rows), [demand], ON)[0][0]
    arrivals: list[int] = []
    for site, lane in zip(SITES, LANES, strict=True):
        for ship in range(ON.toordinal() + site.processing_days, ON.toordinal() + 40):
            enough = all(
                sum(
                    row.quantity - row.drawn
                    for row in rows
                    if row.item_id == item and row.site_id == site.id and day_of(row) <= ship - site.processing_days
                )
                >= to_micro(each * demand.quantity)
                for item, each in demand.components
            )
            if enough and (demand.not_before_on is None or ship >= demand.not_before_on.toordinal()):
                arrivals.append(ship + lane.transit_days)
    wish = demand.requested_arrival_on.toordinal() if demand.requested_arrival_on else 0
    arrive = promise.pieces[0].arrive_on
    if not arrivals:
        assert arrive is None
    else:
        assert arrive is not None
        assert arrive.toordinal() == max(wish, min(arrivals))


@given(supplies(), demands())
@settings(max_examples=200, deadline=None)
def test_supply_is_the_latest_still_in_time(rows: list[SupplyRow], wanted: list[Demand]) -> None:
    demand = replace(wanted[0], split_dates=False, split_sites=False)
    piece = propose(picture(rows), [demand], ON)[0][0].pieces[0]
    taken = {take.bucket_id: to_micro(take.quantity) for take in piece.takes}
    for row in rows:
        if row.site_id != piece.site_id or row.id not in taken or piece.need_on is None:
            continue
        later = [
            other
            for other in rows
            if other.site_id == row.site_id
            and other.item_id == row.item_id
            and day_of(row) < day_of(other) <= piece.need_on.toordinal()
        ]
        assert all(other.quantity - other.drawn == taken.get(other.id, 0) for other in later)


@given(supplies(), demands(), st.data())
@settings(max_examples=100, deadline=None)
def test_rows_laid_over_are_lifted_without_a_trace(
    rows: list[SupplyRow], wanted: list[Demand], data: st.DataObject
) -> None:
    made = picture(rows)
    before, taken, _ = propose(made, wanted, ON)
    put_back(taken)
    changed = [
        row._replace(
            quantity=row.drawn + data.draw(st.integers(0, 9)) * 10**6, due=data.draw(st.sampled_from([0, row.due]))
        )
        for row in rows
    ]
    new = SupplyRow(key("new"), ITEMS[0], SITES[0].id, 0, 5 * 10**6, 0)
    undos = made.lay_over([*changed, new])
    over, taken, _ = propose(made, wanted, ON)
    put_back(taken)
    assert without_ids(over) == without_ids(propose(picture([*changed, new]), wanted, ON)[0])
    made.lift(undos)
    after, taken, _ = propose(made, wanted, ON)
    put_back(taken)
    assert without_ids(before) == without_ids(after)
    made.settle([*changed, new, *changed])
    assert without_ids(propose(made, wanted, ON)[0]) == without_ids(over)


@given(supplies(), demands())
@settings(max_examples=100, deadline=None)
def test_lines_as_arrays_are_answered_as_demands_are(rows: list[SupplyRow], wanted: list[Demand]) -> None:
    plain = [Demand(demand.id, ITEMS[0], ((ITEMS[0], Decimal(1)),), demand.quantity, country="DE") for demand in wanted]
    made = picture(rows)
    promises, taken, _ = propose(made, plain, ON)
    put_back(taken)
    units = np.array([to_micro(demand.quantity) for demand in plain])
    to = np.zeros(len(plain), dtype=np.int64)
    answer = earliest(made, [ITEMS[0]] * len(plain), units, to, [("DE", "")], ON)
    told = [(promise.pieces[0].arrive_on, promise.pieces[0].site_code) for promise in promises]
    assert told == [
        (date.fromordinal(day) if day else None, SITES[site].code if day else "")
        for day, site in zip(answer.arrive.tolist(), answer.site.tolist(), strict=True)
    ]


@given(supplies(), demands())
@settings(max_examples=100, deadline=None)
def test_a_fork_and_its_origin_do_not_see_each_other(rows: list[SupplyRow], wanted: list[Demand]) -> None:
    made = picture(rows)
    before, taken, _ = propose(made, wanted, ON)
    put_back(taken)
    fork, other = made.fork(), made.fork()
    fork.settle([row._replace(quantity=row.drawn) for row in rows])
    made.settle([row._replace(quantity=row.quantity + 10**6) for row in rows])
    empty, taken, _ = propose(fork, wanted, ON)
    put_back(taken)
    assert all(promise.unpromised == demand.quantity for promise, demand in zip(empty, wanted, strict=True))
    assert without_ids(propose(other, wanted, ON)[0]) == without_ids(before)


def test_a_fork_keeps_what_was_laid_over_when_it_was_made() -> None:
    """Rows that only pass are lifted afterwards; what comes next must not be written over what the fork looks at."""
    row = SupplyRow(key("bucket"), ITEMS[0], SITES[0].id, 0, 5 * 10**6, 0)
    other = SupplyRow(key("other"), ITEMS[1], SITES[1].id, 0, 9 * 10**6, 0)
    made = picture([row, other])
    made.see(ON.toordinal())
    undo = made.lay_over([row._replace(quantity=7 * 10**6)])
    fork = made.fork()
    made.lift(undo)
    made.lift(made.lay_over([other._replace(quantity=10**6)]))
    wish = Demand(key("wish"), ITEMS[0], ((ITEMS[0], Decimal(1)),), Decimal(7), country="DE")
    assert propose(made, [wish], ON).promises[0].unpromised == 7
    assert not propose(fork, [wish], ON).promises[0].unpromised
