"""What the order screens read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from auftakt.console.paging import loaded
from auftakt.console.queries.statements import sql
from auftakt.orders.queries import timeline

LINES = 200
"""So many lines of an order stand on one page."""
OF_ORDER = (
    "charges",
    "holds",
    "shipments",
    "tracking",
    "parcels",
    "packed",
    "releases",
    "payments",
    "attempts",
    "failed",
)


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
    sums: Any
    lines: Sequence[Any]
    next_lines: int
    pieces: Sequence[Any]
    pegs: Sequence[Any]
    charges: Sequence[Any]
    holds: Sequence[Any]
    shipments: Sequence[Any]
    tracking: Sequence[Any]
    parcels: Sequence[Any]
    packed: Sequence[Any]
    releases: Sequence[Any]
    invoices: Sequence[Any]
    payments: Sequence[Any]
    attempts: Sequence[Any]
    steps: Sequence[Any]
    failed: Sequence[Any]
    documents: Sequence[Any]
    journal: Sequence[Any]
    measure: dict[str, Any]
    face: str


def order_page(order_id: UUID, *, today: date, behind: int = 0, many: int = LINES) -> OrderPage | None:
    """An order with all that hangs on it: a fixed number of statements, and a page of its lines, whatever its size."""
    head = sql.records("order_head", id=order_id)
    if not head:
        return None
    subjects = [row[0] for row in sql.rows("order_subjects", id=order_id)]
    lines = sql.records("order_lines", id=order_id, behind=behind, many=many + 1)
    shown = [row.id for row in lines[:many]]
    of_lines = {name: sql.records(f"order_{name}", lines=shown) for name in ("pieces", "pegs", "steps")}
    of_order = {name: sql.records(f"order_{name}", id=order_id) for name in OF_ORDER}
    named: dict[str, Any] = {"lines": lines[:many], **of_lines, **of_order}
    for name, column in (("lines", "waterfall"), ("charges", "waterfall"), ("pieces", "promise")):
        named[name] = [row._replace(**{column: loaded(getattr(row, column))}) for row in named[name]]
    return OrderPage(
        head=head[0],
        sums=sql.records("order_sums", id=order_id)[0],
        next_lines=lines[many - 1].line_number if len(lines) > many else 0,
        invoices=sql.records("order_invoices", id=order_id, today=today),
        documents=sql.records("order_documents", subjects=subjects),
        journal=timeline(order_id, limit=200),
        measure=measures([order_id]).get(order_id, {}),
        face=order_face(order_id),
        **named,
    )


@dataclass(frozen=True, slots=True)
class OrderForm:
    """An order as the entry form changes it."""

    head: Any
    lines: Sequence[Any]


def order_form(order_id: UUID) -> OrderForm | None:
    """The head and all lines of an order, for the entry form. Two statements."""
    head = sql.records("order_head", id=order_id)
    return OrderForm(head[0], sql.records("order_entry_lines", id=order_id)) if head else None


def order_face(order_id: UUID) -> str:
    """What a decision about the order rests on: state, revision, content, what is open, holds. Empty: no such order."""
    return sql.value("order_face", id=order_id) or ""


def changes_since(order_id: UUID, after: UUID) -> list[Any]:
    """What was changed on an order after an entry of the journal, the first change first."""
    rows = sql.records("order_changes_since", id=order_id, after=after)
    return [row._replace(change=loaded(row.change)) for row in rows]


def people(emails: Iterable[str]) -> dict[str, str]:
    """The names of users by e-mail address."""
    return {row.email: row.name for row in sql.records("names_of_people", emails=sorted(set(emails)))}


def addresses(ids: Iterable[UUID]) -> dict[str, str]:
    """Addresses in a line each, by their id as text."""
    return {
        str(row.id): f"{row.name}, {row.street}, {row.postal_code} {row.city}, {row.country}"
        for row in sql.records("order_addresses", ids=sorted(set(ids)))
    }
