"""What may be done with an order: change, submit, hold, cancel, and a look ahead."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, faulty, missing, refused
from auftakt.api.order_reads import router
from auftakt.api.orders import (
    EXAMPLE,
    Order,
    adjustment_findings,
    at_body,
    known_order,
    mark_of,
    order_answer,
    order_draft,
    showing,
)
from auftakt.api.registry import Answered, operation
from auftakt.api.statements import sql
from auftakt.orders import actions, queries
from auftakt.orders.types import Cancellation, Preview
from auftakt.values import Outcome

_ETAG = re.compile(r'(?:W/)?"[^"]*"')


@dataclass(frozen=True, slots=True)
class HoldWish:
    """Why an order is stopped, or let go again: a short word, and a note."""

    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CancelWish:
    """What of an order is given up: all that is open, a line of it, or a quantity of a line."""

    reason: str = ""
    line_id: UUID | None = None
    quantity: Decimal | None = None


def _guarded(request: HttpRequest, order: str, verb: Any, result: str) -> Answered:
    """Do a verb to an order that still is as the caller's If-Match says; answers with the order and its new ETag."""
    key = known_order(order)
    wanted = request.headers.get("If-Match", "").strip()
    with transaction.atomic():
        if sql.value("lock_order", id=key) is None:
            raise missing("order", order)
        if wanted and wanted != "*":
            now = mark_of(key)
            if now not in _ETAG.findall(wanted):
                text = "The order was changed since you read it: read it again, and decide anew."
                raise Problem(412, "order_changed", text, place="", etag=now)
        outcome = verb(key)
        if outcome.refused:
            raise refused(outcome.refused, named=[str(key)])
    return order_answer(key, getattr(outcome.done[0], "result", result))


@operation(router.put, "/orders/{order}", needs="orders.edit", example=EXAMPLE)
def change_order(caller: Caller, request: HttpRequest, order: str, body: Order) -> Answered:
    """Let an order become what the body says; send the ETag you read as If-Match.

    A draft stays a draft. A submitted order gets a new revision: changed lines are promised and priced anew. Source
    system and external reference stay.
    """
    barred = adjustment_findings(body, caller)
    if barred:
        raise faulty(403, barred)
    draft = order_draft(body, request.parsed, caller)  # type: ignore[attr-defined]

    def verb(key: UUID) -> Outcome[Any]:
        outcome = actions.change(key, draft, actor=caller.actor, at=caller.at, roles=caller.roles)
        return Outcome(outcome.done, tuple(map(at_body, outcome.refused)))

    return _guarded(request, order, verb, "revised")


@operation(router.post, "/orders/{order}/submit", needs="orders.edit")
def submit_order(caller: Caller, request: HttpRequest, order: str) -> Answered:
    """Submit a draft: it is priced and promised as of now, and binds."""
    return _guarded(request, order, lambda key: actions.submit([key], actor=caller.actor, at=caller.at), "submitted")


@operation(router.post, "/orders/{order}/hold", needs="orders.hold")
def hold_order(caller: Caller, request: HttpRequest, order: str, body: HoldWish) -> Answered:
    """Stop an order for a reason: nothing of it is released while the hold is in force."""

    def verb(key: UUID) -> Outcome[UUID]:
        return actions.hold([key], body.reason, body.note, actor=caller.actor, at=caller.at)

    return _guarded(request, order, verb, "held")


@operation(router.post, "/orders/{order}/release-hold", needs="orders.hold")
def release_order_hold(caller: Caller, request: HttpRequest, order: str, body: HoldWish) -> Answered:
    """Take the hold of a reason off an order."""

    def verb(key: UUID) -> Outcome[UUID]:
        return actions.release_holds([key], body.reason, body.note, actor=caller.actor, at=caller.at)

    return _guarded(request, order, verb, "hold_released")


@operation(router.post, "/orders/{order}/cancel", needs="orders.cancel")
def cancel_order(caller: Caller, request: HttpRequest, order: str, body: CancelWish) -> Answered:
    """Give up what is open and not released: of the order, of a line, or a quantity of a line."""

    def verb(key: UUID) -> Outcome[UUID]:
        wish = Cancellation(key, body.line_id, body.quantity, body.reason)
        return actions.cancel([wish], actor=caller.actor, at=caller.at)

    return _guarded(request, order, verb, "cancelled")


@operation(router.post, "/order-previews", needs="orders.view", answers=Preview, example=EXAMPLE)
def preview_order(caller: Caller, request: HttpRequest, body: Order) -> Any:
    """What an order would cost and when it could be there. Nothing is stored or drawn.

    Problems are listed under `findings` with their places.
    """
    draft = order_draft(body, None, caller)
    told = queries.price_and_promise(draft, on=caller.today, roles=caller.roles)
    return showing(told)
