"""Numbers of customers: drawn from a range where none is given; the range stays ahead of those that are."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auftakt.parties import queries, rules
from auftakt.parties.queries import sql
from auftakt.parties.types import CUSTOMER_NUMBERS, PartyDraft
from auftakt.platform.sequences import as_written, numbers, pass_by


def numbered(drafts: Sequence[PartyDraft], terms: set[str]) -> Sequence[PartyDraft]:
    """Drafts in which each new customer without a number has the next of the range.

    A draft that cannot be saved anyway draws none.
    """
    bare = [
        index
        for index, draft in enumerate(drafts)
        if draft.is_customer
        and not draft.number.strip()
        and not rules.normal_party(replace(draft, number=CUSTOMER_NUMBERS.prefix), terms)[1]
    ]
    if not bare:
        return drafts
    filled = list(drafts)
    for index, number in zip(bare, _drawn(len(bare)), strict=True):
        filled[index] = replace(filled[index], number=number)
    return filled


def _drawn(count: int) -> list[str]:
    """The next numbers; when one of them is in use already, those behind the highest in use."""
    found = [number for _count, number in numbers(CUSTOMER_NUMBERS, count)]
    if sql.rows("numbers_in_use", numbers=found):
        pass_by(CUSTOMER_NUMBERS, queries.highest_count(as_written([CUSTOMER_NUMBERS])[CUSTOMER_NUMBERS.name]))
        found = [number for _count, number in numbers(CUSTOMER_NUMBERS, count)]
    return found


def stay_ahead(given: Iterable[str]) -> None:
    """Let the range go on behind numbers of its form that were given by hand."""
    fresh = list(given)
    if not fresh:
        return
    prefix = as_written([CUSTOMER_NUMBERS])[CUSTOMER_NUMBERS.name].prefix
    counts = [
        int(rest)
        for number in fresh
        if number.startswith(prefix) and (rest := number[len(prefix) :]).isascii() and rest.isdecimal()
        if len(rest) <= queries.MOST_COUNT
    ]
    if counts:
        pass_by(CUSTOMER_NUMBERS, max(counts))
