"""Working jobs off, chunk by chunk.

A chunk's effect, the results of its rows and the checkpoint commit in one transaction. So a worker may be killed at any
moment: the chunk it was at did not happen, and whoever comes next goes on from the checkpoint.
"""

import threading
import time
import traceback
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction

from auftakt.platform.jobs import actions, queries, queue
from auftakt.platform.jobs.kinds import UnknownKindError, kind_of
from auftakt.platform.jobs.queries import sql
from auftakt.platform.jobs.types import UNFINISHED, Chunk, JobFacts, Kind, Note, Step

log = structlog.get_logger()
SLICE = 3.0  # seconds that a job keeps a worker before others get their turn
LEFT_AFTER = timedelta(seconds=15)
STALLED_AFTER = 30  # seconds without a sign of life after which a worker counts as dead
MOST_TRIES = 5
stopping = threading.Event()


def work_chunk(job_id: UUID, *, at: datetime) -> bool:
    """Do one chunk of a job; whether there is more to do.

    A fault ends the job as failed: what earlier chunks did stays, this one's is taken back. When the database does not
    answer, or lets a deadlock out on us, the error is raised: the chunk did not happen and may be tried again.
    """
    try:
        with transaction.atomic():
            job = _claim(job_id)
            if job is not None and job.state == "queued":
                _begin(job, at)  # commits before the first chunk: so it is seen, and the job's row is free meanwhile
        with transaction.atomic():
            job = _claim(job_id)
            return job is not None and _work(job, at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as fault:  # noqa: BLE001 (whatever a kind of job raises is a failed job, told with its traceback)
        _fail(job_id, fault, at)
        return False


def _claim(job_id: UUID) -> JobFacts | None:
    """The job, if there is something to do and nobody else is at it, until the end of the transaction."""
    if not sql.value("claim_job", id=job_id):
        return None
    job = queries.job(job_id)
    return job if job is not None and job.state in UNFINISHED else None


def _begin(job: JobFacts, at: datetime) -> None:
    sql.run("start_job", id=job.id, at=at)
    actions.note(job.id, [Note("started", {"attempt": job.attempts + 1})], at=at)


def _work(job: JobFacts, at: datetime) -> bool:
    if job.cancel_asked:
        actions.end(job.id, "cancelled", at=at, actor=job.actor)
        return False
    kind = kind_of(job.kind)
    rows = queries.next_rows(job.id, kind.rows) if kind.rows else []
    step = kind.work(Chunk(job, tuple(rows), at)) if rows or not kind.rows else Step()
    actions.store(job, step, at=at)
    if kind.rows and rows:
        results = {result.key for result in step.results}
        left_out = [row.key for row in rows if row.key not in results]
        if left_out:
            raise RuntimeError(f"{job.kind} said nothing of the rows {left_out[:5]}")
    if queries.waits(job.id) if kind.rows else not step.is_last:
        return True
    _finish(job, kind, at)
    return False


def _finish(job: JobFacts, kind: Kind, at: datetime) -> None:
    now = queries.job(job.id)
    if kind.finish and now:
        actions.store(now, kind.finish(now, at), at=at)
    actions.note(job.id, [Note("finished")], at=at)
    actions.end(job.id, "done", at=at, actor=job.actor)


def _fail(job_id: UUID, fault: Exception, at: datetime) -> None:
    log.error("a job failed; its log holds the traceback", job=str(job_id), reason=repr(fault)[:500])
    code = "unknown_kind" if isinstance(fault, UnknownKindError) else "fault"
    told = getattr(fault, "told", "")
    detail = "".join(traceback.format_exception(fault)).replace("\x00", "")
    with transaction.atomic():
        job = _claim(job_id)
        if job is None:
            return
        actions.note(job_id, [Note(code, {"told": told} if told else {}, detail)], at=at)
        actions.end(job_id, "failed", at=at, actor=job.actor, fault=told or code)


def work_off(job_id: UUID, *, slice_of: float = SLICE) -> bool:
    """Work a job until it ended, until its slice of time is over, or until this process is to stop; whether more is
    left. A chunk that the database took back (a deadlock, a restart) is tried again a few times."""
    began = time.monotonic()
    tries = 0
    while True:
        try:
            more = work_chunk(job_id, at=_now())
            tries = 0
        except OperationalError as error:
            tries += 1
            if tries >= MOST_TRIES:
                raise
            log.warning("a chunk is tried again", job=str(job_id), reason=str(error).splitlines()[0])
            stopping.wait(0.2 * tries)
            more = True
        if not more:
            return False
        if stopping.is_set() or time.monotonic() - began >= slice_of:
            return True


def run(job_id: UUID) -> None:
    """Work a job to its end, here and now."""
    while work_off(job_id):
        pass


def recover(*, at: datetime) -> int:
    """Jobs whose worker died get a new message in the queue; how many. Every worker does this now and then."""
    sql.rows("prune_workers", seconds=STALLED_AFTER)
    sql.run("drop_stalled_messages")
    found = 0
    for (job_id,) in sql.rows("left_jobs", before=at - LEFT_AFTER, task=queue.TASK):
        with transaction.atomic():
            if sql.value("claim_job", id=job_id):
                queue.send([job_id])
                found += 1
    if found:
        log.warning("jobs without a worker are taken up again", jobs=found)
    return found


def _now() -> datetime:
    return datetime.now(UTC)
