"""Customers: list, account page, create and change."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import queries, tables
from auftakt.console.countries import countries
from auftakt.console.lists.parties import CUSTOMERS
from auftakt.console.outcomes import edge, tell
from auftakt.console.permissions import needs
from auftakt.console.views.entry_margin import account_of
from auftakt.console.views.users import findings_into
from auftakt.identity.queries import may
from auftakt.parties import actions
from auftakt.parties.types import AddressDraft, PartyDraft

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "DKK", "PLN", "CZK")


class CustomerForm(forms.Form):
    """A customer with its main address."""

    number = forms.CharField(label=gettext_lazy("Customer number"), max_length=64)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("organisation", gettext_lazy("Organisation")), ("person", gettext_lazy("Person"))],
    )
    segment = forms.CharField(
        label=gettext_lazy("Segment"), required=False, help_text=gettext_lazy("Decides price lists and discounts.")
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    language = forms.ChoiceField(label=gettext_lazy("Language of papers"), choices=settings.LANGUAGES)
    payment_terms = forms.ChoiceField(label=gettext_lazy("Payment terms"), required=False)
    credit_limit = forms.DecimalField(
        label=gettext_lazy("Credit limit"),
        required=False,
        min_value=0,
        max_digits=15,
        decimal_places=2,
        localize=True,
        help_text=gettext_lazy("Empty: as it is."),
    )
    vat_id = forms.CharField(label=gettext_lazy("VAT ID"), required=False, max_length=40)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=40)
    street = forms.CharField(label=gettext_lazy("Street and number"), max_length=300)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), required=False, max_length=20)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100)
    region = forms.CharField(label=gettext_lazy("State or province"), required=False, max_length=100)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    notes = forms.CharField(label=gettext_lazy("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries()
        self.fields["currency"].choices = [(code, code) for code in CURRENCIES]
        self.fields["payment_terms"].choices = [("", _("As usual"))] + [
            (row.code, row.name) for row in queries.payment_terms()
        ]


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


@needs("parties.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Create a customer."""
    form = CustomerForm(
        request.POST or None, initial={"country": "DE", "currency": "EUR", "language": request.user.language}
    )
    return _save(request, form, None)


@needs("parties.edit")
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change a customer. A changed address is added beside the old one, which papers keep."""
    page = _page(number, edge(request).today)
    head = page.head
    initial = {
        name: getattr(head, name)
        for name in ("number", "name", "kind", "segment", "currency", "language", "vat_id", "email", "phone", "notes")
    }
    initial["payment_terms"] = head.payment_terms_id
    initial["credit_limit"] = head.credit_limit
    if page.addresses:
        initial |= {
            name: getattr(page.addresses[0], name) for name in ("street", "postal_code", "city", "region", "country")
        }
    form = CustomerForm(request.POST or None, initial=initial)
    form.fields["number"].disabled = True
    return _save(request, form, page)


def _save(request: HttpRequest, form: CustomerForm, page: queries.CustomerPage | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        here, data = edge(request), form.cleaned_data
        outcome = actions.save_parties([_draft(data, page)], actor=here.actor, at=here.at)
        if outcome.done:
            tell(request, outcome, _("%(name)s is saved.") % {"name": data["name"]})
            return redirect("console:customer", data["number"])
        findings_into(form, outcome.refused, terms="payment_terms")
    status = 422 if form.is_bound and form.errors else 200
    return render(
        request, "console/customer_form.html", {"form": form, "party": page.head if page else None}, status=status
    )


ADDRESS = ("street", "postal_code", "city", "region", "country")


def _draft(data: dict[str, Any], page: queries.CustomerPage | None) -> PartyDraft:
    """The party as typed. Addresses are left alone unless the main one was changed; the others stay as they are."""
    addresses: tuple[AddressDraft, ...] | None = None
    present = page.addresses if page else []
    if not present or any(getattr(present[0], name) != data[name] for name in ADDRESS):
        main = AddressDraft(
            name=data["name"],
            **{name: data[name] for name in ADDRESS},
            is_default_bill_to=True,
            is_default_ship_to=present[0].is_default_ship_to if present else True,
        )
        others = [
            AddressDraft(
                name=row.name,
                street=row.street,
                postal_code=row.postal_code,
                city=row.city,
                region=row.region,
                country=row.country,
                phone=row.phone,
                label=row.label,
                bills=row.bills,
                ships=row.ships,
                is_default_ship_to=row.is_default_ship_to,
                as_given=True,
            )
            for row in present[1:]
        ]
        addresses = (main, *others)
    same = (
        "number",
        "name",
        "kind",
        "segment",
        "currency",
        "language",
        "payment_terms",
        "vat_id",
        "email",
        "phone",
        "notes",
        "credit_limit",
    )
    return PartyDraft(
        **{name: data[name] for name in same}, is_supplier=page.head.is_supplier if page else False, addresses=addresses
    )
