"""Items, units, categories, brands."""

from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import missing
from auftakt.api.pages import Cursor, Limit, Text, cut, read_cursor, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.catalog import actions, queries
from auftakt.catalog.types import (
    BrandDraft,
    BrandFacts,
    CategoryDraft,
    CategoryFacts,
    ItemCard,
    ItemDraft,
    ItemFilter,
    RelatedItem,
    UnitDraft,
    UnitFacts,
)

router = Router(tags=["catalog"])


@operation(router.get, "/items", needs="catalog.view", answers=ItemCard, page=True)
def list_items(
    caller: Caller, text: Text = "", kind: Text = "", state: Text = "", category: Text = "", brand: Text = "",
    cursor: Cursor = "", limit: Limit = 50,
) -> Page:  # fmt: skip
    """List items by SKU. `category` and `brand` are codes; a category includes those below it."""
    after = read_cursor(cursor, str) or ("",)
    rows = queries.list_items(ItemFilter(text, kind, state, category, brand), after=after[0], limit=limit + 1)
    return cut(rows, limit, lambda row: [row.sku])


@operation(router.get, "/items/{uuid:item_id}", needs="catalog.view", answers=ItemCard)
def get_item(caller: Caller, item_id: UUID) -> ItemCard:
    """Get an item with its units, components and translations."""
    found = queries.item_cards([item_id])
    if item_id not in found:
        raise missing("item", item_id)
    return found[item_id]


@operation(router.get, "/items/{uuid:item_id}/relations", needs="catalog.view", answers=RelatedItem, page=True)
def list_item_relations(caller: Caller, item_id: UUID) -> Page:
    """List what goes with an item, is better than it, or replaces it."""
    if item_id not in queries.items([item_id]):
        raise missing("item", item_id)
    return Page(queries.relations([item_id]).get(item_id, []))


saves(
    router, "/items", name="item", what="Add or change an item by its SKU.", needs="catalog.edit",
    takes=ItemDraft, verb=actions.save_items,
)  # fmt: skip


@operation(router.post, "/items/{uuid:item_id}/activate", needs="catalog.edit", answers=dict[str, str])
def activate_item(caller: Caller, item_id: UUID) -> dict[str, str]:
    """Offer an item for sale, from draft or again after phasing out."""
    single(actions.activate([item_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/items/{uuid:item_id}/phase-out", needs="catalog.edit", answers=dict[str, str])
def phase_out_item(caller: Caller, item_id: UUID) -> dict[str, str]:
    """Take an item off sale; what is ordered is still served."""
    single(actions.phase_out([item_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.get, "/units", needs="catalog.view", answers=UnitFacts, page=True)
def list_units(caller: Caller) -> Page:
    """List units of measure by code."""
    return Page(list(queries.units().values()))


saves(
    router, "/units", name="unit", what="Add or change a unit of measure by its code.", needs="catalog.edit",
    takes=UnitDraft, verb=actions.save_units, subject=lambda draft: draft.code.strip(),
)  # fmt: skip


@operation(router.get, "/categories", needs="catalog.view", answers=CategoryFacts, page=True)
def list_categories(caller: Caller) -> Page:
    """List the category tree, parents before children."""
    return Page(queries.categories())


saves(
    router, "/categories", name="category", what="Add or change a category by its code.", needs="catalog.edit",
    takes=CategoryDraft, verb=actions.save_categories, subject=lambda draft: draft.code.strip(),
)  # fmt: skip


@operation(router.get, "/brands", needs="catalog.view", answers=BrandFacts, page=True)
def list_brands(caller: Caller) -> Page:
    """List brands by code."""
    return Page(list(queries.brands().values()))


saves(
    router, "/brands", name="brand", what="Add or change a brand by its code.", needs="catalog.edit",
    takes=BrandDraft, verb=actions.save_brands, subject=lambda draft: draft.code.strip(),
)  # fmt: skip
