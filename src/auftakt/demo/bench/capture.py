"""`auftakt bench capture`: from capture to the start of orchestration, against the bare SQL that it takes."""

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random

import httpx

from auftakt.demo.bench.floor import floor
from auftakt.demo.bench.report import Report, mean_rate, percentile, rate
from auftakt.demo.bench.world import ACTOR, CUSTOMERS, SKUS, build_world, capture_orders, grow
from auftakt.identity import actions as identity
from auftakt.identity.types import ApiKeyDraft
from auftakt.orchestration import actions as orchestration
from auftakt.values import new_id

BATCH = 1000
CLIENTS = 8
SECONDS = 6.0
PORT = 8799


def bench_capture(at: datetime) -> Report:
    """Orders of three lines: the floor, single and in batches of 1,000; Auftakt's capture + price + promise + settle +
    start of orchestration, the same; and through HTTP with eight clients."""
    report = Report("capture")
    random = Random(5)
    build_world(at)
    grow(at)

    def take(count: int) -> None:
        orchestration.start(capture_orders(count, random, at), actor=ACTOR, at=at)

    take(10)
    gc.collect()
    gc.freeze()
    with floor() as bare:
        bare.orders(10)
        floor_single = report.figure("floor_single_per_s", mean_rate(lambda n: bare.orders(1), 500))
        single = report.figure("single_per_s", mean_rate(lambda n: take(1), 200))
        floor_batch = report.figure("floor_batch_per_s", rate(lambda n: bare.orders(BATCH), 7, BATCH))
        batch = report.figure("batch_per_s", rate(lambda n: take(BATCH), 7, BATCH))
    report.ratio("single_to_floor", single, floor_single)
    report.ratio("batch_to_floor", batch, floor_batch)
    _over_http(report, at)
    report.ratio("http_to_floor", report.figures["http_per_s"], floor_single)
    return report


@contextmanager
def _server() -> Iterator[str]:
    url = f"http://127.0.0.1:{PORT}"
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(PORT)]
    web += ["--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "error"]
    environment = {**os.environ, "AUFTAKT_DB_POOL": "4", "AUFTAKT_API_RATE": "100000"}
    process = subprocess.Popen([*web, "auftakt.project.wsgi:application"], env=environment)
    try:
        for _ in range(300):
            try:
                httpx.get(f"{url}/api/v1/openapi.json", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def _order(random: Random) -> dict[str, object]:
    return {
        "source_system": "bench-http",
        "external_reference": str(new_id()),
        "customer_number": f"C{random.randrange(CUSTOMERS)}",
        "lines": [{"sku": random.choice(SKUS), "quantity": "1"} for _ in range(3)],
    }


def _over_http(report: Report, at: datetime) -> None:
    """The top rate with eight clients that wait for each answer; then the answer times at half of it."""
    made = identity.create_api_keys([ApiKeyDraft("bench", ("orders.view", "orders.edit"))], actor=ACTOR, at=at)
    with _server() as url:
        headers = {"Authorization": f"Bearer {made.one().secret}"}
        _load(url, headers, pause=None, seconds=2.0)
        top = _load(url, headers, pause=None, seconds=SECONDS)
        per_s = report.figure("http_per_s", len(top) / SECONDS)
        half = _load(url, headers, pause=CLIENTS / (per_s / 2), seconds=SECONDS)
    report.figure("http_p50_ms", percentile(half, 0.5) * 1000)
    report.figure("http_p95_ms", percentile(half, 0.95) * 1000)


def _load(url: str, headers: dict[str, str], *, pause: float | None, seconds: float) -> list[float]:
    """Answer times of eight clients over some seconds. With `pause` each sends at that interval, not before."""
    took: list[float] = []
    failed: list[str] = []

    def client(number: int) -> None:
        random = Random(number)
        with httpx.Client(headers=headers, timeout=30) as own:
            until = time.perf_counter() + seconds
            due = time.perf_counter() + (pause or 0) * number / CLIENTS
            while time.perf_counter() < until:
                if pause is not None:
                    time.sleep(max(0.0, due - time.perf_counter()))
                    due += pause
                began = time.perf_counter()
                answer = own.post(f"{url}/api/v1/orders", json=_order(random))
                took.append(time.perf_counter() - began)
                if answer.status_code >= 400:
                    failed.append(answer.text[:300])
                    return

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(f"the benchmark's own orders are refused: {failed[0]}")
    return took
