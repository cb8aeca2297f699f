"""Every route of the API has its rule, answers without a fault, and is documented."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern

from auftakt.api.callers import PUBLIC, Guard
from auftakt.api.main import api
from auftakt.api.openapi import address, document
from auftakt.api.registry import REGISTRY, Operation
from auftakt.identity.types import PERMISSIONS
from tests import build
from tests.edges.api import ROOT, caller, findings

pytestmark = pytest.mark.django_db
GUARDED = [entry for entry in REGISTRY if entry.needs != PUBLIC]


def call(client: Client, entry: Operation, body: Any = None, **names: str) -> Any:
    path = re.sub(r"\{(?:\w+:)?(\w+)\}", lambda match: names.get(match[1], str(uuid4())), entry.path)
    media = "application/x-ndjson" if entry.is_bulk else "application/json"
    if entry.method == "get":
        return client.get(f"{ROOT}{path}")
    return getattr(client, entry.method)(f"{ROOT}{path}", json.dumps(body), content_type=media)


def test_the_registry_is_all_there_is() -> None:
    declared = {(entry.method.upper(), entry.path) for entry in REGISTRY}
    found = set()
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                if path == "/{path:rest}":
                    continue
                assert [type(each) for each in operation.auth_callbacks] == [Guard], path
                found |= {(method, path.replace("{uuidstr:", "{uuid:")) for method in operation.methods}
    assert found == declared
    assert len(declared) > 90
    public = {entry.name for entry in REGISTRY if entry.needs == PUBLIC}
    assert public == {"openapi", "documentation", "entrance", "health"}
    assert all(isinstance(each, URLPattern) for each in api.urls[0])


def test_every_permission_exists_and_names_are_unique() -> None:
    assert {entry.needs for entry in GUARDED} <= set(PERMISSIONS)
    names = [entry.name for entry in REGISTRY]
    assert len(names) == len(set(names))
    assert all(entry.title and len(entry.title) < 160 for entry in REGISTRY)
    changing = {entry.name: entry.needs for entry in GUARDED if entry.method != "get" and entry.needs.endswith(".view")}
    assert changing == {
        "preview_order": "orders.view", "inquire_promises": "orders.view", "quote_prices": "prices.view",
        "ask_availability": "stock.view", "resolve_sourcing": "sourcing.view",
    }, "what writes nothing may be asked by those who may look"  # fmt: skip


def test_no_route_answers_without_a_key_or_without_its_scope() -> None:
    stranger, other = Client(), {each: caller(*(set(PERMISSIONS) - {each})) for each in {e.needs for e in GUARDED}}
    for entry in GUARDED:
        assert call(stranger, entry).status_code == 401, entry
        answer = call(other[entry.needs], entry)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing"), entry
        assert findings(answer)
        assert answer.json()["findings"][0]["facts"] == {"permission": entry.needs}


def test_every_route_works_with_its_scope_alone() -> None:
    build.company()
    build.order()
    client = {each: caller(each) for each in {entry.needs for entry in GUARDED}}
    for entry in GUARDED:
        answer = call(client[entry.needs], entry, {})
        assert answer.status_code in {200, 404, 409, 422}, (entry, answer.content)
        if answer.status_code != 200:
            assert findings(answer), entry
        if entry.method == "get" and "{" in entry.path:
            assert answer.status_code == 404, entry
        elif entry.is_page and answer.status_code == 200:
            assert set(answer.json()) == {"items", "next"}, entry


def test_nothing_is_at_other_addresses() -> None:
    client = Client()
    assert client.get(f"{ROOT}/")["Location"] == f"{ROOT}/docs"
    for path in ("/nothing", "/orders/x/y/z", "/orders/"):
        answer = client.get(f"{ROOT}{path}")
        assert answer.status_code == 404
        assert findings(answer) == {("unknown_route", "")}
    wrong = client.delete(f"{ROOT}/orders")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong["Allow"]
    assert client.head(f"{ROOT}/docs").status_code == 200
    strange = caller().get(f"{ROOT}/parties?text=%00")
    assert strange.status_code == 422


def test_the_openapi_document_is_complete() -> None:
    told = json.loads(Client().get(f"{ROOT}/openapi.json").content)
    assert told["openapi"].startswith("3.1")
    for entry in REGISTRY:
        described = told["paths"][address(entry)][entry.method]
        assert described["x-permission"] == entry.needs
        assert described["summary"]
        if entry.is_bulk:
            assert "application/x-ndjson" in described["requestBody"]["content"]
    text = document(api).decode()
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert name in told["components"]["schemas"], name


def test_the_documentation_names_every_operation() -> None:
    answer = Client().get(f"{ROOT}/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "http" not in page.replace("http://127.0.0.1:8000", "").replace("https", "http") or "cdn" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    for entry in REGISTRY:
        assert f'id="{entry.name}"' in page
        assert entry.needs == PUBLIC or f"<code>{entry.needs}</code>" in page
