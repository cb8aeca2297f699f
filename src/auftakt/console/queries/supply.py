"""Purchase orders, transfers and suppliers' terms as their lists ask for them."""

from typing import Any

from auftakt.console.paging import Page
from auftakt.console.queries.billing import today
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked, patterns


def purchase_list(asked: Asked) -> Page:
    """Purchase orders."""
    return asked.page(sql, "purchase_rows", today=today())


def transfer_list(asked: Asked) -> Page:
    """Transfers between sites."""
    return asked.page(sql, "transfer_rows", today=today())


def supplier_item_list(asked: Asked) -> Page:
    """Suppliers' terms for items."""
    return asked.page(sql, "supplier_item_rows", today=today())


def supplier_options(typed: str) -> list[Any]:
    """Suppliers whose number or name fits what is typed."""
    found = patterns(typed)
    return sql.records("supplier_options", start=found["start"], like=found["like"])
