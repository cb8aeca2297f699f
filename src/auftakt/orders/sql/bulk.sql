-- name: read_standings
-- How orders stand for those who want to do something with many of them: holds in force, what is open, what has no date
-- or comes later than wished.
select o.id, o.number, o.state,
  coalesce((select array_agg(h.reason_code order by h.reason_code) from orders_hold h
    where h.order_id = o.id and h.released_at is null), '{}') as held,
  l.open > 0 as is_open, l.begun > 0 as is_begun, f.pieces, f.dateless, f.late
from orders_order o
cross join lateral (
  select coalesce(sum(l.quantity - l.released - l.shipped - l.cancelled), 0) as open,
    coalesce(sum(l.released + l.shipped), 0) as begun
  from orders_orderline l where l.order_id = o.id) l
cross join lateral (
  select count(*) as pieces, count(*) filter (where f.ship_on is null) as dateless,
    count(*) filter (where f.arrive_on > coalesce(l.requested_arrival_on, o.requested_arrival_on)
      or f.ship_on > coalesce(l.requested_ship_on, o.requested_ship_on)) as late
  from orders_fulfilmentline f join orders_orderline l on l.id = f.line_id
  where f.order_id = o.id and f.state = 'open') f
where o.id = any(%(ids)s::uuid[])
order by o.id;

-- name: read_open_pieces
-- The open fulfilment lines of orders: all of them, those without a date, or those without one or later than wished.
select f.id, f.order_id
from orders_fulfilmentline f
join orders_orderline l on l.id = f.line_id
join orders_order o on o.id = f.order_id
where f.order_id = any(%(ids)s::uuid[]) and f.state = 'open' and o.state = 'submitted'
  and (%(scope)s = 'all' or f.ship_on is null
    or (%(scope)s = 'late' and (f.arrive_on > coalesce(l.requested_arrival_on, o.requested_arrival_on)
      or f.ship_on > coalesce(l.requested_ship_on, o.requested_ship_on))))
order by f.id;
