"""Resources with their load, and routings."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.catalog import queries as catalog
from auftakt.console import charts, formats, words
from auftakt.console.datum import Datum, change, create, listing
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.making import ROUTINGS, load_of, resources_for, weekdays
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.console.queries import making
from auftakt.inventory import queries as inventory
from auftakt.supply import actions, queries
from auftakt.supply.types import (
    MEASURES,
    CapacityException,
    Load,
    OperationDraft,
    ResourceDraft,
    ResourceFacts,
    RoutingDraft,
    ShiftDraft,
)
from auftakt.values import Outcome

DAYS = 28
PATTERNS = ("12345", "1234", "123456", "1234567", "67")


class ResourceForm(forms.Form):
    """A machine, a line or a team."""

    site_code = forms.ChoiceField(label=gettext_lazy("Site"))
    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    measure = forms.ChoiceField(
        label=gettext_lazy("Counted in"), help_text=gettext_lazy("Fixed once operations rest on it.")
    )
    calendar = forms.ChoiceField(label=gettext_lazy("Calendar"), required=False)

    sections = (
        Section("", "site_code:w4 code:w4 measure:w4 name:w8 calendar:w4"),
        Section(gettext_lazy("Shifts"), rows="shifts", note=gettext_lazy("what it can do on a working day")),
        Section(
            gettext_lazy("Exceptions"),
            rows="exceptions",
            note=gettext_lazy("the whole capacity of a day: 0 when it stands still"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_code"].choices = making.site_codes()
        self.fields["measure"].choices = [(code, words.word(code)) for code in MEASURES]
        calendars = inventory.calendars().values()
        self.fields["calendar"].choices = [("", _("every day")), *((each.code, each.name) for each in calendars)]


class ShiftForm(forms.Form):
    """A shift."""

    name = forms.CharField(label=gettext_lazy("Shift"), max_length=100)
    capacity = NumberField(label=gettext_lazy("Hours or pieces"))
    weekdays = forms.ChoiceField(label=gettext_lazy("On"), required=False, initial="1234567")

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from."""
        return {"weekdays": [(digits, weekdays(digits)) for digits in PATTERNS]}


class DayForm(forms.Form):
    """A day with another capacity."""

    day = DayField(label=gettext_lazy("Day"), required=True)
    capacity = NumberField(label=gettext_lazy("Hours or pieces"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=100, required=False)


class RoutingForm(forms.Form):
    """How an item is made at a site."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    site_code = forms.ChoiceField(label=gettext_lazy("Site"))
    lead_days = NumberField(
        label=gettext_lazy("Lead time in days"), whole=True, help_text=gettext_lazy("Working days, whatever is made.")
    )
    days_per_piece = NumberField(label=gettext_lazy("Days for each piece"), required=False)

    sections = (
        Section("", "sku:w8 site_code:w4 lead_days:w4 days_per_piece:w4"),
        Section(gettext_lazy("Operations"), rows="operations", note=gettext_lazy("one after the other")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_code"].choices = making.site_codes()


class OperationForm(forms.Form):
    """An operation on a resource."""

    resource = forms.ChoiceField(label=gettext_lazy("Resource"), required=False)
    name = forms.CharField(label=gettext_lazy("Work step"), max_length=100, required=False)
    setup_minutes = NumberField(label=gettext_lazy("Set-up in minutes"), required=False)
    run_minutes = NumberField(label=gettext_lazy("Minutes a piece"), required=False)

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        known = {each.code: f"{each.code} · {each.name}" for each in queries.resources().values()}
        return {"resource": [("", "–"), *known.items()]}


def _resource(key: str) -> dict[str, Any] | None:
    """A resource by its id, or by site and code."""
    found = next(
        (each for each in queries.resources().values() if key in (str(each.id), f"{each.site_code}|{each.code}")), None
    )
    if found is None:
        return None
    return {
        "id": found.id,
        **{name: getattr(found, name) for name in ("site_code", "code", "name", "measure", "calendar")},
        "shifts": [{"name": s.name, "capacity": s.capacity, "weekdays": s.weekdays} for s in found.shifts],
        "exceptions": [{"day": e.day, "capacity": e.capacity, "note": e.note} for e in found.exceptions],
    }


def _save_resource(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    draft = ResourceDraft(
        values["site_code"],
        values["code"],
        values["name"],
        tuple(ShiftDraft(row["name"], row["capacity"], row["weekdays"] or "1234567") for row in values["shifts"]),
        values["measure"],
        values["calendar"],
        tuple(CapacityException(**row) for row in values["exceptions"]),
    )
    return actions.save_resources([draft], actor=actor, at=at)


def _resource_done(values: Any) -> str:
    saved = _resource(f"{values['site_code']}|{values['code']}")
    return reverse("console:resource", args=[saved["id"]]) if saved else reverse("console:resources")


def _routing(key: str) -> dict[str, Any] | None:
    """A routing by its id, or by item and site."""
    sku, bar, site = key.rpartition("|")
    if bar:
        item = catalog.items_by_sku([sku]).get(sku)
        place = inventory.sites_by_code([site]).get(site)
        pair = (item.id, place.id) if item and place else None
    else:
        pair = making.routing_of(UUID(key))
    found = queries.routings([pair[0]]).get(pair) if pair else None
    if found is None:
        return None
    return {
        "id": found.id,
        "sku": found.sku,
        "site_code": found.site_code,
        "lead_days": found.lead_days,
        "days_per_piece": found.days_per_piece or None,
        "operations": [
            {"resource": each.resource, "name": each.name, "setup_minutes": each.setup_minutes or None,
             "run_minutes": each.run_minutes or None}
            for each in found.operations
        ],
    }  # fmt: skip


def _save_routing(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    none = Decimal(0)
    steps = tuple(
        OperationDraft(row["resource"], row["name"], row["setup_minutes"] or none, row["run_minutes"] or none)
        for row in values["operations"]
    )
    draft = RoutingDraft(
        values["sku"].strip(), values["site_code"], values["lead_days"], values["days_per_piece"] or none, steps
    )
    return actions.save_routings([draft], actor=actor, at=at)


RESOURCE = Datum(
    "resource",
    ResourceForm,
    _resource,
    _save_resource,
    "resources",
    gettext_lazy("Resources"),
    gettext_lazy("New resource"),
    rows={"shifts": (ShiftForm, gettext_lazy("Shifts")), "exceptions": (DayForm, gettext_lazy("Exceptions"))},
    key="id",
    key_of=lambda values: f"{values['site_code']}|{values['code']}",
    fixed=("site_code", "code"),
    initial={"measure": "hours"},
    done=_resource_done,
)
ROUTING = Datum(
    "routing",
    RoutingForm,
    _routing,
    _save_routing,
    "routings",
    gettext_lazy("Routings"),
    gettext_lazy("New routing"),
    rows={"operations": (OperationForm, gettext_lazy("Operations"))},
    key="id",
    key_of=lambda values: f"{values['sku'].strip()}|{values['site_code']}",
    fixed=("sku", "site_code"),
    initial={"lead_days": 0},
    called="sku",
)


@needs("supply.view")
def resources(request: HttpRequest) -> HttpResponse:
    """The resources, and what they have to do."""
    table = resources_for(edge(request).today)
    beside = (("routings", ROUTING.title),)
    return listing(request, table, new="resource_new", title=RESOURCE.new, rule="supply.edit", beside=beside)


def _chart(resource: ResourceFacts, first: date, rooms: list[Decimal], found: list[Load]) -> SafeString:
    """The load of each day, and what is free of it."""
    taken: dict[date, Decimal] = defaultdict(Decimal)
    for load in found:
        taken[load.day] += load.amount
    factor = Decimal(60) if resource.measure == "hours" else Decimal(1)
    points: list[charts.Point] = []
    for index, room in enumerate(rooms):
        day = first + timedelta(index)
        told = _("%(load)s of %(capacity)s") % {
            "load": load_of(taken[day], resource.measure),
            "capacity": load_of(room, resource.measure),
        }
        parts = (taken[day] / factor, max(room - taken[day], Decimal(0)) / factor)
        points.append(charts.Point(formats.day_and_month(day), None, told, name=formats.short_day(day), parts=parts))
    return charts.stacked(points, [_("taken"), _("free")], key="load", title=_("Load by day"))


@needs("supply.view")
def resource(request: HttpRequest, resource_id: UUID) -> HttpResponse:
    """A resource, what it can do and what takes it, day by day."""
    found = queries.resources([resource_id]).get(resource_id)
    if found is None:
        raise Http404
    today = edge(request).today
    last = today + timedelta(DAYS - 1)
    rooms = queries.capacity_days([found], today, last)[resource_id]
    taken = queries.loads([resource_id], today, last)
    whole, loaded = sum(rooms, Decimal(0)), sum((load.amount for load in taken), Decimal(0))
    calendars = inventory.calendars()
    context = {
        "resource": found,
        "calendar": calendars.get(found.calendar),
        "shifts": [(shift, weekdays(shift.weekdays)) for shift in found.shifts],
        "chart": _chart(found, today, rooms, taken),
        "whole": load_of(whole, found.measure),
        "loaded": load_of(loaded, found.measure),
        "share": formats.percent(int(loaded), int(whole)) if whole else None,
        "loads": [(load, load_of(load.amount, found.measure)) for load in taken],
        "exceptions": [each for each in found.exceptions if each.day >= today],
    }
    return render(request, "console/resource.html", context)


@needs("supply.edit")
def resource_new(request: HttpRequest) -> HttpResponse:
    """A new resource."""
    return create(request, RESOURCE)


@needs("supply.edit")
def resource_edit(request: HttpRequest, resource_id: UUID) -> HttpResponse:
    """Change a resource."""
    return change(request, RESOURCE, str(resource_id))


@needs("supply.view")
def routings(request: HttpRequest) -> HttpResponse:
    """The routings."""
    return listing(
        request, ROUTINGS, new="routing_new", title=ROUTING.new, rule="supply.edit",
        beside=(("resources", RESOURCE.title),),
    )  # fmt: skip


@needs("supply.edit")
def routing_new(request: HttpRequest) -> HttpResponse:
    """A new routing."""
    return create(request, ROUTING)


@needs("supply.edit")
def routing_edit(request: HttpRequest, routing_id: UUID) -> HttpResponse:
    """Change a routing."""
    return change(request, ROUTING, str(routing_id))
