"""The one way releases are locked: their orders first, then they themselves, each in key order."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.types import RELEASE_LIFECYCLE
from auftakt.platform import journal
from auftakt.platform.journal import Entry
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


def close_waves(rows: Iterable[Any], taken_back: Iterable[UUID], *, actor: str, at: datetime) -> None:
    """After releases (as they were locked) are picked or taken back: what was taken back leaves its wave, and a wave
    of which nothing is to be picked any more ends."""
    walked = {row.id: row.wave_id for row in rows if row.wave_id}
    if not walked:
        return
    waves = sorted(set(walked.values()))
    sql.rows("lock_waves", ids=waves)
    leaving = [key for key in taken_back if key in walked]
    if leaving:
        sql.run("leave_waves", ids=leaving)
    entries: dict[str, list[Entry]] = {"picked": [], "cancelled": []}
    for key, number, state in sql.rows("end_waves", ids=waves, at=at):
        entries[state].append(Entry("wave", key, {"number": number}))
    journal.write("fulfilment.wave_picked", entries["picked"], actor=actor, at=at)
    journal.write("fulfilment.wave_cancelled", entries["cancelled"], actor=actor, at=at)
