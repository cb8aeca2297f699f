"""Long work: who asked for what, and what became of each row."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from auftakt.console.paging import Page, loaded
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked
from auftakt.values import Finding


@dataclass(frozen=True, slots=True)
class JobRow:
    """One row of a job, with its findings as values."""

    id: UUID
    position: int
    key: str
    label: str
    state: str
    findings: tuple[Finding, ...]


def job_list(asked: Asked, *, mine: str = "") -> Page:
    """Jobs; only those of one actor when `mine` names one."""
    page = asked.page(sql, "job_list", mine=mine)
    return replace(page, rows=[row._replace(title=loaded(row.title)) for row in page.rows])


def job_rows(asked: Asked, *, job: UUID) -> Page:
    """Rows of one job."""
    page = asked.page(sql, "job_rows", job=job)
    return replace(page, rows=[_row(row) for row in page.rows])


def _row(row: Any) -> JobRow:
    findings = tuple(Finding(**each) for each in loaded(row.findings))
    return JobRow(row.id, row.position, row.key, row.label, row.state, findings)
