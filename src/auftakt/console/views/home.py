"""What needs me now, and the palette that finds everything."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from auftakt.console import queries
from auftakt.console.context import PLACES
from auftakt.console.outcomes import edge
from auftakt.console.permissions import SIGNED_IN, signed_in
from auftakt.identity.queries import may


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Counts that link to exactly those rows, today's flow, the work of each site."""
    here = edge(request)
    seen = queries.home(today=here.today, midnight=queries.beginning(here.today, here.zone))
    counts = seen["counts"]
    orders, invoices = reverse("console:orders"), reverse("console:invoices")
    tiles = [
        (
            "orders.view",
            counts.on_hold,
            _("Orders on hold"),
            _("wait for a decision"),
            "pause",
            "warn",
            f"{orders}?hold=1",
        ),
        (
            "orders.view",
            counts.unpromised,
            _("Orders without a date"),
            _("supply is missing"),
            "diamond",
            "bad",
            f"{orders}?unpromised=1",
        ),
        (
            "orders.view",
            counts.failed,
            _("Orders with a failed step"),
            _("look and retry"),
            "warning",
            "bad",
            f"{orders}?failed=1",
        ),
        ("orders.view", counts.drafts, _("Drafts"), _("not submitted yet"), "pencil", "rest", f"{orders}?state=draft"),
        (
            "billing.view",
            counts.in_doubt,
            _("Payments in doubt"),
            _("ask the provider"),
            "question",
            "bad",
            reverse("console:attempts") + "?state=in_doubt",
        ),
        (
            "billing.view",
            counts.overdue,
            _("Overdue invoices"),
            _("remind or collect"),
            "clock",
            "warn",
            f"{invoices}?standing=overdue",
        ),
    ]
    hour = here.at.astimezone(here.zone).hour
    greeting = _("Good morning") if hour < 11 else _("Good afternoon") if hour < 18 else _("Good evening")
    return render(
        request,
        "console/home.html",
        {
            **seen,
            "greeting": greeting,
            "first_name": request.user.name.split()[0] if request.user.name else "",
            "today": here.today,
            "tiles": [tile[1:] for tile in tiles if may(request.user.roles, tile[0])],
            "sees_money": may(request.user.roles, "billing.view"),
        },
    )


@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """Answers of the palette: pages, orders, parcels, invoices, customers, items."""
    text = request.GET.get("q", "").strip()[:80]
    roles = request.user.roles
    places = [
        place
        for _title, group in PLACES
        for place in group
        if (place.rule == SIGNED_IN or may(roles, place.rule))
        and (not text or text.lower() in str(place.title).lower())
    ]
    found = queries.find(text) if len(text) > 1 else {}
    if not may(roles, "billing.view"):
        found.pop("invoices", None)
    return render(request, "console/parts/found.html", {"places": places, "found": found, "text": text})
