"""Pure decisions about transfers: what may leave, come in, or be given up, and the state that follows."""

from collections.abc import Sequence
from decimal import Decimal

from auftakt.supply.rules.purchasing import counted, plain
from auftakt.supply.types import TransferDraft, TransferLineFacts
from auftakt.values import Finding


def head_findings(draft: TransferDraft) -> list[Finding]:
    """Everything wrong with a draft that needs no look at the database."""
    found: list[Finding] = []
    if draft.from_site == draft.to_site:
        found.append(Finding("same_site", "name two different sites", "/to_site", {"site": draft.to_site}))
    if not draft.lines:
        found.append(Finding("lines_missing", "move at least one item", "/lines"))
    if not 0 <= draft.transit_days <= 365:
        message = f"transit takes 0 to 365 days, not {draft.transit_days}"
        found.append(Finding("transit_out_of_range", message, "/transit_days"))
    if len(draft.number) > 64:
        found.append(Finding("number_too_long", "a transfer number has up to 64 characters", "/number"))
    if draft.state not in ("draft", "placed"):
        found.append(Finding("state_unknown", f"a transfer begins as draft or placed, not {draft.state!r}", "/state"))
    return found


def transfer_state(state: str, lines: Sequence[TransferLineFacts]) -> str:
    """The state that the lines of a transfer put it in."""
    if all(line.quantity == line.cancelled for line in lines):
        return "cancelled"
    if state in ("shipped", "part_received"):
        if not any(line.open > 0 for line in lines):
            return "received"
        return "part_received" if any(line.received > 0 for line in lines) else "shipped"
    return state


def arrival_finding(line: TransferLineFacts, quantity: Decimal) -> Finding | None:
    """Why a receipt (base units) cannot be booked on a line."""
    if line.state not in ("shipped", "part_received"):
        message = f"transfer {line.transfer_number} is {line.state}; nothing of it is on its way"
        return Finding("transfer_not_shipped", message, "", {"state": line.state})
    fault = counted(quantity, line.unit, line.sku, line.decimals)
    if fault:
        return fault
    if quantity > line.in_transit:
        message = f"{plain(quantity)} {line.unit} of {line.sku} is more than the {plain(line.in_transit)} on their way"
        return Finding("over_receipt", message, "/quantity", {"open": plain(line.in_transit)})
    return None


def loss_finding(line: TransferLineFacts, quantity: Decimal) -> Finding | None:
    """Why a quantity cannot be written off on its way."""
    return arrival_finding(line, quantity)


def leave_finding(line: TransferLineFacts, quantity: Decimal) -> Finding | None:
    """Why a quantity that has not left yet cannot be given up."""
    if line.state not in ("draft", "placed"):
        message = f"transfer {line.transfer_number} is {line.state}; what has left is received or written off"
        return Finding("transfer_has_left", message, "", {"state": line.state})
    fault = counted(quantity, line.unit, line.sku, line.decimals)
    if fault:
        return fault
    if quantity > line.to_ship:
        message = f"{plain(quantity)} is more than the {plain(line.to_ship)} {line.unit} of {line.sku} still to leave"
        return Finding("more_than_open", message, "/quantity", {"open": plain(line.to_ship)})
    return None
