"""The nouns of bank statements: lines as a bank tells them, and what became of each."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from auftakt.billing.types.settling import Share
from auftakt.values import Lifecycle

WAITING = "waiting"
BOOKED = "booked"
SET_ASIDE = "set_aside"

BANK_LINE_LIFECYCLE = Lifecycle.of(
    "bank line",
    "waiting",
    ("booked",),
    book=("waiting", "booked"),
    set_aside=("waiting", "set_aside"),
    reopen=("set_aside", "waiting"),
)


@dataclass(frozen=True, slots=True)
class BankLineDraft:
    """Money that a bank says came in. `reference` is the bank's own, unique for the account."""

    reference: str
    booked_on: date
    valued_on: date
    amount: Decimal
    currency: str
    payer: str = ""
    payer_account: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """A bank statement file: its account (IBAN, or the bank's number for it) and the money that came in on it."""

    account: str
    filename: str
    format: str
    lines: tuple[BankLineDraft, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a statement did: new lines, and lines that were known already. Nothing new makes no statement."""

    statement_id: UUID | None
    fresh: tuple[UUID, ...]
    known: int


@dataclass(frozen=True, slots=True)
class BankBooking:
    """A bank line to be booked as a payment of a customer, and what it settles; the rest stays on account."""

    line_id: UUID
    customer_number: str
    settles: tuple[Share, ...] | None = None


@dataclass(frozen=True, slots=True)
class SettingAside:
    """A bank line that is no customer's payment, and why."""

    line_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class BankLineFacts:
    """A line of a bank statement and what became of it."""

    id: UUID
    account: str
    reference: str
    booked_on: date
    valued_on: date
    amount: Decimal
    currency: str
    payer: str
    payer_account: str
    text: str
    state: str
    payment_id: UUID | None
    reason: str
    settled_by: str
    filename: str
    taken_at: datetime
