"""The nouns of webhooks: endpoints that others gave us, the deliveries to them, and every call made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from auftakt.values import Lifecycle

ACTIVE, PAUSED, RETIRED = "active", "paused", "retired"
PENDING, DELIVERED, FAILED, CANCELLED = "pending", "delivered", "failed", "cancelled"
PING = "webhook.ping"
OVERLAP = timedelta(hours=24)

WEBHOOK_LIFECYCLE = Lifecycle.of(
    "webhook",
    ACTIVE,
    (RETIRED,),
    pause=("active", "paused"),
    resume=("paused", "active"),
    retire=("active paused", "retired"),
)
DELIVERY_LIFECYCLE = Lifecycle.of(
    "webhook delivery",
    PENDING,
    (),
    succeed=("pending", "delivered"),
    give_up=("pending", "failed"),
    cancel=("pending", "cancelled"),
    replay=("pending delivered failed cancelled", "pending"),
)


@dataclass(frozen=True, slots=True)
class WebhookDraft:
    """An endpoint to call. `events` are patterns of journal verbs: `order.submitted`, `order.*`, `*`."""

    url: str
    events: tuple[str, ...] = ("*",)
    description: str = ""


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """New values for an endpoint; None leaves a value as it is."""

    webhook_id: UUID
    url: str | None = None
    events: tuple[str, ...] | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookMade:
    """An endpoint with the secret that its calls are signed with. The secret is shown this once."""

    id: UUID
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class WebhookFacts:
    """An endpoint as lists show it. `pending` deliveries wait; it rests until `rest_until` after failures in a row."""

    id: UUID
    url: str
    description: str
    events: tuple[str, ...]
    state: str
    paused_reason: str
    paused_at: datetime | None
    failures: int
    failing_since: datetime | None
    rest_until: datetime | None
    rotated_until: datetime | None
    created_at: datetime
    created_by: str
    pending: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """An event on its way to an endpoint. `message_id` is the webhook-id, the same at every try and replay."""

    id: UUID
    webhook_id: UUID
    url: str
    event: str
    subject_type: str
    subject_id: UUID | None
    number: str
    happened_at: datetime
    state: str
    tries: int
    code: int | None
    reason: str
    next_try_at: datetime
    delivered_at: datetime | None
    created_at: datetime

    @property
    def message_id(self) -> str:
        """The webhook-id."""
        return f"msg_{self.id.hex}"


@dataclass(frozen=True, slots=True)
class CallFacts:
    """One call: when, what came back (its first kilobyte), and how long it took. Without an end it is still out."""

    id: UUID
    delivery_id: UUID
    started_at: datetime
    ended_at: datetime | None
    code: int | None
    reason: str
    answer: str
    milliseconds: int | None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """All that is known of one delivery: its body as it goes over the wire, and every call."""

    delivery: DeliveryFacts
    body: str
    calls: tuple[CallFacts, ...]


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What a list of deliveries is narrowed to; empty means all."""

    webhook_id: UUID | None = None
    state: str = ""
    event: str = ""
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReplayPeriod:
    """Everything that went, or should have gone, to an endpoint and happened from `since` until before `until`."""

    webhook_id: UUID
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many deliveries of a period are sent again."""

    webhook_id: UUID
    deliveries: int
