"""Reads of orchestration."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from auftakt.orchestration.types import StepFacts, StepView
from auftakt.platform.sql import Statements

sql = Statements("auftakt.orchestration")


def steps_of(version_ids: Iterable[UUID]) -> dict[UUID, list[StepFacts]]:
    """The steps of policy versions, in their order."""
    found: dict[UUID, list[StepFacts]] = {}
    for row in sql.rows("published_steps", versions=list(set(version_ids))):
        key, version_id, name, kind, position, after = row
        found.setdefault(version_id, []).append(StepFacts(key, version_id, name, kind, position, tuple(after)))
    return found


def steps_of_orders(order_ids: Sequence[UUID]) -> list[StepView]:
    """Every step that the lines of these orders have reached, the latest first."""
    return [StepView(*row) for row in sql.rows("find_steps", orders=list(order_ids), state=None, limit=1000)]


def failed_steps(limit: int = 100) -> list[StepView]:
    """Steps that gave up and wait for a person."""
    return [StepView(*row) for row in sql.rows("find_steps", orders=None, state="failed", limit=limit)]


def count_failed() -> int:
    """How many steps have failed (counted up to 1,000)."""
    return int(sql.value("count_failed"))
