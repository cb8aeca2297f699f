"""Allocation, compiled: what a line may take of scarce supply is what is left for its demand class.

Supply of an item at a site is counted by weeks, Monday to Sunday; what is on hand counts for the week of today. Of each
week every class has its share. A line takes from its own, then from those in its order of taking: its parents, and, as
far as the rule lets it, classes that matter less. What it may not have is held back from the rows while it is answered,
so that the search knows nothing of classes.
"""

from typing import NamedTuple

import numpy as np

from auftakt.promising.engine.compiled import inner
from auftakt.promising.engine.stock import Array, Records
from auftakt.promising.engine.world import MICRO, Found, World

# What a line may take: of which item; its order of taking (`order`: the class, and whether taking from it is stealing).
CLAIM = np.dtype([(name, "i8") for name in ("item", "first", "last")])
ORDER = np.dtype([(name, "i8") for name in ("node", "steals")])
# The weeks of an item at a site: the number of its first week (by ordinal days from a Monday), where they stand, and
# whether shares are of what remains instead of what there was. `within`: days from asking in which supply may be stolen
# (−1: always, −2: never).
PLACE = np.dtype([(name, "i8") for name in ("item", "site", "week", "first", "last", "remaining", "within")])
# Who took how much from whom: a line, the class, the amount.
CHARGE = np.dtype([(name, "i8") for name in ("line", "node", "amount", "steals")])


class Shares(NamedTuple):
    """Claims of lines, and what is left of each week for each class; with shares of what remains, `left` holds them as
    millionths of it. `places` are sorted by item and site."""

    claims: Records
    order: Records
    places: Records
    left: Array
    charges: Records
    counts: Array


def week_number(day: int, on: int) -> int:
    """The number of the week of a day, counted from a Monday; what is on hand counts for this week."""
    return (max(day, on) - 1) // 7


week_of = inner(week_number)


@inner
def _place(shares: Shares, item: int, site: int) -> int:
    """Where an item at a site stands among the places, −1 when it is not allocated there."""
    low, high = 0, len(shares.places)
    while low < high:
        middle = (low + high) // 2
        place = shares.places[middle]
        if place.item < item or (place.item == item and place.site < site):
            low = middle + 1
        else:
            high = middle
    if low < len(shares.places) and shares.places[low].item == item and shares.places[low].site == site:
        return low
    return -1


@inner
def _slot(shares: Shares, place: int, day: int, on: int) -> int:
    """The week of a row among those of its place, −1 for one beyond them: nothing is allocated there."""
    slot = shares.places[place].first + week_of(day, on) - shares.places[place].week
    return slot if shares.places[place].first <= slot < shares.places[place].last else -1


@inner
def _may_take(shares: Shares, place: int, at: int, day: int, on: int) -> bool:
    """Whether a line may take from a class in its order, of supply of a day."""
    within = shares.places[place].within
    return not shares.order[at].steals or within == -1 or (within > 0 and day <= on + within)


@inner
def _room(world: World, shares: Shares, claim: Records, place: int, row: int, end: int) -> int:
    """What a line may take of the week in which a row is, the first of that week; rows end at `end`."""
    rows, on = world.rows, world.on
    slot = _slot(shares, place, rows[row].day, on)
    if slot < 0:
        return 1 << 60
    room = 0
    for at in range(claim.first, claim.last):
        if _may_take(shares, place, at, rows[row].day, on):
            room += shares.left[slot, shares.order[at].node]
    if not shares.places[place].remaining:
        return room
    free, week = 0, week_of(rows[row].day, on)
    while row < end and rows[row].site == shares.places[place].site and week_of(rows[row].day, on) == week:
        free += rows[row].free
        row += 1
    return free // MICRO * room + free % MICRO * room // MICRO


@inner
def hold_back(world: World, shares: Shares, claim: Records, held: Array) -> None:
    """Take away from the rows of an item what a line may not have; `held` says how much from each."""
    rows, on, block = world.rows, world.on, world.blocks[claim.item]
    end = block.at + block.count
    site, week, place = np.int64(-1), np.int64(-1), -1
    room = 0
    for row in range(block.at, end):
        held[row - block.at] = 0
        if rows[row].site != site:
            site, week = rows[row].site, np.int64(-1)
            place = _place(shares, claim.item, site)
        if place < 0:
            continue
        if week_of(rows[row].day, on) != week:
            week = week_of(rows[row].day, on)
            room = _room(world, shares, claim, place, row, end)
        keeps = min(rows[row].free, room)
        room -= keeps
        held[row - block.at] = rows[row].free - keeps
        rows[row].free = keeps


@inner
def let_go(
    world: World, shares: Shares, claim: Records, held: Array, found: Found, line: int, first_take: int
) -> None:  # fmt: skip
    """Give back what was held, and charge what the line took to the classes it took it from."""
    rows, on, block = world.rows, world.on, world.blocks[claim.item]
    for row in range(block.at, block.at + block.count):
        rows[row].free += held[row - block.at]
    for number in range(first_take, found.counts[1]):
        taken = found.takes[number]
        place = _place(shares, claim.item, rows[taken.row].site)
        slot = _slot(shares, place, rows[taken.row].day, on) if place >= 0 else -1
        if slot < 0 or shares.places[place].remaining:
            continue
        amount = taken.amount
        for at in range(claim.first, claim.last):
            if not amount or not _may_take(shares, place, at, rows[taken.row].day, on):
                continue
            node = shares.order[at].node
            part = min(amount, shares.left[slot, node])
            if part <= 0:
                continue
            shares.left[slot, node] -= part
            amount -= part
            if shares.counts[0] < len(shares.charges):
                charge = shares.charges[shares.counts[0]]
                charge.line, charge.node, charge.amount, charge.steals = line, node, part, shares.order[at].steals
                shares.counts[0] += 1


NO_SHARES = Shares(
    np.zeros(0, dtype=CLAIM), np.zeros(0, dtype=ORDER), np.zeros(0, dtype=PLACE), np.zeros((0, 0), dtype=np.int64),
    np.zeros(0, dtype=CHARGE), np.zeros(1, dtype=np.int64),
)  # fmt: skip
