"""Pure decisions of webhooks: which events an endpoint wants, how a call is signed, when it is tried again."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from auftakt.values import Finding

PREFIX = "whsec_"
_PATTERN = re.compile(r"\*|[a-z][a-z_]*\.(\*|[a-z][a-z_]*)")
_WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18000, 36000))
_RESTS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600))
GIVEN_UP_AFTER = timedelta(days=4)
PAUSED_AFTER = timedelta(days=1)
LEASE = timedelta(minutes=2)
"""A call lasts at most 15 seconds: one without an end after this time was cut short, and is made again."""
KEPT_FOR = timedelta(days=30)
_LONGEST_REST = timedelta(days=1)
_FIRST_RESTS, _FEW = 3, 8
GONE = 410
MAX_URL, MAX_EVENTS = 500, 50


def wants(patterns: Iterable[str], event: str) -> bool:
    """Whether one of the patterns covers an event."""
    area = event.partition(".")[0]
    return any(pattern in ("*", event, f"{area}.*") for pattern in patterns)


def url_findings(url: str, *, may_be_local: bool) -> list[Finding]:
    """Every reason not to call this address. What it resolves to is checked at each call."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return [Finding("webhook_url_bad", "This is no address: give one such as https://example.com/hooks.", "/url")]
    findings: list[Finding] = []
    plain = url.isprintable() and " " not in url and url.isascii() and len(url) <= MAX_URL
    if parts.scheme not in ("https", "http") or not host or not plain:
        message = "Give an address such as https://example.com/hooks, in ASCII and of at most 500 characters."
        return [Finding("webhook_url_bad", message, "/url")]
    if parts.username is not None or parts.fragment:
        message = "The address carries a password or a fragment: leave it out, calls are signed."
        findings.append(Finding("webhook_url_secret", message, "/url"))
    if may_be_local:
        return findings
    if parts.scheme != "https":
        findings.append(Finding("webhook_url_not_https", "Only https is called: give an address with https.", "/url"))
    try:
        private = not ip_address(host).is_global
    except ValueError:
        private = host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    if private:
        message = f"{host} is not on the public internet: it is not called unless AUFTAKT_WEBHOOK_NETWORKS allows it."
        findings.append(Finding("webhook_url_private", message, "/url", {"host": host}))
    return findings


def event_findings(patterns: Sequence[str]) -> list[Finding]:
    """Every reason not to take these patterns."""
    if not patterns or len(patterns) > MAX_EVENTS:
        return [Finding("webhook_events_missing", f"Name 1 to {MAX_EVENTS} events, such as order.* or *.", "/events")]
    return [
        Finding("webhook_event_bad", f"{pattern[:60]!r} is no event: write order.submitted, order.* or *.",
                f"/events/{index}", {"event": pattern[:60]})
        for index, pattern in enumerate(patterns)
        if not _PATTERN.fullmatch(pattern)
    ]  # fmt: skip


def secret_text(raw: bytes) -> str:
    """A secret as both sides write it down."""
    return PREFIX + base64.b64encode(raw).decode()


def secret_of(stored: str, master: str) -> str:
    """The secret of an endpoint, made from what is stored of it and the installation's own key.

    Stored is a random seed: without the key it says nothing. A secret that was stored whole, by an earlier version,
    is used until the endpoint gets a new one.
    """
    if stored.startswith(PREFIX):
        return stored
    return secret_text(hmac.new(master.encode(), f"auftakt.webhook.{stored}".encode(), hashlib.sha256).digest())


def signature(secrets: Iterable[str], message_id: str, at: datetime, body: bytes) -> str:
    """The webhook-signature header (Standard Webhooks, v1: HMAC-SHA256): one signature for each secret in force."""
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return " ".join(
        "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode() for secret in secrets
    )


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))


def headers(secrets: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """All headers of a call."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Auftakt-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature(secrets, message_id, at, body),
    }


def body_of(
    event: str, at: datetime, subject_type: str, subject_id: UUID | None, number: str, change: Mapping[str, Any]
) -> str:
    """What goes over the wire, the same at every try."""
    told = {
        "type": event,
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "type": subject_type,
            "id": str(subject_id) if subject_id else None,
            "number": number,
            "change": dict(change),
        },
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def next_try(
    tries: int, first_try_at: datetime, at: datetime, *, chance: float, retry_after: int | None = None
) -> datetime | None:
    """When to try again after this many tries, or None when four days are enough.

    `chance` (0 to 1) spreads the wait by a fifth to both sides. The other side may ask for more time, up to a day.
    """
    if at - first_try_at >= GIVEN_UP_AFTER:
        return None
    wait = _WAITS[min(tries, len(_WAITS)) - 1] * (0.8 + 0.4 * chance)
    return at + max(wait, min(timedelta(seconds=retry_after or 0), _LONGEST_REST))


def rest_until(failures: int, at: datetime, *, retry_after: int | None = None) -> datetime | None:
    """How long an endpoint is left alone after failures in a row: not at all for the first ones, which may be the
    fault of single events."""
    asked = min(timedelta(seconds=retry_after or 0), _LONGEST_REST)
    own = timedelta(0) if failures < _FIRST_RESTS else _RESTS[min(failures - _FIRST_RESTS, len(_RESTS) - 1)]
    rest = max(asked, own)
    return at + rest if rest else None


def pause_reason(failures: int, failing_since: datetime, at: datetime, code: int | None) -> str:
    """Why an endpoint is paused by itself; empty while it is not: 410 says so at once, else a day of failures alone."""
    if code == GONE:
        return "gone"
    return "failing" if failures >= _FEW and at - failing_since >= PAUSED_AFTER else ""
