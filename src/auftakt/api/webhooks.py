"""Webhooks: endpoints that are told what happens, deliveries to them, and sending again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import missing
from auftakt.api.pages import Cursor, Limit, Text, cut, key_of, read_cursor, several, single
from auftakt.api.registry import Answered, Page, operation
from auftakt.channels.webhooks import actions, queries
from auftakt.channels.webhooks.types import (
    DeliveryFacts,
    DeliveryFilter,
    DeliveryPage,
    Replayed,
    ReplayPeriod,
    WebhookChange,
    WebhookDraft,
    WebhookFacts,
    WebhookMade,
)

router = Router(tags=["webhooks"])
_MANAGE = "webhooks.manage"


@dataclass(frozen=True, slots=True)
class WebhookValues:
    """New values for an endpoint; what is left out stays."""

    url: str | None = None
    events: tuple[str, ...] | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class PauseWish:
    """Why an endpoint is left alone."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeliveriesWish:
    """Deliveries to be sent again."""

    delivery_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class PeriodWish:
    """What happened from `since` until before `until` is sent again."""

    since: datetime
    until: datetime


@operation(router.get, "/webhooks", needs=_MANAGE, answers=WebhookFacts, page=True)
def list_webhooks(caller: Caller) -> Page:
    """List the endpoints in use, with their state and how many deliveries wait for them."""
    return Page(list(queries.webhooks().values()))


@operation(router.get, "/webhooks/{uuid:webhook_id}", needs=_MANAGE, answers=WebhookFacts)
def get_webhook(caller: Caller, webhook_id: UUID) -> WebhookFacts:
    """Get an endpoint."""
    found = queries.webhooks([webhook_id])
    if webhook_id not in found:
        raise missing("webhook", webhook_id)
    return found[webhook_id]


@operation(router.post, "/webhooks", needs=_MANAGE, answers=WebhookMade,
           example='{"url": "https://shop.example/hooks", "events": ["order.*", "billing.invoiced"]}')  # fmt: skip
def create_webhook(caller: Caller, body: WebhookDraft) -> Answered:
    """Make an endpoint. It is told of what happens from now on; the answer has its secret, shown this once."""
    return Answered(single(actions.create([body], actor=caller.actor, at=caller.at)), status=201)


@operation(router.post, "/webhooks/{uuid:webhook_id}", needs=_MANAGE, answers=dict[str, str])
def change_webhook(caller: Caller, webhook_id: UUID, body: WebhookValues) -> dict[str, str]:
    """Give an endpoint another address, other events, another description."""
    change = WebhookChange(webhook_id, body.url, body.events, body.description)
    single(actions.change([change], actor=caller.actor, at=caller.at))
    return {"result": "saved"}


@operation(router.post, "/webhooks/{uuid:webhook_id}/pause", needs=_MANAGE, answers=dict[str, str])
def pause_webhook(caller: Caller, webhook_id: UUID, body: PauseWish) -> dict[str, str]:
    """Leave an endpoint alone; what happens meanwhile is kept for it."""
    single(actions.pause([webhook_id], reason=body.reason, actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/webhooks/{uuid:webhook_id}/resume", needs=_MANAGE, answers=dict[str, str])
def resume_webhook(caller: Caller, webhook_id: UUID) -> dict[str, str]:
    """Call an endpoint again; what waited goes out at once, in order."""
    single(actions.resume([webhook_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/webhooks/{uuid:webhook_id}/retire", needs=_MANAGE, answers=dict[str, str])
def retire_webhook(caller: Caller, webhook_id: UUID) -> dict[str, str]:
    """Never call an endpoint again; what waited for it is cancelled."""
    single(actions.retire([webhook_id], actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.post, "/webhooks/{uuid:webhook_id}/rotate-secret", needs=_MANAGE, answers=WebhookMade)
def rotate_webhook_secret(caller: Caller, webhook_id: UUID) -> WebhookMade:
    """Give an endpoint a new secret, shown this once; for 24 hours calls carry both signatures."""
    return single(actions.rotate([webhook_id], actor=caller.actor, at=caller.at))


@operation(router.post, "/webhooks/{uuid:webhook_id}/ping", needs=_MANAGE, answers=dict[str, str])
def ping_webhook(caller: Caller, webhook_id: UUID) -> dict[str, str]:
    """Send an endpoint a `webhook.ping`; the delivery tells whether it answered."""
    return {"delivery_id": str(single(actions.ping([webhook_id], actor=caller.actor, at=caller.at)))}


@operation(router.post, "/webhooks/{uuid:webhook_id}/replay", needs=_MANAGE, answers=Replayed)
def replay_webhook_period(caller: Caller, webhook_id: UUID, body: PeriodWish) -> Replayed:
    """Send an endpoint again all that happened in a period, as far as it is kept: 30 days."""
    period = ReplayPeriod(webhook_id, body.since, body.until)
    return single(actions.replay_periods([period], actor=caller.actor, at=caller.at))


@operation(router.get, "/webhook-deliveries", needs=_MANAGE, answers=DeliveryFacts, page=True)
def list_webhook_deliveries(
    caller: Caller, webhook_id: UUID | None = None, state: Text = "", event: Text = "", subject_id: UUID | None = None,
    cursor: Cursor = "", limit: Limit = 50,
) -> Page:  # fmt: skip
    """List deliveries, the latest first; `state` is pending, delivered, failed or cancelled."""
    after = read_cursor(cursor, key_of)
    wanted = DeliveryFilter(webhook_id, state, event, subject_id)
    rows = queries.list_deliveries(wanted, after=after[0] if after else None, limit=limit + 1)
    return cut(rows, limit, lambda row: [row.id])


@operation(router.get, "/webhook-deliveries/{uuid:delivery_id}", needs=_MANAGE, answers=DeliveryPage)
def get_webhook_delivery(caller: Caller, delivery_id: UUID) -> DeliveryPage:
    """Get a delivery with its body and every call: status, beginning of the answer, time."""
    found = queries.delivery_page(delivery_id)
    if found is None:
        raise missing("webhook delivery", delivery_id)
    return found


@operation(router.post, "/webhook-deliveries/replay", needs=_MANAGE, answers=dict[str, Any])
def replay_webhook_deliveries(caller: Caller, body: DeliveriesWish) -> dict[str, object]:
    """Send deliveries again, with the same webhook-id."""
    return several(actions.replay(body.delivery_ids, actor=caller.actor, at=caller.at))
