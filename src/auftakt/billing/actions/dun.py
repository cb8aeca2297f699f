"""Reminders, and the papers on file."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from auftakt.billing import queries, rules
from auftakt.billing.actions.posting import sql
from auftakt.documents import actions as documents
from auftakt.documents import queries as filed
from auftakt.documents.types import DocumentDraft
from auftakt.platform import journal
from auftakt.values import Outcome, Refusal


def dun(on: date, *, actor: str, at: datetime) -> Outcome[UUID]:
    """Raise the dunning level of open items overdue on a day; ids of the invoices that rose. Twice changes nothing."""
    with transaction.atomic():
        rows = sorted(sql.records("raise_dunning", on=on, days=list(rules.DUNNING_DAYS)))
        entries = [
            journal.Entry(
                "invoice",
                row.id,
                {
                    "order_id": row.order_id,
                    "number": row.number,
                    "level": row.level,
                    "due_on": row.due_on,
                    "open": row.open,
                },
            )
            for row in rows
        ]
        journal.write("billing.dunned", entries, actor=actor, at=at)
        return Outcome(tuple(row.id for row in rows))


def file_invoices(invoice_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Print invoices and credit notes in the customer's language and put them on file; ids of the documents.

    One that is on file already is not printed again: its document is given back. Refused: invoice_unknown.
    """
    keys = list(dict.fromkeys(invoice_ids))
    there: dict[UUID, UUID] = {}
    for facts in filed.of_subject(keys):
        if facts.kind in ("invoice", "credit_note"):
            there[facts.subject_id] = facts.id
    sheets = queries.invoice_document([key for key in keys if key not in there])
    drafts = [
        DocumentDraft(
            kind=sheet.template,
            subject_type="invoice",
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
        Refusal.because(key, "invoice_unknown", f"There is no invoice {key}.")
        for key in keys
        if key not in sheets and key not in there
    )
    if drafts:
        with transaction.atomic():
            outcome = documents.file(drafts, actor=actor, at=at)
            there |= dict(zip((draft.subject_id for draft in drafts), outcome.done, strict=True))
            sql.run("mark_filed", ids=sorted(there), at=at)
    return Outcome(tuple(there[key] for key in keys if key in there), refused)
