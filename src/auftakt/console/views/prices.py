"""Prices: lists, discounts, shipping charges and how far roles may go, all through the verbs of pricing."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import words
from auftakt.console.countries import country
from auftakt.console.datum import Datum, at_rows, change, create, listing
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.master import DISCOUNTS, PRICE_LISTS, ZONES
from auftakt.console.permissions import needs
from auftakt.console.queries import master
from auftakt.console.views.catalog import category_choices, tax_categories
from auftakt.console.views.customer_form import CURRENCIES
from auftakt.identity.types import Role
from auftakt.pricing import actions
from auftakt.pricing import queries as pricing
from auftakt.pricing.types import (
    AdjustmentLimitDraft,
    DiscountDraft,
    PriceListDraft,
    ShippingRateDraft,
    ShippingZoneDraft,
)
from auftakt.values import Finding, Outcome, Refusal

UNTIL = gettext_lazy("The first day on which it does not hold any more.")


def _currencies(present: str | None = "") -> list[tuple[str, str]]:
    return [(code, code) for code in dict.fromkeys((*CURRENCIES, present or "EUR"))]


class PriceListForm(forms.Form):
    """A price list."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    segment = CodeField(
        label=gettext_lazy("Customer segment"), required=False, help_text=gettext_lazy("Empty: all customers.")
    )
    channel = CodeField(label=gettext_lazy("Channel"), required=False, help_text=gettext_lazy("Empty: all channels."))
    rank = NumberField(
        label=gettext_lazy("Rank"),
        whole=True,
        help_text=gettext_lazy("Of lists that fit equally well, the lowest rank is used."),
    )
    tax_included = forms.BooleanField(label=gettext_lazy("Prices include tax"), required=False)
    valid_from = DayField(label=gettext_lazy("From"))
    valid_to = DayField(label=gettext_lazy("Until before"), help_text=UNTIL)

    sections = (
        Section(
            "",
            "code:w4 name:w8 currency:w4 segment:w4 channel:w4 rank:w4 valid_from:w4 valid_to:w4 tax_included:w12",
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = _currencies(self.initial.get("currency"))


class DiscountForm(forms.Form):
    """A discount with its conditions."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("Takes off"),
        choices=[("percent", gettext_lazy("a percentage")), ("amount", gettext_lazy("an amount per base unit"))],
    )
    value = NumberField(label=gettext_lazy("How much"))
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), required=False, help_text=gettext_lazy("Of an amount.")
    )
    sku = CodeField(label=gettext_lazy("Item"), required=False, widget=LookupInput("item_options"))
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    customer_number = CodeField(label=gettext_lazy("Customer"), required=False, widget=LookupInput("customer_options"))
    segment = CodeField(label=gettext_lazy("Customer segment"), required=False)
    channel = CodeField(label=gettext_lazy("Channel"), required=False)
    from_quantity = NumberField(label=gettext_lazy("From quantity"), required=False)
    rank = NumberField(label=gettext_lazy("Rank"), whole=True, help_text=gettext_lazy("The lowest is taken off first."))
    stacks = forms.BooleanField(label=gettext_lazy("Others may follow it"), required=False)
    valid_from = DayField(label=gettext_lazy("From"))
    valid_to = DayField(label=gettext_lazy("Until before"), help_text=UNTIL)

    sections = (
        Section("", "code:w4 name:w8 kind:w4 value:w4 currency:w4"),
        Section(
            gettext_lazy("Applies to"),
            "sku:w4 category:w8 customer_number:w4 segment:w4 channel:w4 from_quantity:w4",
            note=gettext_lazy("all that is filled in must fit"),
        ),
        Section(gettext_lazy("When and in which order"), "rank:w4 valid_from:w4 valid_to:w4 stacks:w12"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = [("", "–"), *_currencies(self.initial.get("currency"))]
        self.fields["category"].choices = [("", _("all")), *category_choices()]


class ZoneForm(forms.Form):
    """A shipping zone."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    countries = forms.CharField(
        label=gettext_lazy("Countries"),
        max_length=2000,
        help_text=gettext_lazy("Two letters each (DE AT CH), with blanks between them."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    sections = (
        Section("", "code:w4 name:w8 countries:w12"),
        Section(gettext_lazy("Charges"), rows="rates", note=gettext_lazy("the smallest step that holds the weight")),
    )


class ZoneRateForm(forms.Form):
    """A step of a zone."""

    currency = forms.ChoiceField(label=gettext_lazy("Currency"), initial="EUR")
    up_to_kg = NumberField(label=gettext_lazy("up to kg"), required=False)
    amount = NumberField(label=gettext_lazy("Charge"))
    free_from = NumberField(label=gettext_lazy("free from a value of"), required=False)
    tax_category = forms.ChoiceField(label=gettext_lazy("Tax category"), initial="standard")

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {
            "currency": _currencies(),
            "tax_category": [(code, words.word(code)) for code in tax_categories()],
        }


class LimitsForm(forms.Form):
    """How far each role may lower a price by hand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in Role:
            self.fields[role.value] = NumberField(label=words.word(role.value), required=False)

    @property
    def sections(self) -> tuple[Section, ...]:
        """One field for each role."""
        return (Section("", " ".join(f"{role.value}:w4" for role in Role)),)


LIST_FIELDS = ("code", "name", "currency", "segment", "channel", "rank", "tax_included", "valid_from", "valid_to")


def price_list_now(code: str) -> dict[str, Any] | None:
    """A price list as its form shows it."""
    found = next((row for row in pricing.list_price_lists(limit=10_000) if row.code == code), None)
    return {"id": found.id, **{name: getattr(found, name) for name in LIST_FIELDS}} if found else None


def _save_list(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    return actions.save_price_lists([PriceListDraft(**values)], actor=actor, at=at)


DISCOUNT_FIELDS = (
    "code", "name", "kind", "value", "currency", "segment", "channel", "from_quantity", "rank", "stacks", "valid_from",
    "valid_to",
)  # fmt: skip


def _discount(code: str) -> dict[str, Any] | None:
    row = master.discount(code)
    if row is None:
        return None
    return {
        "id": row.id,
        **{name: getattr(row, name) for name in DISCOUNT_FIELDS},
        "from_quantity": row.from_quantity or None,
        "sku": row.sku or "",
        "category": row.category_code or "",
        "customer_number": row.customer_number or "",
    }


def _save_discount(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    draft = DiscountDraft(**values | {"from_quantity": values["from_quantity"] or Decimal(0)})
    return actions.save_discounts([draft], actor=actor, at=at)


RATE_FIELDS = ("currency", "up_to_kg", "amount", "free_from", "tax_category")


def _zone(code: str) -> dict[str, Any] | None:
    found = master.zone(code)
    if found is None:
        return None
    zone, rates = found
    return {
        "code": zone.code,
        "name": zone.name,
        "countries": " ".join(zone.countries),
        "rates": [{name: getattr(rate, name) for name in RATE_FIELDS} for rate in rates],
    }


def _save_zone(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    codes = tuple(dict.fromkeys(values["countries"].upper().replace(",", " ").split()))
    zone = ShippingZoneDraft(values["code"], values["name"], codes)
    wrong = [code for code in codes if country(code) == code]
    if wrong:
        found = Finding("unknown_country", f"There is no country {wrong[0]}.", "/countries", {"country": wrong[0]})
        return Outcome((), (Refusal("0", (found,)),))
    rates = [ShippingRateDraft(zone=zone.code, **rate) for rate in values["rates"]]
    saved = actions.save_shipping([zone], rates, actor=actor, at=at)
    at_rates = {"/amount", "/up_to_kg", "/free_from", "/currency", "/tax_category"}
    placed = at_rows(saved, "rates")
    return placed if any(each.place in at_rates for one in saved.refused for each in one.findings) else saved


def _limits(_key: str) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(role.value for role in Role)
    return empty | {
        "code": "limits",
        "title": _("Adjustments by hand"),
        **{row.role: row.max_percent for row in master.adjustment_limits()},
    }


def _save_limits(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    before = _limits("")
    drafts = [
        AdjustmentLimitDraft(role, percent if percent is not None else Decimal(0))
        for role, percent in values.items()
        if percent is not None or before.get(role) is not None
    ]
    saved = actions.save_adjustment_limits(drafts, actor=actor, at=at)
    refused = tuple(
        Refusal(
            one.subject, tuple(Finding(f.code, f.message, f"/{drafts[int(one.subject)].role}") for f in one.findings)
        )
        for one in saved.refused
    )
    return Outcome(saved.done, refused)


PRICE_LIST = Datum(
    "price_list",
    PriceListForm,
    price_list_now,
    _save_list,
    "price_lists",
    gettext_lazy("Price lists"),
    gettext_lazy("New price list"),
    initial={"currency": "EUR", "rank": 100},
    done=lambda values: reverse("console:price_list", args=[values["code"]]),
)
DISCOUNT = Datum(
    "discount",
    DiscountForm,
    _discount,
    _save_discount,
    "discounts",
    gettext_lazy("Discounts"),
    gettext_lazy("New discount"),
    initial={"kind": "percent", "rank": 100, "stacks": True},
    names={"customer": "customer_number", "item": "sku"},
)
ZONE = Datum(
    "shipping_zone",
    ZoneForm,
    _zone,
    _save_zone,
    "zones",
    gettext_lazy("Shipping charges"),
    gettext_lazy("New zone"),
    rows={"rates": (ZoneRateForm, gettext_lazy("Charges"))},
)
LIMITS = Datum(
    "adjustment_limits",
    LimitsForm,
    _limits,
    _save_limits,
    "price_lists",
    gettext_lazy("Price lists"),
    gettext_lazy("Adjustments by hand"),
    called="title",
)
BESIDE = (
    ("price_test", gettext_lazy("Try a price")),
    ("discounts", gettext_lazy("Discounts")),
    ("zones", gettext_lazy("Shipping charges")),
    ("price_limits", gettext_lazy("Adjustments by hand")),
)


@needs("prices.view")
def price_lists(request: HttpRequest) -> HttpResponse:
    """The price lists."""
    return listing(
        request,
        PRICE_LISTS,
        new="price_list_new",
        title=PRICE_LIST.new,
        rule="prices.edit",
        kind="prices",
        beside=BESIDE,
    )


@needs("prices.edit")
def list_new(request: HttpRequest) -> HttpResponse:
    """A new price list."""
    return create(request, PRICE_LIST)


@needs("prices.edit")
def list_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a price list's head."""
    return change(request, PRICE_LIST, code)


@needs("prices.view")
def discounts(request: HttpRequest) -> HttpResponse:
    """The discounts, in the order in which they are taken off."""
    return listing(request, DISCOUNTS, new="discount_new", title=DISCOUNT.new, rule="prices.edit")


@needs("prices.edit")
def discount_new(request: HttpRequest) -> HttpResponse:
    """A new discount."""
    return create(request, DISCOUNT)


@needs("prices.edit")
def discount_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a discount."""
    return change(request, DISCOUNT, code)


@needs("prices.view")
def zones(request: HttpRequest) -> HttpResponse:
    """What shipping costs, by zone."""
    return listing(request, ZONES, new="zone_new", title=ZONE.new, rule="prices.edit")


@needs("prices.edit")
def zone_new(request: HttpRequest) -> HttpResponse:
    """A new zone."""
    return create(request, ZONE)


@needs("prices.edit")
def zone_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a zone and its charges."""
    return change(request, ZONE, code)


@needs("prices.edit")
def limits(request: HttpRequest) -> HttpResponse:
    """How far each role may lower a price by hand, in percent."""
    return change(request, LIMITS, "limits")
