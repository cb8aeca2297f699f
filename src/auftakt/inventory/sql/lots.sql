-- name: lock_lots_of_items
-- One batch at a time may move lots of an item: numbers stay unique, serial numbers in one place.
select pg_advisory_xact_lock(hashtextextended('lots:' || t.item::text, 0))
from (select distinct item from unnest(%(items)s::uuid[]) as item order by item) t;

-- name: lots_of_moves_to_come
-- The lots a batch may touch: those named, those that lie where it takes from, those that moved with its documents.
with found as (
  select l.id from unnest(%(items)s::uuid[], %(numbers)s::text[]) as w(item, number)
  join inventory_lot l on l.item_id = w.item and l.number = w.number
  union
  select s.lot_id from unnest(%(source_items)s::uuid[], %(sources)s::uuid[]) as w(item, location)
  join inventory_lotstock s on s.item_id = w.item and s.location_id = w.location and s.quantity > 0
  union
  select x.lot_id from inventory_move m join inventory_movelot x on x.move_id = m.id
  where m.reference_id = any(%(references)s::uuid[])
)
select l.id, l.item_id, l.number, l.expires_on, l.is_serial
from inventory_lot l join found f on f.id = l.id
order by l.id;

-- name: lock_lot_stock
select s.lot_id, s.location_id, s.quantity, s.held
from inventory_lotstock s
where s.lot_id = any(%(lots)s::uuid[]) and s.quantity > 0
order by s.lot_id, s.location_id
for update;

-- name: lots_with_references
-- What lies of lots at places by what carried them there, and what is picked for them.
select m.reference_id, p.location, x.lot_id, sum(p.sign * x.quantity), false as is_hold
from inventory_move m
join inventory_movelot x on x.move_id = m.id
cross join lateral (values (m.put_to_id, 1), (m.taken_from_id, -1)) as p(location, sign)
where m.reference_id = any(%(references)s::uuid[])
group by 1, 2, 3
having sum(p.sign * x.quantity) > 0
union all
select h.reference_id, h.location_id, h.lot_id, h.quantity, true
from inventory_lothold h where h.reference_id = any(%(references)s::uuid[]);

-- name: lower_lot_stock
update inventory_lotstock s
set quantity = s.quantity + w.change, held = s.held + w.held_change
from unnest(%(lots)s::uuid[], %(locations)s::uuid[], %(changes)s::numeric[], %(held_changes)s::numeric[])
  as w(lot, location, change, held_change)
where s.lot_id = w.lot and s.location_id = w.location;

-- name: raise_lot_stock
insert into inventory_lotstock as s (id, lot_id, location_id, item_id, quantity, held, is_serial)
select w.id, w.lot, w.location, l.item_id, w.change, 0, l.is_serial
from unnest(%(ids)s::uuid[], %(lots)s::uuid[], %(locations)s::uuid[], %(changes)s::numeric[]) as w(id, lot, location, change)
join inventory_lot l on l.id = w.lot
order by w.lot, w.location
on conflict (lot_id, location_id) do update set quantity = s.quantity + excluded.quantity;

-- name: use_holds
-- What was picked has left.
delete from inventory_lothold h
using unnest(%(references)s::uuid[], %(lots)s::uuid[], %(locations)s::uuid[]) as w(reference, lot, location)
where h.reference_id = w.reference and h.lot_id = w.lot and h.location_id = w.location;

-- name: pass_holds_on
-- What was picked leaves with something else; several may become one.
with gone as (
  delete from inventory_lothold h using unnest(%(old)s::uuid[], %(new)s::uuid[]) as w(old, new)
  where h.reference_id = w.old
  returning w.new, h.lot_id, h.location_id, h.quantity
), sums as (
  select new, lot_id, location_id, sum(quantity) as quantity from gone group by 1, 2, 3
)
insert into inventory_lothold (id, reference_id, lot_id, location_id, quantity)
select gen_random_uuid(), new, lot_id, location_id, quantity from sums;

-- name: stock_locations
select site_id, id from inventory_location where kind = 'stock' and site_id = any(%(sites)s::uuid[]);

-- name: add_holds
insert into inventory_lothold as h (id, reference_id, lot_id, location_id, quantity)
select * from unnest(%(ids)s::uuid[], %(references)s::uuid[], %(lots)s::uuid[], %(locations)s::uuid[],
                     %(quantities)s::numeric[])
on conflict (reference_id, lot_id, location_id) do update set quantity = h.quantity + excluded.quantity;

-- name: release_holds
-- What was picked lies free again.
with gone as (
  delete from inventory_lothold h where h.reference_id = any(%(references)s::uuid[])
  returning h.lot_id, h.location_id, h.quantity
), sums as (
  select lot_id, location_id, sum(quantity) as quantity from gone group by 1, 2
)
update inventory_lotstock s set held = s.held - g.quantity
from sums g where s.lot_id = g.lot_id and s.location_id = g.location_id
returning s.lot_id, g.quantity;

-- name: lots_of_moves
select x.move_id, l.number, x.quantity from inventory_movelot x join inventory_lot l on l.id = x.lot_id
where x.move_id = any(%(moves)s::uuid[]) order by x.move_id, l.number;

-- name: lots_at_places
-- Lots that lie somewhere, those that expire first in front.
select l.id, l.item_id, l.number, l.expires_on, l.is_serial, s.location_id, p.site_id,
       coalesce(case when p.kind = 'stock' then t.code else t.code || ' ' || p.kind end, p.kind), s.quantity, s.held
from inventory_lotstock s
join inventory_lot l on l.id = s.lot_id
join inventory_location p on p.id = s.location_id
left join inventory_site t on t.id = p.site_id
where s.quantity > 0
  and (%(items)s::uuid[] is null or s.item_id = any(%(items)s::uuid[]))
  and (%(lots)s::uuid[] is null or s.lot_id = any(%(lots)s::uuid[]))
  and (%(site)s::uuid is null or (p.site_id = %(site)s::uuid and p.kind = 'stock'))
order by l.item_id, l.expires_on nulls last, l.id;

-- name: lots_in_quarantine
select m.reference_id, l.number, sum(case when m.put_to_id = q.id then x.quantity else -x.quantity end)
from inventory_move m
join inventory_location q on q.kind = 'quarantine' and q.id in (m.put_to_id, m.taken_from_id)
join inventory_movelot x on x.move_id = m.id
join inventory_lot l on l.id = x.lot_id
where m.reference_id = any(%(references)s::uuid[])
group by 1, 2
having sum(case when m.put_to_id = q.id then x.quantity else -x.quantity end) > 0
order by 1, 2;

-- name: lower_holds
-- Part of what was picked lies free again; a hold of nothing ends.
with wanted as (
  select w.reference, w.number, sum(w.quantity) as quantity
  from unnest(%(references)s::uuid[], %(numbers)s::text[], %(quantities)s::numeric[]) as w(reference, number, quantity)
  group by 1, 2
), found as (
  select h.id, h.lot_id, h.location_id, h.quantity as held, least(h.quantity, w.quantity) as quantity
  from wanted w
  join inventory_lothold h on h.reference_id = w.reference
  join inventory_lot l on l.id = h.lot_id and l.number = w.number
), ended as (
  delete from inventory_lothold h using found f where h.id = f.id and f.held = f.quantity
), smaller as (
  update inventory_lothold h set quantity = h.quantity - f.quantity from found f
  where h.id = f.id and f.held > f.quantity
), sums as (
  select lot_id, location_id, sum(quantity) as quantity from found group by 1, 2
)
update inventory_lotstock s set held = s.held - g.quantity
from sums g where s.lot_id = g.lot_id and s.location_id = g.location_id
returning s.lot_id, g.quantity;

-- name: held_lots
select h.reference_id, l.number, h.quantity, l.expires_on
from inventory_lothold h join inventory_lot l on l.id = h.lot_id
where h.reference_id = any(%(references)s::uuid[])
order by l.expires_on nulls last, l.number;

-- name: lots_of_references
-- The lots that ledger entries of some references and a reason moved, by item.
select m.reference_id, m.item_id, l.number, sum(x.quantity), l.expires_on
from inventory_move m join inventory_movelot x on x.move_id = m.id join inventory_lot l on l.id = x.lot_id
where m.reference_id = any(%(references)s::uuid[]) and m.reason = %(reason)s
group by 1, 2, 3, 5
order by 5 nulls last, 3;

-- name: free_aside
-- What of lots lies in quarantine and waits for no inspection.
select s.lot_id, q.site_id, s.quantity - coalesce((
  select sum(case when m.put_to_id = q.id then x.quantity else -x.quantity end)
  from inventory_movelot x join inventory_move m on m.id = x.move_id and m.reference_id is not null
  where x.lot_id = s.lot_id and q.id in (m.put_to_id, m.taken_from_id)), 0)
from inventory_lotstock s join inventory_location q on q.id = s.location_id and q.kind = 'quarantine'
where s.lot_id = any(%(lots)s::uuid[]) and s.quantity > 0;

-- name: expired_lots
-- What lies in stock of lots whose last day has passed at their site, and is picked for nobody.
select s.lot_id, l.item_id, p.site_id, s.quantity - s.held
from inventory_lot l
join inventory_lotstock s on s.lot_id = l.id and s.quantity > s.held
join inventory_location p on p.id = s.location_id and p.kind = 'stock'
join inventory_site t on t.id = p.site_id
where l.expires_on < (%(at)s at time zone t.time_zone)::date
order by l.expires_on, l.id, p.site_id
limit %(limit)s;
