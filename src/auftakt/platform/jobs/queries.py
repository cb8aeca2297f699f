"""Reads of jobs, their rows and logs, and whether anybody works."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from auftakt.platform.jobs.types import FileFacts, JobFacts, NoteFacts, RowFacts
from auftakt.platform.sql import Statements
from auftakt.values import Finding

sql = Statements("auftakt.platform")
_JSON_COLUMNS = (2, 3, 10, 11)


def jobs(ids: Sequence[UUID]) -> dict[UUID, JobFacts]:
    """Jobs by id; unknown ids are left out."""
    return {row[0]: _job(row) for row in sql.rows("read_jobs", ids=list(ids))}


def job(job_id: UUID) -> JobFacts | None:
    """One job, or None."""
    return jobs([job_id]).get(job_id)


def list_jobs(
    *, actor: str = "", state: str = "", kind: str = "", after: UUID | None = None, limit: int = 50
) -> list[JobFacts]:
    """The newest jobs first, from a position on."""
    return [_job(row) for row in sql.rows("list_jobs", actor=actor, state=state, kind=kind, after=after, limit=limit)]


def rows(job_id: UUID, *, state: str = "", after: int = -1, limit: int = 50) -> list[RowFacts]:
    """Rows of a job in their order, after a position."""
    return [_row(row) for row in sql.rows("list_rows", job=job_id, state=state, after=after, limit=limit)]


def next_rows(job_id: UUID, limit: int) -> list[RowFacts]:
    """The rows of a job that wait to be worked."""
    return [_row(row) for row in sql.rows("next_rows", job=job_id, limit=limit)]


def waits(job_id: UUID) -> bool:
    """Whether a row of the job waits to be worked."""
    return bool(sql.value("count_waiting", job=job_id))


def count_findings(job_id: UUID) -> list[tuple[str, int]]:
    """The codes of what was refused with their counts, the most frequent first."""
    return [(row[0], row[1]) for row in sql.rows("count_findings", job=job_id)]


def notes(job_id: UUID, limit: int = 200) -> list[NoteFacts]:
    """The log of a job, the latest first."""
    return [
        NoteFacts(key, at, code, _value(facts), detail)
        for key, at, code, facts, detail in sql.rows("list_notes", job=job_id, limit=limit)
    ]


def file(file_id: UUID) -> tuple[FileFacts, bytes] | None:
    """A file that was handed in, with its content; None when it is gone."""
    found = sql.rows("read_file", id=file_id)
    return (FileFacts(*found[0][:-1]), bytes(found[0][-1])) if found else None


def files(file_ids: Sequence[UUID]) -> dict[UUID, FileFacts]:
    """Files that were handed in, by id, without their content."""
    return {row[0]: FileFacts(*row) for row in sql.rows("read_files", ids=list(file_ids))}


def worker_seen() -> datetime | None:
    """When a worker last gave a sign of life (it gives one every ten seconds); None when there is none."""
    return sql.value("worker_seen")


def _job(row: Sequence[Any]) -> JobFacts:
    cells = list(row)
    for index in _JSON_COLUMNS:
        cells[index] = _value(cells[index])
    return JobFacts(*cells)


def _row(row: Sequence[Any]) -> RowFacts:
    return RowFacts(*row[:-1], findings=tuple(Finding(**finding) for finding in _value(row[-1])))


def _value(cell: Any) -> Any:
    return json.loads(cell) if isinstance(cell, str) else cell
