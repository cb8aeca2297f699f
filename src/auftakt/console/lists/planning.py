"""Lists of planning: lines in jeopardy, and the supply that puts them there."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from auftakt.console import formats, words
from auftakt.console.queries import planning as reads
from auftakt.console.queries.bench import sites
from auftakt.console.tables import Bulk, Choice, Column, Empty, Filter, Pick, Table, Toggle
from auftakt.console.tables.columns import NOTHING
from auftakt.console.templatetags.formats import badge

UNPROMISED = 100_000
"""The urgency of a line that nobody knows a day for."""


def _reasons(*codes: str) -> Any:
    return lambda: [(code, words.badge(code).label) for code in codes]


def _sites() -> list[tuple[str, str]]:
    return [(site.code, f"{site.code} · {site.name}") for site in sites()]


def _weigh(row: Any) -> str:
    return f"{reverse('console:planning_weigh')}?row={row.id}"


def _order(row: Any) -> str:
    return reverse("console:order", args=[row.order_id])


def _reason(row: Any) -> Any:
    return format_html("{}<small>{}</small>", badge(row.reason), row.document or "")


def _late(row: Any) -> Any:
    if row.urgency == UNPROMISED or not row.urgency:
        return NOTHING
    days = ngettext("%(n)s day", "%(n)s days", row.urgency) % {"n": formats.number(row.urgency)}
    return format_html('<span class="warn strong">{}</span>', days)


def _late_days(row: Any) -> Any:
    return None if row.urgency == UNPROMISED else row.urgency


def _amount(key: str) -> Any:
    def show(row: Any) -> Any:
        value = getattr(row, key)
        return (
            format_html('{} <span class="faint small">{}</span>', formats.number(value), row.unit) if value else NOTHING
        )

    return show


def _supplier(row: Any) -> Any:
    return row.supplier_name or NOTHING


def _document_page(row: Any) -> str:
    if row.purchase_id:
        return reverse("console:purchase", args=[row.purchase_id])
    return reverse("console:transfer", args=[row.transfer_id]) if row.transfer_id else ""


def _hit(row: Any) -> str:
    return f"{reverse('console:planning')}?{urlencode({'supply': row.document})}"


def _lines(row: Any) -> Any:
    if not row.lines:
        return NOTHING
    orders = ngettext("in %(n)s order", "in %(n)s orders", row.orders) % {"n": formats.number(row.orders)}
    return format_html('<a href="{}">{}</a><small>{}</small>', _hit(row), formats.number(row.lines), orders)


def _opened(row: Any) -> str:
    return _hit(row) if row.lines else _document_page(row)


DEMAND = Table(
    name="planning_demand",
    title=gettext_lazy("Planning"),
    words=gettext_lazy("Order, customer or item"),
    sort="-urgency",
    read=reads.demand_list,
    href=_weigh,
    columns=(
        Column("number", gettext_lazy("Order"), sort="number", head=True, link=_order, note="customer_name"),
        Column("sku", gettext_lazy("Item"), sort="sku", note="item_name"),
        Column("quantity", gettext_lazy("Quantity"), "number", show=_amount("quantity")),
        Column("reason", gettext_lazy("Why"), "badge", show=_reason),
        Column("due_on", gettext_lazy("Due on"), "short_day"),
        Column("comes_on", gettext_lazy("Would come"), "short_day"),
        Column("urgency", gettext_lazy("Late by"), "number", sort="urgency", show=_late, value=_late_days),
        Column("value", gettext_lazy("Value"), "money", sort="value"),
        Column("supplier_name", gettext_lazy("Supplier"), show=_supplier, shown=False),
        Column("priority", gettext_lazy("Priority"), "number", sort="priority", shown=False),
        Column("site", gettext_lazy("From site"), shown=False),
    ),
    filters=(
        Choice(
            name="reason",
            title=gettext_lazy("Why"),
            options=_reasons("unpromised", "supply_overdue", "supply_late", "later_than_wished"),
            chips=True,
        ),
        Pick(name="customer", title=gettext_lazy("Customer"), source="console:customer_options"),
        Pick(name="item", title=gettext_lazy("Item"), source="console:item_options"),
        Pick(name="supplier", title=gettext_lazy("Supplier"), source="console:supplier_options"),
        Filter(name="supply", title=gettext_lazy("Supply document / line")),
        Choice(name="site", title=gettext_lazy("From site"), options=_sites),
    ),
    bulk=(Bulk("planning_weigh", gettext_lazy("Find alternatives"), "swap", "orders.view"),),
    empty=Empty(
        "check",
        gettext_lazy("Every line is safe"),
        gettext_lazy("All open lines have a day, their supply comes in time, and no wish is missed."),
    ),
)

SUPPLY = Table(
    name="planning_supply",
    title=gettext_lazy("Supply in jeopardy"),
    words=gettext_lazy("Item, supplier or document"),
    sort="-lines",
    read=reads.supply_list,
    href=_opened,
    columns=(
        Column("sku", gettext_lazy("Item"), sort="sku", head=True, note="item_name"),
        Column("document", gettext_lazy("Document"), link=_document_page, note="supplier_name"),
        Column("site", gettext_lazy("Into site")),
        Column("reason", gettext_lazy("Why"), "badge"),
        Column("expected_on", gettext_lazy("Expected on"), "short_day", sort="expected_on"),
        Column("needed_on", gettext_lazy("Needed on"), "short_day"),
        Column("quantity", gettext_lazy("To come"), "number", show=_amount("quantity")),
        Column("hit", gettext_lazy("Of it promised"), "number", sort="hit", show=_amount("hit")),
        Column("lines", gettext_lazy("Lines hit"), "number", sort="lines", show=_lines),
    ),
    filters=(
        Choice(name="reason", title=gettext_lazy("Why"), options=_reasons("supply_overdue", "supply_late"), chips=True),
        Toggle(name="promised", title=gettext_lazy("Orders in jeopardy"), icon="warning"),
        Pick(name="supplier", title=gettext_lazy("Supplier"), source="console:supplier_options"),
        Pick(name="item", title=gettext_lazy("Item"), source="console:item_options"),
        Choice(name="site", title=gettext_lazy("Site"), options=_sites),
    ),
    empty=Empty(
        "check",
        gettext_lazy("All supply is in time"),
        gettext_lazy("Nothing is overdue, and nothing comes after it is needed."),
    ),
)
TITLES = {
    "customer": gettext_lazy("By customer"),
    "item": gettext_lazy("By item"),
    "supplier": gettext_lazy("By supplier"),
}


def narrowed(by: str, share: reads.Share) -> str:
    """The list with exactly the lines that a share counts."""
    name = share.name or (_("no supplier") if share.code == "-" else share.code)
    return f"{reverse('console:planning')}?{urlencode({by: share.code, f'{by}_name': name})}"
