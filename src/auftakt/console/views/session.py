"""Log-in, log-out, language."""

from django.conf import settings
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from auftakt.console.middleware import LANGUAGE_COOKIE, LANGUAGES
from auftakt.console.outcomes import back_to, edge
from auftakt.console.permissions import public, signed_in
from auftakt.identity.actions import change_users
from auftakt.identity.types import UserChange

_login = auth.LoginView.as_view(template_name="console/login.html", redirect_authenticated_user=True)
_logout = auth.LogoutView.as_view(next_page="console:login")


@public
def login(request: HttpRequest) -> HttpResponse:
    """The log-in page."""
    return _login(request, extra_context={"expired": bool(request.GET.get("next", "/").strip("/"))})


@signed_in
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Log out."""
    return _logout(request)


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language: of the user when logged in, else of this browser."""
    chosen = request.POST.get("language", "")
    answer = HttpResponseRedirect(back_to(request, "/console/"))
    if chosen in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=365 * 86400, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
        if request.user.is_authenticated:
            here = edge(request)
            change_users([UserChange(request.user.id, language=chosen)], actor=here.actor, at=here.at)
    return answer
