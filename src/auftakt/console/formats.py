"""How numbers, money, days and instants look in the user's language."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.translation import get_language

from auftakt.values import currency_digits

_LOCALES = {"en": "en_GB", "de": "de_DE"}


def locale() -> str:
    """The Babel locale of the language in force."""
    return _LOCALES.get(get_language() or "en", "en_GB")


def money(amount: Decimal | None, currency: str) -> str:
    """`1,234.50` with its currency; a dash when there is no amount."""
    if amount is None:
        return "–"
    digits = currency_digits(currency)
    pattern = (
        "¤#,##0" + ("." + "0" * digits if digits else "")
        if locale() == "en_GB"
        else ("#,##0" + ("." + "0" * digits if digits else "") + " ¤")
    )
    return format_currency(amount, currency, pattern, locale=locale(), currency_digits=False)


def price(amount: Decimal | None, currency: str) -> str:
    """A unit price: at least the minor unit, up to four digits when it is finer."""
    if amount is None:
        return "–"
    digits = currency_digits(currency)
    if amount == round(amount, digits):
        return money(amount, currency)
    return f"{format_decimal(amount, '#,##0.00##', locale=locale())} {currency}"


def number(value: Decimal | int | None) -> str:
    """A number with as many decimals as it has, six at most."""
    return "–" if value is None else format_decimal(value, "#,##0.######", locale=locale())


def rate(value: Decimal | None) -> str:
    """A percentage: 19 becomes `19%` or `19 %`."""
    if value is None:
        return "–"
    return number(value) + ("%" if locale() == "en_GB" else " %")


def day(value: date | None) -> str:
    """`23 Nov 2026`, `23.11.2026`."""
    if value is None:
        return "–"
    return format_date(value, "medium", locale=locale())


def short_day(value: date | None) -> str:
    """`Mon 23 Nov`: for promises, where the weekday matters and the year is plain."""
    if value is None:
        return "–"
    return format_skeleton("MMMEd", value, locale=locale())


def instant(value: datetime | None) -> str:
    """Day and time in the console's time zone."""
    if value is None:
        return "–"
    return format_datetime(
        timezone.localtime(value), "d MMM yyyy, HH:mm" if locale() == "en_GB" else "dd.MM.yyyy, HH:mm", locale=locale()
    )


def parse_number(text: str) -> Decimal | None:
    """A typed number in the user's notation: `1.234,5` in German, `1,234.5` in English. None when it is not one."""
    plain = text.strip().replace(" ", "").replace("\u00a0", "").replace("'", "")
    if get_language() == "de":
        grouped = plain.count(".") >= 1 and all(len(part) == 3 for part in plain.split(",")[0].split(".")[1:])
        plain = plain.replace(".", "").replace(",", ".") if "," in plain or grouped else plain
    else:
        plain = plain.replace(",", "")
    try:
        value = Decimal(plain)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None
