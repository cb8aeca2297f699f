"""The verbs of billing."""

from auftakt.billing.actions.attempts import decide_in_doubt, settle_in_doubt
from auftakt.billing.actions.bank import book_bank_lines, reopen_bank_lines, set_aside_bank_lines, take_statements
from auftakt.billing.actions.bill import bill, bill_pieces
from auftakt.billing.actions.credit import credit
from auftakt.billing.actions.dun import block_dunning, dun, lift_dunning_blocks, remind
from auftakt.billing.actions.numbers import change_numbers
from auftakt.billing.actions.papers import file_invoices, file_reminders, preview_reminder, print_account
from auftakt.billing.actions.providers import authorise, capture, collect, refund
from auftakt.billing.actions.receive import allocate, receive_payments
from auftakt.billing.actions.release import release_allocations

__all__ = [
    "allocate",
    "authorise",
    "bill",
    "bill_pieces",
    "block_dunning",
    "book_bank_lines",
    "capture",
    "change_numbers",
    "collect",
    "credit",
    "decide_in_doubt",
    "dun",
    "file_invoices",
    "file_reminders",
    "lift_dunning_blocks",
    "preview_reminder",
    "print_account",
    "receive_payments",
    "refund",
    "release_allocations",
    "remind",
    "reopen_bank_lines",
    "set_aside_bank_lines",
    "settle_in_doubt",
    "take_statements",
]
