"""Replenishment through the API: policies, a run, proposals with their arithmetic, what is decided about them."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from auftakt.platform import jobs
from auftakt.supply import actions as supply
from auftakt.supply.types import PriceBreak, SupplierItemDraft
from tests import build
from tests.edges.api import ROOT, caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    build.company()
    terms = SupplierItemDraft("S-1", "TYRE", 5, multiple=Decimal(25), prices=(PriceBreak(Decimal(0), Decimal(9)),))
    build.done(supply.save_supplier_items([terms], actor="test", at=build.AT))
    return caller()


def post(client: Client, path: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = client.post(f"{ROOT}{path}", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_from_policies_to_orders(client: Client) -> None:
    level = {"sku": "TYRE", "method": "min_max", "maximum": "300", "demand_per_day": "20", "safety_stock": "40"}
    lines = [
        level | {"site_code": "DC"},
        level | {"site_code": "SHOP"},
        level | {"site_code": "DC", "service_level": "3"},
    ]
    answer = client.post(
        f"{ROOT}/replenishment-policies/bulk",
        "\n".join(json.dumps(each) for each in lines),
        content_type="application/x-ndjson",
    )
    assert b"service_level_out_of_range" in answer.content
    listed = client.get(f"{ROOT}/replenishment-policies?limit=1").json()
    assert len(listed["items"]) == 1
    assert listed["next"]
    assert len(client.get(f"{ROOT}/replenishment-policies?site=SHOP").json()["items"]) == 1
    assert client.get(f"{ROOT}/replenishment-policies?site=NO").status_code == 422
    run = post(client, "/replenishment-runs", {"day": build.TODAY.isoformat()})
    post(client, "/replenishment-runs", {}, 409)
    jobs.run(UUID(run["job_id"]))
    told = client.get(f"{ROOT}/replenishment-runs/{run['id']}").json()
    assert (told["state"], told["looked"], told["proposed"]) == ("done", 2, 2)
    assert len(client.get(f"{ROOT}/replenishment-runs").json()["items"]) == 1
    first, second = client.get(f"{ROOT}/replenishment-proposals?state=proposed&run={run['id']}").json()["items"]
    assert first["reorder_point"] == "140"
    ids = {"proposal_ids": [first["id"], run["id"]]}
    done, unknown = post(client, "/replenishment-proposals/approve", ids)
    assert (done["result"], bool(done["order_number"]), unknown["code"]) == ("done", True, "proposal_unknown")
    rejected = {"proposal_ids": [second["id"], first["id"]], "note": "enough"}
    assert [each["result"] for each in post(client, "/replenishment-proposals/reject", rejected)] == ["done", "refused"]
    post(client, "/supplier-minimums", {"supplier_number": "S-1", "minimum_order": "500"})
    post(client, "/replenishment-limits", {"currency": "EUR", "amount": "100", "site_code": "DC"})
