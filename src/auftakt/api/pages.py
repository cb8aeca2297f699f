"""Lists: pages with a cursor, at most 500 rows, all fields of a row or only those asked for."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Query

from auftakt.api.bodies import Day
from auftakt.api.faults import Problem, finding_json
from auftakt.api.registry import Page
from auftakt.api.wire import encode
from auftakt.values import Outcome, RefusedError

Limit = Annotated[int, Query(ge=1, le=500, description="How many rows at most.")]
Cursor = Annotated[str, Query(max_length=500, description="`next` of the page before; empty for the first page.")]
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


def cut(rows: Sequence[Any], limit: int, position: Callable[[Any], Sequence[Any]]) -> Page:
    """A page out of one row more than it shows, as the queries of the capabilities give them."""
    shown = rows[:limit]
    return Page(shown, write_cursor(*position(shown[-1])) if len(rows) > limit else "")


def ordered(order: str, possible: Sequence[str]) -> str:
    """The order of a list; raises Problem for one it does not have."""
    chosen = order or possible[0]
    if chosen not in possible:
        text = f"This list cannot be ordered by {order!r}; it can by {', '.join(possible)}."
        raise Problem(422, "unknown_order", text, place="/order")
    return chosen


def single(outcome: Outcome[Any]) -> Any:
    """The one thing a verb did for a single request; raises RefusedError for its refusal."""
    if outcome.refused:
        raise RefusedError(outcome.refused)
    return outcome.done[0] if outcome.done else None


def several(outcome: Outcome[Any]) -> dict[str, Any]:
    """What a verb did for several things, and what it refused; raises RefusedError when it did nothing."""
    if outcome.refused and not outcome.done:
        raise RefusedError(outcome.refused)
    refused = [
        {"subject": each.subject, "code": each.code, "findings": [finding_json(one) for one in each.findings]}
        for each in outcome.refused
    ]
    return {"done": outcome.done, "refused": refused}


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
