"""The nouns of fulfilment: releases to a site, picks, parcels, shipments, and what carriers say of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from auftakt.inventory.types import LotQuantity
from auftakt.values import Lifecycle, NumberRange

RELEASE_LIFECYCLE = Lifecycle.of(
    "release",
    "released",
    ("shipped", "cancelled"),
    pick=("released", "picked"),
    pack=("picked packed", "packed"),
    ship=("picked packed", "shipped"),
    recall=("released picked packed", "cancelled"),
)
SHIPMENT_LIFECYCLE = Lifecycle.of(
    "shipment",
    "shipped",
    ("delivered",),
    deliver=("shipped lost", "delivered"),
    lose=("shipped", "lost"),
)
WAVE_LIFECYCLE = Lifecycle.of(
    "wave",
    "open",
    ("picked", "cancelled"),
    finish=("open", "picked"),
    disband=("open", "cancelled"),
)
"""A wave is open while one of its releases is to be picked."""
LARGEST_WAVE = 50
RELEASE_NUMBERS = NumberRange("release", "RL-", table="fulfilment_release")
PARCEL_NUMBERS = NumberRange("parcel", "PC-", table="fulfilment_parcel")
SHIPMENT_NUMBERS = NumberRange("shipment", "SH-", table="fulfilment_shipment")
WAVE_NUMBERS = NumberRange("wave", "WV-", table="fulfilment_wave")
SHORT_REASONS: Mapping[str, str] = {"not_found": "short_pick", "damaged": "damage", "expired": "expired"}
"""Why a pick falls short -> the reason under which the stock is corrected."""
TRACKING_CODES = ("in_transit", "out_for_delivery", "delivered", "damaged", "lost", "exception")
"""What a carrier can say of a shipment."""


@dataclass(frozen=True, slots=True)
class Picked:
    """How much of a pick was taken from the shelf (base units). Less than asked is a short pick, for one of
    SHORT_REASONS ("" is not_found)."""

    pick_id: UUID
    picked: Decimal
    reason: str = ""
    lots: tuple[LotQuantity, ...] = ()  # of a tracked item; not told: those scanned, then the first to expire


@dataclass(frozen=True, slots=True)
class WaveDraft:
    """Releases of one site to be picked in one walk; each gets a tote, in the order they are named."""

    site_id: UUID
    release_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ScanDraft:
    """A code read on the walk of a release or of a wave, for `quantity` base units.

    `id` is made by whoever scans: the same scan told twice counts once. `pick_id` is the pick aimed at; without one the
    first that still wants the item takes it. An empty code is told by hand and needs the pick.
    """

    id: UUID
    code: str
    release_id: UUID | None = None
    wave_id: UUID | None = None
    pick_id: UUID | None = None
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Shortage:
    """The rest of a pick will not be found, for one of SHORT_REASONS; an empty reason says that it will after all."""

    pick_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Coded:
    """What a code means. `kind`: item, bin, release, parcel, wave; `word` is its SKU, code or number."""

    kind: str
    id: UUID
    word: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class WalkStep:
    """A pick as a stop on the way past the shelves, in base units. Without a bin it comes last."""

    pick_id: UUID
    release_id: UUID
    release_number: str
    release_state: str
    order_number: str
    wave_id: UUID | None
    tote: int | None
    item_id: UUID
    sku: str
    name: str
    gtin: str
    unit: str
    decimals: int
    weight_kg: Decimal
    quantity: Decimal
    scanned: Decimal
    short_reason: str
    for_sku: str
    bin: str
    tracking: str
    site_id: UUID
    ship_on: date
    min_remaining_days: int

    @property
    def missing(self) -> Decimal:
        """What is still to be taken from the shelf."""
        return self.quantity - self.scanned

    @property
    def is_done(self) -> bool:
        """All of it is taken, or the rest is known not to be there."""
        return self.missing <= 0 or bool(self.short_reason)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan as it was taken. `kind` piece: `quantity` of a pick was booked; bin or release: the place is right."""

    id: UUID
    kind: str
    step: WalkStep
    quantity: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """A wave, how many releases are in it and how many of them are still to be picked."""

    id: UUID
    number: str
    site_id: UUID
    site_code: str
    state: str
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    releases: int
    to_pick: int
    pieces: Decimal
    scanned: Decimal


@dataclass(frozen=True, slots=True)
class WaveCandidate:
    """A release that no wave holds yet, with what it could be grouped by."""

    release_id: UUID
    number: str
    order_number: str
    customer_name: str
    ship_on: date
    priority: int
    carrier: str
    picks: int
    pieces: Decimal
    weight_kg: Decimal


@dataclass(frozen=True, slots=True)
class WaveSuggestion:
    """Releases that would make a good wave."""

    ship_on: date
    carrier: str
    releases: tuple[WaveCandidate, ...]


@dataclass(frozen=True, slots=True)
class ParcelDraft:
    """A box: weight in kg, edges in mm, its own tracking number where the carrier gives one to each."""

    weight_kg: Decimal
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class Packing:
    """The boxes that the picked goods of a release were put into."""

    release_id: UUID
    parcels: tuple[ParcelDraft, ...]


@dataclass(frozen=True, slots=True)
class Shipping:
    """A release leaves: the whole of it, or only some of its lines; then the rest becomes a release of its own.

    `parcel_ids` says which boxes leave; none named means all of them.
    """

    release_id: UUID
    carrier: str = ""
    tracking_number: str = ""
    release_line_ids: tuple[UUID, ...] = ()
    parcel_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackingDraft:
    """What a carrier said at `happened_at` (one of TRACKING_CODES).

    The shipment is named by its id, by its number, or by a tracking number of it or of one of its parcels.
    """

    code: str
    happened_at: datetime
    shipment_id: UUID | None = None
    number: str = ""
    tracking_number: str = ""
    place: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class BillDraw:
    """A quantity (in the order line's unit) of a shipment line that an invoice carries."""

    shipment_line_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """A pick as it was booked, in base units."""

    pick_id: UUID
    item_id: UUID
    sku: str
    asked: Decimal
    picked: Decimal
    reason: str = ""

    @property
    def missing(self) -> Decimal:
        """What was not on the shelf."""
        return self.asked - self.picked


@dataclass(frozen=True, slots=True)
class Journey:
    """How a shipment stands after what carriers said of it."""

    state: str
    delivered_at: datetime | None = None
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """The work a site is asked to do for one order. `language` is that of the order's customer."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    site_id: UUID
    site_code: str
    site_name: str
    ship_on: date
    state: str
    language: str
    released_at: datetime
    picked_at: datetime | None
    packed_at: datetime | None
    shipped_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReleaseLineFacts:
    """A fulfilment line on a release; `quantity` is in `unit`. A cancelled one was recalled or not found."""

    id: UUID
    release_id: UUID
    fulfilment_line_id: UUID
    order_line_id: UUID
    line_number: int
    item_id: UUID
    sku: str
    item_name: str
    item_kind: str
    quantity: Decimal
    unit: str
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class LotMove:
    """An entry of the ledger that moved a lot, with what it came from or whom it went to; empty where nobody."""

    move_id: UUID
    at: datetime
    reason: str
    quantity: Decimal
    taken_from: str
    put_to: str
    actor: str
    order_id: UUID | None
    order_number: str
    shipment_number: str
    customer_number: str
    customer_name: str
    purchase_order_id: UUID | None
    purchase_order_number: str
    supplier_name: str
    work_order_id: UUID | None
    work_order_number: str
    transfer_id: UUID | None
    transfer_number: str


@dataclass(frozen=True, slots=True)
class PickFacts:
    """What to take from the shelf, in base units (`unit`). `for_sku` is the kit, or the item itself; `bin` where it
    lies."""

    id: UUID
    release_id: UUID
    release_line_id: UUID
    item_id: UUID
    sku: str
    item_name: str
    quantity: Decimal
    picked: Decimal
    unit: str
    weight_kg: Decimal
    for_sku: str
    bin: str
    scanned: Decimal
    short_reason: str


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """A box of a release, and of a shipment once it has left."""

    id: UUID
    release_id: UUID
    shipment_id: UUID | None
    number: str
    weight_kg: Decimal
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    tracking_number: str


@dataclass(frozen=True, slots=True)
class ShipmentLineFacts:
    """What left of an order line, in `unit`; `billed` of it is on invoices."""

    id: UUID
    shipment_id: UUID
    fulfilment_line_id: UUID
    order_line_id: UUID
    line_number: int
    item_id: UUID
    sku: str
    item_name: str
    quantity: Decimal
    billed: Decimal
    unit: str

    @property
    def to_bill(self) -> Decimal:
        """What no invoice carries yet."""
        return self.quantity - self.billed


@dataclass(frozen=True, slots=True)
class TrackingFacts:
    """Something a carrier said of a shipment."""

    id: UUID
    shipment_id: UUID
    at: datetime
    code: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class ShipmentFacts:
    """What left (kind goods), or what was performed (kind service), with everything known of it."""

    id: UUID
    number: str
    kind: str
    order_id: UUID
    order_number: str
    release_id: UUID | None
    site_id: UUID | None
    site_code: str
    carrier: str
    tracking_number: str
    state: str
    shipped_at: datetime
    delivered_at: datetime | None
    is_damaged: bool
    lines: tuple[ShipmentLineFacts, ...] = ()
    parcels: tuple[ParcelFacts, ...] = ()
    events: tuple[TrackingFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """All that is known of one release."""

    release: ReleaseFacts
    lines: tuple[ReleaseLineFacts, ...]
    picks: tuple[PickFacts, ...]
    parcels: tuple[ParcelFacts, ...]
    shipment: ShipmentFacts | None


@dataclass(frozen=True, slots=True)
class BenchRow:
    """A release in the list of a site: who it is for, how much there is to do."""

    release: ReleaseFacts
    customer_name: str
    city: str
    country: str
    lines: int
    picks: int
    parcels: int


@dataclass(frozen=True, slots=True)
class Bench:
    """A site's work in one state, soonest first, and how many releases are in each state that asks for work."""

    counts: Mapping[str, int]
    rows: tuple[BenchRow, ...]


@dataclass(frozen=True, slots=True)
class ToBill:
    """A shipment line of which something is not billed yet; quantities in the order line's unit."""

    shipment_line_id: UUID
    shipment_id: UUID
    order_id: UUID
    order_line_id: UUID
    quantity: Decimal
    billed: Decimal

    @property
    def to_bill(self) -> Decimal:
        """What no invoice carries yet."""
        return self.quantity - self.billed
