"""What a plant can make and by when: the worked examples of the trade, and small random worlds against a slow reckoning
day by day in plain Python."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auftakt.promising.engine.make import (
    NEED,
    OF_BUY,
    OF_LOT,
    RECIPE,
    STEP,
    Log,
    Making,
    is_full,
    make,
    new_log,
    note,
    undo,
)
from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.stock import SupplyRow, supply_array
from auftakt.promising.engine.world import World
from auftakt.promising.types import SiteOfSupply

ON = date(2026, 3, 2).toordinal()
PLANT = UUID(int=1)
ONE = 10**6
HORIZON = 40


@dataclass
class Recipe:
    """In whole pieces and minutes: needs (item, each, recipe, buy), steps (resource, set-up, run), lead times."""

    needs: list[tuple[int, int, int, int]]
    steps: list[tuple[int, int, int]]
    lead: int = 0
    lead_each: int = 0


@dataclass
class Shop:
    """Recipes, supply by item as (day, quantity), capacity by resource and day, working days."""

    recipes: list[Recipe]
    supply: dict[int, list[tuple[int, int]]]
    free: list[list[int]]
    works: list[bool]

    def arrays(self) -> tuple[World, Making, Log]:
        picture = Picture(1, [SiteOfSupply(PLANT, "P")], [])
        rows = [
            SupplyRow(UUID(int=1000 * item + at + 1), UUID(int=item + 1), PLANT, day and ON + day, much * ONE, 0)
            for item, each in self.supply.items()
            for at, (day, much) in enumerate(sorted(each))
        ]
        picture.load(supply_array(rows))
        picture.see(ON)
        needs, steps, recipes = [], [], []
        for each in self.recipes:
            first = len(needs), len(steps)
            needs += [(picture.shelf.number(item + 1), much * ONE, ONE, *rest) for item, much, *rest in each.needs]
            steps += [(resource, setup * ONE, run * ONE) for resource, setup, run in each.steps]
            ends = first[0], len(needs), first[1], len(steps)
            recipes.append((-1, 0, 0, ONE, *ends, each.lead, each.lead_each * ONE))
        making = Making(
            np.array(recipes, dtype=RECIPE),
            np.array(needs, dtype=NEED),
            np.array(steps, dtype=STEP),
            np.array(self.free, dtype=np.int64).reshape(len(self.free), HORIZON) * ONE,
            np.array([self.works]),
            ON,
        )
        return picture.world(ON), making, new_log(making)


class Slow:
    """The same rules, day by day, with copies of everything instead of undoing."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.rows = {item: [list(row) for row in sorted(each)] for item, each in shop.supply.items()}
        self.free = copy.deepcopy(shop.free)

    def ask(self, recipe: int, units: int, start: int, partial: bool) -> int:
        kept = copy.deepcopy((self.rows, self.free))
        lots = self.make(recipe, units, start, partial)
        if lots is None:
            self.rows, self.free = kept
            return -1
        return lots[-1][1]

    def hold(self, item: int, upto: int, wanted: int, held: list[list[int]], need: int) -> int:
        for at, row in enumerate(self.rows.get(item, [])):
            if row[0] <= upto and wanted:
                much = min(row[1], wanted)
                row[1] -= much
                wanted -= much
                held.append([need, item, at, row[0], much])
        return wanted

    def make(self, recipe: int, units: int, start: int, partial: bool) -> list[tuple[int, int, int]] | None:
        """Lots as (start, finish, pieces); None when it cannot be."""
        how = self.shop.recipes[recipe]
        held: list[list[int]] = []
        lumps: list[list[int]] = []
        for number, (item, each, own, buy) in enumerate(how.needs):
            missing = self.hold(item, start, each * units, held, number)
            if missing and own >= 0:
                missing, lots = self.part(own, item, missing, start, partial, held, number)
                lumps += [[number, finish, much] for _, finish, much in lots]
            if missing and buy >= 0:
                missing = self.hold(item, start + buy, missing, held, number)
                lumps += [[number, start + buy, missing]] if missing else []
            elif missing and self.hold(item, 10**6, missing, held, number):
                return None
        lots = self.run(how, self.ready(how, units, start, partial, held, lumps))
        if lots is not None:
            self.take(how, lots, held, lumps)
        return lots

    def part(
        self, own: int, item: int, missing: int, start: int, partial: bool, held: list[list[int]], number: int
    ) -> tuple[int, list[tuple[int, int, int]]]:
        """What is still missing after making, and the lots made."""
        kept = copy.deepcopy((self.rows, self.free))
        lots = self.make(own, missing, start, partial)
        if lots and any(row[0] <= lots[-1][1] and row[1] for row in self.rows.get(item, [])):
            day = lots[-1][1]
            self.rows, self.free = copy.deepcopy(kept)
            missing = self.hold(item, day, missing, held, number)
            kept = copy.deepcopy((self.rows, self.free))
            lots = self.make(own, missing, start, partial) if missing else []
        if lots is None:
            self.rows, self.free = kept
            return missing, []
        return 0, lots

    def ready(
        self, how: Recipe, units: int, start: int, partial: bool, held: list[list[int]], lumps: list[list[int]]
    ) -> list[tuple[int, int]]:
        """By which days the components of how many pieces are there."""
        days = {max(start, each[3]) for each in held} | {each[1] for each in lumps} | {start}
        found: list[tuple[int, int]] = []
        for day in sorted(days) if partial else [max(days)]:
            there = units
            for number, (_, each, *_) in enumerate(how.needs):
                much = sum(row[4] for row in held if row[0] == number and row[3] <= day)
                much += sum(lump[2] for lump in lumps if lump[0] == number and lump[1] <= day)
                there = min(there, much // each)
            if there > (found[-1][1] if found else 0):
                found.append((day, there))
        return found

    def take(
        self, how: Recipe, lots: list[tuple[int, int, int]], held: list[list[int]], lumps: list[list[int]]
    ) -> None:
        for _, item, at, _, much in held:
            self.rows[item][at][1] += much
        for begin, _, pieces in lots:
            for number, (item, each, *_) in enumerate(how.needs):
                wanted = each * pieces
                for lump in lumps:
                    if lump[0] == number and lump[1] <= begin:
                        much = min(wanted, lump[2])
                        lump[2], wanted = lump[2] - much, wanted - much
                for row in reversed(self.rows.get(item, [])):
                    if row[0] <= begin:
                        much = min(wanted, row[1])
                        row[1], wanted = row[1] - much, wanted - much
                assert wanted == 0
        assert not any(lump[2] for lump in lumps)

    def run(self, how: Recipe, ready: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]] | None:
        begins: dict[int, int] = {}
        finishes: dict[int, int] = {}
        worked = [0] * len(how.steps)
        for day in range(ready[0][0], HORIZON):
            there = max(pieces for when, pieces in ready if when <= day)
            for at, (resource, setup, run) in enumerate(how.steps):
                goal = setup + run * there if there else 0
                was, much = worked[at], min(self.free[resource][day], max(0, goal - worked[at]))
                self.free[resource][day] -= much
                worked[at] += much
                for lot, (_, upto) in enumerate(ready):
                    low = setup + run * ready[lot - 1][1] if lot else 0
                    if min(worked[at], setup + run * upto) > max(was, low):
                        begins.setdefault(lot, day)
                if worked[at] < goal:
                    there = max(0, (worked[at] - setup) // run) if run else 0
            for lot, (when, upto) in enumerate(ready):
                if there >= upto and when <= day:
                    finishes.setdefault(lot, day)
        if how.steps and len(finishes) < len(ready):
            return None
        lots: list[tuple[int, int, int]] = []
        for lot, (when, upto) in enumerate(ready):
            begin = begins.get(lot, when)
            finish = finishes.get(lot, begin)
            if not how.steps or how.lead or how.lead_each:
                for first in range(lot + 1):
                    begun = begins.get(first, ready[first][0])
                    pieces = upto - (ready[first - 1][1] if first else 0)
                    opens = [day for day in range(begun, HORIZON) if self.shop.works[day]]
                    wait = how.lead + how.lead_each * pieces
                    if wait >= len(opens):
                        return None
                    finish = max(finish, opens[wait])
            lots.append((begin, finish, upto - (ready[lot - 1][1] if lot else 0)))
        return lots


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """Item 0 is made of 1, 2 and 3, item 1 of 3 and 4, item 2 of 4 and 5; some of it is missing at random."""
    few = st.integers(0, 3)

    def need(item: int, own: int) -> tuple[int, int, int, int]:
        return item, draw(st.integers(1, 3)), own if draw(few) else -1, draw(st.integers(-1, 6))

    def recipe(needs: list[tuple[int, int, int, int]]) -> Recipe:
        steps = [(draw(st.integers(0, 1)), draw(few), draw(few)) for _ in range(draw(few))]
        return Recipe(needs, steps, draw(st.sampled_from([0, 0, 1, 3])), draw(st.sampled_from([0, 0, 1])))

    recipes = [
        recipe([need(1, 1), need(2, 2), need(3, -1)]),
        recipe([need(3, -1), need(4, -1)]),
        recipe([need(4, -1), need(5, -1)]),
    ]
    row = st.tuples(st.integers(0, 12), st.integers(0, 8))
    supply = {
        item: draw(st.lists(row, max_size=3, unique_by=lambda each: each[0]))
        for item in range(1, 6)
        if draw(few)
    }  # fmt: skip
    rooms = [draw(st.lists(st.integers(0, 9), min_size=HORIZON, max_size=HORIZON)) for _ in range(2)]
    works = draw(st.lists(st.booleans(), min_size=7, max_size=7).filter(any))
    return Shop(recipes, supply, rooms, (works * HORIZON)[:HORIZON])


def left(world: World) -> list[int]:
    return [int(free) for free in world.rows["free"]]


@settings(max_examples=300, deadline=None)
@given(shops(), st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6), st.integers(0, 5)), max_size=4), st.booleans())
def test_as_a_slow_reckoning_finds(shop: Shop, asked: list[tuple[int, int, int]], partial: bool) -> None:
    world, making, log = shop.arrays()
    slow = Slow(shop)
    rows, free = left(world), making.free.copy()
    for recipe, units, start in asked:
        expected = slow.ask(recipe, units, start, partial)
        found = make(world, making, log, recipe, units * ONE, ON + start, partial)
        assert found - (ON if found >= 0 else 0) == expected
        assert (making.free == np.array(slow.free) * ONE).all()
        taken = sum(rows) - sum(left(world))
        assert taken == sum(int(use["amount"]) for use in log.uses[: log.counts[1]] if use["row"] >= 0)
        assert sum(left(world)) == sum(row[1] for each in slow.rows.values() for row in each) * ONE
        by_item = [row[1] * ONE for item in sorted(slow.rows) for row in slow.rows[item]]
        assert left(world)[: len(by_item)] == by_item
    assert not is_full(log)
    assert_is_coherent(shop, world, making, log)
    undo(world, making, log, (0, 0, 0, 0, 0, 0))
    assert left(world) == rows
    assert (making.free == free).all()


def assert_is_coherent(shop: Shop, world: World, making: Making, log: Log) -> None:
    """Each lot has exactly what it needs, all there when it begins; what was made or bought for it goes into it."""
    made = log.made[: log.counts[0]]
    uses = log.uses[: log.counts[1]]
    for at, lot in enumerate(made):
        how = making.recipes[lot["recipe"]]
        for need in range(how["first_need"], how["last_need"]):
            mine = uses[(uses["made"] == at) & (uses["need"] == need)]
            assert mine["amount"].sum() == lot["units"] * making.needs[need]["each"] // ONE
        loads = log.loads[: log.counts[2]]
        loads = loads[loads["made"] == at]
        assert not len(loads) or (lot["start"] == loads["day"].min() and lot["finish"] >= loads["day"].max())
    for use in uses:
        begins = made[use["made"]]["start"]
        if use["row"] == OF_LOT:
            assert made[use["source"]]["finish"] <= begins
        elif use["row"] == OF_BUY:
            assert log.buys[use["source"]]["day"] <= begins
        else:
            assert world.rows[use["row"]]["day"] <= begins
    for kind, entries in ((OF_LOT, made), (OF_BUY, log.buys[: log.counts[3]])):
        for at, entry in enumerate(entries):
            given = uses[(uses["row"] == kind) & (uses["source"] == at)]["amount"].sum()
            assert given == (0 if entry["parent"] < 0 else entry["units"])


def screens(*supply: tuple[int, int]) -> Shop:
    return Shop([Recipe([(1, 1, -1, -1)], [(0, 0, 1)])], {1: list(supply)}, [[2] * HORIZON], [True] * HORIZON)


def days(shop: Shop, *asked: tuple[int, bool]) -> list[int]:
    """Counted from d1."""
    world, making, log = shop.arrays()
    found = [make(world, making, log, 0, units * ONE, ON, partial) for units, partial in asked]
    return [day - ON + 1 if day >= 0 else -1 for day in found]


def test_seven_missing_of_ten_with_partial_starts_and_without() -> None:
    """AT-GOP-4: 5 screens there and 10 on d8, assembly 2 a day."""
    assert days(screens((0, 5), (7, 10)), (7, True)) == [8]
    assert days(screens((0, 5), (7, 10)), (7, False)) == [11]


def test_two_orders_compete_for_the_same_screens() -> None:
    """AT-GOP-5: what the first takes the second does not see, neither screens nor the days of assembly."""
    assert days(screens((0, 5), (7, 10)), (4, False), (4, False)) == [2, 9]
    assert days(screens((0, 5), (7, 10)), (8, False), (8, False)) == [11, -1]


def test_components_come_from_the_latest_supply_in_time() -> None:
    shop = screens((0, 5), (7, 10))
    world, making, log = shop.arrays()
    noted = note(log)
    assert make(world, making, log, 0, 7 * ONE, ON, False) == ON + 10
    assert left(world)[:2] == [5 * ONE, 3 * ONE]  # the five that are there stay free for others
    undo(world, making, log, noted)
    assert left(world)[:2] == [5 * ONE, 10 * ONE]


def test_what_is_expected_comes_before_what_would_be_made_later() -> None:
    inner: Any = Recipe([(2, 1, -1, 0)], [], lead=6)
    outer = Recipe([(1, 1, 1, -1)], [])
    shop = Shop([outer, inner], {1: [(3, 4)]}, [], [True] * HORIZON)
    assert days(shop, (4, False)) == [4]
    assert days(shop, (5, False)) == [7]
    world, making, log = shop.arrays()
    make(world, making, log, 0, 5 * ONE, ON, False)
    assert log.made[: log.counts[0]]["units"].tolist() == [ONE, 5 * ONE]  # one is made, four are expected


def test_a_full_log_loses_the_answer_and_nothing_else() -> None:
    world, making, _ = screens((0, 5), (7, 10)).arrays()
    log = new_log(making, 2)
    assert make(world, making, log, 0, 7 * ONE, ON, False) == -1
    assert is_full(log)
    assert left(world)[:2] == [5 * ONE, 10 * ONE]
    assert (making.free == 2 * ONE).all()
