"""Lists of long work, and of what became of its rows."""

from dataclasses import replace
from functools import partial
from operator import itemgetter
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats, long_work, words
from auftakt.console.findings import spoken
from auftakt.console.queries import jobs as reads
from auftakt.console.tables import Choice, Column, Empty, Table
from auftakt.platform.jobs import JOB_LIFECYCLE, JobFacts

_STATES = ("queued", "running", "done", "failed", "cancelled")
assert set(_STATES) == JOB_LIFECYCLE.states


def _page(row: Any) -> str:
    return reverse("console:job", args=[row.id])


def _how_far(row: Any) -> str:
    if row.total and row.state in ("queued", "running", "failed", "cancelled"):
        told = _("%(done)s of %(total)s") % {"done": formats.number(row.done), "total": formats.number(row.total)}
    else:
        told = formats.number(row.done) if row.done else ""
    if not row.refused:
        return told
    refused = _("%(count)s refused") % {"count": formats.number(row.refused)}
    return format_html('{}<small class="bad">{}</small>', told, refused)


_JOBS = Table(
    name="jobs",
    title=gettext_lazy("Jobs"),
    sort="-id",
    read=reads.job_list,
    href=_page,
    columns=(
        Column(
            "kind",
            gettext_lazy("What"),
            head=True,
            show=lambda row: long_work.kind(row.kind),
            value=lambda row: long_work.kind(row.kind),
            link=_page,
        ),
        Column(
            "told",
            gettext_lazy("Details"),
            show=lambda row: long_work.detail(row.title),
            value=lambda row: long_work.detail(row.title),
        ),
        Column("state", gettext_lazy("State"), "badge"),
        Column("done", gettext_lazy("Rows"), show=_how_far, value=lambda row: row.done),
        Column("refused", gettext_lazy("Refused"), "number", shown=False),
        Column("asked_by", gettext_lazy("Asked by")),
        Column("created_at", gettext_lazy("Asked"), "instant", sort="id"),
        Column("finished_at", gettext_lazy("Ended"), "instant"),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=lambda: [(code, words.word(code)) for code in _STATES],
            chips=True,
        ),
        Choice(
            name="kind",
            title=gettext_lazy("What"),
            options=lambda: sorted(((code, long_work.kind(code)) for code in long_work.KINDS), key=itemgetter(1)),
        ),
    ),
    empty=Empty(
        "clock",
        gettext_lazy("No job yet"),
        gettext_lazy("What is done with many orders at once, and every import, is shown here while it runs and after."),
    ),
)


def jobs_of(actor: str) -> Table:
    """The list of jobs; only those of one actor when one is named."""
    return replace(_JOBS, read=partial(reads.job_list, mine=actor))


def _message(row: Any) -> str:
    return " ".join(dict.fromkeys(_told(finding) for finding in row.findings))


def _told(finding: Any) -> str:
    column = finding.facts.get("column", "")
    text = spoken(finding)
    return f"{column}: {text}" if column and not text.startswith(column) else text


def rows_of(job: JobFacts) -> Table:
    """The rows of one job."""

    def label(row: Any) -> str:
        return long_work.row_label(job.kind, row.key, row.label)

    def page(row: Any) -> str:
        return long_work.row_href(job.kind, row.key)

    link = page if long_work.leads_somewhere(job.kind) else None
    return Table(
        name="job-rows",
        title=long_work.kind(job.kind),
        sort="position",
        read=partial(reads.job_rows, job=job.id),
        href=link,
        columns=(
            Column("label", gettext_lazy("Row"), sort="position", head=True, show=label, value=label, link=link),
            Column("state", gettext_lazy("Result"), "badge"),
            Column("message", gettext_lazy("Why"), show=_message, value=_message),
        ),
        filters=(
            Choice(
                name="state",
                title=gettext_lazy("Result"),
                options=lambda: [(code, words.word(code)) for code in ("refused", "done", "waiting")],
                chips=True,
            ),
        ),
        empty=Empty(
            "check",
            gettext_lazy("No row to show"),
            gettext_lazy("Rows that were refused are listed here with the reason."),
        ),
    )
