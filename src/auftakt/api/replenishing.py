"""Terms of suppliers, approval limits, and transfers between our sites."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, missing
from auftakt.api.pages import Cursor, Limit, Text, cut, read_cursor, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.inventory import queries as inventory
from auftakt.orders import actions as orders
from auftakt.parties import queries as parties
from auftakt.promising import actions as promising
from auftakt.supply import actions, queries
from auftakt.supply.types import (
    ApprovalLimit,
    SupplierItemDraft,
    SupplierItemFacts,
    TransferCancellation,
    TransferDraft,
    TransferFacts,
    TransferLoss,
    TransferOrder,
    TransferReceipt,
)

router = Router(tags=["purchasing"])
States = Annotated[
    str, Query(description="draft, placed, shipped, part_received, received or cancelled; several separated by commas.")
]


@operation(router.get, "/supplier-items", needs="supply.view", answers=SupplierItemFacts, page=True)
def list_supplier_items(caller: Caller, supplier: Text = "", cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List suppliers' terms with their prices, by item and preference. `supplier` is a number."""
    suppliers = parties.customers_by_number([supplier]) if supplier else {}
    if supplier and supplier not in suppliers:
        raise Problem(422, "supplier_unknown", f"There is no supplier {supplier!r}.")
    after = read_cursor(cursor, str, int, UUID)
    rows = queries.supplier_items(
        supplier_id=suppliers[supplier].id if supplier else None,
        after=(after[0], after[1], after[2]) if after else None,
        limit=limit + 1,
    )
    return cut(rows, limit, lambda row: [row.sku, row.rank, row.id])


saves(
    router, "/supplier-items", name="supplier_item", needs="supply.edit", takes=SupplierItemDraft,
    what="Save a supplier's terms for an item, with all their prices.", verb=actions.save_supplier_items,
)  # fmt: skip
saves(
    router, "/approval-limits", name="approval_limit", needs="supply.approve", takes=ApprovalLimit,
    what="Say up to which value purchase orders in a currency need no special right to be approved.",
    verb=actions.save_approval_limits,
)  # fmt: skip


@operation(router.get, "/transfers", needs="supply.view", answers=TransferFacts, page=True)
def list_transfers(
    caller: Caller, text: Text = "", state: States = "", site: Text = "", cursor: Cursor = "", limit: Limit = 50
) -> Page:
    """List transfers between sites, the latest first. `site` is the code of either end."""
    sites = inventory.sites_by_code([site])
    if site and site not in sites:
        raise Problem(422, "site_unknown", f"There is no site {site!r}.")
    before = read_cursor(cursor, int)
    rows = queries.list_transfers(
        text,
        states=state.split(",") if state else None,
        site_id=sites[site].id if site else None,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    return cut(rows, limit, lambda row: [row.serial])


@operation(router.get, "/transfers/{uuid:transfer_id}", needs="supply.view", answers=TransferOrder)
def get_transfer(caller: Caller, transfer_id: UUID) -> TransferOrder:
    """Get a transfer with its lines."""
    found = queries.transfers([transfer_id])
    if transfer_id not in found:
        raise missing("transfer", transfer_id)
    return found[transfer_id]


saves(
    router, "/transfers", name="transfer", needs="supply.edit", takes=TransferDraft,
    what="Make a transfer between two sites.\n\nOnce placed it holds stock of its origin and is expected where it"
    " goes.",
    verb=actions.order_transfers,
)  # fmt: skip
saves(
    router, "/transfer-receipts", name="transfer_receipt", needs="supply.edit", takes=TransferReceipt,
    what="Book what came in of a transfer's line; promises that waited for it move to stock on hand.",
    verb=promising.receive_transfers,
)  # fmt: skip
saves(
    router, "/transfer-cuts", name="transfer_cut", needs="supply.edit", takes=TransferCancellation,
    what="Do not send what has not left yet; promises of it are lost by the lowest priorities.",
    verb=orders.cut_transfers, answers=dict[str, Any],
)  # fmt: skip
saves(
    router, "/transfer-losses", name="transfer_loss", needs="supply.edit", takes=TransferLoss,
    what="Write off what was lost on its way.", verb=orders.write_off_transfers, answers=dict[str, Any],
)  # fmt: skip


@operation(router.post, "/transfers/{uuid:transfer_id}/place", needs="supply.edit", answers=dict[str, str])
def place_transfer(caller: Caller, transfer_id: UUID) -> dict[str, str]:
    """Place a draft: the stock of its origin is held for it."""
    single(actions.place_transfers([transfer_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/transfers/{uuid:transfer_id}/ship", needs="supply.edit", answers=dict[str, str])
def ship_transfer(caller: Caller, transfer_id: UUID) -> dict[str, str]:
    """Let a placed transfer leave: its goods are in transit."""
    single(actions.ship_transfers([transfer_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}
