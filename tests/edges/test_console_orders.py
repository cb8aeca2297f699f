"""The list of orders: filters combine, each order comes once, sums are exact; home counts what it links to."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from auftakt.console import charts
from auftakt.console.lists.orders import FLOW, ORDERS
from auftakt.console.queries import orders_list
from auftakt.console.queries.orders_list import Reader, spelt
from auftakt.insight import actions as insight
from auftakt.insight.models import OrderDay
from auftakt.insight.queries import weeks
from auftakt.orders import actions as orders
from auftakt.orders.models import FulfilmentLine, Order
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
LIST = "/console/orders/"


@pytest.fixture
def house() -> dict[str, Any]:
    """Orders at every stage, and some with each kind of trouble."""
    build.company()
    made: dict[str, Any] = {stage: build.order(stage=stage) for stage in ("draft", "submitted", "released", "shipped")}
    made |= {stage: build.order(stage=stage) for stage in ("billed", "paid", "closed", "cancelled")}
    made["held"] = build.order(stage="submitted", lines=[("LOCK", "3")])
    build.done(orders.hold([made["held"]], "fraud", "two names", actor="t", at=timezone.now()))
    made["unpromised"] = build.order(stage="submitted", lines=[("TYRE", "500")])
    made["late"] = build.order(stage="submitted", lines=[("HELMET", "2")])
    FulfilmentLine.objects.filter(order=made["late"]).update(ship_on=timezone.localdate() - timedelta(days=2))
    FulfilmentLine.objects.exclude(order=made["late"]).filter(ship_on__isnull=False).update(
        ship_on=timezone.localdate() + timedelta(days=20)
    )
    return made


def walk(client: Any, query: str = "") -> list[str]:
    """The ids of all rows that an address shows, page after page."""
    found: list[str] = []
    address = f"{LIST}?{query}"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, address
        found += [str(row["id"]) for row in answer.context["page"].rows]
        address = f"{LIST}{answer.context['following']}" if answer.context["following"] else ""
    return found


def many(count: int) -> None:
    """Orders of three items and different values, by a customer each turn."""
    drafts = [build.draft([(("HELMET", "LOCK", "TYRE")[n % 3], str(1 + n % 4))]) for n in range(count)]
    build.done(orders.capture(drafts, submit=False, actor="t", at=build.AT))


@pytest.mark.parametrize("sort", ["ordered_at", "number", "gross", "customer_name"])
def test_every_order_comes_once_in_every_order(sort: str) -> None:
    build.company()
    many(120)
    client = logged_in("sales")
    up, down = walk(client, f"sort={sort}"), walk(client, f"sort=-{sort}")
    assert len(up) == len(set(up)) == 120
    assert up == down[::-1]
    values = dict(Order.objects.values_list("id", "gross"))
    if sort == "gross":
        gross = [values[key] for key in map(orders_list.UUID, up)]
        assert gross == sorted(gross)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=draft", {"draft"}),
        ("hold=1", {"held"}),
        ("reason=fraud", {"held"}),
        ("reason=credit", set()),
        ("unpromised=1", {"unpromised"}),
        ("late=1", {"late"}),
        ("late=1&item=HELMET", {"late"}),
        ("late=1&item=LOCK", set()),
        ("item=LOCK&hold=1&state=submitted", {"held"}),
        ("customer=C-1&state=cancelled", {"cancelled"}),
        ("customer=C-2", set()),
        ("item=NOTHING", set()),
        ("promise=perfect", {"closed"}),
        ("promise=not_on_time", set()),
        ("currency=USD", set()),
        ("value_min=1000000", set()),
        ("ordered_from=2000-01-01&ordered_to=2000-01-31", set()),
        ("flow=paid&customer=C-2", set()),
        ("failed=1", set()),
        ("wish=1", set()),
        ("supply=1", set()),
        ("mine=1", set()),
    ],
)
def test_filters_show_exactly_those_orders(house: dict[str, Any], query: str, found: set[str]) -> None:
    assert set(walk(logged_in("admin"), query)) == {str(house[name]) for name in found}


@pytest.mark.parametrize(
    "query",
    [
        *(
            "hold=1",
            "unpromised=1",
            "late=1",
            "wish=1",
            "flow=promised",
            "hold=1&sort=-gross",
            "late=1&sort=customer_name",
        ),
        *("state=draft&sort=gross", "value_min=1&value_max=200", "value_min=50", "value_max=50&state=submitted"),
        *("item=LOCK", "q=lock", "q=lock radhaus", "q=rad b", "q=l", "q=lo_k", "unpromised=1&q=tyre", "q=zz"),
    ],
)
def test_small_and_large_sets_are_read_in_ways_of_their_own_and_show_the_same(
    house: dict[str, Any], query: str, monkeypatch: Any
) -> None:
    client, reader = logged_in("admin"), Reader("me", timezone.localdate())
    asked = ORDERS.asked(QueryDict(query))
    few = walk(client, query), reader.count(asked, 100), set(reader.ids(asked, 100)), reader.sums(asked, None)
    for name in ("MANY_LINES", "MANY_WAITING", "HITS"):
        monkeypatch.setattr(orders_list, name, 0)
    many = walk(client, query), reader.count(asked, 100), set(reader.ids(asked, 100)), reader.sums(asked, None)
    assert few == many
    assert len(few[0]) == few[1] == len(few[2])


def test_an_order_is_found_by_number_reference_and_words(house: dict[str, Any]) -> None:
    client, order = logged_in("sales"), Order.objects.get(id=house["held"])
    for typed in (order.number, order.number.lower(), order.external_reference, f"{order.number} lock", "lock"):
        assert str(order.id) in walk(client, f"q={typed}"), typed
    assert walk(client, f"q={order.number} helmet") == []
    assert spelt("SO-12 Hamburg hamb") == {"number": "SO-12%", "words": "hamburg:* & hamb:*"}


def test_what_i_entered_is_found_drafts_too() -> None:
    build.company()
    build.order(stage="submitted")
    client = logged_in("sales")
    me = client.get(LIST).context["user"].email
    by_me = {"actor": me, "at": build.AT}
    mine = build.done(orders.capture([build.draft([("LOCK", "1")])], submit=True, **by_me))
    draft = build.done(orders.capture([build.draft([("LOCK", "1")])], submit=False, **by_me))
    assert set(walk(client, "mine=1")) == {str(each.order_id) for each in (*mine, *draft)}


def test_sums_of_ticked_orders_and_of_all_that_match_are_exact(house: dict[str, Any], monkeypatch: Any) -> None:
    client = logged_in("admin")
    chosen = list(Order.objects.filter(id__in=[house["late"], house["held"]]))
    reader = Reader("me", timezone.localdate())
    asked = ORDERS.asked({})
    assert reader.sums(asked, [each.id for each in chosen]) == (2, [("EUR", sum(each.gross for each in chosen))])
    assert reader.sums(asked, []) == (0, [])
    whole = sum(Order.objects.values_list("gross", flat=True))
    assert reader.sums(asked, None) == (Order.objects.count(), [("EUR", whole)])
    assert " data-totals>" in client.get(LIST).content.decode()  # the page asks for them
    shown = client.get(LIST, {"totals": "all"}).content.decode()
    assert f"<b>{Order.objects.count()}</b>" in shown
    monkeypatch.setattr(orders_list, "MANY_ORDERS", 3)
    assert reader.sums(asked, None) == (4, [])
    assert "more than" in client.get(LIST, {"totals": "all"}).content.decode()


def test_a_long_list_and_home_cost_as_many_statements_as_short_ones(house: dict[str, Any]) -> None:
    client = logged_in("admin")
    addresses = (LIST, f"{LIST}?item=HELMET&state=submitted&q=helmet", "/console/", "/console/find/?q=helm")
    counts: list[list[int]] = []
    for more in (0, 70):
        if more:
            many(more)
        insight.recount()
        counts.append([])
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as seen:
                client.get(address)
            counts[-1].append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 9
    assert counts[0][2] <= 30


def links(page: str) -> Iterator[tuple[str, str]]:
    """The counts of home that stand for orders: address and what is said."""
    for part in ("tiles", "flow"):
        block = re.search(rf'<div class="{part}">(.*?)</div>', page, re.S)
        assert block, part
        for href, told in re.findall(r'href="([^"]+)"[^>]*><b>([^<]+)</b>', block[1]):
            yield href.replace("&amp;", "&"), told


@pytest.mark.parametrize("role", ["admin", "order_manager", "sales", "warehouse", "planner", "finance", "viewer"])
def test_each_count_of_home_is_the_number_of_rows_behind_its_link(house: dict[str, Any], role: str) -> None:
    client = logged_in(role)
    counted = 0
    for href, told in links(client.get("/console/").content.decode()):
        answer = client.get(href)
        assert answer.status_code == 200, href
        assert len(answer.context["page"].rows) == int(told), href
        counted += int(told) > 0
    assert counted >= (1 if role in ("warehouse", "finance") else 3)


def test_beyond_a_thousand_home_does_not_count(house: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr("auftakt.console.queries.home.MANY", 2)
    many(4)
    assert "<b>2+</b>" in logged_in("sales").get("/console/").content.decode()


def test_each_point_of_the_weeks_shows_its_orders(house: dict[str, Any]) -> None:
    now = timezone.now()
    Order.objects.filter(closed_at=None).update(ordered_at=now - timedelta(days=9))
    Order.objects.exclude(closed_at=None).update(ordered_at=now - timedelta(days=30), closed_at=now)
    insight.recount()
    client = logged_in("viewer")
    page = client.get("/console/").content.decode()
    assert page.count('<figure class="chart">') == 4
    counted = 0
    figure = re.search(r'<figure class="chart"><figcaption id="c-orders-t">.*?</figure>', page, re.S)
    assert figure
    for href, told in re.findall(r'<a href="([^"]+)" aria-label="[^"]*: (\d+)">', figure[0]):
        assert len(walk(client, href.split("?")[1].replace("&amp;", "&"))) == int(told)
        counted += int(told)
    assert counted == sum(week.orders for week in weeks(today=timezone.localdate()))


def test_the_palette_finds_what_exists_and_offers_what_may_be_done(house: dict[str, Any]) -> None:
    client, order = logged_in("sales"), Order.objects.get(id=house["billed"])
    shipment, invoice = order.shipment_set.get(), order.invoice_set.get()
    find = reverse("console:find")
    for typed in (order.number, order.number[3:], order.external_reference, shipment.number, shipment.tracking_number):
        assert str(order.id) in client.get(find, {"q": typed}).content.decode(), typed
    assert str(invoice.id) in client.get(find, {"q": invoice.number.lower()}).content.decode()
    assert "New order" in client.get(find, {"q": "new or"}).content.decode()
    assert "New order" not in logged_in("viewer").get(find, {"q": "new or"}).content.decode()
    assert str(invoice.id) not in logged_in("warehouse").get(find, {"q": invoice.number}).content.decode()
    assert "Nothing found" in client.get(find, {"q": "zzzz"}).content.decode()


def test_kept_views_stand_on_home(house: dict[str, Any]) -> None:
    client = logged_in("sales")
    kept = {"list": "orders", "name": "Mine that are late", "query": "late=1&mine=1", "next": LIST}
    client.post(reverse("console:view_save"), kept)
    page = client.get("/console/").content.decode()
    assert "Mine that are late" in page
    assert "late=1&amp;mine=1" in page


# ------------------------------------------------------------------------------------------------ charts and days


@pytest.mark.parametrize(
    ("most", "marks"),
    [
        (0, [0, 1]),
        (7, [0, 2, 4, 6, 8]),
        (100, [0, 25, 50, 75, 100]),
        (1234, [0, 500, 1000, 1500]),
        (0.3, [0, 0.1, 0.2, 0.3]),
    ],
)
def test_axes_have_round_marks_that_hold_everything(most: float, marks: list[float]) -> None:
    assert charts.ticks(most) == pytest.approx(marks)


def test_a_chart_escapes_and_tells_everything_twice() -> None:
    points = [charts.Point("<b>", 3, "three & more", "/x?a=1&b=2"), charts.Point("gap", None, "nothing")]
    for draw in (charts.bars, charts.line, charts.steps):
        drawn = draw(points, key="k", title="<T>")
        assert "<b>" not in drawn.replace("<b></b>", "")
        assert drawn.count("three &amp; more") == 3
        assert 'href="/x?a=1&amp;b=2"' in drawn
    both = charts.stacked([charts.Point("a", None, "1 of 3", parts=(1, 2))], ("yes", "no"), key="k", title="T")
    assert both.count("<rect") == 3
    assert "yes" in both
    assert "polyline" in charts.spark([], "none")


def test_days_follow_the_orders(house: dict[str, Any]) -> None:
    insight.recount()
    before = {row.currency: (row.orders, row.gross) for row in OrderDay.objects.all()}
    assert before["EUR"][0] == Order.objects.count()
    assert weeks(today=build.TODAY)[-1].orders == Order.objects.count()
    assert weeks(today=build.TODAY)[-1].gross["EUR"] == sum(Order.objects.values_list("gross", flat=True), Decimal(0))
    insight.recount()
    assert {row.currency: (row.orders, row.gross) for row in OrderDay.objects.all()} == before


@pytest.mark.django_db(transaction=True)
def test_refresh_counts_again_what_the_journal_speaks_of() -> None:
    build.company()
    build.order(stage="submitted")
    insight.refresh()
    assert OrderDay.objects.get().orders == 1
    assert insight.refresh().done == ()
    build.order(stage="closed")
    OrderDay.objects.update(orders=99)
    assert insight.refresh().done == (build.TODAY,)
    assert OrderDay.objects.get().orders == 2
    assert len(FLOW) == 7
