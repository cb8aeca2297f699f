"""Revisions: what differs between an order as it stands and the draft it is to become."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from auftakt.orders.rules.content import plain
from auftakt.orders.rules.screening import Screened, ScreenedLine
from auftakt.orders.types import LineFacts, OrderFacts
from auftakt.parties.types import AddressFacts
from auftakt.values import Finding, round_money

_PROMISE_HEAD = frozenset({"ship_to", "not_before_on", "split_dates", "split_sites", "priority"})


@dataclass(slots=True)
class LineChange:
    """A line of the draft beside the line it was; `moves` says that its promise no longer fits."""

    line: ScreenedLine
    before: LineFacts | None
    moves: bool


@dataclass(slots=True)
class Difference:
    """What a draft changes on an order. `head` and `lines` are before/after pairs by name, for people to read."""

    changes: list[LineChange]
    removed: list[LineFacts]
    head: dict[str, Any] = field(default_factory=dict[str, Any])
    lines: dict[str, Any] = field(default_factory=dict[str, Any])

    def as_json(self) -> dict[str, Any]:
        """The difference as it is kept with the revision; empty when nothing differs."""
        return {name: part for name, part in (("order", self.head), ("lines", self.lines)) if part}


def as_new(screened: Screened) -> Difference:
    """A first version: every line is new and nothing differs."""
    return Difference([LineChange(line, None, True) for line in screened.lines], [])


def compare(screened: Screened, order: OrderFacts, before: Sequence[LineFacts]) -> tuple[Difference, list[Finding]]:
    """The difference that a screened draft makes to an order, or why it cannot: lines that have gone too far."""
    findings: list[Finding] = []
    head = _head_difference(screened, order)
    moved = bool(_PROMISE_HEAD & head.keys())
    by_id = {line.external_line_id: line for line in before}
    difference = Difference([], [], head)
    if screened.customer.id != order.customer_id:
        findings.append(
            Finding(
                "customer_fixed",
                f"Order {order.number} belongs to another customer: cancel it and order anew.",
                "/customer_number",
            )
        )
    for line in screened.lines:
        was = by_id.pop(line.external_line_id, None)
        if was is None:
            difference.lines[line.external_line_id] = {"added": [line.item.sku, plain(line.quantity), line.unit]}
            difference.changes.append(LineChange(line, None, True))
            continue
        findings += _line_findings(line, was)
        changed = _line_difference(line, was)
        if changed:
            difference.lines[line.external_line_id] = changed
        moves = moved or bool(changed.keys() - {"manual"})
        difference.changes.append(LineChange(line, was, moves))
    for was in by_id.values():
        if was.quantity == was.cancelled:
            continue
        if was.released or was.shipped:
            findings.append(_below(was, Decimal(0), "/lines"))
        difference.removed.append(was)
        difference.lines[was.external_line_id] = {"removed": [was.sku, plain(was.quantity), was.unit]}
    return difference, findings


def _head_difference(screened: Screened, order: OrderFacts) -> dict[str, Any]:
    draft = screened.draft
    pairs: dict[str, tuple[Any, Any]] = {
        "currency": (order.currency, screened.currency),
        "payment_terms": (order.payment_terms, screened.terms.code),
        "payment_method": (order.payment_method, screened.payment_method),
        "payment_token": (order.payment_token, draft.payment_token.strip()),
        "price_list": (order.price_list_code, draft.price_list_code),
        "customer_reference": (order.customer_reference, draft.customer_reference),
        "requested_ship_on": (order.requested_ship_on, screened.requested_ship_on),
        "requested_arrival_on": (order.requested_arrival_on, screened.requested_arrival_on),
        "not_before_on": (order.not_before_on, draft.not_before_on),
        "split_dates": (order.split_dates, draft.split_dates),
        "split_sites": (order.split_sites, draft.split_sites),
        "priority": (order.priority, draft.priority),
        "notes": (order.notes, draft.notes),
        "legal_entity": (order.legal_entity_id, screened.entity.id),
        "bill_to": (order.bill_to_id, _address_id(screened.bill_to)),
        "ship_to": (order.ship_to_id, _address_id(screened.ship_to)),
    }
    return {name: [old, new] for name, (old, new) in pairs.items() if old != new}


def _address_id(address: object) -> Any:
    return address.id if isinstance(address, AddressFacts) else "given with the order"


def _line_difference(line: ScreenedLine, was: LineFacts) -> dict[str, Any]:
    manual = line.manual
    adjusted = f"{manual.kind} {plain(manual.value)}" if manual else ""
    was_adjusted = f"{was.manual_kind} {plain(was.manual_value)}" if was.manual_value is not None else ""
    pairs: dict[str, tuple[Any, Any]] = {
        "item": (was.sku, line.item.sku),
        "unit": (was.unit, line.unit),
        "quantity": (plain(was.quantity), plain(line.quantity)),
        "requested_ship_on": (was.requested_ship_on, line.requested_ship_on),
        "requested_arrival_on": (was.requested_arrival_on, line.requested_arrival_on),
        "manual": (was_adjusted, adjusted),
    }
    return {name: [old, new] for name, (old, new) in pairs.items() if old != new}


def _line_findings(line: ScreenedLine, was: LineFacts) -> list[Finding]:
    place = f"/lines/{line.position}"
    gone = was.released + was.shipped + was.cancelled
    if line.quantity < gone:
        return [_below(was, line.quantity, f"{place}/quantity")]
    if gone and (line.item.id != was.item_id or line.unit != was.unit):
        return [
            Finding(
                "line_fixed",
                f"Line {was.external_line_id} has been partly released, shipped or cancelled: its item and unit stay"
                f" {was.sku} by {was.unit}. Add another line instead.",
                place,
                {"line": was.external_line_id, "item": was.sku, "unit": was.unit},
            )
        ]
    return []


def _below(was: LineFacts, wanted: Decimal, place: str) -> Finding:
    return Finding(
        "below_released",
        f"Line {was.external_line_id} cannot fall to {plain(wanted)} {was.unit}: {plain(was.released)} are released,"
        f" {plain(was.shipped)} shipped, {plain(was.cancelled)} cancelled.",
        place,
        {
            "line": was.external_line_id,
            "wanted": plain(wanted),
            "released": plain(was.released),
            "shipped": plain(was.shipped),
            "cancelled": plain(was.cancelled),
        },
    )


def covered(gross: Decimal, quantity: Decimal, cancelled: Decimal, currency: str) -> Decimal:
    """The part of a line's gross that is still owed or will be: without the share of what was cancelled."""
    if not cancelled:
        return gross
    return gross - round_money(gross * cancelled / quantity, currency)


def scaled(amount: Decimal, old: Decimal, new: Decimal, currency: str) -> Decimal:
    """An amount for `old` of something at the same price for `new` of it."""
    return amount if old == new else round_money(amount * new / old, currency)
