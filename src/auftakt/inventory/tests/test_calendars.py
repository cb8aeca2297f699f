"""Working calendars: which days count, how working days are added, what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auftakt.inventory import actions, queries, rules
from auftakt.inventory.models import Calendar
from auftakt.inventory.tests.build import BY
from auftakt.inventory.types import CalendarDraft, CalendarException, SiteDraft
from auftakt.platform.models import JournalEntry

WEEK = CalendarDraft("week", "Monday to Friday")
BERLIN = CalendarDraft("be", "Berlin", country="DE", subdivision="BE")
MONDAY = date(2026, 3, 2)


def test_five_working_days_of_processing_and_three_days_on_the_way() -> None:
    """AT-GOP-2: from Monday 2 March 2026, five working days (Monday to Friday), then three calendar days of transit."""
    ships = rules.add_working_days(WEEK, MONDAY, 5)
    assert ships == date(2026, 3, 9)
    assert rules.add_working_days(None, ships, 3) == date(2026, 3, 12)


def test_public_holidays_and_exceptions_decide() -> None:
    assert rules.working_days(BERLIN, date(2026, 4, 2), date(2026, 4, 8)) == [
        date(2026, 4, 2), date(2026, 4, 7), date(2026, 4, 8),
    ]  # fmt: skip
    extra = replace(BERLIN, exceptions=(CalendarException(date(2026, 4, 4), True), CalendarException(date(2026, 4, 7))))
    assert rules.working_days(extra, date(2026, 4, 2), date(2026, 4, 8)) == [
        date(2026, 4, 2), date(2026, 4, 4), date(2026, 4, 8),
    ]  # fmt: skip
    assert rules.public_holidays("DE", "BE", 2026, "de")[date(2026, 4, 3)] == "Karfreitag"
    assert rules.public_holidays("DE", "BE", 2026, "en")[date(2026, 4, 3)] == "Good Friday"
    assert date(2026, 1, 6) in rules.public_holidays("DE", "BY", 2026)
    assert date(2026, 1, 6) not in rules.public_holidays("DE", "BE", 2026)


def test_counting_begins_at_a_working_day_both_ways() -> None:
    saturday = date(2026, 3, 7)
    assert rules.next_working_day(WEEK, saturday) == date(2026, 3, 9)
    assert rules.add_working_days(WEEK, saturday, 1) == date(2026, 3, 10)
    assert rules.add_working_days(WEEK, saturday, -1) == date(2026, 3, 5)
    assert rules.add_working_days(None, saturday, -1) == date(2026, 3, 6)


@given(
    st.sets(st.sampled_from("1234567"), min_size=1),
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.integers(-400, 400),
)
def test_working_days_are_added_as_if_walked(weekdays: set[str], day: date, count: int) -> None:
    calendar = CalendarDraft("x", "x", "".join(sorted(weekdays)), "DE", "BY")
    reached = rules.add_working_days(calendar, day, count)
    assert rules.working_flags(calendar, reached, reached)[0]
    walked = rules.working_days(calendar, min(day, reached), max(day, reached))
    assert len(walked) == abs(count) + 1


def test_orders_after_the_cut_off_count_for_the_next_working_day() -> None:
    friday = datetime(2026, 3, 6, 13, 59, tzinfo=UTC)  # 14:59 in Berlin
    noon = time(15)
    assert rules.counts_for(WEEK, "Europe/Berlin", noon, friday) == date(2026, 3, 6)
    assert rules.counts_for(WEEK, "Europe/Berlin", noon, friday.replace(hour=14, minute=1)) == date(2026, 3, 9)
    assert rules.counts_for(WEEK, "Asia/Tokyo", noon, friday.replace(hour=16)) == date(2026, 3, 9), "Saturday there"
    assert rules.counts_for(None, "Europe/Berlin", None, friday.replace(hour=22)) == date(2026, 3, 6)
    assert rules.counts_for(None, "Europe/Berlin", None, friday.replace(hour=23)) == date(2026, 3, 7)


@pytest.mark.django_db
def test_calendars_are_saved_once_and_told_as_arrays() -> None:
    draft = replace(BERLIN, exceptions=(CalendarException(date(2026, 12, 24), note="Closed"),))
    ids = actions.save_calendars([WEEK, draft], **BY).done
    told = JournalEntry.objects.count()
    assert actions.save_calendars([WEEK, draft], **BY).done == ids
    assert JournalEntry.objects.count() == told, "what is so already is not told again"
    assert queries.calendars()["be"].exceptions == draft.exceptions
    flags = queries.calendar_days(date(2026, 12, 21), date(2026, 12, 27))
    assert flags[ids[0]].tolist() == [True] * 5 + [False] * 2
    assert flags[ids[1]].tolist() == [True] * 3 + [False] * 4
    actions.save_calendars([replace(draft, exceptions=())], **BY).one()
    assert queries.calendars()["be"].exceptions == ()


@pytest.mark.django_db
def test_what_makes_no_calendar_is_refused_with_every_problem() -> None:
    bad = CalendarDraft("a b", " ", "", "DE", "XX", (CalendarException(MONDAY), CalendarException(MONDAY, True)))
    refused = actions.save_calendars([bad, CalendarDraft("x", "x", "18"), CalendarDraft("y", "y", country="XX")], **BY)
    assert [[finding.code for finding in refusal.findings] for refusal in refused.refused] == [
        ["calendar_code_malformed", "name_missing", "calendar_without_working_day", "holidays_unknown",
         "exception_repeated"],
        ["weekday_unknown"],
        ["holidays_unknown"],
    ]  # fmt: skip
    assert not refused.done
    assert (Calendar.objects.count(), JournalEntry.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_sites_name_calendars_that_exist() -> None:
    site = SiteDraft("HAM", "Hamburg", "plant", "DE", shipping_calendar="be", receiving_calendar="week")
    assert [each.place for each in actions.save_sites([site], **BY).refused[0].findings] == [
        "/shipping_calendar", "/receiving_calendar",
    ]  # fmt: skip
    assert not queries.sites()
    actions.save_calendars([WEEK, BERLIN], **BY)
    actions.save_sites([replace(site, cut_off=time(14, 30))], **BY).one()
    found = queries.sites_by_code(["HAM"])["HAM"]
    assert (found.shipping_calendar, found.receiving_calendar, found.cut_off) == ("be", "week", time(14, 30))
    actions.save_sites([replace(site, shipping_calendar="")], **BY).one()
    found = queries.sites_by_code(["HAM"])["HAM"]
    assert (found.shipping_calendar, found.receiving_calendar, found.cut_off) == ("", "week", None)
