"""What may be done with an order when it is one of many, judged beforehand; the verb itself has the last word."""

from auftakt.orders.types import ORDER_LIFECYCLE, OrderStanding
from auftakt.values import Finding


def bulk_finding(action: str, standing: OrderStanding, choice: str = "") -> Finding | None:
    """Why an action would refuse the order, or None. `choice`: the reason of a hold (empty when a hold of any reason is
    to be released), or the scope of a new promise."""
    judge = {
        "hold": _no_hold,
        "release": _no_release,
        "cancel": _no_cancel,
        "repromise": _no_promise,
        "print": _no_print,
    }[action]
    return judge(standing, choice)


def _ended(standing: OrderStanding) -> Finding | None:
    if standing.state not in ORDER_LIFECYCLE.ends:
        return None
    text = f"Order {standing.number} is {standing.state}: nothing can be done with it any more."
    return Finding("order_ended", text, facts={"number": standing.number, "state": standing.state})


def _no_hold(standing: OrderStanding, reason: str) -> Finding | None:
    if reason in standing.held:
        text = f"Order {standing.number} is held for {reason!r} already."
        return Finding("already_held", text, facts={"number": standing.number, "reason": reason})
    return _ended(standing)


def _no_release(standing: OrderStanding, reason: str) -> Finding | None:
    if reason in standing.held or (standing.held and not reason):
        return None
    text = f"Order {standing.number} has no such hold in force."
    return Finding("not_held", text, facts={"number": standing.number, "reason": reason})


def _no_cancel(standing: OrderStanding, _: str) -> Finding | None:
    if standing.is_open:
        return _ended(standing)
    text = f"Nothing of order {standing.number} is open any more: it is with the warehouse, or has left."
    return _ended(standing) or Finding("nothing_open", text, facts={"number": standing.number})


def _no_promise(standing: OrderStanding, scope: str) -> Finding | None:
    if standing.state == ORDER_LIFECYCLE.start:
        return Finding("order_not_submitted", f"Order {standing.number} is a draft.", facts={"number": standing.number})
    wanted = {"all": standing.pieces, "late": standing.dateless + standing.late}.get(scope, standing.dateless)
    if wanted:
        return _ended(standing)
    text = f"No line of order {standing.number} needs a new date."
    return _ended(standing) or Finding("nothing_to_promise", text, facts={"number": standing.number})


def _no_print(standing: OrderStanding, _: str) -> Finding | None:
    if standing.state == ORDER_LIFECYCLE.start:
        return Finding("order_not_submitted", f"Order {standing.number} is a draft.", facts={"number": standing.number})
    if standing.state == "cancelled":
        return _ended(standing)
    return None
