"""Rules in versions: a draft is published from a day on, holds until the next one or until it is retired, and never
changes any more. Whatever a rule is about, its versions live like that."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Protocol, TypeVar

from auftakt.values.outcome import Finding

DRAFT = "draft"


class Version(Protocol):
    """A version of a rule. It holds from `from_on` until before `until_on` (None: no end is known)."""

    @property
    def state(self) -> str: ...
    @property
    def from_on(self) -> date | None: ...
    @property
    def until_on(self) -> date | None: ...


V = TypeVar("V", bound=Version)


def holds(version: Version, on: date) -> bool:
    """Whether a version is in force on a day."""
    return (
        version.state != DRAFT
        and version.from_on is not None
        and version.from_on <= on < (version.until_on or date.max)
    )


def draft_of(versions: Sequence[V]) -> V | None:
    """The version that is being written."""
    return next((each for each in versions if each.state == DRAFT), None)


def in_force(versions: Sequence[V], on: date) -> V | None:
    """The one version that holds on a day."""
    return next((each for each in versions if holds(each, on)), None)


def day_findings(
    code: str, day: date, known: Collection[str], before: Collection[str], today: date
) -> Iterator[Finding]:
    """Why a rule cannot be published or retired from a day on: nobody knows it, it was named before in the batch, or
    the day is past."""
    if code not in known:
        yield Finding("rule_unknown", f"rule {code} is unknown; check its code", "/code", {"rule": code})
    if code in before:
        yield Finding("rule_repeated", f"rule {code} is named twice in the batch", "/code", {"rule": code})
    if day < today:
        message = f"{day} is past; what was promised then stays as it is. Begin today or later"
        yield Finding("day_in_past", message, "/from_on", {"day": day.isoformat()})


def retiring_findings(code: str, day: date, versions: Sequence[Version]) -> Iterator[Finding]:
    """Why there is nothing to retire from a day on: no version would hold then or later."""
    if not any(_holds_after(each, day) for each in versions):
        message = f"no version of {code} holds on {day} or later"
        yield Finding("nothing_in_force", message, "/code", {"rule": code})


def _holds_after(version: Version, day: date) -> bool:
    if version.state == DRAFT or version.until_on == version.from_on:
        return False
    return version.until_on is None or version.until_on > day
