"""The verbs of orders."""

from auftakt.orders.actions.bulk import CANCEL, HOLD, RELEASE, REPROMISE
from auftakt.orders.actions.cancel import cancel
from auftakt.orders.actions.capture import capture
from auftakt.orders.actions.change import change
from auftakt.orders.actions.close import close
from auftakt.orders.actions.counting import decide_counts, take_counts
from auftakt.orders.actions.expiring import set_aside_expired
from auftakt.orders.actions.holds import hold, release_holds
from auftakt.orders.actions.replan import replan
from auftakt.orders.actions.rerun import apply_run
from auftakt.orders.actions.serve import (
    bill_charges,
    recall_lines,
    release_lines,
    repromise,
    repromise_orders,
    ship_lines,
    split_line,
)
from auftakt.orders.actions.shortages import (
    acknowledge_purchases,
    cut_purchases,
    cut_transfers,
    inspect_purchases,
    write_off_transfers,
)
from auftakt.orders.actions.submit import submit

__all__ = [
    "CANCEL",
    "HOLD",
    "RELEASE",
    "REPROMISE",
    "acknowledge_purchases",
    "apply_run",
    "bill_charges",
    "cancel",
    "capture",
    "change",
    "close",
    "cut_purchases",
    "cut_transfers",
    "decide_counts",
    "hold",
    "inspect_purchases",
    "recall_lines",
    "release_holds",
    "release_lines",
    "replan",
    "repromise",
    "repromise_orders",
    "set_aside_expired",
    "ship_lines",
    "split_line",
    "submit",
    "take_counts",
    "write_off_transfers",
]
