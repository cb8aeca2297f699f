"""How lists look to a user: saved views, columns, density."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console.outcomes import back_to, edge, tell
from auftakt.console.permissions import signed_in
from auftakt.identity import actions
from auftakt.identity.types import LayoutDraft, SavedViewDraft, UserChange


@signed_in
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep a list's filters, order and columns under a name."""
    here, data = edge(request), request.POST
    draft = SavedViewDraft(
        owner_id=request.user.id,
        list_name=data.get("list", "")[:64],
        name=data.get("name", "").replace("\0", ""),
        query=data.get("query", ""),
        is_shared="shared" in data,
    )
    outcome = actions.save_views([draft], actor=here.actor, at=here.at)
    address = back_to(request, "/console/").partition("?")[0]
    if tell(request, outcome, _("The view “%(name)s” is kept.") % {"name": draft.name.strip()}):
        address += f"?{draft.query}&view={outcome.done[0]}"
    return redirect(address)


@signed_in
@require_POST
def delete_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Forget a saved view of one's own."""
    here = edge(request)
    outcome = actions.delete_views([view_id], owner_id=request.user.id, actor=here.actor, at=here.at)
    tell(request, outcome, _("The view is deleted."))
    return redirect(back_to(request, "/console/"))


@signed_in
@require_POST
def save_layout(request: HttpRequest) -> HttpResponse:
    """Choose the columns of a list, and how dense rows stand in every list."""
    here, data = edge(request), request.POST
    columns = () if "usual" in data else tuple(key[:64] for key in data.getlist("columns")[:60])
    if "\0" in "".join(columns) or not data.get("list"):
        messages.error(request, _("Nothing was changed."))
        return redirect(back_to(request, "/console/"))
    actions.save_layouts([LayoutDraft(request.user.id, data["list"].replace("\0", "")[:64], columns)])
    density = data.get("density", "")
    if density and density != request.user.density:
        tell(
            request,
            actions.change_users([UserChange(request.user.id, density=density)], actor=here.actor, at=here.at),
            "",
        )
    return redirect(_without_columns(back_to(request, "/console/")))


def _without_columns(address: str) -> str:
    """The address without the columns of a saved view, so that those just chosen are seen."""
    path, _mark, query = address.partition("?")
    left = [part for part in query.split("&") if part and not part.startswith(("columns=", "view="))]
    return f"{path}?{'&'.join(left)}" if left else path
