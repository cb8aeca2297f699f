"""Pure decisions of supply, by theme."""

from auftakt.supply.rules.purchasing import (
    acknowledge_finding,
    base_cost,
    cancel_finding,
    change_finding,
    counted,
    head_findings,
    inspection_finding,
    most,
    plain,
    receipt_finding,
    received,
    small_rest,
    state_of,
    within_limit,
)
from auftakt.supply.rules.terms import order_quantity, price_at, terms_findings
from auftakt.supply.rules.transfers import (
    arrival_finding,
    leave_finding,
    loss_finding,
    transfer_state,
)
from auftakt.supply.rules.transfers import (
    head_findings as transfer_findings,
)

__all__ = [
    "acknowledge_finding",
    "arrival_finding",
    "base_cost",
    "cancel_finding",
    "change_finding",
    "counted",
    "head_findings",
    "inspection_finding",
    "leave_finding",
    "loss_finding",
    "most",
    "order_quantity",
    "plain",
    "price_at",
    "receipt_finding",
    "received",
    "small_rest",
    "state_of",
    "terms_findings",
    "transfer_findings",
    "transfer_state",
    "within_limit",
]
