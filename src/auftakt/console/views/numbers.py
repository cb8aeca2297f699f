"""Number ranges: how orders and papers are numbered, and what comes next."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from auftakt.billing import actions as billing
from auftakt.billing.queries import paper_ranges
from auftakt.billing.types import CREDIT_NOTE, INVOICE, REMINDER
from auftakt.console.datum import Datum, change
from auftakt.console.forms import CodeField, NumberField, Section
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.fulfilment.types import PARCEL_NUMBERS, RELEASE_NUMBERS, SHIPMENT_NUMBERS, WAVE_NUMBERS
from auftakt.identity.queries import may
from auftakt.inventory.types import COUNT_NUMBERS
from auftakt.orders.types import ORDER_NUMBERS
from auftakt.parties import queries as parties
from auftakt.parties.types import CUSTOMER_NUMBERS
from auftakt.platform import numbering
from auftakt.platform.sequences import as_written
from auftakt.values import NumberRange, Outcome

COUNTED = {
    ORDER_NUMBERS.name: (ORDER_NUMBERS, gettext_lazy("Orders")),
    CUSTOMER_NUMBERS.name: (CUSTOMER_NUMBERS, gettext_lazy("Customers")),
    RELEASE_NUMBERS.name: (RELEASE_NUMBERS, gettext_lazy("Releases")),
    WAVE_NUMBERS.name: (WAVE_NUMBERS, gettext_lazy("Waves")),
    PARCEL_NUMBERS.name: (PARCEL_NUMBERS, gettext_lazy("Parcels")),
    SHIPMENT_NUMBERS.name: (SHIPMENT_NUMBERS, gettext_lazy("Shipments")),
    COUNT_NUMBERS.name: (COUNT_NUMBERS, gettext_lazy("Count lists")),
}
PAPERS = {
    INVOICE: gettext_lazy("Invoices"),
    CREDIT_NOTE: gettext_lazy("Credit notes"),
    REMINDER: gettext_lazy("Reminders"),
}


class RangeForm(forms.Form):
    """How a range is written."""

    name = CodeField(widget=forms.HiddenInput(), max_length=120)
    prefix = CodeField(
        label=gettext_lazy("Prefix"),
        max_length=24,
        help_text=gettext_lazy("Capital letters, digits and . _ / - ; it ends without a digit, such as SO-."),
    )
    digits = NumberField(
        label=gettext_lazy("Digits"), whole=True, help_text=gettext_lazy("Shorter counts are filled with zeros.")
    )
    next = NumberField(
        label=gettext_lazy("Next count"), whole=True, help_text=gettext_lazy("It can be raised, never lowered.")
    )

    sections = (Section("", "prefix:w4 digits:w4 next:w4", note=gettext_lazy("what is numbered keeps its number")),)


class PaperForm(RangeForm):
    """Papers that the law wants without a gap: their count cannot be chosen."""

    next = None

    sections = (Section("", "prefix:w4 digits:w4", note=gettext_lazy("what is numbered keeps its number")),)


def _known() -> dict[str, NumberRange]:
    """All ranges there are, as they come unchanged."""
    counted = {name: kind for name, (kind, _title) in COUNTED.items()}
    return counted | {kind.name: kind for _kind, _entity, kind in paper_ranges(_entities())}


def _entities() -> list[tuple[Any, str]]:
    return [(entity.id, entity.code) for entity in parties.legal_entities().values()]


def _title(name: str) -> str:
    kind, _colon, entity_id = name.partition(":")
    if kind in COUNTED:
        return str(COUNTED[kind][1])
    code = next((code for key, code in _entities() if str(key) == entity_id), "")
    return f"{PAPERS.get(kind, kind)} · {code}"


def _range(name: str) -> dict[str, Any] | None:
    known = _known()
    if name not in known:
        return None
    kind = as_written(known.values())[name]
    now = {
        "id": numbering.range_id(name),
        "name": name,
        "title": _title(name),
        "prefix": kind.prefix,
        "digits": kind.digits,
    }
    return now | {"next": numbering.next_counts([kind])[name]} if kind.table else now


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    known = _known()
    wished = numbering.NumberChange(values["name"], values["prefix"], int(values["digits"]), values.get("next"))
    if wished.name in COUNTED:
        return numbering.change_numbers([wished], known=list(known.values()), actor=actor, at=at)
    return billing.change_numbers([wished], known=list(known.values()), actor=actor, at=at)


RANGE = Datum(
    "numbers",
    RangeForm,
    _range,
    _save,
    "numbers",
    gettext_lazy("Number ranges"),
    "",
    key="name",
    called="title",
)
PAPER = Datum(
    "numbers",
    PaperForm,
    _range,
    _save,
    "numbers",
    gettext_lazy("Number ranges"),
    "",
    key="name",
    called="title",
)


@needs("settings.view")
def numbers(request: HttpRequest) -> HttpResponse:
    """Every range with its next number."""
    known = _known()
    written = as_written(known.values())
    counts = numbering.next_counts([kind for kind, _title in COUNTED.values()])
    rows = [
        {"name": name, "title": title, "kind": written[name], "next": written[name].written(counts[name])}
        for name, (_kind, title) in COUNTED.items()
    ]
    year = edge(request).today.year
    papers = paper_ranges(_entities())
    drawn = numbering.gapless_next([f"{kind.name}:{year}" for _kind, _code, kind in papers])
    for kind, code, each in papers:
        count = drawn[f"{each.name}:{year}"]
        here = written[each.name]
        rows.append(
            {
                "name": each.name,
                "title": f"{PAPERS[kind]} · {code}",
                "kind": here,
                "next": f"{here.prefix}{year}-{count:0{here.digits}d}",
                "gapless": True,
            }
        )
    context = {"rows": rows, "may_edit": may(request.user.roles, "settings.edit"), "year": year}
    return render(request, "console/numbers.html", context)


@needs("settings.edit")
def number_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Change how a range is written from the next number on."""
    if name not in _known():
        raise Http404
    return change(request, RANGE if name in COUNTED else PAPER, name)
