"""The journal: every verb writes its rows here in its own transaction. What is not in it did not happen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import c_make_encoder, encode_basestring_ascii
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from auftakt.platform.sql import Statements, insert_rows
from auftakt.values import new_ids

sql = Statements("auftakt.platform")
# The standard library's encoder makes itself anew for every value; this one is made once.
_chunks = c_make_encoder(None, DjangoJSONEncoder().default, encode_basestring_ascii, None, ":", ",", False, False, True)
_ZERO = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to one subject."""

    subject_type: str
    subject_id: UUID
    change: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry as read back from the journal."""

    id: UUID
    tx: int
    at: datetime
    actor: str
    verb: str
    subject_type: str
    subject_id: UUID
    change: dict[str, Any]


def write(verb: str, entries: Sequence[Entry], *, actor: str, at: datetime) -> None:
    """Append entries, in the caller's transaction: one statement for any number."""
    write_all([(verb, entry) for entry in entries], actor=actor, at=at)


def write_all(happened: Sequence[tuple[str, Entry]], *, actor: str, at: datetime) -> None:
    """Append entries of several verbs, in the caller's transaction: one statement for any number."""
    ids = new_ids(len(happened))
    rows = [
        (key, at, actor, verb, entry.subject_type, entry.subject_id, "".join(_chunks(dict(entry.change), 0)))
        for key, (verb, entry) in zip(ids, happened, strict=True)
    ]
    insert_rows("platform_journalentry", ("id", "at", "actor", "verb", "subject_type", "subject_id", "change"), rows)


@contextmanager
def reading(name: str, limit: int = 1000) -> Iterator[list[Happened]]:
    """The next entries for a named reader; leaving the block without an error moves the reader past them.

    Yields nothing when another process is reading under the name.
    """
    with transaction.atomic():
        sql.run("ensure_reader", name=name)
        position = sql.rows("lock_reader", name=name)
        if not position:
            yield []
            return
        tx, entry_id = position[0]
        rows = sql.rows("read_journal", tx=str(tx), entry_id=entry_id or _ZERO, limit=limit)
        entries = [Happened(*row[:-1], json.loads(row[-1]) if isinstance(row[-1], str) else row[-1]) for row in rows]
        yield entries
        if entries:
            sql.run("move_reader", name=name, tx=entries[-1].tx, entry_id=entries[-1].id)


def horizon() -> int:
    """The first transaction that may still be in flight: everything before it has ended."""
    return sql.value("read_horizon")


def pass_over(name: str, to: int) -> None:
    """Move a named reader to a horizon without reading; what was in flight there will still be read."""
    with transaction.atomic():
        sql.run("ensure_reader", name=name)
        if sql.rows("lock_reader", name=name):
            sql.run("pass_reader_over", name=name, to=to)


def begin_at_horizon(name: str) -> bool:
    """Make a reader that begins with what comes next. False when there is one under the name already."""
    return sql.run("begin_reader", name=name) > 0


def hold_reader(name: str) -> None:
    """Keep others from reading under a name until the transaction ends."""
    sql.rows("hold_reader", name=name)


def feed(
    after: tuple[int, UUID] | None = None,
    *,
    verb: str = "",
    subject_type: str = "",
    subject_id: UUID | None = None,
    limit: int = 100,
) -> list[Happened]:
    """Entries after a position (transaction, id), for readers that keep their own; a late commit is never skipped."""
    tx, entry_id = after or (0, _ZERO)
    rows = sql.rows(
        "feed_journal",
        tx=str(tx),
        entry_id=entry_id,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        limit=limit,
    )
    return [Happened(*row[:-1], json.loads(row[-1]) if isinstance(row[-1], str) else row[-1]) for row in rows]
