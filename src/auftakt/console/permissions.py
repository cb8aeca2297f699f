"""Who may open a page: the one mechanism of the console. Every view carries exactly one of these rules."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from auftakt.console import kept
from auftakt.identity.queries import may
from auftakt.identity.types import PERMISSIONS

View = Callable[..., HttpResponse]
PUBLIC = "public"
SIGNED_IN = "signed in"


def _guard(view: View, rule: str) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if rule != PUBLIC and not request.user.is_authenticated:
            return _to_login(request)
        if rule not in (PUBLIC, SIGNED_IN) and not may(request.user.roles, rule):
            raise PermissionDenied(rule)
        return view(request, *args, **kwargs)

    guarded.rule = rule  # type: ignore[attr-defined]
    return guarded


def needs(permission: str) -> Callable[[View], View]:
    """The view is for users whose roles carry `permission`; others get the 403 page, strangers the log-in."""
    PERMISSIONS[permission]

    def mark(view: View) -> View:
        return _guard(view, permission)

    return mark


def signed_in(view: View) -> View:
    """The view is for everyone who is logged in."""
    return _guard(view, SIGNED_IN)


def public(view: View) -> View:
    """The view is for everyone."""
    return _guard(view, PUBLIC)


def _to_login(request: HttpRequest) -> HttpResponse:
    """The log-in page, with the way back; a form that was sent is kept there.

    A fragment is answered 401: the page says so, stays where it is and loses nothing.
    """
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    if request.method == "GET":
        return redirect_to_login(request.get_full_path())
    sealed, back = kept.keep(request), request.headers.get("Referer", "/console/")
    if not sealed:
        return redirect_to_login(back)
    told = {"form": AuthenticationForm(request), "next": back, "kept": sealed, "expired": True}
    return render(request, "console/login.html", told, status=401)
