"""`auftakt bench console`: the pages that must stay fast, with a million orders and with ten thousand beside it."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.test import Client

from auftakt.demo import company, flow
from auftakt.demo.bench.crowd import Crowd
from auftakt.demo.bench.report import Report, percentile
from auftakt.insight import actions as insight

TEMPLATES = 600
FEW, MANY = 10_000, 1_000_000
REQUESTS = 100
_FLOOR = """
select o.id, o.number, o.state, p.name, o.currency, o.gross, o.ordered_at
from orders_order o join parties_party p on p.id = o.customer_id order by o.ordered_at desc, o.id desc limit 51
"""
_KNOWN = """
select o.id, o.number, o.external_reference, o.ordered_at::date, p.number, p.name, a.city,
  (select i.sku from orders_orderline l join catalog_item i on i.id = l.item_id where l.order_id = o.id limit 1),
  (select coalesce(min(v.number), '') from billing_invoice v where v.order_id = o.id),
  (select coalesce(min(s.number), '') from fulfilment_shipment s where s.order_id = o.id)
from orders_order o join parties_party p on p.id = o.customer_id join parties_address a on a.id = o.ship_to_id
where o.number = any(%(numbers)s)
"""


def bench_console(at: datetime, *, orders: int = MANY) -> Report:
    """Answer times (95th percentile) of the list, one order, search and home, through the whole server but the socket.

    A year of some hundred orders is played through the verbs, then multiplied in the database: to 10,000, where
    everything is measured once, and to `orders`, where it is measured again. `…_growth` is the ratio of the two;
    `…_to_floor` compares with the bare statement of the first page.
    """
    report = Report("console")
    began = time.perf_counter()
    requests = REQUESTS if orders >= FEW else 12
    flow.build(orders=min(TEMPLATES, orders // 10), seed=1, at=at, progress=None)
    crowd = Crowd(at - timedelta(days=40))
    few = _measured(crowd, min(FEW, orders // 2), requests, at.date())
    many = _measured(crowd, orders, requests, at.date())
    report.figure("orders", orders)
    for name, value in many.items():
        report.figure(f"{name}_ms", value)
    for name in few:
        report.ratio(f"{name}_growth", many[name], few[name])
    report.ratio("first_page_to_floor", many["orders_first_page"], many["floor_first_page"])
    report.figure("took_s", time.perf_counter() - began)
    return report


def _measured(crowd: Crowd, orders: int, requests: int, on: date) -> dict[str, float]:
    """The 95th percentiles with so many orders, in milliseconds."""
    crowd.grow(orders)
    insight.recount()
    pages = _Pages(orders, on)
    asked: dict[str, Callable[[int], str]] = {
        "orders_first_page": pages.first,
        "orders_filtered": pages.filtered,
        "order_page": pages.order,
        "search": pages.search,
        "home": pages.home,
    }
    found = {name: _p95(lambda n, make=make: pages.get(make(n)), requests) for name, make in asked.items()}
    return found | {"floor_first_page": _p95(lambda n: _bare(), requests)}


def _p95(work: Callable[[int], object], requests: int) -> float:
    """Warm up with ten, then measure each."""
    took: list[float] = []
    for number in range(requests + 10):
        began = time.perf_counter()
        work(number)
        took.append((time.perf_counter() - began) * 1000)
    return percentile(took[10:], 0.95)


def _bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR)
        cursor.fetchall()


class _Known(NamedTuple):
    """An order, in the words by which people look for it."""

    id: UUID
    number: str
    reference: str
    day: date
    customer: str
    name: str
    city: str
    sku: str
    invoice: str
    shipment: str


class _Pages:
    """Addresses as people ask for them, each about another order: of the administrator, who sees most."""

    def __init__(self, orders: int, on: date) -> None:
        self.on = on
        self.client = Client(headers={"host": "localhost"})
        if not self.client.login(username=company.LOGINS[0][0], password=company.PASSWORD):
            raise RuntimeError("the benchmark cannot log in")
        random = Random(17)
        numbers = [f"SO-{random.randrange(1, orders):06d}" for _ in range(400)]
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN, {"numbers": numbers})
            self.known = [_Known(*row) for row in cursor.fetchall()]

    def get(self, address: str) -> None:
        """Ask for a page. Raises RuntimeError when it is not answered."""
        answer = self.client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} is answered with {answer.status_code}")

    def of(self, number: int) -> _Known:
        """Another order each time."""
        return self.known[number % len(self.known)]

    def first(self, number: int) -> str:
        """The list as it opens."""
        return "/console/orders/"

    def home(self, number: int) -> str:
        """The first page of the day."""
        return "/console/"

    def order(self, number: int) -> str:
        """An order of any age."""
        return f"/console/orders/{self.of(number).id}/"

    def filtered(self, number: int) -> str:
        """Filters one by one and together, and other orders than the newest first."""
        it, week = self.of(number), self.on - timedelta(days=6)
        asked: Sequence[Mapping[str, object]] = (
            {"q": it.city},
            {"q": f"{it.name} {it.city}"},
            {"q": it.number},
            {"q": it.reference},
            {"q": f"{it.sku} {it.city}"},
            {"customer": it.customer},
            {"customer": it.customer, "state": "closed", "item": it.sku},
            {"item": it.sku},
            {"item": it.sku, "state": "submitted", "hold": 1},
            {"item": it.sku, "ordered_from": it.day, "ordered_to": it.day},
            {"state": "submitted", "ordered_from": week},
            {"state": "closed", "ordered_from": it.day, "ordered_to": it.day, "channel": "edi"},
            {"hold": 1},
            {"reason": "address_check", "site": "HAM"},
            {"unpromised": 1},
            {"unpromised": 1, "channel": "shop", "q": it.city},
            {"late": 1},
            {"wish": 1},
            {"supply": 1},
            {"failed": 1},
            {"mine": 1},
            {"value_min": 5000, "value_max": 6000},
            {"state": "draft", "sort": "-gross"},
            {"sort": "-gross"},
            {"sort": "customer_name"},
            {"sort": "-number", "site": "LNZ"},
            {"closed_from": it.day, "closed_to": it.day, "promise": "imperfect"},
        )
        return f"/console/orders/?{urlencode(asked[number % len(asked)])}"

    def search(self, number: int) -> str:
        """What is typed into the palette: numbers, names, words, and half of them."""
        it = self.of(number)
        typed = (
            *(it.number, it.number[:6], it.reference, it.customer, it.name, it.name.split()[0][:4]),
            *(it.sku, it.sku[:3], it.invoice or "TAKT", it.shipment or "SH-", "licht", "new order"),
        )
        return f"/console/find/?{urlencode({'q': typed[number % len(typed)]})}"
