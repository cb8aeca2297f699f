"""Rules in versions, as pages show and change them."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol

from django.http import HttpRequest

from auftakt.console.outcomes import day_of, edge, tell
from auftakt.values import Outcome, versions


class Verb(Protocol):
    """What is done with rules."""

    def __call__(self, wanted: list[Any], *, actor: str, at: datetime) -> Outcome[Any]: ...


def state_of(version: versions.Version, today: date) -> str:
    """A version's state as people see it."""
    if version.state == versions.DRAFT or version.from_on is None:
        return "draft"
    if version.until_on == version.from_on:
        return "never_held"
    if versions.holds(version, today):
        return "in_force"
    return "scheduled" if version.from_on > today else "ended"


def chosen(rule: Any, wanted: str, today: date) -> Any:
    """The version asked for by its number; else the one in force, else the newest, None without any."""
    asked = next((each for each in rule.versions if str(each.number) == wanted), None)
    return asked or rule.in_force(today) or next(iter(rule.versions), None)


def from_a_day(request: HttpRequest, code: str, wanted: Callable[[str, date], Any], verb: Verb, done: str) -> None:
    """Publish or retire a rule from the day that was given, or from today on, and tell what became of it."""
    here = edge(request)
    day = day_of(request.POST.get("from_on", "")) or here.today
    tell(request, verb([wanted(code, day)], actor=here.actor, at=here.at), done)
