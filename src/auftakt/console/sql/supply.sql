-- name: purchase_rows
-- Purchase orders with what they are worth and when the next of it is expected.
select o.id, o.number, p.number as supplier_number, p.name as supplier, s.code as site, o.currency, o.ordered_on, o.state,
  l.lines, l.value, l.expected_on, l.inspecting, o.supplier_reference
from supply_purchaseorder o
join parties_party p on p.id = o.supplier_id
join inventory_site s on s.id = o.site_id
cross join lateral (
  select count(*) as lines, coalesce(sum(x.ordered * x.unit_cost), 0) as value, coalesce(sum(x.inspecting), 0) as inspecting,
    min(x.expected_on) filter (where x.ordered + x.excess > x.received + x.cancelled) as expected_on
  from supply_purchaseorderline x where x.purchase_order_id = o.id
) l
where true
  and (o.number ilike %(like)s or o.supplier_reference ilike %(like)s or p.number = %(text)s or p.name ilike %(like)s or o.id in (select x.purchase_order_id from supply_purchaseorderline x join catalog_item i on i.id = x.item_id where i.sku ilike %(start)s)) -- if text
  and o.state = %(state)s -- if state
  and s.code = %(site)s -- if site
  and o.ordered_on >= %(on_from)s::date -- if on_from
  and o.ordered_on <= %(on_to)s::date -- if on_to
  and l.expected_on < %(today)s and o.state in ('approved', 'sent', 'acknowledged', 'part_received') -- if late
  and l.inspecting > 0 -- if inspecting
  and o.id in (select x.purchase_order_id from supply_purchaseorderline x join inventory_bucket b on b.reference_id = x.id join promising_commitment c on c.bucket_id = b.id where b.available_on > c.need_on or b.available_on < %(today)s) -- if jeopardy

-- name: transfer_rows
-- Transfers between sites with what is on its way.
select o.id, o.number, f.code as from_site, t.code as to_site, o.state, o.ship_on, o.arrive_on, l.lines, o.note,
  case when o.state in ('shipped', 'part_received') then l.on_its_way else 0 end as on_its_way
from supply_transferorder o
join inventory_site f on f.id = o.from_site_id
join inventory_site t on t.id = o.to_site_id
cross join lateral (
  select count(*) as lines, coalesce(sum(x.shipped - x.received - x.lost), 0) as on_its_way
  from supply_transferorderline x where x.transfer_id = o.id
) l
where true
  and (o.number ilike %(like)s or o.note ilike %(like)s or o.id in (select x.transfer_id from supply_transferorderline x join catalog_item i on i.id = x.item_id where i.sku ilike %(start)s)) -- if text
  and o.state = %(state)s -- if state
  and (f.code = %(site)s or t.code = %(site)s) -- if site
  and o.arrive_on < %(today)s and o.state in ('shipped', 'part_received') -- if late

-- name: supplier_item_rows
-- Suppliers' terms for items, with the price for the smallest quantity there is today.
select t.id, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, p.number as supplier_number, p.name as supplier,
  t.supplier_sku, t.lead_time_days, t.minimum, t.multiple, t.rank, t.inspects, t.is_active, c.unit_price, c.currency,
  c.breaks
from supply_supplieritem t
join parties_party p on p.id = t.supplier_id
join catalog_item i on i.id = t.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join lateral (
  select x.unit_price, x.currency, count(*) over () as breaks from supply_supplierprice x
  where x.supplier_item_id = t.id
    and coalesce(x.valid_from, '-infinity') <= %(today)s and coalesce(x.valid_to, 'infinity') >= %(today)s
  order by x.from_quantity, x.currency limit 1
) c on true
where true
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s or p.name ilike %(like)s or p.number = %(text)s or t.supplier_sku ilike %(start)s) -- if text
  and t.inspects -- if inspects

-- name: supplier_options
select p.number, p.name from parties_party p
where p.is_supplier and p.status <> 'blocked' and (p.number ilike %(start)s or p.name ilike %(like)s)
order by p.name, p.number limit 12;

