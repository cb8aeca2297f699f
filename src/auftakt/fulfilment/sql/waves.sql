-- name: lock_waves
-- Waves in key order; after their releases in every chain of locks.
select w.id, w.number, w.site_id, w.state, s.code as site
from fulfilment_wave w join inventory_site s on s.id = w.site_id
where w.id = any(%(ids)s::uuid[]) order by w.id for update of w;

-- name: releases_of_waves
select r.id, r.wave_id, r.state from fulfilment_release r
where r.wave_id = any(%(waves)s::uuid[]) order by r.wave_id, r.tote;

-- name: join_waves
-- Releases get their wave and tote.
update fulfilment_release r set wave_id = n.wave_id, tote = n.tote
from unnest(%(ids)s::uuid[], %(waves)s::uuid[], %(totes)s::integer[]) as n(id, wave_id, tote) where r.id = n.id;

-- name: leave_waves
-- Releases that are taken out of their wave.
update fulfilment_release r set wave_id = null, tote = null
where r.id = any(%(ids)s::uuid[]) and r.wave_id is not null;

-- name: end_waves
-- Waves of which nothing is to be picked any more are picked; those that nothing is left of are cancelled.
update fulfilment_wave w set
  state = case when exists (select 1 from fulfilment_release r where r.wave_id = w.id) then 'picked' else 'cancelled' end,
  ended_at = %(at)s
where w.id = any(%(ids)s::uuid[]) and w.state = 'open'
  and not exists (select 1 from fulfilment_release r where r.wave_id = w.id and r.state = 'released')
returning w.id, w.number, w.state;

-- name: disband_waves
update fulfilment_wave w set state = 'cancelled', ended_at = %(at)s where w.id = any(%(ids)s::uuid[]);

-- name: lock_walked
-- The releases that scans speak of, held against being picked or taken back meanwhile, in key order.
select r.id from fulfilment_release r
where r.id = any(%(releases)s::uuid[]) or r.wave_id = any(%(waves)s::uuid[])
order by r.id for share of r;

-- name: lock_picks
-- The picks of releases, in key order.
select k.id from fulfilment_pick k join fulfilment_releaseline l on l.id = k.release_line_id
where l.release_id = any(%(releases)s::uuid[]) and not l.is_cancelled
order by k.id for update of k;

-- name: read_walk
-- Picks as stops on the way past the shelves: by bin, in a bin by item, an item by tote. What has no bin comes last.
select k.id, r.id, r.number, r.state, o.number, r.wave_id, r.tote, k.item_id, i.sku, i.name, i.gtin, i.unit_id,
  u.decimals, i.weight_kg, k.quantity, k.scanned, k.short_reason, f.sku as for_sku, coalesce(b.code, ''),
  i.tracking, r.site_id, r.ship_on, i.min_remaining_days
from fulfilment_pick k
join fulfilment_releaseline l on l.id = k.release_line_id and not l.is_cancelled
join fulfilment_release r on r.id = l.release_id
join orders_order o on o.id = r.order_id
join catalog_item i on i.id = k.item_id
join catalog_item f on f.id = l.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
left join inventory_placing p on p.item_id = k.item_id and p.site_id = r.site_id
left join inventory_bin b on b.id = p.bin_id
where r.id = any(%(releases)s::uuid[]) or r.wave_id = any(%(waves)s::uuid[])
order by b.walk collate "C" nulls last, b.code, i.sku, r.tote, r.number, f.sku, k.id;

-- name: find_codes
-- What codes mean: items by sku or GTIN; releases, parcels and waves by number; bins. One code may mean several things.
select c.code, 'item' as kind, i.id, i.sku as word, i.name
from unnest(%(codes)s::text[]) as c(code) join catalog_item i on i.sku = c.code
union all
select c.code, 'lot', i.id, l.number, i.name
from unnest(%(codes)s::text[]) as c(code) join inventory_lot l on l.number = c.code join catalog_item i on i.id = l.item_id
union all
select c.code, 'item', i.id, i.sku, i.name
from unnest(%(codes)s::text[]) as c(code) join catalog_item i on i.gtin = c.code and i.gtin <> ''
union all
select c.code, 'release', r.id, r.number, '' from unnest(%(codes)s::text[]) as c(code)
join fulfilment_release r on r.number = c.code
union all
select c.code, 'parcel', p.id, p.number, '' from unnest(%(codes)s::text[]) as c(code)
join fulfilment_parcel p on p.number = c.code
union all
select c.code, 'wave', w.id, w.number, '' from unnest(%(codes)s::text[]) as c(code)
join fulfilment_wave w on w.number = c.code
union all
select c.code, 'bin', b.id, b.code, '' from unnest(%(codes)s::text[]) as c(code)
join inventory_bin b on b.code = c.code and (%(site)s::uuid is null or b.site_id = %(site)s);

-- name: read_scans
-- Scans by id, with the mirror that took them back.
select s.id, s.pick_id, s.quantity, s.code, s.undoes_id, u.id as undone_by, l.release_id
from fulfilment_scan s
join fulfilment_pick k on k.id = s.pick_id
join fulfilment_releaseline l on l.id = k.release_line_id
left join fulfilment_scan u on u.undoes_id = s.id
where s.id = any(%(ids)s::uuid[]);

-- name: add_scanned
-- What was scanned of picks changes; the CHECK is the last guard.
update fulfilment_pick k set scanned = k.scanned + n.quantity
from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as n(id, quantity) where k.id = n.id;

-- name: mark_short
update fulfilment_pick k set short_reason = n.reason
from unnest(%(ids)s::uuid[], %(reasons)s::text[]) as n(id, reason) where k.id = n.id;

-- name: last_scans
-- The newest scan of each of some picks that was not taken back, the newest of all first.
select s.id, s.pick_id, s.quantity, s.at
from unnest(%(picks)s::uuid[]) as p(id)
cross join lateral (
  select t.id, t.pick_id, t.quantity, t.at from fulfilment_scan t
  where t.pick_id = p.id and t.undoes_id is null
    and not exists (select 1 from fulfilment_scan u where u.undoes_id = t.id)
  order by t.at desc, t.id desc limit 1
) s
order by s.at desc, s.id desc;

-- name: list_waves
-- Waves by id, or of a site in a state, the newest first, with how far they have got.
select w.id, w.number, w.site_id, s.code, w.state, w.created_at, w.created_by, w.ended_at,
  count(distinct r.id), count(distinct r.id) filter (where r.state = 'released'),
  coalesce(sum(k.quantity), 0), coalesce(sum(case when r.state = 'released' then k.scanned else k.quantity end), 0)
from fulfilment_wave w
join inventory_site s on s.id = w.site_id
left join fulfilment_release r on r.wave_id = w.id
left join fulfilment_releaseline l on l.release_id = r.id and not l.is_cancelled
left join fulfilment_pick k on k.release_line_id = l.id
where (%(ids)s::uuid[] is null or w.id = any(%(ids)s::uuid[]))
  and (%(site)s::uuid is null or w.site_id = %(site)s) and (%(state)s = '' or w.state = %(state)s)
group by w.id, s.code
order by w.created_at desc, w.id desc
limit %(limit)s;

-- name: wave_candidates
-- Releases of a site to be picked that no wave holds, soonest first, with the carrier of the lane they would take.
select r.id, r.number, o.number, p.name, r.ship_on, o.priority, coalesce(n.carrier, ''), count(k.id),
  coalesce(sum(k.quantity - k.scanned), 0), coalesce(sum(k.quantity * i.weight_kg), 0)
from fulfilment_release r
join orders_order o on o.id = r.order_id
join parties_party p on p.id = o.customer_id
join parties_address a on a.id = o.ship_to_id
join fulfilment_releaseline l on l.release_id = r.id and not l.is_cancelled
join fulfilment_pick k on k.release_line_id = l.id
join catalog_item i on i.id = k.item_id
left join lateral (
  select t.carrier from promising_lane t
  where t.site_id = r.site_id and t.country = a.country and t.region in ('', a.region)
  order by t.region desc limit 1
) n on true
where r.site_id = %(site)s and r.state = 'released' and r.wave_id is null
group by r.id, o.number, o.priority, p.name, n.carrier
order by r.ship_on, o.priority, r.number
limit %(limit)s;

-- name: release_of_parcel
select release_id from fulfilment_parcel where id = %(parcel)s;
