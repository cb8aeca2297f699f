"""The nouns of billing: drafts that verbs take, facts that queries give, states, and the port to payment providers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from auftakt.billing.types.accounts import AccountRow, AccountStatement, PostingFacts
from auftakt.billing.types.bank import (
    BANK_LINE_LIFECYCLE,
    BOOKED,
    SET_ASIDE,
    WAITING,
    BankBooking,
    BankLineDraft,
    BankLineFacts,
    SettingAside,
    StatementDraft,
    Taken,
)
from auftakt.billing.types.dunning import (
    DUNNING_DAYS,
    REMINDER_DAYS,
    BlockDraft,
    BlockFacts,
    OverdueItem,
    ReminderDraft,
    ReminderFacts,
)
from auftakt.billing.types.settling import (
    AllocationDraft,
    Hint,
    OpenItem,
    Proposal,
    Receipt,
    RefundDraft,
    ReleaseDraft,
    Share,
)
from auftakt.values import Lifecycle

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"

PROVIDER_METHODS = frozenset({"card", "paypal"})
RECEIVED_METHODS = frozenset({"bank_transfer", "cash_on_delivery", "on_account"})
PAYMENT_METHODS = PROVIDER_METHODS | RECEIVED_METHODS

RECEIVABLES = "receivables"
REVENUE = "revenue"
TAX_PAYABLE = "tax_payable"
BANK = "bank"
CASH = "cash"
PROVIDER_CLEARING = "provider_clearing"
CUSTOMER_PREPAYMENTS = "customer_prepayments"
ACCOUNTS = frozenset({RECEIVABLES, REVENUE, TAX_PAYABLE, BANK, CASH, PROVIDER_CLEARING, CUSTOMER_PREPAYMENTS})

AUTHORISE = "authorise"
CAPTURE = "capture"
REFUND = "refund"

SUCCEEDED = "succeeded"
DECLINED = "declined"
FAILED = "failed"
IN_DOUBT = "in_doubt"
NOT_FOUND = "not_found"

REMINDER = "reminder"

ATTEMPT_LIFECYCLE = Lifecycle.of(
    "payment attempt",
    "started",
    ("succeeded", "declined", "failed"),
    succeed=("started in_doubt", "succeeded"),
    decline=("started in_doubt", "declined"),
    fail=("started in_doubt", "failed"),
    doubt=("started", "in_doubt"),
)


@dataclass(frozen=True, slots=True)
class BillPiece:
    """Part of a shipment line to be billed, in the order line's unit."""

    shipment_line_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class CreditPiece:
    """What is credited of one invoice line; without a quantity all of it that is not credited yet."""

    invoice_line_id: UUID
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CreditDraft:
    """A credit note for an invoice, with its reason. Without pieces everything not credited yet is credited."""

    invoice_id: UUID
    reason: str
    pieces: tuple[CreditPiece, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person found out about an attempt in doubt: succeeded, declined or failed, and how they know."""

    attempt_id: UUID
    state: str
    reason: str
    provider_reference: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """Where the money for an invoice stands after `collect`: paid, or waiting for the customer to pay."""

    invoice_id: UUID
    state: str
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class Authorised:
    """An order whose money is on hold (`attempt_id` says by which attempt), or that needs none: it is paid or free."""

    order_id: UUID
    attempt_id: UUID | None


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """One operation asked of a provider. `target` is the customer's token for an authorisation, the authorisation's
    reference for a capture, the capture's for a refund. The same idempotency key is never done twice."""

    idempotency_key: str
    target: str
    amount: Decimal
    currency: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What a provider said: succeeded, declined (final, with the reason), failed (surely not done), in_doubt (nobody
    knows), or for a question by key: not_found."""

    state: str
    reference: str = ""
    reason: str = ""


class PaymentProvider(Protocol):
    """The port to a payment provider. It never raises for what happens on the wire: that is an answer."""

    def authorise(self, request: ProviderRequest) -> ProviderAnswer:
        """Put a hold on the customer's money; the reference names the authorisation."""
        ...

    def capture(self, request: ProviderRequest) -> ProviderAnswer:
        """Take money that is on hold; the reference names the capture."""
        ...

    def refund(self, request: ProviderRequest) -> ProviderAnswer:
        """Return captured money; the reference names the refund."""
        ...

    def find(self, idempotency_key: str) -> ProviderAnswer:
        """What became of an operation: succeeded, declined, not_found, or in_doubt when the provider does not say."""
        ...


@dataclass(frozen=True, slots=True)
class Billable:
    """An order line as frozen at submit, and what is billed of it so far (credit notes do not count)."""

    quantity: Decimal
    net: Decimal
    tax: Decimal
    billed_quantity: Decimal = Decimal(0)
    billed_net: Decimal = Decimal(0)
    billed_tax: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net and tax of a piece."""

    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """Net and tax together."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class TaxRow:
    """One row of an invoice's tax summary: all lines of one category and rate."""

    tax_category: str
    rate: Decimal
    base: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice or credit note as lists show it."""

    id: UUID
    kind: str
    number: str
    order_id: UUID
    order_number: str
    customer_id: UUID
    customer_number: str
    customer_name: str
    currency: str
    issued_on: date
    due_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal
    credited: Decimal
    dunning_level: int
    credits_id: UUID | None = None

    @property
    def open_amount(self) -> Decimal:
        """What is still owed: nothing for a credit note."""
        return Decimal(0) if self.kind == CREDIT_NOTE else self.gross - self.paid - self.credited

    @property
    def state(self) -> str:
        """open, partly_paid, paid, credited, or issued for a credit note."""
        if self.kind == CREDIT_NOTE:
            return "issued"
        if self.open_amount > 0:
            return "partly_paid" if self.paid or self.credited else "open"
        return "credited" if self.credited and not self.paid else "paid"


@dataclass(frozen=True, slots=True)
class InvoiceLineFacts:
    """A line of an invoice. `credited_quantity` is what credit notes have taken back of it."""

    id: UUID
    line_number: int
    sku: str
    text: str
    quantity: Decimal
    unit_code: str
    unit_price: Decimal
    tax_category: str
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    order_line_id: UUID | None
    shipment_line_id: UUID | None
    credited_quantity: Decimal


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """Money received (or returned, kind refund). What is neither allocated nor refunded is on account."""

    id: UUID
    kind: str
    customer_id: UUID
    customer_number: str
    customer_name: str
    order_id: UUID | None
    order_number: str
    method: str
    currency: str
    amount: Decimal
    allocated: Decimal
    refunded: Decimal
    received_on: date
    reference: str

    @property
    def on_account(self) -> Decimal:
        """What may still be allocated or refunded."""
        return Decimal(0) if self.kind == REFUND else self.amount - self.allocated - self.refunded


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """A call to a payment provider and what is known of its outcome."""

    id: UUID
    order_id: UUID
    order_number: str
    invoice_id: UUID | None
    provider: str
    operation: str
    amount: Decimal
    currency: str
    state: str
    provider_reference: str
    reason: str
    started_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class AllocationFacts:
    """How much of which payment settles which invoice, or was taken back from it."""

    payment_id: UUID
    invoice_id: UUID
    invoice_number: str
    method: str
    reference: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """Everything about one invoice."""

    invoice: InvoiceFacts
    reason: str
    lines: tuple[InvoiceLineFacts, ...]
    taxes: tuple[TaxRow, ...]
    allocations: tuple[AllocationFacts, ...]
    credit_notes: tuple[InvoiceFacts, ...]


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """Which invoices a list shows. `state` is "", open or overdue (as of `on`)."""

    kind: str = ""
    state: str = ""
    on: date | None = None
    customer_id: UUID | None = None
    order_id: UUID | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Aging:
    """What a customer owes in one currency, by days overdue; and what lies unused on the customer's account."""

    customer_id: UUID
    customer_number: str
    customer_name: str
    currency: str
    not_due: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal
    total: Decimal
    on_account: Decimal


@dataclass(frozen=True, slots=True)
class OrderBilling:
    """What billing knows of one order: invoiced, credited, paid and open amounts, gross, in the order's currency."""

    order_id: UUID
    invoices: int = 0
    credit_notes: int = 0
    invoiced: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    open_amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A money entry before it is posted: amounts by account, debit positive, credit negative, summing to nothing."""

    legal_entity_id: UUID
    currency: str
    posted_on: date
    subject_type: str
    subject_id: UUID
    sides: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])


@dataclass(frozen=True, slots=True)
class Wanted:
    """An operation to ask of a provider, before its attempt is stored. `subject` is what the caller knows it by."""

    subject: UUID
    order_id: UUID
    order_number: str
    provider: str
    operation: str
    amount: Decimal
    currency: str
    target: str
    invoice_id: UUID | None = None
    payment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PrintSheet:
    """What a document template needs: its name, the language, and plain data."""

    template: str
    language: str
    data: dict[str, Any]


__all__ = [
    "ACCOUNTS",
    "ATTEMPT_LIFECYCLE",
    "AUTHORISE",
    "BANK",
    "BANK_LINE_LIFECYCLE",
    "BOOKED",
    "CAPTURE",
    "CASH",
    "CREDIT_NOTE",
    "CUSTOMER_PREPAYMENTS",
    "DECLINED",
    "DUNNING_DAYS",
    "FAILED",
    "INVOICE",
    "IN_DOUBT",
    "NOT_FOUND",
    "PAYMENT_METHODS",
    "PROVIDER_CLEARING",
    "PROVIDER_METHODS",
    "RECEIVABLES",
    "RECEIVED_METHODS",
    "REFUND",
    "REMINDER",
    "REMINDER_DAYS",
    "REVENUE",
    "SET_ASIDE",
    "SUCCEEDED",
    "TAX_PAYABLE",
    "WAITING",
    "AccountRow",
    "AccountStatement",
    "Aging",
    "AllocationDraft",
    "AllocationFacts",
    "Amounts",
    "AttemptFacts",
    "Authorised",
    "BankBooking",
    "BankLineDraft",
    "BankLineFacts",
    "BillPiece",
    "Billable",
    "BlockDraft",
    "BlockFacts",
    "Collected",
    "CreditDraft",
    "CreditPiece",
    "Decision",
    "Entry",
    "Hint",
    "InvoiceFacts",
    "InvoiceFilter",
    "InvoiceLineFacts",
    "InvoicePage",
    "OpenItem",
    "OrderBilling",
    "OverdueItem",
    "PaymentFacts",
    "PaymentProvider",
    "PostingFacts",
    "PrintSheet",
    "Proposal",
    "ProviderAnswer",
    "ProviderRequest",
    "Receipt",
    "RefundDraft",
    "ReleaseDraft",
    "ReminderDraft",
    "ReminderFacts",
    "SettingAside",
    "Share",
    "StatementDraft",
    "Taken",
    "TaxRow",
    "Wanted",
]
