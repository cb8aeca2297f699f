"""`auftakt bench promise`: answers against copying the supply they read, settled promises against bare draws."""

import time
from datetime import datetime
from decimal import Decimal
from random import Random
from uuid import UUID

import numpy as np
from django.db import transaction

from auftakt.demo.bench.floor import ITEMS, LINES, SITES, floor
from auftakt.demo.bench.report import Report, mean_rate, percentile, rate
from auftakt.demo.bench.world import ACTOR, build_world
from auftakt.promising import actions as promising
from auftakt.promising import queries as promises
from auftakt.promising.types import Demand
from auftakt.values import new_ids

BATCH = 1000 * LINES


def demands(item_ids: list[UUID], count: int, random: Random) -> list[Demand]:
    """Single pieces of random items to Germany, as soon as possible."""
    chosen = [random.choice(item_ids) for _ in range(count)]
    return [
        Demand(key, item, ((item, Decimal(1)),), Decimal(1), country="DE", split_dates=True, split_sites=True)
        for key, item in zip(new_ids(count), chosen, strict=True)
    ]


def bench_promise(at: datetime) -> Report:
    """Answers per second (no writes) single and in batches; promises settled in the database against bare draws."""
    report = Report("promise")
    random = Random(11)
    items = build_world(at)
    on = at.date()
    promises.propose(demands(items, 100, random), on=on)
    singles = [demands(items, 1, random) for _ in range(500)]
    took = []
    for demand in singles:
        began = time.perf_counter()
        promises.propose(demand, on=on)
        took.append((time.perf_counter() - began) * 1e6)
    report.figure("answer_p50_us", percentile(took, 0.5))
    report.figure("answer_p95_us", percentile(took, 0.95))
    batches = [demands(items, BATCH, random) for _ in range(5)]
    answers = report.figure("answers_batch_per_s", rate(lambda n: promises.propose(batches[n], on=on), 5, BATCH))
    supply = np.zeros((ITEMS, SITES, 4), dtype=np.int64)
    rows = [random.randrange(ITEMS) for _ in range(BATCH)]
    copied = report.figure("floor_memory_copies_per_s", rate(lambda n: [supply[row].copy() for row in rows], 5, BATCH))
    report.ratio("answers_to_memory_copy", answers, copied)

    def settle(number: int) -> None:
        with transaction.atomic():
            promising.promise(batches[number], on=on, actor=ACTOR, at=at)

    settled = report.figure("settled_batch_per_s", rate(settle, 5, BATCH))
    single = report.figure(
        "settled_single_per_s",
        mean_rate(lambda n: promising.promise(singles[n], on=on, actor=ACTOR, at=at), 300),
    )
    with floor() as bare:
        floor_batch = report.figure("floor_batch_per_s", rate(lambda n: bare.draw(BATCH), 5, BATCH))
        floor_single = report.figure("floor_single_per_s", mean_rate(lambda n: bare.draw(1), 300))
    report.ratio("batch_to_floor", settled, floor_batch)
    report.ratio("single_to_floor", single, floor_single)
    return report
