"""Invoices, credit notes, and calls to payment providers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from auftakt.console.paging import LAST_ID, PAGE, Page, like, page, position
from auftakt.console.queries.statements import sql


def invoices(
    text: str, standing: str, customer: UUID | None, *, today: date, after: str = "", limit: int = PAGE
) -> Page:
    """Invoices and credit notes, newest first."""
    start = position(after, 1)
    rows = sql.records(
        "invoice_rows",
        **like(text),
        standing=standing,
        customer=customer,
        today=today,
        limit=limit + 1,
        before=UUID(start[0]) if start else LAST_ID,
    )
    return page(rows, limit, "id")


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """An invoice or credit note."""

    head: Any
    lines: Sequence[Any]
    taxes: Sequence[Any]
    allocations: Sequence[Any]
    credit_notes: Sequence[Any]
    on_account: Sequence[Any]
    documents: Sequence[Any]


def invoice_page(invoice_id: UUID, *, today: date) -> InvoicePage | None:
    """Everything about one invoice."""
    head = sql.records("invoice_by_id", id=invoice_id, today=today)
    if not head:
        return None
    named = {
        name: sql.records(f"invoice_{name}", id=invoice_id)
        for name in ("lines", "taxes", "allocations", "credit_notes", "on_account")
    }
    return InvoicePage(head=head[0], documents=sql.records("order_documents", subjects=[invoice_id]), **named)


def attempts(state: str, after: str = "", limit: int = PAGE) -> Page:
    """Calls to payment providers, newest first."""
    start = position(after, 1)
    rows = sql.records("attempt_rows", state=state, before=UUID(start[0]) if start else LAST_ID, limit=limit + 1)
    return page(rows, limit, "id")
