"""Dividing a line, compiled: over days from one site, or over several sites."""

import numpy as np

from auftakt.promising.engine.compiled import inner
from auftakt.promising.engine.stock import Array, Records
from auftakt.promising.engine.world import (
    FOREVER,
    MAKE,
    NOTHING,
    SPLIT_DATES,
    Found,
    World,
    buckets,
    counts,
    is_allowed,
    is_asked,
    last_open,
    leaves,
    needed,
    shelf,
    take,
    target_day,
    terms_of,
    units_by,
)


@inner
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


@inner
def _need_days(world: World, parts: Records, line: Records, route: int) -> Array:
    """The days on which a route's stock can give more than before, from the target on, as days of need."""
    rows, terms = world.rows, terms_of(world, line, route)
    begin = needed(world, route, target_day(world, line, route))
    days = np.full(buckets(world, parts, line) + 1, begin, dtype=np.int64)
    size = 1
    for part in range(line.first_part, line.last_part):
        if parts[part].item < 0:
            continue
        first, last = shelf(world, parts[part].item, world.routes[route].stock)
        for row in range(first, last):
            if rows[row].free and rows[row].day > begin and counts(world, terms, row):
                days[size] = rows[row].day
                size += 1
    return _in_order(days[:size])


@inner
def _piece(line: Records, offer: int, left: int) -> int:
    """How much of an offer makes a piece, so that neither it nor what is left is smaller than the least piece."""
    amount = min(offer, left)
    rest = left - amount
    if 0 < rest < line.least:
        amount = left - line.least
        amount -= amount % line.step
    return amount if amount >= min(line.least, left) else 0


@inner
def over_days(world: World, found: Found, line: Records, best: int, left: int, until: int) -> int:
    """Pieces from one site, each as early as it can be and there before `until`: from `best`, or, when no site ever has
    the whole, from the one that has most. How much is left over."""
    most_units = -1
    if best < 0:
        for route in range(line.first_route, line.last_route):
            if is_asked(world, line, route) and world.routes[route].kind < MAKE:
                units = units_by(world, found.parts, line, route, FOREVER, left)
                if units > most_units:
                    best, most_units = route, units
    if best < 0:
        return left
    days = _need_days(world, found.parts, line, best)
    amounts = np.zeros(len(days), dtype=np.int64)
    whole, given = left, 0
    for place in range(len(days)):
        ship = leaves(world, best, days[place])
        if not is_allowed(world, line, best, ship) or ship + world.routes[best].transit >= until or not left:
            break
        offer = units_by(world, found.parts, line, best, days[place], whole) - given
        amounts[place] = _piece(line, offer, left) if offer > 0 else 0
        given += amounts[place]
        left -= amounts[place]
    for place in range(len(days)):
        if amounts[place]:
            take(world, found, line, best, days[place], amounts[place], NOTHING)
    return left


@inner
def _arrivals(world: World, parts: Records, line: Records) -> Array:
    """The days on which more can be at the customer's than before."""
    routes = line.last_route - line.first_route
    days = np.empty((buckets(world, parts, line) + 1) * routes, dtype=np.int64)
    size = 0
    for route in range(line.first_route, line.last_route):
        if is_asked(world, line, route) and world.routes[route].kind < MAKE:
            for need in _need_days(world, parts, line, route):
                ship = leaves(world, route, need)
                if is_allowed(world, line, route, ship):
                    days[size] = ship + world.routes[route].transit
                    size += 1
    return _in_order(days[:size])


@inner
def _is_first_of_stock(world: World, line: Records, route: int) -> bool:
    """What lies at a site is offered once, by the first route from there."""
    for other in range(line.first_route, route):
        same = world.routes[other].stock == world.routes[route].stock and world.routes[other].kind < MAKE
        if same and is_asked(world, line, other):
            return False
    return True


@inner
def _offers(
    world: World, parts: Records, line: Records, arrival: int, left: int, given: Array, needs: Array, offers: Array
) -> int:  # fmt: skip
    """What each route could still bring by a day, above what it has been given; the sum."""
    total = 0
    for place in range(len(offers)):
        offers[place] = 0
        route = line.first_route + place
        if world.routes[route].kind >= MAKE or not is_asked(world, line, route):
            continue
        if not _is_first_of_stock(world, line, route):
            continue
        ship = arrival - world.routes[route].transit
        need = needed(world, route, last_open(world, world.routes[route].site, ship))
        if need >= needed(world, route, target_day(world, line, route)):
            units = units_by(world, parts, line, route, need, left + given[place])
            offers[place] = max(0, units - given[place])
            needs[place] = need
            total += offers[place]
    return total


@inner
def _largest(offers: Array) -> int:
    """The place of the largest offer, the first of equal ones."""
    found = 0
    for place in range(1, len(offers)):
        if offers[place] > offers[found]:
            found = place
    return found


@inner
def over_sites(world: World, found: Found, line: Records, whole: int, until: int) -> int:
    """Pieces from several sites, there before `until`. With split dates each arrives as early as it can, else all on
    the first day on which the whole can be there. On one day a single site is preferred, else the fewest: those that
    have most. How much is left over."""
    routes = line.last_route - line.first_route
    given, offers, needs = np.zeros((3, routes), dtype=np.int64)
    many = line.split & SPLIT_DATES
    left = whole
    days = _arrivals(world, found.parts, line)
    pieces = np.empty((len(days) * routes, 3), dtype=np.int64)
    size = 0
    for arrival in days:
        if arrival >= until:
            break
        if not many:
            given[:] = 0
            left, size = whole, 0
        total = _offers(world, found.parts, line, arrival, left, given, needs, offers)
        if not many and total < left:
            continue
        while left and total > 0:
            place = _largest(offers)
            amount = _piece(line, offers[place], left)
            if amount:
                pieces[size, 0], pieces[size, 1], pieces[size, 2] = line.first_route + place, needs[place], amount
                size += 1
            given[place] += amount
            left -= amount
            total -= offers[place]
            offers[place] = 0
        if not left:
            break
    if left and not many:
        return whole
    for place in range(size):
        take(world, found, line, pieces[place, 0], pieces[place, 1], pieces[place, 2], NOTHING)
    return left
