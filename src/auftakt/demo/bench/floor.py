"""The floor: the bare SQL that any order system must run to insert an order with its lines and draw stock for them.

Tables of its own, no prices, no credit, no journal, no promise: what is left is the database's own cost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from random import Random
from typing import Any

import psycopg
from django.db import connection

from auftakt.values import new_ids

ITEMS, SITES, LINES = 1000, 5, 3

_TABLES = """
create table bench_stock (id int primary key, quantity numeric(18,6) not null, drawn numeric(18,6) not null default 0,
  check (drawn <= quantity));
create table bench_order (id uuid primary key, customer int not null, at timestamptz not null);
create table bench_line (id uuid primary key, order_id uuid not null references bench_order, stock_id int not null,
  quantity numeric(18,6) not null);
insert into bench_stock select g, 1e9 from generate_series(0, %d) g;
"""
_ORDERS = "insert into bench_order select u, 1, now() from unnest(%s::uuid[]) u"
_LINES = "insert into bench_line select * from unnest(%s::uuid[], %s::uuid[], %s::int[], %s::numeric[])"
_DRAW = """
with wanted as (select stock_id, sum(quantity) as quantity
  from unnest(%s::int[], %s::numeric[]) as w(stock_id, quantity) group by stock_id),
locked as (select s.id from bench_stock s join wanted w on w.stock_id = s.id order by s.id for update of s)
update bench_stock s set drawn = s.drawn + w.quantity from wanted w, locked k where s.id = w.stock_id and k.id = s.id
"""


@contextmanager
def floor() -> Iterator["Floor"]:
    """The floor's tables on a connection of their own, gone afterwards."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        dbname=settings["NAME"],
        autocommit=True,
        prepare_threshold=1,
    ) as own:
        own.execute(_TABLES % (ITEMS * SITES - 1))
        own.execute("analyze bench_stock")
        try:
            yield Floor(own)
        finally:
            own.execute("drop table bench_line, bench_order, bench_stock")


class Floor:
    """Bare inserts and draws."""

    def __init__(self, own: psycopg.Connection[Any]) -> None:
        self.own = own
        self.random = Random(7)

    def orders(self, count: int) -> None:
        """`count` orders of three lines in one transaction."""
        orders = new_ids(count)
        lines = new_ids(count * LINES)
        stock = [self.random.randrange(ITEMS * SITES) for _ in lines]
        quantities = [Decimal(1)] * len(lines)
        owners = [orders[index // LINES] for index in range(len(lines))]
        with self.own.transaction():
            self.own.execute(_ORDERS, (orders,))
            self.own.execute(_LINES, (lines, owners, stock, quantities))
            self.own.execute(_DRAW, (stock, quantities))

    def draw(self, count: int) -> None:
        """`count` draws of one piece each in one transaction."""
        stock = [self.random.randrange(ITEMS * SITES) for _ in range(count)]
        self.own.execute(_DRAW, (stock, [Decimal(1)] * count))
