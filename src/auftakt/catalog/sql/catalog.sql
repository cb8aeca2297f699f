-- name: read_items
-- Items, by sku or by id, with units, components and category ancestry, in one statement: every order line asks for it.
with recursive wanted as materialized (
    select id, sku, name, kind, state, unit_id, weight_kg, tax_category, category_id, tracking, shelf_life_days
    from catalog_item
    where sku = any(%(skus)s::text[])
    union all
    select id, sku, name, kind, state, unit_id, weight_kg, tax_category, category_id, tracking, shelf_life_days
    from catalog_item
    where id = any(%(ids)s::uuid[])
),
ancestry (leaf, node, depth) as (
    select distinct category_id, category_id, 0 from wanted where category_id is not null
    union all
    select a.leaf, c.parent_id, a.depth + 1
    from ancestry a join catalog_category c on c.id = a.node
    where c.parent_id is not null and a.depth < 100
),
paths (leaf, nodes) as (select leaf, array_agg(node order by depth) from ancestry group by leaf)
select w.id, w.sku, w.name, w.kind, w.state, w.unit_id, m.decimals, w.weight_kg, w.tax_category, paths.nodes,
       other.units, other.factors, other.decimals, parts.ids, parts.skus, parts.quantities, w.tracking, w.shelf_life_days
from wanted w
join catalog_unitofmeasure m on m.code = w.unit_id
left join paths on paths.leaf = w.category_id
left join lateral (
    select array_agg(iu.unit_id) as units, array_agg(iu.factor) as factors, array_agg(um.decimals) as decimals
    from catalog_itemunit iu join catalog_unitofmeasure um on um.code = iu.unit_id
    where iu.item_id = w.id
) other on true
left join lateral (
    select array_agg(kc.component_id order by ci.sku) as ids, array_agg(ci.sku order by ci.sku) as skus,
           array_agg(kc.quantity order by ci.sku) as quantities
    from catalog_kitcomponent kc join catalog_item ci on ci.id = kc.component_id
    where w.kind = 'kit' and kc.kit_id = w.id
) parts on true;

-- name: read_units
select code, name, dimension, decimals from catalog_unitofmeasure order by code;

-- name: used_units
select unit_id from catalog_item union select unit_id from catalog_itemunit;

-- name: save_units
-- Add or change units; what is the same already is left alone and out of the answer.
insert into catalog_unitofmeasure as unit (code, name, dimension, decimals)
select code, name, dimension, decimals
from unnest(%(codes)s::text[], %(names)s::text[], %(dimensions)s::text[], %(decimals)s::int[])
     as given (code, name, dimension, decimals)
order by code
on conflict (code) do update set name = excluded.name, dimension = excluded.dimension, decimals = excluded.decimals
where (unit.name, unit.dimension, unit.decimals) is distinct from
      (excluded.name, excluded.dimension, excluded.decimals)
returning code;

-- name: save_brands
-- Add or change brands; what is the same already is left alone and out of the answer.
insert into catalog_brand as brand (id, code, name)
select id, code, name from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[]) as given (id, code, name)
order by code
on conflict (code) do update set name = excluded.name
where brand.name is distinct from excluded.name
returning id, code;

-- name: brand_ids
select code, id from catalog_brand where code = any(%(codes)s);

-- name: lock_categories
-- The whole tree: who hangs a branch elsewhere must see all of it, and alone.
select id, code, name, parent_id from catalog_category order by id for no key update;

-- name: save_categories
-- Add or change categories; what is the same already is left alone and out of the answer.
insert into catalog_category as category (id, code, name, parent_id)
select id, code, name, parent_id
from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(parents)s::uuid[])
     as given (id, code, name, parent_id)
order by code
on conflict (code) do update set name = excluded.name, parent_id = excluded.parent_id
where (category.name, category.parent_id) is distinct from (excluded.name, excluded.parent_id)
returning id, code;

-- name: read_categories
-- Every category with the codes from the root down to it.
with recursive tree (id, code, name, parent_id, path) as (
    select id, code, name, parent_id, array[code::text] from catalog_category where parent_id is null
    union all
    select c.id, c.code, c.name, c.parent_id, t.path || c.code::text
    from tree t join catalog_category c on c.parent_id = t.id
)
select id, code, name, parent_id, path from tree order by path;

-- name: category_ids
select code, id from catalog_category where code = any(%(codes)s);

-- name: lock_items
-- The items of a batch and those they name, locked against other writers of the same cards.
select i.id, i.sku, i.name, i.description, i.kind, i.state, i.category_id, i.brand_id, i.unit_id, i.variant_of_id,
       i.variant, i.weight_kg, i.length_mm, i.width_mm, i.height_mm, i.gtin, i.hs_code, i.origin_country,
       i.tax_category, i.image_id, i.tracking, i.shelf_life_days, i.min_remaining_days, m.decimals
from catalog_item i
join catalog_unitofmeasure m on m.code = i.unit_id
where i.sku = any(%(skus)s)
order by i.id
for no key update of i;

-- name: gtin_holders
select gtin, sku from catalog_item where gtin <> '' and gtin = any(%(gtins)s);

-- name: known_images
select id from documents_document where id = any(%(ids)s);

-- name: insert_items
-- New items; what somebody else has just added is left out of the answer.
insert into catalog_item (id, sku, name, description, kind, state, category_id, brand_id, unit_id, variant_of_id,
                          variant, weight_kg, length_mm, width_mm, height_mm, gtin, hs_code, origin_country,
                          tax_category, image_id, tracking, shelf_life_days, min_remaining_days, created_at)
select id, sku, name, description, kind, state, category_id, brand_id, unit_id, variant_of_id, variant, weight_kg,
       length_mm, width_mm, height_mm, gtin, hs_code, origin_country, tax_category, image_id, tracking, shelf_life_days, min_remaining_days, %(at)s
from unnest(%(id)s::uuid[], %(sku)s::text[], %(name)s::text[], %(description)s::text[], %(kind)s::text[],
            %(state)s::text[], %(category_id)s::uuid[], %(brand_id)s::uuid[], %(unit_id)s::text[],
            %(variant_of_id)s::uuid[], %(variant)s::text[], %(weight_kg)s::numeric[], %(length_mm)s::int[],
            %(width_mm)s::int[], %(height_mm)s::int[], %(gtin)s::text[], %(hs_code)s::text[],
            %(origin_country)s::text[], %(tax_category)s::text[], %(image_id)s::uuid[], %(tracking)s::text[],
            %(shelf_life_days)s::int[], %(min_remaining_days)s::int[])
     as given (id, sku, name, description, kind, state, category_id, brand_id, unit_id, variant_of_id, variant,
               weight_kg, length_mm, width_mm, height_mm, gtin, hs_code, origin_country, tax_category, image_id, tracking,
               shelf_life_days, min_remaining_days)
order by sku
on conflict do nothing
returning id;

-- name: update_items
update catalog_item i
set name = given.name, description = given.description, kind = given.kind, state = given.state,
    category_id = given.category_id, brand_id = given.brand_id, unit_id = given.unit_id,
    variant_of_id = given.variant_of_id, variant = given.variant, weight_kg = given.weight_kg,
    length_mm = given.length_mm, width_mm = given.width_mm, height_mm = given.height_mm, gtin = given.gtin,
    hs_code = given.hs_code, origin_country = given.origin_country, tax_category = given.tax_category,
    image_id = given.image_id, tracking = given.tracking, shelf_life_days = given.shelf_life_days,
    min_remaining_days = given.min_remaining_days
from unnest(%(id)s::uuid[], %(sku)s::text[], %(name)s::text[], %(description)s::text[], %(kind)s::text[],
            %(state)s::text[], %(category_id)s::uuid[], %(brand_id)s::uuid[], %(unit_id)s::text[],
            %(variant_of_id)s::uuid[], %(variant)s::text[], %(weight_kg)s::numeric[], %(length_mm)s::int[],
            %(width_mm)s::int[], %(height_mm)s::int[], %(gtin)s::text[], %(hs_code)s::text[],
            %(origin_country)s::text[], %(tax_category)s::text[], %(image_id)s::uuid[], %(tracking)s::text[],
            %(shelf_life_days)s::int[], %(min_remaining_days)s::int[])
     as given (id, sku, name, description, kind, state, category_id, brand_id, unit_id, variant_of_id, variant,
               weight_kg, length_mm, width_mm, height_mm, gtin, hs_code, origin_country, tax_category, image_id, tracking,
               shelf_life_days, min_remaining_days)
where i.id = given.id;

-- name: stored_units
select item_id, unit_id, factor from catalog_itemunit where item_id = any(%(ids)s);

-- name: stored_components
select kit_id, component_id, quantity from catalog_kitcomponent where kit_id = any(%(ids)s);

-- name: stored_translations
select item_id, language, name, description from catalog_itemtranslation where item_id = any(%(ids)s);

-- name: stored_relations
select item_id, related_id, kind, rank from catalog_itemrelation where item_id = any(%(ids)s);

-- name: delete_units
delete from catalog_itemunit where item_id = any(%(ids)s);

-- name: delete_components
delete from catalog_kitcomponent where kit_id = any(%(ids)s);

-- name: delete_translations
delete from catalog_itemtranslation where item_id = any(%(ids)s);

-- name: delete_relations
delete from catalog_itemrelation where item_id = any(%(ids)s);

-- name: lock_states
select id, sku, kind, state from catalog_item where id = any(%(ids)s) order by id for no key update;

-- name: kits_of
-- Which kits hold these components.
select kc.component_id, k.id, k.sku, k.state
from catalog_kitcomponent kc join catalog_item k on k.id = kc.kit_id
where kc.component_id = any(%(ids)s);

-- name: parts_of
-- Which components these kits hold.
select kc.kit_id, c.id, c.sku, c.state
from catalog_kitcomponent kc join catalog_item c on c.id = kc.component_id
where kc.kit_id = any(%(ids)s);

-- name: set_states
update catalog_item set state = %(state)s where id = any(%(ids)s);

-- name: lock_images
select id, image_id from catalog_item where id = any(%(ids)s) order by id for no key update;

-- name: set_images
update catalog_item i set image_id = given.image_id
from unnest(%(ids)s::uuid[], %(images)s::uuid[]) as given (id, image_id)
where i.id = given.id;

-- name: read_relations
select r.item_id, r.related_id, i.sku, i.name, r.kind, r.rank, i.state
from catalog_itemrelation r join catalog_item i on i.id = r.related_id
where r.item_id = any(%(ids)s)
order by r.item_id, r.kind, r.rank, i.sku;

-- name: read_names
-- The name in the language asked for, else in its bare language, else the item's own.
select i.id, coalesce(exact.name, plain.name, i.name)
from catalog_item i
left join catalog_itemtranslation exact on exact.item_id = i.id and exact.language = %(language)s
left join catalog_itemtranslation plain on plain.item_id = i.id and plain.language = split_part(%(language)s, '-', 1)
where i.id = any(%(ids)s);

-- name: search_items
-- By sku, GTIN or name (also translated): the exact sku first, then what is sold today.
select i.id, i.sku, i.name, i.kind, i.state, i.unit_id
from catalog_item i
where i.sku ilike %(begins)s or i.name ilike %(holds)s or i.gtin = %(text)s
   or exists (select from catalog_itemtranslation t where t.item_id = i.id and t.name ilike %(holds)s)
order by lower(i.sku) <> lower(%(text)s), i.state <> 'active', i.sku not ilike %(begins)s, i.sku
limit %(limit)s;

-- name: list_items
-- One page in the order of skus.
with recursive wanted (id) as (
    select id from catalog_category where code = %(category)s
    union all
    select c.id from wanted w join catalog_category c on c.parent_id = w.id
)
select i.id, i.sku, i.name, i.description, i.kind, i.state, coalesce(c.code, ''), coalesce(b.code, ''), i.unit_id,
       coalesce(v.sku, ''), i.variant, i.weight_kg, i.length_mm, i.width_mm, i.height_mm, i.gtin, i.hs_code,
       i.origin_country, i.tax_category, i.image_id, i.created_at, i.tracking, i.shelf_life_days, i.min_remaining_days
from catalog_item i
left join catalog_category c on c.id = i.category_id
left join catalog_brand b on b.id = i.brand_id
left join catalog_item v on v.id = i.variant_of_id
where i.sku > %(after)s
  and (%(holds)s = '' or i.sku ilike %(holds)s or i.name ilike %(holds)s)
  and (%(kind)s = '' or i.kind = %(kind)s)
  and (%(state)s = '' or i.state = %(state)s)
  and (%(brand)s = '' or b.code = %(brand)s)
  and (%(category)s = '' or i.category_id in (select id from wanted))
order by i.sku
limit %(limit)s;

-- name: read_cards
select i.id, i.sku, i.name, i.description, i.kind, i.state, coalesce(c.code, ''), coalesce(b.code, ''), i.unit_id,
       coalesce(v.sku, ''), i.variant, i.weight_kg, i.length_mm, i.width_mm, i.height_mm, i.gtin, i.hs_code,
       i.origin_country, i.tax_category, i.image_id, i.created_at, i.tracking, i.shelf_life_days, i.min_remaining_days
from catalog_item i
left join catalog_category c on c.id = i.category_id
left join catalog_brand b on b.id = i.brand_id
left join catalog_item v on v.id = i.variant_of_id
where i.id = any(%(ids)s);

-- name: card_components
select kc.kit_id, c.sku, kc.quantity
from catalog_kitcomponent kc join catalog_item c on c.id = kc.component_id
where kc.kit_id = any(%(ids)s)
order by c.sku;
