"""Suppliers' terms: who delivers what, how long it takes, what it costs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from auftakt.console.datum import Datum, change, create, listing
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.supply import SUPPLIER_ITEMS
from auftakt.console.permissions import needs
from auftakt.console.views.customer_form import CURRENCIES
from auftakt.supply import actions
from auftakt.supply import queries as supply
from auftakt.supply.types import PriceBreak, SupplierItemDraft
from auftakt.values import Outcome


class TermsForm(forms.Form):
    """The terms of a supplier for an item."""

    supplier_number = CodeField(label=gettext_lazy("Supplier"), widget=LookupInput("supplier_options"))
    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    supplier_sku = CodeField(label=gettext_lazy("Supplier's number"), required=False)
    rank = NumberField(label=gettext_lazy("Rank"), whole=True, help_text=gettext_lazy("1 is asked first."))
    lead_time_days = NumberField(label=gettext_lazy("Lead time (days)"), whole=True)
    minimum = NumberField(label=gettext_lazy("At least"), help_text=gettext_lazy("In the item's base unit; 0: none."))
    multiple = NumberField(label=gettext_lazy("In steps of"), help_text=gettext_lazy("0: any quantity."))
    over_percent = NumberField(
        label=gettext_lazy("More than ordered, %"), help_text=gettext_lazy("What may come beyond the order.")
    )
    under_percent = NumberField(
        label=gettext_lazy("Less than ordered, %"),
        help_text=gettext_lazy("So small a rest is not waited for, unless it is promised."),
    )
    inspects = forms.BooleanField(
        label=gettext_lazy("Inspected"),
        required=False,
        help_text=gettext_lazy("What comes lies in quarantine until it is accepted."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    sections = (
        Section("", "supplier_number:w6 sku:w6 supplier_sku:w4 rank:w4 lead_time_days:w4"),
        Section(
            gettext_lazy("Quantities"),
            "minimum:w6 multiple:w6 over_percent:w6 under_percent:w6 inspects:w6 is_active:w6",
        ),
        Section(
            gettext_lazy("Prices"), rows="prices", note=gettext_lazy("for one base unit; the last day still counts")
        ),
    )


class PriceForm(forms.Form):
    """A price from a quantity on."""

    from_quantity = NumberField(label=gettext_lazy("From quantity"))
    unit_price = NumberField(label=gettext_lazy("Price"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), initial="EUR")
    valid_from = DayField(label=gettext_lazy("From"))
    valid_to = DayField(label=gettext_lazy("Until"))

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {"currency": [(code, code) for code in CURRENCIES]}


_SCALARS = (
    "supplier_number", "sku", "supplier_sku", "rank", "lead_time_days", "minimum", "multiple", "over_percent",
    "under_percent", "inspects", "is_active",
)  # fmt: skip
_PRICE = ("from_quantity", "unit_price", "currency", "valid_from", "valid_to")


def _read(key: str) -> dict[str, Any] | None:
    try:
        found = supply.supplier_items([UUID(key)])
    except ValueError:
        return None
    if not found:
        return None
    prices = [{name: getattr(price, name) for name in _PRICE} for price in found[0].prices]
    return {"id": found[0].id, **{name: getattr(found[0], name) for name in _SCALARS}, "prices": prices}


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    prices = tuple(PriceBreak(**price) for price in values["prices"])
    draft = SupplierItemDraft(**{name: values[name] for name in _SCALARS}, prices=prices)
    return actions.save_supplier_items([draft], actor=actor, at=at)


def _key(values: dict[str, Any]) -> str:
    for each in supply.supplier_items():
        if (each.supplier_number, each.sku) == (values["supplier_number"], values["sku"]):
            return str(each.id)
    return ""


TERMS = Datum(
    "supplier_item",
    TermsForm,
    _read,
    _save,
    "supplier_items",
    gettext_lazy("Suppliers' terms"),
    gettext_lazy("New terms"),
    rows={"prices": (PriceForm, gettext_lazy("Prices"))},
    key="sku",
    fixed=("supplier_number", "sku"),
    called="sku",
    key_of=_key,
    initial={
        "rank": 1, "lead_time_days": 7, "minimum": 0, "multiple": 0, "over_percent": 0, "under_percent": 0,
        "is_active": True,
    },
)  # fmt: skip


@needs("supply.view")
def supplier_items(request: HttpRequest) -> HttpResponse:
    """What suppliers deliver, and on which terms."""
    return listing(request, SUPPLIER_ITEMS, new="supplier_item_new", title=TERMS.new, rule="supply.edit")


@needs("supply.edit")
def supplier_item_new(request: HttpRequest) -> HttpResponse:
    """New terms."""
    return create(request, TERMS)


@needs("supply.edit")
def supplier_item_edit(request: HttpRequest, terms_id: UUID) -> HttpResponse:
    """Change terms."""
    return change(request, TERMS, str(terms_id))
