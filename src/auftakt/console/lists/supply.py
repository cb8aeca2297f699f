"""Lists of purchasing: purchase orders, transfers between sites, suppliers' terms."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from auftakt.console import formats, words
from auftakt.console.queries import supply as reads
from auftakt.console.queries.bench import sites
from auftakt.console.tables import Choice, Column, Days, Empty, Table, Toggle
from auftakt.console.tables.columns import NOTHING


def _states(codes: Iterable[str]) -> Any:
    return lambda: [(code, words.badge(code).label) for code in codes]


def _sites() -> list[tuple[str, str]]:
    return [(site.code, f"{site.code} · {site.name}") for site in sites()]


def _purchase(row: Any) -> str:
    return reverse("console:purchase", args=[row.id])


def _transfer(row: Any) -> str:
    return reverse("console:transfer", args=[row.id])


def _terms(row: Any) -> str:
    return reverse("console:supplier_item_edit", args=[row.id])


def _counted(key: str) -> Any:
    def show(row: Any) -> Any:
        return formats.number(getattr(row, key)) if getattr(row, key) else NOTHING

    return show


def _price(row: Any) -> Any:
    if row.unit_price is None:
        return NOTHING
    more = format_html(' <span class="faint small">+{}</span>', row.breaks - 1) if row.breaks > 1 else ""
    return format_html("{}{}", formats.price(row.unit_price, row.currency), more)


PURCHASES = Table(
    name="purchases",
    title=gettext_lazy("Purchase orders"),
    words=gettext_lazy("Number, supplier, their number, or item"),
    sort="-ordered_on",
    read=reads.purchase_list,
    href=_purchase,
    columns=(
        Column("number", gettext_lazy("Number"), sort="number", head=True, link=_purchase, note="supplier_reference"),
        Column("supplier", gettext_lazy("Supplier"), note="supplier_number"),
        Column("state", gettext_lazy("State"), "badge"),
        Column("site", gettext_lazy("Into site")),
        Column("ordered_on", gettext_lazy("Ordered on"), "day", sort="ordered_on"),
        Column("expected_on", gettext_lazy("Next on"), "short_day"),
        Column("lines", gettext_lazy("Lines"), "number", shown=False),
        Column("inspecting", gettext_lazy("In quarantine"), "number", show=_counted("inspecting")),
        Column("value", gettext_lazy("Value"), "money"),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=_states(("draft", "approved", "sent", "acknowledged", "part_received", "received")),
            chips=True,
        ),
        Toggle(name="late", title=gettext_lazy("Late"), icon="clock"),
        Toggle(name="jeopardy", title=gettext_lazy("Orders in jeopardy"), icon="warning"),
        Toggle(name="inspecting", title=gettext_lazy("To be inspected"), icon="question"),
        Choice(name="site", title=gettext_lazy("Site"), options=_sites),
        Days(name="on", title=gettext_lazy("Ordered on")),
    ),
    empty=Empty(
        "orders",
        gettext_lazy("No purchase order yet"),
        gettext_lazy("Draft one, or import those there are."),
        gettext_lazy("New purchase order"),
        reverse_lazy("console:purchase_new"),
        "supply.edit",
    ),
)

TRANSFERS = Table(
    name="transfers",
    title=gettext_lazy("Transfers"),
    words=gettext_lazy("Number, item or note"),
    sort="-ship_on",
    read=reads.transfer_list,
    href=_transfer,
    columns=(
        Column("number", gettext_lazy("Number"), sort="number", head=True, link=_transfer, note="note"),
        Column("state", gettext_lazy("State"), "badge"),
        Column("from_site", gettext_lazy("From")),
        Column("to_site", gettext_lazy("To")),
        Column("ship_on", gettext_lazy("Leaves on"), "day", sort="ship_on"),
        Column("arrive_on", gettext_lazy("Arrives on"), "day"),
        Column("lines", gettext_lazy("Lines"), "number", shown=False),
        Column("on_its_way", gettext_lazy("On its way"), "number", show=_counted("on_its_way")),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=_states(("draft", "placed", "shipped", "part_received", "received", "cancelled")),
            chips=True,
        ),
        Toggle(name="late", title=gettext_lazy("Late"), icon="clock"),
        Choice(name="site", title=gettext_lazy("Site"), options=_sites),
    ),
    empty=Empty(
        "swap",
        gettext_lazy("No transfer yet"),
        gettext_lazy("A transfer brings stock from one of our sites to another."),
        gettext_lazy("New transfer"),
        reverse_lazy("console:transfer_new"),
        "supply.edit",
    ),
)

SUPPLIER_ITEMS = Table(
    name="supplier_items",
    title=gettext_lazy("Suppliers' terms"),
    words=gettext_lazy("Item, supplier, or the supplier's own number"),
    sort="sku",
    read=reads.supplier_item_list,
    href=_terms,
    columns=(
        Column("sku", gettext_lazy("Item"), sort="sku", head=True, link=_terms, note="name"),
        Column("supplier", gettext_lazy("Supplier"), note="supplier_number"),
        Column("rank", gettext_lazy("Rank"), "number"),
        Column("lead_time_days", gettext_lazy("Lead time (days)"), "number"),
        Column("minimum", gettext_lazy("At least"), "number", show=_counted("minimum")),
        Column("multiple", gettext_lazy("In steps of"), "number", show=_counted("multiple")),
        Column("unit_price", gettext_lazy("Price from"), "price", show=_price),
        Column("supplier_sku", gettext_lazy("Supplier's number"), "code", shown=False),
        Column("inspects", gettext_lazy("Inspected"), "yes"),
        Column("is_active", gettext_lazy("In use"), "yes", shown=False),
    ),
    filters=(Toggle(name="inspects", title=gettext_lazy("Inspected"), icon="question"),),
    empty=Empty(
        "items",
        gettext_lazy("No terms yet"),
        gettext_lazy("Say what suppliers deliver, how long it takes and what it costs."),
        gettext_lazy("New terms"),
        reverse_lazy("console:supplier_item_new"),
        "supply.edit",
    ),
)
