"""Endpoints: made, changed, paused, resumed, retired, and given new secrets."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from auftakt.channels.webhooks import rules
from auftakt.channels.webhooks.queries import may_be_local, sql
from auftakt.channels.webhooks.types import (
    OVERLAP,
    WEBHOOK_LIFECYCLE,
    WebhookChange,
    WebhookDraft,
    WebhookMade,
)
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.values import Outcome, Refusal, new_ids

_SEED_BYTES = 32


def create(drafts: Sequence[WebhookDraft], *, actor: str, at: datetime) -> Outcome[WebhookMade]:
    """Make endpoints, active from now on: they are told of what happens after this. The secrets are shown this once.

    Refused (subject: the index): webhook_url_bad, webhook_url_secret, webhook_url_not_https, webhook_url_private,
    webhook_events_missing, webhook_event_bad.
    """
    local = may_be_local()
    refused: list[Refusal] = []
    good: list[WebhookDraft] = []
    for index, draft in enumerate(drafts):
        findings = rules.url_findings(draft.url, may_be_local=local) + rules.event_findings(draft.events)
        if findings:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            good.append(draft)
    seeds = [_seed() for _ in good]
    made = [
        WebhookMade(key, draft.url, rules.secret_of(seed, settings.SECRET_KEY))
        for key, draft, seed in zip(new_ids(len(good)), good, seeds, strict=True)
    ]
    with transaction.atomic():
        sql.run(
            "add_webhooks",
            ids=[each.id for each in made], urls=[each.url for each in made],
            descriptions=[_described(each.description) for each in good],
            events=[" ".join(each.events) for each in good], secrets=seeds, at=at, actor=actor,
        )  # fmt: skip
        entries = [
            Entry("webhook", each.id, {"url": each.url, "events": list(draft.events)})
            for each, draft in zip(made, good, strict=True)
        ]
        journal.write("webhook.created", entries, actor=actor, at=at)
    return Outcome(tuple(made), tuple(refused))


def _seed() -> str:
    """What is stored of a secret: the secret itself is made from it with the installation's key."""
    return secrets.token_urlsafe(_SEED_BYTES)


def _described(text: str) -> str:
    return " ".join(text.split())[:200]


def locked(
    verb: str, ids: Sequence[UUID], *, states: frozenset[str] | None = None
) -> tuple[dict[UUID, Any], list[Refusal]]:  # fmt: skip
    """Endpoints that a verb may be done to, locked, and the refusals of the others: webhook_unknown, webhook_state."""
    allowed = states if states is not None else WEBHOOK_LIFECYCLE.moves[verb][0]
    rows = {row.id: row for row in sql.records("lock_webhooks", ids=sorted(set(ids)))}
    good: dict[UUID, Any] = {}
    refused: list[Refusal] = []
    for key in dict.fromkeys(ids):
        row = rows.get(key)
        if row is None:
            refused.append(Refusal.because(key, "webhook_unknown", f"There is no webhook {key}."))
        elif row.state not in allowed:
            said = f"The webhook to {row.url} is {row.state}: that cannot be done now."
            refused.append(Refusal.because(key, "webhook_state", said, url=row.url, state=row.state))
        else:
            good[key] = row
    return good, refused


_IN_USE = frozenset({"active", "paused"})


def change(changes: Sequence[WebhookChange], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give endpoints another address, other events, another description. A change that changes nothing writes nothing.

    Refused (subject: the id): webhook_unknown, webhook_state, and the findings of `create`.
    """
    local = may_be_local()
    by_id = {each.webhook_id: each for each in changes}
    with transaction.atomic():
        rows, refused = locked("", list(by_id), states=_IN_USE)
        after: dict[UUID, tuple[str, str, tuple[str, ...]]] = {}
        entries: list[Entry] = []
        for key, row in list(rows.items()):
            asked = by_id[key]
            url = row.url if asked.url is None else asked.url
            events = tuple(row.events) if asked.events is None else asked.events
            words = row.description if asked.description is None else _described(asked.description)
            findings = rules.url_findings(url, may_be_local=local) if url != row.url else []
            findings += rules.event_findings(events)
            if findings:
                refused.append(Refusal(str(key), tuple(findings)))
                del rows[key]
                continue
            was = {"url": row.url, "description": row.description, "events": list(row.events)}
            now = {"url": url, "description": words, "events": list(events)}
            moved = {name: [was[name], value] for name, value in now.items() if was[name] != value}
            if moved:
                after[key] = (url, words, events)
                entries.append(Entry("webhook", key, {"changed": moved}))
        sql.run(
            "change_webhooks",
            ids=list(after), urls=[each[0] for each in after.values()],
            descriptions=[each[1] for each in after.values()], events=[" ".join(each[2]) for each in after.values()],
        )  # fmt: skip
        journal.write("webhook.changed", entries, actor=actor, at=at)
    return Outcome(tuple(rows), tuple(refused))


def pause(ids: Sequence[UUID], *, actor: str, at: datetime, reason: str = "") -> Outcome[UUID]:
    """Leave endpoints alone: what happens meanwhile is kept for them. Refused: webhook_unknown, webhook_state."""
    with transaction.atomic():
        rows, refused = locked("pause", ids)
        store_pauses({key: _described(reason) for key in rows}, rows, actor=actor, at=at)
    return Outcome(tuple(rows), tuple(refused))


def store_pauses(reasons: dict[UUID, str], rows: dict[UUID, Any], *, actor: str, at: datetime) -> None:
    """Pause endpoints that are locked, each with its reason."""
    if not reasons:
        return
    sql.run("pause_webhooks", ids=list(reasons), reasons=list(reasons.values()), at=at)
    entries = [Entry("webhook", key, {"url": rows[key].url, "reason": reason}) for key, reason in reasons.items()]
    journal.write("webhook.paused", entries, actor=actor, at=at)


def resume(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Call endpoints again; what waited goes out at once, in order. Refused: webhook_unknown, webhook_state."""
    with transaction.atomic():
        rows, refused = locked("resume", ids)
        sql.run("resume_webhooks", ids=list(rows), at=at)
        _write("webhook.resumed", rows, actor, at)
    return Outcome(tuple(rows), tuple(refused))


def retire(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Never call endpoints again; what waited for them is cancelled. Refused: webhook_unknown, webhook_state."""
    with transaction.atomic():
        rows, refused = locked("retire", ids)
        sql.run("retire_webhooks", ids=list(rows))
        _write("webhook.retired", rows, actor, at)
    return Outcome(tuple(rows), tuple(refused))


def rotate(
    ids: Sequence[UUID], *, actor: str, at: datetime, overlap: timedelta = OVERLAP
) -> Outcome[WebhookMade]:  # fmt: skip
    """Give endpoints new secrets, shown this once. For the time of the overlap calls carry both signatures, so that the
    other side can change over without missing a call. Refused: webhook_unknown, webhook_state."""
    with transaction.atomic():
        rows, refused = locked("", ids, states=_IN_USE)
        seeds = [_seed() for _ in rows]
        made = [
            WebhookMade(key, row.url, rules.secret_of(seed, settings.SECRET_KEY))
            for (key, row), seed in zip(rows.items(), seeds, strict=True)
        ]
        sql.run("rotate_secrets", ids=list(rows), secrets=seeds, until=at + overlap)
        _write("webhook.secret_rotated", rows, actor, at)
    return Outcome(tuple(made), tuple(refused))


def _write(verb: str, rows: dict[UUID, Any], actor: str, at: datetime) -> None:
    journal.write(verb, [Entry("webhook", key, {"url": row.url}) for key, row in rows.items()], actor=actor, at=at)
