"""Notes: written, shown to colleagues, taken away; never edited."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.parties import actions
from auftakt.parties.models import PartyNote
from auftakt.parties.types import NOTE_LENGTH, NoteDraft, PartyDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY: Any = {"actor": "kim@example.org", "at": AT}


@pytest.mark.django_db
def test_a_note_is_written_and_taken_away_and_both_are_in_the_journal() -> None:
    party = actions.save_parties([PartyDraft("C-1", "Rad GmbH")], **BY).one()
    note = actions.add_notes([NoteDraft(party, "  Rings before noon only. 🚲 ")], **BY).one()
    assert PartyNote.objects.get().text == "Rings before noon only. 🚲"
    assert actions.remove_notes([note], **BY).one() == note
    assert PartyNote.objects.get().removed_by == "kim@example.org"
    verbs = list(JournalEntry.objects.filter(subject_id=party).order_by("id").values_list("verb", flat=True))
    assert verbs == ["party.created", "party.noted", "party.note_removed"]
    again = actions.remove_notes([note], **BY)
    assert again.refused[0].findings[0].code == "note_unknown"


@pytest.mark.django_db
def test_what_is_no_note_is_refused_and_the_others_go_in() -> None:
    party = actions.save_parties([PartyDraft("C-1", "Rad GmbH")], **BY).one()
    drafts = [NoteDraft(new_id(), "x"), NoteDraft(party, " "), NoteDraft(party, "x" * (NOTE_LENGTH + 1))]
    outcome = actions.add_notes([*drafts, NoteDraft(party, "fine")], **BY)
    codes = [each.findings[0].code for each in outcome.refused]
    assert codes == ["party_unknown", "note_empty", "note_too_long"]
    assert [each.text for each in PartyNote.objects.all()] == ["fine"]


@pytest.mark.django_db
def test_one_note_and_many_cost_the_same_statements() -> None:
    party = actions.save_parties([PartyDraft("C-1", "Rad GmbH")], **BY).one()
    counts = []
    for many in (2, 12):
        with CaptureQueriesContext(connection) as seen:
            actions.add_notes([NoteDraft(party, f"{n}") for n in range(many)], **BY)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_a_new_party_does_not_write_over_one_with_its_number() -> None:
    actions.save_parties([PartyDraft("C-1", "Rad GmbH")], **BY)
    outcome = actions.save_parties([PartyDraft("C-1", "Somebody else")], only_new=True, **BY)
    assert outcome.refused[0].findings[0].code == "number_taken"
    assert JournalEntry.objects.filter(verb__startswith="party.").count() == 1
