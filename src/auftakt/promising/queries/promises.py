"""Reads of promising: the supply picture this process holds, proposals from it, pegs, availability."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from auftakt.catalog import queries as catalog
from auftakt.inventory import queries as inventory
from auftakt.platform.sql import Statements, chosen
from auftakt.promising import engine, rules
from auftakt.promising.queries.allocation import allocation_in_force, taken_by_class
from auftakt.promising.types import (
    Availability,
    BuyingTerms,
    Case,
    Demand,
    Expected,
    ItemSourcing,
    LaneFacts,
    Peg,
    PegMove,
    Piece,
    Promise,
    ReservationFacts,
    ReservedPiece,
    SiteOfSupply,
    Wanted,
    Way,
    Wish,
)
from auftakt.supply import queries as supply
from auftakt.supply.types import RuleInForce
from auftakt.values import to_micro

sql = Statements("auftakt.promising")


@dataclass(slots=True)
class _View:
    """A picture and how far it follows the database. `turn` counts the times it moved on; `passing` are the rows that
    were laid over for the last call, since a running transaction may still change them."""

    picture: engine.Picture
    horizon: int
    network: str
    is_clean: bool
    loaded_at: datetime
    followed_at: datetime
    turn: int = 0
    passing: int = 0


class _Network(NamedTuple):
    """All that a picture holds but the supply: sites, lanes, calendars, rules, allocation. `mark` was read before it,
    so that what changes meanwhile is seen the next time."""

    mark: str
    facts: tuple[list[SiteOfSupply], list[LaneFacts], engine.Calendars, engine.Sourcing, engine.Allocation]


class _Desk:
    """The one view a process promises from. It is replaced whole, never half."""

    view: _View | None = None


_desk = _Desk()
_epochs = itertools.count(1)


def refresh() -> int:
    """Build the next picture beside the one in use and put it in its place; promising goes on meanwhile.

    Returns its epoch. Sites and lanes that changed lead to the same by themselves.
    """
    return _load().picture.epoch


def forget() -> None:
    """Give up the picture; the next question loads a new one."""
    _desk.view = None


def warm_up() -> None:
    """Get the engine ready. A process calls it when it starts; the database is not asked."""
    engine.warm_up()


def _load(known: _Network | None = None) -> _View:
    """Read everything, but the network where it is known already. A picture that holds what our own transaction has not
    committed is not kept for others."""
    horizon, own, mark, today, now = sql.rows("supply_horizon")[0]
    network = known or _network(mark, today)
    picture = engine.Picture(next(_epochs), *network.facts)
    statement = f"COPY ({sql.texts['supply_rows']}) TO STDOUT (FORMAT BINARY)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        buckets, transactions = engine.supply_from_copy(b"".join(copy))
    picture.load(buckets)
    is_clean = not own or not (transactions == own).any()
    view = _View(picture, horizon, network.mark, is_clean, loaded_at=now, followed_at=now)
    if view.is_clean:
        _desk.view = view
    return view


def _network(mark: str, today: date) -> _Network:
    """Read all but the supply; `mark` was read before."""
    sites = [
        SiteOfSupply(site.id, site.code, site.processing_days, site.shipping_calendar, site.time_zone, site.cut_off)
        for site in inventory.sites()
        if site.is_open and site.ships_orders
    ]
    lanes = [LaneFacts(*row) for row in sql.rows("list_lanes")]
    rules, assignments = supply.published_sourcing(today)
    sourcing = engine.Sourcing({key: _from_stock(rule) for key, rule in rules.items()}, assignments)
    allocation = engine.Allocation(allocation_in_force(today))
    return _Network(mark, (sites, lanes, _calendars(today), sourcing, allocation))


def _renew(view: _View, network: _Network) -> bool:
    """Give a view other lanes, calendars and rules without reading its supply; False where its sites have changed."""
    picture = view.picture.renewed(next(_epochs), *network.facts)
    if picture is None:
        return False
    with view.picture.lock:
        view.picture, view.network = picture, network.mark
    return True


def _from_stock(rule: RuleInForce) -> RuleInForce:
    """Only what ships from stock; the other sources cannot be settled yet."""
    return replace(rule, sources=tuple(each for each in rule.sources if each.kind == "ship"))


def _calendars(today: date) -> engine.Calendars:
    """The working calendars, from a year back (for demos and tests of the past) to more than two years ahead."""
    first, last = today - timedelta(400), today + timedelta(800)
    known = inventory.calendars()
    works = inventory.calendar_days(first, last, known.values())
    codes = {each.id: code for code, each in known.items()}
    return engine.Calendars(first.toordinal(), {codes[key]: flags for key, flags in works.items()})


@contextmanager
def looking() -> Iterator[engine.Picture]:
    """The picture as of now, to be used by one thread until the block ends; takes must be put back by then.

    Rows that no transaction still running can change are taken over for good. Younger ones, among them what our own
    transaction wrote and may still roll back, are laid over for the length of the block and come again next time. So
    the picture that stays never holds anything uncommitted.
    """
    view = _desk.view
    turn = view.turn if view else 0
    rows = sql.rows("follow_supply", since=str(view.horizon)) if view else []
    if view is None or rows[0][9] != view.network:
        network = _network(rows[0][9], rows[0][10].date()) if rows else None
        if view is None or network is None or not _renew(view, network):
            view, rows = _load(network), []
            turn = view.turn
    with view.picture.lock:
        passing: list[engine.SupplyRow] = []
        if rows:
            passing = _move_on(view, turn, rows)
            view.passing, view.followed_at = len(passing), rows[0][10]
        picture = view.picture
        undos = picture.lay_over(passing)
        try:
            yield picture
        finally:
            picture.lift(undos)


@dataclass(frozen=True, slots=True)
class PictureState:
    """The picture this process promises from: its epoch, what it holds and how much room that takes, when it was read
    whole and last followed the database, and how many rows then were still being changed by others."""

    epoch: int
    items: int
    buckets: int
    bytes: int
    loaded_at: datetime
    followed_at: datetime
    passing: int


def picture_state() -> PictureState | None:
    """How the picture stands; None before the first question. Nothing is asked of the database."""
    view = _desk.view
    if view is None:
        return None
    return PictureState(view.picture.epoch, *view.picture.size(), view.loaded_at, view.followed_at, view.passing)


def _move_on(view: _View, turn: int, rows: Sequence[tuple[Any, ...]]) -> list[engine.SupplyRow]:
    """Take settled rows over for good; returns those that only pass. If another thread moved the view on meanwhile, our
    rows may be older than what it holds, and all of them only pass."""
    changed = [row for row in rows if row[0] is not None]
    if view.turn != turn:
        return [engine.SupplyRow(*row[:7]) for row in changed]
    horizon: int = rows[0][8]
    view.picture.settle(engine.SupplyRow(*row[:7]) for row in changed if row[7] < horizon)
    view.horizon = horizon
    view.turn += 1
    return [engine.SupplyRow(*row[:7]) for row in changed if row[7] >= horizon]


def know(picture: engine.Picture, demands: Iterable[Demand], on: date) -> None:
    """Tell the picture what sourcing rules need to know of items; where there are no rules, nothing is asked."""
    book = picture.allocation.book
    if not (picture.sourcing.assignments or book.by_item or book.by_category):
        return
    asked = list(demands)
    rows = sql.rows("items_for_sourcing", items=sorted({each.item_id for each in asked}), on=on)
    picture.items = {key: _item_sourcing(*row) for key, *row in rows}
    customers = sorted({each.customer_id for each in asked if each.customer_id})
    picture.segments = dict(sql.rows("segments_of", customers=customers)) if customers else {}
    allocated = {item for item, _ in book.by_item}, {category for category, _ in book.by_category}
    scarce = [key for key, item in picture.items.items() if key in allocated[0] or allocated[1] & {*item.categories}]
    picture.allocation = engine.Allocation(book, taken_by_class(scarce, on) if scarce else ())


def _item_sourcing(
    categories: Sequence[UUID], brand_id: UUID | None, suppliers: Sequence[Sequence[Any]]
) -> ItemSourcing:
    buying = {number: BuyingTerms(days, Decimal(cost)) for number, days, cost in suppliers}
    first = next(iter(buying.values()), None)
    return ItemSourcing(tuple(categories), brand_id, buying, to_micro(first.unit_cost) if first else 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """Answers, and the moves of earlier promises to later supply on which they rest."""

    promises: list[Promise]
    moves: list[PegMove]
    stuck: list[UUID]


def plan(
    demands: Sequence[Demand],
    *,
    on: date,
    at: datetime | None = None,
    movable: Sequence[Peg] = (),
    overdue: bool = True,
) -> Plan:
    """Answer from the picture, after the movable pegs have gone over to the latest supply in time for them. Without
    `overdue`, supply that should have come already is left out of account."""
    with looking() as picture:
        know(picture, demands, on)
        aside = [] if overdue else [engine.set_aside(picture, _items(demands), on)]
        moves, moved = engine.loosen(picture, movable, on) if movable else ([], [])
        promises, taken, stuck = engine.propose(picture, demands, on, at)
        engine.put_back(taken)
        engine.put_back(moved)
        engine.put_back(aside)
    return Plan(promises, moves, sorted(stuck))


def _items(demands: Iterable[Demand]) -> set[UUID]:
    return {item for demand in demands for item, _ in demand.components}


Prefer = Callable[[int, Sequence[Way]], int | None]
"""Of the ways to serve the case at a position, the one that those after it reckon with; None: it stays as it is."""


def weigh(
    cases: Sequence[Case], *, on: date, prefer: Prefer, at: datetime | None = None, sites: int = 3
) -> list[list[Way]]:
    """The ways to serve demands otherwise than now, by case: each of its wishes, and the first of them from each of the
    `sites` sites that have it earliest. Nothing is drawn or written, and overdue supply does not count.

    Each case may use again what it holds itself; of the cases before it, it sees the way that is preferred. Two
    statements, whatever their number.
    """
    own = {peg.id for case in cases for peg in case.held}
    items = _items(wish for case in cases for wish in case.wishes)
    held = [peg for peg in movable(sorted(items), on=on) if peg.id not in own]
    found: list[list[Way]] = []
    with looking() as picture:
        know(picture, (wish for case in cases for wish in case.wishes), on)
        undo = [engine.set_aside(picture, items, on)]
        undo += engine.loosen(picture, held, on)[1]
        by_code = {site.code: site.id for site in picture.sites}
        try:
            for position, case in enumerate(cases):
                given = engine.give_up(picture, case.held, on)
                ways = [_way(picture, wish, on, at) for wish in case.wishes]
                seen = [(day, code) for code, day, *_ in ways[0].promise.reason.get("candidates", ()) if day]
                nearest = list(dict.fromkeys(code for _, code in sorted(seen)))[:sites]
                fixed = [replace(case.wishes[0], fixed_site_id=by_code[code]) for code in nearest]
                ways += [_way(picture, wish, on, at) for wish in fixed]
                chosen = prefer(position, ways)
                if chosen is None:
                    engine.put_back([given])
                else:
                    undo += [given, *engine.propose(picture, [ways[chosen].wish], on, at).taken]
                found.append(ways)
        finally:
            engine.put_back(undo)
    return found


def _way(picture: engine.Picture, wish: Demand, on: date, at: datetime | None) -> Way:
    promises, taken, _ = engine.propose(picture, [wish], on, at)
    engine.put_back(taken)
    return Way(wish, promises[0])


def movable(item_ids: Sequence[UUID], *, on: date) -> list[Peg]:
    """Promises that may hold earlier supply of items than they need."""
    return [Peg(*row) for row in sql.rows("list_movable", items=list(item_ids), on=on)]


def propose(demands: Sequence[Demand], *, on: date, at: datetime | None = None) -> list[Promise]:
    """What each demand could be promised on a day, in the order of the demands; nothing is drawn or written. With the
    instant of asking, the cut-off of sites is kept.

    Demands of one batch see each other's takes. One statement (follow what changed) once the picture is loaded; two
    more where a demand is not served at once while others hold earlier supply than they may need.
    """
    first = plan(demands, on=on, at=at)
    held = movable(first.stuck, on=on) if first.stuck else []
    return plan(demands, on=on, at=at, movable=held).promises if held else first.promises


@dataclass(frozen=True, slots=True)
class Look:
    """What a demand could have, asked for by itself. `at_once`: what of it needs no waiting for supply. `instead`: the
    pieces in which it could be had as early as can be, where it cannot be had whole and at once."""

    promise: Promise
    at_once: Decimal
    instead: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """The answers to demands in their order, and the epoch of the picture they come from."""

    epoch: int
    looks: tuple[Look, ...]


def look(demands: Sequence[Demand], *, on: date, at: datetime | None = None) -> Looked:
    """What each demand could be promised on a day if it were the only one: they do not see each other's takes. With the
    instant of asking, the cut-off of sites is kept.

    Nothing is drawn or written. One statement (follow what changed) for each look at the picture, at most three; one
    more where a demand is not served at once while others hold earlier supply than they may need.
    """
    first = _apart(demands, on, at, ())
    held = movable(sorted(first.stuck), on=on) if first.stuck else []
    if held:
        first = _apart(demands, on, at, held)
    waiting = [place for place, each in enumerate(first.promises) if each.unpromised or not first.is_soon(each)]
    eager = [
        replace(
            demands[place], requested_ship_on=None, requested_arrival_on=None, not_before_on=None, split_dates=True,
            split_sites=True,
        )
        for place in waiting
    ]  # fmt: skip
    others = dict(zip(waiting, _apart(eager, on, at, held).promises if eager else (), strict=True))
    looks: list[Look] = []
    for place, each in enumerate(first.promises):
        pieces = others[place].pieces if place in others else each.pieces
        had = tuple(piece for piece in pieces if piece.ship_on is not None)
        now = sum((piece.quantity for piece in had if first.leaves_first(piece)), Decimal(0))
        looks.append(Look(each, now, had if each.unpromised or len(had) > 1 else ()))
    return Looked(first.epoch, tuple(looks))


@dataclass(frozen=True, slots=True)
class _Apart:
    """Answers to demands that do not see each other, and when each site can ship what lies there."""

    epoch: int
    promises: list[Promise]
    stuck: set[UUID]
    first_days: dict[UUID, date]
    on: date

    def leaves_first(self, piece: Piece) -> bool:
        """Whether a piece leaves on the first day on which its site ships: it waits for nothing."""
        first = self.first_days.get(piece.site_id, self.on) if piece.site_id else self.on
        return piece.ship_on is not None and piece.ship_on <= first

    def is_soon(self, promise: Promise) -> bool:
        """Whether nothing of a promise waits."""
        return all(map(self.leaves_first, promise.pieces))


def _apart(demands: Sequence[Demand], on: date, at: datetime | None, held: Sequence[Peg]) -> _Apart:
    """Those that ask for the same item are asked in turns, and what one took is put back before the next."""
    turns: list[list[int]] = []
    asked: dict[UUID, int] = {}
    for place, demand in enumerate(demands):
        turn = max((asked.get(item, 0) for item, _ in demand.components), default=0)
        for item, _ in demand.components:
            asked[item] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(place)
    answers: dict[int, Promise] = {}
    stuck: set[UUID] = set()
    with looking() as picture:
        know(picture, demands, on)
        _, moved = engine.loosen(picture, held, on) if held else ([], [])
        for places in turns:
            found = engine.propose(picture, [demands[place] for place in places], on, at)
            engine.put_back(found.taken)
            stuck |= found.stuck
            answers |= dict(zip(places, found.promises, strict=True))
        engine.put_back(moved)
        first_days = engine.first_ship_days(picture, on, at)
    return _Apart(picture.epoch, [answers[place] for place in range(len(demands))], stuck, first_days, on)


def understand(wishes: Sequence[Wish], places: Sequence[str], *, today: date) -> list[Wanted]:
    """Each wish as a demand or its findings below its place; two statements for any number."""
    codes = catalog.skus_by_gtin({wish.gtin for wish in wishes if wish.gtin and not wish.sku})
    skus = [wish.sku or codes.get(wish.gtin, "") for wish in wishes]
    items = catalog.items_by_sku({sku for sku in skus if sku})
    return [
        rules.understand(wish, items.get(sku), place, today)
        for wish, sku, place in zip(wishes, skus, places, strict=True)
    ]


def reservations(ids: Sequence[UUID]) -> dict[UUID, ReservationFacts]:
    """Reservations by id; unknown ones are left out."""
    if not ids:
        return {}
    return {each.id: each for each in _reservations(ids=list(ids), limit=len(ids))}


def list_reservations(
    *, owner: str = "", item_id: UUID | None = None, state: str = "", before: UUID | None = None, limit: int = 50
) -> list[ReservationFacts]:
    """Reservations, the latest first."""
    return _reservations(owner=owner, item=item_id, state=state, before=before, limit=limit)


def _reservations(**asked: Any) -> list[ReservationFacts]:
    with connection.cursor() as cursor:
        cursor.execute(chosen(sql.texts["read_reservations"], asked), asked)
        rows = cursor.fetchall()
    return [ReservationFacts(*row[:-1], tuple(_piece(*each) for each in json.loads(row[-1]))) for row in rows]


def _piece(key: str, quantity: str, site: str, ship_on: str, arrive_on: str) -> ReservedPiece:
    return ReservedPiece(UUID(key), Decimal(quantity), site, date.fromisoformat(ship_on), date.fromisoformat(arrive_on))


def reserved_demands(reservation_ids: Sequence[UUID]) -> list[UUID]:
    """The demands by which reservations hold their supply: for `hold_supply`."""
    return [row[0] for row in sql.rows("pieces_of_reservations", ids=list(reservation_ids))] if reservation_ids else []


def earliest(
    item_ids: Sequence[UUID], units: NDArray[np.int64], to: NDArray[np.int64], places: Sequence[tuple[str, str]], *,
    on: date,
) -> engine.Earliest:  # fmt: skip
    """Where and when plain lines can be had whole as soon as possible; arrays in and out, for many lines. `units` are
    millionths, `to` is the place of each line among `places` (country, region). One statement. A line for which others
    hold earlier supply than they need is answered as they hold it; `propose` asks again."""
    with looking() as picture:
        return engine.earliest(picture, item_ids, units, to, places, on)


@contextmanager
def simulation() -> Iterator[engine.Picture]:
    """A fork of the picture, to be changed and asked at will by one thread, while promising goes on: neither sees what
    the other does."""
    with looking() as picture:
        fork = picture.fork()
    yield fork


def on_hand(demand_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the demands whose supply lies on the shelf, all of it."""
    return {row[0] for row in sql.rows("find_on_hand", demands=list(demand_ids))}


def pegs(demand_ids: Sequence[UUID]) -> dict[UUID, list[Peg]]:
    """Which supply demands hold, soonest need first."""
    held: dict[UUID, list[Peg]] = {}
    for row in sql.rows("list_pegs", demands=list(demand_ids)):
        held.setdefault(row[1], []).append(Peg(*row))
    return held


def pegged_to(bucket_ids: Sequence[UUID]) -> dict[UUID, list[Peg]]:
    """Who holds the supply of buckets, soonest need first: the demands in jeopardy when that supply slips."""
    held: dict[UUID, list[Peg]] = {}
    for row in sql.rows("list_pegged_to", buckets=list(bucket_ids)):
        held.setdefault(row[2], []).append(Peg(*row))
    return held


def availability(item_ids: Sequence[UUID], *, on: date) -> list[Availability]:
    """What each site has of items, for screens: by item and site code. What is overdue on the day is expected then."""
    rows = sql.rows("list_availability", items=list(item_ids))
    found: list[Availability] = []
    for (item_id, site_id, code), group in itertools.groupby(rows, key=lambda row: row[:3]):
        on_hand_now = drawn_now = Decimal(0)
        expected: list[Expected] = []
        for _, _, _, available_on, quantity, drawn in group:
            if available_on is None:
                on_hand_now, drawn_now = quantity, drawn
            else:
                expected.append(Expected(max(available_on, on), quantity, quantity - drawn))
        free = on_hand_now - drawn_now
        found.append(Availability(item_id, site_id, code, on_hand_now, drawn_now, free, tuple(expected)))
    return found


def lanes() -> list[LaneFacts]:
    """Every lane."""
    return sorted(
        (LaneFacts(*row) for row in sql.rows("list_lanes")), key=lambda lane: (lane.country, lane.region, lane.site_id)
    )
