"""A wide world of supply: items by the hundred thousand at 50 sites, ten buckets of each, twenty destinations.

Rows are made by the database itself, as the verbs would have written them, and belong to nothing but the benchmark.
"""

from uuid import UUID

from django.db import connection

SITES, PER_ITEM, COUNTRIES, WAYS = 50, 10, 20, 10

_SITES = """
insert into inventory_site (id, code, name, kind, street, postal_code, city, region, country, time_zone, is_open,
  ships_orders, processing_days)
select gen_random_uuid(), 'W' || lpad(g::text, 2, '0'), 'Wide ' || g, kind, street, postal_code, city, region, country,
  time_zone, true, true, g %% 2
from inventory_site, generate_series((select count(*) from inventory_site) + 1, %(sites)s) g where code = 'S0'
"""
_LANES = """
insert into promising_lane (id, site_id, country, region, carrier, transit_days, cost, currency)
select gen_random_uuid(), s.id, 'X' || chr(65 + c), '', 'standard', 1 + (s.number * 7 + c) %% 5, 5, 'EUR'
from generate_series(0, %(countries)s - 1) c, (select id, row_number() over (order by code) - 1 as number
  from inventory_site) s
where (s.number + c * 3) %% 5 = 0
"""
_ITEMS = """
insert into catalog_item (id, sku, name, description, kind, state, unit_id, variant, weight_kg, gtin, hs_code,
  origin_country, tax_category, created_at)
select gen_random_uuid(), 'WIDE-' || g, 'Wide ' || g, '', kind, state, unit_id, '', weight_kg, '', '', '', tax_category,
  created_at
from catalog_item, generate_series(%(first)s::integer, %(last)s::integer) g where sku = 'ITEM-0000'
"""
_BUCKETS = """
insert into inventory_bucket (id, item_id, site_id, kind, available_on, quantity, drawn, reference_id, changed_tx)
select gen_random_uuid(), i.id, s.id, case when k < 6 then 'on_hand' else 'purchase' end,
  case when k < 6 then null else current_date + (1 + (i.number * k) %% 60)::integer end,
  1 + (i.number * 31 + k * 17) %% 100, 0, case when k < 6 then null else gen_random_uuid() end, pg_current_xact_id()
from (select id, substr(sku, 6)::bigint as number from catalog_item where sku like 'WIDE-%%') i
cross join generate_series(0, %(per_item)s - 1) k
join (select id, row_number() over (order by code) - 1 as number from inventory_site) s
  on s.number = (i.number * 7 + k * 5) %% %(sites)s
where i.number between %(first)s and %(last)s
"""


def countries() -> list[tuple[str, str]]:
    """The destinations, each with ways from ten sites."""
    return [(f"X{chr(65 + number)}", "") for number in range(COUNTRIES)]


def widen(first: int, last: int) -> None:
    """Add items from a number to a number, with their buckets; sites and ways with the first."""
    given = {"sites": SITES, "countries": COUNTRIES, "per_item": PER_ITEM, "first": first, "last": last}
    with connection.cursor() as cursor:
        for statement in (_SITES, _LANES) * (first == 1) + (_ITEMS, _BUCKETS):
            cursor.execute(statement, given)
        cursor.execute("analyze inventory_bucket")


def wide_items() -> list[UUID]:
    """The ids of the items."""
    with connection.cursor() as cursor:
        cursor.execute("select id from catalog_item where sku like 'WIDE-%' order by sku")
        return [row[0] for row in cursor.fetchall()]
