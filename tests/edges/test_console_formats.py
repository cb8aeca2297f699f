"""Numbers, money and days by the user's formats, written and read."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from auftakt.console import formats
from auftakt.identity.types import FORMATS

DAY = date(2026, 11, 23)
CASES = [
    # language, formats, euro, yen, a number, a percentage, a day
    ("en", "", "€1,234.50", "JP¥1,234", "1,234.5", "19%", "23 Nov 2026"),
    ("en", "en-US", "€1,234.50", "¥1,234", "1,234.5", "19%", "Nov 23, 2026"),
    ("de", "", "1.234,50\u00a0€", "1.234\u00a0¥", "1.234,5", "19\u00a0%", "23.11.2026"),
    ("de", "de-AT", "€\u00a01.234,50", "¥\u00a01.234", "1.234,5", "19\u00a0%", "23.11.2026"),
    ("de", "de-CH", "EUR\u00a01’234.50", "¥\u00a01’234", "1’234.5", "19%", "23.11.2026"),
    ("en", "de-CH", "EUR\u00a01’234.50", "¥\u00a01’234", "1’234.5", "19%", "23 Nov 2026"),
]


@pytest.mark.parametrize(("language", "wished", "euro", "yen", "number", "percent", "day"), CASES)
def test_each_notation(language: str, wished: str, euro: str, yen: str, number: str, percent: str, day: str) -> None:
    with translation.override(language), formats.using(wished):
        assert formats.money(Decimal("1234.5"), "EUR") == euro
        assert formats.money(Decimal("1234.5"), "JPY") == yen
        assert formats.number(Decimal("1234.5")) == number
        assert formats.rate(Decimal(19)) == percent
        assert formats.day(DAY) == day


def test_words_follow_the_language_and_signs_the_formats() -> None:
    with translation.override("en"), formats.using("de-CH"):
        assert "Nov" in formats.short_day(DAY)
        assert "Mon" in formats.short_day(DAY)
        assert formats.money(Decimal("1234.5"), "CHF") == "CHF\u00a01’234.50"
    with translation.override("de"), formats.using("en-US"):
        assert formats.number(Decimal("1234.5")) == "1,234.5"
        assert formats.short_day(DAY).startswith("Mo")


def test_an_instant_has_its_day_and_time() -> None:
    at = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    said = {}
    for language, wished in (("en", ""), ("en", "en-US"), ("de", ""), ("de", "de-AT")):
        with translation.override(language), formats.using(wished):
            said[language, wished] = formats.instant(at).replace("\u202f", " ")
    assert said["en", ""] == "23 Nov 2026, 14:05"
    assert said["en", "en-US"] == "Nov 23, 2026, 2:05 PM"
    assert said["de", ""] == said["de", "de-AT"] == "23.11.2026, 14:05"


@pytest.mark.parametrize(
    ("language", "wished", "typed", "meant"),
    [
        ("en", "", "1,234.5", "1234.5"),
        ("en", "", "1234.5", "1234.5"),
        ("en", "", "1,5", None),
        ("en", "", "12,34", None),
        ("en", "", "1.234,5", None),
        ("de", "", "1.234,5", "1234.5"),
        ("de", "", "1.234", "1234"),
        ("de", "", "0.5", "0.5"),
        ("de", "", "12,5", "12.5"),
        ("de", "", "1,2,3", None),
        ("de", "de-CH", "1’234.50", "1234.50"),
        ("de", "de-CH", "1'234.50", "1234.50"),
        ("de", "de-CH", "1.5", "1.5"),
        ("de", "de-AT", "1 234,50", "1234.50"),
        ("en", "en-US", " 7 ", "7"),
        ("en", "", "−7", "-7"),
        ("en", "", "seven", None),
        ("en", "", "NaN", None),
        ("en", "", "", None),
        ("de", "", "1e999999999", None),
    ],
)
def test_what_is_typed_is_read_as_it_is_meant(language: str, wished: str, typed: str, meant: str | None) -> None:
    with translation.override(language), formats.using(wished):
        assert formats.parse_number(typed) == (None if meant is None else Decimal(meant))


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=4), st.sampled_from(FORMATS), st.sampled_from(("en", "de"))
)
def test_what_is_written_is_read_back(value: Decimal, wished: str, language: str) -> None:
    with translation.override(language), formats.using(wished):
        assert formats.parse_number(formats.number(value)) == value


@pytest.mark.parametrize(
    ("language", "wished", "typed", "meant"),
    [
        ("de", "", "23.11.2026", DAY),
        ("de", "", "23.11.26", DAY),
        ("en", "", "23/11/2026", DAY),
        ("en", "en-US", "11/23/2026", DAY),
        ("en", "en-US", "2026-11-23", DAY),
        ("en", "en-US", "23/11/2026", None),
        ("de", "de-CH", "31.02.2026", None),
        ("de", "", "tomorrow", None),
    ],
)
def test_a_typed_day(language: str, wished: str, typed: str, meant: date | None) -> None:
    with translation.override(language), formats.using(wished):
        assert formats.parse_day(typed) == meant


@pytest.mark.parametrize("of", ["en-GB", "de-DE", "de-CH", "en-IN", "es-ES", "pl-PL", "fr-CH", "sv-SE"])
def test_money_is_written_as_babel_writes_it(of: str) -> None:
    amounts = ("0", "1", "12.5", "999.994", "999.995", "1000", "1234567.891", "-3", "-1234.565", "-0.001", "1E+3")
    with formats.using(of):
        for currency in ("EUR", "CHF", "JPY", "KWD"):
            for amount in map(Decimal, amounts):
                slow = formats._by_babel(amount, currency, formats.notation())
                assert formats.money(amount, currency) == slow, (amount, currency)
