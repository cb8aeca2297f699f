"""Everything at once: threads promise for today and for later, release, ship, and receive; the balances hold."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

from auftakt.platform.models import JournalEntry
from auftakt.promising import actions, queries
from auftakt.promising.tests import build
from auftakt.promising.tests.build import BY, ON
from auftakt.promising.types import CommitmentSplit, Demand
from auftakt.supply.types import PurchaseReceipt
from auftakt.values import new_id

TURNS = 25


def step(random: Random, items: list[UUID], lines: list[UUID], mine: list[UUID]) -> None:
    """One thing that happens in a day."""
    what = random.choice(["now", "now", "later", "later", "kit", "release", "ship", "split", "receive", "buy"])
    if what == "buy":
        place = random.choice(["BER", "HAM"]), random.choice(["bolt", "nut", "gear"])
        lines.append(build.purchase(*place, 5, random.randint(2, 6)))
    elif what in ("now", "later", "kit"):
        item, other = random.sample(items, 2)
        wanted = build.demand(
            item,
            random.randint(1, 4),
            requested_ship_on=ON + timedelta(days=random.randint(3, 12)) if what == "later" else None,
            split_dates=random.random() < 0.5,
            split_sites=random.random() < 0.5,
        )
        if what == "kit":
            parts = ((item, Decimal(1)), (other, Decimal(2)))
            wanted = Demand(new_id(), new_id(), parts, Decimal(2), country="DE")
        for promise in build.promise(wanted, build.demand(other, 1)):
            mine += [piece.demand_id for piece in promise.pieces if piece.site_id]
    elif what == "receive":
        actions.receive_purchases([PurchaseReceipt(random.choice(lines), Decimal(2))], **BY)
    elif mine:
        chosen = random.sample(mine, min(3, len(mine)))
        if what == "release":
            actions.release(chosen, **BY)
        elif what == "ship":
            actions.consume([(each, new_id()) for each in chosen], **BY)
        else:
            splits = [CommitmentSplit(each, new_id(), Decimal(1), Decimal(2)) for each in chosen[:1]]
            actions.split_commitments(splits, **BY)
            mine += [split.new_id for split in splits]


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_at_once_the_balances_hold() -> None:
    build.network(BER=1, HAM=2)
    items = build.items("bolt", "nut", "gear")
    build.stock(*((site, sku, 20) for site in ("BER", "HAM") for sku in ("bolt", "nut", "gear")))
    lines = [build.purchase(site, sku, 10, 9) for site in ("BER", "HAM") for sku in ("bolt", "nut", "gear")]
    failed: list[BaseException] = []
    stuck: list[int] = []

    def work(seed: int) -> Callable[[], None]:
        def run() -> None:
            random, mine = Random(seed), list[UUID]()
            try:
                for _ in range(TURNS):
                    try:
                        step(random, items, lines, mine)
                    except (OperationalError, DeadlockDetected):
                        stuck.append(seed)
            except BaseException as error:  # noqa: BLE001 (handed to the test)
                failed.append(error)
            finally:
                connection.close()

        return run

    workers = [threading.Thread(target=work(seed)) for seed in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failed, failed
    assert not stuck, "supply is locked in key order, before the pegs on it"
    assert build.faults() == []
    told = set(JournalEntry.objects.values_list("verb", flat=True))
    assert told >= {"promising.pegs_moved", "inventory.issued", "supply.received"}
    queries.refresh()
    for item in items:
        answer = queries.propose(
            [build.demand(item, 10_000, step=Decimal("0.5"), split_dates=True, split_sites=True)], on=ON
        )[0]
        free = sum(quantity - drawn for _, _, quantity, drawn in build.buckets(item))
        assert 10_000 - answer.unpromised == free
