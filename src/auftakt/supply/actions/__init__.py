"""Verbs of supply: the only writers of purchase orders, transfers, suppliers' terms, and what we make ourselves."""

from auftakt.supply.actions.agreeing import (
    acknowledge_purchases,
    approve_purchases,
    save_approval_limits,
    send_purchases,
)
from auftakt.supply.actions.assigning import (
    assign_sourcing,
    unassign_sourcing,
)
from auftakt.supply.actions.bills import (
    save_bills,
)
from auftakt.supply.actions.capacity import (
    save_resources,
    save_routings,
)
from auftakt.supply.actions.changes import (
    book_receipts,
    cancel,
    close,
    reschedule,
)
from auftakt.supply.actions.holding import (
    hold_purchases,
    hold_transfers,
)
from auftakt.supply.actions.inspecting import (
    book_inspections,
)
from auftakt.supply.actions.making import (
    cancel_work,
    close_work,
    finish_work,
    reschedule_work,
    start_work,
)
from auftakt.supply.actions.placing import (
    order_purchases,
)
from auftakt.supply.actions.planning import (
    plan_work,
)
from auftakt.supply.actions.policies import (
    save_policies,
    save_replenishment_limits,
    save_supplier_terms,
)
from auftakt.supply.actions.proposals import (
    approve_proposals,
    reject_proposals,
)
from auftakt.supply.actions.releasing import (
    release_work,
)
from auftakt.supply.actions.replenish import (
    REPLENISH,
    run_replenishment,
)
from auftakt.supply.actions.sourcing import (
    discard_sourcing,
    publish_sourcing,
    retire_sourcing,
    save_sourcing_drafts,
)
from auftakt.supply.actions.terms import (
    save_supplier_items,
)
from auftakt.supply.actions.transfers import (
    book_transfer_receipts,
    cancel_transfers,
    order_transfers,
    place_transfers,
    ship_transfers,
    write_off_transfers,
)

__all__ = [
    "REPLENISH",
    "acknowledge_purchases",
    "approve_proposals",
    "approve_purchases",
    "assign_sourcing",
    "book_inspections",
    "book_receipts",
    "book_transfer_receipts",
    "cancel",
    "cancel_transfers",
    "cancel_work",
    "close",
    "close_work",
    "discard_sourcing",
    "finish_work",
    "hold_purchases",
    "hold_transfers",
    "order_purchases",
    "order_transfers",
    "place_transfers",
    "plan_work",
    "publish_sourcing",
    "reject_proposals",
    "release_work",
    "reschedule",
    "reschedule_work",
    "retire_sourcing",
    "run_replenishment",
    "save_approval_limits",
    "save_bills",
    "save_policies",
    "save_replenishment_limits",
    "save_resources",
    "save_routings",
    "save_sourcing_drafts",
    "save_supplier_items",
    "save_supplier_terms",
    "send_purchases",
    "ship_transfers",
    "start_work",
    "unassign_sourcing",
    "write_off_transfers",
]
