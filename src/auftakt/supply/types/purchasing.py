"""Purchase orders: what suppliers owe us, and when."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.inventory.types import LotQuantity
from auftakt.values import Lifecycle

PURCHASE_LIFECYCLE = Lifecycle.of(
    "purchase order",
    "draft",
    ["closed", "cancelled"],
    approve=("draft", "approved"),
    send=("approved", "sent"),
    acknowledge=("approved sent", "acknowledged"),
    receive_part=("approved sent acknowledged", "part_received"),
    receive=("approved sent acknowledged part_received", "received"),
    close=("received", "closed"),
    cancel=("draft approved sent acknowledged", "cancelled"),
)
"""A draft binds nobody and promises nothing; from its approval an order is expected supply. It is received when nothing
is open and something came; cancelled when nothing is open and nothing came."""

EXPECTING = ("approved", "sent", "acknowledged", "part_received")
"""The states in which goods are expected: what is open stands in supply buckets and may be promised."""

PLACED_AS = ("draft", "approved", "sent")
"""The states an order may be placed in: worked out here step by step, or decided elsewhere already."""


@dataclass(frozen=True, slots=True)
class PurchaseLineDraft:
    """What is ordered of an item. `unit_cost` is for one of `unit` ("" is the item's base unit).

    Left out (None), the day follows from the supplier's lead time, the cost from the supplier's prices, tolerances and
    inspection from the supplier's terms.
    """

    sku: str
    quantity: Decimal
    expected_on: date | None = None
    unit: str = ""
    unit_cost: Decimal | None = Decimal(0)
    over_percent: Decimal | None = None
    under_percent: Decimal | None = None
    inspects: bool | None = None


@dataclass(frozen=True, slots=True)
class PurchaseDraft:
    """A purchase order to be placed, in one of the states PLACED_AS. Without a number it gets the next one."""

    supplier_number: str
    site_code: str
    currency: str
    ordered_on: date
    lines: tuple[PurchaseLineDraft, ...]
    number: str = ""
    state: str = "sent"


@dataclass(frozen=True, slots=True)
class ApprovalLimit:
    """Up to which value in a currency an order is approved without a special right. No limit means: never."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class AcknowledgedLine:
    """What the supplier says of a line: how much of what is still on its way will come (base units), and when.
    None is as ordered."""

    line_id: UUID
    quantity: Decimal | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class PurchaseAcknowledgement:
    """The supplier's answer to an order. Lines that are not named come as ordered."""

    purchase_order_id: UUID
    lines: tuple[AcknowledgedLine, ...] = ()
    supplier_reference: str = ""


@dataclass(frozen=True, slots=True)
class BucketMoved:
    """Expected supply that an answer of the supplier moved or cut."""

    line_id: UUID
    bucket_id: UUID
    was_on: date
    expected_on: date
    was_open: Decimal
    open: Decimal


@dataclass(frozen=True, slots=True)
class InspectionVerdict:
    """What became of goods in quarantine, in base units; what is neither accepted nor rejected stays there.

    `then` says what the rejected goods mean for the order: `replace` (they are still to come) or `cut` (they will not).
    """

    line_id: UUID
    accepted: Decimal = Decimal(0)
    rejected: Decimal = Decimal(0)
    then: str = "replace"
    note: str = ""
    accepted_lots: tuple[LotQuantity, ...] = ()  # of a tracked item; not told: the first to expire are rejected first
    rejected_lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class PurchaseReceipt:
    """What came in of a line, in base units; of an item that is tracked with its lots or serial numbers."""

    line_id: UUID
    quantity: Decimal
    note: str = ""
    lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """A line's open quantity will come on another day."""

    line_id: UUID
    expected_on: date


@dataclass(frozen=True, slots=True)
class PurchaseCancellation:
    """A line's open quantity, or part of it (base units), will not come."""

    line_id: UUID
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PurchaseLineFacts:
    """A line with its order, in base units. `promised` is what of the open quantity promises hold."""

    id: UUID
    purchase_order_id: UUID
    purchase_order_number: str
    line_number: int
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    decimals: int
    ordered: Decimal
    received: Decimal
    cancelled: Decimal
    unit_cost: Decimal
    expected_on: date
    bucket_id: UUID | None
    promised: Decimal
    excess: Decimal = Decimal(0)
    inspecting: Decimal = Decimal(0)
    rejected: Decimal = Decimal(0)
    over_percent: Decimal = Decimal(0)
    under_percent: Decimal = Decimal(0)
    inspects: bool = False
    tracking: str = "none"

    @property
    def open(self) -> Decimal:
        """What is not stock yet: still to come, or in quarantine."""
        return self.ordered + self.excess - self.received - self.cancelled

    @property
    def to_come(self) -> Decimal:
        """What the supplier has still to deliver."""
        return self.open - self.inspecting


@dataclass(frozen=True, slots=True)
class PurchaseFacts:
    """A purchase order without its lines: `expected_on` is the next day something open is expected."""

    id: UUID
    serial: int
    number: str
    supplier_id: UUID
    supplier_number: str
    supplier_name: str
    site_id: UUID
    site_code: str
    site_is_open: bool
    currency: str
    ordered_on: date
    state: str
    line_count: int
    value: Decimal
    expected_on: date | None
    supplier_reference: str = ""
    inspecting: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase order with its lines."""

    head: PurchaseFacts
    lines: tuple[PurchaseLineFacts, ...]
