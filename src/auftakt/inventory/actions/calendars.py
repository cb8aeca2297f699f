"""Working calendars: on which days work is done."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.inventory import rules
from auftakt.inventory.types import CalendarDraft
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.platform.turns import take_turn
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")


def save_calendars(drafts: Sequence[CalendarDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Add calendars, or change those whose code exists, exceptions and all; equal ones are left alone. Done: ids in
    input order.

    Refusals (subject: the code) name every problem: `calendar_code_malformed`, `name_missing`, `weekday_unknown`,
    `calendar_without_working_day`, `holidays_unknown`, `exception_repeated`, `exception_note_too_long`,
    `calendar_repeated`.
    """
    good: dict[str, CalendarDraft] = {}
    refused: list[Refusal] = []
    for draft in drafts:
        findings = rules.calendar_findings(draft)
        if draft.code in good:
            findings.append(
                Finding("calendar_repeated", f"calendar {draft.code} is named twice in this batch", "/code")
            )
        if findings:
            refused.append(Refusal(draft.code, tuple(findings)))
        else:
            good[draft.code] = draft
    if not good:
        return Outcome((), tuple(refused))
    with transaction.atomic(savepoint=False):
        take_turn("inventory:calendars")
        ids = _write(good, actor, at)
    return Outcome(tuple(ids[code] for code in good), tuple(refused))


def _write(good: dict[str, CalendarDraft], actor: str, at: datetime) -> dict[str, UUID]:
    drafts = list(good.values())
    changed = {
        code
        for (code,) in sql.rows(
            "save_calendars",
            ids=new_ids(len(drafts)),
            codes=list(good),
            names=[" ".join(draft.name.split()) for draft in drafts],
            weekdays=["".join(sorted(draft.weekdays)) for draft in drafts],
            countries=[draft.country for draft in drafts],
            subdivisions=[draft.subdivision for draft in drafts],
        )
    }
    ids: dict[str, UUID] = dict(sql.rows("calendar_ids", codes=list(good)))
    rows = [(ids[draft.code], each) for draft in drafts for each in draft.exceptions]
    of, days = [key for key, _ in rows], [each.day for _, each in rows]
    touched = {key for (key,) in sql.rows("end_exceptions", calendars=list(ids.values()), of=of, days=days)}
    touched |= {
        key
        for (key,) in sql.rows(
            "save_exceptions",
            ids=new_ids(len(rows)),
            of=of,
            days=days,
            working=[each.is_working for _, each in rows],
            notes=[each.note.strip() for _, each in rows],
        )
    }
    entries = [
        Entry("calendar", ids[code], {"code": code, "weekdays": draft.weekdays, "exceptions": len(draft.exceptions)})
        for code, draft in good.items()
        if code in changed or ids[code] in touched
    ]
    journal.write("inventory.calendar_saved", entries, actor=actor, at=at)
    return ids
