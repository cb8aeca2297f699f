"""The human documentation: one page, made from the operations as declared, that needs nothing from elsewhere."""

import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from ninja import NinjaAPI

from auftakt.api.callers import PUBLIC
from auftakt.api.openapi import address, document
from auftakt.api.registry import REGISTRY, Operation
from auftakt.identity.types import PERMISSIONS

_TEXT_OF_ERRORS = (
    ("400", "The request cannot be read: the JSON is malformed (line and column are named)."),
    ("401", "No key, or one that is unknown or revoked."),
    ("403", "The permission is missing; it is named."),
    ("404", "There is no such thing."),
    ("409", "The thing is not in the state for it, or somebody is at work on it."),
    ("412", "The order was changed since you read it (If-Match)."),
    ("413", "More than 1 MB as JSON, or 64 MB or 100,000 lines as NDJSON."),
    ("422", "The content has faults. Every one of them is named, and nothing was done."),
    ("429", "Too many requests; Retry-After says how long to wait."),
    ("503", "The database is busy or restarting; send the same request again."),
)


@cache
def page(api: NinjaAPI) -> bytes:
    """The documentation as HTML."""
    schema = json.loads(document(api))
    groups: dict[str, list[Operation]] = {}
    for entry in REGISTRY:
        groups.setdefault(entry.resource.lower(), []).append(entry)
    menu = "".join(
        f"<h2>{escape(name.capitalize())}</h2><ul>{''.join(_menu(entry) for entry in entries)}</ul>"
        for name, entries in groups.items()
    )
    body = "".join(
        f'<h2 id="{escape(name)}">{escape(name.capitalize())}</h2>'
        + "".join(_article(each, schema) for each in entries)
        for name, entries in groups.items()
    )
    errors = "".join(f"<tr><th>{status}</th><td>{escape(text)}</td></tr>" for status, text in _TEXT_OF_ERRORS)
    rights = "".join(
        f"<tr><th><code>{code}</code></th><td>{escape(', '.join(sorted(roles)))}</td></tr>"
        for code, roles in PERMISSIONS.items()
    )
    frame = (files("auftakt.api") / "docs.html").read_text("utf-8")
    parts = {"menu": menu, "operations": body, "errors": errors, "permissions": rights}
    for name, text in parts.items():
        frame = frame.replace(f"<!--{name}-->", text)
    return frame.encode()


def _menu(entry: Operation) -> str:
    return f'<li><a href="#{entry.name}">{escape(entry.title)}</a></li>'


def _article(entry: Operation, schema: Any) -> str:
    path = address(entry)
    told = schema["paths"][path][entry.method]
    text = "".join(f"<p>{escape(part)}</p>" for part in entry.text.split("\n\n")[1:])
    need = "no key needed" if entry.needs == PUBLIC else f"needs <code>{entry.needs}</code>"
    return (
        f'<article id="{entry.name}"><h3>{escape(entry.title)}</h3>'
        f'<p><code class="verb">{entry.method.upper()}</code> <code>{escape(path)}</code> · {need}</p>{text}'
        f"{_parameters(told)}{_body(told, schema)}<pre>{escape(_curl(entry, path))}</pre></article>"
    )


def _parameters(told: Any) -> str:
    rows = "".join(
        f"<tr><th><code>{escape(each['name'])}</code></th><td>{escape(each['in'])}</td>"
        f"<td>{escape(each.get('description') or each['schema'].get('description', ''))}</td></tr>"
        for each in told.get("parameters", ())
    )
    return f"<table>{rows}</table>" if rows else ""


def _body(told: Any, schema: Any) -> str:
    for media, content in told.get("requestBody", {}).get("content", {}).items():
        shape = _resolve(content.get("x-each-line", content.get("schema", {})), schema)
        required = set(shape.get("required", ()))
        rows = "".join(
            f"<tr><th><code>{escape(name)}</code>{' *' if name in required else ''}</th>"
            f"<td>{escape(_kind(each, schema))}</td><td>{_default(each)}</td></tr>"
            for name, each in shape.get("properties", {}).items()
        )
        about = escape(shape.get("description", "")).replace("\n", " ")
        return f"<p>Body: <code>{escape(media)}</code>. {about}</p><table>{rows}</table>"
    return ""


def _resolve(shape: Any, schema: Any) -> Any:
    while "$ref" in shape:
        shape = schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
    return shape


def _kind(shape: Any, schema: Any) -> str:
    if "anyOf" in shape:
        return " or ".join(dict.fromkeys(_kind(each, schema) for each in shape["anyOf"]))
    if "$ref" in shape:
        inner = _resolve(shape, schema).get("properties", {})
        return f"{{{', '.join(inner)}}}"
    if shape.get("type") == "array":
        return f"list of {_kind(shape.get('items', {}), schema)}"
    return str(shape.get("format") or shape.get("type") or "any")


def _default(shape: Any) -> str:
    default = shape.get("default")
    return "" if default in (None, "") else f"default <code>{escape(json.dumps(default))}</code>"


def _curl(entry: Operation, path: str) -> str:
    said = f"curl -H 'Authorization: Bearer auf_…' http://127.0.0.1:8000{path}"
    if entry.needs == PUBLIC:
        said = f"curl http://127.0.0.1:8000{path}"
    if entry.is_bulk:
        return said.replace(
            "curl ", "curl -X POST --data-binary @lines.ndjson -H 'Content-Type: application/x-ndjson' "
        )
    if entry.method in ("post", "put"):
        method = entry.method.upper()
        data = entry.example or "{…}"
        said = said.replace("curl ", f"curl -X {method} -H 'Content-Type: application/json' ")
        return f"{said} \\\n  -d '{data}'"
    return said
