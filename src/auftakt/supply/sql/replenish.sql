-- name: find_policy_names
-- Suppliers in use and what is needed to say whether a policy has a source: who delivers an item, where it is made.
select 'supplier', p.number, p.id, null::uuid from parties_party p
where p.number = any(%(suppliers)s::text[]) and p.is_supplier
union all
select distinct 'buy', '', t.item_id, t.supplier_id from supply_supplieritem t
where t.item_id = any(%(items)s::uuid[]) and t.is_active
union all
select distinct 'make', '', r.item_id, r.site_id from supply_routing r where r.item_id = any(%(items)s::uuid[]);

-- name: save_policies
-- Policies by item and site; only what differs is written, and comes back.
insert into supply_replenishmentpolicy as p
  (id, item_id, site_id, method, source, supplier_id, from_site_id, reorder_point, maximum, lot, multiple, cover_days,
   review_days, safety_stock, service_level, demand_days, demand_per_day, lead_days, buyer)
select w.* from unnest(
  %(ids)s::uuid[], %(items)s::uuid[], %(sites)s::uuid[], %(methods)s::text[], %(sources)s::text[],
  %(suppliers)s::uuid[], %(from_sites)s::uuid[], %(reorder_points)s::numeric[], %(maximums)s::numeric[],
  %(lots)s::numeric[], %(multiples)s::numeric[], %(cover_days)s::int[], %(review_days)s::int[],
  %(safety_stocks)s::numeric[], %(service_levels)s::numeric[], %(demand_days)s::int[],
  %(demands_per_day)s::numeric[], %(lead_days)s::int[], %(buyers)s::text[])
  as w(id, item, site, method, source, supplier, from_site, reorder_point, maximum, lot, multiple, cover_days,
       review_days, safety_stock, service_level, demand_days, demand_per_day, lead_days, buyer)
order by w.item, w.site
on conflict (item_id, site_id) do update
set method = excluded.method, source = excluded.source, supplier_id = excluded.supplier_id,
    from_site_id = excluded.from_site_id, reorder_point = excluded.reorder_point, maximum = excluded.maximum,
    lot = excluded.lot, multiple = excluded.multiple, cover_days = excluded.cover_days,
    review_days = excluded.review_days, safety_stock = excluded.safety_stock,
    service_level = excluded.service_level, demand_days = excluded.demand_days,
    demand_per_day = excluded.demand_per_day, lead_days = excluded.lead_days, buyer = excluded.buyer
where (p.method, p.source, p.supplier_id, p.from_site_id, p.reorder_point, p.maximum, p.lot, p.multiple, p.cover_days,
       p.review_days, p.safety_stock, p.service_level, p.demand_days, p.demand_per_day, p.lead_days, p.buyer)
  is distinct from
      (excluded.method, excluded.source, excluded.supplier_id, excluded.from_site_id, excluded.reorder_point,
       excluded.maximum, excluded.lot, excluded.multiple, excluded.cover_days, excluded.review_days,
       excluded.safety_stock, excluded.service_level, excluded.demand_days, excluded.demand_per_day,
       excluded.lead_days, excluded.buyer)
returning p.item_id, p.site_id;

-- name: policy_ids
select item_id, site_id, id from supply_replenishmentpolicy
where (item_id, site_id) in (select * from unnest(%(items)s::uuid[], %(sites)s::uuid[]));

-- name: policies
-- Policies by item and site, after a position (sku, site code).
select p.id, p.item_id, i.sku, i.name, i.unit_id, p.site_id, s.code, p.method, p.source, coalesce(v.number, ''),
       coalesce(f.code, ''), p.reorder_point, p.maximum, p.lot, p.multiple, p.cover_days, p.review_days, p.reviewed_on,
       p.safety_stock, p.service_level, p.demand_days, p.demand_per_day, p.lead_days, p.buyer
from supply_replenishmentpolicy p
join catalog_item i on i.id = p.item_id
join inventory_site s on s.id = p.site_id
left join parties_party v on v.id = p.supplier_id
left join inventory_site f on f.id = p.from_site_id
where (%(ids)s::uuid[] is null or p.id = any(%(ids)s::uuid[]))
  and (%(items)s::uuid[] is null or p.item_id = any(%(items)s::uuid[]))
  and (%(skus)s::text[] is null or i.sku = any(%(skus)s::text[]))
  and (%(site)s::uuid is null or p.site_id = %(site)s::uuid)
  and (%(after_sku)s::text is null or (i.sku, s.code) > (%(after_sku)s::text, %(after_site)s::text))
order by i.sku, s.code
limit %(limit)s::int;

-- name: save_replenishment_limits
insert into supply_replenishmentlimit as l (id, site_id, buyer, currency, amount, internal)
select w.* from unnest(%(ids)s::uuid[], %(sites)s::uuid[], %(buyers)s::text[], %(currencies)s::text[],
                       %(amounts)s::numeric[], %(internals)s::bool[]) as w(id, site, buyer, currency, amount, internal)
order by w.site, w.buyer, w.currency
on conflict (site_id, buyer, currency) do update set amount = excluded.amount, internal = excluded.internal
where (l.amount, l.internal) <> (excluded.amount, excluded.internal)
returning l.id, l.site_id, l.buyer, l.currency;

-- name: replenishment_limits
select l.currency, l.amount, coalesce(s.code, ''), l.buyer, l.internal
from supply_replenishmentlimit l left join inventory_site s on s.id = l.site_id
order by 3, 4, 1;

-- name: save_supplier_terms
insert into supply_supplierterms as t (id, supplier_id, currency, minimum_order)
select w.* from unnest(%(ids)s::uuid[], %(suppliers)s::uuid[], %(currencies)s::text[], %(minimums)s::numeric[])
  as w(id, supplier, currency, minimum)
order by w.supplier
on conflict (supplier_id) do update set currency = excluded.currency, minimum_order = excluded.minimum_order
where (t.currency, t.minimum_order) <> (excluded.currency, excluded.minimum_order)
returning t.id, t.supplier_id;

-- name: supplier_terms
select p.number, t.minimum_order, t.currency
from supply_supplierterms t join parties_party p on p.id = t.supplier_id
order by p.number;

-- name: order_currencies
-- The currency that a supplier's minimum is in: what is ordered of it is priced in that where there are such prices.
select supplier_id, currency from supply_supplierterms;

-- name: insert_run
insert into supply_replenishmentrun
  (id, serial, number, day, site_id, job_id, state, looked, proposed, sourceless, released, actor, created_at)
values (%(id)s, %(serial)s, %(number)s, %(day)s, %(site)s, %(job)s, 'running', 0, 0, 0, 0, %(actor)s, %(at)s);

-- name: runs
-- Runs, the latest first.
select r.id, r.serial, r.number, r.day, coalesce(s.code, ''), r.job_id, r.state, r.looked, r.proposed, r.sourceless,
       r.released, r.actor, r.created_at, r.finished_at
from supply_replenishmentrun r left join inventory_site s on s.id = r.site_id
where (%(ids)s::uuid[] is null or r.id = any(%(ids)s::uuid[]))
  and (%(before)s::bigint is null or r.serial < %(before)s::bigint)
order by r.serial desc
limit %(limit)s::int;

-- name: unfinished_runs
-- Runs that are not through, with their jobs.
select id, number, job_id from supply_replenishmentrun where state = 'running' order by id;

-- name: count_run
update supply_replenishmentrun
set looked = looked + %(looked)s, proposed = proposed + %(proposed)s, sourceless = sourceless + %(sourceless)s,
    released = released + %(released)s
where id = %(id)s;

-- name: end_run
update supply_replenishmentrun set state = 'done', finished_at = %(at)s where id = %(id)s;

-- name: count_policies
select count(*) from supply_replenishmentpolicy
where method <> 'none' and (%(site)s::uuid is null or site_id = %(site)s::uuid);

-- name: chunk_end
-- The last item of the next chunk: about so many policies, and all those of its items.
select max(item_id::text)::uuid from (
  select item_id from supply_replenishmentpolicy
  where item_id > %(after)s::uuid order by item_id limit %(size)s
) p;

-- name: replenish_rows
-- Policies of a range of items with the demand of their days and with what there is, is expected, is held and waits.
-- Demand is what left for customers and went into production, by calendar day of the site, up to yesterday.
with policy as materialized (
  select p.*, s.time_zone, u.decimals, l.id as location_id,
         (%(day)s::date - p.demand_days)::timestamp at time zone s.time_zone as since,
         %(day)s::date::timestamp at time zone s.time_zone as until
  from supply_replenishmentpolicy p
  join catalog_item i on i.id = p.item_id and i.state = 'active'
  join catalog_unitofmeasure u on u.code = i.unit_id
  join inventory_site s on s.id = p.site_id and s.is_open
  join inventory_location l on l.site_id = s.id and l.kind = 'stock'
  where p.item_id > %(after)s::uuid and p.item_id <= %(upto)s::uuid and p.method <> 'none'
    and (%(site)s::uuid is null or p.site_id = %(site)s::uuid)
    and not exists (
      select from supply_proposal x join supply_replenishmentrun r on r.id = x.run_id
      where x.item_id = p.item_id and x.site_id = p.site_id and x.state = 'rejected' and r.day = %(day)s::date)
), moved as (
  select m.item_id, m.taken_from_id, m.at, m.quantity
  from inventory_move m
  where m.item_id > %(after)s::uuid and m.item_id <= %(upto)s::uuid
    and m.reason in ('shipment', 'issued_to_work')
    and m.at >= (select min(since) from policy) and m.at < (select max(until) from policy)
), daily as (
  select p.id, (m.at at time zone p.time_zone)::date as day, sum(m.quantity)::float8 as quantity
  from moved m join policy p on p.item_id = m.item_id and p.location_id = m.taken_from_id
  where m.at >= p.since and m.at < p.until and p.demand_days > 0
  group by 1, 2
), demand as (
  select id, sum(quantity) as total, sum(quantity * quantity) as squares from daily group by id
), stock as (
  select b.item_id, b.site_id, sum(b.quantity) filter (where b.kind = 'on_hand') as on_hand,
         sum(b.quantity) filter (where b.kind <> 'on_hand') as expected, sum(b.drawn) as drawn
  from inventory_bucket b
  where b.item_id > %(after)s::uuid and b.item_id <= %(upto)s::uuid
    and b.kind in ('on_hand', 'purchase', 'transfer', 'work_order') and b.quantity > 0
  group by 1, 2
), waiting as (
  select item_id, site_id, sum(quantity) as planned from (
    select x.item_id, x.site_id, x.quantity from supply_proposal x
    where x.state in ('proposed', 'held') and x.item_id > %(after)s::uuid and x.item_id <= %(upto)s::uuid
    union all
    select l.item_id, o.site_id, l.ordered - l.cancelled
    from supply_purchaseorder o join supply_purchaseorderline l on l.purchase_order_id = o.id
    where o.state = 'draft' and l.item_id > %(after)s::uuid and l.item_id <= %(upto)s::uuid
    union all
    select l.item_id, o.to_site_id, l.quantity - l.cancelled
    from supply_transferorder o join supply_transferorderline l on l.transfer_id = o.id
    where o.state = 'draft' and l.item_id > %(after)s::uuid and l.item_id <= %(upto)s::uuid
    union all
    select w.item_id, w.site_id, w.quantity - w.cancelled
    from supply_workorder w
    where w.state = 'draft' and w.item_id > %(after)s::uuid and w.item_id <= %(upto)s::uuid
  ) all_waiting group by 1, 2
)
select p.id, p.item_id, p.site_id, p.method, p.source, p.supplier_id, p.from_site_id, p.reorder_point, p.maximum, p.lot,
       p.multiple, p.cover_days, p.review_days, p.reviewed_on, p.safety_stock, p.service_level, p.demand_days,
       p.demand_per_day, p.lead_days, p.buyer, p.decimals, coalesce(d.total, 0), coalesce(d.squares, 0),
       coalesce(s.on_hand, 0), coalesce(s.expected, 0), coalesce(s.drawn, 0), coalesce(w.planned, 0)
from policy p
left join demand d on d.id = p.id
left join stock s on s.item_id = p.item_id and s.site_id = p.site_id
left join waiting w on w.item_id = p.item_id and w.site_id = p.site_id;

-- name: replenish_suppliers
-- Who delivers the items of a range, how long that took lately (three receipts and more count), or should take.
with took as (
  select o.supplier_id, l.item_id, count(*) as receipts, sum(t.days)::float8 as total,
         sum(t.days * t.days)::float8 as squares
  from supply_purchaseorderline l
  join supply_purchaseorder o on o.id = l.purchase_order_id
  join inventory_site s on s.id = o.site_id
  join inventory_move m on m.reference_id = l.id and m.reason in ('purchase', 'quarantine')
  cross join lateral (select greatest((m.at at time zone s.time_zone)::date - o.ordered_on, 0) as days) t
  where l.item_id > %(after)s::uuid and l.item_id <= %(upto)s::uuid and l.received + l.inspecting + l.rejected > 0
    and o.ordered_on >= %(day)s::date - 365
  group by 1, 2 having count(*) >= 3
)
select t.item_id, t.supplier_id, t.rank, t.lead_time_days, t.minimum, t.multiple, t.id, k.receipts, k.total, k.squares
from supply_supplieritem t
join parties_party p on p.id = t.supplier_id and p.is_supplier and p.status <> 'blocked'
left join took k on k.supplier_id = t.supplier_id and k.item_id = t.item_id
where t.item_id > %(after)s::uuid and t.item_id <= %(upto)s::uuid and t.is_active;

-- name: replenish_routings
-- How long the items of a range take to be made, in calendar days: working days by the weekdays of the site.
select r.item_id, r.site_id, ceil(r.lead_days * 7.0 / coalesce(length(c.weekdays), 7))::float8
from supply_routing r
join inventory_site s on s.id = r.site_id
left join inventory_calendar c on c.id = s.ships_by_id
where r.item_id > %(after)s::uuid and r.item_id <= %(upto)s::uuid;

-- name: transit_days
-- How long transfers between sites took to be planned lately.
select from_site_id, to_site_id, avg(transit_days)::float8
from supply_transferorder
where ship_on >= %(day)s::date - 365 and state <> 'cancelled'
group by 1, 2;

-- name: note_reviews
update supply_replenishmentpolicy set reviewed_on = %(day)s where id = any(%(ids)s::uuid[]);

-- name: hold_small_orders
-- What is proposed to order of a supplier for a site waits while all of it is worth less than the supplier's minimum.
with sums as (
  select p.supplier_id, p.site_id, p.currency,
         coalesce(sum(p.value), 0) < t.minimum_order as small
  from supply_proposal p
  join supply_supplierterms t on t.supplier_id = p.supplier_id and t.currency = p.currency
  where p.state in ('proposed', 'held') and p.kind = 'purchase'
  group by p.supplier_id, p.site_id, p.currency, t.minimum_order
)
update supply_proposal p
set state = case when s.small then 'held' else 'proposed' end
from sums s
where p.supplier_id = s.supplier_id and p.site_id = s.site_id and p.currency = s.currency
  and p.kind = 'purchase' and p.state = case when s.small then 'proposed' else 'held' end
returning p.id, p.state;

-- name: releasable
-- Proposals that need nobody: all that is proposed of a supplier for a site is within the limit of each of its buyers;
-- transfers and work orders where the limit says so. Whole orders after a position (the serial of their first).
with open as (
  select p.id, p.serial, p.kind, p.supplier_id, p.from_site_id, p.site_id, p.currency, p.value, l.amount, l.internal,
         case p.kind when 'work_order' then p.id else coalesce(p.supplier_id, p.from_site_id) end as party
  from supply_proposal p
  left join lateral (
    select l.amount, l.internal from supply_replenishmentlimit l
    where (l.site_id is null or l.site_id = p.site_id) and (l.buyer = '' or l.buyer = p.buyer)
      and (p.kind <> 'purchase' or l.currency = p.currency)
    order by (l.site_id is not null)::int * 2 + (l.buyer <> '')::int desc, l.internal
    limit 1
  ) l on true
  where p.state = 'proposed'
), groups as (
  select kind, party, site_id, currency, min(serial) as first, array_agg(id order by serial) as ids
  from open
  group by 1, 2, 3, 4
  having case kind
    when 'purchase' then bool_and(value is not null and amount is not null) and sum(value) <= min(amount)
    else bool_and(coalesce(internal, false)) end
)
select first, ids from groups where first > %(after)s order by first limit %(limit)s;

-- name: lock_proposals
-- Proposals in key order, for whoever decides on them.
select id, state from supply_proposal where id = any(%(ids)s::uuid[]) order by id for update;

-- name: proposals
-- Proposals with the words of what they name: by id, of a run, or in states, after a serial.
select p.id, p.serial, p.run_id, r.number, r.day, p.item_id, i.sku, i.name, i.unit_id, u.decimals, p.site_id, s.code,
       p.kind, p.state, p.supplier_id, coalesce(v.number, ''), coalesce(v.name, ''), coalesce(f.code, ''), p.buyer,
       p.method, p.quantity, p.unit_cost, p.currency, p.value, p.due_on, p.demand_days, p.demand_measured,
       p.demand_per_day, p.demand_deviation, p.lead_receipts, p.lead_days, p.lead_deviation, p.review_days,
       p.service_level, p.safety_stock, p.reorder_point, p.on_hand, p.expected, p.drawn, p.planned, p.position,
       p.target, p.raw, p.minimum, p.multiple, p.order_id, p.order_number, p.decided_by, p.decided_at, p.note,
       t.minimum_order
from supply_proposal p
join supply_replenishmentrun r on r.id = p.run_id
join catalog_item i on i.id = p.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
join inventory_site s on s.id = p.site_id
left join parties_party v on v.id = p.supplier_id
left join inventory_site f on f.id = p.from_site_id
left join supply_supplierterms t on t.supplier_id = p.supplier_id and t.currency = p.currency
where (%(ids)s::uuid[] is null or p.id = any(%(ids)s::uuid[]))
  and (%(run)s::uuid is null or p.run_id = %(run)s::uuid)
  and (%(states)s::text[] is null or p.state = any(%(states)s::text[]))
  and (%(site)s::uuid is null or p.site_id = %(site)s::uuid)
  and (%(after)s::bigint is null or p.serial > %(after)s::bigint)
order by p.serial
limit %(limit)s::int;

-- name: release_proposals
update supply_proposal p
set state = 'released', order_id = w.order_id, line_id = w.line_id, order_number = w.number, decided_by = %(actor)s,
    decided_at = %(at)s
from unnest(%(ids)s::uuid[], %(orders)s::uuid[], %(lines)s::uuid[], %(numbers)s::text[])
  as w(id, order_id, line_id, number)
where p.id = w.id;

-- name: reject_proposals
update supply_proposal
set state = 'rejected', decided_by = %(actor)s, decided_at = %(at)s, note = %(note)s
where id = any(%(ids)s::uuid[]);

-- name: replenish_products
-- The items of a range with their brand and their categories, the item's own first, up to the root.
with recursive wanted as (
  select distinct i.id, i.brand_id, i.category_id
  from supply_replenishmentpolicy p join catalog_item i on i.id = p.item_id
  where p.item_id > %(after)s::uuid and p.item_id <= %(upto)s::uuid
), up as (
  select c.id as leaf, c.id as node, c.parent_id, 0 as height from catalog_category c
  where c.id in (select category_id from wanted)
  union all
  select u.leaf, c.id, c.parent_id, u.height + 1 from up u join catalog_category c on c.id = u.parent_id
), chains as (
  select leaf, array_agg(node order by height) as nodes from up group by leaf
)
select w.id, w.brand_id, coalesce(c.nodes, '{}') from wanted w left join chains c on c.leaf = w.category_id;

-- name: ordered_lately
-- What was ordered of the items of a range in ninety days, or waits to be, by where it comes from: shares divide that.
select kind, item_id, site_id, party_id, sum(quantity) from (
  select 'buy' as kind, l.item_id, o.site_id, o.supplier_id as party_id, l.ordered - l.cancelled as quantity
  from supply_purchaseorderline l join supply_purchaseorder o on o.id = l.purchase_order_id
  where l.item_id > %(after)s::uuid and l.item_id <= %(upto)s::uuid and o.ordered_on >= %(day)s::date - 90
  union all
  select 'transfer', l.item_id, o.to_site_id, o.from_site_id, l.quantity - l.cancelled
  from supply_transferorderline l join supply_transferorder o on o.id = l.transfer_id
  where l.item_id > %(after)s::uuid and l.item_id <= %(upto)s::uuid and o.ship_on >= %(day)s::date - 90
  union all
  select 'make', w.item_id, w.site_id, null, w.quantity - w.cancelled
  from supply_workorder w
  where w.item_id > %(after)s::uuid and w.item_id <= %(upto)s::uuid and w.starts_on >= %(day)s::date - 90
  union all
  select case p.kind when 'purchase' then 'buy' when 'transfer' then 'transfer' else 'make' end, p.item_id, p.site_id,
         coalesce(p.supplier_id, p.from_site_id), p.quantity
  from supply_proposal p
  where p.item_id > %(after)s::uuid and p.item_id <= %(upto)s::uuid and p.state in ('proposed', 'held')
) every_order
group by 1, 2, 3, 4;
