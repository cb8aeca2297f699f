"""Lists of stock: by item and site, and the moves of the ledger."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from auftakt.console import formats, words
from auftakt.console.queries import stock as reads
from auftakt.console.queries.bench import sites
from auftakt.console.tables import Bulk, Choice, Column, Days, Empty, Pick, Table, Toggle
from auftakt.console.tables.columns import NOTHING
from auftakt.inventory.types import REASONS
from auftakt.promising.types import OWNER_KINDS

_REASONS = (
    "receipt",
    "purchase",
    "shipment",
    "transfer",
    "quarantine",
    "accepted",
    "rejected",
    "lost_in_transit",
    "set_aside",
    *REASONS,
)


def _item(row: Any) -> str:
    return reverse("console:item", args=[row.sku])


def _sites() -> Iterable[tuple[str, str]]:
    return [(site.code, f"{site.code} · {site.name}") for site in sites()]


def _quantity(row: Any) -> Any:
    return format_html('{} <span class="faint small">{}</span>', formats.number(row.on_hand), row.unit)


def _available(row: Any) -> Any:
    tone = "bad" if row.available <= 0 else ""
    return format_html('<b class="{}">{}</b>', tone, formats.number(row.available))


def _expected(row: Any) -> Any:
    return formats.number(row.expected) if row.expected else NOTHING


def _end(site: str, kind: str) -> str:
    if kind == "quarantine":
        return f"{site} · {words.word(kind)}"
    return site or words.word(kind)


def _moved(row: Any) -> Any:
    return format_html('<b>{}</b> <span class="faint small">{}</span>', formats.number(row.quantity), row.unit)


STOCK = Table(
    name="stock",
    title=gettext_lazy("Stock"),
    words=gettext_lazy("Item, name, GTIN or bin"),
    sort="sku",
    read=reads.stock_list,
    href=_item,
    columns=(
        Column("sku", gettext_lazy("Item"), sort="sku", head=True, link=_item, note="name", noted=gettext_lazy("Name")),
        Column("site", gettext_lazy("Site")),
        Column("bin", gettext_lazy("Bin"), "code"),
        Column("category", gettext_lazy("Category"), shown=False),
        Column("on_hand", gettext_lazy("On hand"), "number", sort="on_hand", show=_quantity),
        Column("promised", gettext_lazy("Promised"), "number", sort="promised"),
        Column("available", gettext_lazy("Available"), "number", sort="available", show=_available),
        Column("expected", gettext_lazy("Expected"), "number", sort="expected", show=_expected),
        Column("expected_on", gettext_lazy("Next on"), "short_day"),
    ),
    filters=(
        Choice(name="site", title=gettext_lazy("Site"), options=_sites),
        Choice(name="category", title=gettext_lazy("Category"), options=reads.stock_categories),
        Toggle(name="short", title=gettext_lazy("Nothing available"), icon="warning"),
        Toggle(name="coming", title=gettext_lazy("Expected"), icon="calendar"),
        Toggle(name="placeless", title=gettext_lazy("Without a bin"), icon="question"),
    ),
    empty=Empty(
        "stock",
        gettext_lazy("No stocked item yet"),
        gettext_lazy("Import items and stock, or receive goods for an item."),
    ),
)

MOVES = Table(
    name="stock_moves",
    title=gettext_lazy("Stock moves"),
    words=gettext_lazy("Item, note or person"),
    sort="-at",
    read=reads.move_list,
    href=_item,
    columns=(
        Column("at", gettext_lazy("When"), "instant", sort="at", head=True),
        Column("sku", gettext_lazy("Item"), link=_item, note="name", noted=gettext_lazy("Name")),
        Column("reason", gettext_lazy("Reason"), "word", note="note"),
        Column(
            "from_site",
            gettext_lazy("From"),
            show=lambda row: _end(row.from_site, row.from_kind),
            value=lambda row: _end(row.from_site, row.from_kind),
        ),
        Column(
            "to_site",
            gettext_lazy("To"),
            show=lambda row: _end(row.to_site, row.to_kind),
            value=lambda row: _end(row.to_site, row.to_kind),
        ),
        Column("quantity", gettext_lazy("Quantity"), "number", show=_moved),
        Column("actor", gettext_lazy("By")),
    ),
    filters=(
        Pick(name="item", title=gettext_lazy("Item"), source="console:item_options"),
        Choice(name="site", title=gettext_lazy("Site"), options=_sites),
        Choice(
            name="reason",
            title=gettext_lazy("Reason"),
            options=lambda: [(code, words.word(code)) for code in _REASONS],
        ),
        Days(name="on", title=gettext_lazy("Day")),
    ),
    empty=Empty(
        "stock",
        gettext_lazy("Nothing has moved yet"),
        gettext_lazy("Each receipt, shipment, count and adjustment stands here."),
    ),
)


def _reserved(row: Any) -> Any:
    return format_html('<b>{}</b> <span class="faint small">{}</span>', formats.number(row.quantity), row.unit)


def _until(row: Any) -> Any:
    tone = "warn" if row.is_over else ""
    return format_html('<span class="{}">{}</span>', tone, formats.instant(row.expires_at))


RESERVATIONS = Table(
    name="reservations",
    title=gettext_lazy("Reservations"),
    words=gettext_lazy("Owner, item or name"),
    sort="-created_at",
    read=reads.reservation_list,
    href=_item,
    columns=(
        Column("owner", gettext_lazy("For"), sort="owner", head=True),
        Column("owner_kind", gettext_lazy("Kind"), "word"),
        Column("sku", gettext_lazy("Item"), sort="sku", link=_item, note="name", noted=gettext_lazy("Name")),
        Column("quantity", gettext_lazy("Quantity"), "number", show=_reserved),
        Column("state", gettext_lazy("State"), "badge"),
        Column("expires_at", gettext_lazy("Until"), "instant", sort="expires_at", show=_until),
        Column("sites", gettext_lazy("From")),
        Column("ship_on", gettext_lazy("Leaves"), "short_day"),
        Column("country", gettext_lazy("To country"), shown=False),
        Column("created_at", gettext_lazy("Reserved on"), "instant", sort="created_at", note="created_by"),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=lambda: [(code, words.badge(code).label) for code in ("open", "turned", "released", "expired")],
            chips=True,
        ),
        Choice(
            name="owner_kind",
            title=gettext_lazy("For"),
            options=lambda: [(code, words.word(code)) for code in OWNER_KINDS],
        ),
        Pick(name="item", title=gettext_lazy("Item"), source="console:item_options"),
        Choice(name="site", title=gettext_lazy("Site"), options=_sites),
    ),
    bulk=(Bulk("reservations_release", gettext_lazy("Release"), "close", "orders.edit", tone="bad"),),
    empty=Empty(
        "stock",
        gettext_lazy("Nothing is reserved yet"),
        gettext_lazy("Shops and clerks hold supply here while somebody is deciding; it is given back by itself."),
    ),
)


def _lot(row: Any) -> str:
    return reverse("console:lot", args=[row.id])


def _expires(row: Any) -> Any:
    if row.expires_on is None:
        return NOTHING
    late = row.expires_on < reads.today()
    return format_html('<span class="{}">{}</span>', "bad strong" if late else "", formats.day(row.expires_on))


LOTS = Table(
    name="lots",
    title=gettext_lazy("Lots and serial numbers"),
    words=gettext_lazy("Number, item or name"),
    sort="expires",
    read=reads.lot_list,
    href=_lot,
    columns=(
        Column("number", gettext_lazy("Number"), "code", sort="number", head=True, link=_lot),
        Column("sku", gettext_lazy("Item"), sort="sku", link=_item, note="name", noted=gettext_lazy("Name")),
        Column("expires_on", gettext_lazy("Best before"), "day", sort="expires", show=_expires),
        Column("on_hand", gettext_lazy("In stock"), "number"),
        Column("picked", gettext_lazy("Picked"), "number"),
        Column("aside", gettext_lazy("Set aside or on the way"), "number"),
        Column("places", gettext_lazy("Lies at")),
        Column("unit", gettext_lazy("Unit"), "word", shown=False),
    ),
    filters=(
        Pick(name="item", title=gettext_lazy("Item"), source="console:item_options"),
        Toggle(name="expired", title=gettext_lazy("Expired"), icon="warning"),
        Toggle(name="soon", title=gettext_lazy("Expires within 30 days"), icon="clock"),
    ),
    empty=Empty(
        "stock",
        gettext_lazy("No lot lies anywhere"),
        gettext_lazy("Items that are tracked by lot or serial number ask for it when they come in."),
    ),
)
