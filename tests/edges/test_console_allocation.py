"""A planner keeps classes and allocation rules, and looks at the weeks; what cannot be right moves nothing."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from auftakt.promising import queries
from tests import build
from tests.edges.api import ROOT, caller
from tests.edges.test_console import logged_in
from tests.edges.test_console_making import rows, send

pytestmark = pytest.mark.django_db
HEAD = {"code": "scarce", "name": "Scarce", "sku": "BIKE", "kind": "percent", "basis": "original"}


@pytest.fixture
def client() -> Client:
    build.company()
    client = logged_in("planner")
    for code, rank in (("key", "1"), ("web", "2")):
        send(client, "/console/demand-classes/new/", {"code": code, "name": code.title(), "parent": "", "rank": rank})
    return client


def written(client: Client, key: str, web: str, status: int = 302, path: str = "new/") -> Any:
    targets = rows("targets", {"demand_class": "key", "number": key}, {"demand_class": "web", "number": web})
    return send(client, f"/console/allocation/{path}", {**HEAD, **targets}, status)


def test_from_classes_to_a_rule_in_force_and_its_weeks(client: Client) -> None:
    assert [each.code for each in queries.demand_classes()] == ["key", "web"]
    written(client, "60", "50", 422)
    assert not queries.allocation_rules()
    written(client, "60", "40")
    send(client, "/console/allocation/rules/scarce/publish/", {})
    today = timezone.localdate()
    assert queries.allocation_rules()["scarce"].in_force(today)
    monday = today.fromordinal(today.toordinal() - today.weekday())
    change = {"week": monday.isoformat(), "demand_class": "web", "number": "70"}
    send(client, "/console/allocation/rules/scarce/adjust/", change)
    held = queries.allocation_rules()["scarce"].in_force(today)
    assert held
    assert held.numbers(monday) == {"key": 30, "web": 70}
    assert "Scarce" in client.get("/console/allocation/weeks/?sku=BIKE&site=DC").content.decode()
    for path in ("allocation/", "demand-classes/", "demand-classes/web/", "allocation/rules/scarce/"):
        assert client.get(f"/console/{path}").status_code == 200
    told = caller("sourcing.view").get(f"{ROOT}/allocation-weeks?sku=BIKE&site=DC").json()
    assert told["rule"] == "scarce"
    send(client, "/console/allocation/rules/scarce/retire/", {})
    assert queries.allocation_rules()["scarce"].in_force(today) is None


def test_an_incomplete_adjustment_and_a_viewer_move_nothing(client: Client) -> None:
    written(client, "60", "40")
    send(client, "/console/allocation/rules/scarce/publish/", {})
    before = queries.allocation_rules()
    send(client, "/console/allocation/rules/scarce/adjust/", {"week": "", "number": "x"})
    assert logged_in("viewer").post("/console/allocation/rules/scarce/retire/").status_code == 403
    assert queries.allocation_rules() == before
