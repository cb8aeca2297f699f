"""Expected supply and its arrival: what supply documents bring, and when it becomes stock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import rules
from auftakt.inventory.actions.lots import lot_shelf, write_lots
from auftakt.inventory.rules import LotShelf
from auftakt.inventory.types import (
    ARRIVALS,
    EXPECTED_KINDS,
    Arrival,
    Arrived,
    BucketState,
    ExpectedSupply,
    Movement,
    Place,
)
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")


def expect(supplies: Sequence[ExpectedSupply], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Set expected supplies to their day and open quantity, by what brings them. Done: bucket ids in input order.

    Saying the same again changes nothing. Refusals (subject: the reference): `supply_promised` when the quantity would
    fall below what is drawn (facts: drawn), `supply_fixed` when item, site or kind would change,
    `supply_kind_unknown`, `quantity_negative`, `supply_repeated`.
    """
    with transaction.atomic(savepoint=False):
        rows = sql.rows("lock_expected", references=id_list([each.reference_id for each in supplies]))
        held = {row[0]: row[1:] for row in rows}
        done: list[UUID] = []
        refused: list[Refusal] = []
        saved: dict[UUID, tuple[UUID, ExpectedSupply]] = {}
        seen: set[UUID] = set()
        fresh = new_ids(len(supplies))
        for supply, new in zip(supplies, fresh, strict=True):
            row = held.get(supply.reference_id)
            finding = _unexpectable(supply, row, supply.reference_id in seen)
            seen.add(supply.reference_id)
            if finding:
                refused.append(Refusal(str(supply.reference_id), (finding,)))
                continue
            key = row[0] if row else new
            done.append(key)
            if row is None or (row[4], row[5]) != (supply.available_on, supply.quantity):
                saved[supply.reference_id] = (key, supply)
        _save_expected(list(saved.values()), actor, at)
    return Outcome(tuple(done), tuple(refused))


def _unexpectable(supply: ExpectedSupply, row: Sequence[object] | None, seen: bool) -> Finding | None:
    if seen:
        return Finding("supply_repeated", "this supply is named twice in the batch")
    if supply.kind not in EXPECTED_KINDS:
        return Finding("supply_kind_unknown", f"supply kind {supply.kind!r} is unknown", "/kind")
    if not rules.is_sized(supply.quantity) or supply.quantity < 0:
        return Finding("quantity_negative", "an expected quantity is zero or more", "/quantity")
    return _unchangeable(supply, row) if row else None


def _unchangeable(supply: ExpectedSupply, row: Sequence[object]) -> Finding | None:
    if tuple(row[1:4]) != (supply.kind, supply.item_id, supply.site_id):
        return Finding("supply_fixed", "kind, item and site of an expected supply cannot change; cancel it instead")
    drawn = row[6]
    if isinstance(drawn, Decimal) and supply.quantity < drawn:
        message = f"{rules.plain(drawn)} of this supply is promised; {rules.plain(supply.quantity)} would be left"
        facts = {"drawn": rules.plain(drawn), "quantity": rules.plain(supply.quantity), "bucket_id": str(row[0])}
        return Finding("supply_promised", f"{message}; release promises first", "/quantity", facts)
    return None


def _save_expected(saved: Sequence[tuple[UUID, ExpectedSupply]], actor: str, at: datetime) -> None:
    if not saved:
        return
    sql.run(
        "save_expected",
        ids=[key for key, _ in saved],
        items=[supply.item_id for _, supply in saved],
        sites=[supply.site_id for _, supply in saved],
        kinds=[supply.kind for _, supply in saved],
        days=[supply.available_on for _, supply in saved],
        quantities=[supply.quantity for _, supply in saved],
        references=[supply.reference_id for _, supply in saved],
    )
    entries = [
        Entry("bucket", key, {"available_on": supply.available_on, "quantity": supply.quantity})
        for key, supply in saved
    ]
    journal.write("inventory.expected", entries, actor=actor, at=at)


def arrive(arrivals: Sequence[Arrival], *, actor: str, at: datetime) -> Outcome[Arrived]:
    """Book what came in of expected supplies: it leaves the expected bucket and stands in stock, with the ledger entry
    from where it came (the supplier, another site, production, quarantine) to stock. What promises hold of the bucket
    and no longer fits into its rest moves along.

    Refusals (subject: the index in the batch): `supply_unknown`, `quantity_not_positive`, `more_than_expected`,
    `site_closed`, and what is wrong with lots or serial numbers.
    """
    with transaction.atomic(savepoint=False):
        references = id_list([each.reference_id for each in arrivals])
        sql.run("ensure_arrival_buckets", references=references, ids=new_ids(len(references)))
        shelf = _Shelf(sql.rows("lock_arrivals", references=references))
        done: list[tuple[Arrived, Movement]] = []
        refused: list[Refusal] = []
        moves = _movements(arrivals, shelf)
        lots = lot_shelf(list(moves.values()), at)
        for index, (arrival, move_id) in enumerate(zip(arrivals, new_ids(len(arrivals)), strict=True)):
            finding = shelf.finding(arrival)
            findings, settled = ([finding], ()) if finding else _lots_of(moves[index], lots)
            if findings:
                refused.append(Refusal(str(index), tuple(findings)))
            else:
                done.append((shelf.take_in(arrival, move_id), replace(moves[index], settled=settled)))
        if done:
            shelf.write()
            _record_arrivals(done, actor, at)
            write_lots(lots, [(arrived.move_id, move) for arrived, move in done], at)
    return Outcome(tuple(arrived for arrived, _ in done), tuple(refused))


class _Shelf:
    """The locked buckets of a batch of arrivals, expected and on hand, as they change member by member."""

    def __init__(self, rows: Sequence[tuple]) -> None:
        self.states: dict[UUID, BucketState] = {}
        self.expected: dict[UUID, tuple] = {}
        self.on_hand: dict[tuple[UUID, UUID], UUID] = {}
        for row in rows:
            key, kind, item_id, site_id, quantity, drawn, reference_id, *_ = row
            self.states[key] = BucketState(quantity, drawn)
            if kind == "on_hand":
                self.on_hand[item_id, site_id] = key
            else:
                self.expected[reference_id] = row
        self.before = dict(self.states)

    def finding(self, arrival: Arrival) -> Finding | None:
        """Why an arrival cannot be booked."""
        row = self.expected.get(arrival.reference_id)
        if row is None:
            return Finding("supply_unknown", f"nothing is expected from {arrival.reference_id}", "/reference_id")
        sku, site_code, is_open = row[7:10]
        if not is_open:
            return Finding("site_closed", f"site {site_code} is closed; open it first", "", {"site": site_code})
        if not rules.is_sized(arrival.quantity):
            return Finding("quantity_not_positive", "the quantity must be above zero", "/quantity")
        left = self.states[row[0]].quantity
        if arrival.quantity > left:
            message = f"{rules.plain(arrival.quantity)} of {sku} came in, {rules.plain(left)} is expected"
            facts = {"wanted": rules.plain(arrival.quantity), "expected": rules.plain(left)}
            return Finding("more_than_expected", message, "/quantity", facts)
        return rules.positive(arrival.quantity)

    def take_in(self, arrival: Arrival, move_id: UUID) -> Arrived:
        """Move the arrived part from its expected bucket to stock."""
        row = self.expected[arrival.reference_id]
        expected_id, on_hand_id = row[0], self.on_hand[row[2], row[3]]
        expected, on_hand = self.states[expected_id], self.states[on_hand_id]
        moved = rules.arrive(expected, arrival.quantity)
        self.states[expected_id] = BucketState(expected.quantity - arrival.quantity, expected.drawn - moved)
        self.states[on_hand_id] = replace(
            on_hand, quantity=on_hand.quantity + arrival.quantity, drawn=on_hand.drawn + moved
        )
        return Arrived(expected_id, on_hand_id, arrival.quantity, moved, move_id)

    def write(self) -> None:
        """Store every bucket that changed."""
        changed = [key for key, state in self.states.items() if state != self.before[key]]
        sql.run(
            "book_arrivals",
            ids=changed,
            changes=[self.states[key].quantity - self.before[key].quantity for key in changed],
            drawn_changes=[self.states[key].drawn - self.before[key].drawn for key in changed],
        )


def _movements(arrivals: Sequence[Arrival], shelf: _Shelf) -> dict[int, Movement]:
    """The move that each arrival is, by its index: from the supplier, transit, production or quarantine to stock."""
    if not shelf.expected:
        return {}
    places = dict(sql.rows("virtual_locations"))
    asides = dict(sql.rows("quarantines", sites=sorted({row[3] for row in shelf.expected.values()})))
    moves: dict[int, Movement] = {}
    for index, arrival in enumerate(arrivals):
        row = shelf.expected.get(arrival.reference_id)
        if row is None:
            continue
        _, kind, item_id, site_id, _, _, reference_id, sku, site_code, _, location_id, tracking, shelf_life = row
        source = Place(asides[site_id], None, "quarantine") if arrival.inspected else _source(kind, places)
        moves[index] = Movement(
            index, item_id, sku, source, Place(location_id, site_id, site_code), arrival.quantity,
            "accepted" if arrival.inspected else kind, arrival.note, reference_id, tracking=tracking,
            shelf_life_days=shelf_life, lots=arrival.lots,
        )  # fmt: skip
    return moves


def _source(kind: str, places: dict[str, UUID]) -> Place:
    return Place(places[ARRIVALS[kind]], None, ARRIVALS[kind])


def _lots_of(move: Movement, lots: LotShelf | None) -> tuple[list[Finding], tuple[tuple[UUID, Decimal], ...]]:
    if move.tracking == "none":
        return rules.lots_findings(move.sku, "none", move.quantity, move.lots), ()
    return lots.settle(move) if lots else ([], ())


def _record_arrivals(done: Sequence[tuple[Arrived, Movement]], actor: str, at: datetime) -> None:
    moves: list[tuple[object, ...]] = []
    entries: list[Entry] = []
    for arrived, move in done:
        moves.append((
            arrived.move_id, move.item_id, arrived.quantity, move.taken_from.location_id, move.put_to.location_id, at,
            actor, move.reason, move.note[:300], move.reference_id,
        ))  # fmt: skip
        change = {
            "move_id": arrived.move_id, "sku": move.sku, "quantity": arrived.quantity, "from": move.taken_from.code,
            "to": move.put_to.code, "reason": move.reason, "note": move.note, "drawn_moved": arrived.drawn_moved,
        }  # fmt: skip
        entries.append(Entry("item", move.item_id, change))
    columns = (
        "id", "item_id", "quantity", "taken_from_id", "put_to_id", "at", "actor", "reason", "note", "reference_id",
    )  # fmt: skip
    insert_rows("inventory_move", columns, moves)
    journal.write("inventory.received", entries, actor=actor, at=at)
