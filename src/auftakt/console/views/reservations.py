"""Reservations: what is held while somebody is deciding, and giving it back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from auftakt.console import tables
from auftakt.console.lists.stock import RESERVATIONS
from auftakt.console.outcomes import back_to, edge, tell
from auftakt.console.permissions import needs
from auftakt.console.views.mails import chosen
from auftakt.promising import actions


@needs("orders.view")
def reservations(request: HttpRequest) -> HttpResponse:
    """The reservations, the latest first."""
    return tables.answer(request, RESERVATIONS)


@needs("orders.edit")
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Give back what the ticked reservations hold."""
    here = edge(request)
    outcome = actions.release_reservations(chosen(request, RESERVATIONS), actor=here.actor, at=here.at)
    count = len(outcome.done)
    text = ngettext("%(count)s reservation is released.", "%(count)s reservations are released.", count)
    tell(request, outcome, text % {"count": count})
    return redirect(back_to(request, "/console/reservations/"))
