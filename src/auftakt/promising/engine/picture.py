"""The picture: all supply of all sites in memory, and the ways from the sites to the customers.

A picture is one epoch; it is not safe for threads by itself, the caller holds its lock. A fork is a picture of its own
for asking what would be: it shares what it does not change.
"""

import copy
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from threading import Lock
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt

from auftakt.promising.engine.days import EVERY_DAY, Calendars, is_late, tables
from auftakt.promising.engine.stock import SUPPLY, Array, Shelf, SupplyRow, Undo
from auftakt.promising.engine.ways import Chosen, Ways
from auftakt.promising.engine.world import SITE, World
from auftakt.promising.types import AllocationBook, Demand, ItemSourcing, LaneFacts, SiteOfSupply, TakenByClass
from auftakt.supply.types import RuleInForce, SourcingCase


class Finder(Protocol):
    """Tells which rule a line is served by: the assignments of sourcing rules."""

    def find(self, case: SourcingCase) -> Any: ...


class Sourcing(NamedTuple):
    """The sourcing rules in force, by id, and what tells which of them a line gets."""

    rules: Mapping[UUID, RuleInForce]
    assignments: Finder | None


NO_RULES = Sourcing({}, None)


class Allocation(NamedTuple):
    """What is allocated to whom, and what each class has taken so far of the items that are asked for."""

    book: AllocationBook = AllocationBook()
    taken: Sequence[TakenByClass] = ()


NO_ALLOCATION = Allocation()


_UNKNOWN = ItemSourcing()


class Picture:
    """All supply and all ways at one epoch."""

    def __init__(
        self,
        epoch: int,
        sites: Sequence[SiteOfSupply],
        lanes: Sequence[LaneFacts],
        calendars: Calendars = EVERY_DAY,
        sourcing: Sourcing = NO_RULES,
        allocation: Allocation = NO_ALLOCATION,
    ) -> None:
        self.epoch = epoch
        self.lock = Lock()
        self.is_fork = False
        self.days_begin = calendars.begin
        self.day_tables = tables(sites, calendars)
        self.sourcing = sourcing
        self.ways = Ways(sites, lanes, sourcing.rules)
        self.sites: tuple[SiteOfSupply, ...] = self.ways.sites
        self._numbers: dict[int, int] = self.ways.numbers
        self.items: Mapping[UUID, ItemSourcing] = {}
        self.segments: Mapping[UUID, str] = {}
        self.allocation = allocation
        self._sites = np.array([(site.processing_days, 0, 0) for site in self.sites], dtype=SITE)
        self.shelf = Shelf.load(np.zeros(0, dtype=SUPPLY), self._numbers)
        self._days: dict[int, tuple[date, str]] = {}

    def load(self, supply: npt.NDArray[Any]) -> None:
        """Take over all buckets at once; those of sites that ship nothing are left out."""
        self.shelf = Shelf.load(supply, self._numbers)

    def renewed(
        self, epoch: int, sites: Sequence[SiteOfSupply], lanes: Sequence[LaneFacts], calendars: Calendars,
        sourcing: Sourcing, allocation: Allocation,
    ) -> "Picture | None":  # fmt: skip
        """The same supply with other lanes, calendars and rules; None where the sites are not the same, for then the
        supply has to be read anew. The two share what they hold and their lock."""
        if [site.id for site in sites] != [site.id for site in self.sites]:
            return None
        made = Picture(epoch, sites, lanes, calendars, sourcing, allocation)
        made.shelf, made.lock = self.shelf, self.lock
        return made

    def fork(self) -> "Picture":
        """A picture that sees the same and may be changed without this one seeing it, by one thread at a time; it needs
        no lock to be held. Hold this one's while the fork is made."""
        made = copy.copy(self)
        made.shelf = self.shelf.fork()
        made.is_fork = True
        made._sites = self._sites.copy()
        made.ways = self.ways.fork()
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

    def serve(self, demand: Demand, on: date) -> Chosen:
        """What a demand is served by: its rule, or without one every site with a lane to it. What is known of the items
        has been told in `items`."""
        if self.sourcing.assignments is not None and demand.components:
            item = self.items.get(demand.item_id, _UNKNOWN)
            found = self.sourcing.assignments.find(
                SourcingCase(
                    demand.item_id, item.categories, item.brand_id, demand.customer_id, self._segment(demand),
                    demand.demand_class, demand.country, demand.region, demand.channel,
                )
            )  # fmt: skip
            if found is not None:
                return self.ways.by_rule(
                    found.rule_id, demand.country, demand.region, on, item.buying, {}, item.unit_cost
                )
        return self.ways.plain(demand.country, demand.region)

    def _segment(self, demand: Demand) -> str:
        return demand.segment or (self.segments.get(demand.customer_id, "") if demand.customer_id else "")

    def class_of(self, demand: Demand, known: Container[str]) -> str:
        """Whose demand it is: the class it names, else one called as its customer's segment or its channel is, else
        nobody's (empty)."""
        named = (demand.demand_class, self._segment(demand), demand.channel)
        return next((code for code in named if code and code in known), "")

    def world(self, on: int, at: datetime | None = None) -> World:
        """All that is searched, as seen from a day; at an instant after its cut-off, a site begins on the next one."""
        routes, terms = self.ways.arrays()
        self._sites["start"] = [on + (at is not None and is_late(site, at)) for site in self.sites]
        return World(
            self.shelf.heap.rows, self.shelf.blocks, routes, terms, self._sites, self.day_tables, self.days_begin, on
        )  # fmt: skip

    def site_number(self, site: UUID | None) -> int:
        """A site's place in the picture, −1 for none, −2 for one that ships nothing."""
        return -1 if site is None else self._numbers.get(site.int, -2)

    def size(self) -> tuple[int, int, int]:
        """How many items and buckets there are, and the bytes they take."""
        shelf = self.shelf
        return len(shelf.blocks), int(shelf.blocks["count"].sum()), shelf.heap.rows.nbytes + shelf.blocks.nbytes

    def day(self, ordinal: int) -> tuple[date, str]:
        """A day as a date and as ISO text."""
        known = self._days.get(ordinal)
        if known is None:
            day = date.fromordinal(ordinal)
            known = self._days[ordinal] = (day, day.isoformat())
        return known
