"""The prices of a list as a grid that is edited and pasted into, and a price tried for a customer."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from auftakt.catalog import queries as catalog
from auftakt.console import formats
from auftakt.console.datum import at_rows, import_href
from auftakt.console.findings import spoken
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section, Sheet
from auftakt.console.outcomes import day_of, edge
from auftakt.console.permissions import needs
from auftakt.console.queries import item_name, master
from auftakt.console.tables.table import patterns
from auftakt.console.views.catalog import unit_choices
from auftakt.console.views.design import waterfall
from auftakt.console.views.prices import price_list_now
from auftakt.identity.queries import may
from auftakt.parties import queries as parties
from auftakt.pricing import actions
from auftakt.pricing import queries as pricing
from auftakt.pricing.types import LineRequest, PriceDraft, PriceRequest
from auftakt.values import Outcome

ITEMS_A_PAGE = 25


class PriceForm(forms.Form):
    """A price in the grid. What it is known by stays; a price ends by its last day."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), required=False)
    from_quantity = NumberField(label=gettext_lazy("From quantity"), required=False)
    unit_price = NumberField(label=gettext_lazy("Price"))
    valid_from = DayField(label=gettext_lazy("From"))
    valid_to = DayField(label=gettext_lazy("Until before"))

    fixed = ("sku", "unit", "from_quantity", "valid_from")

    @classmethod
    def choices(cls) -> dict[str, Any]:
        """What there is to choose from, read once for all rows."""
        return {"unit": [("", _("base unit")), *unit_choices()]}


class GridForm(forms.Form):
    """The grid has no field of its own."""

    sections = (Section("", rows="prices"),)


ROWS = {"prices": (PriceForm, gettext_lazy("Prices"))}


def _rows(code: str, words: str, after: str) -> tuple[list[dict[str, Any]], str]:
    """The prices of a page of items, and where the next page begins."""
    found = master.prices_of(code, patterns(words), after, ITEMS_A_PAGE + 1)
    skus = list(dict.fromkeys(row.sku for row in found))
    shown = set(skus[:ITEMS_A_PAGE])
    rows = [
        {
            "sku": row.sku,
            "name": row.name,
            "unit": row.unit,
            "from_quantity": row.from_quantity,
            "unit_price": row.unit_price,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        }
        for row in found
        if row.sku in shown
    ]
    return rows, skus[ITEMS_A_PAGE - 1] if len(skus) > ITEMS_A_PAGE else ""


@needs("prices.view")
def price_list(request: HttpRequest, code: str) -> HttpResponse:
    """A price list: its head, and its prices to look through and change."""
    head = price_list_now(code)
    if head is None:
        raise Http404
    words, after = request.GET.get("q", "").replace("\0", "")[:100].strip(), request.GET.get("after", "")[:64]
    rows, following = _rows(code, words, after.replace("\0", ""))
    may_edit = may(request.user.roles, "prices.edit")
    sheet = Sheet(request, GridForm, now={"code": code, "prices": rows}, rows=ROWS, subject=head["id"])
    if request.method == "POST" and may_edit and _save(request, sheet, code, words, after):
        return redirect(request.get_full_path())
    context = {
        "head": head,
        "sheet": sheet,
        "rows": sheet.rows["prices"],
        "stored": rows,
        "words": words,
        "following": following,
        "after": after,
        "may_edit": may_edit,
        "import_href": import_href("prices") if may_edit else "",
    }
    return render(request, "console/price_list.html", context, status=sheet.status)


def _save(request: HttpRequest, sheet: Sheet, code: str, words: str, after: str) -> bool:
    here = edge(request)
    saved: list[int] = []

    def read(_key: str) -> dict[str, Any]:
        return {"code": code, "prices": _rows(code, words, after)[0]}

    def verb(values: dict[str, Any]) -> Outcome[Any]:
        before = {_key(row): row for row in sheet.now["prices"]} if sheet.now else {}
        changed = [(index, row) for index, row in enumerate(values["prices"]) if not _same(row, before)]
        saved.append(len(changed))
        drafts = [
            PriceDraft(code, **row | {"from_quantity": row["from_quantity"] or Decimal(0)}) for _index, row in changed
        ]
        kept = [index for index, _row in changed]
        return at_rows(actions.save_prices(drafts, actor=here.actor, at=here.at), "prices", kept)

    if not sheet.save(read, verb, turn="prices"):
        return False
    count = saved[0] if saved else 0
    text = ngettext("One price is saved.", "%(count)s prices are saved.", count) % {"count": formats.number(count)}
    messages.success(request, text if count else _("Nothing was changed."))
    return True


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["sku"], row["unit"], row["from_quantity"] or Decimal(0), row["valid_from"]


def _same(row: dict[str, Any], before: dict[tuple[Any, ...], dict[str, Any]]) -> bool:
    known = before.get(_key(row))
    return known is not None and (known["unit_price"], known["valid_to"]) == (row["unit_price"], row["valid_to"])


class TestForm(forms.Form):
    """What is to be priced."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    customer = CodeField(label=gettext_lazy("Customer"), widget=LookupInput("customer_options"))
    quantity = NumberField(label=gettext_lazy("Quantity"), initial=1)
    unit = CodeField(label=gettext_lazy("Unit"), required=False, help_text=gettext_lazy("Empty: the base unit."))
    channel = CodeField(label=gettext_lazy("Channel"), required=False)
    on = DayField(label=gettext_lazy("On"), required=False)


@needs("prices.view")
def price_test(request: HttpRequest) -> HttpResponse:
    """The price of an item for a customer on a day, and why."""
    here = edge(request)
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in TestForm.base_fields}
    wanted = bool(asked["sku"] and asked["customer"])
    shown = asked | {"quantity": asked["quantity"] or "1", "on": asked["on"] or here.today.isoformat()}
    form = TestForm(shown) if wanted else TestForm(initial=shown)
    answer, problems = _priced(form, day_of(shown["on"]) or here.today) if wanted and form.is_valid() else (None, [])
    context = {"form": form, "answer": answer, "problems": problems}
    return render(request, "console/price_test.html", context)


def _priced(form: TestForm, on: date) -> tuple[dict[str, Any] | None, Sequence[str]]:
    data = form.cleaned_data
    item = catalog.items_by_sku([data["sku"]]).get(data["sku"])
    customer = parties.customers_by_number([data["customer"]]).get(data["customer"])
    if item is None:
        form.add_error("sku", _("There is no such item. Choose one from the list."))
    if customer is None:
        form.add_error("customer", _("There is no such customer: choose one from the list, or create it first."))
    if item is None or customer is None:
        return None, []
    address = customer.ship_to or customer.bill_to
    entity = next(iter(parties.legal_entities().values()), None)
    request = PriceRequest(
        key="test", currency=customer.currency, channel=data["channel"], segment=customer.segment,
        customer_id=customer.id, on=on, country=address.country if address else "",
        region=address.region if address else "", price_list_code="",
        tax_rounding=entity.tax_rounding if entity else "document",
        lines=(LineRequest("1", item, data["unit"] or item.unit, data["quantity"]),), with_shipping=False,
    )  # fmt: skip
    priced = pricing.quote([request])[0]
    line = priced.lines[0] if priced.lines else None
    parts = [
        {"kind": part.kind, "label": part.label, "source": part.source, "amount": str(part.amount)}
        for part in (line.waterfall if line else ())
    ]
    answer = {
        "item": item,
        "name": item_name(item.id),
        "customer": customer,
        "line": line,
        "order": priced,
        "currency": customer.currency,
        "unit": data["unit"] or item.unit,
        "bars": waterfall(parts),
        "list_href": reverse("console:price_list", args=[priced.price_list_code]) if priced.price_list_code else "",
    }
    problems = list(dict.fromkeys(spoken(each) for each in (*priced.findings, *(line.findings if line else ()))))
    return answer, problems
