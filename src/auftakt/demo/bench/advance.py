"""`auftakt bench advance`: lines moved along their policies, against the bare writes that any step must make."""

from datetime import datetime
from random import Random

from django.db import connection, transaction

from auftakt.demo.bench.report import Report, rate
from auftakt.demo.bench.world import ACTOR, build_world, capture_orders, grow
from auftakt.orchestration import actions as orchestration
from auftakt.values import new_ids

ORDERS = 1000
ROUNDS = 5


def bench_advance(at: datetime) -> Report:
    """Lines per second for batches of 1,000 orders of three lines: put onto their policy (*start*), then moved
    as far as they go by themselves (*reserve*, and *release* with its picks where they are due).

    The floor stores the positions alone, with no decision, fact, release or journal: a step state is inserted, set
    done, and its successor inserted.
    """
    report = Report("advance")
    build_world(at)
    grow(at)
    random = Random(13)
    waiting = [capture_orders(ORDERS, random, at) for _ in range(ROUNDS)]
    lines = ORDERS * 3
    started = report.figure(
        "started_lines_per_s", rate(lambda n: orchestration.start(waiting[n], actor=ACTOR, at=at), ROUNDS, lines)
    )
    moved = report.figure(
        "advanced_lines_per_s",
        rate(lambda n: orchestration.advance(actor=ACTOR, at=at, limit=lines, order_ids=waiting[n]), ROUNDS, lines),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "create table bench_position (id uuid primary key, run uuid not null, state text not null, due timestamptz)"
        )
    floor = report.figure("floor_lines_per_s", rate(lambda n: _positions(lines), ROUNDS, lines))
    with connection.cursor() as cursor:
        cursor.execute("drop table bench_position")
    report.ratio("start_to_floor", started, floor)
    report.ratio("advance_to_floor", moved, floor)
    return report


def _positions(count: int) -> None:
    first, second = new_ids(count), new_ids(count)
    with transaction.atomic(), connection.cursor() as cursor:
        for ids in (first, second):
            cursor.execute("insert into bench_position select u, u, 'ready', now() from unnest(%s::uuid[]) u", (ids,))
        cursor.execute("update bench_position set state = 'done' where id = any(%s::uuid[])", (first,))
