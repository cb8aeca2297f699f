"""The plan: for each demand, from where and when it can be served, and why so.

A demand is served whole from one site on one day, unless it may be split. Sites that have a way to the destination are
ranked by lateness against the wish, then arrival, then transit days and cost. Supply is taken from the latest bucket
that is still in time, so that earlier supply stays free for those who need it earlier; what is free is therefore
available to promise: on hand 50, of it promised 30 for day 2 and 15 for day 8, and 40 to come on day 10 leave 5 until
then and 45 after.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from auftakt.promising.engine.picture import Picture, Route
from auftakt.promising.engine.search import (
    LINE,
    MICRO,
    PART,
    PIECE,
    SEEN,
    SPLIT_DATES,
    SPLIT_SITES,
    TAKE,
    Found,
    World,
    most,
    search,
    ship_day,
)
from auftakt.promising.engine.stock import Array, Heap
from auftakt.promising.types import Demand, Piece, Promise, Take
from auftakt.values import from_micro, new_id, to_micro

_AT_ONCE = 4096  # demands of one search: bounds the room that is kept for its answers


class Taken(NamedTuple):
    """What was taken of the rows of a heap."""

    heap: Heap
    rows: Array
    amounts: Array


class Proposal(NamedTuple):
    """Answers in the order of the demands; what was taken for them; and the items of which a demand was not served at
    once from its nearest site although others may hold earlier supply than they need."""

    promises: list[Promise]
    taken: list[Taken]
    stuck: set[UUID]


def propose(picture: Picture, demands: Sequence[Demand], on: date, at: datetime | None = None) -> Proposal:
    """Answer a batch, asked on a day and, where sites have a cut-off, at an instant; each demand sees what those before
    it took. The takes stay in the picture until `put_back`."""
    today = on.toordinal()
    picture.see(today)
    order = sorted(range(len(demands)), key=lambda place: demands[place].priority)
    answers: dict[int, Promise] = {}
    taken: list[Taken] = []
    stuck: set[UUID] = set()
    for start in range(0, len(order), _AT_ONCE):
        places = order[start : start + _AT_ONCE]
        asked = [demands[place] for place in places]
        case = _Case(picture, asked, today, at)
        taken.append(case.taken)
        stuck |= case.stuck()
        for place, promise in zip(places, case.promises(), strict=True):
            answers[place] = promise
    return Proposal([answers[place] for place in range(len(demands))], taken, stuck)


def first_ship_days(picture: Picture, on: date, at: datetime | None = None) -> dict[UUID, date]:
    """For each site the first day on which something that lies there can leave."""
    world = picture.world(on.toordinal(), at)
    starts: list[int] = world.sites["start"].tolist()
    return {
        site.id: picture.day(int(ship_day(world, number, starts[number])))[0]
        for number, site in enumerate(picture.sites)
    }


def put_back(taken: Sequence[Taken]) -> None:
    """Undo the takes of a proposal."""
    for each in taken:
        np.add.at(each.heap.rows["free"], each.rows, each.amounts)


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day is not None else 0


def ask(picture: Picture, demands: Sequence[Demand]) -> tuple[Array, Array, list[UUID]]:
    """Demands as lines and parts, and the items of the parts. What a demand names twice is one part."""
    items, parts = list[UUID](), list[tuple[int, int, bool]]()
    lines: list[tuple[int, ...]] = []
    seen = 0
    for number, demand in enumerate(demands):
        needs = demand.components
        if len(needs) > 1:
            sums: dict[UUID, Decimal] = {}
            for item_id, amount in needs:
                sums[item_id] = sums.get(item_id, Decimal(0)) + amount
            needs = tuple(sums.items())
        first_part = len(parts)
        for item_id, amount in needs:
            items.append(item_id)
            parts.append((picture.shelf.number(item_id.int), MICRO if amount == 1 else to_micro(amount), False))
        first_route, last_route = picture.ways(demand.country, demand.region) if needs else (0, 0)
        lines.append(
            (
                number, first_part, len(parts), to_micro(demand.quantity), MICRO if demand.step == 1 else
                to_micro(demand.step), first_route, last_route, picture.site_number(demand.fixed_site_id),
                _ordinal(demand.not_before_on), _ordinal(demand.requested_ship_on),
                _ordinal(demand.requested_arrival_on), SPLIT_DATES * demand.split_dates + SPLIT_SITES *
                demand.split_sites, 1, seen,
            )
        )  # fmt: skip
        seen += last_route - first_route
    return np.array(lines, dtype=LINE), np.array(parts, dtype=PART), items


def find(world: World, lines: Array, parts: Array) -> Found:
    """Search for lines; what they take stays taken. Of a line without parts there is nothing to be found."""
    pieces, takes = most(world, lines, parts)
    seen = int(lines[-1]["seen"] + lines[-1]["last_route"] - lines[-1]["first_route"]) if len(lines) else 0
    found = Found(
        parts, np.zeros(3, dtype=np.int64), np.empty(pieces, dtype=PIECE), np.empty(takes, dtype=TAKE),
        np.zeros(seen, dtype=SEEN),
        np.zeros((2, len(world.sites)), dtype=np.int64),
    )  # fmt: skip
    search(world, lines, found)
    return found


def _taken(heap: Heap, found: Found) -> Taken:
    takes = found.takes[: found.counts[1]]
    return Taken(heap, takes["row"], takes["amount"])


class Earliest(NamedTuple):
    """For each line the day of arrival as an ordinal (0: not to be had whole) and the number of the site (−1)."""

    arrive: Array
    site: Array


def earliest(
    picture: Picture, items: Sequence[UUID], units: Array, to: Array, places: Sequence[tuple[str, str]], on: date
) -> Earliest:  # fmt: skip
    """Where and when plain lines can be had whole as soon as possible, for catalogues and feeds: arrays in and out, no
    value of each. `units` are millionths, `to` the number of each line's place (country, region). Each line sees what
    those before it took; nothing stays taken."""
    today = on.toordinal()
    picture.see(today)
    ways = np.array([picture.ways(*place) for place in places], dtype=np.int64).reshape(len(places), 2)
    count = len(items)
    lines, parts = np.zeros(count, dtype=LINE), np.zeros(count, dtype=PART)
    number = picture.shelf.numbers.get
    named = np.fromiter((number(item.int, -1) for item in items), dtype=np.int64, count=count)
    parts["item"] = np.where(named < len(picture.shelf.blocks), named, -1)
    parts["each"] = lines["step"] = MICRO
    lines["number"] = lines["first_part"] = np.arange(count)
    lines["last_part"] = lines["first_part"] + 1
    lines["units"], lines["fixed"] = units, -1
    lines["first_route"], lines["last_route"] = ways[to, 0], ways[to, 1]
    lines["seen"][1:] = np.cumsum(lines["last_route"] - lines["first_route"])[:-1]
    picture.prepare(parts["item"])
    world = picture.world(today)
    found = find(world, lines, parts)
    put_back([_taken(picture.shelf.heap, found)])
    answer = Earliest(np.zeros(count, dtype=np.int64), np.full(count, -1, dtype=np.int64))
    made = found.pieces[: found.counts[0]]
    answer.arrive[made["line"]] = made["ship"] + world.routes["transit"][made["route"]]
    answer.site[made["line"]] = world.routes["site"][made["route"]]
    return answer


class _Case:
    """A batch that has been searched, and its answers as values."""

    def __init__(self, picture: Picture, demands: Sequence[Demand], on: int, at: datetime | None) -> None:
        self.picture = picture
        self.demands = demands
        self.on = on
        lines, parts, self.items = ask(picture, demands)
        self.asked: list[tuple[int, ...]] = lines[["first_route", "last_route", "fixed", "seen", "units"]].tolist()
        picture.prepare(parts["item"])
        self.found = found = find(picture.world(on, at), lines, parts)
        self.taken = _taken(picture.shelf.heap, found)
        pieces, takes, _ = found.counts.tolist()
        amounts: list[tuple[int, int, int]] = found.takes[:takes].tolist()
        ids = self.taken.heap.rows[self.taken.rows]
        self.takes = [
            Take(UUID(int=high << 64 | low), self.items[part], from_micro(amount))
            for high, low, (part, _, amount) in zip(ids["high"].tolist(), ids["low"].tolist(), amounts, strict=True)
        ]
        self.pieces: list[tuple[int, ...]] = found.pieces[:pieces].tolist()
        self.seen: list[tuple[int, int, int]] = found.seen.tolist()

    def stuck(self) -> set[UUID]:
        return {self.items[part] for part in np.flatnonzero(self.found.parts["stuck"]).tolist()}

    def promises(self) -> Iterator[Promise]:
        """The answers in the order of the demands."""
        next_piece = 0
        for line, demand in enumerate(self.demands):
            first = next_piece
            while next_piece < len(self.pieces) and self.pieces[next_piece][0] == line:
                next_piece += 1
            if not demand.components:
                yield _without_supply(self.picture, demand, self.on)
            else:
                yield self._promise(line, demand, first, next_piece)

    def _routes(self, line: int) -> list[tuple[int, Route]]:
        """The ways that were looked at, with their places among those of the line."""
        first, last, fixed, seen, _ = self.asked[line]
        routes = self.picture.routes[first:last]
        return [(seen + place, route) for place, route in enumerate(routes) if fixed in (-1, route.number)]

    def _promise(self, line: int, demand: Demand, first: int, last: int) -> Promise:
        day = self.picture.day
        candidates = {
            route.code: day(self.seen[place][0])[1] if self.seen[place][0] else None
            for place, route in self._routes(line)
        }
        why: dict[str, Any] = {"candidates": candidates}
        left = self.asked[line][4] - sum(self.pieces[place][4] for place in range(first, last))
        if last - first + bool(left) > 1:
            why["divided"] = True
        pieces = [
            self._piece(demand, place, demand.id if place == first else new_id(), why) for place in range(first, last)
        ]
        if left:
            key = new_id() if pieces else demand.id
            reason = self._shortage(line, why)
            pieces.append(Piece(key, _quantity(demand, left), None, "", None, None, (), reason))
        return Promise(demand.id, tuple(pieces), from_micro(left), pieces[0].reason)

    def _piece(self, demand: Demand, place: int, key: UUID, why: dict[str, Any]) -> Piece:
        """A piece from a site, needed there on a day."""
        _, number, need, ship, units, first, last = self.pieces[place]
        route = self.picture.routes[number]
        arrive = ship + route.transit_days
        late = _lateness(demand, ship, arrive)
        wished = demand.requested_ship_on or demand.requested_arrival_on
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
        day = self.picture.day
        return Piece(
            key, _quantity(demand, units), route.site_id, route.code, day(ship)[0], day(arrive)[0],
            tuple(self.takes[first:last]), reason, day(need)[0],
        )  # fmt: skip

    def _shortage(self, line: int, why: dict[str, Any]) -> dict[str, Any]:
        """Why something is not promised, and what could be had instead: how much at most from each site, and when."""
        routes = self._routes(line)
        could: list[dict[str, Any]] = []
        for place, route in routes:
            _, units, ship = self.seen[place]
            if units:
                could.append(
                    {
                        "site": route.code,
                        "quantity": f"{from_micro(units).normalize():f}",
                        "ship_on": self.picture.day(ship)[1],
                        "arrive_on": self.picture.day(ship + route.transit_days)[1],
                    }
                )
        return {"epoch": self.picture.epoch, "why": "not_enough" if routes else "no_lane", "could": could, **why}


def _quantity(demand: Demand, units: int) -> Decimal:
    """Millionths as a quantity."""
    whole = from_micro(units)
    return demand.quantity if whole == demand.quantity else whole


def _lateness(demand: Demand, ship: int, arrive: int) -> int:
    """Days after the wish, 0 without one."""
    if demand.requested_arrival_on:
        return max(0, arrive - demand.requested_arrival_on.toordinal())
    return max(0, ship - demand.requested_ship_on.toordinal()) if demand.requested_ship_on else 0


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
