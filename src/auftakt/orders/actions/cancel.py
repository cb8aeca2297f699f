"""Cancelling what is still open: whole orders, lines, or quantities of lines."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.orders.actions.placing import ZERO, Standing, stand
from auftakt.orders.actions.store import FULFILMENT
from auftakt.orders.queries import sql
from auftakt.orders.rules import GivenUp, cancellation_finding, covered, give_up, plain
from auftakt.orders.types import ORDER_LIFECYCLE, Cancellation, FulfilmentFacts, LineFacts
from auftakt.parties import actions as parties
from auftakt.parties.types import CreditClaim
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.promising import actions as promising
from auftakt.promising.types import CommitmentSplit
from auftakt.values import Outcome, Refusal, new_ids


@dataclass(slots=True)
class _Work:
    """An order in the course of a batch of cancellations: its lines as they will be, and what was given up."""

    standing: Standing
    row: Any
    cancelled: dict[UUID, Decimal] = field(default_factory=lambda: defaultdict[UUID, Decimal](Decimal))
    reasons: list[str] = field(default_factory=list[str])

    @property
    def is_draft(self) -> bool:
        return self.row.state == ORDER_LIFECYCLE.start

    def open(self, line: LineFacts) -> Decimal:
        return line.open - self.cancelled[line.id]

    def open_pieces(self, line: LineFacts) -> list[FulfilmentFacts]:
        return [piece for piece in self.standing.served.get(line.id, ()) if piece.state == "open"]


def cancel(cancellations: Sequence[Cancellation], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give up what is open and not released: of an order, of a line, or a quantity of a line.

    Promises go back to supply and the share of the gross to the customer's credit line; nothing is priced anew. An
    order of which every line is cancelled is cancelled itself; a draft is only cancelled as a whole. Done: the orders,
    in input order. Refused (subject: the order): `more_than_open`, `unknown_line`, `draft_in_part`, `order_ended`,
    `unknown_order`.
    """
    with transaction.atomic():
        chosen = sorted({wish.order_id for wish in cancellations})
        rows = {row.id: row for row in sql.records("lock_orders", ids=chosen)}
        works = {key: _Work(standing, rows[key]) for key, standing in stand(list(rows)).items()}
        decimals = {code: unit.decimals for code, unit in catalog.units().items()}
        done: list[UUID] = []
        refused: list[Refusal] = []
        for wish in cancellations:
            refusal = _give_up(wish, works.get(wish.order_id), decimals)
            if refusal:
                refused.append(refusal)
            else:
                done.append(wish.order_id)
        touched = [work for work in works.values() if any(work.cancelled.values())]
        if touched:
            _store(touched, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _give_up(wish: Cancellation, work: _Work | None, decimals: dict[str, int]) -> Refusal | None:
    """Take note of what is given up, or say why it cannot be."""
    if work is None:
        return Refusal.because(wish.order_id, "unknown_order", f"There is no order {wish.order_id}.")
    order, lines = work.standing.order, work.standing.lines
    if not ORDER_LIFECYCLE.allows("cancel", work.row.state):
        return Refusal.because(
            order.id, "order_ended", f"Order {order.number} is {work.row.state}: nothing of it is open.",
            number=order.number, state=work.row.state,
        )  # fmt: skip
    if work.is_draft and wish.line_id is not None:
        return Refusal.because(
            order.id, "draft_in_part", f"Order {order.number} is a draft: change it instead.", number=order.number
        )
    meant = [line for line in lines if wish.line_id in (None, line.id)]
    open_now = sum((work.open(line) for line in meant), ZERO)
    finding = cancellation_finding(wish, order.number, lines, open_now, decimals.get(meant[0].unit, 0) if meant else 0)
    if finding:
        return Refusal(str(order.id), (finding,))
    for line in meant:
        work.cancelled[line.id] += work.open(line) if wish.quantity is None else wish.quantity
    if wish.reason and wish.reason not in work.reasons:
        work.reasons.append(wish.reason)
    return None


def _store(works: Sequence[_Work], *, actor: str, at: datetime) -> None:
    given_up = [
        each
        for work in works
        if not work.is_draft
        for line in work.standing.lines
        for each in give_up(work.open_pieces(line), work.cancelled[line.id])
    ]
    _give_back_supply(given_up, actor=actor, at=at)
    sums = [(line, quantity) for work in works for line, quantity in work.cancelled.items() if quantity]
    ids, quantities = columns(sums, 2)
    sql.run("add_cancelled", ids=ids, quantities=quantities)
    ended = {row[0] for row in sql.rows("end_cancelled_orders", ids=[work.row.id for work in works])}
    claims = [claim for work in works if (claim := _returned(work, is_ended=work.row.id in ended)).amount > 0]
    if claims:
        parties.give_back_credit(claims, actor=actor, at=at)
    entries = [
        Entry(
            "order",
            work.row.id,
            {
                "reason": "; ".join(work.reasons),
                "lines": {
                    line.external_line_id: plain(work.cancelled[line.id])
                    for line in work.standing.lines
                    if work.cancelled[line.id]
                },
                "state": "cancelled" if work.row.id in ended else work.row.state,
            },
        )
        for work in works
    ]
    journal.write("order.cancelled", entries, actor=actor, at=at)


def _give_back_supply(given_up: Sequence[GivenUp], *, actor: str, at: datetime) -> None:
    """Pieces given up in part are split: what is cancelled becomes a cancelled line of its own."""
    if not given_up:
        return
    parted = [each for each in given_up if each.left]
    whole = [each.piece.id for each in given_up if not each.left]
    fresh = new_ids(len(parted))
    rows: list[tuple[Any, ...]] = []
    shrunk: list[tuple[UUID, Decimal, Decimal]] = []
    splits: list[CommitmentSplit] = []
    for key, each in zip(fresh, parted, strict=True):
        piece = each.piece
        factor = piece.base_quantity / piece.quantity
        left = each.left * factor
        splits.append(CommitmentSplit(piece.id, key, left, piece.base_quantity))
        shrunk.append((piece.id, each.left, left))
        rows.append(
            (
                key, piece.order_id, piece.line_id, piece.item_id, each.quantity, piece.base_quantity - left,
                "cancelled", None, None, None, None, piece.id, None,
            )
        )  # fmt: skip
    if parted:
        promising.split_commitments(splits, actor=actor, at=at)
        ids, quantities, bases = columns(shrunk, 3)
        sql.run("shrink_fulfilment_lines", ids=ids, quantities=quantities, bases=bases, released=[])
        insert_rows("orders_fulfilmentline", FULFILMENT, rows)
    promising.release([*whole, *fresh], actor=actor, at=at)
    if whole:
        sql.run("cancel_fulfilment_lines", ids=whole)


def _returned(work: _Work, *, is_ended: bool) -> CreditClaim:
    """What the order needs no credit for any more: the lines' share, or all, charges too, when nothing is left."""
    order = work.standing.order
    amount = ZERO
    if order.is_on_credit and not work.is_draft:
        for line in work.standing.lines:
            after = replace(line, cancelled=line.cancelled + work.cancelled[line.id])
            amount += covered(line.gross, line.quantity, line.cancelled, order.currency)
            amount -= covered(after.gross, after.quantity, after.cancelled, order.currency)
        if is_ended:
            amount = order.gross
    return CreditClaim(order.customer_id, order.id, amount, order.currency)
