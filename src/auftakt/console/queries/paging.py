"""Pages of lists, as reads use them: what `console.paging` holds."""

from auftakt.console.paging import (
    FIRST_ID,
    LAST_ID,
    PAGE,
    Page,
    beginning,
    cursor,
    first_id,
    like,
    loaded,
    page,
    position,
)

__all__ = [
    "FIRST_ID",
    "LAST_ID",
    "PAGE",
    "Page",
    "beginning",
    "cursor",
    "first_id",
    "like",
    "loaded",
    "page",
    "position",
]
