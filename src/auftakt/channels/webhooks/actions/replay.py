"""Sending again, and sending on trial."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.channels.webhooks import rules
from auftakt.channels.webhooks.actions.endpoints import locked
from auftakt.channels.webhooks.queries import sql
from auftakt.channels.webhooks.types import PENDING, PING, RETIRED, Replayed, ReplayPeriod
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import insert_rows
from auftakt.values import Outcome, Refusal, new_ids

_IN_USE = frozenset({"active", "paused"})
COLUMNS = (
    "id", "webhook_id", "entry_id", "event", "subject_type", "subject_id", "number", "happened_at", "body", "state",
    "tries", "next_try_at", "reason", "created_at",
)  # fmt: skip


def ping(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Send endpoints a `webhook.ping`, to see whether they answer; ids of the deliveries. A paused one gets it when it
    is back. Refused: webhook_unknown, webhook_state."""
    with transaction.atomic():
        rows, refused = locked("", ids, states=_IN_USE)
        sql.run("wake_webhooks", ids=list(rows))
        made = list(zip(new_ids(len(rows)), rows, strict=True))
        insert_rows(
            "channels_webhookdelivery",
            COLUMNS,
            [
                (key, webhook, None, PING, "webhook", None, "", at,
                 rules.body_of(PING, at, "webhook", webhook, "", {}), PENDING, 0, at, "", at)
                for key, webhook in made
            ],
        )  # fmt: skip
    return Outcome(tuple(key for key, _ in made), tuple(refused))


def replay(delivery_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Send deliveries again, with the same webhook-id: whoever has had them can tell. One that waits goes out at once.

    Refused: delivery_unknown, webhook_state (its endpoint is retired).
    """
    with transaction.atomic():
        rows = {row.id: row for row in sql.records("lock_deliveries", ids=sorted(set(delivery_ids)))}
        refused: list[Refusal] = []
        good: list[Any] = []
        for key in dict.fromkeys(delivery_ids):
            row = rows.get(key)
            if row is None:
                refused.append(Refusal.because(key, "delivery_unknown", f"There is no delivery {key}."))
            elif row.webhook_state == RETIRED:
                said = "The endpoint of this delivery is retired: it is not called any more."
                refused.append(Refusal.because(key, "webhook_state", said, state=RETIRED))
            else:
                good.append(row)
        sql.run("replay_deliveries", ids=[row.id for row in good], at=at)
        sql.run("wake_webhooks", ids=sorted({row.webhook_id for row in good}))
        by_webhook: dict[UUID, int] = {}
        for row in good:
            by_webhook[row.webhook_id] = by_webhook.get(row.webhook_id, 0) + 1
        entries = [Entry("webhook", key, {"deliveries": count}) for key, count in by_webhook.items()]
        journal.write("webhook.replayed", entries, actor=actor, at=at)
    return Outcome(tuple(row.id for row in good), tuple(refused))


def replay_periods(periods: Sequence[ReplayPeriod], *, actor: str, at: datetime) -> Outcome[Replayed]:
    """Send again all that went to endpoints of what happened in a period, in the order in which it happened.

    Refused (subject: the endpoint): webhook_unknown, webhook_state, period_empty.
    """
    by_id = {each.webhook_id: each for each in periods}
    empty = [
        Refusal.because(key, "period_empty", "The period ends before it begins.", place="/until")
        for key, each in by_id.items()
        if each.until <= each.since
    ]
    told = {refusal.subject for refusal in empty}
    with transaction.atomic():
        rows, refused = locked("", [key for key in by_id if str(key) not in told], states=_IN_USE)
        asked = [by_id[key] for key in rows]
        counts = dict(
            sql.rows(
                "replay_periods",
                webhooks=list(rows), sinces=[each.since for each in asked], untils=[each.until for each in asked],
                at=at,
            )
        )  # fmt: skip
        entries = [
            Entry("webhook", each.webhook_id,
                  {"deliveries": counts[each.webhook_id], "since": each.since, "until": each.until})
            for each in asked
        ]  # fmt: skip
        journal.write("webhook.replayed", entries, actor=actor, at=at)
    return Outcome(tuple(Replayed(key, counts[key]) for key in rows), (*empty, *refused))
