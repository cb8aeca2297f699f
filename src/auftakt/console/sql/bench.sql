-- name: to_release
-- Lines at a site that may be released: promised from what is on hand, of orders without a hold, soonest first.
select f.id, f.quantity, f.ship_on, f.arrive_on, l.line_number, l.unit_id as unit, i.sku, i.name, o.id as order_id, o.number as order_number, o.priority,
  p.name as customer, a.city, a.country, o.payment_method
from orders_fulfilmentline f
join orders_order o on o.id = f.order_id and o.state = 'submitted'
join orders_orderline l on l.id = f.line_id join catalog_item i on i.id = f.item_id and i.kind in ('stocked', 'kit')
join parties_party p on p.id = o.customer_id join parties_address a on a.id = o.ship_to_id
where f.state = 'open' and f.site_id = %(site)s
  and not exists (select 1 from orders_hold h where h.order_id = f.order_id and h.released_at is null)
  and not exists (select 1 from promising_commitment c join inventory_bucket b on b.id = c.bucket_id
                  where c.demand_id = f.id and b.kind <> 'on_hand')
order by f.ship_on nulls first, o.priority, o.number, l.line_number limit %(limit)s;

-- name: releases_in
-- Releases of a site in a state, soonest first.
select r.id, r.number, r.state, r.ship_on, r.released_at, o.id as order_id, o.number as order_number, p.name as customer,
  a.name as ship_name, a.street as ship_street, a.postal_code as ship_postal_code, a.city as ship_city, a.country as ship_country
from fulfilment_release r join orders_order o on o.id = r.order_id join parties_party p on p.id = o.customer_id join parties_address a on a.id = o.ship_to_id
where r.site_id = %(site)s and r.state = %(state)s order by r.ship_on, r.number limit %(limit)s;

-- name: picks_of
select k.id, k.quantity, k.picked, i.sku, i.name, i.unit_id as unit, i.weight_kg, rl.release_id, ki.sku as for_sku
from fulfilment_pick k join fulfilment_releaseline rl on rl.id = k.release_line_id and not rl.is_cancelled
join catalog_item i on i.id = k.item_id join catalog_item ki on ki.id = rl.item_id
where rl.release_id = any(%(releases)s::uuid[]) order by rl.release_id, i.sku;

-- name: parcels_of
select release_id, number, weight_kg, length_mm, width_mm, height_mm from fulfilment_parcel where release_id = any(%(releases)s::uuid[]) order by number;

-- name: site_by_code
select id, code, name, city, country, is_open, ships_orders from inventory_site where code = %(code)s;

-- name: site_carriers
select distinct carrier from promising_lane where site_id = %(site)s order by carrier;

-- name: sites
select id, code, name, kind, is_open from inventory_site order by code;

-- name: release_by_id
select r.id, r.number, r.state, r.ship_on, s.code as site, s.name as site_name, o.id as order_id, o.number as order_number, o.language
from fulfilment_release r join inventory_site s on s.id = r.site_id join orders_order o on o.id = r.order_id where r.id = %(id)s;
