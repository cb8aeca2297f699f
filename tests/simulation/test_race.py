"""32 clients over several web processes fight for 500 pieces; with the guard taken out, the same race oversells."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg
import pytest

from tests.running import Installation, installation

CLIENTS = 32
PIECES = 100
REPEATED = 12
ROOT = str(Path(__file__).parents[2])
Row = tuple[Any, ...]


@dataclass
class Race:
    """What the clients sent, and what they were answered."""

    seeded: dict[str, Any]
    answers: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)


def facts(home: Installation, statement: str, *parameters: object) -> list[Row]:
    """The installation's tables, directly."""
    with psycopg.connect(host=str(home.home / "run"), user="postgres", dbname="auftakt") as own:
        cursor = own.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def orders(seeded: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    """Orders for far more than there is: single pieces, several lines of one item, kits; some must stay whole.

    The first few are sent by several clients at once, under one reference.
    """
    made: list[dict[str, Any]] = []
    for number in range(230):
        lines = [{"sku": random.choice(seeded["items"]), "quantity": random.randint(1, 3)} for _ in range(2)]
        if number % 3 == 0:
            lines.append({"sku": seeded["kit"], "quantity": random.randint(1, 2)})
        if number % 4 == 0:
            lines.append({"sku": lines[0]["sku"], "quantity": 1})
        may_split = number % 2 == 0
        made.append(
            {
                "source_system": "race", "external_reference": f"R-{number}", "customer_number": f"C-{number % 8}",
                "lines": lines, "split_dates": may_split, "split_sites": may_split,
            }
        )  # fmt: skip
    repeated = [each for each in made[:REPEATED] for _ in range(6)]
    return repeated + made[REPEATED:]


def run(home: Installation, seeded: dict[str, Any]) -> Race:
    """Send them all, 32 at a time. A client whose order waits for its twin sends it again."""
    race = Race(seeded)
    waiting = iter(orders(seeded, Random(7)))
    lock = threading.Lock()
    start = threading.Barrier(CLIENTS)

    def client(_: int) -> None:
        headers = {"Authorization": f"Bearer {seeded['secret']}"}
        with httpx.Client(base_url=home.url, headers=headers, timeout=60) as own:
            start.wait(30)
            while True:
                with lock:
                    order = next(waiting, None)
                if order is None:
                    return
                answer = own.post("/api/v1/orders", json=order)
                with lock:
                    race.answers.append((order["external_reference"], answer.status_code, answer.json()))

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return race


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[Installation, Race]]:
    with installation() as home:
        seeded = home.script("tests.simulation.seed", str(PIECES))
        home.up("--workers", "3")
        yield home, run(home, seeded)


def test_every_order_went_in_once(guarded: tuple[Installation, Race]) -> None:
    home, race = guarded
    assert Counter(status for _, status, _ in race.answers).keys() <= {200, 201}, race.answers[0]
    results = Counter((reference, answer["result"]) for reference, _, answer in race.answers)
    for number in range(230):
        twins = 6 if number < REPEATED else 1
        assert results[f"R-{number}", "created"] == 1
        assert results[f"R-{number}", "unchanged"] == twins - 1
    ids = {reference: {a["id"] for r, _, a in race.answers if r == reference} for reference, _, _ in race.answers}
    assert all(len(each) == 1 for each in ids.values())
    assert facts(home, "select count(*), count(distinct external_reference) from orders_order") == [(230, 230)]


def test_several_processes_took_part(guarded: tuple[Installation, Race]) -> None:
    home, _ = guarded
    assert len(home.processes("granian")) >= 3


def test_exactly_what_exists_is_promised(guarded: tuple[Installation, Race]) -> None:
    """Recomputed from commitments, pieces and receipts alone, without the bucket's own count of what is drawn."""
    home, race = guarded
    held = dict(
        facts(
            home,
            "select i.sku, sum(c.quantity) from promising_commitment c join inventory_bucket b on b.id = c.bucket_id"
            " join catalog_item i on i.id = b.item_id group by i.sku",
        )
    )
    free = {
        (sku, site): quantity
        for sku, site, quantity in facts(
            home,
            "select i.sku, s.code, b.quantity - coalesce(sum(c.quantity), 0) from inventory_bucket b"
            " join catalog_item i on i.id = b.item_id join inventory_site s on s.id = b.site_id"
            " left join promising_commitment c on c.bucket_id = b.id group by b.id, i.sku, s.code",
        )
    }
    left = {sku: sum(free[sku, site] for site in ("NORTH", "SOUTH")) for sku in race.seeded["items"]}
    assert all(quantity >= 0 for quantity in free.values()), free
    assert {sku: held[sku] + left[sku] for sku in left} == dict.fromkeys(left, Decimal(PIECES))
    assert sum(held.values()) == 5 * PIECES - sum(left.values())
    unserved = facts(
        home,
        "select i.sku, f.base_quantity, o.split_dates, f.promise from orders_fulfilmentline f"
        " join catalog_item i on i.id = f.item_id join orders_order o on o.id = f.order_id where f.site_id is null",
    )
    assert unserved
    parts = {race.seeded["kit"]: race.seeded["components"]}
    for sku, wanted, may_split, reason in unserved:
        assert reason["why"], "what is not promised says so"
        needed = parts.get(sku, {sku: 1})
        least = Decimal(1) if may_split else wanted
        for site in ("NORTH", "SOUTH"):
            fits = all(free[part, site] >= least * count for part, count in needed.items())
            assert not fits, f"{wanted} {sku} could have come from {site}: {free}"
    wanted = sum(quantity for (quantity,) in facts(home, "select base_quantity from orders_fulfilmentline"))
    ordered = sum(quantity for (quantity,) in facts(home, "select quantity * unit_factor from orders_orderline"))
    assert wanted == ordered, "what is not promised is still asked for"


def test_the_unserved_are_told_by_name(guarded: tuple[Installation, Race]) -> None:
    _, race = guarded
    told = [
        promise
        for _, status, answer in race.answers
        for line in answer["lines"]
        for promise in line["promises"]
        if status == 201 and promise["site"] is None
    ]
    assert told
    assert all(promise["ship_on"] is None and promise["reason"]["why"] for promise in told)


def test_every_balance_holds(guarded: tuple[Installation, Race]) -> None:
    home, _ = guarded
    found = home.verify()
    assert found["violations"] == 0, [each for each in found["checks"] if each["violations"]]


def test_without_the_guard_it_oversells() -> None:
    """The negative control: the same race, the condition of the draw and the constraint behind it taken out."""
    path = os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH", ""))))
    with installation(DJANGO_SETTINGS_MODULE="tests.simulation.unguarded", PYTHONPATH=path) as home:
        seeded = home.script("tests.simulation.seed", str(PIECES))
        home.up("--workers", "3")
        facts(home, "alter table inventory_bucket drop constraint bucket_not_overdrawn")
        race = run(home, seeded)
        assert Counter(status for _, status, _ in race.answers).keys() <= {200, 201}
        sold = facts(
            home,
            "select i.sku, sum(c.quantity) from promising_commitment c join inventory_bucket b on b.id = c.bucket_id"
            " join catalog_item i on i.id = b.item_id group by i.sku having sum(c.quantity) > %s",
            PIECES,
        )
        assert sold, "without its guard the race must oversell, or it proves nothing"
        wrong = {each["name"] for each in home.verify()["checks"] if each["violations"]}
        assert "inventory.drawn_within_quantity" in wrong
