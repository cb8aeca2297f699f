"""Tables of supply, by theme."""

from auftakt.supply.models.making import (
    CapacityLoad,
    Resource,
    ResourceDay,
    Routing,
    RoutingOperation,
    Shift,
    WorkOrder,
    WorkOrderComponent,
    WorkOrderOperation,
)
from auftakt.supply.models.purchasing import (
    ApprovalLimit,
    PurchaseOrder,
    PurchaseOrderLine,
)
from auftakt.supply.models.replenish import (
    Proposal,
    ReplenishmentLimit,
    ReplenishmentPolicy,
    ReplenishmentRun,
    SupplierTerms,
)
from auftakt.supply.models.sourcing import (
    SourcingAssignment,
    SourcingMark,
    SourcingRule,
    SourcingSource,
    SourcingVersion,
)
from auftakt.supply.models.terms import (
    SupplierItem,
    SupplierPrice,
)
from auftakt.supply.models.transfers import (
    TransferOrder,
    TransferOrderLine,
)

__all__ = [
    "ApprovalLimit",
    "CapacityLoad",
    "Proposal",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "ReplenishmentLimit",
    "ReplenishmentPolicy",
    "ReplenishmentRun",
    "Resource",
    "ResourceDay",
    "Routing",
    "RoutingOperation",
    "Shift",
    "SourcingAssignment",
    "SourcingMark",
    "SourcingRule",
    "SourcingSource",
    "SourcingVersion",
    "SupplierItem",
    "SupplierPrice",
    "SupplierTerms",
    "TransferOrder",
    "TransferOrderLine",
    "WorkOrder",
    "WorkOrderComponent",
    "WorkOrderOperation",
]
