"""Holds: stop signs on orders, each with its reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.orders.queries import sql
from auftakt.orders.types import ORDER_LIFECYCLE
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import insert_rows
from auftakt.values import Outcome, Refusal, new_ids


def hold(order_ids: Sequence[UUID], reason_code: str, note: str = "", *, actor: str, at: datetime) -> Outcome[UUID]:
    """Stop orders for a reason: nothing of them is released while a hold is in force.

    Refused: `reason_missing`, `already_held` (for the same reason), `order_ended`, `unknown_order`.
    """
    with transaction.atomic():
        locked, refused = _lock(order_ids)
        held = {row[0] for row in sql.rows("read_holds_in_force", ids=list(locked), reason=reason_code)}
        good: list[UUID] = []
        for key, row in locked.items():
            refusal = _no_hold(row, reason_code, is_held=key in held)
            if refusal:
                refused.append(refusal)
            else:
                good.append(key)
        rows = [
            (fresh, key, reason_code, note, at, actor, "", "")
            for fresh, key in zip(new_ids(len(good)), good, strict=True)
        ]
        insert_rows(
            "orders_hold",
            ("id", "order_id", "reason_code", "note", "placed_at", "placed_by", "released_by", "release_note"),
            rows,
        )
        entries = [Entry("order", key, {"reason": reason_code, "note": note}) for key in good]
        journal.write("order.held", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def release_holds(
    order_ids: Sequence[UUID], reason_code: str | None, note: str = "", *, actor: str, at: datetime
) -> Outcome[UUID]:
    """Take the hold of a reason off orders; None: every hold in force. Refused: `not_held` (none in force),
    `unknown_order`."""
    with transaction.atomic():
        locked, refused = _lock(order_ids)
        off = sql.rows("release_holds", ids=list(locked), reason=reason_code, note=note, actor=actor, at=at)
        freed = {order_id for order_id, _ in off}
        good = [key for key in locked if key in freed]
        refused += [
            Refusal.because(
                key, "not_held", f"Order {row.number} has no hold {reason_code!r} in force." if reason_code
                else f"Order {row.number} has no hold in force.", number=row.number, reason=reason_code or "",
            )
            for key, row in locked.items()
            if key not in freed
        ]  # fmt: skip
        entries = [Entry("order", key, {"reason": reason, "note": note}) for key, reason in sorted(off)]
        journal.write("order.hold_released", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def _lock(order_ids: Sequence[UUID]) -> tuple[dict[UUID, Any], list[Refusal]]:
    rows = {row.id: row for row in sql.records("lock_orders", ids=list(order_ids))}
    chosen = list(dict.fromkeys(order_ids))
    unknown = [Refusal.because(key, "unknown_order", f"There is no order {key}.") for key in chosen if key not in rows]
    return {key: rows[key] for key in chosen if key in rows}, unknown


def _no_hold(row: Any, reason_code: str, *, is_held: bool) -> Refusal | None:
    if not reason_code or len(reason_code) > 64:
        return Refusal.because(row.id, "reason_missing", "Say in one short word why the order is held.")
    if row.state in ORDER_LIFECYCLE.ends:
        return Refusal.because(
            row.id, "order_ended", f"Order {row.number} is {row.state}: there is nothing to hold.", number=row.number
        )
    if is_held:
        return Refusal.because(
            row.id, "already_held", f"Order {row.number} is held for {reason_code!r} already.", number=row.number,
            reason=reason_code,
        )  # fmt: skip
    return None
