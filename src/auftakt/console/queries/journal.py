"""What happened, by whom, and what the things it happened to are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from auftakt.console.paging import Page, beginning, loaded
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Named:
    """What a subject is called; `kind` empty when it has no name of its own."""

    kind: str = ""
    id: UUID = _NOBODY
    name: str = ""


def journal_list(asked: Asked, *, zone: ZoneInfo) -> Page:
    """A page of the journal with the names of its subjects: a constant number of statements."""
    filters = dict(asked.filters)
    begin, end = filters.pop("day_from", None), filters.pop("day_to", None)
    filters["since"] = beginning(begin, zone) if begin else None
    filters["until"] = beginning(end + timedelta(days=1), zone) if end else None
    filters["subjects"] = [str(key) for key in _named(asked.words)] if asked.words else []
    page = replace(asked, filters=filters).page(sql, "journal_list")
    rows = [row._replace(change=loaded(row.change)) for row in page.rows]
    names = _names(rows)
    return replace(page, rows=[_Row(row, *_told(row, names)) for row in rows])


class _Row:
    """An entry with what its subject is called, and the order it belongs to."""

    def __init__(self, entry: Any, subject: Named, order: Named) -> None:
        self.id, self.at, self.actor, self.who = entry.id, entry.at, entry.actor, entry.who
        self.verb, self.change = entry.verb, entry.change
        self.subject_type, self.subject_id = entry.subject_type, entry.subject_id
        self.subject, self.order = subject, order


def _named(words: str) -> list[UUID]:
    """The ids that typed words mean: an id itself, or all that is called so; nobody when nothing is."""
    try:
        return [UUID(words)]
    except ValueError:
        return [row[0] for row in sql.rows("journal_find", text=words)] or [_NOBODY]


def _names(rows: Iterable[Any]) -> Mapping[UUID, Named]:
    wanted = {key for row in rows for key in (row.subject_id, _order_of(row)) if key}
    return {row[1]: Named(*row) for row in sql.rows("journal_subjects", ids=sorted(wanted))} if wanted else {}


def _told(row: Any, names: Mapping[UUID, Named]) -> tuple[Named, Named]:
    order = _order_of(row)
    return names.get(row.subject_id, Named()), names.get(order, Named()) if order else Named()


def _order_of(row: Any) -> UUID | None:
    try:
        return UUID(str(row.change["order_id"]))
    except (KeyError, TypeError, ValueError):
        return None


def actors() -> list[tuple[str, str]]:
    """Everybody who ever acted, with the names of users."""
    return [(row[0], row[1]) for row in sql.rows("journal_actors")]
