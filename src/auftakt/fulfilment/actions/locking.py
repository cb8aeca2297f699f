"""The one way releases are locked: their orders first, then they themselves, each in key order."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.types import RELEASE_LIFECYCLE
from auftakt.values import Refusal


def lock_releases(release_ids: Iterable[UUID]) -> dict[UUID, Any]:
    """Releases by id, locked until the end of the transaction."""
    ids = sorted(set(release_ids))
    sql.rows("lock_orders_of_releases", ids=ids)
    return {row.id: row for row in sql.records("lock_releases", ids=ids)}


def state_refusal(release_id: UUID, row: Any, verb: str) -> Refusal | None:
    """Why `verb` may not be done to a release in its state, if so."""
    if row is None:
        return Refusal.because(release_id, "unknown_release", f"There is no release {release_id}.")
    if RELEASE_LIFECYCLE.allows(verb, row.state):
        return None
    needed = " or ".join(RELEASE_LIFECYCLE.sources(verb))
    return Refusal.because(
        release_id, f"not_to_{verb}", f"Release {row.number} is {row.state}; it would have to be {needed}.",
        release=row.number, state=row.state, order=row.order_number,
    )  # fmt: skip


def twice(release_id: UUID) -> Refusal:
    """A release that is named more than once in a batch: only the first one counts."""
    return Refusal.because(release_id, "named_twice", "The release is named more than once in this call.")


def move(release_ids: Sequence[UUID], verb: str, *, at: datetime) -> None:
    """Releases take the state that `verb` leads to."""
    if not release_ids:
        return
    state = RELEASE_LIFECYCLE.after(verb)
    stages = {f"{stage}_at": at if state == stage else None for stage in ("picked", "packed", "shipped")}
    sql.run("move_releases", ids=list(release_ids), state=state, **stages)
