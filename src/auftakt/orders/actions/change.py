"""Changing an order by its id: a draft freely, a submitted order by a new revision."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.orders.actions.placing import Placing, stand
from auftakt.orders.actions.submit import place
from auftakt.orders.queries import sql
from auftakt.orders.rules import content, fingerprint
from auftakt.orders.types import ORDER_LIFECYCLE, Captured, OrderDraft
from auftakt.values import Outcome, Refusal


def change(
    order_id: UUID, draft: OrderDraft, *, actor: str, at: datetime, roles: Collection[str] = (), seen: str = ""
) -> Outcome[Captured]:
    """Let an order become what the draft says. Its source, reference and day of order stay.

    A draft stays a draft. A submitted order gets a new revision: lines are matched by their external ids, changed ones
    give back their promise and are promised anew, all is priced again except what was shipped, and no line falls
    below what is released, shipped or cancelled of it. `seen` is the fingerprint of the content that the change was
    thought out on: when somebody else changed the order meanwhile, nothing is written. Refused: `unknown_order`,
    `order_ended`, `changed_meanwhile`, what `capture` refuses.
    """
    with transaction.atomic():
        locked = sql.records("lock_orders", ids=[order_id])
        if not locked:
            refusal = Refusal.because(order_id, "unknown_order", f"There is no order {order_id}.")
            return Outcome((), (refusal,))
        state, number = locked[0].state, locked[0].number
        if state in ORDER_LIFECYCLE.ends:
            refusal = Refusal.because(
                order_id, "order_ended", f"Order {number} is {state} and cannot be changed.", number=number, state=state
            )
            return Outcome((), (refusal,))
        if seen and seen != locked[0].content_sha256:
            refusal = Refusal.because(
                order_id, "changed_meanwhile", f"Somebody else changed order {number} meanwhile.", number=number
            )
            return Outcome((), (refusal,))
        standing = stand([order_id])[order_id]
        order = standing.order
        own = replace(
            draft,
            source_system=order.source_system,
            external_reference=order.external_reference,
            ordered_at=order.ordered_at,
        )
        text = content(own)
        submits = state != ORDER_LIFECYCLE.start
        placing = Placing(0, str(order_id), own, text, fingerprint(text), submits, order_id, standing)
        placed = place([placing], actor=actor, at=at, roles=roles)
    return Outcome(tuple(placed.done), tuple(placed.refused))
