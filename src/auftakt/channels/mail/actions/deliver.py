"""The worker's side of the outbox. Each try is stored and committed before the call, its outcome after it: whatever
dies in between, a mail of which nobody knows whether it arrived is in doubt, and is not sent again by itself."""

import random
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from auftakt.channels.mail import queries, rules
from auftakt.channels.mail.actions.outbox import told
from auftakt.channels.mail.queries import sql
from auftakt.channels.mail.types import FAILED, IN_DOUBT, LATER, QUEUED, SENT, Delivered, MailAnswer, MailServer
from auftakt.channels.smtp import SmtpServer
from auftakt.documents import actions as documents
from auftakt.parties import queries as parties
from auftakt.platform import journal
from auftakt.values import Outcome, new_id

_POLICY = SMTP.clone(cte_type="7bit")
_VERBS = {SENT: "mail.sent", FAILED: "mail.failed", IN_DOUBT: "mail.doubted"}


def deliver(
    *, actor: str, at: datetime, limit: int = 20, server: MailServer | None = None
) -> Outcome[Delivered]:  # fmt: skip
    """Hand mails that are due to the mail server, one after another; several workers share them.

    Without a mail server or a sender nothing is tried: the mails stay queued. What was turned away for now is tried
    again later, for three days; what was turned away for good is failed. Refuses nothing.
    """
    if server is None and queries.what_is_missing():
        return Outcome()
    with_server = server or SmtpServer(settings.AUFTAKT_MAIL_URL)
    sender = queries.sender_address()
    done: list[Delivered] = []
    while len(done) < limit:
        with transaction.atomic():
            claimed = sql.records("claim_mail", at=at, attempt=new_id(), server=with_server.name)
        if not claimed:
            break
        mail = claimed[0]
        answer = with_server.deliver(_message(mail, sender, actor, at), sender, mail.recipient)
        done.append(_conclude(mail, answer, actor=actor, at=at))
    return Outcome(tuple(done))


def _message(mail: Any, sender: str, actor: str, at: datetime) -> bytes:
    """The mail as it goes over the wire. Its Message-ID is the same at every try of a round, so that a mail that
    arrived twice after all can be seen to be one."""
    domain = sender.rpartition("@")[2] or "localhost"
    seller = next((each.name for each in parties.legal_entities().values() if each.email in ("", sender)), "")
    message = EmailMessage(policy=_POLICY)
    message["From"] = formataddr((seller, sender)) if seller else sender
    message["To"] = formataddr((mail.to_name, mail.recipient)) if mail.to_name else mail.recipient
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.id.hex}.{mail.round}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    attached = [key for (key,) in sql.rows("attached_documents", mail=mail.id)]
    for paper in documents.view(attached, actor=actor, at=at).done if attached else ():
        kind, _, subtype = paper.facts.media_type.partition("/")
        message.add_attachment(paper.content, maintype=kind, subtype=subtype, filename=paper.facts.filename)
    message["Content-Language"] = mail.language
    return message.as_bytes()


def _conclude(mail: Any, answer: MailAnswer, *, actor: str, at: datetime) -> Delivered:
    """Store how a call ended. A mail that somebody settled meanwhile is left alone."""
    state, again = answer.state, None
    if state == LATER:
        again = rules.next_try(mail.tries, mail.first_try_at, at, chance=random.random())
        state = QUEUED if again else FAILED
    with transaction.atomic():
        rows = sql.records("lock_sending", ids=[mail.id])
        sql.run(
            "end_mail_attempts",
            mails=[mail.id], outcomes=[answer.state], codes=[answer.code], reasons=[answer.reason], at=at,
        )  # fmt: skip
        if rows:
            reason = "" if state == SENT else answer.reason
            sql.run(
                "conclude_mails",
                ids=[mail.id], states=[state], reasons=[reason], nexts=[again], at=at, actor=actor,
            )  # fmt: skip
            if state in _VERBS:
                more = {"reason": reason} if reason else {}
                journal.write(_VERBS[state], [told(row, **more) for row in rows], actor=actor, at=at)
    return Delivered(mail.id, state)


def doubt_lost(*, actor: str, at: datetime, limit: int = 100) -> Outcome[UUID]:
    """Mails whose worker died while it sent them are in doubt: nobody knows whether they went out."""
    lost: Sequence[UUID] = [key for (key,) in sql.rows("lost_mails", before=at - rules.LOST_AFTER, limit=limit)]
    if not lost:
        return Outcome()
    reason = "the worker stopped while it sent the mail: nobody knows whether it went out"
    with transaction.atomic():
        rows = sql.records("lock_sending", ids=list(lost))
        ids = [row.id for row in rows]
        many = len(ids)
        sql.run(
            "end_mail_attempts",
            mails=ids, outcomes=[IN_DOUBT] * many, codes=[None] * many, reasons=[reason] * many, at=at,
        )  # fmt: skip
        sql.run(
            "conclude_mails",
            ids=ids, states=[IN_DOUBT] * many, reasons=[reason] * many, nexts=[None] * many, at=at, actor=actor,
        )  # fmt: skip
        journal.write("mail.doubted", [told(row, reason=reason) for row in rows], actor=actor, at=at)
    return Outcome(tuple(ids))
