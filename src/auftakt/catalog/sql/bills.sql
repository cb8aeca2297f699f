-- name: bills_to_save
-- The bills of items as they stand, with their lines; under the turn of all bills nobody else changes them.
select b.id, i.sku, b.plant, l.component_id, l.quantity, l.scrap_percent, l.valid_from, l.valid_to
from catalog_bill b
join catalog_item i on i.id = b.item_id
left join catalog_billline l on l.bill_id = b.id
where b.item_id = any(%(items)s::uuid[])
order by b.id, l.position;

-- name: bills_below
-- Every bill of items and of all that goes into them, whatever the plant or the day: where a circle would show.
with recursive below (id) as (
    select * from unnest(%(items)s::uuid[])
    union
    select l.component_id
    from below n
    join catalog_bill b on b.item_id = n.id
    join catalog_billline l on l.bill_id = b.id
)
select b.id, b.item_id, array_agg(l.component_id)
from below n join catalog_bill b on b.item_id = n.id join catalog_billline l on l.bill_id = b.id
group by b.id;

-- name: skus_of
select id, sku from catalog_item where id = any(%(ids)s::uuid[]);

-- name: delete_bill_lines
delete from catalog_billline where bill_id = any(%(bills)s::uuid[]);

-- name: delete_bills
delete from catalog_bill where id = any(%(bills)s::uuid[]);

-- name: read_bills
select b.id, b.item_id, i.sku, i.name, i.unit_id, b.plant
from catalog_bill b join catalog_item i on i.id = b.item_id
where b.item_id = any(%(items)s::uuid[])
order by i.sku, b.plant;

-- name: list_bills
select b.id, b.item_id, i.sku, i.name, i.unit_id, b.plant
from catalog_bill b join catalog_item i on i.id = b.item_id
where (i.sku, b.plant) > (%(sku)s, %(plant)s)
order by i.sku, b.plant
limit %(limit)s;

-- name: read_bill_lines
select l.bill_id, l.position, l.component_id, i.sku, i.name, i.unit_id, u.decimals, l.quantity, l.scrap_percent,
       l.valid_from, l.valid_to, exists (select from catalog_bill b where b.item_id = l.component_id)
from catalog_billline l
join catalog_item i on i.id = l.component_id
join catalog_unitofmeasure u on u.code = i.unit_id
where l.bill_id = any(%(bills)s::uuid[])
order by l.bill_id, l.position;

-- name: explode_bills
-- Trees of all that goes into what is wished. Circles are refused when bills are saved; the depth is a last guard.
with recursive tree (number, level, item_id, parent_id, per, scrap, quantity, path) as (
    select w.number, 0, w.item, null::uuid, 1::numeric, 0::numeric, w.quantity, array[]::int[]
    from unnest(%(items)s::uuid[], %(quantities)s::numeric[]) with ordinality as w(item, quantity, number)
    union all
    select t.number, t.level + 1, l.component_id, t.item_id, l.quantity, l.scrap_percent,
           t.quantity * l.quantity * (1 + l.scrap_percent / 100), t.path || l.position
    from tree t
    cross join lateral (
        select b.id from catalog_bill b
        where b.item_id = t.item_id and b.plant in ('', %(plant)s)
        order by b.plant desc limit 1
    ) b
    join catalog_billline l on l.bill_id = b.id
        and (l.valid_from is null or l.valid_from <= %(on)s) and (l.valid_to is null or l.valid_to > %(on)s)
    where t.level < 60
)
select t.number::int - 1, t.level, t.item_id, t.parent_id, i.sku, i.name, i.unit_id, u.decimals, t.per, t.scrap,
       round(t.quantity, 6),
       coalesce(lead(t.level) over w <= t.level, true) as is_leaf
from tree t
join catalog_item i on i.id = t.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
window w as (partition by t.number order by t.path)
order by t.number, t.path;

-- name: bill_edges
select b.item_id, b.plant, l.component_id, l.quantity * (1 + l.scrap_percent / 100)
from catalog_bill b join catalog_billline l on l.bill_id = b.id
where (l.valid_from is null or l.valid_from <= %(on)s) and (l.valid_to is null or l.valid_to > %(on)s);

-- name: where_used
select l.component_id, i.id, i.sku, i.name, b.plant, l.quantity
from catalog_billline l
join catalog_bill b on b.id = l.bill_id
join catalog_item i on i.id = b.item_id
where l.component_id = any(%(items)s::uuid[])
  and (l.valid_from is null or l.valid_from <= %(on)s) and (l.valid_to is null or l.valid_to > %(on)s)
order by l.component_id, i.sku, b.plant;
