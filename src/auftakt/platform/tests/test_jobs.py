"""Long work: asked for with the verb, done in chunks, killed at any moment, never lost and never done twice."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from auftakt.platform import jobs, journal
from auftakt.platform.jobs import Chunk, JobDraft, Kind, Note, RowDraft, RowResult, Step, working
from auftakt.platform.jobs.types import JOB_LIFECYCLE
from auftakt.platform.journal import Entry
from auftakt.platform.models import Job, JobFile, JobNote, JobRow, JournalEntry
from auftakt.values import Finding, Outcome, Refusal, new_id

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
BY = {"actor": "ada@auftakt.test", "at": AT}


def count_up(chunk: Chunk) -> Step:
    """The effect of a row is a journal entry, so that tests can count it."""
    done = [row for row in chunk.rows if row.key not in chunk.job.arguments.get("bad", ())]
    journal.write("test.row", [Entry("row", new_id(), {"key": row.key}) for row in done], actor="t", at=chunk.at)
    refused = [Refusal.because(row.key, "bad_row", "Bad.") for row in chunk.rows if row not in done]
    if chunk.job.arguments.get("breaks_at") in {row.key for row in chunk.rows}:
        raise ZeroDivisionError("the printer is on fire")
    return Step.of(chunk.rows, Outcome((), tuple(refused)))


def by_checkpoint(chunk: Chunk) -> Step:
    """A kind that finds its rows as it goes."""
    at, total = chunk.checkpoint.get("at", 0), chunk.job.arguments["total"]
    here = range(at + 1, min(at + 4, total) + 1)
    journal.write("test.row", [Entry("row", new_id(), {"key": str(n)}) for n in here], actor="t", at=chunk.at)
    bad = [RowResult(str(n), "refused", (Finding("odd", "Odd."),)) for n in here if n % 5 == 0]
    last = here.stop - 1
    return Step(bad, worked=len(here) - len(bad), checkpoint={"at": last}, total=total, is_last=last >= total)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.kinds, "KINDS", {}, raising=True)
    jobs.register(Kind("test.rows", count_up, rows=3))
    jobs.register(Kind("test.checkpoint", by_checkpoint, rows=0))
    working.stopping.clear()


def ask(count: int = 7, kind: str = "test.rows", **arguments: object) -> UUID:
    rows = [RowDraft(str(number), f"Row {number}") for number in range(1, count + 1)]
    return jobs.ask([JobDraft(kind, arguments, {"count": count}, rows)], **BY).one()


def worked() -> Counter[str]:
    return Counter(entry.change["key"] for entry in JournalEntry.objects.filter(verb="test.row"))


def messages(job_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where args ->> 'job_id' = %s", [str(job_id)])
        return cursor.fetchone()[0]


def test_the_lifecycle_is_sound() -> None:
    assert JOB_LIFECYCLE.faults() == []


@pytest.mark.smoke
@pytest.mark.django_db
def test_a_job_does_each_row_once_and_says_what_became_of_it() -> None:
    job_id = ask(7, bad=["5"])
    assert (jobs.job(job_id).state, jobs.job(job_id).total, messages(job_id)) == ("queued", 7, 1)
    jobs.run(job_id)
    job = jobs.job(job_id)
    assert (job.state, job.done, job.refused, job.share, job.attempts) == ("done", 7, 1, 100, 1)
    assert worked() == dict.fromkeys("123467", 1)
    assert [(row.key, row.label, row.state) for row in jobs.rows(job_id)][3:6] == [
        ("4", "Row 4", "done"), ("5", "Row 5", "refused"), ("6", "Row 6", "done"),
    ]  # fmt: skip
    (refused,) = jobs.rows(job_id, state="refused")
    assert refused.findings[0].message == "Bad."
    assert jobs.count_findings(job_id) == [("bad_row", 1)]
    assert [note.code for note in jobs.notes(job_id)] == ["finished", "started"]
    verbs = JournalEntry.objects.filter(subject_id=job_id).order_by("id").values_list("verb", "actor")
    assert list(verbs) == [("job.asked", BY["actor"]), ("job.finished", BY["actor"])]


@pytest.mark.django_db
def test_a_job_that_finds_its_rows_goes_by_its_checkpoint() -> None:
    job_id = jobs.ask([JobDraft("test.checkpoint", {"total": 11})], **BY).one()
    assert jobs.job(job_id).share is None
    assert jobs.work_chunk(job_id, at=AT)
    assert (jobs.job(job_id).checkpoint, jobs.job(job_id).share) == ({"at": 4}, 36)
    jobs.run(job_id)
    job = jobs.job(job_id)
    assert (job.state, job.done, job.refused, job.checkpoint) == ("done", 11, 2, {"at": 11})
    assert [row.key for row in jobs.rows(job_id)] == ["5", "10"]
    jobs.again([job_id], "all", **BY)
    assert (jobs.job(job_id).done, jobs.job(job_id).checkpoint, JobRow.objects.count()) == (0, {}, 0)
    jobs.run(job_id)
    assert worked() == {str(n): 2 for n in range(1, 12)}


@pytest.mark.django_db(transaction=True)
def test_what_was_asked_for_in_a_verb_taken_back_is_not_asked_for() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        job_id = ask()
        raise ZeroDivisionError
    assert (jobs.job(job_id), messages(job_id), JobRow.objects.count()) == (None, 0, 0)


@pytest.mark.django_db
def test_a_fault_takes_back_its_chunk_keeps_the_others_and_is_told() -> None:
    job_id = ask(8, breaks_at="5")
    jobs.run(job_id)
    job = jobs.job(job_id)
    assert (job.state, job.done, job.fault) == ("failed", 3, "fault")
    assert worked() == dict.fromkeys("123", 1)
    note = jobs.notes(job_id)[0]
    assert note.code == "fault"
    assert "the printer is on fire" in note.detail
    assert [row.state for row in jobs.rows(job_id)] == ["done"] * 3 + ["waiting"] * 5


@pytest.mark.django_db
def test_a_failed_job_goes_on_from_where_it_stood() -> None:
    job_id = ask(8, breaks_at="5")
    jobs.run(job_id)
    Job.objects.filter(id=job_id).update(arguments={})
    assert jobs.again([job_id], "rest", **BY).done == (job_id,)
    jobs.run(job_id)
    job = jobs.job(job_id)
    assert (job.state, job.done, job.attempts, job.fault) == ("done", 8, 2, "")
    assert worked() == dict.fromkeys("12345678", 1)


@pytest.mark.django_db
def test_refused_rows_alone_are_done_again() -> None:
    job_id = ask(6, bad=["2", "6"])
    jobs.run(job_id)
    Job.objects.filter(id=job_id).update(arguments={"bad": ["6"]})
    jobs.again([job_id], "refused", **BY)
    assert (jobs.job(job_id).done, jobs.job(job_id).refused) == (4, 0)
    jobs.run(job_id)
    assert (jobs.job(job_id).done, jobs.job(job_id).refused) == (6, 1)
    assert worked() == dict.fromkeys("12345", 1)
    jobs.again([job_id], "all", **BY)
    jobs.run(job_id)
    assert worked() == dict.fromkeys("12345", 2)


@pytest.mark.django_db
def test_cancelling_ends_a_job_between_chunks() -> None:
    job_id = ask(7)
    jobs.work_chunk(job_id, at=AT)
    assert jobs.cancel([job_id], **BY).done == (job_id,)
    jobs.run(job_id)
    job = jobs.job(job_id)
    assert (job.state, job.done) == ("cancelled", 3)
    assert worked() == dict.fromkeys("123", 1)
    assert jobs.cancel([job_id], **BY).refused[0].code == "job_ended"
    unknown = new_id()
    assert jobs.again([unknown], "rest", **BY).refused[0].code == "unknown_job"


@pytest.mark.django_db(transaction=True)
def test_a_job_at_work_is_cancelled_after_its_chunk() -> None:
    began, go_on = threading.Event(), threading.Event()

    def slow(chunk: Chunk) -> Step:
        began.set()
        assert go_on.wait(10)
        return count_up(chunk)

    jobs.register(Kind("test.slow", slow, rows=2))
    job_id = ask(6, kind="test.slow")

    def work() -> None:
        jobs.run(job_id)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert began.wait(10)
    assert jobs.cancel([job_id], **BY).done == (job_id,)
    assert jobs.job(job_id).state in ("queued", "running")
    assert jobs.again([job_id], "rest", **BY).refused[0].code == "job_not_ended"
    go_on.set()
    worker.join(10)
    assert (jobs.job(job_id).state, jobs.job(job_id).done) == ("cancelled", 2)
    assert worked() == {"1": 1, "2": 1}


@pytest.mark.django_db(transaction=True)
def test_several_workers_do_each_row_once() -> None:
    ids = [ask(20) for _ in range(3)]

    def work() -> None:
        for _ in range(30):
            for job_id in ids:
                jobs.work_chunk(job_id, at=AT)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert [(jobs.job(key).state, jobs.job(key).done) for key in ids] == [("done", 20)] * 3
    assert worked() == {str(n): 3 for n in range(1, 21)}


@pytest.mark.django_db
def test_the_claim_is_what_keeps_two_from_one_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: somebody else who holds the claim keeps us off."""
    job_id = ask(2)
    with connection.cursor() as cursor:
        monkeypatch.setattr(jobs.queries.sql, "value", lambda name, **_: False if name == "claim_job" else 1 / 0)
        assert not jobs.work_chunk(job_id, at=AT)
        cursor.execute("select state from platform_job")
        assert cursor.fetchone() == ("queued",)


@pytest.mark.django_db
def test_what_the_database_took_back_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = ask(4)
    real, failures = working.work_chunk, iter([True, False, True, False, False, False])

    def shaky(key: UUID, *, at: datetime) -> bool:
        if next(failures):
            raise OperationalError("deadlock detected")
        return real(key, at=at)

    monkeypatch.setattr(working, "work_chunk", shaky)
    jobs.run(job_id)
    assert jobs.job(job_id).state == "done"
    assert worked() == dict.fromkeys("1234", 1)


@pytest.mark.django_db
def test_a_kind_that_forgets_rows_fails() -> None:
    jobs.register(Kind("test.forgets", lambda chunk: Step([RowResult(chunk.rows[0].key)]), rows=3))
    job_id = ask(3, kind="test.forgets")
    jobs.run(job_id)
    assert (jobs.job(job_id).state, jobs.job(job_id).done) == ("failed", 0)


@pytest.mark.django_db
def test_a_kind_nobody_knows_is_not_asked_for_and_fails_when_met() -> None:
    with pytest.raises(jobs.UnknownKindError):
        ask(1, kind="test.unheard")
    job_id = ask(1)
    Job.objects.filter(id=job_id).update(kind="test.unheard")
    jobs.run(job_id)
    assert (jobs.job(job_id).state, jobs.job(job_id).fault) == ("failed", "unknown_kind")


@pytest.mark.django_db
def test_what_a_job_made_and_its_last_words() -> None:
    jobs.register(
        Kind("test.paper", count_up, 2, lambda job, at: Step(result={"paper": job.done}, notes=[Note("filed")]))
    )
    job_id = ask(3, kind="test.paper")
    jobs.run(job_id)
    assert jobs.job(job_id).result == {"paper": 3}
    assert [note.code for note in jobs.notes(job_id)] == ["finished", "filed", "started"]


@pytest.mark.django_db(transaction=True)
def test_jobs_of_dead_workers_are_taken_up_again() -> None:
    job_id = ask(4)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id"
        )
        dead = cursor.fetchone()[0]
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = %s", [dead])
    assert jobs.recover(at=AT + timedelta(seconds=5)) == 0
    assert messages(job_id) == 0
    assert jobs.recover(at=AT + timedelta(minutes=1)) == 1
    assert messages(job_id) == 1
    assert jobs.recover(at=AT + timedelta(minutes=2)) == 0
    jobs.work_once()
    assert (jobs.job(job_id).state, messages(job_id)) == ("done", 0)
    assert jobs.recover(at=AT + timedelta(minutes=3)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_jobs_from_the_queue_and_gives_signs_of_life() -> None:
    worker = jobs.JobWorker()
    worker.start()
    try:
        wait_for(lambda: jobs.worker_seen() is not None)
        first, second = ask(7), ask(5)
        wait_for(lambda: {jobs.job(first).state, jobs.job(second).state} == {"done"})
    finally:
        worker.stop()
    assert jobs.worker_seen() is None
    assert worked()["1"] == 2


def wait_for(happened) -> None:
    for _ in range(600):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


KILLED = """
    import os, sys, time
    os.environ["AUFTAKT_HOME"] = {home!r}
    os.environ["DJANGO_SETTINGS_MODULE"] = "auftakt.project.settings"
    from django.conf import settings
    settings.DATABASES["default"]["NAME"] = {name!r}
    import django; django.setup()
    from uuid import UUID
    from auftakt.platform import jobs, journal
    from auftakt.platform.jobs import Chunk, Kind, Step
    from auftakt.platform.journal import Entry
    from auftakt.values import Outcome, new_id
    def work(chunk: Chunk) -> Step:
        written = [Entry("row", new_id(), {{"key": row.key}}) for row in chunk.rows]
        journal.write("test.row", written, actor="t", at=chunk.at)
        sys.stdout.write("x"); sys.stdout.flush()
        time.sleep(0.02)
        return Step.of(chunk.rows, Outcome())
    jobs.register(Kind("test.rows", work, rows=3))
    jobs.run(UUID({job!r}))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_job_neither_loses_nor_repeats_a_row() -> None:
    job_id = ask(120)
    program = textwrap.dedent(KILLED).format(
        home=os.environ["AUFTAKT_HOME"], name=connection.settings_dict["NAME"], job=str(job_id)
    )
    killed = 0
    for chunks in (3, 9, 14):
        worker = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
        )
        assert worker.stdout is not None
        for _ in range(chunks):
            worker.stdout.read(1)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        killed += jobs.job(job_id).state == "running"
        rows_done = Counter(row.state for row in JobRow.objects.filter(job_id=job_id))["done"]
        assert sum(worked().values()) == rows_done == jobs.job(job_id).done
    assert killed == 3
    wait_for(lambda: jobs.recover(at=datetime.now(UTC) + timedelta(minutes=1)) or messages(job_id))
    jobs.run(job_id)
    assert (jobs.job(job_id).state, jobs.job(job_id).done) == ("done", 120)
    assert worked() == {str(n): 1 for n in range(1, 121)}


@pytest.mark.django_db
def test_files_are_kept_until_long_after_their_job() -> None:
    kept = jobs.hand_in("a.csv", b"sku\n", **BY)
    lost = jobs.hand_in("b.csv", b"sku\n", **BY)
    job_id = jobs.ask([JobDraft("test.checkpoint", {"total": 1}, file_id=kept)], **BY).one()
    assert jobs.forget_files(at=AT + timedelta(days=31)) == 1
    assert (jobs.file(lost), jobs.file(kept)[1]) == (None, b"sku\n")
    jobs.work_chunk(job_id, at=AT)
    assert jobs.forget_files(at=AT + timedelta(days=29)) == 0
    assert jobs.forget_files(at=AT + timedelta(days=32)) == 1
    assert JobFile.objects.count() == 0
    assert jobs.job(job_id).file_id is None


@pytest.mark.django_db
def test_a_job_costs_as_many_statements_for_one_row_as_for_many() -> None:
    jobs.register(Kind("test.many", count_up, rows=500))
    counts = []
    for count in (1, 400):
        job_id = ask(count, kind="test.many")
        with CaptureQueriesContext(connection) as seen:
            jobs.run(job_id)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert JobNote.objects.count() == 4
