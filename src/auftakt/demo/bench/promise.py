"""`auftakt bench promise`: a million buckets in memory; answers against a bare loop, promises against bare draws."""

import gc
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import psutil
from django.db import connection, transaction
from numba import njit
from numpy.typing import NDArray

from auftakt.demo.bench.floor import LINES, floor
from auftakt.demo.bench.making import measure_making
from auftakt.demo.bench.report import Report, mean_rate, percentile, rate
from auftakt.demo.bench.wide import COUNTRIES, PER_ITEM, countries, wide_items, widen
from auftakt.demo.bench.world import ACTOR, build_world
from auftakt.promising import actions as promising
from auftakt.promising import queries as promises
from auftakt.promising.types import Demand
from auftakt.values import new_ids

BATCH = 1000 * LINES
PLAIN = 100_000  # lines of a batch that goes in and out as arrays
WIDE = 100_000  # items; ten buckets of each


def demands(item_ids: list[UUID], count: int, random: Random, country: str = "DE") -> list[Demand]:
    """Single pieces of random items to a country, as soon as possible."""
    chosen = [random.choice(item_ids) for _ in range(count)]
    return [
        Demand(key, item, ((item, Decimal(1)),), Decimal(1), country=country, split_dates=True, split_sites=True)
        for key, item in zip(new_ids(count), chosen, strict=True)
    ]


def _singles(item_ids: list[UUID], count: int, random: Random, on: date) -> list[float]:
    """How long single answers take, in milliseconds."""
    places = countries()
    asked = [demands(item_ids, 1, random, random.choice(places)[0]) for _ in range(count)]
    took: list[float] = []
    for demand in asked:
        began = time.perf_counter()
        promises.propose(demand, on=on)
        took.append((time.perf_counter() - began) * 1e3)
    return took


def _resident() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


@njit
def _bare(free: Any, days: Any, items: Any, units: Any) -> int:  # pragma: no cover (compiled)
    """The floor of a search: touch the candidate rows of each line and keep the earliest day that has enough."""
    total = 0
    for line in range(len(items)):
        earliest = 1 << 40
        for row in range(items[line] * PER_ITEM, items[line] * PER_ITEM + PER_ITEM):
            if free[row] >= units[line] and days[row] < earliest:
                earliest = days[row]
        total += earliest
    return total


def _plain(report: Report, item_ids: list[UUID], on: date) -> None:
    """Lines in and out as arrays, against the bare loop."""
    chance = np.random.default_rng(5)
    places = countries()
    picks = [chance.integers(0, len(item_ids), size=PLAIN) for _ in range(5)]
    units = chance.integers(1, 4, size=PLAIN) * 1_000_000
    to = chance.integers(0, COUNTRIES, size=PLAIN)
    asked = [[item_ids[number] for number in pick.tolist()] for pick in picks]
    answered = report.figure(
        "atp_lines_per_s", rate(lambda n: promises.earliest(asked[n], units, to, places, on=on), 5, PLAIN)
    )
    rows = len(item_ids) * PER_ITEM
    free: NDArray[np.int64] = chance.integers(0, 9, size=rows) * 1_000_000
    days: NDArray[np.int64] = chance.integers(0, 60, size=rows)
    _bare(free, days, picks[0], units)
    bare = report.figure("bare_loop_lines_per_s", rate(lambda n: _bare(free, days, picks[n], units), 5, PLAIN))
    report.ratio("atp_to_bare_loop", answered, bare)


def _while(work: Callable[[], object], asking: Callable[[], list[float]]) -> list[float]:
    """What asking takes while something else is done again and again beside it."""
    over = threading.Event()

    def again() -> None:
        while not over.is_set():
            work()
        connection.close()

    beside = threading.Thread(target=again)
    beside.start()
    took = asking()
    over.set()
    beside.join()
    return took


def _forks(report: Report) -> None:
    took: list[float] = []
    for _ in range(50):
        began = time.perf_counter()
        with promises.simulation():
            took.append((time.perf_counter() - began) * 1e3)
    report.figure("fork_ms", percentile(took, 0.5))


def _settled(report: Report, items: list[UUID], random: Random, at: datetime) -> None:
    """Promises settled in the database, against bare draws of as many pieces."""
    on = at.date()
    batches = [demands(items, BATCH, random) for _ in range(5)]
    singles = [demands(items, 1, random) for _ in range(300)]

    def settle(number: int) -> None:
        with transaction.atomic():
            promising.promise(batches[number], on=on, actor=ACTOR, at=at)

    settled = report.figure("settled_lines_per_s", rate(settle, 5, BATCH))
    single = report.figure(
        "settled_single_per_s",
        mean_rate(lambda n: promising.promise(singles[n], on=on, actor=ACTOR, at=at), 300),
    )
    with floor() as bare:
        floor_batch = report.figure("floor_batch_per_s", rate(lambda n: bare.draw(BATCH), 5, BATCH))
        floor_single = report.figure("floor_single_per_s", mean_rate(lambda n: bare.draw(1), 300))
    report.ratio("batch_to_floor", settled, floor_batch)
    report.ratio("single_to_floor", single, floor_single)


def bench_promise(at: datetime, items: int = WIDE) -> Report:
    """With a hundredth, a tenth and all of the supply (of a million buckets, unless told otherwise): how long single
    answers take. With all of it: loading, memory, lines by the batch, answers during refreshes, forks, settling."""
    report = Report("promise")
    random, on = Random(11), at.date()
    stocked = build_world(at)
    promises.warm_up()
    singles = 2000 if items >= WIDE else 200
    medians: list[float] = []
    had = 0
    took: list[float] = []
    for step in (items // 100, items // 10, items):
        widen(had + 1, step)
        had = step
        promises.forget()
        before = _resident()
        began = time.perf_counter()
        promises.refresh()
        wide = wide_items()
        _singles(wide, 1, random, on)
        report.figure("load_s", time.perf_counter() - began)
        report.figure("memory_mb", _resident() - before)
        took = _singles(wide, singles, random, on)
        medians.append(report.figure(f"single_p50_ms_{step * PER_ITEM}", percentile(took, 0.5)))
    quiet = report.figure("single_p99_ms", percentile(took, 0.99))
    report.ratio("growth_1m_to_10k", medians[-1], medians[0])
    wide = wide_items()
    _plain(report, wide, on)
    busy = percentile(_while(promises.refresh, lambda: _singles(wide, singles, random, on)), 0.99)
    report.ratio("refresh_p99_to_quiet", report.figure("refresh_p99_ms", busy), quiet)
    _forks(report)
    measure_making(report, on)
    batches = [demands(stocked, BATCH, random) for _ in range(5)]
    report.figure("answers_batch_per_s", rate(lambda n: promises.propose(batches[n], on=on), 5, BATCH))
    _settled(report, stocked, random, at)
    return report
