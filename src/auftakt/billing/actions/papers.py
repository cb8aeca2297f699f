"""Papers of billing, printed and put on file."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from auftakt.billing import queries
from auftakt.billing.actions.posting import sql
from auftakt.billing.types import PrintSheet, ReminderDraft
from auftakt.documents import actions as documents
from auftakt.documents import queries as filed
from auftakt.documents.types import DocumentDraft
from auftakt.values import Outcome, Refusal


def file_invoices(invoice_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Print invoices and credit notes in the customer's language and put them on file; ids of the documents.

    One that is on file already is not printed again: its document is given back. Refused: invoice_unknown.
    """
    kinds = ("invoice", "credit_note")
    return _file(invoice_ids, "invoice", kinds, queries.invoice_document, "mark_filed", actor, at)


def file_reminders(reminder_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Print reminders in the customer's language and put them on file; ids of the documents. Once, as invoices are.

    Refused: reminder_unknown.
    """
    return _file(
        reminder_ids, "reminder", ("reminder",), queries.reminder_document, "mark_reminders_filed", actor, at
    )  # fmt: skip


def _file(
    ids: Sequence[UUID],
    subject: str,
    kinds: Sequence[str],
    sheets_of: Callable[[Sequence[UUID]], Mapping[UUID, PrintSheet]],
    mark: str,
    actor: str,
    at: datetime,
) -> Outcome[UUID]:
    keys = list(dict.fromkeys(ids))
    there = {facts.subject_id: facts.id for facts in filed.of_subject(keys) if facts.kind in kinds}
    sheets = sheets_of([key for key in keys if key not in there])
    drafts = [
        DocumentDraft(
            kind=sheet.template,
            subject_type=subject,
            subject_id=key,
            number=sheet.data["number"],
            language=sheet.language,
            filename=f"{sheet.data['number']}.pdf",
            media_type="application/pdf",
            content=documents.render(sheet.template, sheet.data, sheet.language),
        )
        for key, sheet in sheets.items()
    ]
    refused: tuple[Refusal, ...] = tuple(
        Refusal.because(key, f"{subject}_unknown", f"There is no {subject} {key}.")
        for key in keys
        if key not in sheets and key not in there
    )
    if drafts:
        with transaction.atomic():
            outcome = documents.file(drafts, actor=actor, at=at)
            there |= dict(zip((draft.subject_id for draft in drafts), outcome.done, strict=True))
            sql.run(mark, ids=sorted(there), at=at)
    return Outcome(tuple(there[key] for key in keys if key in there), refused)


def preview_reminder(drafts: Sequence[ReminderDraft], on: date) -> bytes:
    """The letter as it would go out, as PDF; nothing is stored. Empty when nothing of the invoices is open."""
    sheet = queries.reminder_preview(drafts, on)
    return documents.render(sheet.template, sheet.data, sheet.language) if sheet else b""


def print_account(customer_id: UUID, currency: str, from_on: date, until_on: date) -> bytes:
    """A customer's account in one currency over a period, as PDF in the customer's language; empty for no customer."""
    sheet = queries.account_document(customer_id, currency, from_on, until_on)
    return documents.render(sheet.template, sheet.data, sheet.language) if sheet else b""
