"""Error pages that say what to do next."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from auftakt.console import words


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "console/error.html", {"status": status, "title": title, "text": text}, status=status)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The user's roles do not carry the permission that the page needs."""
    right = str(exception or "")
    text = _("Your roles do not include this right. An administrator can give it to you under Users and roles.")
    if "." in right and " " not in right:
        text = _("You need the right “%(right)s”. An administrator can give it to you under Users and roles.") % {
            "right": words.permission(right)
        }
    return _page(request, 403, _("This is not open to you"), text)


def missing(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """There is nothing at this address."""
    text = _(
        "The address may be mistyped, or what it showed no longer exists. Search for it by its number with Ctrl K."
    )
    return _page(request, 404, _("Nothing is here"), text)


def broken(request: HttpRequest) -> HttpResponse:
    """A mistake of ours."""
    text = _(
        "The mistake is ours and has been logged. What you were doing was not saved; please try again in a moment."
    )
    try:
        return _page(request, 500, _("Something broke"), text)
    except DatabaseError:
        return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=503)
