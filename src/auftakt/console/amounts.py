"""Amounts that people type, and the invoices they tick for money that came in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from auftakt.billing.types import OpenItem, Share
from auftakt.console import formats
from auftakt.console.outcomes import ids
from auftakt.values import round_money

_GREATEST = Decimal(10) ** 12
TICK = "settle"


def typed(text: str) -> Decimal | None:
    """An amount in the user's notation; None for what is none or fits no column."""
    value = formats.parse_number(text[:40])
    return value if value is not None and abs(value) < _GREATEST else None


@dataclass(frozen=True, slots=True)
class Choice:
    """An open item as the form offers it: ticked or not, with the amount that goes to it."""

    item: OpenItem
    ticked: bool
    text: str
    problem: str = ""
    days: int = 0


def proposed(items: Sequence[OpenItem], shares: Sequence[Share], today: Any) -> list[Choice]:
    """Open items with what is proposed for them ticked, these first."""
    amounts = {share.invoice_id: share.amount for share in shares}
    choices = [
        Choice(
            item, item.id in amounts, formats.plain_amount(amounts.get(item.id, item.open_amount), item.currency),
            days=(today - item.due_on).days,
        )
        for item in items
    ]  # fmt: skip
    return sorted(choices, key=lambda choice: not choice.ticked)


def chosen(form: QueryDict, items: Mapping[UUID, OpenItem]) -> tuple[tuple[Share, ...], list[str]]:
    """The invoices ticked in a form with their amounts, and what is wrong with what was typed."""
    shares: list[Share] = []
    problems: list[str] = []
    for key in dict.fromkeys(ids(form.getlist(TICK))):
        text = form.get(f"amount-{key}", "")
        item = items.get(key)
        if item is None:
            problems.append(_("One of the invoices is not open any more: look again."))
            continue
        amount = typed(text) if text.strip() else item.open_amount
        if amount is None or amount <= 0 or round_money(amount, item.currency) != amount:
            told = {"text": text.strip()[:40], "number": item.number}
            problems.append(_("“%(text)s” is no amount for %(number)s.") % told)
        else:
            shares.append(Share(key, amount))
    return tuple(shares), problems


def kept(form: QueryDict, items: Sequence[OpenItem], today: Any) -> list[Choice]:
    """Open items as the person left them in a form that could not be saved."""
    ticked = set(ids(form.getlist(TICK)))
    return [
        Choice(
            item, item.id in ticked,
            form.get(f"amount-{item.id}", formats.plain_amount(item.open_amount, item.currency))[:40],
            days=(today - item.due_on).days,
        )
        for item in items
    ]  # fmt: skip
