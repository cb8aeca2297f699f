"""Invoices for what has left or was performed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.billing import rules
from auftakt.billing.actions.issue import DraftInvoice, DraftLine, store
from auftakt.billing.actions.posting import Settled, day_of, post, settle_from_account, sql
from auftakt.billing.types import INVOICE, Amounts, Billable, BillPiece, Entry
from auftakt.fulfilment import actions as fulfilment
from auftakt.orders import actions as orders
from auftakt.platform import journal
from auftakt.values import Outcome, Refusal


def bill(shipment_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """One invoice per order over everything not billed yet of the shipments; the first carries the order's charges.

    Gives back invoice ids in the order of the shipments. A shipment billed before gives back the invoice it is on, so
    that billing twice changes nothing. Money paid in advance for the order settles the invoice at once.
    Refused: shipment_unknown.
    """
    with transaction.atomic():
        rows = _lines(shipment_ids, ())
        found = {row.shipment_id: row.order_id for row in rows}
        refused = tuple(
            Refusal.because(key, "shipment_unknown", f"There is no shipment {key} with lines to bill.")
            for key in dict.fromkeys(shipment_ids)
            if key not in found
        )
        wanted = {row.shipment_line_id: row.to_bill for row in rows if row.to_bill > 0}
        made = _issue(rows, wanted, list(dict.fromkeys(found[key] for key in shipment_ids if key in found)), actor, at)
        before = _invoices_before(rows, actor_ids=[key for key in shipment_ids if key in found])
        done: list[UUID] = []
        for key in shipment_ids:
            if key in found:
                fresh = any(row.shipment_id == key and row.shipment_line_id in wanted for row in rows)
                done += [made[found[key]]] if fresh else before.get(key, [])
        return Outcome(tuple(dict.fromkeys(done)), refused)


def bill_pieces(pieces: Sequence[BillPiece], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Like `bill`, for parts of shipment lines. One invoice per order.

    Refused by piece: shipment_line_unknown, billed_too_much (more than shipped and not billed yet, or nothing).
    """
    with transaction.atomic():
        asked: dict[UUID, Decimal] = {}
        for piece in pieces:
            asked[piece.shipment_line_id] = asked.get(piece.shipment_line_id, Decimal(0)) + piece.quantity
        rows = _lines((), tuple(asked))
        found = {row.shipment_line_id: row for row in rows}
        refused: list[Refusal] = []
        for key, quantity in asked.items():
            row = found.get(key)
            if row is None:
                refused.append(Refusal.because(key, "shipment_line_unknown", f"There is no shipment line {key}."))
            elif not 0 < quantity <= row.to_bill:
                text = f"{quantity:f} cannot be billed: {row.to_bill:f} {row.unit_code} are shipped and not billed yet."
                refused.append(Refusal.because(key, "billed_too_much", text, asked=quantity, to_bill=row.to_bill))
        bad = {refusal.subject for refusal in refused}
        wanted = {key: quantity for key, quantity in asked.items() if str(key) not in bad}
        order_ids = list(dict.fromkeys(found[key].order_id for key in wanted))
        made = _issue(rows, wanted, order_ids, actor, at)
        return Outcome(tuple(made[order_id] for order_id in order_ids), tuple(refused))


def _lines(shipment_ids: Sequence[UUID], shipment_line_ids: Sequence[UUID]) -> list[Any]:
    keys = {"shipment_ids": list(shipment_ids), "shipment_line_ids": list(shipment_line_ids)}
    sql.rows("lock_orders_of_shipments", **keys)
    return sql.records("read_lines_to_bill", **keys)


def _invoices_before(rows: Sequence[Any], *, actor_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Invoices of shipments on which nothing was left to bill."""
    left = {row.shipment_id for row in rows if row.to_bill > 0}
    closed = [key for key in dict.fromkeys(actor_ids) if key not in left]
    before: dict[UUID, list[UUID]] = {}
    if closed:
        for shipment_id, invoice_id in sql.rows("read_invoices_of_shipments", shipment_ids=closed):
            before.setdefault(shipment_id, []).append(invoice_id)
    return before


def _issue(
    rows: Sequence[Any], wanted: Mapping[UUID, Decimal], order_ids: Sequence[UUID], actor: str, at: datetime
) -> dict[UUID, UUID]:
    """Issue one invoice for each order with something wanted; invoice id by order id. The orders are locked."""
    busy = {row.order_id for row in rows if row.shipment_line_id in wanted}
    order_ids = [key for key in order_ids if key in busy]
    if not order_ids:
        return {}
    draws = [fulfilment.BillDraw(key, quantity) for key, quantity in wanted.items()]
    drawn = fulfilment.draw_to_bill(draws, actor=actor, at=at)
    if drawn.refused:
        raise RuntimeError(f"billed more than shipped under lock: {drawn.refused}")
    heads = {row.id: row for row in sql.records("read_orders_to_bill", order_ids=order_ids)}
    drafts = {key: _draft(heads[key], day_of(at)) for key in order_ids}
    _add_pieces(drafts, heads, rows, wanted)
    _add_charges(drafts, actor, at)
    invoices = list(drafts.values())
    store(invoices, at)
    post(
        Entry(
            each.legal_entity_id, each.currency, each.issued_on, "invoice", each.id, rules.invoice_sides(each.amounts)
        )
        for each in invoices
    )
    journal.write("billing.invoiced", [_told(each) for each in invoices], actor=actor, at=at)
    _use_prepayments(invoices, actor, at)
    return {each.order_id: each.id for each in invoices}


def _draft(head: Any, issued_on: date) -> DraftInvoice:
    return DraftInvoice(
        kind=INVOICE,
        legal_entity_id=head.legal_entity_id,
        entity_code=head.entity_code,
        order_id=head.id,
        customer_id=head.customer_id,
        bill_to_id=head.bill_to_id,
        currency=head.currency,
        language=head.language,
        issued_on=issued_on,
        due_on=rules.due_on(issued_on, head.due_days, prepaid=head.prepaid),
    )


def _add_pieces(
    drafts: Mapping[UUID, DraftInvoice], heads: Mapping[UUID, Any], rows: Sequence[Any], wanted: Mapping[UUID, Decimal]
) -> None:
    billed: dict[UUID, Billable] = {}
    for row in rows:
        quantity = wanted.get(row.shipment_line_id)
        if quantity is None:
            continue
        so_far = billed.get(row.order_line_id) or Billable(
            row.ordered, row.net, row.tax, row.billed_quantity, row.billed_net, row.billed_tax
        )
        head = heads[row.order_id]
        amounts = rules.piece_amounts(so_far, quantity, head.currency, tax_included=head.tax_included)
        billed[row.order_line_id] = rules.with_piece(so_far, quantity, amounts)
        drafts[row.order_id].lines.append(
            DraftLine(
                row.text,
                quantity,
                row.unit_code,
                row.unit_price,
                row.tax_category,
                row.tax_rate,
                amounts,
                order_line_id=row.order_line_id,
                shipment_line_id=row.shipment_line_id,
            )
        )


def _add_charges(drafts: Mapping[UUID, DraftInvoice], actor: str, at: datetime) -> None:
    rows = sql.records("read_charges_to_bill", order_ids=list(drafts))
    if not rows:
        return
    for row in rows:
        drafts[row.order_id].lines.append(
            DraftLine(
                row.name,
                Decimal(1),
                "",
                row.net,
                row.tax_category,
                row.tax_rate,
                Amounts(row.net, row.tax),
                charge_id=row.id,
            )
        )
    orders.bill_charges(sorted({row.order_id for row in rows}), actor=actor, at=at)


def _told(invoice: DraftInvoice) -> journal.Entry:
    sums = invoice.amounts
    return journal.Entry(
        "invoice",
        invoice.id,
        {
            "order_id": invoice.order_id,
            "number": invoice.number,
            "net": sums.net,
            "tax": sums.tax,
            "gross": sums.gross,
            "currency": invoice.currency,
            "due_on": invoice.due_on,
        },
    )


def _use_prepayments(invoices: Sequence[DraftInvoice], actor: str, at: datetime) -> None:
    """Money that came in for the orders before settles the invoices, first paid first used."""
    free: dict[UUID, list[Any]] = {}
    for row in sql.records("lock_prepayments", order_ids=[each.order_id for each in invoices]):
        free.setdefault(row.order_id, []).append(row)
    settled: list[Settled] = []
    for each in invoices:
        left = each.amounts.gross
        for row in free.get(each.order_id, ()):
            part = min(left, row.free)
            if part > 0 and (row.currency, row.legal_entity_id) == (each.currency, each.legal_entity_id):
                settled.append(
                    Settled(row.id, each.id, each.order_id, each.customer_id, each.legal_entity_id, each.currency, part)
                )
                left -= part
    settle_from_account(settled, actor=actor, at=at)
