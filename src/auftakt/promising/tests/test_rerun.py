"""Many lines promised anew at once: who wins, who loses, and that nobody gets worse who must not."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from auftakt.promising.engine import SupplyRow, propose
from auftakt.promising.engine.rerun import arrival, close_site, components, fork_of, items_of, rerun
from auftakt.promising.tests.test_plan_properties import LANES, ON, SITES, demands, picture, supplies
from auftakt.promising.tests.world import World, key
from auftakt.promising.types import FILL, GUARDED, IMPROVE, SKIP, STRATEGIES, Demand, Entry, Peg, Promise
from auftakt.values import from_micro, to_micro


def held(demand: Demand, promise: Promise) -> tuple[Peg, ...]:
    return tuple(
        Peg(
            key(f"{demand.id}{take.bucket_id}"), demand.id, take.bucket_id, take.item_id, piece.site_id, "", "purchase",
            None, take.quantity, piece.need_on, demand.priority,
        )
        for piece in promise.pieces
        if piece.site_id and piece.need_on
        for take in piece.takes
    )  # fmt: skip


def test_the_top_order_wins_the_high_one_keeps_and_the_low_one_gets_what_is_left() -> None:
    """Stock 100; X (low) holds 60, Y (high) 40; Z (top) wants 50: Z 50, Y 40, X 10."""
    world = World("""
        site BER
        lane BER DE 1
        supply bolt BER hand 100
        want X bolt 60 DE split=dates prio=300
        want Y bolt 40 DE prio=200
        want Z bolt 50 DE prio=100
    """)
    x, y, z = world.demands
    promised = propose(world.picture, [x, y], date(2026, 3, 2), None).promises
    entries = [
        Entry(z, (), "win", None),
        Entry(y, held(y, promised[1]), "gain", arrival(promised[1])),
        Entry(x, held(x, promised[0]), "lose", arrival(promised[0])),
    ]
    before = world.picture.shelf.heap.rows["free"].copy()
    fork = fork_of(world.picture, items_of(entries), date(2026, 3, 2))
    made = rerun(fork, entries, date(2026, 3, 2))
    got = [sum(piece.quantity for piece in each.pieces if piece.ship_on) for each in made.promises if each]
    assert got == [50, 40, 10]
    assert made.promises[2] is not None
    assert made.promises[2].unpromised == 50
    assert (world.picture.shelf.heap.rows["free"][: len(before)] == before).all()


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[SupplyRow], list[Entry]]:
    """A small world in which some lines were promised, in an order of chance, and all have a strategy."""
    rows = [row._replace(drawn=0) for row in draw(supplies())]
    wanted = draw(demands())
    first = draw(st.permutations([each for each in wanted if draw(st.booleans())]))
    promised = {}
    made = picture(rows)
    for each in first:
        (promise,) = propose(made, [each], ON).promises
        promised[each.id] = promise
    entries: list[Entry] = []
    drawn: dict[UUID, int] = defaultdict(int)
    for each in wanted:
        promise = promised.get(each.id)
        pegs = held(each, promise) if promise and arrival(promise) else ()
        for peg in pegs:
            drawn[peg.bucket_id] += to_micro(peg.quantity)
        comes = arrival(promise) if promise and pegs else None
        entries.append(Entry(each, pegs, draw(st.sampled_from(STRATEGIES)), comes))
    entries.sort(key=lambda each: STRATEGIES.index(each.strategy))
    return [row._replace(drawn=drawn[row.id]) for row in rows], entries


@given(lines())
@settings(max_examples=300, deadline=None)
def test_nobody_gets_worse_who_must_not(world: tuple[list[SupplyRow], list[Entry]]) -> None:
    rows, entries = world
    origin = picture(rows)
    before = origin.shelf.heap.rows.copy()
    made = rerun(fork_of(origin, items_of(entries), ON), entries, ON)
    left = {row.id: row.quantity for row in rows}
    for entry, promise in zip(entries, made.promises, strict=True):
        takes = promise.pieces if promise else ()
        for bucket, amount in (
            [(take.bucket_id, take.quantity) for piece in takes for take in piece.takes]
            if promise
            else [(peg.bucket_id, peg.quantity) for peg in entry.held]
        ):
            left[bucket] -= to_micro(amount)
        if entry.strategy == SKIP:
            assert promise is None
        if promise is None or entry.comes_on is None:
            continue
        comes = arrival(promise)
        if entry.strategy in GUARDED:
            assert comes is not None
            assert comes <= entry.comes_on
        if entry.strategy == IMPROVE:
            assert comes is not None
            assert comes < entry.comes_on
        if entry.strategy == FILL:
            assert comes is None or comes >= entry.comes_on
    assert all(amount >= 0 for amount in left.values())
    origin.see(ON.toordinal())
    after = origin.shelf.heap.rows[: len(before)]
    assert sorted(after["free"].tolist()) == sorted(before["free"].tolist())


@given(lines())
@settings(max_examples=100, deadline=None)
def test_a_run_told_twice_is_the_same(world: tuple[list[SupplyRow], list[Entry]]) -> None:
    rows, entries = world

    def told() -> list[object]:
        made = rerun(fork_of(picture(rows), items_of(entries), ON), entries, ON)
        return [
            each and [(piece.quantity, piece.site_code, piece.arrive_on) for piece in each.pieces]
            for each in made.promises
        ]

    assert told() == told()


def test_supply_that_is_less_than_what_others_hold_is_not_given_out() -> None:
    item = key("bolt")
    row = SupplyRow(key("b"), item, SITES[0].id, 0, 10 * 10**6, 8 * 10**6)
    origin = picture([row])
    demand = Demand(key("d"), item, ((item, from_micro(10**6)),), from_micro(2 * 10**6), country="DE")
    fork = fork_of(origin, [item], ON)
    fork.settle([row._replace(quantity=5 * 10**6)])
    made = rerun(fork, [Entry(demand, (), "win", None)], ON, guarded=False)
    assert made.promises[0] is not None
    assert made.promises[0].unpromised == 2


def test_a_closed_site_ships_before_and_after() -> None:
    item = key("bolt")
    row = SupplyRow(key("b"), item, SITES[0].id, 0, 10 * 10**6, 0)
    origin = picture([row])
    demand = Demand(key("d"), item, ((item, from_micro(10**6)),), from_micro(10**6), country="DE")
    fork = fork_of(origin, [item], ON)
    close_site(fork, SITES[0].id, ON, ON + timedelta(days=3))
    closed = rerun(fork, [Entry(demand, (), "win", None)], ON).promises[0]
    usual = propose(origin, [demand], ON).promises[0]
    assert (usual.pieces[0].ship_on, LANES[0].transit_days) == (ON, 2)
    assert closed is not None
    assert closed.pieces[0].ship_on == ON + timedelta(days=4)


def test_lines_that_share_supply_are_one_group() -> None:
    a, b, c, one = key("a"), key("b"), key("c"), from_micro(10**6)
    plain = Demand(key("d"), a, ((a, one),), one)
    kit = replace(plain, components=((a, one), (b, one)))
    groups = components([Entry(each, (), "gain", None) for each in (
        plain, kit, replace(plain, components=((b, one),)), replace(plain, components=((c, one),)),
    )])  # fmt: skip
    assert groups[0] == groups[1] == groups[2] != groups[3]
