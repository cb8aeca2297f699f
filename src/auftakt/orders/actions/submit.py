"""Submitting: the way of every order into the books, whether it is new, changed or a stored draft."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.orders import queries
from auftakt.orders.actions.placing import Placed, PlacedLine, Placing, as_json, components, stand
from auftakt.orders.actions.reserved import claim, turns
from auftakt.orders.actions.secure import secure
from auftakt.orders.actions.store import store, write_down
from auftakt.orders.queries import sql
from auftakt.orders.rules import as_new, compare, content, demand, is_storable, scaled, screen
from auftakt.orders.types import ORDER_LIFECYCLE, Captured, LineFacts
from auftakt.pricing.types import PricedLine, PricedOrder
from auftakt.promising import actions as promising
from auftakt.promising import queries as supply
from auftakt.promising.types import Demand, Promise
from auftakt.values import Finding, Outcome, Refusal, new_ids

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def submit(order_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Submit stored drafts: they are screened, priced and promised as of now, and bind from then on.

    Refused: what is not a draft (`not_a_draft`, `unknown_order`), and everything that `capture` refuses.
    """
    with transaction.atomic():
        locked = {row.id: row for row in sql.records("lock_orders", ids=list(order_ids))}
        chosen = list(dict.fromkeys(order_ids))
        drafts = [key for key in chosen if key in locked and ORDER_LIFECYCLE.allows("submit", locked[key].state)]
        barred = [_not_a_draft(key, locked.get(key)) for key in chosen if key not in set(drafts)]
        stored = queries.stored_drafts(drafts)
        standing = stand(drafts)
        wanted: list[Placing] = []
        for index, key in enumerate(drafts):
            mark, text = locked[key].content_sha256, content(stored[key])
            wanted.append(Placing(index, str(key), stored[key], text, mark, True, key, standing[key]))
        placed = place(wanted, actor=actor, at=at)
    done = {each.order_id for each in placed.done}
    return Outcome(tuple(key for key in drafts if key in done), (*barred, *placed.refused))


def _not_a_draft(order_id: UUID, row: Any) -> Refusal:
    if row is None:
        return Refusal.because(order_id, "unknown_order", f"There is no order {order_id}.")
    return Refusal.because(
        order_id, "not_a_draft", f"Order {row.number} is {row.state}: only a draft can be submitted.", number=row.number
    )


def place(wanted: Sequence[Placing], *, actor: str, at: datetime, roles: Collection[str] = ()) -> Placed:
    """Bring drafts into the books, in the caller's transaction: a constant number of statements for any number.

    Each refused draft leaves nothing behind, and the others go in. The order of the steps is the order of locks:
    orders, reservations, credit lines, supply.
    """
    screened, faulty = _screen(wanted, at)
    screened, unchanged = _set_aside(screened)
    quoted, unpriced = _quote(screened, roles)
    claimed, unreserved = claim(quoted, actor=actor, at=at)
    secured, refused, overtaken = secure(claimed, actor=actor, at=at)
    promises = _promise(secured, actor=actor, at=at)
    store(secured, promises, actor=actor, at=at)
    done = write_down(secured, actor=actor, at=at)
    return Placed([*unchanged, *done], [*faulty, *unpriced, *unreserved, *refused], overtaken)


def _screen(wanted: Sequence[Placing], at: datetime) -> tuple[list[Placing], list[Refusal]]:
    """Defaults and validation; for changes also what differs. Lines get their ids and numbers."""
    known = queries.look_up([placing.draft for placing in wanted])
    passed: list[Placing] = []
    refused: list[Refusal] = []
    for placing in wanted:
        before = placing.before
        kept = frozenset(line.item_id for line in before.lines) if before else frozenset[UUID]()
        screened, findings = screen(placing.draft, placing.text, known, at=at, kept_items=kept)
        findings += _keep_received(placing)
        if screened is not None and not findings:
            placing.screened = screened
            if before is None:
                placing.difference = as_new(screened)
            else:
                placing.difference, findings = compare(screened, before.order, before.lines)
        if findings:
            refused.append(Refusal(placing.subject, tuple(findings)))
        else:
            passed.append(placing)
    _number_lines(passed)
    return passed, refused


def _keep_received(placing: Placing) -> list[Finding]:
    """The outsider's document as JSON text, or why it cannot be kept."""
    if placing.draft.received is None:
        return []
    try:
        placing.received = as_json(placing.draft.received)
    except ValueError:
        placing.received = "\x00"
    if is_storable(placing.received) and not _ESCAPED_NUL.search(placing.received):
        return []
    return [
        Finding("bad_character", "The document holds what JSON cannot keep: NUL, NaN, half characters.", "/received")
    ]


def _set_aside(screened: Sequence[Placing]) -> tuple[list[Placing], list[Captured]]:
    """Changes of submitted orders that say the same in other words: remembered, so that the next repeat is known."""
    same = [
        placing
        for placing in screened
        if placing.was_submitted and placing.difference is not None and not placing.difference.as_json()
    ]
    if not same:
        return list(screened), []
    sql.run("remember_content", ids=[each.order_id for each in same], marks=[each.mark for each in same])
    for placing in same:
        placing.number = placing.before.order.number if placing.before else ""
    aside = {placing.order_id for placing in same}
    return [each for each in screened if each.order_id not in aside], [each.captured("unchanged") for each in same]


def _number_lines(passed: Sequence[Placing]) -> None:
    ids = iter(new_ids(sum(len(placing.stands.lines) for placing in passed)))
    for placing in passed:
        assert placing.difference is not None
        before = placing.before
        last = max((line.line_number for line in before.lines), default=0) if before else 0
        for change in placing.difference.changes:
            was = change.before
            fresh = next(ids)
            if was is None:
                last += 1
            placing.lines.append(
                PlacedLine(
                    was.id if was else fresh, was.line_number if was else last, change.line, was,
                    change.moves or not placing.was_submitted,
                )
            )  # fmt: skip


def _quote(screened: Sequence[Placing], roles: Collection[str]) -> tuple[list[Placing], list[Refusal]]:
    """Prices for all lines at once. A draft may miss a price until it is submitted; nothing else."""
    priced = queries.quote([each.stands for each in screened], [str(each.order_id) for each in screened], roles=roles)
    passed: list[Placing] = []
    refused: list[Refusal] = []
    for placing, quoted in zip(screened, priced, strict=True):
        findings = [each for each in quoted.findings if placing.submits or each.code != "price_missing"]
        if findings:
            refused.append(Refusal(placing.subject, tuple(findings)))
            continue
        _take_prices(placing, quoted)
        passed.append(placing)
    return passed, refused


def _take_prices(placing: Placing, quoted: PricedOrder) -> None:
    """The quoted amounts, except where something was shipped: what left keeps its price."""
    currency = placing.stands.currency
    prices = {priced.key: priced for priced in quoted.lines}
    for line in placing.lines:
        if line.before is not None and line.before.shipped:
            _keep_price(line, line.before, currency)
        elif line.screened.external_line_id in prices:
            _take_price(line, prices[line.screened.external_line_id])
    kept = [charge for charge in placing.before.charges if charge.billed] if placing.before else []
    kinds = {charge.kind for charge in kept}
    fresh = [charge for charge in quoted.charges if charge.kind not in kinds]
    placing.tax_included = quoted.tax_included
    placing.charges = [(c.kind, c.name, c.tax_category, c.tax_rate, c.net, c.tax, c.gross, c.waterfall) for c in fresh]
    amounts = [*placing.lines, *kept, *fresh]
    placing.net = sum((each.net for each in amounts), Decimal(0))
    placing.tax = sum((each.tax for each in amounts), Decimal(0))
    placing.gross = placing.net + placing.tax


def _take_price(line: PlacedLine, priced: PricedLine) -> None:
    line.list_price, line.unit_price = priced.list_price, priced.unit_price
    line.tax_category, line.tax_rate = priced.tax_category, priced.tax_rate
    line.net, line.tax, line.gross = priced.net, priced.tax, priced.gross
    line.waterfall = components(priced.waterfall)


def _keep_price(line: PlacedLine, was: LineFacts, currency: str) -> None:
    line.list_price, line.unit_price = was.list_price, was.unit_price
    line.tax_category, line.tax_rate = was.tax_category, was.tax_rate
    line.waterfall = [
        {**part, "amount": str(scaled(Decimal(part["amount"]), was.quantity, line.screened.quantity, currency))}
        for part in was.waterfall
    ]
    line.gross = sum((Decimal(part["amount"]) for part in line.waterfall), Decimal(0))
    line.tax = sum((Decimal(part["amount"]) for part in line.waterfall if part["kind"] == "tax"), Decimal(0))
    line.net = line.gross - line.tax


def _promise(secured: Sequence[Placing], *, actor: str, at: datetime) -> dict[UUID, Promise]:
    """A promise for every line that needs one, by line. Changed lines give back what they held before they ask anew;
    lines with reservations are promised first, with the supply held, so that nobody gets in between."""
    asking = [
        (placing, line) for placing in secured if placing.submits for line in placing.lines if line.moves and line.open
    ]
    given_up = _gone(secured)
    fresh = iter(new_ids(len(asking)))
    demands: dict[UUID, Demand] = {}
    for placing, line in asking:
        held = [
            piece.id for piece in (placing.before.served.get(line.id, ()) if placing.before else ())
            if piece.state == "open"
        ]  # fmt: skip
        given_up += held
        line.served_by = held[0] if held else next(fresh)
        wanted, stands = line.screened, placing.stands
        base = line.open * wanted.factor
        demands[line.id] = demand(
            line.served_by, wanted.item, base, wanted.factor, line=wanted, order=stands.draft, place=stands.ship_to,
            customer_id=stands.customer.id,
        )  # fmt: skip
    turned = turns(secured, submits=True)
    if given_up or turned:
        reserved = supply.reserved_demands([key for key, _ in turned])
        promising.hold_supply([*given_up, *reserved], list(demands.values()))
        if given_up:
            promising.release(given_up, actor=actor, at=at)
    if turned:
        promising.turn_reservations(turned, actor=actor, at=at)
    kept = turns(secured, submits=False)
    if kept:
        promising.tie_reservations(kept, actor=actor, at=at)
    first = {line for _, line in turned}
    promises: dict[UUID, Promise] = {}
    for lines in ([key for key in demands if key in first], [key for key in demands if key not in first]):
        if lines:
            found = promising.promise([demands[key] for key in lines], on=at.date(), actor=actor, at=at)
            promises |= dict(zip(lines, found, strict=True))
    return promises


def _gone(secured: Sequence[Placing]) -> list[UUID]:
    """What served lines that are no longer ordered."""
    return [
        piece.id
        for placing in secured
        for was in (placing.difference.removed if placing.difference and placing.before else ())
        for piece in (placing.before.served.get(was.id, ()) if placing.before else ())
        if piece.state == "open"
    ]
