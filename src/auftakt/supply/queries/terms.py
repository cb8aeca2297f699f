"""Reads of suppliers' terms."""

from collections.abc import Iterable
from uuid import UUID

from auftakt.platform.sql import Statements
from auftakt.supply.types import PriceBreak, SupplierItemFacts

sql = Statements("auftakt.supply")


def supplier_items(
    ids: Iterable[UUID] | None = None,
    *,
    item_ids: Iterable[UUID] | None = None,
    supplier_id: UUID | None = None,
    after: tuple[str, int, UUID] | None = None,
    limit: int = 10_000,
) -> list[SupplierItemFacts]:
    """Terms with their prices, by item and preference, after a position (sku, rank, id)."""
    sku, rank, key = after or (None, None, None)
    rows = sql.rows(
        "supplier_items",
        ids=None if ids is None else list(ids),
        items=None if item_ids is None else list(item_ids),
        supplier=supplier_id,
        after_sku=sku,
        after_rank=rank,
        after_id=key,
        limit=limit,
    )
    return _with_prices(rows)


def terms_of(pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], SupplierItemFacts]:
    """The terms in force of suppliers for items (supplier, item)."""
    wanted = sorted(set(pairs))
    rows = sql.rows("terms_of", suppliers=[each[0] for each in wanted], items=[each[1] for each in wanted])
    return {(each.supplier_id, each.item_id): each for each in _with_prices(rows)}


def _with_prices(rows: list[tuple]) -> list[SupplierItemFacts]:
    prices: dict[UUID, list[PriceBreak]] = {}
    for key, *price in sql.rows("supplier_prices", ids=[row[0] for row in rows]):
        prices.setdefault(key, []).append(PriceBreak(*price))
    return [SupplierItemFacts(*row, tuple(prices.get(row[0], ()))) for row in rows]
