"""Lists of making: calendars, bills of material, resources, routings, work orders."""

from datetime import date
from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats, words
from auftakt.console.countries import country
from auftakt.console.queries import making
from auftakt.console.tables import Choice, Column, Empty, Table, Toggle

WORK_STATES = ("draft", "released", "started", "finished", "closed", "cancelled")


def _to(route: str) -> Any:
    return lambda row: reverse(f"console:{route}", args=[row.id])


def weekdays(digits: str) -> str:
    """Weekdays in words: Mon–Fri, or Mon, Wed."""
    if not digits:
        return ""
    names = formats.weekday_names()
    ordered = sorted(digits)
    if len(ordered) > 2 and "".join(ordered) in "1234567":
        return f"{names[int(ordered[0]) - 1]}–{names[int(ordered[-1]) - 1]}"
    return ", ".join(names[int(each) - 1] for each in ordered)


def _holidays(row: Any) -> str:
    if not row.country:
        return _("none")
    return f"{country(row.country)} ({row.subdivision})" if row.subdivision else country(row.country)


CALENDARS = Table(
    name="calendars",
    title=gettext_lazy("Working calendars"),
    words=gettext_lazy("Name or code"),
    sort="code",
    read=making.calendar_list,
    href=_to("calendar"),
    columns=(
        Column("code", gettext_lazy("Calendar"), sort="code", head=True, link=_to("calendar")),
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("weekdays", gettext_lazy("Working weekdays"), show=lambda row: weekdays(row.weekdays)),
        Column("country", gettext_lazy("Public holidays"), show=_holidays, value=_holidays),
        Column("exceptions", gettext_lazy("Exceptions"), "number"),
        Column("users", gettext_lazy("Sites and resources"), "number", sort="users"),
    ),
    empty=Empty(
        "calendar",
        gettext_lazy("No calendar yet"),
        gettext_lazy("A calendar says on which days work is done: weekdays without public holidays."),
        gettext_lazy("New calendar"),
        reverse_lazy("console:calendar_new"),
        "sites.edit",
    ),
)
BILLS = Table(
    name="bills",
    title=gettext_lazy("Bills of material"),
    words=gettext_lazy("Number or name"),
    sort="sku",
    read=making.bill_list,
    href=_to("bill"),
    columns=(
        Column("sku", gettext_lazy("Item"), sort="sku", head=True, link=_to("bill"), note="name", noted=_("Name")),
        Column("plant", gettext_lazy("Plant"), sort="plant", show=lambda row: row.plant or _("everywhere")),
        Column("lines", gettext_lazy("Components"), "number", sort="lines"),
        Column("used_in", gettext_lazy("Goes into"), "number", sort="used_in"),
    ),
    filters=(
        Toggle(name="top", title=gettext_lazy("Goes into nothing else")),
        Choice(name="plant", title=gettext_lazy("Plant"), options=making.site_codes),
    ),
    empty=Empty(
        "items",
        gettext_lazy("No bill of material yet"),
        gettext_lazy("It says what an item is made of. Enter the first one, or import a file."),
        gettext_lazy("New bill of material"),
        reverse_lazy("console:bill_new"),
        "catalog.edit",
    ),
)


def load_of(amount: Any, measure: str) -> str:
    """A load in words: hours, or pieces."""
    if measure == "hours":
        return _("%(hours)s h") % {"hours": formats.number(round(amount / 60, 1))}
    return _("%(count)s pieces") % {"count": formats.number(amount)}


def resources_for(today: date) -> Table:
    """Resources, with the load of the week from a day on."""
    return Table(
        name="resources",
        title=gettext_lazy("Resources"),
        words=gettext_lazy("Name or code"),
        sort="code",
        read=lambda asked: making.resource_list(asked, today),
        href=_to("resource"),
        columns=(
            Column("code", gettext_lazy("Resource"), sort="code", head=True, link=_to("resource")),
            Column("name", gettext_lazy("Name"), sort="name"),
            Column("site", gettext_lazy("Site"), sort="site"),
            Column("measure", gettext_lazy("Counted in"), "word"),
            Column("calendar", gettext_lazy("Calendar"), show=lambda row: row.calendar or _("every day")),
            Column("routings", gettext_lazy("Routings"), "number", sort="routings"),
            Column(
                "load",
                gettext_lazy("Load of the next 7 days"),
                sort="load",
                show=lambda row: load_of(row.load, row.measure),
            ),
        ),
        filters=(Choice(name="site", title=gettext_lazy("Site"), options=making.site_codes),),
        empty=Empty(
            "clock",
            gettext_lazy("No resource yet"),
            gettext_lazy("A resource is a machine, a line or a team that can do so much a day."),
            gettext_lazy("New resource"),
            reverse_lazy("console:resource_new"),
            "supply.edit",
        ),
    )


ROUTINGS = Table(
    name="routings",
    title=gettext_lazy("Routings"),
    words=gettext_lazy("Number or name"),
    sort="sku",
    read=making.routing_list,
    href=_to("routing_edit"),
    columns=(
        Column(
            "sku", gettext_lazy("Item"), sort="sku", head=True, link=_to("routing_edit"), note="name", noted=_("Name")
        ),
        Column("site", gettext_lazy("Site"), sort="site"),
        Column("resources", gettext_lazy("Way")),
        Column("lead_days", gettext_lazy("Lead time in days"), "number", sort="lead_days"),
        Column("days_per_piece", gettext_lazy("Days for each piece"), "number", shown=False),
    ),
    filters=(Choice(name="site", title=gettext_lazy("Site"), options=making.site_codes),),
    empty=Empty(
        "swap",
        gettext_lazy("No routing yet"),
        gettext_lazy("It says on which resources an item is made at a site, and how long that takes."),
        gettext_lazy("New routing"),
        reverse_lazy("console:routing_new"),
        "supply.edit",
    ),
)


def _due(row: Any) -> Any:
    if row.is_late:
        return format_html('<span class="late">{}</span>', formats.short_day(row.due_on))
    return formats.short_day(row.due_on)


def _open(row: Any) -> Any:
    return format_html('{} <span class="faint small">{}</span>', formats.number(row.open), words.word(row.unit))


def work_for(today: date) -> Table:
    """Work orders; what was due before a day is late."""
    return Table(
        name="work_orders",
        title=gettext_lazy("Work orders"),
        words=gettext_lazy("Number or item"),
        sort="-serial",
        read=lambda asked: making.work_list(asked, today),
        href=_to("work_order"),
        columns=(
            Column("number", gettext_lazy("Work order"), sort="serial", head=True, link=_to("work_order")),
            Column("sku", gettext_lazy("Item"), sort="sku", note="name", noted=_("Name")),
            Column("site", gettext_lazy("Site"), sort="site"),
            Column("quantity", gettext_lazy("Quantity"), "number"),
            Column("open", gettext_lazy("Open"), "number", sort="open", show=_open),
            Column("promised", gettext_lazy("Promised"), "number", sort="promised"),
            Column("starts_on", gettext_lazy("Starts on"), "short_day", sort="starts_on"),
            Column("due_on", gettext_lazy("Due on"), "short_day", sort="due_on", show=_due),
            Column("state", gettext_lazy("State"), "badge"),
        ),
        filters=(
            Choice(
                name="state",
                title=gettext_lazy("State"),
                options=lambda: [(code, words.badge(code).label) for code in WORK_STATES],
                chips=True,
            ),
            Toggle(name="late", title=gettext_lazy("Late"), icon="clock"),
            Choice(name="site", title=gettext_lazy("Site"), options=making.site_codes),
        ),
        empty=Empty(
            "bench",
            gettext_lazy("No work order yet"),
            gettext_lazy("A work order makes an item from its bill of material."),
            gettext_lazy("New work order"),
            reverse_lazy("console:work_order_new"),
            "supply.edit",
        ),
    )
