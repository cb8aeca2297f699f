"""Telling people what a verb did, and what it refused and why."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from auftakt.console.findings import spoken
from auftakt.values import Outcome, Refusal


class Edge(NamedTuple):
    """Who acts, and when: the only place of the console that reads the clock."""

    actor: str
    at: datetime
    today: date
    zone: ZoneInfo


def edge(request: HttpRequest) -> Edge:
    """The actor of this request, this instant, and today."""
    now = timezone.now()
    zone = timezone.get_default_timezone()
    user = request.user
    return Edge(user.email if user.is_authenticated else "", now, now.astimezone(zone).date(), zone)  # type: ignore[arg-type]


def said(refusals: Iterable[Refusal]) -> list[str]:
    """Every finding of every refusal in the user's language, each once."""
    return list(dict.fromkeys(spoken(finding) for refusal in refusals for finding in refusal.findings))


def tell(request: HttpRequest, outcome: Outcome[Any], done: str) -> bool:
    """Show the outcome after the next page is loaded. True when nothing was refused."""
    for text in said(outcome.refused):
        messages.error(request, text)
    if outcome.done and done:
        messages.success(request, done)
    return not outcome.refused


class Undo(NamedTuple):
    """The verb that takes back what was just done: its address and the fields it is sent."""

    href: str
    fields: list[tuple[str, str]]


def tell_with_undo(request: HttpRequest, outcome: Outcome[Any], done: str, undo: Undo) -> bool:
    """As `tell`, with a button that takes it back. Offered when nothing was refused, and not for what takes back."""
    if outcome.refused or not outcome.done or "undoes" in request.POST:
        return tell(request, outcome, done)
    fields = [*undo.fields, ("undoes", "1")]
    messages.success(request, done, extra_tags=json.dumps({"undo": undo.href, "fields": fields}))
    return True


def undo_of(message: Message) -> Undo | None:
    """The undo that a message carries."""
    tags = message.extra_tags or ""
    if not tags.startswith('{"undo"'):
        return None
    told = json.loads(tags)
    return Undo(told["undo"], [(name, value) for name, value in told["fields"]])


def back_to(request: HttpRequest, fallback: str) -> str:
    """Where the form came from, if that is one of our pages."""
    wished = request.POST.get("next", "")
    return (
        wished if url_has_allowed_host_and_scheme(wished, {request.get_host()}) and wished.startswith("/") else fallback
    )


def ids(values: Iterable[str]) -> list[UUID]:
    """The ids among submitted values; what is not an id is left out."""
    found: list[UUID] = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def day_of(text: str) -> date | None:
    """A submitted day (ISO 8601), or None."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
