"""Outgoing mail: the outbox, and the ready-made mails about orders, invoices and shipments."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import missing
from auftakt.api.pages import Cursor, Limit, Text, cut, key_of, read_cursor, several
from auftakt.api.registry import Page, operation
from auftakt.channels.mail import actions, queries
from auftakt.channels.mail.types import MailFacts, MailFilter, MailPage

router = Router(tags=["mail"])


@dataclass(frozen=True, slots=True)
class MailsWish:
    """Mails that something is to be done to."""

    mail_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class TellWish:
    """What customers are to be told about, by id; `to` names another recipient, `note` is a line of one's own."""

    ids: tuple[UUID, ...]
    to: str = ""
    note: str = ""


@operation(router.get, "/mails", needs="mail.view", answers=MailFacts, page=True)
def list_mails(
    caller: Caller, state: Text = "", kind: Text = "", to: Text = "", order_id: UUID | None = None,
    about_id: UUID | None = None, cursor: Cursor = "", limit: Limit = 50,
) -> Page:  # fmt: skip
    """List mails, the latest first; `state` is queued, sending, sent, failed, in_doubt or cancelled."""
    after = read_cursor(cursor, key_of)
    wanted = MailFilter(state, kind, to, order_id, about_id)
    rows = queries.list_mails(wanted, after=after[0] if after else None, limit=limit + 1)
    return cut(rows, limit, lambda row: [row.id])


@operation(router.get, "/mails/{uuid:mail_id}", needs="mail.view", answers=MailPage)
def get_mail(caller: Caller, mail_id: UUID) -> MailPage:
    """Get a mail with its text, its attachments and every try to send it."""
    found = queries.mail_page(mail_id)
    if found is None:
        raise missing("mail", mail_id)
    return found


@operation(router.post, "/mails/send-again", needs="mail.work", answers=dict[str, Any])
def send_mails_again(caller: Caller, body: MailsWish) -> dict[str, object]:
    """Send mails at once: what waits, failed or is in doubt, and once more what was sent."""
    return several(actions.requeue(body.mail_ids, actor=caller.actor, at=caller.at))


@operation(router.post, "/mails/cancel", needs="mail.work", answers=dict[str, Any])
def cancel_mails(caller: Caller, body: MailsWish) -> dict[str, object]:
    """Take mails out that were not sent."""
    return several(actions.cancel(body.mail_ids, actor=caller.actor, at=caller.at))


@operation(router.post, "/mails/order-confirmations", needs="mail.work", answers=dict[str, Any])
def mail_order_confirmations(caller: Caller, body: TellWish) -> dict[str, object]:
    """Confirm orders by mail in the customers' languages, the confirmation attached; once for each revision."""
    return several(actions.order_confirmation(body.ids, to=body.to, note=body.note, actor=caller.actor, at=caller.at))


@operation(router.post, "/mails/invoices", needs="mail.work", answers=dict[str, Any])
def mail_invoices(caller: Caller, body: TellWish) -> dict[str, object]:
    """Send invoices and credit notes by mail, as they are on file."""
    return several(actions.invoice_mail(body.ids, to=body.to, note=body.note, actor=caller.actor, at=caller.at))


@operation(router.post, "/mails/reminders", needs="mail.work", answers=dict[str, Any])
def mail_reminders(caller: Caller, body: TellWish) -> dict[str, object]:
    """Send payment reminders by mail, as they are on file."""
    return several(actions.reminder_mail(body.ids, to=body.to, note=body.note, actor=caller.actor, at=caller.at))


@operation(router.post, "/mails/shipment-notices", needs="mail.work", answers=dict[str, Any])
def mail_shipment_notices(caller: Caller, body: TellWish) -> dict[str, object]:
    """Tell customers by mail what has left, with tracking numbers and the packing slip."""
    return several(actions.shipment_notice(body.ids, to=body.to, note=body.note, actor=caller.actor, at=caller.at))
