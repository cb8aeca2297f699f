"""The search, compiled: for each line the source and the day, and the supply it takes.

A line asks for `units` of its parts, all from one site on one day unless it may be divided. Its routes are the ways on
which it can be served, the preferred one first. Lines are served in the order given and see what those before them
took; what they took stays taken in the rows until it is put back.
"""

import numpy as np
from numba import njit

from auftakt.promising.engine.compiled import inner
from auftakt.promising.engine.days import SHIPS
from auftakt.promising.engine.divide import over_days, over_sites
from auftakt.promising.engine.share import Shares, hold_back, let_go
from auftakt.promising.engine.stock import Records
from auftakt.promising.engine.world import (
    BUY,
    BY_LEAD_TIME,
    FOREVER,
    LEAD_TIME,
    MAKE,
    MICRO,
    NOTHING,
    PLAIN,
    PTP,
    SHIP,
    SPLIT_SITES,
    UNCHECKED,
    Found,
    World,
    after_days,
    buckets,
    counts,
    is_allowed,
    is_asked,
    lateness,
    leaves,
    needed,
    promise_only,
    ship_day,
    take,
    target_day,
    units_by,
    wanted_of,
    whole_on,
)

LATE = 100_000_000  # one day late weighs more than any arrival
RANK = 1_000_000_000_000  # a rank weighs more than any lateness of those that are in time
MISSED = 1_000_000 * RANK  # and being in time more than any rank
_NEVER = 1 << 62


@inner
def _look_at_all(world: World, found: Found, line: Records) -> int:
    """Find for all sites at once the day `_whole_on` tells: one pass over the rows, however many routes there are. The
    sites that have it all bear the number that is returned."""
    rows, all_count = world.rows, line.terms == PLAIN
    for part in range(line.first_part, line.last_part):
        before = found.counts[2]
        found.counts[2] += 1
        if found.parts[part].item < 0:
            continue
        block = world.blocks[found.parts[part].item]
        wanted = wanted_of(line.units, found.parts[part].each)
        site, missing = np.int64(-1), np.int64(0)
        for row in range(block.at, block.at + block.count):
            if rows[row].site != site:
                site, missing = rows[row].site, wanted
            if missing > 0 and (all_count or counts(world, line.terms, row)):
                missing -= rows[row].free
                if missing <= 0:
                    day = rows[row].day
                    if part == line.first_part:
                        found.sites[0, site], found.sites[1, site] = before + 1, day
                    elif found.sites[0, site] == before:
                        found.sites[0, site], found.sites[1, site] = before + 1, max(day, found.sites[1, site])
    return found.counts[2]


@inner
def _is_way(world: World, line: Records, site: int) -> bool:
    for route in range(line.first_route, line.last_route):
        if world.routes[route].stock == site and is_asked(world, line, route):
            return True
    return False


@inner
def _note_stuck(world: World, found: Found, line: Records) -> None:
    """Note parts that somebody holds of a bucket while a later one at the same site has some free."""
    rows = world.rows
    for part in range(line.first_part, line.last_part):
        if found.parts[part].item < 0:
            continue
        block = world.blocks[found.parts[part].item]
        site, held = -1, False
        for row in range(block.at, block.at + block.count):
            if rows[row].site != site:
                site, held = rows[row].site, False
            if held and rows[row].free and _is_way(world, line, site):
                found.parts[part].stuck = True
            held = held or rows[row].drawn > 0


@inner
def _note_what_could_be(world: World, found: Found, line: Records, left: int) -> None:
    for route in range(line.first_route, line.last_route):
        units = units_by(world, found.parts, line, route, FOREVER, left) if is_asked(world, line, route) else 0
        if units > 0:
            seen = found.seen[line.seen + route - line.first_route]
            day = whole_on(world, found.parts, line, route, units)
            seen.could_units = units
            seen.could_ship = max(target_day(world, line, route), leaves(world, route, day))


@inner
def _day_of_whole(
    world: World, found: Found, line: Records, route: int, target: int, look: int
) -> tuple[int, int]:  # fmt: skip
    """When all of a line is in a route's stock, −1 for never; and how much of it has to be made or bought for that."""
    terms, way = world.terms[line.terms], world.routes[route]
    if terms.mode == LEAD_TIME:
        return after_days(world, way.site, world.sites[way.site].start, terms.lead), 0
    if way.kind == SHIP:
        return (found.sites[1, way.stock], 0) if found.sites[0, way.stock] == look else (-1, 0)
    if way.kind < MAKE:
        return whole_on(world, found.parts, line, route, line.units), 0
    return _day_of_produced(world, found, line, route, needed(world, route, target))


@inner
def _day_of_produced(world: World, found: Found, line: Records, route: int, need: int) -> tuple[int, int]:
    """When what is missing in stock on a day of need has been bought or made; and how much that is."""
    way, have = world.routes[route], 0
    if line.last_part - line.first_part != 1 or found.parts[line.first_part].each != MICRO:
        return -1, 0
    if not _makes_first(world, line):
        have = units_by(world, found.parts, line, route, need, line.units)
    if have == line.units:
        return need, 0
    if way.kind == BUY:
        return world.sites[way.site].start + way.lead, line.units - have
    return -1, 0


@inner
def _makes_first(world: World, line: Records) -> bool:
    """Whether a line is wished for so late that what is there is kept for others."""
    after = world.terms[line.terms].make_first
    wish = max(line.arrive_wish, line.ship_wish)
    return after >= 0 and wish >= world.on + after


@inner
def _rate(world: World, line: Records, route: int, ship: int, in_time: bool, cost: int) -> int:
    """How good a way is: the smaller, the better. Without ranks it is lateness, then arrival. With ranks, those that
    are in time (without a wish: that wait for nothing) come first, by rank. For profit, it is the cost."""
    terms, way = world.terms[line.terms], world.routes[route]
    late = lateness(world, line, route, ship)
    if terms.mode == PTP:
        return cost + (_NEVER >> 1 if terms.floor >= 0 and late > terms.floor else 0)
    soon = ship + way.transit + late * LATE
    if not terms.ranked:
        return soon
    if not in_time:
        return MISSED + soon
    return (way.rank + (1000 if way.kind < MAKE and _makes_first(world, line) else 0)) * RANK + soon


@inner
def _cost(world: World, line: Records, route: int, ship: int) -> int:
    """What a line costs by a way: its freight, its units, and its lateness."""
    way, late = world.routes[route], lateness(world, line, route, ship)
    each = way.unit_cost + late * world.terms[line.terms].late_cost
    return way.cost + line.units // MICRO * each + line.units % MICRO * each // MICRO


@inner
def _is_unchecked(world: World, found: Found, line: Records) -> bool:
    """A line wished for beyond the days that are checked is promised on the wish; nothing is taken."""
    wish, after = max(line.arrive_wish, line.ship_wish), world.terms[line.terms].infinite
    if after < 0 or wish < world.on + after:
        return False
    for route in range(line.first_route, line.last_route):
        if is_asked(world, line, route):
            ship = target_day(world, line, route)
            if is_allowed(world, line, route, ship):
                promise_only(found, line, route, needed(world, route, ship), ship, UNCHECKED)
                return True
    return False


@inner
def _best_of_rule(world: World, found: Found, line: Records, look: int) -> tuple[int, int, int, int, bool]:
    """The best way to serve the whole of a line by its rule: the route, the day to ship, the day of need, what has to
    be made or bought; and whether it is the first choice, with nothing to wait for."""
    best, best_key, best_arrive = -1, np.int64(_NEVER), 0
    best_ship = best_need = best_made = -1
    first, at_once = -1, False
    wished = line.ship_wish or line.arrive_wish
    for route in range(line.first_route, line.last_route):
        if not is_asked(world, line, route):
            continue
        first = route if first < 0 else first
        target = target_day(world, line, route)
        day, made = _day_of_whole(world, found, line, route, target, look)
        if day < 0:
            continue
        ship = max(target, day if world.terms[line.terms].mode == LEAD_TIME else leaves(world, route, day))
        late, arrive = lateness(world, line, route, ship), ship + world.routes[route].transit
        cost = _cost(world, line, route, ship)
        seen = found.seen[line.seen + route - line.first_route]
        seen.arrives, seen.cost = arrive, cost
        if not is_allowed(world, line, route, ship):
            continue
        key = _rate(world, line, route, ship, late == 0 and (wished != 0 or ship == target), cost)
        if key < best_key or (key == best_key and arrive < best_arrive):
            best, best_key, best_arrive, best_ship, best_made = route, key, arrive, ship, made
            best_need, at_once = max(day, needed(world, route, ship)), route == first and ship == target
    return best, best_ship, best_need, best_made, at_once


@inner
def _serve_by_rule(world: World, found: Found, line: Records) -> None:
    """Answer a line whose terms are not the plain ones."""
    if _is_unchecked(world, found, line):
        return
    look = _look_at_all(world, found, line)
    best, ship, need, made, at_once = _best_of_rule(world, found, line, look)
    if best >= 0 and world.terms[line.terms].mode == LEAD_TIME:
        promise_only(found, line, best, needed(world, best, ship), ship, BY_LEAD_TIME)
        return
    if not at_once:
        _note_stuck(world, found, line)
    left = line.units
    if best >= 0 and line.split and ship != target_day(world, line, best):
        until = ship + world.routes[best].transit
        if line.split & SPLIT_SITES:
            left = over_sites(world, found, line, left, until)
        elif not made:
            left = over_days(world, found, line, best, left, FOREVER)
        else:
            left = over_days(world, found, line, best, left, until)
        if 0 < left < line.units:
            made = min(made, left)
    elif best < 0 and line.split & SPLIT_SITES:
        left = over_sites(world, found, line, left, FOREVER)
    elif best < 0 and line.split:
        left = over_days(world, found, line, best, left, FOREVER)
    if best >= 0 and left:
        take(world, found, line, best, need, left, made)
        left = 0
    if left and line.explain:
        _note_what_could_be(world, found, line, left)


@inner
def _serve(world: World, found: Found, line: Records) -> None:
    """Answer a line on plain terms: every site ships what it has."""
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
        target = target_day(world, line, route) if wished or line.earliest else sites[site].first_ship
        day = looks[1, site]
        place = day - begin
        ship = max(target, days[SHIPS, site, place] if 0 <= place < width else day + sites[site].processing)
        arrive = ship + routes[route].transit
        seen[line.seen + route - line.first_route].arrives = arrive
        if line.latest and arrive > line.latest:
            continue
        key = arrive
        if wished:
            key += lateness(world, line, route, ship) * LATE
        if best < 0 or key < best_key:
            best, best_key, best_ship, best_target = route, key, ship, target
    if best < 0 or best != preferred or best_ship != best_target:
        _note_stuck(world, found, line)
    left = line.units
    if best >= 0 and (not line.split or best_ship == best_target):
        take(world, found, line, best, needed(world, best, best_ship), left, NOTHING)
        left = 0
    elif line.split & SPLIT_SITES:
        left = over_sites(world, found, line, left, FOREVER)
    elif line.split:
        left = over_days(world, found, line, best, left, FOREVER)
    if left and line.explain:
        _note_what_could_be(world, found, line, left)


@njit(cache=True)
def search(world: World, lines: Records, found: Found, shares: Shares) -> None:
    """Answer lines, one after the other; pieces come in that order too."""
    held = np.zeros(_longest(world, shares), dtype=np.int64)
    for site in range(len(world.sites)):
        world.sites[site].first_ship = ship_day(world, site, world.sites[site].start)
    for number in range(len(lines)):
        line, taken = lines[number], found.counts[1]
        if line.claim >= 0:
            hold_back(world, shares, shares.claims[line.claim], held)
        if line.terms:
            _serve_by_rule(world, found, line)
        else:
            _serve(world, found, line)
        if line.claim >= 0:
            let_go(world, shares, shares.claims[line.claim], held, found, line.number, taken)


@inner
def _longest(world: World, shares: Shares) -> int:
    """How many rows the longest block has of which something is claimed."""
    rows = 0
    for claim in range(len(shares.claims)):
        rows = max(rows, world.blocks[shares.claims[claim].item].count)
    return rows


@njit(cache=True)
def most(world: World, lines: Records, parts: Records) -> tuple[int, int]:
    """How many pieces and takes there can be at most."""
    pieces, takes = 0, 0
    for number in range(len(lines)):
        line = lines[number]
        rows = buckets(world, parts, line)
        divided = 1
        if line.split:
            routes = line.last_route - line.first_route
            divided = rows + routes + 2
            if line.split & SPLIT_SITES:
                divided *= max(1, routes)
        pieces += divided
        takes += rows + (line.last_part - line.first_part) * divided
    return pieces, takes
