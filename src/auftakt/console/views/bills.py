"""Bills of material: the list, the form, and the tree with what it takes."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import BillDraft, BillFacts, BillLineDraft, BillNode
from auftakt.console import formats
from auftakt.console.datum import Datum, change, create, listing
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.making import BILLS
from auftakt.console.outcomes import day_of, edge
from auftakt.console.permissions import needs
from auftakt.console.queries import making
from auftakt.supply import actions
from auftakt.values import Outcome

MOST = 2000
LINE = ("sku", "quantity", "scrap_percent", "valid_from", "valid_to")


class BillForm(forms.Form):
    """A bill of material."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    plant = forms.ChoiceField(
        label=gettext_lazy("Plant"),
        required=False,
        help_text=gettext_lazy("A plant's own bill goes before that for everywhere."),
    )

    sections = (
        Section("", "sku:w8 plant:w4"),
        Section(gettext_lazy("Components"), rows="lines", note=gettext_lazy("what goes into one")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plant"].choices = [("", _("everywhere")), *making.site_codes()]


class BillLineForm(forms.Form):
    """A component."""

    sku = CodeField(label=gettext_lazy("Component"), widget=LookupInput("item_options"))
    quantity = NumberField(label=gettext_lazy("Quantity"))
    scrap_percent = NumberField(label=gettext_lazy("Scrap in %"), required=False)
    valid_from = DayField(label=gettext_lazy("From"))
    valid_to = DayField(label=gettext_lazy("Until before"))


def _found(key: str) -> BillFacts | None:
    """A bill by its id, or by item and plant."""
    sku, bar, plant = key.rpartition("|")
    if bar:
        item = catalog.items_by_sku([sku]).get(sku)
        item_id = item.id if item else None
    else:
        of = making.bill_of(UUID(key))
        item_id, plant = of or (None, "")
    known = catalog.bills([item_id])[item_id] if item_id and catalog.bills([item_id]) else []
    return next((bill for bill in known if bill.plant == plant), None)


def _bill(key: str) -> dict[str, Any] | None:
    bill = _found(key)
    if bill is None:
        return None
    return {
        "id": bill.id,
        "sku": bill.sku,
        "name": bill.name,
        "plant": bill.plant,
        "lines": [
            {name: getattr(line, name) for name in LINE} | {"scrap_percent": line.scrap_percent or None}
            for line in bill.lines
        ],
    }


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    lines = tuple(
        BillLineDraft(**{**{name: row[name] for name in LINE}, "scrap_percent": row["scrap_percent"] or Decimal(0)})
        for row in values["lines"]
    )
    return actions.save_bills([BillDraft(values["sku"], lines, values["plant"])], actor=actor, at=at)


def _key(values: Any) -> str:
    return f"{values['sku'].strip()}|{values['plant']}"


def _done(values: Any) -> str:
    bill = _found(_key(values))
    return reverse("console:bill", args=[bill.id]) if bill else reverse("console:bills")


BILL = Datum(
    "bill",
    BillForm,
    _bill,
    _save,
    "bills",
    gettext_lazy("Bills of material"),
    gettext_lazy("New bill of material"),
    rows={"lines": (BillLineForm, gettext_lazy("Components"))},
    key="id",
    key_of=_key,
    fixed=("sku", "plant"),
    called="sku",
    done=_done,
)


def _leaves(nodes: list[BillNode], free: dict[UUID, Decimal]) -> list[dict[str, Any]]:
    """What must be there in the end, each once: how much in all, and what is free of it."""
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for node in nodes:
        if node.is_leaf:
            sums[node.item_id] += node.quantity
    known = {node.item_id: node for node in nodes}
    rows = [
        {"node": known[key], "quantity": catalog.needed(much, Decimal(1), Decimal(0), known[key].decimals),
         "free": free.get(key, Decimal(0))}
        for key, much in sums.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row["node"].sku)


@needs("catalog.view")
def bills(request: HttpRequest) -> HttpResponse:
    """The bills of material."""
    return listing(request, BILLS, new="bill_new", title=BILL.new, rule="catalog.edit")


@needs("catalog.view")
def bill(request: HttpRequest, bill_id: UUID) -> HttpResponse:
    """What an item is made of, level by level, and what a quantity of it takes."""
    found = _found(str(bill_id))
    if found is None:
        raise Http404
    today = edge(request).today
    on = day_of(request.GET.get("on", "")) or today
    wished = formats.parse_number(request.GET.get("quantity", "").replace("\0", "")[:20])
    quantity = wished if wished is not None and 0 < wished < 10**9 else Decimal(1)
    nodes = catalog.explode([(found.item_id, round(quantity, 6))], on=on, plant=found.plant)[1:]
    used = catalog.where_used([found.item_id], on).get(found.item_id, [])
    keys = {node.item_id for node in nodes} | {each[0] for each in used} | {found.item_id}
    context = {
        "bill": found,
        "names": catalog.item_names(keys, request.user.language),
        "on": on,
        "quantity": quantity,
        "nodes": nodes[:MOST],
        "more": len(nodes) - MOST,
        "depth": max((node.level for node in nodes), default=0),
        "leaves": _leaves(nodes, making.shelves([node.item_id for node in nodes], found.plant)),
        "used": used,
        "plants": [other for other in catalog.bills([found.item_id])[found.item_id] if other.id != found.id],
        "others": [line for line in found.lines if line not in found.on(on)],
    }
    return render(request, "console/bill.html", context)


@needs("catalog.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A new bill of material."""
    return create(request, BILL, {"sku": request.GET.get("sku", "").replace("\0", "")[:64]})


@needs("catalog.edit")
def edit(request: HttpRequest, bill_id: UUID) -> HttpResponse:
    """Change a bill of material; without lines it ends."""
    return change(request, BILL, str(bill_id))
