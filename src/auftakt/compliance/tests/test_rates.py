"""Tax rates: by destination and day, one at a time, the region's before the country's."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from auftakt.compliance import actions, queries, rules
from auftakt.compliance.models import TaxRate
from auftakt.compliance.types import TaxRateDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import Period

BY: Any = {"actor": "test", "at": datetime(2026, 3, 2, 9, tzinfo=UTC)}
Y25, Y26, Y27 = date(2025, 1, 1), date(2026, 1, 1), date(2027, 1, 1)


def draft(rate: str, start: date | None = None, end: date | None = None, **other: str) -> TaxRateDraft:
    return TaxRateDraft(
        other.get("country", "DE"), "standard", "VAT", Decimal(rate), other.get("region", ""), start, end
    )


def violations() -> int:
    return queries.sql.rows("verify_one_tax_rate_at_a_time")[0][0]


@pytest.mark.django_db
def test_the_rate_of_the_day_and_of_the_region_first() -> None:
    drafts = [
        draft("16", None, Y26),
        draft("19", Y26),
        draft("0", country="US"),
        draft("7.25", country="US", region="CA"),
    ]
    assert len(actions.save_tax_rates(drafts, **BY).done) == 4
    table = queries.tax_rates([("DE", ""), ("US", "CA")], Y25, Y27)
    found = [
        table.rate("DE", "", "standard"),
        table.rate("DE", "Bayern", "standard", Y26),
        table.rate("US", "ca", "standard"),
        table.rate("US", "TX", "standard"),
    ]
    assert [rate.rate for rate in found if rate] == [16, 19, Decimal("7.25"), 0]
    assert table.rate("DE", "", "reduced") is None
    assert table.rate("FR", "", "standard") is None
    with CaptureQueriesContext(connection) as captured:
        assert queries.tax_rates([("DE", "")] * 200, Y26).rate("DE", "", "standard")
    assert len(captured) == 1


@pytest.mark.django_db
def test_overlapping_periods_are_refused_until_the_first_has_an_end() -> None:
    first = actions.save_tax_rates([draft("16")], **BY).one()
    journal = JournalEntry.objects.count()
    refused = actions.save_tax_rates([draft("19", Y26), draft("16")], **BY)
    assert (refused.done, refused.refused[0].code) == ((first,), "tax_period_overlaps")
    assert (TaxRate.objects.count(), JournalEntry.objects.count()) == (1, journal)
    outcome = actions.save_tax_rates([draft("16", None, Y26), draft("19", Y26), draft("20", Y25, Y27)], **BY)
    assert (outcome.done[0], [refusal.subject for refusal in outcome.refused]) == (first, ["2"])
    assert violations() == 0
    assert JournalEntry.objects.filter(verb="compliance.tax_rate_saved").count() == journal + 2


@pytest.mark.django_db
def test_a_wrong_rate_is_told_everything() -> None:
    bad = TaxRateDraft("Germany", " ", "", Decimal(101), "", Y26, Y25)
    (refusal,) = actions.save_tax_rates([bad], **BY).refused
    assert [finding.code for finding in refusal.findings] == [
        "country_unknown", "tax_category_missing", "name_missing", "rate_out_of_range", "period_ends_before_it_starts",
    ]  # fmt: skip
    assert not TaxRate.objects.exists()


@pytest.mark.django_db
def test_the_shipped_rates_load_twice_without_a_change() -> None:
    outcome = actions.load_shipped_rates(**BY)
    assert not outcome.refused
    journal = JournalEntry.objects.count()
    assert actions.load_shipped_rates(**BY).done == outcome.done
    assert JournalEntry.objects.count() == journal
    assert violations() == 0
    table = queries.tax_rates([("DE", ""), ("US", "CA"), ("CH", "")], date(1996, 7, 4), Y26)
    assert [
        (found.rate if (found := table.rate(country, region, "standard", on)) else None)
        for country, region, on in [
            ("DE", "", date(1996, 7, 4)), ("DE", "", date(2020, 12, 31)), ("DE", "", Y26),
            ("CH", "", Y26), ("US", "CA", date(2013, 6, 1)), ("US", "XX", Y26),
        ]
    ] == [15, 16, 19, Decimal("8.1"), Decimal("7.5"), 0]  # fmt: skip
    for country in ["DE", "AT", "CH", "FR", "IT", "ES", "NL", "BE", "DK", "SE", "PL", "GB", "US"]:
        for category in ("standard", "reduced"):
            assert queries.tax_rates([(country, "")], Y26).rate(country, "", category), (country, category)


@pytest.mark.django_db
def test_verify_finds_two_rates_at_a_time() -> None:
    actions.save_tax_rates([draft("16", None, Y26), draft("19", Y26)], **BY)
    TaxRate.objects.update(valid_to=None)
    assert violations() == 1


days = st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 9))


@given(st.lists(st.tuples(days, days), max_size=6))
def test_accepted_periods_share_no_day(wishes: list[tuple[date | None, date | None]]) -> None:
    accepted: list[Period] = []
    for start, end in wishes:
        span = rules.period(start, end)
        if isinstance(span, Period) and rules.overlap(span, accepted) is None:
            accepted.append(span)
    for day in range(1, 12):
        assert sum(span.holds(date(2020, 1, day)) for span in accepted) <= 1


@pytest.mark.django_db(transaction=True)
def test_of_two_clashing_rates_saved_at_the_same_moment_one_is_refused() -> None:
    start = threading.Barrier(2)
    refused: list[int] = []

    def save(since: date) -> None:
        start.wait()
        try:
            refused.append(len(actions.save_tax_rates([draft("19", since)], **BY).refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(since,)) for since in (Y25, Y26)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(refused), TaxRate.objects.count(), violations()) == ([0, 1], 1, 0)
