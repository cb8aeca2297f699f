"""Verbs of outgoing mail: ask for mails, hand them to the mail server, and what people decide of them."""

from auftakt.channels.mail.actions.compose import file_confirmations, invoice_mail, order_confirmation, shipment_notice
from auftakt.channels.mail.actions.deliver import deliver, doubt_lost
from auftakt.channels.mail.actions.outbox import cancel, requeue, send, settle_as_sent
from auftakt.channels.mail.actions.remind import MAIL_REMINDERS, reminder_mail

__all__ = [
    "MAIL_REMINDERS",
    "cancel",
    "deliver",
    "doubt_lost",
    "file_confirmations",
    "invoice_mail",
    "order_confirmation",
    "reminder_mail",
    "requeue",
    "send",
    "settle_as_sent",
    "shipment_notice",
]
