"""Stock in the console: by item and site, what is short, what comes, and every move."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from auftakt.console import availability
from auftakt.console.queries import item_page
from auftakt.inventory import actions as inventory
from auftakt.inventory.models import Bucket
from auftakt.inventory.types import Adjustment, PlacingDraft
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db


def test_stock_is_found_by_site_bin_shortage_and_what_comes() -> None:
    build.company()
    client = logged_in("warehouse")
    build.done(inventory.place([PlacingDraft("DC", "HELMET", "A-03-12")], actor="test", at=build.AT))
    build.purchase("TYRE", "9", build.TODAY + timedelta(days=3))
    build.order(lines=[("TEE-S", "20")])

    def found(**asked: str) -> set[str]:
        page = client.get(reverse("console:stock"), {**asked, "format": "csv"})
        assert page.status_code == 200
        text = b"".join(page.streaming_content).decode() if page.streaming else page.content.decode()
        return {row.split(",")[0].split(";")[0].strip('"\ufeff') for row in text.splitlines()[1:]}

    everything = found()
    assert {"BIKE", "HELMET", "TYRE", "TEE-S"} <= everything, "an item that is only expected has its row"
    assert found(site="SHOP") == {"BIKE"}
    assert found(q="a-03") == {"HELMET"}
    assert found(short="1") == {"TEE-S", "TYRE"}
    assert found(coming="1") == {"TYRE"}
    assert "HELMET" not in found(placeless="1", site="DC")
    assert found(category="PARTS") == {"HELMET", "LOCK", "TYRE"}
    assert found(category="nonsense", site="nowhere") == everything, "what makes no sense is ignored"
    item = client.get(reverse("console:item", args=["HELMET"])).content.decode()
    assert "A-03-12" in item


def test_every_move_is_listed_by_item_reason_and_site_and_pages_cost_the_same() -> None:
    build.company()
    client = logged_in("warehouse")
    url = reverse("console:stock_moves")

    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    cost(url)
    few = (cost(url), cost(reverse("console:stock")))
    losses = [Adjustment("DC", "HELMET", Decimal(-1), "damage", note=f"box {number}") for number in range(30)]
    build.done(inventory.adjust(losses, actor="walter", at=build.AT))
    assert (cost(url), cost(reverse("console:stock"))) == few
    page = client.get(url, {"item": "HELMET", "reason": "damage", "site": "DC", "q": "box 7"}).content.decode()
    assert "box 7" in page
    assert "box 8" not in page
    assert "box 7" not in client.get(url, {"site": "SHOP"}).content.decode()


def recounted(sku: str, day: date, today: date, sites: tuple[str, ...]) -> Decimal:
    """What is free of an item on a day, bucket by bucket."""
    buckets = Bucket.objects.filter(item__sku=sku, site__code__in=sites)
    there = [each for each in buckets if each.available_on is None or max(each.available_on, today) <= day]
    return sum((each.quantity - each.drawn for each in there), Decimal(0))


def test_what_is_free_from_day_to_day_is_what_the_buckets_hold() -> None:
    build.company()
    today = timezone.localdate()
    for site, days, quantity in (("DC", -3, "4"), ("DC", 5, "7"), ("SHOP", 5, "2"), ("SHOP", 20, "3"), ("DC", 90, "9")):
        build.purchase("BIKE", quantity, today + timedelta(days=days), site=site)
    build.order(lines=[("BIKE", "12")])
    page = item_page("BIKE", past_at=None)
    assert page is not None
    for site, sites in (("", ("DC", "SHOP")), ("DC", ("DC",)), ("SHOP", ("SHOP",))):
        found = availability.outlook(page.supply, today=today, site=site)
        assert [day for day, _ in found.levels] == [today + timedelta(days=number) for number in range(57)]
        for day, level in found.levels:
            assert level == recounted("BIKE", day, today, sites), (site, day)
        assert found.levels[-1][1] + found.later == recounted("BIKE", date.max, today, sites)
    late = Bucket.objects.get(item__sku="BIKE", available_on__lt=today)
    assert availability.outlook(page.supply, today=today).overdue == late.quantity - late.drawn
    assert availability.outlook(page.supply, today=today, site="SHOP").overdue == 0


def test_the_page_tells_what_is_free_by_site_and_costs_the_same_with_much_supply() -> None:
    build.company()
    today, client, url = timezone.localdate(), logged_in("warehouse"), reverse("console:item", args=["BIKE"])
    order = build.purchase("BIKE", "4", today - timedelta(days=3))

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    cost()
    few = cost()
    for number in range(20):
        build.purchase("BIKE", "1", today + timedelta(days=number))
    assert cost() == few
    page = client.get(url).content.decode()
    assert "4 each of it are overdue and counted as if they came today" in page
    assert reverse("console:receipt", args=[order]) in page
    shop = client.get(url, {"at": "SHOP"}).content.decode()
    assert "of it are overdue" not in shop
    assert client.get(url, {"at": "nowhere"}).status_code == 200, "what makes no sense is ignored"
