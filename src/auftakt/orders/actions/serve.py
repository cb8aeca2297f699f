"""What the floors above do with fulfilment lines: release, recall, ship, split, promise again; and the order's charges.

All lock the orders first, in key order. Releasing and shipping write no journal rows of their own: the warehouse that
asks says what it did (`fulfilment.released`, `fulfilment.shipped`) in the same transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.orders import queries
from auftakt.orders.actions.store import FULFILMENT, fulfilment_rows, update_fulfilment_lines
from auftakt.orders.queries import sql
from auftakt.orders.rules import plain
from auftakt.orders.types import (
    FULFILMENT_LIFECYCLE,
    REPROMISE_SCOPES,
    WITHOUT_STOCK,
    ChargeFacts,
    FulfilmentFacts,
    Split,
)
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.promising import actions as promising
from auftakt.promising.types import CommitmentSplit, Demand, Promise
from auftakt.values import Finding, Outcome, Refusal, new_ids

ROUNDS = 3
Judge = Callable[[FulfilmentFacts, Any], Refusal | None]
Sorted = tuple[dict[UUID, FulfilmentFacts], list[Refusal]]


def release_lines(fulfilment_line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Hand lines to their site: open becomes released, and the order line's released quantity grows.

    From then on they keep the stock they hold. Refused: `order_on_hold`, `not_promised` (no site), `line_not_open`,
    `order_not_submitted`, `unknown_line`, `not_on_hand`.
    """
    with transaction.atomic():
        good, refused = sort(fulfilment_line_ids, _releasable)
        pinned = promising.pin(list(good), actor=actor, at=at)
        _move(list(pinned.done), "release", released=1)
    return Outcome(pinned.done, (*refused, *pinned.refused))


def recall_lines(fulfilment_line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take lines back from their site: released becomes open, with its promise. Refused: `line_not_released`."""
    with transaction.atomic():
        good, refused = sort(fulfilment_line_ids, _released)
        _move(list(good), "recall", released=-1)
        if good:
            promising.unpin(list(good), actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def ship_lines(fulfilment_line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Released lines have left at `at`; open services and goods without stock have been performed.

    The order line's shipped quantity grows. Refused: `line_not_released`, `order_on_hold` (for what was performed).
    """
    with transaction.atomic():
        good, refused = sort(fulfilment_line_ids, _shippable)
        goods = [key for key, facts in good.items() if facts.state == "released"]
        performed = [key for key, facts in good.items() if facts.state == "open"]
        _move(goods, "ship", released=-1, shipped=1, at=at)
        _move(performed, "perform", shipped=1, at=at)
    return Outcome(tuple(good), tuple(refused))


def _move(ids: Sequence[UUID], verb: str, *, released: int = 0, shipped: int = 0, at: datetime | None = None) -> None:
    if ids:
        state = FULFILMENT_LIFECYCLE.after(verb)
        sql.run("move_fulfilment_lines", ids=ids, state=state, released=released, shipped=shipped, shipped_at=at)


def sort(ids: Sequence[UUID], judge: Judge) -> Sorted:
    """Lock the orders of fulfilment lines, and tell those that may be moved from those that may not."""
    chosen = list(dict.fromkeys(ids))
    locked = {row.id: row for row in sql.records("lock_orders_of_lines", ids=chosen)}
    facts = queries.fulfilment_lines(ids=chosen)
    good: dict[UUID, FulfilmentFacts] = {}
    refused: list[Refusal] = []
    for key in chosen:
        line = facts.get(key)
        if line is None:
            refused.append(Refusal.because(key, "unknown_line", f"There is no fulfilment line {key}."))
            continue
        refusal = judge(line, locked[line.order_id])
        if refusal:
            refused.append(refusal)
        else:
            good[key] = line
    return good, refused


def _wrong_state(line: FulfilmentFacts, order: Any, code: str, needed: str) -> Refusal:
    return Refusal.because(
        line.id, code, f"A line of {line.sku} of order {order.number} is {line.state}; it would have to be {needed}.",
        order=order.number, item=line.sku, state=line.state,
    )  # fmt: skip


def _on_hold(line: FulfilmentFacts, order: Any) -> Refusal | None:
    if not order.on_hold:
        return None
    return Refusal.because(
        line.id, "order_on_hold", f"Order {order.number} is on hold: release the hold first.", transient=True,
        order=order.number,
    )  # fmt: skip


def _releasable(line: FulfilmentFacts, order: Any) -> Refusal | None:
    if order.state != "submitted":
        return Refusal.because(
            line.id, "order_not_submitted", f"Order {order.number} is {order.state}, not submitted.", order=order.number
        )
    if not FULFILMENT_LIFECYCLE.allows("release", line.state):
        return _wrong_state(line, order, "line_not_open", "open")
    if line.site_id is None:
        return Refusal.because(
            line.id, "not_promised", f"A line of {line.sku} of order {order.number} has no site to be released to.",
            transient=line.item_kind not in WITHOUT_STOCK, order=order.number, item=line.sku,
        )  # fmt: skip
    return _on_hold(line, order)


def _released(line: FulfilmentFacts, order: Any) -> Refusal | None:
    if FULFILMENT_LIFECYCLE.allows("recall", line.state):
        return None
    return _wrong_state(line, order, "line_not_released", "released")


def _shippable(line: FulfilmentFacts, order: Any) -> Refusal | None:
    if line.item_kind in WITHOUT_STOCK and FULFILMENT_LIFECYCLE.allows("perform", line.state):
        return _on_hold(line, order)
    return _released(line, order)


def is_open(line: FulfilmentFacts, order: Any) -> Refusal | None:
    if FULFILMENT_LIFECYCLE.allows("release", line.state):
        return None
    return _wrong_state(line, order, "line_not_open", "open")


Asks = Callable[[Mapping[UUID, FulfilmentFacts]], dict[UUID, Promise]]
Keeps = Callable[[UUID, Promise], bool]


def as_shown(
    lines: Mapping[UUID, FulfilmentFacts], ask: Asks, keeps: Keeps
) -> tuple[dict[UUID, FulfilmentFacts], dict[UUID, Promise], list[FulfilmentFacts]]:
    """Promise lines anew, each as it was shown or not at all: the lines that are, their promises, and those that cannot
    be. Where some cannot, all is taken back and the others ask again, a few times; then nobody is served."""
    good, gone = dict(lines), list[FulfilmentFacts]()
    for last in (False,) * (ROUNDS - 1) + (True,):
        if not good:
            break
        point = transaction.savepoint()
        promises = ask(good)
        missed = [line for key, line in good.items() if not keeps(key, promises[key])]
        if not missed:
            transaction.savepoint_commit(point)
            return good, promises, gone
        transaction.savepoint_rollback(point)
        missed = list(good.values()) if last else missed
        gone += missed
        good = {key: line for key, line in good.items() if line not in missed}
    return {}, {}, gone


def split_line(splits: Sequence[Split], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Part fulfilment lines: each keeps `keep`, the rest becomes a new line, open and without a promise.

    The rest gives back its supply and, if it was released, its release. Keeping nothing turns the line itself into
    the rest. Done: the ids of the rests, in input order. Refused: `split_not_inside`, `line_ended`.
    """
    keeps = {split.fulfilment_line_id: split.keep for split in splits}

    def splittable(line: FulfilmentFacts, order: Any) -> Refusal | None:
        if line.state in FULFILMENT_LIFECYCLE.ends:
            return _wrong_state(line, order, "line_ended", "open or released")
        if 0 <= keeps[line.id] < line.quantity:
            return None
        return Refusal.because(
            line.id, "split_not_inside",
            f"Of {plain(line.quantity)} no {plain(keeps[line.id])} can be kept: keep less than all, not less than 0.",
            keep=keeps[line.id], quantity=line.quantity,
        )  # fmt: skip

    with transaction.atomic():
        good, refused = sort([split.fulfilment_line_id for split in splits], splittable)
        whole = [line for key, line in good.items() if keeps[key] == 0]
        parted = [line for key, line in good.items() if keeps[key] > 0]
        rests = dict(zip([line.id for line in parted], new_ids(len(parted)), strict=True))
        _move([line.id for line in whole if line.state == "released"], "recall", released=-1)
        _part(parted, keeps, rests, actor=actor, at=at)
        gone = [*(line.id for line in whole), *rests.values()]
        if gone:
            promising.release(gone, actor=actor, at=at)
            sql.run("forget_promises", ids=[line.id for line in whole])
        entries = [
            Entry(
                "fulfilment_line", key,
                {"order_id": line.order_id, "kept": keeps[key], "of": line.quantity, "rest": rests.get(key, key)},
            )
            for key, line in good.items()
        ]  # fmt: skip
        journal.write("order.line_split", entries, actor=actor, at=at)
    return Outcome(tuple(rests.get(key, key) for key in good), tuple(refused))


def _part(
    lines: Sequence[FulfilmentFacts],
    keeps: Mapping[UUID, Decimal],
    rests: Mapping[UUID, UUID],
    *,
    actor: str,
    at: datetime,
) -> None:
    if not lines:
        return
    parts: list[CommitmentSplit] = []
    shrunk: list[tuple[UUID, Decimal, Decimal]] = []
    fresh: list[tuple[Any, ...]] = []
    for line in lines:
        keep = keeps[line.id]
        factor = line.base_quantity / line.quantity
        base = keep * factor
        parts.append(CommitmentSplit(line.id, rests[line.id], base, line.base_quantity))
        shrunk.append((line.id, keep, base))
        fresh.append(
            (
                rests[line.id], line.order_id, line.line_id, line.item_id, line.quantity - keep,
                line.base_quantity - base, "open", None, None, None, line.first_arrive_on, line.id, None,
            )
        )  # fmt: skip
    promising.split_commitments(parts, actor=actor, at=at)
    released = [line.id for line in lines if line.state == "released"]
    ids, quantities, bases = columns(shrunk, 3)
    sql.run("shrink_fulfilment_lines", ids=ids, quantities=quantities, bases=bases, released=released)
    insert_rows("orders_fulfilmentline", FULFILMENT, fresh)


def repromise(fulfilment_line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Promise open lines anew, from the supply there is now; what they held is given back first.

    A line may come back in several pieces: the first keeps its id. The first day ever promised stays on record. Done:
    the lines that have a promise now. Refused: `no_supply` (to be tried again; the line then says what could be had),
    `line_not_open`.
    """
    with transaction.atomic():
        good, refused = sort(fulfilment_line_ids, is_open)
        if not good:
            return Outcome((), tuple(refused))
        promises = ask_again(good, actor=actor, at=at)
        keep_promises(good, promises, actor=actor, at=at)
        done = [key for key in good if promises[key].pieces[0].ship_on is not None]
        refused += [_no_supply(line) for key, line in good.items() if promises[key].pieces[0].ship_on is None]
    return Outcome(tuple(done), tuple(refused))


def repromise_orders(order_ids: Sequence[UUID], scope: str, *, actor: str, at: datetime) -> Outcome[UUID]:
    """Promise open lines of submitted orders anew. `scope`: those that are `dateless`, also those promised `late`
    (later than wished), or `all`. What a line holds it can always have again, so no date gets worse.

    Done: the orders of which every such line has a date now. Refused: `unknown_order`, `order_not_submitted`,
    `order_ended`, `nothing_to_promise`, and `no_supply` for an order of which a line still has none; its others are
    promised all the same.
    """
    if scope not in REPROMISE_SCOPES:
        raise ValueError(f"promise {', '.join(REPROMISE_SCOPES)} anew, not {scope!r}")
    chosen = list(dict.fromkeys(order_ids))
    with transaction.atomic():
        sql.rows("lock_orders", ids=chosen)
        standings = {each.id: each for each in queries.standings(chosen)}
        pieces: dict[UUID, UUID] = dict(sql.rows("read_open_pieces", ids=chosen, scope=scope))
        refused_pieces = repromise(list(pieces), actor=actor, at=at).refused
    findings: dict[UUID, list[Finding]] = {}
    for refusal in refused_pieces:
        findings.setdefault(pieces[UUID(refusal.subject)], []).extend(refusal.findings)
    done: list[UUID] = []
    refused: list[Refusal] = []
    asked = set(pieces.values())
    for key in chosen:
        if key not in standings:
            refused.append(Refusal.because(key, "unknown_order", f"There is no order {key}."))
        elif key in findings:
            refused.append(Refusal(str(key), tuple(findings[key]), transient=True))
        elif key in asked:
            done.append(key)
        else:
            finding = queries.bulk_finding("repromise", standings[key], scope)
            assert finding is not None, "an order with open pieces was not asked for"
            refused.append(Refusal(str(key), (finding,)))
    return Outcome(tuple(done), tuple(refused))


def ask_again(
    good: Mapping[UUID, FulfilmentFacts],
    *,
    actor: str,
    at: datetime,
    asking: Callable[[Demand], Demand] = lambda wish: wish,
    overdue: bool = True,
) -> dict[UUID, Promise]:
    """Give back what lines hold and promise them anew; `asking` may change what is asked for."""
    demands = [asking(wish) for wish in queries.demands(good).values()]
    promising.hold_supply(list(good), demands)
    promising.release(list(good), actor=actor, at=at)
    promises = promising.promise(demands, on=at.date(), actor=actor, at=at, overdue=overdue)
    return dict(zip(good, promises, strict=True))


def keep_promises(
    good: Mapping[UUID, FulfilmentFacts],
    promises: Mapping[UUID, Promise],
    *,
    actor: str,
    at: datetime,
    how: Mapping[UUID, str] | None = None,
) -> None:
    """Write down what lines were promised anew: the first piece keeps the line's id, others are lines of their own."""
    again: list[tuple[Any, ...]] = []
    fresh: list[tuple[Any, ...]] = []
    for key, line in good.items():
        factor = line.base_quantity / line.quantity
        rows = fulfilment_rows(line.order_id, line.line_id, line.item_id, factor, promises[key].pieces, split_from=key)
        again.append(rows[0])
        fresh += rows[1:]
    update_fulfilment_lines(again, keep_first=True)
    insert_rows("orders_fulfilmentline", FULFILMENT, fresh)
    promised = [line for key, line in good.items() if promises[key].pieces[0].ship_on is not None]
    _write_promised(promised, promises, how or {}, actor=actor, at=at)


def _no_supply(line: FulfilmentFacts) -> Refusal:
    return Refusal.because(
        line.id, "no_supply", f"No supply of {line.sku} can be promised yet.", transient=True, item=line.sku
    )


def _write_promised(
    lines: Sequence[FulfilmentFacts],
    promises: Mapping[UUID, Promise],
    how: Mapping[UUID, str],
    *,
    actor: str,
    at: datetime,
) -> None:
    said: dict[UUID, list[dict[str, Any]]] = {}
    for line in lines:
        piece = promises[line.id].pieces[0]
        said.setdefault(line.order_id, []).append(
            {"line": line.id, "item": line.sku, "site": piece.site_code, "ship_on": piece.ship_on,
             "arrive_on": piece.arrive_on, **({"how": how[line.id]} if line.id in how else {})}
        )  # fmt: skip
    entries = [Entry("order", order_id, {"lines": pieces}) for order_id, pieces in said.items()]
    journal.write("order.promised", entries, actor=actor, at=at)


def bill_charges(order_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[ChargeFacts]:
    """Mark the charges of orders as billed and hand them over: each charge is handed over once."""
    chosen = list(order_ids)
    with transaction.atomic():
        sql.rows("lock_orders", ids=chosen)
        billed = {row[0] for row in sql.rows("bill_charges", orders=chosen)}
        found = queries.charges(chosen)
    return Outcome(
        tuple(charge for key in dict.fromkeys(chosen) for charge in found.get(key, ()) if charge.id in billed)
    )
