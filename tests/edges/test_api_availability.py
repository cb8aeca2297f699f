"""Shops ask what can be had: many entries in one call, nothing held."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auftakt.inventory import queries as inventory
from auftakt.promising import queries as promising
from auftakt.promising.models import Commitment
from tests import build
from tests.edges.api import caller, findings, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    build.company()
    return caller()


def ask(client: Client, *entries: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = send(client, "/availability", {"country": "DE", "entries": list(entries), **more})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["epoch"] >= 1
    assert [each["index"] for each in told["answers"]] == list(range(len(entries)))
    return told["answers"]


def test_each_entry_is_asked_by_itself_and_nothing_is_held(client: Client) -> None:
    entries = [{"sku": "BIKE", "quantity": 10}, {"sku": "BIKE", "quantity": "10"}, {"sku": "BIKE", "quantity": 12}]
    whole, again, too_much = ask(client, *entries)
    for each in (whole, again):
        assert (each["available_now"], each["promised"], each["why"]) == ("10", "10", "soonest")
        assert [(part["site"], part["quantity"]) for part in each["parts"]] == [("DC", "10")]
        assert each["ship_on"] == str(timezone.localdate())
        assert each["instead"] == []
    assert (too_much["promised"], too_much["why"], too_much["parts"]) == ("0", "not_enough", [])
    assert too_much["available_now"] == "12", "from two sites"
    assert sorted((part["site"], part["quantity"]) for part in too_much["instead"]) == [("DC", "10"), ("SHOP", "2")]
    assert not Commitment.objects.exists()
    assert all(bucket.drawn == 0 for bucket in inventory.supply([build.item_id("BIKE")]))


def test_kits_units_splits_and_services(client: Client) -> None:
    kit, case, both, service = ask(
        client,
        {"sku": "SET", "quantity": 3},
        {"sku": "BIKE", "quantity": 2, "unit": "case"},
        {"sku": "BIKE", "quantity": 12, "split_sites": True},
        {"sku": "FITTING", "quantity": 1},
    )
    assert (kit["promised"], kit["available_now"]) == ("3", "3")
    assert (case["unit"], case["findings"][:1]) == ("case", []) or case["findings"][0]["code"] == "unknown_unit"
    assert (both["promised"], len(both["parts"])) == ("12", 2)
    assert (service["why"], service["promised"]) == ("no_stock_needed", "1")


def test_rubbish_is_told_at_its_place_and_the_others_are_answered(client: Client) -> None:
    yesterday = str(timezone.localdate() - timedelta(days=1))
    rubbish = [
        {"sku": "NIX", "quantity": 1},
        {"gtin": "4006381333931", "quantity": 1},
        {"quantity": 1},
        {"sku": "BIKE", "quantity": 0},
        {"sku": "BIKE", "quantity": "0.5"},
        {"sku": "BIKE", "quantity": "-3"},
        {"sku": "BIKE", "quantity": "99999999999"},
        {"sku": "BIKE", "quantity": 1, "unit": "barrel"},
        {"sku": "BIKE", "quantity": 1, "country": "Germany"},
        {"sku": "BIKE", "quantity": 1, "requested_ship_on": yesterday},
        {"sku": "💣'; drop table", "quantity": 1},
    ]
    *bad, good = ask(client, *rubbish, {"sku": "LOCK", "quantity": 1})
    assert [(each["findings"][0]["code"], each["findings"][0]["place"]) for each in bad] == [
        ("unknown_item", "/entries/0/sku"),
        ("unknown_item", "/entries/1/gtin"),
        ("item_missing", "/entries/2/sku"),
        ("quantity_invalid", "/entries/3/quantity"),
        ("quantity_invalid", "/entries/4/quantity"),
        ("quantity_invalid", "/entries/5/quantity"),
        ("quantity_invalid", "/entries/6/quantity"),
        ("unknown_unit", "/entries/7/unit"),
        ("country_unknown", "/entries/8/country"),
        ("date_in_past", "/entries/9/requested_ship_on"),
        ("unknown_item", "/entries/10/sku"),
    ]
    assert all(each["promised"] == "0" and each["parts"] == [] for each in bad)
    assert good["promised"] == "1"
    nowhere = ask(client, {"sku": "LOCK", "quantity": 1, "country": "ZZ"})[0]
    assert nowhere["why"] in {"no_lane", "soonest"}
    assert findings(send(client, "/availability", {"entries": []})) == {("no_entries", "/entries")}
    many = [{"sku": "LOCK", "quantity": 1}] * 1001
    assert findings(send(client, "/availability", {"entries": many})) == {("too_many_entries", "/entries")}
    strange = send(client, "/availability", {"entries": [{"sku": "LOCK", "quantity": "much", "colour": 1}]})
    assert findings(strange) == {("wrong_type", "/entries/0/quantity"), ("unknown_field", "/entries/0/colour")}


def test_a_thousand_cost_as_many_statements_as_one(client: Client) -> None:
    def statements(count: int) -> int:
        skus = ["BIKE", "LOCK", "HELMET", "SET", "NIX"]
        entries = [{"sku": skus[each % 5], "quantity": 1 + each % 9, "split_dates": True} for each in range(count)]
        with CaptureQueriesContext(connection) as seen:
            assert len(ask(client, *entries)) == count
        return len(seen)

    statements(2)
    assert statements(1) == statements(1000)


def test_health_tells_how_the_supply_picture_stands() -> None:
    client = Client()
    promising.forget()
    assert client.get("/api/v1/health").json() == {"status": "ok", "promising": None}
    promising.refresh()
    told = client.get("/api/v1/health").json()["promising"]
    assert told["epoch"] >= 1
    assert 0 <= told["lag_s"] <= told["age_s"]
    assert set(told) == {"epoch", "items", "buckets", "bytes", "age_s", "lag_s", "passing"}
