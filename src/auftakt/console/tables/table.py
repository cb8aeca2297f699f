"""A list: its columns, filters, order, and what an address asks of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer

from auftakt.console.paging import PAGE, Page
from auftakt.console.tables.columns import Column, read
from auftakt.console.tables.filters import LONGEST, Filter
from auftakt.platform.sql import Statements

_CURSORS = Signer(salt="auftakt.list")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of a list: words, filters as the statement takes them, order, position."""

    words: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    after: tuple[str, ...] | None = None
    limit: int = PAGE

    def page(self, sql: Statements, statement: str, **more: Any) -> Page:
        """The rows a named statement has for this, and where the next page begins. One statement.

        The words come as `text` (as typed), `like` (anywhere), `start` (at the beginning); `more` are further
        parameters.
        """
        rows = sql.listed(
            statement,
            by=self.sort,
            descending=self.descending,
            after=self.after,
            limit=self.limit + 1,
            **patterns(self.words),
            **self.filters,
            **more,
        )
        return self.cut(rows)

    def cut(self, rows: Sequence[Any]) -> Page:
        """A page of rows of which one more than wanted was read."""
        if len(rows) <= self.limit:
            return Page(rows)
        last = rows[self.limit - 1]
        keys = ("id",) if self.sort == "id" else (self.sort, "id")
        place = [str(read(last, key)) for key in keys]
        return Page(rows[: self.limit], _CURSORS.sign_object([self.sort, self.descending, *place], compress=True))


def _place(text: str, sort: str, descending: bool) -> tuple[str, ...] | None:
    """The place in a list that a cursor names; None for one that is not ours or was made in another order."""
    if not text:
        return None
    try:
        found = _CURSORS.unsign_object(text)
    except (BadSignature, ValueError):
        return None
    return tuple(found[2:]) if found[:2] == [sort, descending] else None


def patterns(words: str) -> dict[str, str]:
    """Patterns of typed words for `like`; empty ones when nothing was typed, so that `-- if text` leaves them out."""
    plain = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"text": words, "like": f"%{plain}%", "start": f"{plain}%"}


@dataclass(frozen=True, slots=True)
class Bulk:
    """Something that may be done to many rows: the ticked ones are posted to the route `route` as `row` fields; for all
    that match there is one field `filter`, the query of the list's address."""

    route: str
    title: Any
    icon: str
    rule: str
    arguments: tuple[str, ...] = ()
    tone: str = ""  # bad: shown as dangerous


@dataclass(frozen=True, slots=True)
class Empty:
    """What a list without rows says, and what to do next."""

    icon: str
    title: Any
    text: Any
    action: Any = ""
    href: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over the ticked rows, or over all that match: a word and what it comes to."""

    title: Any
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A list, declared. `read` gets what is asked and answers with a page of rows, each with an `id`.

    `sort` is the order when none is asked for (a column's `sort`, a minus before it turns it round). `words` labels the
    search field; without it there is none. `totals` answers sums for ticked ids, or for all that match when there are
    none. `href` says where a click on a row leads.
    """

    name: str
    title: Any
    columns: tuple[Column, ...]
    read: Callable[[Asked], Page]
    sort: str
    filters: tuple[Filter, ...] = ()
    words: Any = ""
    empty: Empty | None = None
    bulk: tuple[Bulk, ...] = ()
    totals: Callable[[Asked, Sequence[UUID] | None], Sequence[Total]] | None = None
    href: Callable[[Any], str] | None = None

    def asked(self, query: Mapping[str, str], *, limit: int = PAGE) -> Asked:
        """What an address asks; what makes no sense in it is ignored."""
        filters: dict[str, Any] = {}
        for each in self.filters:
            filters |= each.read(query)
        sort, descending = self._order(query.get("sort", ""))
        words = query.get("q", "").replace("\0", "").strip()[:LONGEST]
        after = _place(query.get("after", ""), sort, descending)
        return Asked(words, filters, sort, descending, after, limit)

    def _order(self, wish: str) -> tuple[str, bool]:
        known = {column.sort for column in self.columns if column.sort}
        chosen = wish if wish.removeprefix("-") in known else self.sort
        return chosen.removeprefix("-"), chosen.startswith("-")

    def chosen(self, keys: Sequence[str], allowed: Callable[[str], bool]) -> tuple[Column, ...]:
        """The columns to show: those named by key, in that order, else the usual ones. What names the row leads."""
        offered = {column.key: column for column in self.offered(allowed)}
        wished = [offered[key] for key in keys if key in offered] or [each for each in offered.values() if each.shown]
        heads = [each for each in offered.values() if each.head and each not in wished]
        return tuple(sorted([*heads, *wished], key=lambda each: not each.head))

    def offered(self, allowed: Callable[[str], bool]) -> tuple[Column, ...]:
        """The columns that somebody may see."""
        return tuple(column for column in self.columns if not column.rule or allowed(column.rule))
