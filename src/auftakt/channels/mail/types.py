"""The nouns of outgoing mail: drafts, the outbox, and what a mail server answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from auftakt.values import Lifecycle

QUEUED = "queued"
SENDING = "sending"
SENT = "sent"
FAILED = "failed"
IN_DOUBT = "in_doubt"
CANCELLED = "cancelled"
LATER = "later"
STARTED = "started"

ORDER_CONFIRMATION = "order_confirmation"
INVOICE_MAIL = "invoice"
CREDIT_NOTE_MAIL = "credit_note"
SHIPMENT_NOTICE = "shipment_notice"
REMINDER_MAIL = "reminder"

MAIL_LIFECYCLE = Lifecycle.of(
    "mail",
    QUEUED,
    (CANCELLED,),
    send=("queued", "sending"),
    succeed=("sending in_doubt", "sent"),
    postpone=("sending", "queued"),
    fail=("sending", "failed"),
    doubt=("sending", "in_doubt"),
    requeue=("queued sent failed in_doubt", "queued"),
    cancel=("queued failed in_doubt", "cancelled"),
)


@dataclass(frozen=True, slots=True)
class MailDraft:
    """A mail to be sent. `html` is made from the text unless given; `attachments` are ids of documents on file.

    `about_type` and `about_id` say what it is about, as the journal does. Kind, matter, recipient and `revision`
    together make it known: asked for a second time, it is the mail that is there already.
    """

    kind: str
    to: str
    subject: str
    text: str
    language: str = "en"
    to_name: str = ""
    html: str = ""
    reply_to: str = ""
    attachments: tuple[UUID, ...] = ()
    about_type: str = ""
    about_id: UUID | None = None
    about_number: str = ""
    order_id: UUID | None = None
    revision: str = ""


@dataclass(frozen=True, slots=True)
class MailFacts:
    """A mail of the outbox, as lists show it. `next_try_at` is when it is sent at the earliest."""

    id: UUID
    kind: str
    to: str
    to_name: str
    language: str
    subject: str
    about_type: str
    about_id: UUID | None
    about_number: str
    order_id: UUID | None
    state: str
    tries: int
    reason: str
    next_try_at: datetime
    created_at: datetime
    created_by: str
    settled_at: datetime | None
    settled_by: str


@dataclass(frozen=True, slots=True)
class MailAttemptFacts:
    """One try to send a mail, and what came of it: sent, later, failed, in_doubt; started while nobody knows yet."""

    id: UUID
    mail_id: UUID
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    code: int | None
    reason: str
    server: str


@dataclass(frozen=True, slots=True)
class MailPage:
    """All that is known of one mail."""

    mail: MailFacts
    text: str
    html: str
    reply_to: str
    attachments: tuple[UUID, ...]
    attempts: tuple[MailAttemptFacts, ...]


@dataclass(frozen=True, slots=True)
class MailFilter:
    """What a list of mails is narrowed to; empty means all."""

    state: str = ""
    kind: str = ""
    to: str = ""
    order_id: UUID | None = None
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """What a mail server said: sent, later (surely not taken, another try may help), failed (final), or in_doubt."""

    state: str
    code: int | None = None
    reason: str = ""


class MailServer(Protocol):
    """The port to a mail server. It never raises for what happens on the wire: that is an answer."""

    name: str

    def deliver(self, content: bytes, sender: str, to: str) -> MailAnswer:
        """Hand over one message for one recipient."""
        ...


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a mail in one go of the worker."""

    mail_id: UUID
    state: str
