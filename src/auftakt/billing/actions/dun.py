"""Reminders: raised one level at a time, as letters by customer, unless something keeps them back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.billing import queries, rules
from auftakt.billing.actions.posting import NOTHING, draw_numbers, sql
from auftakt.billing.types import INVOICE, REMINDER, BlockDraft, ReminderDraft
from auftakt.platform import journal
from auftakt.platform.sql import insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

_REMINDER = (
    "id", "number", "year", "sequence", "legal_entity_id", "customer_id", "currency", "level", "issued_on", "total",
    "created_at", "created_by",
)  # fmt: skip
_ITEM = ("id", "reminder_id", "invoice_id", "level", "open_amount")
_BLOCK = (
    "id", "customer_id", "invoice_id", "reason", "until_on", "created_at", "created_by", "lifted_by",
)  # fmt: skip

Rise = tuple[Any, int]


def dun(on: date, *, actor: str, at: datetime) -> Outcome[UUID]:
    """Remind of everything that is due for its next level on a day; ids of the invoices that rose. Twice changes
    nothing."""
    with transaction.atomic():
        wanted = [ReminderDraft(item.id, item.suggested) for item in queries.overdue(on, suggested=True)]
        rises, _ = _rises(wanted, on)
        _store(rises, on, actor, at)
        return Outcome(tuple(row.id for row, _ in rises))


def remind(drafts: Sequence[ReminderDraft], on: date, *, actor: str, at: datetime) -> Outcome[UUID]:
    """Raise overdue invoices to the levels given, with one letter for each customer and currency; ids of the letters.

    A level never falls and is reached once: of two who remind at once, one is told.
    Refused by invoice: invoice_unknown, not_an_invoice, nothing_owed, not_overdue, level_not_higher, level_unknown,
    dunning_blocked (with the reason).
    """
    with transaction.atomic():
        rises, refused = _rises(drafts, on)
        return Outcome(tuple(_store(rises, on, actor, at)), tuple(refused))


def _rises(drafts: Sequence[ReminderDraft], on: date) -> tuple[list[Rise], list[Refusal]]:
    """What may rise, locked, and what may not."""
    first: dict[UUID, ReminderDraft] = {}
    for draft in drafts:
        first.setdefault(draft.invoice_id, draft)
    rows = {row.id: row for row in sql.records("lock_to_remind", ids=sorted(first), on=on)}
    rises: list[Rise] = []
    refused: list[Refusal] = []
    for key, draft in first.items():
        finding = _finding(rows.get(key), draft, on)
        if finding:
            refused.append(Refusal(str(key), (finding,)))
        else:
            rises.append((rows[key], draft.level))
    return rises, refused


def _finding(row: Any, draft: ReminderDraft, on: date) -> Finding | None:
    if row is None:
        return Finding("invoice_unknown", f"There is no invoice {draft.invoice_id}.", "/invoice_id")
    return _item_finding(row, on) or _level_finding(row, draft.level)


def _item_finding(row: Any, on: date) -> Finding | None:
    number = {"number": row.number}
    if row.kind != INVOICE:
        return Finding("not_an_invoice", f"{row.number} is a credit note: nobody owes it.", "/invoice_id")
    if row.open <= 0:
        return Finding("nothing_owed", f"Nothing of {row.number} is open any more.", "/invoice_id", number)
    if row.due_on >= on:
        text = f"{row.number} is due on {row.due_on}: it is not overdue."
        return Finding("not_overdue", text, "/invoice_id", number)
    if row.is_blocked:
        until = f" until {row.block_until}" if row.block_until else ""
        text = f"{row.number} is not reminded of{until}: {row.block_reason}"
        return Finding("dunning_blocked", text, "/invoice_id", number | {"reason": row.block_reason})
    return None


def _level_finding(row: Any, level: int) -> Finding | None:
    if not 1 <= level <= rules.LAST_LEVEL:
        return Finding("level_unknown", f"There are levels 1 to {rules.LAST_LEVEL}, not {level}.", "/level")
    if level <= row.dunning_level:
        text = f"{row.number} is at level {row.dunning_level} already."
        return Finding("level_not_higher", text, "/level", {"number": row.number, "level": str(row.dunning_level)})
    return None


def _store(rises: Sequence[Rise], on: date, actor: str, at: datetime) -> list[UUID]:
    """The letters, their items, the levels, the journal; ids of the letters."""
    if not rises:
        return []
    letters: dict[tuple[UUID, UUID, str], list[Rise]] = {}
    for row, level in sorted(rises, key=lambda rise: (rise[0].due_on, rise[0].number)):
        letters.setdefault((row.legal_entity_id, row.customer_id, row.currency), []).append((row, level))
    numbers = draw_numbers(
        REMINDER, on.year, [(items[0][0].legal_entity_id, items[0][0].entity_code) for items in letters.values()]
    )
    keys = new_ids(len(letters))
    insert_rows("billing_reminder", _REMINDER, [
        (
            key, number, on.year, sequence, entity_id, customer_id, currency, max(level for _, level in items), on,
            sum((row.open for row, _ in items), NOTHING), at, actor,
        )
        for key, (sequence, number), ((entity_id, customer_id, currency), items) in zip(
            keys, numbers, letters.items(), strict=True
        )
    ])  # fmt: skip
    placed = [
        (key, number, row, level)
        for key, (_, number), items in zip(keys, numbers, letters.values(), strict=True)
        for row, level in items
    ]
    insert_rows("billing_reminderitem", _ITEM, [
        (item_id, key, row.id, level, row.open)
        for item_id, (key, _, row, level) in zip(new_ids(len(placed)), placed, strict=True)
    ])  # fmt: skip
    sql.run(
        "raise_dunning", ids=[row.id for _, _, row, _ in placed], levels=[level for _, _, _, level in placed], on=on
    )
    entries = [
        journal.Entry(
            "invoice",
            row.id,
            {
                "order_id": row.order_id,
                "number": row.number,
                "level": level,
                "due_on": row.due_on,
                "open": row.open,
                "reminder_id": key,
                "reminder": number,
            },
        )
        for key, number, row, level in placed
    ]
    journal.write("billing.dunned", entries, actor=actor, at=at)
    return keys


def block_dunning(drafts: Sequence[BlockDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Keep invoices, or all of a customer's, from being reminded of; ids of the blocks. A block in force for the same
    is replaced. Refused (subject: the invoice or customer): invoice_unknown, not_an_invoice, customer_unknown,
    reason_missing."""
    with transaction.atomic():
        invoice_ids = [draft.invoice_id for draft in drafts if draft.invoice_id]
        customer_ids = [draft.customer_id for draft in drafts if draft.customer_id]
        rows = sql.records("read_blockable", invoice_ids=invoice_ids, customer_ids=customer_ids)
        invoices = {row.invoice_id: row for row in rows if row.invoice_id}
        customers = {row.customer_id for row in rows}
        refused: list[Refusal] = []
        good: dict[tuple[UUID, UUID | None], BlockDraft] = {}
        for draft in drafts:
            finding = _block_finding(draft, invoices, customers)
            if finding:
                refused.append(Refusal(str(draft.invoice_id or draft.customer_id), (finding,)))
            elif draft.invoice_id:
                good[invoices[draft.invoice_id].customer_id, draft.invoice_id] = draft
            elif draft.customer_id:
                good[draft.customer_id, None] = draft
        keys = _store_blocks(good, actor, at)
        return Outcome(tuple(keys), tuple(refused))


def _block_finding(draft: BlockDraft, invoices: Mapping[UUID, Any], customers: set[UUID]) -> Finding | None:
    if draft.invoice_id:
        row = invoices.get(draft.invoice_id)
        if row is None:
            return Finding("invoice_unknown", f"There is no invoice {draft.invoice_id}.", "/invoice_id")
        if row.kind != INVOICE:
            return Finding("not_an_invoice", "A credit note is not reminded of.", "/invoice_id")
    elif draft.customer_id not in customers:
        return Finding("customer_unknown", f"There is no customer {draft.customer_id}.", "/customer_id")
    if not draft.reason.strip():
        return Finding("reason_missing", "Say why no reminder is sent.", "/reason")
    return None


def _store_blocks(good: Mapping[tuple[UUID, UUID | None], BlockDraft], actor: str, at: datetime) -> list[UUID]:
    if not good:
        return []
    replaced = sql.records(
        "lock_blocks_of",
        invoice_ids=[invoice for _, invoice in good if invoice],
        customer_ids=[customer for customer, invoice in good if invoice is None],
    )
    sql.run("lift_blocks", ids=[row.id for row in replaced], at=at, actor=actor)
    keys = new_ids(len(good))
    rows = [
        (key, customer, invoice, draft.reason.strip()[:300], draft.until_on, at, actor, "")
        for key, ((customer, invoice), draft) in zip(keys, good.items(), strict=True)
    ]
    insert_rows("billing_dunningblock", _BLOCK, rows)
    entries = [
        _told(customer, invoice, {"reason": draft.reason.strip()[:300], "until_on": draft.until_on})
        for (customer, invoice), draft in good.items()
    ]
    journal.write("billing.dunning_blocked", entries, actor=actor, at=at)
    return keys


def lift_dunning_blocks(block_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """End blocks; ids of the blocks. Refused: block_unknown, block_lifted (somebody ended or replaced it)."""
    with transaction.atomic():
        keys = list(dict.fromkeys(block_ids))
        rows = {row.id: row for row in sql.records("lock_blocks", ids=sorted(keys))}
        refused: list[Refusal] = []
        lifted: list[UUID] = []
        for key in keys:
            if key not in rows:
                refused.append(Refusal.because(key, "block_unknown", f"There is no block {key}."))
            elif rows[key].lifted_at:
                refused.append(Refusal.because(key, "block_lifted", "The block was ended already."))
            else:
                lifted.append(key)
        sql.run("lift_blocks", ids=lifted, at=at, actor=actor)
        entries = [_told(rows[key].customer_id, rows[key].invoice_id, {"reason": rows[key].reason}) for key in lifted]
        journal.write("billing.dunning_unblocked", entries, actor=actor, at=at)
        return Outcome(tuple(lifted), tuple(refused))


def _told(customer: UUID, invoice: UUID | None, change: dict[str, Any]) -> journal.Entry:
    return journal.Entry("invoice" if invoice else "party", invoice or customer, change | {"customer_id": customer})
