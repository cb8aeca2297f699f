"""Making through the API: set up, planned, released, finished; what is refused says where."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from auftakt.catalog import queries as catalog
from tests import build
from tests.edges.api import ROOT, caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    build.company()
    return caller()


def post(client: Client, path: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = client.post(f"{ROOT}{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_an_item_is_made_through_the_api(client: Client) -> None:
    for sku in ("MADE", "PART"):
        post(client, "/items", {"sku": sku, "name": sku.title(), "activate": True})
    build.receive({("DC", "PART"): "50"})
    post(client, "/calendars", {"code": "week", "name": "Week", "country": "DE", "subdivision": "BE"})
    first, last = "2026-12-23", "2026-12-29"
    days = client.get(f"{ROOT}/calendars/week/working-days?first={first}&last={last}").json()["items"]
    assert [each["day"] for each in days] == ["2026-12-23", "2026-12-24", "2026-12-28", "2026-12-29"]
    post(client, "/bills-of-material", {"sku": "MADE", "lines": [{"sku": "PART", "quantity": "2"}]})
    circle = post(client, "/bills-of-material", {"sku": "PART", "lines": [{"sku": "MADE", "quantity": "1"}]}, 422)
    assert circle["findings"][0]["facts"]["path"] == "PART → MADE → PART"
    item = catalog.items_by_sku(["MADE"])["MADE"].id
    tree = client.get(f"{ROOT}/items/{item}/explosion?on=2026-03-02&quantity=3").json()["items"]
    assert [(node["level"], node["sku"], node["quantity"]) for node in tree] == [(0, "MADE", "3"), (1, "PART", "6")]
    shift = {"name": "day", "capacity": "8"}
    bench = post(client, "/resources", {"site_code": "DC", "code": "bench", "name": "Bench", "shifts": [shift]})["id"]
    step = {"resource": "bench", "setup_minutes": "30", "run_minutes": "15"}
    post(client, "/routings", {"sku": "MADE", "site_code": "DC", "lead_days": 2, "operations": [step]})
    today = build.TODAY.isoformat()
    work = post(client, "/work-orders", {"sku": "MADE", "site_code": "DC", "quantity": "4", "starts_on": today})["id"]
    post(client, f"/work-orders/{work}/start", {}, 409)
    post(client, f"/work-orders/{work}/release", {})
    capacity = client.get(f"{ROOT}/resources/{bench}/capacity?first={today}&last={today}").json()["items"]
    assert capacity == [{"day": today, "capacity": "480", "free": "390"}]
    later = (build.TODAY + timedelta(days=9)).isoformat()
    post(client, "/work-reschedulings", {"work_order_id": work, "due_on": later})
    post(client, f"/work-orders/{work}/start", {})
    post(client, "/work-finishes", {"work_order_id": work, "quantity": "5"}, 422)
    post(client, "/work-finishes", {"work_order_id": work, "quantity": "3"})
    told = client.get(f"{ROOT}/work-orders/{work}").json()
    assert (told["head"]["state"], told["head"]["open"], told["head"]["due_on"]) == ("started", "1", later)
    assert told["components"][0]["issued"] == "8"
    post(client, f"/work-orders/{work}/cancel", {})
    post(client, f"/work-orders/{work}/close", {})
    listed = client.get(f"{ROOT}/work-orders?state=closed&site=DC").json()["items"]
    assert [each["id"] for each in listed] == [work]
    for path in ("calendars", "bills-of-material", "resources", "routings"):
        assert len(client.get(f"{ROOT}/{path}").json()["items"]) == 1, path
