"""The nouns of settling: money received, what it is used for, taken back or returned, and what it probably is for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Share:
    """`amount` of a payment that goes to one invoice."""

    invoice_id: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in by hand, bank or courier. It names an invoice, an order or a customer: the first given counts.

    `reference` is the bank's or courier's own: with the method it makes the receipt known, so that it is booked once.
    `settles` says what the money is for, and the rest stays on account; without it the open items are settled by
    themselves. `text` is what the payer wrote.
    """

    method: str
    amount: Decimal
    currency: str
    received_on: date
    reference: str
    invoice_number: str = ""
    order_number: str = ""
    customer_number: str = ""
    settles: tuple[Share, ...] | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AllocationDraft:
    """Money on a customer's account to be used for an invoice."""

    payment_id: UUID
    invoice_id: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """A matching to be undone: what the payment settles of the invoice goes back on account; without an amount, all."""

    payment_id: UUID
    invoice_id: UUID
    reason: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """Money on a customer's account to be returned the way it came.

    `reference` names the outgoing transfer; for card and PayPal the provider gives it.
    """

    payment_id: UUID
    amount: Decimal
    reason: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice of which something is owed, as it is chosen for money that came in."""

    id: UUID
    number: str
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
    dunning_level: int


@dataclass(frozen=True, slots=True)
class Hint:
    """Money that came in, as far as it tells whose it is: what the payer wrote, who paid from which account."""

    amount: Decimal
    currency: str
    text: str = ""
    payer: str = ""
    payer_account: str = ""
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What money that came in is probably for. `reasons` say why, the strongest first; a sure one needs no person.

    Without a customer nobody is known to have paid it.
    """

    customer_id: UUID | None = None
    customer_number: str = ""
    customer_name: str = ""
    shares: tuple[Share, ...] = ()
    reasons: tuple[str, ...] = ()
    is_sure: bool = False
