"""A kind of master datum with a form of its own: created, changed, told what happened. Views say who may."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from auftakt.console import tables
from auftakt.console.forms import Sheet, SheetPage
from auftakt.console.outcomes import edge
from auftakt.identity.queries import may
from auftakt.values import Finding, Outcome

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Datum:
    """How a datum is read by its key and saved, which form it has, and where its list is.

    `fixed`: fields that cannot change once it exists. `names`: fields for places that the verb calls otherwise.
    `done`: where saving leads, by its values (its list without one). `initial`: what a new one begins with.
    `key_of`: the key of a new one that no single field holds.
    """

    kind: str
    form: type[forms.Form]
    read: Callable[[str], Values | None]
    save: Callable[[dict[str, Any], str, datetime], Outcome[Any]]
    listed: str
    title: Any
    new: Any
    rows: Mapping[str, tuple[type[forms.Form], Any]] = field(default_factory=dict)
    key: str = "code"
    fixed: tuple[str, ...] = ()
    initial: Values = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    called: str = "name"
    done: Callable[[Values], str] | None = None
    key_of: Callable[[dict[str, Any]], str] | None = None


def listing(
    request: HttpRequest,
    table: tables.Table,
    *,
    new: str,
    title: Any,
    rule: str,
    kind: str = "",
    beside: Sequence[tuple[str, Any]] = (),
    lead: Any = "",
) -> HttpResponse:
    """A list of master data, with its way to a new one, to an import of its `kind`, and to lists `beside` it."""
    granted = may(request.user.roles, rule)
    context = {
        "new_href": reverse(f"console:{new}") if granted else "",
        "new_title": title,
        "import_href": import_href(kind) if granted and kind else "",
        "beside": [(reverse(f"console:{route}"), text) for route, text in beside],
        "lead": lead,
    }
    return tables.answer(request, table, template="console/master.html", context=context)


def import_href(kind: str) -> str:
    """The page that imports a kind of data; empty where this console has none."""
    try:
        return f"{reverse('console:imports')}?kind={kind}"
    except NoReverseMatch:
        return ""


def create(request: HttpRequest, datum: Datum, initial: Values | None = None) -> HttpResponse:
    """A new one."""
    sheet = Sheet(
        request, datum.form, now=None, initial={**datum.initial, **(initial or {})}, rows=datum.rows, key=datum.key
    )
    return _answer(request, datum, sheet, str(datum.new))


def change(request: HttpRequest, datum: Datum, key: str) -> HttpResponse:
    """Change the one with this key."""
    now = datum.read(key)
    if now is None:
        raise Http404
    sheet = Sheet(request, datum.form, now=now, rows=datum.rows, key=datum.key, subject=now.get("id"))
    for name in datum.fixed:
        sheet.form.fields[name].disabled = True
    return _answer(request, datum, sheet, str(now.get(datum.called) or key))


def _answer(request: HttpRequest, datum: Datum, sheet: Sheet, title: str) -> HttpResponse:
    here, listed = edge(request), reverse(f"console:{datum.listed}")
    page = SheetPage(title, [(listed, str(datum.title))], listed)

    def verb(values: dict[str, Any]) -> Outcome[Any]:
        return datum.save(values, here.actor, here.at)

    if sheet.save(datum.read, verb, turn=datum.kind, key_of=datum.key_of, **datum.names):
        values = sheet.form.cleaned_data
        if datum.done:
            page = replace(page, done=datum.done(values))
        return sheet.saved(page, request, _("%(name)s is saved.") % {"name": values.get(datum.called) or title})
    return sheet.show(page, request)


def at_rows(outcome: Outcome[Any], rows: str, kept: list[int] | None = None) -> Outcome[Any]:
    """The outcome of a verb over the rows of a form: each finding at its row (`kept`: the row of each draft)."""
    refused = tuple(
        replace(
            refusal,
            findings=tuple(
                Finding(each.code, each.message, f"/{rows}/{_row(refusal.subject, kept)}{each.place}", each.facts)
                for each in refusal.findings
            ),
        )
        for refusal in outcome.refused
    )
    return Outcome(outcome.done, refused)


def _row(subject: str, kept: list[int] | None) -> int:
    index = int(subject)
    return kept[index] if kept is not None else index
