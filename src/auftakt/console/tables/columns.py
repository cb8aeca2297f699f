"""Columns: what a cell shows to people, and what it holds for a spreadsheet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from auftakt.console import words
from auftakt.console.templatetags import formats

NUMERIC = ("number", "money", "price", "rate")
NOTHING = SafeString('<span class="faint">–</span>')


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    `key` names the row's attribute and the column in addresses. `kind` is text, number, money, price, rate, day,
    short_day, instant, badge, word, code or yes. `sort` is the statement's column to sort by (never null); without one
    the list cannot be sorted by it. `head` marks what a row is known by: it comes first, also on a card.
    `show` draws the cell from the row instead of the kind; `value` then says what a spreadsheet gets.
    A column with a `rule` is there only for those who have that permission.
    """

    key: str
    title: Any
    kind: str = "text"
    sort: str = ""
    head: bool = False
    shown: bool = True
    link: Callable[[Any], str] | None = None
    note: str = ""  # the attribute shown small below
    noted: Any = ""  # what the note is called: with it, the note is a column of its own in a file
    currency: str = "currency"
    show: Callable[[Any], Any] | None = None
    value: Callable[[Any], Any] | None = None
    rule: str = ""

    @property
    def is_numeric(self) -> bool:
        """Whether cells stand flush right."""
        return self.kind in NUMERIC

    @property
    def falls(self) -> bool:
        """Whether the first click on the column sorts downwards: the newest, the most."""
        return self.is_numeric or self.kind in ("day", "short_day", "instant")

    def cell(self, row: Any, address: str = "") -> SafeString | str:
        """The cell as a page shows it. What names the row leads to the row's own page, at `address`."""
        shown = self.show(row) if self.show else self._drawn(read(row, self.key), row)
        if shown in ("", None):
            return NOTHING
        target = self.link(row) if self.link else address if self.head else ""
        if target:
            look = "table-key" if self.head else ""
            shown = SafeString(f'<a class="{look}" href="{escaped(target)}">{escaped(shown)}</a>')
        note = read(row, self.note) if self.note else ""
        return SafeString(f"{escaped(shown)}<small>{escaped(note)}</small>") if note else shown

    def _drawn(self, value: Any, row: Any) -> Any:
        if value is None or value == "":
            return ""
        if self.kind in ("money", "price"):
            return getattr(formats, self.kind)(value, read(row, self.currency))
        draw = _DRAWN.get(self.kind)
        return draw(value) if draw else value

    def plain(self, row: Any) -> Any:
        """The cell's value for a spreadsheet: numbers stay numbers, days stay days."""
        value = self.value(row) if self.value else read(row, self.key)
        if isinstance(value, datetime):
            return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
        if value is None or isinstance(value, (str, int, Decimal, date)):
            return words.word(value) if self.kind in ("badge", "word") and value else value
        return str(value)


_DRAWN: Mapping[str, Callable[[Any], Any]] = {
    "number": formats.number,
    "rate": formats.rate,
    "day": formats.day,
    "short_day": formats.short_day,
    "instant": formats.instant,
    "badge": formats.badge,
    "word": words.word,
    "code": lambda value: format_html("<code>{}</code>", value),
    "yes": lambda value: formats.icon("check") if value else "",
}


def escaped(value: Any) -> str:
    """As `conditional_escape`, without its detours: a page has hundreds of cells."""
    if isinstance(value, SafeString):
        return value
    return conditional_escape(value) if hasattr(value, "__html__") else escape(str(value))


def read(row: Any, key: str) -> Any:
    """A row's attribute, or the value under a key."""
    return row.get(key) if isinstance(row, Mapping) else getattr(row, key, None)
