-- name: lock_orders_of_lines
-- Orders come first in every chain of locks, in key order.
select o.id from orders_order o
where o.id in (select f.order_id from orders_fulfilmentline f where f.id = any(%(ids)s::uuid[]))
order by o.id for no key update of o;

-- name: lock_orders_of_releases
select o.id from orders_order o
where o.id in (select r.order_id from fulfilment_release r where r.id = any(%(ids)s::uuid[]))
order by o.id for no key update of o;

-- name: lock_releases
-- Releases in key order, with the words for telling about them.
select r.id, r.number, r.order_id, r.site_id, r.ship_on, r.state, r.released_at, r.picked_at, r.packed_at, r.wave_id,
  s.code as site, s.is_open, o.number as order_number
from fulfilment_release r
join inventory_site s on s.id = r.site_id
join orders_order o on o.id = r.order_id
where r.id = any(%(ids)s::uuid[])
order by r.id for update of r;

-- name: read_lines_to_release
-- What must be known of fulfilment lines before a site is asked to do them.
select f.id, f.order_id, f.state, f.item_id, f.quantity, f.base_quantity, f.site_id, f.ship_on, s.code as site, s.is_open,
  i.sku, i.kind, o.number as order_number
from orders_fulfilmentline f
join orders_order o on o.id = f.order_id
join catalog_item i on i.id = f.item_id
left join inventory_site s on s.id = f.site_id
where f.id = any(%(ids)s::uuid[]);

-- name: move_releases
-- Releases change their state; the instant of each stage is the last one it was reached.
update fulfilment_release r set
  state = %(state)s,
  picked_at = coalesce(%(picked_at)s::timestamptz, r.picked_at),
  packed_at = coalesce(%(packed_at)s::timestamptz, r.packed_at),
  shipped_at = coalesce(%(shipped_at)s::timestamptz, r.shipped_at)
where r.id = any(%(ids)s::uuid[]);

-- name: find_picks
select k.id, l.release_id
from fulfilment_pick k join fulfilment_releaseline l on l.id = k.release_line_id
where k.id = any(%(ids)s::uuid[]) and not l.is_cancelled;

-- name: read_asked
-- The picks of releases with their lines, and how finely each is measured.
select k.id, l.release_id, l.id as release_line_id, l.fulfilment_line_id, l.quantity as line_quantity,
  lu.decimals as line_decimals, k.item_id, i.sku, k.quantity as asked, i.unit_id as unit, u.decimals,
  k.scanned, k.short_reason, i.tracking, i.min_remaining_days
from fulfilment_releaseline l
join fulfilment_pick k on k.release_line_id = l.id
join orders_fulfilmentline f on f.id = l.fulfilment_line_id
join orders_orderline ol on ol.id = f.line_id
join catalog_unitofmeasure lu on lu.code = ol.unit_id
join catalog_item i on i.id = k.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
where l.release_id = any(%(releases)s::uuid[]) and not l.is_cancelled
order by l.release_id, l.id, i.sku;

-- name: book_picks
update fulfilment_pick k set picked = n.picked
from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as n(id, picked) where k.id = n.id;

-- name: shrink_release_lines
update fulfilment_releaseline l set quantity = n.quantity
from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as n(id, quantity) where l.id = n.id;

-- name: cancel_release_lines
update fulfilment_releaseline l set is_cancelled = true where l.id = any(%(ids)s::uuid[]);

-- name: read_lines_of_releases
-- The lines in force of releases.
select l.id, l.release_id, l.fulfilment_line_id, l.quantity, f.line_id as order_line_id,
  array(select k.id from fulfilment_pick k join catalog_item i on i.id = k.item_id
        where k.release_line_id = l.id and i.tracking <> 'none') as tracked_picks
from fulfilment_releaseline l join orders_fulfilmentline f on f.id = l.fulfilment_line_id
where l.release_id = any(%(releases)s::uuid[]) and not l.is_cancelled
order by l.release_id, l.id;

-- name: read_boxes
select p.id, p.release_id from fulfilment_parcel p
where p.release_id = any(%(releases)s::uuid[]) and p.shipment_id is null
order by p.release_id, p.id;

-- name: delete_parcels
-- Boxes of releases that are packed anew or taken back.
delete from fulfilment_parcel p where p.release_id = any(%(releases)s::uuid[]) and p.shipment_id is null;

-- name: move_lines
-- Lines go over to other releases.
update fulfilment_releaseline l set release_id = n.release_id
from unnest(%(ids)s::uuid[], %(releases)s::uuid[]) as n(id, release_id) where l.id = n.id;

-- name: move_parcels
update fulfilment_parcel p set release_id = n.release_id
from unnest(%(ids)s::uuid[], %(releases)s::uuid[]) as n(id, release_id) where p.id = n.id;

-- name: load_parcels
-- Boxes leave with their shipments.
update fulfilment_parcel p set shipment_id = n.shipment_id
from unnest(%(ids)s::uuid[], %(shipments)s::uuid[]) as n(id, shipment_id) where p.id = n.id;

-- name: read_lines_to_perform
select f.id, f.order_id, f.line_id, f.quantity, f.state, i.sku, i.kind, o.number as order_number
from orders_fulfilmentline f
join orders_order o on o.id = f.order_id
join catalog_item i on i.id = f.item_id
where f.id = any(%(ids)s::uuid[]);

-- name: find_tracked
-- Which shipments carriers speak of: by id, by our number, by a tracking number of the shipment or of a parcel.
with w as (
  select * from unnest(%(positions)s::integer[], %(ids)s::uuid[], %(numbers)s::text[], %(trackings)s::text[])
    as w(position, id, number, tracking)
)
select w.position, s.id from w join fulfilment_shipment s on s.id = w.id
union
select w.position, s.id from w join fulfilment_shipment s on s.number = w.number
union
select w.position, s.id from w
join fulfilment_shipment s on s.tracking_number = w.tracking and s.tracking_number <> ''
union
select w.position, p.shipment_id from w
join fulfilment_parcel p on p.tracking_number = w.tracking and p.tracking_number <> '' and p.shipment_id is not null;

-- name: lock_shipments
select s.id, s.number, s.order_id, s.state, s.delivered_at, s.is_damaged
from fulfilment_shipment s where s.id = any(%(ids)s::uuid[]) order by s.id for update;

-- name: add_events
-- What was said before is not said again.
insert into fulfilment_trackingevent (id, shipment_id, at, code, place, text)
select * from unnest(
  %(ids)s::uuid[], %(shipments)s::uuid[], %(instants)s::timestamptz[], %(codes)s::text[], %(places)s::text[],
  %(texts)s::text[])
on conflict (shipment_id, at, code) do nothing
returning id;

-- name: move_shipments
update fulfilment_shipment s set state = n.state, delivered_at = n.delivered_at, is_damaged = n.is_damaged
from unnest(%(ids)s::uuid[], %(states)s::text[], %(deliveries)s::timestamptz[], %(damages)s::boolean[])
  as n(id, state, delivered_at, is_damaged)
where s.id = n.id;

-- name: lock_shipment_lines
select l.id, l.quantity, l.billed from fulfilment_shipmentline l
where l.id = any(%(ids)s::uuid[]) order by l.id for update;

-- name: add_billed
update fulfilment_shipmentline l set billed = l.billed + n.quantity
from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as n(id, quantity) where l.id = n.id;
