"""What the tests of the API share: clients with keys, and requests in short words."""

import json
from typing import Any

from django.test import Client

from auftakt.identity.actions import create_api_keys
from auftakt.identity.types import PERMISSIONS, ApiKeyDraft
from tests import build

ROOT = "/api/v1"


def key(*scopes: str, name: str = "shop") -> str:
    """The secret of a new key; without scopes it may everything."""
    draft = ApiKeyDraft(name, scopes or tuple(PERMISSIONS))
    return build.done(create_api_keys([draft], actor="test", at=build.AT))[0].secret


def caller(*scopes: str) -> Client:
    """A client with a key."""
    return Client(headers={"Authorization": f"Bearer {key(*scopes)}"})


def order(reference: str = "W-1", **values: object) -> dict[str, Any]:
    """An order as a shop sends it."""
    return {
        "source_system": "shop", "external_reference": reference, "customer_number": "C-1",
        "lines": [{"sku": "BIKE", "quantity": "1"}, {"sku": "HELMET", "quantity": 2}], **values,
    }  # fmt: skip


def send(client: Client, path: str, value: object, method: str = "post", **headers: str) -> Any:
    """A request with a JSON body; underscores in header names stand for hyphens."""
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    call = getattr(client, method)
    return call(f"{ROOT}{path}", json.dumps(value), content_type="application/json", headers=given)


def lines(client: Client, path: str, rows: list[object], **headers: str) -> Any:
    """A request with NDJSON; rows that are text go in as they are."""
    body = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.post(f"{ROOT}{path}", body, content_type="application/x-ndjson", headers=given)


def findings(answer: Any) -> set[tuple[str, str]]:
    """Code and place of every finding of a problem."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["code"]
    return {(each["code"], each["place"]) for each in told["findings"]}
