"""Reads of identity, and the one place where permission is asked: `may`."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from auftakt.identity.models import ApiKey, Layout, User
from auftakt.identity.rules import is_secret, may, normal_email, permissions_of, prefix_in
from auftakt.identity.types import PERMISSIONS, ApiKeyFacts, KeyHolder, SavedViewFacts, UserFacts
from auftakt.platform.sql import Statements

__all__ = [
    "authenticate_key",
    "layout",
    "list_api_keys",
    "list_users",
    "may",
    "normal_email",
    "permissions_of",
    "users",
    "users_by_email",
    "views_of_list",
    "views_of_user",
]

sql = Statements("auftakt.identity")


def _user(row: User) -> UserFacts:
    return UserFacts(
        row.id, row.email, row.name, tuple(row.roles), row.language, row.site_code, row.is_active, row.created_at
    )


def list_users(*, after: str = "", limit: int = 200) -> list[UserFacts]:
    """Users by e-mail address, those behind `after`."""
    return [_user(row) for row in User.objects.filter(email__gt=after).order_by("email")[:limit]]


def holders(permission: str, *, limit: int = 3) -> list[UserFacts]:
    """Some of the people whose roles carry a permission, by name."""
    able = User.objects.filter(is_active=True, roles__overlap=sorted(PERMISSIONS[permission]))
    return [_user(row) for row in able.order_by("name", "id")[:limit]]


def users(ids: Iterable[UUID]) -> dict[UUID, UserFacts]:
    """Users by id; an unknown id is left out."""
    return {row.id: _user(row) for row in User.objects.filter(id__in=list(ids))}


def users_by_email(emails: Iterable[str]) -> dict[str, UserFacts]:
    """Users by normalised e-mail address; an unknown one is left out."""
    wanted = [normal_email(email) for email in emails]
    return {row.email: _user(row) for row in User.objects.filter(email__in=wanted)}


def list_api_keys(*, with_revoked: bool = True) -> list[ApiKeyFacts]:
    """API keys, newest first, without their secrets."""
    rows = ApiKey.objects.order_by("-id")
    if not with_revoked:
        rows = rows.filter(revoked_at=None)
    return [
        ApiKeyFacts(
            row.id, row.name, row.prefix, tuple(row.scopes), row.created_at, row.created_by, row.revoked_at,
            row.last_used_on,
        )
        for row in rows
    ]  # fmt: skip


def authenticate_key(secret: str, on: date) -> KeyHolder | None:
    """Who presents `secret`; None when it is malformed, unknown, or revoked.

    `noted` tells whether the use on the day `on` is already recorded (`actions.note_key_use` does it).
    """
    prefix = prefix_in(secret)
    if prefix is None:
        return None
    row = ApiKey.objects.filter(prefix=prefix, revoked_at=None).first()
    if row is None or not is_secret(secret, row.secret_sha256):
        return None
    return KeyHolder(row.id, row.name, frozenset(row.scopes), row.last_used_on == on)


def views_of_list(list_name: str, user_id: UUID) -> list[SavedViewFacts]:
    """The saved views of a list that a user may take: the own ones first, then those others share."""
    return [SavedViewFacts(*row) for row in sql.rows("views_of_list", list=list_name, user=user_id)]


def views_of_user(user_id: UUID) -> list[SavedViewFacts]:
    """The saved views that belong to a user, by list."""
    return [SavedViewFacts(*row) for row in sql.rows("views_of_user", user=user_id)]


def layout(list_name: str, user_id: UUID) -> tuple[str, ...]:
    """The columns that a user wants to see in a list; none when the user never chose."""
    return tuple(
        Layout.objects.filter(user_id=user_id, list_name=list_name).values_list("columns", flat=True).first() or ()
    )
