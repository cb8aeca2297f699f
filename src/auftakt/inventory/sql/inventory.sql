-- name: save_sites
-- Sites by code: new ones are added, changed ones changed, equal ones left alone. `made` tells a new one.
insert into inventory_site as s (id, code, name, kind, street, postal_code, city, region, country, time_zone, is_open,
                                 ships_orders, processing_days, ships_by_id, receives_by_id, cut_off, supplier_id)
select w.id, w.code, w.name, w.kind, w.street, w.postal_code, w.city, w.region, w.country, w.time_zone, w.is_open,
       w.ships_orders, w.processing_days, o.id, i.id, w.cut_off, p.id
from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(kinds)s::text[], %(streets)s::text[],
            %(postal_codes)s::text[], %(cities)s::text[], %(regions)s::text[], %(countries)s::text[],
            %(time_zones)s::text[], %(are_open)s::bool[], %(ship_orders)s::bool[], %(processing_days)s::int[],
            %(shipping)s::text[], %(receiving)s::text[], %(cut_offs)s::time[], %(suppliers)s::text[])
  as w(id, code, name, kind, street, postal_code, city, region, country, time_zone, is_open, ships_orders,
       processing_days, shipping, receiving, cut_off, supplier)
left join inventory_calendar o on o.code = w.shipping
left join inventory_calendar i on i.code = w.receiving
left join parties_party p on p.number = w.supplier
order by w.code
on conflict (code) do update
set name = excluded.name, kind = excluded.kind, street = excluded.street, postal_code = excluded.postal_code,
    city = excluded.city, region = excluded.region, country = excluded.country, time_zone = excluded.time_zone,
    is_open = excluded.is_open, ships_orders = excluded.ships_orders, processing_days = excluded.processing_days,
    ships_by_id = excluded.ships_by_id, receives_by_id = excluded.receives_by_id, cut_off = excluded.cut_off,
    supplier_id = excluded.supplier_id
where (s.name, s.kind, s.street, s.postal_code, s.city, s.region, s.country, s.time_zone, s.is_open, s.ships_orders,
       s.processing_days, s.ships_by_id, s.receives_by_id, s.cut_off, s.supplier_id)
   is distinct from
      (excluded.name, excluded.kind, excluded.street, excluded.postal_code, excluded.city, excluded.region,
       excluded.country, excluded.time_zone, excluded.is_open, excluded.ships_orders, excluded.processing_days,
       excluded.ships_by_id, excluded.receives_by_id, excluded.cut_off, excluded.supplier_id)
returning s.id, s.code;

-- name: known_suppliers
select number from parties_party where is_supplier and number = any(%(numbers)s::text[]);

-- name: known_calendars
select code from inventory_calendar where code = any(%(codes)s::text[]);

-- name: save_calendars
-- Calendars by code: new ones are added, changed ones changed. Their exceptions are told apart beside.
insert into inventory_calendar as c (id, code, name, weekdays, country, subdivision)
select * from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(weekdays)s::text[], %(countries)s::text[],
                     %(subdivisions)s::text[])
order by 2
on conflict (code) do update
set name = excluded.name, weekdays = excluded.weekdays, country = excluded.country, subdivision = excluded.subdivision
where (c.name, c.weekdays, c.country, c.subdivision)
   is distinct from (excluded.name, excluded.weekdays, excluded.country, excluded.subdivision)
returning c.code;

-- name: calendar_ids
select code, id from inventory_calendar where code = any(%(codes)s::text[]);

-- name: end_exceptions
-- Exceptions that the drafts do not name any more.
with gone as (
  delete from inventory_calendarexception x
  where x.calendar_id = any(%(calendars)s::uuid[])
    and (x.calendar_id, x.day) not in (select * from unnest(%(of)s::uuid[], %(days)s::date[]))
  returning x.calendar_id
)
select distinct calendar_id from gone;

-- name: save_exceptions
insert into inventory_calendarexception as x (id, calendar_id, day, is_working, note)
select * from unnest(%(ids)s::uuid[], %(of)s::uuid[], %(days)s::date[], %(working)s::bool[], %(notes)s::text[])
order by 2, 3
on conflict (calendar_id, day) do update set is_working = excluded.is_working, note = excluded.note
where (x.is_working, x.note) is distinct from (excluded.is_working, excluded.note)
returning x.calendar_id;

-- name: ensure_locations
-- The stock location of each site, and the locations without a site that moves come from and go to.
insert into inventory_location (id, code, kind, site_id)
select w.id, w.code, w.kind, s.id
from unnest(%(ids)s::uuid[], %(codes)s::text[], %(kinds)s::text[]) as w(id, code, kind)
left join inventory_site s on s.code = w.code and w.kind = 'stock'
order by w.code
on conflict do nothing;

-- name: site_ids
select code, id from inventory_site where code = any(%(codes)s::text[]);

-- name: find_places
-- Sites named by id or code with their stock location; and every location without a site.
select l.id, l.kind, s.id as site_id, s.code, s.is_open
from inventory_location l
left join inventory_site s on s.id = l.site_id
where l.site_id is null or (l.kind = 'stock' and (s.id = any(%(ids)s::uuid[]) or s.code = any(%(codes)s::text[])));

-- name: lock_on_hand
-- The on-hand buckets of item and site pairs, locked in key order.
select b.id, b.item_id, b.site_id, b.quantity, b.drawn
from inventory_bucket b
where b.kind = 'on_hand'
  and (b.item_id, b.site_id) in (select * from unnest(%(items)s::uuid[], %(sites)s::uuid[]))
order by b.id
for update;

-- name: add_on_hand
-- First stock of an item at a site: its bucket is made; one made by another meanwhile is added to.
insert into inventory_bucket as b (id, item_id, site_id, kind, quantity, drawn, changed_tx)
select w.id, w.item, w.site, 'on_hand', w.change, 0, pg_current_xact_id()
from unnest(%(ids)s::uuid[], %(items)s::uuid[], %(sites)s::uuid[], %(changes)s::numeric[]) as w(id, item, site, change)
order by w.item, w.site
on conflict (item_id, site_id) where kind = 'on_hand'
do update set quantity = b.quantity + excluded.quantity, changed_tx = pg_current_xact_id();

-- name: change_on_hand
-- Net changes to locked on-hand buckets; the CHECK is the last guard.
update inventory_bucket b
set quantity = b.quantity + w.change, changed_tx = pg_current_xact_id()
from unnest(%(ids)s::uuid[], %(changes)s::numeric[]) as w(id, change)
where b.id = w.id;

-- name: lock_moves
select id from inventory_move where id = any(%(ids)s::uuid[]) order by id for update;

-- name: moves_to_reverse
-- Moves to be reversed, with their places and what has already reversed them.
select m.id, m.item_id, i.sku, m.quantity, m.reason, m.reference_id, m.reverses_id, r.id as reversed_by,
       f.id, f.site_id, coalesce(fs.code, f.code), t.id, t.site_id, coalesce(ts.code, t.code), i.tracking
from inventory_move m
join catalog_item i on i.id = m.item_id
join inventory_location f on f.id = m.taken_from_id
left join inventory_site fs on fs.id = f.site_id
join inventory_location t on t.id = m.put_to_id
left join inventory_site ts on ts.id = t.site_id
left join inventory_move r on r.reverses_id = m.id
where m.id = any(%(ids)s::uuid[])
order by m.id;

-- name: draw_buckets
-- Lock in key order, draw where the wish fits into what is not drawn. Rows come back in any order; `done` tells.
with wanted as (
  select * from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as w(id, quantity)
), locked as materialized (
  select b.id, b.quantity - b.drawn as available
  from inventory_bucket b join wanted w on w.id = b.id
  order by b.id for update of b
), drawn as (
  update inventory_bucket b
  set drawn = b.drawn + w.quantity, changed_tx = pg_current_xact_id()
  from wanted w, locked k
  where b.id = w.id and k.id = b.id and b.quantity - b.drawn >= w.quantity
  returning b.id, b.item_id
)
select w.id, d.id is not null as done, k.available, d.item_id, null::uuid as location_id, null::text, null::text
from wanted w left join locked k on k.id = w.id left join drawn d on d.id = w.id;

-- name: give_back_buckets
-- The same the other way round: what is given back must be drawn.
with wanted as (
  select * from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as w(id, quantity)
), locked as materialized (
  select b.id, b.drawn as available
  from inventory_bucket b join wanted w on w.id = b.id
  order by b.id for update of b
), given as (
  update inventory_bucket b
  set drawn = b.drawn - w.quantity, changed_tx = pg_current_xact_id()
  from wanted w, locked k
  where b.id = w.id and k.id = b.id and b.drawn >= w.quantity
  returning b.id, b.item_id
)
select w.id, g.id is not null as done, k.available, g.item_id, null::uuid as location_id, null::text, null::text
from wanted w left join locked k on k.id = w.id left join given g on g.id = w.id;

-- name: issue_buckets
-- Drawn stock leaves: quantity and drawn both fall. Only on-hand buckets can be issued from.
with wanted as (
  select * from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as w(id, quantity)
), locked as materialized (
  select b.id, b.drawn as available, b.site_id
  from inventory_bucket b join wanted w on w.id = b.id
  where b.kind = 'on_hand'
  order by b.id for update of b
), issued as (
  update inventory_bucket b
  set quantity = b.quantity - w.quantity, drawn = b.drawn - w.quantity, changed_tx = pg_current_xact_id()
  from wanted w, locked k
  where b.id = w.id and k.id = b.id and b.drawn >= w.quantity
  returning b.id, b.item_id
)
select w.id, i.id is not null as done, k.available, i.item_id, l.id as location_id, c.sku, c.tracking
from wanted w
left join locked k on k.id = w.id
left join issued i on i.id = w.id
left join inventory_location l on l.site_id = k.site_id and l.kind = 'stock'
left join catalog_item c on c.id = i.item_id;

-- name: virtual_locations
select kind, id from inventory_location where site_id is null;

-- name: ensure_quarantines
-- Where the goods of a site wait for their inspection; made when first needed.
insert into inventory_location (id, code, kind, site_id)
select w.id, '~quarantine/' || w.site, 'quarantine', w.site
from unnest(%(ids)s::uuid[], %(sites)s::uuid[]) as w(id, site)
order by w.site
on conflict do nothing;

-- name: quarantines
select site_id, id from inventory_location where kind = 'quarantine' and site_id = any(%(sites)s::uuid[]);

-- name: aside_places
-- The quarantines of sites; and which items are tracked.
select site_id, id, null::text, null::text, null::int
from inventory_location where kind = 'quarantine' and site_id = any(%(sites)s::uuid[])
union all
select i.id, null, i.sku, i.tracking, i.shelf_life_days
from catalog_item i where i.id = any(%(items)s::uuid[]) and i.tracking <> 'none';

-- name: lock_expected
-- Expected buckets by what brings them, locked in key order.
select b.reference_id, b.id, b.kind, b.item_id, b.site_id, b.available_on, b.quantity, b.drawn
from inventory_bucket b
where b.reference_id = any(%(references)s::uuid[])
order by b.id
for update;

-- name: save_expected
-- Expected buckets to their new day and quantity; the CHECK keeps the quantity at what is drawn or more.
insert into inventory_bucket as b (id, item_id, site_id, kind, available_on, quantity, drawn, reference_id, changed_tx)
select w.id, w.item, w.site, w.kind, w.available_on, w.quantity, 0, w.reference, pg_current_xact_id()
from unnest(%(ids)s::uuid[], %(items)s::uuid[], %(sites)s::uuid[], %(kinds)s::text[], %(days)s::date[],
            %(quantities)s::numeric[], %(references)s::uuid[])
  as w(id, item, site, kind, available_on, quantity, reference)
order by w.id
on conflict (reference_id)
do update set available_on = excluded.available_on, quantity = excluded.quantity, changed_tx = pg_current_xact_id();

-- name: ensure_arrival_buckets
-- Where arrivals go to: the on-hand bucket of each expected item and site, made where there is none.
insert into inventory_bucket (id, item_id, site_id, kind, quantity, drawn, changed_tx)
select (%(ids)s::uuid[])[row_number() over (order by e.item_id, e.site_id)], e.item_id, e.site_id, 'on_hand', 0, 0, pg_current_xact_id()
from inventory_bucket e
where e.reference_id = any(%(references)s::uuid[])
group by e.item_id, e.site_id
order by e.item_id, e.site_id
on conflict (item_id, site_id) where kind = 'on_hand' do nothing;

-- name: lock_arrivals
-- Expected buckets and the on-hand buckets beside them, locked together in key order.
select b.id, b.kind, b.item_id, b.site_id, b.quantity, b.drawn, b.reference_id, i.sku, s.code, s.is_open, l.id, i.tracking,
       i.shelf_life_days
from inventory_bucket b
join catalog_item i on i.id = b.item_id
join inventory_site s on s.id = b.site_id
join inventory_location l on l.site_id = s.id and l.kind = 'stock'
where b.id in (
  select e.id from inventory_bucket e where e.reference_id = any(%(references)s::uuid[])
  union
  select h.id from inventory_bucket e
  join inventory_bucket h on h.item_id = e.item_id and h.site_id = e.site_id and h.kind = 'on_hand'
  where e.reference_id = any(%(references)s::uuid[]))
order by b.id
for update of b;

-- name: book_arrivals
-- What arrived leaves its expected bucket and stands in stock, the moved part of what is drawn with it.
update inventory_bucket b
set quantity = b.quantity + w.change, drawn = b.drawn + w.drawn_change, changed_tx = pg_current_xact_id()
from unnest(%(ids)s::uuid[], %(changes)s::numeric[], %(drawn_changes)s::numeric[]) as w(id, change, drawn_change)
where b.id = w.id;

-- name: save_bins
-- Bins of sites: new ones are added, a turn that was told is taken over.
insert into inventory_bin as b (id, site_id, code, walk)
select w.id, w.site, w.code, w.walk
from unnest(%(ids)s::uuid[], %(sites)s::uuid[], %(codes)s::text[], %(walks)s::text[], %(told)s::bool[])
  as w(id, site, code, walk, told)
order by w.site, w.code
on conflict (site_id, code) do update set walk = excluded.walk
where b.walk <> excluded.walk
  and (b.site_id, b.code) in (select t.site, t.code from unnest(%(sites)s::uuid[], %(codes)s::text[], %(told)s::bool[])
                                as t(site, code, told) where t.told);

-- name: save_placings
-- Items into bins; those that lie there already are left alone. What changed comes back in words.
with wanted as (
  select * from unnest(%(ids)s::uuid[], %(items)s::uuid[], %(sites)s::uuid[], %(codes)s::text[])
    as w(id, item, site, code)
), saved as (
  insert into inventory_placing as p (id, item_id, site_id, bin_id)
  select w.id, w.item, w.site, b.id
  from wanted w join inventory_bin b on b.site_id = w.site and b.code = w.code
  order by w.item, w.site
  on conflict (item_id, site_id) do update set bin_id = excluded.bin_id where p.bin_id <> excluded.bin_id
  returning p.item_id, p.site_id, p.bin_id
)
select p.item_id, s.code, b.code
from saved p join inventory_site s on s.id = p.site_id join inventory_bin b on b.id = p.bin_id
order by p.item_id, s.code;

-- name: remove_placings
-- Items out of their bins.
with gone as (
  delete from inventory_placing p
  using unnest(%(items)s::uuid[], %(sites)s::uuid[], %(codes)s::text[]) as w(item, site, code)
  where w.code = '' and p.item_id = w.item and p.site_id = w.site
  returning p.item_id, p.site_id
)
select g.item_id, s.code, '' from gone g join inventory_site s on s.id = g.site_id order by g.item_id, s.code;
