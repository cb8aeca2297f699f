"""Closing: an order of which nothing is open any more, with its perfect-order facts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.orders import queries
from auftakt.orders.queries import sql
from auftakt.orders.types import ORDER_LIFECYCLE, Closing
from auftakt.parties import actions as parties
from auftakt.parties.types import CreditClaim
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import insert_rows
from auftakt.values import Outcome, Refusal

_CLOSURE = ("order_id", "closed_at", "in_full", "on_time", "undamaged", "billed_right", "perfect")


def close(closings: Sequence[Closing], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Close orders and keep their perfect-order facts: perfect is in full, on time, undamaged and billed right at once.

    Credit an order still holds goes back. Refused: `still_open`, `not_submitted`, `unknown_order`.
    """
    by_order = {closing.order_id: closing for closing in closings}
    with transaction.atomic():
        rows = {row.id: row for row in sql.records("lock_orders", ids=list(by_order))}
        unfinished = {row[0] for row in sql.rows("read_open_orders", ids=list(rows))}
        refused = [
            refusal for key in by_order if (refusal := _not_closable(key, rows.get(key), is_open=key in unfinished))
        ]
        barred = {refusal.subject for refusal in refused}
        good = [closing for key, closing in by_order.items() if str(key) not in barred]
        if good:
            _store(good, actor=actor, at=at)
    return Outcome(tuple(closing.order_id for closing in good), tuple(refused))


def _not_closable(key: UUID, row: Any, *, is_open: bool) -> Refusal | None:
    if row is None:
        return Refusal.because(key, "unknown_order", f"There is no order {key}.")
    if not ORDER_LIFECYCLE.allows("close", row.state):
        return Refusal.because(
            key, "not_submitted", f"Order {row.number} is {row.state}, not submitted.", number=row.number
        )
    if is_open:
        return Refusal.because(
            key, "still_open", f"Order {row.number} has quantities that are neither shipped nor cancelled.",
            number=row.number,
        )  # fmt: skip
    return None


def _store(good: Sequence[Closing], *, actor: str, at: datetime) -> None:
    ids = [closing.order_id for closing in good]
    sql.run("end_closed_orders", ids=ids, at=at)
    closures = [
        (each.order_id, at, each.in_full, each.on_time, each.undamaged, each.billed_right, _is_perfect(each))
        for each in good
    ]
    insert_rows("orders_closure", _CLOSURE, closures)
    orders = queries.orders(ids)
    returns = [
        CreditClaim(orders[key].customer_id, key, orders[key].gross, orders[key].currency)
        for key in ids
        if orders[key].is_on_credit and orders[key].gross
    ]
    if returns:
        parties.give_back_credit(returns, actor=actor, at=at)
    entries = [Entry("order", each.order_id, {"perfect": _is_perfect(each)}) for each in good]
    journal.write("order.closed", entries, actor=actor, at=at)


def _is_perfect(closing: Closing) -> bool:
    return closing.in_full and closing.on_time and closing.undamaged and closing.billed_right
