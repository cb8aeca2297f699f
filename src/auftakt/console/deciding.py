"""Deciding on a page that others may have overtaken: numbers typed for lines, one verb, whole or not at all."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from auftakt.console import formats
from auftakt.console.outcomes import ids, said
from auftakt.orders.types import LostPromise, SupplyCut
from auftakt.platform.turns import take_turn
from auftakt.values import Outcome


class Typed(NamedTuple):
    """Numbers typed for lines, and what is wrong with them."""

    values: dict[UUID, Decimal]
    faults: list[str]


def typed(request: HttpRequest, name: str) -> Typed:
    """The numbers of one field of every line; empty ones are left out."""
    values: dict[UUID, Decimal] = {}
    faults: list[str] = []
    for key, text in zip(ids(request.POST.getlist("line")), request.POST.getlist(name), strict=False):
        number = formats.parse_number(text.strip()) if text.strip() else None
        if text.strip() and number is None:
            faults.append(_("“%(text)s” is not a number. Nothing was booked.") % {"text": text.strip()[:40]})
        elif number is not None:
            values[key] = number
    return Typed(values, faults)


def tell_cut(request: HttpRequest, cuts: Iterable[SupplyCut]) -> None:
    """Name the orders that lost a promise, and what became of it."""
    tell_lost(request, [each for cut in cuts for each in cut.lost])


def tell_lost(request: HttpRequest, lost: Sequence[LostPromise]) -> None:
    """Name the orders that lost a promise, and what became of it."""
    if not lost:
        return
    waits = dict.fromkeys(each.order_number for each in lost if each.ship_on is None)
    moved = dict.fromkeys(each.order_number for each in lost if each.ship_on is not None)
    if waits:
        text = _("These orders lost their supply and wait for more: %(orders)s")
        messages.warning(request, text % {"orders": ", ".join(waits)})
    if moved:
        text = _("These orders lost their supply and were promised anew: %(orders)s")
        messages.warning(request, text % {"orders": ", ".join(moved)})


class Shown(NamedTuple):
    """What a page showed: whose turn it takes to change it, how that stands by now (compared with the field `seen`),
    and what to say when it stands otherwise."""

    turn: str
    stands: Callable[[], str]
    changed: str


def decide(
    request: HttpRequest, page: Shown, faults: Sequence[str], verb: Callable[[], Outcome[Any]], done: str
) -> None:  # fmt: skip
    """Do one thing with what a page showed, whole or not at all, and tell what became of it: also of the orders that
    lost a promise by it."""
    problems = list(faults)
    if not problems:
        with transaction.atomic():
            take_turn(page.turn)
            if request.POST.get("seen", "") != page.stands():
                problems = [page.changed]
            else:
                outcome = verb()
                problems = said(outcome.refused)
                if problems:
                    transaction.set_rollback(True)
                else:
                    messages.success(request, done)
                    tell_cut(request, (each for each in outcome.done if isinstance(each, SupplyCut)))
    for text in problems:
        messages.error(request, text)
