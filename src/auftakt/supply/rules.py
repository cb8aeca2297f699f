"""Pure decisions of supply: the state of a purchase order, costs in base units, whether two placings agree."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from babel.core import get_global

from auftakt.supply.types import PurchaseDraft, PurchaseLineFacts
from auftakt.values import Finding

_MICRO = Decimal("0.000001")
_CURRENCIES = frozenset(get_global("all_currencies"))


def head_findings(draft: PurchaseDraft) -> list[Finding]:
    """Everything wrong with a draft that needs no look at the database."""
    found: list[Finding] = []
    if draft.currency not in _CURRENCIES:
        message = f"currency {draft.currency!r} is unknown; use the three letters of ISO 4217, such as EUR"
        found.append(Finding("currency_unknown", message, "/currency", {"currency": draft.currency}))
    if not draft.lines:
        found.append(Finding("lines_missing", "order at least one item", "/lines"))
    if len(draft.number) > 64:
        found.append(Finding("number_too_long", "a purchase order number has up to 64 characters", "/number"))
    for index, line in enumerate(draft.lines):
        if line.expected_on < draft.ordered_on:
            message = f"expected on {line.expected_on}, before it is ordered on {draft.ordered_on}"
            found.append(Finding("expected_before_ordered", message, f"/lines/{index}/expected_on"))
        if not (line.unit_cost.is_finite() and 0 <= line.unit_cost < Decimal(10) ** 12):
            message = f"the cost must be zero or more, not {line.unit_cost}"
            found.append(Finding("cost_out_of_range", message, f"/lines/{index}/unit_cost"))
    return found


def base_cost(unit_cost: Decimal, factor: Decimal) -> Decimal:
    """The cost of one base unit, six decimals, half up, when `factor` of them make the unit the cost is for."""
    return (unit_cost / factor).quantize(_MICRO, rounding=ROUND_HALF_UP)


def state_of(lines: Sequence[PurchaseLineFacts]) -> str:
    """The state that the lines of an order not yet closed put it in."""
    if any(line.open > 0 for line in lines):
        return "open"
    return "received" if any(line.received > 0 for line in lines) else "cancelled"


def receipt_finding(line: PurchaseLineFacts, state: str, quantity: Decimal) -> Finding | None:
    """Why a receipt (base units) cannot be booked on a line."""
    if state != "open":
        message = f"purchase order {line.purchase_order_number} is {state}; nothing is expected of it"
        return Finding("purchase_not_open", message, "", {"state": state})
    if not quantity.is_finite() or quantity <= 0:
        message = f"the quantity must be above zero, not {quantity}"
        return Finding("quantity_not_positive", message, "/quantity", {"quantity": str(quantity)})
    if quantity > line.open:
        facts = {"ordered": plain(line.ordered), "received": plain(line.received), "open": plain(line.open)}
        message = (
            f"{plain(quantity)} {line.unit} of {line.sku} is more than the {plain(line.open)} open"
            f" on {line.purchase_order_number} line {line.line_number}; book the rest as a receipt without order"
        )
        return Finding("over_receipt", message, "/quantity", facts)
    if quantity != quantity.quantize(Decimal(1).scaleb(-min(line.decimals, 6))):
        message = f"{plain(quantity)} {line.unit} of item {line.sku} cannot be counted; use whole units"
        return Finding("quantity_fractional", message, "/quantity", {"quantity": plain(quantity)})
    return None


def cancel_finding(line: PurchaseLineFacts, state: str, quantity: Decimal) -> Finding | None:
    """Why a quantity of a line cannot be cancelled, apart from what is promised of it."""
    finding = change_finding(line, state)
    if finding:
        return finding
    if not quantity.is_finite() or quantity <= 0:
        return Finding("quantity_not_positive", f"the quantity must be above zero, not {quantity}", "/quantity")
    if quantity > line.open:
        message = f"{plain(quantity)} is more than the {plain(line.open)} {line.unit} of {line.sku} still open"
        return Finding("more_than_open", message, "/quantity", {"open": plain(line.open)})
    if quantity != quantity.quantize(Decimal(1).scaleb(-min(line.decimals, 6))):
        return Finding("quantity_fractional", f"{plain(quantity)} {line.unit} cannot be counted", "/quantity")
    return None


def change_finding(line: PurchaseLineFacts, state: str) -> Finding | None:
    """Why a line cannot be changed at all."""
    if state != "open":
        message = f"purchase order {line.purchase_order_number} is {state}; it can no longer be changed"
        return Finding("purchase_not_open", message, "", {"state": state})
    if line.open <= 0:
        message = f"nothing is open on {line.purchase_order_number} line {line.line_number}"
        return Finding("nothing_open", message, "", {"line": str(line.line_number)})
    return None


def plain(number: Decimal) -> str:
    """A number as people write it: without an exponent or trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
