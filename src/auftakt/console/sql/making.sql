-- name: calendar_rows
select c.id, c.code, c.name, c.weekdays, c.country, c.subdivision,
  (select count(*) from inventory_calendarexception x where x.calendar_id = c.id) as exceptions,
  (select count(*) from inventory_site s where c.id in (s.ships_by_id, s.receives_by_id))
  + (select count(*) from supply_resource r where r.calendar_id = c.id) as users
from inventory_calendar c
where true
  and (c.name ilike %(like)s or c.code ilike %(start)s) -- if text

-- name: bill_rows
select b.id, i.sku, coalesce(tr.name, i.name) as name, b.plant,
  (select count(*) from catalog_billline l where l.bill_id = b.id) as lines,
  (select count(distinct u.item_id) from catalog_billline l join catalog_bill u on u.id = l.bill_id
   where l.component_id = b.item_id) as used_in
from catalog_bill b
join catalog_item i on i.id = b.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where true
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s) -- if text
  and b.plant = %(plant)s -- if plant
  and not exists (select from catalog_billline l join catalog_bill u on u.id = l.bill_id where l.component_id = b.item_id) -- if top

-- name: bill_of
select item_id, plant from catalog_bill where id = %(id)s;

-- name: shelves_of_items
-- What is free on the shelf of items, at a site or everywhere.
select b.item_id, sum(b.quantity - b.drawn)
from inventory_bucket b join inventory_site s on s.id = b.site_id
where b.kind = 'on_hand' and b.item_id = any(%(items)s::uuid[]) and (%(site)s = '' or s.code = %(site)s)
group by b.item_id;

-- name: resource_rows
select r.id, r.code, r.name, s.code as site, r.measure, coalesce(c.name, '') as calendar,
  (select count(distinct o.routing_id) from supply_routingoperation o where o.resource_id = r.id) as routings,
  coalesce((select sum(l.amount) from supply_capacityload l
            where l.resource_id = r.id and l.day between %(today)s and %(today)s::date + 6), 0) as load
from supply_resource r
join inventory_site s on s.id = r.site_id
left join inventory_calendar c on c.id = r.calendar_id
where true
  and (r.name ilike %(like)s or r.code ilike %(start)s) -- if text
  and s.code = %(site)s -- if site

-- name: routing_rows
select r.id, i.sku, coalesce(tr.name, i.name) as name, s.code as site, r.lead_days, r.days_per_piece,
  coalesce((select string_agg(x.code, ' → ' order by o.sequence)
            from supply_routingoperation o join supply_resource x on x.id = o.resource_id
            where o.routing_id = r.id), '') as resources
from supply_routing r
join catalog_item i on i.id = r.item_id
join inventory_site s on s.id = r.site_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where true
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s) -- if text
  and s.code = %(site)s -- if site

-- name: routing_of
select item_id, site_id from supply_routing where id = %(id)s;

-- name: work_rows
select w.id, w.serial, w.number, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, s.code as site, w.quantity,
  w.quantity - w.finished - w.scrapped - w.cancelled as open, w.starts_on, w.due_on, w.state,
  coalesce(b.drawn, 0) as promised,
  w.state in ('draft', 'released', 'started') and w.due_on < %(today)s as is_late
from supply_workorder w
join catalog_item i on i.id = w.item_id
join inventory_site s on s.id = w.site_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join inventory_bucket b on b.reference_id = w.id
where true
  and (w.number ilike %(start)s or i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s) -- if text
  and w.state = %(state)s -- if state
  and w.state in ('draft', 'released', 'started') and w.due_on < %(today)s -- if late
  and s.code = %(site)s -- if site

-- name: work_holders
-- Orders that hold what a work order brings, soonest need first.
select o.id, o.number, p.name as customer, c.quantity, c.need_on, f.ship_on
from promising_commitment c
join orders_fulfilmentline f on f.id = c.demand_id
join orders_order o on o.id = f.order_id
join parties_party p on p.id = o.customer_id
where c.bucket_id = %(bucket)s
order by c.need_on, c.priority, c.id
limit 100;
