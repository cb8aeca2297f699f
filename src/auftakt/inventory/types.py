"""Sites, stock movements and supply: the nouns of the inventory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from auftakt.values import NumberRange

SITE_KINDS = ("distribution_centre", "store", "plant", "supplier", "in_transit")

VIRTUAL_LOCATIONS = ("supplier", "customer", "production", "loss", "transit")
"""Kinds of location without a site: the other side of every move that brings stock in or takes it out."""

REASONS: Mapping[str, str] = {
    "opening": "loss",
    "found": "loss",
    "correction": "loss",
    "count": "loss",
    "damage": "loss",
    "loss": "loss",
    "theft": "loss",
    "expired": "loss",
    "sample": "loss",
    "short_pick": "loss",
    "produced": "production",
    "consumed": "production",
}
"""Reasons of an adjustment -> the kind of location on its other side."""

EXPECTED_KINDS = ("purchase", "transfer", "work_order", "supplier")

ItemRef = str | UUID
"""An item as people or programs name it: its SKU or its id."""

SiteRef = str | UUID
"""A site as people or programs name it: its code or its id."""


@dataclass(frozen=True, slots=True)
class CalendarException:
    """A day off (`is_working` false) or an extra working day, whatever weekdays and holidays say."""

    day: date
    is_working: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CalendarDraft:
    """A working calendar, known by its code. `weekdays` are ISO digits: "12345" is Monday to Friday.

    Public holidays of `country`, and of a `subdivision` of it (ISO 3166-2 without the country: BY), are days off.
    """

    code: str
    name: str
    weekdays: str = "12345"
    country: str = ""
    subdivision: str = ""
    exceptions: tuple[CalendarException, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """A working calendar as stored, exceptions by day."""

    id: UUID
    code: str
    name: str
    weekdays: str
    country: str
    subdivision: str
    exceptions: tuple[CalendarException, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """A site to be created, or changed where the code exists. Days in its time zone are its own.

    `shipping_calendar` and `receiving_calendar` are codes; without one the site ships or receives every day. Orders
    after the `cut_off`, in the site's time zone, count for the next working day of its shipping calendar. A site of
    kind supplier is the place that a `supplier` (by its number) ships from; stock there is not ours.
    """

    code: str
    name: str
    kind: str
    country: str
    region: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    time_zone: str = "Europe/Berlin"
    is_open: bool = True
    ships_orders: bool = True
    processing_days: int = 0
    shipping_calendar: str = ""
    receiving_calendar: str = ""
    cut_off: time | None = None
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site. `processing_days` pass between the release of an order and its leaving."""

    id: UUID
    code: str
    name: str
    kind: str
    country: str
    region: str
    time_zone: str
    is_open: bool
    ships_orders: bool
    processing_days: int
    street: str = ""
    postal_code: str = ""
    city: str = ""
    shipping_calendar: str = ""
    receiving_calendar: str = ""
    cut_off: time | None = None
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class LotQuantity:
    """So much of a lot, in base units; a serial number is a lot of one. Without a day the item's shelf life tells when
    a new lot expires."""

    number: str
    quantity: Decimal = Decimal(1)
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class LotsTold:
    """The lots told for goods of an item that come in (base units), to be judged before they are booked."""

    item_id: UUID
    sku: str
    quantity: Decimal
    lots: tuple[LotQuantity, ...]
    tracking: str


@dataclass(frozen=True, slots=True)
class LotHoldDraft:
    """Take pieces in hand for something (`reference_id`) that ships on a day: lots as told, or the first that expire.

    Lots must keep `min_remaining_days` beyond that day.
    """

    reference_id: UUID
    item_id: UUID
    sku: str
    site_id: UUID
    quantity: Decimal
    ship_on: date
    min_remaining_days: int = 0
    lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class LotAside:
    """So much of a lot at a site that is set aside, or, once it is, written off (base units)."""

    lot_id: UUID
    site_id: UUID
    quantity: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A lot at a place: how much lies there, and how much of it is picked."""

    lot_id: UUID
    item_id: UUID
    number: str
    expires_on: date | None
    is_serial: bool
    location_id: UUID
    site_id: UUID | None
    place: str
    quantity: Decimal
    held: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """Goods that came from a supplier without a purchase order. No unit means the item's base unit."""

    site: SiteRef
    item: ItemRef
    quantity: Decimal
    unit: str = ""
    note: str = ""
    reference_id: UUID | None = None
    lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Stock that is more (`difference` above zero) or less than the books say, with a reason of REASONS.

    Of a tracked item `lots` says which; with `choose_lots` what is lost is of those that expire first.
    """

    site: SiteRef
    item: ItemRef
    difference: Decimal
    reason: str
    unit: str = ""
    note: str = ""
    lots: tuple[LotQuantity, ...] = ()
    choose_lots: bool = False


@dataclass(frozen=True, slots=True)
class StockCount:
    """What was counted on the shelf: the books are adjusted to it. Counting twice changes nothing.

    Of a tracked item `lots` says all that lies there, lot by lot. `books` is what the books said when the variance was
    shown and confirmed (base units); None asks for no such agreement.
    """

    site: SiteRef
    item: ItemRef
    counted: Decimal
    unit: str = ""
    note: str = ""
    books: Decimal | None = None
    lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacingDraft:
    """Where an item lies at a site from now on. An empty `bin` takes the item out of its bin.

    `walk` is the bin's turn on the way through the site: bins with a turn come first, the others follow by their
    code, numbers in it read as numbers. None leaves the turn of a bin that exists as it is.
    """

    site: SiteRef
    item: ItemRef
    bin: str
    walk: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """The bin an item lies in at a site; `walk` sorts bins as they are walked past."""

    item_id: UUID
    site_id: UUID
    bin_id: UUID
    code: str
    walk: str


@dataclass(frozen=True, slots=True)
class ShelfFacts:
    """A bin with an item that lies in it, and what the books say is there; in base units."""

    bin: str
    walk: str
    item_id: UUID
    sku: str
    name: str
    unit: str
    gtin: str
    on_hand: Decimal
    promised: Decimal
    tracking: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Goods moved from one site's stock to another's."""

    from_site: SiteRef
    to_site: SiteRef
    item: ItemRef
    quantity: Decimal
    unit: str = ""
    note: str = ""
    lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class BucketDraw:
    """A quantity (base units) to draw from a bucket, or to give back to it."""

    bucket_id: UUID
    quantity: Decimal


ISSUES: Mapping[str, str] = {"shipment": "customer", "transfer": "transit", "issued_to_work": "production"}
"""Reasons for which drawn stock leaves a site -> the kind of location it goes to."""

ARRIVALS: Mapping[str, str] = {
    "purchase": "supplier",
    "supplier": "supplier",
    "transfer": "transit",
    "work_order": "production",
}
"""Kinds of expected supply -> the kind of location it comes from."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Goods drawn earlier that now leave. `reference_id` is what carries them (a shipment line, a transfer line, a
    component of a work order); `reason` is one of ISSUES and says where they go."""

    bucket_id: UUID
    quantity: Decimal
    reference_id: UUID | None = None
    reason: str = "shipment"


@dataclass(frozen=True, slots=True)
class AsideMove:
    """Goods of a supply document (`reference_id`) that move without becoming stock or leaving it: into quarantine, back
    to the supplier, lost on the way. Ends are kinds of location; `quarantine` is that of the site."""

    reference_id: UUID
    item_id: UUID
    site_id: UUID
    quantity: Decimal
    taken_from: str
    put_to: str
    reason: str
    note: str = ""
    lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkReturn:
    """Goods that had gone into production and come back to the shelf unused (base units)."""

    site: SiteRef
    item: ItemRef
    quantity: Decimal
    reference_id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExpectedSupply:
    """What a supply document's line (`reference_id`) will still bring: absolute, in base units, on a day."""

    reference_id: UUID
    kind: str
    item_id: UUID
    site_id: UUID
    available_on: date
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Arrival:
    """Part of an expected supply that has come in (base units)."""

    reference_id: UUID
    quantity: Decimal
    note: str = ""
    inspected: bool = False  # it lay in quarantine until it was accepted
    lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrived:
    """An arrival booked. `drawn_moved` is what promises held of the arrived part and now hold of the stock on hand."""

    expected_bucket_id: UUID
    on_hand_bucket_id: UUID
    quantity: Decimal
    drawn_moved: Decimal
    move_id: UUID


@dataclass(frozen=True, slots=True)
class Place:
    """A location, and its site where it is a site's stock."""

    location_id: UUID
    site_id: UUID | None = None
    code: str = ""

    @property
    def holds(self) -> bool:
        """Whether goods lie here: stock, quarantine, or on the way between sites."""
        return self.site_id is not None or self.code in ("stock", "quarantine", "transit")


@dataclass(frozen=True, slots=True)
class Movement:
    """A move about to be posted. With `counted` the quantity follows from what the books say once they are locked.

    `lots` are those told; with `choose` they may be chosen; `settled` are those that move, by id.
    """

    index: int
    item_id: UUID
    sku: str
    taken_from: Place
    put_to: Place
    quantity: Decimal
    reason: str
    note: str = ""
    reference_id: UUID | None = None
    reverses_id: UUID | None = None
    counted: Decimal | None = None
    books: Decimal | None = None
    tracking: str = "none"
    shelf_life_days: int | None = None
    lots: tuple[LotQuantity, ...] = ()
    choose: bool = False
    settled: tuple[tuple[UUID, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class BucketState:
    """Quantity and drawn of one bucket."""

    quantity: Decimal
    drawn: Decimal

    @property
    def available(self) -> Decimal:
        """What nobody has been promised."""
        return self.quantity - self.drawn


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """A supply bucket with the words of its item and site."""

    id: UUID
    item_id: UUID
    sku: str
    site_id: UUID
    site_code: str
    kind: str
    available_on: date | None
    quantity: Decimal
    drawn: Decimal
    reference_id: UUID | None


@dataclass(frozen=True, slots=True)
class StockFacts:
    """An item at a site: on hand, how much of it is promised, and what is expected, in base units."""

    item_id: UUID
    sku: str
    name: str
    unit: str
    site_id: UUID
    site_code: str
    on_hand: Decimal
    promised: Decimal
    expected: Decimal
    expected_promised: Decimal
    next_expected_on: date | None

    @property
    def available(self) -> Decimal:
        """On hand and not promised."""
        return self.on_hand - self.promised


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """One entry of the stock ledger, in words."""

    id: UUID
    item_id: UUID
    sku: str
    quantity: Decimal
    taken_from: str
    put_to: str
    at: datetime
    actor: str
    reason: str
    note: str
    reference_id: UUID | None
    reverses_id: UUID | None
    reversed_by_id: UUID | None


COUNT_NUMBERS = NumberRange("count", "CN-", table="inventory_countlist")
COUNT_CHOICES = ("bins", "items", "abc", "longest", "random")
"""How items of a count are chosen: bin to bin, by name, a class by turnover, not counted for longest, by chance."""


@dataclass(frozen=True, slots=True)
class CountTolerance:
    """How far a count at a site may differ from the books and is still booked by itself: by so many percent of the
    books and by no more than a value. Beyond it somebody else approves."""

    site: SiteRef
    percent: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class CountPlan:
    """Count these at a site until a day; see COUNT_CHOICES. At most `most` items."""

    site: SiteRef
    due_on: date
    choose: str = "random"
    first: str = ""
    last: str = ""
    items: tuple[str, ...] = ()
    abc: str = "A"
    most: int = 30
    note: str = ""


@dataclass(frozen=True, slots=True)
class CountEntry:
    """What was counted of an item at a site (base units): for a line of a count list, or, without one, just so.

    `unit_value` is what a piece costs, where that is known. Lots and `books` as in StockCount.
    """

    site: SiteRef
    item: ItemRef
    counted: Decimal
    line_id: UUID | None = None
    lots: tuple[LotQuantity, ...] = ()
    note: str = ""
    books: Decimal | None = None
    unit_value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CountDecision:
    """What becomes of a variance: approve, recount or reject; the last two say why."""

    line_id: UUID
    decision: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CountLineFacts:
    """An item on a count list. States: open, waiting (for approval), agreed, posted, rejected."""

    id: UUID
    list_id: UUID
    list_number: str
    site_id: UUID
    site_code: str
    due_on: date
    item_id: UUID
    sku: str
    name: str
    unit: str
    tracking: str
    state: str
    books: Decimal | None
    counted: Decimal | None
    unit_value: Decimal | None
    counted_by: str
    counted_at: datetime | None
    decided_by: str
    reason: str
    note: str

    @property
    def difference(self) -> Decimal:
        """How much more than the books said was found; below zero it is missing."""
        return Decimal(0) if self.counted is None or self.books is None else self.counted - self.books


@dataclass(frozen=True, slots=True)
class CountListFacts:
    """A count list: how many items it has, and how many are still to be counted or wait for approval."""

    id: UUID
    number: str
    site_code: str
    due_on: date
    chosen_by: str
    note: str
    lines: int
    open: int
    waiting: int
