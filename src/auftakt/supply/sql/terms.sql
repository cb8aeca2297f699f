-- name: ensure_supplier_items
insert into supply_supplieritem (id, supplier_id, item_id, supplier_sku, lead_time_days, minimum, multiple, rank,
                                 over_percent, under_percent, inspects, is_active)
select w.id, w.supplier, w.item, '', 0, 0, 0, 1, 0, 0, false, true
from unnest(%(ids)s::uuid[], %(suppliers)s::uuid[], %(items)s::uuid[]) as w(id, supplier, item)
order by w.supplier, w.item
on conflict (supplier_id, item_id) do nothing
returning id;

-- name: lock_supplier_items
select t.supplier_id, t.item_id, t.id
from supply_supplieritem t
where (t.supplier_id, t.item_id) in (select * from unnest(%(suppliers)s::uuid[], %(items)s::uuid[]))
order by t.id
for update;

-- name: change_supplier_items
update supply_supplieritem t
set supplier_sku = w.supplier_sku, lead_time_days = w.lead_time, minimum = w.minimum, multiple = w.multiple,
    rank = w.rank, over_percent = w.over_percent, under_percent = w.under_percent, inspects = w.inspects,
    is_active = w.is_active
from unnest(%(ids)s::uuid[], %(supplier_skus)s::text[], %(lead_time_dayss)s::int[], %(minimums)s::numeric[],
            %(multiples)s::numeric[], %(ranks)s::int[], %(over_percents)s::numeric[], %(under_percents)s::numeric[],
            %(inspectss)s::bool[], %(is_actives)s::bool[])
  as w(id, supplier_sku, lead_time, minimum, multiple, rank, over_percent, under_percent, inspects, is_active)
where t.id = w.id;

-- name: delete_prices
delete from supply_supplierprice where supplier_item_id = any(%(ids)s::uuid[]);

-- name: supplier_items
-- Terms by item and preference, after a position (sku, rank, id).
select t.id, t.supplier_id, p.number, p.name, t.item_id, i.sku, i.name, i.unit_id, t.lead_time_days, t.supplier_sku,
       t.minimum, t.multiple, t.rank, t.over_percent, t.under_percent, t.inspects, t.is_active
from supply_supplieritem t
join parties_party p on p.id = t.supplier_id
join catalog_item i on i.id = t.item_id
where (%(ids)s::uuid[] is null or t.id = any(%(ids)s::uuid[]))
  and (%(items)s::uuid[] is null or t.item_id = any(%(items)s::uuid[]))
  and (%(supplier)s::uuid is null or t.supplier_id = %(supplier)s::uuid)
  and (%(after_id)s::uuid is null
       or (i.sku, t.rank, t.id) > (%(after_sku)s::text, %(after_rank)s::int, %(after_id)s::uuid))
order by i.sku, t.rank, t.id
limit %(limit)s::int;

-- name: terms_of
-- The terms in force of suppliers for items.
select t.id, t.supplier_id, p.number, p.name, t.item_id, i.sku, i.name, i.unit_id, t.lead_time_days, t.supplier_sku,
       t.minimum, t.multiple, t.rank, t.over_percent, t.under_percent, t.inspects, t.is_active
from supply_supplieritem t
join parties_party p on p.id = t.supplier_id
join catalog_item i on i.id = t.item_id
where t.is_active and (t.supplier_id, t.item_id) in (select * from unnest(%(suppliers)s::uuid[], %(items)s::uuid[]));

-- name: supplier_prices
select supplier_item_id, from_quantity, unit_price, currency, valid_from, valid_to
from supply_supplierprice
where supplier_item_id = any(%(ids)s::uuid[])
order by supplier_item_id, currency, from_quantity, valid_from nulls first;
