"""What is free to promise of an item from day to day: what lies there, and what comes until then, less what is drawn of
each. Pure: from supply by site and day to the levels of a curve."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from auftakt.console import charts, formats

DAYS = 56
"""How far the curve looks ahead."""


class Supply(Protocol):
    """What is free at a site from a day on; no day: it lies there."""

    site: str
    available_on: date | None
    free: Decimal


@dataclass(frozen=True, slots=True)
class Outlook:
    """The levels of a number of days, the first is today; what of them is overdue, and what comes only later."""

    levels: Sequence[tuple[date, Decimal]]
    overdue: Decimal
    later: Decimal


def outlook(supply: Iterable[Supply], *, today: date, days: int = DAYS, site: str = "") -> Outlook:
    """The curve of one site, or of all together. What should have come before today counts as of today."""
    added: dict[date, Decimal] = {}
    overdue = Decimal(0)
    for row in supply:
        if site and row.site != site:
            continue
        day = max(row.available_on or today, today)
        added[day] = added.get(day, Decimal(0)) + row.free
        if row.available_on is not None and row.available_on < today:
            overdue += row.free
    level, levels = Decimal(0), []
    for day in (today + timedelta(days=number) for number in range(days + 1)):
        level += added.get(day, Decimal(0))
        levels.append((day, level))
    return Outlook(levels, overdue, sum(added.values(), Decimal(0)) - level)


def drawn(found: Outlook, unit: str) -> SafeString:
    """The curve as a picture; its table tells the days on which the level changes."""
    points = [
        charts.Point(
            label=formats.day_and_month(day),
            name=formats.short_day(day),
            value=level,
            told=f"{formats.number(level)} {unit}",
        )
        for day, level in found.levels
    ]
    return charts.steps(points, key="free", title=_("Free to promise, by day"))


def on_page(supply: Sequence[Any], *, today: date, asked: str, unit: str) -> dict[str, Any]:
    """What the page of an item shows of it: the curve, the sites to choose from, and what is overdue."""
    sites = list(dict.fromkeys(row.site for row in supply))
    site = asked if asked in sites else ""
    found = outlook(supply, today=today, site=site)
    return {
        "chart": drawn(found, unit),
        "sites": sites if len(sites) > 1 else [],
        "site": site,
        "now": found.levels[0][1],
        "then": found.levels[-1][1],
        "until": found.levels[-1][0],
        "overdue": found.overdue,
        "later": found.later,
    }
