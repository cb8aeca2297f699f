-- name: insert_transfers
insert into supply_transferorder (id, serial, number, from_site_id, to_site_id, state, ship_on, transit_days, arrive_on,
                                  note, created_at)
select w.id, w.serial, w.number, w.source, w.target, 'draft', w.ship_on, w.days, w.arrive_on, w.note, %(at)s
from unnest(%(ids)s::uuid[], %(serials)s::bigint[], %(numbers)s::text[], %(sources)s::uuid[], %(targets)s::uuid[],
            %(ship_days)s::date[], %(transit)s::int[], %(arrive_days)s::date[], %(notes)s::text[])
  as w(id, serial, number, source, target, ship_on, days, arrive_on, note)
order by w.number
on conflict (number) do nothing
returning id;

-- name: placed_transfers
-- What transfers were made as, to compare another making of the number with.
select o.number, o.id, o.from_site_id, o.to_site_id, array_agg(l.item_id order by l.line_number),
       array_agg(l.quantity order by l.line_number)
from supply_transferorder o join supply_transferorderline l on l.transfer_id = o.id
where o.number = any(%(numbers)s::text[])
group by o.id;

-- name: lock_transfers
select o.id
from supply_transferorder o
where o.id in (select l.transfer_id from supply_transferorderline l where l.id = any(%(lines)s::uuid[]))
   or o.id = any(%(orders)s::uuid[])
order by o.id
for update;

-- name: lock_supply_of_transfers
-- What transfers hold of their origin, will bring, and the stock it will join, locked together in key order.
select b.id from inventory_bucket b
where b.id in (
  select e.id from supply_transferorderline l join inventory_bucket e on e.reference_id = l.id
  where l.transfer_id = any(%(orders)s::uuid[])
  union
  select h.id from supply_transferorderline l join supply_transferorder o on o.id = l.transfer_id
  join inventory_bucket h on h.item_id = l.item_id and h.kind = 'on_hand' and h.site_id in (o.from_site_id, o.to_site_id)
  where l.transfer_id = any(%(orders)s::uuid[]))
order by b.id
for update;

-- name: transfer_heads
select o.id, o.serial, o.number, o.from_site_id, f.code, o.to_site_id, t.code, t.is_open, o.state, o.ship_on,
       o.transit_days, o.arrive_on, o.note
from supply_transferorder o
join inventory_site f on f.id = o.from_site_id
join inventory_site t on t.id = o.to_site_id
where o.id = any(%(ids)s::uuid[])
order by o.serial desc;

-- name: transfer_lines
-- Lines by their own id or their transfer's, with what promises hold of their open quantity.
select l.id, l.transfer_id, o.number, l.line_number, l.item_id, i.sku, i.name, i.unit_id, u.decimals, l.quantity,
       l.cancelled, l.shipped, l.received, l.lost, o.state, b.id, coalesce(b.drawn, 0)
from supply_transferorderline l
join supply_transferorder o on o.id = l.transfer_id
join catalog_item i on i.id = l.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
left join inventory_bucket b on b.reference_id = l.id
where l.id = any(%(ids)s::uuid[]) or l.transfer_id = any(%(orders)s::uuid[])
order by o.serial, l.line_number;

-- name: list_transfers
-- A page of transfers, latest first, before a serial; text finds number or item.
select o.id, o.serial, o.number, o.from_site_id, f.code, o.to_site_id, t.code, t.is_open, o.state, o.ship_on,
       o.transit_days, o.arrive_on, o.note
from supply_transferorder o
join inventory_site f on f.id = o.from_site_id
join inventory_site t on t.id = o.to_site_id
where (%(before)s::bigint is null or o.serial < %(before)s::bigint)
  and (%(states)s::text[] is null or o.state = any(%(states)s::text[]))
  and (%(site)s::uuid is null or %(site)s::uuid in (o.from_site_id, o.to_site_id))
  and (%(text)s::text = ''
       or o.number ilike '%%' || %(text)s::text || '%%'
       or exists (select from supply_transferorderline x join catalog_item i on i.id = x.item_id
                  where x.transfer_id = o.id
                    and (i.sku ilike %(text)s::text || '%%' or i.name ilike '%%' || %(text)s::text || '%%')))
order by o.serial desc
limit %(limit)s::int;

-- name: change_transfer_lines
update supply_transferorderline l
set cancelled = w.cancelled, shipped = w.shipped, received = w.received, lost = w.lost
from unnest(%(ids)s::uuid[], %(cancelled)s::numeric[], %(shipped)s::numeric[], %(received)s::numeric[],
            %(lost)s::numeric[]) as w(id, cancelled, shipped, received, lost)
where l.id = w.id;

-- name: change_transfers
update supply_transferorder o
set state = w.state, arrive_on = w.arrive_on
from unnest(%(ids)s::uuid[], %(states)s::text[], %(days)s::date[]) as w(id, state, arrive_on)
where o.id = w.id;
