"""Working days of sites as tables, so that the search looks a day up instead of counting."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from auftakt.promising.types import SiteOfSupply

SHIPS, NEXT_OPEN, LAST_OPEN, NEEDED = range(4)
Days = npt.NDArray[np.int64]


class Calendars(NamedTuple):
    """For each calendar, by code, whether work is done on each day from `begin` (an ordinal) on."""

    begin: int
    works: Mapping[str, npt.NDArray[np.bool_]]


EVERY_DAY = Calendars(0, {})


def tables(sites: Sequence[SiteOfSupply], calendars: Calendars) -> Days:
    """For each table, site and day: when goods that are there can leave; the next and the last day on which the site
    ships; the last day on which goods can come to leave by then. From a day on which nothing is done, counting begins
    at the next one. At the ends of the calendars, and without one, every day counts."""
    size = max((len(works) for works in calendars.works.values()), default=0)
    days = np.arange(calendars.begin, calendars.begin + size, dtype=np.int64)
    made = np.empty((4, len(sites), size), dtype=np.int64)
    for number, site in enumerate(sites):
        works = calendars.works.get(site.calendar, np.ones(size, dtype=np.bool_))
        made[:, number] = _tables(days, works, site.processing_days)
    return made


def _tables(days: Days, works: npt.NDArray[np.bool_], processing: int) -> Days:
    opens = days[works]
    upcoming = np.searchsorted(opens, days)  # of each day: the number of the first open day from it on
    latest = np.searchsorted(opens, days, side="right") - 1
    return np.stack(
        [
            _of(opens, upcoming + processing, days + processing), _of(opens, upcoming, days),
            _of(opens, latest, days), _of(opens, latest - processing, days - processing),
        ]
    )  # fmt: skip


def _of(opens: Days, numbers: Days, otherwise: Days) -> Days:
    there = (numbers >= 0) & (numbers < len(opens))
    found = otherwise.copy()
    found[there] = opens[numbers[there]]
    return found


def is_late(site: SiteOfSupply, at: datetime) -> bool:
    """Whether an instant is after the site's cut-off of its day."""
    if site.cut_off is None:
        return False
    return at.astimezone(ZoneInfo(site.time_zone)).time().replace(tzinfo=None) > site.cut_off
