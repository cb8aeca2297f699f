"""Importing a file: good rows go in, bad rows are reported by line and column and kept for correction."""

import csv
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Table
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from auftakt.channels.files.fields import Fields
from auftakt.channels.files.kinds import KINDS, Context, Kind
from auftakt.channels.files.mapping import CellError, Mapping, Reader, columns_of, details_by_group
from auftakt.channels.files.reading import FileRefusedError, Row, read_rows
from auftakt.values import Outcome, Refusal

CHUNK = 1000
PROBLEM = "auftakt_problem"
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BadRow:
    """One problem: where it is and what to do."""

    line: int
    column: str
    code: str
    message: str
    facts: Table[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class ImportReport:
    """What an import did. `taken` counts drafts (an order is one, whatever its rows), `unchanged` those known."""

    kind: str
    rows: int = 0
    taken: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[BadRow] = field(default_factory=list[BadRow])
    bad_file: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that make one draft, and the rows of its lines."""

    rows: tuple[Row, ...]
    lines: tuple[Row, ...]


@dataclass(slots=True)
class _Work:
    """What is known while a file is imported."""

    kind: Kind
    mapping: Mapping
    reader: Reader
    context: Context
    report: ImportReport
    bad: list[tuple[Row, str]] = field(default_factory=list[tuple[Row, str]])
    aside: list[tuple[int, tuple[BadRow, ...]]] = field(default_factory=list[tuple[int, tuple[BadRow, ...]]])
    told: int = 0  # how many of the report's problems are with `aside`


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that was understood: its column names, the map, and the rows that make drafts, still to be taken."""

    kind: Kind
    names: Sequence[str]
    mapping: Mapping
    folder: Path
    file: str
    groups: Sequence[Group]
    rows: int


def open_file(
    kind_name: str,
    path: Path,
    mapping: Mapping | None = None,
    *,
    encoding: str = "",
    options: Table[str, Any] | None = None,
) -> OpenFile:
    """Read a file wholly, to be taken piece by piece. Raises FileRefusedError when it as a whole cannot be used."""
    names, work, rows = _begin(kind_name, path, mapping, Context("", _NEVER, {}, path.name), encoding, options)
    groups = list(_groups(work, rows, path.parent))
    return OpenFile(work.kind, names, work.mapping, path.parent, path.name, groups, work.report.rows)


def take(
    opened: OpenFile, start: int, count: int, *, actor: str, at: datetime
) -> tuple[ImportReport, list[tuple[int, tuple[BadRow, ...]]]]:
    """Take `count` drafts of an open file from a place on, in the caller's transaction: what was done, and for each
    refused draft its line and problems."""
    context = Context(actor, at, opened.mapping.options, opened.file)
    reader = Reader(opened.mapping, opened.folder)
    work = _Work(opened.kind, opened.mapping, reader, context, ImportReport(opened.kind.name))
    _take(work, opened.groups[start : start + count])
    return work.report, work.aside


def import_file(
    kind_name: str,
    path: Path,
    mapping: Mapping | None = None,
    *,
    actor: str,
    at: datetime,
    encoding: str = "",
    dry_run: bool = False,
    options: Table[str, Any] | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> ImportReport:
    """Import a file of one kind. Raises FileRefusedError when the file as a whole cannot be used.

    Running it twice changes nothing the second time. A dry run does everything and takes it back.
    """
    names, work, rows = _begin(kind_name, path, mapping, Context(actor, at, {}, path.name), encoding, options)
    work.report.dry_run = dry_run
    with transaction.atomic() if dry_run else nullcontext():
        groups = _groups(work, rows, path.parent)
        while chunk := list(islice(groups, CHUNK)):
            _take(work, chunk)
            progress(sum(len(group.lines) or 1 for group in chunk))
        if dry_run:
            transaction.set_rollback(True)
    if work.bad and not dry_run:
        work.report.bad_file = str(_write_bad(path, names, work.bad))
    return work.report


def _begin(
    kind_name: str,
    path: Path,
    mapping: Mapping | None,
    context: Context,
    encoding: str,
    options: Table[str, Any] | None,
) -> tuple[list[str], _Work, Iterator[Row]]:
    kind = KINDS[kind_name]
    if mapping is not None and mapping.kind != kind_name:
        raise FileRefusedError(
            f"The map is for {mapping.kind}, not for {kind_name}.", "map_of_other_kind", map=mapping.kind
        )
    told = mapping or Mapping(
        kind_name, {name: name for name in kind.fields}, {name: name for name in kind.line_fields}
    )
    told.options.update(options or {})
    names, rows = read_rows(path, encoding=encoding or told.encoding)
    _check_columns(path, names, told, kind, given=mapping is not None)
    known = Context(context.actor, context.at, told.options, context.file)
    return names, _Work(kind, told, Reader(told, path.parent), known, ImportReport(kind_name)), rows


def _check_columns(path: Path, names: Sequence[str], mapping: Mapping, kind: Kind, *, given: bool) -> None:
    used = {**mapping.fields, **({} if mapping.details else mapping.line)}
    if given:
        needed = [
            *columns_of(used.values()),
            *mapping.where,
            *mapping.where_not,
            *(check["column"] for check in mapping.checks),
            *([mapping.group] if mapping.group else []),
        ]
    else:
        needed = list(kind.required)
    missing = sorted({column for column in needed if column not in names})
    if missing:
        raise FileRefusedError(
            f"{path.name} lacks the column {', '.join(missing)}; it has: {', '.join(names)}. "
            "Add it, or name a mapping file with --map.",
            "column_missing",
            columns=", ".join(missing),
            found=", ".join(names)[:300],
        )


def _groups(work: _Work, rows: Iterator[Row], folder: Path) -> Iterator[Group]:
    kept = (row for row in rows if work.reader.wanted(row))
    if not work.kind.line_fields:
        for row in kept:
            work.report.rows += 1
            yield Group((row,), ())
        return
    group = work.mapping.group or work.kind.group
    together: dict[str, list[Row]] = {}
    for row in kept:
        work.report.rows += 1
        together.setdefault(row.cells.get(group, "") or f"line {row.line}", []).append(row)
    if work.mapping.details:
        details = details_by_group(work.mapping, folder)
        for key, own in together.items():
            lines = tuple(row for row in details.get(key, ()) if not work.reader.is_nothing(row))
            if lines or key not in details:
                yield Group(tuple(own), lines)
        return
    for own in together.values():
        yield Group(tuple(own), tuple(own))


def _take(work: _Work, chunk: Sequence[Group]) -> None:
    """Read the drafts of a chunk, hand the good ones to the verb, and note what it refused."""
    drafts: list[Any] = []
    sources: list[Group] = []
    for group in chunk:
        draft = _draft(work, group)
        if draft is not None:
            drafts.append(draft)
            sources.append(group)
    if not drafts:
        return
    outcome: Outcome[Any] = work.kind.verb(drafts, work.context)
    by_subject = {str(index): index for index in range(len(drafts))}
    by_subject |= {work.kind.subject(draft): index for index, draft in enumerate(drafts)}
    for refusal in outcome.refused:
        _note_refusal(work, sources[by_subject[refusal.subject]], refusal)
    unchanged = sum(1 for done in outcome.done if getattr(done, "result", "") == "unchanged")
    work.report.unchanged += unchanged
    work.report.taken += len(drafts) - len(outcome.refused) - unchanged


def _draft(work: _Work, group: Group) -> Any | None:
    problems: list[tuple[Row, CellError]] = [
        (row, problem) for row in group.rows for problem in work.reader.failed_checks(row)
    ]
    problems += [(row, _too_many(row)) for row in group.rows if row.surplus]
    head = _read(work, work.mapping.fields, group.rows[0], problems)
    lines = [_read(work, work.mapping.line, row, problems) for row in group.lines]
    draft = None
    if not problems:
        draft = work.kind.build(head, lines, work.context)
        problems += [(group.rows[0], problem) for problem in head.problems]
        for row, fields in zip(group.lines, lines, strict=True):
            problems += [(row, problem) for problem in fields.problems]
    if not problems:
        return draft
    for row, problem in problems:
        work.report.problems.append(BadRow(row.line, problem.column, problem.code, str(problem)))
    _set_aside(work, group, "; ".join(str(problem) for _, problem in problems))
    return None


def _too_many(row: Row) -> CellError:
    text = f"{row.surplus} cells more than columns: put a value with a separator in quotation marks."
    return CellError("too_many_cells", "", text)


def _read(work: _Work, sources: dict[str, Any], row: Row, problems: list[tuple[Row, CellError]]) -> Fields:
    found: dict[str, str] = {}
    for target, source in sources.items():
        try:
            found |= work.reader.values({target: source}, row)
        except CellError as problem:
            problems.append((row, problem))
    return Fields(found, sources)


def _note_refusal(work: _Work, group: Group, refusal: Refusal) -> None:
    for finding in refusal.findings:
        parts = finding.place.strip("/").split("/")
        row = group.rows[0]
        sources = work.mapping.fields
        if parts[0] == "lines" and len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(group.lines):
            row = group.lines[int(parts[1])]
            sources = work.mapping.line
        target = next((part for part in reversed(parts) if part in sources), "")
        column = columns_of([sources[target]])[0] if target and columns_of([sources[target]]) else parts[-1]
        work.report.problems.append(BadRow(row.line, column, finding.code, finding.message, finding.facts))
    _set_aside(work, group, refusal.message)


def _set_aside(work: _Work, group: Group, message: str) -> None:
    work.report.refused += 1
    work.bad += [(row, message) for row in group.rows]
    work.aside.append((group.rows[0].line, tuple(work.report.problems[work.told :])))
    work.told = len(work.report.problems)


def _write_bad(path: Path, names: Sequence[str], bad: Sequence[tuple[Row, str]]) -> Path:
    """The bad rows as they came, with the problem beside them: to be corrected and imported again."""
    target = path.with_name(f"{path.name.split('.')[0]}.bad.csv")
    if not _may_write(path.parent):
        target = Path.cwd() / target.name
    columns = [name for name in names if name and name != PROBLEM]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, PROBLEM])
        for row, message in sorted(bad, key=lambda each: each[0].line):
            writer.writerow([*(row.cells.get(name, "") for name in columns), message])
    return target


def _may_write(folder: Path) -> bool:
    probe = folder / ".auftakt-probe"
    try:
        probe.touch()
    except OSError:
        return False
    probe.unlink()
    return True
