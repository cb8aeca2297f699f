"""Money that comes in by bank, courier or hand, and money on customers' accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.billing import rules
from auftakt.billing.actions.posting import NOTHING, Settled, post, settle, settle_from_account, sql
from auftakt.billing.types import (
    INVOICE,
    PROVIDER_METHODS,
    RECEIVED_METHODS,
    REFUND,
    AllocationDraft,
    Entry,
    Receipt,
    Share,
)
from auftakt.platform import journal
from auftakt.values import Finding, Outcome, Refusal, new_ids, round_money

_GREATEST = Decimal(10) ** 15  # what a column of money holds


def receive_payments(receipts: Sequence[Receipt], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Book money received; payment ids in the order given. Booked once by (method, reference).

    For an invoice it settles that one; for an order its open invoices, and what remains waits for the order's next
    invoice; for a customer the open items in the receipt's currency, the longest due first. An underpayment leaves the
    rest of the item open, an overpayment stays on the customer's account. No difference is written off by itself.
    A receipt that says what it `settles` settles that and nothing else, with whatever more on account.
    Refused by reference: method_unknown, method_needs_provider, amount_invalid, reference_missing, target_missing,
    invoice_unknown, order_unknown, customer_unknown, not_an_invoice, currency_mismatch, reference_reused; for what it
    settles legal_entity_differs, invoice_overpaid, settles_too_much.
    """
    with transaction.atomic():
        targets = _targets(receipts)
        items = _open_items(targets, receipts)
        chosen = _Chosen(items, _known([(each.method, each.reference.strip()) for each in receipts]))
        refused: list[Refusal] = []
        good: list[tuple[int, Receipt, Any]] = []
        for place, (receipt, target) in enumerate(zip(receipts, targets, strict=True)):
            findings = [*_own_findings(receipt), *_target_findings(receipt, target, items)]
            findings += chosen.take(receipt, target) if not findings else []
            if findings:
                refused.append(Refusal(receipt.reference or str(place), tuple(findings)))
            else:
                good.append((place, receipt, target))
        known = _book(good, items, actor, at)
        done: list[UUID] = []
        for _, receipt, target in good:
            row = known[receipt.method, receipt.reference.strip()]
            if (row[1], row[2], row[3]) == (target.customer_id, receipt.currency, receipt.amount):
                done.append(row[0])
            else:
                text = (
                    f"{receipt.method} {receipt.reference} is booked already, with {row[3]:f} {row[2]}: "
                    "another payment has a reference of its own."
                )
                refused.append(Refusal.because(receipt.reference, "reference_reused", text, payment_id=row[0]))
        return Outcome(tuple(done), tuple(refused))


class _Chosen:
    """The open items while receipts that say what they settle take their shares of them, one after another."""

    def __init__(self, items: Mapping[UUID, Any], known: Mapping[tuple[str, str], Any]) -> None:
        self.items = items
        self.left = {key: row.open for key, row in items.items()}
        self.booked = set(known)

    def take(self, receipt: Receipt, target: Any) -> list[Finding]:
        """What is wrong with what the receipt settles; a receipt that is booked already settles nothing any more."""
        name = (receipt.method, receipt.reference.strip())
        if receipt.settles is None or name in self.booked:
            return []
        findings: list[Finding] = []
        taken: dict[UUID, Decimal] = {}
        for place, share in enumerate(receipt.settles):
            left = self.left.get(share.invoice_id, NOTHING) - taken.get(share.invoice_id, NOTHING)
            findings += self._share_findings(share, left, receipt, target, f"/settles/{place}")
            taken[share.invoice_id] = taken.get(share.invoice_id, NOTHING) + share.amount
        entities = {self.items[share.invoice_id].legal_entity_id for share in receipt.settles if not findings}
        total = sum((share.amount for share in receipt.settles), NOTHING)
        if len(entities) > 1:
            text = "One payment was received by one company of ours: settle its invoices only."
            findings.append(Finding("legal_entity_differs", text, "/settles"))
        if total > receipt.amount:
            text = f"{total:f} {receipt.currency} are given to invoices, but only {receipt.amount:f} came in."
            findings.append(Finding("settles_too_much", text, "/settles", {"amount": f"{receipt.amount:f}"}))
        if not findings:
            self.booked.add(name)
            for share in receipt.settles:
                self.left[share.invoice_id] -= share.amount
        return findings

    def _share_findings(self, share: Share, left: Decimal, receipt: Receipt, target: Any, place: str) -> list[Finding]:
        row = self.items.get(share.invoice_id)
        if row is None or row.customer_id != target.customer_id:
            text = f"{share.invoice_id} is no invoice of this customer."
            return [Finding("invoice_unknown", text, place)]
        if row.kind != INVOICE:
            return [Finding("not_an_invoice", f"{row.number} is a credit note: it is not paid.", place)]
        if row.currency != receipt.currency:
            text = f"{receipt.currency} does not pay {row.number}, which is in {row.currency}."
            return [Finding("currency_mismatch", text, place)]
        if share.amount <= 0 or round_money(share.amount, row.currency) != share.amount:
            return [Finding("amount_invalid", f"{share.amount} is no amount of {row.currency}.", f"{place}/amount")]
        if share.amount > left:
            left = round_money(left, row.currency)
            text = f"Only {left} {row.currency} of {row.number} are open."
            facts = {"open": str(left), "number": row.number, "currency": row.currency}
            return [Finding("invoice_overpaid", text, f"{place}/amount", facts)]
        return []


def _known(names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """What is booked already, by (method, reference)."""
    rows = sql.records(
        "read_known_receipts", methods=[method for method, _ in names], references=[reference for _, reference in names]
    )
    return {(row.method, row.reference): row for row in rows}


def _targets(receipts: Sequence[Receipt]) -> list[Any]:
    rows = sql.records(
        "find_targets",
        invoices=[each.invoice_number.strip() for each in receipts],
        orders=["" if each.invoice_number.strip() else each.order_number.strip() for each in receipts],
        customers=[
            "" if each.invoice_number.strip() or each.order_number.strip() else each.customer_number.strip()
            for each in receipts
        ],
    )
    first: dict[int, Any] = {}
    for row in rows:
        first.setdefault(row.place, row)
    return [first[place] for place in range(1, len(receipts) + 1)]


def _open_items(targets: Sequence[Any], receipts: Sequence[Receipt]) -> dict[UUID, Any]:
    """The invoices that may be settled, locked, by id and in the order they are due."""
    orders = sorted({row.order_id for row in targets if row.order_id})
    if orders:
        sql.rows("lock_orders", order_ids=orders)
    rows = sql.records(
        "lock_open_items",
        invoice_ids=sorted(
            {row.invoice_id for row in targets if row.invoice_id}
            | {share.invoice_id for receipt in receipts for share in receipt.settles or ()}
        ),
        order_ids=orders,
        customer_ids=sorted(
            {row.customer_id for row in targets if row.customer_id and not row.invoice_id and not row.order_id}
        ),
    )
    return {row.id: row for row in sorted(rows, key=lambda row: (row.due_on, row.number))}


def _own_findings(receipt: Receipt) -> list[Finding]:
    findings: list[Finding] = []
    if receipt.method in PROVIDER_METHODS:
        text = f"A {receipt.method} payment is captured through its provider, not booked by hand."
        findings.append(Finding("method_needs_provider", text, "/method"))
    elif receipt.method not in RECEIVED_METHODS:
        text = f"There is no payment method {receipt.method!r}; there are {', '.join(sorted(RECEIVED_METHODS))}."
        findings.append(Finding("method_unknown", text, "/method"))
    amount = receipt.amount
    if not amount.is_finite() or not 0 < amount < _GREATEST or round_money(amount, receipt.currency) != amount:
        text = f"{amount} is no amount of {receipt.currency}: give more than nothing, in whole minor units."
        findings.append(Finding("amount_invalid", text, "/amount"))
    if not receipt.reference.strip():
        text = "Give the reference of the bank statement or receipt: it keeps money from being booked twice."
        findings.append(Finding("reference_missing", text, "/reference"))
    return findings


def _target_findings(receipt: Receipt, target: Any, items: Mapping[UUID, Any]) -> list[Finding]:
    number = receipt.invoice_number.strip()
    if number and target.invoice_id is None:
        return [Finding("invoice_unknown", f"There is no invoice {number}.", "/invoice_number")]
    if number and target.invoice_kind != INVOICE:
        return [Finding("not_an_invoice", f"{number} is a credit note: it is not paid.", "/invoice_number")]
    if not number and receipt.order_number.strip() and target.order_id is None:
        return [Finding("order_unknown", f"There is no order {receipt.order_number}.", "/order_number")]
    if target.customer_id is None and receipt.customer_number.strip():
        return [Finding("customer_unknown", f"There is no customer {receipt.customer_number}.", "/customer_number")]
    if target.customer_id is None:
        return [Finding("target_missing", "Name the invoice, the order or the customer the money is for.", "")]
    return _currency_findings(receipt, target, items)


def _currency_findings(receipt: Receipt, target: Any, items: Mapping[UUID, Any]) -> list[Finding]:
    allowed = {target.currency}
    if target.currency is None:
        allowed = {row.currency for row in items.values() if row.customer_id == target.customer_id}
        allowed.add(target.customer_currency)
    if receipt.currency not in allowed:
        text = f"{receipt.currency} does not pay what is owed in {' or '.join(sorted(allowed))}: convert it first."
        facts = {"currency": receipt.currency, "expected": ",".join(sorted(allowed))}
        return [Finding("currency_mismatch", text, "/currency", facts)]
    return []


def _book(
    good: Sequence[tuple[int, Receipt, Any]], items: Mapping[UUID, Any], actor: str, at: datetime
) -> dict[tuple[str, str], tuple[UUID, UUID, str, Decimal]]:
    """Store the new receipts and settle with them; (id, customer, currency, amount) by (method, reference)."""
    booked: dict[tuple[str, str], tuple[UUID, Receipt, Any]] = {}
    for key, (_, receipt, target) in zip(new_ids(len(good)), good, strict=True):
        booked.setdefault((receipt.method, receipt.reference.strip()), (key, receipt, target))
    if not booked:
        return {}
    entities = _entities(booked, items)
    values = list(booked.values())
    fresh = {
        key
        for (key,) in sql.rows(
            "add_receipts",
            ids=[key for key, _, _ in values],
            legal_entities=[entities[key] for key, _, _ in values],
            customers=[target.customer_id for _, _, target in values],
            orders=[target.order_id for _, _, target in values],
            methods=[method for method, _ in booked],
            currencies=[receipt.currency for _, receipt, _ in values],
            amounts=[receipt.amount for _, receipt, _ in values],
            days=[receipt.received_on for _, receipt, _ in values],
            references=[reference for _, reference in booked],
            texts=[" ".join(receipt.text.split())[:1000] for _, receipt, _ in values],
            at=at,
        )
    }
    known = {
        name: (key, target.customer_id, receipt.currency, receipt.amount)
        for name, (key, receipt, target) in booked.items()
        if key in fresh
    }
    if len(fresh) < len(booked):
        names = [name for name, (key, _, _) in booked.items() if key not in fresh]
        known |= {name: (row.id, row.customer_id, row.currency, row.amount) for name, row in _known(names).items()}
    _settle([value for value in values if value[0] in fresh], entities, items, actor, at)
    return known


def _entities(
    booked: Mapping[tuple[str, str], tuple[UUID, Receipt, Any]], items: Mapping[UUID, Any]
) -> dict[UUID, UUID]:
    """The legal entity that receives each payment: the invoice's or order's; else that of the longest due open item."""
    found: dict[UUID, UUID | None] = {}
    for key, receipt, target in booked.values():
        if receipt.settles:
            found[key] = items[receipt.settles[0].invoice_id].legal_entity_id
            continue
        owed = (
            row.legal_entity_id
            for row in items.values()
            if row.customer_id == target.customer_id and row.currency == receipt.currency
        )
        found[key] = target.legal_entity_id or next(owed, None)
    first = sql.value("read_first_legal_entity") if None in found.values() else None
    return {key: entity or first for key, entity in found.items()}


def _settle(
    fresh: Sequence[tuple[UUID, Receipt, Any]],
    entities: Mapping[UUID, UUID],
    items: Mapping[UUID, Any],
    actor: str,
    at: datetime,
) -> None:
    left = {key: row.open for key, row in items.items()}
    for _, receipt, _ in fresh:
        for share in receipt.settles or ():
            left[share.invoice_id] -= share.amount
    settled: list[Settled] = []
    entries: list[Entry] = []
    told: list[journal.Entry] = []
    for key, receipt, target in fresh:
        shares = receipt.settles
        if shares is None:
            choice = [
                (row.id, left[row.id])
                for row in items.values()
                if _may_settle(row, receipt, target, entities[key]) and left[row.id] > 0
            ]
            shares = rules.allocate(receipt.amount, choice)
            for share in shares:
                left[share.invoice_id] -= share.amount
        for share in shares:
            row = items[share.invoice_id]
            settled.append(
                Settled(key, row.id, row.order_id, row.customer_id, row.legal_entity_id, receipt.currency, share.amount)
            )
        used = sum((share.amount for share in shares), NOTHING)
        sides = rules.receipt_sides(receipt.method, receipt.amount, used)
        entries.append(Entry(entities[key], receipt.currency, receipt.received_on, "payment", key, sides))
        change: dict[str, Any] = {
            "customer_id": target.customer_id,
            "method": receipt.method,
            "reference": receipt.reference.strip(),
            "amount": receipt.amount,
            "currency": receipt.currency,
            "on_account": receipt.amount - used,
        }
        if target.order_id:
            change["order_id"] = target.order_id
        told.append(journal.Entry("payment", key, change))
    post(entries)
    settle(settled, actor=actor, at=at)
    if told:
        journal.write("billing.received", told, actor=actor, at=at)


def _may_settle(row: Any, receipt: Receipt, target: Any, legal_entity_id: UUID) -> bool:
    if target.invoice_id:
        return row.id == target.invoice_id
    if row.currency != receipt.currency or row.legal_entity_id != legal_entity_id:
        return False
    return row.order_id == target.order_id if target.order_id else row.customer_id == target.customer_id


def allocate(drafts: Sequence[AllocationDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Use money on a customer's account for an invoice of that customer; ids of the payments.

    Refused: payment_unknown, invoice_unknown, not_an_invoice, customer_differs, legal_entity_differs,
    currency_mismatch, amount_invalid, account_overdrawn (more than lies on account), invoice_overpaid (more than open).
    """
    with transaction.atomic():
        invoices = {
            row.id: row
            for row in sql.records("lock_invoices", invoice_ids=sorted({each.invoice_id for each in drafts}))
        }
        payments = {
            row.id: row
            for row in sql.records("lock_payments", payment_ids=sorted({each.payment_id for each in drafts}))
        }
        open_items = {key: row.open for key, row in invoices.items()}
        free = {key: row.free for key, row in payments.items()}
        settled: list[Settled] = []
        refused: list[Refusal] = []
        for draft in drafts:
            payment, invoice = payments.get(draft.payment_id), invoices.get(draft.invoice_id)
            findings = _allocation_findings(draft, payment, invoice, free, open_items)
            if findings or payment is None or invoice is None:
                refused.append(Refusal(str(draft.payment_id), tuple(findings)))
                continue
            free[payment.id] -= draft.amount
            open_items[invoice.id] -= draft.amount
            settled.append(
                Settled(
                    payment.id,
                    invoice.id,
                    invoice.order_id,
                    invoice.customer_id,
                    invoice.legal_entity_id,
                    invoice.currency,
                    draft.amount,
                )
            )
        settle_from_account(settled, actor=actor, at=at)
        return Outcome(tuple(each.payment_id for each in settled), tuple(refused))


def _allocation_findings(
    draft: AllocationDraft,
    payment: Any,
    invoice: Any,
    free: Mapping[UUID, Decimal],
    open_items: Mapping[UUID, Decimal],
) -> list[Finding]:
    if payment is None or payment.kind == REFUND:
        return [Finding("payment_unknown", f"There is no payment received {draft.payment_id}.", "/payment_id")]
    if invoice is None:
        return [Finding("invoice_unknown", f"There is no invoice {draft.invoice_id}.", "/invoice_id")]
    if invoice.kind != INVOICE:
        return [Finding("not_an_invoice", f"{invoice.number} is a credit note: it is not paid.", "/invoice_id")]
    findings: list[Finding] = []
    if payment.customer_id != invoice.customer_id:
        text = f"The money lies on another customer's account than {invoice.number}'s."
        findings.append(Finding("customer_differs", text, "/payment_id"))
    if payment.legal_entity_id != invoice.legal_entity_id:
        text = f"The money was received by another company of ours than the one that issued {invoice.number}."
        findings.append(Finding("legal_entity_differs", text, "/payment_id"))
    if payment.currency != invoice.currency:
        text = f"{payment.currency} does not pay {invoice.number}, which is in {invoice.currency}."
        findings.append(Finding("currency_mismatch", text, "/payment_id"))
    if draft.amount <= 0 or round_money(draft.amount, payment.currency) != draft.amount:
        findings.append(Finding("amount_invalid", f"{draft.amount} is no amount of {payment.currency}.", "/amount"))
    if draft.amount > free[payment.id]:
        left = round_money(free[payment.id], payment.currency)
        text = f"Only {left} {payment.currency} of the payment lie on account."
        findings.append(Finding("account_overdrawn", text, "/amount", {"free": str(left)}))
    if draft.amount > open_items[invoice.id]:
        left = round_money(open_items[invoice.id], invoice.currency)
        text = f"Only {left} {invoice.currency} of {invoice.number} are open."
        findings.append(Finding("invoice_overpaid", text, "/amount", {"open": str(left)}))
    return findings
