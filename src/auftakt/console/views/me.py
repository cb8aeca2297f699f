"""One's own settings: name, language, formats, appearance, password."""

from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from auftakt.console import formats
from auftakt.console.forms import findings_into, findings_of
from auftakt.console.outcomes import edge
from auftakt.console.permissions import signed_in
from auftakt.identity import actions
from auftakt.identity.types import FORMATS, PasswordChange, UserChange

SOME_DAY = date(2026, 11, 24)


class MyForm(forms.Form):
    """How a user is called and wants to see pages."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    formats = forms.ChoiceField(
        label=gettext_lazy("Numbers, money and days"),
        required=False,
        help_text=gettext_lazy("Typed numbers and days are read in the same way."),
    )
    theme = forms.ChoiceField(
        label=gettext_lazy("Appearance"),
        required=False,
        choices=[
            ("", gettext_lazy("System")),
            ("light", gettext_lazy("Light")),
            ("dark", gettext_lazy("Dark")),
        ],
    )
    density = forms.ChoiceField(
        label=gettext_lazy("Rows of lists"),
        choices=[("comfortable", gettext_lazy("comfortable")), ("compact", gettext_lazy("compact"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["formats"].choices = [(code, _sample(code)) for code in FORMATS]


def _sample(code: str) -> str:
    """The name of formats, with an amount and a day as they write them."""
    with formats.using(code):
        name = Locale.parse(code, sep="-").get_display_name(get_language() or "en") if code else ""
        shown = f"{formats.money(Decimal('1234.5'), 'EUR')} · {formats.day(SOME_DAY)}"
    return f"{name or _('As the language has it')} ({shown})"


class PasswordForm(forms.Form):
    """A new password, with the present one."""

    current = forms.CharField(
        label=gettext_lazy("Present password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=gettext_lazy("New password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 8 characters; length counts more than signs."),
    )
    again = forms.CharField(
        label=gettext_lazy("Once more"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("This is not the same."))
        return data


@signed_in
def me(request: HttpRequest) -> HttpResponse:
    """One's own settings."""
    user = request.user
    changes_password = "current" in request.POST
    initial = {name: getattr(user, name) for name in MyForm.base_fields}
    form = MyForm(request.POST if request.method == "POST" and not changes_password else None, initial=initial)
    secret = PasswordForm(request.POST if changes_password else None)
    if form.is_bound and form.is_valid() and _changed(request, form):
        return redirect("console:me")
    if secret.is_bound and secret.is_valid() and _password(request, secret):
        return redirect("console:me")
    status = 422 if form.errors or secret.errors else 200
    return render(request, "console/me.html", {"form": form, "secret": secret}, status=status)


def _changed(request: HttpRequest, form: MyForm) -> bool:
    here = edge(request)
    outcome = actions.change_users([UserChange(request.user.id, **form.cleaned_data)], actor=here.actor, at=here.at)
    findings_into(form, findings_of(outcome.refused))
    if outcome.done:
        messages.success(request, _("Your settings are saved."))
    return bool(outcome.done)


def _password(request: HttpRequest, form: PasswordForm) -> bool:
    here, data = edge(request), form.cleaned_data
    change = PasswordChange(request.user.id, data["password"], data["current"])
    outcome = actions.change_passwords([change], actor=here.actor, at=here.at)
    findings_into(form, findings_of(outcome.refused))
    if outcome.done:
        request.user.refresh_from_db()
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed. Other sessions of yours have ended."))
    return bool(outcome.done)
