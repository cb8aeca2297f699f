"""Web, worker and PostgreSQL are killed with kill -9 while 2,000 orders come in: none is lost, none is doubled."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import psutil

from tests.running import Installation, installation
from tests.simulation.test_race import facts

ORDERS = 2000
CLIENTS = 12
PATIENCE = 240.0
PAUSE = 1.0


@dataclass
class Shop:
    """Clients that send each order until it is acknowledged, always under the same reference and Idempotency-Key."""

    home: Installation
    secret: str
    items: list[str]
    acknowledged: dict[str, str] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)

    def send_all(self) -> None:
        numbers = iter(range(ORDERS))
        lock = threading.Lock()
        until = time.monotonic() + PATIENCE

        def client(_: int) -> None:
            with httpx.Client(base_url=self.home.url, timeout=20) as own:
                while time.monotonic() < until:
                    with lock:
                        number = next(numbers, None)
                    if number is None:
                        return
                    self._send(own, number, until)

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(client, range(CLIENTS)))

    def _send(self, client: httpx.Client, number: int, until: float) -> None:
        reference = f"R-{number}"
        lines = [{"sku": self.items[(number + step) % 5], "quantity": 1 + step} for step in range(2)]
        order = {"source_system": "crash", "external_reference": reference, "customer_number": f"C-{number % 8}"}
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": f"key-{number}"}
        while time.monotonic() < until:
            try:
                answer = client.post("/api/v1/orders", json={**order, "lines": lines}, headers=headers)
            except httpx.TransportError as error:
                self.again[type(error).__name__] += 1
            else:
                if answer.status_code in (200, 201):
                    self.acknowledged[reference] = answer.json()["id"]
                    return
                self.again[str(answer.status_code)] += 1
                if answer.status_code not in (409, 429, 503):
                    self.strange.append(answer.text[:500])
                    if answer.status_code < 500:
                        return
            time.sleep(0.1)


def one_of_the_web(home: Installation) -> list[psutil.Process]:
    """A web process that serves requests: not the one that started it."""
    return [each for each in home.processes("granian") if each.ppid() != home.process.pid][:1]


def all_of_the_web(home: Installation) -> list[psutil.Process]:
    """The web server's first process; its children become orphans."""
    return [each for each in home.processes("granian") if each.ppid() == home.process.pid]


def the_worker(home: Installation) -> list[psutil.Process]:
    return home.processes("auftakt.cli.main", "work")


VICTIMS: tuple[Callable[[Installation], list[psutil.Process]], ...] = (
    one_of_the_web, the_worker, one_of_the_web, the_worker, all_of_the_web, the_worker, one_of_the_web, the_worker,
)  # fmt: skip


def kill_in_a_loop(home: Installation, shop: Shop, over: threading.Event) -> Counter[str]:
    """Kill one after the other while orders come in, about once a second; PostgreSQL when a third of them is in."""
    killed: Counter[str] = Counter()
    turn = 0
    while not over.wait(PAUSE):
        if not killed["PostgreSQL"] and len(shop.acknowledged) > ORDERS // 3:
            home.kill_database()
            killed["PostgreSQL"] += 1
        else:
            victim = VICTIMS[turn % len(VICTIMS)]
            killed[victim.__name__] += home.kill(victim(home))
            turn += 1
        home.wait()
    return killed


def settled(home: Installation) -> list[tuple[object, ...]]:
    """Lines that are not yet where they wait for the warehouse (or for their day), by step and state."""
    return facts(
        home,
        "select coalesce(t.kind, 'none'), coalesce(t.state, 'none'), count(*) from orders_fulfilmentline f"
        " left join orchestration_run r on r.fulfilment_line_id = f.id"
        " left join orchestration_stepstate t on t.run_id = r.id and t.state <> 'done'"
        " where not coalesce((t.kind, t.state) = ('ship', 'waiting')"
        "   or (t.kind = 'release' and t.state = 'ready' and t.due_at > now() + interval '1 minute'), false)"
        " group by 1, 2",
    )


def test_nothing_is_lost_and_nothing_happens_twice() -> None:
    with installation(AUFTAKT_TIME_ZONE="UTC") as home:
        seeded = home.script("tests.simulation.seed", "1000000")
        home.up("--workers", "2")
        shop = Shop(home, seeded["secret"], seeded["items"])
        over = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            killing = pool.submit(kill_in_a_loop, home, shop, over)
            began = time.monotonic()
            try:
                shop.send_all()
            finally:
                over.set()
            killed = killing.result()
        took = time.monotonic() - began
        assert not shop.strange, (shop.strange[:3], (home.home / "up.log").read_text()[-6000:])
        assert len(shop.acknowledged) == ORDERS, (killed, shop.again, took)
        assert killed["PostgreSQL"] == 1
        assert all(killed[each.__name__] for each in VICTIMS), killed
        _check_orders(home, shop)
        _check_completion(home)
        found = home.verify()
        assert found["violations"] == 0, [each for each in found["checks"] if each["violations"]]


def _check_orders(home: Installation, shop: Shop) -> None:
    stored = facts(home, "select external_reference, id::text from orders_order")
    assert len(stored) == ORDERS
    assert dict(stored) == shop.acknowledged
    assert facts(home, "select count(*), sum(base_quantity) from orders_fulfilmentline") == [(2 * ORDERS, 3 * ORDERS)]
    assert facts(home, "select sum(quantity) from promising_commitment") == [(3 * ORDERS,)]


def _check_completion(home: Installation) -> None:
    until = time.monotonic() + 60
    while (left := settled(home)) and time.monotonic() < until:
        time.sleep(0.5)
    assert not left, left
    twice = facts(
        home,
        "select line, j.change ->> 'step', count(*) from platform_journalentry j,"
        " jsonb_array_elements_text(j.change -> 'lines') line where j.verb = 'step.done' group by 1, 2"
        " having count(*) > 1",
    )
    assert not twice, twice[:5]
    assert facts(home, "select count(*) from fulfilment_releaseline") == facts(
        home, "select count(*) from orders_fulfilmentline where state = 'released'"
    )
