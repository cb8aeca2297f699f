"""The words every floor speaks: money, quantity, period, outcome, refusal, lifecycle. Pure Python."""

from auftakt.values.card import is_card_number
from auftakt.values.ids import new_id, new_ids
from auftakt.values.lifecycle import Lifecycle
from auftakt.values.money import Money, currency_digits, round_money, share_out
from auftakt.values.numbering import MOST_DIGITS, PREFIX, NumberRange, count_in
from auftakt.values.outcome import Finding, Outcome, Refusal, RefusedError
from auftakt.values.period import Period
from auftakt.values.quantity import Quantity, Unit, from_micro, to_micro

__all__ = [
    "MOST_DIGITS",
    "PREFIX",
    "Finding",
    "Lifecycle",
    "Money",
    "NumberRange",
    "Outcome",
    "Period",
    "Quantity",
    "Refusal",
    "RefusedError",
    "Unit",
    "count_in",
    "currency_digits",
    "from_micro",
    "is_card_number",
    "new_id",
    "new_ids",
    "round_money",
    "share_out",
    "to_micro",
]
