"""Customers, and the account of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from auftakt.console.paging import Page
from auftakt.console.queries.orders import measures
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked
from auftakt.orders.queries import list_orders
from auftakt.orders.types import OrderFilter


def customer_list(asked: Asked) -> Page:
    """Customers as their list asks for them."""
    return asked.page(sql, "customer_rows")


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
