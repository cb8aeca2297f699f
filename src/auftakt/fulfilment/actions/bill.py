"""What invoices draw from what has left."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.rules import plain
from auftakt.fulfilment.types import BillDraw
from auftakt.values import Outcome, Refusal


def draw_to_bill(draws: Sequence[BillDraw], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Count quantities of shipment lines as billed, in input order, each whole or not at all.

    Done: the shipment lines. Refused, by shipment line: `billed_too_much`, `quantity_not_positive`,
    `unknown_shipment_line`. Nothing is journaled here: the invoice that draws is.
    """
    with transaction.atomic():
        ids = sorted({draw.shipment_line_id for draw in draws})
        left = {key: quantity - billed for key, quantity, billed in sql.rows("lock_shipment_lines", ids=ids)}
        sums: dict[UUID, Decimal] = {}
        done: list[UUID] = []
        refused: list[Refusal] = []
        for draw in draws:
            refusal = _refusal(draw, left.get(draw.shipment_line_id))
            if refusal:
                refused.append(refusal)
                continue
            done.append(draw.shipment_line_id)
            left[draw.shipment_line_id] -= draw.quantity
            sums[draw.shipment_line_id] = sums.get(draw.shipment_line_id, Decimal(0)) + draw.quantity
        if sums:
            sql.run("add_billed", ids=list(sums), quantities=list(sums.values()))
    return Outcome(tuple(done), tuple(refused))


def _refusal(draw: BillDraw, left: Decimal | None) -> Refusal | None:
    key = draw.shipment_line_id
    if left is None:
        return Refusal.because(key, "unknown_shipment_line", f"There is no shipment line {key}.")
    if not draw.quantity.is_finite() or draw.quantity <= 0:
        text = f"{draw.quantity} cannot be billed: it must be above zero."
        return Refusal.because(key, "quantity_not_positive", text)
    if draw.quantity > left:
        text = f"{plain(draw.quantity)} cannot be billed: {plain(left)} are shipped and not billed yet."
        return Refusal.because(key, "billed_too_much", text, asked=draw.quantity, to_bill=left)
    return None
