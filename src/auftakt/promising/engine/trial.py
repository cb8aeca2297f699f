"""A shop floor to try making on: products of ten components on three levels, three of them made, on three resources."""

from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numba import njit

from auftakt.promising.engine.make import NEED, RECIPE, STEP, Log, Making, make, new_log
from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.stock import SupplyRow, supply_array
from auftakt.promising.engine.world import World
from auftakt.promising.types import SiteOfSupply

ONE = 1_000_000
BATCH = 3000  # lines of a call, which see what those before them took
PRODUCTS = 500
HORIZON = 400
PARTS = 10  # of each product, on three levels, three of them made
ROWS = 6  # of each component: on hand, and expected on five days


@njit(cache=True)
def _ask(world: World, making: Making, log: Log, recipes: Any, units: Any, start: int) -> int:
    """Lines one after the other; how many are ever finished."""
    done = 0
    for line in range(len(recipes)):
        if make(world, making, log, recipes[line], units[line], start, False) >= 0:
            done += 1
    return done


@njit(cache=True)
def _bare(world: World, making: Making, firsts: Any, lasts: Any, recipes: Any) -> int:
    """The floor: touch the rows of all components of each line and add up what is free."""
    total = 0
    for line in range(len(recipes)):
        for need in range(firsts[recipes[line]], lasts[recipes[line]]):
            block = world.blocks[making.needs[need].item]
            for row in range(block.at, block.at + block.count):
                total += world.rows[row].free
    return total


def _world(on: int) -> tuple[World, Making]:
    """Products made of assemblies and parts; an assembly made of a subassembly and parts."""
    plant = UUID(int=1)
    chance = np.random.default_rng(7)
    rows: list[SupplyRow] = []
    for item in range(PRODUCTS * PARTS):
        place = item % PARTS
        made = place < 3  # assemblies and the subassembly: little of them is there
        for number in range(ROWS):
            much = int(chance.integers(0, 2)) if made else int(chance.integers(400, 900))
            day = 0 if number == 0 else on + number * 9
            rows.append(SupplyRow(UUID(int=item * ROWS + number + 1), UUID(int=item + 1), plant, day, much * ONE, 0))
    picture = Picture(0, [SiteOfSupply(plant, "P")], [])
    picture.load(supply_array(rows))
    picture.see(on)
    needs, steps, recipes = list[tuple[int, ...]](), list[tuple[int, ...]](), list[tuple[int, ...]]()
    for product in range(PRODUCTS):
        base = len(recipes)

        def shelf(place: int, product: int = product) -> int:
            return picture.shelf.number(product * PARTS + place + 1)

        for makes, lines in (
            (-1, [(0, 1, base + 1), (1, 1, base + 2), (3, 2, -1), (4, 1, -1)]),
            (0, [(2, 1, base + 3), (5, 1, -1), (6, 2, -1)]),
            (1, [(7, 1, -1), (3, 1, -1)]),
            (2, [(8, 1, -1), (9, 3, -1)]),
        ):
            first = len(needs), len(steps)
            needs += [(shelf(place), much * ONE, ONE, own, -1) for place, much, own in lines]
            steps += [(product * 3 + makes % 3, 30 * ONE, 4 * ONE)]
            number = shelf(makes) if makes >= 0 else -1
            recipes.append((number, 0, 0, ONE, first[0], len(needs), first[1], len(steps), 1, 0))
    free = np.full((3 * PRODUCTS, HORIZON), 480 * ONE, dtype=np.int64)
    making = Making(
        np.array(recipes, dtype=RECIPE), np.array(needs, dtype=NEED), np.array(steps, dtype=STEP), free,
        np.ones((1, HORIZON), dtype=np.bool_), on,
    )  # fmt: skip
    return picture.world(on), making


class Trial:
    """Batches of lines for random products; each line sees what those before it took, in this batch and before."""

    def __init__(self, day: date, batches: int) -> None:
        self.on = day.toordinal()
        self.world, self.making = _world(self.on)
        chance = np.random.default_rng(3)
        self.picks = [chance.integers(0, PRODUCTS, size=BATCH) * 4 for _ in range(batches)]
        self.units = chance.integers(2, 6, size=BATCH) * ONE
        self.logs = [new_log(self.making, 32 * BATCH) for _ in self.picks]
        self.firsts = self.making.recipes["first_need"].copy()

    def lines(self, batch: int) -> None:
        """Answer the lines of a batch, once. Raises RuntimeError when one is never made."""
        done = _ask(self.world, self.making, self.logs[batch], self.picks[batch], self.units, self.on)
        if done < BATCH:
            raise RuntimeError(f"only {done} of {BATCH} lines were made: the floor is too small")

    def bare(self, batch: int) -> None:
        """Only read the rows of all that goes into the lines of a batch."""
        _bare(self.world, self.making, self.firsts, self.firsts + 11, self.picks[batch])
