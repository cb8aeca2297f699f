"""Log-in, log-out, language, and how a user wants to see pages."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console import kept
from auftakt.console.middleware import LANGUAGE_COOKIE, speaks
from auftakt.console.outcomes import back_to, edge, tell
from auftakt.console.permissions import public, signed_in
from auftakt.identity.actions import change_users
from auftakt.identity.types import UserChange


class _Login(auth.LoginView):
    """Django's, told whether a session ended, and with the form that was sent after its end."""

    template_name = "console/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **told: Any) -> dict[str, Any]:
        sealed = self.request.POST.get("kept", "")
        asked = self.request.GET.get("next") or self.request.POST.get("next", "")
        expired = bool(sealed) or asked.rstrip("/") not in ("", "/console")
        return super().get_context_data(**told) | {"kept": sealed, "expired": expired}


_login = _Login.as_view()
_logout = auth.LogoutView.as_view(next_page="console:login")


@public
def login(request: HttpRequest) -> HttpResponse:
    """The log-in page."""
    sealed = request.POST.get("kept", "")
    answer = _login(request)
    form = kept.opened(request, sealed) if sealed and request.user.is_authenticated else None
    if form is None or answer.status_code != 302:
        return answer
    return kept.again(
        request,
        form,
        _("Welcome back"),
        _("You were logged out before this was sent. Nothing was saved yet; here is what you had typed."),
    )


@signed_in
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Log out."""
    return _logout(request)


@signed_in
def look(request: HttpRequest) -> HttpResponse:
    """How the user wants to see pages: language, formats, theme, density, each sent alone or together."""
    if request.method != "POST":
        return redirect("console:me")
    here, data = edge(request), request.POST
    wishes = {name: data[name][:16] for name in ("language", "formats", "theme", "density") if name in data}
    outcome = change_users([UserChange(request.user.id, **wishes)], actor=here.actor, at=here.at)
    if request.headers.get("X-Quiet"):
        return HttpResponse(status=422 if outcome.refused else 204)
    tell(request, outcome, _("Saved."))
    return HttpResponseRedirect(back_to(request, reverse("console:me")))


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language: of the user when logged in, else of this browser."""
    chosen = request.POST.get("language", "")
    answer = HttpResponseRedirect(back_to(request, "/console/"))
    if speaks(chosen):
        answer.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=365 * 86400, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
        if request.user.is_authenticated:
            here = edge(request)
            change_users([UserChange(request.user.id, language=chosen)], actor=here.actor, at=here.at)
    return answer
