"""Tables of supply, by theme."""

from auftakt.supply.models.purchasing import ApprovalLimit, PurchaseOrder, PurchaseOrderLine
from auftakt.supply.models.terms import SupplierItem, SupplierPrice
from auftakt.supply.models.transfers import TransferOrder, TransferOrderLine

__all__ = [
    "ApprovalLimit",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "SupplierItem",
    "SupplierPrice",
    "TransferOrder",
    "TransferOrderLine",
]
