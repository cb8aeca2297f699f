"""A customer's card: created and changed with addresses, contacts and credit limit."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console.countries import countries
from auftakt.console.forms import CodeField, NumberField, Section, Sheet, SheetPage
from auftakt.console.outcomes import edge
from auftakt.console.permissions import needs
from auftakt.parties import actions
from auftakt.parties import queries as parties
from auftakt.parties.types import AddressDraft, AddressFacts, ContactDraft, CreditLimit, PartyDraft
from auftakt.values import Outcome

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "DKK", "PLN", "CZK")
SCALARS = ("number", "name", "kind", "segment", "currency", "language", "vat_id", "email", "phone", "notes")
PARTS = ("name", "street", "postal_code", "city", "region", "country", "phone", "label")
FLAGS = ("bills", "ships", "is_default_bill_to", "is_default_ship_to")


class CustomerForm(forms.Form):
    """A customer's own facts."""

    number = CodeField(label=gettext_lazy("Customer number"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("organisation", gettext_lazy("Organisation")), ("person", gettext_lazy("Person"))],
    )
    segment = CodeField(
        label=gettext_lazy("Segment"), required=False, help_text=gettext_lazy("Decides price lists and discounts.")
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of papers"), choices=settings.LANGUAGES)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=40)
    vat_id = forms.CharField(label=gettext_lazy("VAT ID"), required=False, max_length=40)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    payment_terms = forms.ChoiceField(label=gettext_lazy("Payment terms"), required=False)
    credit_limit = NumberField(
        label=gettext_lazy("Credit limit"), required=False, help_text=gettext_lazy("Empty: without a limit.")
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    sections = (
        Section("", "number:w4 name:w8 kind:w4 segment:w4 language:w4 email:w4 phone:w4 vat_id:w4"),
        Section(
            gettext_lazy("Addresses"),
            rows="addresses",
            note=gettext_lazy("a changed address is added anew; old papers keep theirs"),
        ),
        Section(gettext_lazy("Contacts"), rows="contacts"),
        Section(gettext_lazy("Money"), "currency:w4 payment_terms:w4 credit_limit:w4 notes:w12"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.initial.get("currency") or "EUR"
        self.fields["currency"].choices = [(code, code) for code in dict.fromkeys((*CURRENCIES, present))]
        self.fields["payment_terms"].choices = [("", _("As usual"))] + [
            (terms.code, terms.name) for terms in parties.payment_terms().values()
        ]


class AddressForm(forms.Form):
    """An address of a customer."""

    street = forms.CharField(label=gettext_lazy("Street and number"), max_length=300)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), required=False, max_length=20)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    region = forms.CharField(label=gettext_lazy("State or province"), required=False, max_length=100)
    country = forms.ChoiceField(label=gettext_lazy("Country"), initial="DE")
    name = forms.CharField(
        label=gettext_lazy("Name on the address"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Empty: the customer's name."),
    )
    label = forms.CharField(label=gettext_lazy("Called here"), required=False, max_length=100)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=40)
    bills = forms.BooleanField(label=gettext_lazy("Invoices"), required=False, initial=True)
    ships = forms.BooleanField(label=gettext_lazy("Deliveries"), required=False, initial=True)
    is_default_bill_to = forms.BooleanField(label=gettext_lazy("Usual for invoices"), required=False)
    is_default_ship_to = forms.BooleanField(label=gettext_lazy("Usual for deliveries"), required=False)

    cards = (
        "street:w8 postal_code:w4 city:w4 region:w4 country:w4 name:w4 label:w4 phone:w4 "
        "bills:w3 ships:w3 is_default_bill_to:w3 is_default_ship_to:w3"
    )

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {"country": countries()}

    def has_changed(self) -> bool:
        """An address without any text is none, whatever is ticked."""
        return any(self.data.get(self.add_prefix(name), "").strip() for name in PARTS if name != "country")


class ContactForm(forms.Form):
    """A person at a customer."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    role = forms.CharField(label=gettext_lazy("Role"), required=False, max_length=100)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=40)


ROWS = {
    "addresses": (AddressForm, gettext_lazy("Addresses")),
    "contacts": (ContactForm, gettext_lazy("Contacts")),
}


def customer_now(number: str) -> Mapping[str, Any] | None:
    """A customer as its form shows it; None when there is none."""
    profile = parties.customers_by_number([number]).get(number)
    if profile is None:
        return None
    card = parties.party_cards([profile.id])[profile.id]
    return {
        "id": card.id,
        "is_supplier": card.is_supplier,
        "card": card,
        **{name: getattr(card, name) for name in SCALARS},
        "payment_terms": card.payment_terms or "",
        "credit_limit": card.credit.limit if card.credit else None,
        "addresses": [_address(address, card.name) for address in card.addresses],
        "contacts": [
            {"name": each.name, "role": each.role, "email": each.email, "phone": each.phone} for each in card.contacts
        ],
    }


def _address(facts: AddressFacts, party: str) -> dict[str, Any]:
    """An address as its card shows it: a name that is the customer's own is left away."""
    shown = {name: getattr(facts, name) for name in (*PARTS, *FLAGS)}
    return shown | {"name": "" if facts.name == party else facts.name}


def party_draft(values: Mapping[str, Any], present: Mapping[str, Any] | None) -> PartyDraft:
    """The customer as typed. An address that was there already stays as it was given, whatever its country asks for."""
    before = [{name: row[name] for name in PARTS} for row in present["addresses"]] if present else []
    same_name = present is not None and present["name"] == values["name"]
    addresses = tuple(
        AddressDraft(**row, as_given=same_name and {name: row[name] for name in PARTS} in before)
        for row in values["addresses"]
    )
    return PartyDraft(
        **{name: values[name] for name in SCALARS},
        payment_terms=values["payment_terms"],
        credit_limit=values["credit_limit"],
        is_supplier=bool(present and present["is_supplier"]),
        addresses=addresses,
        contacts=tuple(ContactDraft(**row) for row in values["contacts"]),
    )


def _save(request: HttpRequest, sheet: Sheet, page: SheetPage) -> HttpResponse:
    here = edge(request)

    def verb(values: dict[str, Any]) -> Outcome[Any]:
        present = customer_now(values["number"])
        saved = actions.save_parties([party_draft(values, present)], actor=here.actor, at=here.at)
        if saved.refused or values["credit_limit"] is not None or not present or present["credit_limit"] is None:
            return saved
        return actions.set_credit_limits([CreditLimit(present["id"], None)], actor=here.actor, at=here.at)

    if sheet.save(customer_now, verb, turn="customer", terms="payment_terms", limit="credit_limit"):
        return sheet.saved(page, request, _("%(name)s is saved.") % {"name": sheet.form.cleaned_data["name"]})
    return sheet.show(page, request)


@needs("parties.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Create a customer."""
    initial = {
        "number": request.GET.get("number", "")[:64] or parties.next_customer_number(),
        "name": request.GET.get("name", "")[:200],
        "currency": "EUR",
        "language": request.user.language,
        "addresses": [{"country": "DE", "bills": True, "ships": True}],
    }
    number = request.POST.get("number", "").strip()
    page = SheetPage(
        _("New customer"),
        [(reverse("console:customers"), _("Customers"))],
        back=reverse("console:customers"),
        done=reverse("console:customer", args=[number]) if number else "",
        extra=_("Save and enter the next"),
        then=reverse("console:customer_new"),
    )
    return _save(request, Sheet(request, CustomerForm, now=None, initial=initial, rows=ROWS, key="number"), page)


@needs("parties.edit")
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change a customer. A changed address is added beside the old one, which papers keep."""
    now = customer_now(number)
    if now is None:
        raise Http404
    back = reverse("console:customer", args=[number])
    page = SheetPage(now["name"], [(reverse("console:customers"), _("Customers")), (back, number)], back)
    return _save(request, Sheet(request, CustomerForm, now=now, rows=ROWS, key="number", subject=now["id"]), page)
