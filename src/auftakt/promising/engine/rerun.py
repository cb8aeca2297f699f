"""Promising many lines anew, all at once, in a fork: who gets what when everything they hold is given out again.

Every line gives up what it holds and is promised again in the order given. A line that must not get worse, and did, is
put back onto what it held, before all others, and those that share supply with it are promised once more; so until no
such line is worse. In the end that is always reached: lines that keep what they hold can keep it together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import numpy as np

from auftakt.promising.engine.days import NEXT_OPEN, Calendars, tables
from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.plan import Taken, propose, put_back
from auftakt.promising.types import FILL, GUARDED, IMPROVE, SKIP, Demand, Entry, Promise, Rerun
from auftakt.values import to_micro

_ROUNDS = 6
_DAYS = 1200


def fork_of(picture: Picture, items: Iterable[UUID], on: date) -> Picture:
    """A fork with its own copy of the supply of items. The caller holds the picture's lock."""
    picture.see(on.toordinal())
    made = picture.fork()
    numbers = np.array([made.shelf.number(item.int) for item in sorted(items)], dtype=np.int64)
    made.shelf.own(numbers)
    return made


def close_site(fork: Picture, site: UUID, first: date, last: date) -> None:
    """Let a site of a fork do no work on some days, the last one included."""
    number = fork.site_number(site)
    if number < 0:
        return
    begin, days = fork.days_begin, fork.day_tables.shape[2]
    if not days:  # nobody has a calendar: every day is open
        begin, days = first.toordinal() - 60, _DAYS
        open_days = {str(place): np.ones(days, dtype=np.bool_) for place in range(len(fork.sites))}
        sites = [replace(each, calendar=str(place)) for place, each in enumerate(fork.sites)]
        made = tables(sites, Calendars(begin, open_days))
    else:
        made = fork.day_tables.copy()
    ordinals = np.arange(begin, begin + days)
    works = (made[NEXT_OPEN, number] == ordinals) & ~((ordinals >= first.toordinal()) & (ordinals <= last.toordinal()))
    made[:, number] = tables([replace(fork.sites[number], calendar="own")], Calendars(begin, {"own": works}))[:, 0]
    fork.days_begin, fork.day_tables = begin, made


class _Rows:
    """Where the buckets of items stand in the heap of a fork that has its own copy of them."""

    def __init__(self, picture: Picture, items: Iterable[UUID]) -> None:
        self.shelf = picture.shelf
        self.place: dict[int, int] = {}
        rows = self.shelf.heap.rows
        for item in items:
            first, last = self.shelf.block(self.shelf.number(item.int))
            highs, lows = rows["high"][first:last].tolist(), rows["low"][first:last].tolist()
            self.place |= {high << 64 | low: first + at for at, (high, low) in enumerate(zip(highs, lows, strict=True))}

    def taken(self, takes: Iterable[tuple[UUID, int]]) -> Taken:
        """What was taken of buckets; those that are gone are left out."""
        found = [(row, amount) for key, amount in takes if (row := self.place.get(key.int)) is not None]
        rows = np.array([row for row, _ in found], dtype=np.int64)
        return Taken(self.shelf.heap, rows, np.array([amount for _, amount in found], dtype=np.int64))

    def none_below_zero(self) -> None:
        """Where others hold more than is left of a bucket, nothing is free."""
        places = np.fromiter(self.place.values(), dtype=np.int64, count=len(self.place))
        free = self.shelf.heap.rows["free"]
        free[places] = np.maximum(free[places], 0)


def items_of(entries: Sequence[Entry]) -> set[UUID]:
    """All items that entries take or hold."""
    return {item for each in entries for item, _ in each.demand.components} | {
        peg.item_id for each in entries for peg in each.held
    }


def rerun(
    fork: Picture, entries: Sequence[Entry], on: date, at: datetime | None = None, *, guarded: bool = True
) -> Rerun:
    """Promise entries anew, those before first; the fork is left as it is then. Without `guarded`, lines may get worse
    whatever their strategy."""
    fork.see(on.toordinal())
    fork.prepare(np.array([fork.shelf.number(item.int) for item in sorted(items_of(entries))], dtype=np.int64))
    rows = _Rows(fork, items_of(entries))
    groups = components(entries)
    promises: list[Promise | None] = [None] * len(entries)
    kept = {place for place, each in enumerate(entries) if _stays(each)}
    open_places = [place for place in range(len(entries)) if place not in kept]
    put_back([rows.taken(_held(entries, open_places))])
    rows.none_below_zero()
    again = open_places
    rounds = 0
    while again:
        rounds += 1
        _ask(fork, entries, again, promises, on, at)
        wrong = [place for place in again if _breaks(entries[place], promises[place], guarded)]
        if not wrong:
            break
        touched = {groups[place] for place in wrong}
        put_back([rows.taken(_takes(promises, (each for each in again if groups[each] in touched)))])
        again = [place for place in again if groups[place] in touched]
        if rounds >= _ROUNDS:
            wrong = [place for place in again if _can_keep(entries[place])]
        _take_again(rows, entries, wrong, promises)
        kept.update(wrong)
        again = [place for place in again if place not in kept]
    return Rerun(tuple(promises), rounds)


def _stays(entry: Entry) -> bool:
    return entry.strategy == SKIP or (entry.strategy == FILL and entry.comes_on is None)


def _can_keep(entry: Entry) -> bool:
    return entry.comes_on is not None and (entry.strategy in GUARDED or entry.strategy == FILL)


def _held(entries: Sequence[Entry], places: Iterable[int]) -> Iterable[tuple[UUID, int]]:
    return ((peg.bucket_id, to_micro(peg.quantity)) for place in places for peg in entries[place].held)


def _takes(promises: Sequence[Promise | None], places: Iterable[int]) -> Iterable[tuple[UUID, int]]:
    for place in places:
        found = promises[place]
        for piece in found.pieces if found else ():
            for take in piece.takes:
                yield take.bucket_id, to_micro(take.quantity)


def _take_again(rows: _Rows, entries: Sequence[Entry], places: Sequence[int], promises: list[Promise | None]) -> None:
    """Let lines keep what they held."""
    for place in places:
        promises[place] = None
    taken = rows.taken(_held(entries, places))
    np.subtract.at(taken.heap.rows["free"], taken.rows, taken.amounts)


def _ask(
    fork: Picture,
    entries: Sequence[Entry],
    places: Sequence[int],
    promises: list[Promise | None],
    on: date,
    at: datetime | None,
) -> None:
    asked = [replace(_wish(entries[place]), priority=number) for number, place in enumerate(places)]
    for place, promise in zip(places, propose(fork, asked, on, at).promises, strict=True):
        promises[place] = promise


def _wish(entry: Entry) -> Demand:
    """What is asked for an entry: one that only fills what is left asks for nothing earlier than it has."""
    wish = entry.demand
    if entry.strategy != FILL or entry.comes_on is None:
        return wish
    return replace(wish, requested_arrival_on=max(wish.requested_arrival_on or entry.comes_on, entry.comes_on))


def arrival(promise: Promise) -> date | None:
    """The day on which the last of a promise is there; None while something is not promised."""
    days = [piece.arrive_on for piece in promise.pieces]
    return None if promise.unpromised or None in days else max(day for day in days if day)


def _breaks(entry: Entry, promise: Promise | None, guarded: bool) -> bool:
    """Whether a new promise is not what the strategy of its line allows."""
    if promise is None or not guarded or entry.comes_on is None:
        return False
    comes = arrival(promise)
    if entry.strategy == FILL:
        return comes is not None and comes < entry.comes_on
    if entry.strategy not in GUARDED:
        return False
    if comes is None or comes > entry.comes_on:
        return True
    return entry.strategy == IMPROVE and comes == entry.comes_on


def components(entries: Sequence[Entry]) -> list[int]:
    """For each entry the number of its group: entries of two groups share no supply."""
    above: dict[UUID, UUID] = {}

    def top(item: UUID) -> UUID:
        while above.setdefault(item, item) != item:
            above[item] = above[above[item]]
            item = above[item]
        return item

    firsts: list[UUID | None] = []
    for each in entries:
        items = [item for item, _ in each.demand.components] + [peg.item_id for peg in each.held]
        firsts.append(items[0] if items else None)
        for item in items[1:]:
            above[top(item)] = top(items[0])
        if items:
            top(items[0])
    numbers: dict[UUID | None, int] = {}
    return [numbers.setdefault(top(item) if item else None, len(numbers)) for item in firsts]
