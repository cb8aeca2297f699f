"""The nouns of orders: drafts as they come in, orders as they stand, and how far they have got."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.parties.types import AddressDraft, AddressFacts
from auftakt.pricing.types import ManualAdjustment, PricedOrder
from auftakt.promising.types import Piece, Promise
from auftakt.supply.types import BucketMoved
from auftakt.values import Finding, Lifecycle, NumberRange

ORDER_LIFECYCLE = Lifecycle.of(
    "order",
    "draft",
    ("closed", "cancelled"),
    submit=("draft", "submitted"),
    revise=("submitted", "submitted"),
    cancel=("draft submitted", "cancelled"),
    close=("submitted", "closed"),
)
FULFILMENT_LIFECYCLE = Lifecycle.of(
    "fulfilment_line",
    "open",
    ("shipped", "cancelled"),
    release=("open", "released"),
    recall=("released", "open"),
    ship=("released", "shipped"),
    perform=("open", "shipped"),
    cancel=("open", "cancelled"),
)
ORDER_NUMBERS = NumberRange("order", "SO-", table="orders_order")
PAYMENT_METHODS = ("on_account", "bank_transfer", "card", "paypal", "cash_on_delivery")
WITHOUT_STOCK = frozenset({"service", "non_stock"})
"""Kinds of items that are served without drawing supply."""


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as the customer's system knows it. Empty: the unit is the item's base unit, the id the line's position.

    Days that are not given are those of the order. `manual` is a price adjustment made by a person. `reservations` are
    turned into the line's promise when it is submitted; they are not part of what is ordered.
    """

    sku: str
    quantity: Decimal
    unit: str = ""
    external_line_id: str = ""
    requested_ship_on: date | None = None
    requested_arrival_on: date | None = None
    manual: ManualAdjustment | None = None
    reservations: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as it comes in. What is empty is filled in from the customer, and the trace says from where.

    `source_system` and `external_reference` are its identity: the same again is the same order. `bill_to` and `ship_to`
    are addresses that came with the order; `bill_to_id`, `ship_to_id` name one the customer has. `ordered_at` is when
    the customer ordered (empty: now). `received` is the outsider's document, kept as it came. `payment_token` is the
    payment provider's opaque reference of the customer's means of payment, never a card number.
    """

    source_system: str
    external_reference: str
    customer_number: str
    lines: tuple[LineDraft, ...]
    channel: str = "console"
    currency: str = ""
    bill_to_id: UUID | None = None
    bill_to: AddressDraft | None = None
    ship_to_id: UUID | None = None
    ship_to: AddressDraft | None = None
    payment_terms: str = ""
    payment_method: str = ""
    payment_token: str = ""
    price_list_code: str = ""
    customer_reference: str = ""
    requested_ship_on: date | None = None
    requested_arrival_on: date | None = None
    not_before_on: date | None = None
    split_dates: bool = True
    split_sites: bool = True
    priority: int = 100
    notes: str = ""
    ordered_at: datetime | None = None
    received: Any = None
    legal_entity_code: str = ""


@dataclass(frozen=True, slots=True)
class Captured:
    """What became of the draft at `index`. `result` is created, unchanged or revised."""

    index: int
    order_id: UUID
    number: str
    result: str
    state: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Give up an order, one line of it, or a quantity (in the line's unit) of one line: what is still open."""

    order_id: UUID
    line_id: UUID | None = None
    quantity: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """Keep `keep` (in the line's unit) on a fulfilment line; the rest becomes an open line without a promise."""

    fulfilment_line_id: UUID
    keep: Decimal


@dataclass(frozen=True, slots=True)
class Closing:
    """The perfect-order facts of an order of which nothing is open any more."""

    order_id: UUID
    in_full: bool
    on_time: bool
    undamaged: bool
    billed_right: bool


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The head of an order, for the floors above."""

    id: UUID
    number: str
    state: str
    revision: int
    source_system: str
    external_reference: str
    customer_reference: str
    channel: str
    legal_entity_id: UUID
    customer_id: UUID
    bill_to_id: UUID
    ship_to_id: UUID
    currency: str
    language: str
    payment_terms: str
    payment_method: str
    payment_token: str
    price_list_code: str
    tax_included: bool
    tax_rounding: str
    requested_ship_on: date | None
    requested_arrival_on: date | None
    not_before_on: date | None
    split_dates: bool
    split_sites: bool
    priority: int
    net: Decimal
    tax: Decimal
    gross: Decimal
    notes: str
    ordered_at: datetime
    submitted_at: datetime | None
    closed_at: datetime | None
    is_prepaid: bool

    @property
    def is_on_credit(self) -> bool:
        """Whether the order draws on the customer's credit line until it is paid."""
        return self.payment_method == "on_account" and not self.is_prepaid


@dataclass(frozen=True, slots=True)
class LineFacts:
    """An order line. Quantities are in `unit`; amounts are of the whole line."""

    id: UUID
    order_id: UUID
    line_number: int
    external_line_id: str
    item_id: UUID
    sku: str
    item_name: str
    item_kind: str
    unit: str
    unit_factor: Decimal
    quantity: Decimal
    released: Decimal
    shipped: Decimal
    cancelled: Decimal
    requested_ship_on: date | None
    requested_arrival_on: date | None
    manual_kind: str
    manual_value: Decimal | None
    manual_reason: str
    manual_by: str
    list_price: Decimal | None
    unit_price: Decimal | None
    tax_category: str
    tax_rate: Decimal | None
    net: Decimal
    tax: Decimal
    gross: Decimal
    waterfall: list[dict[str, Any]]

    @property
    def open(self) -> Decimal:
        """What is neither released nor shipped nor cancelled."""
        return self.quantity - self.released - self.shipped - self.cancelled


@dataclass(frozen=True, slots=True)
class FulfilmentFacts:
    """A piece of an order line with its source and dates. No site: nothing is promised yet, or it is a service."""

    id: UUID
    order_id: UUID
    line_id: UUID
    item_id: UUID
    sku: str
    item_kind: str
    quantity: Decimal
    base_quantity: Decimal
    state: str
    site_id: UUID | None
    site_code: str
    ship_on: date | None
    arrive_on: date | None
    first_arrive_on: date | None
    split_from_id: UUID | None
    promise: dict[str, Any] | None
    shipped_at: datetime | None

    @property
    def is_promised(self) -> bool:
        """Whether there is a day: a line without one waits for supply."""
        return self.ship_on is not None


@dataclass(frozen=True, slots=True)
class LostPromise:
    """A fulfilment line that lost supply it was promised, and when it ships now (None: it waits for supply)."""

    fulfilment_line_id: UUID
    order_id: UUID
    order_number: str
    sku: str
    quantity: Decimal
    priority: int
    was_on: date | None
    ship_on: date | None
    arrive_on: date | None


@dataclass(frozen=True, slots=True)
class CountTaken:
    """A count of the shelf: `state` is posted, waiting (for approval), open (to be counted again) or rejected; `lost`
    are the promises it cost. `findings` say why an agreed one could not be booked and waits."""

    line_id: UUID
    sku: str
    state: str
    difference: Decimal
    findings: tuple[Finding, ...] = ()
    lost: tuple["LostPromise", ...] = ()


@dataclass(frozen=True, slots=True)
class SupplyCut:
    """What changed about a supply document (its line, or the whole), and whose promises were lost by it, the highest
    priority first."""

    subject_id: UUID
    moved: tuple[BucketMoved, ...] = ()
    lost: tuple[LostPromise, ...] = ()


@dataclass(frozen=True, slots=True)
class StandingOn:
    """A fulfilment line that stands on a bucket of supply. In time: the supply is there when the line needs it."""

    bucket_id: UUID
    fulfilment_line_id: UUID
    order_id: UUID
    order_number: str
    customer_name: str
    item_id: UUID
    sku: str
    quantity: Decimal
    priority: int
    need_on: date
    ship_on: date | None
    arrive_on: date | None
    in_time: bool


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to serve a fulfilment line. `kind` is soonest, whole, split, same_site, other_site or substitute.

    `cost` is what the parcels cost in `currency` (None where ways are paid in different ones); `late_days` are counted
    against the line's `due_on`. `is_given` says that the bench can take it; the others ask the customer first.
    """

    kind: str
    sku: str
    pieces: tuple[Piece, ...]
    ship_on: date
    arrive_on: date
    cost: Decimal | None
    currency: str
    late_days: int
    site_id: UUID | None = None
    split_dates: bool = False
    split_sites: bool = False

    @property
    def is_given(self) -> bool:
        """Whether it can be taken without asking the customer."""
        return self.kind not in ("split", "substitute")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A fulfilment line in jeopardy and how else it could be served, the earliest first.

    `due_on` is the day wished, else the day promised; `comes_on` the day it would come if nothing were done (None: no
    one knows), `is_late` that its supply is overdue or comes too late. `best` is the place of the alternative advised,
    such that all advised ones can be taken together; `seen` a mark of how the line stands.
    """

    line: FulfilmentFacts
    order: OrderFacts
    customer_name: str
    unit: str
    due_on: date | None
    comes_on: date | None
    is_late: bool
    is_overdue: bool
    cost: Decimal | None
    alternatives: tuple[Alternative, ...]
    best: int | None
    seen: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An alternative taken for a fulfilment line that stood as `seen`: there by `arrive_on` in at most `pieces`."""

    fulfilment_line_id: UUID
    seen: str
    arrive_on: date
    pieces: int
    kind: str
    site_id: UUID | None = None
    split_dates: bool = False
    split_sites: bool = False


@dataclass(frozen=True, slots=True)
class StrategyRule:
    """Lines that fit get a strategy (`promising.types.STRATEGIES`); what is empty fits all, the first rule that fits
    counts."""

    strategy: str
    segment: str = ""
    channel: str = ""
    customer_number: str = ""
    priority_to: int | None = None


@dataclass(frozen=True, slots=True)
class RunWish:
    """Which open lines are promised anew (what is empty narrows nothing), by which rules, and in which order: by
    priority, or `is_fair`: within a priority the customers take turns."""

    site_code: str = ""
    sku: str = ""
    customer_number: str = ""
    segment: str = ""
    channel: str = ""
    late_only: bool = False
    is_fair: bool = False
    rules: tuple[StrategyRule, ...] = ()
    strategy: str = "gain"


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """A charge on the whole order, such as shipping."""

    id: UUID
    order_id: UUID
    kind: str
    name: str
    tax_category: str
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    billed: bool
    waterfall: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RevisionFacts:
    """A submitted version of an order and what differs from the one before."""

    number: int
    at: datetime
    actor: str
    reason: str
    difference: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """A stop sign: in force until `released_at`."""

    id: UUID
    order_id: UUID
    reason_code: str
    note: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str
    release_note: str


@dataclass(frozen=True, slots=True)
class ClosureFacts:
    """The perfect-order facts of a closed order."""

    closed_at: datetime
    in_full: bool
    on_time: bool
    undamaged: bool
    billed_right: bool
    perfect: bool


@dataclass(frozen=True, slots=True)
class Served:
    """What the fulfilment lines of an order say, in counts of lines; the stuff progress is derived from."""

    lines: int = 0
    unpromised: int = 0
    open: int = 0
    released: int = 0
    shipped: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order has got: `stage` in one word, and the counts behind it."""

    stage: str
    on_hold: bool = False
    served: Served = field(default_factory=Served)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would become. Promises are in the order of lines; `trace` says what was filled in from where."""

    findings: tuple[Finding, ...]
    currency: str = ""
    priced: PricedOrder | None = None
    promises: tuple[Promise, ...] = ()
    trace: Mapping[str, str] = field(default_factory=dict[str, str])

    def pieces_of(self, index: int) -> tuple[Piece, ...]:
        """The pieces in which the line at a position would be served; none while there are problems."""
        return self.promises[index].pieces if index < len(self.promises) else ()


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list of orders is narrowed to; empty means all. `number` and `reference` match from their beginning."""

    number: str = ""
    customer_number: str = ""
    sku: str = ""
    reference: str = ""
    state: str = ""
    ordered_from: date | None = None
    ordered_to: date | None = None
    text: str = ""
    on_hold: bool = False
    unpromised: bool = False


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list."""

    id: UUID
    number: str
    state: str
    revision: int
    customer_id: UUID
    customer_number: str
    customer_name: str
    source_system: str
    external_reference: str
    customer_reference: str
    channel: str
    currency: str
    gross: Decimal
    ordered_at: datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class OrderList:
    """A page of a list; `next_cursor` is empty on the last one."""

    rows: tuple[OrderRow, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """How an order stands for those who want to do something with many: the reasons it is held for, whether something
    is open or begun, and how many open pieces there are, without a date, and later than wished."""

    id: UUID
    number: str
    state: str
    held: tuple[str, ...]
    is_open: bool
    is_begun: bool
    pieces: int
    dateless: int
    late: int


@dataclass(frozen=True, slots=True)
class RunLine:
    """A line of a run: how it stood (`seen`), when it would come anyhow, and the pieces it would have instead (none: it
    stays as it is). `verdict`: better, worse or same."""

    fulfilment_line_id: UUID
    order_id: UUID
    order_number: str
    segment: str
    sku: str
    strategy: str
    seen: str
    due_on: date | None
    comes_on: date | None
    there_on: date | None
    pieces: tuple[Piece, ...]
    verdict: str


REPROMISE_SCOPES = ("dateless", "late", "all")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened to an order or to what came of it."""

    at: datetime
    actor: str
    verb: str
    subject_type: str
    subject_id: UUID
    change: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """All that this floor and those below know of one order."""

    order: OrderFacts
    customer_number: str
    customer_name: str
    bill_to: AddressFacts
    ship_to: AddressFacts
    progress: Progress
    lines: tuple[LineFacts, ...]
    fulfilment_lines: tuple[FulfilmentFacts, ...]
    charges: tuple[ChargeFacts, ...]
    revisions: tuple[RevisionFacts, ...]
    holds: tuple[HoldFacts, ...]
    closure: ClosureFacts | None
    timeline: tuple[TimelineEntry, ...]
