"""The worker's side of webhooks: what happened becomes deliveries, deliveries become calls. Each call is stored before
it is made. One whose end nobody knows is made again with the same webhook-id: every event arrives at least once."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from auftakt.channels import outgoing
from auftakt.channels.outgoing import Answer
from auftakt.channels.webhooks import rules
from auftakt.channels.webhooks.actions.endpoints import store_pauses
from auftakt.channels.webhooks.actions.replay import COLUMNS
from auftakt.channels.webhooks.queries import sql
from auftakt.channels.webhooks.types import ACTIVE, DELIVERED, FAILED, PENDING
from auftakt.platform import journal
from auftakt.platform.journal import Happened
from auftakt.platform.sql import columns, insert_rows
from auftakt.values import Outcome, new_ids

READER = "webhooks"
CALLS_AT_ONCE = 8
_EACH = 16


def take_up(*, at: datetime, limit: int = 1000) -> int:
    """Turn the next entries of the journal into deliveries for the endpoints that want them; how many were read.

    The entries are read up to the snapshot horizon, so that none that commits late is lost, and the reader moves in the
    same transaction, so that none is taken up twice. While there is no endpoint, the journal is passed over: up to the
    horizon from before the look for endpoints, so that one made meanwhile misses nothing.
    """
    horizon = journal.horizon()
    if not sql.rows("listening_webhooks"):
        journal.pass_over(READER, horizon)
        return 0
    with journal.reading(READER, limit) as entries:
        if entries:
            store(entries, at)
        return len(entries)


def store(entries: Sequence[Happened], at: datetime) -> None:
    """Deliveries of what happened, for every endpoint that wants it."""
    listening = sql.rows("listening_webhooks")
    wanted = [(hook, each) for each in entries for hook, events in listening if rules.wants(events, each.verb)]
    subjects = sorted({(each.subject_type, each.subject_id) for _, each in wanted})
    types, ids = columns(subjects, 2)
    numbers = {row[:2]: row[2] for row in sql.rows("name_subjects", types=types, ids=ids)} if subjects else {}
    rows = []
    for key, (hook, each) in zip(new_ids(len(wanted)), wanted, strict=True):
        number = numbers.get((each.subject_type, each.subject_id), "")
        body = rules.body_of(each.verb, each.at, each.subject_type, each.subject_id, number, each.change)
        rows.append((
            key, hook, each.id, each.verb, each.subject_type, each.subject_id, number, each.at, body, PENDING, 0, at,
            "", at,
        ))  # fmt: skip
    insert_rows("channels_webhookdelivery", COLUMNS, rows)


def deliver(*, actor: str, at: datetime, limit: int = 64) -> Outcome[UUID]:
    """Call endpoints with deliveries that are due, several at once; several workers share them. Done: those delivered.

    What is not taken is tried again later, for four days; an endpoint that fails again and again rests, is then only
    probed, and after a day of failures alone is paused. Refuses nothing.
    """
    claimed = _claim(at, limit)
    if not claimed:
        return Outcome()
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        answers = list(pool.map(lambda each: _call(each[1], at), claimed))
    _conclude(claimed, answers, actor=actor, at=at)
    return Outcome(tuple(row.id for (_, row), answer in zip(claimed, answers, strict=True) if answer.is_good))


def _claim(at: datetime, limit: int) -> list[tuple[UUID, Any]]:
    """Deliveries taken for a call, and the calls stored for them."""
    until = at + rules.LEASE
    with transaction.atomic():
        rows = sql.records("claim_deliveries", at=at, until=until, each=_EACH, limit=limit, failing=False)
        rows += sql.records("claim_deliveries", at=at, until=until, each=1, limit=limit, failing=True)
        claimed = list(zip(new_ids(len(rows)), rows, strict=True))
        insert_rows(
            "channels_webhookcall",
            ("id", "delivery_id", "started_at", "reason", "answer"),
            [(key, row.id, at, "", "") for key, row in claimed],
        )
    return claimed


def _call(row: Any, at: datetime) -> Answer:
    body = row.body.encode()
    keys = [rules.secret_of(stored, settings.SECRET_KEY) for stored in (row.secret, row.old_secret) if stored]
    return outgoing.post(row.url, body, rules.headers(keys, f"msg_{row.id.hex}", at, body))


def _conclude(claimed: Sequence[tuple[UUID, Any]], answers: Sequence[Answer], *, actor: str, at: datetime) -> None:
    """Store how calls ended, and what that says of the endpoints."""
    results: list[tuple[UUID, str, int | None, str, datetime | None]] = []
    by_hook: dict[UUID, list[Answer]] = {}
    for (_, row), answer in zip(claimed, answers, strict=True):
        by_hook.setdefault(row.webhook_id, []).append(answer)
        again = None
        if not answer.is_good:
            again = rules.next_try(
                row.tries, row.first_try_at, at, chance=random.random(), retry_after=answer.retry_after
            )
        state = DELIVERED if answer.is_good else PENDING if again else FAILED
        results.append((row.id, state, answer.code, answer.reason, again))
    ids, states, codes, reasons, nexts = columns(sorted(results, key=lambda each: each[0]), 5)
    with transaction.atomic():
        hooks = {row.id: row for row in sql.records("lock_webhooks", ids=sorted(by_hook))}
        sql.run(
            "end_calls",
            ids=[key for key, _ in claimed], codes=[each.code for each in answers],
            reasons=[each.reason for each in answers], answers=[each.text for each in answers],
            milliseconds=[each.milliseconds for each in answers], at=at,
        )  # fmt: skip
        sql.run("conclude_deliveries", ids=ids, states=states, codes=codes, reasons=reasons, nexts=nexts, at=at)
        _note_health(hooks, by_hook, actor=actor, at=at)


def _note_health(hooks: dict[UUID, Any], by_hook: dict[UUID, list[Answer]], *, actor: str, at: datetime) -> None:
    rows: list[tuple[UUID, int, datetime | None, datetime | None]] = []
    pauses: dict[UUID, str] = {}
    for key, answers in by_hook.items():
        hook = hooks[key]
        if any(answer.is_good for answer in answers):
            rows.append((key, 0, None, None))
            continue
        failures, since = hook.failures + len(answers), hook.failing_since or at
        asked = max((answer.retry_after or 0 for answer in answers), default=0)
        rows.append((key, failures, since, rules.rest_until(failures, at, retry_after=asked)))
        last = answers[-1]
        if hook.state == ACTIVE and (why := rules.pause_reason(failures, since, at, last.code)):
            pauses[key] = f"{why}: {last.reason}"[:300]
    ids, failures_of, sinces, rests = columns(rows, 4)
    sql.run("note_health", ids=ids, failures=failures_of, sinces=sinces, rests=rests)
    store_pauses(pauses, hooks, actor=actor, at=at)


def forget(*, at: datetime, limit: int = 5000) -> int:
    """Drop deliveries that were settled more than 30 days ago, some at a time; how many."""
    milliseconds = int((at - rules.KEPT_FOR - datetime(1970, 1, 1, tzinfo=at.tzinfo)) / timedelta(milliseconds=1))
    return sql.run("forget_deliveries", before=UUID(int=milliseconds << 80), limit=limit)
