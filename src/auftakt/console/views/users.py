"""Users with roles, and API keys for programs."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.console import queries as screens
from auftakt.console import words
from auftakt.console.datum import listing
from auftakt.console.findings import spoken
from auftakt.console.forms import Sheet
from auftakt.console.lists.master import KEYS, USERS
from auftakt.console.outcomes import edge, tell
from auftakt.console.permissions import needs
from auftakt.console.queries import master
from auftakt.identity import actions, queries
from auftakt.identity.types import PERMISSIONS, ApiKeyDraft, PasswordChange, Role, UserChange, UserDraft
from auftakt.values import Outcome

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
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    site_code = forms.ChoiceField(label=gettext_lazy("Works at"), required=False)
    roles = forms.MultipleChoiceField(label=gettext_lazy("Roles"), choices=[(role.value, role.value) for role in Role])
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Leave empty to keep the present one."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("May log in"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_code"].choices = [("", _("No site"))] + [
            (site.code, f"{site.code} · {site.name}") for site in screens.sites()
        ]


@needs("users.manage")
def users(request: HttpRequest) -> HttpResponse:
    """All users."""
    beside = (("roles", _("Roles and rights")),)
    return listing(request, USERS, new="user_new", title=_("New user"), rule="users.manage", beside=beside)


def _now(email: str) -> dict[str, Any] | None:
    person = queries.users_by_email([email]).get(queries.normal_email(email))
    if person is None:
        return None
    names = ("id", "name", "email", "language", "site_code", "is_active")
    return {name: getattr(person, name) for name in names} | {"roles": sorted(person.roles)}


def _show(request: HttpRequest, sheet: Sheet, **context: object) -> HttpResponse:
    roles = [(role.value, words.word(role.value), ROLE_DEEDS[role]) for role in Role]
    seen = {"sheet": sheet, "form": sheet.form, "roles": roles, **context}
    return render(request, "console/user.html", seen, status=sheet.status)


@needs("users.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Create a user."""
    here = edge(request)
    sheet = Sheet(request, UserForm, now=None, initial={"language": "en", "is_active": True}, key="email")
    sheet.form.fields["password"].help_text = _("Without one, the user cannot log in until you set it.")

    def verb(data: dict[str, Any]) -> Outcome[Any]:
        draft = UserDraft(
            data["email"], data["name"], tuple(data["roles"]), data["password"], data["language"], data["site_code"]
        )
        return actions.create_users([draft], actor=here.actor, at=here.at)

    if sheet.save(_now, verb, turn="user"):
        messages.success(request, _("%(name)s can log in now.") % {"name": sheet.form.cleaned_data["name"]})
        return redirect("console:users")
    return _show(request, sheet, person=None)


@needs("users.manage")
def user(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Change a user."""
    person = queries.users([user_id]).get(user_id)
    if person is None:
        raise Http404
    here = edge(request)
    sheet = Sheet(request, UserForm, now=_now(person.email), key="email", subject=user_id)

    def verb(data: dict[str, Any]) -> Outcome[Any]:
        change = UserChange(
            user_id, data["name"], tuple(data["roles"]), data["language"], data["site_code"], data["is_active"]
        )
        outcome: Outcome[Any] = actions.change_users([change], actor=here.actor, at=here.at)
        if outcome.refused or not data["password"]:
            return outcome
        return actions.change_passwords([PasswordChange(user_id, data["password"])], actor=here.actor, at=here.at)

    if sheet.save(_now, verb, turn="user"):
        messages.success(request, _("%(name)s is saved.") % {"name": sheet.form.cleaned_data["name"]})
        return redirect("console:users")
    return _show(request, sheet, person=person)


def _areas() -> list[tuple[str, list[tuple[str, str]]]]:
    """Permissions by what they are about: each with the words for what may be done."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code in PERMISSIONS:
        area, _dot, deed = code.partition(".")
        groups.setdefault(area, []).append((code, str(words.PERMISSION_DEEDS.get(deed, deed))))
    return [(str(words.PERMISSION_GROUPS.get(area, area)), codes) for area, codes in groups.items()]


@needs("users.manage")
def roles(request: HttpRequest) -> HttpResponse:
    """Which role may do what, and who has which."""
    held = master.roles_held()
    all_roles = list(Role)
    context = {
        "roles": [
            (role.value, words.word(role.value), ROLE_DEEDS[role], held.get(role.value, [])) for role in all_roles
        ],
        "areas": [
            (area, [(deed, code, [role.value in PERMISSIONS[code] for role in all_roles]) for code, deed in codes])
            for area, codes in _areas()
        ],
    }
    return render(request, "console/roles.html", context)


@needs("users.manage")
def api_keys(request: HttpRequest) -> HttpResponse:
    """API keys of programs."""
    lead = _("For programs. A key has the rights you tick, and no others; its secret is shown once and stored nowhere.")
    return listing(request, KEYS, new="api_key_new", title=_("New key"), rule="users.manage", lead=lead)


@needs("users.manage")
def api_key_new(request: HttpRequest) -> HttpResponse:
    """Make a key; its secret is shown this once."""
    made, problems = None, []
    if request.method == "POST":
        here = edge(request)
        name = request.POST.get("name", "").replace("\0", "")
        draft = ApiKeyDraft(name, tuple(request.POST.getlist("scopes")))
        outcome = actions.create_api_keys([draft], actor=here.actor, at=here.at)
        made = outcome.done[0] if outcome.done else None
        problems = [spoken(finding) for refusal in outcome.refused for finding in refusal.findings]
    context = {
        "made": made,
        "problems": problems,
        "name": request.POST.get("name", "") if not made else "",
        "chosen": request.POST.getlist("scopes") if not made else [],
        "groups": _areas(),
    }
    return render(request, "console/api_key_new.html", context, status=422 if problems else 200)


@needs("users.manage")
def api_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """A key: its rights, its use, and its end."""
    key = next((each for each in queries.list_api_keys() if each.id == key_id), None)
    if key is None:
        raise Http404
    return render(request, "console/api_key.html", {"key": key})


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
