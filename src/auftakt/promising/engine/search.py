"""The search, compiled: for each line the source and the day, and the supply it takes.

A line asks for `units` of its parts, all from one site on one day unless it may be divided. Its routes are the ways on
which it can be served, the preferred one first. Lines are served in the order given and see what those before them
took; what they took stays taken in the rows until it is put back. Looking ahead needs no search of its own: each
promise sits on the latest supply in time for it, so what is free in the rows up to a day is available on that day.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from auftakt.promising.engine.days import LAST_OPEN, NEEDED, NEXT_OPEN, SHIPS
from auftakt.promising.engine.stock import Array, Records

MICRO = 1_000_000
FOREVER = 10_000_000  # later than any day
LATE = 100_000_000  # one day late weighs more than any arrival
SPLIT_DATES, SPLIT_SITES = 1, 2


ROUTE = np.dtype([("site", "i8"), ("transit", "i8")])
# The first day on which work can begin, and the first on which what is there can leave.
SITE = np.dtype([("processing", "i8"), ("start", "i8"), ("first_ship", "i8")])
# Wishes are days, 0 without one; `fixed` is a site, −1 for any; `explain`: whether a shortage is to say what could be.
LINE = np.dtype(
    [
        (name, "i8")
        for name in (
            "number", "first_part", "last_part", "units", "step", "first_route", "last_route", "fixed", "earliest",
            "ship_wish", "arrive_wish", "split", "explain", "seen",
        )
    ]
)  # fmt: skip
PART = np.dtype([("item", "i8"), ("each", "i8"), ("stuck", "?")], align=True)  # each: how much of it one unit takes
PIECE = np.dtype([(name, "i8") for name in ("line", "route", "need", "ship", "units", "first_take", "last_take")])
TAKE = np.dtype([(name, "i8") for name in ("part", "row", "amount")])
# How a line looks from one of its routes: when all would arrive (0: never); and of what is not promised, how much could
# be had, shipped on which day.
SEEN = np.dtype([(name, "i8") for name in ("arrives", "could_units", "could_ship")])


class World(NamedTuple):
    """What is searched. `days` tells for each site and day, from `begin` on: when goods that are there can leave, the
    next and the last day on which the site ships, the last day on which goods can come to leave by then. Beyond it
    every day is open."""

    rows: Records
    blocks: Records
    routes: Records
    sites: Records
    days: Array
    begin: int


class Found(NamedTuple):
    """The parts that were asked for, and the answers; `counts` holds the numbers of pieces, of takes, and of the looks
    at all sites, which `sites` keeps: for each the number of the look, and the day it found."""

    parts: Records
    counts: Array
    pieces: Records
    takes: Records
    seen: Records
    sites: Array


@njit(cache=True)
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


@njit(cache=True)
def _is_asked(world: World, line: Records, route: int) -> bool:
    return line.fixed == -1 or line.fixed == world.routes[route].site


@njit(cache=True)
def _target(world: World, line: Records, route: int) -> int:
    """The day to ship on: the wish, but never before the site can or the customer allows."""
    site = world.routes[route].site
    day = world.sites[site].first_ship
    after = max(line.earliest, line.ship_wish)
    if after:
        day = max(day, _day(world, NEXT_OPEN, site, after, after))
    if line.arrive_wish:
        until = line.arrive_wish - world.routes[route].transit
        day = max(day, _day(world, LAST_OPEN, site, until, until))
    return day


@njit(cache=True)
def _lateness(world: World, line: Records, route: int, ship: int) -> int:
    """Days after the wish, 0 without one."""
    if line.arrive_wish:
        return max(0, ship + world.routes[route].transit - line.arrive_wish)
    return max(0, ship - line.ship_wish) if line.ship_wish else 0


@njit(cache=True)
def _shelf(world: World, item: int, site: int) -> tuple[int, int]:
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


@njit(cache=True)
def _wanted(units: int, each: int) -> int:
    """How much of a part `units` take, rounded up."""
    if each == MICRO:
        return units
    return units // MICRO * each - (-(units % MICRO) * each) // MICRO


@njit(cache=True)
def _units_from(free: int, each: int) -> int:
    """How many units `free` of a part is enough for."""
    if each == MICRO:
        return free
    return free // each * MICRO + free % each * MICRO // each


@njit(cache=True)
def _whole_on(world: World, parts: Records, line: Records, site: int, units: int) -> int:
    """The first day on which all parts of `units` are at the site, or −1."""
    rows = world.rows
    latest = 0
    for part in range(line.first_part, line.last_part):
        if parts[part].item < 0:
            return -1
        wanted = _wanted(units, parts[part].each)
        row, last = _shelf(world, parts[part].item, site)
        while row < last:
            wanted -= rows[row].free
            if wanted <= 0:
                break
            row += 1
        if wanted > 0:
            return -1
        latest = max(latest, rows[row].day)
    return latest


@njit(cache=True)
def _look_at_all(world: World, found: Found, line: Records) -> int:
    """Find for all sites at once the day `_whole_on` tells: one pass over the rows, however many routes there are. The
    sites that have it all bear the number that is returned."""
    rows = world.rows
    for part in range(line.first_part, line.last_part):
        before = found.counts[2]
        found.counts[2] += 1
        if found.parts[part].item < 0:
            continue
        block = world.blocks[found.parts[part].item]
        wanted = _wanted(line.units, found.parts[part].each)
        site, missing = np.int64(-1), np.int64(0)
        for row in range(block.at, block.at + block.count):
            if rows[row].site != site:
                site, missing = rows[row].site, wanted
            if missing > 0:
                missing -= rows[row].free
                if missing <= 0:
                    day = rows[row].day
                    if part == line.first_part:
                        found.sites[0, site], found.sites[1, site] = before + 1, day
                    elif found.sites[0, site] == before:
                        found.sites[0, site], found.sites[1, site] = before + 1, max(day, found.sites[1, site])
    return found.counts[2]


@njit(cache=True)
def _units_by(world: World, parts: Records, line: Records, site: int, day: int, wanted: int) -> int:
    """How much of `wanted` is at the site by a day, in whole steps."""
    rows = world.rows
    units = wanted
    for part in range(line.first_part, line.last_part):
        if parts[part].item < 0:
            return 0
        free = 0
        first, last = _shelf(world, parts[part].item, site)
        for row in range(first, last):
            if rows[row].day <= day:
                free += rows[row].free
        units = min(units, _units_from(free, parts[part].each))
    return units if units == wanted else units - units % line.step


@njit(cache=True)
def _buckets(world: World, parts: Records, line: Records) -> int:
    """How many buckets there are of all parts."""
    count = 0
    for part in range(line.first_part, line.last_part):
        if parts[part].item >= 0:
            count += world.blocks[parts[part].item].count
    return count


@njit(cache=True)
def _in_order(days: Array) -> Array:
    """Days sorted (by Shell's method), each once."""
    gap = len(days) // 2
    while gap:
        for place in range(gap, len(days)):
            day, at = days[place], place
            while at >= gap and days[at - gap] > day:
                days[at] = days[at - gap]
                at -= gap
            days[at] = day
        gap //= 2
    size = min(1, len(days))
    for place in range(1, len(days)):
        if days[place] != days[size - 1]:
            days[size] = days[place]
            size += 1
    return days[:size]


@njit(cache=True)
def _need_days(world: World, parts: Records, line: Records, route: int) -> Array:
    """The days on which a site can ship more than before, from the target on, as days of need."""
    rows = world.rows
    site = world.routes[route].site
    begin = need_day(world, site, _target(world, line, route))
    days = np.full(_buckets(world, parts, line) + 1, begin, dtype=np.int64)
    size = 1
    for part in range(line.first_part, line.last_part):
        if parts[part].item < 0:
            continue
        first, last = _shelf(world, parts[part].item, site)
        for row in range(first, last):
            if rows[row].free and rows[row].day > begin:
                days[size] = rows[row].day
                size += 1
    return _in_order(days[:size])


@njit(cache=True)
def _take(world: World, found: Found, line: Records, route: int, need: int, units: int) -> None:
    """A piece: the parts of `units` from the latest supply that is there by the day of need."""
    rows = world.rows
    piece, taken = found.counts[0], found.counts[1]
    found.counts[0] += 1
    made = found.pieces[piece]
    made.line, made.route, made.need, made.units, made.first_take = line.number, route, need, units, taken
    made.ship = ship_day(world, world.routes[route].site, need)
    for part in range(line.first_part, line.last_part):
        wanted = _wanted(units, found.parts[part].each)
        first, last = _shelf(world, found.parts[part].item, world.routes[route].site)
        for row in range(last - 1, first - 1, -1):
            if rows[row].day > need or not rows[row].free:
                continue
            amount = min(rows[row].free, wanted)
            rows[row].free -= amount
            take = found.takes[taken]
            take.part, take.row, take.amount = part, row, amount
            taken += 1
            wanted -= amount
            if not wanted:
                break
    found.counts[1] = made.last_take = taken


@njit(cache=True)
def _is_way(world: World, line: Records, site: int) -> bool:
    for route in range(line.first_route, line.last_route):
        if world.routes[route].site == site and _is_asked(world, line, route):
            return True
    return False


@njit(cache=True)
def _note_stuck(world: World, found: Found, line: Records) -> None:
    """Note parts that somebody holds of a bucket while a later one at the same site has some free."""
    rows = world.rows
    for part in range(line.first_part, line.last_part):
        if found.parts[part].item < 0:
            continue
        block = world.blocks[found.parts[part].item]
        site, held = np.int64(-1), False
        for row in range(block.at, block.at + block.count):
            if rows[row].site != site:
                site, held = rows[row].site, False
            if held and rows[row].free and _is_way(world, line, site):
                found.parts[part].stuck = True
            held = held or rows[row].drawn > 0


@njit(cache=True)
def _over_days(world: World, found: Found, line: Records, best: int) -> int:
    """Pieces from one site, each as early as it can be: from `best`, or, when no site ever has the whole, from the one
    that has most. How much is left over."""
    most_units = -1
    if best < 0:
        for route in range(line.first_route, line.last_route):
            if _is_asked(world, line, route):
                units = _units_by(world, found.parts, line, world.routes[route].site, FOREVER, line.units)
                if units > most_units:
                    best, most_units = route, units
    if best < 0:
        return line.units
    days = _need_days(world, found.parts, line, best)
    amounts = np.zeros(len(days), dtype=np.int64)
    given = 0
    for place in range(len(days)):
        units = _units_by(world, found.parts, line, world.routes[best].site, days[place], line.units)
        amounts[place] = max(0, units - given)
        given += amounts[place]
    for place in range(len(days)):
        if amounts[place]:
            _take(world, found, line, best, days[place], amounts[place])
    return line.units - given


@njit(cache=True)
def _arrivals(world: World, parts: Records, line: Records) -> Array:
    """The days on which more can be at the customer's than before."""
    routes = line.last_route - line.first_route
    days = np.empty((_buckets(world, parts, line) + 1) * routes, dtype=np.int64)
    size = 0
    for route in range(line.first_route, line.last_route):
        if _is_asked(world, line, route):
            for need in _need_days(world, parts, line, route):
                days[size] = ship_day(world, world.routes[route].site, need) + world.routes[route].transit
                size += 1
    return _in_order(days[:size])


@njit(cache=True)
def _offers(
    world: World, parts: Records, line: Records, arrival: int, left: int, given: Array, needs: Array, offers: Array
) -> int:  # fmt: skip
    """What each route could still bring by a day, above what it has been given; the sum."""
    total = 0
    for place in range(len(offers)):
        offers[place] = 0
        route = line.first_route + place
        if not _is_asked(world, line, route):
            continue
        site = world.routes[route].site
        ship = arrival - world.routes[route].transit
        need = need_day(world, site, _day(world, LAST_OPEN, site, ship, ship))
        if need >= need_day(world, site, _target(world, line, route)):
            units = _units_by(world, parts, line, site, need, left + given[place])
            offers[place] = max(0, units - given[place])
            needs[place] = need
            total += offers[place]
    return total


@njit(cache=True)
def _largest(offers: Array) -> int:
    """The place of the largest offer, the first of equal ones."""
    found = 0
    for place in range(1, len(offers)):
        if offers[place] > offers[found]:
            found = place
    return found


@njit(cache=True)
def _over_sites(world: World, found: Found, line: Records) -> int:
    """Pieces from several sites. With split dates each arrives as early as it can, else all on the first day on which
    the whole can be there. On one day a single site is preferred, else the fewest: those that have most. How much is
    left over."""
    routes = line.last_route - line.first_route
    given, offers, needs = np.zeros((3, routes), dtype=np.int64)
    many = line.split & SPLIT_DATES
    left = line.units
    days = _arrivals(world, found.parts, line)
    pieces = np.empty((len(days) * routes, 3), dtype=np.int64)
    size = 0
    for arrival in days:
        total = _offers(world, found.parts, line, arrival, left, given, needs, offers)
        if not many and total < left:
            continue
        while left and total:
            place = _largest(offers)
            amount = min(offers[place], left)
            pieces[size, 0], pieces[size, 1], pieces[size, 2] = line.first_route + place, needs[place], amount
            size += 1
            given[place] += amount
            left -= amount
            total -= offers[place]
            offers[place] = 0
        if not left:
            break
    if left and not many:
        return line.units
    for place in range(size):
        _take(world, found, line, pieces[place, 0], pieces[place, 1], pieces[place, 2])
    return left


@njit(cache=True)
def _note_what_could_be(world: World, found: Found, line: Records, left: int) -> None:
    for route in range(line.first_route, line.last_route):
        site = world.routes[route].site
        units = _units_by(world, found.parts, line, site, FOREVER, left) if _is_asked(world, line, route) else 0
        if units > 0:
            seen = found.seen[line.seen + route - line.first_route]
            day = _whole_on(world, found.parts, line, site, units)
            seen.could_units = units
            seen.could_ship = max(_target(world, line, route), ship_day(world, site, day))


@njit(cache=True)
def _answer(world: World, found: Found, line: Records) -> None:
    best = best_ship = best_target = preferred = -1
    best_key = np.int64(0)
    wished = line.ship_wish or line.arrive_wish
    look = _look_at_all(world, found, line)
    # This is where the time goes: nothing is called that needs not be.
    routes, sites, days, begin, looks, seen = (
        world.routes, world.sites, world.days, world.begin, found.sites, found.seen,
    )  # fmt: skip
    width = days.shape[2]
    for route in range(line.first_route, line.last_route):
        site = routes[route].site
        if line.fixed not in (-1, site):
            continue
        preferred = route if preferred < 0 else preferred
        if looks[0, site] != look:
            continue
        target = _target(world, line, route) if wished or line.earliest else sites[site].first_ship
        day = looks[1, site]
        place = day - begin
        ship = max(target, days[SHIPS, site, place] if 0 <= place < width else day + sites[site].processing)
        arrive = ship + routes[route].transit
        seen[line.seen + route - line.first_route].arrives = arrive
        key = arrive
        if wished:
            key += _lateness(world, line, route, ship) * LATE
        if best < 0 or key < best_key:
            best, best_key, best_ship, best_target = route, key, ship, target
    if best < 0 or best != preferred or best_ship != best_target:
        _note_stuck(world, found, line)
    left = line.units
    if best >= 0 and (not line.split or best_ship == best_target):
        _take(world, found, line, best, need_day(world, world.routes[best].site, best_ship), left)
        left = 0
    elif line.split & SPLIT_SITES:
        left = _over_sites(world, found, line)
    elif line.split:
        left = _over_days(world, found, line, best)
    if left and line.explain:
        _note_what_could_be(world, found, line, left)


@njit(cache=True)
def search(world: World, lines: Records, found: Found) -> None:
    """Answer lines, one after the other; pieces come in that order too."""
    for site in range(len(world.sites)):
        world.sites[site].first_ship = ship_day(world, site, world.sites[site].start)
    for number in range(len(lines)):
        _answer(world, found, lines[number])


@njit(cache=True)
def most(world: World, lines: Records, parts: Records) -> tuple[int, int]:
    """How many pieces and takes there can be at most."""
    pieces, takes = 0, 0
    for number in range(len(lines)):
        line = lines[number]
        buckets = _buckets(world, parts, line)
        divided = 1
        if line.split:
            routes = line.last_route - line.first_route
            divided = buckets + routes + 1
            if line.split & SPLIT_SITES:
                divided *= max(1, routes)
        pieces += divided
        takes += buckets + (line.last_part - line.first_part) * divided
    return pieces, takes
