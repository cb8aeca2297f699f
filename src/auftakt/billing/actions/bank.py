"""Bank statements: lines are taken once, wait, and are booked as payments or set aside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.billing.actions.posting import sql
from auftakt.billing.actions.receive import receive_payments
from auftakt.billing.types import (
    BOOKED,
    SET_ASIDE,
    WAITING,
    BankBooking,
    BankLineDraft,
    Receipt,
    SettingAside,
    StatementDraft,
    Taken,
)
from auftakt.platform import journal
from auftakt.platform.sql import insert_rows
from auftakt.values import Outcome, Refusal, new_ids

_METHOD = "bank_transfer"
_STATEMENT = ("id", "account", "filename", "format", "lines", "fresh", "taken_at", "taken_by")


def take_statements(drafts: Sequence[StatementDraft], *, actor: str, at: datetime) -> Outcome[Taken]:
    """Keep the lines of bank statements that are not known yet, by account and the bank's reference. The same file
    again, or one that overlaps it, brings only what is new; one that brings nothing leaves no trace."""
    with transaction.atomic():
        keys = new_ids(len(drafts))
        fresh_of = _fresh(drafts)
        rows = [
            (key, draft.account, draft.filename, draft.format, len(draft.lines), len(fresh), at, actor)
            for key, draft, fresh in zip(keys, drafts, fresh_of, strict=True)
            if fresh
        ]
        insert_rows("billing_bankstatement", _STATEMENT, rows)
        added = _add(keys, drafts, fresh_of)
        taken = [
            Taken(key if added[key] else None, tuple(added[key]), len(draft.lines) - len(added[key]))
            for key, draft in zip(keys, drafts, strict=True)
        ]
        entries = [
            journal.Entry(
                "bank_statement",
                key,
                {"account": draft.account, "filename": draft.filename, "lines": len(draft.lines), "new": len(fresh)},
            )
            for key, draft, fresh in zip(keys, drafts, fresh_of, strict=True)
            if fresh
        ]
        journal.write("billing.statement_taken", entries, actor=actor, at=at)
        return Outcome(tuple(taken))


def _fresh(drafts: Sequence[StatementDraft]) -> list[list[BankLineDraft]]:
    """The lines of each statement that are not known; two who take the same file at once go one after another."""
    sql.rows("lock_taking")
    names = [(draft.account, line.reference) for draft in drafts for line in draft.lines]
    known = {
        (row.account, row.reference)
        for row in sql.records(
            "read_known_lines",
            accounts=[account for account, _ in names],
            references=[reference for _, reference in names],
        )
    }
    found: list[list[BankLineDraft]] = []
    for draft in drafts:
        fresh: list[BankLineDraft] = []
        for line in draft.lines:
            if (draft.account, line.reference) not in known:
                known.add((draft.account, line.reference))
                fresh.append(line)
        found.append(fresh)
    return found


_LINE = (
    "id", "statement_id", "account", "reference", "booked_on", "valued_on", "amount", "currency", "payer",
    "payer_account", "text", "state", "reason", "settled_by",
)  # fmt: skip


def _add(
    keys: Sequence[UUID], drafts: Sequence[StatementDraft], fresh_of: Sequence[Sequence[BankLineDraft]]
) -> dict[UUID, list[UUID]]:
    """Store lines; their ids by statement."""
    added: dict[UUID, list[UUID]] = {key: [] for key in keys}
    rows: list[tuple[object, ...]] = []
    for key, draft, fresh in zip(keys, drafts, fresh_of, strict=True):
        for line_id, line in zip(new_ids(len(fresh)), fresh, strict=True):
            added[key].append(line_id)
            rows.append((
                line_id, key, draft.account, line.reference, line.booked_on, line.valued_on, line.amount,
                line.currency, line.payer, line.payer_account, line.text, WAITING, "", "",
            ))  # fmt: skip
    insert_rows("billing_bankline", _LINE, rows)
    return added


def book_bank_lines(bookings: Sequence[BankBooking], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Book waiting bank lines as payments of the customers named; payment ids in the order given.

    The bank's reference is the payment's, so that a payment booked by hand under it is not booked again.
    Refused by line: line_unknown, line_settled (somebody booked it or set it aside meanwhile), and as
    `receive_payments` refuses.
    """
    with transaction.atomic():
        first: dict[UUID, BankBooking] = {}
        for booking in bookings:
            first.setdefault(booking.line_id, booking)
        lines = {row.id: row for row in sql.records("lock_bank_lines", ids=sorted(first))}
        refused = [refusal for key in first if (refusal := _unless(key, lines, WAITING))]
        bad = {refusal.subject for refusal in refused}
        by_reference = {
            lines[key].reference: booking for key, booking in reversed(first.items()) if str(key) not in bad
        }
        taken = {row.reference for row in sql.records("read_taken_references", references=list(by_reference))}
        good = [booking for reference, booking in by_reference.items() if reference not in taken]
        refused += [
            _reused(booking.line_id, lines[booking.line_id].reference)
            for booking in first.values()
            if str(booking.line_id) not in bad and booking not in good
        ]
        receipts = [_receipt(lines[booking.line_id], booking) for booking in good]
        outcome = receive_payments(receipts, actor=actor, at=at)
        why = {refusal.subject: refusal for refusal in outcome.refused}
        done = iter(outcome.done)
        booked: dict[UUID, UUID] = {}
        for booking, receipt in zip(good, receipts, strict=True):
            if receipt.reference in why:
                refused.append(Refusal(str(booking.line_id), why[receipt.reference].findings))
            else:
                booked[booking.line_id] = next(done)
        _settle([(key, BOOKED, payment, "") for key, payment in booked.items()], actor, at)
        told = [
            journal.Entry("bank_line", key, {"payment_id": payment, "reference": lines[key].reference})
            for key, payment in booked.items()
        ]
        journal.write("billing.bank_line_booked", told, actor=actor, at=at)
        return Outcome(tuple(booked[each.line_id] for each in bookings if each.line_id in booked), tuple(refused))


def _reused(line_id: UUID, reference: str) -> Refusal:
    """The same bank reference on another account was booked already, or is in the same batch."""
    text = f"{reference} is the reference of another bank line too, which is booked: book this one by hand."
    return Refusal.because(line_id, "reference_reused", text)


def _receipt(line: Any, booking: BankBooking) -> Receipt:
    return Receipt(
        method=_METHOD,
        amount=line.amount,
        currency=line.currency,
        received_on=line.valued_on,
        reference=line.reference,
        customer_number=booking.customer_number,
        settles=booking.settles,
        text=" · ".join(part for part in (line.payer, line.text) if part),
    )


def set_aside_bank_lines(drafts: Sequence[SettingAside], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take waiting lines off the work list that are no customer's payment, with the reason; ids of the lines.

    Refused by line: line_unknown, line_settled, reason_missing.
    """
    with transaction.atomic():
        lines = {row.id: row for row in sql.records("lock_bank_lines", ids=sorted({each.line_id for each in drafts}))}
        refused: list[Refusal] = []
        done: dict[UUID, str] = {}
        for draft in drafts:
            refusal = _unless(draft.line_id, lines, WAITING)
            if refusal is None and not draft.reason.strip():
                refusal = Refusal.because(draft.line_id, "reason_missing", "Say what the money is.", place="/reason")
            if refusal:
                refused.append(refusal)
            else:
                done[draft.line_id] = draft.reason.strip()[:300]
        _settle([(key, SET_ASIDE, None, reason) for key, reason in done.items()], actor, at)
        entries = [journal.Entry("bank_line", key, {"reason": reason}) for key, reason in done.items()]
        journal.write("billing.bank_line_set_aside", entries, actor=actor, at=at)
        return Outcome(tuple(done), tuple(refused))


def reopen_bank_lines(line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put lines that were set aside back on the work list; ids of the lines. Refused by line: line_unknown,
    line_settled (it is not set aside)."""
    with transaction.atomic():
        keys = list(dict.fromkeys(line_ids))
        lines = {row.id: row for row in sql.records("lock_bank_lines", ids=sorted(keys))}
        refused = [refusal for key in keys if (refusal := _unless(key, lines, SET_ASIDE))]
        bad = {refusal.subject for refusal in refused}
        done = [key for key in keys if str(key) not in bad]
        _settle([(key, WAITING, None, "") for key in done], actor, at)
        journal.write(
            "billing.bank_line_reopened", [journal.Entry("bank_line", key) for key in done], actor=actor, at=at
        )
        return Outcome(tuple(done), tuple(refused))


def _unless(key: UUID, lines: Mapping[UUID, Any], state: str) -> Refusal | None:
    """The refusal of a line that is not there, or not in the state it should be in."""
    line = lines.get(key)
    if line is None:
        return Refusal.because(key, "line_unknown", f"There is no bank line {key}.")
    if line.state != state:
        text = f"{line.reference} is {line.state} meanwhile: look again."
        return Refusal.because(key, "line_settled", text, state=line.state)
    return None


def _settle(rows: Sequence[tuple[UUID, str, UUID | None, str]], actor: str, at: datetime) -> None:
    if rows:
        sql.run(
            "settle_bank_lines",
            ids=[row[0] for row in rows],
            states=[row[1] for row in rows],
            payments=[row[2] for row in rows],
            reasons=[row[3] for row in rows],
            at=at,
            actor=actor,
        )
