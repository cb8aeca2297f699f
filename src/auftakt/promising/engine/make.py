"""Making, compiled: when units that a plant does not have can be finished there, and all that it takes.

A recipe is an item at a plant: the bill that holds there, and its routing. What a recipe needs comes, in this order,
from the shelf of the plant as far as it is there on the first day; by its own recipe there, unless what is expected
comes sooner; from its supplier, unless again what is expected comes sooner; from whatever is expected later. Operations
run one behind the other on days with free capacity: by a day, as many units have passed an operation as have passed the
one before it, and as many more than the day before as its capacity allows. With partial starts each lot of units begins
when its components are there; without, the whole begins when all are. A lot takes its components from the latest supply
that is there when it begins, so that earlier supply stays free for others. What is taken is logged, to be undone.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from auftakt.promising.engine.stock import Array, Records
from auftakt.promising.engine.world import FOREVER, MICRO, World, shelf, units_from, wanted_of

DEEPEST = 24  # levels of a bill
NEVER = -1

_ALL = "i8"
# `first_need` and so on: where its needs and its steps begin and end; `step`: what its units can be split into; `lead`
# in working days of the plant, and for each unit in millionths of one.
RECIPE = np.dtype(
    [(name, _ALL) for name in ("item", "site", "plant", "step", "first_need", "last_need", "first_step", "last_step",
                               "lead", "lead_each")]
)  # fmt: skip
# What one unit takes of an item, scrap included, and what the item can be split into; the recipe by which it is made at
# the same plant and the days in which it can be bought, −1 where there is none.
NEED = np.dtype([(name, _ALL) for name in ("item", "each", "step", "recipe", "buy")])
STEP = np.dtype([(name, _ALL) for name in ("resource", "setup", "run")])  # millionths of minutes, or of pieces

# The log. `made`: a lot, and the lot of what it goes into (−1: asked for). `use`: what a lot takes: of a row of the
# shelf, of a lot made for it (row −1), of what is bought for it (row −2).
MADE = np.dtype([(name, _ALL) for name in ("recipe", "units", "start", "finish", "parent")])
USE = np.dtype([(name, _ALL) for name in ("made", "need", "row", "source", "amount")])
LOAD = np.dtype([(name, _ALL) for name in ("made", "step", "day", "amount")])
BUY = np.dtype([(name, _ALL) for name in ("need", "units", "day", "parent")])
OF_LOT, OF_BUY = -1, -2
# While a recipe is looked at: rows held for it, and what is made or bought for it.
HOLD = np.dtype([(name, _ALL) for name in ("row", "need", "amount")])
LUMP = np.dtype([(name, _ALL) for name in ("need", "day", "left", "row", "source")])
LOT = np.dtype([(name, _ALL) for name in ("day", "upto", "start", "finish")])
# A recipe that is being looked at, on each level: its need at hand, how much is missing of it, whether that has been
# asked for again.
FRAME = np.dtype([(name, _ALL) for name in ("recipe", "units", "need", "missing", "again", "held", "lumped")])
DONE, DOWN, LOST = range(3)
N_MADE, N_USES, N_LOADS, N_BUYS, N_HOLDS, N_LUMPS, N_LOTS, IS_FULL = range(8)


class Making(NamedTuple):
    """How things are made. `free` tells for each resource and day from `begin` on what is free, in millionths; `works`
    for each plant and day whether work is done."""

    recipes: Records
    needs: Records
    steps: Records
    free: Array
    works: Array
    begin: int


class Log(NamedTuple):
    """What was taken; `counts` says how far each part is filled, and whether one was too short."""

    counts: Array
    made: Records
    uses: Records
    loads: Records
    buys: Records
    holds: Records
    lumps: Records
    lots: Records
    frames: Records
    marks: Array
    done: Array


def new_log(making: Making, room: int = 4096) -> Log:
    """An empty log with room for so many entries of each kind. When `is_full` says so, nothing is lost but the answer:
    ask again with more room."""
    most = int(max((making.recipes["last_step"] - making.recipes["first_step"]).max(), 1)) if len(making.recipes) else 1
    return Log(
        np.zeros(8, dtype=np.int64), np.zeros(room, dtype=MADE), np.zeros(room, dtype=USE), np.zeros(room, dtype=LOAD),
        np.zeros(room, dtype=BUY), np.zeros(room, dtype=HOLD), np.zeros(room, dtype=LUMP), np.zeros(room, dtype=LOT),
        np.zeros(DEEPEST, dtype=FRAME), np.zeros((DEEPEST, 6), dtype=np.int64),
        np.zeros((3, most), dtype=np.int64),
    )  # fmt: skip


def is_full(log: Log) -> bool:
    """Whether an answer was lost because the log was too short."""
    return bool(log.counts[IS_FULL])


@njit(cache=True)
def needed(need: Records, units: int) -> int:
    """How much of an item a recipe takes for units, rounded up to what the item can be split into."""
    wanted = wanted_of(units, need.each)
    return -(-wanted // need.step) * need.step


@njit(cache=True)
def note(log: Log) -> tuple[int, int, int, int, int, int]:
    """How far a log is filled, to come back to."""
    counts = log.counts
    return counts[N_MADE], counts[N_USES], counts[N_LOADS], counts[N_BUYS], counts[N_HOLDS], counts[N_LUMPS]


@njit(cache=True)
def undo(world: World, making: Making, log: Log, noted: tuple[int, int, int, int, int, int]) -> None:
    """Put back all that was taken since."""
    rows, counts = world.rows, log.counts
    for at in range(noted[N_USES], counts[N_USES]):
        if log.uses[at].row >= 0:
            rows[log.uses[at].row].free += log.uses[at].amount
    for at in range(noted[N_LOADS], counts[N_LOADS]):
        load = log.loads[at]
        making.free[making.steps[load.step].resource, load.day - making.begin] += load.amount
    for at in range(noted[N_HOLDS], counts[N_HOLDS]):
        rows[log.holds[at].row].free += log.holds[at].amount
    for kind in range(6):
        counts[kind] = noted[kind]


@njit(cache=True)
def _more(log: Log, kind: int, size: int) -> int:
    """The place of one more entry, or −1 and the log is full."""
    at = log.counts[kind]
    if at >= size:
        log.counts[IS_FULL] = 1
        return -1
    log.counts[kind] = at + 1
    return at


@njit(cache=True)
def _hold(world: World, log: Log, site: int, need: int, item: int, upto: int, wanted: int) -> int:
    """Hold what is at a plant by a day, the earliest first; how much is missing."""
    if item < 0:
        return wanted
    rows = world.rows
    first, last = shelf(world, item, site)
    for row in range(first, last):
        if rows[row].day > upto or not wanted:
            break
        amount = min(rows[row].free, wanted)
        if amount <= 0:
            continue
        at = _more(log, N_HOLDS, len(log.holds))
        if at < 0:
            break
        held = log.holds[at]
        held.row, held.need, held.amount = row, need, amount
        rows[row].free -= amount
        wanted -= amount
    return wanted


@njit(cache=True)
def _is_free_by(world: World, site: int, item: int, upto: int) -> bool:
    """Whether there is something at a plant by a day that nobody holds."""
    if item < 0:
        return False
    rows = world.rows
    first, last = shelf(world, item, site)
    for row in range(first, last):
        if rows[row].day > upto:
            break
        if rows[row].free > 0:
            return True
    return False


@njit(cache=True)
def _add_lump(log: Log, need: int, day: int, amount: int, row: int, source: int) -> None:
    at = _more(log, N_LUMPS, len(log.lumps))
    if at >= 0:
        lump = log.lumps[at]
        lump.need, lump.day, lump.left, lump.row, lump.source = need, day, amount, row, source


@njit(cache=True)
def _add_lots(log: Log, need: int) -> None:
    """What was made last is there for a need."""
    for at in range(log.counts[N_MADE] - log.counts[N_LOTS], log.counts[N_MADE]):
        made = log.made[at]
        _add_lump(log, need, made.finish, made.units, OF_LOT, at)


@njit(cache=True)
def _buy(log: Log, need: int, units: int, day: int) -> None:
    at = _more(log, N_BUYS, len(log.buys))
    if at >= 0:
        bought = log.buys[at]
        bought.need, bought.units, bought.day, bought.parent = need, units, day, -1
        _add_lump(log, need, day, units, OF_BUY, at)


@njit(cache=True)
def _get(world: World, making: Making, log: Log, site: int, number: int, start: int, missing: int) -> bool:
    """Buy what is missing, or wait for it; whether it ever comes."""
    need = making.needs[number]
    if need.buy < 0:
        return _hold(world, log, site, number, need.item, FOREVER, missing) == 0
    missing = _hold(world, log, site, number, need.item, start + need.buy, missing)
    if missing:
        _buy(log, number, missing, start + need.buy)
    return True


@njit(cache=True)
def _open(log: Log, depth: int, making: Making, recipe: int, units: int) -> None:
    """Begin to look at a recipe."""
    frame = log.frames[depth]
    frame.recipe, frame.units, frame.need = recipe, units, making.recipes[recipe].first_need
    frame.held, frame.lumped = log.counts[N_HOLDS], log.counts[N_LUMPS]


@njit(cache=True)
def _ask_for(log: Log, depth: int, missing: int, again: int) -> int:
    """A component is to be made: note where to come back to."""
    frame = log.frames[depth]
    frame.missing, frame.again = missing, again
    for kind in range(6):
        log.marks[depth, kind] = log.counts[kind]
    return DOWN


@njit(cache=True)
def _go_on(world: World, making: Making, log: Log, depth: int, start: int) -> int:
    """Get one component after the other; stop at one that is to be made."""
    frame = log.frames[depth]
    how = making.recipes[frame.recipe]
    while frame.need < how.last_need:
        need = making.needs[frame.need]
        missing = _hold(world, log, how.site, frame.need, need.item, start, needed(need, frame.units))
        if missing:
            if need.recipe >= 0:
                return _ask_for(log, depth, missing, 0)
            if not _get(world, making, log, how.site, frame.need, start, missing):
                return LOST
        frame.need += 1
    return DONE


@njit(cache=True)
def _come_back(world: World, making: Making, log: Log, depth: int, start: int, day: int) -> int:
    """A component has been made by a day, or never: take it, or what is expected by then, or get it otherwise."""
    frame, marks = log.frames[depth], log.marks[depth]
    site, item = making.recipes[frame.recipe].site, making.needs[frame.need].item
    if day >= 0 and (frame.again or not _is_free_by(world, site, item, day)):
        _add_lots(log, frame.need)
    else:
        undo(world, making, log, (marks[0], marks[1], marks[2], marks[3], marks[4], marks[5]))
        if day >= 0:
            missing = _hold(world, log, site, frame.need, item, day, frame.missing)
            if missing:
                return _ask_for(log, depth, missing, 1)
        elif not _get(world, making, log, site, frame.need, start, frame.missing):
            return LOST
    frame.need += 1
    return _go_on(world, making, log, depth, start)


@njit(cache=True)
def _end(world: World, making: Making, log: Log, depth: int, start: int, partial: bool) -> int:
    """All components have been found: make it; the day on which the last is finished."""
    frame = log.frames[depth]
    how = making.recipes[frame.recipe]
    lots = 0
    if partial:
        lots = _lots_by_part(world, making, log, how, frame.units, start, frame.held, frame.lumped)
    if not lots:
        lots = _one_lot(world, log, frame.units, start, frame.held, frame.lumped)
    if log.counts[IS_FULL] or not (_work(making, log, how, lots) and _wait(making, log, how, lots)):
        return NEVER
    _take_parts(world, making, log, frame.recipe, lots, frame.held, frame.lumped)
    return NEVER if log.counts[IS_FULL] else log.lots[lots - 1].finish


@njit(cache=True)
def _one_lot(world: World, log: Log, units: int, start: int, held: int, lumped: int) -> int:
    """Everything at once, when all components are there."""
    day = start
    for at in range(held, log.counts[N_HOLDS]):
        day = max(day, world.rows[log.holds[at].row].day)
    for at in range(lumped, log.counts[N_LUMPS]):
        day = max(day, log.lumps[at].day)
    lot = log.lots[0]
    lot.day, lot.upto, lot.start, lot.finish = day, units, 0, 0
    return 1


@njit(cache=True)
def _add_day(log: Log, size: int, day: int) -> int:
    """Add a day to the lots, in order, each once; how many there are."""
    at = size
    while at > 0 and log.lots[at - 1].day > day:
        at -= 1
    if at > 0 and log.lots[at - 1].day == day:
        return size
    if size >= len(log.lots):
        log.counts[IS_FULL] = 1
        return size
    for place in range(size, at, -1):
        log.lots[place].day = log.lots[place - 1].day
    log.lots[at].day = day
    return size + 1


@njit(cache=True)
def _ready(
    world: World, making: Making, log: Log, how: Records, units: int, day: int, held: int, lumped: int
) -> int:  # fmt: skip
    """For how many units all components are there by a day."""
    ready = units
    for number in range(how.first_need, how.last_need):
        need = making.needs[number]
        there = 0
        for at in range(held, log.counts[N_HOLDS]):
            if log.holds[at].need == number and world.rows[log.holds[at].row].day <= day:
                there += log.holds[at].amount
        for at in range(lumped, log.counts[N_LUMPS]):
            if log.lumps[at].need == number and log.lumps[at].day <= day:
                there += log.lumps[at].left
        if there < needed(need, units):
            some = units_from(there // need.step * need.step, need.each)
            ready = min(ready, some - some % how.step)
    return ready


@njit(cache=True)
def _lots_by_part(
    world: World, making: Making, log: Log, how: Records, units: int, start: int, held: int, lumped: int
) -> int:  # fmt: skip
    """A lot for each day on which components for more units are there; 0 when all are there at the start."""
    size = _add_day(log, 0, start)
    for at in range(held, log.counts[N_HOLDS]):
        size = _add_day(log, size, max(start, world.rows[log.holds[at].row].day))
    for at in range(lumped, log.counts[N_LUMPS]):
        size = _add_day(log, size, max(start, log.lumps[at].day))
    if size == 1:
        return 0
    kept, before = 0, 0
    for at in range(size):
        day = log.lots[at].day
        ready = _ready(world, making, log, how, units, day, held, lumped)
        if ready > before:
            lot = log.lots[kept]
            lot.day, lot.upto, lot.start, lot.finish = day, ready, 0, 0
            kept, before = kept + 1, ready
    return kept


@njit(cache=True)
def _load(making: Making, log: Log, number: int, day: int, worked: int, amount: int, lot: int) -> int:
    """Load a resource with an amount of a step of which `worked` is done, each lot with its own; the lot it ends in."""
    step = making.steps[number]
    making.free[step.resource, day] -= amount
    base = log.counts[N_MADE]
    while amount:
        ends = step.setup + wanted_of(log.lots[lot].upto, step.run)
        some = min(amount, ends - worked)
        if some > 0:
            at = _more(log, N_LOADS, len(log.loads))
            if at < 0:
                making.free[step.resource, day] += amount
                return lot
            load = log.loads[at]
            load.made, load.step, load.day, load.amount = base + lot, number, day + making.begin, some
            if not log.lots[lot].start:
                log.lots[lot].start = day + making.begin
            worked += some
            amount -= some
        if worked == ends and amount:
            lot += 1
    return lot


@njit(cache=True)
def _work(making: Making, log: Log, how: Records, lots: int) -> bool:
    """Run lots through the operations, day by day; whether they end within the horizon."""
    first, count = how.first_step, how.last_step - how.first_step
    if not count:
        return True
    worked, done, lot_of = log.done[0], log.done[1], log.done[2]
    for step in range(count):
        worked[step] = done[step] = lot_of[step] = 0
    units, ready, lot, ended = log.lots[lots - 1].upto, 0, 0, 0
    for day in range(max(0, log.lots[0].day - making.begin), making.free.shape[1]):
        while lot < lots and log.lots[lot].day - making.begin <= day:
            ready = log.lots[lot].upto
            lot += 1
        before = ready
        for at in range(count):
            step = making.steps[first + at]
            if done[at] < before:
                wanted = step.setup + wanted_of(before, step.run)
                amount = min(making.free[step.resource, day], wanted - worked[at])
                if amount > 0:
                    lot_of[at] = _load(making, log, first + at, day, worked[at], amount, lot_of[at])
                    worked[at] += amount
                if worked[at] == wanted:
                    done[at] = before
                elif worked[at] > step.setup:
                    some = units_from(worked[at] - step.setup, step.run)
                    done[at] = max(done[at], some - some % how.step)
            before = done[at]
        while ended < lots and log.lots[ended].upto <= before:
            log.lots[ended].finish = day + making.begin
            ended += 1
        if before == units:
            return True
        if log.counts[IS_FULL]:
            return False
    return False


@njit(cache=True)
def _after(making: Making, plant: int, day: int, count: int) -> int:
    """The day on which `count` working days of a plant have passed; from a day on which no work is done, counting
    begins at the next one. −1 beyond the horizon."""
    for place in range(max(0, day - making.begin), making.works.shape[1]):
        if making.works[plant, place]:
            if not count:
                return place + making.begin
            count -= 1
    return NEVER


@njit(cache=True)
def _wait(making: Making, log: Log, how: Records, lots: int) -> bool:
    """Let lots wait for their lead time, each behind those before it; whether they end within the horizon."""
    worked = how.last_step > how.first_step
    if worked:
        for at in range(lots):
            if not log.lots[at].start:
                log.lots[at].start = log.lots[at].day
        if not (how.lead or how.lead_each):
            return True
    upto = 0
    for first in range(lots):
        begins = log.lots[first]
        if not worked:
            begins.start = begins.day
        for at in range(first, lots):
            days = how.lead - (-wanted_of(log.lots[at].upto - upto, how.lead_each) // MICRO)
            ends = _after(making, how.plant, begins.start, days)
            if ends < 0:
                return False
            log.lots[at].finish = max(log.lots[at].finish, ends)
        upto = begins.upto
    return True


@njit(cache=True)
def _use(log: Log, made: int, need: int, row: int, source: int, amount: int) -> bool:
    at = _more(log, N_USES, len(log.uses))
    if at < 0:
        return False
    use = log.uses[at]
    use.made, use.need, use.row, use.source, use.amount = made, need, row, source, amount
    return True


@njit(cache=True)
def _take_parts(
    world: World, making: Making, log: Log, recipe: int, lots: int, held: int, lumped: int
) -> None:  # fmt: skip
    """Write the lots down, and let each take its components: what was made or bought for it, then the latest supply
    that is there when it begins. The rows that were held are let go."""
    how = making.recipes[recipe]
    for at in range(held, log.counts[N_HOLDS]):
        world.rows[log.holds[at].row].free += log.holds[at].amount
    log.counts[N_HOLDS] = held
    before = 0
    for place in range(lots):
        lot = log.lots[place]
        at = _more(log, N_MADE, len(log.made))
        if at < 0:
            return
        made = log.made[at]
        made.recipe, made.units, made.start, made.finish, made.parent = (
            recipe, lot.upto - before, lot.start, lot.finish, -1,
        )  # fmt: skip
        for number in range(how.first_need, how.last_need):
            need = making.needs[number]
            wanted = needed(need, lot.upto) - (needed(need, before) if before else 0)
            wanted = _take_lumps(log, at, number, lot.start, wanted, lumped)
            _take_rows(world, log, at, number, need.item, how.site, lot.start, wanted)
        before = lot.upto
    log.counts[N_LUMPS] = lumped
    log.counts[N_LOTS] = lots


@njit(cache=True)
def _take_lumps(log: Log, made: int, need: int, day: int, wanted: int, lumped: int) -> int:
    for at in range(lumped, log.counts[N_LUMPS]):
        lump = log.lumps[at]
        if lump.need != need or lump.day > day or not lump.left or not wanted:
            continue
        amount = min(lump.left, wanted)
        if not _use(log, made, need, lump.row, lump.source, amount):
            return wanted
        lump.left -= amount
        wanted -= amount
        if lump.row == OF_LOT:
            if log.made[lump.source].parent < 0:
                log.made[lump.source].parent = made
        elif log.buys[lump.source].parent < 0:
            log.buys[lump.source].parent = made
    return wanted


@njit(cache=True)
def _take_rows(world: World, log: Log, made: int, need: int, item: int, site: int, day: int, wanted: int) -> None:
    if not wanted:
        return
    rows = world.rows
    first, last = shelf(world, item, site)
    for row in range(last - 1, first - 1, -1):
        if rows[row].day > day or rows[row].free <= 0:
            continue
        amount = min(rows[row].free, wanted)
        if not _use(log, made, need, row, -1, amount):
            return
        rows[row].free -= amount
        wanted -= amount
        if not wanted:
            return


@njit(cache=True)
def make(
    world: World, making: Making, log: Log, recipe: int, units: int, not_before: int, partial: bool
) -> int:  # fmt: skip
    """The day on which the last of `units` is finished by a recipe, begun on a day at the earliest; −1 for never within
    the horizon, and then nothing is taken. What is taken stays taken in the rows and of the capacity, and is logged: to
    undo it, `note` before and `undo` afterwards. The last lots of the log are those of the recipe itself."""
    noted = note(log)
    start = max(not_before, making.begin)
    depth, day = 0, NEVER
    _open(log, 0, making, recipe, units)
    then = _go_on(world, making, log, 0, start)
    while True:
        if then == DOWN and depth + 1 < DEEPEST:
            frame = log.frames[depth]
            depth += 1
            _open(log, depth, making, making.needs[frame.need].recipe, frame.missing)
            then = _go_on(world, making, log, depth, start)
            continue
        day = NEVER
        if then == DONE:
            day = _end(world, making, log, depth, start, partial)
        if then != DOWN:
            depth -= 1
        if depth < 0 or log.counts[IS_FULL]:
            break
        then = _come_back(world, making, log, depth, start, day)
    if day < 0:
        undo(world, making, log, noted)
    return day


@njit(cache=True)
def recipe_at(making: Making, first: int, last: int, site: int) -> int:
    """Which of the recipes of an item is that of a plant, or −1."""
    for recipe in range(first, last):
        if making.recipes[recipe].site == site:
            return recipe
    return -1
