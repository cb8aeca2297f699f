"""What becomes of proposals: orders, or nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.supply import queries
from auftakt.supply.actions.agreeing import approve_purchases
from auftakt.supply.actions.placing import order_purchases
from auftakt.supply.actions.planning import plan_work
from auftakt.supply.actions.transfers import order_transfers, place_transfers
from auftakt.supply.types import (
    OPEN_PROPOSALS,
    ProposalFacts,
    PurchaseDraft,
    PurchaseLineDraft,
    TransferDraft,
    TransferLineDraft,
    WorkDraft,
)
from auftakt.values import Finding, Outcome, Refusal

sql = Statements("auftakt.supply")
Placed = dict[UUID, tuple[UUID, UUID, str]]
"""Proposal -> order, line, number."""


def approve_proposals(
    proposal_ids: Sequence[UUID], *, below_minimum: bool = False, actor: str, at: datetime
) -> Outcome[UUID]:
    """Let orders come of proposals: one purchase order for each supplier and site, a transfer for each way, a work
    order each. Purchase orders within the approval limit are approved, others stay drafts; transfers are placed where
    their origin has the stock. Done: the proposals, in input order; released ones are done already.

    Refusals (subject: the id): `proposal_unknown`, `proposal_decided`, `below_minimum_order` (unless `below_minimum`
    says that it may be), `purchase_price_missing`, and what the order's own verb refuses.
    """
    with transaction.atomic(savepoint=False):
        return release(proposal_ids, below_minimum=below_minimum, actor=actor, at=at)


def release(proposal_ids: Sequence[UUID], *, below_minimum: bool = False, actor: str, at: datetime) -> Outcome[UUID]:
    """As `approve_proposals`, in the caller's transaction."""
    found = _hold(proposal_ids)
    refusals: dict[UUID, tuple[Finding, ...]] = {}
    ready: list[ProposalFacts] = []
    for key in dict.fromkeys(proposal_ids):
        if key not in found:
            refusals[key] = (Finding("proposal_unknown", f"there is no proposal {key}"),)
        elif found[key].state == "rejected":
            refusals[key] = (Finding("proposal_decided", "it has been rejected; the next run looks again"),)
        elif found[key].state in OPEN_PROPOSALS:
            ready.append(found[key])
    findings = _price_findings(ready) | _minimum_findings(ready, below_minimum)
    refusals |= findings
    ready = [each for each in ready if each.id not in findings]
    placed: Placed = {}
    for kind, place in (("purchase", _buy), ("transfer", _transfer), ("work_order", _make)):
        chosen = [each for each in ready if each.kind == kind]
        if chosen:
            place(chosen, placed, refusals, actor, at)
    if placed:
        columns = {"ids": list(placed), "orders": [], "lines": [], "numbers": []}
        for order, line, number in placed.values():
            columns["orders"].append(order)
            columns["lines"].append(line)
            columns["numbers"].append(number)
        sql.run("release_proposals", actor=actor, at=at, **columns)
        entries = [Entry("proposal", key, {"order": number}) for key, (*_, number) in placed.items()]
        journal.write("replenishment.released", entries, actor=actor, at=at)
    done = tuple(key for key in proposal_ids if key not in refusals)
    return Outcome(done, tuple(Refusal(str(key), told) for key, told in refusals.items()))


def reject_proposals(proposal_ids: Sequence[UUID], note: str = "", *, actor: str, at: datetime) -> Outcome[UUID]:
    """Nothing is to come of proposals; later runs of the same day leave their items alone. Done: the proposals, in
    input order; rejected ones are done already.

    Refusals (subject: the id): `proposal_unknown`, `proposal_decided`.
    """
    with transaction.atomic(savepoint=False):
        found = _hold(proposal_ids)
        refused: list[Refusal] = []
        for key in dict.fromkeys(proposal_ids):
            if key not in found:
                refused.append(Refusal.because(key, "proposal_unknown", f"there is no proposal {key}"))
            elif found[key].state == "released":
                message = f"order {found[key].order_number} came of it; cancel that"
                refused.append(Refusal.because(key, "proposal_decided", message))
        open_ = [key for key, each in found.items() if each.state in OPEN_PROPOSALS]
        sql.run("reject_proposals", ids=open_, note=note.strip()[:300], actor=actor, at=at)
        entries = [Entry("proposal", key, {"note": note.strip()[:300]}) for key in open_]
        journal.write("replenishment.rejected", entries, actor=actor, at=at)
    bad = {refusal.subject for refusal in refused}
    return Outcome(tuple(key for key in proposal_ids if str(key) not in bad), tuple(refused))


def _hold(ids: Sequence[UUID]) -> dict[UUID, ProposalFacts]:
    """Lock proposals in key order and read them."""
    wanted = id_list(list(ids))
    sql.rows("lock_proposals", ids=wanted)
    return {each.id: each for each in queries.proposals(wanted, limit=len(wanted))}


def _price_findings(ready: Iterable[ProposalFacts]) -> dict[UUID, tuple[Finding, ...]]:
    found: dict[UUID, tuple[Finding, ...]] = {}
    for each in ready:
        if each.kind == "purchase" and each.unit_cost is None:
            message = f"no price of {each.supplier_number} for {each.sku} is in force; enter one"
            found[each.id] = (Finding("purchase_price_missing", message),)
    return found


def _minimum_findings(ready: Sequence[ProposalFacts], below_minimum: bool) -> dict[UUID, tuple[Finding, ...]]:
    """Purchases that are together worth less than their supplier takes an order for."""
    found: dict[UUID, tuple[Finding, ...]] = {}
    if below_minimum:
        return found
    for _, group in _grouped(ready, _one_purchase):
        least, value = group[0].minimum_order, sum(each.value or 0 for each in group)
        if group[0].kind == "purchase" and least is not None and value < least:
            first = group[0]
            message = f"{first.supplier_number} takes orders from {least:f} {first.currency} on; this is {value:f}"
            facts = {"minimum": f"{least:f}", "value": f"{value:f}", "currency": first.currency}
            found |= {each.id: (Finding("below_minimum_order", message, "", facts),) for each in group}
    return found


def _one_purchase(each: ProposalFacts) -> Any:
    return each.supplier_number, each.site_code, each.currency


def _grouped(
    proposals: Iterable[ProposalFacts], key: Callable[[ProposalFacts], Any]
) -> list[tuple[Any, list[ProposalFacts]]]:
    groups: dict[Any, list[ProposalFacts]] = defaultdict(list)
    for each in proposals:
        groups[each.kind, key(each)].append(each)
    return [(name, group) for (_, name), group in groups.items()]


def _buy(
    chosen: Sequence[ProposalFacts], placed: Placed, refusals: dict[UUID, tuple[Finding, ...]], actor: str, at: datetime
) -> None:
    groups = [group for _, group in _grouped(chosen, _one_purchase)]
    today = at.date()
    drafts = [
        PurchaseDraft(
            group[0].supplier_number, group[0].site_code, group[0].currency, today,
            tuple(PurchaseLineDraft(each.sku, each.quantity, max(each.due_on, today), unit_cost=each.unit_cost)
                  for each in group),
            state="draft",
        )
        for group in groups
    ]  # fmt: skip
    outcome = order_purchases(drafts, actor=actor, at=at)
    approve_purchases(outcome.done, actor=actor, at=at)
    orders = queries.purchases(outcome.done)
    for group, key in _paired(groups, outcome, refusals):
        order = orders[key]
        for each, line in zip(group, order.lines, strict=True):
            placed[each.id] = key, line.id, order.head.number


def _transfer(
    chosen: Sequence[ProposalFacts], placed: Placed, refusals: dict[UUID, tuple[Finding, ...]], actor: str, at: datetime
) -> None:
    groups = [group for _, group in _grouped(chosen, lambda each: (each.from_site, each.site_code))]
    today = at.date()
    drafts = [
        TransferDraft(
            group[0].from_site, group[0].site_code, today,
            tuple(TransferLineDraft(each.sku, each.quantity) for each in group),
            transit_days=max(_transit(each.due_on, each.day) for each in group), state="draft",
        )
        for group in groups
    ]  # fmt: skip
    outcome = order_transfers(drafts, actor=actor, at=at)
    place_transfers(outcome.done, actor=actor, at=at)
    orders = queries.transfers(outcome.done)
    for group, key in _paired(groups, outcome, refusals):
        order = orders[key]
        for each, line in zip(group, order.lines, strict=True):
            placed[each.id] = key, line.id, order.head.number


def _transit(due_on: date, day: date) -> int:
    return max(0, (due_on - day).days)


def _make(
    chosen: Sequence[ProposalFacts], placed: Placed, refusals: dict[UUID, tuple[Finding, ...]], actor: str, at: datetime
) -> None:
    drafts = [WorkDraft(each.sku, each.site_code, each.quantity, at.date()) for each in chosen]
    outcome = plan_work(drafts, actor=actor, at=at)
    heads = queries.work_heads(outcome.done)
    for group, key in _paired([[each] for each in chosen], outcome, refusals):
        placed[group[0].id] = key, key, heads[key].number


def _paired(
    groups: Sequence[list[ProposalFacts]], outcome: Outcome[UUID], refusals: dict[UUID, tuple[Finding, ...]]
) -> list[tuple[list[ProposalFacts], UUID]]:
    """The groups with the orders that came of them; what was refused is refused for each of its group."""
    wrong = {int(refusal.subject): refusal.findings for refusal in outcome.refused}
    for index, findings in wrong.items():
        refusals |= {each.id: findings for each in groups[index]}
    right = [group for index, group in enumerate(groups) if index not in wrong]
    return list(zip(right, outcome.done, strict=True))
