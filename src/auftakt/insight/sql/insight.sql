-- name: days_of_orders
-- The days on which orders were placed and closed.
select distinct (v.at at time zone %(zone)s)::date from orders_order o cross join lateral (values (o.ordered_at), (o.closed_at)) v(at)
where o.id = any(%(ids)s::uuid[]) and v.at is not null order by 1;

-- name: zones_in_use
select distinct zone from insight_orderday union select distinct zone from insight_closedday;

-- name: forget_order_days
delete from insight_orderday where %(days)s::date[] is null or day = any(%(days)s::date[]);

-- name: forget_closed_days
delete from insight_closedday where %(days)s::date[] is null or day = any(%(days)s::date[]);

-- name: count_order_days
-- Some days anew from their orders: a look at the index of each day.
insert into insight_orderday (id, day, zone, currency, orders, gross)
select gen_random_uuid(), d.day, %(zone)s, o.currency, count(*), sum(o.gross)
from unnest(%(days)s::date[]) d(day) join orders_order o
  on o.ordered_at >= d.day::timestamp at time zone %(zone)s and o.ordered_at < (d.day + 1)::timestamp at time zone %(zone)s
group by d.day, o.currency;

-- name: count_closed_days
insert into insight_closedday (day, zone, closed, perfect, on_time, in_full)
select d.day, %(zone)s, count(*), count(*) filter (where c.perfect), count(*) filter (where c.on_time), count(*) filter (where c.in_full)
from unnest(%(days)s::date[]) d(day) join orders_order o
  on o.closed_at >= d.day::timestamp at time zone %(zone)s and o.closed_at < (d.day + 1)::timestamp at time zone %(zone)s
join orders_closure c on c.order_id = o.id
group by d.day;

-- name: count_all_order_days
insert into insight_orderday (id, day, zone, currency, orders, gross)
select gen_random_uuid(), (o.ordered_at at time zone %(zone)s)::date as day, %(zone)s, o.currency, count(*), sum(o.gross)
from orders_order o group by 2, o.currency;

-- name: count_all_closed_days
insert into insight_closedday (day, zone, closed, perfect, on_time, in_full)
select (o.closed_at at time zone %(zone)s)::date as day, %(zone)s, count(*), count(*) filter (where c.perfect),
  count(*) filter (where c.on_time), count(*) filter (where c.in_full)
from orders_order o join orders_closure c on c.order_id = o.id where o.closed_at is not null group by 1;
