"""How numbers, money, days and instants look, and how typed ones are read: by the user's language and formats.

Words (months, countries) follow the language; signs and their order follow the formats (`de-CH`), which may be others.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.numbers import format_currency, format_decimal, get_decimal_symbol
from django.utils import timezone
from django.utils.translation import get_language

from auftakt.values import currency_digits

ZERO = Decimal(0)
_USUAL = {"en": "en_GB", "de": "de_DE"}
_SPACES = re.compile(r"[\s'’\u00a0\u202f]+")
_BETWEEN = re.compile(r"(?<=[A-Za-z])(?=\d)")  # CHF 1,234.50: letters keep away from digits
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_DIGITS = 15
_wished: ContextVar[str] = ContextVar("formats", default="")


@contextmanager
def using(wished: str) -> Iterator[None]:
    """Within, everything is written and read in these formats (`de-CH`); empty: as the language has it."""
    token = _wished.set(wished)
    try:
        yield
    finally:
        _wished.reset(token)


@cache
def _known(code: str) -> str:
    """The code when Babel knows it, else nothing."""
    try:
        return str(Locale.parse(code))
    except (UnknownLocaleError, ValueError):
        return ""


@cache
def _words_of(language: str, wished: str) -> str:
    base, territory = language.partition("-")[0], wished.partition("-")[2]
    beside = _known(f"{base}_{territory}") if territory else ""
    return beside or _USUAL.get(base) or _known(base) or "en_GB"


def locale() -> str:
    """The locale of words and days: the language, in the country of the formats where such a locale exists."""
    return _words_of(get_language() or "en", _wished.get())


def notation() -> str:
    """The locale of numbers and money."""
    wished = _wished.get()
    return (wished and _known(wished.replace("-", "_"))) or _words_of(get_language() or "en", "")


@cache
def _money_pattern(of: str, digits: int) -> str:
    """The locale's own pattern, with the digits of the currency."""
    pattern = Locale.parse(of).currency_formats["standard"].pattern
    return re.sub(r"0\.0+", "0." + "0" * digits if digits else "0", pattern)


class _Shape(NamedTuple):
    """How a locale writes a currency: what stands around the digits (positive, negative), and between them."""

    around: tuple[tuple[str, str], tuple[str, str]]
    group: str
    point: str
    digits: int


@cache
def _shape(of: str, currency: str) -> _Shape | None:
    """Learnt from what Babel writes, which takes long over each amount; None where it groups in other ways."""
    digits = currency_digits(currency)
    cents = rf"(\D+)0{{{digits}}}" if digits else "()"
    pattern = re.compile(rf"(\D*)1(\D*)234(\D*)567{cents}(\D*)", re.ASCII)
    more, less = (pattern.fullmatch(_by_babel(Decimal(each), currency, of)) for each in (1234567, -1234567))
    if not more or not less or more[2] != more[3]:
        return None
    return _Shape(((more[1], more[5]), (less[1], less[5])), more[2], more[4], digits)


def money(amount: Decimal | None, currency: str) -> str:
    """`€1,234.50`, `1.234,50 €`, `CHF 1’234.50`; a dash when there is no amount."""
    if amount is None:
        return "–"
    of = notation()
    shape = _shape(of, currency)
    if shape is None or not isinstance(amount, Decimal) or not amount.is_finite():
        return _by_babel(amount, currency, of)
    whole, _, rest = f"{abs(amount):,.{shape.digits}f}".partition(".")
    before, after = shape.around[amount < 0]
    return f"{before}{whole.replace(',', shape.group)}{shape.point if rest else ''}{rest}{after}"


def _by_babel(amount: Decimal, currency: str, of: str) -> str:
    pattern = _money_pattern(of, currency_digits(currency))
    written = format_currency(amount, currency, pattern, locale=of, currency_digits=False)
    return _BETWEEN.sub("\u00a0", written)


def plain_amount(amount: Decimal, currency: str) -> str:
    """`1234.50` or `1234,50`: an amount as it stands in a field, in whole minor units, without its currency."""
    digits = currency_digits(currency)
    return format_decimal(amount, "0" + ("." + "0" * digits if digits else ""), locale=locale())


def price(amount: Decimal | None, currency: str) -> str:
    """A unit price: at least the minor unit, up to four digits when it is finer."""
    if amount is None:
        return "–"
    digits = currency_digits(currency)
    if amount == round(amount, digits):
        return money(amount, currency)
    return f"{format_decimal(amount, '#,##0.00##', locale=notation())}\u00a0{currency}"


def number(value: Decimal | int | None) -> str:
    """A number with as many decimals as it has, six at most."""
    return "–" if value is None else format_decimal(value, "#,##0.######", locale=notation())


@cache
def _percent_sign(of: str) -> str:
    """What stands behind the number of a percentage: `%`, or a space and `%`."""
    return re.sub(r"[#,0.]", "", Locale.parse(of).percent_formats[None].pattern)


def rate(value: Decimal | None) -> str:
    """A percentage: 19 becomes `19%` or `19 %`."""
    return "–" if value is None else number(value) + _percent_sign(notation())


@lru_cache(2048)
def _day(value: date, of: str) -> str:
    return format_date(value, "medium", locale=of)


@lru_cache(2048)
def _short_day(value: date, of: str) -> str:
    return format_skeleton("MMMEd", value, locale=of)


def day(value: date | None) -> str:
    """`23 Nov 2026`, `23.11.2026`."""
    return "–" if value is None else _day(value, locale())


def short_day(value: date | None) -> str:
    """`Mon 23 Nov`: for promises, where the weekday matters and the year is plain."""
    return "–" if value is None else _short_day(value, locale())


def weekday_names() -> list[str]:
    """`Mon`, `Tue` …: the seven days from Monday on."""
    names = get_day_names("abbreviated", locale=locale())
    return [names[index].rstrip(".") for index in range(7)]


def month_name(value: date) -> str:
    """`November 2026`."""
    return format_skeleton("yMMMM", value, locale=locale())


def day_and_month(value: date) -> str:
    """`23 Nov`, `23. Nov.`: below a chart, where there is little room."""
    return format_skeleton("MMMd", value, locale=locale())


def percent(part: int, whole: int) -> Decimal:
    """A share in whole per cent."""
    return round(Decimal(100 * part) / whole)  # type: ignore[return-value]


def instant(value: datetime | None) -> str:
    """Day and time in the console's time zone."""
    if value is None:
        return "–"
    local, of = timezone.localtime(value), locale()
    if of == "en_GB":
        return f"{_day_of_instant(local.date(), of)}, {local:%H:%M}"
    if of.startswith("de"):
        return f"{local:%d.%m.}{local.year}, {local:%H:%M}"
    return f"{_day(local.date(), of)}, {format_time(local.time(), 'short', locale=of)}"


@lru_cache(2048)
def _day_of_instant(value: date, of: str) -> str:
    return format_date(value, "d MMM yyyy", locale=of)


def parse_number(text: str) -> Decimal | None:
    """A typed number in the user's notation: `1.234,5` in German, `1’234.5` in Swiss, `1,234.5` in English.

    None when it is not one: `1,5` is no English number, rather than fifteen.
    """
    plain = _SPACES.sub("", text).replace("−", "-")
    point = get_decimal_symbol(notation())
    group = "." if point == "," else ","
    if point == "," and point not in plain and not re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+", plain):
        group = ""  # 0.5 in German: nothing else can be meant
    if group and group in plain:
        whole = plain.partition(point)[0]
        if not re.fullmatch(rf"[+-]?\d{{1,3}}(\{group}\d{{3}})+", whole) or group in plain.partition(point)[2]:
            return None
        plain = plain.replace(group, "")
    plain = plain.replace(",", ".")
    value = Decimal(plain) if len(plain) <= 40 and _PLAIN.fullmatch(plain) else None
    return value if value is None or value.adjusted() < _DIGITS else None  # more is beyond all that is kept


@cache
def _order(of: str) -> str:
    """In which order the locale writes year, month and day."""
    pattern = Locale.parse(of).date_formats["short"].pattern
    return "".join(sorted("dMy", key=pattern.index))


def parse_day(text: str) -> date | None:
    """A typed day: ISO 8601, or the numbers in the order of the user's formats (`23.11.2026`, `11/23/26`)."""
    plain = text.strip()
    try:
        return date.fromisoformat(plain)
    except ValueError:
        parts = re.fullmatch(r"(\d{1,4})[./ -]+(\d{1,2})[./ -]+(\d{1,4})", plain)
    if parts is None:
        return None
    found = dict(zip(_order(notation()), (int(each) for each in parts.groups()), strict=True))
    year = found["y"] + (2000 if found["y"] < 100 else 0)
    try:
        return date(year, found["M"], found["d"])
    except ValueError:
        return None
