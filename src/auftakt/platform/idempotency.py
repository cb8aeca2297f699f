"""The stored answer to a request sent twice.

A request that carries a key is done once: the key is claimed for the time of the work (a claim of the database session,
so it ends with a process that is killed), what was done and its answer are stored in one transaction, and whoever comes
again with the same key gets the stored answer. Answers are kept for 48 hours.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from auftakt.platform.sql import Statements
from auftakt.values import new_id

sql = Statements("auftakt.platform")
KEPT_FOR = timedelta(hours=48)


class StillRunningError(RuntimeError):
    """A request with the same key is being worked on."""


class OtherContentError(ValueError):
    """The key was used before for a request with other content."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it went out."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@contextmanager
def claimed(scope: str, key: str) -> Iterator[None]:
    """Hold a key while its request is worked on. Raises StillRunningError when somebody else holds it."""
    name = f"{scope}\n{key}"
    if not sql.value("claim_key", name=name):
        raise StillRunningError(key)
    try:
        yield
    finally:
        sql.value("release_key", name=name)


def recall(scope: str, key: str, fingerprint: str) -> StoredAnswer | None:
    """The answer given before under this key. Raises OtherContentError when that was to other content."""
    rows = sql.rows("recall_answer", scope=scope, key=key)
    if not rows:
        return None
    stored, status, body, headers = rows[0]
    if stored != fingerprint:
        raise OtherContentError(key)
    return StoredAnswer(status, bytes(body), json.loads(headers) if isinstance(headers, str) else headers)


def keep(scope: str, key: str, fingerprint: str, answer: StoredAnswer, *, at: datetime) -> None:
    """Store an answer, in the transaction of what it tells of."""
    sql.run(
        "keep_answer",
        id=new_id(),
        scope=scope,
        key=key,
        fingerprint=fingerprint,
        status=answer.status,
        answer=answer.body,
        headers=json.dumps(dict(answer.headers)),
        at=at,
    )


def forget(*, at: datetime) -> int:
    """Drop answers older than 48 hours; how many."""
    return sql.run("forget_answers", before=at - KEPT_FOR)
