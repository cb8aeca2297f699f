"""Customers: list and account page."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from auftakt.console import queries, tables
from auftakt.console.lists.parties import CUSTOMERS
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.console.views.entry_margin import account_of
from auftakt.identity.queries import may


@needs("parties.view")
def customers(request: HttpRequest) -> HttpResponse:
    """Customers by name."""
    return tables.answer(request, CUSTOMERS, template="console/customers.html")


@needs("parties.view")
def customer(request: HttpRequest, number: str) -> HttpResponse:
    """A customer's account: addresses, credit, what is owed, the newest orders."""
    here = edge(request)
    page = _page(number, here.today)
    head = page.head
    share = int(head.credit_drawn / head.credit_limit * 100) if head.credit_limit else 0
    roles = request.user.roles
    context = {
        "page": page,
        "party": head,
        "share": min(share, 100),
        "account": account_of(request, head),
        "prices": queries.prices_paid(head.id),
        "invoices": queries.open_invoices(head.id, today=here.today),
        "may_edit": may(roles, "parties.edit"),
        "sees_money": may(roles, "billing.view"),
        "may_order": may(roles, "orders.edit"),
    }
    return render(request, "console/customer.html", context)


def _page(number: str, today: date) -> queries.CustomerPage:
    page = queries.customer_page(number, today=today)
    if page is None:
        raise Http404
    return page
