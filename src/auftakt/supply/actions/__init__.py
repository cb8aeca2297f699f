"""Verbs of supply: the only writers of purchase orders."""

from auftakt.supply.actions.bills import save_bills
from auftakt.supply.actions.changes import book_receipts, cancel, close, reschedule
from auftakt.supply.actions.placing import order_purchases

__all__ = ["book_receipts", "cancel", "close", "order_purchases", "reschedule", "save_bills"]
