"""Who calls, and whether they may: one guard for every operation."""

import hashlib
import math
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.utils import check_csrf

from auftakt.api.faults import Problem
from auftakt.identity.actions import note_key_use
from auftakt.identity.queries import authenticate_key, may
from auftakt.identity.types import PERMISSIONS, KeyHolder

PUBLIC = "public"
KEY_SECONDS = 3.0
"""How long a key that was found valid is believed without asking again; a revoked one ends within it."""
_ROLES_OF_PROGRAMS = ("sales",)
"""A program lowers prices by hand as far as sales may."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A program with a key, or a person logged in to the console. `roles` limit how far prices are adjusted."""

    name: str
    actor: str
    grants: frozenset[str]
    roles: tuple[str, ...]
    at: datetime

    def may(self, permission: str) -> bool:
        """Whether the caller has a permission."""
        return may(self.grants, permission)

    @property
    def today(self) -> date:
        """The day it is here."""
        return timezone.localdate(self.at)


class _Known(NamedTuple):
    holder: KeyHolder
    until: float


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class RateLimit:
    """A token bucket per caller: `per_second` on average, twice that in a burst; in this process. 0 is no limit."""

    per_second: float
    buckets: dict[str, _Bucket] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str, now: float) -> float:
        """Take one token; 0.0, or the seconds until there is one again."""
        if self.per_second <= 0:
            return 0.0
        most = self.per_second * 2
        with self.lock:
            if len(self.buckets) > _MOST_KEYS:
                self.buckets.clear()
            bucket = self.buckets.setdefault(name, _Bucket(most, now))
            bucket.tokens = min(most, bucket.tokens + (now - bucket.at) * self.per_second)
            bucket.at = now
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0.0
            return (1 - bucket.tokens) / self.per_second


rate_limit = RateLimit(settings.AUFTAKT_API_RATE)
_keys: dict[bytes, _Known] = {}


@dataclass(frozen=True, slots=True)
class Guard:
    """The rule of an operation: a permission, and how large a body may be. Stands before everything else."""

    permission: str
    most_bytes: int

    def __call__(self, request: HttpRequest) -> Caller:
        """The caller, allowed; raises Problem 401, 403, 411, 413 or 429."""
        at = timezone.now()
        self._measure(request)
        if self.permission == PUBLIC:
            return Caller("", "public", frozenset(), (), at)
        caller = _by_key(request, at) if "HTTP_AUTHORIZATION" in request.META else _by_session(request, at)
        wait = rate_limit.take(caller.actor, time.monotonic())
        if wait:
            raise Problem(
                429,
                "too_many_requests",
                f"More than {rate_limit.per_second:g} requests a second: wait and send it again.",
                headers={"Retry-After": str(max(1, math.ceil(wait)))},
            )
        if not may(caller.grants, self.permission):
            raise Problem(
                403,
                "permission_missing",
                f"This needs the permission {self.permission}, which {caller.name} does not have.",
                permission=self.permission,
            )
        return caller

    def _measure(self, request: HttpRequest) -> None:
        if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
            raise Problem(411, "length_missing", "Send the body with a Content-Length.")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if str(length).isdecimal() and int(length) > self.most_bytes:
            most = f"{self.most_bytes // (1024 * 1024)} MB"
            raise Problem(
                413,
                "body_too_large",
                f"The body has {length} bytes, more than the {most} allowed here: send many records as NDJSON to the"
                " bulk operation, in parts of up to 64 MB.",
                bytes=length,
                most=self.most_bytes,
            )


def _by_key(request: HttpRequest, at: datetime) -> Caller:
    scheme, _, secret = request.META["HTTP_AUTHORIZATION"].partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise _unknown("Send the key as `Authorization: Bearer auf_…`.")
    mark = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
    now = time.monotonic()
    known = _keys.get(mark)
    if known is None or known.until < now:
        _keys.pop(mark, None)
        holder = authenticate_key(secret, at.date())
        if holder is None:
            raise _unknown("This key is unknown or revoked: make a new one in the console or with `auftakt apikey`.")
        if not holder.noted:
            note_key_use([holder.id], on=at.date())
            holder = replace(holder, noted=True)
        if len(_keys) >= _MOST_KEYS:
            _keys.clear()
        known = _keys[mark] = _Known(holder, now + KEY_SECONDS)
    name = known.holder.name
    return Caller(f"the key {name!r}", f"key:{name}"[:200], known.holder.scopes, _ROLES_OF_PROGRAMS, at)


def _by_session(request: HttpRequest, at: datetime) -> Caller:
    user = request.user
    if not user.is_authenticated or not user.is_active:
        raise _unknown("Send an API key as `Authorization: Bearer auf_…`, or log in to the console.")
    if request.method not in _SAFE and check_csrf(request) is not None:
        raise Problem(403, "csrf_token_missing", "Send the CSRF token of the console as X-CSRFToken.")
    roles = tuple(user.roles)  # type: ignore[attr-defined]
    return Caller(user.email, f"user:{user.email}"[:200], frozenset(roles), roles, at)  # type: ignore[attr-defined]


def _unknown(detail: str) -> Problem:
    return Problem(401, "not_authenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="auftakt"'})


def check_permission(permission: str) -> str:
    """The permission, if it exists. Raises KeyError: a route without a true rule must not pass."""
    if permission != PUBLIC:
        PERMISSIONS[permission]
    return permission
