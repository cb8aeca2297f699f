"""The nouns of parties: who we sell to and buy from, where they are, what they may owe."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from auftakt.values import Lifecycle, NumberRange

PARTY_KINDS = ("organisation", "person")
CUSTOMER_NUMBERS = NumberRange("customer", "C", digits=5, table="parties_customercount")
PARTY_LIFECYCLE = Lifecycle.of("party", "active", (), block=("active", "blocked"), unblock=("blocked", "active"))


class Addressed(Protocol):
    """Whatever carries the parts of a postal address."""

    @property
    def name(self) -> str: ...
    @property
    def street(self) -> str: ...
    @property
    def postal_code(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def country(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """An address to keep. `country` is ISO 3166-1 alpha-2, `region` a state or province by code or name.

    The conventions of the country are enforced (required parts, postal code, regions). `as_given` takes the address
    over from an older system as it is: only street or city, and a known country, are asked for.
    """

    street: str
    city: str
    country: str
    postal_code: str = ""
    region: str = ""
    name: str = ""
    phone: str = ""
    label: str = ""
    bills: bool = True
    ships: bool = True
    is_default_bill_to: bool = False
    is_default_ship_to: bool = False
    as_given: bool = False


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A person at a party, known there by the name."""

    name: str
    role: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """A customer or supplier, known by `number`; a new customer without one gets the next of the range `customer`.

    The scalar fields are the whole card.

    `addresses` and `contacts`: None leaves them as they are, a tuple (also an empty one) replaces them.
    `credit_limit`, in the party's currency: None leaves the credit line as it is (`set_credit_limits` takes it away).
    """

    number: str
    name: str
    kind: str = "organisation"
    is_customer: bool = True
    is_supplier: bool = False
    segment: str = ""
    currency: str = "EUR"
    language: str = "en"
    payment_terms: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    notes: str = ""
    addresses: tuple[AddressDraft, ...] | None = None
    contacts: tuple[ContactDraft, ...] | None = None
    credit_limit: Decimal | None = None


NOTE_LENGTH = 2000
"""As long may a note be, in characters."""


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """Something that colleagues should know of a party."""

    party_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class AddressFor:
    """An address that came with an order, to be kept for a party."""

    party_id: UUID
    address: AddressDraft


@dataclass(frozen=True, slots=True)
class PaymentTermsDraft:
    """When an invoice is due, in days after its date, and the discount (percent) for paying early."""

    code: str
    name: str
    due_days: int = 30
    discount_days: int = 0
    discount_percent: Decimal = Decimal(0)
    prepaid: bool = False


@dataclass(frozen=True, slots=True)
class PaymentTermsFacts:
    """Payment terms as stored."""

    code: str
    name: str
    due_days: int
    discount_days: int
    discount_percent: Decimal
    prepaid: bool


@dataclass(frozen=True, slots=True)
class LegalEntityDraft:
    """A company of ours. `tax_rounding` is `line` or `document`."""

    code: str
    name: str
    street: str
    city: str
    country: str
    currency: str
    postal_code: str = ""
    region: str = ""
    vat_id: str = ""
    email: str = ""
    iban: str = ""
    bank_name: str = ""
    tax_rounding: str = "document"


@dataclass(frozen=True, slots=True)
class LegalEntityFacts:
    """A company of ours as stored."""

    id: UUID
    code: str
    name: str
    street: str
    postal_code: str
    city: str
    region: str
    country: str
    vat_id: str
    email: str
    iban: str
    bank_name: str
    currency: str
    tax_rounding: str


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """An address as stored; its text never changes under its id."""

    id: UUID
    party_id: UUID
    name: str
    street: str
    postal_code: str
    city: str
    region: str
    country: str
    phone: str
    label: str = ""
    bills: bool = True
    ships: bool = True
    is_default_bill_to: bool = False
    is_default_ship_to: bool = False


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """What an order needs to know of its customer. `bill_to` and `ship_to` are the defaults."""

    id: UUID
    number: str
    name: str
    status: str
    segment: str
    currency: str
    language: str
    payment_terms: PaymentTermsFacts | None
    bill_to: AddressFacts | None
    ship_to: AddressFacts | None
    addresses: tuple[AddressFacts, ...]
    is_customer: bool = True
    is_supplier: bool = False
    email: str = ""


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A person at a party, as stored."""

    id: UUID
    party_id: UUID
    name: str
    role: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """A credit line: `drawn` of `limit` is in use."""

    party_id: UUID
    currency: str
    limit: Decimal
    drawn: Decimal

    @property
    def available(self) -> Decimal:
        """What may still be drawn."""
        return self.limit - self.drawn


@dataclass(frozen=True, slots=True)
class PartyCard:
    """All that is known of a party, for lists and screens."""

    id: UUID
    number: str
    kind: str
    name: str
    is_customer: bool
    is_supplier: bool
    segment: str
    currency: str
    language: str
    payment_terms: str
    vat_id: str
    email: str
    phone: str
    status: str
    notes: str
    created_at: datetime
    addresses: tuple[AddressFacts, ...] = ()
    contacts: tuple[ContactFacts, ...] = ()
    credit: CreditFacts | None = None


@dataclass(frozen=True, slots=True)
class PartyFilter:
    """What a list of parties is narrowed to; empty means all."""

    text: str = ""
    role: str = ""
    segment: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class PartyFound:
    """A party in an answer to a search."""

    id: UUID
    number: str
    name: str
    city: str
    country: str
    is_customer: bool
    is_supplier: bool
    status: str


@dataclass(frozen=True, slots=True)
class CreditLimit:
    """How much a party may owe, in its own currency; None takes the limit away."""

    party_id: UUID
    limit: Decimal | None


@dataclass(frozen=True, slots=True)
class CreditClaim:
    """An amount that a subject (an order) draws from, or gives back to, a party's credit line."""

    party_id: UUID
    subject_id: UUID
    amount: Decimal
    currency: str
