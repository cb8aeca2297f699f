"""Pure decisions of billing: amounts, numbers, postings; when to remind; what money is for; what bank files say."""

from auftakt.billing.rules.amounts import (
    NOTHING,
    SETTLING_TIME,
    allocate,
    allocation_sides,
    credit_sides,
    due_on,
    invoice_sides,
    money_account,
    paper_number,
    paper_numbers,
    piece_amounts,
    receipt_sides,
    refund_sides,
    take_back,
    tax_summary,
    with_piece,
)
from auftakt.billing.rules.dunning import LAST_LEVEL, dunning_level, next_level
from auftakt.billing.rules.matching import Known, bare, numbers_in, propose
from auftakt.billing.types import DUNNING_DAYS, REMINDER_DAYS
from auftakt.values import round_money

__all__ = [
    "DUNNING_DAYS",
    "LAST_LEVEL",
    "NOTHING",
    "REMINDER_DAYS",
    "SETTLING_TIME",
    "Known",
    "allocate",
    "allocation_sides",
    "bare",
    "credit_sides",
    "due_on",
    "dunning_level",
    "invoice_sides",
    "money_account",
    "next_level",
    "numbers_in",
    "paper_number",
    "paper_numbers",
    "piece_amounts",
    "propose",
    "receipt_sides",
    "refund_sides",
    "round_money",
    "take_back",
    "tax_summary",
    "with_piece",
]
