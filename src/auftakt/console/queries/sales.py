"""What sales sees beside an order in the making: the customer's account, last prices, what goes instead or with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from auftakt.console.queries.statements import sql

SUGGESTED = 4


@dataclass(frozen=True, slots=True)
class Account:
    """A customer as the margin of an order shows it."""

    head: Any
    open: Any
    orders: list[Any]
    owes: list[Any]
    notes: list[Any]


def account(party: UUID, *, today: date) -> Account | None:
    """Open orders, credit, what is owed, and notes. Five statements."""
    head = sql.records("account_head", party=party)
    if not head:
        return None
    return Account(
        head[0],
        sql.records("account_open", party=party),
        sql.records("account_orders", party=party),
        sql.records("customer_owes", party=party, today=today),
        notes(party),
    )


def notes(party: UUID, limit: int = 20) -> list[Any]:
    """What was noted about a customer, the newest first."""
    return sql.records("party_notes", party=party, limit=limit)


def last_prices(party: UUID, skus: Iterable[str], each: int = 1) -> dict[str, list[Any]]:
    """What a customer paid for items the last times, by sku, the newest first. One statement."""
    found: dict[str, list[Any]] = {}
    for row in sql.records("last_prices", party=party, skus=sorted(set(skus)), each=each):
        found.setdefault(row.sku, []).append(row)
    return found


def suggestions(item: UUID) -> list[Any]:
    """Active items that go instead of an item or with it, by kind and rank: a few of each kind."""
    return sql.records("suggestions", item=item, many=SUGGESTED)


def prices_paid(party: UUID, limit: int = 12) -> list[Any]:
    """The items that a customer bought last, with what was paid for one."""
    return sql.records("prices_paid", party=party, limit=limit)


def open_invoices(party: UUID, *, today: date, limit: int = 8) -> list[Any]:
    """Invoices of a customer that are not wholly paid, the first due first."""
    return sql.records("open_invoices", party=party, today=today, limit=limit)
