"""Receipts, adjustments, counts, transfers, reversals: what changes stock, each with its entry in the ledger."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import ItemFacts
from auftakt.inventory import rules
from auftakt.inventory.actions.lots import lot_shelf, write_lots
from auftakt.inventory.types import (
    REASONS,
    Adjustment,
    BucketState,
    ItemRef,
    LotQuantity,
    Movement,
    Place,
    Receipt,
    SiteRef,
    StockCount,
    Transfer,
    WorkReturn,
)
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")

UNDONE_ELSEWHERE = frozenset(
    {
        "shipment", "purchase", "accepted", "quarantine", "rejected", "lost_in_transit", "work_order",
        "issued_to_work", "returned_from_work",
    }
)  # fmt: skip
"""Reasons of moves that belong to a document of an upper floor, which would no longer agree with the stock."""

_MOVE_COLUMNS = (
    "id", "item_id", "quantity", "taken_from_id", "put_to_id", "at", "actor", "reason", "note", "reference_id",
    "reverses_id",
)  # fmt: skip


@dataclass(slots=True)
class Book:
    """Items, sites and locations that a batch speaks of, and the findings of the member being read."""

    items: Mapping[ItemRef, ItemFacts]
    sites: Mapping[SiteRef, tuple[Place, bool]]
    virtual: Mapping[str, Place]
    findings: list[Finding] = field(default_factory=list)

    def item(self, ref: ItemRef) -> ItemFacts | None:
        item = self.items.get(ref)
        if item is None:
            self.say("item_unknown", f"item {ref} is unknown; check its SKU", "/item", item=ref)
        elif item.kind != "stocked":
            self.say(
                "item_not_stocked", f"item {item.sku} is a {item.kind} and is not kept in stock", "/item", item=ref
            )
            return None
        return item

    def site(self, ref: SiteRef, place: str = "/site") -> Place:
        found = self.sites.get(ref)
        if found is None:
            self.say("site_unknown", f"site {ref} is unknown; check its code", place, site=ref)
            return Place(UUID(int=0))
        if not found[1]:
            self.say("site_closed", f"site {found[0].code} is closed; open it first", place, site=ref)
        return found[0]

    def quantity(self, item: ItemFacts | None, number: Decimal, unit: str, place: str = "/quantity") -> Decimal:
        base = catalog.base_quantity(item, number, unit, place) if item else number
        if isinstance(base, Finding):
            self.findings.append(base)
            return Decimal(0)
        return base

    def positive(self, number: Decimal) -> None:
        finding = rules.positive(number)
        if finding:
            self.findings.append(finding)

    def say(self, code: str, message: str, place: str, **facts: object) -> None:
        self.findings.append(Finding(code, message, place, {name: str(fact) for name, fact in facts.items()}))


def open_book(items: Sequence[ItemRef], sites: Sequence[SiteRef]) -> Book:
    skus = sorted({ref for ref in items if isinstance(ref, str)})
    ids = id_list([ref for ref in items if isinstance(ref, UUID)])
    known: dict[ItemRef, ItemFacts] = {}
    if skus:
        known.update(catalog.items_by_sku(skus))
    if ids:
        known.update(catalog.items(ids))
    places: dict[SiteRef, tuple[Place, bool]] = {}
    virtual: dict[str, Place] = {}
    rows = sql.rows(
        "find_places",
        ids=id_list([ref for ref in sites if isinstance(ref, UUID)]),
        codes=sorted({ref for ref in sites if isinstance(ref, str)}),
    )
    for location_id, kind, site_id, code, is_open in rows:
        if site_id is None:
            virtual[kind] = Place(location_id, None, kind)
        else:
            places[site_id] = places[code] = (Place(location_id, site_id, code), is_open)
    return Book(known, places, virtual)


def _read(book: Book, count: int, movement: Callable[[int], Movement | None]) -> tuple[list[Movement], list[Refusal]]:
    """The movements that make sense, and refusals with all findings of those that do not."""
    good: list[Movement] = []
    refused: list[Refusal] = []
    for index in range(count):
        book.findings = []
        made = movement(index)
        if book.findings or made is None:
            refused.append(Refusal(str(index), tuple(book.findings)))
        else:
            good.append(made)
    return good, refused


@dataclass(frozen=True, slots=True)
class _Posted:
    """What came of a batch: each accepted movement with the id of its ledger entry, in input order."""

    moves: Sequence[tuple[UUID, Movement]]
    refused: Sequence[Refusal]


def _post(movements: Sequence[Movement], verb: str, actor: str, at: datetime) -> _Posted:
    """Lock what the movements touch, settle them in input order, and write balances, ledger and journal."""
    touched = {
        (move.item_id, place.site_id) for move in movements for place in (move.taken_from, move.put_to) if place.site_id
    }
    keys = sorted(touched)
    rows = sql.rows("lock_on_hand", items=[key[0] for key in keys], sites=[key[1] for key in keys])
    buckets = {(item, site): key for key, item, site, _, _ in rows}
    balances = {(item, site): BucketState(quantity, drawn) for _, item, site, quantity, drawn in rows}
    lots = lot_shelf(movements, at)
    accepted, refused, changes = rules.settle_moves(movements, balances, lots)
    added = [(key, changes[key]) for key in sorted(changes) if key not in buckets]
    if added:
        sql.run(
            "add_on_hand",
            ids=new_ids(len(added)),
            items=[key[0] for key, _ in added],
            sites=[key[1] for key, _ in added],
            changes=[change for _, change in added],
        )
    changed = [(buckets[key], change) for key, change in changes.items() if key in buckets]
    if changed:
        sql.run("change_on_hand", ids=[key for key, _ in changed], changes=[change for _, change in changed])
    posted = list(zip(new_ids(len(accepted)), accepted, strict=True))
    booked = [(key, move) for key, move in posted if move.quantity > 0]
    _record(booked, verb, actor, at)
    write_lots(lots, booked, at)
    return _Posted(posted, refused)


def _record(posted: Sequence[tuple[UUID, Movement]], verb: str, actor: str, at: datetime) -> None:
    rows = [
        (key, move.item_id, move.quantity, move.taken_from.location_id, move.put_to.location_id, at, actor,
         move.reason, move.note[:300], move.reference_id, move.reverses_id)
        for key, move in posted
    ]  # fmt: skip
    insert_rows("inventory_move", _MOVE_COLUMNS, rows)
    entries = [
        Entry(
            "item",
            move.item_id,
            {
                "move_id": key,
                "sku": move.sku,
                "quantity": move.quantity,
                "from": move.taken_from.code,
                "to": move.put_to.code,
                "reason": move.reason,
                "note": move.note,
            },
        )
        for key, move in posted
    ]
    journal.write(verb, entries, actor=actor, at=at)


def _in_order(refused: Sequence[Refusal]) -> tuple[Refusal, ...]:
    return tuple(sorted(refused, key=lambda each: int(each.subject)))


def run_moves(good: Sequence[Movement], refused: list[Refusal], verb: str, actor: str, at: datetime) -> Outcome[UUID]:
    """Post movements that make sense. Done: ids of the ledger entries; refused, by index, with what did not."""
    posted = _post(good, verb, actor, at)
    return Outcome(tuple(key for key, _ in posted.moves), _in_order([*refused, *posted.refused]))


def receive(receipts: Sequence[Receipt], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put goods into stock from a supplier. Done: ids of the ledger entries, in input order.

    Refusals (subject: the index in the batch): `item_unknown`, `item_not_stocked`, `site_unknown`, `site_closed`,
    `unit_unknown`, `quantity_not_positive`, `quantity_fractional`, `quantity_out_of_range`.
    """
    with transaction.atomic(savepoint=False):
        book = open_book([each.item for each in receipts], [each.site for each in receipts])

        def movement(index: int) -> Movement | None:
            receipt = receipts[index]
            item, site = book.item(receipt.item), book.site(receipt.site)
            book.positive(receipt.quantity)
            base = book.quantity(item, receipt.quantity, receipt.unit)
            if item is None or book.findings:
                return None
            return Movement(
                index, item.id, item.sku, book.virtual["supplier"], site, base, "receipt", receipt.note,
                receipt.reference_id, tracking=item.tracking, shelf_life_days=item.shelf_life_days, lots=receipt.lots,
            )  # fmt: skip

        good, refused = _read(book, len(receipts), movement)
        return run_moves(good, refused, "inventory.received", actor, at)


def take_back(returns: Sequence[WorkReturn], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put goods back into stock that production did not use. Done: ids of the ledger entries, in input order.

    Refusals as for `receive`. How much may come back is known to the work order that asks.
    """
    with transaction.atomic(savepoint=False):
        book = open_book([each.item for each in returns], [each.site for each in returns])

        def movement(index: int) -> Movement | None:
            back = returns[index]
            item, site = book.item(back.item), book.site(back.site)
            book.positive(back.quantity)
            if item is None or book.findings:
                return None
            return Movement(
                index, item.id, item.sku, book.virtual["production"], site, back.quantity, "returned_from_work",
                back.note, back.reference_id, tracking=item.tracking,
            )  # fmt: skip

        good, refused = _read(book, len(returns), movement)
        return run_moves(good, refused, "inventory.received", actor, at)


def adjust(adjustments: Sequence[Adjustment], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Correct the books by a signed difference with a reason. Done: ids of the ledger entries, in input order.

    Refusals as for `receive`, and `reason_unknown`, `stock_insufficient`, `stock_promised`.
    """
    with transaction.atomic(savepoint=False):
        book = open_book([each.item for each in adjustments], [each.site for each in adjustments])

        def movement(index: int) -> Movement | None:
            adjustment = adjustments[index]
            item, site = book.item(adjustment.item), book.site(adjustment.site)
            if adjustment.reason not in REASONS:
                message = f"reason {adjustment.reason!r} is unknown; use one of {', '.join(REASONS)}"
                book.say("reason_unknown", message, "/reason", reason=adjustment.reason)
            if adjustment.difference == 0:
                book.say("quantity_not_positive", "the difference must not be zero", "/difference")
            base = book.quantity(item, adjustment.difference, adjustment.unit, "/difference")
            if item is None or book.findings:
                return None
            other = book.virtual[REASONS[adjustment.reason]]
            ends = (other, site) if base > 0 else (site, other)
            return Movement(
                index, item.id, item.sku, *ends, abs(base), adjustment.reason, adjustment.note, tracking=item.tracking,
                shelf_life_days=item.shelf_life_days, lots=adjustment.lots, choose=adjustment.choose_lots,
            )  # fmt: skip

        good, refused = _read(book, len(adjustments), movement)
        return run_moves(good, refused, "inventory.adjusted", actor, at)


def count(counts: Sequence[StockCount], *, actor: str, at: datetime) -> Outcome[Decimal]:
    """Adjust the books to what was counted. Done: the differences in base units, in input order, zero where the books
    were right (nothing is posted for those).

    Refusals as for `receive`, and `quantity_negative`, `stock_promised` when less was counted than is promised,
    `stock_moved` when the books are no longer as they were shown to whoever confirmed the variance.
    """
    with transaction.atomic(savepoint=False):
        book = open_book([each.item for each in counts], [each.site for each in counts])

        def movement(index: int) -> Movement | None:
            counted = counts[index]
            item, site = book.item(counted.item), book.site(counted.site)
            if counted.counted.is_finite() and counted.counted < 0:
                book.say("quantity_negative", "what was counted cannot be below zero", "/counted")
            base = book.quantity(item, counted.counted, counted.unit, "/counted")
            if item is None or book.findings:
                return None
            loss = book.virtual[REASONS["count"]]
            return Movement(
                index, item.id, item.sku, loss, site, Decimal(0), "count", counted.note, counted=base,
                books=counted.books, tracking=item.tracking, shelf_life_days=item.shelf_life_days, lots=counted.lots,
            )  # fmt: skip

        good, refused = _read(book, len(counts), movement)
        posted = _post(good, "inventory.adjusted", actor, at)
    differences: dict[int, Decimal] = {}
    for _, move in posted.moves:
        change = move.quantity if move.put_to.site_id else -move.quantity
        differences[move.index] = differences.get(move.index, Decimal(0)) + change
    return Outcome(tuple(differences.values()), _in_order([*refused, *posted.refused]))


def transfer(transfers: Sequence[Transfer], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Move goods from one site's stock to another's. Done: ids of the ledger entries, in input order.

    Refusals as for `receive`, and `same_site`, `stock_insufficient`, `stock_promised`. Moves of one batch are
    settled in input order: what came in by an earlier one may leave by a later one.
    """
    with transaction.atomic(savepoint=False):
        sites = [ref for each in transfers for ref in (each.from_site, each.to_site)]
        book = open_book([each.item for each in transfers], sites)

        def movement(index: int) -> Movement | None:
            wanted = transfers[index]
            item = book.item(wanted.item)
            source, target = book.site(wanted.from_site, "/from_site"), book.site(wanted.to_site, "/to_site")
            if source == target and source.site_id:
                book.say("same_site", "name two different sites", "/to_site", site=source.code)
            book.positive(wanted.quantity)
            base = book.quantity(item, wanted.quantity, wanted.unit)
            if item is None or book.findings:
                return None
            return Movement(
                index, item.id, item.sku, source, target, base, "transfer", wanted.note, tracking=item.tracking,
                lots=wanted.lots,
            )  # fmt: skip

        good, refused = _read(book, len(transfers), movement)
        return run_moves(good, refused, "inventory.transferred", actor, at)


def reverse(move_ids: Sequence[UUID], *, actor: str, at: datetime, note: str = "") -> Outcome[UUID]:
    """Undo ledger entries by entries the other way round. Done: ids of the new entries, in input order.

    Refusals (subject: the index in the batch): `move_unknown`, `move_already_reversed` (also when named twice),
    `move_is_reversal`, `move_belongs_elsewhere` (a shipment, a purchase receipt: undo it where it was made),
    `stock_insufficient`, `stock_promised`.
    """
    with transaction.atomic(savepoint=False):
        sql.rows("lock_moves", ids=id_list(list(move_ids)))
        found = {row[0]: row[1:] for row in sql.rows("moves_to_reverse", ids=id_list(list(move_ids)))}
        lots = _lots_of([key for key, row in found.items() if row[-1] != "none"])
        good: list[Movement] = []
        refused: list[Refusal] = []
        seen: set[UUID] = set()
        for index, move_id in enumerate(move_ids):
            finding = _irreversible(move_id, found.get(move_id), move_id in seen)
            seen.add(move_id)
            if finding:
                refused.append(Refusal(str(index), (finding,)))
                continue
            item_id, sku, quantity, _, reference_id, _, _, *ends = found[move_id]
            source, target = Place(*ends[:3]), Place(*ends[3:6])
            good.append(
                Movement(
                    index, item_id, sku, target, source, quantity, "reversal", note, reference_id, move_id,
                    tracking=ends[6], lots=lots.get(move_id, ()),
                )
            )  # fmt: skip
        return run_moves(good, refused, "inventory.reversed", actor, at)


def _lots_of(move_ids: Sequence[UUID]) -> dict[UUID, tuple[LotQuantity, ...]]:
    """The lots that ledger entries moved."""
    found: dict[UUID, tuple[LotQuantity, ...]] = {}
    for key, number, quantity in sql.rows("lots_of_moves", moves=list(move_ids)) if move_ids else ():
        found[key] = (*found.get(key, ()), LotQuantity(number, quantity))
    return found


def _irreversible(move_id: UUID, row: Sequence[object] | None, seen: bool) -> Finding | None:
    facts = {"move_id": str(move_id)}
    if row is None:
        return Finding("move_unknown", f"there is no ledger entry {move_id}", "", facts)
    reason, reverses_id, reversed_by = row[3], row[5], row[6]
    if reverses_id is not None:
        return Finding("move_is_reversal", "a reversal is not reversed; book the move again instead", "", facts)
    if seen or reversed_by is not None:
        return Finding("move_already_reversed", f"ledger entry {move_id} is reversed already", "", facts)
    if reason in UNDONE_ELSEWHERE or (reason == "transfer" and row[4] is not None):
        return Finding("move_belongs_elsewhere", f"this is a {reason}; undo it where it was booked", "", facts)
    return None
