"""Where lines stand in their policies, and steps that failed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import missing
from auftakt.api.pages import Limit, several
from auftakt.api.registry import Page, operation
from auftakt.orchestration import actions, queries
from auftakt.orchestration.types import StepView
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
