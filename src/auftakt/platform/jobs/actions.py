"""The verbs of jobs: ask for long work, cancel it, let it be done again. Each leaves its message in the queue in its
own transaction, so that work that was asked for is never lost, and work whose asking was taken back is never done."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from auftakt.platform import journal
from auftakt.platform.jobs import queue
from auftakt.platform.jobs.kinds import kind_of
from auftakt.platform.jobs.queries import sql
from auftakt.platform.jobs.types import JOB_LIFECYCLE, JobDraft, JobFacts, Note, RowResult, Step
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.values import Outcome, Refusal, new_id, new_ids

FILES_KEPT_FOR = timedelta(days=30)
_JOB = (
    "id", "kind", "title", "arguments", "file_id", "actor", "state", "total", "done", "refused", "checkpoint", "result",
    "fault", "attempts", "cancel_asked", "created_at", "touched_at",
)  # fmt: skip
_ROW = ("id", "job_id", "position", "key", "label", "state", "findings")
AGAIN = ("rest", "refused", "all")


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def ask(drafts: Sequence[JobDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Ask for long work; a worker takes it up at once. Done: the jobs' ids in input order. Raises UnknownKindError."""
    ids = new_ids(len(drafts))
    heads: list[tuple[Any, ...]] = []
    rows: list[tuple[Any, ...]] = []
    for key, draft in zip(ids, drafts, strict=True):
        kind_of(draft.kind)
        total = len(draft.rows) if draft.rows else draft.total
        heads.append(
            (key, draft.kind, _json(draft.title), _json(draft.arguments), draft.file_id, actor, JOB_LIFECYCLE.start,
             total, 0, 0, "{}", "{}", "", 0, False, at, at)
        )  # fmt: skip
        known = {row.key: row.label for row in draft.rows}
        rows += [
            (fresh, key, position, row, label[:200], "waiting", "[]")
            for position, (fresh, (row, label)) in enumerate(zip(new_ids(len(known)), known.items(), strict=True), 1)
        ]
    with transaction.atomic():
        insert_rows("platform_job", _JOB, heads)
        insert_rows("platform_jobrow", _ROW, rows)
        entries = [
            Entry("job", key, {"kind": draft.kind, "rows": len(draft.rows)})
            for key, draft in zip(ids, drafts, strict=True)
        ]
        journal.write("job.asked", entries, actor=actor, at=at)
        queue.send(ids)
    return Outcome(tuple(ids))


def cancel(job_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """End jobs before they are through. What was done stays done; one that is at work ends after its present chunk.

    Refused: `unknown_job`, `job_ended`.
    """
    with transaction.atomic():
        good, refused = _sort(job_ids, "cancel")
        idle = [key for key in good if sql.value("claim_job", id=key)]
        for key in idle:
            end(key, "cancelled", at=at, actor=actor)
        sql.run("ask_to_cancel", ids=[key for key in good if key not in idle])
    return Outcome(tuple(good), tuple(refused))


def again(job_ids: Sequence[UUID], which: str, *, actor: str, at: datetime) -> Outcome[UUID]:
    """Let jobs that ended go on: the `rest` from where it stood, the `refused` rows once more, or `all` from the start.

    Refused: `unknown_job`, `job_not_ended`.
    """
    if which not in AGAIN:
        raise ValueError(f"do {', '.join(AGAIN)} again, not {which!r}")
    with transaction.atomic():
        good, refused = _sort(job_ids, "again")
        sql.run("begin_again", ids=list(good), at=at)
        for key, row in good.items():
            if which == "all" and not kind_of(row.kind).rows:
                sql.run("forget_rows", job=key)
            if which != "rest":
                sql.run("wait_again", job=key, all=which == "all")
            note(key, [Note("again", {"which": which, "actor": actor})], at=at)
        entries = [Entry("job", key, {"kind": row.kind, "which": which}) for key, row in good.items()]
        journal.write("job.again", entries, actor=actor, at=at)
        queue.send(list(good))
    return Outcome(tuple(good), tuple(refused))


def _sort(job_ids: Sequence[UUID], verb: str) -> tuple[dict[UUID, Any], list[Refusal]]:
    locked = {row.id: row for row in sql.records("lock_jobs", ids=list(job_ids))}
    good: dict[UUID, Any] = {}
    refused: list[Refusal] = []
    for key in dict.fromkeys(job_ids):
        row = locked.get(key)
        if row is None:
            refused.append(Refusal.because(key, "unknown_job", f"There is no job {key}."))
        elif JOB_LIFECYCLE.allows(verb, row.state):
            good[key] = row
        elif verb == "cancel":
            refused.append(Refusal.because(key, "job_ended", "The job has ended already.", state=row.state))
        else:
            refused.append(
                Refusal.because(key, "job_not_ended", "The job is still at work: cancel it first.", state=row.state)
            )
    return good, refused


def hand_in(filename: str, content: bytes, *, actor: str, at: datetime) -> UUID:
    """Keep a file for a job, so that any worker can open it, and until thirty days after its job ended."""
    key = new_id()
    with transaction.atomic():
        insert_rows(
            "platform_jobfile",
            ("id", "filename", "size", "content", "actor", "created_at"),
            [(key, filename[:200], len(content), content, actor, at)],
        )
    return key


def forget_files(*, at: datetime) -> int:
    """Drop files of jobs that ended thirty days ago; how many."""
    before = at - FILES_KEPT_FOR
    with transaction.atomic():
        sql.run("let_go_of_files", before=before)
        return sql.run("forget_files", before=before)


def store(job: JobFacts, step: Step, *, at: datetime) -> None:
    """What a chunk did: rows, counts, checkpoint and log, in the chunk's transaction. A row that has its result already
    is not counted twice."""
    stored = _store_results(job.id, step.results)
    sql.run(
        "store_step",
        id=job.id,
        done=step.worked + len(stored),
        refused=sum(1 for state in stored if state == "refused"),
        checkpoint=None if step.checkpoint is None else _json(step.checkpoint),
        total=step.total,
        result=_json(step.result),
        at=at,
    )
    note(job.id, step.notes, at=at)


def _store_results(job_id: UUID, results: Sequence[RowResult]) -> list[str]:
    if not results:
        return []
    rows = [
        (
            fresh, position, result.key, result.label[:200], result.state,
            _json([{"code": f.code, "message": f.message, "place": f.place, "facts": dict(f.facts)}
                   for f in result.findings]),
        )
        for fresh, (position, result) in zip(new_ids(len(results)), _placed(results), strict=True)
    ]  # fmt: skip
    ids, positions, keys, labels, states, findings = columns(rows, 6)
    told = sql.rows(
        "store_results", job=job_id, ids=ids, positions=positions, keys=keys, labels=labels, states=states,
        findings=findings,
    )  # fmt: skip
    return [state for (state,) in told]


def _placed(results: Sequence[RowResult]) -> list[tuple[int, RowResult]]:
    """Rows that were not known beforehand stand at the number that is their key."""
    return [(int(result.key) if result.key.isdigit() else 0, result) for result in results]


def end(job_id: UUID, state: str, *, at: datetime, actor: str, fault: str = "") -> None:
    """A job has come to its end, in the caller's transaction."""
    verb = {"done": "job.finished", "failed": "job.failed", "cancelled": "job.cancelled"}[state]
    sql.run("end_job", id=job_id, state=state, at=at, fault=fault[:200])
    journal.write(verb, [Entry("job", job_id, {"fault": fault[:200]} if fault else {})], actor=actor, at=at)


def note(job_id: UUID, notes: Sequence[Note], *, at: datetime) -> None:
    """Lines for the log, in the caller's transaction."""
    rows = [
        (fresh, job_id, at, each.code, _json(each.facts), each.detail)
        for fresh, each in zip(new_ids(len(notes)), notes, strict=True)
    ]
    insert_rows("platform_jobnote", ("id", "job_id", "at", "code", "facts", "detail"), rows)
