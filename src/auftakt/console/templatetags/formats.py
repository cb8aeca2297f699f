"""Template tags: formats, words, icons, badges, the measure of progress."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from html import escape
from typing import Any
from uuid import uuid4

from django import template
from django.contrib.messages.storage.base import Message
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from auftakt.console import formats, words
from auftakt.console.countries import country
from auftakt.console.findings import spoken
from auftakt.console.importing import offered
from auftakt.console.outcomes import Undo, undo_of
from auftakt.identity.queries import may as identity_may
from auftakt.parties import queries as parties
from auftakt.values import Finding

register = template.Library()
BEATS = (
    ("promised", gettext_lazy("Promised")),
    ("released", gettext_lazy("Released")),
    ("shipped", gettext_lazy("Shipped")),
    ("billed", gettext_lazy("Invoiced")),
    ("paid", gettext_lazy("Paid")),
)


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """{{ order.gross|money:order.currency }}"""
    return formats.money(amount, currency)


@register.filter
def price(amount: Decimal | None, currency: str) -> str:
    """A unit price with its currency."""
    return formats.price(amount, currency)


@register.filter
def number(value: Decimal | int | None) -> str:
    """A quantity or count in the user's notation."""
    return formats.number(value)


@register.filter
def plainly(value: Decimal) -> str:
    """A number as programs read it: a dot, no grouping, no trailing zeros."""
    return f"{value.normalize():f}"


@register.filter
def plain(value: Decimal | None) -> str:
    """A number as scripts read it: 1234.5."""
    return "" if value is None or value == "" else f"{Decimal(value):f}"


@register.filter
def plain_money(amount: Decimal, currency: str) -> str:
    """An amount as it stands in a field, in the user's notation."""
    return formats.plain_amount(amount, currency)


@register.filter
def amount(text: str, currency: str) -> str:
    """An amount that the journal holds as text."""
    try:
        return formats.money(Decimal(text), currency)
    except ArithmeticError:
        return text


@register.filter
def money_kind(code: str) -> str:
    """Invoice, credit note, payment, refund."""
    return words.money_kind(code)


@register.filter
def level(number: int) -> str:
    """The code of a dunning level, for its badge."""
    return f"level_{number}"


@register.filter
def bank_column(code: str) -> str:
    """What a column of a bank file means."""
    return str(words.BANK_COLUMNS.get(code, code))


@register.filter
def bank_problem(code: str) -> str:
    """What of a line of a bank file could not be read."""
    return str(words.BANK_PROBLEMS.get(code, code))


@register.filter
def verb(code: str) -> str:
    """What a journal verb tells."""
    return str(words.VERBS[code][0]) if code in words.VERBS else code


@register.filter
def rate(value: Decimal | None) -> str:
    """A percentage."""
    return formats.rate(value)


@register.filter
def day(value: date | None) -> SafeString | str:
    """A day, readable by machines too."""
    return _time(value, formats.day(value)) if value else "–"


@register.filter
def short_day(value: date | None) -> SafeString | str:
    """A day with its weekday, without the year."""
    return _time(value, formats.short_day(value)) if value else "–"


@register.filter
def instant(value: datetime | None) -> SafeString | str:
    """Day and time."""
    return _time(value, formats.instant(value)) if value else "–"


def _time(value: date, told: str) -> SafeString:
    return SafeString(f'<time datetime="{value.isoformat()}">{escape(told)}</time>')


@register.filter
def word(code: object) -> str:
    """The word for a code."""
    return words.word(code)


@register.filter
def iso_day(text: object) -> SafeString | str:
    """A day as JSON holds it (ISO 8601), as people read it."""
    try:
        return short_day(date.fromisoformat(str(text)[:10]))
    except ValueError:
        return "–"


@register.filter
def open_amount(invoice: Any) -> Decimal:
    """What is still owed of an invoice."""
    return invoice.gross - invoice.paid - invoice.credited


@register.filter
def minus(value: Decimal, other: Decimal) -> Decimal:
    """The difference of two quantities."""
    return value - other


@register.filter
def share(part: Decimal, whole: Decimal) -> str:
    """A part of a whole as a CSS percentage."""
    return f"{part / whole * 100:.2f}%" if whole and part > 0 else "0%"


@register.filter
def country_name(code: str) -> str:
    """The name of a country."""
    return country(code)


@register.filter
def language_name(code: str) -> str:
    """The name of a language."""
    return parties.language_name(code, get_language() or "en")


@register.filter
def permission_name(code: str) -> str:
    """A permission as people say it."""
    return words.permission(code)


@register.filter
def said(finding: Finding) -> str:
    """A finding in the user's language."""
    return spoken(finding)


@register.simple_tag
def import_kind(list_name: str, user: Any) -> str:
    """{% import_kind table.name user as kind %}: the kind of file that a list offers to import."""
    return offered(list_name, user.roles)


@register.filter
def may(user: Any, permission: str) -> bool:
    """{% if user|may:"parties.edit" %}"""
    return identity_may(user.roles, permission)


@register.filter
def undo(message: Message) -> Undo | None:
    """How what a message tells can be taken back."""
    return undo_of(message)


@register.filter
def at(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value under a key, or nothing."""
    return mapping.get(key) if mapping else None


@register.filter
def of(key: object, rows: Iterable[Any]) -> bool:
    """Whether an id is that of one of the rows."""
    return str(key) in {str(row.id) for row in rows}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One of our own icons; decoration only, so hidden from screen readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("console/icons.svg"), name
    )


@register.simple_tag
def badge(code: str, label: str = "") -> SafeString:
    """A status: shape, word, tone."""
    return _badge(code, str(label), get_language() or "")


@lru_cache(512)
def _badge(code: str, label: str, language: str) -> SafeString:
    look = words.badge(code)
    return format_html('<span class="badge badge-{}">{}{}</span>', look.tone, icon(look.icon), label or look.label)


@register.simple_tag
def beats(shares: Mapping[str, Decimal]) -> SafeString:
    """The measure: promised, released, shipped, invoiced, paid, each a share of 0 to 1."""
    labels = _beat_labels(get_language() or "")
    percents = [_percent(shares.get(key)) for key, _label in BEATS]
    told = ", ".join(map("{} {}".format, labels, percents))
    bars = SafeString(
        "".join(map('<i style="--fill:{}"{}></i>'.format, percents, (_full(shares.get(key)) for key, _label in BEATS)))
    )
    told = escape(told)
    return SafeString(f'<span class="beats" role="img" aria-label="{told}" title="{told}">{bars}</span>')


@cache
def _beat_labels(language: str) -> list[str]:
    return [str(label) for _key, label in BEATS]


@register.simple_tag
def beats_large(shares: Mapping[str, Decimal]) -> SafeString:
    """The measure with words under each beat."""
    items = format_html_join(
        "",
        '<li><i style="--fill:{0}"{1}></i><b>{2}</b><small>{0}</small></li>',
        ((_percent(shares.get(key)), _full(shares.get(key)), label) for key, label in BEATS),
    )
    return format_html('<ul class="beats beats-large" aria-label="{}">{}</ul>', _("Progress"), items)


def _percent(share: Decimal | None) -> str:
    share = share or Decimal(0)
    whole = int(share * 100)
    return f"{max(whole, 1) if share > 0 else 0}%"


def _full(share: Decimal | None) -> SafeString:
    return SafeString(" data-full") if (share or 0) >= 1 else SafeString("")


@register.simple_tag
def upto(count: int, many: int) -> str:
    """A count that was made up to a limit only: `1,000+` when there is more."""
    return f"{formats.number(many)}+" if count > many else formats.number(count)


@register.simple_tag
def field_id() -> str:
    """A fresh id for a label and its field."""
    return f"f-{uuid4().hex[:8]}"


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """The present query with some parameters changed; an empty value leaves one out."""
    query = context["request"].GET.copy()
    query.pop("after", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = str(value)
    return "?" + query.urlencode()


@register.filter
def named(names: Mapping[Any, str], key: Any) -> str:
    """What stands under a key, such as the name of an item by its id."""
    return names.get(key, "")
