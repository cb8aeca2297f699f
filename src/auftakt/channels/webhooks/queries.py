"""Reads of webhooks. Secrets are never read here: they are shown once, by the verb that makes them."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from auftakt.channels.webhooks.types import (
    CallFacts,
    DeliveryFacts,
    DeliveryFilter,
    DeliveryPage,
    WebhookFacts,
)
from auftakt.platform.sql import Statements

sql = Statements("auftakt.channels")


def webhooks(ids: Iterable[UUID] | None = None, *, retired: bool = False) -> dict[UUID, WebhookFacts]:
    """Endpoints by id, all of them unless some are named; the retired ones only when asked for."""
    wanted = None if ids is None else list(ids)
    return {
        row[0]: WebhookFacts(*row[:3], tuple(row[3]), *row[4:])
        for row in sql.rows("read_webhooks", ids=wanted, retired=retired or wanted is not None)
    }


def deliveries(ids: Iterable[UUID]) -> dict[UUID, DeliveryFacts]:
    """Deliveries by id; unknown ids are left out."""
    return {row[0]: DeliveryFacts(*row[:-1]) for row in sql.rows("read_deliveries", ids=list(ids))}


def delivery_page(delivery_id: UUID) -> DeliveryPage | None:
    """All that is known of one delivery; None when there is none."""
    rows = sql.rows("read_deliveries", ids=[delivery_id])
    if not rows:
        return None
    calls = tuple(CallFacts(*row) for row in sql.rows("read_calls", ids=[delivery_id]))
    return DeliveryPage(DeliveryFacts(*rows[0][:-1]), rows[0][-1], calls)


def list_deliveries(
    wanted: DeliveryFilter | None = None, *, after: UUID | None = None, limit: int = 50
) -> list[DeliveryFacts]:
    """One page of deliveries, the newest first, behind the delivery `after`."""
    asked = wanted or DeliveryFilter()
    rows = sql.rows(
        "list_deliveries",
        webhook=asked.webhook_id, state=asked.state, event=asked.event, subject=asked.subject_id, after=after,
        limit=limit,
    )  # fmt: skip
    return [DeliveryFacts(*row) for row in rows]


def may_be_local() -> bool:
    """Whether the settings allow calls of networks of one's own."""
    return bool(settings.AUFTAKT_WEBHOOK_NETWORKS)
