"""Supply that comes less than it was to: cut as reality demands, and the orders that lose by it told by name.

The lowest priorities lose their promise first. Whoever loses is promised anew at once, from what there is now; where
there is nothing, the line stands without a date and waits for supply.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from auftakt.orders import queries
from auftakt.orders.actions.serve import repromise
from auftakt.orders.queries import sql
from auftakt.orders.types import LostPromise, SupplyCut
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.promising import actions as promising
from auftakt.promising import queries as pegs
from auftakt.promising.types import LostPeg, SupplyLimit
from auftakt.supply import actions as supply
from auftakt.supply import queries as documents
from auftakt.supply.types import (
    InspectionVerdict,
    PurchaseAcknowledgement,
    PurchaseCancellation,
    PurchaseLineFacts,
    TransferCancellation,
    TransferLineFacts,
    TransferLoss,
)
from auftakt.values import Outcome, Refusal

T = TypeVar("T")
Line = PurchaseLineFacts | TransferLineFacts
Goes = Callable[[T, dict[UUID, Line]], list[tuple[UUID, Decimal]]]
"""What of which lines will not come, by a wish."""


def cut_purchases(cancellations: Sequence[PurchaseCancellation], *, actor: str, at: datetime) -> Outcome[SupplyCut]:
    """Cut what is open of purchase order lines, also where it is promised. Done: each with the promises lost by it.

    Refusals as for `supply.cancel`, but for `supply_promised`.
    """

    def goes(wish: PurchaseCancellation, lines: dict[UUID, Line]) -> list[tuple[UUID, Decimal]]:
        line = lines.get(wish.line_id)
        if not isinstance(line, PurchaseLineFacts):
            return []
        return [(line.id, line.to_come if wish.quantity is None else wish.quantity)]

    return _cut(
        cancellations, [wish.line_id for wish in cancellations], goes,
        lambda good: supply.cancel(good, actor=actor, at=at), lambda wish: wish.line_id, actor, at,
    )  # fmt: skip


def acknowledge_purchases(
    acknowledgements: Sequence[PurchaseAcknowledgement], *, actor: str, at: datetime
) -> Outcome[SupplyCut]:
    """Note what suppliers say of orders, and cut supply as they say, also where it is promised. Done: each with the
    supply that moved and the promises lost. Promises stay on supply that comes later: `queries.standing_on` names them.

    Refusals as for `supply.acknowledge_purchases`, but for `supply_promised`.
    """

    def goes(wish: PurchaseAcknowledgement, lines: dict[UUID, Line]) -> list[tuple[UUID, Decimal]]:
        gone: list[tuple[UUID, Decimal]] = []
        for said in wish.lines:
            line = lines.get(said.line_id)
            if isinstance(line, PurchaseLineFacts) and said.quantity is not None and said.quantity.is_finite():
                gone.append((line.id, line.to_come - said.quantity))
        return gone

    return _cut(
        acknowledgements, [said.line_id for wish in acknowledgements for said in wish.lines], goes,
        lambda good: supply.acknowledge_purchases(good, actor=actor, at=at), lambda wish: wish.purchase_order_id,
        actor, at,
    )  # fmt: skip


def inspect_purchases(verdicts: Sequence[InspectionVerdict], *, actor: str, at: datetime) -> Outcome[SupplyCut]:
    """Book what inspections found, also where rejected goods were promised and will not be replaced. Done: each with
    the promises lost. Refusals as for `supply.book_inspections`, but for `supply_promised`."""

    def goes(wish: InspectionVerdict, lines: dict[UUID, Line]) -> list[tuple[UUID, Decimal]]:
        return [(wish.line_id, wish.rejected)] if wish.then == "cut" and wish.line_id in lines else []

    return _cut(
        verdicts, [wish.line_id for wish in verdicts], goes,
        lambda good: promising.inspect_purchases(good, actor=actor, at=at), lambda wish: wish.line_id, actor, at,
    )  # fmt: skip


def cut_transfers(cancellations: Sequence[TransferCancellation], *, actor: str, at: datetime) -> Outcome[SupplyCut]:
    """Do not send what has not left, also where the destination promised it. Done: each with the promises lost.

    Refusals as for `supply.cancel_transfers`, but for `supply_promised`.
    """

    def goes(wish: TransferCancellation, lines: dict[UUID, Line]) -> list[tuple[UUID, Decimal]]:
        line = lines.get(wish.line_id)
        if not isinstance(line, TransferLineFacts):
            return []
        return [(line.id, line.to_ship if wish.quantity is None else wish.quantity)]

    return _cut(
        cancellations, [wish.line_id for wish in cancellations], goes,
        lambda good: supply.cancel_transfers(good, actor=actor, at=at), lambda wish: wish.line_id, actor, at,
    )  # fmt: skip


def write_off_transfers(losses: Sequence[TransferLoss], *, actor: str, at: datetime) -> Outcome[SupplyCut]:
    """Write off what was lost on its way, also where it was promised. Done: each with the promises lost.

    Refusals as for `supply.write_off_transfers`, but for `supply_promised`.
    """

    def goes(wish: TransferLoss, lines: dict[UUID, Line]) -> list[tuple[UUID, Decimal]]:
        line = lines.get(wish.line_id)
        if not isinstance(line, TransferLineFacts):
            return []
        return [(line.id, line.in_transit if wish.quantity is None else wish.quantity)]

    return _cut(
        losses, [wish.line_id for wish in losses], goes,
        lambda good: supply.write_off_transfers(good, actor=actor, at=at), lambda wish: wish.line_id, actor, at,
    )  # fmt: skip


def _cut(
    wishes: Sequence[T],
    line_ids: Sequence[UUID],
    goes: Goes[T],
    verb: Callable[[Sequence[T]], Outcome[Any]],
    subject: Callable[[T], UUID],
    actor: str,
    at: datetime,
) -> Outcome[SupplyCut]:
    """Lock orders, then documents, then supply; free what will not come; let the verb cut it; promise the losers anew.

    What the verb refuses was not to be freed: then all is done once more without it.
    """
    with transaction.atomic():
        _hold(line_ids)
        lines = _lines(line_ids)
        good = list(enumerate(wishes))
        refused: list[Refusal] = []
        while True:
            point = transaction.savepoint()
            lost = _free([wish for _, wish in good], lines, goes, actor, at)
            outcome = verb([wish for _, wish in good])
            if not (outcome.refused and lost):
                break
            transaction.savepoint_rollback(point)
            out = {int(each.subject): each for each in outcome.refused}
            refused += [Refusal(str(good[index][0]), each.findings) for index, each in out.items()]
            good = [each for index, each in enumerate(good) if index not in out]
        transaction.savepoint_commit(point)
        failed = {int(each.subject): each for each in outcome.refused}
        refused += [Refusal(str(good[index][0]), each.findings) for index, each in failed.items()]
        kept = [wish for index, (_, wish) in enumerate(good) if index not in failed]
        lost = tuple(each for each in lost if not each.reserved)
        losses = promise_losers(lost, actor, at)
        done = [
            SupplyCut(subject(wish), _moved(moved), _of(wish, goes, lines, lost, losses))
            for wish, moved in zip(kept, outcome.done, strict=True)
        ]
    return Outcome(tuple(done), tuple(sorted(refused, key=lambda each: int(each.subject))))


def _moved(moved: Any) -> tuple[Any, ...]:
    return moved if isinstance(moved, tuple) and moved and hasattr(moved[0], "was_on") else ()


def _lines(line_ids: Sequence[UUID]) -> dict[UUID, Line]:
    found: dict[UUID, Line] = dict(documents.lines(line_ids))
    return found | dict(documents.transfer_lines(line_ids))


def _hold(line_ids: Sequence[UUID]) -> None:
    """Lock the customers' orders that stand on the supply, then what brings it."""
    lines = _lines(line_ids).values()
    buckets = [line.bucket_id for line in lines if line.bucket_id]
    holders = {peg.demand_id for each in pegs.pegged_to(buckets).values() for peg in each} if buckets else set()
    sql.rows("lock_orders_of_lines", ids=sorted(holders))
    supply.hold_purchases([line.purchase_order_id for line in lines if isinstance(line, PurchaseLineFacts)])
    supply.hold_transfers([line.transfer_id for line in lines if isinstance(line, TransferLineFacts)])


def _free(wishes: Sequence[T], lines: dict[UUID, Line], goes: Goes[T], actor: str, at: datetime) -> tuple[LostPeg, ...]:
    gone: dict[UUID, Decimal] = defaultdict(Decimal)
    for wish in wishes:
        for line_id, quantity in goes(wish, lines):
            if quantity.is_finite() and quantity > 0:
                gone[line_id] += quantity
    limits = [
        SupplyLimit(bucket, lines[key].open - quantity)
        for key, quantity in gone.items()
        if (bucket := lines[key].bucket_id)
    ]
    return promising.free_supply(limits, actor=actor, at=at).done if limits else ()


def promise_losers(lost: Sequence[LostPeg], actor: str, at: datetime) -> dict[UUID, LostPromise]:
    """The losers with the days they are promised now, by fulfilment line; written down at their orders."""
    if not lost:
        return {}
    quantities: dict[UUID, Decimal] = defaultdict(Decimal)
    for each in lost:
        quantities[each.demand_id] += each.quantity
    keys = list(quantities)
    before = queries.fulfilment_lines(ids=keys)
    again = repromise(keys, actor=actor, at=at)
    stuck = [refusal for refusal in again.refused if refusal.code != "no_supply"]
    if stuck:
        raise RuntimeError(f"a line that lost its supply cannot be promised anew: {stuck[0].message}")
    after = queries.fulfilment_lines(ids=keys)
    numbers = queries.orders({line.order_id for line in before.values()})
    priorities = {each.demand_id: each.priority for each in lost}
    told = {
        key: LostPromise(
            key, before[key].order_id, numbers[before[key].order_id].number, before[key].sku, quantities[key],
            priorities[key], before[key].ship_on, after[key].ship_on, after[key].arrive_on,
        )
        for key in keys
    }  # fmt: skip
    by_order: dict[UUID, list[LostPromise]] = defaultdict(list)
    for each in told.values():
        by_order[each.order_id].append(each)
    entries = [
        Entry("order", order_id, {
            "lines": [
                {"line": each.fulfilment_line_id, "item": each.sku, "quantity": each.quantity, "was": each.was_on,
                 "ship_on": each.ship_on}
                for each in losers
            ],
        })
        for order_id, losers in by_order.items()
    ]  # fmt: skip
    journal.write("order.promise_lost", entries, actor=actor, at=at)
    return told


def _of(
    wish: T, goes: Goes[T], lines: dict[UUID, Line], lost: Sequence[LostPeg], losses: dict[UUID, LostPromise]
) -> tuple[LostPromise, ...]:
    """Of all losers those of one wish, the highest priority first."""
    buckets = {lines[line_id].bucket_id for line_id, _ in goes(wish, lines)}
    demands = dict.fromkeys(each.demand_id for each in lost if each.bucket_id in buckets)
    return tuple(losses[key] for key in demands)
