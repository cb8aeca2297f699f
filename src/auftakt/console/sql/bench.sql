-- name: to_release
-- Lines at a site that may be released: promised from what is on hand, of orders without a hold, soonest first.
select f.id, f.quantity, f.ship_on, f.arrive_on, l.line_number, l.unit_id as unit, i.sku, coalesce(tr.name, i.name) as name, o.id as order_id, o.number as order_number, o.priority,
  p.name as customer, a.city, a.country, o.payment_method
from orders_fulfilmentline f
join orders_order o on o.id = f.order_id and o.state = 'submitted'
join orders_orderline l on l.id = f.line_id join catalog_item i on i.id = f.item_id and i.kind in ('stocked', 'kit')
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
join parties_party p on p.id = o.customer_id join parties_address a on a.id = o.ship_to_id
where f.state = 'open' and f.site_id = %(site)s
  and not exists (select 1 from orders_hold h where h.order_id = f.order_id and h.released_at is null)
  and not exists (select 1 from promising_commitment c join inventory_bucket b on b.id = c.bucket_id
                  where c.demand_id = f.id and b.kind <> 'on_hand')
order by f.ship_on nulls first, o.priority, o.number, l.line_number limit %(limit)s;

-- name: releases_in
-- Releases of a site in a state, soonest first, with what there is to take and how far a walk has got.
select r.id, r.number, r.state, r.ship_on, r.released_at, o.id as order_id, o.number as order_number, p.name as customer,
  a.name as ship_name, a.city as ship_city, a.country as ship_country, w.id as wave_id, w.number as wave, r.tote,
  n.picks, n.pieces, n.scanned, n.weight_kg,
  (select count(*) from fulfilment_parcel b where b.release_id = r.id) as parcels
from fulfilment_release r
join orders_order o on o.id = r.order_id
join parties_party p on p.id = o.customer_id
join parties_address a on a.id = o.ship_to_id
left join fulfilment_wave w on w.id = r.wave_id
cross join lateral (
  select count(*) as picks, coalesce(sum(k.quantity), 0) as pieces, coalesce(sum(k.scanned), 0) as scanned,
    coalesce(sum(k.quantity * i.weight_kg), 0) as weight_kg
  from fulfilment_releaseline l join fulfilment_pick k on k.release_line_id = l.id join catalog_item i on i.id = k.item_id
  where l.release_id = r.id and not l.is_cancelled
) n
where r.site_id = %(site)s and r.state = %(state)s order by r.ship_on, r.number limit %(limit)s;

-- name: bench_version
-- What a site's bench shows, in short: it changes when releases move on.
select concat_ws('.', count(*) filter (where state = 'released'), count(*) filter (where state = 'picked'),
  count(*) filter (where state = 'packed'), extract(epoch from max(greatest(released_at, picked_at, packed_at)))::bigint,
  count(distinct wave_id))
from fulfilment_release where site_id = %(site)s and state in ('released', 'picked', 'packed');

-- name: next_release
-- The next release of a site in a state: what somebody who has just finished one does next.
select id, number from fulfilment_release where site_id = %(site)s and state = %(state)s order by ship_on, number limit 1;

-- name: site_by_code
select id, code, name, city, country, is_open, ships_orders from inventory_site where code = %(code)s;

-- name: site_carriers
select distinct carrier from promising_lane where site_id = %(site)s order by carrier;

-- name: sites
select id, code, name, kind, is_open from inventory_site order by code;

-- name: release_by_id
select r.id, r.number, r.state, r.ship_on, r.site_id, s.code as site, s.name as site_name, o.id as order_id,
  o.number as order_number, o.language, o.customer_reference, p.name as customer, a.name as ship_name, a.street as ship_street,
  a.postal_code as ship_postal_code, a.city as ship_city, a.country as ship_country, w.id as wave_id, w.number as wave, r.tote
from fulfilment_release r join inventory_site s on s.id = r.site_id join orders_order o on o.id = r.order_id
join parties_party p on p.id = o.customer_id join parties_address a on a.id = o.ship_to_id
left join fulfilment_wave w on w.id = r.wave_id
where r.id = %(id)s;

-- name: wave_releases
-- The releases of a wave by tote, with how far each has got.
select r.id, r.number, r.state, r.tote, r.ship_on, o.id as order_id, o.number as order_number, p.name as customer,
  n.pieces, n.scanned
from fulfilment_release r join orders_order o on o.id = r.order_id join parties_party p on p.id = o.customer_id
cross join lateral (
  select coalesce(sum(k.quantity), 0) as pieces, coalesce(sum(k.scanned), 0) as scanned
  from fulfilment_releaseline l join fulfilment_pick k on k.release_line_id = l.id
  where l.release_id = r.id and not l.is_cancelled
) n
where r.wave_id = %(wave)s order by r.tote;

-- name: holders_at
-- Who holds the stock of items at a site, the soonest first, a few for each item.
select b.item_id, h.order_id, h.number, h.customer, h.quantity
from inventory_bucket b
cross join lateral (
  select o.id as order_id, o.number, p.name as customer, c.quantity, f.ship_on
  from promising_commitment c
  join orders_fulfilmentline f on f.id = c.demand_id
  join orders_order o on o.id = f.order_id
  join parties_party p on p.id = o.customer_id
  where c.bucket_id = b.id order by f.ship_on nulls last, o.number limit 5
) h
where b.site_id = %(site)s and b.kind = 'on_hand' and b.item_id = any(%(items)s::uuid[])
order by b.item_id, h.ship_on nulls last, h.number;

-- name: item_gtins
select id, gtin from catalog_item where id = any(%(items)s::uuid[]) and gtin <> '';

-- name: site_bins
-- The bins of a site as they are walked past, to choose from.
select b.code from inventory_bin b where b.site_id = %(site)s order by b.walk collate "C", b.code limit 400;

-- name: shelves_of
-- Items at a site with their bin and what the books say, by id or by SKU; without a bin too.
select coalesce(b.code, '') as bin, i.id as item_id, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, i.gtin,
  coalesce(h.quantity, 0) as on_hand, coalesce(h.drawn, 0) as promised, i.tracking
from catalog_item i
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join inventory_placing p on p.item_id = i.id and p.site_id = %(site)s
left join inventory_bin b on b.id = p.bin_id
left join inventory_bucket h on h.item_id = i.id and h.site_id = %(site)s and h.kind = 'on_hand'
where i.kind = 'stocked' and (i.id = any(%(items)s::uuid[]) or i.sku = %(sku)s)
order by b.walk collate "C" nulls last, b.code, i.sku;
