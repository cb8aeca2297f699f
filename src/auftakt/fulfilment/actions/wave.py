"""Waves: releases of a site that are picked together, in one walk past the shelves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.actions.locking import lock_releases
from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.types import LARGEST_WAVE, RELEASE_LIFECYCLE, WAVE_LIFECYCLE, WAVE_NUMBERS, WaveDraft
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import numbers as drawn_numbers
from auftakt.platform.sql import columns, insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

_WAVE = ("id", "serial", "number", "site_id", "state", "created_at", "created_by", "ended_at")


def create_waves(drafts: Sequence[WaveDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put releases together to be picked in one walk; each gets a tote of its own. Done: the waves, in input order.

    Refused (subject: the index), each wave whole: `no_releases`, `wave_too_large`, `unknown_release`, `other_site`,
    `not_to_pick`, `in_a_wave`, `named_twice`.
    """
    with transaction.atomic():
        locked = lock_releases(key for draft in drafts for key in draft.release_ids)
        taken: set[UUID] = set()
        good: list[WaveDraft] = []
        refused: list[Refusal] = []
        for index, draft in enumerate(drafts):
            findings = _findings(draft, locked, taken)
            if findings:
                refused.append(Refusal(str(index), tuple(findings)))
            else:
                good.append(draft)
                taken.update(draft.release_ids)
        made = _store(good, locked, actor=actor, at=at) if good else []
    return Outcome(tuple(made), tuple(refused))


def _findings(draft: WaveDraft, locked: dict[UUID, Any], taken: set[UUID]) -> list[Finding]:
    if not draft.release_ids:
        return [Finding("no_releases", "Choose the releases that are picked together.", "/release_ids")]
    found: list[Finding] = []
    count = len(draft.release_ids)
    if count > LARGEST_WAVE:
        text = f"A wave has at most {LARGEST_WAVE} releases, not {count}: make two."
        found.append(Finding("wave_too_large", text, "/release_ids", {"count": str(count), "most": str(LARGEST_WAVE)}))
    seen: set[UUID] = set()
    for position, key in enumerate(draft.release_ids):
        finding = _release_finding(key, locked.get(key), draft.site_id, key in seen or key in taken, position)
        seen.add(key)
        if finding:
            found.append(finding)
    return found


def _release_finding(key: UUID, row: Any, site_id: UUID, twice: bool, position: int) -> Finding | None:
    place = f"/release_ids/{position}"
    if row is None:
        return Finding("unknown_release", f"There is no release {key}.", place)
    facts = {"release": row.number, "state": row.state}
    if twice:
        return Finding("named_twice", f"Release {row.number} is named more than once in this call.", place, facts)
    if row.site_id != site_id:
        return Finding(
            "other_site", f"Release {row.number} is done at {row.site}: a wave is of one site.", place, facts
        )
    if not RELEASE_LIFECYCLE.allows("pick", row.state):
        return Finding("not_to_pick", f"Release {row.number} is {row.state}; it is not to be picked.", place, facts)
    if row.wave_id:
        return Finding("in_a_wave", f"Release {row.number} is in a wave already.", place, facts)
    return None


def _store(drafts: Sequence[WaveDraft], locked: dict[UUID, Any], *, actor: str, at: datetime) -> list[UUID]:
    ids = new_ids(len(drafts))
    rows: list[tuple[Any, ...]] = []
    members: list[tuple[UUID, UUID, int]] = []
    entries: list[Entry] = []
    for key, (serial, number), draft in zip(ids, drawn_numbers(WAVE_NUMBERS, len(drafts)), drafts, strict=True):
        rows.append((key, serial, number, draft.site_id, WAVE_LIFECYCLE.start, at, actor, None))
        members += [(release_id, key, tote) for tote, release_id in enumerate(draft.release_ids, 1)]
        change = {
            "number": number, "site": locked[draft.release_ids[0]].site,
            "releases": [locked[release_id].number for release_id in draft.release_ids],
        }  # fmt: skip
        entries.append(Entry("wave", key, change))
    insert_rows("fulfilment_wave", _WAVE, rows)
    releases, waves, totes = columns(members, 3)
    sql.run("join_waves", ids=releases, waves=waves, totes=totes)
    journal.write("fulfilment.wave_created", entries, actor=actor, at=at)
    return ids


def disband(wave_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take waves apart: what is to be picked still is picked release by release; what was scanned stays so.

    Once a release of a wave was picked the wave cannot be taken apart. Done: the waves. Refused: `not_to_disband`,
    `unknown_wave`.
    """
    chosen = list(dict.fromkeys(wave_ids))
    with transaction.atomic():
        members: dict[UUID, list[Any]] = {key: [] for key in chosen}
        lock_releases(row.id for row in sql.records("releases_of_waves", waves=chosen))
        waves = {row.id: row for row in sql.records("lock_waves", ids=sorted(chosen))}
        for row in sql.records("releases_of_waves", waves=chosen):
            members[row.wave_id].append(row)
        refused = [refusal for key in chosen if (refusal := _stays(key, waves.get(key), members[key]))]
        barred = {refusal.subject for refusal in refused}
        good = [key for key in chosen if str(key) not in barred]
        if good:
            sql.run("leave_waves", ids=[row.id for key in good for row in members[key]])
            sql.run("disband_waves", ids=good, at=at)
            entries = [Entry("wave", key, {"number": waves[key].number}) for key in good]
            journal.write("fulfilment.wave_cancelled", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def _stays(key: UUID, row: Any, members: Sequence[Any]) -> Refusal | None:
    if row is None:
        return Refusal.because(key, "unknown_wave", f"There is no wave {key}.")
    picked = any(not RELEASE_LIFECYCLE.allows("pick", each.state) for each in members)
    if WAVE_LIFECYCLE.allows("disband", row.state) and not picked:
        return None
    text = f"Wave {row.number} is picked, wholly or in part, or was taken apart before."
    return Refusal.because(key, "not_to_disband", text, wave=row.number, state=row.state)
