"""How things are made, as arrays for the search; and what was made, as values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

import numpy as np

from auftakt.catalog.types import BillFacts
from auftakt.promising.engine.make import (
    N_BUYS,
    N_LOADS,
    N_MADE,
    N_USES,
    NEED,
    OF_LOT,
    RECIPE,
    STEP,
    Log,
    Making,
)
from auftakt.promising.engine.stock import Array, Records
from auftakt.promising.engine.world import MICRO
from auftakt.promising.types import Bought, Made, MadeOperation, Part
from auftakt.supply.types import OperationFacts, RoutingFacts
from auftakt.values import from_micro, to_micro


@dataclass(frozen=True, slots=True)
class Plant:
    """A site that makes things: its id, its code, its number in the picture (−1 when it is not in it), and on which
    days of the horizon it works."""

    id: UUID
    code: str
    number: int
    works: Array


@dataclass(frozen=True, slots=True)
class Recipes:
    """How things are made: the arrays, and what their numbers stand for. `of` says where the recipes of an item begin
    and end."""

    making: Making
    of: Mapping[UUID, tuple[int, int]]
    needs: tuple[UUID, ...]
    routings: tuple[RoutingFacts, ...]
    operations: tuple[OperationFacts, ...]

    def items(self, item_id: UUID) -> set[UUID]:
        """An item with all that may go into it, on any level, at any plant."""
        found, ahead = {item_id}, [item_id]
        while ahead:
            first, last = self.of.get(ahead.pop(), (0, 0))
            for how in self.making.recipes[first:last]:
                fresh = {self.needs[at] for at in range(int(how["first_need"]), int(how["last_need"]))} - found
                found |= fresh
                ahead += fresh
        return found

    def fork(self) -> "Recipes":
        """The same, with capacity of its own to be taken."""
        return Recipes(
            self.making._replace(free=self.making.free.copy()), self.of, self.needs, self.routings, self.operations
        )


def build_making(
    on: date,
    plants: Iterable[Plant],
    bills: Mapping[UUID, Sequence[BillFacts]],
    routings: Iterable[RoutingFacts],
    free: Mapping[UUID, Array],
    buys: Mapping[UUID, int],
    number: Callable[[UUID], int],
    decimals: Mapping[UUID, int],
) -> Recipes:
    """Recipes from a day on: of each item at each plant where it has a routing and where a bill holds, that of the
    plant before that for everywhere. Without a routing nobody knows how long making takes: nothing is promised from it.

    `free` is what is free of each resource by day from `on` on, in minutes or pieces; `buys` in how many days an item
    can be bought; `number` the number of an item on the shelf, −1 for one that has never been there; `decimals` what
    items are counted in (0 where nothing is said).
    """
    sites = {plant.id: (place, plant) for place, plant in enumerate(plants)}
    held = [
        (each, place, plant, lines)
        for each in sorted(routings, key=lambda each: (each.sku, each.site_code))
        if (known := sites.get(each.site_id)) is not None
        for place, plant in [known]
        if (lines := _lines(bills.get(each.item_id, ()), plant.code, on))
    ]
    numbers = {(each.item_id, plant.id): at for at, (each, _, plant, _) in enumerate(held)}
    resources = {key: at for at, key in enumerate(free)}
    needs, steps, recipes = list[tuple[int, ...]](), list[tuple[int, ...]](), list[tuple[int, ...]]()
    items, operations = list[UUID](), list[OperationFacts]()
    of: dict[UUID, tuple[int, int]] = {}
    for at, (each, place, plant, lines) in enumerate(held):
        first = of.get(each.item_id, (at, at))[0]
        of[each.item_id] = (first, at + 1)
        first_need, first_step = len(needs), len(steps)
        for item, (amount, digits) in lines.items():
            made = numbers.get((item, plant.id), -1)
            needs.append((number(item), amount, 10 ** (6 - digits), made, buys.get(item, -1)))
            items.append(item)
        for step in each.operations:
            steps.append((resources[step.resource_id], *_times(step)))
            operations.append(step)
        recipes.append(
            (
                number(each.item_id), plant.number, place, 10 ** (6 - decimals.get(each.item_id, 0)), first_need,
                len(needs), first_step, len(steps), each.lead_days, to_micro(each.days_per_piece),
            )
        )  # fmt: skip
    works = np.array([plant.works for _, plant in sites.values()], dtype=np.bool_)
    rooms = np.array(list(free.values()), dtype=np.int64) * MICRO
    making = Making(
        np.array(recipes, dtype=RECIPE), np.array(needs, dtype=NEED), np.array(steps, dtype=STEP),
        rooms.reshape(len(free), -1) if len(free) else np.zeros((0, works.shape[-1]), dtype=np.int64),
        works, on.toordinal(),
    )  # fmt: skip
    return Recipes(making, of, tuple(items), tuple(each for each, *_ in held), tuple(operations))


def _lines(bills: Sequence[BillFacts], plant: str, on: date) -> dict[UUID, tuple[int, int]]:
    """What one unit takes by the bill that holds at a plant, in millionths, and what that can be split into."""
    known = {bill.plant: bill for bill in bills}
    bill = known.get(plant) or known.get("")
    found: dict[UUID, tuple[Decimal, int]] = {}
    for line in bill.on(on) if bill else ():
        had = found.get(line.component_id, (Decimal(0), 0))[0]
        found[line.component_id] = (had + line.quantity * (1 + line.scrap_percent / 100), line.decimals)
    return {
        item: (int((amount * MICRO).to_integral_value(rounding=ROUND_CEILING)), digits)
        for item, (amount, digits) in found.items()
    }


def _times(step: OperationFacts) -> tuple[int, int]:
    """What setting up and one unit take of a resource, in millionths."""
    if step.measure == "pieces":
        return 0, MICRO
    return to_micro(step.setup_minutes), to_micro(step.run_minutes)


def made_values(
    recipes: Recipes, log: Log, rows: Records, ids: Callable[[], UUID], first: int = 0, last: int | None = None
) -> tuple[list[Made], list[Bought]]:
    """What a log says was made and bought, as values, what goes into others first. `rows` are those of the shelf, `ids`
    gives new ids; `first` and `last` cut out lots of the log, which must be those of whole answers."""
    counts = log.counts.tolist()
    end = counts[N_MADE] if last is None else last
    lots: list[tuple[int, ...]] = log.made[first:end].tolist()
    keys = {at: ids() for at in range(first, end)}
    buys = log.buys[: counts[N_BUYS]]
    bought = {at: ids() for at in np.flatnonzero((buys["parent"] >= first) & (buys["parent"] < end)).tolist()}
    parts: dict[int, list[Part]] = {at: [] for at in keys}
    for made, need, row, source, amount in log.uses[: counts[N_USES]].tolist():
        if made in parts:
            if row >= 0:
                bucket = UUID(int=int(rows["high"][row]) << 64 | int(rows["low"][row]))
            else:
                bucket = keys[source] if row == OF_LOT else bought[source]
            parts[made].append(Part(recipes.needs[int(need)], bucket, from_micro(amount), row >= 0))
    loads: dict[int, dict[int, list[tuple[date, Decimal]]]] = {at: {} for at in keys}
    for made, step, day, amount in log.loads[: counts[N_LOADS]].tolist():
        if made in loads:
            loads[made].setdefault(step, []).append((date.fromordinal(day), from_micro(amount)))
    values = [
        _made(recipes, keys[at], lot, parts[at], loads[at], keys.get(lot[4]))
        for at, lot in zip(range(first, end), lots, strict=True)
    ]
    return values, [_bought(recipes, bought[at], buys[at], lots, first) for at in sorted(bought)]


def _made(
    recipes: Recipes,
    key: UUID,
    lot: tuple[int, ...],
    parts: list[Part],
    loads: dict[int, list[tuple[date, Decimal]]],
    parent: UUID | None,
) -> Made:
    recipe, units, start, finish, _ = lot
    routing, how = recipes.routings[recipe], recipes.making.recipes[recipe]
    operations = tuple(
        MadeOperation(recipes.operations[step].resource_id, recipes.operations[step].sequence,
                      recipes.operations[step].name, tuple(loads.get(step, ())))
        for step in range(int(how["first_step"]), int(how["last_step"]))
    )  # fmt: skip
    return Made(
        key, routing.item_id, routing.site_id, from_micro(units), date.fromordinal(start), date.fromordinal(finish),
        tuple(parts), operations, parent,
    )  # fmt: skip


def _bought(recipes: Recipes, key: UUID, bought: Records, lots: list[tuple[int, ...]], first: int) -> Bought:
    told: tuple[int, ...] = bought.tolist()
    need, units, day, parent = told
    site = recipes.routings[lots[parent - first][0]].site_id
    return Bought(key, recipes.needs[need], site, from_micro(units), date.fromordinal(day))
