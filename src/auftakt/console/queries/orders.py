"""What the order screens read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from auftakt.console.queries.paging import PAGE, Page, loaded, page, position
from auftakt.console.queries.statements import sql
from auftakt.orders.queries import timeline


def failed_orders(after: str = "", limit: int = PAGE) -> Page:
    """Orders with a step that failed, newest first."""
    start = position(after, 2)
    rows = sql.records(
        "failed_orders",
        limit=limit + 1,
        before_at=datetime.fromisoformat(start[0]) if start else None,
        before_id=UUID(start[1]) if start else None,
    )
    return page(rows, limit, "ordered_at", "id")


def measures(order_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The five beats of orders, each a share of 0 to 1, and the day the next piece arrives."""
    names = ("promised", "released", "shipped", "billed", "paid", "arrives_on")
    return {
        row.id: {name: getattr(row, name) for name in names}
        for row in sql.records("order_measures", ids=list(order_ids))
    }


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything the order page shows."""

    head: Any
    lines: Sequence[Any]
    pieces: Sequence[Any]
    pegs: Sequence[Any]
    charges: Sequence[Any]
    holds: Sequence[Any]
    shipments: Sequence[Any]
    tracking: Sequence[Any]
    releases: Sequence[Any]
    invoices: Sequence[Any]
    payments: Sequence[Any]
    attempts: Sequence[Any]
    steps: Sequence[Any]
    documents: Sequence[Any]
    journal: Sequence[Any]
    measure: dict[str, Any]


def order_page(order_id: UUID, *, today: date) -> OrderPage | None:
    """An order with all that hangs on it: a fixed number of statements whatever its size."""
    head = sql.records("order_head", id=order_id)
    if not head:
        return None
    subjects = [row[0] for row in sql.rows("order_subjects", id=order_id)]
    named = {
        name: sql.records(f"order_{name}", id=order_id)
        for name in (
            "lines",
            "pieces",
            "pegs",
            "charges",
            "holds",
            "shipments",
            "tracking",
            "releases",
            "payments",
            "attempts",
            "steps",
        )
    }
    for name, column in (("lines", "waterfall"), ("charges", "waterfall"), ("pieces", "promise")):
        named[name] = [row._replace(**{column: loaded(getattr(row, column))}) for row in named[name]]
    return OrderPage(
        head=head[0],
        invoices=sql.records("order_invoices", id=order_id, today=today),
        documents=sql.records("order_documents", subjects=subjects),
        journal=timeline(order_id, limit=200),
        measure=measures([order_id]).get(order_id, {}),
        **named,
    )
