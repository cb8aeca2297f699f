"""The journal: rows in order, and never a row skipped that commits late."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction

from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.values import new_id

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


def write(verb: str) -> None:
    with transaction.atomic():
        journal.write(verb, [Entry("order", new_id(), {"n": 1})], actor="test", at=AT)


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_a_reader_sees_each_entry_once_in_order() -> None:
    write("first")
    write("second")
    with journal.reading("reader") as entries:
        assert [entry.verb for entry in entries] == ["first", "second"]
        assert entries[0].change == {"n": 1}
    with journal.reading("reader") as entries:
        assert entries == []


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_is_not_skipped() -> None:
    settings = connection.settings_dict
    with psycopg.connect(host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"]) as slow:
        slow.execute(
            "insert into platform_journalentry (id, at, actor, verb, subject_type, subject_id, change)"
            " values (%s, now(), 'slow', 'late', 'order', %s, '{}')",
            (new_id(), new_id()),
        )
        write("quick")
        with journal.reading("reader") as entries:
            assert entries == []
        slow.commit()
    with journal.reading("reader") as entries:
        assert sorted(entry.verb for entry in entries) == ["late", "quick"]


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_fails_reads_the_same_entries_again() -> None:
    write("only")
    with pytest.raises(ZeroDivisionError), journal.reading("reader") as entries:
        assert len(entries) == 1
        raise ZeroDivisionError
    with journal.reading("reader") as entries:
        assert len(entries) == 1
