"""Undoing a matching: money taken back from invoices lies on the customer's account again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.billing import rules
from auftakt.billing.actions.posting import NOTHING, Settled, allocate_rows, day_of, post, sql
from auftakt.billing.types import Entry, ReleaseDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import CreditClaim
from auftakt.platform import journal
from auftakt.values import Finding, Outcome, Refusal, round_money


@dataclass(frozen=True, slots=True)
class _Released:
    settled: Settled
    number: str
    reason: str


def release_allocations(drafts: Sequence[ReleaseDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take money back from invoices and put it on the customer's account, as it was before; ids of the payments.

    The invoice is open again by as much, and the customer's credit is drawn again as far as its line reaches. Nothing
    is deleted: the allocation is followed by its opposite, with postings of their own.
    Refused by payment: payment_unknown, reason_missing, not_allocated (nothing of it settles the invoice, or somebody
    took it back already), amount_invalid, released_too_much.
    """
    with transaction.atomic():
        invoice_ids = sorted({draft.invoice_id for draft in drafts})
        invoices = {row.id: row for row in sql.records("lock_invoices", invoice_ids=invoice_ids)}
        payments = {
            row.id: row
            for row in sql.records("lock_payments", payment_ids=sorted({draft.payment_id for draft in drafts}))
        }
        held = {
            (row.payment_id, row.invoice_id): row.held for row in sql.records("read_allocated", invoice_ids=invoice_ids)
        }
        released: list[_Released] = []
        refused: list[Refusal] = []
        for draft in drafts:
            findings = _findings(draft, payments, held)
            if findings:
                refused.append(Refusal(str(draft.payment_id), tuple(findings)))
                continue
            key = (draft.payment_id, draft.invoice_id)
            amount = held[key] if draft.amount is None else draft.amount
            held[key] -= amount
            released.append(_taken_back(draft, invoices[draft.invoice_id], -amount))
        if released:
            _store(released, actor, at)
        return Outcome(tuple(each.settled.payment_id for each in released), tuple(refused))


def _findings(
    draft: ReleaseDraft, payments: Mapping[UUID, Any], held: Mapping[tuple[UUID, UUID], Decimal]
) -> list[Finding]:
    payment = payments.get(draft.payment_id)
    if payment is None:
        return [Finding("payment_unknown", f"There is no payment received {draft.payment_id}.", "/payment_id")]
    findings: list[Finding] = []
    if not draft.reason.strip():
        findings.append(Finding("reason_missing", "Say why the matching is undone.", "/reason"))
    there = held.get((draft.payment_id, draft.invoice_id), NOTHING)
    if there <= 0:
        text = "Nothing of the payment settles this invoice: somebody may have undone it already."
        findings.append(Finding("not_allocated", text, "/invoice_id"))
    elif draft.amount is not None and (
        draft.amount <= 0 or round_money(draft.amount, payment.currency) != draft.amount
    ):
        findings.append(Finding("amount_invalid", f"{draft.amount} is no amount of {payment.currency}.", "/amount"))
    elif draft.amount is not None and draft.amount > there:
        there = round_money(there, payment.currency)
        text = f"Only {there} {payment.currency} of the payment settle this invoice."
        findings.append(Finding("released_too_much", text, "/amount", {"held": str(there)}))
    return findings


def _taken_back(draft: ReleaseDraft, invoice: Any, amount: Decimal) -> _Released:
    settled = Settled(
        draft.payment_id,
        invoice.id,
        invoice.order_id,
        invoice.customer_id,
        invoice.legal_entity_id,
        invoice.currency,
        amount,
    )
    return _Released(settled, invoice.number, draft.reason.strip()[:300])


def _store(released: Sequence[_Released], actor: str, at: datetime) -> None:
    settled = [each.settled for each in released]
    allocate_rows(settled, at)
    day = day_of(at)
    post(
        Entry(each.legal_entity_id, each.currency, day, "payment", each.payment_id, rules.allocation_sides(each.amount))
        for each in settled
    )
    _draw_credit_again(settled, actor, at)
    entries = [
        journal.Entry(
            "invoice",
            each.settled.invoice_id,
            {
                "order_id": each.settled.order_id,
                "number": each.number,
                "payment_id": each.settled.payment_id,
                "amount": -each.settled.amount,
                "currency": each.settled.currency,
                "reason": each.reason,
            },
        )
        for each in released
    ]
    journal.write("billing.released", entries, actor=actor, at=at)


def _draw_credit_again(settled: Sequence[Settled], actor: str, at: datetime) -> None:
    """Orders that drew from a credit line draw again; where the line does not suffice any more, what is left of it."""
    holders = {
        row.order_id for row in sql.records("read_credit_holders", order_ids=[each.order_id for each in settled])
    }
    claims: dict[tuple[UUID, UUID], CreditClaim] = {}
    for each in settled:
        if each.order_id in holders:
            key = (each.customer_id, each.order_id)
            so_far = claims[key].amount if key in claims else NOTHING
            claims[key] = CreditClaim(each.customer_id, each.order_id, so_far - each.amount, each.currency)
    if not claims:
        return
    outcome = parties.draw_credit(list(claims.values()), actor=actor, at=at)
    short = {
        refusal.subject: Decimal(refusal.findings[0].facts["available"])
        for refusal in outcome.refused
        if refusal.code == "credit_exhausted"
    }
    rest = [
        CreditClaim(claim.party_id, claim.subject_id, short[str(claim.subject_id)], claim.currency)
        for claim in claims.values()
        if short.get(str(claim.subject_id), NOTHING) > 0
    ]
    if rest:
        parties.draw_credit(rest, actor=actor, at=at)
