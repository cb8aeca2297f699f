-- name: verify_order_days
-- The orders and the value kept for each day are those of its orders, unless the journal tells of a change not counted yet.
with zones as (select distinct zone from insight_orderday), counted as (
  select (o.ordered_at at time zone z.zone)::date as day, o.currency, count(*) as orders, sum(o.gross) as gross
  from orders_order o cross join zones z group by 1, 2
), unread as (
  select distinct (o.ordered_at at time zone z.zone)::date as day
  from platform_journalreader r join platform_journalentry j on (j.tx, j.id) > (r.tx::text::xid8, coalesce(r.entry_id, '00000000-0000-0000-0000-000000000000'))
  join orders_order o on o.id = j.subject_id cross join zones z
  where r.name = 'insight' and j.subject_type = 'order'
)
select count(*) filter (where wrong) as violations, count(*) as checked,
  min(concat(day, ' ', currency, ': ', kept, ' orders kept, ', there, ' there')) filter (where wrong) as example
from (
  select coalesce(d.day, c.day) as day, coalesce(d.currency, c.currency) as currency, coalesce(d.orders, 0) as kept, coalesce(c.orders, 0) as there,
    (coalesce(d.orders, 0), coalesce(d.gross, 0)) <> (coalesce(c.orders, 0), coalesce(c.gross, 0)) as wrong
  from insight_orderday d full join counted c on c.day = d.day and c.currency = d.currency
  where coalesce(d.day, c.day) not in (select day from unread)
) v;

-- name: verify_closed_days
-- The closed and the perfect orders kept for each day are those of the closures.
with zones as (select distinct zone from insight_closedday), counted as (
  select (o.closed_at at time zone z.zone)::date as day, count(*) as closed, count(*) filter (where c.perfect) as perfect,
    count(*) filter (where c.on_time) as on_time, count(*) filter (where c.in_full) as in_full
  from orders_order o join orders_closure c on c.order_id = o.id cross join zones z where o.closed_at is not null group by 1
), unread as (
  select distinct (o.closed_at at time zone z.zone)::date as day
  from platform_journalreader r join platform_journalentry j on (j.tx, j.id) > (r.tx::text::xid8, coalesce(r.entry_id, '00000000-0000-0000-0000-000000000000'))
  join orders_order o on o.id = j.subject_id cross join zones z
  where r.name = 'insight' and j.subject_type = 'order' and o.closed_at is not null
)
select count(*) filter (where wrong) as violations, count(*) as checked,
  min(concat(day, ': ', kept, ' closed orders kept, ', there, ' there')) filter (where wrong) as example
from (
  select coalesce(d.day, c.day) as day, coalesce(d.closed, 0) as kept, coalesce(c.closed, 0) as there,
    (coalesce(d.closed, 0), coalesce(d.perfect, 0), coalesce(d.on_time, 0), coalesce(d.in_full, 0))
      <> (coalesce(c.closed, 0), coalesce(c.perfect, 0), coalesce(c.on_time, 0), coalesce(c.in_full, 0)) as wrong
  from insight_closedday d full join counted c on c.day = d.day
  where coalesce(d.day, c.day) not in (select day from unread)
) v;
