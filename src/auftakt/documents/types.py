"""Files and the data that printed papers are made of."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NotRequired, TypedDict
from uuid import UUID

MEDIA_TYPES: dict[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
    "text/csv": ("csv",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
}
"""What may be filed: media type -> the endings its file name may have."""

MAX_BYTES = 25 * 1024 * 1024
LANGUAGES = ("de", "en")
TEMPLATES = (
    "invoice", "credit_note", "order_confirmation", "packing_slip", "pick_list", "parcel_label",
    "reminder", "account_statement",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A file to be kept about a subject. `kind`: invoice, packing_slip, attachment ...; `number`: the paper's own."""

    kind: str
    subject_type: str
    subject_id: UUID
    number: str
    language: str
    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """One version of a filed document, without its content."""

    id: UUID
    kind: str
    subject_type: str
    subject_id: UUID
    number: str
    version: int
    language: str
    filename: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class ViewedDocument:
    """A document as handed to somebody, which has been recorded."""

    facts: DocumentFacts
    content: bytes


@dataclass(frozen=True, slots=True)
class ViewFacts:
    """Somebody opened a document."""

    document_id: UUID
    at: datetime
    actor: str


class SheetAddress(TypedDict):
    """A postal address; `country` is an ISO 3166 code."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    region: NotRequired[str]


class Letterhead(SheetAddress):
    """Our company as it stands at the head and the foot of a letter."""

    vat_id: NotRequired[str]
    email: NotRequired[str]
    phone: NotRequired[str]
    iban: NotRequired[str]
    bank_name: NotRequired[str]


class SheetLine(TypedDict):
    """A line of any paper. Amounts are in the sheet's currency; what a paper does not show may be left out.

    `quantity`, `ordered` and `remaining` are in `unit`; `details` are further lines of text below the name (components
    of a kit, a variant); `remaining` is what follows in a later shipment; `promised_on` the day of arrival.
    """

    sku: str
    text: str
    quantity: Decimal
    unit: str
    details: NotRequired[list[str]]
    unit_price: NotRequired[Decimal]
    tax_rate: NotRequired[Decimal]
    net: NotRequired[Decimal]
    tax: NotRequired[Decimal]
    ordered: NotRequired[Decimal]
    remaining: NotRequired[Decimal]
    promised_on: NotRequired[date | None]
    for_item: NotRequired[str]
    bin: NotRequired[str]


class SheetTax(TypedDict):
    """One row of the tax summary; `rate` 19 means 19 %."""

    rate: Decimal
    base: Decimal
    tax: Decimal
    name: NotRequired[str]


class SheetTerms(TypedDict):
    """When and how to pay. `discount_until_on` and `discount_percent` offer a discount for paying early."""

    method: str
    due_on: NotRequired[date | None]
    discount_percent: NotRequired[Decimal]
    discount_until_on: NotRequired[date | None]
    prepaid: NotRequired[bool]


class _Sheet(TypedDict):
    seller: Letterhead
    recipient: SheetAddress
    number: str
    lines: list[SheetLine]
    order_number: NotRequired[str]
    ordered_on: NotRequired[date]
    customer_number: NotRequired[str]
    customer_reference: NotRequired[str]
    notes: NotRequired[str]


class InvoiceSheet(_Sheet):
    """Data of `invoice` and of `credit_note` (then `credited_number`, `reason`). Line amounts are shown with tax when
    `tax_included`. `delivered_on` is the day of supply that tax law asks for; `paid` is what has been paid already."""

    issued_on: date
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    taxes: list[SheetTax]
    tax_included: NotRequired[bool]
    paid: NotRequired[Decimal]
    delivered_on: NotRequired[date | None]
    shipment_number: NotRequired[str]
    customer_vat_id: NotRequired[str]
    terms: NotRequired[SheetTerms]
    credited_number: NotRequired[str]
    credited_on: NotRequired[date]
    reason: NotRequired[str]


class ConfirmationSheet(_Sheet):
    """Data of `order_confirmation`."""

    issued_on: date
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    taxes: list[SheetTax]
    tax_included: NotRequired[bool]
    ship_to: NotRequired[SheetAddress]
    terms: NotRequired[SheetTerms]


class SheetParcel(TypedDict):
    """A box: weight in kg, edges in mm."""

    number: str
    weight_kg: Decimal
    length_mm: NotRequired[int | None]
    width_mm: NotRequired[int | None]
    height_mm: NotRequired[int | None]
    tracking_number: NotRequired[str]


class PackingSlipSheet(_Sheet):
    """Data of `packing_slip`: what lies in the parcels, without any price. `number` is the shipment's."""

    shipped_on: date
    carrier: NotRequired[str]
    tracking_number: NotRequired[str]
    parcels: NotRequired[list[SheetParcel]]


class ParcelLabelSheet(TypedDict):
    """Data of `parcel_label`: one label of 100 × 150 mm for each parcel. `number` is the shipment's or the release's;
    a parcel's own tracking number goes before the shipment's."""

    seller: Letterhead
    recipient: SheetAddress
    number: str
    parcels: list[SheetParcel]
    order_number: NotRequired[str]
    customer_reference: NotRequired[str]
    carrier: NotRequired[str]
    tracking_number: NotRequired[str]


class PickListSheet(_Sheet):
    """Data of `pick_list`: what to take from the shelves of a site. `number` is the release's, `seller` the site."""

    ship_on: date
    site_code: str
    site_name: str


class SheetOpenItem(TypedDict):
    """An overdue invoice as a reminder lists it."""

    number: str
    issued_on: date
    due_on: date
    days: int
    gross: Decimal
    open: Decimal
    order_number: NotRequired[str]


class ReminderSheet(TypedDict):
    """Data of `reminder`: level 1 asks, 2 urges, 3 is the last before collection. Without a number it is a preview."""

    seller: Letterhead
    recipient: SheetAddress
    number: str
    level: int
    issued_on: date
    pay_by: date
    currency: str
    items: list[SheetOpenItem]
    total: Decimal
    customer_number: NotRequired[str]


class SheetMovement(TypedDict):
    """What moved an account: `kind` is invoice, credit_note, payment or refund; `balance` what is owed after it."""

    on: date
    kind: str
    number: str
    amount: Decimal
    balance: Decimal
    due_on: NotRequired[date | None]


class AccountStatementSheet(TypedDict):
    """Data of `account_statement`: a customer's account in one currency over a period."""

    seller: Letterhead
    recipient: SheetAddress
    number: str
    issued_on: date
    from_on: date
    until_on: date
    currency: str
    opening: Decimal
    closing: Decimal
    movements: list[SheetMovement]
    customer_number: NotRequired[str]
