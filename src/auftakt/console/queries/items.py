"""Items, and everything about one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from auftakt.catalog.queries import item_names
from auftakt.console.queries.statements import language, sql


@dataclass(frozen=True, slots=True)
class ItemPage:
    """An item with its stock, supply, moves, holders and prices."""

    head: Any
    units: Sequence[Any]
    components: Sequence[Any]
    relations: Sequence[Any]
    prices: Sequence[Any]
    stock: Sequence[Any]
    buckets: Sequence[Any]
    supply: Sequence[Any]
    moves: Sequence[Any]
    holders: Sequence[Any]
    reserved: Sequence[Any]
    past: Sequence[Any]


def item_name(item: UUID) -> str:
    """An item's name in the language of the page."""
    return item_names([item], language())[item]


def item_page(sku: str, *, past_at: datetime | None) -> ItemPage | None:
    """Everything about one item; with `past_at` also its stock at that instant."""
    head = sql.records("item_by_sku", sku=sku)
    if not head:
        return None
    item = head[0].id
    named = {
        name: sql.records(f"item_{name}", item=item)
        for name in ("units", "components", "relations", "prices", "stock", "buckets", "supply", "holders", "reserved")
    }
    past = sql.records("item_stock_at", item=item, instant=past_at) if past_at else []
    return ItemPage(head=head[0], moves=sql.records("item_moves", item=item, limit=40), past=past, **named)
