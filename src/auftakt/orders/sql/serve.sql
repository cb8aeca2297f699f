-- name: move_fulfilment_lines
-- Fulfilment lines change their state, and the order lines' balances move with them.
with moved as (
  update orders_fulfilmentline f set state = %(state)s, shipped_at = coalesce(%(shipped_at)s::timestamptz, f.shipped_at)
  where f.id = any(%(ids)s::uuid[])
  returning f.line_id, f.quantity
), sums as (
  select line_id, sum(quantity) as quantity from moved group by line_id
)
update orders_orderline l set
  released = l.released + %(released)s * s.quantity, shipped = l.shipped + %(shipped)s * s.quantity
from sums s where l.id = s.line_id;

-- name: shrink_fulfilment_lines
-- Fulfilment lines keep less; what was released of the difference is released no more.
with kept as (
  select n.id, f.line_id, f.quantity - n.quantity as rest, n.quantity, n.base
  from unnest(%(ids)s::uuid[], %(quantities)s::numeric[], %(bases)s::numeric[]) as n(id, quantity, base)
  join orders_fulfilmentline f on f.id = n.id
), shrunk as (
  update orders_fulfilmentline f set quantity = k.quantity, base_quantity = k.base from kept k where f.id = k.id
), sums as (
  select line_id, sum(rest) as rest from kept where id = any(%(released)s::uuid[]) group by line_id
)
update orders_orderline l set released = l.released - s.rest from sums s where l.id = s.line_id;

-- name: forget_promises
-- Open lines lose their source and days; the first day promised stays on record.
update orders_fulfilmentline f set site_id = null, ship_on = null, arrive_on = null, promise = null
where f.id = any(%(ids)s::uuid[]) and f.state = 'open';

-- name: bill_charges
update orders_ordercharge c set billed = true where c.order_id = any(%(orders)s::uuid[]) and not c.billed returning c.id;

-- name: add_cancelled
-- Order lines give up quantities that were open.
update orders_orderline l set cancelled = l.cancelled + n.quantity
from unnest(%(ids)s::uuid[], %(quantities)s::numeric[]) as n(id, quantity) where l.id = n.id;

-- name: cancel_fulfilment_lines
update orders_fulfilmentline f set state = 'cancelled' where f.id = any(%(ids)s::uuid[]) and f.state = 'open';

-- name: end_cancelled_orders
-- Orders of which every line is cancelled are cancelled themselves.
update orders_order o set state = 'cancelled'
where o.id = any(%(ids)s::uuid[])
  and not exists (select 1 from orders_orderline l where l.order_id = o.id and l.quantity > l.cancelled)
returning o.id;

-- name: read_open_orders
-- Those of the orders of which something is still open or with a warehouse.
select distinct l.order_id from orders_orderline l
where l.order_id = any(%(ids)s::uuid[]) and l.quantity > l.shipped + l.cancelled;

-- name: end_closed_orders
update orders_order o set state = 'closed', closed_at = %(at)s where o.id = any(%(ids)s::uuid[]);

-- name: release_holds
update orders_hold h set released_at = %(at)s, released_by = %(actor)s, release_note = %(note)s
where h.order_id = any(%(ids)s::uuid[]) and (%(reason)s::text is null or h.reason_code = %(reason)s) and h.released_at is null
returning h.order_id, h.reason_code;

-- name: read_holds_in_force
select h.order_id from orders_hold h
where h.order_id = any(%(ids)s::uuid[]) and h.reason_code = %(reason)s and h.released_at is null;

-- name: standing_on
-- Lines that hold supply of buckets, the highest priority first, and whether that supply is there when they need it.
select c.bucket_id, f.id, o.id, o.number, p.name, f.item_id, i.sku, c.quantity, c.priority, c.need_on, f.ship_on,
  f.arrive_on, b.available_on is null or b.available_on <= c.need_on
from promising_commitment c
join inventory_bucket b on b.id = c.bucket_id
join orders_fulfilmentline f on f.id = c.demand_id
join orders_order o on o.id = f.order_id
join parties_party p on p.id = o.customer_id
join catalog_item i on i.id = f.item_id
where c.bucket_id = any(%(buckets)s::uuid[])
order by c.priority, c.need_on, o.number, f.id;

-- name: unit_costs
-- What a piece of an item cost when it was last ordered.
select distinct on (l.item_id) l.item_id, l.unit_cost
from supply_purchaseorderline l
where l.item_id = any(%(items)s::uuid[])
order by l.item_id, l.id desc;
