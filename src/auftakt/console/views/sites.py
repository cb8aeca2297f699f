"""Sites as master data, with the lanes on which they ship."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import words
from auftakt.console.countries import countries
from auftakt.console.datum import Datum, at_rows, change, create, listing
from auftakt.console.forms import CodeField, LookupInput, NumberField, Section
from auftakt.console.lists.master import SITES
from auftakt.console.permissions import needs
from auftakt.console.queries import master
from auftakt.console.views.customer_form import CURRENCIES
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as sites
from auftakt.inventory.types import SITE_KINDS, CountTolerance, SiteDraft
from auftakt.promising import actions as promising
from auftakt.promising.types import LaneDraft
from auftakt.values import Outcome


class SiteForm(forms.Form):
    """A site."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    supplier = CodeField(
        label=gettext_lazy("Supplier"),
        required=False,
        widget=LookupInput("supplier_options"),
        help_text=gettext_lazy("Whose place it is: goods are shipped direct from there."),
    )
    street = forms.CharField(label=gettext_lazy("Street and number"), max_length=300, required=False)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    region = forms.CharField(label=gettext_lazy("State or province"), max_length=100, required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), help_text=gettext_lazy("Days at this site begin and end in it.")
    )
    processing_days = NumberField(
        label=gettext_lazy("Processing days"),
        whole=True,
        help_text=gettext_lazy("Between the release of an order and its leaving."),
    )
    shipping_calendar = forms.ChoiceField(label=gettext_lazy("Ships by calendar"), required=False)
    receiving_calendar = forms.ChoiceField(label=gettext_lazy("Receives by calendar"), required=False)
    cut_off = forms.TimeField(
        label=gettext_lazy("Cut-off"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("Later orders count for the next working day. In the site's time zone."),
    )
    is_open = forms.BooleanField(
        label=gettext_lazy("Open"),
        required=False,
        help_text=gettext_lazy("A closed site is promised from no more; what is promised stays."),
    )
    ships_orders = forms.BooleanField(label=gettext_lazy("Ships orders to customers"), required=False)

    count_percent = NumberField(label=gettext_lazy("Difference up to percent"), required=False)
    count_value = NumberField(label=gettext_lazy("and up to a value of"), required=False)

    sections = (
        Section(
            "",
            "code:w4 name:w8 kind:w4 time_zone:w4 processing_days:w4 is_open:w6 ships_orders:w6",
        ),
        Section(gettext_lazy("Supplier"), "supplier:w6", when="kind=supplier"),
        Section(gettext_lazy("Working days"), "shipping_calendar:w4 receiving_calendar:w4 cut_off:w4"),
        Section(
            gettext_lazy("Counting"),
            "count_percent:w4 count_value:w4",
            note=gettext_lazy("beyond either somebody else approves; without both every difference is booked"),
        ),
        Section(gettext_lazy("Address"), "street:w8 postal_code:w4 city:w4 region:w4 country:w4"),
        Section(
            gettext_lazy("Lanes"),
            rows="lanes",
            note=gettext_lazy("where it ships, how long it takes and what it costs a parcel"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(code, words.word(code)) for code in SITE_KINDS]
        self.fields["country"].choices = countries()
        calendars = [("", _("every day")), *((each.code, each.name) for each in sites.calendars().values())]
        for name in ("shipping_calendar", "receiving_calendar"):
            self.fields[name].choices = calendars
        present = self.initial.get("time_zone", "Europe/Berlin")
        zones = {
            zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc", "posix", "right"))
        }
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in sorted(zones | {present})]


class LaneForm(forms.Form):
    """A lane of a site."""

    country = forms.ChoiceField(label=gettext_lazy("To"), required=False)
    region = forms.CharField(label=gettext_lazy("State or province"), required=False, max_length=100)
    carrier = CodeField(label=gettext_lazy("Carrier"), initial="standard")
    transit_days = NumberField(label=gettext_lazy("Days on the way"), whole=True)
    cost = NumberField(label=gettext_lazy("Cost"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), initial="EUR")

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {
            "country": [("", _("everywhere else")), *countries()],
            "currency": [(code, code) for code in CURRENCIES],
        }


UNLIMITED = (Decimal(10_000), Decimal(10) ** 11)
"""Percent and value of a tolerance that stop nothing."""
SCALARS = (
    "code", "name", "kind", "street", "postal_code", "city", "region", "country", "time_zone", "processing_days",
    "is_open", "ships_orders", "shipping_calendar", "receiving_calendar", "cut_off",
    "supplier",
)  # fmt: skip
LANE = ("country", "region", "carrier", "transit_days", "cost", "currency")


def _site(code: str) -> dict[str, Any] | None:
    site = sites.sites_by_code([code]).get(code)
    if site is None:
        return None
    percent, value = sites.count_tolerances().get(site.id, (None, None))
    return {
        "id": site.id,
        "count_percent": None if percent == UNLIMITED[0] else percent,
        "count_value": None if value == UNLIMITED[1] else value,
        **{name: getattr(site, name) for name in SCALARS},
        "lanes": [{name: getattr(lane, name) for name in LANE} for lane in master.lanes_of(site.id)],
    }


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    """The site, then its lanes: those on the form are saved, those taken off it end."""
    lanes = values["lanes"]
    site = SiteDraft(**{name: values[name] for name in SCALARS})
    saved = inventory.save_sites([site], actor=actor, at=at)
    if saved.refused:
        return saved
    if values["count_percent"] is not None or values["count_value"] is not None:
        given = (values["count_percent"], values["count_value"])
        percent, value = (top if number is None else number for number, top in zip(given, UNLIMITED, strict=True))
        tolerance = CountTolerance(site.code, percent, value)
        allowed = inventory.save_count_tolerances([tolerance], actor=actor, at=at)
        if allowed.refused:
            return allowed
    drafts = [LaneDraft(site_code=site.code, **lane) for lane in lanes]
    laid = promising.save_lanes(drafts, actor=actor, at=at)
    if laid.refused:
        return at_rows(laid, "lanes")
    kept = {(lane["country"], lane["region"]) for lane in lanes}
    there = master.lanes_of(saved.one())
    gone = [(site.code, each.country, each.region) for each in there if (each.country, each.region) not in kept]
    if gone:
        return promising.end_lanes(gone, actor=actor, at=at)
    return saved


SITE = Datum(
    "site",
    SiteForm,
    _site,
    _save,
    "sites",
    gettext_lazy("Sites"),
    gettext_lazy("New site"),
    rows={"lanes": (LaneForm, gettext_lazy("Lanes"))},
    initial={
        "kind": "distribution_centre",
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "is_open": True,
        "ships_orders": True,
        "processing_days": 0,
    },
)


@needs("stock.view")
def sites_list(request: HttpRequest) -> HttpResponse:
    """The sites."""
    return listing(request, SITES, new="site_new", title=SITE.new, rule="sites.edit")


@needs("sites.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A new site."""
    return create(request, SITE)


@needs("sites.edit")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a site and its lanes."""
    return change(request, SITE, code)
