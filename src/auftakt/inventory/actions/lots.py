"""Lots beside moves: read and locked before a batch is judged, written with it. Nothing is asked where no item of the
batch is tracked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import rules
from auftakt.inventory.rules import LotShelf, LotState
from auftakt.inventory.types import LotHoldDraft, LotsTold, Movement, Place
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, columns, insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")

_LOT = ("id", "item_id", "number", "expires_on", "is_serial", "came_with_id", "created_at")


def lot_shelf(movements: Sequence[Movement], at: datetime) -> LotShelf | None:
    """What is known of the lots that movements may touch, locked; None where nothing is tracked."""
    tracked = [move for move in movements if move.tracking != "none"]
    if not tracked:
        return None
    sql.rows("lock_lots_of_items", items=id_list([move.item_id for move in tracked]))
    named = sorted({(move.item_id, lot.number.strip()) for move in tracked for lot in move.lots})
    sources = sorted({(move.item_id, place.location_id) for move in tracked for place in _looked_at(move)})
    references = id_list([move.reference_id for move in tracked if move.reference_id])
    items, numbers = columns(named, 2)
    source_items, locations = columns(sources, 2)
    rows = sql.rows(
        "lots_of_moves_to_come", items=items, numbers=numbers, source_items=source_items, sources=locations,
        references=references,
    )  # fmt: skip
    stock = sql.rows("lock_lot_stock", lots=[row[0] for row in rows])
    shelf = LotShelf(
        [LotState(*row) for row in rows],
        {(lot, place): (quantity, held) for lot, place, quantity, held in stock},
        at.date(),
    )
    for reference, place, lot, quantity, is_hold in sql.rows("lots_with_references", references=references):
        known = shelf.picked if is_hold else shelf.carried
        known.setdefault((reference, place), {})[lot] = quantity
    return shelf


def _looked_at(move: Movement) -> list[Place]:
    """Where all lots must be known: where they may be chosen from, or are counted."""
    return [
        place for place in (move.taken_from, move.put_to if move.counted is not None else None) if place and place.holds
    ]


def write_lots(shelf: LotShelf | None, posted: Sequence[tuple[UUID, Movement]], at: datetime) -> None:
    """Store the lots that ledger entries moved, and where lots lie now."""
    moved = [(key, *part) for key, move in posted for part in move.settled]
    if shelf is None or not (moved or shelf.changes()):
        return
    used = {lot for _, lot, _ in moved}
    fresh = [lot for lot in shelf.by_id.values() if lot.is_fresh and lot.id in used]
    insert_rows(
        "inventory_lot",
        _LOT,
        [(lot.id, lot.item_id, lot.number, lot.expires_on, lot.is_serial, lot.came_with_id, at) for lot in fresh],
    )
    store_changes(shelf)
    keys = new_ids(len(moved))
    insert_rows(
        "inventory_movelot",
        ("id", "move_id", "lot_id", "quantity"),
        [(key, *row) for key, row in zip(keys, moved, strict=True)],
    )


def sure(shelf: LotShelf, move: Movement) -> Movement:
    """A move whose quantity the books allow, with its lots; that there are enough of them is certain."""
    findings, settled = shelf.settle(move)
    if findings:
        raise RuntimeError(f"stock and its lots differ: {findings[0].message}")
    return replace(move, settled=settled)


def store_changes(shelf: LotShelf) -> None:
    """Bring the stored quantities of lots to those of the shelf: what leaves first, so that a serial number never lies
    in two places."""
    changes = shelf.changes()
    falling = [
        (lot, place, min(change, Decimal(0)), held) for lot, place, change, held in changes if change < 0 or held
    ]
    if falling:
        lots, places, quantities, helds = columns(falling, 4)
        sql.run("lower_lot_stock", lots=lots, locations=places, changes=quantities, held_changes=helds)
    rising = [(lot, place, change) for lot, place, change, _ in changes if change > 0]
    if rising:
        lots, places, quantities = columns(rising, 3)
        sql.run("raise_lot_stock", ids=new_ids(len(rising)), lots=lots, locations=places, changes=quantities)
    if shelf.used:
        references, lots, places = columns(shelf.used, 3)
        sql.run("use_holds", references=references, lots=lots, locations=places)


def judge_lots(told: Sequence[LotsTold], at: datetime) -> list[list[Finding]]:
    """What is wrong with lots told for goods that come in from outside, one after the other; the numbers of their items
    stay locked until the transaction ends."""
    outside, inside = Place(UUID(int=0), None, "supplier"), Place(UUID(int=1), UUID(int=1))
    moves = [
        Movement(
            index, each.item_id, each.sku, outside, inside, each.quantity, "receipt", tracking=each.tracking,
            lots=each.lots,
        )
        for index, each in enumerate(told)
    ]  # fmt: skip
    shelf = lot_shelf(moves, at)
    found: list[list[Finding]] = []
    for move in moves:
        if move.tracking == "none":
            found.append(rules.lots_findings(move.sku, "none", move.quantity, move.lots))
        elif shelf:
            found.append(shelf.settle(move)[0])
    return found


def hold_lots(drafts: Sequence[LotHoldDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take pieces of lots in hand for what will leave: those told, or the first to expire that keep long enough. Done:
    the references, in input order.

    Refusals (subject: the index): `lot_not_there`, `lot_expired`, `lots_expired`, and as for `receive`.
    """
    if not drafts:
        return Outcome()
    done: list[UUID] = []
    refused: list[Refusal] = []
    with transaction.atomic(savepoint=False):
        sites = id_list([draft.site_id for draft in drafts])
        places: dict[UUID, UUID] = dict(sql.rows("stock_locations", sites=sites))
        moves = [
            Movement(
                index, draft.item_id, draft.sku, Place(places[draft.site_id], draft.site_id), Place(UUID(int=0)),
                draft.quantity, "pick", reference_id=draft.reference_id, tracking="lot", lots=draft.lots, choose=True,
            )
            for index, draft in enumerate(drafts)
        ]  # fmt: skip
        shelf = lot_shelf(moves, at)
        held: dict[tuple[UUID, UUID, UUID], Decimal] = defaultdict(Decimal)
        for draft, move in zip(drafts, moves, strict=True):
            findings, chosen = rules.hold_choice(shelf, move, draft) if shelf else ([], [])
            if findings:
                refused.append(Refusal(str(move.index), tuple(findings)))
                continue
            done.append(draft.reference_id)
            for lot_id, quantity in chosen:
                held[draft.reference_id, lot_id, move.taken_from.location_id] += quantity
        if shelf and held:
            store_changes(shelf)
            references, lots, locations = columns(held, 3)
            sql.run(
                "add_holds", ids=new_ids(len(held)), references=references, lots=lots, locations=locations,
                quantities=list(held.values()),
            )  # fmt: skip
            entries = [
                Entry("lot", lot, {"reference_id": reference, "quantity": quantity})
                for (reference, lot, _), quantity in held.items()
            ]
            journal.write("inventory.lots_held", entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def pass_lots_on(passed: Sequence[tuple[UUID, UUID]], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Let what was picked for one thing leave with another: (old, new reference). Done: the new ones. Not
    journaled: what leaves is."""
    old, new = columns(passed, 2)
    with transaction.atomic(savepoint=False):
        sql.run("pass_holds_on", old=old, new=new)
    return Outcome(tuple(new))


def release_lots(references: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put picked lots back on the shelf. Done: the references."""
    with transaction.atomic(savepoint=False):
        freed = sql.rows("release_holds", references=list(references))
        entries = [Entry("lot", lot, {"quantity": quantity}) for lot, quantity in freed]
        journal.write("inventory.lots_released", entries, actor=actor, at=at)
    return Outcome(tuple(references))


def put_lots_back(freed: Sequence[tuple[UUID, str, Decimal]], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put part of what was picked back on the shelf: (reference, number, quantity). Done: the references; what is not
    held so is done already."""
    references, numbers, quantities = columns(freed, 3)
    with transaction.atomic(savepoint=False):
        rows = sql.rows("lower_holds", references=references, numbers=numbers, quantities=quantities)
        entries = [Entry("lot", lot, {"quantity": quantity}) for lot, quantity in rows]
        journal.write("inventory.lots_released", entries, actor=actor, at=at)
    return Outcome(tuple(references))
