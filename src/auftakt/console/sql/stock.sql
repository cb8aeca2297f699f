-- name: stock_rows
-- Stock per item and site: on hand, promised of it, free, and what is expected.
with wanted as (
  select i.id, i.sku, i.name, i.unit_id from catalog_item i
  where i.kind = 'stocked'
    and (%(text)s = '' or i.sku ilike %(like)s or i.name ilike %(like)s)
    and (i.sku > %(after)s)
    and (%(site)s::uuid is null or exists (select 1 from inventory_bucket b where b.item_id = i.id and b.site_id = %(site)s))
    and (not %(only_short)s or exists (
      select 1 from inventory_bucket b where b.item_id = i.id and (%(site)s::uuid is null or b.site_id = %(site)s)
      group by b.item_id having sum(case when b.kind = 'on_hand' then b.quantity - b.drawn else 0 end) <= 0))
  order by i.sku limit %(limit)s
)
select w.id, w.sku, w.name, w.unit_id as unit, s.code as site,
  coalesce(sum(b.quantity) filter (where b.kind = 'on_hand'), 0) as on_hand,
  coalesce(sum(b.drawn) filter (where b.kind = 'on_hand'), 0) as promised,
  coalesce(sum(b.quantity - b.drawn) filter (where b.kind = 'on_hand'), 0) as free,
  coalesce(sum(b.quantity - b.drawn) filter (where b.kind <> 'on_hand'), 0) as expected,
  min(b.available_on) filter (where b.kind <> 'on_hand' and b.quantity > b.drawn) as expected_on
from wanted w
left join inventory_bucket b on b.item_id = w.id and (%(site)s::uuid is null or b.site_id = %(site)s)
left join inventory_site s on s.id = b.site_id
group by w.id, w.sku, w.name, w.unit_id, s.code
order by w.sku, s.code;

-- name: item_stock
-- An item's stock at every site that has or expects some.
select s.id as site_id, s.code as site, s.name as site_name,
  coalesce(sum(b.quantity) filter (where b.kind = 'on_hand'), 0) as on_hand,
  coalesce(sum(b.drawn) filter (where b.kind = 'on_hand'), 0) as promised,
  coalesce(sum(b.quantity - b.drawn) filter (where b.kind = 'on_hand'), 0) as free,
  coalesce(sum(b.quantity - b.drawn) filter (where b.kind <> 'on_hand'), 0) as expected
from inventory_bucket b join inventory_site s on s.id = b.site_id
where b.item_id = %(item)s
group by s.id, s.code, s.name order by s.code;

-- name: item_buckets
-- Supply of an item, piece by piece: what is there and what comes, and from which purchase order.
select b.id, b.kind, s.code as site, b.available_on, b.quantity, b.drawn, p.number as purchase
from inventory_bucket b
join inventory_site s on s.id = b.site_id
left join supply_purchaseorderline l on l.id = b.reference_id
left join supply_purchaseorder p on p.id = l.purchase_order_id
where b.item_id = %(item)s and (b.quantity > 0 or b.kind = 'on_hand')
order by b.available_on nulls first, s.code limit 200;

-- name: item_moves
-- The newest ledger entries of an item.
select m.id, m.at, m.actor, m.quantity, m.reason, m.note, f.kind as from_kind, fs.code as from_site, t.kind as to_kind, ts.code as to_site
from inventory_move m
join inventory_location f on f.id = m.taken_from_id left join inventory_site fs on fs.id = f.site_id
join inventory_location t on t.id = m.put_to_id left join inventory_site ts on ts.id = t.site_id
where m.item_id = %(item)s order by m.at desc, m.id desc limit %(limit)s;

-- name: item_stock_at
-- On hand of an item per site at a past instant: the sum of the ledger up to it.
select s.code as site, s.name as site_name, sum(v.quantity) as on_hand
from (
  select l.site_id, m.quantity from inventory_move m join inventory_location l on l.id = m.put_to_id
  where m.item_id = %(item)s and m.at <= %(instant)s and l.kind = 'stock'
  union all
  select l.site_id, -m.quantity from inventory_move m join inventory_location l on l.id = m.taken_from_id
  where m.item_id = %(item)s and m.at <= %(instant)s and l.kind = 'stock'
) v join inventory_site s on s.id = v.site_id
group by s.code, s.name order by s.code;

-- name: item_holders
-- Who holds an item's supply: the fulfilment lines that have drawn it.
select o.id as order_id, o.number, p.name as customer, s.code as site, b.kind, b.available_on, c.quantity, f.ship_on
from promising_commitment c
join inventory_bucket b on b.id = c.bucket_id join inventory_site s on s.id = b.site_id
join orders_fulfilmentline f on f.id = c.demand_id join orders_order o on o.id = f.order_id
join parties_party p on p.id = o.customer_id
where b.item_id = %(item)s order by f.ship_on nulls last, o.number limit 100;
