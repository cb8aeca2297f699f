"""What money that came in is probably for: by the numbers the payer wrote, by amount, by age."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate
from uuid import UUID

from auftakt.billing.rules.amounts import NOTHING, allocate
from auftakt.billing.types.settling import Hint, OpenItem, Proposal, Share

_WORD = re.compile(r"[0-9A-Z]+")
_LONGEST = 5  # parts of a number that a bank may have torn apart: AUF CN 2026 000007
_MOST = 200  # words of a text that are looked at


def bare(number: str) -> str:
    """A number as it is compared: letters and digits only, in capitals."""
    return "".join(_WORD.findall(number.upper()))


def numbers_in(text: str) -> dict[str, str]:
    """Everything in a text that could be a number of ours: as compared -> as we would write it, with hyphens.

    Banks tear numbers apart, or leave their hyphens out; so neighbouring words are also tried together.
    """
    words = _WORD.findall(text.upper())[:_MOST]
    found: dict[str, str] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
            part = words[start:end]
            if any(char.isdigit() for word in part for char in word):
                found.setdefault("".join(part), "-".join(part))
    return {key: written for key, written in found.items() if 3 <= len(key) <= 64}


@dataclass(frozen=True, slots=True)
class Known:
    """What was looked up for one receipt: open items named in its text, of orders named there, of its customer, or of
    just its amount. `customers` are those it may come from, the likeliest first, each with why."""

    by_invoice: Sequence[OpenItem] = ()
    by_order: Sequence[OpenItem] = ()
    by_amount: Sequence[OpenItem] = ()
    of_customer: Mapping[UUID, Sequence[OpenItem]] = field(default_factory=dict[UUID, Sequence[OpenItem]])
    customers: Sequence[tuple[UUID, str, str, str]] = ()


def propose(hint: Hint, known: Known) -> Proposal:
    """What the money is for: invoices it names, else orders it names, else what fits the amount, else the oldest.

    Sure is only what names its invoices or orders and pays them to the cent, or what a customer known by number or
    account owes just so.
    """
    for items, reason in ((known.by_invoice, "invoice_number"), (known.by_order, "order_number")):
        mine = _of_one_customer(items, hint)
        if mine:
            fits = sum((item.open_amount for item in mine), NOTHING) == hint.amount
            reasons = (reason, "exact_amount") if fits else (reason,)
            return _proposal(mine, allocate(hint.amount, _opens(mine)), reasons, is_sure=fits)
    for customer_id, number, name, why in known.customers:
        if hint.customer_id in (None, customer_id):
            items = [each for each in known.of_customer.get(customer_id, ()) if each.currency == hint.currency]
            shares, reasons, fits = _of_account(items, hint.amount)
            is_sure = fits and why != "payer_name"  # a name is no proof of who paid
            return Proposal(customer_id, number, name, shares, (*reasons, why) if why else reasons, is_sure=is_sure)
    same = [item for item in known.by_amount if item.currency == hint.currency]
    if len(same) == 1:
        return _proposal(same, (Share(same[0].id, hint.amount),), ("only_amount",), is_sure=False)
    return Proposal()


def _of_one_customer(items: Sequence[OpenItem], hint: Hint) -> list[OpenItem]:
    """The items that one payment may settle together: one currency, one customer, one company of ours."""
    fitting = [
        item for item in items if item.currency == hint.currency and hint.customer_id in (None, item.customer_id)
    ]
    first = fitting[0] if fitting else None
    return [
        item
        for item in fitting
        if first and (item.customer_id, item.legal_entity_id) == (first.customer_id, first.legal_entity_id)
    ]


def _of_account(items: Sequence[OpenItem], amount: Decimal) -> tuple[tuple[Share, ...], tuple[str, ...], bool]:
    """What of a customer's open items, the longest due first, fits the amount; and whether it fits just so."""
    same = [item for item in items if item.open_amount == amount]
    if same:
        return (Share(same[0].id, amount),), ("exact_amount",), len(same) == 1
    mine = [item for item in items if item.legal_entity_id == items[0].legal_entity_id]
    sums = list(accumulate(item.open_amount for item in mine))
    shares = allocate(amount, _opens(mine))
    if amount in sums and len(sums) > 1:
        is_all = amount == sums[-1]
        return shares, ("whole_account" if is_all else "oldest_fit",), is_all
    return shares, ("oldest_first",) if shares else ("nothing_open",), False


def _opens(items: Sequence[OpenItem]) -> list[tuple[UUID, Decimal]]:
    return [(item.id, item.open_amount) for item in items]


def _proposal(
    items: Sequence[OpenItem], shares: tuple[Share, ...], reasons: tuple[str, ...], *, is_sure: bool
) -> Proposal:
    first = items[0]
    return Proposal(
        first.customer_id, first.customer_number, first.customer_name, shares, reasons, is_sure=is_sure
    )  # fmt: skip
