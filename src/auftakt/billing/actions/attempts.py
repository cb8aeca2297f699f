"""One call to a payment provider, in three steps: the attempt is stored and committed, the call is made, the outcome is
stored. Whatever dies in between, the attempt is there and blocks a repeat until its outcome is known."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.billing import rules
from auftakt.billing.actions.posting import NOTHING, Settled, day_of, post, settle, sql
from auftakt.billing.types import (
    ATTEMPT_LIFECYCLE,
    CAPTURE,
    DECLINED,
    FAILED,
    IN_DOUBT,
    NOT_FOUND,
    REFUND,
    SUCCEEDED,
    Decision,
    Entry,
    PaymentProvider,
    ProviderAnswer,
    ProviderRequest,
    Wanted,
)
from auftakt.platform import journal
from auftakt.platform.plugs import UnknownPlugError, plug
from auftakt.platform.sql import insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

CALLS_AT_ONCE = 8
_MOVES = {SUCCEEDED: "succeed", DECLINED: "decline", FAILED: "fail", IN_DOUBT: "doubt"}


def provider_of(name: str) -> PaymentProvider | None:
    """The adapter for a payment method, or None when there is none."""
    try:
        return plug("payment", name)
    except UnknownPlugError:
        return None


def begin(wanted: Sequence[Wanted], *, actor: str, at: datetime) -> tuple[dict[UUID, Wanted], list[Refusal]]:
    """Store attempts in the caller's transaction, one for each order and operation; by attempt id.

    Refused by subject: provider_unknown; attempt_open (transient) while an earlier attempt of the same order and
    operation runs or is in doubt.
    """
    refused = [
        Refusal.because(each.subject, "provider_unknown", f"No payment provider is configured for {each.provider}.")
        for each in wanted
        if provider_of(each.provider) is None
    ]
    turned_away = {refusal.subject for refusal in refused}
    good = [each for each in wanted if str(each.subject) not in turned_away]
    if not good:
        return {}, refused
    attempts = dict(zip(new_ids(len(good)), good, strict=True))
    begun = {
        key
        for (key,) in sql.rows(
            "begin_attempts",
            ids=list(attempts),
            orders=[each.order_id for each in good],
            invoices=[each.invoice_id for each in good],
            payments=[each.payment_id for each in good],
            providers=[each.provider for each in good],
            operations=[each.operation for each in good],
            amounts=[each.amount for each in good],
            currencies=[each.currency for each in good],
            keys=[f"{each.operation}-{key}" for key, each in attempts.items()],
            targets=[each.target for each in good],
            at=at,
        )
    }
    refused += blocked([each for key, each in attempts.items() if key not in begun])
    kept = {key: each for key, each in attempts.items() if key in begun}
    journal.write("billing.attempted", [_told(key, each, "started") for key, each in kept.items()], actor=actor, at=at)
    return kept, refused


def blocked(wanted: Sequence[Wanted]) -> list[Refusal]:
    """The refusals of operations that an open attempt of the same order keeps from being asked."""
    if not wanted:
        return []
    rows = sql.records("read_open_attempts", order_ids=sorted({each.order_id for each in wanted}))
    by = {(row.order_id, row.operation): row for row in rows}
    refused: list[Refusal] = []
    for each in wanted:
        row = by.get((each.order_id, each.operation))
        state = row.state if row else "started"
        text = (
            f"An earlier attempt to {each.operation} for order {each.order_number} is "
            f"{'in doubt: settle it first' if state == IN_DOUBT else 'still running: wait for its outcome'}."
        )
        facts = {"attempt_id": str(row.id) if row else "", "state": state}
        refused.append(Refusal(str(each.subject), (Finding("attempt_open", text, "", facts),), transient=True))
    return refused


def call(attempts: Mapping[UUID, Wanted]) -> dict[UUID, ProviderAnswer]:
    """Make the calls, several at once, outside any transaction."""
    jobs = [
        (
            provider_of(each.provider),
            each.operation,
            ProviderRequest(f"{each.operation}-{key}", each.target, each.amount, each.currency, each.order_number),
        )
        for key, each in attempts.items()
    ]
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        answers = list(pool.map(lambda job: getattr(job[0], job[1])(job[2]), jobs))
    return dict(zip(attempts, answers, strict=True))


def conclude(answers: Mapping[UUID, ProviderAnswer], *, actor: str, at: datetime) -> dict[UUID, UUID | None]:
    """Store outcomes and what follows from them; for each attempt that moved the payment it made, if any.

    Captured money becomes a payment that settles its invoice; a refund that did not happen goes back on account.
    An attempt settled by somebody else meanwhile is left alone.
    """
    with transaction.atomic():
        rows = {
            row.id: row
            for row in sql.records("lock_attempts", ids=sorted(answers))
            if ATTEMPT_LIFECYCLE.allows(_MOVES[answers[row.id].state], row.state)
        }
        if not rows:
            return {}
        keys = list(rows)
        sql.run(
            "settle_attempts",
            ids=keys,
            states=[answers[key].state for key in keys],
            references=[answers[key].reference[:120] for key in keys],
            reasons=[answers[key].reason[:300] for key in keys],
            at=at,
            actor=actor,
        )
        journal.write(
            "billing.attempted",
            [
                journal.Entry(
                    "payment_attempt",
                    row.id,
                    {
                        "order_id": row.order_id,
                        "operation": row.operation,
                        "provider": row.provider,
                        "amount": row.amount,
                        "currency": row.currency,
                        "state": answers[row.id].state,
                        "reason": answers[row.id].reason,
                    },
                )
                for row in rows.values()
            ],
            actor=actor,
            at=at,
        )
        succeeded = [row for row in rows.values() if answers[row.id].state == SUCCEEDED]
        made: dict[UUID, UUID | None] = dict.fromkeys(rows)
        made |= _captured([row for row in succeeded if row.operation == CAPTURE], answers, actor, at)
        made |= _refunded([row for row in succeeded if row.operation == REFUND], answers, actor, at)
        _give_back(
            [row for row in rows.values() if row.operation == REFUND and answers[row.id].state in (DECLINED, FAILED)]
        )
        return made


_PAYMENT_COLUMNS = (
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
    "attempt_id",
    "created_at",
)


def _captured(
    rows: Sequence[Any], answers: Mapping[UUID, ProviderAnswer], actor: str, at: datetime
) -> dict[UUID, UUID]:
    if not rows:
        return {}
    invoices = {
        row.id: row for row in sql.records("lock_invoices", invoice_ids=sorted({row.invoice_id for row in rows}))
    }
    left = {key: row.open for key, row in invoices.items()}
    made = dict(zip((row.id for row in rows), new_ids(len(rows)), strict=True))
    day = day_of(at)
    settled: list[Settled] = []
    payments: list[tuple[object, ...]] = []
    entries: list[Entry] = []
    for row in rows:
        invoice, key = invoices[row.invoice_id], made[row.id]
        used = min(row.amount, left[invoice.id])
        left[invoice.id] -= used
        payments.append(
            (
                key,
                "receipt",
                invoice.legal_entity_id,
                None,
                row.customer_id,
                row.order_id,
                row.provider,
                row.currency,
                row.amount,
                0,
                0,
                day,
                answers[row.id].reference,
                row.id,
                at,
            )
        )
        if used > 0:
            settled.append(
                Settled(key, invoice.id, row.order_id, invoice.customer_id, invoice.legal_entity_id, row.currency, used)
            )
        sides = rules.receipt_sides(row.provider, row.amount, used)
        entries.append(Entry(invoice.legal_entity_id, row.currency, day, "payment", key, sides))
    insert_rows("billing_payment", _PAYMENT_COLUMNS, payments)
    post(entries)
    settle(settled, actor=actor, at=at)
    _tell_money("billing.received", rows, made, answers, actor, at)
    return made


def _refunded(
    rows: Sequence[Any], answers: Mapping[UUID, ProviderAnswer], actor: str, at: datetime
) -> dict[UUID, UUID]:
    """The receipt's `refunded` was drawn when the attempt began."""
    if not rows:
        return {}
    made = dict(zip((row.id for row in rows), new_ids(len(rows)), strict=True))
    day = day_of(at)
    payments = {
        row.id: row for row in sql.records("lock_payments", payment_ids=sorted({row.refunds_id for row in rows}))
    }
    drafts = [
        (
            made[row.id],
            "refund",
            payments[row.refunds_id].legal_entity_id,
            row.refunds_id,
            row.customer_id,
            row.order_id,
            row.provider,
            row.currency,
            row.amount,
            0,
            0,
            day,
            answers[row.id].reference,
            row.id,
            at,
        )
        for row in rows
    ]
    insert_rows("billing_payment", _PAYMENT_COLUMNS, drafts)
    post(
        Entry(
            payments[row.refunds_id].legal_entity_id,
            row.currency,
            day,
            "payment",
            made[row.id],
            rules.refund_sides(row.provider, row.amount),
        )
        for row in rows
    )
    _tell_money("billing.refunded", rows, made, answers, actor, at)
    return made


def _give_back(rows: Sequence[Any]) -> None:
    if rows:
        sql.rows("lock_payments", payment_ids=sorted({row.refunds_id for row in rows}))
        sql.run(
            "move_payments",
            ids=[row.refunds_id for row in rows],
            allocated=[NOTHING] * len(rows),
            refunded=[-row.amount for row in rows],
        )


def _tell_money(
    verb: str,
    rows: Sequence[Any],
    made: Mapping[UUID, UUID],
    answers: Mapping[UUID, ProviderAnswer],
    actor: str,
    at: datetime,
) -> None:
    entries = [
        journal.Entry(
            "payment",
            made[row.id],
            {
                "order_id": row.order_id,
                "customer_id": row.customer_id,
                "method": row.provider,
                "amount": row.amount,
                "currency": row.currency,
                "reference": answers[row.id].reference,
            },
        )
        for row in rows
    ]
    journal.write(verb, entries, actor=actor, at=at)


def _told(key: UUID, wanted: Wanted, state: str) -> journal.Entry:
    return journal.Entry(
        "payment_attempt",
        key,
        {
            "order_id": wanted.order_id,
            "operation": wanted.operation,
            "provider": wanted.provider,
            "amount": wanted.amount,
            "currency": wanted.currency,
            "state": state,
        },
    )


def refusal_of(subject: UUID, wanted: Wanted, answer: ProviderAnswer) -> Refusal:
    """What a caller is told of an attempt that did not succeed: payment_declined, payment_failed, payment_in_doubt."""
    said = {
        DECLINED: f"{wanted.provider} declined {wanted.operation} {wanted.amount} {wanted.currency}: {answer.reason}",
        FAILED: f"{wanted.provider} could not {wanted.operation}: {answer.reason}; nothing was done, try again",
        IN_DOUBT: f"nobody knows whether {wanted.provider} did {wanted.operation}: {answer.reason}; settle it first",
    }[answer.state]
    return Refusal.because(
        subject,
        f"payment_{answer.state}",
        said,
        transient=answer.state != DECLINED,
        reason=answer.reason,
        order_id=wanted.order_id,
        amount=wanted.amount,
    )


def settle_in_doubt(attempt_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Ask providers what became of attempts in doubt, by idempotency key; ids of those that are now settled.

    Only a definite answer moves an attempt. That the provider knows nothing of it is definite once the call cannot be
    on its way any more; the attempt has then failed and may be repeated. One whose outcome was never stored (its
    process died) is treated the same way. Not inside a transaction.
    Refused: attempt_unknown, attempt_settled, attempt_running and still_in_doubt (both transient).
    """
    with transaction.atomic(durable=True):
        rows = {row.id: row for row in sql.records("lock_attempts", ids=sorted(set(attempt_ids)))}
    refused = [
        Refusal.because(key, "attempt_unknown", f"There is no payment attempt {key}.")
        for key in dict.fromkeys(attempt_ids)
        if key not in rows
    ]
    asked: list[Any] = []
    for row in rows.values():
        waited = at - row.started_at >= rules.SETTLING_TIME
        if row.state not in ("started", IN_DOUBT):
            refused.append(Refusal.because(row.id, "attempt_settled", f"The attempt is settled: {row.state}."))
        elif row.state == "started" and not waited:
            text = "The attempt is still running: wait for its outcome."
            refused.append(Refusal.because(row.id, "attempt_running", text, transient=True))
        else:
            asked.append(row)
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        answers = dict(zip((row.id for row in asked), pool.map(_ask, asked), strict=True))
    definite: dict[UUID, ProviderAnswer] = {}
    for row in asked:
        answer = answers[row.id]
        if answer.state == NOT_FOUND and at - row.started_at >= rules.SETTLING_TIME:
            answer = ProviderAnswer(FAILED, reason=answer.reason or "the provider knows nothing of it")
        if answer.state in (SUCCEEDED, DECLINED, FAILED):
            definite[row.id] = answer
        else:
            if row.state == "started":
                definite[row.id] = ProviderAnswer(IN_DOUBT, reason="its outcome was never stored")
            text = f"The provider gives no definite answer yet: {answer.reason or answer.state}."
            refused.append(Refusal.because(row.id, "still_in_doubt", text, transient=True))
    conclude(definite, actor=actor, at=at)
    return Outcome(tuple(key for key, answer in definite.items() if answer.state != IN_DOUBT), tuple(refused))


def _ask(row: Any) -> ProviderAnswer:
    provider = provider_of(row.provider)
    if provider is None:
        return ProviderAnswer(IN_DOUBT, reason=f"no payment provider is configured for {row.provider}")
    return provider.find(row.idempotency_key)


def decide_in_doubt(decisions: Sequence[Decision], *, actor: str, at: datetime) -> Outcome[UUID]:
    """A person says what became of attempts in doubt, and how they know; ids of the attempts.

    Refused: attempt_unknown, attempt_settled, attempt_running (transient), reason_missing, state_unknown,
    reference_missing (money that moved has a reference of the provider's).
    """
    with transaction.atomic():
        rows = {
            row.id: row for row in sql.records("lock_attempts", ids=sorted({each.attempt_id for each in decisions}))
        }
        refused: list[Refusal] = []
        answers: dict[UUID, ProviderAnswer] = {}
        for each in decisions:
            findings = _decision_findings(each, rows.get(each.attempt_id), at)
            if findings:
                refused.append(Refusal(str(each.attempt_id), tuple(findings)))
            else:
                answers[each.attempt_id] = ProviderAnswer(each.state, each.provider_reference.strip(), each.reason)
        conclude(answers, actor=actor, at=at)
        return Outcome(tuple(answers), tuple(refused))


def _decision_findings(decision: Decision, row: Any, at: datetime) -> list[Finding]:
    if row is None:
        return [Finding("attempt_unknown", f"There is no payment attempt {decision.attempt_id}.", "/attempt_id")]
    if row.state not in ("started", IN_DOUBT):
        return [Finding("attempt_settled", f"The attempt is settled: {row.state}.", "/attempt_id")]
    if row.state == "started" and at - row.started_at < rules.SETTLING_TIME:
        return [Finding("attempt_running", "The attempt is still running: wait for its outcome.", "/attempt_id")]
    findings: list[Finding] = []
    if decision.state not in (SUCCEEDED, DECLINED, FAILED):
        text = f"An attempt has {SUCCEEDED}, is {DECLINED} or has {FAILED}; {decision.state!r} is neither."
        findings.append(Finding("state_unknown", text, "/state"))
    if not decision.reason.strip():
        findings.append(Finding("reason_missing", "Say how you know what became of it.", "/reason"))
    if decision.state == SUCCEEDED and not decision.provider_reference.strip():
        findings.append(Finding("reference_missing", "Give the provider's own reference.", "/provider_reference"))
    return findings
