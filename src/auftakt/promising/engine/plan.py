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

from auftakt.promising.engine.allot import Claims, claims
from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.search import most, search
from auftakt.promising.engine.share import NO_SHARES, Shares
from auftakt.promising.engine.stock import Array, Heap
from auftakt.promising.engine.ways import Chosen, Route
from auftakt.promising.engine.world import (
    BY_LEAD_TIME,
    FOREVER,
    LINE,
    MICRO,
    PART,
    PIECE,
    PRODUCED,
    SEEN,
    SPLIT_DATES,
    SPLIT_SITES,
    TAKE,
    UNCHECKED,
    Found,
    World,
    ship_day,
)
from auftakt.promising.types import Demand, Making, Piece, Promise, Take
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
    picture.see(on.toordinal())
    order = sorted(range(len(demands)), key=lambda place: demands[place].priority)
    answers: dict[int, Promise] = {}
    taken: list[Taken] = []
    stuck: set[UUID] = set()
    may = claims(picture, demands, on)
    for start in range(0, len(order), _AT_ONCE):
        places = order[start : start + _AT_ONCE]
        asked = [demands[place] for place in places]
        case = _Case(picture, asked, on, at, may, places)
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


_NOTHING = Chosen(0, 0, 0, None)


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day is not None else 0


class Asked(NamedTuple):
    """Demands as lines and parts, the items of the parts, and what each demand is served by."""

    lines: Array
    parts: Array
    items: list[UUID]
    chosen: list[Chosen]


def ask(picture: Picture, demands: Sequence[Demand], on: date) -> Asked:
    """What is searched for. What a demand names twice is one part."""
    items, parts = list[UUID](), list[tuple[int, int, bool]]()
    served: list[Chosen] = []
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
        chosen = picture.serve(demand, on) if needs else _NOTHING
        served.append(chosen)
        lines.append(
            (
                number, first_part, len(parts), to_micro(demand.quantity), MICRO if demand.step == 1 else
                to_micro(demand.step), chosen.first, chosen.last, picture.site_number(demand.fixed_site_id),
                _ordinal(demand.not_before_on), _ordinal(demand.requested_ship_on),
                _ordinal(demand.requested_arrival_on), SPLIT_DATES * demand.split_dates + SPLIT_SITES *
                demand.split_sites, 1, seen, chosen.terms, _ordinal(demand.latest_on), to_micro(demand.least) if
                demand.least else 0, -1,
            )
        )  # fmt: skip
        seen += chosen.last - chosen.first
    return Asked(np.array(lines, dtype=LINE), np.array(parts, dtype=PART), items, served)


def find(world: World, lines: Array, parts: Array, shares: Shares = NO_SHARES) -> Found:
    """Search for lines; what they take stays taken. Of a line without parts there is nothing to be found."""
    pieces, takes = most(world, lines, parts)
    seen = int(lines[-1]["seen"] + lines[-1]["last_route"] - lines[-1]["first_route"]) if len(lines) else 0
    found = Found(
        parts, np.zeros(3, dtype=np.int64), np.empty(pieces, dtype=PIECE), np.empty(takes, dtype=TAKE),
        np.zeros(seen, dtype=SEEN),
        np.zeros((2, len(world.sites)), dtype=np.int64),
    )  # fmt: skip
    search(world, lines, found, shares)
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
    ways = np.array([picture.ways.plain(*place)[:2] for place in places], dtype=np.int64).reshape(len(places), 2)
    count = len(items)
    lines, parts = np.zeros(count, dtype=LINE), np.zeros(count, dtype=PART)
    number = picture.shelf.numbers.get
    named = np.fromiter((number(item.int, -1) for item in items), dtype=np.int64, count=count)
    parts["item"] = np.where(named < len(picture.shelf.blocks), named, -1)
    parts["each"] = lines["step"] = MICRO
    lines["number"] = lines["first_part"] = np.arange(count)
    lines["last_part"] = lines["first_part"] + 1
    lines["units"], lines["fixed"], lines["claim"] = units, -1, -1
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

    def __init__(
        self, picture: Picture, demands: Sequence[Demand], on: date, at: datetime | None, may: Claims,
        places: Sequence[int],
    ) -> None:  # fmt: skip
        self.picture = picture
        self.may = may
        self.classes = [may.classes[place] for place in places]
        self.demands = demands
        self.on = on.toordinal()
        lines, parts, self.items, self.chosen = ask(picture, demands, on)
        self.asked: list[tuple[int, ...]] = lines[["first_route", "last_route", "fixed", "seen", "units"]].tolist()
        lines["claim"] = self.claims = [may.of[place] for place in places]
        picture.prepare(parts["item"])
        charged = int(may.shares.counts[0])
        self.world = picture.world(self.on, at)
        self.found = found = find(self.world, lines, parts, may.shares)
        self.charges: list[tuple[int, ...]] = may.shares.charges[charged : may.shares.counts[0]].tolist()
        self.taken = _taken(picture.shelf.heap, found)
        pieces, takes, _ = found.counts.tolist()
        amounts: list[tuple[int, int, int]] = found.takes[:takes].tolist()
        ids = self.taken.heap.rows[self.taken.rows]
        self.takes = [
            Take(UUID(int=high << 64 | low), self.items[part], from_micro(amount))
            for high, low, (part, _, amount) in zip(ids["high"].tolist(), ids["low"].tolist(), amounts, strict=True)
        ]
        self.pieces: list[tuple[int, ...]] = found.pieces[:pieces].tolist()
        self.seen: list[tuple[int, int, int, int]] = found.seen.tolist()

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
        routes = self.picture.ways.routes[first:last]
        return [(seen + place, route) for place, route in enumerate(routes) if fixed in (-1, route.number)]

    def _promise(self, line: int, demand: Demand, first: int, last: int) -> Promise:
        why: dict[str, Any] = {"candidates": self._candidates(line, demand, first, last)}
        rule = self.chosen[line].rule
        if rule is not None:
            why["rule"] = [rule.code, rule.version]
        if self.claims[line] >= 0:
            why["allocated"] = self.classes[line]
            stolen = [
                (self.may.nodes[node], amount) for at, node, amount, steals in self.charges if at == line and steals
            ]
            if stolen:
                why["took_from"] = [[code, f"{from_micro(amount).normalize():f}"] for code, amount in stolen]
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

    def _candidates(self, line: int, demand: Demand, first: int, last: int) -> list[list[Any]]:
        """What was looked at: site, arrival of the whole (None: never), freight, why it lost (empty: it did not); by a
        rule also the kind and the rank of the source, and what the line would cost."""
        day, routes, rule = self.picture.day, self.picture.ways.routes, self.chosen[line].rule
        begin, end, fixed, seen, _ = self.asked[line]
        won = {self.pieces[place][1]: self.pieces[place][3] for place in range(first, last)}
        arrival = max((ship + routes[number].transit_days for number, ship in won.items()), default=0)
        until = demand.latest_on.toordinal() if demand.latest_on else FOREVER
        best = rule and _Best(
            min((routes[number].rank for number in won), default=0),
            min((self.seen[seen + number - begin][1] for number in won), default=0),
            rule.terms.mode == "ptp",
        )
        told: list[list[Any]] = []
        for number in range(begin, end):
            route = routes[number]
            if fixed not in (-1, route.number):
                continue
            arrives, cost, _, _ = self.seen[seen + number - begin]
            lost = ""
            if number not in won:
                if not arrives:
                    lost = "short"
                elif not arrival or arrives > until:
                    lost = "too_late"
                else:
                    lost = (best.beats(route, cost) if best else "") or ("later" if arrives > arrival else "farther")
            row: list[Any] = [route.code, day(arrives)[1] if arrives else None, route.facts["cost"], lost]
            if rule is not None:
                row += [route.how, route.rank, f"{from_micro(cost).normalize():f}"]
            told.append(row)
        return told

    def _piece(self, demand: Demand, place: int, key: UUID, why: dict[str, Any]) -> Piece:
        """A piece from a site, needed there on a day."""
        _, number, need, ship, units, first, last, how, produced = self.pieces[place]
        route = self.picture.ways.routes[number]
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
        if how in _UNBACKED:
            reason["unbacked"] = _UNBACKED[how]
        day = self.picture.day
        takes, making = tuple(self.takes[first:last]), None
        if how == PRODUCED:
            making = Making(
                route.how, demand.item_id, route.site_id, from_micro(produced), day(self._there(route, need))[0],
                self.picture.sites[route.stock].id if route.stock != route.number else None, route.supplier,
                route.transfer_days,
            )  # fmt: skip
            reason["produced"] = f"{making.quantity.normalize():f}"
            reason["there_on"] = making.available_on.isoformat()
        return Piece(
            key, _quantity(demand, units), route.site_id, route.code, day(ship)[0], day(arrive)[0], takes, reason,
            day(need)[0], making,
        )  # fmt: skip

    def _there(self, route: Route, need: int) -> int:
        """When what is produced is at the site that ships it: what is transferred, so many days after it has left."""
        if route.stock == route.number:
            return need
        return int(ship_day(self.world, route.stock, need)) + route.transfer_days

    def _shortage(self, line: int, why: dict[str, Any]) -> dict[str, Any]:
        """Why something is not promised, and what could be had instead: how much at most from each site, and when."""
        routes = self._routes(line)
        could: list[dict[str, Any]] = []
        for place, route in routes:
            _, _, units, ship = self.seen[place]
            if units:
                could.append(
                    {
                        "site": route.code,
                        "quantity": f"{from_micro(units).normalize():f}",
                        "ship_on": self.picture.day(ship)[1],
                        "arrive_on": self.picture.day(ship + route.transit_days)[1],
                    }
                )
        in_time = all(each[3] != "too_late" for each in why["candidates"])
        told = "no_lane" if not routes else "not_enough" if in_time else "too_late"
        return {"epoch": self.picture.epoch, "why": told, "could": could, **why}


_UNBACKED = {BY_LEAD_TIME: "lead_time", UNCHECKED: "beyond_fence"}


class _Best(NamedTuple):
    """What won by a rule: its rank, its cost, and whether cost decides."""

    rank: int
    cost: int
    for_profit: bool

    def beats(self, route: Route, cost: int) -> str:
        """Why the rule did not take another way; empty where it is not for the rule."""
        if self.for_profit and cost > self.cost:
            return "dearer"
        return "lower_rank" if route.rank > self.rank else ""


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
