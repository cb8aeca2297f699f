"""Who may, and what a user, a password and a key must look like. Pure."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

from auftakt.identity.types import (
    DENSITIES,
    FORMATS,
    PERMISSIONS,
    THEMES,
    ApiKeyDraft,
    Role,
    SavedViewDraft,
    UserChange,
    UserDraft,
)
from auftakt.values import Finding

KEY_PREFIX = "auf_"
PASSWORD_LENGTH = 8
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_SECRET = re.compile(r"auf_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")


def may(grants: Iterable[str], permission: str) -> bool:
    """Whether `grants` (role codes of a user, or scopes of an API key) include `permission`.

    Raises KeyError for a permission that does not exist: a route without a true rule must not pass silently.
    """
    holders = PERMISSIONS[permission]
    return any(grant in holders or grant == permission for grant in grants)


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """Every permission that these roles have together."""
    held = frozenset(roles)
    return frozenset(code for code, holders in PERMISSIONS.items() if holders & held)


def normal_email(email: str) -> str:
    """The form in which an e-mail address is stored and compared."""
    return email.strip().lower()


def role_findings(roles: Iterable[str]) -> list[Finding]:
    """What is wrong with a user's roles."""
    given = tuple(roles)
    known = ", ".join(role.value for role in Role)
    found = [
        Finding("role_unknown", f"There is no role {role!r}; use one of: {known}.", f"/roles/{index}", {"role": role})
        for index, role in enumerate(given)
        if role not in set(Role)
    ]
    if not given:
        found.append(Finding("role_missing", f"Give the user at least one role: {known}.", "/roles"))
    return found


def name_findings(name: str) -> list[Finding]:
    """What is wrong with the name of a user or key."""
    if not name.strip():
        return [Finding("name_missing", "Give a name.", "/name")]
    if len(name) > 200:
        return [Finding("name_too_long", "Shorten the name to 200 characters.", "/name")]
    return []


def language_findings(language: str, known: Sequence[str]) -> list[Finding]:
    """The console speaks the languages that the settings name."""
    if language in known:
        return []
    said = f"The console does not speak {language!r}; use {' or '.join(known)}."
    return [Finding("language_unknown", said, "/language")]


def taste_findings(change: UserChange) -> list[Finding]:
    """How a user wants to see pages: formats, theme and density are each one of a few."""
    wishes = (
        ("formats", change.formats, FORMATS),
        ("theme", change.theme, THEMES),
        ("density", change.density, DENSITIES),
    )
    return [
        Finding(f"{name}_unknown", f"{value!r} is not among: {', '.join(filter(None, known))}.", f"/{name}")
        for name, value, known in wishes
        if value is not None and value not in known
    ]


def view_findings(draft: SavedViewDraft) -> list[Finding]:
    """What is wrong with a saved view."""
    found = name_findings(draft.name)
    if not found and len(draft.name) > 80:
        found = [Finding("name_too_long", "Shorten the name to 80 characters.", "/name")]
    if len(draft.query) > 4000:
        found.append(Finding("query_too_long", "Take filters away: the view is too long to be kept.", "/query"))
    return found


def password_findings(password: str, email: str) -> list[Finding]:
    """A password has at least eight characters and is not the e-mail address (NIST SP 800-63B: length first)."""
    if len(password) < PASSWORD_LENGTH:
        return [Finding("password_too_short", f"Use a password of at least {PASSWORD_LENGTH} characters.", "/password")]
    if len(password) > 200:
        return [Finding("password_too_long", "Use a password of at most 200 characters.", "/password")]
    if normal_email(password) == normal_email(email):
        return [Finding("password_is_email", "The password must not be the e-mail address.", "/password")]
    return []


def user_findings(draft: UserDraft, languages: Sequence[str]) -> list[Finding]:
    """Everything wrong with a new user that can be seen without the database."""
    found: list[Finding] = []
    if not _EMAIL.fullmatch(normal_email(draft.email)) or len(draft.email) > 254:
        found.append(Finding("email_invalid", f"{draft.email!r} is not an e-mail address.", "/email"))
    found += name_findings(draft.name) + role_findings(draft.roles) + language_findings(draft.language, languages)
    if draft.password:
        found += password_findings(draft.password, draft.email)
    return found


def key_findings(draft: ApiKeyDraft) -> list[Finding]:
    """Everything wrong with a new API key."""
    found = name_findings(draft.name)
    if not draft.scopes:
        found.append(Finding("scope_missing", "Give the key at least one scope.", "/scopes"))
    found += [
        Finding("scope_unknown", f"There is no scope {scope!r}; see the list of permissions.", f"/scopes/{index}")
        for index, scope in enumerate(draft.scopes)
        if scope not in PERMISSIONS
    ]
    return found


def secret_of(prefix_part: str, random_part: str) -> tuple[str, str]:
    """The public prefix and the whole secret of a key."""
    prefix = f"{KEY_PREFIX}{prefix_part}"
    return prefix, f"{prefix}_{random_part}"


def prefix_in(secret: str) -> str | None:
    """The public prefix of a secret, or None when it cannot be one of ours."""
    return secret[: len(KEY_PREFIX) + 8] if _SECRET.fullmatch(secret) else None


def sha256(secret: str) -> str:
    """The stored form of a secret. It is random and long, so a quick digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(secret: str, stored: str) -> bool:
    """Whether `secret` is the one stored, compared in constant time."""
    return hmac.compare_digest(sha256(secret), stored)
