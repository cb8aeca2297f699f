-- name: list_sites
select s.id, s.code, s.name, s.kind, s.country, s.region, s.time_zone, s.is_open, s.ships_orders, s.processing_days,
       s.street, s.postal_code, s.city, coalesce(o.code, ''), coalesce(i.code, ''), s.cut_off,
       coalesce(p.number, '')
from inventory_site s
left join parties_party p on p.id = s.supplier_id
left join inventory_calendar o on o.id = s.ships_by_id
left join inventory_calendar i on i.id = s.receives_by_id
order by s.code;

-- name: list_calendars
select id, code, name, weekdays, country, subdivision from inventory_calendar order by code;

-- name: list_exceptions
select calendar_id, day, is_working, note from inventory_calendarexception order by calendar_id, day;

-- name: bucket_rows
-- Everything that can still be drawn, and the horizon from which to follow changes.
select b.id, b.item_id, b.site_id, b.kind, b.available_on, b.quantity, b.drawn
from inventory_bucket b
where b.quantity > b.drawn;

-- name: snapshot_horizon
-- Every transaction below it has ended.
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

-- name: buckets_changed
-- Absolute state of buckets written by a transaction at or after `since`, and in the same snapshot the horizon to ask
-- from next time. There is always a row: without changes it carries the horizon only.
select b.id, b.item_id, b.site_id, b.kind, b.available_on, b.quantity, b.drawn, h.horizon
from (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon) h
left join inventory_bucket b on b.changed_tx >= %(since)s::text::xid8;

-- name: stock
-- On hand, promised and expected per item and site, in the order of SKU and site code, from a position on.
select i.id, i.sku, i.name, i.unit_id, s.id, s.code,
       coalesce(sum(b.quantity) filter (where b.kind = 'on_hand'), 0),
       coalesce(sum(b.drawn) filter (where b.kind = 'on_hand'), 0),
       coalesce(sum(b.quantity) filter (where b.kind <> 'on_hand'), 0),
       coalesce(sum(b.drawn) filter (where b.kind <> 'on_hand'), 0),
       min(b.available_on) filter (where b.quantity > 0)
from inventory_bucket b
join catalog_item i on i.id = b.item_id
join inventory_site s on s.id = b.site_id
where (%(items)s::uuid[] is null or b.item_id = any(%(items)s::uuid[]))
  and (%(sites)s::uuid[] is null or b.site_id = any(%(sites)s::uuid[]))
group by i.id, s.id
order by i.sku, s.code;

-- name: list_stock
-- A page of stock: items by SKU or name, optionally at one site, after a position (SKU, site code).
select i.id, i.sku, i.name, i.unit_id, s.id, s.code,
       coalesce(sum(b.quantity) filter (where b.kind = 'on_hand'), 0),
       coalesce(sum(b.drawn) filter (where b.kind = 'on_hand'), 0),
       coalesce(sum(b.quantity) filter (where b.kind <> 'on_hand'), 0),
       coalesce(sum(b.drawn) filter (where b.kind <> 'on_hand'), 0),
       min(b.available_on) filter (where b.quantity > 0)
from (
  select c.id, c.sku, c.name, c.unit_id
  from catalog_item c
  where c.sku >= %(after_sku)s::text
    and (%(text)s::text = '' or c.sku ilike '%%' || %(text)s::text || '%%'
         or c.name ilike '%%' || %(text)s::text || '%%')
    and exists (select from inventory_bucket e
                where e.item_id = c.id and (%(site)s::uuid is null or e.site_id = %(site)s::uuid))
  order by c.sku
  limit %(limit)s::int + 1
) i
join inventory_bucket b on b.item_id = i.id
join inventory_site s on s.id = b.site_id
where (%(site)s::uuid is null or b.site_id = %(site)s::uuid)
  and (i.sku, s.code) > (%(after_sku)s::text, %(after_site)s::text)
group by i.id, i.sku, i.name, i.unit_id, s.id
order by i.sku, s.code
limit %(limit)s::int;

-- name: stock_at
-- What lay at each site at an instant, from the ledger alone: all that was put there less all that was taken.
select m.item_id, m.site_id, sum(m.quantity)
from (
  select v.item_id, l.site_id, v.quantity, v.at
  from inventory_move v join inventory_location l on l.id = v.put_to_id where l.kind = 'stock'
  union all
  select v.item_id, l.site_id, -v.quantity, v.at
  from inventory_move v join inventory_location l on l.id = v.taken_from_id where l.kind = 'stock'
) m
where m.at <= %(instant)s
  and (%(items)s::uuid[] is null or m.item_id = any(%(items)s::uuid[]))
  and (%(sites)s::uuid[] is null or m.site_id = any(%(sites)s::uuid[]))
group by 1, 2
having sum(m.quantity) <> 0
order by 1, 2;

-- name: list_buckets
-- The supply of items, soonest first.
select b.id, b.item_id, i.sku, b.site_id, s.code, b.kind, b.available_on, b.quantity, b.drawn, b.reference_id
from inventory_bucket b
join catalog_item i on i.id = b.item_id
join inventory_site s on s.id = b.site_id
where b.item_id = any(%(items)s::uuid[]) and b.quantity > 0
order by i.sku, b.available_on nulls first, s.code, b.id;

-- name: buckets_by_id
select b.id, b.item_id, i.sku, b.site_id, s.code, b.kind, b.available_on, b.quantity, b.drawn, b.reference_id
from inventory_bucket b
join catalog_item i on i.id = b.item_id
join inventory_site s on s.id = b.site_id
where b.id = any(%(ids)s::uuid[]) or b.reference_id = any(%(references)s::uuid[])
order by b.id;

-- name: list_moves
-- The ledger of an item, optionally at one site, latest first, before a position (instant, id).
select m.id, m.item_id, i.sku, m.quantity, coalesce(fs.code, f.kind), coalesce(ts.code, t.kind), m.at, m.actor,
       m.reason, m.note, m.reference_id, m.reverses_id, r.id
from inventory_move m
join catalog_item i on i.id = m.item_id
join inventory_location f on f.id = m.taken_from_id
left join inventory_site fs on fs.id = f.site_id
join inventory_location t on t.id = m.put_to_id
left join inventory_site ts on ts.id = t.site_id
left join inventory_move r on r.reverses_id = m.id
where m.item_id = %(item)s::uuid
  and (%(site)s::uuid is null or f.site_id = %(site)s::uuid or t.site_id = %(site)s::uuid)
  and (%(before_at)s::timestamptz is null or (m.at, m.id) < (%(before_at)s::timestamptz, %(before_id)s::uuid))
order by m.at desc, m.id desc
limit %(limit)s::int;

-- name: known_references
select distinct reference_id from inventory_move where reference_id = any(%(references)s::uuid[]);

-- name: list_places
-- Where items lie at a site.
select p.item_id, p.site_id, b.id, b.code, b.walk
from inventory_placing p join inventory_bin b on b.id = p.bin_id
where p.site_id = %(site)s and (%(items)s::uuid[] is null or p.item_id = any(%(items)s::uuid[]))
order by b.walk collate "C", b.code, p.item_id;

-- name: list_shelves
-- What lies in the bins of a site, in the order they are walked past, from one bin to another (both may be empty).
select b.code, b.walk, i.id, i.sku, i.name, i.unit_id, i.gtin, coalesce(h.quantity, 0), coalesce(h.drawn, 0),
       i.tracking
from inventory_bin b
join inventory_placing p on p.bin_id = b.id
join catalog_item i on i.id = p.item_id
left join inventory_bucket h on h.item_id = p.item_id and h.site_id = b.site_id and h.kind = 'on_hand'
where b.site_id = %(site)s
  and (%(first)s::text = '' or b.walk collate "C" >=
       (select f.walk from inventory_bin f where f.site_id = %(site)s and f.code = %(first)s))
  and (%(last)s::text = '' or b.walk collate "C" <=
       (select t.walk from inventory_bin t where t.site_id = %(site)s and t.code = %(last)s))
  and (%(items)s::uuid[] is null or i.id = any(%(items)s::uuid[]))
order by b.walk collate "C", b.code, i.sku
limit %(limit)s;

-- name: on_hand_buckets
-- The on-hand buckets of item and site pairs.
select b.item_id, b.site_id, b.id
from inventory_bucket b
where b.kind = 'on_hand'
  and (b.item_id, b.site_id) in (select * from unnest(%(items)s::uuid[], %(sites)s::uuid[]));

-- name: free_of_buckets
select b.id, b.quantity - b.drawn from inventory_bucket b where b.id = any(%(ids)s::uuid[]);
