"""The catalogue as master data: items created, changed, copied, activated and phased out."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.catalog import actions
from auftakt.catalog import queries as catalog
from auftakt.catalog.types import (
    ITEM_KINDS,
    RELATION_KINDS,
    TRACKINGS,
    ComponentDraft,
    ItemDraft,
    ItemUnitDraft,
    RelationDraft,
    TranslationDraft,
)
from auftakt.compliance import queries as compliance
from auftakt.console import words
from auftakt.console.countries import countries
from auftakt.console.forms import CodeField, LookupInput, NumberField, Section, Sheet, SheetPage
from auftakt.console.outcomes import edge, tell
from auftakt.console.permissions import needs
from auftakt.parties.queries import language_name

LANGUAGES = ("de", "en", "fr", "it", "es", "nl", "pl", "cs", "da", "sv", "nb", "fi", "pt", "hu")


def _choices(codes: Any) -> list[tuple[str, str]]:
    return [(code, words.word(code)) for code in codes]


def unit_choices() -> list[tuple[str, str]]:
    """Units by name."""
    return [(unit.code, f"{unit.code} · {unit.name}") for unit in catalog.units().values()]


class ItemForm(forms.Form):
    """An item's own card."""

    sku = CodeField(label=gettext_lazy("Item number"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), help_text=gettext_lazy("Fixed once the item has left draft, like its unit.")
    )
    unit = forms.ChoiceField(label=gettext_lazy("Base unit"), help_text=gettext_lazy("Stock is kept in it."))
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    brand = forms.ChoiceField(label=gettext_lazy("Brand"), required=False)
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    variant_of = CodeField(label=gettext_lazy("Variant of"), required=False, widget=LookupInput("item_options"))
    variant = forms.CharField(
        label=gettext_lazy("Variant"), required=False, max_length=120, help_text=gettext_lazy("Such as 54 cm, blue.")
    )
    gtin = forms.CharField(label="GTIN", required=False, max_length=14)
    tax_category = forms.ChoiceField(label=gettext_lazy("Tax category"))
    weight_kg = NumberField(label=gettext_lazy("Weight in kg"), required=False)
    length_mm = NumberField(label=gettext_lazy("Length in mm"), required=False, whole=True)
    width_mm = NumberField(label=gettext_lazy("Width in mm"), required=False, whole=True)
    height_mm = NumberField(label=gettext_lazy("Height in mm"), required=False, whole=True)
    hs_code = forms.CharField(
        label=gettext_lazy("HS code"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("For customs, 6 to 10 digits."),
    )
    origin_country = forms.ChoiceField(label=gettext_lazy("Country of origin"), required=False)
    activate = forms.BooleanField(
        label=gettext_lazy("Offer it for sale at once"),
        required=False,
        help_text=gettext_lazy("Without this it stays a draft."),
    )

    tracking = forms.ChoiceField(
        label=gettext_lazy("Lot or serial numbers"), help_text=gettext_lazy("Asked for whenever it comes in or leaves.")
    )
    shelf_life_days = NumberField(
        label=gettext_lazy("Shelf life in days"),
        required=False,
        whole=True,
        help_text=gettext_lazy("Empty: it does not expire."),
    )
    min_remaining_days = NumberField(
        label=gettext_lazy("Must keep when it ships"),
        required=False,
        whole=True,
        help_text=gettext_lazy("Days before it expires."),
    )

    sections = (
        Section(
            "",
            "sku:w4 name:w8 kind:w4 unit:w4 tax_category:w4 category:w4 brand:w4 gtin:w4 description:w12 activate:w12",
        ),
        Section(
            gettext_lazy("Parts of the kit"),
            rows="components",
            note=gettext_lazy("sold as one; promised and shipped as its parts"),
            when="kind=kit",
        ),
        Section(
            gettext_lazy("Further units"),
            rows="units",
            note=gettext_lazy("it also trades in these, such as a case of 12"),
        ),
        Section(
            gettext_lazy("Names in other languages"), rows="translations", note=gettext_lazy("for papers and shops")
        ),
        Section(gettext_lazy("Goes with"), rows="relations", note=gettext_lazy("offered at order entry")),
        Section(gettext_lazy("Size and weight"), "weight_kg:w3 length_mm:w3 width_mm:w3 height_mm:w3"),
        Section(gettext_lazy("Lots and serial numbers"), "tracking:w4 shelf_life_days:w4 min_remaining_days:w4"),
        Section(gettext_lazy("Customs and variants"), "hs_code:w4 origin_country:w8 variant_of:w4 variant:w8"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices(ITEM_KINDS)
        self.fields["tracking"].choices = _choices(TRACKINGS)
        self.fields["unit"].choices = unit_choices()
        self.fields["category"].choices = [("", _("None")), *category_choices()]
        self.fields["brand"].choices = [("", _("None")), *((b.code, b.name) for b in catalog.brands().values())]
        self.fields["tax_category"].choices = _choices(tax_categories())
        self.fields["origin_country"].choices = [("", _("Unknown")), *countries()]


def category_choices() -> list[tuple[str, str]]:
    """The tree of categories, each below its parent."""
    tree = catalog.categories()
    names = {each.code: each.name for each in tree}
    ordered = sorted(tree, key=lambda each: [names[code].lower() for code in each.path])
    return [(each.code, " › ".join(names[code] for code in each.path)) for each in ordered]


def tax_categories() -> list[str]:
    """The tax categories that have rates anywhere, the usual ones first."""
    usual = ("standard", "reduced", "exempt")
    found = {rate.tax_category for rate in compliance.list_rates()} | {"standard"}
    return sorted(found, key=lambda code: (usual.index(code) if code in usual else len(usual), code))


class ComponentForm(forms.Form):
    """A part of a kit."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    quantity = NumberField(label=gettext_lazy("Quantity"), initial=Decimal(1))


class UnitForm(forms.Form):
    """A further unit."""

    unit = forms.ChoiceField(label=gettext_lazy("Unit"))
    factor = NumberField(label=gettext_lazy("holds so many base units"))

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {"unit": [("", _("Choose")), *unit_choices()]}


class TranslationForm(forms.Form):
    """Name and description in another language."""

    language = forms.ChoiceField(label=gettext_lazy("Language"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    description = forms.CharField(label=gettext_lazy("Description"), required=False, max_length=20_000)

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        spoken = get_language() or "en"
        return {"language": [("", _("Choose")), *((code, language_name(code, spoken)) for code in LANGUAGES)]}


class RelationForm(forms.Form):
    """Another item that goes with it."""

    kind = forms.ChoiceField(label=gettext_lazy("How"), initial="cross_sell")
    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    rank = NumberField(
        label=gettext_lazy("Rank"), whole=True, initial=1, help_text=gettext_lazy("The lowest is shown first.")
    )

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {"kind": _choices(RELATION_KINDS)}


ROWS = {
    "components": (ComponentForm, gettext_lazy("Parts of the kit")),
    "units": (UnitForm, gettext_lazy("Further units")),
    "translations": (TranslationForm, gettext_lazy("Names in other languages")),
    "relations": (RelationForm, gettext_lazy("Goes with")),
}
_CARD = {field.name for field in fields(ItemDraft)} - {"activate", "image_id", *ROWS}


def item_now(sku: str) -> Mapping[str, Any] | None:
    """An item as its form shows it; None when there is none."""
    facts = catalog.items_by_sku([sku]).get(sku)
    if facts is None:
        return None
    card = catalog.item_cards([facts.id])[facts.id]
    return {
        "id": card.id,
        "state": card.state,
        **{name: getattr(card, name) for name in _CARD},
        "weight_kg": card.weight_kg or None,
        "min_remaining_days": card.min_remaining_days or None,
        "components": [{"sku": part, "quantity": quantity} for part, quantity in card.components],
        "units": [{"unit": unit, "factor": factor} for unit, factor in card.units.items() if unit != card.unit],
        "translations": [
            {"language": language, "name": name, "description": text}
            for language, (name, text) in card.translations.items()
        ],
        "relations": [
            {"kind": each.kind, "sku": each.sku, "rank": each.rank}
            for each in catalog.relations([card.id]).get(card.id, ())
        ],
    }


def item_draft(values: Mapping[str, Any]) -> ItemDraft:
    """The item as typed."""
    card = {name: values[name] for name in _CARD}
    card["weight_kg"] = card["weight_kg"] or Decimal(0)
    card["min_remaining_days"] = card["min_remaining_days"] or 0
    return ItemDraft(
        **card,
        activate=bool(values.get("activate")),
        components=tuple(ComponentDraft(**row) for row in values["components"]) if card["kind"] == "kit" else (),
        units=tuple(ItemUnitDraft(**row) for row in values["units"]),
        translations=tuple(TranslationDraft(**row) for row in values["translations"]),
        relations=tuple(RelationDraft(**row) for row in values["relations"]),
    )


def _save(request: HttpRequest, sheet: Sheet, page: SheetPage) -> HttpResponse:
    here = edge(request)

    def verb(values: dict[str, Any]) -> Any:
        return actions.save_items([item_draft(values)], actor=here.actor, at=here.at)

    if sheet.save(item_now, verb, turn="item"):
        return sheet.saved(page, request, _("%(name)s is saved.") % {"name": sheet.form.cleaned_data["name"]})
    return sheet.show(page, request)


def _new_page(request: HttpRequest) -> SheetPage:
    sku = request.POST.get("sku", "").strip()
    return SheetPage(
        _("New item"),
        [(reverse("console:items"), _("Items"))],
        back=reverse("console:items"),
        done=reverse("console:item", args=[sku]) if sku else "",
        extra=_("Save and enter the next"),
        then=reverse("console:item_new"),
    )


@needs("catalog.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Create an item."""
    initial = {"kind": "stocked", "unit": "each", "tax_category": "standard", "tracking": "none"}
    return _save(request, Sheet(request, ItemForm, now=None, initial=initial, rows=ROWS, key="sku"), _new_page(request))


@needs("catalog.edit")
def copy(request: HttpRequest, sku: str) -> HttpResponse:
    """Create an item after the pattern of another: all but its number and its GTIN."""
    pattern = item_now(sku)
    if pattern is None:
        raise Http404
    initial = {**pattern, "sku": "", "gtin": ""}
    return _save(request, Sheet(request, ItemForm, now=None, initial=initial, rows=ROWS, key="sku"), _new_page(request))


@needs("catalog.edit")
def edit(request: HttpRequest, sku: str) -> HttpResponse:
    """Change an item."""
    now = item_now(sku)
    if now is None:
        raise Http404
    sheet = Sheet(request, ItemForm, now=now, rows=ROWS, key="sku", subject=now["id"])
    if now["state"] != "draft":
        for name in ("kind", "unit", "tracking"):
            sheet.form.fields[name].disabled = True
        sheet.form.fields.pop("activate")
    back = reverse("console:item", args=[sku])
    page = SheetPage(now["name"], [(reverse("console:items"), _("Items")), (back, sku)], back)
    return _save(request, sheet, page)


@needs("catalog.edit")
@require_POST
def move(request: HttpRequest, sku: str) -> HttpResponse:
    """Activate an item, or phase it out."""
    facts = catalog.items_by_sku([sku]).get(sku)
    if facts is None:
        raise Http404
    here = edge(request)
    verbs = {
        "activate": (actions.activate, _("%(sku)s can be sold now.")),
        "phase_out": (actions.phase_out, _("%(sku)s is not sold any more. What is ordered is still served.")),
    }
    verb, done = verbs.get(request.POST.get("move", ""), (None, ""))
    if verb is not None:
        tell(request, verb([facts.id], actor=here.actor, at=here.at), done % {"sku": sku})
    return redirect("console:item", sku)
