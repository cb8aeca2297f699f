"""Progress: how far an order has got, derived from what happened and stored nowhere."""

from auftakt.orders.types import Progress, Served

STAGES = (
    "draft", "waiting", "part_promised", "promised", "released", "part_shipped", "shipped", "billed", "paid", "closed",
    "cancelled",
)  # fmt: skip
"""From the first to the furthest."""


def derive_progress(
    state: str, served: Served, *, on_hold: bool = False, is_billed: bool = False, is_paid: bool = False
) -> Progress:
    """The one place where progress comes from.

    An order is as far as the furthest of its lines: one released line makes it `released`. `is_billed` and `is_paid`
    are handed in by those who know: that all that was shipped is billed, and all that was billed is paid.
    """
    return Progress(_stage(state, served, is_billed=is_billed, is_paid=is_paid), on_hold, served)


def _stage(state: str, served: Served, *, is_billed: bool, is_paid: bool) -> str:
    if state != "submitted":
        return state
    if served.shipped and served.open + served.released:
        return "part_shipped"
    if served.shipped:
        return ("paid" if is_paid else "billed") if is_billed else "shipped"
    if served.released:
        return "released"
    if served.unpromised:
        return "part_promised" if served.unpromised < served.open else "waiting"
    return "promised"
