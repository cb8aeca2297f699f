"""Purchase orders: what suppliers owe us, and when."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.values import Lifecycle

PURCHASE_LIFECYCLE = Lifecycle.of(
    "purchase order",
    "open",
    ["closed", "cancelled"],
    receive=("open", "received"),
    close=("received", "closed"),
    cancel=("open", "cancelled"),
)
"""An order is received when nothing is open and something came; cancelled when nothing is open and nothing came."""


@dataclass(frozen=True, slots=True)
class PurchaseLineDraft:
    """What is ordered of an item. `unit_cost` is for one of `unit` ("" is the item's base unit)."""

    sku: str
    quantity: Decimal
    expected_on: date
    unit: str = ""
    unit_cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PurchaseDraft:
    """A purchase order to be placed. Without a number it gets the next one."""

    supplier_number: str
    site_code: str
    currency: str
    ordered_on: date
    lines: tuple[PurchaseLineDraft, ...]
    number: str = ""


@dataclass(frozen=True, slots=True)
class PurchaseReceipt:
    """What came in of a line, in base units."""

    line_id: UUID
    quantity: Decimal
    note: str = ""


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

    @property
    def open(self) -> Decimal:
        """What is still to come."""
        return self.ordered - self.received - self.cancelled


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


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase order with its lines."""

    head: PurchaseFacts
    lines: tuple[PurchaseLineFacts, ...]
