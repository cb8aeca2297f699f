"""A million orders in minutes: the orders of a played year, multiplied row by row in the database.

Each copy of an order takes along what hangs on it (lines, releases, shipments, invoices, payments, runs, journal) under
ids, numbers and days of its own, so that rows stand as the verbs wrote them. Keys and indexes are put off while rows
stream in and made again over everything afterwards: a row that breaks a key ends the run; that rows lead to rows that
are there is not asked again (`not valid`: it would take longer than all indexes). Papers and the stock ledger are not
multiplied; steps, journal, picks, postings and the lines of releases and invoices only for orders of the last weeks;
supply grows by what the copies draw.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection
from django.db.models import DateField, DateTimeField, Field, ForeignKey

AT_ONCE = 2
PER_CROWD = 20_000
"""For so many orders there is one more crowd of customers."""

# Each table of an order's family, and how a row finds its order.
_FAMILY = {
    "orders_order": "select id, id from orders_order",
    "orders_orderline": "select id, order_id from orders_orderline",
    "orders_ordercharge": "select id, order_id from orders_ordercharge",
    "orders_fulfilmentline": "select id, order_id from orders_fulfilmentline",
    "orders_revision": "select id, order_id from orders_revision",
    "orders_hold": "select id, order_id from orders_hold",
    "orders_closure": "select order_id, order_id from orders_closure",
    "promising_commitment": "select c.id, f.order_id from promising_commitment c"
    " join orders_fulfilmentline f on f.id = c.demand_id",
    "fulfilment_release": "select id, order_id from fulfilment_release",
    "fulfilment_releaseline": "select l.id, r.order_id from fulfilment_releaseline l"
    " join fulfilment_release r on r.id = l.release_id",
    "fulfilment_pick": "select p.id, r.order_id from fulfilment_pick p"
    " join fulfilment_releaseline l on l.id = p.release_line_id join fulfilment_release r on r.id = l.release_id",
    "fulfilment_shipment": "select id, order_id from fulfilment_shipment",
    "fulfilment_shipmentline": "select l.id, s.order_id from fulfilment_shipmentline l"
    " join fulfilment_shipment s on s.id = l.shipment_id",
    "fulfilment_parcel": "select p.id, r.order_id from fulfilment_parcel p"
    " join fulfilment_release r on r.id = p.release_id",
    "fulfilment_trackingevent": "select e.id, s.order_id from fulfilment_trackingevent e"
    " join fulfilment_shipment s on s.id = e.shipment_id",
    "billing_invoice": "select id, order_id from billing_invoice",
    "billing_invoiceline": "select l.id, i.order_id from billing_invoiceline l"
    " join billing_invoice i on i.id = l.invoice_id",
    "billing_invoicetax": "select t.id, i.order_id from billing_invoicetax t"
    " join billing_invoice i on i.id = t.invoice_id",
    "billing_paymentattempt": "select id, order_id from billing_paymentattempt",
    "billing_payment": "select id, order_id from bench_payment",
    "billing_allocation": "select a.id, p.order_id from billing_allocation a"
    " join bench_payment p on p.id = a.payment_id",
    "billing_posting": "select p.id, s.order_id from billing_posting p join bench_subject s on s.id = p.subject_id",
    "orchestration_run": "select id, order_id from orchestration_run",
    "orchestration_stepstate": "select s.id, r.order_id from orchestration_stepstate s"
    " join orchestration_run r on r.id = s.run_id",
    "platform_journalentry": "select j.id, s.order_id from platform_journalentry j"
    " join bench_subject s on s.id = j.subject_id",
}
_RECENT_ONLY = {
    "orchestration_stepstate",
    "platform_journalentry",
    "fulfilment_trackingevent",
    "fulfilment_releaseline",
    "fulfilment_pick",
    "billing_invoiceline",
    "billing_posting",
}
_LOOSE = {"demand_id", "subject_id", "entry_id"}  # ids of rows that are copied along, without a foreign key
_PEOPLE = ("parties_party", "parties_address")

# A payment belongs to the order whose invoice it pays; the journal and the postings to whatever of an order they name.
_PREPARE = """
create unlogged table bench_payment as
  select distinct on (p.id) p.id, coalesce(p.order_id, i.order_id) as order_id
  from billing_payment p left join billing_allocation a on a.payment_id = p.id
  left join billing_invoice i on i.id = a.invoice_id
  where coalesce(p.order_id, i.order_id) is not null order by p.id;
create unlogged table bench_subject as
  select id, id as order_id from orders_order union all select id, order_id from orders_fulfilmentline
  union all select id, order_id from fulfilment_release union all select id, order_id from fulfilment_shipment
  union all select id, order_id from billing_invoice union all select id, order_id from billing_paymentattempt
  union all select id, order_id from bench_payment;
create unlogged table bench_parties_party as select * from parties_party where is_customer;
create unlogged table bench_parties_address as
  select a.* from parties_address a join bench_parties_party p on p.id = a.party_id
"""
# The copies: which order, the how-manieth of it, its serial in the order of time, whose crowd, how far back it moves.
_COPIES = """
create unlogged table bench_copy as
with one as (
  select t.id as owner, k, t.ordered_at, t.ordered_at > %(recent)s as is_recent,
    abs(hashint8(hashtextextended(t.id::text, k))) as luck,
    case when t.ordered_at < %(recent)s - interval '20 days' then 4
         when t.ordered_at < %(recent)s + interval '24 days' then 2 else 1 end as stride
  from bench_orders_order t cross join generate_series(%(first)s::int, %(last)s::int) k
  order by k, luck limit %(wanted)s
), moved as (
  select owner, k, is_recent, luck %% %(crowds)s as crowd, luck / 7 %% stride as days,
    (luck / 7 %% stride) * 86400000 + luck / 31 %% 28800000 as ms, ordered_at
  from one
)
select owner, k, is_recent, crowd::int, days::int, ms, ms * interval '1 millisecond' as back,
  (select max(serial) from orders_order)
    + row_number() over (order by ordered_at - ms * interval '1 millisecond') as serial,
  '7' || lpad(to_hex(k), 3, '0') as mark, '7' || lpad(to_hex(crowd), 3, '0') as crowd_mark
from moved order by serial
"""
_SUPPLY = """
update inventory_bucket b set quantity = b.quantity + c.more, drawn = b.drawn + c.more
from (select bucket_id, sum(quantity) - (select drawn from inventory_bucket x where x.id = bucket_id) as more
  from promising_commitment group by bucket_id) c
where c.bucket_id = b.id and c.more > 0
"""
_LAST_INVOICES = """
update bench_billing_invoice t set last = b.last
from (select kind, year, max(sequence) as last from billing_invoice group by kind, year) b
where b.kind = t.kind and b.year = t.year
"""


def _digits(value: str) -> str:
    return f"lpad(({value})::text, greatest(6, length(({value})::text)), '0')"


def _numbered(table: str) -> dict[str, str]:
    value = f"(select coalesce(max(serial), 0) from {table}) + row_number() over (order by c.serial)"
    return {"serial": value, "number": f"left(t.number, 3) || {_digits(value)}"}


_SEQUENCE = "t.last + row_number() over (partition by t.kind, t.year order by c.serial)"
# What a copy says of its own where it is neither the original's word nor an id or a day that moves.
_OWN: dict[str, dict[str, str]] = {
    "orders_order": {
        "serial": "c.serial",
        "number": f"'SO-' || {_digits('c.serial')}",
        "external_reference": "case when t.external_reference = '' then ''"
        " else left(t.external_reference, 3) || 1000000 + c.serial end",
        "customer_reference": "case when t.customer_reference = '' then '' else 'PO ' || 1000000 + c.serial end",
        "search_text": f"'so ' || {_digits('c.serial')} || ' ' || lower(left(t.external_reference, 2)) || ' '"
        " || 1000000 + c.serial"
        " || case when t.customer_reference = '' then ' ' else ' po ' || 1000000 + c.serial || ' ' end"
        " || regexp_replace(t.search_text, '^so \\d+ ([a-z]+ \\d+ )?(po \\d+ )?', '') || ' ' || c.crowd",
    },
    "fulfilment_release": _numbered("fulfilment_release"),
    "fulfilment_parcel": _numbered("fulfilment_parcel"),
    "fulfilment_shipment": _numbered("fulfilment_shipment")
    | {
        "tracking_number": "case when t.tracking_number <> ''"
        " then left(t.tracking_number, 4) || 10000000 + c.serial else '' end"
    },
    "billing_invoice": {
        "sequence": _SEQUENCE,
        "number": f"left(t.number, length(t.number) - 6) || {_digits(_SEQUENCE)}",
    },
    "billing_payment": {"reference": "case when t.reference = '' then '' else t.reference || '-' || c.serial end"},
    "billing_paymentattempt": {"idempotency_key": "t.idempotency_key || '-' || c.serial"},
    "platform_journalentry": {
        "change": "case when t.change ? 'order_id' then jsonb_set(t.change, '{order_id}', to_jsonb(%(owner)s::text))"
        " else t.change end",
    },
}


class Crowd:
    """The orders of now as templates, to be multiplied, more than once if wished."""

    def __init__(self, recent: datetime) -> None:
        self.recent = recent
        self.copies = 0
        _run(*_PREPARE.split(";"))
        for table in _FAMILY:
            _run(_template(table))
        _run("alter table bench_billing_invoice add last bigint", "analyze")
        self.templates = _value("select count(*) from orders_order")

    def grow(self, orders: int) -> None:
        """Multiply until there are this many orders."""
        wanted = orders - _value("select count(*) from orders_order")
        crowds = max(1, orders // PER_CROWD)
        last = self.copies + -(-wanted // self.templates)
        _run("drop table if exists bench_copy")
        _run(_COPIES, wanted=wanted, first=self.copies + 1, last=last, crowds=crowds, recent=self.recent)
        self.copies = last
        for table in _PEOPLE:
            _run(_copy_people(table), crowds=crowds)
        _run(_LAST_INVOICES, "analyze bench_copy")
        with _put_off(list(_FAMILY)):
            _at_once([_copy(table) for table in _FAMILY])
        _run(_SUPPLY)
        for table in ("orders_order", "fulfilment_release", "fulfilment_shipment", "fulfilment_parcel"):
            _run(f"select setval(pg_get_serial_sequence('{table}', 'serial'), max(serial)) from {table}")
        _at_once([f"vacuum (analyze) {table}" for table in (*_FAMILY, *_PEOPLE, "inventory_bucket")])


def _run(*statements: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        for text in statements:
            cursor.execute(text, parameters or None)


def _value(text: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchone()[0]


def _at_once(statements: Sequence[str]) -> None:
    """Statements on two connections of their own, each in the order given as soon as one is free."""
    settings = connection.settings_dict
    where = {"host": settings["HOST"] or None, "port": settings["PORT"] or None}
    where |= {"user": settings["USER"] or None, "password": settings["PASSWORD"] or None, "dbname": settings["NAME"]}

    def work(text: str) -> None:
        with psycopg.connect(**where, autocommit=True) as own:
            own.execute("set maintenance_work_mem = '1GB'")
            own.execute(text)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(work, statements))


_MODELS = {model._meta.db_table: model for model in apps.get_models()}


def _moves(field: "Field[Any, Any]") -> str:
    """How a column of a copy differs: `id` (of the family), `crowd` (a customer or address), or not."""
    if field.column in _LOOSE or (field.primary_key and not field.is_relation):
        return "id"
    if not isinstance(field, ForeignKey):
        return ""
    aim = field.related_model._meta.db_table
    return "id" if aim in _FAMILY else "crowd" if aim in _PEOPLE else ""


def _template(table: str) -> str:
    """The rows of a table that hang on orders, with the parts of their ids beside them."""
    model = _MODELS[table]
    parts: list[str] = []
    for field in model._meta.concrete_fields:
        text = f"replace(t.{field.column}::text, '-', '')"
        if _moves(field):
            parts.append(f"left({text}, 12) as {field.column}_head, right({text}, 16) as {field.column}_tail")
        if _moves(field) == "id":
            parts.append(f"('x' || left({text}, 12))::bit(48)::bigint as {field.column}_ms")
    key = model._meta.pk.column
    return (
        f"create unlogged table bench_{table} as select w.owner, t.*, {', '.join(parts)}"
        f" from {table} t join ({_FAMILY[table]}) w (id, owner) on w.id = t.{key}"
    )


def _copy(table: str) -> str:
    """The statement that adds the copies of a table's rows."""
    values: dict[str, str] = {}
    for field in _MODELS[table]._meta.concrete_fields:
        column = field.column
        own = _OWN.get(table, {}).get(column)
        if own:
            owner = "(lpad(to_hex(t.subject_id_ms - c.ms), 12, '0') || c.mark || t.subject_id_tail)::uuid"
            values[column] = own.replace("%(owner)s", owner)
        elif _moves(field) == "id":
            values[column] = f"(lpad(to_hex(t.{column}_ms - c.ms), 12, '0') || c.mark || t.{column}_tail)::uuid"
        elif _moves(field) == "crowd":
            values[column] = (
                f"case when c.crowd = 0 then t.{column}"
                f" else (t.{column}_head || c.crowd_mark || t.{column}_tail)::uuid end"
            )
        elif isinstance(field, DateTimeField):
            values[column] = f"t.{column} - c.back"
        elif isinstance(field, DateField):
            values[column] = f"t.{column} - c.days"
        else:
            values[column] = f"t.{column}"
    recent = " where c.is_recent" if table in _RECENT_ONLY else ""
    return (
        f"insert into {table} ({', '.join(values)}) select {', '.join(values.values())}"
        f" from bench_copy c join bench_{table} t on t.owner = c.owner{recent}"
    )


def _copy_people(table: str) -> str:
    """Further crowds of the customers there are, each person with a number added to the name."""
    values: dict[str, str] = {}
    for field in _MODELS[table]._meta.concrete_fields:
        column = field.column
        if field.primary_key or column == "party_id":
            text = f"replace(t.{column}::text, '-', '')"
            values[column] = f"(left({text}, 12) || '7' || lpad(to_hex(k), 3, '0') || right({text}, 16))::uuid"
        elif column in ("name", "number"):
            values[column] = f"t.{column} || {'chr(32)' if column == 'name' else 'chr(45)'} || k"
        else:
            values[column] = f"t.{column}"
    return (
        f"insert into {table} ({', '.join(values)}) select {', '.join(values.values())}"
        f" from bench_{table} t cross join generate_series(1, %(crowds)s::int - 1) k on conflict do nothing"
    )


@contextmanager
def _put_off(tables: Sequence[str]) -> Iterator[None]:
    """Work with tables that have neither keys nor indexes, and are not logged; all are made again afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, {"tables": list(tables)})
        around = [row[0] for row in cursor.fetchall()]
        cursor.execute(_KEYS, {"tables": list(tables), "around": around})
        keys = cursor.fetchall()
        cursor.execute(_INDEXES, {"tables": list(tables)})
        indexes = cursor.fetchall()
    for table, name, _, _kind in sorted(keys, key=lambda key: key[3] != "f"):
        _run(f'alter table {table} drop constraint "{name}"')
    for _, name, _ in indexes:
        _run(f'drop index "{name}"')
    for table in around:
        _run(f"alter table {table} set unlogged")
    yield
    _at_once([text for _, _, text in indexes])
    _at_once([f'alter table {table} add constraint "{name}" {text}' for table, name, text, kind in keys if kind != "f"])
    for table, name, text, kind in keys:
        if kind == "f":
            _run(f'alter table {table} add constraint "{name}" {text} not valid')


# The tables and those that point at them, directly or not.
_AROUND = """
with recursive around as (
  select id from unnest(%(tables)s::regclass[]) id
  union
  select c.conrelid::regclass from pg_constraint c join around on c.confrelid = around.id where c.contype = 'f'
)
select id::text from around
"""
_KEYS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype::text from pg_constraint
where (conrelid = any(%(tables)s::regclass[]) and contype in ('p', 'u'))
  or (conrelid = any(%(around)s::regclass[]) and contype = 'f') order by conrelid, contype
"""
_INDEXES = """
select indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
where indrelid = any(%(tables)s::regclass[])
  and not exists (select 1 from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
order by indrelid
"""
