"""How the house writes its numbers: prefix, digits and the next count of a range, changed by a verb."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import connection, transaction
from psycopg.sql import SQL, Literal

from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import as_written
from auftakt.platform.sql import Statements
from auftakt.values import MOST_DIGITS, PREFIX, Finding, NumberRange, Outcome, Refusal

sql = Statements("auftakt.platform")
HIGHEST = 10**12


@dataclass(frozen=True, slots=True)
class NumberChange:
    """How a range shall be written from now on, and the next count (None: as it comes)."""

    name: str
    prefix: str
    digits: int
    next: int | None = None


def range_id(name: str) -> UUID:
    """A range is known by its name; the journal knows it by this id made from it."""
    return uuid5(NAMESPACE_URL, f"auftakt:numbers:{name}")


def next_counts(kinds: Sequence[NumberRange]) -> dict[str, int]:
    """The next count of the ranges that have a counting column."""
    return {kind.name: _next(_counter(kind)) for kind in kinds if kind.table}


def _counter(kind: NumberRange) -> str:
    """The name of the column's own counter, as PostgreSQL writes it."""
    return sql.value("counter_of", table=kind.table, column=kind.column)


def _next(counter: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select last_value + is_called::int from {counter}")
        return cursor.fetchone()[0]


def gapless_next(names: Sequence[str]) -> dict[str, int]:
    """The next count of gapless sequences; one that never was drawn from begins at 1."""
    drawn = dict(sql.rows("gapless_values", names=list(names)))
    return {name: drawn.get(name, 0) + 1 for name in names}


def change_numbers(
    changes: Sequence[NumberChange], *, known: Sequence[NumberRange], actor: str, at: datetime
) -> Outcome[str]:
    """Write ranges in another way from the next number on. `known`: all ranges there are, as they come unchanged.

    What is numbered keeps its number. A prefix ends without a digit and belongs to one range; counts rise only: so no
    number is ever given twice. Refuses (subject: the range) `range_unknown`, `prefix_invalid`, `prefix_taken`,
    `digits_invalid`, `count_falls`, `count_too_high`, and `count_fixed` where counts must not leave a gap.
    """
    ranges = {kind.name: kind for kind in known}
    done: list[str] = []
    refused: list[Refusal] = []
    with transaction.atomic():
        sql.rows("lock_ranges")
        present = as_written(known)
        for change in changes:
            found = _findings(change, ranges, present)
            if found:
                refused.append(Refusal(change.name, tuple(found)))
                continue
            _write(change, ranges[change.name], present[change.name], actor=actor, at=at)
            present = as_written(known)
            done.append(change.name)
    return Outcome(tuple(done), tuple(refused))


def _findings(
    change: NumberChange, ranges: Mapping[str, NumberRange], present: Mapping[str, NumberRange]
) -> list[Finding]:
    if change.name not in ranges:
        return [Finding("range_unknown", f"There is no range {change.name}.")]
    found: list[Finding] = []
    if not PREFIX.fullmatch(change.prefix):
        message = "A prefix is capital letters, digits and . _ / - and ends without a digit, such as SO-."
        found.append(Finding("prefix_invalid", message, "/prefix"))
    holder = next(
        (name for name, kind in present.items() if kind.prefix == change.prefix and name != change.name), None
    )
    if holder:
        message = f"Another range is numbered with {change.prefix}."
        found.append(Finding("prefix_taken", message, "/prefix", {"prefix": change.prefix, "range": holder}))
    if not 0 <= change.digits <= MOST_DIGITS:
        found.append(Finding("digits_invalid", f"Give 0 to {MOST_DIGITS} digits.", "/digits"))
    return found + _count_findings(change, ranges[change.name])


def _count_findings(change: NumberChange, kind: NumberRange) -> list[Finding]:
    if change.next is None:
        return []
    if not kind.table:
        return [Finding("count_fixed", "These numbers run without a gap: the next one cannot be chosen.", "/next")]
    now = next_counts([kind]).get(kind.name, 0)
    if change.next < now:
        message = f"Counts rise only: the next one is {now} already."
        return [Finding("count_falls", message, "/next", {"next": str(now)})]
    if change.next >= HIGHEST:
        return [Finding("count_too_high", "That is higher than counts may be.", "/next")]
    return []


def _write(change: NumberChange, kind: NumberRange, before: NumberRange, *, actor: str, at: datetime) -> None:
    told: dict[str, object] = {}
    if (before.prefix, before.digits) != (change.prefix, change.digits):
        sql.run("save_range", name=change.name, prefix=change.prefix, digits=change.digits)
        told |= {"prefix": [before.prefix, change.prefix], "digits": [before.digits, change.digits]}
    if change.next is not None:
        told |= _jump(kind, change.next)
    if told:
        journal.write("numbers.changed", [Entry("numbers", range_id(change.name), told)], actor=actor, at=at)


def _jump(kind: NumberRange, wished: int) -> dict[str, object]:
    """Let a counter go on at a higher count. Altering it keeps others from drawing until we commit, and only then is it
    read again: it never goes back."""
    counter = _counter(kind)
    with connection.cursor() as cursor:
        cursor.execute(f"alter sequence {counter} no cycle")
        now = _next(counter)
        if wished <= now:
            return {}
        cursor.execute(SQL("alter sequence {} restart with {}").format(SQL(counter), Literal(wished)))
    return {"next": [now, wished]}
