"""Reads of the outbox."""

from collections.abc import Iterable
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from auftakt.channels.mail.types import MailAttemptFacts, MailFacts, MailFilter, MailPage
from auftakt.parties import queries as parties
from auftakt.platform.sql import Statements

sql = Statements("auftakt.channels")
_WIDTH = 18
_NO_SERVER, _NO_SENDER = "no_mail_server", "no_mail_sender"


def mails(ids: Iterable[UUID]) -> dict[UUID, MailFacts]:
    """Mails by id; unknown ids are left out."""
    return {row[0]: MailFacts(*row[:_WIDTH]) for row in sql.rows("read_mails", ids=list(ids))}


def mail_page(mail_id: UUID) -> MailPage | None:
    """All that is known of one mail; None when there is none."""
    rows = sql.rows("read_mails", ids=[mail_id])
    if not rows:
        return None
    text, html, reply_to = rows[0][_WIDTH:]
    documents = tuple(key for (key,) in sql.rows("attached_documents", mail=mail_id))
    attempts = tuple(MailAttemptFacts(*row) for row in sql.rows("read_mail_attempts", ids=[mail_id]))
    return MailPage(MailFacts(*rows[0][:_WIDTH]), text, html, reply_to, documents, attempts)


def list_mails(wanted: MailFilter | None = None, *, after: UUID | None = None, limit: int = 50) -> list[MailFacts]:
    """One page of the outbox, the newest first, behind the mail `after`."""
    asked = wanted or MailFilter()
    begins = asked.to.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    rows = sql.rows(
        "list_mails",
        state=asked.state, kind=asked.kind, to=f"{begins}%" if begins else "", order_id=asked.order_id,
        about_id=asked.about_id, after=after, limit=limit,
    )  # fmt: skip
    return [MailFacts(*row) for row in rows]


def mails_of_order(order_id: UUID, limit: int = 50) -> list[MailFacts]:
    """The mails about an order and what came of it, the newest first."""
    return list_mails(MailFilter(order_id=order_id), limit=limit)


def counts() -> dict[str, int]:
    """How many mails are queued, being sent, failed and in doubt."""
    return dict(sql.rows("count_mails"))


def sender_address() -> str:
    """Who our mails are from: AUFTAKT_MAIL_FROM, else the address of our first legal entity; empty when neither is."""
    if settings.AUFTAKT_MAIL_FROM:
        return settings.AUFTAKT_MAIL_FROM
    return next((entity.email for entity in parties.legal_entities().values() if entity.email), "")


def what_is_missing() -> str:
    """Why no mail can be sent at all: no_mail_server, no_mail_sender; empty when all is set up."""
    if not settings.AUFTAKT_MAIL_URL:
        return _NO_SERVER
    return "" if sender_address() else _NO_SENDER


def server_name() -> str:
    """The mail server as it may be shown: host and port, without its password."""
    url = urlsplit(settings.AUFTAKT_MAIL_URL)
    return f"{url.hostname}:{url.port}" if url.port else url.hostname or ""
