"""The picture: all supply of all sites in memory, and the ways from the sites to the customers.

Supply is loaded into NumPy arrays sorted by item; the shelf of an item (its buckets by site, in the order of the days
on which they are available) is laid out from them when it is first asked for. Quantities are whole millionths, days are
ordinals, and day 0 is on hand. A picture is one epoch; it is not safe for threads by itself, the caller holds a lock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

from auftakt.promising.types import LaneFacts, SiteOfSupply

ON_HAND = 0
SUPPLY = np.dtype(
    [
        ("item_high", "u8"), ("item_low", "u8"), ("id_high", "u8"), ("id_low", "u8"),
        ("site_high", "u8"), ("site_low", "u8"), ("due", "i4"), ("quantity", "i8"), ("drawn", "i8"),
    ]
)  # fmt: skip
# A row of PostgreSQL's binary COPY: its count of fields, then each field after its length, all big-endian.
_COPIED = np.dtype(
    [
        ("fields", ">i2"), ("l1", ">i4"), ("id_high", ">u8"), ("id_low", ">u8"), ("l2", ">i4"), ("item_high", ">u8"),
        ("item_low", ">u8"), ("l3", ">i4"), ("site_high", ">u8"), ("site_low", ">u8"), ("l4", ">i4"), ("due", ">i4"),
        ("l5", ">i4"), ("quantity", ">i8"), ("l6", ">i4"), ("drawn", ">i8"), ("l7", ">i4"), ("tx", ">i8"),
    ]
)  # fmt: skip
_COPY_HEAD, _COPY_TAIL = 19, 2
_LOW = (1 << 64) - 1
_UNARRANGED = -1


class SupplyRow(NamedTuple):
    """A bucket as it stands in the database. `due` is an ordinal day, or 0 for on hand; amounts are millionths."""

    id: UUID
    item_id: UUID
    site_id: UUID
    due: int
    quantity: int
    drawn: int


def supply_array(rows: Iterable[SupplyRow]) -> npt.NDArray[Any]:
    """Rows as the array a picture is loaded from."""
    return np.array(
        [
            (
                row.item_id.int >> 64, row.item_id.int & _LOW, row.id.int >> 64, row.id.int & _LOW,
                row.site_id.int >> 64, row.site_id.int & _LOW, row.due, row.quantity, row.drawn,
            )
            for row in rows
        ],
        dtype=SUPPLY,
    )  # fmt: skip


def supply_from_copy(data: bytes) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The array from a binary COPY of (id, item, site, due, quantity, drawn, transaction), and the transactions.

    Raises ValueError when the data is not of this shape.
    """
    body = data[_COPY_HEAD:-_COPY_TAIL]
    if len(body) % _COPIED.itemsize:
        raise ValueError(f"{len(body)} bytes are not rows of {_COPIED.itemsize}")
    copied = np.frombuffer(body, dtype=_COPIED)
    supply = np.empty(len(copied), dtype=SUPPLY)
    for name in SUPPLY.names or ():
        supply[name] = copied[name]
    return supply, copied["tx"].astype(np.int64)


class Bucket:
    """Supply of one item at one site. `due` is the day it is expected, `day` the day it is counted for."""

    __slots__ = ("day", "drawn", "due", "free", "id", "number", "site")

    def __init__(self, number: int, site: int, due: int, free: int, drawn: int) -> None:
        self.number = number
        self.id = UUID(int=number)
        self.site = site
        self.due = due
        self.day = due
        self.free = free
        self.drawn = drawn


class Shelf:
    """The buckets of one item by site number, each list in the order of the days."""

    __slots__ = ("by_number", "on", "sites")

    def __init__(self) -> None:
        self.sites: dict[int, list[Bucket]] = {}
        self.by_number: dict[int, Bucket] = {}
        self.on = _UNARRANGED

    def add(self, bucket: Bucket) -> None:
        """Put a bucket on the shelf; it is out of order until arranged."""
        self.by_number[bucket.number] = bucket
        self.sites.setdefault(bucket.site, []).append(bucket)
        self.on = _UNARRANGED

    def remove(self, bucket: Bucket) -> None:
        """Take a bucket off the shelf."""
        del self.by_number[bucket.number]
        self.sites[bucket.site].remove(bucket)

    def arrange(self, on: int) -> None:
        """Order the buckets as seen on a day. What was due earlier and is not here yet counts for tomorrow."""
        for buckets in self.sites.values():
            for bucket in buckets:
                bucket.day = bucket.due if bucket.due == ON_HAND or bucket.due >= on else on + 1
            buckets.sort(key=lambda bucket: (bucket.day, bucket.number))
        self.on = on


@dataclass(frozen=True, slots=True)
class Route:
    """How a destination is reached from a site. `number` is the site's place in the picture."""

    number: int
    site_id: UUID
    code: str
    processing_days: int
    transit_days: int
    facts: dict[str, Any]


class Undo(NamedTuple):
    """How a bucket stood before a row was laid over it; `before` is None when it was not there."""

    shelf: Shelf
    bucket: Bucket
    before: tuple[int, int, int] | None


class Picture:
    """All supply and all ways at one epoch."""

    def __init__(self, epoch: int, sites: Sequence[SiteOfSupply], lanes: Sequence[LaneFacts]) -> None:
        self.epoch = epoch
        self.sites = tuple(sites)
        self._numbers = {site.id.int: number for number, site in enumerate(self.sites)}
        self._lanes: dict[tuple[str, str], dict[int, LaneFacts]] = {}
        for lane in lanes:
            number = self._numbers.get(lane.site_id.int)
            if number is not None:
                self._lanes.setdefault((lane.country, lane.region), {})[number] = lane
        self._routes: dict[tuple[str, str], tuple[Route, ...]] = {}
        self._shelves: dict[int, Shelf] = {}
        self._supply = np.zeros(0, dtype=SUPPLY)
        self._site_of = np.zeros(0, dtype=np.int32)
        self._days: dict[int, tuple[date, str]] = {}

    def load(self, supply: npt.NDArray[Any]) -> None:
        """Take over all buckets at once; those of sites that ship nothing are left out."""
        order = np.lexsort((supply["item_low"], supply["item_high"]))
        self._supply = supply[order]
        self._site_of = np.full(len(supply), -1, dtype=np.int32)
        for key, number in self._numbers.items():
            here = (self._supply["site_high"] == np.uint64(key >> 64)) & (
                self._supply["site_low"] == np.uint64(key & _LOW)
            )
            self._site_of[here] = number
        self._shelves.clear()

    def shelf(self, item: int, on: int) -> Shelf:
        """The shelf of an item (by its id's number), arranged for a day."""
        shelf = self._shelves.get(item)
        if shelf is None:
            shelf = self._shelves[item] = self._lay_out(item)
        if shelf.on != on:
            shelf.arrange(on)
        return shelf

    def _lay_out(self, item: int) -> Shelf:
        shelf = Shelf()
        supply = self._supply
        high, low = np.uint64(item >> 64), np.uint64(item & _LOW)
        first, last = np.searchsorted(supply["item_high"], [high, high + np.uint64(1)])
        inner = supply["item_low"][first:last]
        start, end = first + np.searchsorted(inner, low), first + np.searchsorted(inner, low, side="right")
        found = supply[start:end]
        sites: list[int] = self._site_of[start:end].tolist()
        for site, row in zip(sites, found.tolist(), strict=True):
            if site >= 0:
                shelf.add(Bucket(row[2] << 64 | row[3], site, row[6], row[7] - row[8], row[8]))
        return shelf

    def settle(self, rows: Iterable[SupplyRow]) -> None:
        """Take over rows for good: each is how its bucket stands now, so taking it over twice changes nothing."""
        for row in rows:
            self._put(row)

    def lay_over(self, rows: Iterable[SupplyRow]) -> list[Undo]:
        """Take over rows for a while; `lift` with what this returns brings back what was before."""
        return [undo for undo in map(self._put, rows) if undo is not None]

    def lift(self, undos: Sequence[Undo]) -> None:
        """Undo `lay_over`."""
        for shelf, bucket, before in reversed(undos):
            if before is None:
                shelf.remove(bucket)
            else:
                bucket.due, bucket.free, bucket.drawn = before
                shelf.on = _UNARRANGED

    def _put(self, row: SupplyRow) -> Undo | None:
        number_of_site = self._numbers.get(row.site_id.int)
        if number_of_site is None:
            return None
        item = row.item_id.int
        shelf = self._shelves.get(item)
        if shelf is None:
            shelf = self._shelves[item] = self._lay_out(item)
        bucket = shelf.by_number.get(row.id.int)
        if bucket is None:
            bucket = Bucket(row.id.int, number_of_site, row.due, row.quantity - row.drawn, row.drawn)
            shelf.add(bucket)
            return Undo(shelf, bucket, None)
        before = (bucket.due, bucket.free, bucket.drawn)
        if bucket.due != row.due:
            bucket.due = row.due
            shelf.on = _UNARRANGED
        bucket.free, bucket.drawn = row.quantity - row.drawn, row.drawn
        return Undo(shelf, bucket, before)

    def routes(self, country: str, region: str) -> tuple[Route, ...]:
        """The ways to a destination, quickest first, then cheapest. A lane to the region goes before one to the
        country, and that before one to everywhere else."""
        key = (country, region) if (country, region) in self._lanes else (country, "")
        routes = self._routes.get(key)
        if routes is None:
            routes = self._routes[key] = self._rank(*key)
        return routes

    def _rank(self, country: str, region: str) -> tuple[Route, ...]:
        chosen: dict[int, LaneFacts] = {}
        for key in (("", ""), (country, ""), (country, region)):
            chosen |= self._lanes.get(key, {})
        ranked = sorted(chosen.items(), key=lambda each: (each[1].transit_days, each[1].cost, self.sites[each[0]].code))
        return tuple(self._route(number, lane) for number, lane in ranked)

    def _route(self, number: int, lane: LaneFacts) -> Route:
        site = self.sites[number]
        facts = {
            "site": site.code, "carrier": lane.carrier, "transit_days": lane.transit_days,
            "cost": str(lane.cost), "currency": lane.currency,
        }  # fmt: skip
        return Route(number, site.id, site.code, site.processing_days, lane.transit_days, facts)

    def day(self, ordinal: int) -> tuple[date, str]:
        """A day as a date and as ISO text."""
        known = self._days.get(ordinal)
        if known is None:
            day = date.fromordinal(ordinal)
            known = self._days[ordinal] = (day, day.isoformat())
        return known
