"""Stock in arrays: every supply bucket of every item, in blocks that are never moved while somebody reads them.

The rows of an item stand together, by site and by the day they count for. A heap holds the rows; a shelf says where the
block of each item begins. Several shelves may stand on one heap: a shelf owns the blocks that it wrote, and writes anew
what others may be reading. Quantities are whole millionths, days are ordinals, and day 0 is on hand.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt
from numba import njit

ON_HAND = 0
KINDS = ("on_hand", "purchase", "transfer", "work_order")
"""Kinds of buckets, by the number that rows carry."""
LOW = (1 << 64) - 1
SUPPLY = np.dtype(
    [
        ("item_high", "u8"), ("item_low", "u8"), ("id_high", "u8"), ("id_low", "u8"),
        ("site_high", "u8"), ("site_low", "u8"), ("due", "i4"), ("quantity", "i8"), ("drawn", "i8"), ("kind", "i4"),
    ]
)  # fmt: skip
# A row of PostgreSQL's binary COPY: its count of fields, then each field after its length, all big-endian.
_COPIED = np.dtype(
    [
        ("fields", ">i2"), ("l1", ">i4"), ("id_high", ">u8"), ("id_low", ">u8"), ("l2", ">i4"), ("item_high", ">u8"),
        ("item_low", ">u8"), ("l3", ">i4"), ("site_high", ">u8"), ("site_low", ">u8"), ("l4", ">i4"), ("due", ">i4"),
        ("l5", ">i4"), ("quantity", ">i8"), ("l6", ">i4"), ("drawn", ">i8"), ("l7", ">i4"), ("kind", ">i4"),
        ("l8", ">i4"), ("tx", ">i8"),
    ]
)  # fmt: skip
_COPY_HEAD, _COPY_TAIL = 19, 2
_WASTE = 3
Array = npt.NDArray[Any]
Records = Any  # an array of records, or one of them: of one of the kinds named in capitals


class SupplyRow(NamedTuple):
    """A bucket as it stands in the database. `due` is an ordinal day, or 0 for on hand; amounts are millionths; `kind`
    is its place among `KINDS`."""

    id: UUID
    item_id: UUID
    site_id: UUID
    due: int
    quantity: int
    drawn: int
    kind: int = 0


# A bucket: `day` is the day it counts for, `free` what nobody has been promised, `high` and `low` its id's halves.
ROW = np.dtype(
    [
        ("site", "i4"), ("kind", "i4"), ("due", "i4"), ("day", "i4"), ("free", "i8"), ("drawn", "i8"), ("high", "u8"),
        ("low", "u8"),
    ]
)  # fmt: skip
# Where the rows of an item begin and how many they are; an owned block may be written in place.
BLOCK = np.dtype([("at", "i8"), ("count", "i8"), ("owned", "?")], align=True)


def supply_array(rows: Iterable[SupplyRow]) -> npt.NDArray[Any]:
    """Rows as the array a picture is loaded from."""
    return np.array(
        [
            (
                row.item_id.int >> 64, row.item_id.int & LOW, row.id.int >> 64, row.id.int & LOW,
                row.site_id.int >> 64, row.site_id.int & LOW, row.due, row.quantity, row.drawn, row.kind,
            )
            for row in rows
        ],
        dtype=SUPPLY,
    )  # fmt: skip


def supply_from_copy(data: bytes) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The array from a binary COPY of (id, item, site, due, quantity, drawn, kind, transaction), and the transactions.

    Raises ValueError when the data is not of this shape.
    """
    body = memoryview(data)[_COPY_HEAD:-_COPY_TAIL]
    if len(body) % _COPIED.itemsize:
        raise ValueError(f"{len(body)} bytes are not rows of {_COPIED.itemsize}")
    copied = np.frombuffer(body, dtype=_COPIED)
    supply = np.empty(len(copied), dtype=SUPPLY)
    for name in SUPPLY.names or ():
        supply[name] = copied[name]
    return supply, copied["tx"].astype(np.int64)


class Heap:
    """Rows with room for more behind them."""

    def __init__(self, rows: Records) -> None:
        self.rows = rows
        self.filled = len(rows)
        self.kept = 0  # forks may still look at what stands before

    def room(self, wanted: int) -> None:
        """Make room for rows; those there stay where they are."""
        if self.filled + wanted > len(self.rows):
            self.rows = _longer(self.rows, max(self.filled + wanted, 1024) * 5 // 4)


def _longer(rows: Records, size: int) -> Array:
    made = np.zeros(size, dtype=rows.dtype)
    made[: len(rows)] = rows
    return made


class Shelf:
    """The buckets of all items as somebody sees them: where the block of each item begins in the heap and how long it
    is. Not safe for threads by itself; whoever uses shelves of one heap holds one lock."""

    def __init__(self, heap: Heap, numbers: dict[int, int], blocks: Records, on: int) -> None:
        self.heap = heap
        self.numbers = numbers
        self.blocks = blocks
        self.on = on

    @classmethod
    def load(cls, supply: npt.NDArray[Any], sites: dict[int, int]) -> "Shelf":
        """From the buckets of the database; those of sites that are not known are left out."""
        site = _numbers_of_sites(supply, sites)
        kept = np.flatnonzero(site >= 0)
        low, high = supply["item_low"][kept], supply["item_high"][kept]
        order = np.lexsort((supply["due"][kept], site[kept], low, high))
        kept, low, high = kept[order], low[order], high[order]
        new = np.ones(len(kept), dtype=np.bool_)
        new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        at = np.flatnonzero(new)
        blocks = np.zeros(len(at), dtype=BLOCK)
        blocks["at"], blocks["count"] = at, np.diff(np.append(at, len(kept)))
        names = zip(high[at].tolist(), low[at].tolist(), strict=True)
        numbers = {a << 64 | b: number for number, (a, b) in enumerate(names)}
        rows = np.zeros(len(kept), dtype=ROW)
        rows["site"], rows["due"], rows["kind"] = site[kept], supply["due"][kept], supply["kind"][kept]
        rows["drawn"], rows["free"] = supply["drawn"][kept], supply["quantity"][kept] - supply["drawn"][kept]
        rows["high"], rows["low"] = supply["id_high"][kept], supply["id_low"][kept]
        return cls(Heap(rows), numbers, blocks, -1)  # no day is looked from yet

    def fork(self) -> "Shelf":
        """A shelf that looks the same and may be changed without this one seeing it."""
        self.blocks["owned"] = False
        self.heap.kept = self.heap.filled
        return Shelf(self.heap, self.numbers, self.blocks.copy(), self.on)

    def number(self, item: int) -> int:
        """The number of an item (by its id's integer), −1 for one that has no supply."""
        number = self.numbers.get(item, -1)
        return number if number < len(self.blocks) else -1

    def see(self, on: int) -> None:
        """Look from a day: what was due earlier and is not here yet counts for tomorrow."""
        if self.on == on:
            return
        size = int(self.blocks["count"].sum())
        heap = Heap(np.zeros(size + size // 8 + 64, dtype=ROW))
        heap.filled = size
        _copy_all(self.heap.rows, self.blocks, heap.rows, on)
        self.heap, self.on = heap, on

    def block(self, number: int) -> tuple[int, int]:
        """Where the rows of an item begin and end."""
        if number < 0:
            return 0, 0
        first = int(self.blocks[number]["at"])
        return first, first + int(self.blocks[number]["count"])

    def put(self, rows: Sequence[SupplyRow], sites: dict[int, int], *, for_good: bool) -> "Undo":
        """Take over how buckets stand now. Taking it over twice changes nothing. `for_good` writes into the blocks this
        shelf owns where nothing but amounts has changed; else blocks are written anew, so that `lift` is exact."""
        before = self.heap.filled
        known = [(site, row) for row in rows if (site := sites.get(row.site_id.int)) is not None]
        items = np.array([self._named(row.item_id.int) for _, row in known], dtype=np.int64)
        order = np.argsort(items, kind="stable")
        changed = _rows(known)
        touched = np.unique(items)
        touched_before = self.blocks[touched]
        self.heap.room(int(self.blocks["count"][touched].sum()) + len(known))
        after = _put(self.heap.rows, self.blocks, items[order], changed[order], self.on, before, for_good)
        self.heap.filled = after
        if for_good and self.heap.filled > _WASTE * (int(self.blocks["count"].sum()) + 1000):
            self.on = -1  # the next look lays everything out anew, without the blocks that nobody sees any more
        return Undo(touched, touched_before, before, after)

    def lift(self, undo: "Undo") -> None:
        """Undo a `put` that was not for good; the last one first."""
        self.blocks[undo.items] = undo.blocks
        if self.heap.filled == undo.after:  # else a fork has written behind it
            self.heap.filled = max(undo.before, self.heap.kept)

    def own(self, numbers: Array) -> None:
        """Copy the blocks of items that are not this shelf's own, before something is taken of them."""
        wanted = np.unique(numbers[numbers >= 0])
        wanted = wanted[~self.blocks["owned"][wanted]]
        self.heap.room(int(self.blocks["count"][wanted].sum()))
        self.heap.filled = _own(self.heap.rows, self.blocks, wanted, self.heap.filled)

    def _named(self, item: int) -> int:
        number = self.numbers.get(item)
        if number is None:
            number = self.numbers[item] = len(self.numbers)
        if number >= len(self.blocks):
            self.blocks = _longer(self.blocks, max(64, number * 5 // 4 + 1))
        return number


class Undo(NamedTuple):
    """Where blocks were, and how far the heap was filled before and after they were written anew."""

    items: Array
    blocks: Records
    before: int
    after: int


def _numbers_of_sites(supply: npt.NDArray[Any], sites: dict[int, int]) -> npt.NDArray[np.int32]:
    """The number of each row's site, −1 for one that is not among them."""
    keys = np.array([(key >> 64, key & LOW) for key in sites], dtype="u8").reshape(len(sites), 2)
    numbers = np.fromiter(sites.values(), dtype=np.int32, count=len(sites))
    # Two halves of an id are told apart by their mix; a mix that stands for two sites is looked at one by one.
    mixed = keys[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ keys[:, 1]
    asked = supply["site_high"] * np.uint64(0x9E3779B97F4A7C15) ^ supply["site_low"]
    if len(np.unique(mixed)) < len(mixed):
        raise ValueError("ids of two sites have the same mark")
    order = np.argsort(mixed)
    place = np.minimum(np.searchsorted(mixed[order], asked), max(len(mixed) - 1, 0))
    found = np.full(len(supply), -1, dtype=np.int32)
    if len(sites):
        hit = order[place]
        same = (keys[hit, 0] == supply["site_high"]) & (keys[hit, 1] == supply["site_low"])
        found[same] = numbers[hit[same]]
    return found


def _rows(known: Sequence[tuple[int, SupplyRow]]) -> Array:
    return np.array(
        [
            (
                site, row.kind, row.due, row.due, row.quantity - row.drawn, row.drawn, row.id.int >> 64,
                row.id.int & LOW,
            )
            for site, row in known
        ],
        dtype=ROW,
    )  # fmt: skip


@njit(cache=True)
def _counts_for(due: int, on: int) -> int:
    return due if due == 0 or due >= on else on + 1


@njit(cache=True)
def _comes_before(a: Records, b: Records) -> bool:
    if a.site != b.site:
        return a.site < b.site
    if a.day != b.day:
        return a.day < b.day
    if a.high != b.high:
        return a.high < b.high
    return a.low < b.low


@njit(cache=True)
def _arrange(rows: Records) -> None:
    """Sort a block, which is nearly in order."""
    for place in range(1, len(rows)):
        at = place
        while at > 0 and _comes_before(rows[at], rows[at - 1]):
            kept = rows[at : at + 1].copy()
            rows[at] = rows[at - 1]
            rows[at - 1] = kept[0]
            at -= 1


@njit(cache=True)
def _copy_all(old: Records, blocks: Records, new: Records, on: int) -> None:
    """Copy every block to a new heap, as seen from a day, and say where they are there."""
    filled = 0
    for item in range(len(blocks)):
        first, size = blocks[item].at, blocks[item].count
        for row in range(size):
            new[filled + row] = old[first + row]
            new[filled + row].day = _counts_for(old[first + row].due, on)
        _arrange(new[filled : filled + size])
        blocks[item].at = filled
        blocks[item].owned = True
        filled += size


@njit(cache=True)
def _own(rows: Records, blocks: Records, items: Array, filled: int) -> int:
    """Copy blocks behind what is there; how far the heap is filled afterwards."""
    for item in items:
        first, size = blocks[item].at, blocks[item].count
        for row in range(size):
            rows[filled + row] = rows[first + row]
        blocks[item].at, blocks[item].owned = filled, True
        filled += size
    return filled


@njit(cache=True)
def _find(rows: Records, first: int, size: int, wanted: Records) -> int:
    """The row of a bucket in a block, or −1."""
    for row in range(first, first + size):
        if rows[row].low == wanted.low and rows[row].high == wanted.high:
            return row
    return -1


@njit(cache=True)
def _put(
    rows: Records, blocks: Records, items: Array, changed: Records, on: int, filled: int, for_good: bool
) -> int:  # fmt: skip
    """Take over changed rows, sorted by item; how far the heap is filled afterwards."""
    begin = 0
    while begin < len(items):
        item = items[begin]
        end = begin
        while end < len(items) and items[end] == item:
            end += 1
        first, size = blocks[item].at, blocks[item].count
        fits = for_good and blocks[item].owned
        for place in range(begin, end):
            found = _find(rows, first, size, changed[place])
            fits = fits and found >= 0 and rows[found].due == changed[place].due
        if not fits:
            for row in range(size):
                rows[filled + row] = rows[first + row]
            first = filled
        for place in range(begin, end):
            found = _find(rows, first, size, changed[place])
            if found < 0:
                found = first + size
                size += 1
            rows[found] = changed[place]
            rows[found].day = _counts_for(changed[place].due, on)
        if not fits:
            _arrange(rows[first : first + size])
            blocks[item].at, blocks[item].count, blocks[item].owned = first, size, for_good
            filled = first + size
        begin = end
    return filled
