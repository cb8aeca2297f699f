"""Long work: the list, one job while it runs and after, and what may be done with it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console import long_work, tables
from auftakt.console.lists.jobs import jobs_of, rows_of
from auftakt.console.outcomes import edge, tell
from auftakt.console.permissions import signed_in
from auftakt.documents import queries as documents
from auftakt.identity.queries import may
from auftakt.platform import jobs as work

MANAGE = "jobs.manage"
_TENTH = 10


@signed_in
def jobs(request: HttpRequest) -> HttpResponse:
    """One's own jobs; those who manage jobs see everybody's."""
    manages = may(request.user.roles, MANAGE)
    mine = request.GET.get("whose") == "mine" or not manages
    here = edge(request)
    context = {"manages": manages, "mine": mine, "silent": long_work.is_silent(work.worker_seen(), here.at)}
    return tables.answer(request, jobs_of(here.actor if mine else ""), template="console/jobs.html", context=context)


@signed_in
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job: how far it is, what became of each row, its log."""
    found = visible_job(request, job_id)
    part = request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
    context = {} if part else _standing(request, found) | _more(request, found)
    return tables.answer(request, rows_of(found), template="console/job.html", context=context)


@signed_in
def progress(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """How far a job is: a page that watches it asks every other second, until it has ended."""
    found = visible_job(request, job_id)
    context = _standing(request, found)
    context["tells"] = str(context["tenth"]) != request.GET.get("told", "")
    if not found.is_unfinished:
        context |= _more(request, found)
    return render(request, "console/parts/job_progress.html", context)


@signed_in
@require_POST
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """End a job before it is through."""
    here = edge(request)
    visible_job(request, job_id)
    outcome = work.cancel([job_id], actor=here.actor, at=here.at)
    tell(request, outcome, _("The job ends after the rows it is at. What was done stays done."))
    return redirect("console:job", job_id)


@signed_in
@require_POST
def again(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Let a job that ended go on, or be done again."""
    here = edge(request)
    visible_job(request, job_id)
    which = request.POST.get("which", "")
    outcome = work.again([job_id], which if which in work.AGAIN else "rest", actor=here.actor, at=here.at)
    tell(request, outcome, _("The job is queued again."))
    return redirect("console:job", job_id)


def visible_job(request: HttpRequest, job_id: UUID) -> work.JobFacts:
    """The job, if it is one's own, or one manages jobs; otherwise there is none."""
    found = work.job(job_id)
    if found is None or (found.actor != request.user.email and not may(request.user.roles, MANAGE)):
        raise Http404
    return found


def _standing(request: HttpRequest, found: work.JobFacts) -> dict[str, Any]:
    """How a job stands now."""
    silent = found.is_unfinished and long_work.is_silent(work.worker_seen(), edge(request).at)
    return {
        "job": found,
        "kind": long_work.kind(found.kind),
        "detail": long_work.detail(found.title),
        "fault": long_work.fault(found) if found.state == "failed" else "",
        "silent": silent,
        "tenth": (found.share or 0) // _TENTH if found.is_unfinished else found.state,
    }


def _more(request: HttpRequest, found: work.JobFacts) -> dict[str, Any]:
    """The log, what the job has made, and which rows may be done again."""
    sees_details = may(request.user.roles, MANAGE)
    paper = found.result.get("document")
    known = documents.documents([UUID(paper)]) if paper else {}
    return {
        "notes": [
            {
                "at": line.at,
                "text": long_work.note(line),
                "detail": line.detail if sees_details else "",
                "tone": long_work.TONES.get(line.code, ("info", "half"))[0],
                "icon": long_work.TONES.get(line.code, ("info", "half"))[1],
            }
            for line in work.notes(found.id)
        ],
        "paper": next(iter(known.values()), None),
        "by_rows": found.kind in work.KINDS and work.KINDS[found.kind].rows > 0,
        "is_file": found.kind.startswith("files."),
    }
