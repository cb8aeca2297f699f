"""Purchase orders that are history elsewhere: what came in of them and what went back is booked as they are placed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.orders import actions as orders
from auftakt.promising import actions as promising
from auftakt.supply import actions as supply
from auftakt.supply import queries
from auftakt.supply.types import InspectionVerdict, PurchaseCancellation, PurchaseDraft, PurchaseReceipt
from auftakt.values import Finding, Outcome, RefusedError


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """An order, what of each of its lines came in and was rejected, and whether nothing more is to come."""

    draft: PurchaseDraft
    came: tuple[tuple[Decimal, Decimal], ...]
    is_done: bool = False


def history_findings(wish: PurchaseHistory) -> list[Finding]:
    """What cannot have been: more in than ordered, more rejected than in."""
    found: list[Finding] = []
    for index, (line, (came, rejected)) in enumerate(zip(wish.draft.lines, wish.came, strict=True)):
        if came < 0 or came > line.quantity:
            message = f"{came:f} of {line.sku} came in of {line.quantity:f} ordered"
            found.append(Finding("over_receipt", message, f"/lines/{index}/came"))
        if not 0 <= rejected <= came:
            message = f"{rejected:f} of {line.sku} were rejected of {came:f} that came in"
            found.append(Finding("more_than_inspected", message, f"/lines/{index}/rejected"))
    return found


def relive(placed: Sequence[tuple[UUID, PurchaseHistory]], *, actor: str, at: datetime) -> None:
    """Book what came in of placed orders, once: goods, rejects, and what will not come any more.

    What was rejected is not replaced: the order's line counts it as come. Raises RefusedError with every refusal.
    """
    told = [(key, wish) for key, wish in placed if wish.is_done or any(came for came, _ in wish.came)]
    if not told:
        return
    found = queries.purchases([key for key, _ in told])
    fresh = [
        (line, came, rejected)
        for key, wish in told
        for line, (came, rejected) in zip(found[key].lines, wish.came, strict=True)
        if line.open > 0 and not (line.received or line.inspecting or line.rejected)
    ]
    receipts = [PurchaseReceipt(line.id, came, "history") for line, came, _ in fresh if came]
    _sure(promising.receive_purchases(receipts, actor=actor, at=at))
    verdicts = [
        InspectionVerdict(line.id, came - rejected, rejected, "cut", "history")
        for line, came, rejected in fresh
        if rejected
    ]
    _sure(promising.inspect_purchases(verdicts, actor=actor, at=at))
    over = {key for key, wish in told if wish.is_done}
    rests = [
        PurchaseCancellation(line.id)
        for line, came, _ in fresh
        if line.purchase_order_id in over and line.ordered > came
    ]
    _sure(orders.cut_purchases(rests, actor=actor, at=at))
    ended = queries.purchases(list(over))
    _sure(supply.close([key for key, each in ended.items() if each.head.state == "received"], actor=actor, at=at))


def _sure(outcome: Outcome[Any]) -> None:
    if outcome.refused:
        raise RefusedError(outcome.refused)
