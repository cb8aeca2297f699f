"""Invoices, open items, payments, bank lines, reminders, postings, and calls to payment providers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from auftakt.billing.types import DUNNING_DAYS, REMINDER_DAYS
from auftakt.console.paging import Page
from auftakt.console.queries.statements import sql


def today() -> date:
    """The day it is in the console's time zone: lists say what is overdue by it."""
    return timezone.localdate()


def invoice_list(asked: Any) -> Page:
    """Invoices and credit notes."""
    return asked.page(sql, "invoice_rows", today=today())


def open_item_list(asked: Any) -> Page:
    """What customers owe, by days overdue."""
    return asked.page(sql, "open_item_rows", today=today())


def payment_list(asked: Any) -> Page:
    """Payments and refunds."""
    return asked.page(sql, "payment_rows")


def bank_list(asked: Any) -> Page:
    """Lines of bank statements."""
    return asked.page(sql, "bank_rows")


def dunning_list(asked: Any) -> Page:
    """Overdue open items with the level each should rise to."""
    return asked.page(sql, "dunning_rows", today=today(), levels=list(DUNNING_DAYS), gap=REMINDER_DAYS)


def reminder_list(asked: Any) -> Page:
    """Letters."""
    return asked.page(sql, "reminder_rows")


def posting_list(asked: Any) -> Page:
    """Sides of money entries."""
    return asked.page(sql, "posting_rows")


def attempt_list(asked: Any) -> Page:
    """Calls to payment providers."""
    return asked.page(sql, "attempt_rows")


def sums(statement: str, ids: Sequence[UUID]) -> list[Any]:
    """What ticked rows come to, by currency."""
    return sql.records(statement, ids=list(ids))


def open_currencies() -> list[str]:
    """The currencies in which something is owed."""
    return [currency for (currency,) in sql.rows("open_currencies")]


def open_item_sums(customer_id: UUID | None = None) -> list[Any]:
    """What everybody owes, or one customer, by currency and days overdue."""
    return sql.records("open_item_sums", today=today(), customer_id=customer_id)


def posting_sums(begin: date | None, end: date | None) -> list[Any]:
    """Debit and credit of a period by currency and account."""
    last = end or today()
    return sql.records("posting_sums", posted_from=begin or last - timedelta(days=366), posted_to=last)


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """An invoice or credit note."""

    head: Any
    lines: Sequence[Any]
    taxes: Sequence[Any]
    allocations: Sequence[Any]
    credit_notes: Sequence[Any]
    on_account: Sequence[Any]
    reminders: Sequence[Any]
    documents: Sequence[Any]


def invoice_page(invoice_id: UUID, *, today: date) -> InvoicePage | None:
    """Everything about one invoice."""
    head = sql.records("invoice_by_id", id=invoice_id, today=today)
    if not head:
        return None
    named = {
        name: sql.records(f"invoice_{name}", id=invoice_id)
        for name in ("lines", "taxes", "allocations", "credit_notes", "on_account", "reminders")
    }
    return InvoicePage(head=head[0], documents=sql.records("order_documents", subjects=[invoice_id]), **named)


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """A payment or refund."""

    head: Any
    refunds: Sequence[Any]
    journal: Sequence[Any]


def payment_page(payment_id: UUID, invoice_ids: Sequence[UUID]) -> PaymentPage | None:
    """Everything about one payment; `invoice_ids` are those it settles or settled."""
    head = sql.records("payment_by_id", id=payment_id)
    if not head:
        return None
    return PaymentPage(
        head=head[0],
        refunds=sql.records("payment_refunds", id=payment_id),
        journal=sql.records("payment_journal", id=payment_id, invoices=list(invoice_ids)),
    )


def attempt(attempt_id: UUID) -> Any:
    """A call to a payment provider, or None."""
    return next(iter(sql.records("attempt_by_id", id=attempt_id)), None)


def account_head(number: str) -> Any:
    """A customer as the account page names it, or None."""
    return next(iter(sql.records("owing_head", number=number)), None)


def account_money(customer_id: UUID) -> list[Any]:
    """Money that lies unused on a customer's account."""
    return sql.records("owing_money", customer_id=customer_id)


def bank_counts() -> Any:
    """How many bank lines wait, and since when."""
    return sql.records("bank_counts")[0]
