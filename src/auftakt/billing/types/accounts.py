"""The nouns of a customer's account and of the books: what happened on it, and the postings an ERP takes over."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Something that moved a customer's account: an invoice or a refund adds to what is owed, a credit note or a
    payment takes from it. `balance` is what is owed after it."""

    on: date
    kind: str
    id: UUID
    number: str
    order_number: str
    due_on: date | None
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """A customer's account in one currency over a period."""

    customer_id: UUID
    customer_number: str
    customer_name: str
    currency: str
    from_on: date
    until_on: date
    opening: Decimal
    rows: tuple[AccountRow, ...]

    @property
    def closing(self) -> Decimal:
        """What is owed at the end of the period."""
        return self.rows[-1].balance if self.rows else self.opening


@dataclass(frozen=True, slots=True)
class PostingFacts:
    """One side of a money entry, with what it is about."""

    id: UUID
    entry_id: UUID
    posted_on: date
    legal_entity: str
    account: str
    currency: str
    amount: Decimal
    subject_type: str
    subject_id: UUID
    subject_number: str
    customer_number: str
    customer_name: str
