"""Verbs about users and their passwords."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from auftakt.identity import rules
from auftakt.identity.types import PasswordChange, Role, UserChange, UserDraft
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, columns
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.identity")


@dataclass(frozen=True, slots=True)
class _Stored:
    id: UUID
    email: str
    name: str
    roles: tuple[str, ...]
    language: str
    site_code: str
    is_active: bool
    password: str
    formats: str
    theme: str
    density: str

    @property
    def administers(self) -> bool:
        return self.is_active and Role.ADMIN in self.roles


def create_users(drafts: Sequence[UserDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Create users; passwords are hashed by Django. Returns the new ids in input order.

    Refuses (subject: the e-mail address) malformed drafts with every finding, and `user_exists`.
    """
    refused: list[Refusal] = []
    good: list[UserDraft] = []
    for draft in drafts:
        found = rules.user_findings(draft, _languages())
        if found:
            refused.append(Refusal(draft.email, tuple(found)))
        else:
            good.append(draft)
    ids = new_ids(len(good))
    with transaction.atomic():
        rows = [
            (key, rules.normal_email(draft.email), draft.name.strip(), " ".join(sorted(set(draft.roles))),
             make_password(draft.password or None), draft.language, draft.site_code, draft.formats)
            for key, draft in zip(ids, good, strict=True)
        ]  # fmt: skip
        key, emails, names, roles, passwords, languages, sites, formats = columns(rows, 8)
        inserted = {
            found
            for (found,) in sql.rows(
                "insert_users", ids=key, emails=emails, names=names, roles=roles, passwords=passwords,
                languages=languages, sites=sites, formats=formats, at=at,
            )
        }  # fmt: skip
        refused += [
            Refusal.because(
                draft.email, "user_exists", f"{draft.email} has a user already: change that one.", place="/email"
            )
            for user_id, draft in zip(ids, good, strict=True)
            if user_id not in inserted
        ]
        entries = [
            Entry("user", user_id, {"email": row[1], "name": row[2], "roles": row[3].split()})
            for user_id, row in zip(ids, rows, strict=True)
            if user_id in inserted
        ]
        journal.write("user.created", entries, actor=actor, at=at)
    return Outcome(tuple(user_id for user_id in ids if user_id in inserted), tuple(refused))


def _locked(ids: Sequence[UUID]) -> dict[UUID, _Stored]:
    rows = sql.rows("lock_users", ids=id_list(list(ids)))
    return {row[0]: _Stored(row[0], row[1], row[2], tuple(row[3]), *row[4:]) for row in rows}


def _changed(user: _Stored, change: UserChange) -> _Stored:
    return replace(
        user,
        name=user.name if change.name is None else change.name.strip(),
        roles=user.roles if change.roles is None else tuple(sorted(set(change.roles))),
        language=user.language if change.language is None else change.language,
        site_code=user.site_code if change.site_code is None else change.site_code,
        is_active=user.is_active if change.is_active is None else change.is_active,
        formats=user.formats if change.formats is None else change.formats,
        theme=user.theme if change.theme is None else change.theme,
        density=user.density if change.density is None else change.density,
    )


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def _change_findings(change: UserChange) -> Iterator[Finding]:
    if change.name is not None:
        yield from rules.name_findings(change.name)
    if change.roles is not None:
        yield from rules.role_findings(change.roles)
    if change.language is not None:
        yield from rules.language_findings(change.language, _languages())
    yield from rules.taste_findings(change)


def _difference(before: _Stored, after: _Stored) -> dict[str, Any]:
    names = ("name", "roles", "language", "site_code", "is_active", "formats", "theme", "density")
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}


def _unknown_user(user_id: UUID) -> Refusal:
    return Refusal.because(user_id, "user_unknown", f"There is no user {user_id}.", user=user_id)


def change_users(changes: Sequence[UserChange], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Change name, roles, language, site, activity, or how pages look. A change that changes nothing writes nothing.

    Refuses `user_unknown`, malformed values, and `last_admin`: one active administrator must remain.
    """
    done: list[UUID] = []
    refused: list[Refusal] = []
    with transaction.atomic():
        before = _locked([change.user_id for change in changes])
        after = dict(before)
        for change in changes:
            if change.user_id not in after:
                refused.append(_unknown_user(change.user_id))
                continue
            found = tuple(_change_findings(change))
            if found:
                refused.append(Refusal(str(change.user_id), found))
                continue
            wished = {**after, change.user_id: _changed(after[change.user_id], change)}
            if after[change.user_id].administers and not any(user.administers for user in wished.values()):
                message = "This is the last active administrator: make somebody else one first."
                refused.append(Refusal.because(change.user_id, "last_admin", message, place="/roles"))
                continue
            after = wished
            done.append(change.user_id)
        _store(before, after, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _store(before: Mapping[UUID, _Stored], after: Mapping[UUID, _Stored], *, actor: str, at: datetime) -> None:
    moved = [user for user in after.values() if user != before[user.id]]
    if not moved:
        return
    rows = [
        (user.id, user.name, " ".join(user.roles), user.language, user.site_code, user.is_active, user.formats,
         user.theme, user.density)
        for user in moved
    ]  # fmt: skip
    ids, names, roles, languages, sites, actives, formats, themes, densities = columns(rows, 9)
    sql.run(
        "update_users", ids=ids, names=names, roles=roles, languages=languages, sites=sites, actives=actives,
        formats=formats, themes=themes, densities=densities,
    )  # fmt: skip
    entries = [Entry("user", user.id, _difference(before[user.id], user)) for user in moved]
    journal.write("user.changed", entries, actor=actor, at=at)


def change_passwords(changes: Sequence[PasswordChange], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Set passwords. A change that names the current password is refused as `password_wrong` if it is another.

    Refuses also `user_unknown` and passwords too short or too long. The journal says that, never what.
    """
    hashes: dict[UUID, str] = {}
    refused: list[Refusal] = []
    with transaction.atomic():
        stored = _locked([change.user_id for change in changes])
        for change in changes:
            user = stored.get(change.user_id)
            if user is None:
                refused.append(_unknown_user(change.user_id))
                continue
            found = rules.password_findings(change.password, user.email)
            if change.current is not None and not check_password(change.current, user.password):
                found.insert(0, Finding("password_wrong", "The current password is another one.", "/current"))
            if found:
                refused.append(Refusal(str(change.user_id), tuple(found)))
            else:
                hashes[user.id] = make_password(change.password)
        if hashes:
            sql.run("update_passwords", ids=list(hashes), passwords=list(hashes.values()))
            entries = [Entry("user", user_id, {"password": "changed"}) for user_id in hashes]
            journal.write("user.password_changed", entries, actor=actor, at=at)
    return Outcome(tuple(hashes), tuple(refused))
