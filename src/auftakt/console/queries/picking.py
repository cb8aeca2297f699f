"""Options of comboboxes."""

from typing import Any

from auftakt.console.paging import like
from auftakt.console.queries.statements import sql


def customer_options(text: str, limit: int = 12) -> list[Any]:
    """Customers for a combobox: by number, name, or words from their beginning, whatever their case and marks."""
    return sql.records("pick_customers", text=text.strip(), limit=limit)


def item_options(text: str, limit: int = 12) -> list[Any]:
    """Active items for a combobox."""
    return sql.records("pick_items", **like(text), limit=limit)


def site_options() -> list[Any]:
    """All sites by code."""
    return sql.records("sites")
