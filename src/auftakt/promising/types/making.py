"""What is made and bought for a promise."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Part:
    """`quantity` of an item that goes into what is made: from a bucket of supply, or, when it is not `standing`, from
    what is made or bought for it in the same promise (its id)."""

    item_id: UUID
    source_id: UUID
    quantity: Decimal
    standing: bool = True


@dataclass(frozen=True, slots=True)
class MadeOperation:
    """A step of making, and what it takes of its resource on which days: minutes, or pieces."""

    resource_id: UUID
    sequence: int
    name: str
    loads: tuple[tuple[date, Decimal], ...]

    @property
    def amount(self) -> Decimal:
        """What it takes in all."""
        return sum((amount for _, amount in self.loads), Decimal(0))


@dataclass(frozen=True, slots=True)
class Made:
    """What is to be made at a plant for a promise: a lot that begins and is finished on a day, with its components and
    what it loads. `parent_id`: the lot it goes into."""

    id: UUID
    item_id: UUID
    site_id: UUID
    quantity: Decimal
    starts_on: date
    due_on: date
    parts: tuple[Part, ...]
    operations: tuple[MadeOperation, ...] = ()
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bought:
    """What is to be bought into a site for a promise."""

    id: UUID
    item_id: UUID
    site_id: UUID
    quantity: Decimal
    due_on: date
