"""What is searched, as compiled code sees it: records, days, and what lies on a shelf.

A route is one way to serve a line: from the stock of a site, straight to the customer or first to another site from
where it is shipped, or from what is made at or bought into a site. Its terms say which supply counts. Looking ahead
needs no search of its own: each promise sits on the latest supply in time for it, so what is free in the rows up to a
day is available on that day.
"""

from typing import NamedTuple, cast

import numpy as np
from numba import njit

from auftakt.promising.engine.compiled import inner
from auftakt.promising.engine.days import LAST_OPEN, NEEDED, NEXT_OPEN, SHIPS
from auftakt.promising.engine.stock import Array, Records

MICRO = 1_000_000
# Given as numbers of the machine, not as literals, for each of which the compiler would make its own function.
FOREVER, NOTHING = (cast("int", np.int64(number)) for number in (10_000_000, 0))  # FOREVER: later than any day
SPLIT_DATES, SPLIT_SITES = 1, 2
SHIP, TRANSFER, MAKE, BUY = range(4)  # kinds of routes
PLAIN, ON_THE_SHELF = 0, 1  # the terms of every site with a lane, and those of what is transferred
LEAD_TIME, ATP, CTP, PTP = range(4)  # modes of terms
TAKEN, PRODUCED, BY_LEAD_TIME, UNCHECKED = (cast("int", np.int64(how)) for how in range(4))  # how a piece comes to be

# `stock` is the site whose stock it comes from, `days` the days from there to the site that ships; `lead` those until
# what is bought is there; `recipe` by which it is made. `cost` is that of a parcel, `unit_cost` that of one unit.
ROUTE = np.dtype(
    [
        (name, "i8")
        for name in ("site", "transit", "stock", "days", "kind", "rank", "lead", "recipe", "cost", "unit_cost")
    ]
)
# `counts` has a bit for each kind of supply that may be promised; `past_due` the days it may be overdue; `infinite` the
# days from which on nothing is checked (−1: never); `ranked`: whether the ranks of the routes differ.
TERMS = np.dtype(
    [
        (name, "i8")
        for name in (
            "mode", "counts", "past_due", "infinite", "horizon", "make_first", "partial", "lead", "late_cost",
            "split_cost", "floor", "ranked",
        )
    ]
)  # fmt: skip
# The first day on which work can begin, and the first on which what is there can leave.
SITE = np.dtype([("processing", "i8"), ("start", "i8"), ("first_ship", "i8")])
# Wishes are days, 0 without one; `latest`: the last acceptable arrival; `least`: the smallest piece when divided;
# `fixed` is a site, −1 for any; `explain`: whether a shortage is to say what could be; `claim`: what it may have of
# supply that is allocated, −1 where nothing is.
LINE = np.dtype(
    [
        (name, "i8")
        for name in (
            "number", "first_part", "last_part", "units", "step", "first_route", "last_route", "fixed", "earliest",
            "ship_wish", "arrive_wish", "split", "explain", "seen", "terms", "latest", "least", "claim",
        )
    ]
)  # fmt: skip
PART = np.dtype([("item", "i8"), ("each", "i8"), ("stuck", "?")], align=True)  # each: how much of it one unit takes
# `produced` of the units are not taken from stock but transferred, made or bought; they are there on the day of need.
PIECE = np.dtype(
    [(name, "i8") for name in ("line", "route", "need", "ship", "units", "first_take", "last_take", "how", "produced")]
)
TAKE = np.dtype([(name, "i8") for name in ("part", "row", "amount")])
# How a line looks from one of its routes: when all would arrive (0: never), what that would cost; and of what is not
# promised, how much could be had, shipped on which day.
SEEN = np.dtype([(name, "i8") for name in ("arrives", "cost", "could_units", "could_ship")])


class World(NamedTuple):
    """What is searched. `days` tells for each site and day, from `begin` on: when goods that are there can leave, the
    next and the last day on which the site ships, the last day on which goods can come to leave by then. Beyond it
    every day is open. `on` is the day of asking."""

    rows: Records
    blocks: Records
    routes: Records
    terms: Records
    sites: Records
    days: Array
    begin: int
    on: int


class Found(NamedTuple):
    """The parts that were asked for, and the answers; `counts` holds the numbers of pieces, of takes, and of the looks
    at all sites, which `sites` keeps: for each the number of the look, and the day it found."""

    parts: Records
    counts: Array
    pieces: Records
    takes: Records
    seen: Records
    sites: Array


@inner
def _day(world: World, table: int, site: int, day: int, otherwise: int) -> int:
    place = day - world.begin
    return world.days[table, site, place] if 0 <= place < world.days.shape[2] else otherwise


@njit(cache=True)
def ship_day(world: World, site: int, need: int) -> int:
    """When goods that are at a site on a day can leave."""
    return _day(world, SHIPS, site, need, need + world.sites[site].processing)


@njit(cache=True)
def need_day(world: World, site: int, ship: int) -> int:
    """The last day on which goods can come to a site to leave by a day."""
    return _day(world, NEEDED, site, ship, ship - world.sites[site].processing)


@inner
def leaves(world: World, route: int, day: int) -> int:
    """When goods that are in a route's stock on a day can leave for the customer."""
    site, stock = world.routes[route].site, world.routes[route].stock
    if stock != site:
        day = ship_day(world, stock, day) + world.routes[route].days
    return ship_day(world, site, day)


@inner
def needed(world: World, route: int, ship: int) -> int:
    """The last day on which goods can be in a route's stock to leave for the customer by a day."""
    site, stock = world.routes[route].site, world.routes[route].stock
    need = need_day(world, site, ship)
    if stock == site:
        return need
    until = need - world.routes[route].days
    return need_day(world, stock, _day(world, LAST_OPEN, stock, until, until))


@inner
def first_leaving(world: World, route: int) -> int:
    """The first day on which something can leave by a route for the customer."""
    site, stock = world.routes[route].site, world.routes[route].stock
    if stock == site:
        return world.sites[site].first_ship
    return max(world.sites[site].first_ship, leaves(world, route, world.sites[stock].start))


@inner
def after_days(world: World, site: int, start: int, days: int) -> int:
    """The first working day of a site after so many of them."""
    day = _day(world, NEXT_OPEN, site, start, start)
    for _ in range(days):
        day = _day(world, NEXT_OPEN, site, day + 1, day + 1)
    return day


@inner
def target_day(world: World, line: Records, route: int) -> int:
    """The day to ship on: the wish, but never before the site can or the customer allows."""
    site = world.routes[route].site
    day = first_leaving(world, route)
    after = max(line.earliest, line.ship_wish)
    if after:
        day = max(day, _day(world, NEXT_OPEN, site, after, after))
    if line.arrive_wish:
        until = line.arrive_wish - world.routes[route].transit
        day = max(day, _day(world, LAST_OPEN, site, until, until))
    return day


@inner
def last_open(world: World, site: int, day: int) -> int:
    """The last day up to a day on which a site ships."""
    return _day(world, LAST_OPEN, site, day, day)


@inner
def lateness(world: World, line: Records, route: int, ship: int) -> int:
    """Days after the wish, 0 without one."""
    if line.arrive_wish:
        return max(0, ship + world.routes[route].transit - line.arrive_wish)
    return max(0, ship - line.ship_wish) if line.ship_wish else 0


@inner
def is_asked(world: World, line: Records, route: int) -> bool:
    """Whether the line may come by a route."""
    return line.fixed == -1 or line.fixed == world.routes[route].site


@inner
def is_allowed(world: World, line: Records, route: int, ship: int) -> bool:
    """Whether a day to ship is within the horizon and the customer would still accept what leaves then."""
    if ship > world.on + world.terms[line.terms].horizon:
        return False
    return not line.latest or ship + world.routes[route].transit <= line.latest


@inner
def counts(world: World, terms: int, row: int) -> bool:
    """Whether a row of supply may be promised on terms."""
    if terms == PLAIN:
        return True
    if not world.terms[terms].counts >> world.rows[row].kind & 1:
        return False
    due = world.rows[row].due
    return due == 0 or due + world.terms[terms].past_due >= world.on


@inner
def shelf(world: World, item: int, site: int) -> tuple[int, int]:
    """Where the rows of an item at a site begin and end."""
    rows = world.rows
    first = world.blocks[item].at
    last = first + world.blocks[item].count
    while first < last and rows[first].site < site:
        first += 1
    end = first
    while end < last and rows[end].site == site:
        end += 1
    return first, end


@inner
def wanted_of(units: int, each: int) -> int:
    """How much of a part `units` take, rounded up."""
    if each == MICRO:
        return units
    return units // MICRO * each - (-(units % MICRO) * each) // MICRO


@inner
def units_from(free: int, each: int) -> int:
    """How many units `free` of a part is enough for."""
    if each == MICRO:
        return free
    return free // each * MICRO + free % each * MICRO // each


@inner
def terms_of(world: World, line: Records, route: int) -> int:
    """The terms by which rows are looked at: what is transferred must be on the shelf."""
    return ON_THE_SHELF if world.routes[route].kind == TRANSFER else line.terms


@inner
def units_by(world: World, parts: Records, line: Records, route: int, day: int, wanted: int) -> int:
    """How much of `wanted` is in a route's stock by a day, in whole steps."""
    rows, terms = world.rows, terms_of(world, line, route)
    units = wanted
    for part in range(line.first_part, line.last_part):
        if parts[part].item < 0:
            return 0
        free = 0
        first, last = shelf(world, parts[part].item, world.routes[route].stock)
        for row in range(first, last):
            if rows[row].day <= day and counts(world, terms, row):
                free += rows[row].free
        units = min(units, units_from(free, parts[part].each))
    return units if units == wanted else units - units % line.step


@inner
def whole_on(world: World, parts: Records, line: Records, route: int, units: int) -> int:
    """The first day on which all parts of `units` are in a route's stock, or −1."""
    rows, terms = world.rows, terms_of(world, line, route)
    latest = 0
    for part in range(line.first_part, line.last_part):
        if parts[part].item < 0:
            return -1
        wanted = wanted_of(units, parts[part].each)
        row, last = shelf(world, parts[part].item, world.routes[route].stock)
        while row < last:
            if counts(world, terms, row):
                wanted -= rows[row].free
                if wanted <= 0:
                    break
            row += 1
        if wanted > 0:
            return -1
        latest = max(latest, rows[row].day)
    return latest


@inner
def buckets(world: World, parts: Records, line: Records) -> int:
    """How many buckets there are of all parts."""
    count = 0
    for part in range(line.first_part, line.last_part):
        if parts[part].item >= 0:
            count += world.blocks[parts[part].item].count
    return count


@inner
def take(world: World, found: Found, line: Records, route: int, need: int, units: int, produced: int) -> None:
    """A piece: what of `units` is not produced, from the latest supply that is in the route's stock by the day of
    need. What is transferred is taken from there and produced as well."""
    rows, terms = world.rows, terms_of(world, line, route)
    piece, taken = found.counts[0], found.counts[1]
    found.counts[0] += 1
    made = found.pieces[piece]
    made.line, made.route, made.need, made.units, made.first_take = line.number, route, need, units, taken
    made.ship = leaves(world, route, need)
    made.how, made.produced = PRODUCED if produced else TAKEN, produced
    if world.routes[route].kind == TRANSFER:
        made.how, made.produced = PRODUCED, units
    for part in range(line.first_part, line.last_part):
        wanted = wanted_of(units - produced, found.parts[part].each)
        if not wanted:
            continue
        first, last = shelf(world, found.parts[part].item, world.routes[route].stock)
        for row in range(last - 1, first - 1, -1):
            if rows[row].day > need or not rows[row].free or not counts(world, terms, row):
                continue
            amount = min(rows[row].free, wanted)
            rows[row].free -= amount
            drawn = found.takes[taken]
            drawn.part, drawn.row, drawn.amount = part, row, amount
            taken += 1
            wanted -= amount
            if not wanted:
                break
    found.counts[1] = made.last_take = taken


@inner
def promise_only(found: Found, line: Records, route: int, need: int, ship: int, how: int) -> None:
    """A piece for which nothing is taken."""
    made = found.pieces[found.counts[0]]
    found.counts[0] += 1
    made.line, made.route, made.need, made.ship, made.units = line.number, route, need, ship, line.units
    made.how, made.produced = how, 0
    made.first_take = made.last_take = found.counts[1]
