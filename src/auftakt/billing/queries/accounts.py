"""Customers' accounts over a period, and postings for whoever keeps the books."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.billing.queries.reads import letterhead, paper_language, recipient, sql
from auftakt.billing.types import AccountRow, AccountStatement, PostingFacts, PrintSheet

_FILE_PAGE = 5000


def account_statements(customer_id: UUID, from_on: date, until_on: date) -> list[AccountStatement]:
    """A customer's account over a period, one statement for each currency it moved in; empty for no customer."""
    heads = sql.records("read_account_head", customer_id=customer_id)
    if not heads:
        return []
    period = {"customer_id": customer_id, "from_on": from_on}
    opening = dict(sql.rows("read_account_opening", **period))
    moved: dict[str, list[Any]] = {currency: [] for currency, amount in opening.items() if amount}
    for row in sql.records("read_account_rows", **period, until_on=until_on):
        moved.setdefault(row.currency, []).append(row)
    return [
        AccountStatement(
            customer_id, heads[0].number, heads[0].name, currency, from_on, until_on,
            opening.get(currency, Decimal(0)), tuple(_running(opening.get(currency, Decimal(0)), rows)),
        )
        for currency, rows in sorted(moved.items())
    ]  # fmt: skip


def _running(balance: Decimal, rows: list[Any]) -> Iterator[AccountRow]:
    for row in rows:
        balance += row.amount
        yield AccountRow(
            row.on_day, row.kind, row.id, row.number, row.order_number, row.due_on, row.amount, balance
        )  # fmt: skip


def account_document(customer_id: UUID, currency: str, from_on: date, until_on: date) -> PrintSheet | None:
    """What the template `account_statement` needs; None for no such customer."""
    heads = sql.records("read_account_head", customer_id=customer_id)
    if not heads or not heads[0].seller_name:
        return None
    head = heads[0]
    found = {each.currency: each for each in account_statements(customer_id, from_on, until_on)}
    statement = found.get(currency) or AccountStatement(
        customer_id, head.number, head.name, currency, from_on, until_on, Decimal(0), ()
    )
    address = recipient(head) | {"name": head.address_name or head.name}
    data: dict[str, Any] = {
        "number": head.number,
        "issued_on": until_on,
        "currency": currency,
        "seller": letterhead(head),
        "recipient": address,
        "customer_number": head.number,
        "from_on": from_on,
        "until_on": until_on,
        "opening": statement.opening,
        "closing": statement.closing,
        "movements": [
            {
                "on": row.on,
                "kind": row.kind,
                "number": row.number,
                "due_on": row.due_on,
                "amount": row.amount,
                "balance": row.balance,
            }
            for row in statement.rows
        ],
    }
    return PrintSheet("account_statement", paper_language(head.language), data)


def postings(
    from_on: date,
    until_on: date,
    *,
    account: str = "",
    after: tuple[date, UUID] | None = None,
    limit: int = 100,
) -> list[PostingFacts]:
    """Postings of a period in the order posted; `after` is the (posted_on, id) of the last one seen."""
    rows = sql.rows(
        "list_postings",
        from_on=from_on,
        until_on=until_on,
        account=account,
        after_on=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=limit,
    )
    return [PostingFacts(*row) for row in rows]


def all_postings(from_on: date, until_on: date, account: str = "") -> Iterator[PostingFacts]:
    """Every posting of a period, read page by page, for a file of any length."""
    after: tuple[date, UUID] | None = None
    while rows := postings(from_on, until_on, account=account, after=after, limit=_FILE_PAGE):
        yield from rows
        after = (rows[-1].posted_on, rows[-1].id)


def posting_sums(from_on: date, until_on: date) -> list[Any]:
    """What a period's postings come to: account, currency, debit, credit, balance, postings."""
    return sql.records("sum_postings", from_on=from_on, until_on=until_on)
