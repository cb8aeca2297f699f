-- name: read_releases
select r.id, r.number, r.order_id, o.number, r.site_id, s.code, s.name, r.ship_on, r.state, o.language, r.released_at,
  r.picked_at, r.packed_at, r.shipped_at
from fulfilment_release r
join orders_order o on o.id = r.order_id
join inventory_site s on s.id = r.site_id
where (%(ids)s::uuid[] is null or r.id = any(%(ids)s::uuid[]))
  and (%(orders)s::uuid[] is null or r.order_id = any(%(orders)s::uuid[]))
order by r.ship_on, r.number;

-- name: find_release
select id from fulfilment_release where number = %(number)s;

-- name: read_release_lines
select l.id, l.release_id, l.fulfilment_line_id, f.line_id, ol.line_number, l.item_id, i.sku, i.name, i.kind, l.quantity,
  ol.unit_id, l.is_cancelled
from fulfilment_releaseline l
join orders_fulfilmentline f on f.id = l.fulfilment_line_id
join orders_orderline ol on ol.id = f.line_id
join catalog_item i on i.id = l.item_id
where l.release_id = any(%(releases)s::uuid[])
order by l.release_id, ol.line_number, l.id;

-- name: read_picks
-- What to take from the shelf, in the order the bins are walked past; what has no bin comes last, by sku.
select k.id, l.release_id, k.release_line_id, k.item_id, i.sku, i.name, k.quantity, k.picked, i.unit_id, i.weight_kg,
  w.sku as for_sku, coalesce(b.code, ''), k.scanned, k.short_reason
from fulfilment_pick k
join fulfilment_releaseline l on l.id = k.release_line_id and not l.is_cancelled
join fulfilment_release r on r.id = l.release_id
join catalog_item i on i.id = k.item_id
join catalog_item w on w.id = l.item_id
left join inventory_placing p on p.item_id = k.item_id and p.site_id = r.site_id
left join inventory_bin b on b.id = p.bin_id
where l.release_id = any(%(releases)s::uuid[])
order by l.release_id, b.walk collate "C" nulls last, b.code, i.sku, w.sku, k.id;

-- name: read_parcels
select p.id, p.release_id, p.shipment_id, p.number, p.weight_kg, p.length_mm, p.width_mm, p.height_mm, p.tracking_number
from fulfilment_parcel p
where (%(releases)s::uuid[] is null or p.release_id = any(%(releases)s::uuid[]))
  and (%(shipments)s::uuid[] is null or p.shipment_id = any(%(shipments)s::uuid[]))
order by p.number;

-- name: count_work
-- How many releases of a site are in each state that asks for work.
select r.state, count(*) from fulfilment_release r
where r.site_id = %(site)s and r.state in ('released', 'picked', 'packed') group by r.state;

-- name: list_work
-- Releases of a site in a state, soonest first.
select r.id, r.number, r.order_id, o.number, r.site_id, s.code, s.name, r.ship_on, r.state, o.language, r.released_at,
  r.picked_at, r.packed_at, r.shipped_at, p.name, a.city, a.country,
  (select count(*) from fulfilment_releaseline l where l.release_id = r.id and not l.is_cancelled),
  (select count(*) from fulfilment_releaseline l join fulfilment_pick k on k.release_line_id = l.id
   where l.release_id = r.id and not l.is_cancelled),
  (select count(*) from fulfilment_parcel b where b.release_id = r.id)
from fulfilment_release r
join inventory_site s on s.id = r.site_id
join orders_order o on o.id = r.order_id
join parties_party p on p.id = o.customer_id
join parties_address a on a.id = o.ship_to_id
where r.site_id = %(site)s and r.state = %(state)s
order by r.ship_on, r.id
limit %(limit)s;

-- name: find_site
select id from inventory_site where code = %(code)s;

-- name: read_shipments
select s.id, s.number, s.kind, s.order_id, o.number, s.release_id, s.site_id, coalesce(t.code, ''), s.carrier,
  s.tracking_number, s.state, s.shipped_at, s.delivered_at, s.is_damaged
from fulfilment_shipment s
join orders_order o on o.id = s.order_id
left join inventory_site t on t.id = s.site_id
where (%(ids)s::uuid[] is null or s.id = any(%(ids)s::uuid[]))
  and (%(orders)s::uuid[] is null or s.order_id = any(%(orders)s::uuid[]))
  and (%(releases)s::uuid[] is null or s.release_id = any(%(releases)s::uuid[]))
order by s.shipped_at, s.number;

-- name: read_shipment_lines
select l.id, l.shipment_id, l.fulfilment_line_id, l.order_line_id, ol.line_number, ol.item_id, i.sku, i.name, l.quantity,
  l.billed, ol.unit_id
from fulfilment_shipmentline l
join orders_orderline ol on ol.id = l.order_line_id
join catalog_item i on i.id = ol.item_id
where l.shipment_id = any(%(shipments)s::uuid[])
order by l.shipment_id, ol.line_number, l.id;

-- name: read_events
select e.id, e.shipment_id, e.at, e.code, e.place, e.text
from fulfilment_trackingevent e where e.shipment_id = any(%(shipments)s::uuid[]) order by e.shipment_id, e.at, e.id;

-- name: find_shipments
-- Shipments by what people have in hand: our number, or a carrier's for the shipment or one of its parcels.
select s.id from fulfilment_shipment s where s.number = %(told)s
union
select s.id from fulfilment_shipment s where s.tracking_number = %(told)s and s.tracking_number <> ''
union
select p.shipment_id from fulfilment_parcel p where p.number = %(told)s and p.shipment_id is not null
union
select p.shipment_id from fulfilment_parcel p
where p.tracking_number = %(told)s and p.tracking_number <> '' and p.shipment_id is not null;

-- name: read_to_bill
-- What has left or was performed and no invoice carries yet.
select l.id, l.shipment_id, s.order_id, l.order_line_id, l.quantity, l.billed
from fulfilment_shipmentline l join fulfilment_shipment s on s.id = l.shipment_id
where l.billed < l.quantity
  and (%(orders)s::uuid[] is null or s.order_id = any(%(orders)s::uuid[]))
  and (%(shipments)s::uuid[] is null or l.shipment_id = any(%(shipments)s::uuid[]))
order by s.order_id, s.id, l.id;

-- name: read_sheet_head
-- Who sends what to whom: the head of a pick list or a packing slip.
select r.number, r.ship_on, s.code as site, s.name as site_name, s.street as site_street,
  s.postal_code as site_postal_code, s.city as site_city, s.region as site_region, s.country as site_country,
  o.number as order_number, o.language, o.ordered_at, o.customer_reference, p.number as customer_number,
  e.code as entity, o.ship_to_id
from fulfilment_release r
join inventory_site s on s.id = r.site_id
join orders_order o on o.id = r.order_id
join parties_party p on p.id = o.customer_id
join parties_legalentity e on e.id = o.legal_entity_id
where r.id = %(release)s;

-- name: read_sheet_lines
-- The lines in force of a release with what was ordered and what is still to come after everything that left.
select l.id, l.item_id, i.sku, i.kind, l.quantity, ol.unit_id as unit, ol.quantity as ordered,
  ol.quantity - ol.shipped - ol.cancelled as unshipped
from fulfilment_releaseline l
join orders_fulfilmentline f on f.id = l.fulfilment_line_id
join orders_orderline ol on ol.id = f.line_id
join catalog_item i on i.id = l.item_id
where l.release_id = %(release)s and not l.is_cancelled
order by ol.line_number, l.id;

-- name: lot_trace
-- Where a lot came from and went to, the latest first.
select m.id, m.at, m.reason, x.quantity, coalesce(fs.code || case f.kind when 'stock' then '' else ' ' || f.kind end, f.kind),
  coalesce(ts.code || case t.kind when 'stock' then '' else ' ' || t.kind end, t.kind), m.actor,
  o.id, coalesce(o.number, ''), coalesce(h.number, ''), coalesce(c.number, ''), coalesce(c.name, ''),
  po.id, coalesce(po.number, ''), coalesce(v.name, ''),
  coalesce(w.id, wc.id), coalesce(w.number, wc.number, ''), tr.id, coalesce(tr.number, '')
from inventory_movelot x
join inventory_move m on m.id = x.move_id
join inventory_location f on f.id = m.taken_from_id
left join inventory_site fs on fs.id = f.site_id
join inventory_location t on t.id = m.put_to_id
left join inventory_site ts on ts.id = t.site_id
left join fulfilment_shipment h on h.id = m.reference_id
left join orders_order o on o.id = h.order_id
left join parties_party c on c.id = o.customer_id
left join supply_purchaseorderline pl on pl.id = m.reference_id
left join supply_purchaseorder po on po.id = pl.purchase_order_id
left join parties_party v on v.id = po.supplier_id
left join supply_workorder w on w.id = m.reference_id
left join supply_workordercomponent k on k.id = m.reference_id
left join supply_workorder wc on wc.id = k.work_order_id
left join supply_transferorderline tl on tl.id = m.reference_id
left join supply_transferorder tr on tr.id = tl.transfer_id
where x.lot_id = %(lot)s
order by m.at desc, m.id desc
limit %(limit)s;
