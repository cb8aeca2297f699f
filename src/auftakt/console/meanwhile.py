"""Two people on one thing: what a form looked like when it was opened travels with it, sealed; whoever saves second is
told what changed meanwhile, and keeps what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing

from auftakt.platform.sql import Statements

sql = Statements("auftakt.console")
_SALT = "auftakt.console.meanwhile"


def plain(value: Any) -> Any:
    """A value as text that is equal exactly when the value is: numbers without trailing zeros, days in ISO form."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(each) for each in value]
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, Decimal | int):
        return f"{Decimal(value).normalize():f}"
    return str(value.isoformat() if isinstance(value, date) else value).replace("\r\n", "\n").strip()


def alike(one: Any, other: Any) -> bool:
    """Whether two things are the same but for case and blanks, as verbs tidy them up."""
    return _folded(plain(one)) == _folded(plain(other))


def _folded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _folded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_folded(each) for each in value]
    return " ".join(str(value).split()).casefold()


def seal(values: Mapping[str, Any]) -> str:
    """What a form shows when it is opened, for its hidden field `seen`."""
    return signing.dumps(plain(values), salt=_SALT, compress=True)


def unsealed(text: str) -> dict[str, Any] | None:
    """What was sealed; None for nothing, or for what is not ours."""
    try:
        found = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class Change:
    """A value that somebody else changed. `contested`: it was changed here as well, and what was typed here stands."""

    name: str
    was: Any
    now: Any
    contested: bool


def changes(seen: str, now: Mapping[str, Any], typed: Mapping[str, Any]) -> list[Change]:
    """What others changed since the form was opened, except to what is typed now anyway. No seal: nothing is known."""
    opened = unsealed(seen)
    if opened is None:
        return []
    present, mine = plain(now), plain(typed)
    return [
        Change(name, was, present[name], contested=name in mine and mine[name] != was)
        for name, was in opened.items()
        if name in present and present[name] != was and mine.get(name) != present[name]
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """The notice above a form (`parts/meanwhile.html`): who changed it last and when, each value as it was and is."""

    who: str = ""
    at: Any = None
    values: Sequence[tuple[str, str, str, bool]] = field(default_factory=tuple)


def told(subject: UUID | None, values: Sequence[tuple[str, str, str, bool]]) -> Told:
    """The notice for a subject of the journal: (label, was, now, contested) of each value."""
    last = sql.records("last_change", subject=subject) if subject else []
    return Told(last[0].actor if last else "", last[0].at if last else None, tuple(values))
