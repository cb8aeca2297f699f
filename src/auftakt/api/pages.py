"""Lists: pages with a cursor, at most 500 rows, all fields of a row or only those asked for."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query

from auftakt.api.bodies import Day
from auftakt.api.faults import Problem
from auftakt.api.registry import Answered
from auftakt.api.wire import encode, plain

Limit = Annotated[int, Query(ge=1, le=500, description="How many rows at most.")]
Cursor = Annotated[str, Query(max_length=500, description="`next` of the page before; empty for the first page.")]
Fields = Annotated[str, Query(max_length=500, description="Only these fields of each row, with commas between.")]
Text = Annotated[str, Query(max_length=200)]
OptionalDay = Annotated[Day | None, Query()]


def write_cursor(*position: Any) -> str:
    """A position as a cursor; opaque to the caller."""
    return base64.urlsafe_b64encode(encode(list(position))).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The position that a cursor stands for, None for the first page; raises Problem for one that is not ours."""
    if not cursor:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise bad_cursor() from error


def bad_cursor() -> Problem:
    """What is said of a cursor that is not ours."""
    return Problem(422, "bad_cursor", "This cursor is not one of ours: start from the first page.", place="/cursor")


def page(
    request: HttpRequest, rows: Sequence[Any], next_cursor: str = "", *, of: Callable[[Any], Any] = plain
) -> Answered:
    """A page of a list: its rows under `items`, and the cursor of the next page under `next` (null on the last)."""
    items = [sparse(request, of(row)) for row in rows]
    return Answered({"items": items, "next": next_cursor or None})


def cut(
    request: HttpRequest,
    rows: Sequence[Any],
    limit: int,
    position: Callable[[Any], Sequence[Any]],
    *,
    of: Callable[[Any], Any] = plain,
) -> Answered:
    """A page out of one row more than it shows, as the queries of the capabilities give them."""
    shown = rows[:limit]
    return page(request, shown, write_cursor(*position(shown[-1])) if len(rows) > limit else "", of=of)


def sparse(request: HttpRequest, told: Any) -> Any:
    """The fields that were asked for; raises Problem for one that is not there."""
    asked = [name.strip() for name in request.GET.get("fields", "").split(",") if name.strip()]
    if not asked or not isinstance(told, dict):
        return told
    strange = [name for name in asked if name not in told]
    if strange:
        known = ", ".join(told)
        raise Problem(422, "unknown_field", f"There is no field {strange[0]!r}; there are {known}.", place="/fields")
    return {name: told[name] for name in asked}


def ordered(order: str, possible: Sequence[str]) -> str:
    """The order of a list; raises Problem for one it does not have."""
    chosen = order or possible[0]
    if chosen not in possible:
        text = f"This list cannot be ordered by {order!r}; it can by {', '.join(possible)}."
        raise Problem(422, "unknown_order", text, place="/order")
    return chosen


def key_of(text: str) -> UUID:
    """An id out of a cursor."""
    return UUID(text)


def day_of(text: str) -> date:
    """A day out of a cursor."""
    return date.fromisoformat(text)


def found(thing: Any, what: str, key: object) -> Any:
    """The thing; raises Problem 404 when there is none."""
    if thing is None:
        raise Problem(404, f"unknown_{what.replace(' ', '_')}", f"There is no {what} {key}.", key=key)
    return thing
