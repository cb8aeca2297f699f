"""Filters: how a list is narrowed, in its address, in its form, and as chips that take them away again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats
from auftakt.console.outcomes import day_of

LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What all filters have: the name in the address (and of the statement's `-- if` line), and the title."""

    name: str
    title: Any

    kind = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the address that belong to the filter."""
        return (self.name,)

    def read(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The values for the statement; nothing when the filter is not used or makes no sense."""
        text = query.get(self.name, "").replace("\0", "").strip()[:LONGEST]
        return {self.name: text} if text else {}

    def spoken(self, query: Mapping[str, str]) -> str:
        """The filter in force as its chip says it."""
        return query.get(self.name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Filter):
    """One of a few. `options` yields codes and their words; `chips` shows them all above the list, not in the form."""

    options: Callable[[], Iterable[tuple[str, Any]]]
    chips: bool = False

    kind = "choice"

    def read(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The code, if it is one of them."""
        text = query.get(self.name, "")
        return {self.name: text} if text and any(text == code for code, _label in self.options()) else {}

    def spoken(self, query: Mapping[str, str]) -> str:
        """The chosen word."""
        return str(dict(self.options()).get(query.get(self.name, ""), ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle(Filter):
    """Only the rows for which something is so; a chip that is pressed or not."""

    icon: str = ""

    kind = "toggle"

    def read(self, query: Mapping[str, str]) -> dict[str, Any]:
        """True when pressed."""
        return {self.name: True} if query.get(self.name) == "1" else {}

    def spoken(self, query: Mapping[str, str]) -> str:
        """The title says it."""
        return str(self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick(Filter):
    """One of very many, found by typing: a customer, an item. `source` is the route that answers the combobox."""

    source: str

    kind = "pick"

    @property
    def names(self) -> tuple[str, ...]:
        """The code, and the name that was shown for it."""
        return (self.name, f"{self.name}_name")

    def spoken(self, query: Mapping[str, str]) -> str:
        """The name, or the code when the address came without one."""
        return query.get(f"{self.name}_name", "") or query.get(self.name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Days(Filter):
    """A period, both days included; either may be open. The statement gets `NAME_from` and `NAME_to`."""

    kind = "days"

    @property
    def names(self) -> tuple[str, ...]:
        """Beginning and end."""
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The days that make sense."""
        found = {name: day_of(query.get(name, "")) for name in self.names}
        return {name: day for name, day in found.items() if day}

    def spoken(self, query: Mapping[str, str]) -> str:
        """`1 Nov 2026 – 24 Nov 2026`, or the half of it."""
        begin, end = (day_of(query.get(name, "")) for name in self.names)
        if begin and end:
            return formats.day(begin) if begin == end else f"{formats.day(begin)} – {formats.day(end)}"
        text = _("from %(day)s") if begin else _("until %(day)s")
        return text % {"day": formats.day(begin or end)}

    def presets(self, today: date) -> list[tuple[Any, date, date]]:
        """Periods that people ask for again and again."""
        month = today.replace(day=1)
        return [
            (gettext_lazy("Today"), today, today),
            (gettext_lazy("Last 7 days"), today - timedelta(days=6), today),
            (gettext_lazy("This month"), month, today),
            (gettext_lazy("Last month"), (month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Filter):
    """From a number to a number, as typed in the user's notation. The statement gets `NAME_min` and `NAME_max`."""

    kind = "span"

    @property
    def names(self) -> tuple[str, ...]:
        """The least and the most."""
        return (f"{self.name}_min", f"{self.name}_max")

    def read(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The numbers that make sense and fit a column."""
        found = {name: formats.parse_number(query.get(name, "")[:LONGEST]) for name in self.names}
        return {name: value for name, value in found.items() if value is not None and abs(value) < Decimal(10**12)}

    def spoken(self, query: Mapping[str, str]) -> str:
        """`100 – 500`, `≥ 100`, `≤ 500`."""
        least, most = (query.get(name, "").strip() for name in self.names)
        return f"{least} – {most}" if least and most else f"≥ {least}" if least else f"≤ {most}"
