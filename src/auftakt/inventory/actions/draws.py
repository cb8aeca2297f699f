"""Drawing supply, giving it back, and issuing it: one locking statement for any number of draws.

A batch may name a bucket several times. The statement is tried with the sum for each bucket; where a sum does not fit,
the bucket is locked by then, so the members that fit are chosen in input order and drawn by a second statement.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import rules
from auftakt.inventory.actions.lots import lot_shelf, sure, write_lots
from auftakt.inventory.types import ISSUES, BucketDraw, Issue, Movement, Place
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.values import Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")


@dataclass(frozen=True, slots=True)
class _Settled:
    """For each member of the batch whether it fitted; and for each bucket what there was, its item, location, SKU and
    how it is tracked."""

    fits: Sequence[bool]
    available: dict[UUID, Decimal | None]
    places: dict[UUID, tuple[UUID, UUID | None, str, str]]


def _settle(statement: str, claims: Sequence[BucketDraw | Issue]) -> _Settled:
    members: dict[UUID, list[int]] = defaultdict(list)
    for index, claim in enumerate(claims):
        if rules.is_sized(claim.quantity) and claim.quantity > 0:
            members[claim.bucket_id].append(index)
    fits = [False] * len(claims)
    available: dict[UUID, Decimal | None] = {}
    places: dict[UUID, tuple[UUID, UUID | None, str, str]] = {}
    wanted = {bucket: sum((claims[index].quantity for index in named), Decimal(0)) for bucket, named in members.items()}
    rest: dict[UUID, Decimal] = {}
    for bucket, done, open_, *place in _run(statement, wanted):
        available[bucket] = open_
        if done:
            places[bucket] = tuple(place)  # type: ignore[assignment]
            for index in members[bucket]:
                fits[index] = True
        elif open_ is not None and len(members[bucket]) > 1:
            chosen = rules.fitting([claims[index].quantity for index in members[bucket]], open_)
            for index, is_met in zip(members[bucket], chosen, strict=True):
                fits[index] = is_met
            met = [claims[index].quantity for index in members[bucket] if fits[index]]
            if met:
                rest[bucket] = sum(met, Decimal(0))
    if rest:
        for bucket, done, _, *place in _run(statement, rest):
            if not done:
                raise RuntimeError(f"bucket {bucket} changed while it was locked")
            places[bucket] = tuple(place)  # type: ignore[assignment]
    return _Settled(fits, available, places)


def _run(statement: str, wanted: dict[UUID, Decimal]) -> list[tuple]:
    if not wanted:
        return []
    return sql.rows(statement, ids=list(wanted), quantities=list(wanted.values()))  # type: ignore[return-value]


def _refuse(index: int, claim: BucketDraw | Issue, settled: _Settled, code: str, words: str) -> Refusal:
    there = settled.available.get(claim.bucket_id)
    facts = {"bucket_id": claim.bucket_id, "wanted": claim.quantity, "available": there if there is not None else 0}
    if not (rules.is_sized(claim.quantity) and claim.quantity > 0):
        message = f"the quantity must be above zero, not {claim.quantity}"
        return Refusal.because(index, "quantity_not_positive", message, place="/quantity", **facts)
    if claim.bucket_id not in settled.available or there is None:
        return Refusal.because(index, code, f"there is no such supply as {claim.bucket_id}", **facts)
    left = rules.plain(there)
    return Refusal.because(index, code, f"{rules.plain(claim.quantity)} {words}, {left} there", **facts)


def _outcome(claims: Sequence[BucketDraw | Issue], settled: _Settled, code: str, words: str) -> Outcome[UUID]:
    return Outcome(
        tuple(claim.bucket_id for claim, fits in zip(claims, settled.fits, strict=True) if fits),
        tuple(
            _refuse(index, claim, settled, code, words) for index, claim in enumerate(claims) if not settled.fits[index]
        ),
    )


def draw(draws: Sequence[BucketDraw], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Draw from supply buckets, each draw whole or not at all, in input order. Done: bucket ids in input order.

    Refusal `supply_gone` (subject: the index in the batch) with bucket_id, wanted and available. Nothing is journaled
    here: the promise that draws is. `actor` and `at` are part of every verb's face.
    """
    with transaction.atomic(savepoint=False):
        return _outcome(draws, _settle("draw_buckets", draws), "supply_gone", "wanted of this supply")


def give_back(draws: Sequence[BucketDraw], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Give drawn supply back. Done: bucket ids in input order. Refusal `not_drawn` as for `draw`. Not journaled."""
    with transaction.atomic(savepoint=False):
        return _outcome(draws, _settle("give_back_buckets", draws), "not_drawn", "to be given back of what is drawn")


def issue(issues: Sequence[Issue], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Let drawn stock leave, for a customer or on its way to another site: quantity and drawn of the on-hand bucket
    fall, the ledger moves it out.

    Done: bucket ids in input order. Refusal `not_drawn` (subject: the index in the batch), also when the bucket is
    not stock on hand.
    """
    with transaction.atomic(savepoint=False):
        settled = _settle("issue_buckets", issues)
        leaving = [each for each, fits in zip(issues, settled.fits, strict=True) if fits]
        if leaving:
            _record_issues(leaving, settled, actor, at)
        return _outcome(issues, settled, "not_drawn", "to leave of what is drawn here")


def _record_issues(leaving: Sequence[Issue], settled: _Settled, actor: str, at: datetime) -> None:
    places = dict(sql.rows("virtual_locations"))
    keys = new_ids(len(leaving))
    moves: list[tuple[object, ...]] = []
    entries: list[Entry] = []
    for key, each in zip(keys, leaving, strict=True):
        item_id, location_id, *_ = settled.places[each.bucket_id]
        moves.append(
            (
                key,
                item_id,
                each.quantity,
                location_id,
                places[ISSUES[each.reason]],
                at,
                actor,
                each.reason,
                "",
                each.reference_id,
            )
        )
        change = {"move_id": key, "item_id": item_id, "quantity": each.quantity, "reference_id": each.reference_id}
        entries.append(Entry("bucket", each.bucket_id, change))
    columns = (
        "id", "item_id", "quantity", "taken_from_id", "put_to_id", "at", "actor", "reason", "note", "reference_id",
    )  # fmt: skip
    insert_rows("inventory_move", columns, moves)
    _issue_lots(list(zip(keys, leaving, strict=True)), settled, places, at)
    journal.write("inventory.issued", entries, actor=actor, at=at)


def _issue_lots(issued: Sequence[tuple[UUID, Issue]], settled: _Settled, ends: dict[str, UUID], at: datetime) -> None:
    """The lots that leave: those picked for what carries them, else the first to expire."""
    moves: list[tuple[UUID, Movement]] = []
    for index, (key, each) in enumerate(issued):
        item_id, location_id, sku, tracking = settled.places[each.bucket_id]
        if tracking != "none" and location_id is not None:
            end = ISSUES[each.reason]
            move = Movement(
                index, item_id, sku, Place(location_id, None, "stock"), Place(ends[end], None, end), each.quantity,
                each.reason, reference_id=each.reference_id, tracking=tracking, choose=True,
            )  # fmt: skip
            moves.append((key, move))
    shelf = lot_shelf([move for _, move in moves], at)
    if shelf is not None:
        write_lots(shelf, [(key, sure(shelf, move)) for key, move in moves], at)
