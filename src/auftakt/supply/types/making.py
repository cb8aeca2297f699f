"""Making: resources with their capacity, routings, work orders."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.inventory.types import LotQuantity
from auftakt.values import Lifecycle

WORK_LIFECYCLE = Lifecycle.of(
    "work order",
    "draft",
    ["closed", "cancelled"],
    release=("draft", "released"),
    begin=("released", "started"),
    finish=("started", "finished"),
    close=("finished", "closed"),
    cancel=("draft released started", "cancelled"),
)
"""Released: its components are reserved and its supply is expected. Started: they have gone into production. Finished:
nothing of it is open. What is cancelled of a started order after some came leaves it finished."""

WORK_EXPECTED = ("released", "started")
"""States in which what is open of a work order can be promised."""

MEASURES = ("hours", "pieces")
"""What the capacity of a resource is counted in; load is kept in minutes, or in pieces."""


@dataclass(frozen=True, slots=True)
class ShiftDraft:
    """A shift gives `capacity` (hours or pieces) on each of its weekdays that is a working day of the calendar."""

    name: str
    capacity: Decimal
    weekdays: str = "1234567"


@dataclass(frozen=True, slots=True)
class CapacityException:
    """The whole capacity of a day, whatever calendar and shifts say; zero when it stands still."""

    day: date
    capacity: Decimal = Decimal(0)
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResourceDraft:
    """A machine, a line or a team at a site, known by site and code. Without a calendar it works every day."""

    site_code: str
    code: str
    name: str
    shifts: tuple[ShiftDraft, ...]
    measure: str = "hours"
    calendar: str = ""
    exceptions: tuple[CapacityException, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """A resource as stored; `calendar` is a code."""

    id: UUID
    site_id: UUID
    site_code: str
    code: str
    name: str
    measure: str
    calendar: str
    shifts: tuple[ShiftDraft, ...] = ()
    exceptions: tuple[CapacityException, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationDraft:
    """A step of making, on a resource of the site. Times count where its capacity is in hours."""

    resource: str
    name: str = ""
    setup_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class RoutingDraft:
    """How an item is made at a site: lead time in working days (a fixed part and one for each piece), and the
    operations in their order."""

    sku: str
    site_code: str
    lead_days: int = 0
    days_per_piece: Decimal = Decimal(0)
    operations: tuple[OperationDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """An operation of a routing."""

    sequence: int
    name: str
    resource_id: UUID
    resource: str
    measure: str
    setup_minutes: Decimal
    run_minutes: Decimal


@dataclass(frozen=True, slots=True)
class RoutingFacts:
    """A routing as stored."""

    id: UUID
    item_id: UUID
    sku: str
    item_name: str
    site_id: UUID
    site_code: str
    lead_days: int
    days_per_piece: Decimal
    operations: tuple[OperationFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkDraft:
    """A work order to be planned. Without a number it gets the next one; without a day it is due after its lead time.
    ."""

    sku: str
    site_code: str
    quantity: Decimal
    starts_on: date
    due_on: date | None = None
    unit: str = ""
    number: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class WorkFinish:
    """What came of a work order: good pieces, which become stock, and scrap. In base units."""

    work_order_id: UUID
    quantity: Decimal
    scrap: Decimal = Decimal(0)
    note: str = ""
    lots: tuple[LotQuantity, ...] = ()  # of the good pieces, where the item is tracked


@dataclass(frozen=True, slots=True)
class WorkRescheduling:
    """A work order is due on another day, and may start on another."""

    work_order_id: UUID
    due_on: date
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """A work order, in base units. `ends_on` is the last day on which its resources are loaded; `promised` is what
    promises hold of its open quantity."""

    id: UUID
    serial: int
    number: str
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    decimals: int
    site_id: UUID
    site_code: str
    site_is_open: bool
    quantity: Decimal
    finished: Decimal
    scrapped: Decimal
    cancelled: Decimal
    starts_on: date
    due_on: date
    ends_on: date | None
    state: str
    note: str
    bucket_id: UUID | None
    promised: Decimal

    @property
    def open(self) -> Decimal:
        """What is still to be made."""
        return self.quantity - self.finished - self.scrapped - self.cancelled


@dataclass(frozen=True, slots=True)
class WorkComponentFacts:
    """A component of a released work order: needed in all, reserved on the shelf, issued into production."""

    id: UUID
    work_order_id: UUID
    position: int
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    decimals: int
    per: Decimal
    scrap_percent: Decimal
    required: Decimal
    reserved: Decimal
    issued: Decimal


@dataclass(frozen=True, slots=True)
class WorkOperationFacts:
    """An operation of a released work order with what it loads its resource with, in minutes or pieces."""

    id: UUID
    work_order_id: UUID
    sequence: int
    name: str
    resource_id: UUID
    resource: str
    measure: str
    amount: Decimal
    first_on: date | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Work:
    """A work order with its components and operations."""

    head: WorkFacts
    components: tuple[WorkComponentFacts, ...]
    operations: tuple[WorkOperationFacts, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What a work order takes of a resource on a day, in minutes or pieces."""

    resource_id: UUID
    day: date
    amount: Decimal
    work_order_id: UUID
    number: str
    sku: str
    operation: str
