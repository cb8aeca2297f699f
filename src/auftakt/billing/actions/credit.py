"""Credit notes: the only way an issued invoice is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.billing import rules
from auftakt.billing.actions.issue import DraftInvoice, DraftLine, store
from auftakt.billing.actions.posting import NOTHING, Settled, allocate_rows, day_of, give_back_credit, post, sql
from auftakt.billing.types import CREDIT_NOTE, INVOICE, Billable, CreditDraft, Entry
from auftakt.platform import journal
from auftakt.values import Finding, Outcome, Refusal


@dataclass(slots=True)
class _Credited:
    """An invoice while credit notes are made for it: what is left of its lines, of its open item, and who paid it."""

    head: Any
    open: Decimal
    lines: dict[UUID, Any] = field(default_factory=dict)
    left: dict[UUID, Billable] = field(default_factory=dict)
    paid_by: list[tuple[UUID, Decimal]] = field(default_factory=list)


@dataclass(slots=True)
class _Made:
    note: DraftInvoice
    invoice: _Credited
    from_open: Decimal
    freed: tuple[tuple[UUID, Decimal], ...]


def credit(drafts: Sequence[CreditDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """One credit note for each draft, at the invoice's own prices and tax rates; ids of the credit notes.

    The open item falls by the credit note. What the customer had paid already beyond that goes back on the customer's
    account, where it can be used for another invoice or refunded.
    Refused: invoice_unknown, not_an_invoice, reason_missing, line_unknown, credited_too_much, nothing_to_credit.
    """
    with transaction.atomic():
        invoices = _load([draft.invoice_id for draft in drafts])
        made: list[_Made] = []
        refused: list[Refusal] = []
        for draft in drafts:
            invoice = invoices.get(draft.invoice_id)
            wanted = _wanted(draft, invoice)
            findings = _findings(draft, invoice, wanted)
            if findings or invoice is None:
                refused.append(Refusal(str(draft.invoice_id), tuple(findings)))
            else:
                made.append(_make(draft, invoice, wanted, at))
        if made:
            _store(made, actor, at)
        return Outcome(tuple(each.note.id for each in made), tuple(refused))


def _load(invoice_ids: Sequence[UUID]) -> dict[UUID, _Credited]:
    keys = sorted(set(invoice_ids))
    loaded = {row.id: _Credited(row, row.open) for row in sql.records("lock_invoices", invoice_ids=keys)}
    for row in sql.records("read_lines_to_credit", invoice_ids=keys):
        invoice = loaded[row.invoice_id]
        invoice.lines[row.id] = row
        invoice.left[row.id] = Billable(
            row.quantity, row.net, row.tax, row.credited_quantity, row.credited_net, row.credited_tax
        )
    for row in sql.records("read_allocated", invoice_ids=keys):
        loaded[row.invoice_id].paid_by.append((row.payment_id, row.held))
    return loaded


def _wanted(draft: CreditDraft, invoice: _Credited | None) -> dict[UUID, Decimal]:
    """Quantity to credit by invoice line."""
    if invoice is None:
        return {}
    left = {key: line.quantity - line.billed_quantity for key, line in invoice.left.items()}
    if not draft.pieces:
        return {key: quantity for key, quantity in left.items() if quantity > 0}
    wanted: dict[UUID, Decimal] = {}
    for piece in draft.pieces:
        quantity = left.get(piece.invoice_line_id, NOTHING) if piece.quantity is None else piece.quantity
        wanted[piece.invoice_line_id] = wanted.get(piece.invoice_line_id, NOTHING) + quantity
    return wanted


def _findings(draft: CreditDraft, invoice: _Credited | None, wanted: Mapping[UUID, Decimal]) -> list[Finding]:
    if invoice is None:
        return [Finding("invoice_unknown", f"There is no invoice {draft.invoice_id}.", "/invoice_id")]
    if invoice.head.kind != INVOICE:
        text = f"{invoice.head.number} is a credit note itself: credit the invoice it belongs to."
        return [Finding("not_an_invoice", text, "/invoice_id")]
    findings: list[Finding] = []
    if not draft.reason.strip():
        findings.append(Finding("reason_missing", "Say why the invoice is credited.", "/reason"))
    if not wanted:
        text = f"Everything on {invoice.head.number} is credited already."
        findings.append(Finding("nothing_to_credit", text, "/pieces"))
    places = {piece.invoice_line_id: place for place, piece in reversed(list(enumerate(draft.pieces)))}
    for key, quantity in wanted.items():
        place = f"/pieces/{places.get(key, 0)}"
        line = invoice.left.get(key)
        if line is None:
            text = f"{invoice.head.number} has no line {key}."
            findings.append(Finding("line_unknown", text, f"{place}/invoice_line_id"))
            continue
        left = line.quantity - line.billed_quantity
        if not 0 < quantity <= left:
            text = (
                f"{quantity:f} cannot be credited on line {invoice.lines[key].line_number} of {invoice.head.number}: "
                f"{line.quantity:f} were invoiced, {line.billed_quantity:f} are credited already."
            )
            facts = {"invoiced": str(line.quantity), "credited": str(line.billed_quantity), "asked": str(quantity)}
            findings.append(Finding("credited_too_much", text, f"{place}/quantity", facts))
    return findings


def _make(draft: CreditDraft, invoice: _Credited, wanted: Mapping[UUID, Decimal], at: datetime) -> _Made:
    head, day = invoice.head, day_of(at)
    note = DraftInvoice(
        kind=CREDIT_NOTE,
        legal_entity_id=head.legal_entity_id,
        entity_code=head.entity_code,
        order_id=head.order_id,
        customer_id=head.customer_id,
        bill_to_id=head.bill_to_id,
        currency=head.currency,
        language=head.language,
        issued_on=day,
        due_on=day,
        credits_id=head.id,
        reason=draft.reason.strip()[:300],
    )
    for key in sorted(wanted, key=lambda each: invoice.lines[each].line_number):
        row, so_far = invoice.lines[key], invoice.left[key]
        amounts = rules.piece_amounts(so_far, wanted[key], head.currency, tax_included=head.tax_included)
        invoice.left[key] = rules.with_piece(so_far, wanted[key], amounts)
        note.lines.append(
            DraftLine(
                row.text,
                wanted[key],
                row.unit_code,
                row.unit_price,
                row.tax_category,
                row.tax_rate,
                amounts,
                order_line_id=row.order_line_id,
                charge_id=row.charge_id,
                credits_id=row.id,
            )
        )
    gross = note.amounts.gross
    from_open = min(gross, invoice.open)
    freed = rules.take_back(gross - from_open, invoice.paid_by)
    taken = dict(freed)
    invoice.open -= from_open
    invoice.paid_by = [(key, held - taken.get(key, NOTHING)) for key, held in invoice.paid_by]
    return _Made(note, invoice, from_open, freed)


def _store(made: Sequence[_Made], actor: str, at: datetime) -> None:
    notes = [each.note for each in made]
    store(notes, at)
    sql.rows("lock_payments", payment_ids=sorted({key for each in made for key, _ in each.freed}))
    allocate_rows([back for each in made for back in _taken_back(each)], at)
    sql.run(
        "move_invoices",
        ids=[note.credits_id for note in notes],
        paid=[NOTHING] * len(notes),
        credited=[note.amounts.gross for note in notes],
    )
    _post(made)
    give_back_credit(
        ((each.note.customer_id, each.note.order_id, each.from_open, each.note.currency) for each in made),
        actor=actor,
        at=at,
    )
    journal.write("billing.credited", [_told(each) for each in made], actor=actor, at=at)


def _taken_back(made: _Made) -> list[Settled]:
    note = made.note
    return [
        Settled(
            key, made.invoice.head.id, note.order_id, note.customer_id, note.legal_entity_id, note.currency, -amount
        )
        for key, amount in made.freed
    ]


def _post(made: Sequence[_Made]) -> None:
    entries: list[Entry] = []
    for each in made:
        note = each.note
        entries.append(
            Entry(
                note.legal_entity_id,
                note.currency,
                note.issued_on,
                CREDIT_NOTE,
                note.id,
                rules.credit_sides(note.amounts),
            )
        )
        entries += [
            Entry(note.legal_entity_id, note.currency, note.issued_on, "payment", key, rules.allocation_sides(-amount))
            for key, amount in each.freed
        ]
    post(entries)


def _told(made: _Made) -> journal.Entry:
    note, sums = made.note, made.note.amounts
    return journal.Entry(
        "invoice",
        note.id,
        {
            "order_id": note.order_id,
            "number": note.number,
            "credits": note.credits_id,
            "credited_number": made.invoice.head.number,
            "reason": note.reason,
            "net": sums.net,
            "tax": sums.tax,
            "gross": sums.gross,
            "currency": note.currency,
            "on_account": sum((part for _, part in made.freed), NOTHING),
        },
    )
