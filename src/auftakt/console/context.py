"""What every page's frame needs: navigation by permission, language, theme."""

from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from auftakt.console import words
from auftakt.console.permissions import SIGNED_IN
from auftakt.identity.queries import may


class Place(NamedTuple):
    """A page that the navigation offers to those who may open it."""

    route: str
    title: Any
    short: Any
    icon: str
    rule: str
    key: str = ""


PLACES: tuple[tuple[Any, tuple[Place, ...]], ...] = (
    (
        "",
        (
            Place("home", gettext_lazy("Home"), gettext_lazy("Home"), "home", SIGNED_IN, "h"),
            Place("orders", gettext_lazy("Orders"), gettext_lazy("Orders"), "orders", "orders.view", "o"),
            Place(
                "bench_sites", gettext_lazy("Fulfilment bench"), gettext_lazy("Bench"), "bench", "fulfilment.view", "f"
            ),
            Place("stock", gettext_lazy("Stock"), gettext_lazy("Stock"), "stock", "stock.view", "s"),
            Place("lots", gettext_lazy("Lots and serial numbers"), gettext_lazy("Lots"), "items", "stock.view"),
            Place(
                "counts_waiting", gettext_lazy("Counts to approve"), gettext_lazy("Counts"), "count", "stock.approve"
            ),
            Place("reservations", gettext_lazy("Reservations"), gettext_lazy("Reserved"), "pause", "orders.view"),
            Place("planning", gettext_lazy("Planning"), gettext_lazy("Planning"), "calendar", "orders.view", "l"),
            Place("replenishment", gettext_lazy("Replenishment"), gettext_lazy("Refill"), "basket", "supply.view", "r"),
            Place("purchases", gettext_lazy("Purchasing"), gettext_lazy("Buying"), "download", "supply.view"),
            Place("transfers", gettext_lazy("Transfers"), gettext_lazy("Transfers"), "truck", "supply.view"),
        ),
    ),
    (
        gettext_lazy("Making"),
        (
            Place("work_orders", gettext_lazy("Work orders"), gettext_lazy("Work"), "bench", "supply.view", "w"),
            Place("resources", gettext_lazy("Resources"), gettext_lazy("Resources"), "clock", "supply.view"),
            Place("bills", gettext_lazy("Bills of material"), gettext_lazy("Bills"), "items", "catalog.view"),
        ),
    ),
    (
        gettext_lazy("Money"),
        (
            Place("invoices", gettext_lazy("Invoices"), gettext_lazy("Invoices"), "invoice", "billing.view", "i"),
            Place("open_items", gettext_lazy("Open items"), gettext_lazy("Open"), "clock", "billing.view"),
            Place("payments", gettext_lazy("Payments"), gettext_lazy("Payments"), "payment", "billing.view", "p"),
            Place("bank", gettext_lazy("Bank statements"), gettext_lazy("Bank"), "download", "billing.view", "b"),
            Place("dunning", gettext_lazy("Dunning"), gettext_lazy("Dunning"), "warning", "billing.view", "d"),
            Place("postings", gettext_lazy("Postings"), gettext_lazy("Postings"), "columns", "billing.view"),
            Place("attempts", gettext_lazy("Payment attempts"), gettext_lazy("Attempts"), "question", "billing.view"),
        ),
    ),
    (
        gettext_lazy("Master data"),
        (
            Place("customers", gettext_lazy("Customers"), gettext_lazy("Customers"), "customers", "parties.view", "c"),
            Place("items", gettext_lazy("Items"), gettext_lazy("Items"), "items", "catalog.view"),
            Place("price_lists", gettext_lazy("Prices"), gettext_lazy("Prices"), "payment", "prices.view", "p"),
            Place("supplier_items", gettext_lazy("Suppliers' terms"), gettext_lazy("Terms"), "basket", "supply.view"),
            Place("sites", gettext_lazy("Sites"), gettext_lazy("Sites"), "stock", "stock.view"),
            Place("calendars", gettext_lazy("Working calendars"), gettext_lazy("Days"), "calendar", "stock.view"),
            Place("sourcing", gettext_lazy("Sourcing rules"), gettext_lazy("Sources"), "swap", "sourcing.view"),
            Place("allocation", gettext_lazy("Allocation rules"), gettext_lazy("Shares"), "columns", "sourcing.view"),
            Place(
                "demand_classes", gettext_lazy("Demand classes"), gettext_lazy("Classes"), "customers", "sourcing.view"
            ),
            Place("policies", gettext_lazy("Policies"), gettext_lazy("Policies"), "swap", "policies.view"),
        ),
    ),
    (
        gettext_lazy("Administration"),
        (
            Place("imports", gettext_lazy("Import"), gettext_lazy("Import"), "upload", SIGNED_IN),
            Place("journal", gettext_lazy("Journal"), gettext_lazy("Journal"), "journal", "journal.view"),
            Place("jobs", gettext_lazy("Jobs"), gettext_lazy("Jobs"), "clock", SIGNED_IN),
            Place("house", gettext_lazy("Settings"), gettext_lazy("Settings"), "document", "settings.view"),
            Place("users", gettext_lazy("Users and roles"), gettext_lazy("Users"), "users", "users.manage"),
            Place("mails", gettext_lazy("Mails"), gettext_lazy("Mails"), "mail", "mail.view"),
            Place("webhooks", gettext_lazy("Webhooks"), gettext_lazy("Webhooks"), "webhook", "webhooks.manage"),
            Place("api_keys", gettext_lazy("API keys"), gettext_lazy("Keys"), "key", "users.manage"),
            Place("design", gettext_lazy("Design"), gettext_lazy("Design"), "items", "users.manage"),
        ),
    ),
)
# Keys that work on one page only, by its route; what carries `data-key` lists itself.
_ENTRY_KEYS = (
    (("Enter", "↑", "↓"), gettext_lazy("Next line, move between lines")),
    (("Ctrl", gettext_lazy("Del")), gettext_lazy("Remove the line")),
    (("Ctrl", "V"), gettext_lazy("Paste a range from a spreadsheet")),
)
KEYS: dict[str, tuple[tuple[tuple[Any, ...], Any], ...]] = {"order_new": _ENTRY_KEYS, "order_edit": _ENTRY_KEYS}
_GROUP_OF = {
    "bench": "bench_sites",
    "waves": "bench_sites",
    "wave": "bench_sites",
    "receiving": "bench_sites",
    "receipt": "bench_sites",
    "purchase": "purchases",
    "transfer": "transfers",
    "planning": "planning",
    "supplier": "supplier_items",
    "counting": "bench_sites",
    "lot": "lots",
    "count": "bench_sites",
    "order": "orders",
    "item": "items",
    "customer": "customers",
    "invoice": "invoices",
    "user": "users",
    "release": "bench_sites",
    "payment": "payments",
    "account": "open_items",
    "reminder": "dunning",
    "reminders": "dunning",
    "api": "api_keys",
    "attempt": "attempts",
    "mail": "mails",
    "webhook": "webhooks",
    "deliveries": "webhooks",
    "delivery": "webhooks",
    "job": "jobs",
    "import": "imports",
    "category": "items",
    "categories": "items",
    "brand": "items",
    "brands": "items",
    "unit": "items",
    "units": "items",
    "price": "price_lists",
    "discount": "price_lists",
    "discounts": "price_lists",
    "zone": "price_lists",
    "zones": "price_lists",
    "site": "sites",
    "policy": "policies",
    "sourcing": "sourcing",
    "allocation": "allocation",
    "demand": "demand_classes",
    "calendar": "calendars",
    "bill": "bills",
    "resource": "resources",
    "routing": "resources",
    "routings": "resources",
    "work": "work_orders",
    "terms": "house",
    "entity": "house",
    "legal": "house",
    "tax": "house",
    "number": "house",
    "numbers": "house",
    "roles": "users",
}
_ROUTES = {"payment_terms": "house"}


def console(request: HttpRequest) -> dict[str, Any]:
    """The `console` variable of templates."""
    language = get_language() or "en"
    frame: dict[str, Any] = {
        "language": language,
        "languages": settings.LANGUAGES,
        "words": _words(),
        "theme": request.COOKIES.get("auftakt_theme", ""),
    }
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    if known:
        frame["theme"] = user.theme
    if frame["theme"] not in ("light", "dark"):
        frame["theme"] = ""
    if not known:
        return {"console": frame}
    groups = [(title, _open_to(places, user.roles, _here(request))) for title, places in PLACES]
    frame["navigation"] = [{"title": title, "entries": entries} for title, entries in groups if entries]
    frame["tabs"] = [entry for _title, entries in groups for entry in entries][:4]
    frame["initials"] = "".join(part[0] for part in user.name.split()[:2]).upper() or "?"
    frame["roles"] = ", ".join(words.word(role) for role in user.roles)
    frame["may_order"] = may(user.roles, "orders.edit")
    frame["keys"] = KEYS.get(request.resolver_match.url_name or "", ()) if request.resolver_match else ()
    return {"console": frame}


def _words() -> dict[str, str]:
    """What the scripts say."""
    return {
        "nothing": _("Nothing found. Try another word."),
        "trouble": _("That did not work. Please try again; nothing was changed."),
        "offline": _("No connection. Nothing is sent until it is back; what you typed stays here."),
        "undo": _("Undo"),
        "dismiss": _("Dismiss"),
        "recent": _("Opened last"),
        "found": _("%s found"),
    }


def _here(request: HttpRequest) -> str:
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    known = {place.route for _title, places in PLACES for place in places}
    return name if name in known else _ROUTES.get(name) or _GROUP_OF.get(name.split("_")[0], name)


@cache
def _address(route: str) -> str:
    return reverse(f"console:{route}")


def _open_to(places: tuple[Place, ...], roles: list[str], here: str) -> list[dict[str, Any]]:
    return [
        {
            "href": _address(place.route),
            "title": place.title,
            "short": place.short,
            "icon": place.icon,
            "key": place.key,
            "here": place.route == here,
        }
        for place in places
        if place.rule == SIGNED_IN or may(roles, place.rule)
    ]
