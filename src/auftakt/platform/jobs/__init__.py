"""Long work: asked for in the verb's transaction, done in chunks by any worker, never lost and never done twice.

KIND = jobs.register(Kind("orders.hold", hold_chunk, rows=50))
jobs.ask([JobDraft("orders.hold", {"reason": "credit"}, rows=[RowDraft(str(order_id), number)])], actor=.., at=..)
"""

from auftakt.platform.jobs.actions import AGAIN, again, ask, cancel, forget_files, hand_in
from auftakt.platform.jobs.kinds import KINDS, UnknownKindError, kind_of, register
from auftakt.platform.jobs.queries import (
    count_findings,
    file,
    files,
    job,
    jobs,
    list_jobs,
    notes,
    rows,
    worker_seen,
)
from auftakt.platform.jobs.types import (
    JOB_LIFECYCLE,
    ROW_STATES,
    UNFINISHED,
    Chunk,
    FileFacts,
    JobDraft,
    JobFacts,
    Kind,
    Note,
    NoteFacts,
    RowDraft,
    RowFacts,
    RowResult,
    Step,
)
from auftakt.platform.jobs.worker import JobWorker, work_once
from auftakt.platform.jobs.working import recover, run, work_chunk, work_off

__all__ = [
    "AGAIN",
    "JOB_LIFECYCLE",
    "KINDS",
    "ROW_STATES",
    "UNFINISHED",
    "Chunk",
    "FileFacts",
    "JobDraft",
    "JobFacts",
    "JobWorker",
    "Kind",
    "Note",
    "NoteFacts",
    "RowDraft",
    "RowFacts",
    "RowResult",
    "Step",
    "UnknownKindError",
    "again",
    "ask",
    "cancel",
    "count_findings",
    "file",
    "files",
    "forget_files",
    "hand_in",
    "job",
    "jobs",
    "kind_of",
    "list_jobs",
    "notes",
    "recover",
    "register",
    "rows",
    "run",
    "work_chunk",
    "work_off",
    "work_once",
    "worker_seen",
]
