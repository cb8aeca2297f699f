"""Reads of outgoing mail: the outbox, and the facts that ready-made mails are written from."""

from auftakt.channels.mail.queries.facts import Facts, confirmation_sheet, gather, recipient
from auftakt.channels.mail.queries.outbox import (
    counts,
    list_mails,
    mail_page,
    mails,
    mails_of_order,
    sender_address,
    server_name,
    sql,
    what_is_missing,
)

__all__ = [
    "Facts",
    "confirmation_sheet",
    "counts",
    "gather",
    "list_mails",
    "mail_page",
    "mails",
    "mails_of_order",
    "recipient",
    "sender_address",
    "server_name",
    "sql",
    "what_is_missing",
]
