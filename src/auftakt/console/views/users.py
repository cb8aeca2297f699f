"""Users with roles, and API keys for programs."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.console import queries as screens
from auftakt.console import words
from auftakt.console.findings import spoken
from auftakt.console.outcomes import edge, tell
from auftakt.console.permissions import needs
from auftakt.identity import actions, queries
from auftakt.identity.types import PERMISSIONS, ApiKeyDraft, PasswordChange, Role, UserChange, UserDraft
from auftakt.values import Refusal

ROLE_DEEDS = {
    Role.ADMIN: gettext_lazy("everything, and users and keys"),
    Role.ORDER_MANAGER: gettext_lazy("orders, items, prices, policies, fulfilment"),
    Role.SALES: gettext_lazy("customers and orders, price adjustments within limits"),
    Role.WAREHOUSE: gettext_lazy("the bench, stock and receipts"),
    Role.PLANNER: gettext_lazy("supply, stock and dates"),
    Role.FINANCE: gettext_lazy("invoices, payments, credit, holds"),
    Role.VIEWER: gettext_lazy("sees everything, changes nothing"),
}


class UserForm(forms.Form):
    """A user as an administrator edits it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    site_code = forms.ChoiceField(label=gettext_lazy("Works at"), required=False)
    roles = forms.MultipleChoiceField(label=gettext_lazy("Roles"), choices=[(role.value, role.value) for role in Role])
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Leave empty to keep the present one."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("May log in"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_code"].choices = [("", _("No site"))] + [
            (site.code, f"{site.code} · {site.name}") for site in screens.sites()
        ]


def findings_into(form: forms.Form, refused: tuple[Refusal, ...], **names: str) -> None:
    """Put each finding at the field it speaks of; the rest above the form."""
    for refusal in refused:
        for finding in refusal.findings:
            field = finding.place.strip("/").split("/")[-1] if finding.place else ""
            field = names.get(field, field)
            form.add_error(field if field in form.fields else None, spoken(finding))


@needs("users.manage")
def users(request: HttpRequest) -> HttpResponse:
    """All users."""
    return render(request, "console/users.html", {"users": queries.list_users()})


def _show(request: HttpRequest, form: UserForm, **context: object) -> HttpResponse:
    roles = [(role.value, words.word(role.value), ROLE_DEEDS[role]) for role in Role]
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "console/user.html", {"form": form, "roles": roles, **context}, status=status)


@needs("users.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Create a user."""
    form = UserForm(request.POST or None, initial={"language": "en", "is_active": True})
    form.fields["password"].help_text = _("Without one, the user cannot log in until you set it.")
    if request.method == "POST" and form.is_valid():
        here, data = edge(request), form.cleaned_data
        draft = UserDraft(
            data["email"], data["name"], tuple(data["roles"]), data["password"], data["language"], data["site_code"]
        )
        outcome = actions.create_users([draft], actor=here.actor, at=here.at)
        if outcome.done:
            tell(request, outcome, _("%(name)s can log in now.") % {"name": data["name"]})
            return redirect("console:users")
        findings_into(form, outcome.refused)
    return _show(request, form, person=None)


@needs("users.manage")
def user(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Change a user."""
    person = queries.users([user_id]).get(user_id)
    if person is None:
        raise Http404
    initial = {
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "site_code": person.site_code,
        "roles": list(person.roles),
        "is_active": person.is_active,
    }
    form = UserForm(request.POST or None, initial=initial)
    form.fields["email"].disabled = True
    if request.method == "POST" and form.is_valid():
        here, data = edge(request), form.cleaned_data
        change = UserChange(
            user_id, data["name"], tuple(data["roles"]), data["language"], data["site_code"], data["is_active"]
        )
        outcome = actions.change_users([change], actor=here.actor, at=here.at)
        if outcome.done and data["password"]:
            outcome = actions.change_passwords(
                [PasswordChange(user_id, data["password"])], actor=here.actor, at=here.at
            )
        if outcome.done:
            tell(request, outcome, _("%(name)s is saved.") % {"name": data["name"]})
            return redirect("console:users")
        findings_into(form, outcome.refused)
    return _show(request, form, person=person)


@needs("users.manage")
def api_keys(request: HttpRequest) -> HttpResponse:
    """API keys; a new one shows its secret once."""
    made, problems = None, []
    if request.method == "POST":
        here = edge(request)
        draft = ApiKeyDraft(request.POST.get("name", ""), tuple(request.POST.getlist("scopes")))
        outcome = actions.create_api_keys([draft], actor=here.actor, at=here.at)
        made = outcome.done[0] if outcome.done else None
        problems = [spoken(finding) for refusal in outcome.refused for finding in refusal.findings]
    groups: dict[str, list[str]] = {}
    for code in PERMISSIONS:
        groups.setdefault(code.partition(".")[0], []).append(code)
    context = {
        "keys": queries.list_api_keys(),
        "made": made,
        "problems": problems,
        "name": request.POST.get("name", "") if not made else "",
        "chosen": request.POST.getlist("scopes") if not made else [],
        "groups": [
            (
                words.PERMISSION_GROUPS.get(area, area),
                [(code, words.PERMISSION_DEEDS.get(code.partition(".")[2], code)) for code in codes],
            )
            for area, codes in groups.items()
        ],
    }
    return render(request, "console/api_keys.html", context, status=422 if problems else 200)


@needs("users.manage")
@require_POST
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Revoke a key from now on."""
    here = edge(request)
    tell(
        request,
        actions.revoke_api_keys([key_id], actor=here.actor, at=here.at),
        _("The key is revoked. Programs that use it are turned away."),
    )
    return redirect("console:api_keys")
