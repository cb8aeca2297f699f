"""Promising many lines anew: who is served first, by which strategy, and what came of it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from auftakt.orders.types import RunLine, RunWish
from auftakt.promising.types import STRATEGIES, Piece, Promise

_NEVER = date.max


def strategy_of(row: Any, wish: RunWish) -> str:
    """The strategy of a line: that of the first rule that fits it, else the run's."""
    for rule in wish.rules:
        fits = (
            rule.segment in ("", row.segment)
            and rule.channel in ("", row.channel)
            and rule.customer_number in ("", row.customer_number)
            and (rule.priority_to is None or row.priority <= rule.priority_to)
        )
        if fits:
            return rule.strategy
    return wish.strategy


def in_order(rows: Iterable[Any], wish: RunWish) -> list[tuple[Any, str]]:
    """Lines with their strategies as they are served: those that win first and those that lose last, then by priority,
    the day wished, and who ordered first. Where it is fair, customers take turns within a priority."""
    told = [(row, strategy_of(row, wish)) for row in rows]
    told.sort(key=lambda each: _place(*each))
    if not wish.is_fair:
        return told
    turns: dict[tuple[object, ...], int] = defaultdict(int)
    taken: list[tuple[tuple[int, int, int, int], tuple[Any, str]]] = []
    for at, (row, strategy) in enumerate(told):
        rank = STRATEGIES.index(strategy)
        turn = turns[rank, row.priority, row.customer_id]
        turns[rank, row.priority, row.customer_id] += 1
        taken.append(((rank, row.priority, turn, at), (row, strategy)))
    return [each for _, each in sorted(taken, key=lambda each: each[0])]


def _place(row: Any, strategy: str) -> tuple[object, ...]:
    wished = row.requested_arrival_on or row.requested_ship_on or _NEVER
    return STRATEGIES.index(strategy), row.priority, wished, row.ordered_at, row.order_number, row.line_number, row.id


def due_on(row: Any) -> date | None:
    """The day a line should be there: as wished (to leave, and the way it has), else as first promised."""
    if row.requested_arrival_on or not row.requested_ship_on:
        return row.requested_arrival_on or row.first_arrive_on
    way = row.arrive_on - row.ship_on if row.arrive_on and row.ship_on else timedelta(0)
    return row.requested_ship_on + way


def there_on(promise: Promise) -> date | None:
    """When the last of a promise is there; None while something is not promised."""
    days = [piece.arrive_on for piece in promise.pieces]
    return None if promise.unpromised or None in days else max(day for day in days if day)


def verdict(comes: date | None, there: date | None) -> str:
    """Whether a line comes earlier, later, or as before; without a day it comes last."""
    before, after = comes or _NEVER, there or _NEVER
    return "better" if after < before else "worse" if after > before else "same"


def is_other(row: Any, pieces: Sequence[Piece]) -> bool:
    """Whether pieces are not what a line is promised already."""
    return len(pieces) != 1 or (pieces[0].site_id, pieces[0].ship_on, pieces[0].arrive_on) != (
        row.site_id, row.ship_on, row.arrive_on,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How lines stand: how many there are, without a day, late, and by how many days in all."""

    lines: int = 0
    dateless: int = 0
    late: int = 0
    late_days: int = 0

    @property
    def in_time(self) -> int:
        """Lines that come when they are due."""
        return self.lines - self.late - self.dateless


@dataclass(frozen=True, slots=True)
class RunSums:
    """What a run comes to: lines better, worse and the same, and all of them before and after, also by segment."""

    better: int
    worse: int
    same: int
    before: Standing
    after: Standing
    segments: dict[str, tuple[Standing, Standing]]


def sums(lines: Sequence[RunLine]) -> RunSums:
    """Add up the lines of a run."""
    told = [line.verdict for line in lines]
    by_segment: dict[str, list[RunLine]] = defaultdict(list)
    for line in lines:
        by_segment[line.segment].append(line)

    def both(some: Sequence[RunLine]) -> tuple[Standing, Standing]:
        return _standing((each.due_on, each.comes_on) for each in some), _standing(
            (each.due_on, each.there_on) for each in some
        )

    before, after = both(lines)
    segments = {name: both(some) for name, some in sorted(by_segment.items())}
    return RunSums(told.count("better"), told.count("worse"), told.count("same"), before, after, segments)


def _standing(days: Iterable[tuple[date | None, date | None]]) -> Standing:
    count = dateless = late = late_days = 0
    for due, comes in days:
        count += 1
        if comes is None:
            dateless += 1
        elif due and comes > due:
            late += 1
            late_days += (comes - due).days
    return Standing(count, dateless, late, late_days)
