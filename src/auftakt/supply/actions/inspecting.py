"""Goods in quarantine: accepted they become stock, rejected they go back to the supplier."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import Arrival, Arrived, AsideMove, ExpectedSupply
from auftakt.platform import journal
from auftakt.supply import rules
from auftakt.supply.actions.holding import Held, entry, hold
from auftakt.supply.types import InspectionVerdict, PurchaseLineFacts
from auftakt.values import Finding, Outcome, Refusal


def book_inspections(
    verdicts: Sequence[InspectionVerdict], *, actor: str, at: datetime
) -> Outcome[tuple[UUID, Arrived | None]]:
    """Book what inspections found. What is accepted becomes stock; what is rejected goes back, and is still to come or
    is cut, as the verdict says; the rest stays in quarantine. Done: line id and what became stock, in input order.

    Callers that hold pegs use `promising.inspect_purchases`. A cut never goes below what is promised here
    (`supply_promised`; `orders.inspect_purchases` frees promises first). Refusals (subject: the index): `line_unknown`,
    `line_repeated`, `more_than_inspected`, `quantity_not_positive`, `quantity_fractional`, `then_unknown`,
    `site_closed`, `supply_promised`.
    """
    with transaction.atomic(savepoint=False):
        held = hold([verdict.line_id for verdict in verdicts], with_supply=True)
        lots = _lots_there(verdicts)
        refused: list[Refusal] = []
        good: dict[int, PurchaseLineFacts] = {}
        seen: set[UUID] = set()
        for index, verdict in enumerate(verdicts):
            line = held.line(verdict.line_id)
            finding = line if isinstance(line, Finding) else _finding(held, line, verdict)
            if verdict.line_id in seen:
                finding = Finding("line_repeated", "this line is named twice in the batch; name it once", "/line_id")
            seen.add(verdict.line_id)
            findings = (
                (finding,) if finding else () if isinstance(line, Finding) else _lot_findings(line, verdict, lots)
            )
            if isinstance(line, Finding) or findings:
                refused.append(Refusal(str(index), findings))
            else:
                good[index] = line
        chosen = [(verdicts[index], line) for index, line in good.items()]
        _reject(held, chosen, actor, at)
        arrived = _accept(chosen, actor, at)
        _note(held, chosen)
        held.write()
        entries = [entry(line, _told(verdicts[index])) for index, line in good.items()]
        journal.write("supply.inspected", entries, actor=actor, at=at)
    return Outcome(tuple((line.id, arrived.get(line.id)) for line in good.values()), tuple(refused))


def _lots_there(verdicts: Sequence[InspectionVerdict]) -> dict[UUID, dict[str, Decimal]]:
    """The lots in quarantine by line; asked only where a verdict names some."""
    lines = [each.line_id for each in verdicts if each.accepted_lots or each.rejected_lots]
    return stock.lots_in_quarantine(lines) if lines else {}


def _lot_findings(
    line: PurchaseLineFacts, verdict: InspectionVerdict, there: dict[UUID, dict[str, Decimal]]
) -> tuple[Finding, ...]:
    left = dict(there.get(line.id, {}))
    found: list[Finding] = []
    for name, lots, total in (
        ("rejected_lots", verdict.rejected_lots, verdict.rejected),
        ("accepted_lots", verdict.accepted_lots, verdict.accepted),
    ):
        for index, told in enumerate(lots):
            number = told.number.strip()
            if left.get(number, Decimal(0)) < told.quantity:
                message = f"lot {number} of {line.sku}: {rules.plain(left.get(number, Decimal(0)))} are in quarantine"
                found.append(Finding("lot_not_there", message, f"/{name}/{index}/number", {"lot": number}))
            left[number] = left.get(number, Decimal(0)) - told.quantity
        if lots and sum(told.quantity for told in lots) != total:
            message = f"the lots of {line.sku} do not sum to {rules.plain(total)}"
            found.append(Finding("lots_do_not_sum", message, f"/{name}", {"quantity": rules.plain(total)}))
    return tuple(found)


def _told(verdict: InspectionVerdict) -> dict[str, object]:
    return {
        "accepted": verdict.accepted, "rejected": verdict.rejected, "then": verdict.then, "note": verdict.note,
    }  # fmt: skip


def _finding(held: Held, line: PurchaseLineFacts, verdict: InspectionVerdict) -> Finding | None:
    finding = rules.inspection_finding(line, verdict)
    if finding:
        return finding
    head = held.heads[line.purchase_order_id]
    if not head.site_is_open:
        return Finding("site_closed", f"site {head.site_code} is closed; open it first", "", {"site": head.site_code})
    left = line.open - verdict.rejected
    if verdict.then == "cut" and verdict.rejected and line.promised > left:
        message = (
            f"{rules.plain(line.promised)} {line.unit} of {line.sku} are promised; {rules.plain(left)} would be left;"
            " release promises first"
        )
        facts = {"drawn": rules.plain(line.promised), "quantity": rules.plain(left)}
        return Finding("supply_promised", message, "/rejected", facts)
    return None


def _accept(
    verdicts: Sequence[tuple[InspectionVerdict, PurchaseLineFacts]], actor: str, at: datetime
) -> dict[UUID, Arrived]:
    accepted = [(verdict, line) for verdict, line in verdicts if verdict.accepted]
    if not accepted:
        return {}
    arrivals = [
        Arrival(line.id, verdict.accepted, verdict.note, inspected=True, lots=verdict.accepted_lots)
        for verdict, line in accepted
    ]
    outcome = inventory.arrive(arrivals, actor=actor, at=at)
    if outcome.refused:
        raise RuntimeError(f"open purchase and expected supply differ: {outcome.refused[0].message}")
    return {line.id: arrived for (_, line), arrived in zip(accepted, outcome.done, strict=True)}


def _reject(
    held: Held, verdicts: Sequence[tuple[InspectionVerdict, PurchaseLineFacts]], actor: str, at: datetime
) -> None:
    """Send back what is rejected, and lessen the supply by what will not be replaced."""
    back: list[AsideMove] = []
    cut: list[ExpectedSupply] = []
    for verdict, line in verdicts:
        if not verdict.rejected:
            continue
        site = held.heads[line.purchase_order_id].site_id
        back.append(
            AsideMove(
                line.id,
                line.item_id,
                site,
                verdict.rejected,
                "quarantine",
                "supplier",
                "rejected",
                verdict.note,
                lots=verdict.rejected_lots,
            )
        )
        if verdict.then == "cut":
            cut.append(replace(held.supply(line), quantity=line.open - verdict.rejected))
    if back:
        inventory.move_aside(back, actor=actor, at=at)
    if cut:
        outcome = inventory.expect(cut, actor=actor, at=at)
        if outcome.refused:
            raise RuntimeError(f"supply changed while it was locked: {outcome.refused[0].message}")


def _note(held: Held, verdicts: Sequence[tuple[InspectionVerdict, PurchaseLineFacts]]) -> None:
    for verdict, line in verdicts:
        gone = verdict.rejected if verdict.then == "cut" else Decimal(0)
        held.put(
            replace(
                line,
                inspecting=line.inspecting - verdict.accepted - verdict.rejected,
                received=line.received + verdict.accepted,
                rejected=line.rejected + verdict.rejected,
                cancelled=line.cancelled + gone,
            )
        )
