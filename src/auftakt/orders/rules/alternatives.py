"""How else a line could be served, when its supply comes late or it waits for some: pure choices."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from auftakt.orders.types import Alternative, FulfilmentFacts, LineFacts, OrderFacts
from auftakt.promising.types import Demand, Peg, Way

_NONE = Decimal(0)


def mark(line: Any, pegs: Sequence[Peg]) -> str:
    """How a line stands, with its supply: what is decided on one mark is not done on another."""
    held = sorted((peg.bucket_id.hex, str(peg.available_on), f"{peg.quantity.normalize():f}") for peg in pegs)
    stands = (line.state, line.site_code, str(line.ship_on), str(line.arrive_on), f"{line.quantity.normalize():f}")
    return sha256(repr((stands, held)).encode()).hexdigest()[:24]


def slip(pegs: Sequence[Peg], today: date) -> tuple[int, bool]:
    """By how many days supply comes later than it is needed, and whether any of it is overdue: it counts for tomorrow,
    though nobody knows."""
    overdue = any(peg.available_on and peg.available_on < today for peg in pegs)
    days = 0
    for peg in pegs:
        if peg.available_on:
            comes = peg.available_on if peg.available_on >= today else today + timedelta(days=1)
            days = max(days, (comes - peg.need_on).days)
    return days, overdue


def wishes(own: Demand, others: Sequence[Demand]) -> tuple[Demand, ...]:
    """What is asked for a line: whole, as its order allows, in parts even if the order forbids it, and substitutes."""
    whole = replace(own, split_dates=False, split_sites=False)
    parts = replace(own, split_dates=True, split_sites=True)
    loose = {(each.split_dates, each.split_sites): each for each in (whole, own, parts)}
    return (*loose.values(), *others)


def alternatives(
    ways: Sequence[Way],
    own: Demand,
    line: FulfilmentFacts,
    due_on: date | None,
    names: Mapping[UUID, str],
    *,
    waits_for: date | None,
) -> list[tuple[int, Alternative]]:
    """The ways that serve a line wholly and otherwise than now, each once, the earliest and then the cheapest first;
    with the place of each among the ways. `waits_for` is the day it comes if nothing is done, where somebody knows."""
    found: dict[tuple[object, ...], tuple[int, Alternative]] = {}
    for place, way in enumerate(ways):
        made = _made(way, own, line, due_on, names)
        if made is None or _stands(made, line, waits_for):
            continue
        alike = (made.sku, *((piece.site_code, piece.arrive_on, piece.quantity) for piece in made.pieces))
        if alike not in found or made.kind == "soonest":
            found[alike] = (place, made)
    return sorted(found.values(), key=lambda each: (each[1].arrive_on, each[1].cost or _NONE, each[0]))


def _made(
    way: Way, own: Demand, line: FulfilmentFacts, due_on: date | None, names: Mapping[UUID, str]
) -> Alternative | None:
    pieces, wish = way.promise.pieces, way.wish
    arrivals = [piece.arrive_on for piece in pieces if piece.arrive_on]
    leaves = [piece.ship_on for piece in pieces if piece.ship_on]
    if way.promise.unpromised or len(arrivals) < len(pieces) or len(leaves) < len(pieces):
        return None
    costs = {piece.reason.get("currency", "") for piece in pieces}
    arrive = max(arrivals)
    return Alternative(
        kind=_kind(wish, own, line),
        sku=names.get(wish.item_id, line.sku),
        pieces=pieces,
        ship_on=min(leaves),
        arrive_on=arrive,
        cost=sum((Decimal(piece.reason.get("cost", "0")) for piece in pieces), _NONE) if len(costs) == 1 else None,
        currency=next(iter(costs)) if len(costs) == 1 else "",
        late_days=max(0, (arrive - due_on).days) if due_on else 0,
        site_id=wish.fixed_site_id,
        split_dates=wish.split_dates,
        split_sites=wish.split_sites,
    )


def _kind(wish: Demand, own: Demand, line: FulfilmentFacts) -> str:
    if wish.item_id != own.item_id:
        return "substitute"
    if wish.fixed_site_id is not None:
        return "same_site" if wish.fixed_site_id == line.site_id else "other_site"
    if (wish.split_dates, wish.split_sites) == (own.split_dates, own.split_sites):
        return "soonest"
    return "split" if wish.split_dates or wish.split_sites else "whole"


def _stands(made: Alternative, line: FulfilmentFacts, waits_for: date | None) -> bool:
    """Whether it is what comes of the line anyhow."""
    only = made.pieces[0]
    same = len(made.pieces) == 1 and made.sku == line.sku
    return same and (only.site_id, only.arrive_on) == (line.site_id, waits_for)


def advised(found: Sequence[tuple[int, Alternative]], comes_on: date | None, *, overdue: bool) -> int | None:
    """The alternative to take: the earliest that needs no question, if it is earlier than to wait."""
    for number, (_, each) in enumerate(found):
        if each.is_given and len(each.pieces) >= 1:
            return number if overdue or comes_on is None or each.arrive_on < comes_on else None
    return None


def due(line: LineFacts, order: OrderFacts, piece: FulfilmentFacts) -> date | None:
    """The day a piece should be there: as wished (to leave, and the way it has), else as promised."""
    arrival = line.requested_arrival_on or order.requested_arrival_on
    leaves = line.requested_ship_on or order.requested_ship_on
    if arrival or not leaves:
        return arrival or piece.arrive_on
    return leaves + (piece.arrive_on - piece.ship_on if piece.arrive_on and piece.ship_on else timedelta(0))
