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
