"""Where lines stand in their policies, and steps that failed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import missing
from auftakt.api.pages import Limit, several
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.api.statements import sql
from auftakt.orchestration import actions, queries
from auftakt.orchestration.types import PolicyDraft, StepView
from auftakt.orders import queries as orders

router = Router(tags=["orchestration"])


@dataclass(frozen=True, slots=True)
class RetryWish:
    """Failed steps to be tried again, by their `state_id`."""

    state_ids: tuple[UUID, ...]


@operation(router.get, "/orders/{uuid:order_id}/steps", needs="orders.view", answers=StepView, page=True)
def list_order_steps(caller: Caller, order_id: UUID) -> Page:
    """List every step that the lines of an order have reached, the latest first."""
    if order_id not in orders.orders([order_id]):
        raise missing("order", order_id)
    return Page(queries.steps_of_orders([order_id]))


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """A policy with the steps of its published version and the kinds of items it serves (empty: any)."""

    id: UUID
    code: str
    name: str
    version: int
    published_at: datetime
    rank: int
    item_kinds: list[str]
    steps: list[dict[str, Any]]


@operation(router.get, "/policies", needs="policies.view", answers=PolicyFacts, page=True)
def list_policies() -> Page:
    """Policies as they are published: the steps that serve a line, and for which items."""
    return Page([PolicyFacts(*row[:-1], json.loads(row[-1])) for row in sql.rows("list_policies")])


saves(
    router, "/policies", name="policy", needs="policies.edit", takes=PolicyDraft, verb=actions.publish_policies,
    subject=lambda draft: draft.code,
    what="Publish the next version of a policy. Lines on their way keep the version they began with.",
)  # fmt: skip


@operation(router.get, "/failed-steps", needs="orders.view", answers=StepView, page=True)
def list_failed_steps(caller: Caller, limit: Limit = 100) -> Page:
    """List steps that gave up and wait for a person."""
    return Page(queries.failed_steps(limit))


@operation(router.post, "/failed-steps/retry", needs="fulfilment.work",
    answers=dict[str, Any]
)  # fmt: skip
def retry_steps(caller: Caller, body: RetryWish) -> dict[str, object]:
    """Let failed steps be tried again at once."""
    outcome = actions.retry(body.state_ids, actor=caller.actor, at=caller.at)
    return several(outcome)
