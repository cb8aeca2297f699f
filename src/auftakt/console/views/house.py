"""What the house is set up with: payment terms, our own companies, tax rates."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from auftakt.compliance import actions as compliance
from auftakt.compliance import queries as taxes
from auftakt.compliance.types import TaxRateDraft
from auftakt.console import words
from auftakt.console.countries import countries
from auftakt.console.datum import Datum, change, create, listing
from auftakt.console.forms import CodeField, DayField, NumberField, Section
from auftakt.console.lists.master import ENTITIES, TAXES, TERMS
from auftakt.console.permissions import needs
from auftakt.console.views.catalog import tax_categories
from auftakt.console.views.customer_form import CURRENCIES
from auftakt.parties import actions as parties
from auftakt.parties import queries as companies
from auftakt.parties.actions import terms_id
from auftakt.parties.types import LegalEntityDraft, PaymentTermsDraft
from auftakt.values import Outcome


class TermsForm(forms.Form):
    """Payment terms."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    due_days = NumberField(
        label=gettext_lazy("Days until due"), whole=True, help_text=gettext_lazy("Counted from the day of the invoice.")
    )
    discount_percent = NumberField(label=gettext_lazy("Early payment discount in %"), required=False)
    discount_days = NumberField(label=gettext_lazy("if paid within days"), required=False, whole=True)
    prepaid = forms.BooleanField(
        label=gettext_lazy("Paid in advance"),
        required=False,
        help_text=gettext_lazy("The order waits for its payment."),
    )

    sections = (Section("", "code:w4 name:w8 due_days:w4 discount_percent:w4 discount_days:w4 prepaid:w12"),)


class EntityForm(forms.Form):
    """A company of ours."""

    code = CodeField(label=gettext_lazy("Code"), help_text=gettext_lazy("Its invoices are numbered with it."))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    street = forms.CharField(label=gettext_lazy("Street and number"), max_length=200)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100)
    region = forms.CharField(label=gettext_lazy("State or province"), max_length=100, required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    vat_id = forms.CharField(label=gettext_lazy("VAT ID"), max_length=40, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    iban = forms.CharField(label="IBAN", max_length=50, required=False)
    bank_name = forms.CharField(label=gettext_lazy("Bank"), max_length=100, required=False)
    tax_rounding = forms.ChoiceField(
        label=gettext_lazy("Tax is rounded"),
        choices=[("document", gettext_lazy("once per document")), ("line", gettext_lazy("on every line"))],
    )

    sections = (
        Section("", "code:w4 name:w8 street:w8 postal_code:w4 city:w4 region:w4 country:w4"),
        Section(gettext_lazy("On its papers"), "vat_id:w4 email:w8 iban:w4 bank_name:w8"),
        Section(gettext_lazy("Money"), "currency:w4 tax_rounding:w4"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries()
        present = self.initial.get("currency") or "EUR"
        self.fields["currency"].choices = [(code, code) for code in dict.fromkeys((*CURRENCIES, present))]


class TaxForm(forms.Form):
    """A tax rate over a period."""

    country = forms.ChoiceField(label=gettext_lazy("Country"))
    region = forms.CharField(
        label=gettext_lazy("State or province"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Empty: the whole country."),
    )
    tax_category = CodeField(label=gettext_lazy("Tax category"))
    name = forms.CharField(
        label=gettext_lazy("Called"), max_length=60, help_text=gettext_lazy("On invoices, such as VAT.")
    )
    rate = NumberField(label=gettext_lazy("Rate in %"))
    valid_from = DayField(label=gettext_lazy("From"), help_text=gettext_lazy("Empty: always has been."))
    valid_to = DayField(
        label=gettext_lazy("Until before"),
        help_text=gettext_lazy(
            "The first day on which it does not hold. For another rate from then on, end this one and make a new one."
        ),
    )

    sections = (Section("", "country:w4 region:w4 tax_category:w4 name:w4 rate:w4 valid_from:w6 valid_to:w6"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries()
        known = [(code, words.word(code)) for code in tax_categories()]
        self.fields["tax_category"].widget = forms.Select(choices=known)


ENTITY_FIELDS = (
    "code", "name", "street", "city", "country", "currency", "postal_code", "region", "vat_id", "email", "iban",
    "bank_name", "tax_rounding",
)  # fmt: skip
TERMS_FIELDS = ("code", "name", "due_days", "discount_days", "discount_percent", "prepaid")
TAX_FIELDS = ("country", "region", "tax_category", "name", "rate", "valid_from", "valid_to")


def _terms(code: str) -> dict[str, Any] | None:
    found = companies.payment_terms().get(code)
    if found is None:
        return None
    shown = {name: getattr(found, name) for name in TERMS_FIELDS}
    none = {name: shown[name] or None for name in ("discount_percent", "discount_days")}
    return {"id": terms_id(code), **shown, **none}


def _entity(code: str) -> dict[str, Any] | None:
    found = companies.legal_entities().get(code)
    return {"id": found.id, **{name: getattr(found, name) for name in ENTITY_FIELDS}} if found else None


def _place(rate: Any) -> str:
    """What makes a rate the same one: where, for what, from when."""
    return f"{rate.country}|{rate.region.strip().upper()}|{rate.tax_category}|{rate.valid_from or ''}"


def _rate(key: str) -> dict[str, Any] | None:
    """A rate by its id, or by its place."""
    found = next((rate for rate in taxes.list_rates() if key in (str(rate.id), _place(rate))), None)
    return {"id": found.id, **{name: getattr(found, name) for name in TAX_FIELDS}} if found else None


def _save_terms(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    draft = PaymentTermsDraft(
        **values
        | {"discount_percent": values["discount_percent"] or Decimal(0), "discount_days": values["discount_days"] or 0}
    )
    return parties.save_payment_terms([draft], actor=actor, at=at)


def _save_entity(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    return parties.save_legal_entities([LegalEntityDraft(**values)], actor=actor, at=at)


def _save_rate(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    return compliance.save_tax_rates([TaxRateDraft(**values)], actor=actor, at=at)


PAYMENT_TERMS = Datum(
    "payment_terms",
    TermsForm,
    _terms,
    _save_terms,
    "payment_terms",
    gettext_lazy("Payment terms"),
    gettext_lazy("New payment terms"),
    initial={"due_days": 30},
)
ENTITY = Datum(
    "legal_entity",
    EntityForm,
    _entity,
    _save_entity,
    "legal_entities",
    gettext_lazy("Own companies"),
    gettext_lazy("New company"),
    initial={"country": "DE", "currency": "EUR", "tax_rounding": "document"},
)
RATE = Datum(
    "tax_rate",
    TaxForm,
    _rate,
    _save_rate,
    "tax_rates",
    gettext_lazy("Tax rates"),
    gettext_lazy("New tax rate"),
    key="id",
    key_of=lambda values: _place(TaxRateDraft(**values)),
    fixed=("country", "region", "tax_category", "valid_from"),
    initial={"country": "DE", "tax_category": "standard"},
)


PAGES = (
    (
        "payment_terms",
        gettext_lazy("Payment terms"),
        gettext_lazy("When invoices are due, and what paying early saves."),
        "payment",
    ),
    ("tax_rates", gettext_lazy("Tax rates"), gettext_lazy("Which tax applies where, and from when."), "invoice"),
    (
        "legal_entities",
        gettext_lazy("Own companies"),
        gettext_lazy("Who sells and writes the invoices: address, bank, VAT ID."),
        "home",
    ),
    ("numbers", gettext_lazy("Number ranges"), gettext_lazy("How orders and papers are numbered."), "document"),
)


@needs("settings.view")
def house(request: HttpRequest) -> HttpResponse:
    """What the house is set up with."""
    pages = [(reverse(f"console:{route}"), title, text, icon) for route, title, text, icon in PAGES]
    return render(request, "console/house.html", {"pages": pages})


@needs("settings.view")
def payment_terms(request: HttpRequest) -> HttpResponse:
    """Payment terms."""
    return listing(request, TERMS, new="terms_new", title=PAYMENT_TERMS.new, rule="settings.edit")


@needs("settings.edit")
def terms_new(request: HttpRequest) -> HttpResponse:
    """New payment terms."""
    return create(request, PAYMENT_TERMS)


@needs("settings.edit")
def terms_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change payment terms."""
    return change(request, PAYMENT_TERMS, code)


@needs("settings.view")
def legal_entities(request: HttpRequest) -> HttpResponse:
    """Our own companies."""
    return listing(request, ENTITIES, new="entity_new", title=ENTITY.new, rule="settings.edit")


@needs("settings.edit")
def entity_new(request: HttpRequest) -> HttpResponse:
    """A new company of ours."""
    return create(request, ENTITY)


@needs("settings.edit")
def entity_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a company of ours."""
    return change(request, ENTITY, code)


@needs("settings.view")
def tax_rates(request: HttpRequest) -> HttpResponse:
    """Tax rates by destination."""
    return listing(request, TAXES, new="tax_new", title=RATE.new, rule="settings.edit")


@needs("settings.edit")
def tax_new(request: HttpRequest) -> HttpResponse:
    """A new tax rate."""
    return create(request, RATE)


@needs("settings.edit")
def tax_edit(request: HttpRequest, rate_id: UUID) -> HttpResponse:
    """Change a tax rate, or end it."""
    return change(request, RATE, str(rate_id))
