"""Pages that keep themselves up to date ask here whether anything was written since."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from auftakt.console import queries
from auftakt.console.permissions import signed_in


def watched(subject: UUID | None = None, page: str = "") -> dict[str, str]:
    """What `parts/live.html` needs: where the page asks, and the version it shows. Read it before what you show.

    `page` is where the page is fetched anew, when that is not its own address.
    """
    url = reverse("console:live", args=[subject]) if subject else reverse("console:live_house")
    return {"url": url, "version": queries.version(subject).mark, "page": page}


@signed_in
def live(request: HttpRequest, subject: UUID | None = None) -> HttpResponse:
    """204 when nothing was written about the subject since the version that the page has; else who wrote last."""
    now = queries.version(subject)
    if now.mark == request.GET.get("since", ""):
        return HttpResponse(status=204)
    mine = now.actor == request.user.email
    who = "" if mine else now.name or _("Auftakt")
    told = _("Changed by %(who)s just now") % {"who": who} if who else _("Changed by yourself just now")
    return JsonResponse({"version": now.mark, "told": told})
