"""Invoices, payments, attempts, what is owed, and the data of printed invoices."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from auftakt.billing.models import InvoiceTax
from auftakt.billing.rules import SETTLING_TIME
from auftakt.billing.types import (
    CREDIT_NOTE,
    INVOICE,
    Aging,
    AllocationFacts,
    AttemptFacts,
    InvoiceFacts,
    InvoiceFilter,
    InvoiceLineFacts,
    InvoicePage,
    OrderBilling,
    PaymentFacts,
    PrintSheet,
    TaxRow,
)
from auftakt.documents.types import LANGUAGES
from auftakt.platform.sql import Statements

sql = Statements("auftakt.billing")
FALLBACK = "en"  # papers of customers whose language has no labels


def list_invoices(wanted: InvoiceFilter, after: tuple[date, UUID] | None = None, limit: int = 50) -> list[InvoiceFacts]:
    """Invoices and credit notes, newest first; `after` is the (issued_on, id) of the last one seen."""
    is_overdue = wanted.state == "overdue"
    rows = sql.rows(
        "list_invoices",
        kind=wanted.kind,
        customer_id=wanted.customer_id,
        order_id=wanted.order_id,
        number=wanted.number.strip(),
        is_open=wanted.state in ("open", "overdue"),
        due_before=wanted.on if is_overdue else None,
        after_on=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=limit,
    )
    return [InvoiceFacts(*row) for row in rows]


def invoices(ids: Sequence[UUID]) -> dict[UUID, InvoiceFacts]:
    """Invoices and credit notes by id."""
    rows = sql.rows("read_invoices", ids=list(ids), order_ids=[], credits=[])
    return {row[0]: InvoiceFacts(*row) for row in rows}


def invoices_of_orders(order_ids: Sequence[UUID]) -> dict[UUID, list[InvoiceFacts]]:
    """Invoices and credit notes by order, in the order issued."""
    found: dict[UUID, list[InvoiceFacts]] = {key: [] for key in order_ids}
    for row in sql.rows("read_invoices", ids=[], order_ids=list(order_ids), credits=[]):
        facts = InvoiceFacts(*row)
        found[facts.order_id].append(facts)
    return found


def invoice_page(invoice_id: UUID) -> InvoicePage | None:
    """Everything about one invoice or credit note; None when there is none."""
    found = sql.rows("read_invoices", ids=[invoice_id], order_ids=[], credits=[invoice_id])
    facts = {row[0]: InvoiceFacts(*row) for row in found}
    if invoice_id not in facts:
        return None
    sheet = sql.records("read_sheets", ids=[invoice_id])[0]
    return InvoicePage(
        invoice=facts[invoice_id],
        reason=sheet.reason,
        lines=tuple(_lines([invoice_id])[invoice_id]),
        taxes=tuple(_taxes([invoice_id])[invoice_id]),
        allocations=tuple(allocations(invoice_ids=[invoice_id])),
        credit_notes=tuple(each for key, each in facts.items() if key != invoice_id),
    )


def _lines(ids: Sequence[UUID]) -> dict[UUID, list[InvoiceLineFacts]]:
    found: dict[UUID, list[InvoiceLineFacts]] = {key: [] for key in ids}
    for row in sql.rows("read_invoice_lines", ids=list(ids)):
        found[row[0]].append(InvoiceLineFacts(*row[1:]))
    return found


def _taxes(ids: Sequence[UUID]) -> dict[UUID, list[TaxRow]]:
    found: dict[UUID, list[TaxRow]] = {key: [] for key in ids}
    rows = InvoiceTax.objects.filter(invoice_id__in=ids).order_by("invoice_id", "tax_category", "rate")
    for row in rows:
        found[row.invoice_id].append(TaxRow(row.tax_category, row.rate, row.base, row.tax))
    return found


def allocations(*, invoice_ids: Sequence[UUID] = (), payment_ids: Sequence[UUID] = ()) -> list[AllocationFacts]:
    """Which payments settle the invoices, or what became of the payments; negative where taken back."""
    rows = sql.rows("read_allocations", invoice_ids=list(invoice_ids), payment_ids=list(payment_ids))
    return [AllocationFacts(*row) for row in rows]


def list_payments(
    *,
    customer_id: UUID | None = None,
    on_account: bool = False,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[PaymentFacts]:
    """Payments and refunds, newest first; `on_account` shows receipts of which something is left to use.

    `after` is the (received_on, id) of the last one seen.
    """
    rows = sql.rows(
        "list_payments",
        customer_id=customer_id,
        on_account=on_account,
        after_on=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=limit,
    )
    return [PaymentFacts(*row) for row in rows]


def payments(ids: Sequence[UUID]) -> dict[UUID, PaymentFacts]:
    """Payments by id."""
    return {row[0]: PaymentFacts(*row) for row in sql.rows("read_payments", ids=list(ids), order_ids=[])}


def payment_by_reference(method: str, reference: str) -> UUID | None:
    """The payment booked under a method and reference, if there is one."""
    return sql.value("find_payment", method=method, reference=reference)


def payments_of_order(order_id: UUID) -> list[PaymentFacts]:
    """Payments and refunds that belong to an order, or settle one of its invoices."""
    return [PaymentFacts(*row) for row in sql.rows("read_payments", ids=[], order_ids=[order_id])]


def attempts_of_orders(order_ids: Sequence[UUID]) -> list[AttemptFacts]:
    """Every call to a payment provider for the orders, in the order made."""
    return [AttemptFacts(*row) for row in sql.rows("read_attempts", order_ids=list(order_ids))]


def attempts_in_doubt(at: datetime, limit: int = 100) -> list[AttemptFacts]:
    """Attempts whose outcome nobody knows, the oldest first: for `settle_in_doubt`, or for a person to decide."""
    rows = sql.rows("list_attempts_in_doubt", lost_before=at - SETTLING_TIME, limit=limit)
    return [AttemptFacts(*row) for row in rows]


def aging(on: date, customer_id: UUID | None = None, limit: int = 200) -> list[Aging]:
    """What customers owe as of a day, by days overdue and currency; the largest total first."""
    return [Aging(*row) for row in sql.rows("age_open_items", on=on, customer_id=customer_id, limit=limit)]


def billing_of_orders(order_ids: Sequence[UUID]) -> dict[UUID, OrderBilling]:
    """How far orders are invoiced, credited and paid. Every order asked for is there."""
    found = {key: OrderBilling(key) for key in order_ids}
    for row in sql.rows("read_order_billing", order_ids=list(order_ids)):
        found[row[0]] = OrderBilling(*row)
    return found


def unfiled_invoices(limit: int = 50) -> list[UUID]:
    """Invoices and credit notes that are not on file yet, the oldest first: for `file_invoices`."""
    return [key for (key,) in sql.rows("list_unfiled", limit=limit)]


def invoice_document(ids: Sequence[UUID]) -> dict[UUID, PrintSheet]:
    """What the templates `invoice` and `credit_note` need, in the customer's language; by id."""
    keys = list(ids)
    if not keys:
        return {}
    lines, taxes = _lines(keys), _taxes(keys)
    return {row.id: _sheet(row, lines[row.id], taxes[row.id]) for row in sql.records("read_sheets", ids=keys)}


def _sheet(row: Any, lines: Iterable[InvoiceLineFacts], taxes: Iterable[TaxRow]) -> PrintSheet:
    data: dict[str, Any] = {
        "number": row.number,
        "issued_on": row.issued_on,
        "currency": row.currency,
        "net": row.net,
        "tax": row.tax,
        "gross": row.gross,
        "tax_included": row.tax_included,
        "seller": letterhead(row),
        "recipient": recipient(row),
        "order_number": row.order_number,
        "ordered_on": timezone.localtime(row.ordered_at).date(),
        "customer_number": row.customer_number,
        "customer_reference": row.customer_reference,
        "customer_vat_id": row.customer_vat_id,
        "lines": [_sheet_line(line) for line in lines],
        "taxes": [{"rate": tax.rate, "base": tax.base, "tax": tax.tax} for tax in taxes],
    }
    language = paper_language(row.language)
    if row.kind == CREDIT_NOTE:
        data |= {"credited_number": row.credited_number, "credited_on": row.credited_on, "reason": row.reason}
        return PrintSheet(CREDIT_NOTE, language, data)
    data |= {
        "paid": row.paid,
        "terms": {
            "method": row.payment_method,
            "due_on": row.due_on,
            "prepaid": row.prepaid,
            **_discount(row),
        },
        "delivered_on": timezone.localtime(row.shipped_at).date() if row.shipped_at else row.issued_on,
        "shipment_number": row.shipment_numbers or "",
    }
    return PrintSheet(INVOICE, language, data)


def letterhead(row: Any) -> dict[str, str]:
    """Our company as a paper names it."""
    return {
        "name": row.seller_name,
        "street": row.seller_street,
        "postal_code": row.seller_postal_code,
        "city": row.seller_city,
        "region": row.seller_region,
        "country": row.seller_country,
        "vat_id": row.seller_vat_id,
        "email": row.seller_email,
        "iban": row.iban,
        "bank_name": row.bank_name,
    }


def recipient(row: Any) -> dict[str, str]:
    """Whom a paper goes to."""
    names = ("name", "street", "postal_code", "city", "region", "country")
    return {name: getattr(row, name) or "" for name in names}


def paper_languages(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The languages that invoices and credit notes are written in, by id."""
    return {key: paper_language(language) for key, language in sql.rows("read_languages", ids=list(ids))}


def paper_language(language: str) -> str:
    """The language of a customer's papers, as far as there are labels in it."""
    return language if language in LANGUAGES else FALLBACK


def _sheet_line(line: InvoiceLineFacts) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "text": line.text,
        "quantity": line.quantity,
        "unit": line.unit_code,
        "unit_price": line.unit_price,
        "tax_rate": line.tax_rate,
        "net": line.net,
        "tax": line.tax,
    }


def _discount(row: Any) -> dict[str, Any]:
    if row.discount_percent <= Decimal(0) or row.discount_days <= 0:
        return {}
    until = row.issued_on + timedelta(days=row.discount_days)
    return {"discount_percent": row.discount_percent, "discount_until_on": until}
