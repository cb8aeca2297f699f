"""Performing: services, and goods that never were in stock, are done without a warehouse."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.actions.ship import SHIPMENT, add_lines
from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.types import SHIPMENT_LIFECYCLE, SHIPMENT_NUMBERS
from auftakt.orders import actions as orders
from auftakt.orders.types import WITHOUT_STOCK
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import numbers as drawn_numbers
from auftakt.platform.sql import insert_rows
from auftakt.values import Outcome, Refusal, new_ids


def perform(fulfilment_line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Lines without stock have been done at `at`: one shipment of kind service for each order, to be billed like goods.

    It counts as delivered. Done: the shipments. Refused, by fulfilment line: `not_performable` (the item comes from
    stock), `line_not_released` (done or cancelled before), `order_on_hold`, `unknown_line`.
    """
    chosen = list(dict.fromkeys(fulfilment_line_ids))
    with transaction.atomic():
        sql.rows("lock_orders_of_lines", ids=chosen)
        rows = {row.id: row for row in sql.records("read_lines_to_perform", ids=chosen)}
        refused = [_from_stock(rows[key]) for key in chosen if key in rows and rows[key].kind not in WITHOUT_STOCK]
        barred = {refusal.subject for refusal in refused}
        done = orders.ship_lines([key for key in chosen if str(key) not in barred], actor=actor, at=at)
        made = _store([rows[key] for key in done.done], actor=actor, at=at)
    return Outcome(tuple(made), (*refused, *done.refused))


def _from_stock(row: Any) -> Refusal:
    text = f"{row.sku} of order {row.order_number} comes from stock: release it to its site instead."
    return Refusal.because(row.id, "not_performable", text, order=row.order_number, item=row.sku)


def _store(lines: Sequence[Any], *, actor: str, at: datetime) -> list[UUID]:
    groups: dict[UUID, list[Any]] = {}
    for line in lines:
        groups.setdefault(line.order_id, []).append(line)
    if not groups:
        return []
    ids = new_ids(len(groups))
    numbers = drawn_numbers(SHIPMENT_NUMBERS, len(groups))
    state = SHIPMENT_LIFECYCLE.after("deliver")
    rows: list[tuple[Any, ...]] = []
    entries: list[Entry] = []
    for key, (serial, number), (order_id, members) in zip(ids, numbers, groups.items(), strict=True):
        rows.append((key, serial, number, "service", order_id, None, None, "", "", state, at, at, False))
        entries.append(Entry("shipment", key, {"order_id": order_id, "number": number, "lines": len(members)}))
    insert_rows("fulfilment_shipment", SHIPMENT, rows)
    add_lines(
        (key, line.id, line.line_id, line.quantity)
        for key, members in zip(ids, groups.values(), strict=True)
        for line in members
    )
    journal.write("fulfilment.performed", entries, actor=actor, at=at)
    return ids
