"""Notes about customers: what colleagues should know."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console.outcomes import back_to, edge, tell
from auftakt.console.permissions import needs
from auftakt.parties import actions
from auftakt.parties.types import NoteDraft


@needs("parties.edit")
@require_POST
def add(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Write a note."""
    here = edge(request)
    draft = NoteDraft(party_id, request.POST.get("text", ""))
    tell(request, actions.add_notes([draft], actor=here.actor, at=here.at), _("Noted."))
    return redirect(back_to(request, "/console/customers/"))


@needs("parties.edit")
@require_POST
def remove(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """Take a note away."""
    here = edge(request)
    outcome = actions.remove_notes([note_id], actor=here.actor, at=here.at)
    tell(request, outcome, _("The note is taken away; the journal still knows it."))
    return redirect(back_to(request, "/console/customers/"))
