"""Error pages that say what to do next."""

import logging
import sys
from typing import Any
from uuid import uuid4

from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from auftakt.console import kept, words
from auftakt.identity.queries import holders
from auftakt.identity.types import PERMISSIONS

_log = logging.getLogger("auftakt.console")


def _page(request: HttpRequest, status: int, title: str, text: str, **more: Any) -> HttpResponse:
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    frame = "console/base.html" if known and request.path.startswith("/console/") else "console/bare.html"
    told = {"status": status, "title": title, "text": text, "frame": frame, "framed": frame.endswith("base.html")}
    return render(request, "console/error.html", told | more, status=status)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The user's roles do not carry the permission that the page needs: which one, and who can give it."""
    right = str(exception or "")
    text = _("Your roles do not include this right. An administrator can give it to you under Users and roles.")
    roles: list[str] = []
    if right in PERMISSIONS:
        text = _("You need the right “%(right)s”. An administrator can give it to you under Users and roles.") % {
            "right": words.permission(right)
        }
        roles = [words.word(role) for role in sorted(PERMISSIONS[right])]
    known = request.user.is_authenticated
    people = holders("users.manage") if known else []
    return _page(request, 403, _("This is not open to you"), text, roles=roles, people=people)


def missing(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """There is nothing at this address."""
    text = _("The address may be mistyped, or what it showed no longer exists. Search for it by its number or name.")
    return _page(request, 404, _("Nothing is here"), text, searches=True)


def unreadable(request: HttpRequest) -> HttpResponse:
    """There is a character in it that no text has."""
    text = _("What was sent holds a character that cannot be stored (NUL). Go back, delete it and send it again.")
    return _page(request, 400, _("That cannot be read"), text)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: mostly a page that was open since before the last log-in."""
    text = _("This form was opened before your last log-in, so it was not taken. Nothing was saved.")
    sealed = kept.keep(request) if kept.is_ours(request) and request.user.is_authenticated else ""
    form = kept.opened(request, sealed) if sealed else None
    if form is not None:
        return kept.again(request, form, _("Please send it again"), text, status=403)
    if request.headers.get("HX-Request"):
        return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")
    more = _("Go back, load the page again and repeat it. If it happens again, allow cookies for this address.")
    return _page(request, 403, _("The form was not taken"), f"{text} {more}")


def broken(request: HttpRequest) -> HttpResponse:
    """A mistake of ours, with the mark under which the log has it; or a database that is away."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        _log.warning("%s %s: %s", request.method, request.path, error)
        return away(request)
    if isinstance(error, DataError):
        _log.warning("%s %s: %s", request.method, request.path, error)
        text = _("A text is longer or a number larger than can be kept. Go back, shorten it and send it again.")
        return _page(request, 422, _("That does not fit"), text)
    mark = uuid4().hex[:8].upper()
    _log.error("fault %s at %s %s", mark, request.method, request.path, exc_info=error)
    text = _(
        "The mistake is ours and has been logged. What you were doing was not saved; please try again in a moment."
    )
    try:
        return _page(request, 500, _("Something broke"), text, frame="console/bare.html", framed=False, mark=mark)
    except DatabaseError:
        return away(request)


def away(request: HttpRequest) -> HttpResponse:
    """The database does not answer: a page that needs nothing from it."""
    language = get_language() or "en"
    frame = {"language": language, "languages": (), "theme": "", "words": {}}
    is_form = request.method != "GET"
    page = render_to_string("console/away.html", {"console": frame, "is_form": is_form, "path": request.path})
    return HttpResponse(page, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
