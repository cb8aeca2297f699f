"""The nouns of promising: demands and what they are promised, pegs, lanes, availability."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.catalog.types import ItemFacts
from auftakt.values import Finding, Lifecycle

RESERVATION_LIFECYCLE = Lifecycle.of(
    "reservation",
    "open",
    ("turned", "released", "expired"),
    extend=("open", "open"),
    turn=("open", "turned"),
    release=("open", "released"),
    expire=("open", "expired"),
)
OWNER_KINDS = ("cart", "quote", "user")
"""For whom supply is reserved: a visitor's cart, a quote that is open, a person here who is deciding."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Something wanted at a place. `quantity` and `step` (the smallest piece) are in base units.

    `components` name what one of it takes from supply: a plain item itself once, a kit its parts, a service nothing.
    They come from one site on one day. Both wishes are days; without one the answer is as soon as possible. What would
    arrive after `latest_on` is not promised; divided, no piece is smaller than `least` (unless it is all there is).
    Demands of one batch are served by priority (1 first), then in the order given.
    """

    id: UUID
    item_id: UUID
    components: tuple[tuple[UUID, Decimal], ...]
    quantity: Decimal
    step: Decimal = Decimal(1)
    country: str = ""
    region: str = ""
    requested_ship_on: date | None = None
    requested_arrival_on: date | None = None
    not_before_on: date | None = None
    split_dates: bool = False
    split_sites: bool = False
    priority: int = 100
    fixed_site_id: UUID | None = None
    customer_id: UUID | None = None
    segment: str = ""
    demand_class: str = ""
    channel: str = ""
    latest_on: date | None = None
    least: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class BuyingTerms:
    """What a supplier asks for an item: days until it is there, and the cost of one in base units."""

    lead_days: int
    unit_cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ItemSourcing:
    """What sourcing rules need to know of an item: its categories from its own up to the root, its brand, the terms of
    its suppliers by their number, and what one of stock costs (millionths)."""

    categories: tuple[UUID, ...] = ()
    brand_id: UUID | None = None
    buying: Mapping[str, BuyingTerms] = field(default_factory=dict[str, BuyingTerms])
    unit_cost: int = 0


@dataclass(frozen=True, slots=True)
class Making:
    """What has to be brought about for a piece: `quantity` of the item is transferred, made or bought into the site and
    is there on a day. `how` is the kind of the source."""

    how: str
    item_id: UUID
    site_id: UUID
    quantity: Decimal
    available_on: date
    from_site_id: UUID | None = None
    supplier: str = ""
    transfer_days: int = 0


@dataclass(frozen=True, slots=True)
class Take:
    """`quantity` of an item to be drawn from a supply bucket."""

    bucket_id: UUID
    item_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a demand with one source and one date. `need_on` is when its supply must be at the site.

    The first piece keeps the demand's id, further ones have their own. Nothing promised: no site and no dates, and the
    reason says what could be had. A demand that takes nothing from supply has dates and no site. `making` is what has
    to be brought about for it; what is transferred is taken where it comes from.
    """

    demand_id: UUID
    quantity: Decimal
    site_id: UUID | None
    site_code: str
    ship_on: date | None
    arrive_on: date | None
    takes: tuple[Take, ...]
    reason: Mapping[str, Any]
    need_on: date | None = None
    making: Making | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """The answer to one demand. Its pieces sum to the demand; `unpromised` is the quantity without a source."""

    demand_id: UUID
    pieces: tuple[Piece, ...]
    unpromised: Decimal
    reason: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SiteOfSupply:
    """A site that ships orders. `processing_days` working days pass between having the goods and shipping them; what is
    asked after the cut-off, in the site's time zone, counts for the next day."""

    id: UUID
    code: str
    processing_days: int = 0
    calendar: str = ""
    time_zone: str = "UTC"
    cut_off: time | None = None


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """From a site to a country, or a region of it; the empty country is everywhere else. Cost is per parcel."""

    site_id: UUID
    country: str
    region: str
    carrier: str
    transit_days: int
    cost: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class LaneDraft:
    """A lane to be saved, by the code of its site."""

    site_code: str
    country: str
    transit_days: int
    region: str = ""
    carrier: str = "standard"
    cost: Decimal = Decimal(0)
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Peg:
    """A demand holds `quantity` of a bucket of supply, needed at its site on a day."""

    id: UUID
    demand_id: UUID
    bucket_id: UUID
    item_id: UUID
    site_id: UUID
    site_code: str
    kind: str
    available_on: date | None
    quantity: Decimal
    need_on: date
    priority: int
    demand_class: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A demand that might be served otherwise: what it holds, and how else it could be wished for."""

    held: tuple[Peg, ...]
    wishes: tuple[Demand, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A wish and what could be promised for it."""

    wish: Demand
    promise: Promise


@dataclass(frozen=True, slots=True)
class PegMove:
    """`quantity` of a peg goes over to another bucket."""

    peg_id: UUID
    to_bucket_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class SupplyLimit:
    """What will be left of a bucket of expected supply; promises may keep no more of it."""

    bucket_id: UUID
    left: Decimal


@dataclass(frozen=True, slots=True)
class LostPeg:
    """`quantity` of a bucket that a demand held and holds no more. `reserved`: the demand was a reservation, which has
    ended with it."""

    demand_id: UUID
    bucket_id: UUID
    item_id: UUID
    quantity: Decimal
    priority: int
    need_on: date
    reserved: bool = False


@dataclass(frozen=True, slots=True)
class CommitmentSplit:
    """A demand of `total` keeps `keep` (earliest supply first); the rest of its pegs goes to the demand `new_id`."""

    demand_id: UUID
    new_id: UUID
    keep: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Expected:
    """Supply on its way: how much comes on a day, and how much of it nobody has been promised."""

    available_on: date
    quantity: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True)
class Availability:
    """What one site has of an item: on hand, promised from it, free now, and what is expected."""

    item_id: UUID
    site_id: UUID
    site_code: str
    on_hand: Decimal
    drawn: Decimal
    free_now: Decimal
    expected: tuple[Expected, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Wish:
    """An item by sku or GTIN, how much of it, where to, and by when. Without a unit it is the item's base unit."""

    quantity: Decimal
    sku: str = ""
    gtin: str = ""
    unit: str = ""
    country: str = ""
    region: str = ""
    requested_ship_on: date | None = None
    requested_arrival_on: date | None = None
    split_dates: bool = False
    split_sites: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish that was understood, or all that is wrong with it. `factor`: base units in one of the unit."""

    findings: tuple[Finding, ...] = ()
    item: ItemFacts | None = None
    unit: str = ""
    factor: Decimal = Decimal(1)
    demand: Demand | None = None


@dataclass(frozen=True, slots=True)
class ReservationDraft:
    """Supply to be held for an owner until an instant: an item by `sku` or `gtin`, and how much of it.

    `owner_kind` is cart, quote or user; `owner` names which. Without a unit the quantity is in the item's base unit.
    """

    owner_kind: str
    owner: str
    expires_at: datetime
    quantity: Decimal
    country: str
    sku: str = ""
    gtin: str = ""
    unit: str = ""
    region: str = ""
    requested_ship_on: date | None = None
    requested_arrival_on: date | None = None
    split_dates: bool = False
    split_sites: bool = False


@dataclass(frozen=True, slots=True)
class ReservationExtension:
    """A reservation is to end at another instant."""

    reservation_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReservationClaim:
    """A line wants what reservations hold: `quantity` (base units) of an item. `place` is where the reservations are
    named, for findings."""

    line_id: UUID
    item_id: UUID
    quantity: Decimal
    reservations: tuple[UUID, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class ReservedPiece:
    """A part of a reservation that comes from one site on one day. No site: it takes nothing from supply."""

    id: UUID
    quantity: Decimal
    site_code: str
    ship_on: date
    arrive_on: date


@dataclass(frozen=True, slots=True)
class ReservationFacts:
    """A reservation as it stands. Quantities are in the item's base unit."""

    id: UUID
    owner_kind: str
    owner: str
    item_id: UUID
    sku: str
    quantity: Decimal
    unit: str
    country: str
    region: str
    state: str
    expires_at: datetime
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    wanted_by: UUID | None
    pieces: tuple[ReservedPiece, ...]
