"""Verbs on notes: what colleagues should know of a party. Never edited: written, and taken away."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.parties.types import NOTE_LENGTH, NoteDraft
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, columns, insert_rows
from auftakt.values import Outcome, Refusal, new_ids

sql = Statements("auftakt.parties")


def add_notes(notes: Sequence[NoteDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Write notes about parties. Refused (subject: the position in the batch): `party_unknown`, `note_empty`,
    `note_too_long`."""
    refused: list[Refusal] = []
    rows: list[tuple[UUID, UUID, str, datetime, str, str]] = []
    with transaction.atomic():
        known = {row[0] for row in sql.rows("lock_party_ids", ids=id_list([note.party_id for note in notes]))}
        for index, (note, fresh) in enumerate(zip(notes, new_ids(len(notes)), strict=True)):
            text = note.text.replace("\x00", "").strip()
            refusal = _refusal(index, note, text, is_known=note.party_id in known)
            if refusal:
                refused.append(refusal)
            else:
                rows.append((fresh, note.party_id, text, at, actor, ""))
        insert_rows("parties_partynote", ("id", "party_id", "text", "written_at", "written_by", "removed_by"), rows)
        entries = [Entry("party", row[1], {"note_id": row[0], "note": row[2]}) for row in rows]
        journal.write("party.noted", entries, actor=actor, at=at)
    return Outcome(tuple(row[0] for row in rows), tuple(refused))


def _refusal(index: int, note: NoteDraft, text: str, *, is_known: bool) -> Refusal | None:
    if not is_known:
        return Refusal.because(index, "party_unknown", f"There is no party {note.party_id}.", party=note.party_id)
    if not text:
        return Refusal.because(index, "note_empty", "Write what is to be noted.", place="/text")
    if len(text) > NOTE_LENGTH:
        message = f"A note has {NOTE_LENGTH} characters at most; this one has {len(text)}."
        return Refusal.because(index, "note_too_long", message, place="/text", most=NOTE_LENGTH)
    return None


def remove_notes(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take notes away: they are shown no more, and stay in the journal. Refused: `note_unknown`."""
    with transaction.atomic():
        found = sql.rows("remove_notes", ids=list(ids), at=at, actor=actor)
        entries = [Entry("party", party, {"note_id": key, "note": text}) for key, party, text in found]
        journal.write("party.note_removed", entries, actor=actor, at=at)
    gone, _, _ = columns(found, 3)
    refused = [
        Refusal.because(key, "note_unknown", "There is no such note any more.") for key in ids if key not in set(gone)
    ]
    return Outcome(tuple(key for key in ids if key in set(gone)), tuple(refused))
