"""Who may open a page: the one mechanism of the console. Every view carries exactly one of these rules."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

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
    """The log-in page, with the way back. A fragment that htmx asked for moves the whole page there."""
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        here = request.headers.get("HX-Current-URL", "")
        answer["HX-Redirect"] = redirect_to_login(here[here.find("/", 8) :] if here else "/").url
        return answer
    return redirect_to_login(
        request.get_full_path() if request.method == "GET" else request.META.get("HTTP_REFERER", "/")
    )
