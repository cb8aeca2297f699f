"""The list of orders."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from auftakt.console import queries
from auftakt.console.outcomes import day_of
from auftakt.console.permissions import needs
from auftakt.orders.queries import list_orders
from auftakt.orders.types import OrderFilter

STATES = ("draft", "submitted", "closed", "cancelled")


def wanted_orders(request: HttpRequest) -> OrderFilter:
    """The filter that an address asks for; what makes no sense in it is ignored."""
    asked = request.GET
    return OrderFilter(
        text=asked.get("q", "").strip()[:100],
        state=asked.get("state", "") if asked.get("state") in STATES else "",
        customer_number=asked.get("customer", "").strip()[:64],
        sku=asked.get("item", "").strip()[:64],
        ordered_from=day_of(asked.get("from", "")),
        ordered_to=day_of(asked.get("to", "")),
        on_hold=asked.get("hold") == "1",
        unpromised=asked.get("unpromised") == "1",
    )


@needs("orders.view")
def orders(request: HttpRequest) -> HttpResponse:
    """Orders, newest first, narrowed by filters that combine."""
    wanted, after, failed = wanted_orders(request), request.GET.get("after", ""), request.GET.get("failed") == "1"
    if failed:
        page = queries.failed_orders(after)
    else:
        try:
            found = list_orders(wanted, after)
        except ValueError:
            found = list_orders(wanted)
        page = queries.Page(found.rows, found.next_cursor)
    context = {
        "page": page,
        "measures": queries.measures(row.id for row in page.rows),
        "wanted": wanted,
        "failed": failed,
        "states": STATES,
        "asked": {
            name: request.GET.get(name, "")
            for name in ("q", "from", "to", "customer", "customer_name", "item", "item_name")
        },
        "narrowed": any(
            value for name, value in request.GET.items() if name not in ("after", "customer_name", "item_name")
        ),
    }
    return render(request, "console/orders.html", context)
