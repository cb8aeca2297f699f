"""The outbox: mails are asked for in the transaction of what they tell of, and people decide what becomes of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.channels.mail import rules
from auftakt.channels.mail.queries import sql
from auftakt.channels.mail.rules.drafts import one_line
from auftakt.channels.mail.types import CANCELLED, IN_DOUBT, MAIL_LIFECYCLE, SENT, MailDraft
from auftakt.documents import queries as documents
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

_Known = tuple[str, UUID | None, str, str]


def send(drafts: Sequence[MailDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put mails into the outbox, in the caller's transaction if there is one; the worker sends them.

    Done: mail ids in input order. A mail known already by kind, matter, recipient and revision is given back as it is,
    unless it was cancelled. Refused (subject: the index), with every finding of `rules.draft_findings`, and
    `document_unknown`.
    """
    wanted = sorted({key for draft in drafts for key in draft.attachments})
    on_file = documents.documents(wanted) if wanted else {}
    refused: list[Refusal] = []
    good: list[MailDraft] = []
    for index, draft in enumerate(drafts):
        findings = rules.draft_findings(draft)
        findings += [
            Finding("document_unknown", f"There is no document {key}.", "/attachments", {"document_id": str(key)})
            for key in draft.attachments
            if key not in on_file
        ]
        if findings:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            good.append(draft)
    if not good:
        return Outcome((), tuple(refused))
    with transaction.atomic():
        return Outcome(tuple(_store(good, actor, at)), tuple(refused))


def _key(draft: MailDraft) -> _Known:
    return draft.kind, draft.about_id, rules.normal_address(draft.to), draft.revision


def _store(drafts: Sequence[MailDraft], actor: str, at: datetime) -> list[UUID]:
    """The mails of drafts, new or known. Drafts of one key in the same batch are one mail."""
    new: dict[UUID, MailDraft] = {}
    firsts: dict[_Known, UUID] = {}
    own: list[UUID] = []
    for key, draft in zip(new_ids(len(drafts)), drafts, strict=True):
        first = firsts.setdefault(_key(draft), key) if draft.about_id else key
        own.append(first)
        new.setdefault(first, draft)
    written = {key for (key,) in sql.rows("queue_mails", **_columns(new), at=at, actor=actor)}
    attached = [
        (key, document, place)
        for key, draft in new.items()
        if key in written
        for place, document in enumerate(draft.attachments)
    ]
    rows = [(row_id, *row) for row_id, row in zip(new_ids(len(attached)), attached, strict=True)]
    insert_rows("channels_mailattachment", ("id", "mail_id", "document_id", "position"), rows)
    entries = [_told(key, draft) for key, draft in new.items() if key in written]
    journal.write("mail.queued", entries, actor=actor, at=at)
    lacking = [draft for key, draft in new.items() if key not in written]
    known = _known(lacking) if lacking else {}
    return [key if key in written else known[_key(new[key])] for key in own]


def _columns(mails: dict[UUID, MailDraft]) -> dict[str, list[Any]]:
    drafts = list(mails.values())
    return {
        "ids": list(mails),
        "kinds": [each.kind for each in drafts],
        "recipients": [rules.normal_address(each.to) for each in drafts],
        "names": [one_line(each.to_name)[:200] for each in drafts],
        "replies": [rules.normal_address(each.reply_to) if each.reply_to else "" for each in drafts],
        "languages": [each.language for each in drafts],
        "subjects": [one_line(each.subject)[:300] for each in drafts],
        "texts": [each.text for each in drafts],
        "htmls": [each.html or rules.html_of(each.text, each.language) for each in drafts],
        "about_types": [each.about_type for each in drafts],
        "about_ids": [each.about_id for each in drafts],
        "about_numbers": [each.about_number for each in drafts],
        "orders": [each.order_id for each in drafts],
        "revisions": [each.revision for each in drafts],
    }


def _known(drafts: Sequence[MailDraft]) -> dict[_Known, UUID]:
    keys = [_key(draft) for draft in drafts]
    kinds, about_ids, recipients, revisions = (list(column) for column in zip(*keys, strict=True))
    rows = sql.rows("known_mails", kinds=kinds, about_ids=about_ids, recipients=recipients, revisions=revisions)
    return {row[:4]: row[4] for row in rows}


def _told(key: UUID, draft: MailDraft) -> Entry:
    change: dict[str, Any] = {"kind": draft.kind, "to": rules.normal_address(draft.to), "number": draft.about_number}
    if draft.order_id:
        change["order_id"] = draft.order_id
    return Entry("mail", key, change)


def told(row: Any, **more: Any) -> Entry:
    """The journal's entry about a mail as it stands in the outbox."""
    change: dict[str, Any] = {"kind": row.kind, "to": row.recipient, "number": row.about_number, **more}
    if row.order_id:
        change["order_id"] = row.order_id
    return Entry("mail", row.id, change)


def _locked(verb: str, ids: Sequence[UUID], only: str = "") -> tuple[list[Any], tuple[Refusal, ...]]:
    """The mails that a verb may be done to, locked, and the refusals of the others."""
    rows = {row.id: row for row in sql.records("lock_mails", ids=sorted(set(ids)))}
    good: list[Any] = []
    refused: list[Refusal] = []
    for key in dict.fromkeys(ids):
        row = rows.get(key)
        if row is None:
            refused.append(Refusal.because(key, "mail_unknown", f"There is no mail {key}."))
        elif (only and row.state != only) or (not only and not MAIL_LIFECYCLE.allows(verb, row.state)):
            said = f"The mail to {row.recipient} is {row.state.replace('_', ' ')}: that cannot be done now."
            refused.append(
                Refusal.because(
                    key, "mail_state", said, transient=row.state == "sending", state=row.state, to=row.recipient
                )
            )
        else:
            good.append(row)
    return good, tuple(refused)


def requeue(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Send mails at once: those that wait, those that failed or are in doubt, and once more those that were sent.

    Refused: mail_unknown, mail_state (it is being sent, or was cancelled).
    """
    with transaction.atomic():
        rows, refused = _locked("requeue", ids)
        sql.run("requeue_mails", ids=[row.id for row in rows], at=at)
        journal.write("mail.requeued", [told(row, state=row.state) for row in rows], actor=actor, at=at)
    return Outcome(tuple(row.id for row in rows), refused)


def cancel(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take mails out that were not sent. Refused: mail_unknown, mail_state (it is being sent, or was)."""
    with transaction.atomic():
        rows, refused = _locked("cancel", ids)
        sql.run("settle_mails", ids=[row.id for row in rows], state=CANCELLED, reason="", at=at, actor=actor)
        journal.write("mail.cancelled", [told(row, state=row.state) for row in rows], actor=actor, at=at)
    return Outcome(tuple(row.id for row in rows), refused)


def settle_as_sent(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Mails in doubt have arrived, as a person found out. Refused: mail_unknown, mail_state (it is not in doubt)."""
    with transaction.atomic():
        rows, refused = _locked("succeed", ids, only=IN_DOUBT)
        sql.run("settle_mails", ids=[row.id for row in rows], state=SENT, reason="", at=at, actor=actor)
        journal.write("mail.sent", [told(row, settled=True) for row in rows], actor=actor, at=at)
    return Outcome(tuple(row.id for row in rows), refused)
