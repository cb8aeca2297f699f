"""What happens to work orders: released, started, finished whole or in part, moved, cancelled, closed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import Arrival, Arrived, BucketDraw, Issue, WorkReturn
from auftakt.platform import journal
from auftakt.platform.sql import Statements, insert_rows
from auftakt.supply import rules
from auftakt.supply.actions.loading import Need, Rooms
from auftakt.supply.actions.working import HeldWork, barred, certain, entry, hold, moved
from auftakt.supply.types import Work, WorkComponentFacts, WorkFacts, WorkFinish, WorkRescheduling
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.supply")
_LOAD = ("id", "operation_id", "resource_id", "day", "amount")


def _sorted_out(
    held: HeldWork, ids: Sequence[UUID], finding: Callable[[int, WorkFacts], Finding | None]
) -> tuple[list[tuple[int, WorkFacts]], list[Refusal]]:
    """Members of a batch that may be done, by their place, and refusals of the others."""
    good: list[tuple[int, WorkFacts]] = []
    refused: list[Refusal] = []
    seen: set[UUID] = set()
    for index, key in enumerate(ids):
        head = held.head(key)
        if key in seen:
            head = Finding("work_repeated", "this work order is named twice in the batch; name it once")
        seen.add(key)
        found = head if isinstance(head, Finding) else finding(index, head)
        if found or isinstance(head, Finding):
            refused.append(Refusal(str(index), (found,) if found else ()))
        else:
            good.append((index, head))
    return good, refused


def start_work(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Begin released work orders: their reserved components leave the shelf for production. Done: ids, in input order.

    Refusals (subject: the index): `work_unknown`, `work_repeated`, `work_state`.
    """
    with transaction.atomic(savepoint=False):
        held = hold(ids)
        good, refused = _sorted_out(held, ids, lambda _, head: barred(head, "begin", "release it first"))
        parts = [part for _, head in good for part in held.works[head.id].components if part.reserved > 0]
        shelves = _shelves(held, [head for _, head in good])
        issues = [
            Issue(shelves[part.work_order_id, part.item_id], part.reserved, part.id, "issued_to_work") for part in parts
        ]
        if issues:
            certain(inventory.issue(issues, actor=actor, at=at))
        for part in parts:
            held.components[part.id] = replace(part, reserved=Decimal(0), issued=part.issued + part.reserved)
        for _, head in good:
            held.put(moved(head, "begin"))
        held.write(actor, at)
        journal.write("work.started", [entry(head) for _, head in good], actor=actor, at=at)
    return Outcome(tuple(head.id for _, head in good), tuple(refused))


def _shelves(held: HeldWork, heads: Sequence[WorkFacts]) -> dict[tuple[UUID, UUID], UUID]:
    """The on-hand bucket of each component at its site: (work order, item) -> bucket."""
    pairs = {
        (head.id, part.item_id): (part.item_id, head.site_id)
        for head in heads
        for part in held.works[head.id].components
    }
    found = stock.on_hand_buckets(pairs.values()) if pairs else {}
    return {key: found[pair] for key, pair in pairs.items() if pair in found}


def finish_work(finishes: Sequence[WorkFinish], *, actor: str, at: datetime) -> Outcome[Arrived]:
    """Book what came of started work orders: good pieces become stock, scrap is written down. Done: one `Arrived` for
    each finish with good pieces, in input order. An order of which nothing is open any more is finished.

    Callers that hold pegs use `promising.finish_work`. Refusals (subject: the index): `work_unknown`, `work_repeated`,
    `work_not_started`, `site_closed`, `quantity_negative`, `quantity_not_positive`, `quantity_fractional`,
    `more_than_open`, and `supply_promised` where scrap would leave less than orders hold.
    """
    with transaction.atomic(savepoint=False):
        ids = [finish.work_order_id for finish in finishes]
        held = hold(ids)
        good, refused = _sorted_out(held, ids, lambda index, head: rules.finish_finding(head, finishes[index]))
        coming = [(index, head) for index, head in good if finishes[index].quantity > 0]
        arrivals = [
            Arrival(head.id, finishes[index].quantity, finishes[index].note, lots=finishes[index].lots)
            for index, head in coming
        ]
        arrived: Outcome[Arrived] = inventory.arrive(arrivals, actor=actor, at=at) if arrivals else Outcome()
        barred_lots = {coming[int(each.subject)][0]: each.findings for each in arrived.refused}
        refused = [*refused, *(Refusal(str(index), findings) for index, findings in barred_lots.items())]
        good = [(index, head) for index, head in good if index not in barred_lots]
        entries = []
        for index, head in good:
            finish = finishes[index]
            new = replace(head, finished=head.finished + finish.quantity, scrapped=head.scrapped + finish.scrap)
            held.put(moved(new, "finish") if new.open == 0 else new)
            entries.append(entry(head, {"quantity": finish.quantity, "scrap": finish.scrap, "note": finish.note}))
        held.write(actor, at)
        _unload([head for head in held.changed.values() if head.state == "finished"])
        journal.write("work.finished", entries, actor=actor, at=at)
    return Outcome(arrived.done, tuple(refused))


def _unload(heads: Sequence[WorkFacts]) -> None:
    if heads:
        sql.run("delete_loads", ids=[head.id for head in heads])


def reschedule_work(moves: Sequence[WorkRescheduling], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Move work orders to other days: their bucket and what they load move along, promises stay pegged. Done: ids, in
    input order.

    Refusals (subject: the index): `work_unknown`, `work_repeated`, `work_state`, `due_before_start`, `no_capacity`.
    """
    with transaction.atomic(savepoint=False):
        ids = [move.work_order_id for move in moves]
        held = hold(ids)

        def finding(index: int, head: WorkFacts) -> Finding | None:
            wish = moves[index]
            if wish.due_on < (wish.starts_on or head.starts_on):
                message = f"due on {wish.due_on}, before it starts on {wish.starts_on or head.starts_on}"
                return Finding("due_before_start", message, "/due_on")
            return barred(head, "cancel", "it can no longer be moved")

        good, refused = _sorted_out(held, ids, finding)
        wished = {
            head.id: replace(head, due_on=moves[index].due_on, starts_on=moves[index].starts_on or head.starts_on)
            for index, head in good
        }
        barred_ids = _load_anew([(held.works[key], head) for key, head in wished.items() if head.state != "draft"])
        refused += [Refusal(str(index), (barred_ids[head.id],)) for index, head in good if head.id in barred_ids]
        done = [(head, wished[head.id]) for _, head in good if head.id not in barred_ids]
        entries = []
        for old, new in done:
            if old != new:
                held.put(new)
                entries.append(entry(new, {"from": old.due_on, "to": new.due_on, "starts_on": new.starts_on}))
        held.write(actor, at)
        journal.write("work.rescheduled", entries, actor=actor, at=at)
    return Outcome(tuple(head.id for head, _ in done), tuple(sorted(refused, key=lambda each: int(each.subject))))


def _load_anew(works: Sequence[tuple[Work, WorkFacts]]) -> dict[UUID, Finding]:
    """Load the resources of released work orders from their new start on; those that find no room, with the reason."""
    moving = [(work, head) for work, head in works if work.operations and head.starts_on != work.head.starts_on]
    if not moving:
        return {}
    starts = [head.starts_on for _, head in moving]
    resources = [operation.resource_id for work, _ in moving for operation in work.operations]
    rooms = Rooms(resources, min(starts), max(starts), without=[head.id for _, head in moving])
    barred_ids: dict[UUID, Finding] = {}
    rows: list[tuple[object, ...]] = []
    cleared: list[WorkFacts] = []
    for work, head in moving:
        needs: list[Need] = [(each.sequence, each.resource_id, each.amount) for each in work.operations]
        taken = rooms.take(needs, head.starts_on)
        if isinstance(taken, Finding):
            barred_ids[head.id] = taken
            continue
        keys = {each.sequence: each.id for each in work.operations}
        cleared.append(head)
        rows += [(keys[sequence], resource, day, amount) for sequence, resource, day, amount in taken]
    _unload(cleared)
    write_loads(rows)
    return barred_ids


def write_loads(rows: Sequence[tuple[object, ...]]) -> None:
    """Store what operations take of resources by day: (operation, resource, day, amount)."""
    insert_rows("supply_capacityload", _LOAD, [(key, *row) for key, row in zip(new_ids(len(rows)), rows, strict=True)])


def cancel_work(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give up what is open of work orders: reserved components are free again, those in production that the pieces
    never made would have used come back to the shelf. One of which pieces came is finished by it. Done: ids, in input
    order.

    Refusals (subject: the index): `work_unknown`, `work_repeated`, `work_state`, `supply_promised`.
    """
    with transaction.atomic(savepoint=False):
        held = hold(ids)

        def finding(_: int, head: WorkFacts) -> Finding | None:
            found = barred(head, "cancel", "nothing of it is open")
            return found or (rules.promised_finding(head, Decimal(0)) if head.promised > 0 else None)

        good, refused = _sorted_out(held, ids, finding)
        heads = [head for _, head in good]
        _give_back(held, heads, actor, at)
        for head in heads:
            made = head.finished + head.scrapped > 0
            ended = replace(head, cancelled=head.cancelled + head.open)
            held.put(replace(ended, state="finished") if made else moved(ended, "cancel"))
        held.write(actor, at)
        _unload(heads)
        journal.write("work.cancelled", [entry(head, {"quantity": head.open}) for head in heads], actor=actor, at=at)
    return Outcome(tuple(head.id for head in heads), tuple(refused))


def _give_back(held: HeldWork, heads: Sequence[WorkFacts], actor: str, at: datetime) -> None:
    """Free what is reserved, and bring back what production does not use."""
    shelves = _shelves(held, heads)
    draws: list[BucketDraw] = []
    returns: list[WorkReturn] = []
    for head in heads:
        for part in held.works[head.id].components:
            back = _returning(part, head)
            if part.reserved > 0:
                draws.append(BucketDraw(shelves[head.id, part.item_id], part.reserved))
            if back > 0:
                returns.append(WorkReturn(head.site_id, part.item_id, back, part.id, head.number))
            if part.reserved > 0 or back > 0:
                held.components[part.id] = replace(part, reserved=Decimal(0), issued=part.issued - back)
    if draws:
        certain(inventory.give_back(draws, actor=actor, at=at))
    if returns:
        certain(inventory.take_back(returns, actor=actor, at=at))


def _returning(part: WorkComponentFacts, head: WorkFacts) -> Decimal:
    if part.issued <= 0:
        return Decimal(0)
    left = rules.unused(part.required, part.issued, head)
    return left.quantize(Decimal(1).scaleb(-part.decimals), rounding=ROUND_FLOOR)


def close_work(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put finished work orders away. Done: ids, in input order; closed ones are done already.

    Refusals (subject: the index): `work_unknown`, `work_repeated`, `work_state`.
    """
    with transaction.atomic(savepoint=False):
        held = hold(ids)

        def finding(_: int, head: WorkFacts) -> Finding | None:
            return None if head.state == "closed" else barred(head, "close", "finish or cancel it first")

        good, refused = _sorted_out(held, ids, finding)
        closing = [head for _, head in good if head.state != "closed"]
        for head in closing:
            held.put(moved(head, "close"))
        held.write(actor, at)
        journal.write("work.closed", [entry(head) for head in closing], actor=actor, at=at)
    return Outcome(tuple(head.id for _, head in good), tuple(refused))
