"""Reads of the catalog. `items_by_sku` and `items` answer every order in one statement."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.catalog.models import Brand
from auftakt.catalog.rules import base_quantity, gtin_check_digit, gtin_is_valid, needed
from auftakt.catalog.types import (
    BillFacts,
    BillLineFacts,
    BillNode,
    BrandFacts,
    CategoryFacts,
    ItemCard,
    ItemFacts,
    ItemFilter,
    ItemFound,
    RelatedItem,
    UnitFacts,
)
from auftakt.platform.sql import Statements

__all__ = [
    "base_quantity",
    "bill_edges",
    "bills",
    "brands",
    "categories",
    "explode",
    "gtin_check_digit",
    "gtin_is_valid",
    "item_cards",
    "item_names",
    "items",
    "items_by_sku",
    "list_bills",
    "list_items",
    "needed",
    "relations",
    "search_items",
    "skus_by_gtin",
    "units",
    "where_used",
]

sql = Statements("auftakt.catalog")
_ONE = Decimal(1)


def _facts(row: Sequence[Any]) -> ItemFacts:
    (
        key, sku, name, kind, state, unit, decimals, weight_kg, tax_category, path,
        codes, factors, finenesses, part_ids, part_skus, quantities, tracking, shelf_life_days,
    ) = row  # fmt: skip
    unit_factors, unit_decimals = {unit: _ONE}, {unit: decimals}
    if codes is not None:
        unit_factors |= zip(codes, factors, strict=True)
        unit_decimals |= zip(codes, finenesses, strict=True)
    return ItemFacts(
        key, sku, name, kind, state, unit, decimals, unit_factors, unit_decimals, weight_kg, tax_category,
        () if path is None else tuple(path),
        () if part_ids is None else tuple(zip(part_ids, part_skus, quantities, strict=True)),
        tracking, shelf_life_days,
    )  # fmt: skip


def items_by_sku(skus: Iterable[str]) -> dict[str, ItemFacts]:
    """Items by sku; unknown skus are left out. One statement."""
    return {row[1]: _facts(row) for row in sql.rows("read_items", skus=list(set(skus)), ids=[])}


def items(ids: Iterable[UUID]) -> dict[UUID, ItemFacts]:
    """Items by id; unknown ids are left out. One statement."""
    return {row[0]: _facts(row) for row in sql.rows("read_items", skus=[], ids=list(set(ids)))}


def skus_by_gtin(gtins: Iterable[str]) -> dict[str, str]:
    """The skus of items by GTIN; unknown ones are left out. One statement, none when nothing is asked."""
    wanted = sorted(set(gtins))
    return dict(sql.rows("gtin_holders", gtins=wanted)) if wanted else {}


def item_names(ids: Iterable[UUID], language: str) -> dict[UUID, str]:
    """The items' names in a language (de-AT falls back to de, then to the item's own name)."""
    return dict(sql.rows("read_names", ids=list(set(ids)), language=language))


def relations(ids: Iterable[UUID]) -> dict[UUID, list[RelatedItem]]:
    """Related items by item, by kind and rank; an item without any is left out."""
    found: dict[UUID, list[RelatedItem]] = {}
    for row in sql.rows("read_relations", ids=list(set(ids))):
        found.setdefault(row[0], []).append(RelatedItem(*row))
    return found


def units() -> dict[str, UnitFacts]:
    """Every unit of measure by code."""
    return {row[0]: UnitFacts(*row) for row in sql.rows("read_units")}


def categories() -> list[CategoryFacts]:
    """The whole category tree, parents before children."""
    return [CategoryFacts(*row[:4], tuple(row[4])) for row in sql.rows("read_categories")]


def brands() -> dict[str, BrandFacts]:
    """Every brand by code."""
    return {row.code: BrandFacts(row.id, row.code, row.name) for row in Brand.objects.order_by("code")}


def _like(text: str, *, anywhere: bool) -> str:
    plain = text.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{plain}%" if anywhere else f"{plain}%"


def search_items(text: str, limit: int = 20) -> list[ItemFound]:
    """Items whose sku begins with `text`, whose name holds it, or whose GTIN it is; what is sold today first."""
    if not text.strip():
        return []
    rows = sql.rows(
        "search_items",
        text=text.strip(), begins=_like(text, anywhere=False), holds=_like(text, anywhere=True), limit=limit,
    )  # fmt: skip
    return [ItemFound(*row) for row in rows]


def _cards(rows: list[tuple[Any, ...]]) -> list[ItemCard]:
    ids = [row[0] for row in rows]
    factors: dict[UUID, dict[str, Decimal]] = {row[0]: {row[8]: _ONE} for row in rows}
    for item_id, unit, factor in sql.rows("stored_units", ids=ids):
        factors[item_id][unit] = factor
    parts: dict[UUID, list[tuple[str, Decimal]]] = {}
    for kit_id, sku, quantity in sql.rows("card_components", ids=ids):
        parts.setdefault(kit_id, []).append((sku, quantity))
    texts: dict[UUID, dict[str, tuple[str, str]]] = {}
    for item_id, language, name, description in sql.rows("stored_translations", ids=ids):
        texts.setdefault(item_id, {})[language] = (name, description)
    return [ItemCard(*row, factors[row[0]], tuple(parts.get(row[0], ())), texts.get(row[0], {})) for row in rows]


def list_items(wanted: ItemFilter | None = None, *, after: str = "", limit: int = 50) -> list[ItemCard]:
    """One page of items by sku, those behind the sku `after`."""
    asked = wanted or ItemFilter()
    holds = _like(asked.text, anywhere=True) if asked.text.strip() else ""
    return _cards(
        sql.rows(
            "list_items",
            after=after, holds=holds, kind=asked.kind, state=asked.state, brand=asked.brand, category=asked.category,
            limit=limit,
        )
    )  # fmt: skip


def item_cards(ids: Iterable[UUID]) -> dict[UUID, ItemCard]:
    """Everything known of items, by id."""
    return {card.id: card for card in _cards(sql.rows("read_cards", ids=list(set(ids))))}


def bills(item_ids: Iterable[UUID]) -> dict[UUID, list[BillFacts]]:
    """The bills of items, that for everywhere first, then by plant; an item without one is left out."""
    wanted = list(set(item_ids))
    return _bills(sql.rows("read_bills", items=wanted))


def _bills(heads: Sequence[tuple[Any, ...]]) -> dict[UUID, list[BillFacts]]:
    lines: dict[UUID, list[BillLineFacts]] = {}
    for bill_id, *row in sql.rows("read_bill_lines", bills=[head[0] for head in heads]):
        lines.setdefault(bill_id, []).append(BillLineFacts(*row))
    found: dict[UUID, list[BillFacts]] = {}
    for head in heads:
        found.setdefault(head[1], []).append(BillFacts(*head, tuple(lines.get(head[0], ()))))
    return found


def list_bills(after: tuple[str, str] = ("", ""), limit: int = 50) -> list[BillFacts]:
    """A page of bills by sku and plant, those behind a position."""
    found = _bills(sql.rows("list_bills", sku=after[0], plant=after[1], limit=limit))
    return [bill for each in found.values() for bill in each]


def explode(wishes: Sequence[tuple[UUID, Decimal]], *, on: date, plant: str = "") -> list[BillNode]:
    """Items and quantities with all that goes into them on a day, level below level, as trees in depth-first order.

    Where a plant has a bill of its own for an item, that one counts. One statement.
    """
    rows = sql.rows(
        "explode_bills",
        items=[item for item, _ in wishes],
        quantities=[quantity for _, quantity in wishes],
        on=on,
        plant=plant,
    )
    return [BillNode(*row) for row in rows]


def bill_edges(on: date) -> list[tuple[UUID, str, UUID, Decimal]]:
    """All that goes into anything on a day, one level deep: item, plant ("" everywhere), component, quantity for one
    with scrap. For those who explode in memory."""
    return sql.rows("bill_edges", on=on)  # type: ignore[return-value]


def where_used(item_ids: Iterable[UUID], on: date) -> dict[UUID, list[tuple[UUID, str, str, str, Decimal]]]:
    """What items go into on a day, one level up: (item, sku, name, plant, quantity for one), by sku."""
    found: dict[UUID, list[tuple[UUID, str, str, str, Decimal]]] = {}
    for component, *row in sql.rows("where_used", items=list(set(item_ids)), on=on):
        found.setdefault(component, []).append(tuple(row))
    return found
