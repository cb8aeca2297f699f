"""For shops: what can be had and when, for up to a thousand wishes in one call, without committing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, finding_json
from auftakt.api.promises import router
from auftakt.api.registry import operation
from auftakt.promising import queries
from auftakt.promising.queries import Look
from auftakt.promising.types import Piece, Wanted, Wish

MOST = 1000
EXAMPLE = """{"country": "DE", "entries": [
  {"sku": "HELM-2", "quantity": "2"},
  {"sku": "BIKE-1", "quantity": "10", "country": "AT", "requested_arrival_on": "2199-01-31", "split_dates": true}]}"""


@dataclass(frozen=True, slots=True)
class AvailabilityEntry:
    """An item by `sku` or `gtin`, and how much of it. Without a unit it is the item's base unit; without a country the
    destination is that of the whole inquiry. Without a wish the answer is as soon as possible."""

    quantity: Decimal
    sku: str = ""
    gtin: str = ""
    unit: str = ""
    country: str = ""
    region: str = ""
    postal_code: str = ""
    requested_ship_on: date | None = None
    requested_arrival_on: date | None = None
    split_dates: bool = False
    split_sites: bool = False


@dataclass(frozen=True, slots=True)
class AvailabilityInquiry:
    """Up to 1,000 entries, each asked by itself: two that ask for the same item may both be told of the same piece.
    Lanes lead to countries and regions: a postal code is welcome, and changes nothing."""

    entries: tuple[AvailabilityEntry, ...]
    country: str = ""
    region: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class AvailablePart:
    """A part that comes from one site on one day, in the unit asked for. No site: it takes nothing from supply."""

    quantity: Decimal
    site: str
    ship_on: date | None
    arrive_on: date | None


@dataclass(frozen=True, slots=True)
class AvailabilityAnswer:
    """What an entry could have, in the unit asked for.

    `available_now` needs no waiting for supply (at most what was asked). `promised` ships on `ship_on` and arrives on
    `arrive_on` (of several parts: the last). Not whole, or in parts: `instead` tells the parts in which
    it could be had as early as can be. With `findings` the entry was not understood and nothing else is told.
    """

    index: int
    sku: str
    quantity: Decimal
    unit: str
    available_now: Decimal
    promised: Decimal
    ship_on: date | None
    arrive_on: date | None
    why: str
    parts: tuple[AvailablePart, ...]
    instead: tuple[AvailablePart, ...]
    findings: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class AvailabilityAnswers:
    """One answer for each entry, in their order, and the epoch of the supply picture they come from."""

    epoch: int
    on: date
    answers: tuple[AvailabilityAnswer, ...]


@operation(
    router.post, "/availability", needs="stock.view", answers=AvailabilityAnswers, example=EXAMPLE,
    title="Ask what can be had and when, for up to 1,000 entries",
)  # fmt: skip
def ask_availability(caller: Caller, body: AvailabilityInquiry) -> AvailabilityAnswers:
    """Tell for each entry how much can be had now, from where, and when the whole ships and arrives.

    Nothing is held: for that there are reservations. Entries that are not understood have findings with a JSON pointer
    to their place, and the others are answered. Kits are answered by their parts.
    """
    if not body.entries:
        raise Problem(422, "no_entries", "Ask for at least one item.", place="/entries")
    if len(body.entries) > MOST:
        raise Problem(422, "too_many_entries", f"Ask for at most {MOST:,} entries in one call.", place="/entries")
    wanted = queries.understand(
        [_wish(entry, body) for entry in body.entries],
        [f"/entries/{index}" for index in range(len(body.entries))],
        today=caller.today,
    )
    demands = [each.demand for each in wanted if each.demand is not None]
    looked = queries.look(demands, on=caller.today, at=caller.at)
    looks = iter(looked.looks)
    answers = tuple(
        _answer(index, entry, each, next(looks) if each.demand else None)
        for index, (entry, each) in enumerate(zip(body.entries, wanted, strict=True))
    )
    return AvailabilityAnswers(looked.epoch, caller.today, answers)


def _wish(entry: AvailabilityEntry, body: AvailabilityInquiry) -> Wish:
    country, region = (entry.country, entry.region) if entry.country else (body.country, entry.region or body.region)
    return Wish(
        entry.quantity, entry.sku, entry.gtin, entry.unit, country, region, entry.requested_ship_on,
        entry.requested_arrival_on, entry.split_dates, entry.split_sites,
    )  # fmt: skip


def _answer(index: int, entry: AvailabilityEntry, wanted: Wanted, look: Look | None) -> AvailabilityAnswer:
    sku, none = wanted.item.sku if wanted.item else entry.sku, Decimal(0)
    if look is None:
        found = tuple(finding_json(each) for each in wanted.findings)
        return AvailabilityAnswer(index, sku, entry.quantity, wanted.unit or entry.unit, none, none, None, None,
                                  found[0]["code"], (), (), found)  # fmt: skip
    factor = wanted.factor
    had = [piece for piece in look.promise.pieces if piece.ship_on is not None]
    return AvailabilityAnswer(
        index, sku, entry.quantity, wanted.unit, look.at_once / factor,
        sum((piece.quantity for piece in had), none) / factor,
        max((piece.ship_on for piece in had if piece.ship_on), default=None),
        max((piece.arrive_on for piece in had if piece.arrive_on), default=None),
        str(look.promise.reason["why"] if not look.promise.unpromised else look.promise.pieces[-1].reason["why"]),
        _parts(had, factor), _parts(look.instead, factor),
    )  # fmt: skip


def _parts(pieces: list[Piece] | tuple[Piece, ...], factor: Decimal) -> tuple[AvailablePart, ...]:
    return tuple(
        AvailablePart(piece.quantity / factor, piece.site_code, piece.ship_on, piece.arrive_on) for piece in pieces
    )
