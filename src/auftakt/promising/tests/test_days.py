"""The tables of working days tell what counting on the calendar tells."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from auftakt.promising.engine.days import LAST_OPEN, NEEDED, NEXT_OPEN, SHIPS, Calendars, tables
from auftakt.promising.tests.world import key
from auftakt.promising.types import SiteOfSupply

BEGIN = date(2026, 3, 2).toordinal()


def counted(works: list[bool], day: int, processing: int) -> int:
    """The day on which the work is done, by walking from day to day."""
    while not works[day]:
        day += 1
    for _ in range(processing):
        day += 1
        while not works[day]:
            day += 1
    return day


@given(st.lists(st.booleans(), min_size=20, max_size=20), st.integers(0, 3))
def test_tables_are_what_counting_tells(some: list[bool], processing: int) -> None:
    works = [*some, *([True] * 10)]
    made = tables([SiteOfSupply(key("P"), "P", processing, "c")], Calendars(BEGIN, {"c": np.array(works)}))[:, 0]
    for day in range(20):
        assert made[SHIPS, day] - BEGIN == counted(works, day, processing)
        assert made[NEXT_OPEN, day] - BEGIN == counted(works, day, 0)
        before = [each for each in range(day + 1) if works[each]]
        if before:
            assert made[LAST_OPEN, day] - BEGIN == before[-1]
        in_time = [each for each in range(day + 1) if counted(works, each, processing) <= day]
        if in_time:
            assert made[NEEDED, day] - BEGIN == in_time[-1]


def test_without_a_calendar_every_day_counts() -> None:
    made = tables([SiteOfSupply(key("P"), "P", 2)], Calendars(BEGIN, {"other": np.zeros(9, dtype=np.bool_)}))[:, 0]
    assert made[SHIPS].tolist() == [BEGIN + day + 2 for day in range(9)]
    assert date.fromordinal(int(made[NEEDED, 5])) == date.fromordinal(BEGIN) + timedelta(3)
