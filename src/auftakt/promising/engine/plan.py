"""Answering: which site, which day, which supply, for one demand after the other.

A demand is wanted on its target day: the wish, else as soon as the site can ship. The site is chosen that has the whole
demand there with the least lateness, then the earliest arrival, the shortest transit, the lowest cost. Supply is taken
from the latest bucket that is still in time, so that earlier supply stays free for those who need it earlier; what is
free is therefore available to promise: on hand 50, of it promised 30 for day 2 and 15 for day 8, and 40 to come on
day 10 leave 5 until then and 45 after.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from auftakt.promising.engine.picture import Bucket, Picture, Route
from auftakt.promising.types import Demand, Piece, Promise, Take
from auftakt.values import from_micro, new_id, to_micro
from auftakt.values.quantity import MICRO

_FOREVER = 10_000_000  # later than any day
_LATE = 100_000_000  # one day late weighs more than any arrival

Taken = list[tuple[Bucket, int]]


def _whole_micro(number: Decimal) -> int:
    return MICRO if number == 1 else to_micro(number)


class _Case:
    """One demand being answered: its amounts in millionths, what it needs of each component, the ways to it."""

    __slots__ = (
        "arrive_wish", "demand", "earliest", "on", "parts", "picture", "routes", "ship_wish", "step", "taken", "units",
    )  # fmt: skip

    def __init__(self, picture: Picture, demand: Demand, on: int, taken: Taken) -> None:
        self.picture = picture
        self.demand = demand
        self.on = on
        self.taken = taken
        self.units = to_micro(demand.quantity)
        self.step = _whole_micro(demand.step)
        needs = demand.components
        if len(needs) > 1:
            sums: dict[UUID, Decimal] = {}
            for item_id, each in needs:
                sums[item_id] = sums.get(item_id, Decimal(0)) + each
            needs = tuple(sums.items())
        self.parts = [(item_id, picture.shelf(item_id.int, on).sites, _whole_micro(each)) for item_id, each in needs]
        routes = picture.routes(demand.country, demand.region)
        if demand.fixed_site_id is not None:
            routes = tuple(route for route in routes if route.site_id == demand.fixed_site_id)
        self.routes = routes
        self.earliest = demand.not_before_on.toordinal() if demand.not_before_on else 0
        self.ship_wish = demand.requested_ship_on.toordinal() if demand.requested_ship_on else 0
        self.arrive_wish = demand.requested_arrival_on.toordinal() if demand.requested_arrival_on else 0

    def target(self, route: Route) -> int:
        """The day to ship on from a site: the wish, but never before the site can or the customer allows."""
        return max(
            self.on + route.processing_days, self.earliest, self.ship_wish, self.arrive_wish - route.transit_days
        )

    def lateness(self, route: Route, ship: int) -> int:
        """Days after the wish, 0 without one."""
        if self.arrive_wish:
            return max(0, ship + route.transit_days - self.arrive_wish)
        return max(0, ship - self.ship_wish) if self.ship_wish else 0

    def whole_on(self, route: Route, units: int) -> int | None:
        """The first day on which all components of `units` are at the site, or None."""
        latest = 0
        for _, sites, each in self.parts:
            wanted = units if each == MICRO else -(-units * each // MICRO)
            for bucket in sites.get(route.number, ()):
                wanted -= bucket.free
                if wanted <= 0:
                    latest = max(latest, bucket.day)
                    break
            else:
                return None
        return latest

    def units_by(self, route: Route, day: int, wanted: int) -> int:
        """How much of `wanted` is at the site by a day, in whole steps."""
        units = wanted
        for _, sites, each in self.parts:
            free = sum(bucket.free for bucket in sites.get(route.number, ()) if bucket.day <= day)
            units = min(units, free * MICRO // each)
        return units if units == wanted else units - units % self.step

    def days(self, route: Route) -> list[int]:
        """The days on which a site can ship more than before, from the target on, as days of need."""
        first = self.target(route) - route.processing_days
        later = {
            bucket.day
            for _, sites, _ in self.parts
            for bucket in sites.get(route.number, ())
            if bucket.free and bucket.day > first
        }
        return [first, *sorted(later)]

    def note_stuck(self, stuck: set[UUID]) -> None:
        """Note components that somebody holds of a bucket while a later one at the same site has some free."""
        for item_id, sites, _ in self.parts:
            for route in self.routes:
                is_held = False
                for bucket in sites.get(route.number, ()):
                    if is_held and bucket.free:
                        stuck.add(item_id)
                    is_held = is_held or bucket.drawn > 0

    def take(self, route: Route, day: int, units: int) -> tuple[Take, ...]:
        """Take the components of `units` from the latest supply that is there by the day of need."""
        takes: list[Take] = []
        for item_id, sites, each in self.parts:
            wanted = -(-units * each // MICRO)
            for bucket in reversed(sites[route.number]):
                if bucket.day > day or not bucket.free:
                    continue
                amount = min(bucket.free, wanted)
                bucket.free -= amount
                self.taken.append((bucket, amount))
                takes.append(Take(bucket.id, item_id, self.quantity(amount)))
                wanted -= amount
                if not wanted:
                    break
        return tuple(takes)

    def quantity(self, units: int) -> Decimal:
        """Millionths as a quantity."""
        return self.demand.quantity if units == self.units else from_micro(units)

    def piece(self, route: Route, day: int, units: int, key: UUID, why: dict[str, Any]) -> Piece:
        """`units` from a site, needed there on `day`."""
        ship = day + route.processing_days
        late = self.lateness(route, ship)
        demand = self.demand
        wished = self.ship_wish or self.arrive_wish
        reason = {
            "epoch": self.picture.epoch,
            "why": "soonest" if not wished else "later_than_wished" if late else "as_wished",
            **route.facts,
            **why,
        }
        if late:
            reason["late_days"] = late
        if demand.fixed_site_id is not None:
            reason["fixed_site"] = True
        days = self.picture.day
        return Piece(
            key, self.quantity(units), route.site_id, route.code, days(ship)[0], days(ship + route.transit_days)[0],
            self.take(route, day, units), reason, days(day)[0],
        )  # fmt: skip


class Proposal(NamedTuple):
    """Answers in the order of the demands; what was taken for them; and the items of which a demand was not served at
    once from its nearest site although others may hold earlier supply than they need."""

    promises: list[Promise]
    taken: Taken
    stuck: set[UUID]


def propose(picture: Picture, demands: Sequence[Demand], on: date) -> Proposal:
    """Answer a batch; each demand sees what those before it took. The takes stay in the picture until `put_back`."""
    taken: Taken = []
    stuck: set[UUID] = set()
    today = on.toordinal()
    first = demands[0].priority if demands else 0
    if all(demand.priority == first for demand in demands):
        return Proposal([_answer(picture, demand, today, taken, stuck) for demand in demands], taken, stuck)
    answers: dict[int, Promise] = {}
    for place in sorted(range(len(demands)), key=lambda place: demands[place].priority):
        answers[place] = _answer(picture, demands[place], today, taken, stuck)
    return Proposal([answers[place] for place in range(len(demands))], taken, stuck)


def put_back(taken: Taken) -> None:
    """Undo the takes of a proposal."""
    for bucket, amount in taken:
        bucket.free += amount


def _answer(picture: Picture, demand: Demand, on: int, taken: Taken, stuck: set[UUID]) -> Promise:
    if not demand.components:
        return _without_supply(picture, demand, on)
    case = _Case(picture, demand, on, taken)
    best: Route | None = None
    best_day = best_target = best_key = 0
    candidates: dict[str, str | None] = {}
    wished = case.ship_wish or case.arrive_wish
    for route in case.routes:
        day = case.whole_on(route, case.units)
        if day is None:
            candidates[route.code] = None
            continue
        target = case.target(route)
        ship = max(target, day + route.processing_days)
        arrive = ship + route.transit_days
        candidates[route.code] = picture.day(arrive)[1]
        key = case.lateness(route, ship) * _LATE + arrive if wished else arrive
        if best is None or key < best_key:
            best, best_key, best_day, best_target = route, key, ship - route.processing_days, target
    if best is None or best is not case.routes[0] or best_day + best.processing_days != best_target:
        case.note_stuck(stuck)
    why: dict[str, Any] = {"candidates": candidates}
    splits = demand.split_dates or demand.split_sites
    if best is not None and (not splits or best_day + best.processing_days == best_target):
        piece = case.piece(best, best_day, case.units, demand.id, why)
        return Promise(demand.id, (piece,), Decimal(0), piece.reason)
    parts: list[tuple[Route, int, int]] = []
    if demand.split_sites:
        parts = _over_sites(case)
    elif demand.split_dates:
        parts = _over_days(case, best)
    return _in_pieces(case, parts, why)


def _over_days(case: _Case, best: Route | None) -> list[tuple[Route, int, int]]:
    """Pieces from one site, each as early as it can be: from `best`, or, when no site ever has the whole, from the one
    that has most."""
    if best is None and case.routes:
        best = max(case.routes, key=lambda route: case.units_by(route, _FOREVER, case.units))
    if best is None:
        return []
    given, parts = 0, list[tuple[Route, int, int]]()
    for day in case.days(best):
        units = case.units_by(best, day, case.units) - given
        if units > 0:
            parts.append((best, day, units))
            given += units
    return parts


def _over_sites(case: _Case) -> list[tuple[Route, int, int]]:
    """Pieces from several sites. With split dates each arrives as early as it can, else all on the first day on which
    the whole can be there. On one day a single site is preferred, else the fewest: those that have most."""
    need_by = {route.number: case.days(route) for route in case.routes}
    arrivals = {
        day + route.processing_days + route.transit_days for route in case.routes for day in need_by[route.number]
    }
    given: dict[int, int] = {}
    parts: list[tuple[Route, int, int]] = []
    left = case.units
    for arrival in sorted(arrivals):
        offers: list[tuple[int, Route, int]] = []
        for route in case.routes:
            day = arrival - route.transit_days - route.processing_days
            had = given.get(route.number, 0)
            units = case.units_by(route, day, left + had) - had if day >= need_by[route.number][0] else 0
            if units > 0:
                offers.append((units, route, day))
        if not case.demand.split_dates and sum(units for units, _, _ in offers) < left:
            continue
        offers.sort(key=lambda offer: -offer[0])
        for units, route, day in offers:
            amount = min(units, left)
            if amount:
                parts.append((route, day, amount))
                given[route.number] = given.get(route.number, 0) + amount
                left -= amount
        if not left:
            return parts
    return parts if case.demand.split_dates else []


def _in_pieces(case: _Case, parts: Sequence[tuple[Route, int, int]], why: dict[str, Any]) -> Promise:
    """The pieces of a divided demand; the rest that has no source comes last and says what could be had."""
    pieces: list[Piece] = []
    left = case.units - sum(units for _, _, units in parts)
    if len(parts) > 1 or (parts and left):
        why = {**why, "divided": True}
    for route, day, units in parts:
        pieces.append(case.piece(route, day, units, new_id() if pieces else case.demand.id, why))
    if left:
        reason = _shortage(case, left, why)
        key = new_id() if pieces else case.demand.id
        pieces.append(Piece(key, case.quantity(left), None, "", None, None, (), reason))
    return Promise(case.demand.id, tuple(pieces), from_micro(left), pieces[0].reason)


def _shortage(case: _Case, left: int, why: dict[str, Any]) -> dict[str, Any]:
    """Why `left` is not promised, and what could be had instead: how much at most from each site, and when."""
    could: list[dict[str, Any]] = []
    for route in case.routes:
        units = case.units_by(route, _FOREVER, left)
        day = case.whole_on(route, units) if units else None
        if day is not None:
            ship = max(case.target(route), day + route.processing_days)
            could.append(
                {
                    "site": route.code,
                    "quantity": f"{from_micro(units).normalize():f}",
                    "ship_on": case.picture.day(ship)[1],
                    "arrive_on": case.picture.day(ship + route.transit_days)[1],
                }
            )
    reason = "not_enough" if case.routes else "no_lane"
    return {"epoch": case.picture.epoch, "why": reason, "could": could, **why}


def _without_supply(picture: Picture, demand: Demand, on: int) -> Promise:
    """A service, or what is bought when ordered, takes nothing from supply: it is promised for the day wished."""
    wishes = [on]
    for wish in (demand.not_before_on, demand.requested_ship_on, demand.requested_arrival_on):
        if wish is not None:
            wishes.append(wish.toordinal())
    day = picture.day(max(wishes))[0]
    reason: dict[str, Any] = {"epoch": picture.epoch, "why": "no_stock_needed"}
    piece = Piece(demand.id, demand.quantity, None, "", day, day, (), reason, day)
    return Promise(demand.id, (piece,), Decimal(0), reason)
