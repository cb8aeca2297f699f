-- name: demand_in_jeopardy
-- Open lines without a promise, on supply that is overdue or comes after they need it, or promised later than wished. Each
-- has one reason and one supplier: of the supply that comes last, else the one it is bought from first. The lines are
-- gathered from their partial indexes and from the pegs of expected supply.
select f.id, f.order_id, o.number, p.number as customer, p.name as customer_name, i.sku, coalesce(tr.name, i.name) as item_name,
  f.quantity, l.unit_id as unit, o.priority, coalesce(s.code, '') as site, f.ship_on, f.arrive_on, w.due_on,
  k.document, coalesce(v.number, '-') as supplier, coalesce(v.name, '') as supplier_name,
  case when f.ship_on is null then 'unpromised' when k.is_overdue then 'supply_overdue' when k.document is not null then 'supply_late' else 'later_than_wished' end as reason,
  f.arrive_on + greatest(coalesce(k.slip, 0), 0) as comes_on,
  case when f.ship_on is null then 100000 else greatest(0, f.arrive_on + greatest(coalesce(k.slip, 0), 0) - w.due_on) end as urgency,
  round(l.net * f.quantity / l.quantity, 2) as value, o.currency
from orders_fulfilmentline f
join orders_order o on o.id = f.order_id
join orders_orderline l on l.id = f.line_id
join parties_party p on p.id = o.customer_id
join catalog_item i on i.id = f.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join inventory_site s on s.id = f.site_id
cross join lateral (
  select coalesce(l.requested_arrival_on, o.requested_arrival_on, coalesce(l.requested_ship_on, o.requested_ship_on) + coalesce(f.arrive_on - f.ship_on, 0), f.arrive_on) as due_on
) w
left join lateral (
  select concat(d.number, t.number, m.number, '/' || coalesce(x.line_number, y.line_number)) as document, d.supplier_id,
    b.available_on < %(today)s as is_overdue, greatest(b.available_on, %(today)s::date + (b.available_on < %(today)s)::integer) - c.need_on as slip
  from promising_commitment c
  join inventory_bucket b on b.id = c.bucket_id and b.available_on is not null
  left join supply_purchaseorderline x on x.id = b.reference_id
  left join supply_purchaseorder d on d.id = x.purchase_order_id
  left join supply_transferorderline y on y.id = b.reference_id
  left join supply_transferorder t on t.id = y.transfer_id
  left join supply_workorder m on m.id = b.reference_id
  where c.demand_id = f.id and (b.available_on < %(today)s or b.available_on > c.need_on)
  order by is_overdue desc, slip desc, b.id limit 1
) k on true
left join parties_party v on v.id = coalesce(k.supplier_id, (select z.supplier_id from supply_supplieritem z where z.item_id = f.item_id and z.is_active order by z.rank, z.supplier_id limit 1))
where f.state = 'open' and f.quantity > 0 and o.state = 'submitted'
  and f.id = any(array(
    select u.id from orders_fulfilmentline u where u.state = 'open' and u.ship_on is null
    union all
    select g.id from orders_fulfilmentline g where g.state in ('open', 'released') and (g.promise -> 'why') = '"later_than_wished"'::jsonb
    union all
    select c.demand_id from inventory_bucket b join promising_commitment c on c.bucket_id = b.id
    where b.kind <> 'on_hand' and b.drawn > 0 and (b.available_on < %(today)s or b.available_on > c.need_on)
  ))
  and (o.number ilike %(start)s or p.number = %(text)s or p.name ilike %(like)s or i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s) -- if text
  and case when f.ship_on is null then 'unpromised' when k.is_overdue then 'supply_overdue' when k.document is not null then 'supply_late' else 'later_than_wished' end = %(reason)s -- if reason
  and p.number = %(customer)s -- if customer
  and i.sku = %(item)s -- if item
  and coalesce(v.number, '-') = %(supplier)s -- if supplier
  and s.code = %(site)s -- if site
  and f.id in (select c.demand_id from promising_commitment c join inventory_bucket b on b.id = c.bucket_id left join supply_purchaseorderline x on x.id = b.reference_id left join supply_purchaseorder d on d.id = x.purchase_order_id left join supply_transferorderline y on y.id = b.reference_id left join supply_transferorder t on t.id = y.transfer_id left join supply_workorder m on m.id = b.reference_id where (b.available_on < %(today)s or b.available_on > c.need_on) and concat(d.number, t.number, m.number, '/' || coalesce(x.line_number, y.line_number)) = %(supply)s) -- if supply

-- name: supply_in_jeopardy
-- Expected supply that is overdue, or comes after the need of those who were promised it, with the lines that are hit:
-- exactly those that the other list shows for it.
select b.id, i.sku, coalesce(tr.name, i.name) as item_name, s.code as site, b.kind, b.available_on as expected_on,
  greatest(0, %(today)s::date - b.available_on) as overdue_days, b.quantity, b.drawn, i.unit_id as unit,
  concat(d.number, t.number, m.number, '/' || coalesce(x.line_number, y.line_number)) as document,
  d.id as purchase_id, t.id as transfer_id, v.number as supplier, coalesce(v.name, '') as supplier_name,
  case when b.available_on < %(today)s then 'supply_overdue' else 'supply_late' end as reason,
  h.lines, h.orders, h.quantity as hit, h.needed_on
from inventory_bucket b
join catalog_item i on i.id = b.item_id
join inventory_site s on s.id = b.site_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join supply_purchaseorderline x on x.id = b.reference_id
left join supply_purchaseorder d on d.id = x.purchase_order_id
left join supply_transferorderline y on y.id = b.reference_id
left join supply_transferorder t on t.id = y.transfer_id
left join supply_workorder m on m.id = b.reference_id
left join parties_party v on v.id = d.supplier_id
cross join lateral (
  select count(*) as lines, count(distinct f.order_id) as orders, coalesce(sum(c.quantity), 0) as quantity, min(c.need_on) as needed_on
  from promising_commitment c
  join orders_fulfilmentline f on f.id = c.demand_id and f.state = 'open'
  join orders_order o on o.id = f.order_id and o.state = 'submitted'
  where c.bucket_id = b.id and (b.available_on < %(today)s or b.available_on > c.need_on)
) h
where b.kind <> 'on_hand' and b.quantity > 0
  and (b.available_on < %(today)s or exists (select 1 from promising_commitment c where c.bucket_id = b.id and c.need_on < b.available_on))
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s or v.name ilike %(like)s or d.number ilike %(start)s or t.number ilike %(start)s or m.number ilike %(start)s) -- if text
  and case when b.available_on < %(today)s then 'supply_overdue' else 'supply_late' end = %(reason)s -- if reason
  and v.number = %(supplier)s -- if supplier
  and i.sku = %(item)s -- if item
  and s.code = %(site)s -- if site
  and h.lines > 0 -- if promised
