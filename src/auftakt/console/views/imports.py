"""Importing files: hand one in, see what it would do, correct it, let it be taken."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.channels import files
from auftakt.channels.files import FileOrder
from auftakt.console.findings import spoken
from auftakt.console.importing import LEADS, RULES, TITLES, importable
from auftakt.console.outcomes import edge
from auftakt.console.permissions import signed_in
from auftakt.console.views.jobs import visible_job
from auftakt.platform import jobs
from auftakt.platform.jobs import JobDraft

MOST_BYTES = 25 * 1024 * 1024
ENCODINGS = ("utf-8-sig", "cp1252", "iso-8859-15", "utf-16")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
def imports(request: HttpRequest) -> HttpResponse:
    """Choose what a file holds and hand it in: it is checked first, nothing is changed."""
    kinds = importable(request.user.roles)
    wished = request.POST.get("kind") or request.GET.get("kind", "")
    if wished in files.KINDS and wished not in kinds:
        raise PermissionDenied(RULES.get(wished, "users.manage"))
    kind = wished if wished in kinds else next(iter(kinds), "")
    problem = ""
    if request.method == "POST" and kind:
        problem, job_id = _hand_in(request, kind)
        if job_id is not None:
            return redirect("console:job", job_id)
    known = files.KINDS.get(kind)
    context = {
        "kinds": [(each, TITLES.get(each, each)) for each in kinds],
        "kind": kind,
        "title": TITLES.get(kind, kind),
        "lead": LEADS.get(kind, ""),
        "required": known.required if known else (),
        "optional": [
            name for name in (*known.fields, *known.line_fields) if name not in known.required
        ] if known else [],
        "maps": _maps(kind),
        "encodings": ENCODINGS,
        "asked": {name: request.POST.get(name, "") for name in ("map", "encoding", "draft")},
        "problem": problem,
        "most": MOST_BYTES,
    }  # fmt: skip
    return render(request, "console/imports.html", context, status=422 if problem else 200)


def _maps(kind: str) -> list[str]:
    """The maps that come along for a kind and need no other file."""
    found = [(name, files.load_map(name)) for name in files.shipped_maps()]
    return [name for name, mapping in found if mapping.kind == kind and files.stands_alone(mapping)]


def _hand_in(request: HttpRequest, kind: str) -> tuple[str, UUID | None]:
    """Read the file far enough to know that it can be used, keep it, and ask for its check."""
    upload = request.FILES.get("file")
    if upload is None:
        return _("Choose a file first."), None
    if (upload.size or 0) > MOST_BYTES:
        return _("The file has more than 25 MB: split it, or use “auftakt import”."), None
    name, content = (upload.name or "file").replace("\0", ""), upload.read()
    try:
        order = _order(request, kind)
        opened = files.look_at(name, content, order)
    except (UnicodeDecodeError, files.MappingError) as error:
        return _("The map cannot be used: %(reason)s") % {"reason": str(error)}, None
    except files.FileRefusedError as refused:
        return spoken(refused.finding), None
    if not opened.groups:
        return _("The file has column names, but no rows."), None
    here = edge(request)
    file_id = jobs.hand_in(name, content, actor=here.actor, at=here.at)
    title = {"of": kind, "file": name[:100]}
    draft = JobDraft("files.check", order.as_arguments(), title, total=len(opened.groups), file_id=file_id)
    return "", jobs.ask([draft], actor=here.actor, at=here.at).one()


def _order(request: HttpRequest, kind: str) -> FileOrder:
    """How the file is to be read. Raises MappingError, UnicodeDecodeError for a map that cannot be used."""
    own_map, name, text = request.FILES.get("map_file"), request.POST.get("map", ""), ""
    if own_map:
        name, text = (own_map.name or "map")[:80], own_map.read(256 * 1024).decode("utf-8")
        if not files.stands_alone(files.read_map(name, text)):
            raise files.MappingError(_("it needs other files beside it: use “auftakt import”."))
    elif name not in _maps(kind):
        name = ""
    encoding = request.POST.get("encoding", "")
    return FileOrder(kind, name, text, encoding if encoding in ENCODINGS else "", "draft" in request.POST)


@signed_in
@require_POST
def run(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Let a file that was checked be taken: its good rows go in, the others are listed."""
    checked = visible_job(request, job_id)
    if checked.kind != "files.check" or checked.state != "done":
        raise Http404
    if checked.arguments["kind"] not in importable(request.user.roles):
        raise PermissionDenied(RULES.get(checked.arguments["kind"], "users.manage"))
    if checked.file_id is None:
        messages.error(request, _("The file is not kept any more: hand it in again."))
        return redirect("console:job", job_id)
    here = edge(request)
    draft = JobDraft("files.import", checked.arguments, checked.title, total=checked.total, file_id=checked.file_id)
    return redirect("console:job", jobs.ask([draft], actor=here.actor, at=here.at).one())


@signed_in
def bad_rows(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The refused rows as they came, with the problem beside them: to be corrected and handed in again."""
    found = visible_job(request, job_id)
    if not found.kind.startswith("files."):
        raise Http404
    try:
        text = files.bad_file(found)
    except files.FileGoneError:
        messages.error(request, _("The file is not kept any more: hand it in again."))
        return redirect("console:job", job_id)
    return _download(text.encode("utf-8-sig"), "text/csv; charset=utf-8", f"{found.arguments['kind']}-refused.csv")


@signed_in
def template(request: HttpRequest, kind: str, ending: str) -> HttpResponse:
    """An empty file to begin with: the columns, and a row that shows how they are filled."""
    if kind not in importable(request.user.roles) or ending not in ("csv", "xlsx"):
        raise Http404
    if ending == "csv":
        return _download(files.sample_csv(kind), "text/csv; charset=utf-8", f"{kind}.csv")
    return _download(files.sample_xlsx(kind), _XLSX, f"{kind}.xlsx")


def _download(content: bytes, media_type: str, filename: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer
