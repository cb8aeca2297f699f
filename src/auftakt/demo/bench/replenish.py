"""`auftakt bench replenish`: a run over a million policies, against the bare statement that reads the same rows."""

import time
from datetime import datetime

from django.db import connection

from auftakt.demo.bench.report import Report
from auftakt.demo.bench.wide import SITES, widen
from auftakt.demo.bench.world import ACTOR, build_world
from auftakt.parties import actions as parties
from auftakt.parties.types import PartyDraft
from auftakt.platform import jobs
from auftakt.supply import actions, queries
from auftakt.supply.types import RunDraft

POLICIES = 1_000_000
PER_ITEM = 10
SUPPLIERS = 200
DRAWN_DAYS = 4  # days of the window on which an item left a site

_TERMS = """
insert into supply_supplieritem (id, supplier_id, item_id, supplier_sku, lead_time_days, minimum, multiple, rank,
  over_percent, under_percent, inspects, is_active)
select gen_random_uuid(), p.id, i.id, '', 3 + i.number %% 10, 0, 10, 1, 0, 0, false, true
from (select id, substr(sku, 6)::bigint as number from catalog_item where sku like 'WIDE-%%') i
join (select id, substr(number, 2)::int as number from parties_party where number like 'V%%') p
  on p.number = i.number %% %(suppliers)s;
insert into supply_supplierprice (id, supplier_item_id, currency, from_quantity, unit_price)
select gen_random_uuid(), t.id, 'EUR', 0, 4.5 from supply_supplieritem t;
"""
_POLICIES = """
insert into supply_replenishmentpolicy (id, item_id, site_id, method, source, lot, multiple, cover_days, review_days,
  service_level, demand_days, maximum, buyer)
select gen_random_uuid(), b.item_id, b.site_id,
  (array['days_of_cover', 'days_of_cover', 'periodic', 'min_max'])[1 + row_number() over () %% 4], '', 0, 0, 14, 7, 95,
  90, 80, ''
from (select distinct item_id, site_id from inventory_bucket b join catalog_item i on i.id = b.item_id
      where i.sku like 'WIDE-%%') b
"""
_PLACES = """
insert into inventory_location (id, code, kind, site_id)
select gen_random_uuid(), s.code, 'stock', s.id from inventory_site s
where not exists (select from inventory_location l where l.site_id = s.id and l.kind = 'stock')
"""
_MOVES = """
insert into inventory_move (id, item_id, quantity, taken_from_id, put_to_id, at, actor, reason, note)
select gen_random_uuid(), p.item_id, 1 + (row_number() over () %% 30), l.id, c.id,
  %(at)s::timestamptz - (1 + (d * 23 + row_number() over ()) %% 89) * interval '1 day', 'bench', 'shipment', ''
from supply_replenishmentpolicy p
join inventory_location l on l.site_id = p.site_id and l.kind = 'stock'
join inventory_location c on c.kind = 'customer'
cross join generate_series(1, %(days)s) d
"""
_BARE = """
select count(*), sum(m.quantity) from supply_replenishmentpolicy p
left join (select item_id, taken_from_id, sum(quantity) as quantity from inventory_move
           where reason = 'shipment' and at >= %(at)s::timestamptz - interval '90 days' group by 1, 2) m
  on m.item_id = p.item_id and m.taken_from_id = (select id from inventory_location l where l.site_id = p.site_id
                                                  and l.kind = 'stock')
left join (select item_id, site_id, sum(quantity - drawn) as free from inventory_bucket group by 1, 2) b
  on b.item_id = p.item_id and b.site_id = p.site_id
"""


def _furnish(policies: int, at: datetime) -> None:
    """Items at sites with stock and expected supply, suppliers with terms, a ledger of ninety days, policies."""
    build_world(at)
    widen(1, policies // PER_ITEM)
    drafts = [PartyDraft(f"V{number}", f"Supplier {number}", is_supplier=True) for number in range(SUPPLIERS)]
    parties.save_parties(drafts, actor=ACTOR, at=at)
    with connection.cursor() as cursor:
        for statement in _TERMS.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"suppliers": SUPPLIERS})
        cursor.execute(_PLACES)
        cursor.execute(_POLICIES, {})
        cursor.execute(_MOVES, {"at": at, "days": DRAWN_DAYS})
        cursor.execute("vacuum (analyze)")


def bench_replenish(at: datetime, policies: int = POLICIES) -> Report:
    """How long a run over all policies takes, and a second one, against reading the same rows once."""
    report = Report("replenish")
    _furnish(policies, at)
    report.figure("sites", SITES)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from inventory_move")
        report.figure("moves", cursor.fetchone()[0])
        began = time.perf_counter()
        cursor.execute(_BARE, {"at": at})
        found = cursor.fetchone()[0]
        bare = report.figure("bare_read_s", time.perf_counter() - began)
    report.figure("policies", found)
    first = _run(report, "first", at)
    second = _run(report, "again", at)
    report.figure("policies_per_s", found / first)
    report.ratio("first_to_bare_read", bare, first)
    report.ratio("again_to_bare_read", bare, second)
    return report


def _run(report: Report, name: str, at: datetime) -> float:
    key = actions.run_replenishment([RunDraft(at.date())], actor=ACTOR, at=at).one()
    (run,) = queries.runs([key])
    began = time.perf_counter()
    jobs.run(run.job_id)
    took = report.figure(f"{name}_s", time.perf_counter() - began)
    (run,) = queries.runs([key])
    if run.state != "done":
        raise RuntimeError(f"the run did not end: {[note.detail for note in jobs.notes(run.job_id)]}")
    report.figure(f"{name}_proposed", run.proposed)
    return took
