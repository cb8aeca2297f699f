"""Transfer orders: goods on their way from one of our sites to another."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.inventory.types import LotQuantity
from auftakt.values import Lifecycle

TRANSFER_LIFECYCLE = Lifecycle.of(
    "transfer order",
    "draft",
    ["received", "cancelled"],
    place=("draft", "placed"),
    ship=("placed", "shipped"),
    receive_part=("shipped", "part_received"),
    receive=("shipped part_received", "received"),
    cancel=("draft placed", "cancelled"),
)
"""A draft binds nothing. A placed transfer holds the stock of its origin and is expected at its destination."""


@dataclass(frozen=True, slots=True)
class TransferLineDraft:
    """What is to be moved of an item ("" is its base unit)."""

    sku: str
    quantity: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """A transfer between two sites. It leaves on `ship_on` and takes `transit_days`. `state` is draft or placed."""

    from_site: str
    to_site: str
    ship_on: date
    lines: tuple[TransferLineDraft, ...]
    transit_days: int = 1
    number: str = ""
    note: str = ""
    state: str = "placed"


@dataclass(frozen=True, slots=True)
class TransferReceipt:
    """What came in of a transfer's line, in base units. Lots not told are those that were sent."""

    line_id: UUID
    quantity: Decimal
    note: str = ""
    lots: tuple[LotQuantity, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferLoss:
    """What will never come in of a shipped line: all that is in transit, or a quantity of it (base units)."""

    line_id: UUID
    quantity: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TransferCancellation:
    """What of a line is not sent after all, before it has left: all of it, or a quantity (base units)."""

    line_id: UUID
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TransferLineFacts:
    """A line of a transfer, in base units. `promised` is what of the open quantity promises hold."""

    id: UUID
    transfer_id: UUID
    transfer_number: str
    line_number: int
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    decimals: int
    quantity: Decimal
    cancelled: Decimal
    shipped: Decimal
    received: Decimal
    lost: Decimal
    state: str
    bucket_id: UUID | None
    promised: Decimal

    @property
    def open(self) -> Decimal:
        """What the destination still expects."""
        return self.quantity - self.cancelled - self.received - self.lost

    @property
    def to_ship(self) -> Decimal:
        """What is to leave the origin; held there once the transfer is placed."""
        return self.quantity - self.cancelled - self.shipped

    @property
    def in_transit(self) -> Decimal:
        """What has left and has not come in."""
        return self.shipped - self.received - self.lost


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A transfer without its lines."""

    id: UUID
    serial: int
    number: str
    from_site_id: UUID
    from_site: str
    to_site_id: UUID
    to_site: str
    to_site_is_open: bool
    state: str
    ship_on: date
    transit_days: int
    arrive_on: date
    note: str


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """A transfer with its lines."""

    head: TransferFacts
    lines: tuple[TransferLineFacts, ...]
