"""Sourcing through the API: drafted, published, assigned, asked; what is refused says where and moves nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from auftakt.supply import queries
from tests import build
from tests.edges.api import ROOT, caller, findings, send

pytestmark = pytest.mark.django_db
RULE: dict[str, Any] = {
    "code": "near",
    "name": "From the nearest",
    "sources": [
        {"rank": 1, "kind": "ship", "site": "DC"},
        {"rank": 2, "kind": "transfer", "site": "DC", "from_site": "SHOP", "transfer_days": 2},
    ],
    "terms": {"mode": "ptp", "late_cost_per_day": "2.5", "past_due_days": 3},
}


@pytest.fixture
def client() -> Client:
    build.company()
    return caller("sourcing.view", "sourcing.edit")


def done(client: Client, path: str, body: object) -> Any:
    answer = send(client, path, body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_rule_is_written_published_assigned_and_asked(client: Client) -> None:
    today = timezone.now().date()
    done(client, "/sourcing-rules", RULE)
    done(client, "/sourcing-publications", {"code": "near", "from_on": today.isoformat()})
    done(client, "/sourcing-assignments", {"rule": "near", "scope": {"country": "DE"}})
    local = {"code": "local", "name": "Local", "sources": [{"rank": 1, "kind": "ship", "site": "SHOP"}]}
    done(client, "/sourcing-rules", local)
    done(client, "/sourcing-assignments", {"rule": "local", "scope": {"sku": "BIKE"}})
    got = client.get(f"{ROOT}/sourcing-rules/near").json()
    assert [(each["number"], each["state"]) for each in got["versions"]] == [(1, "published")]
    assert got["versions"][0]["terms"]["late_cost_per_day"] == "2.5"
    assert got["versions"][0]["sources"][1]["from_site"] == "SHOP"
    wishes = [{"sku": "BIKE", "country": "DE"}, {"sku": "LOCK", "country": "AT"}, {"sku": "NIX"}]
    first, second, third = done(client, "/sourcing", {"wishes": wishes})
    assert (first["rule"], first["version"], len(first["sources"])) == ("near", 1, 2)
    assert [(each["assignment"]["rule"], each["lost_by"]) for each in first["runners_up"]] == [
        ("local", "not_in_force")
    ]
    assert (second["rule"], second["sources"], second["terms"]) == ("", [], None)
    assert third["findings"][0]["code"] == "item_unknown"

    done(client, "/sourcing-publications", {"code": "local", "from_on": today.isoformat()})
    first = done(client, "/sourcing", {"wishes": wishes[:1]})[0]
    assert first["rule"] == "local"
    assert [(each["assignment"]["rule"], each["lost_by"]) for each in first["runners_up"]] == [("near", "product")]

    listed = client.get(f"{ROOT}/sourcing-assignments?rule=local").json()["items"]
    assert [each["scope"]["sku"] for each in listed] == ["BIKE"]
    gone = client.delete(f"{ROOT}/sourcing-assignments/{listed[0]['id']}")
    assert gone.status_code == 200
    assert client.delete(f"{ROOT}/sourcing-assignments/{listed[0]['id']}").status_code == 404
    ends = (today + timedelta(days=3)).isoformat()
    done(client, "/sourcing-retirements", {"code": "near", "from_on": ends})
    assert client.get(f"{ROOT}/sourcing-rules/near").json()["versions"][0]["until_on"] == ends
    pages = client.get(f"{ROOT}/sourcing-rules?limit=1").json()
    assert [each["code"] for each in pages["items"]] == ["local"]
    rest = client.get(f"{ROOT}/sourcing-rules?limit=1&cursor={pages['next']}").json()
    assert [each["code"] for each in rest["items"]] == ["near"]


def test_a_draft_is_thrown_away(client: Client) -> None:
    done(client, "/sourcing-rules", RULE)
    assert client.delete(f"{ROOT}/sourcing-rules/near/draft").json()["versions"] == []
    assert client.delete(f"{ROOT}/sourcing-rules/near/draft").status_code == 422
    assert client.delete(f"{ROOT}/sourcing-rules/nix/draft").status_code == 404


def test_refusals_have_their_places_and_move_nothing(client: Client) -> None:
    done(client, "/sourcing-rules", RULE)
    before = (queries.sourcing_rules(), queries.sourcing_assignments(), queries.sourcing_mark())
    wrong = {**RULE, "sources": [{"rank": 1, "kind": "buy", "site": "DC"}, {"rank": 1, "kind": "ship", "site": "NIX"}]}
    assert findings(send(client, "/sourcing-rules", wrong)) == {
        ("source_without_way", "/sources/0/supplier"),
        ("site_unknown", "/sources/1/site"),
    }
    taken = send(client, "/sourcing-assignments", {"rule": "near", "scope": {"sku": "NIX", "region": "BY"}})
    assert findings(taken) == {("item_unknown", "/scope/sku"), ("country_missing", "/scope/country")}
    past = send(client, "/sourcing-publications", {"code": "near", "from_on": "2020-01-01"})
    assert findings(past) == {("day_in_past", "/from_on")}
    assert send(client, "/sourcing", {"wishes": []}).status_code == 422
    many = [{"sku": "BIKE"}] * 1001
    assert send(client, "/sourcing", {"wishes": many}).status_code == 422
    assert (queries.sourcing_rules(), queries.sourcing_assignments(), queries.sourcing_mark()) == before
    reader = caller("sourcing.view")
    assert send(reader, "/sourcing-rules", RULE).status_code == 403
    assert reader.get(f"{ROOT}/sourcing-rules").status_code == 200
