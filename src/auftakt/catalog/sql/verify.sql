-- name: verify_kits
-- A kit has components, and only a kit has them.
select count(*) filter (where bad) as violations, count(*) as checked, min(example) filter (where bad) as example
from (
    select 'item ' || i.sku as example, (i.kind = 'kit') <> (count(kc.id) > 0) as bad
    from catalog_item i left join catalog_kitcomponent kc on kc.kit_id = i.id
    where i.kind = 'kit' or kc.id is not null
    group by i.id
) each_kit;

-- name: verify_kit_components
-- What an active kit holds is stocked, active, and a quantity that its unit admits.
select count(*) filter (where bad) as violations, count(*) as checked, min(example) filter (where bad) as example
from (
    select 'kit ' || k.sku || ', component ' || c.sku as example,
           c.kind <> 'stocked' or (k.state = 'active' and c.state <> 'active')
           or kc.quantity <> round(kc.quantity, u.decimals) as bad
    from catalog_kitcomponent kc
    join catalog_item k on k.id = kc.kit_id
    join catalog_item c on c.id = kc.component_id
    join catalog_unitofmeasure u on u.code = c.unit_id
) each_component;

-- name: verify_category_tree
-- Every category hangs from a root: none hangs below itself.
with recursive tree (id) as (
    select id from catalog_category where parent_id is null
    union all
    select c.id from tree t join catalog_category c on c.parent_id = t.id
)
select count(*) filter (where t.id is null) as violations, count(*) as checked,
       min('category ' || c.code) filter (where t.id is null) as example
from catalog_category c left join tree t on t.id = c.id;

-- name: verify_item_units
-- An item's other units are other than its base unit.
select count(*) filter (where bad) as violations, count(*) as checked, min(example) filter (where bad) as example
from (
    select 'item ' || i.sku as example, iu.unit_id = i.unit_id as bad
    from catalog_itemunit iu join catalog_item i on i.id = iu.item_id
) each_unit;

-- name: verify_bills_hold
-- A bill is of a stocked item, has lines, and they are stocked items.
select count(*) filter (where bad) as violations, count(*) as checked, min(example) filter (where bad) as example
from (
    select 'bill of ' || i.sku as example,
           i.kind <> 'stocked' or count(l.id) = 0 or coalesce(bool_or(c.kind <> 'stocked'), false) as bad
    from catalog_bill b
    join catalog_item i on i.id = b.item_id
    left join catalog_billline l on l.bill_id = b.id
    left join catalog_item c on c.id = l.component_id
    group by b.id, i.id
) each_bill;

-- name: verify_bills_have_no_circle
-- Nothing goes into itself, however deep.
with recursive into_ (item_id, part_id) as (
    select b.item_id, l.component_id from catalog_bill b join catalog_billline l on l.bill_id = b.id
    union
    select n.item_id, l.component_id
    from into_ n join catalog_bill b on b.item_id = n.part_id join catalog_billline l on l.bill_id = b.id
)
select count(*) filter (where n.item_id = n.part_id) as violations, count(*) as checked,
       min('item ' || i.sku) filter (where n.item_id = n.part_id) as example
from into_ n join catalog_item i on i.id = n.item_id;

-- name: verify_bill_lines_once
-- A component is in a bill once at a time.
select count(*) filter (where bad) as violations, count(*) as checked, min(example) filter (where bad) as example
from (
    select 'component ' || c.sku as example,
           exists (
               select from catalog_billline o
               where o.bill_id = l.bill_id and o.component_id = l.component_id and o.id <> l.id
                 and daterange(o.valid_from, o.valid_to) && daterange(l.valid_from, l.valid_to)
           ) as bad
    from catalog_billline l join catalog_item c on c.id = l.component_id
) each_line;
