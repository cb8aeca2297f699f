"""What items are sorted and counted by: categories, brands, units."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.catalog import actions
from auftakt.catalog import queries as catalog
from auftakt.catalog.types import DIMENSIONS, BrandDraft, CategoryDraft, UnitDraft
from auftakt.console import words
from auftakt.console.datum import Datum, change, create, listing
from auftakt.console.forms import CodeField, NumberField, Section
from auftakt.console.lists.master import BRANDS, CATEGORIES, UNITS
from auftakt.console.permissions import needs
from auftakt.console.views.catalog import category_choices
from auftakt.values import Outcome


class CategoryForm(forms.Form):
    """A node of the category tree."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    parent = forms.ChoiceField(label=gettext_lazy("Below"), required=False)

    sections = (Section("", "code:w4 name:w8 parent:w12"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.initial.get("code")
        self.fields["parent"].choices = [
            ("", _("Nothing: it stands at the top")),
            *((code, path) for code, path in category_choices() if code != own),
        ]


class BrandForm(forms.Form):
    """A brand."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)

    sections = (Section("", "code:w4 name:w8"),)


class UnitForm(forms.Form):
    """A unit of measure."""

    code = CodeField(label=gettext_lazy("Code"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    dimension = forms.ChoiceField(label=gettext_lazy("Measures"))
    decimals = NumberField(
        label=gettext_lazy("Decimals"),
        whole=True,
        help_text=gettext_lazy("How finely it may be split: 0 for each, 3 for kilogram."),
    )

    sections = (Section("", "code:w4 name:w8 dimension:w4 decimals:w4"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dimension"].choices = [(code, words.word(code)) for code in DIMENSIONS]


def _category(code: str) -> dict[str, Any] | None:
    tree = catalog.categories()
    codes = {each.id: each.code for each in tree}
    found = next((each for each in tree if each.code == code), None)
    if found is None:
        return None
    parent = codes.get(found.parent_id, "") if found.parent_id else ""
    return {"id": found.id, "code": found.code, "name": found.name, "parent": parent}


def _brand(code: str) -> dict[str, Any] | None:
    found = catalog.brands().get(code)
    return {"id": found.id, "code": found.code, "name": found.name} if found else None


def _unit(code: str) -> dict[str, Any] | None:
    found = catalog.units().get(code)
    if found is None:
        return None
    return {
        "id": actions.unit_id(code),
        "code": found.code,
        "name": found.name,
        "dimension": found.dimension,
        "decimals": found.decimals,
    }


def _save_category(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    return actions.save_categories([CategoryDraft(**values)], actor=actor, at=at)


def _save_brand(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    return actions.save_brands([BrandDraft(**values)], actor=actor, at=at)


def _save_unit(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    return actions.save_units([UnitDraft(**values)], actor=actor, at=at)


CATEGORY = Datum(
    "category",
    CategoryForm,
    _category,
    _save_category,
    "categories",
    gettext_lazy("Categories"),
    gettext_lazy("New category"),
)
BRAND = Datum("brand", BrandForm, _brand, _save_brand, "brands", gettext_lazy("Brands"), gettext_lazy("New brand"))
UNIT = Datum(
    "unit",
    UnitForm,
    _unit,
    _save_unit,
    "units",
    gettext_lazy("Units"),
    gettext_lazy("New unit"),
    initial={"dimension": "count", "decimals": 0},
)


@needs("catalog.view")
def categories(request: HttpRequest) -> HttpResponse:
    """The category tree."""
    return listing(request, CATEGORIES, new="category_new", title=CATEGORY.new, rule="catalog.edit")


@needs("catalog.edit")
def category_new(request: HttpRequest) -> HttpResponse:
    """A new category."""
    return create(request, CATEGORY, {"parent": request.GET.get("parent", "")})


@needs("catalog.edit")
def category_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a category."""
    return change(request, CATEGORY, code)


@needs("catalog.view")
def brands(request: HttpRequest) -> HttpResponse:
    """The brands."""
    return listing(request, BRANDS, new="brand_new", title=BRAND.new, rule="catalog.edit")


@needs("catalog.edit")
def brand_new(request: HttpRequest) -> HttpResponse:
    """A new brand."""
    return create(request, BRAND)


@needs("catalog.edit")
def brand_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a brand."""
    return change(request, BRAND, code)


@needs("catalog.view")
def units(request: HttpRequest) -> HttpResponse:
    """The units of measure."""
    return listing(request, UNITS, new="unit_new", title=UNIT.new, rule="catalog.edit")


@needs("catalog.edit")
def unit_new(request: HttpRequest) -> HttpResponse:
    """A new unit."""
    return create(request, UNIT)


@needs("catalog.edit")
def unit_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a unit."""
    return change(request, UNIT, code)
