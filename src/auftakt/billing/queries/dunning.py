"""What is overdue, what is to be reminded of, and the letters."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.billing import rules
from auftakt.billing.queries.reads import letterhead, paper_language, recipient, sql
from auftakt.billing.types import REMINDER, BlockFacts, OverdueItem, PrintSheet, ReminderDraft, ReminderFacts


def overdue(
    on: date,
    *,
    customer_id: UUID | None = None,
    ids: Sequence[UUID] | None = None,
    suggested: bool = False,
    limit: int | None = None,
) -> list[OverdueItem]:
    """Overdue invoices as of a day, the longest overdue first, with the level each should rise to now.

    `suggested` leaves out those that should not: it is not time yet, the last level is reached, or they are blocked.
    """
    rows = sql.records(
        "list_overdue", on=on, customer_id=customer_id, any_of=ids is not None, ids=list(ids or ()), limit=limit
    )
    items = [
        OverdueItem(
            **{name: getattr(row, name) for name in row._fields},
            suggested=0 if row.block_id else rules.next_level(row.due_on, on, row.level, row.dunned_on),
        )
        for row in rows
    ]
    return [item for item in items if item.suggested] if suggested else items


def reminders(
    *,
    customer_id: UUID | None = None,
    invoice_id: UUID | None = None,
    ids: Sequence[UUID] | None = None,
    limit: int = 50,
) -> list[ReminderFacts]:
    """Letters of a customer, those that name an invoice, or those with these ids; the newest first."""
    wanted = None if ids is None else list(ids)
    rows = sql.rows("list_reminders", customer_id=customer_id, invoice_id=invoice_id, ids=wanted, limit=limit)
    return [ReminderFacts(*row) for row in rows]


def blocks(on: date, *, customer_ids: Sequence[UUID] = (), invoice_ids: Sequence[UUID] = ()) -> list[BlockFacts]:
    """Blocks in force on a day of customers (theirs and their invoices') or of invoices; the customer's own first."""
    rows = sql.rows("list_blocks", on=on, customer_ids=list(customer_ids), invoice_ids=list(invoice_ids))
    return [BlockFacts(*row) for row in rows]


def unfiled_reminders(limit: int = 50) -> list[UUID]:
    """Letters that are not on file yet, the oldest first: for `file_reminders`."""
    return [key for (key,) in sql.rows("list_unfiled_reminders", limit=limit)]


def reminder_document(ids: Sequence[UUID]) -> dict[UUID, PrintSheet]:
    """What the template `reminder` needs of letters, in the customer's language; by id."""
    rows: dict[UUID, list[Any]] = {}
    for row in sql.records("read_reminder_items", ids=list(ids)):
        rows.setdefault(row.reminder_id, []).append(row)
    return {key: _letter(items, items[0].number, items[0].level, items[0].issued_on) for key, items in rows.items()}


def reminder_preview(drafts: Sequence[ReminderDraft], on: date) -> PrintSheet | None:
    """How the letter over these invoices, of one customer and currency, would look; None when nothing is open."""
    levels = {draft.invoice_id: draft.level for draft in drafts}
    rows = sql.records("read_invoices_for_a_letter", ids=list(levels))
    if not rows:
        return None
    rows = [row for row in rows if (row.customer_number, row.currency) == (rows[0].customer_number, rows[0].currency)]
    level = max(levels[row.invoice_id] for row in rows)
    return _letter(rows, "", min(max(level, 1), rules.LAST_LEVEL), on)


def _letter(rows: Sequence[Any], number: str, level: int, on: date) -> PrintSheet:
    newest = max(rows, key=lambda row: (row.invoiced_on, row.invoice_number))
    data: dict[str, Any] = {
        "number": number,
        "level": level,
        "issued_on": on,
        "pay_by": on + timedelta(days=rules.REMINDER_DAYS),
        "currency": newest.currency,
        "seller": letterhead(newest),
        "recipient": recipient(newest),
        "customer_number": newest.customer_number,
        "items": [_letter_item(row, on) for row in rows],
        "total": _sum(row.open_amount for row in rows),
    }
    return PrintSheet(REMINDER, paper_language(newest.language), data)


def _letter_item(row: Any, on: date) -> dict[str, Any]:
    return {
        "number": row.invoice_number,
        "order_number": row.order_number,
        "issued_on": row.invoiced_on,
        "due_on": row.due_on,
        "days": (on - row.due_on).days,
        "gross": row.gross,
        "open": row.open_amount,
    }


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
