"""The picture: all supply of all sites in memory, and the ways from the sites to the customers.

A picture is one epoch; it is not safe for threads by itself, the caller holds its lock. A fork is a picture of its own
for asking what would be: it shares what it does not change.
"""

import copy
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from auftakt.promising.engine.days import EVERY_DAY, Calendars, is_late, tables
from auftakt.promising.engine.search import ROUTE, SITE, World
from auftakt.promising.engine.stock import SUPPLY, Array, Shelf, SupplyRow, Undo
from auftakt.promising.types import LaneFacts, SiteOfSupply


@dataclass(frozen=True, slots=True)
class Route:
    """How a destination is reached from a site. `number` is the site's place in the picture."""

    number: int
    site_id: UUID
    code: str
    processing_days: int
    transit_days: int
    facts: dict[str, Any]


class Picture:
    """All supply and all ways at one epoch."""

    def __init__(
        self, epoch: int, sites: Sequence[SiteOfSupply], lanes: Sequence[LaneFacts], calendars: Calendars = EVERY_DAY
    ) -> None:
        self.epoch = epoch
        self.lock = Lock()
        self.is_fork = False
        self._begin = calendars.begin
        self._tables = tables(sites, calendars)
        self.sites = tuple(sites)
        self._numbers = {site.id.int: number for number, site in enumerate(self.sites)}
        self._lanes: dict[tuple[str, str], dict[int, LaneFacts]] = {}
        for lane in lanes:
            number = self._numbers.get(lane.site_id.int)
            if number is not None:
                self._lanes.setdefault((lane.country, lane.region), {})[number] = lane
        self.routes: list[Route] = []
        self._ways: dict[tuple[str, str], tuple[int, int]] = {}
        self._routes = np.zeros(0, dtype=ROUTE)
        self._sites = np.array([(site.processing_days, 0, 0) for site in self.sites], dtype=SITE)
        self.shelf = Shelf.load(np.zeros(0, dtype=SUPPLY), self._numbers)
        self._days: dict[int, tuple[date, str]] = {}

    def load(self, supply: npt.NDArray[Any]) -> None:
        """Take over all buckets at once; those of sites that ship nothing are left out."""
        self.shelf = Shelf.load(supply, self._numbers)

    def fork(self) -> "Picture":
        """A picture that sees the same and may be changed without this one seeing it, by one thread at a time; it needs
        no lock to be held. Hold this one's while the fork is made."""
        made = copy.copy(self)
        made.shelf = self.shelf.fork()
        made.is_fork = True
        made._sites = self._sites.copy()
        made.routes, made._ways = list(self.routes), dict(self._ways)
        return made

    def _alone(self) -> AbstractContextManager[object]:
        """A fork shares its heap and waits for its turn to write; elsewhere the caller holds the lock."""
        return self.lock if self.is_fork else nullcontext()

    def prepare(self, items: Array) -> None:
        """Get ready for taking of items (their numbers): a fork takes of copies, so that nobody sees what it takes."""
        if self.is_fork:
            with self.lock:
                self.shelf.own(items)

    def see(self, on: int) -> None:
        """Look from a day."""
        if self.shelf.on != on:
            with self._alone():
                self.shelf.see(on)

    def settle(self, rows: Iterable[SupplyRow]) -> None:
        """Take over rows for good: each is how its bucket stands now, so taking it over twice changes nothing."""
        given = list(rows)
        if given:
            with self._alone():
                self.shelf.put(given, self._numbers, for_good=True)

    def lay_over(self, rows: Sequence[SupplyRow]) -> Undo | None:
        """Take over rows for a while; `lift` with what this returns brings back what was before."""
        return self.shelf.put(rows, self._numbers, for_good=False) if rows else None

    def lift(self, undo: Undo | None) -> None:
        """Undo `lay_over`."""
        if undo is not None:
            self.shelf.lift(undo)

    def rows_at(self, item: UUID, site: UUID) -> range:
        """Where the buckets of an item at a site stand in the heap, by day."""
        number = self._numbers.get(site.int, -1)
        first, last = self.shelf.block(self.shelf.number(item.int))
        here = np.flatnonzero(self.shelf.heap.rows["site"][first:last] == number)
        return range(first + int(here[0]), first + int(here[-1]) + 1) if len(here) else range(0)

    def bucket(self, row: int) -> UUID:
        """Whose row it is."""
        rows = self.shelf.heap.rows
        return UUID(int=int(rows["high"][row]) << 64 | int(rows["low"][row]))

    def ways(self, country: str, region: str) -> tuple[int, int]:
        """The routes to a destination (from, to), quickest first, then cheapest. A lane to the region goes before one
        to the country, and that before one to everywhere else."""
        key = (country, region) if (country, region) in self._lanes else (country, "")
        ways = self._ways.get(key)
        if ways is None:
            ways = self._ways[key] = self._rank(*key)
        return ways

    def _rank(self, country: str, region: str) -> tuple[int, int]:
        chosen: dict[int, LaneFacts] = {}
        for key in (("", ""), (country, ""), (country, region)):
            chosen |= self._lanes.get(key, {})
        ranked = sorted(chosen.items(), key=lambda each: (each[1].transit_days, each[1].cost, self.sites[each[0]].code))
        first = len(self.routes)
        self.routes += [self._route(number, lane) for number, lane in ranked]
        return first, len(self.routes)

    def _route(self, number: int, lane: LaneFacts) -> Route:
        site = self.sites[number]
        facts = {
            "site": site.code, "carrier": lane.carrier, "transit_days": lane.transit_days,
            "cost": str(lane.cost), "currency": lane.currency,
        }  # fmt: skip
        return Route(number, site.id, site.code, site.processing_days, lane.transit_days, facts)

    def world(self, on: int, at: datetime | None = None) -> World:
        """All that is searched, as seen from a day; at an instant after its cut-off, a site begins on the next one."""
        if len(self._routes) != len(self.routes):
            ways = [(route.number, route.transit_days) for route in self.routes]
            self._routes = np.array(ways, dtype=ROUTE)
        self._sites["start"] = [on + (at is not None and is_late(site, at)) for site in self.sites]
        return World(self.shelf.heap.rows, self.shelf.blocks, self._routes, self._sites, self._tables, self._begin)

    def site_number(self, site: UUID | None) -> int:
        """A site's place in the picture, −1 for none, −2 for one that ships nothing."""
        return -1 if site is None else self._numbers.get(site.int, -2)

    def day(self, ordinal: int) -> tuple[date, str]:
        """A day as a date and as ISO text."""
        known = self._days.get(ordinal)
        if known is None:
            day = date.fromordinal(ordinal)
            known = self._days[ordinal] = (day, day.isoformat())
        return known
