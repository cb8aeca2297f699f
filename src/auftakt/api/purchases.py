"""Purchase orders: placing, receiving, rescheduling, cancelling."""

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
    InspectionVerdict,
    Purchase,
    PurchaseAcknowledgement,
    PurchaseCancellation,
    PurchaseDraft,
    PurchaseFacts,
    PurchaseReceipt,
    Rescheduling,
)

router = Router(tags=["purchasing"])
States = Annotated[
    str,
    Query(
        description="draft, approved, sent, acknowledged, part_received, received, closed or cancelled; open stands for"
        " all in which goods are expected. Several separated by commas."
    ),
]


@operation(router.get, "/purchase-orders", needs="supply.view", answers=PurchaseFacts, page=True)
def list_purchase_orders(
    caller: Caller, text: Text = "", state: States = "", supplier: Text = "", site: Text = "", cursor: Cursor = "",
    limit: Limit = 50,
) -> Page:  # fmt: skip
    """List purchase orders, the latest first. `supplier` is a number, `site` a code."""
    sites = inventory.sites_by_code([site])
    if site and site not in sites:
        raise Problem(422, "site_unknown", f"There is no site {site!r}.")
    suppliers = parties.customers_by_number([supplier]) if supplier else {}
    if supplier and supplier not in suppliers:
        raise Problem(422, "supplier_unknown", f"There is no supplier {supplier!r}.")
    before = read_cursor(cursor, int)
    rows = queries.list_purchases(
        text,
        states=state.split(",") if state else None,
        supplier_id=suppliers[supplier].id if supplier else None,
        site_id=sites[site].id if site else None,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    return cut(rows, limit, lambda row: [row.serial])


@operation(router.get, "/purchase-orders/{uuid:purchase_order_id}", needs="supply.view", answers=Purchase)
def get_purchase_order(caller: Caller, purchase_order_id: UUID) -> Purchase:
    """Get a purchase order with its lines."""
    found = queries.purchases([purchase_order_id])
    if purchase_order_id not in found:
        raise missing("purchase order", purchase_order_id)
    return found[purchase_order_id]


saves(
    router, "/purchase-orders", name="purchase_order", needs="supply.edit", takes=PurchaseDraft,
    what="Place a purchase order: as sent (decided elsewhere), approved, or a draft.\n\nUnless it is a draft, its open"
    " quantity becomes supply that can be promised.",
    verb=actions.order_purchases,
)  # fmt: skip
saves(
    router, "/purchase-receipts", name="purchase_receipt", needs="supply.edit", takes=PurchaseReceipt,
    what="Book what came in of a purchase order line; promises that waited for it move to stock on hand.",
    verb=promising.receive_purchases,
)  # fmt: skip
saves(
    router, "/purchase-reschedulings", name="purchase_rescheduling", needs="supply.edit", takes=Rescheduling,
    what="Say that what is open of a line comes on another day.", verb=actions.reschedule,
)  # fmt: skip
saves(
    router, "/purchase-acknowledgements", name="purchase_acknowledgement", needs="supply.edit",
    takes=PurchaseAcknowledgement, answers=dict[str, Any],
    what="Note what the supplier says of an order.\n\nSupply that is cut frees the promises of the lowest priority; the"
    " answer names the lines that lost theirs, and when they ship now.",
    verb=orders.acknowledge_purchases,
)  # fmt: skip
saves(
    router, "/purchase-inspections", name="purchase_inspection", needs="supply.edit", takes=InspectionVerdict,
    what="Book what an inspection found of goods in quarantine.", verb=orders.inspect_purchases,
    answers=dict[str, Any],
)  # fmt: skip
saves(
    router, "/purchase-cuts", name="purchase_cut", needs="supply.edit", takes=PurchaseCancellation,
    what="Cut what is open of a line, or part of it, also where it is promised.\n\nThe lowest priorities lose their"
    " promise and are promised anew. The answer names them.",
    verb=orders.cut_purchases, answers=dict[str, Any],
)  # fmt: skip
saves(
    router, "/purchase-cancellations", name="purchase_cancellation", needs="supply.edit",
    takes=PurchaseCancellation,
    what="Give up what is open of a line, or part of it; never what is promised.", verb=actions.cancel,
)  # fmt: skip


@operation(
    router.post, "/purchase-orders/{uuid:purchase_order_id}/approve", needs="supply.edit", answers=dict[str, str]
)
def approve_purchase_order(caller: Caller, purchase_order_id: UUID) -> dict[str, str]:
    """Approve a draft: its lines become expected supply. Beyond the limit of its currency the caller needs
    `supply.approve`."""
    beyond = caller.may("supply.approve")
    single(actions.approve_purchases([purchase_order_id], beyond_limit=beyond, actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/purchase-orders/{uuid:purchase_order_id}/send", needs="supply.edit", answers=dict[str, str])
def send_purchase_order(caller: Caller, purchase_order_id: UUID) -> dict[str, str]:
    """Note that an approved order went out to its supplier."""
    single(actions.send_purchases([purchase_order_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/purchase-orders/{uuid:purchase_order_id}/close", needs="supply.edit", answers=dict[str, str])
def close_purchase_order(caller: Caller, purchase_order_id: UUID) -> dict[str, str]:
    """Put a received purchase order away."""
    single(actions.close([purchase_order_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}
