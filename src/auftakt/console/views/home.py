"""What needs me now, how the last weeks were, and the palette that finds everything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.console import charts, formats
from auftakt.console.context import PLACES
from auftakt.console.lists.orders import FLOW, ORDERS
from auftakt.console.outcomes import Edge, edge
from auftakt.console.permissions import SIGNED_IN, signed_in
from auftakt.console.queries import home as reads
from auftakt.console.queries.orders_list import Reader, which_are_many
from auftakt.console.templatetags.formats import upto
from auftakt.identity.queries import may
from auftakt.insight.rules import main_currency
from auftakt.insight.types import Week


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for somebody: the list that shows it, whose work it is."""

    title: Any
    hint: Any
    icon: str
    tone: str
    roles: str
    query: tuple[tuple[str, str], ...] = ()
    money: str = ""  # not orders: this figure of finance, on its own page
    route: str = "orders"

    @property
    def href(self) -> str:
        """The list with exactly the rows that are counted."""
        return f"{reverse(f'console:{self.route}')}?{urlencode(self.query)}"


NEEDS = (
    Need(
        gettext_lazy("On hold"), gettext_lazy("wait for a decision"), "pause", "warn",
        "order_manager sales viewer", (("hold", "1"),),
    ),
    Need(
        gettext_lazy("Held for credit"), gettext_lazy("check the account"), "pause", "warn",
        "finance", (("reason", "credit"),),
    ),
    Need(
        gettext_lazy("Late"), gettext_lazy("ship day passed, not shipped"), "clock", "bad",
        "order_manager sales warehouse planner viewer", (("late", "1"),),
    ),
    Need(
        gettext_lazy("After the wish"), gettext_lazy("arrive later than asked"), "calendar", "warn",
        "order_manager sales planner", (("wish", "1"),),
    ),
    Need(
        gettext_lazy("Supply overdue"), gettext_lazy("promised from goods not in yet"), "truck", "bad",
        "order_manager planner", (("supply", "1"),),
    ),
    Need(
        gettext_lazy("Without a date"), gettext_lazy("supply is missing"), "diamond", "bad",
        "order_manager sales planner", (("unpromised", "1"),),
    ),
    Need(
        gettext_lazy("Failed step"), gettext_lazy("look and retry"), "warning", "bad",
        "order_manager viewer", (("failed", "1"),),
    ),
    Need(
        gettext_lazy("Drafts"), gettext_lazy("not submitted yet"), "pencil", "rest",
        "order_manager sales", (("state", "draft"),),
    ),
    Need(
        gettext_lazy("To be picked"), gettext_lazy("orders released to a site"), "basket", "rest",
        "warehouse", (("flow", "released"),),
    ),
    Need(
        gettext_lazy("To be shipped"), gettext_lazy("picked or packed"), "truck", "rest",
        "warehouse", (("flow", "picked"),),
    ),
    Need(
        gettext_lazy("Payments in doubt"), gettext_lazy("ask the provider"), "question", "bad",
        "finance", (("state", "in_doubt"),), "in_doubt", "attempts",
    ),
    Need(
        gettext_lazy("Overdue invoices"), gettext_lazy("remind or collect"), "clock", "warn",
        "finance order_manager", (("standing", "overdue"),), "overdue", "invoices",
    ),
)  # fmt: skip


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Counts that link to exactly those rows, today's flow, the last weeks, the work of each site, what I have kept."""
    here, roles = edge(request), request.user.roles
    reader = Reader(here.actor, here.today, which_are_many(here.today))
    sees, warehouse = may(roles, "orders.view"), set(roles) <= {"warehouse"}
    hour = here.at.astimezone(here.zone).hour
    context = {
        "greeting": _("Good morning") if hour < 11 else _("Good afternoon") if hour < 18 else _("Good evening"),
        "first_name": request.user.name.split()[0] if request.user.name else "",
        "today": here.today,
        "tiles": list(_tiles(roles, reader, here)),
        "flow": list(_flow(reader, roles)) if sees else [],
        "charts": weekly_charts(reads.last_weeks(today=here.today)) if sees and not warehouse else [],
        "sites": reads.sites_work() if may(roles, "fulfilment.view") else [],
        "newest": reads.newest_orders() if sees and not warehouse else [],
        "views": list(_views(request)),
        "many": reads.MANY,
    }
    return render(request, "console/home.html", context)


def _tiles(roles: Sequence[str], reader: Reader, here: Edge) -> Iterator[dict[str, Any]]:
    """What waits for somebody with these roles. The administrator sees everything."""
    wanted = [need for need in NEEDS if "admin" in roles or set(roles) & set(need.roles.split())]
    money = reads.money_work(today=here.today) if any(need.money for need in wanted) else None
    for need in wanted:
        counted = getattr(money, need.money) if need.money else _count(reader, dict(need.query))
        yield {"need": need, "count": counted, "told": upto(counted, reads.MANY)}


def _count(reader: Reader, query: dict[str, str]) -> int:
    return reader.count(ORDERS.asked(query), reads.MANY + 1)


def _flow(reader: Reader, roles: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The beats of today from capture to cash, each with its orders."""
    sees_money = may(roles, "billing.view")
    for code, title in FLOW:
        if code in ("invoiced", "paid") and not sees_money:
            continue
        count = _count(reader, {"flow": code})
        yield {
            "title": title,
            "count": count,
            "told": upto(count, reads.MANY),
            "href": f"{reverse('console:orders')}?flow={code}",
        }


def _views(request: HttpRequest) -> Iterator[dict[str, str]]:
    """My kept lists that have a page."""
    for view in reads.kept_views(request.user.id):
        try:
            place = reverse(f"console:{view.list_name}")
        except NoReverseMatch:  # kept on a page that is no more
            continue
        yield {"name": view.name, "href": f"{place}?{view.query}&view={view.id}", "list": view.list_name}


def weekly_charts(weeks: Sequence[Week]) -> list[SafeString]:
    """Orders, their value, how promises were kept; a press on a week shows its orders. Nothing before the first."""
    if not any(week.orders or week.closed for week in weeks):
        return []
    currency, now = main_currency(weeks), weeks[-1]
    orders = [_point(week, week.orders, formats.number(week.orders), "ordered") for week in weeks]
    values = [
        _point(
            week,
            week.gross.get(currency, 0),
            formats.money(week.gross.get(currency) or formats.ZERO, currency),
            "ordered",
            (),
            currency=currency,
        )
        for week in weeks
    ]
    punctual = [
        _point(week, week.on_time / week.closed if week.closed else None, _shared(week.on_time, week), "closed")
        for week in weeks
    ]
    perfect = [
        _point(week, None, _shared(week.perfect, week), "closed", (week.perfect, week.closed - week.perfect))
        for week in weeks
    ]
    return [
        charts.bars(orders, key="c-orders", title=_("Orders a week"), told=formats.number(now.orders)),
        charts.line(values, key="c-value", title=_("Value a week"), told=values[-1].told),
        charts.line(punctual, key="c-time", title=_("On time"), told=_percent(now.on_time, now.closed), share=True),
        charts.stacked(
            perfect, (_("Perfect"), _("Not perfect")), key="c-perfect", title=_("Perfect orders"),
            told=_percent(now.perfect, now.closed),
        ),
    ]  # fmt: skip


def _at(week: Week, what: str, **more: str) -> dict[str, str]:
    """The place of a week: the day below, the whole name, its orders."""
    asked = {f"{what}_from": week.first, f"{what}_to": week.last, **more}
    return {
        "label": formats.day_and_month(week.first),
        "name": _("Week from %(day)s") % {"day": formats.day(week.first)},
        "href": f"{reverse('console:orders')}?{urlencode(asked)}",
    }


def _point(week: Week, value: Any, told: str, what: str, parts: tuple[int, ...] = (), **more: str) -> charts.Point:
    return charts.Point(**_at(week, what, **more), value=value, told=told, parts=parts)


def _percent(part: int, whole: int) -> str:
    return formats.rate(formats.percent(part, whole)) if whole else ""


def _shared(part: int, week: Week) -> str:
    if not week.closed:
        return _("nothing closed")
    facts = {"part": formats.number(part), "whole": formats.number(week.closed), "share": _percent(part, week.closed)}
    return _("%(part)s of %(whole)s, %(share)s") % facts


# What can be done from anywhere, beside the pages: word, icon, route, rule.
DEEDS = (
    (gettext_lazy("New order"), "plus", "order_new", "orders.edit"),
    (gettext_lazy("New customer"), "plus", "customer_new", "parties.edit"),
    (gettext_lazy("Receive goods"), "stock", "stock", "stock.edit"),
    (gettext_lazy("Record a payment"), "payment", "invoices", "billing.work"),
)


@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """Answers of the palette: deeds, pages, orders, parcels, invoices, purchases, customers, items."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    roles = request.user.roles
    places = [
        place
        for _title, group in PLACES
        for place in group
        if (place.rule == SIGNED_IN or may(roles, place.rule)) and _fits(text, place.title)
    ]
    deeds = [
        {"title": title, "icon": icon, "href": reverse(f"console:{route}")}
        for title, icon, route, rule in DEEDS
        if may(roles, rule) and text and _fits(text, title)
    ]
    found = dict(reads.find(text)) if len(text) > 1 else {}
    for name, rule in (("invoices", "billing.view"), ("purchases", "supply.view"), ("orders", "orders.view")):
        if not may(roles, rule):
            found.pop(name, None)
    shown = {"places": places, "deeds": deeds, "found": found, "text": text}
    return render(
        request, "console/parts/found.html", shown | {"nothing": not (places or deeds or any(found.values()))}
    )


def _fits(text: str, title: Any) -> bool:
    """Whether each typed word begins a word of the title."""
    words = str(title).lower().split()
    return all(any(word.startswith(typed) for word in words) for typed in text.lower().split())
