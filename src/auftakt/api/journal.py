"""The journal as a feed: everything that happened, in order, and never a late commit skipped."""

from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.pages import Cursor, Limit, Text, key_of, read_cursor, write_cursor
from auftakt.api.registry import Page, operation
from auftakt.platform import journal
from auftakt.platform.journal import Happened

router = Router(tags=["journal"])


@operation(router.get, "/journal", needs="journal.view", answers=Happened, page=True)
def list_journal(
    caller: Caller, verb: Text = "", subject_type: Text = "", subject_id: UUID | None = None, cursor: Cursor = "",
    limit: Limit = 100,
) -> Page:  # fmt: skip
    """Read what happened, the oldest first. `next` is always given: ask again with it for what happens later."""
    after = read_cursor(cursor, int, key_of)
    rows = journal.feed(
        after,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        limit=limit,  # type: ignore[arg-type]
    )
    return Page(rows, write_cursor(rows[-1].tx, rows[-1].id) if rows else cursor)
