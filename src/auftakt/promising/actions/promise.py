"""Promises and what becomes of them; lanes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as inventory_queries
from auftakt.inventory.types import Arrived, BucketDraw, Issue
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns, insert_rows
from auftakt.promising import queries, rules
from auftakt.promising.queries import sql
from auftakt.promising.types import (
    RESERVATION_LIFECYCLE,
    CommitmentSplit,
    Demand,
    LaneDraft,
    LostPeg,
    Peg,
    PegMove,
    Promise,
    SupplyLimit,
)
from auftakt.supply import actions as supply
from auftakt.supply.types import InspectionVerdict, PurchaseReceipt, TransferReceipt, WorkFinish
from auftakt.values import Outcome, Refusal, new_ids

ROUNDS = 5
_COMMITMENT = ("id", "demand_id", "bucket_id", "quantity", "need_on", "priority", "demand_class")


def promise(demands: Sequence[Demand], *, on: date, actor: str, at: datetime, overdue: bool = True) -> list[Promise]:
    """Promise each demand a source and a date, draw the supply, and keep the commitments; answers in input order.

    Where a demand is not served at once while others hold earlier supply than they need, those go over to later supply
    that is still in time for them, in the same transaction. Where supply went to somebody else since the picture was
    read, everything of this call is let go, the supply of all its items is locked, and the batch is proposed again from
    what is truly there. A demand that finds its supply taken in every round is left unpromised (`contended`). Demands
    that hold commitments must be released first. Without `overdue`, nothing is promised from supply that should have
    come already.
    """
    with transaction.atomic(savepoint=False):
        left_out: dict[UUID, Promise] = {}
        held: list[Peg] = []
        tries = 0
        looked_for_expired = False
        while True:
            wanted = [demand for demand in demands if demand.id not in left_out]
            plan = queries.plan(wanted, on=on, at=at, movable=held, overdue=overdue)
            if not looked_for_expired and any(each.unpromised for each in plan.promises):
                looked_for_expired = True
                if expire_met({item for each in wanted for item, _ in each.components}, actor=actor, at=at):
                    continue
            if plan.stuck and not held:
                held = _hold_movable(wanted, plan.stuck, on, at, overdue)
                if held:
                    continue
            gone = _draw(plan, held, actor, at)
            if not gone:
                break
            tries += 1
            if not held:
                _lock_supply(wanted)
            if tries >= ROUNDS:
                left_out |= _losers(wanted, plan.promises, gone)
        _move({peg.id: peg for peg in held}, plan.moves, actor, at)
        _commit(wanted, plan.promises)
    answers = {each.demand_id: each for each in plan.promises} | left_out
    return [answers[demand.id] for demand in demands]


def _hold_movable(demands: Sequence[Demand], stuck: Sequence[UUID], on: date, at: datetime, overdue: bool) -> list[Peg]:
    """The pegs that may move, once the supply of all items is locked; nothing is locked when nothing would move."""
    movable = queries.movable(stuck, on=on)
    if not movable or not queries.plan(demands, on=on, at=at, movable=movable, overdue=overdue).moves:
        return []
    _lock_supply(demands)
    return queries.movable(stuck, on=on)


def _lock_supply(demands: Sequence[Demand]) -> None:
    sql.rows("lock_supply", items=sorted({item for demand in demands for item, _ in demand.components}))


def _draw(plan: queries.Plan, held: Sequence[Peg], actor: str, at: datetime) -> set[UUID]:
    """Draw all takes and what pegs move to, give back what they leave, or nothing of it; the buckets too short."""
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for each in plan.promises:
        for piece in each.pieces:
            for take in piece.takes:
                sums[take.bucket_id] += take.quantity
    origin = {peg.id: peg.bucket_id for peg in held}
    for move in plan.moves:
        sums[move.to_bucket_id] += move.quantity
        sums[origin[move.peg_id]] -= move.quantity
    draws = [BucketDraw(bucket_id, quantity) for bucket_id, quantity in sums.items() if quantity > 0]
    returns = [BucketDraw(bucket_id, -quantity) for bucket_id, quantity in sums.items() if quantity < 0]
    if not draws:
        return set()
    point = transaction.savepoint()
    refused = inventory.draw(draws, actor=actor, at=at).refused
    if refused:
        transaction.savepoint_rollback(point)
        return {draws[int(refusal.subject)].bucket_id for refusal in refused}
    transaction.savepoint_commit(point)
    if returns:
        _return(returns, actor, at)
    return set()


def _losers(demands: Sequence[Demand], promises: Sequence[Promise], gone: set[UUID]) -> dict[UUID, Promise]:
    return {
        demand.id: rules.contended(demand)
        for demand, each in zip(demands, promises, strict=True)
        if any(take.bucket_id in gone for piece in each.pieces for take in piece.takes)
    }


def _commit(demands: Sequence[Demand], promises: Sequence[Promise]) -> None:
    taken = [
        (
            piece.demand_id, take.bucket_id, take.quantity, piece.need_on, demand.priority,
            piece.reason.get("allocated") or demand.demand_class,
        )
        for demand, each in zip(demands, promises, strict=True)
        for piece in each.pieces
        for take in piece.takes
    ]  # fmt: skip
    rows = [(key, *row) for key, row in zip(new_ids(len(taken)), taken, strict=True)]
    insert_rows("promising_commitment", _COMMITMENT, rows)


def expire_met(items: Collection[UUID], *, actor: str, at: datetime) -> list[UUID]:
    """Give back what expired reservations hold of items, without waiting for those that somebody is at work on."""
    over = [row[0] for row in sql.rows("take_expired_of_items", items=sorted(items), at=at)] if items else []
    end_reservations(over, "expire", actor=actor, at=at)
    return over


def end_reservations(
    ids: Sequence[UUID],
    verb: str,
    *,
    actor: str,
    at: datetime,
    lines: Mapping[UUID, UUID] | None = None,
    why: str = "",
) -> None:
    """Give back what reservations hold and bring them to their end. The caller has locked them."""
    if not ids:
        return
    state = RESERVATION_LIFECYCLE.after(verb)
    release([row[0] for row in sql.rows("pieces_of_reservations", ids=list(ids))], actor=actor, at=at)
    sql.run("end_reservations", ids=list(ids), state=state, at=at, by=actor)
    entries: list[Entry] = []
    for key in ids:
        change: dict[str, object] = {"line": lines[key]} if lines else {}
        entries.append(Entry("reservation", key, {**change, "why": why} if why else change))
    journal.write(f"promising.reservation_{state}", entries, actor=actor, at=at)


def hold_supply(demand_ids: Sequence[UUID], demands: Sequence[Demand]) -> None:
    """Lock what some demands hold and the supply of what is asked for, all at once and in key order, until the caller's
    transaction ends. For callers who give back and ask anew: so two of them never wait for each other in a circle."""
    items = sorted({item for demand in demands for item, _ in demand.components})
    sql.rows("lock_supply_to_exchange", demands=sorted(set(demand_ids)), items=items)


def release(demand_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give back all supply that demands hold. Done: the demands in input order; one that holds nothing is done too."""
    with transaction.atomic(savepoint=False):
        held = _hold(demand_ids)
        if held:
            sql.run("delete_pegs", ids=[peg.id for peg in held])
            _give_back(held, actor, at)
    return Outcome(tuple(demand_ids))


def _hold(demand_ids: Sequence[UUID]) -> list[Peg]:
    """The pegs of demands, with their supply locked. Whoever changes a peg has locked its bucket before; so a peg that
    is found on a locked bucket stays. One that moved while we waited is looked for again."""
    demands = sorted(set(demand_ids))
    while True:
        point = transaction.savepoint()
        locked = {row[0] for row in sql.rows("lock_supply_of_demands", demands=demands)}
        held = [Peg(*row) for row in sql.rows("list_pegs", demands=demands)]
        if all(peg.bucket_id in locked for peg in held):
            transaction.savepoint_commit(point)
            return held
        transaction.savepoint_rollback(point)  # the locks too: a second round may begin lower in the order of keys


def _give_back(held: Sequence[Peg], actor: str, at: datetime) -> None:
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for peg in held:
        sums[peg.bucket_id] += peg.quantity
    _return([BucketDraw(bucket_id, quantity) for bucket_id, quantity in sums.items()], actor, at)


def _return(returns: Sequence[BucketDraw], actor: str, at: datetime) -> None:
    refused = inventory.give_back(returns, actor=actor, at=at).refused
    if refused:
        raise RuntimeError(f"commitments hold more than was drawn: {refused[0].message}")


def pin(demand_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Keep demands on the stock they hold, because the warehouse is at work on it. Done: in input order; a demand that
    holds nothing is done too. Refused: `not_on_hand` for one whose supply has not all come in yet."""
    with transaction.atomic(savepoint=False):
        held: dict[UUID, list[Peg]] = defaultdict(list)
        for peg in _hold(demand_ids):
            held[peg.demand_id].append(peg)
        refused = [refusal for demand_id, pegs in held.items() if (refusal := rules.consume_refusal(demand_id, pegs))]
        missing = {UUID(refusal.subject) for refusal in refused}
        done = [demand_id for demand_id in demand_ids if demand_id not in missing]
        sql.run("pin_pegs", demands=done, pinned=True)
    return Outcome(tuple(done), tuple(refused))


def unpin(demand_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Let demands go over to later supply again. Done: the demands in input order."""
    with transaction.atomic(savepoint=False):
        _hold(demand_ids)
        sql.run("pin_pegs", demands=list(demand_ids), pinned=False)
    return Outcome(tuple(demand_ids))


def consume(consumptions: Sequence[tuple[UUID, UUID]], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Let the goods of demands leave: (demand, what carries them). Commitments end, stock is issued from the ledger.

    Done: the demands in input order. Refused: `nothing_promised`, and `not_on_hand` for a demand whose supply has not
    all come in yet.
    """
    with transaction.atomic(savepoint=False):
        held: dict[UUID, list[Peg]] = defaultdict(list)
        for peg in _hold([demand_id for demand_id, _ in consumptions]):
            held[peg.demand_id].append(peg)
        done: list[UUID] = []
        refused: list[Refusal] = []
        issues: list[Issue] = []
        ended: list[UUID] = []
        for demand_id, reference_id in consumptions:
            refusal = rules.consume_refusal(demand_id, held.get(demand_id, ()))
            if refusal:
                refused.append(refusal)
                continue
            done.append(demand_id)
            for peg in held.pop(demand_id):
                ended.append(peg.id)
                issues.append(Issue(peg.bucket_id, peg.quantity, reference_id))
        if issues:
            sql.run("delete_pegs", ids=ended)
            left = inventory.issue(issues, actor=actor, at=at).refused
            if left:
                raise RuntimeError(f"commitments hold more than was drawn: {left[0].message}")
    return Outcome(tuple(done), tuple(refused))


def receive_purchases(receipts: Sequence[PurchaseReceipt], *, actor: str, at: datetime) -> Outcome[Arrived]:
    """Book receipts of purchase orders (as `supply.book_receipts`, with its refusals) and let the promises that waited
    for the goods hold stock on hand instead: exactly what moved, the earliest needed first."""
    with transaction.atomic(savepoint=False):
        outcome = supply.book_receipts(receipts, actor=actor, at=at)
        _carry(outcome.done, actor, at)
    return outcome


def receive_transfers(receipts: Sequence[TransferReceipt], *, actor: str, at: datetime) -> Outcome[Arrived]:
    """Book what came in of transfers (as `supply.book_transfer_receipts`); promises that waited hold of it."""
    with transaction.atomic(savepoint=False):
        outcome = supply.book_transfer_receipts(receipts, actor=actor, at=at)
        _carry(outcome.done, actor, at)
    return outcome


def inspect_purchases(
    verdicts: Sequence[InspectionVerdict], *, actor: str, at: datetime
) -> Outcome[tuple[UUID, Arrived | None]]:
    """Book what inspections found (as `supply.book_inspections`); promises hold of what is accepted."""
    with transaction.atomic(savepoint=False):
        outcome = supply.book_inspections(verdicts, actor=actor, at=at)
        _carry([arrived for _, arrived in outcome.done if arrived], actor, at)
    return outcome


def finish_work(finishes: Sequence[WorkFinish], *, actor: str, at: datetime) -> Outcome[Arrived]:
    """Book what came of work orders (as `supply.finish_work`, with its refusals) and let the promises that waited for
    the goods hold stock on hand instead."""
    with transaction.atomic(savepoint=False):
        outcome = supply.finish_work(finishes, actor=actor, at=at)
        _carry(outcome.done, actor, at)
    return outcome


def _carry(arrivals: Sequence[Arrived], actor: str, at: datetime) -> None:
    """Let promises hold stock on hand instead of what has arrived: exactly what moved, the earliest needed first."""
    moved: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for arrived in arrivals:
        if arrived.drawn_moved:
            moved[arrived.expected_bucket_id, arrived.on_hand_bucket_id] += arrived.drawn_moved
    if not moved:
        return
    held = queries.pegged_to(sorted({bucket for bucket, _ in moved}))
    moves = [
        move
        for (bucket, shelf), quantity in moved.items()
        for move in rules.move_earliest(held.get(bucket, ()), quantity, shelf)
    ]
    _move({peg.id: peg for each in held.values() for peg in each}, moves, actor, at)


def free_supply(limits: Sequence[SupplyLimit], *, actor: str, at: datetime) -> Outcome[LostPeg]:
    """Free expected supply that will not come: of each bucket promises keep no more than will be left of it, those of
    the lowest priority lose theirs first. Done: what was lost, the highest priority first. The supply of the items
    stays locked, so that the caller can cut it and promise the losers anew in the same transaction. A reservation that
    loses something is released."""
    with transaction.atomic(savepoint=False):
        left = {limit.bucket_id: limit.left for limit in limits}
        _lock_reserved(list(left))
        pegs = {peg.id: peg for each in queries.pegged_to(list(left)).values() for peg in each}
        losses = [
            loss
            for bucket_id, quantity in left.items()
            for loss in rules.lose_lowest([peg for peg in pegs.values() if peg.bucket_id == bucket_id], quantity)
        ]
        reserved: dict[UUID, UUID] = {}
        if losses:
            reserved = dict(sql.rows("reservations_of_demands", demands=[peg.demand_id for peg, _ in losses]))
            _lessen([(peg, quantity) for peg, quantity in losses])
            _give_back([replace(peg, quantity=quantity) for peg, quantity in losses], actor, at)
            end_reservations(sorted(set(reserved.values())), "release", actor=actor, at=at, why="supply lost")
        lost = [
            LostPeg(
                peg.demand_id, peg.bucket_id, peg.item_id, quantity, peg.priority, peg.need_on,
                peg.demand_id in reserved,
            )
            for peg, quantity in losses
        ]  # fmt: skip
        lost.sort(key=lambda each: (each.priority, each.need_on, each.demand_id))
        entries = [
            Entry(
                "bucket", each.bucket_id,
                {"demand_id": each.demand_id, "quantity": each.quantity, "priority": each.priority},
            )
            for each in lost
        ]  # fmt: skip
        journal.write("promising.pegs_lost", entries, actor=actor, at=at)
    return Outcome(tuple(lost))


def _lock_reserved(buckets: Sequence[UUID]) -> None:
    """Lock the reservations that hold of buckets, then the supply of their items. One that was made in between is
    locked with all the others in another try: reservations come before supply."""
    items = sorted({row[0] for row in sql.rows("items_of_buckets", ids=list(buckets))})
    while True:
        point = transaction.savepoint()
        known = {row[0] for row in sql.rows("reservations_pegged_to", buckets=list(buckets))}
        if known:
            sql.rows("lock_reservations", ids=sorted(known))
        sql.rows("lock_supply", items=items)
        if {row[0] for row in sql.rows("reservations_pegged_to", buckets=list(buckets))} <= known:
            transaction.savepoint_commit(point)
            return
        transaction.savepoint_rollback(point)


def _move(held: dict[UUID, Peg], moves: Sequence[PegMove], actor: str, at: datetime) -> None:
    """Carry pegs over to other buckets whose `drawn` already holds them."""
    if not moves:
        return
    leaving: dict[UUID, Decimal] = defaultdict(Decimal)
    for move in moves:
        leaving[move.peg_id] += move.quantity
    _lessen([(held[peg_id], quantity) for peg_id, quantity in leaving.items()])
    _gain(
        (held[move.peg_id].demand_id, move.to_bucket_id, move.quantity, held[move.peg_id].need_on,
         held[move.peg_id].priority, held[move.peg_id].demand_class)
        for move in moves
    )  # fmt: skip
    moved: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for move in moves:
        moved[held[move.peg_id].bucket_id, move.to_bucket_id] += move.quantity
    entries = [
        Entry("bucket", to_bucket, {"from_bucket_id": from_bucket, "quantity": quantity})
        for (from_bucket, to_bucket), quantity in moved.items()
    ]
    journal.write("promising.pegs_moved", entries, actor=actor, at=at)


def _lessen(less: Sequence[tuple[Peg, Decimal]]) -> None:
    ended = [peg.id for peg, quantity in less if quantity == peg.quantity]
    smaller = [(peg.id, quantity) for peg, quantity in less if quantity < peg.quantity]
    if ended:
        sql.run("delete_pegs", ids=ended)
    if smaller:
        ids, quantities = columns(smaller, 2)
        sql.run("shrink_pegs", ids=ids, quantities=quantities)


def _gain(gains: Iterable[tuple[UUID, UUID, Decimal, date, int, str]]) -> None:
    """Add pegs (demand, bucket, quantity, need, priority, class); several to the same demand and bucket become one."""
    sums: dict[tuple[UUID, UUID], tuple[Decimal, date, int, str]] = {}
    for demand_id, bucket_id, quantity, need_on, priority, demand_class in gains:
        had, day, *_ = sums.get((demand_id, bucket_id), (Decimal(0), need_on))
        sums[demand_id, bucket_id] = (had + quantity, min(day, need_on), priority, demand_class)
    if not sums:
        return
    demands, buckets = columns(list(sums), 2)
    quantities, days, priorities, classes = columns(list(sums.values()), 4)
    sql.run(
        "add_pegs", ids=new_ids(len(sums)), demands=demands, buckets=buckets, quantities=quantities, days=days,
        priorities=priorities, classes=classes,
    )  # fmt: skip


def split_commitments(splits: Sequence[CommitmentSplit], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Divide what demands hold: each keeps its share, the earliest supply first, the rest goes over to its new demand.

    Done: the demands divided (one that holds nothing is done too). Refused: `split_not_inside`.
    """
    with transaction.atomic(savepoint=False):
        refused = [refusal for split in splits if (refusal := rules.split_refusal(split))]
        good = [split for split in splits if not rules.split_refusal(split)]
        held: dict[UUID, list[Peg]] = defaultdict(list)
        for peg in _hold([split.demand_id for split in good]):
            held[peg.demand_id].append(peg)
        leaving = [
            (split.new_id, peg, quantity)
            for split in good
            for peg, quantity in rules.leaving_pegs(held[split.demand_id], split)
        ]
        _lessen([(peg, quantity) for _, peg, quantity in leaving])
        _gain(
            (new, peg.bucket_id, quantity, peg.need_on, peg.priority, peg.demand_class)
            for new, peg, quantity in leaving
        )
    return Outcome(tuple(split.demand_id for split in good), tuple(refused))


def save_lanes(drafts: Sequence[LaneDraft], *, actor: str, at: datetime) -> Outcome[str]:
    """Save lanes by site, country and region. Done: "SITE>COUNTRY/REGION" in input order.

    Saying the same again changes nothing.
    Refusals (subject: the index): `site_unknown`, `country_unknown`, `country_missing`, `transit_negative`,
    `cost_negative`, `currency_unknown`. Every process promises by the new lanes from its next call on.
    """
    sites = {site.code: site.id for site in inventory_queries.sites()}
    good: dict[tuple[str, str, str], LaneDraft] = {}
    done: list[str] = []
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        findings = rules.lane_findings(draft, sites)
        if findings:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            good[draft.site_code, draft.country, draft.region] = draft
            done.append(f"{draft.site_code}>{draft.country}/{draft.region}".rstrip("/"))
    if good:
        with transaction.atomic(savepoint=False):
            _write_lanes([good[key] for key in sorted(good)], sites, actor, at)
    return Outcome(tuple(done), tuple(refused))


def _write_lanes(drafts: Sequence[LaneDraft], sites: dict[str, UUID], actor: str, at: datetime) -> None:
    rows = [
        (sites[each.site_code], each.country, each.region, each.carrier, each.transit_days, each.cost, each.currency)
        for each in drafts
    ]
    of_sites, countries, regions, carriers, transit_days, costs, currencies = columns(rows, 7)
    saved = sql.rows(
        "save_lanes", ids=new_ids(len(rows)), sites=of_sites, countries=countries, regions=regions, carriers=carriers,
        transit_days=transit_days, costs=costs, currencies=currencies,
    )  # fmt: skip
    facts = {(row[0], row[1], row[2]): draft for row, draft in zip(rows, drafts, strict=True)}
    entries: list[Entry] = []
    for lane_id, site_id, country, region in saved:
        draft = facts[site_id, country, region]
        change = {
            "site": draft.site_code, "country": country, "region": region, "carrier": draft.carrier,
            "transit_days": draft.transit_days, "cost": draft.cost, "currency": draft.currency,
        }  # fmt: skip
        entries.append(Entry("lane", lane_id, change))
    journal.write("promising.lane_saved", entries, actor=actor, at=at)


def end_lanes(lanes: Sequence[tuple[str, str, str]], *, actor: str, at: datetime) -> Outcome[str]:
    """End lanes, each named by the code of its site, country and region; what is promised already stays promised.

    Done: "SITE>COUNTRY/REGION" in input order; a lane that is not there is done already. Every process stops promising
    by them from its next call on.
    """
    with transaction.atomic():
        sites, countries, regions = columns(lanes, 3)
        ended = sql.rows("end_lanes", sites=sites, countries=countries, regions=regions)
        entries = [
            Entry("lane", lane_id, {"site": site, "country": country, "region": region})
            for lane_id, site, country, region in ended
        ]
        journal.write("promising.lane_ended", entries, actor=actor, at=at)
    return Outcome(tuple(f"{site}>{country}/{region}".rstrip("/") for site, country, region in lanes))
