"""Orders as they stand: lists, one order with everything, its progress and its timeline."""

from typing import Annotated, Any

from ninja import Query

from auftakt.api.orders import known_order, mark_of, router
from auftakt.api.pages import Cursor, Limit, OptionalDay, Text, bad_cursor, found, ordered
from auftakt.api.registry import Answered, Page, operation
from auftakt.orders import queries
from auftakt.orders.types import OrderFilter, OrderPage, OrderRow, Progress, TimelineEntry

_STATES = "draft, submitted, closed or cancelled"


@operation(router.get, "/orders", needs="orders.view", answers=OrderRow, page=True)
def list_orders(
    number: Annotated[str, Query(max_length=64, description="Begins with this.")] = "",
    customer: Text = "",
    sku: Text = "",
    reference: Annotated[str, Query(max_length=120, description="A reference begins with this.")] = "",
    state: Annotated[str, Query(pattern="^(draft|submitted|closed|cancelled|)$", description=_STATES)] = "",
    ordered_from: OptionalDay = None,
    ordered_to: OptionalDay = None,
    text: Annotated[str, Query(max_length=200, description="Words, or beginnings of words, in any place.")] = "",
    on_hold: bool = False,
    unpromised: bool = False,
    order: Text = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Page:
    """Orders, the newest first.

    All filters combine; the list stays as quick with a million orders.
    """
    ordered(order, ["-ordered_at"])
    wanted = OrderFilter(number, customer, sku, reference, state, ordered_from, ordered_to, text, on_hold, unpromised)
    try:
        listed = queries.list_orders(wanted, cursor, limit)
    except (ValueError, OverflowError) as error:
        raise bad_cursor() from error
    return Page(listed.rows, listed.next_cursor)


@operation(router.get, "/orders/{order}", needs="orders.view", answers=OrderPage)
def get_order(order: str) -> Answered:
    """One order by id or number, with everything: lines, promises, charges, holds, revisions, timeline.

    The ETag is for If-Match when you change it. Promises, holds and shipments do not change it: they are no part of
    what was ordered.
    """
    key = known_order(order)
    mark = mark_of(key)
    shown = found(queries.order_page(key) if mark else None, "order", order)
    return Answered(shown, headers={"ETag": mark or ""})


@operation(router.get, "/orders/{order}/progress", needs="orders.view", answers=Progress)
def order_progress(order: str) -> Any:
    """How far an order has got, in one word and in counts of its parts."""
    key = known_order(order)
    return found(queries.progress([key]).get(key), "order", order)


@operation(router.get, "/orders/{order}/timeline", needs="orders.view", answers=TimelineEntry, page=True)
def order_timeline(order: str, limit: Annotated[int, Query(ge=1, le=500)] = 200) -> Page:
    """What happened to an order and to what came of it, on every floor; the latest first."""
    key = known_order(order)
    found(mark_of(key), "order", order)
    return Page(queries.timeline(key, limit=limit))
