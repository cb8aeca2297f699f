"""Customers, and the account of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from auftakt.console.queries.orders import measures
from auftakt.console.queries.paging import FIRST_ID, PAGE, Page, like, page, position
from auftakt.console.queries.statements import sql
from auftakt.orders.queries import list_orders
from auftakt.orders.types import OrderFilter


def customers(text: str, segment: str, status: str, after: str = "", limit: int = PAGE) -> Page:
    """Customers by name."""
    start = position(after, 2)
    rows = sql.records(
        "customer_rows",
        **like(text),
        segment=segment,
        status=status,
        limit=limit + 1,
        after_name=start[0] if start else "",
        after_id=UUID(start[1]) if start else FIRST_ID,
    )
    return page(rows, limit, "name", "id")


def segments() -> list[str]:
    """The segments in use."""
    return [row[0] for row in sql.rows("segments")]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A customer's account."""

    head: Any
    addresses: Sequence[Any]
    contacts: Sequence[Any]
    owes: Sequence[Any]
    on_account: Sequence[Any]
    orders: Sequence[Any]
    measures: dict[UUID, dict[str, Any]]


def customer_page(number: str, *, today: date) -> CustomerPage | None:
    """A customer with addresses, contacts, what is owed, and the newest orders."""
    head = sql.records("customer_by_number", number=number)
    if not head:
        return None
    party = head[0].id
    newest = list_orders(OrderFilter(customer_number=number), limit=10).rows
    return CustomerPage(
        head[0],
        sql.records("customer_addresses", party=party),
        sql.records("customer_contacts", party=party),
        sql.records("customer_owes", party=party, today=today),
        sql.records("customer_on_account", party=party),
        newest,
        measures([row.id for row in newest]),
    )


def payment_terms() -> list[Any]:
    """Codes and names of payment terms."""
    return sql.records("terms")
