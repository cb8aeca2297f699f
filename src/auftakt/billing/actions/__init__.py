"""The verbs of billing."""

from auftakt.billing.actions.attempts import decide_in_doubt, settle_in_doubt
from auftakt.billing.actions.bill import bill, bill_pieces
from auftakt.billing.actions.credit import credit
from auftakt.billing.actions.dun import dun, file_invoices
from auftakt.billing.actions.providers import authorise, capture, collect, refund
from auftakt.billing.actions.receive import allocate, receive_payments

__all__ = [
    "allocate",
    "authorise",
    "bill",
    "bill_pieces",
    "capture",
    "collect",
    "credit",
    "decide_in_doubt",
    "dun",
    "file_invoices",
    "receive_payments",
    "refund",
    "settle_in_doubt",
]
