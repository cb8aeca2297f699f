"""The nouns of dunning: what is overdue, reminders, and what keeps an invoice from being reminded of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

# Days after the due day from which an open item is at dunning level 1, 2 and 3: a reminder, a second one, the last
# before collection. No fee is charged.
DUNNING_DAYS = (7, 21, 35)

# Days a customer has after one reminder before the next may follow, and until when the letter asks for the money.
REMINDER_DAYS = 7


@dataclass(frozen=True, slots=True)
class ReminderDraft:
    """An overdue invoice to be reminded of at a level. Those of one customer and currency go into one letter."""

    invoice_id: UUID
    level: int


@dataclass(frozen=True, slots=True)
class BlockDraft:
    """Keep an invoice, or all of a customer's, from being reminded of: why, and until when (None: until lifted)."""

    reason: str
    until_on: date | None = None
    invoice_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """A block in force. Without an invoice it holds for the whole customer."""

    id: UUID
    customer_id: UUID
    invoice_id: UUID | None
    reason: str
    until_on: date | None
    created_by: str


@dataclass(frozen=True, slots=True)
class OverdueItem:
    """An overdue invoice in the work list. `suggested` is the level it should rise to now, 0 for none."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    customer_id: UUID
    customer_number: str
    customer_name: str
    legal_entity_id: UUID
    currency: str
    issued_on: date
    due_on: date
    gross: Decimal
    open_amount: Decimal
    days: int
    level: int
    dunned_on: date | None
    suggested: int
    block_id: UUID | None
    block_reason: str
    block_until: date | None
    is_customer_blocked: bool


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """A reminder as sent: a letter over one or more invoices of a customer."""

    id: UUID
    number: str
    customer_id: UUID
    customer_number: str
    customer_name: str
    currency: str
    level: int
    issued_on: date
    total: Decimal
    items: int
    is_filed: bool
