"""The API described by itself: OpenAPI 3.1, from the operations as they are declared."""

import json
import re
from functools import cache
from typing import Any

from ninja import NinjaAPI
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from auftakt.api.callers import PUBLIC
from auftakt.api.registry import REGISTRY, Operation

PREFIX = "/api/v1"
_REF = "#/components/schemas/{model}"
_PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457). `code` is stable; `findings` names every problem at its JSON pointer.",
    "required": ["type", "title", "status", "code", "detail", "findings"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message", "place", "facts"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "place": {"type": "string", "description": "JSON pointer into the body; empty: all of it"},
                    "facts": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
        },
    },
}
_STATUSES = {
    401: "No key, or not a valid one",
    403: "The permission is missing",
    404: "There is no such thing",
    409: "The thing is not in the state for it",
    422: "The content has faults; every one is named",
    429: "Too many requests; see Retry-After",
}
_KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key with the same request is done once, and answered alike for 48 hours.",
}


class _WithoutBadDefaults(GenerateJsonSchema):
    """Defaults that are no JSON (a decimal, a draft) are left out without a word."""

    ignored_warning_kinds = {"non-serializable-default", "skipped-choice"}


@cache
def document(api: NinjaAPI) -> bytes:
    """The OpenAPI document as JSON."""
    schema: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    given, taken = _shapes(schemas)
    schema["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key: auf_… with its scopes."},
        "session": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Logged in to the console."},
    }
    for entry in REGISTRY:
        told = schema["paths"][address(entry)][entry.method]
        _describe(told, entry, given.get(entry.name), taken.get(entry.name))
    return json.dumps(schema, ensure_ascii=False).encode()


def address(entry: Operation) -> str:
    """The whole path of an operation, its parameters in braces."""
    return PREFIX + re.sub(r"\{\w+:", "{", entry.path)


def _shapes(schemas: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Schemas of answers and of lines of bulk bodies, by operation; what they refer to goes into the components."""
    wanted = [(entry.name, "serialization", TypeAdapter(entry.answers)) for entry in REGISTRY if entry.answers]
    wanted += [(f"{entry.name}!", "validation", TypeAdapter(entry.takes)) for entry in REGISTRY if entry.takes]
    made, definitions = TypeAdapter.json_schemas(
        wanted,  # type: ignore[arg-type]
        ref_template=_REF,
        schema_generator=_WithoutBadDefaults,
    )
    for name, each in definitions.get("$defs", {}).items():
        schemas.setdefault(name, each)
    given = {name: each for (name, _), each in made.items() if not name.endswith("!")}
    return given, {name[:-1]: each for (name, _), each in made.items() if name.endswith("!")}


def _describe(told: dict[str, Any], entry: Operation, given: Any, taken: Any) -> None:
    told["tags"] = [entry.resource]
    told["x-permission"] = entry.needs
    told["security"] = [] if entry.needs == PUBLIC else [{"key": []}, {"session": []}]
    good: dict[str, Any] = {"description": "Done"}
    if entry.is_page:
        row = given or {"type": "object"}
        given = {
            "type": "object",
            "required": ["items", "next"],
            "properties": {"items": {"type": "array", "items": row}, "next": {"type": ["string", "null"]}},
        }
    if given is not None:
        good["content"] = {"application/json": {"schema": given}}
    told["responses"] = {"200": good}
    if entry.method == "post":
        told["responses"]["201"] = {**good, "description": "Created"}
        told.setdefault("parameters", []).append(_KEY_HEADER)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, text in _STATUSES.items():
        if entry.needs != PUBLIC:
            told["responses"][str(status)] = {"description": text, "content": problem}
    told["responses"]["default"] = {"description": "Any other error", "content": problem}
    if taken is not None:
        body = {"schema": {"type": "string"}, "x-each-line": taken, "example": entry.example or "{…}\n{…}\n"}
        told["requestBody"] = {
            "required": True,
            "description": "One JSON object on each line, up to 100,000 lines and 64 MB.",
            "content": {"application/x-ndjson": body},
        }
    elif entry.example and "requestBody" in told:
        for media in told["requestBody"]["content"].values():
            media["example"] = json.loads(entry.example)
