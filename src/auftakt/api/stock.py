"""Sites, stock, the ledger, and what moves it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router
from pydantic import AwareDatetime

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, missing
from auftakt.api.pages import Cursor, Limit, Text, cut, key_of, read_cursor, several
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.catalog import queries as catalog
from auftakt.fulfilment import queries as fulfilment
from auftakt.fulfilment.types import LotMove
from auftakt.inventory import actions, queries
from auftakt.inventory.types import (
    Adjustment,
    BucketFacts,
    CountDecision,
    CountEntry,
    CountLineFacts,
    CountListFacts,
    CountPlan,
    CountTolerance,
    LotAside,
    LotFacts,
    MoveFacts,
    Receipt,
    SiteDraft,
    SiteFacts,
    StockCount,
    StockFacts,
    Transfer,
)
from auftakt.orders import actions as orders

router = Router(tags=["stock"])


@dataclass(frozen=True, slots=True)
class PastStock:
    """What lay at a site at a past instant, in the item's base unit."""

    item_id: UUID
    sku: str
    site_code: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ReversalWish:
    """Ledger entries to be taken back by entries of their own."""

    move_ids: tuple[UUID, ...]
    note: str = ""


@operation(router.get, "/sites", needs="stock.view", answers=SiteFacts, page=True)
def list_sites(caller: Caller) -> Page:
    """List sites by code."""
    return Page(queries.sites())


saves(
    router, "/sites", name="site", what="Add or change a site by its code.", needs="stock.edit", takes=SiteDraft,
    verb=actions.save_sites, subject=lambda draft: draft.code,
)  # fmt: skip


def _site(code: str) -> UUID | None:
    if not code:
        return None
    found = queries.sites_by_code([code])
    if code not in found:
        raise Problem(422, "site_unknown", f"There is no site {code!r}.")
    return found[code].id


def _item(sku: str) -> UUID:
    found = catalog.items_by_sku([sku])
    if sku not in found:
        raise Problem(422, "item_unknown", f"There is no item {sku!r}.")
    return found[sku].id


@operation(router.get, "/stock", needs="stock.view", answers=StockFacts, page=True)
def list_stock(caller: Caller, text: Text = "", site: Text = "", cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List stock by SKU and site: on hand, promised, available, expected. `text` is part of a SKU or name."""
    after = read_cursor(cursor, str, str)
    rows = queries.list_stock(text, _site(site), after, limit + 1)  # type: ignore[arg-type]
    return cut(rows, limit, lambda row: [row.sku, row.site_code])


@operation(router.get, "/stock/at", needs="stock.view", answers=PastStock, page=True)
def list_stock_at(caller: Caller, at: Annotated[AwareDatetime, Query()], sku: Text, site: Text = "") -> Page:
    """Tell what of an item lay where at a past instant."""
    item, only = _item(sku), _site(site)
    sites = {each.id: each.code for each in queries.sites()}
    found = queries.stock_at(at, [item], [only] if only else None)
    return Page([PastStock(item, sku, sites[place], quantity) for (_, place), quantity in sorted(found.items())])


@operation(router.get, "/items/{uuid:item_id}/moves", needs="stock.view", answers=MoveFacts, page=True)
def list_moves(caller: Caller, item_id: UUID, site: Text = "", cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List the stock ledger of an item, the latest entry first."""
    if item_id not in catalog.items([item_id]):
        raise missing("item", item_id)
    before = read_cursor(cursor, datetime.fromisoformat, key_of)
    rows = queries.moves(item_id, _site(site), before, limit + 1)  # type: ignore[arg-type]
    return cut(rows, limit, lambda row: [row.at, row.id])


@operation(router.get, "/items/{uuid:item_id}/supply", needs="stock.view", answers=BucketFacts, page=True)
def list_supply(caller: Caller, item_id: UUID) -> Page:
    """List the supply of an item, on hand and expected, soonest first, and how much of it is promised."""
    if item_id not in catalog.items([item_id]):
        raise missing("item", item_id)
    return Page(queries.supply([item_id]))


saves(
    router, "/stock/receipts", name="stock_receipt", what="Put goods into stock that came without a purchase order.",
    needs="stock.edit", takes=Receipt, verb=actions.receive,
)  # fmt: skip
saves(
    router, "/stock/adjustments", name="stock_adjustment", what="Correct stock by a difference, with a reason.",
    needs="stock.edit", takes=Adjustment, verb=actions.adjust,
)  # fmt: skip
saves(
    router, "/stock/counts", name="stock_count", what="Adjust stock to what was counted.", needs="stock.edit",
    takes=StockCount, verb=actions.count,
)  # fmt: skip
saves(
    router, "/stock/count-tolerances", name="count_tolerance", needs="stock.approve", takes=CountTolerance,
    what="Say how far counts of a site may differ from the books and are still booked by themselves.",
    verb=actions.save_count_tolerances,
)  # fmt: skip
saves(
    router, "/stock/count-lists", name="count_list", needs="stock.edit", takes=CountPlan,
    what="Draw up a list of items to be counted.", verb=actions.plan_counts,
)  # fmt: skip
saves(
    router, "/stock/count-entries", name="count_entry", needs="stock.edit", takes=CountEntry, answers=dict[str, Any],
    what="Note what was counted.\n\nWithin the tolerance of the site the difference is booked, beyond it it waits for"
    " approval. The answer names the lines that lost their promise.",
    verb=orders.take_counts,
)  # fmt: skip
saves(
    router, "/stock/count-decisions", name="count_decision", needs="stock.approve", takes=CountDecision,
    answers=dict[str, Any], what="Approve a difference that waits, have it counted again, or drop it.",
    verb=orders.decide_counts,
)  # fmt: skip


@operation(router.get, "/lots", needs="stock.view", answers=LotFacts, page=True)
def list_lots(caller: Caller, item: Text = "", site: Text = "") -> Page:
    """List the lots of an item (its SKU) that lie somewhere, or in the stock of a site, those that expire first in
    front."""
    found = catalog.items_by_sku([item])
    if item not in found:
        raise Problem(422, "item_unknown", f"There is no item {item!r}.")
    return Page(queries.lots([found[item].id], _site(site)).get(found[item].id, []))


@operation(router.get, "/lots/{uuid:lot_id}/trace", needs="stock.view", answers=LotMove, page=True)
def trace_lot(caller: Caller, lot_id: UUID) -> Page:
    """List where a lot came from and whom it went to, the latest first."""
    found = fulfilment.lot_trace(lot_id)
    if not found:
        raise missing("lot", lot_id)
    return Page(found)


saves(
    router, "/lots/write-offs", name="lot_write_off", needs="stock.approve", takes=LotAside,
    what="Write off what was set aside of a lot because it expired.", verb=actions.write_off_lots,
)  # fmt: skip


@operation(router.get, "/stock/count-lists", needs="stock.view", answers=CountListFacts, page=True)
def list_count_lists(caller: Caller, site: Text = "", ended: bool = False) -> Page:
    """List count lists with something left to count, those due first in front; with `ended` all."""
    return Page(queries.count_lists(_site(site), ended=ended))


@operation(router.get, "/stock/count-lines", needs="stock.view", answers=CountLineFacts, page=True)
def list_count_lines(caller: Caller, state: Text = "open", site: Text = "") -> Page:
    """List what is to be counted, or what was: `state` is open, waiting, posted or rejected."""
    return Page(list(queries.count_lines(state=state, site_id=_site(site)).values()))


saves(
    router, "/stock/transfers", name="stock_transfer", what="Move goods from one site's stock to another's.",
    needs="stock.edit", takes=Transfer, verb=actions.transfer,
)  # fmt: skip


@operation(router.post, "/stock/reversals", needs="stock.edit",
    answers=dict[str, Any]
)  # fmt: skip
def reverse_moves(caller: Caller, body: ReversalWish) -> dict[str, object]:
    """Take ledger entries back by entries the other way round."""
    outcome = actions.reverse(body.move_ids, actor=caller.actor, at=caller.at, note=body.note)
    return several(outcome)
