"""Pages of lists: rows, and where the next page begins."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

PAGE = 50
FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list and the cursor of the next page; an empty cursor says that there is no more."""

    rows: Sequence[Any]
    after: str = ""


def cursor(*position: object) -> str:
    """A position in a list, as it travels in an address."""
    return base64.urlsafe_b64encode(json.dumps([str(value) for value in position]).encode()).decode().rstrip("=")


def position(text: str, width: int) -> list[str] | None:
    """The position a cursor names; None for none, or one that is not ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    return values if isinstance(values, list) and len(values) == width else None


def page(rows: list[Any], limit: int, *keys: str) -> Page:
    """Cut the row that was read too much, and name where the next page begins."""
    if len(rows) <= limit:
        return Page(rows)
    last = rows[limit - 1]
    return Page(rows[:limit], cursor(*(getattr(last, key) for key in keys)))


def like(text: str) -> dict[str, str]:
    """Patterns for a typed word: anywhere, and at the beginning."""
    plain = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"text": text.strip(), "like": f"%{plain}%", "start": f"{plain}%"}


def loaded(value: Any) -> Any:
    """A JSON column as it comes out of named SQL."""
    return json.loads(value) if isinstance(value, str) else value


def first_id(moment: datetime) -> UUID:
    """The lowest id that can have been made at or after an instant (UUIDv7: milliseconds come first)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def moment(key: UUID) -> datetime:
    """When an id was made (UUIDv7: milliseconds come first): the moment at which what it names came in."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, UTC)


def beginning(day: date, zone: Any) -> datetime:
    """The first instant of a day in a time zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
