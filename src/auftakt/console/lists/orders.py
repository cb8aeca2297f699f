"""The list of orders."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import formats, words
from auftakt.console.queries import orders_list as reads
from auftakt.console.queries import picking
from auftakt.console.tables import Asked, Bulk, Choice, Column, Days, Empty, Filter, Pick, Span, Table, Toggle, Total
from auftakt.console.templatetags.formats import badge, beats

STATES = ("draft", "submitted", "closed", "cancelled")
HOLD_REASONS = ("customer_request", "credit", "address", "address_check", "payment", "fraud", "price", "other")
PROMISES = (
    ("perfect", gettext_lazy("Perfect")),
    ("imperfect", gettext_lazy("Not perfect")),
    ("on_time", gettext_lazy("On time")),
    ("not_on_time", gettext_lazy("Not on time")),
)
FLOW = (
    ("captured", gettext_lazy("Captured")),
    ("promised", gettext_lazy("Due to leave")),
    ("released", gettext_lazy("To be picked")),
    ("picked", gettext_lazy("To be shipped")),
    ("shipped", gettext_lazy("Shipped")),
    ("invoiced", gettext_lazy("Invoiced")),
    ("paid", gettext_lazy("Paid")),
)
"""The way of a day from capture to cash: what happened today, and what waits in between."""

Row = Mapping[str, Any]
_PLACE = UUID(int=0)  # stands where the id goes: an address is made once, not for each row


@cache
def _address(route: str, place: Any) -> str:
    return reverse(route, args=[place])


def _page(row: Row) -> str:
    return _address("console:order", _PLACE).replace(str(_PLACE), str(row["id"]))


def _customer_page(row: Row) -> str:
    return _address("console:customer", str(_PLACE)).replace(str(_PLACE), quote(row["customer_number"], safe="/~:@"))


def _state(row: Row) -> SafeString:
    return badge("on_hold" if row["holds"] else row["state"])


def _measure(row: Row) -> SafeString | str:
    return beats(row["measure"]) if row["measure"] and row["state"] not in ("draft", "cancelled") else ""


def _shipped(row: Row) -> Any:
    return row["measure"]["shipped"] if row["measure"] else None


def _holds(row: Row) -> SafeString:
    return format_html_join(", ", "{}", ((words.word(code),) for code in row["holds"]))


def _holds_plain(row: Row) -> str:
    return ", ".join(str(words.word(code)) for code in row["holds"])


def _totals(reader: reads.Reader, asked: Asked, ids: Sequence[UUID] | None) -> list[Total]:
    count, values = reader.sums(asked, ids)
    if count > reads.MANY_ORDERS:
        return [Total(_("more than"), _("%(count)s orders") % {"count": formats.number(reads.MANY_ORDERS)})]
    return [
        Total(_("Orders"), formats.number(count)),
        *(Total(_("Value"), formats.money(value, currency)) for currency, value in values),
    ]


ORDERS = Table(
    name="orders",
    title=gettext_lazy("Orders"),
    words=gettext_lazy("Number, reference, customer, item or place"),
    sort="-ordered_at",
    read=reads.Reader().page,
    href=_page,
    columns=(
        Column("number", gettext_lazy("Order"), sort="number", head=True, link=_page, note="customer_reference"),
        Column("customer_name", gettext_lazy("Customer"), sort="customer_name", link=_customer_page),
        Column("state", gettext_lazy("State"), "badge", show=_state),
        Column("measure", gettext_lazy("Progress"), show=_measure, value=_shipped),
        Column("arrives_on", gettext_lazy("Arrives"), "short_day"),
        Column("ordered_at", gettext_lazy("Ordered"), "instant", sort="ordered_at"),
        Column("came_in", gettext_lazy("Came in"), "instant", sort="id", shown=False),
        Column("gross", gettext_lazy("Total"), "money", sort="gross"),
        Column("channel", gettext_lazy("Channel"), "word", shown=False),
        Column("holds", gettext_lazy("Why it is held"), show=_holds, value=_holds_plain, shown=False),
        Column("requested_arrival_on", gettext_lazy("Wished for"), "short_day", shown=False),
        Column("customer_reference", gettext_lazy("Customer's reference"), shown=False),
        Column("external_reference", gettext_lazy("Reference of the source"), note="source_system", shown=False),
        Column("customer_number", gettext_lazy("Customer number"), shown=False),
        Column("payment_method", gettext_lazy("Payment"), "word", shown=False),
        Column("closed_at", gettext_lazy("Closed on"), "day", shown=False),
        Column("priority", gettext_lazy("Priority"), "number", shown=False),
    ),
    filters=(
        Choice(
            name="state",
            title=gettext_lazy("State"),
            options=lambda: [(code, words.badge(code).label) for code in STATES],
            chips=True,
        ),
        Toggle(name="hold", title=gettext_lazy("On hold"), icon="pause"),
        Toggle(name="unpromised", title=gettext_lazy("No date yet"), icon="diamond"),
        Toggle(name="late", title=gettext_lazy("Late"), icon="clock"),
        Toggle(name="wish", title=gettext_lazy("After the wish"), icon="calendar"),
        Toggle(name="supply", title=gettext_lazy("Supply overdue"), icon="warning"),
        Toggle(name="failed", title=gettext_lazy("Failed step"), icon="warning"),
        Toggle(name="mine", title=gettext_lazy("Entered by me"), icon="users"),
        Days(name="ordered", title=gettext_lazy("Ordered")),
        Pick(name="customer", title=gettext_lazy("Customer"), source="console:customer_options"),
        Pick(name="item", title=gettext_lazy("Item"), source="console:item_options"),
        Choice(
            name="channel",
            title=gettext_lazy("Channel"),
            options=lambda: [(code, words.word(code)) for code in reads.channels()],
        ),
        Choice(
            name="site",
            title=gettext_lazy("Site"),
            options=lambda: [(row.code, f"{row.code} · {row.name}") for row in picking.site_options()],
        ),
        Choice(
            name="reason",
            title=gettext_lazy("Hold"),
            options=lambda: [(code, words.word(code)) for code in HOLD_REASONS],
        ),
        Span(name="value", title=gettext_lazy("Total")),
        Days(name="closed", title=gettext_lazy("Closed on")),
        Choice(name="flow", title=gettext_lazy("Today"), options=lambda: list(FLOW)),
        Filter(name="currency", title=gettext_lazy("Currency")),
        Choice(name="promise", title=gettext_lazy("Promise kept"), options=lambda: list(PROMISES)),
    ),
    bulk=(
        Bulk("orders_hold", gettext_lazy("Hold"), "pause", "orders.hold"),
        Bulk("orders_release", gettext_lazy("Release holds"), "play", "orders.hold"),
        Bulk("orders_repromise", gettext_lazy("New promise"), "retry", "orders.edit"),
        Bulk("orders_print", gettext_lazy("Print"), "print", "documents.view"),
        Bulk("orders_cancel", gettext_lazy("Cancel orders"), "close", "orders.cancel", tone="bad"),
    ),
    empty=Empty(
        "orders",
        gettext_lazy("No order yet"),
        gettext_lazy("Enter the first one by hand, or let a shop send it through the API."),
        gettext_lazy("New order"),
        reverse_lazy("console:order_new"),
        "orders.edit",
    ),
)


def orders_for(me: str, today: date) -> Table:
    """The list as somebody sees it on a day: what is entered by me, what is late."""
    reader = reads.Reader(me, today)
    return replace(ORDERS, read=reader.page, totals=lambda asked, ids: _totals(reader, asked, ids))
