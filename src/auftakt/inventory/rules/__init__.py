"""Pure decisions of the inventory: which moves the stock allows, which draws fit, what arrives with a delivery."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from babel import Locale
from numpy.typing import NDArray

from auftakt.inventory.rules.counting import DECISIONS, decision_finding, plan_findings, within_tolerance
from auftakt.inventory.rules.lots import LotShelf, LotState, fefo, hold_choice, lots_findings, lots_missing
from auftakt.inventory.rules.numbers import is_sized, plain
from auftakt.inventory.types import (
    SITE_KINDS,
    BucketState,
    CalendarDraft,
    CalendarFacts,
    Movement,
    SiteDraft,
)
from auftakt.values import Finding, Refusal

__all__ = [
    "DECISIONS",
    "LotShelf",
    "LotState",
    "add_working_days",
    "arrive",
    "bin_findings",
    "calendar_findings",
    "count_findings",
    "counts_for",
    "decision_finding",
    "fefo",
    "fitting",
    "hold_choice",
    "holiday_regions",
    "is_sized",
    "lots_findings",
    "lots_missing",
    "next_working_day",
    "plain",
    "plan_findings",
    "positive",
    "public_holidays",
    "settle_moves",
    "site_findings",
    "walk_key",
    "within_tolerance",
    "working_days",
    "working_flags",
]  # fmt: skip

NOTHING = BucketState(Decimal(0), Decimal(0))
_SITE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BIN_CODE = re.compile(r"[A-Z0-9][A-Z0-9._/-]{0,23}")
_TERRITORIES = frozenset(str(code) for code in Locale("en").territories)
_COUNTRIES = frozenset(code for code in _TERRITORIES if re.fullmatch(r"[A-Z]{2}", code)) - {"EU", "UN", "EZ", "ZZ"}

Key = tuple[UUID, UUID]
"""Item and site."""


def site_findings(draft: SiteDraft) -> list[Finding]:
    """Everything wrong with a site's draft, except its time zone."""
    found: list[Finding] = []
    if not _SITE_CODE.fullmatch(draft.code):
        found.append(Finding("site_code_malformed", "a site code is letters, digits, dot, dash or underscore", "/code"))
    if not draft.name.strip():
        found.append(Finding("name_missing", "give the site a name", "/name"))
    if draft.kind not in SITE_KINDS:
        message = f"site kind {draft.kind!r} is unknown; use one of {', '.join(SITE_KINDS)}"
        found.append(Finding("site_kind_unknown", message, "/kind", {"kind": draft.kind}))
    if draft.country not in _COUNTRIES:
        message = f"country {draft.country!r} is unknown; use the two letters of ISO 3166, such as DE"
        found.append(Finding("country_unknown", message, "/country", {"country": draft.country}))
    if not 0 <= draft.processing_days <= 365:
        found.append(Finding("processing_days_out_of_range", "processing takes 0 to 365 days", "/processing_days"))
    return found


_NO_HOLIDAYS: Mapping[date, str] = {}
_HORIZON = 3660
AnyCalendar = CalendarDraft | CalendarFacts


def holiday_regions() -> dict[str, tuple[str, ...]]:
    """Countries whose public holidays are known, with the parts of them that have holidays of their own."""
    return {code: tuple(parts) for code, parts in holidays.list_supported_countries(include_aliases=False).items()}


@lru_cache(maxsize=4096)
def public_holidays(country: str, subdivision: str, year: int, language: str = "") -> Mapping[date, str]:
    """Public holidays of a year in a country or a part of it, by day, with their names."""
    if not country:
        return _NO_HOLIDAYS
    spoken = next((each for each in _languages(country) if each.partition("_")[0] == language), None)
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=[year], language=spoken)
    return {day: name for day, name in sorted(found.items()) if day.year == year}


@lru_cache(maxsize=512)
def _languages(country: str) -> tuple[str, ...]:
    return tuple(getattr(holidays.country_holidays(country, years=[]), "supported_languages", ()))


def working_flags(calendar: AnyCalendar | None, first: date, last: date) -> NDArray[np.bool_]:
    """For each day from `first` to `last`, both included, whether work is done. Without a calendar: every day."""
    count = (last - first).days + 1
    if count <= 0:
        return np.zeros(0, dtype=np.bool_)
    if calendar is None:
        return np.ones(count, dtype=np.bool_)
    week = np.array([str(day) in calendar.weekdays for day in range(1, 8)], dtype=np.bool_)
    flags = week[(np.arange(count) + first.weekday()) % 7]
    for year in range(first.year, last.year + 1):
        for day in public_holidays(calendar.country, calendar.subdivision, year):
            if first <= day <= last:
                flags[(day - first).days] = False
    for each in calendar.exceptions:
        if first <= each.day <= last:
            flags[(each.day - first).days] = each.is_working
    return flags


def working_days(calendar: AnyCalendar | None, first: date, last: date) -> list[date]:
    """The days on which work is done from `first` to `last`, both included."""
    return [first + timedelta(int(index)) for index in np.flatnonzero(working_flags(calendar, first, last))]


def next_working_day(calendar: AnyCalendar | None, day: date) -> date:
    """The first working day on or after a day."""
    return _step(calendar, day, 0, 1)


def add_working_days(calendar: AnyCalendar | None, day: date, count: int) -> date:
    """The day on which `count` working days have passed since a day, or, below zero, before it.

    From a day on which no work is done, counting begins at the next working day (backward: at the one before).
    """
    return _step(calendar, day, abs(count), -1 if count < 0 else 1)


def _step(calendar: AnyCalendar | None, day: date, count: int, way: int) -> date:
    if calendar is None:
        return day + timedelta(way * count)
    left, start = count, day
    while True:  # a window at a time; every calendar has working days
        reach = max(16, 2 * left + 16)
        ends = (start, start + timedelta(reach)) if way > 0 else (start - timedelta(reach), start)
        flags = working_flags(calendar, *ends)
        found = np.flatnonzero(flags if way > 0 else flags[::-1])
        if len(found) > left:
            return start + timedelta(way * int(found[left]))
        left -= len(found)
        start += timedelta(way * (reach + 1))
        if abs((start - day).days) > _HORIZON + 3 * count:
            raise ValueError(f"no working day within ten years of {day}")


def counts_for(calendar: AnyCalendar | None, time_zone: str, cut_off: time | None, at: datetime) -> date:
    """The working day that an order at an instant counts for: its own until the cut-off, in the site's time zone, and
    the next one after it."""
    there = at.astimezone(ZoneInfo(time_zone))
    late = cut_off is not None and there.time().replace(tzinfo=None) > cut_off
    return next_working_day(calendar, there.date() + timedelta(1 if late else 0))


def calendar_findings(draft: CalendarDraft) -> list[Finding]:
    """Everything wrong with a calendar."""
    found: list[Finding] = []
    if not _SITE_CODE.fullmatch(draft.code):
        message = "a calendar code is letters, digits, dot, dash or underscore"
        found.append(Finding("calendar_code_malformed", message, "/code"))
    if not draft.name.strip() or len(draft.name) > 200:
        found.append(Finding("name_missing", "give the calendar a name of up to 200 characters", "/name"))
    if not draft.weekdays:
        message = "a calendar needs at least one working weekday; nothing could ever be promised by it"
        found.append(Finding("calendar_without_working_day", message, "/weekdays"))
    if set(draft.weekdays) - set("1234567") or len(set(draft.weekdays)) < len(draft.weekdays):
        message = "weekdays are digits from 1 (Monday) to 7 (Sunday), each once, such as 12345"
        found.append(Finding("weekday_unknown", message, "/weekdays", {"weekdays": draft.weekdays}))
    regions = holiday_regions()
    place = f"{draft.country}-{draft.subdivision}" if draft.subdivision else draft.country
    if draft.country and draft.country not in regions:
        message = f"the public holidays of {place} are not known; leave the country empty and enter days off"
        found.append(Finding("holidays_unknown", message, "/country", {"place": place}))
    elif draft.subdivision and draft.subdivision not in regions.get(draft.country, ()):
        message = f"the public holidays of {place} are not known; choose a part of the country that is listed"
        found.append(Finding("holidays_unknown", message, "/subdivision", {"place": place}))
    return found + list(_exception_findings(draft))


def _exception_findings(draft: CalendarDraft) -> Iterable[Finding]:
    seen: set[date] = set()
    for index, each in enumerate(draft.exceptions):
        if each.day in seen:
            message = f"{each.day} is named twice; keep one"
            yield Finding("exception_repeated", message, f"/exceptions/{index}/day", {"day": str(each.day)})
        seen.add(each.day)
        if len(each.note) > 100:
            yield Finding("exception_note_too_long", "a note has up to 100 characters", f"/exceptions/{index}/note")


def positive(quantity: Decimal, place: str = "/quantity") -> Finding | None:
    """What is wrong with a quantity that must be above zero."""
    if quantity.is_finite() and quantity > 0:
        return None
    message = f"the quantity must be above zero, not {quantity}"
    return Finding("quantity_not_positive", message, place, {"quantity": str(quantity)})


def _shortage(move: Movement, held: BucketState) -> Finding | None:
    """Why the stock does not allow a move out: more than there is, or more than is not promised."""
    if move.quantity <= held.available:
        return None
    facts = {
        "sku": move.sku, "site": move.taken_from.code, "wanted": plain(move.quantity),
        "on_hand": plain(held.quantity), "promised": plain(held.drawn), "available": plain(held.available),
    }  # fmt: skip
    there = f"{move.sku} at {move.taken_from.code}: {plain(move.quantity)} wanted, {plain(held.quantity)} on hand"
    if move.quantity > held.quantity:
        return Finding("stock_insufficient", f"{there}; receive or count it first", "/quantity", facts)
    message = f"{there}, {plain(held.drawn)} of it promised; release promises first"
    return Finding("stock_promised", message, "/quantity", facts)


def _recount(move: Movement, held: BucketState) -> Finding | None:
    """Why a count does not hold any more: the books moved after its variance was shown."""
    if move.books is None or move.books == held.quantity:
        return None
    facts = {"sku": move.sku, "site": move.put_to.code, "seen": plain(move.books), "on_hand": plain(held.quantity)}
    message = (
        f"{move.sku} at {move.put_to.code}: the books said {plain(move.books)} and say {plain(held.quantity)} by now; "
        "count again"
    )
    return Finding("stock_moved", message, "/books", facts)


def count_findings(move: Movement, books: Decimal) -> list[Finding]:
    """What is wrong with a count against the books."""
    found = _told_wrong(move, BucketState(books, Decimal(0)))
    if not found and move.tracking != "none" and not move.lots and move.counted not in (0, books):
        found = [lots_missing(move.sku, move.tracking)]
    return found


def _counted(move: Movement, held: BucketState, lots: LotShelf | None) -> list[Movement]:
    """A count as the moves that bring the books to what was counted. Its places are given as for a gain; of lots both a
    gain and a loss may come of it."""
    if move.counted is None:
        return [move]
    difference = move.counted - held.quantity
    turned = replace(move, taken_from=move.put_to, put_to=move.taken_from)
    if move.tracking == "none" or lots is None or not (move.lots or move.counted == 0):
        return [replace(move, quantity=difference) if difference >= 0 else replace(turned, quantity=-difference)]
    more, less = lots.compare(move)
    parts = [(move, more), (turned, less)]
    moves = [
        replace(way, quantity=sum((lot.quantity for lot in told), Decimal(0)), lots=tuple(told))
        for way, told in parts
        if told
    ]
    return moves or [replace(move, quantity=Decimal(0), lots=())]


def settle_moves(
    movements: Sequence[Movement], balances: Mapping[Key, BucketState], lots: LotShelf | None = None
) -> tuple[list[Movement], list[Refusal], dict[Key, Decimal]]:
    """Which moves the stock allows, one after the other in input order: accepted, refused, net change by item and site.

    A count without a difference is accepted with quantity zero: nothing is to be posted for it.
    """
    running = dict(balances)
    changes: dict[Key, Decimal] = {}
    accepted: list[Movement] = []
    refused: list[Refusal] = []

    def shift(key: Key, by: Decimal) -> None:
        held = running.get(key, NOTHING)
        running[key] = BucketState(held.quantity + by, held.drawn)
        changes[key] = changes.get(key, Decimal(0)) + by

    for wanted in movements:
        counted_at = wanted.put_to.site_id
        held = running.get((wanted.item_id, counted_at), NOTHING) if counted_at else NOTHING
        findings = _told_wrong(wanted, held)
        moves = [] if findings else _counted(wanted, held, lots)
        point = lots.mark() if lots and len(moves) > 1 else None
        done: list[Movement] = []
        for move in moves:
            findings, settled = _allowed(move, running, lots)
            if findings:
                break
            if move.quantity > 0:
                if move.taken_from.site_id is not None:
                    shift((move.item_id, move.taken_from.site_id), -move.quantity)
                if move.put_to.site_id is not None:
                    shift((move.item_id, move.put_to.site_id), move.quantity)
            done.append(replace(move, settled=settled) if settled else move)
        if findings:
            refused.append(Refusal(str(wanted.index), tuple(findings)))
            for move in done:  # the first half of a count whose second half is refused
                shift((move.item_id, counted_at or UUID(int=0)), -move.quantity)
            if lots and point and done:
                lots.back_to(point)
        else:
            accepted += done
    return accepted, refused, {key: change for key, change in changes.items() if change}


def _told_wrong(wanted: Movement, held: BucketState) -> list[Finding]:
    moved = _recount(wanted, held)
    if moved:
        return [moved]
    if wanted.counted is not None and wanted.lots:
        return lots_findings(wanted.sku, wanted.tracking, wanted.counted, wanted.lots)
    return lots_findings(wanted.sku, "none", wanted.quantity, wanted.lots) if wanted.tracking == "none" else []


def _allowed(
    move: Movement, running: Mapping[Key, BucketState], lots: LotShelf | None
) -> tuple[list[Finding], tuple[tuple[UUID, Decimal], ...]]:
    """Why a move is not allowed; or the lots it moves."""
    if move.taken_from.site_id is not None:
        finding = _shortage(move, running.get((move.item_id, move.taken_from.site_id), NOTHING))
        if finding:
            return [finding], ()
    return lots.settle(move) if lots else ([], ())


def fitting(quantities: Sequence[Decimal], available: Decimal) -> list[bool]:
    """Which of several wishes for one balance can be met, in order, each whole or not at all."""
    fits: list[bool] = []
    for quantity in quantities:
        fits.append(quantity <= available)
        if fits[-1]:
            available -= quantity
    return fits


def walk_key(code: str, turn: int | None) -> str:
    """What bins of a site are sorted by: their turn, else their code with its numbers read as numbers."""
    if turn is not None:
        return f"{turn:08d}"
    return "~" + re.sub(r"\d+", lambda found: found[0].lstrip("0").zfill(6), code.casefold())


def bin_findings(code: str, turn: int | None) -> list[Finding]:
    """Everything wrong with a bin as it is named."""
    found: list[Finding] = []
    if code and not _BIN_CODE.fullmatch(code):
        message = "a bin is up to 24 letters, digits, dot, dash, slash or underscore, such as A-03-12"
        found.append(Finding("bin_malformed", message, "/bin", {"bin": code}))
    if turn is not None and not 0 <= turn < 10**8:
        found.append(Finding("walk_out_of_range", "a turn on the way is a number from 0 to 99999999", "/walk"))
    return found


def arrive(expected: BucketState, quantity: Decimal) -> Decimal:
    """How much drawn moves to stock when `quantity` of an expected bucket arrives: what no longer fits in the rest."""
    return max(Decimal(0), expected.drawn - (expected.quantity - quantity))
