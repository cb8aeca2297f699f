"""Verbs about the API keys of programs."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from auftakt.identity import rules
from auftakt.identity.types import ApiKeyDraft, ApiKeyMade
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.values import Outcome, Refusal, new_ids

sql = Statements("auftakt.identity")


def create_api_keys(drafts: Sequence[ApiKeyDraft], *, actor: str, at: datetime) -> Outcome[ApiKeyMade]:
    """Make keys for programs. The secret is in the answer and nowhere else; its SHA-256 is stored.

    Refuses (subject: the position in the batch) keys without name or scope and unknown scopes.
    """
    made: list[ApiKeyMade] = []
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        found = rules.key_findings(draft)
        if found:
            refused.append(Refusal(str(index), tuple(found)))
            continue
        prefix, secret = rules.secret_of(secrets.token_hex(4), secrets.token_urlsafe(32))
        key_id = new_ids(1)[0]
        made.append(ApiKeyMade(key_id, draft.name.strip(), prefix, tuple(sorted(set(draft.scopes))), secret))
    with transaction.atomic():
        insert_rows(
            "identity_apikey",
            ("id", "name", "prefix", "secret_sha256", "scopes", "created_at", "created_by"),
            [(key.id, key.name, key.prefix, rules.sha256(key.secret), list(key.scopes), at, actor) for key in made],
        )
        entries = [
            Entry("api_key", key.id, {"name": key.name, "prefix": key.prefix, "scopes": key.scopes}) for key in made
        ]
        journal.write("api_key.created", entries, actor=actor, at=at)
    return Outcome(tuple(made), tuple(refused))


def revoke_api_keys(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Revoke keys from now on; one that is revoked already stays so. Refuses `api_key_unknown`."""
    with transaction.atomic():
        known = {key for (key,) in sql.rows("known_keys", ids=list(ids))}
        revoked = [key for (key,) in sql.rows("revoke_keys", ids=id_list(list(ids)), at=at)]
        journal.write("api_key.revoked", [Entry("api_key", key) for key in revoked], actor=actor, at=at)
    refused = [
        Refusal.because(key, "api_key_unknown", f"There is no API key {key}.") for key in ids if key not in known
    ]
    return Outcome(tuple(key for key in ids if key in known), tuple(refused))


def note_key_use(ids: Sequence[UUID], *, on: date) -> None:
    """Write down the day on which keys were last used. Not journaled: it says nothing about the business."""
    sql.run("note_key_use", ids=list(ids), day=on)
