"""Stock in the console: by item and site, what is short, what comes, and every move."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.inventory import actions as inventory
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
