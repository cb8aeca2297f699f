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
from auftakt.fulfilment.types import BillDraw
from auftakt.orders import actions as orders
from auftakt.platform import journal
from auftakt.values import Outcome, Refusal


def bill(shipment_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """One invoice per order over everything not billed yet of the shipments; the first carries the order's charges.

    Gives back invoice ids in the order of the shipments. A shipment billed before gives back the invoice it is on, so
    that billing twice changes nothing. Money paid in advance for the order settles the invoice at once.
    Refused by shipment: shipment_unknown; invoice_negative (a revision made the order cost less than billed).
    """
    keys = list(dict.fromkeys(shipment_ids))
    with transaction.atomic():
        rows = _lines(keys, ())
        order_of = {row.shipment_id: row.order_id for row in rows}
        wanted = {row.shipment_line_id: row.to_bill for row in rows if row.to_bill > 0}
        fresh = {row.shipment_id for row in rows if row.to_bill > 0}
        made = _issue(rows, wanted, list(dict.fromkeys(order_of[key] for key in keys if key in fresh)), actor, at)
        before = _invoices_before([key for key in keys if key in order_of and key not in fresh])
        done: list[UUID] = []
        refused: list[Refusal] = []
        for key in keys:
            if key not in order_of:
                text = f"There is no shipment {key} with lines to bill."
                refused.append(Refusal.because(key, "shipment_unknown", text))
            elif key not in fresh:
                done += before.get(key, [])
            elif order_of[key] in made:
                done.append(made[order_of[key]])
            else:
                refused.append(_negative(key))
        return Outcome(tuple(dict.fromkeys(done)), tuple(refused))


def bill_pieces(pieces: Sequence[BillPiece], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Like `bill`, for parts of shipment lines. One invoice per order.

    Refused by piece: shipment_line_unknown, billed_too_much (more than shipped and not billed yet, or nothing),
    invoice_negative.
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
        refused += [_negative(key) for key in wanted if found[key].order_id not in made]
        return Outcome(tuple(made[order_id] for order_id in order_ids if order_id in made), tuple(refused))


def _negative(key: UUID) -> Refusal:
    text = "The order costs less since it was revised than is billed of it already: credit the earlier invoice first."
    return Refusal.because(key, "invoice_negative", text)


def _lines(shipment_ids: Sequence[UUID], shipment_line_ids: Sequence[UUID]) -> list[Any]:
    keys = {"shipment_ids": list(shipment_ids), "shipment_line_ids": list(shipment_line_ids)}
    sql.rows("lock_orders_of_shipments", **keys)
    return sql.records("read_lines_to_bill", **keys)


def _invoices_before(shipment_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Invoices of shipments on which nothing was left to bill."""
    before: dict[UUID, list[UUID]] = {}
    if shipment_ids:
        for shipment_id, invoice_id in sql.rows("read_invoices_of_shipments", shipment_ids=list(shipment_ids)):
            before.setdefault(shipment_id, []).append(invoice_id)
    return before


def _issue(
    rows: Sequence[Any], wanted: Mapping[UUID, Decimal], order_ids: Sequence[UUID], actor: str, at: datetime
) -> dict[UUID, UUID]:
    """Issue one invoice for each order, none where it would be negative; invoice id by order id."""
    if not order_ids:
        return {}
    heads = {row.id: row for row in sql.records("read_orders_to_bill", order_ids=list(order_ids))}
    drafts = {key: _draft(heads[key], day_of(at)) for key in order_ids}
    _add_pieces(drafts, heads, rows, wanted)
    _add_charges(drafts)
    invoices = [each for each in drafts.values() if each.amounts.gross >= 0]
    if not invoices:
        return {}
    _draw(invoices, actor, at)
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


def _draw(invoices: Sequence[DraftInvoice], actor: str, at: datetime) -> None:
    """Draw what the invoices carry from what is shipped and not billed, and from the orders' charges."""
    draws = [
        BillDraw(line.shipment_line_id, line.quantity)
        for each in invoices
        for line in each.lines
        if line.shipment_line_id
    ]
    drawn = fulfilment.draw_to_bill(draws, actor=actor, at=at)
    if drawn.refused:
        raise RuntimeError(f"billed more than shipped under lock: {drawn.refused}")
    charged = sorted({each.order_id for each in invoices if any(line.charge_id for line in each.lines)})
    if charged:
        orders.bill_charges(charged, actor=actor, at=at)


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


def _add_charges(drafts: Mapping[UUID, DraftInvoice]) -> None:
    for row in sql.records("read_charges_to_bill", order_ids=list(drafts)):
        amounts = Amounts(row.net, row.tax)
        line = DraftLine(row.name, Decimal(1), "", row.net, row.tax_category, row.tax_rate, amounts, charge_id=row.id)
        drafts[row.order_id].lines.append(line)


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
