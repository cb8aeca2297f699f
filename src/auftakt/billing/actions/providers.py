"""Money taken through payment providers. None of these verbs can run inside a transaction: the attempt is committed
before the provider is called."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.billing import rules
from auftakt.billing.actions.attempts import begin, blocked, call, conclude, refusal_of
from auftakt.billing.actions.posting import NOTHING, day_of, post, sql
from auftakt.billing.types import (
    AUTHORISE,
    CAPTURE,
    INVOICE,
    PROVIDER_METHODS,
    REFUND,
    SUCCEEDED,
    Authorised,
    Collected,
    Entry,
    RefundDraft,
    Wanted,
)
from auftakt.platform import journal
from auftakt.platform.sql import insert_rows
from auftakt.values import Finding, Outcome, Refusal, is_card_number, new_ids, round_money


def authorise(order_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[Authorised]:
    """Put a hold on what the orders cost beyond what is paid or on hold for them already. Not inside a transaction.

    Refused by order: order_unknown, method_without_provider, card_number_refused, provider_unknown, attempt_open
    (transient), payment_declined (final, with the reason), payment_failed and payment_in_doubt (transient).
    """
    keys = list(dict.fromkeys(order_ids))
    refused: list[Refusal] = []
    wanted: list[Wanted] = []
    held: dict[UUID, UUID | None] = {}
    with transaction.atomic(durable=True):
        rows = {row.id: row for row in sql.records("lock_orders_to_authorise", order_ids=sorted(keys))}
        holds = _holds(keys)
        for key in keys:
            row = rows.get(key)
            finding = _order_finding(key, row)
            if finding:
                refused.append(Refusal(str(key), (finding,)))
                continue
            mine = holds.get(key, [])
            missing = row.gross - row.paid - sum((hold.remaining for hold in mine), NOTHING)
            if missing > 0:
                wanted.append(
                    Wanted(
                        key, key, row.number, row.payment_method, AUTHORISE, missing, row.currency, row.payment_token
                    )
                )
            else:
                held[key] = mine[-1].id if mine else None
        attempts, refusals = begin(wanted, actor=actor, at=at)
    refused += refusals
    refused += _conduct(attempts, actor, at)
    held |= {each.order_id: key for key, each in attempts.items()}
    turned_away = {refusal.subject for refusal in refused}
    done = tuple(Authorised(key, held[key]) for key in keys if key in held and str(key) not in turned_away)
    return Outcome(done, tuple(refused))


def _holds(order_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    holds: dict[UUID, list[Any]] = {}
    for row in sql.records("read_authorisations", order_ids=sorted(set(order_ids))):
        holds.setdefault(row.order_id, []).append(row)
    return holds


def _order_finding(key: UUID, row: Any) -> Finding | None:
    if row is None:
        return Finding("order_unknown", f"There is no order {key}.")
    if row.payment_method not in PROVIDER_METHODS:
        text = f"Order {row.number} is paid by {row.payment_method}: there is nothing to authorise."
        return Finding("method_without_provider", text)
    if is_card_number(row.payment_token):
        text = f"Order {row.number} carries a card number: only a provider's token may be kept."
        return Finding("card_number_refused", text, "/payment_token")
    return None


def _conduct(attempts: dict[UUID, Wanted], actor: str, at: datetime) -> list[Refusal]:
    """Call, store the outcomes, and say what did not succeed."""
    if not attempts:
        return []
    answers = call(attempts)
    conclude(answers, actor=actor, at=at)
    return [
        refusal_of(wanted.subject, wanted, answers[key])
        for key, wanted in attempts.items()
        if answers[key].state != SUCCEEDED
    ]


def capture(invoice_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take what is open on invoices from the money on hold for their orders; ids of the invoices with nothing open.

    An invoice already paid is done. Invoices of one order are captured one after another. Not inside a transaction.
    Refused by invoice: invoice_unknown, not_an_invoice, method_without_provider, not_authorised, provider_unknown,
    attempt_open, payment_declined, payment_failed, payment_in_doubt.
    """
    left = list(dict.fromkeys(invoice_ids))
    done: list[UUID] = []
    refused: list[Refusal] = []
    while left:
        attempts, paid, refusals, left = _begin_captures(left, actor, at)
        refused += refusals
        failed = _conduct(attempts, actor, at)
        refused += failed
        bad = {refusal.subject for refusal in failed}
        done += [*paid, *(each.subject for each in attempts.values() if str(each.subject) not in bad)]
    return Outcome(tuple(key for key in dict.fromkeys(invoice_ids) if key in done), tuple(refused))


def _begin_captures(
    invoice_ids: Sequence[UUID], actor: str, at: datetime
) -> tuple[dict[UUID, Wanted], list[UUID], list[Refusal], list[UUID]]:
    """Begin at most one capture for each order: attempts, invoices already paid, refusals, and those left for later."""
    wanted: list[Wanted] = []
    paid: list[UUID] = []
    refused: list[Refusal] = []
    later: list[UUID] = []
    busy: set[UUID] = set()
    with transaction.atomic(durable=True):
        rows = {row.id: row for row in sql.records("lock_invoices", invoice_ids=sorted(invoice_ids))}
        holds = _holds([row.order_id for row in rows.values()])
        in_doubt = _captures_open([row.order_id for row in rows.values()])
        for key in invoice_ids:
            row = rows.get(key)
            finding = _invoice_finding(key, row)
            if finding:
                refused.append(Refusal(str(key), (finding,)))
            elif row.open <= 0:
                paid.append(key)
            elif row.order_id in in_doubt:
                refused += blocked([_capture_of(row)])
            elif row.order_id in busy:
                later.append(key)
            else:
                hold = next((each for each in holds.get(row.order_id, ()) if each.remaining >= row.open), None)
                if hold is None:
                    text = f"No authorisation of order {row.order_number} covers {row.open} {row.currency}."
                    refused.append(Refusal.because(key, "not_authorised", text, open=row.open))
                    continue
                busy.add(row.order_id)
                wanted.append(
                    replace(_capture_of(row), provider=hold.provider, target=hold.provider_reference, invoice_id=key)
                )
        attempts, refusals = begin(wanted, actor=actor, at=at)
    return attempts, paid, [*refused, *refusals], later


def _invoice_finding(key: UUID, row: Any) -> Finding | None:
    if row is None:
        return Finding("invoice_unknown", f"There is no invoice {key}.")
    if row.kind != INVOICE:
        return Finding("not_an_invoice", f"{row.number} is a credit note: there is nothing to collect.")
    if row.payment_method not in PROVIDER_METHODS:
        text = f"{row.number} is paid by {row.payment_method}: it waits for the customer."
        return Finding("method_without_provider", text)
    return None


def collect(invoice_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[Collected]:
    """See to the money for invoices in the way their orders are paid. Not inside a transaction.

    Card and PayPal: what is open is authorised where no authorisation covers it, then captured. Any other method:
    nothing is done but to say that it waits. Refused as `authorise` and `capture` are, by invoice.
    """
    keys = list(dict.fromkeys(invoice_ids))
    with transaction.atomic(durable=True):
        rows = {row.id: row for row in sql.records("lock_invoices", invoice_ids=sorted(keys))}
    refused: list[Refusal] = []
    to_capture: list[UUID] = []
    for key in keys:
        row = rows.get(key)
        if row is None or row.kind != INVOICE:
            finding = _invoice_finding(key, row)
            refused += [Refusal(str(key), (finding,))] if finding else []
        elif row.open > 0 and row.payment_method in PROVIDER_METHODS:
            to_capture.append(key)
    left = to_capture
    captured: set[UUID] = set()
    while left:
        first: dict[UUID, UUID] = {}
        for key in left:
            first.setdefault(rows[key].order_id, key)
        now = list(first.values())
        turned_away = _authorise_invoices(now, actor, at)
        refused += turned_away
        bad = {refusal.subject for refusal in turned_away}
        outcome = capture([key for key in now if str(key) not in bad], actor=actor, at=at)
        refused += outcome.refused
        captured |= set(outcome.done)
        left = [key for key in left if key not in set(now)]
    bad = {refusal.subject for refusal in refused}
    done: list[Collected] = []
    for key in keys:
        if str(key) not in bad:
            is_paid = key in captured or rows[key].open <= 0
            done.append(Collected(key, "paid" if is_paid else "waiting", NOTHING if is_paid else rows[key].open))
    return Outcome(tuple(done), tuple(refused))


def _authorise_invoices(invoice_ids: Sequence[UUID], actor: str, at: datetime) -> list[Refusal]:
    """Put a hold on what is open where no hold covers it; at most one invoice of each order is given."""
    wanted: list[Wanted] = []
    refused: list[Refusal] = []
    with transaction.atomic(durable=True):
        rows = {row.id: row for row in sql.records("lock_invoices", invoice_ids=sorted(invoice_ids))}
        holds = _holds([row.order_id for row in rows.values()])
        busy = _captures_open([row.order_id for row in rows.values()])
        for key in invoice_ids:
            row = rows[key]
            if row.order_id in busy:
                refused += blocked([_capture_of(row)])
                continue
            if row.open <= 0 or any(hold.remaining >= row.open for hold in holds.get(row.order_id, ())):
                continue
            if is_card_number(row.payment_token):
                text = f"Order {row.order_number} carries a card number: only a provider's token may be kept."
                refused.append(Refusal.because(key, "card_number_refused", text))
                continue
            wanted.append(replace(_capture_of(row), operation=AUTHORISE, target=row.payment_token))
        attempts, refusals = begin(wanted, actor=actor, at=at)
    return [*refused, *refusals, *_conduct(attempts, actor, at)]


def _captures_open(order_ids: Sequence[UUID]) -> set[UUID]:
    """Orders with a capture whose outcome is not known: no further hold is put on their customers' money."""
    rows = sql.records("read_open_attempts", order_ids=sorted(set(order_ids)))
    return {row.order_id for row in rows if row.operation == CAPTURE}


def _capture_of(row: Any) -> Wanted:
    return Wanted(row.id, row.order_id, row.order_number, row.payment_method, CAPTURE, row.open, row.currency, "")


def refund(drafts: Sequence[RefundDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Return money on customers' accounts the way it came; ids of the receipts. Not inside a transaction.

    Bank and cash refunds are booked at once; card and PayPal ones are asked of the provider, and the money is set aside
    from the moment the attempt begins. What settles an invoice is not on account: credit the invoice first.
    Refused by payment: payment_unknown, amount_invalid, account_overdrawn, reason_missing, reference_missing,
    reference_reused, capture_unknown, provider_unknown, attempt_open, payment_declined, payment_failed,
    payment_in_doubt.
    """
    refused: list[Refusal] = []
    with transaction.atomic(durable=True):
        keys = sorted({each.payment_id for each in drafts})
        rows = {row.id: row for row in sql.records("lock_payments", payment_ids=keys)}
        captures = {row.id: row for row in sql.records("read_captures", payment_ids=keys)}
        names = [(rows[each.payment_id].method, each.reference.strip()) for each in drafts if each.payment_id in rows]
        used = {
            (row.method, row.reference)
            for row in sql.records(
                "read_known_receipts", methods=[name[0] for name in names], references=[name[1] for name in names]
            )
        }
        free = {key: row.free for key, row in rows.items()}
        booked: list[tuple[RefundDraft, Any]] = []
        wanted: list[Wanted] = []
        for draft in drafts:
            row = rows.get(draft.payment_id)
            findings = _refund_findings(draft, row, free, captures, used)
            if findings:
                refused.append(Refusal(str(draft.payment_id), tuple(findings)))
                continue
            free[row.id] -= draft.amount
            if row.method in PROVIDER_METHODS:
                wanted.append(_refund_wanted(draft, row, captures[row.id].provider_reference))
            else:
                used.add((row.method, draft.reference.strip()))
                booked.append((draft, row))
        attempts, refusals = begin(wanted, actor=actor, at=at)
        _set_aside(
            [
                *((row.id, draft.amount) for draft, row in booked),
                *((each.subject, each.amount) for each in attempts.values()),
            ]
        )
        _book_refunds(booked, actor, at)
    refused += refusals
    refused += _conduct(attempts, actor, at)
    bad = {refusal.subject for refusal in refused}
    done = dict.fromkeys([*(row.id for _, row in booked), *(each.subject for each in attempts.values())])
    return Outcome(tuple(key for key in done if str(key) not in bad), tuple(refused))


def _refund_wanted(draft: RefundDraft, row: Any, capture_reference: str) -> Wanted:
    return Wanted(
        row.id,
        row.order_id,
        row.order_number,
        row.method,
        REFUND,
        draft.amount,
        row.currency,
        capture_reference,
        payment_id=row.id,
    )


def _refund_findings(
    draft: RefundDraft,
    row: Any,
    free: dict[UUID, Decimal],
    captures: dict[UUID, Any],
    used: set[tuple[str, str]],
) -> list[Finding]:
    if row is None or row.kind == REFUND:
        return [Finding("payment_unknown", f"There is no payment received {draft.payment_id}.", "/payment_id")]
    findings: list[Finding] = []
    if draft.amount <= 0 or round_money(draft.amount, row.currency) != draft.amount:
        findings.append(Finding("amount_invalid", f"{draft.amount} is no amount of {row.currency}.", "/amount"))
    if draft.amount > free[row.id]:
        left = round_money(free[row.id], row.currency)
        text = f"Only {left} {row.currency} of the payment lie on account; credit its invoice to free more."
        findings.append(Finding("account_overdrawn", text, "/amount", {"free": str(left)}))
    if not draft.reason.strip():
        findings.append(Finding("reason_missing", "Say why the money is returned.", "/reason"))
    if row.method in PROVIDER_METHODS:
        if row.id not in captures:
            text = "The provider's capture behind this payment is not known: refund it at the provider."
            findings.append(Finding("capture_unknown", text, "/payment_id"))
    elif not draft.reference.strip():
        findings.append(Finding("reference_missing", "Give the reference of the outgoing transfer.", "/reference"))
    elif (row.method, draft.reference.strip()) in used:
        text = f"{draft.reference} is booked already: another transfer has a reference of its own."
        findings.append(Finding("reference_reused", text, "/reference"))
    return findings


def _set_aside(amounts: Sequence[tuple[UUID, Decimal]]) -> None:
    if amounts:
        sql.run(
            "move_payments",
            ids=[key for key, _ in amounts],
            allocated=[NOTHING] * len(amounts),
            refunded=[amount for _, amount in amounts],
        )


def _book_refunds(booked: Sequence[tuple[RefundDraft, Any]], actor: str, at: datetime) -> None:
    if not booked:
        return
    day = day_of(at)
    keys = new_ids(len(booked))
    names = (
        "id",
        "kind",
        "legal_entity_id",
        "refunds_id",
        "customer_id",
        "order_id",
        "method",
        "currency",
        "amount",
        "allocated",
        "refunded",
        "received_on",
        "reference",
        "created_at",
    )
    rows = [
        (
            key,
            "refund",
            row.legal_entity_id,
            row.id,
            row.customer_id,
            row.order_id,
            row.method,
            row.currency,
            draft.amount,
            0,
            0,
            day,
            draft.reference.strip(),
            at,
        )
        for key, (draft, row) in zip(keys, booked, strict=True)
    ]
    insert_rows("billing_payment", names, rows)
    post(
        Entry(row.legal_entity_id, row.currency, day, "payment", key, rules.refund_sides(row.method, draft.amount))
        for key, (draft, row) in zip(keys, booked, strict=True)
    )
    entries: list[journal.Entry] = []
    for key, (draft, row) in zip(keys, booked, strict=True):
        change = {
            "customer_id": row.customer_id,
            "refunds": row.id,
            "method": row.method,
            "amount": draft.amount,
            "currency": row.currency,
            "reference": draft.reference.strip(),
            "reason": draft.reason,
        }
        entries.append(journal.Entry("payment", key, change | ({"order_id": row.order_id} if row.order_id else {})))
    journal.write("billing.refunded", entries, actor=actor, at=at)
