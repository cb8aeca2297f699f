"""Importing a file that was handed in, as a job: chunk by chunk, with what was refused listed by line and column.

A check does everything and takes each chunk back; so it tells what the import would do, except where rows of one file
depend on each other across chunks.
"""

import csv
import re
import tempfile
from collections.abc import Mapping as Table
from dataclasses import asdict, dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.channels.files.importing import PROBLEM, BadRow, OpenFile, open_file, take
from auftakt.channels.files.mapping import load_map, read_map
from auftakt.channels.files.reading import FileRefusedError
from auftakt.platform import jobs
from auftakt.platform.jobs import Chunk, JobFacts, Kind, RowResult, Step
from auftakt.values import Finding

CHUNK = 100
MOST_PROBLEMS = 20  # of one row


@dataclass(frozen=True, slots=True)
class FileOrder:
    """How a file is to be read: the kind, the map (one that comes along, or its text), the encoding, as drafts or not.
    The arguments of both kinds of job."""

    kind: str
    map: str = ""
    map_text: str = ""
    encoding: str = ""
    draft: bool = False

    def as_arguments(self) -> dict[str, Any]:
        """As the arguments of a job."""
        return asdict(self)


def look_at(filename: str, content: bytes, order: FileOrder) -> OpenFile:
    """Read a file as the order says. Raises FileRefusedError, MappingError."""
    mapping = None
    if order.map_text:
        mapping = read_map(order.map or "map", order.map_text)
    elif order.map:
        mapping = load_map(order.map)
    name = Path(filename.replace("\\", "/")).name
    with tempfile.TemporaryDirectory(prefix="auftakt-") as folder:
        path = Path(folder) / _safe_name(name)
        path.write_bytes(content)
        options = {"submit": False} if order.draft else {}
        opened = open_file(order.kind, path, mapping, encoding=order.encoding, options=options)
    return OpenFile(opened.kind, opened.names, opened.mapping, opened.folder, name, opened.groups, opened.rows)


def _safe_name(name: str) -> str:
    """The stranger's name for the file, as far as it is harmless."""
    return re.sub(r"[^\w.\- ]", "_", name)[-80:].lstrip(". ") or "file"


@lru_cache(maxsize=2)
def _opened(file_id: UUID, order: FileOrder) -> OpenFile:
    """The file of a job, read once per process."""
    found = jobs.file(file_id)
    if found is None:
        raise FileGoneError
    facts, content = found
    return look_at(facts.filename, content, order)


class FileGoneError(Exception):
    """The file was dropped, thirty days after its last job."""

    told = "file_gone"


def _open(chunk: Chunk) -> OpenFile:
    if chunk.job.file_id is None:
        raise FileGoneError
    try:
        return _opened(chunk.job.file_id, FileOrder(**chunk.job.arguments))
    except FileRefusedError as refused:
        refused.told = str(refused)  # type: ignore[attr-defined]
        raise


def bad_file(job: JobFacts) -> str:
    """The rows that a job refused, as they came, with the problem beside them: to be corrected and imported again."""
    if job.file_id is None:
        raise FileGoneError
    opened = _opened(job.file_id, FileOrder(**job.arguments))
    told: dict[int, str] = {}
    after = -1
    while rows := jobs.rows(job.id, state="refused", after=after, limit=1000):
        told |= {int(row.key): "; ".join(finding.message for finding in row.findings) for row in rows}
        after = rows[-1].position
    names = [name for name in opened.names if name and name != PROBLEM]
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([*names, PROBLEM])
    for group in opened.groups:
        problem = told.get(group.rows[0].line)
        if problem is not None:
            writer.writerows([*(row.cells.get(name, "") for name in names), problem] for row in group.rows)
    return text.getvalue()


def _import(chunk: Chunk) -> Step:
    opened = _open(chunk)
    start = chunk.checkpoint.get("drafts", 0)
    report, aside = take(opened, start, CHUNK, actor=chunk.job.actor, at=chunk.at)
    reached = min(start + CHUNK, len(opened.groups))
    before: Table[str, int] = chunk.job.result
    return Step(
        [_refused(line, problems) for line, problems in aside],
        worked=reached - start - len(aside),
        checkpoint={"drafts": reached},
        total=len(opened.groups),
        result={
            "rows": opened.rows,
            "taken": before.get("taken", 0) + report.taken,
            "unchanged": before.get("unchanged", 0) + report.unchanged,
        },
        is_last=reached >= len(opened.groups),
    )


def _check(chunk: Chunk) -> Step:
    with transaction.atomic():
        step = _import(chunk)
        transaction.set_rollback(True)
    return step


def _refused(line: int, problems: tuple[BadRow, ...]) -> RowResult:
    findings = tuple(
        Finding(bad.code, bad.message, f"/{bad.line}", {**bad.facts, "line": str(bad.line), "column": bad.column})
        for bad in problems[:MOST_PROBLEMS]
    )
    return RowResult(str(line), "refused", findings)


CHECK = jobs.register(Kind("files.check", _check, rows=0))
IMPORT = jobs.register(Kind("files.import", _import, rows=0))
