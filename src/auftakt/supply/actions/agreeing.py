"""From a draft to an order both sides agree on: approved, sent, acknowledged; and how far approval may go."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import actions as inventory
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.supply import queries, rules
from auftakt.supply.actions.holding import Held, hold, sql
from auftakt.supply.rules.terms import CURRENCIES
from auftakt.supply.types import (
    PURCHASE_LIFECYCLE,
    ApprovalLimit,
    BucketMoved,
    PurchaseAcknowledgement,
    PurchaseFacts,
    PurchaseLineFacts,
)
from auftakt.values import Finding, Outcome, Refusal, new_ids


def save_approval_limits(limits: Sequence[ApprovalLimit], *, actor: str, at: datetime) -> Outcome[str]:
    """Say up to which value orders in a currency need no special right to be approved. Done: the currencies.

    Refusals (subject: the index): `currency_unknown`, `amount_negative`.
    """
    refused: list[Refusal] = []
    good: dict[str, Decimal] = {}
    for index, limit in enumerate(limits):
        if limit.currency not in CURRENCIES:
            message = f"currency {limit.currency!r} is unknown; use the three letters of ISO 4217, such as EUR"
            refused.append(Refusal.because(index, "currency_unknown", message, place="/currency"))
        elif not (limit.amount.is_finite() and 0 <= limit.amount < Decimal(10) ** 12):
            refused.append(Refusal.because(index, "amount_negative", "a limit is zero or more", place="/amount"))
        else:
            good[limit.currency] = limit.amount
    if good:
        with transaction.atomic(savepoint=False):
            saved = sql.rows("save_limits", ids=new_ids(len(good)), currencies=list(good), amounts=list(good.values()))
            entries = [Entry("approval_limit", key, {"currency": each, "amount": good[each]}) for key, each in saved]
            journal.write("supply.limit_saved", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def approve_purchases(
    order_ids: Sequence[UUID], *, beyond_limit: bool = False, actor: str, at: datetime
) -> Outcome[UUID]:
    """Approve drafts: each line becomes expected supply. Who may approve beyond the limit of a currency says so. Done:
    their ids, in input order; approved ones are done already.

    Refusals (subject: the id): `purchase_unknown`, `purchase_not_draft`, `approval_needed`.
    """
    limits = {each.currency: each.amount for each in queries.approval_limits()}

    def judge(head: PurchaseFacts) -> Finding | None:
        if beyond_limit or rules.within_limit(head.value, limits.get(head.currency)):
            return None
        limit = limits.get(head.currency)
        upto = f"; up to {rules.plain(limit)} {head.currency} it would not" if limit else ""
        message = f"{head.number} is worth {rules.plain(head.value)} {head.currency} and needs an approver{upto}"
        facts = {"value": rules.plain(head.value), "limit": rules.plain(limit or Decimal(0)), "currency": head.currency}
        return Finding("approval_needed", message, "", facts)

    with transaction.atomic(savepoint=False):
        held = hold((), id_list(list(order_ids)))
        outcome, moving = _step(held, order_ids, "approve", judge)
        for key in moving:
            held.stated[key] = "approved"
        supplies = [held.supply(line) for key in moving for line in held.of_order(key) if line.open > 0]
        if supplies:
            expected = inventory.expect(supplies, actor=actor, at=at)
            if expected.refused:
                raise RuntimeError(f"new supply was refused: {expected.refused[0].message}")
        held.write()
        journal.write("supply.approved", [_head_entry(held, key) for key in moving], actor=actor, at=at)
        ordered = [_head_entry(held, key, with_lines=True) for key in moving]
        journal.write("supply.ordered", ordered, actor=actor, at=at)
    return outcome


def send_purchases(order_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Note that approved orders went out to their suppliers. Done: their ids, in input order; sent ones are done
    already.

    Refusals (subject: the id): `purchase_unknown`, `purchase_not_approved`.
    """
    with transaction.atomic(savepoint=False):
        held = hold((), id_list(list(order_ids)))
        outcome, moving = _step(held, order_ids, "send", lambda head: None)
        for key in moving:
            held.stated[key] = "sent"
        held.write()
        journal.write("supply.sent", [_head_entry(held, key) for key in moving], actor=actor, at=at)
    return outcome


_WRONG = {"approve": "purchase_not_draft", "send": "purchase_not_approved"}


def _step(held: Held, order_ids: Sequence[UUID], verb: str, judge) -> tuple[Outcome[UUID], list[UUID]]:  # type: ignore[no-untyped-def]
    """The outcome of a step of the lifecycle, and the orders that truly take it."""
    done: list[UUID] = []
    moving: list[UUID] = []
    refused: list[Refusal] = []
    target = PURCHASE_LIFECYCLE.after(verb)
    for key in dict.fromkeys(order_ids):
        head = held.heads.get(key)
        if head is None:
            refused.append(Refusal.because(key, "purchase_unknown", f"there is no purchase order {key}"))
        elif head.state == target:
            done.append(key)
        elif not PURCHASE_LIFECYCLE.allows(verb, head.state):
            message = f"purchase order {head.number} is {head.state}; it cannot be {target}"
            refused.append(Refusal.because(key, _WRONG[verb], message, state=head.state))
        elif finding := judge(head):
            refused.append(Refusal(str(key), (finding,)))
        else:
            done.append(key)
            moving.append(key)
    return Outcome(tuple(done), tuple(refused)), moving


def _head_entry(held: Held, key: UUID, *, with_lines: bool = False) -> Entry:
    head = held.heads[key]
    change: dict[str, object] = {"number": head.number, "value": head.value, "currency": head.currency}
    if with_lines:
        change["lines"] = [
            {"sku": line.sku, "quantity": line.open, "expected_on": line.expected_on} for line in held.of_order(key)
        ]
    return Entry("purchase_order", key, change)


def acknowledge_purchases(
    acknowledgements: Sequence[PurchaseAcknowledgement], *, actor: str, at: datetime
) -> Outcome[tuple[BucketMoved, ...]]:
    """Note the suppliers' answers: what will come, and when. A line that comes later or less moves or cuts its expected
    supply. Done: for each answer the supply that moved, in input order. An answer is taken whole or not at all.

    Promises stay pegged to supply that moves. Supply is not cut below what is promised here: callers who hold pegs free
    them first (`orders.acknowledge_purchases`). Refusals (subject: the index): `purchase_unknown`,
    `purchase_not_open`, `line_unknown`, `line_repeated`, `nothing_open`, `more_than_open`, `quantity_negative`,
    `quantity_fractional`, `supply_promised`, `number_too_long`, `purchase_repeated`.
    """
    with transaction.atomic(savepoint=False):
        held = hold((), id_list([each.purchase_order_id for each in acknowledgements]), with_supply=True)
        refused: dict[int, tuple[Finding, ...]] = {}
        wanted: dict[int, list[PurchaseLineFacts]] = {}
        seen: set[UUID] = set()
        for index, answer in enumerate(acknowledgements):
            new, findings = _answered(held, answer)
            if answer.purchase_order_id in seen:
                findings.append(Finding("purchase_repeated", "this order is named twice in the batch; name it once"))
            seen.add(answer.purchase_order_id)
            findings = findings or _below_promises(new)
            if findings:
                refused[index] = tuple(findings)
            else:
                wanted[index] = new
        done: list[tuple[BucketMoved, ...]] = []
        entries: list[Entry] = []
        supplies = [held.supply(line) for lines in wanted.values() for line in lines]
        if supplies:
            expected = inventory.expect(supplies, actor=actor, at=at)
            if expected.refused:
                raise RuntimeError(f"supply changed while its order was locked: {expected.refused[0].message}")
        for index, lines in wanted.items():
            answer = acknowledgements[index]
            moved = tuple(
                BucketMoved(line.id, line.bucket_id, was.expected_on, line.expected_on, was.open, line.open)
                for line in lines
                if (was := held.lines[line.id]) != line and line.bucket_id
            )
            done.append(moved)
            held.stated[answer.purchase_order_id] = "acknowledged"
            if held.heads[answer.purchase_order_id].state == "part_received":
                held.stated[answer.purchase_order_id] = "part_received"
            entries.append(_answer_entry(held, answer, lines))
            for line in lines:
                held.put(line)
        told = [acknowledgements[index] for index in wanted]
        if told:
            sql.run(
                "note_references",
                ids=[each.purchase_order_id for each in told],
                references=[each.supplier_reference.strip() for each in told],
            )
        held.write()
        journal.write("supply.acknowledged", entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(Refusal(str(index), refused[index]) for index in sorted(refused)))


def _answered(held: Held, answer: PurchaseAcknowledgement) -> tuple[list[PurchaseLineFacts], list[Finding]]:
    """The lines as the supplier says, and everything that is wrong with what was said."""
    head = held.heads.get(answer.purchase_order_id)
    if head is None:
        return [], [Finding("purchase_unknown", f"there is no purchase order {answer.purchase_order_id}")]
    if (
        head.state != "part_received"
        and not PURCHASE_LIFECYCLE.allows("acknowledge", head.state)
        and (head.state != "acknowledged")
    ):
        message = f"purchase order {head.number} is {head.state}; there is nothing to acknowledge"
        return [], [Finding("purchase_not_open", message, "", {"state": head.state})]
    findings: list[Finding] = []
    if len(answer.supplier_reference) > 64:
        message = "the supplier's number has up to 64 characters"
        findings.append(Finding("number_too_long", message, "/supplier_reference"))
    new: list[PurchaseLineFacts] = []
    named: set[UUID] = set()
    for number, said in enumerate(answer.lines):
        line = held.line(said.line_id)
        place = f"/lines/{number}"
        if isinstance(line, Finding) or line.purchase_order_id != head.id:
            findings.append(Finding("line_unknown", f"{head.number} has no line {said.line_id}", f"{place}/line_id"))
            continue
        if said.line_id in named:
            findings.append(Finding("line_repeated", "this line is named twice; name it once", f"{place}/line_id"))
            continue
        named.add(said.line_id)
        fault = rules.change_finding(line, head.state) or rules.acknowledge_finding(line, said)
        if fault:
            findings.append(replace(fault, place=f"{place}{fault.place}"))
            continue
        cut = line.to_come - said.quantity if said.quantity is not None else Decimal(0)
        new.append(replace(line, cancelled=line.cancelled + cut, expected_on=said.expected_on or line.expected_on))
    return new, findings


def _below_promises(lines: Sequence[PurchaseLineFacts]) -> list[Finding]:
    """Lines that would be cut below what is promised of them."""
    return [
        Finding(
            "supply_promised",
            f"{rules.plain(line.promised)} {line.unit} of {line.sku} are promised; {rules.plain(line.open)} would be"
            " left; release promises first",
            "",
            {"drawn": rules.plain(line.promised), "quantity": rules.plain(line.open)},
        )
        for line in lines
        if line.open < line.promised
    ]


def _answer_entry(held: Held, answer: PurchaseAcknowledgement, lines: Sequence[PurchaseLineFacts]) -> Entry:
    head = held.heads[answer.purchase_order_id]
    changes = [
        {
            "line": line.line_number, "sku": line.sku, "from": held.lines[line.id].expected_on, "to": line.expected_on,
            "was": held.lines[line.id].open, "quantity": line.open,
        }
        for line in lines
        if held.lines[line.id] != line
    ]  # fmt: skip
    change = {"number": head.number, "reference": answer.supplier_reference.strip(), "lines": changes}
    return Entry("purchase_order", head.id, change)
