-- name: list_resources
select r.id, r.site_id, s.code, r.code, r.name, r.measure, coalesce(c.code, '')
from supply_resource r
join inventory_site s on s.id = r.site_id
left join inventory_calendar c on c.id = r.calendar_id
where (%(ids)s::uuid[] is null or r.id = any(%(ids)s::uuid[]))
  and (%(site)s::uuid is null or r.site_id = %(site)s::uuid)
order by s.code, r.code;

-- name: list_shifts
select resource_id, name, capacity, weekdays from supply_shift
where resource_id = any(%(ids)s::uuid[]) order by resource_id, position;

-- name: list_resource_days
select resource_id, day, capacity, note from supply_resourceday
where resource_id = any(%(ids)s::uuid[]) order by resource_id, day;

-- name: routed_resources
-- Resources whose measure is fixed, because operations rest on it.
select distinct resource_id from supply_routingoperation where resource_id = any(%(ids)s::uuid[])
union
select distinct resource_id from supply_workorderoperation where resource_id = any(%(ids)s::uuid[]);

-- name: save_resources
insert into supply_resource as r (id, site_id, code, name, measure, calendar_id)
select w.id, w.site, w.code, w.name, w.measure, c.id
from unnest(%(ids)s::uuid[], %(sites)s::uuid[], %(codes)s::text[], %(names)s::text[], %(measures)s::text[],
            %(calendars)s::text[]) as w(id, site, code, name, measure, calendar)
left join inventory_calendar c on c.code = w.calendar
order by w.id
on conflict (site_id, code) do update
set name = excluded.name, measure = excluded.measure, calendar_id = excluded.calendar_id;

-- name: delete_shifts
delete from supply_shift where resource_id = any(%(ids)s::uuid[]);

-- name: delete_resource_days
delete from supply_resourceday where resource_id = any(%(ids)s::uuid[]);

-- name: list_routings
select r.id, r.item_id, i.sku, i.name, r.site_id, s.code, r.lead_days, r.days_per_piece
from supply_routing r
join catalog_item i on i.id = r.item_id
join inventory_site s on s.id = r.site_id
where (%(items)s::uuid[] is null or r.item_id = any(%(items)s::uuid[]))
  and (i.sku, s.code) > (%(after_sku)s, %(after_site)s)
order by i.sku, s.code
limit %(limit)s;

-- name: list_operations
select o.routing_id, o.sequence, o.name, o.resource_id, r.code, r.measure, o.setup_minutes, o.run_minutes
from supply_routingoperation o join supply_resource r on r.id = o.resource_id
where o.routing_id = any(%(ids)s::uuid[])
order by o.routing_id, o.sequence;

-- name: save_routings
insert into supply_routing as r (id, item_id, site_id, lead_days, days_per_piece)
select * from unnest(%(ids)s::uuid[], %(items)s::uuid[], %(sites)s::uuid[], %(lead_days)s::int[], %(per_piece)s::numeric[])
order by 1
on conflict (item_id, site_id) do update
set lead_days = excluded.lead_days, days_per_piece = excluded.days_per_piece;

-- name: delete_operations
delete from supply_routingoperation where routing_id = any(%(ids)s::uuid[]);

-- name: insert_work
-- A number that exists already is left alone.
insert into supply_workorder
  (id, serial, number, item_id, site_id, quantity, finished, scrapped, cancelled, starts_on, due_on, state, note,
   created_at)
select w.id, w.serial, w.number, w.item, w.site, w.quantity, 0, 0, 0, w.starts_on, w.due_on, %(state)s, w.note, %(at)s
from unnest(%(ids)s::uuid[], %(serials)s::bigint[], %(numbers)s::text[], %(items)s::uuid[], %(sites)s::uuid[],
            %(quantities)s::numeric[], %(starts)s::date[], %(dues)s::date[], %(notes)s::text[])
  as w(id, serial, number, item, site, quantity, starts_on, due_on, note)
order by w.number
on conflict (number) do nothing
returning id;

-- name: planned_work
select number, id, item_id, site_id, quantity from supply_workorder where number = any(%(numbers)s::text[]);

-- name: lock_work
select id from supply_workorder where id = any(%(ids)s::uuid[]) order by id for update;

-- name: lock_supply_of_work
-- What work orders bring and where it goes to, and the stock of their components: nobody is promised any of it meanwhile.
select b.id
from inventory_bucket b
where b.reference_id = any(%(ids)s::uuid[])
   or b.id in (
     select h.id from supply_workorder w
     join inventory_bucket h on h.item_id = w.item_id and h.site_id = w.site_id and h.kind = 'on_hand'
     where w.id = any(%(ids)s::uuid[])
     union all
     select h.id from supply_workordercomponent c
     join supply_workorder w on w.id = c.work_order_id
     join inventory_bucket h on h.item_id = c.item_id and h.site_id = w.site_id and h.kind = 'on_hand'
     where w.id = any(%(ids)s::uuid[]))
order by b.id
for update;

-- name: work_heads
select w.id, w.serial, w.number, w.item_id, i.sku, i.name, i.unit_id, u.decimals, w.site_id, s.code, s.is_open,
       w.quantity, w.finished, w.scrapped, w.cancelled, w.starts_on, w.due_on,
       (select max(l.day) from supply_workorderoperation o join supply_capacityload l on l.operation_id = o.id
        where o.work_order_id = w.id),
       w.state, w.note, b.id, coalesce(b.drawn, 0)
from supply_workorder w
join catalog_item i on i.id = w.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
join inventory_site s on s.id = w.site_id
left join inventory_bucket b on b.reference_id = w.id
where w.id = any(%(ids)s::uuid[])
order by w.serial desc;

-- name: list_work
-- A page of work orders, latest first, before a serial.
select w.id
from supply_workorder w
join catalog_item i on i.id = w.item_id
where (%(before)s::bigint is null or w.serial < %(before)s::bigint)
  and (%(states)s::text[] is null or w.state = any(%(states)s::text[]))
  and (%(site)s::uuid is null or w.site_id = %(site)s::uuid)
  and (%(item)s::uuid is null or w.item_id = %(item)s::uuid)
order by w.serial desc
limit %(limit)s::int;

-- name: work_components
select c.id, c.work_order_id, c.position, c.item_id, i.sku, i.name, i.unit_id, u.decimals, c.per, c.scrap_percent,
       c.required, c.reserved, c.issued
from supply_workordercomponent c
join catalog_item i on i.id = c.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
where c.work_order_id = any(%(ids)s::uuid[])
order by c.work_order_id, c.position;

-- name: work_operations
select o.id, o.work_order_id, o.sequence, o.name, o.resource_id, r.code, r.measure, o.amount, min(l.day), max(l.day)
from supply_workorderoperation o
join supply_resource r on r.id = o.resource_id
left join supply_capacityload l on l.operation_id = o.id
where o.work_order_id = any(%(ids)s::uuid[])
group by o.id, r.id
order by o.work_order_id, o.sequence;

-- name: change_work
update supply_workorder w
set finished = n.finished, scrapped = n.scrapped, cancelled = n.cancelled, starts_on = n.starts_on, due_on = n.due_on,
    state = n.state
from unnest(%(ids)s::uuid[], %(finished)s::numeric[], %(scrapped)s::numeric[], %(cancelled)s::numeric[],
            %(starts)s::date[], %(dues)s::date[], %(states)s::text[])
  as n(id, finished, scrapped, cancelled, starts_on, due_on, state)
where w.id = n.id;

-- name: change_components
update supply_workordercomponent c
set reserved = n.reserved, issued = n.issued
from unnest(%(ids)s::uuid[], %(reserved)s::numeric[], %(issued)s::numeric[]) as n(id, reserved, issued)
where c.id = n.id;

-- name: lock_resources
select id from supply_resource where id = any(%(ids)s::uuid[]) order by id for update;

-- name: sum_loads
-- What is taken of resources by day, without what some work orders take.
select l.resource_id, l.day, sum(l.amount)
from supply_capacityload l join supply_workorderoperation o on o.id = l.operation_id
where l.resource_id = any(%(ids)s::uuid[]) and l.day between %(first)s and %(last)s
  and o.work_order_id <> all(%(without)s::uuid[])
group by l.resource_id, l.day;

-- name: list_loads
select l.resource_id, l.day, l.amount, o.work_order_id, w.number, i.sku, o.name
from supply_capacityload l
join supply_workorderoperation o on o.id = l.operation_id
join supply_workorder w on w.id = o.work_order_id
join catalog_item i on i.id = w.item_id
where l.resource_id = any(%(ids)s::uuid[]) and l.day between %(first)s and %(last)s
order by l.resource_id, l.day, w.number, o.sequence;

-- name: delete_loads
delete from supply_capacityload l
using supply_workorderoperation o
where o.id = l.operation_id and o.work_order_id = any(%(ids)s::uuid[]);

-- name: jeopardised_work
-- Open work orders that are due before a day, soonest first.
select w.id from supply_workorder w
where w.state in ('draft', 'released', 'started') and w.due_on < %(day)s
order by w.due_on, w.serial
limit %(limit)s;
