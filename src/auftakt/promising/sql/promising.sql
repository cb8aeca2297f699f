-- name: supply_horizon
-- Where a picture begins: changes from this transaction on are told by follow_supply; our own transaction, if it has
-- written; a mark that differs whenever a site, a lane or a calendar has changed; and the day.
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon,
       coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0) as own,
       (select concat(count(*), ':', sum(xmin::text::bigint)) from inventory_site) || '/' ||
       (select concat(count(*), ':', sum(xmin::text::bigint)) from inventory_calendar) || '/' ||
       (select concat(count(*), ':', sum(xmin::text::bigint)) from inventory_calendarexception) || '/' ||
       (select concat(count(*), ':', sum(xmin::text::bigint)) from promising_lane) || '/' ||
       (select coalesce(max(changes), 0) from supply_sourcingmark) || ':' ||
       (select count(*) from supply_sourcingversion where from_on = current_date or until_on = current_date) || '/' ||
       (select coalesce(max(changes), 0) from promising_allocationmark) || ':' ||
       (select count(*) from promising_allocationversion where from_on = current_date or until_on = current_date) as network,
       current_date as today, clock_timestamp() as now;

-- name: supply_rows
-- All supply in the engine's own terms: ordinal days (0 for on hand) and whole millionths. Read as binary COPY. What our
-- own transaction wrote is told even when it is empty now, so that the reader knows.
select id, item_id, site_id, coalesce(available_on - date '0001-01-01' + 1, 0)::integer as due,
       (quantity * 1000000)::bigint as quantity, (drawn * 1000000)::bigint as drawn,
       array_position(array['on_hand', 'purchase', 'transfer', 'work_order'], kind::text) - 1 as kind,
       changed_tx::text::bigint as tx
from inventory_bucket
where quantity > 0 or changed_tx = pg_current_xact_id_if_assigned();

-- name: follow_supply
-- What changed since the horizon, as it stands now, with the horizon of this very snapshot. There is always a row.
select b.id, b.item_id, b.site_id, coalesce(b.available_on - date '0001-01-01' + 1, 0)::integer as due,
       (b.quantity * 1000000)::bigint as quantity, (b.drawn * 1000000)::bigint as drawn,
       array_position(array['on_hand', 'purchase', 'transfer', 'work_order'], b.kind::text) - 1 as kind,
       b.changed_tx::text::bigint as tx, h.horizon, h.network, clock_timestamp() as now
from (
  select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon,
         (select concat(count(*), ':', sum(xmin::text::bigint)) from inventory_site) || '/' ||
         (select concat(count(*), ':', sum(xmin::text::bigint)) from inventory_calendar) || '/' ||
         (select concat(count(*), ':', sum(xmin::text::bigint)) from inventory_calendarexception) || '/' ||
         (select concat(count(*), ':', sum(xmin::text::bigint)) from promising_lane) || '/' ||
       (select coalesce(max(changes), 0) from supply_sourcingmark) || ':' ||
       (select count(*) from supply_sourcingversion where from_on = current_date or until_on = current_date) || '/' ||
       (select coalesce(max(changes), 0) from promising_allocationmark) || ':' ||
       (select count(*) from promising_allocationversion where from_on = current_date or until_on = current_date) as network
) h
left join inventory_bucket b on b.changed_tx >= %(since)s::text::xid8;

-- name: segments_of
select id, segment from parties_party where id = any(%(customers)s::uuid[]) and segment <> '';

-- name: items_for_sourcing
-- Items with their categories (the item's own first, up to the root), their brand, and the terms of their suppliers on a
-- day: number, days, cost of one when few are bought, rank.
with recursive wanted as (
  select id, brand_id, category_id from catalog_item where id = any(%(items)s::uuid[])
), up as (
  select distinct category_id as leaf, category_id as node, 0 as height from wanted where category_id is not null
  union all
  select u.leaf, c.parent_id, u.height + 1 from up u join catalog_category c on c.id = u.node
  where c.parent_id is not null
)
select w.id, coalesce((select array_agg(u.node order by u.height) from up u where u.leaf = w.category_id), '{}'),
       w.brand_id,
       coalesce((
         select json_agg(json_build_array(p.number, t.lead_time_days, coalesce((
           select b.unit_price::text from supply_supplierprice b
           where b.supplier_item_id = t.id and coalesce(b.valid_from, %(on)s) <= %(on)s
             and coalesce(b.valid_to, %(on)s) >= %(on)s
           order by b.from_quantity limit 1
         ), '0')) order by t.rank, p.number)
         from supply_supplieritem t join parties_party p on p.id = t.supplier_id
         where t.item_id = w.id and t.is_active
       ), '[]')
from wanted w;

-- name: list_lanes
select site_id, country, region, carrier, transit_days, cost, currency from promising_lane;

-- name: save_lanes
insert into promising_lane as l (id, site_id, country, region, carrier, transit_days, cost, currency)
select * from unnest(
  %(ids)s::uuid[], %(sites)s::uuid[], %(countries)s::text[], %(regions)s::text[], %(carriers)s::text[],
  %(transit_days)s::integer[], %(costs)s::numeric[], %(currencies)s::text[]
)
on conflict (site_id, country, region) do update set
  carrier = excluded.carrier, transit_days = excluded.transit_days, cost = excluded.cost, currency = excluded.currency
where (l.carrier, l.transit_days, l.cost, l.currency)
  is distinct from (excluded.carrier, excluded.transit_days, excluded.cost, excluded.currency)
returning id, site_id, country, region;

-- name: lock_supply
-- After a refusal: nobody else moves the supply of these items until we are done.
select id from inventory_bucket where item_id = any(%(items)s) order by id for update;

-- name: items_of_buckets
select distinct item_id from inventory_bucket where id = any(%(ids)s::uuid[]);

-- name: list_movable
-- Pegs to supply of items that could go over to later supply, as far as a look at each alone can tell.
select c.id, c.demand_id, c.bucket_id, b.item_id, b.site_id, s.code, b.kind, b.available_on, c.quantity, c.need_on,
       c.priority, c.demand_class
from promising_commitment c
join inventory_bucket b on b.id = c.bucket_id
join inventory_site s on s.id = b.site_id
where b.item_id = any(%(items)s) and not c.is_pinned and c.need_on > %(on)s
  and exists (
    select from inventory_bucket l
    where l.item_id = b.item_id and l.site_id = b.site_id and l.available_on between %(on)s and c.need_on
      and l.available_on > coalesce(b.available_on, '-infinity')
  )
order by c.id;

-- name: pin_pegs
update promising_commitment set is_pinned = %(pinned)s
where demand_id = any(%(demands)s) and is_pinned <> %(pinned)s;

-- name: lock_supply_of_demands
-- The supply that demands hold. Every change of a peg begins with the lock on its bucket.
select id from inventory_bucket
where id in (select bucket_id from promising_commitment where demand_id = any(%(demands)s))
order by id for update;

-- name: lock_supply_to_exchange
-- What demands hold and what may be asked for instead.
select id from inventory_bucket
where item_id = any(%(items)s::uuid[])
   or id in (select bucket_id from promising_commitment where demand_id = any(%(demands)s::uuid[]))
order by id for update;

-- name: list_pegs
select c.id, c.demand_id, c.bucket_id, b.item_id, b.site_id, s.code, b.kind, b.available_on, c.quantity, c.need_on,
       c.priority, c.demand_class
from promising_commitment c
join inventory_bucket b on b.id = c.bucket_id
join inventory_site s on s.id = b.site_id
where c.demand_id = any(%(demands)s)
order by c.demand_id, c.need_on, c.id;

-- name: list_pegged_to
-- Who holds the supply of buckets, soonest need first.
select c.id, c.demand_id, c.bucket_id, b.item_id, b.site_id, s.code, b.kind, b.available_on, c.quantity, c.need_on,
       c.priority, c.demand_class
from promising_commitment c
join inventory_bucket b on b.id = c.bucket_id
join inventory_site s on s.id = b.site_id
where c.bucket_id = any(%(buckets)s)
order by c.need_on, c.priority, c.id;

-- name: find_on_hand
-- Demands with pegs, all of them to stock on hand.
select c.demand_id
from promising_commitment c join inventory_bucket b on b.id = c.bucket_id
where c.demand_id = any(%(demands)s)
group by c.demand_id
having bool_and(b.kind = 'on_hand');

-- name: delete_pegs
delete from promising_commitment where id = any(%(ids)s);

-- name: shrink_pegs
update promising_commitment c set quantity = c.quantity - s.quantity
from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as s(id, quantity)
where c.id = s.id;

-- name: add_pegs
-- Pegs gained; a demand that already holds of the bucket holds more of it.
insert into promising_commitment as c (id, demand_id, bucket_id, quantity, need_on, priority, demand_class)
select * from unnest(
  %(ids)s::uuid[], %(demands)s::uuid[], %(buckets)s::uuid[], %(quantities)s::numeric[], %(days)s::date[],
  %(priorities)s::integer[], %(classes)s::text[]
)
on conflict (demand_id, bucket_id) do update set
  quantity = c.quantity + excluded.quantity, need_on = least(c.need_on, excluded.need_on);

-- name: list_availability
-- Supply by item and site: on hand, then what is expected by day.
select b.item_id, b.site_id, s.code, b.available_on, sum(b.quantity), sum(b.drawn)
from inventory_bucket b join inventory_site s on s.id = b.site_id
where b.item_id = any(%(items)s) and b.quantity > 0
group by b.item_id, b.site_id, s.code, b.available_on
order by b.item_id, s.code, b.available_on nulls first;

-- name: end_lanes
delete from promising_lane l
using unnest(%(sites)s::text[], %(countries)s::text[], %(regions)s::text[]) as given (site, country, region),
  inventory_site s
where s.code = given.site and l.site_id = s.id and l.country = given.country and l.region = given.region
returning l.id, given.site, given.country, given.region;
