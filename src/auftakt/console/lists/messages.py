"""Lists of mails, of webhooks, and of what is delivered to them."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.channels.mail.types import MAIL_LIFECYCLE
from auftakt.channels.webhooks.types import DELIVERY_LIFECYCLE
from auftakt.console import formats, words
from auftakt.console.queries import messages as reads
from auftakt.console.tables import Bulk, Choice, Column, Days, Empty, Table
from auftakt.console.templatetags.formats import badge

_MAIL_STATES = ("queued", "sending", "sent", "failed", "in_doubt", "cancelled")
_MAIL_KINDS = ("order_confirmation", "invoice", "credit_note", "shipment_notice", "reminder", "note")
_DELIVERY_STATES = ("pending", "delivered", "failed", "cancelled")
_LONGEST_PLACE = 48
assert set(_MAIL_STATES) == MAIL_LIFECYCLE.states
assert set(_DELIVERY_STATES) == DELIVERY_LIFECYCLE.states


def _state(row: Any) -> Any:
    """The state with its reason, in short."""
    shown = badge(row.state)
    return format_html("{}<small>{}</small>", shown, row.reason[:80]) if row.reason else shown


def _recipient(row: Any) -> Any:
    return format_html("{}<small>{}</small>", row.to_name, row.recipient) if row.to_name else row.recipient


def _state_choice(states: tuple[str, ...]) -> Choice:
    return Choice(
        name="state",
        title=gettext_lazy("State"),
        options=lambda: [(code, words.badge(code).label) for code in states],
        chips=True,
    )


MAILS = Table(
    name="mails",
    title=gettext_lazy("Mails"),
    words=gettext_lazy("Recipient, subject or number"),
    sort="-id",
    read=reads.mail_list,
    href=lambda row: reverse("console:mail", args=[row.id]),
    columns=(
        Column("subject", gettext_lazy("Subject"), head=True),
        Column("recipient", gettext_lazy("To"), show=_recipient, value=lambda row: row.recipient),
        Column("state", gettext_lazy("State"), show=_state, value=lambda row: words.word(row.state)),
        Column("created_at", gettext_lazy("Asked for"), "instant", sort="id", note="asked_by"),
        Column("settled_at", gettext_lazy("Settled"), "instant", shown=False),
        Column("kind", gettext_lazy("Kind"), "word", shown=False),
        Column("about_number", gettext_lazy("About"), shown=False),
        Column("tries", gettext_lazy("Tries"), "number", shown=False),
    ),
    filters=(
        _state_choice(_MAIL_STATES),
        Choice(
            name="kind", title=gettext_lazy("Kind"), options=lambda: [(code, words.word(code)) for code in _MAIL_KINDS]
        ),
        Days(name="made", title=gettext_lazy("Asked for")),
    ),
    bulk=(
        Bulk("mails_again", gettext_lazy("Send now"), "retry", "mail.work"),
        Bulk("mails_cancel", gettext_lazy("Do not send"), "close", "mail.work", tone="bad"),
    ),
    empty=Empty(
        "mail",
        gettext_lazy("No mail yet"),
        gettext_lazy("Confirmations, invoices and shipment notices that are sent to customers are kept here."),
    ),
)


def _place(row: Any) -> str:
    """An address in short: where it is, without how to get there."""
    text = row.url.removeprefix("https://")
    return text if len(text) <= _LONGEST_PLACE else f"{text[: _LONGEST_PLACE - 1]}…"


def _events(row: Any) -> str:
    return _("everything") if row.events == "*" else row.events


def _health(row: Any) -> Any:
    shown = badge("failing" if row.state == "active" and row.failures else row.state)
    return format_html("{}<small>{}</small>", shown, paused_word(row.paused_reason)) if row.paused_reason else shown


def paused_word(reason: str) -> str:
    """Why an endpoint is paused, in the user's language where it paused by itself."""
    code, colon, said = reason.partition(": ")
    if not colon or code not in ("failing", "gone"):
        return reason
    why = _("failed for a day") if code == "failing" else _("the other side says that it is gone")
    return f"{why}: {said}"


WEBHOOKS = Table(
    name="webhooks",
    title=gettext_lazy("Webhooks"),
    sort="-id",
    read=reads.webhook_list,
    href=lambda row: reverse("console:webhook", args=[row.id]),
    columns=(
        Column("url", gettext_lazy("Address"), head=True, note="description", show=_place, value=lambda row: row.url),
        Column("events", gettext_lazy("Events"), show=_events, value=_events),
        Column("state", gettext_lazy("State"), show=_health, value=lambda row: words.word(row.state)),
        Column("pending", gettext_lazy("Waiting"), "number"),
        Column("created_at", gettext_lazy("Made"), "instant", sort="id"),
    ),
    empty=Empty(
        "webhook",
        gettext_lazy("No webhook yet"),
        gettext_lazy("Tell your shop, your ERP or your automation what happens here, as it happens."),
        gettext_lazy("New webhook"),
        reverse_lazy("console:webhook_new"),
        "webhooks.manage",
    ),
)


def _subject(row: Any) -> str:
    return f"{words.word(row.subject_type)} {row.number}".strip() if row.subject_type else ""


def _code(row: Any) -> str:
    return str(row.code) if row.code else ""


DELIVERIES = Table(
    name="webhook-deliveries",
    title=gettext_lazy("Webhook deliveries"),
    words=gettext_lazy("Event or number"),
    sort="-id",
    read=reads.delivery_list,
    href=lambda row: reverse("console:delivery", args=[row.id]),
    columns=(
        Column("event", gettext_lazy("Event"), head=True),
        Column("number", gettext_lazy("About"), show=_subject, value=_subject),
        Column("url", gettext_lazy("Address"), show=_place, value=lambda row: row.url),
        Column("state", gettext_lazy("State"), show=_state, value=lambda row: words.word(row.state)),
        Column("code", gettext_lazy("Answer"), show=_code),
        Column("tries", gettext_lazy("Tries"), "number"),
        Column("happened_at", gettext_lazy("Happened"), "instant"),
        Column("delivered_at", gettext_lazy("Delivered"), "instant", shown=False),
    ),
    filters=(
        _state_choice(_DELIVERY_STATES),
        Choice(name="webhook", title=gettext_lazy("Webhook"), options=reads.endpoints),
        Days(name="happened", title=gettext_lazy("Happened")),
    ),
    bulk=(Bulk("deliveries_replay", gettext_lazy("Send again"), "retry", "webhooks.manage"),),
    empty=Empty(
        "webhook",
        gettext_lazy("Nothing delivered yet"),
        gettext_lazy("As soon as something happens that an endpoint wants to hear of, its delivery is shown here."),
    ),
)


def deliveries_of(webhook: UUID) -> Table:
    """The deliveries to one endpoint."""
    return replace(
        DELIVERIES,
        name="webhook-own-deliveries",
        read=partial(reads.delivery_list, webhook=webhook),
        filters=tuple(each for each in DELIVERIES.filters if each.name != "webhook"),
        columns=tuple(each for each in DELIVERIES.columns if each.key != "url"),
    )


def counted(count: int) -> str:
    """A number of rows as people write it."""
    return formats.number(count)
