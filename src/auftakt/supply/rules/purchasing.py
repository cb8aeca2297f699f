"""Pure decisions of supply: the state of a purchase order, costs in base units, whether two placings agree."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from auftakt.supply.rules.terms import CURRENCIES
from auftakt.supply.types import (
    EXPECTING,
    PLACED_AS,
    AcknowledgedLine,
    InspectionVerdict,
    PurchaseDraft,
    PurchaseLineFacts,
)
from auftakt.values import Finding

_MICRO = Decimal("0.000001")


def head_findings(draft: PurchaseDraft) -> list[Finding]:
    """Everything wrong with a draft that needs no look at the database."""
    found: list[Finding] = []
    if draft.currency not in CURRENCIES:
        message = f"currency {draft.currency!r} is unknown; use the three letters of ISO 4217, such as EUR"
        found.append(Finding("currency_unknown", message, "/currency", {"currency": draft.currency}))
    if not draft.lines:
        found.append(Finding("lines_missing", "order at least one item", "/lines"))
    if len(draft.number) > 64:
        found.append(Finding("number_too_long", "a purchase order number has up to 64 characters", "/number"))
    if draft.state not in PLACED_AS:
        message = f"an order is placed as {', '.join(PLACED_AS)}, not as {draft.state!r}"
        found.append(Finding("state_unknown", message, "/state"))
    for index, line in enumerate(draft.lines):
        if line.expected_on is not None and line.expected_on < draft.ordered_on:
            message = f"expected on {line.expected_on}, before it is ordered on {draft.ordered_on}"
            found.append(Finding("expected_before_ordered", message, f"/lines/{index}/expected_on"))
        if line.unit_cost is not None and not (line.unit_cost.is_finite() and 0 <= line.unit_cost < Decimal(10) ** 12):
            message = f"the cost must be zero or more, not {line.unit_cost}"
            found.append(Finding("cost_out_of_range", message, f"/lines/{index}/unit_cost"))
        for name in ("over_percent", "under_percent"):
            share: Decimal | None = getattr(line, name)
            if share is not None and not (share.is_finite() and 0 <= share <= 100):
                message = f"a tolerance is 0 to 100 %, not {share}"
                found.append(Finding("tolerance_out_of_range", message, f"/lines/{index}/{name}"))
    return found


def base_cost(unit_cost: Decimal, factor: Decimal) -> Decimal:
    """The cost of one base unit, six decimals, half up, when `factor` of them make the unit the cost is for."""
    return (unit_cost / factor).quantize(_MICRO, rounding=ROUND_HALF_UP)


def within_limit(value: Decimal, limit: Decimal | None) -> bool:
    """Whether an order of a value needs nobody with the right to approve beyond the limit of its currency."""
    return limit is not None and value <= limit


def state_of(state: str, lines: Sequence[PurchaseLineFacts]) -> str:
    """The state that the lines of an order not yet closed put it in."""
    came = any(line.received > 0 for line in lines)
    if any(line.open > 0 for line in lines):
        return "part_received" if came else state
    return "received" if came else "cancelled"


def counted(quantity: Decimal, unit: str, sku: str, decimals: int) -> Finding | None:
    """What is wrong with a quantity as such: not above zero, or finer than its unit."""
    if not quantity.is_finite() or quantity <= 0:
        message = f"the quantity must be above zero, not {quantity}"
        return Finding("quantity_not_positive", message, "/quantity", {"quantity": str(quantity)})
    if quantity != quantity.quantize(Decimal(1).scaleb(-min(decimals, 6))):
        message = f"{plain(quantity)} {unit} of item {sku} cannot be counted; use whole units"
        return Finding("quantity_fractional", message, "/quantity", {"quantity": plain(quantity)})
    return None


def most(line: PurchaseLineFacts) -> Decimal:
    """How much may still come: what is on its way, and what the tolerance allows beyond the order."""
    extra = _in_units(line.ordered * line.over_percent / 100, line.decimals)
    return line.to_come + max(Decimal(0), extra - line.excess) if line.to_come > 0 else Decimal(0)


def _in_units(quantity: Decimal, decimals: int) -> Decimal:
    return quantity.quantize(Decimal(1).scaleb(-min(decimals, 6)), rounding=ROUND_FLOOR)


def receipt_finding(line: PurchaseLineFacts, state: str, quantity: Decimal) -> Finding | None:
    """Why a receipt (base units) cannot be booked on a line."""
    if state not in EXPECTING:
        message = f"purchase order {line.purchase_order_number} is {state}; nothing is expected of it"
        return Finding("purchase_not_open", message, "", {"state": state})
    if not quantity.is_finite() or quantity <= 0:
        return counted(quantity, line.unit, line.sku, line.decimals)
    if quantity > most(line):
        facts = {
            "ordered": plain(line.ordered), "received": plain(line.received), "open": plain(line.to_come),
            "most": plain(most(line)),
        }  # fmt: skip
        beyond = f" (with {plain(line.over_percent)} % more up to {plain(most(line))})" if line.over_percent else ""
        message = (
            f"{plain(quantity)} {line.unit} of {line.sku} is more than the {plain(line.to_come)} open{beyond}"
            f" on {line.purchase_order_number} line {line.line_number}; book the rest as a receipt without order"
        )
        return Finding("over_receipt", message, "/quantity", facts)
    return counted(quantity, line.unit, line.sku, line.decimals)


def received(line: PurchaseLineFacts, quantity: Decimal) -> PurchaseLineFacts:
    """The line after a receipt: in quarantine when it is inspected, else in stock; what is more than open is excess."""
    extra = max(Decimal(0), quantity - line.to_come)
    if line.inspects:
        return replace(line, excess=line.excess + extra, inspecting=line.inspecting + quantity)
    return replace(line, excess=line.excess + extra, received=line.received + quantity)


def small_rest(line: PurchaseLineFacts) -> Decimal:
    """What is left to come and so little that it is not waited for; zero when it is waited for."""
    if not 0 < line.to_come <= line.ordered * line.under_percent / 100:
        return Decimal(0)
    return line.to_come


def inspection_finding(line: PurchaseLineFacts, verdict: InspectionVerdict) -> Finding | None:
    """Why a verdict on goods in quarantine cannot be booked."""
    for quantity, place in ((verdict.accepted, "/accepted"), (verdict.rejected, "/rejected")):
        fault = counted(quantity, line.unit, line.sku, line.decimals) if quantity else None
        if fault:
            return Finding(fault.code, fault.message, place, fault.facts)
    total = verdict.accepted + verdict.rejected
    if total <= 0:
        return Finding("quantity_not_positive", "say how much is accepted or rejected", "/accepted")
    if total > line.inspecting:
        message = f"{plain(total)} is more than the {plain(line.inspecting)} {line.unit} of {line.sku} in quarantine"
        return Finding("more_than_inspected", message, "/accepted", {"inspecting": plain(line.inspecting)})
    if verdict.then not in ("replace", "cut"):
        message = f"rejected goods are to replace or to cut, not to {verdict.then!r}"
        return Finding("then_unknown", message, "/then")
    return None


def acknowledge_finding(line: PurchaseLineFacts, said: AcknowledgedLine) -> Finding | None:
    """Why the supplier's word on a line cannot be booked."""
    if said.quantity is None:
        return None
    if not said.quantity.is_finite() or said.quantity < 0:
        return Finding("quantity_negative", "what will come is zero or more", "/quantity")
    if said.quantity > line.to_come:
        message = (
            f"{plain(said.quantity)} is more than the {plain(line.to_come)} {line.unit} of {line.sku} still to come;"
            " order the rest anew"
        )
        return Finding("more_than_open", message, "/quantity", {"open": plain(line.to_come)})
    return counted(said.quantity, line.unit, line.sku, line.decimals) if said.quantity else None


def cancel_finding(line: PurchaseLineFacts, state: str, quantity: Decimal) -> Finding | None:
    """Why a quantity of a line cannot be cancelled, apart from what is promised of it."""
    finding = change_finding(line, state)
    if finding:
        return finding
    if not quantity.is_finite() or quantity <= 0:
        return counted(quantity, line.unit, line.sku, line.decimals)
    if quantity > line.to_come:
        message = f"{plain(quantity)} is more than the {plain(line.to_come)} {line.unit} of {line.sku} still open"
        return Finding("more_than_open", message, "/quantity", {"open": plain(line.to_come)})
    return counted(quantity, line.unit, line.sku, line.decimals)


def change_finding(line: PurchaseLineFacts, state: str) -> Finding | None:
    """Why a line cannot be changed at all."""
    if state not in (*EXPECTING, "draft"):
        message = f"purchase order {line.purchase_order_number} is {state}; it can no longer be changed"
        return Finding("purchase_not_open", message, "", {"state": state})
    if line.to_come <= 0:
        message = f"nothing is open on {line.purchase_order_number} line {line.line_number}"
        return Finding("nothing_open", message, "", {"line": str(line.line_number)})
    return None


def plain(number: Decimal) -> str:
    """A number as people write it: without an exponent or trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
