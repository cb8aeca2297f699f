"""Counts: which differences are booked by themselves."""

from decimal import Decimal

from auftakt.inventory.types import COUNT_CHOICES, CountDecision, CountLineFacts, CountPlan
from auftakt.values import Finding

DECISIONS = {"approve": "agreed", "recount": "open", "reject": "rejected"}


def within_tolerance(
    books: Decimal, difference: Decimal, unit_value: Decimal | None, tolerance: tuple[Decimal, Decimal] | None
) -> bool:
    """Whether a difference is booked by itself: within the percent of the books and, where the cost of a piece is
    known, within the value. A site without a tolerance books every difference."""
    if difference == 0 or tolerance is None:
        return True
    percent, value = tolerance
    if abs(difference) * 100 > percent * books:
        return False
    return unit_value is None or abs(difference) * unit_value <= value


def plan_findings(plan: CountPlan) -> list[Finding]:
    """Everything wrong with the plan of a count by itself."""
    found: list[Finding] = []
    if plan.choose not in COUNT_CHOICES:
        message = f"choose by one of {', '.join(COUNT_CHOICES)}"
        found.append(Finding("count_choice_unknown", message, "/choose"))
    if plan.choose == "abc" and plan.abc not in ("A", "B", "C"):
        found.append(Finding("count_class_unknown", "a class is A, B or C", "/abc"))
    if not 1 <= plan.most <= 500:
        found.append(Finding("count_too_long", "a list has 1 to 500 items", "/most"))
    return found


def decision_finding(line: CountLineFacts | None, decision: CountDecision, actor: str) -> Finding | None:
    """Why somebody cannot decide on a variance so."""
    if line is None:
        return Finding("count_unknown", f"there is no count {decision.line_id}", "/line_id")
    if decision.decision not in DECISIONS:
        return Finding("decision_unknown", f"decide by one of {', '.join(DECISIONS)}", "/decision")
    if line.state != "waiting":
        message = f"the count of {line.sku} is {line.state}: there is nothing to decide"
        return Finding("count_not_waiting", message, "", {"sku": line.sku, "state": line.state})
    if line.counted_by == actor:
        message = f"who counted {line.sku} does not approve the count: somebody else decides"
        return Finding("count_is_own", message, "", {"sku": line.sku})
    if decision.decision != "approve" and not decision.reason.strip():
        return Finding("reason_missing", "say why", "/reason")
    return None
