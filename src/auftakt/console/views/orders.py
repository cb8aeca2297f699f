"""The list of orders."""

from django.http import HttpRequest, HttpResponse

from auftakt.console import tables
from auftakt.console.lists.orders import orders_for
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs


@needs("orders.view")
def orders(request: HttpRequest) -> HttpResponse:
    """Orders, newest first, narrowed by filters that combine."""
    here = edge(request)
    return tables.answer(request, orders_for(here.actor, here.today), template="console/orders.html")
