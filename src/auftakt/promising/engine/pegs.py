"""Moving pegs: earlier promises go over to later supply that is still in time for them.

Who asked first must not decide what is free: a promise for day 12 that holds stock on hand, because nothing else was
known when it was given, lets go of it once supply for day 10 is there. With every peg on the latest supply still in
time, what is free in the buckets is what is available to promise, looking ahead.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import numpy as np

from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.plan import Taken
from auftakt.promising.engine.stock import Records
from auftakt.promising.types import Peg, PegMove
from auftakt.values import from_micro, to_micro


class _Held:
    """A part of a peg and the row it holds it of."""

    __slots__ = ("amount", "need", "peg", "row", "shelf")

    def __init__(self, peg: Peg, need: int, row: int, amount: int, shelf: range) -> None:
        self.peg = peg
        self.need = need
        self.row = row
        self.amount = amount
        self.shelf = shelf


def loosen(picture: Picture, pegs: Sequence[Peg], on: date) -> tuple[list[PegMove], list[Taken]]:
    """The moves that bring pegs to the latest supply in time, done in the picture until `put_back`.

    A move goes to a later bucket of the same item and site that is available by the peg's day of need. When no peg can
    go later, no choice of moves frees earlier supply: the buckets in time for one peg are all in time for the next, so
    that a chain of moves is never better than its single steps. Supply that is overdue takes no pegs.
    """
    today = on.toordinal()
    picture.see(today)
    rows = picture.shelf.heap.rows
    held: list[_Held] = []
    shelves: dict[tuple[UUID, UUID], tuple[range, dict[UUID, int]]] = {}
    for peg in sorted(pegs, key=lambda peg: (-peg.need_on.toordinal(), peg.id)):
        place = (peg.item_id, peg.site_id)
        if place not in shelves:
            there = picture.rows_at(*place)
            shelves[place] = there, {picture.bucket(row): row for row in there}
        shelf, by_id = shelves[place]
        if peg.bucket_id in by_id:
            row = by_id[peg.bucket_id]
            held.append(_Held(peg, peg.need_on.toordinal(), row, to_micro(peg.quantity), shelf))
    taken: dict[int, int] = {}
    moved = True
    while moved:
        moved = False
        for each in list(held):
            moved = _go_later(each, held, rows, today, taken) or moved
    sums: dict[tuple[UUID, UUID], int] = {}
    for each in held:
        bucket = picture.bucket(each.row)
        if bucket != each.peg.bucket_id:
            key = (each.peg.id, bucket)
            sums[key] = sums.get(key, 0) + each.amount
    moves = [PegMove(peg, bucket, from_micro(amount)) for (peg, bucket), amount in sums.items()]
    changed = np.array(list(taken), dtype=np.int64), np.array(list(taken.values()), dtype=np.int64)
    return moves, [Taken(picture.shelf.heap, *changed)]


def _go_later(each: _Held, held: list[_Held], rows: Records, today: int, taken: dict[int, int]) -> bool:
    """Move as much as fits to the latest bucket in time; what does not fit stays behind as a part of its own."""
    for row in reversed(each.shelf):
        if rows["day"][row] > each.need or not rows["free"][row] or rows["due"][row] < today:
            continue
        if rows["day"][row] <= rows["day"][each.row]:
            return False
        amount = min(int(rows["free"][row]), each.amount)
        if amount < each.amount:
            held.append(_Held(each.peg, each.need, each.row, each.amount - amount, each.shelf))
        rows["free"][row] -= amount
        rows["free"][each.row] += amount
        taken[row] = taken.get(row, 0) + amount
        taken[each.row] = taken.get(each.row, 0) - amount
        each.row, each.amount = row, amount
        return True
    return False


def give_up(picture: Picture, pegs: Sequence[Peg], on: date) -> Taken:
    """Let go of what pegs hold, as if it were free, until `put_back`. What is overdue stays held."""
    picture.shelf.see(on.toordinal())
    heap = picture.shelf.heap
    rows: list[int] = []
    amounts: list[int] = []
    for peg in pegs:
        for row in picture.rows_at(peg.item_id, peg.site_id):
            if picture.bucket(row) == peg.bucket_id and not 0 < heap.rows["due"][row] < on.toordinal():
                rows.append(row)
                amounts.append(-to_micro(peg.quantity))
    given = Taken(heap, np.array(rows, dtype=np.int64), np.array(amounts, dtype=np.int64))
    np.subtract.at(heap.rows["free"], given.rows, given.amounts)
    return given


def set_aside(picture: Picture, items: Iterable[UUID], on: date) -> Taken:
    """Leave the overdue supply of items out of account until `put_back`: nobody knows when it will come."""
    today = on.toordinal()
    picture.see(today)
    heap = picture.shelf.heap
    found = [np.zeros(0, dtype=np.int64)]
    for item in sorted(set(items)):
        first, last = picture.shelf.block(picture.shelf.number(item.int))
        due = heap.rows["due"][first:last]
        found.append(first + np.flatnonzero((due > 0) & (due < today)))
    rows = np.concatenate(found)
    aside = Taken(heap, rows, heap.rows["free"][rows].copy())
    heap.rows["free"][rows] = 0
    return aside
