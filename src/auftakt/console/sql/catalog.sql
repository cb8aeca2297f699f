-- name: item_by_sku
select i.id, i.sku, coalesce(tr.name, i.name) as name, coalesce(nullif(tr.description, ''), i.description) as description, i.kind, i.state, i.unit_id as unit, u.decimals, i.weight_kg, i.length_mm, i.width_mm, i.height_mm,
  i.gtin, i.hs_code, i.origin_country, i.tax_category, i.tracking, i.shelf_life_days, i.min_remaining_days,
  i.variant, c.name as category, b.name as brand, v.sku as variant_of,
  (select l.id from catalog_bill l where l.item_id = i.id order by l.plant limit 1) as bill_id
from catalog_item i join catalog_unitofmeasure u on u.code = i.unit_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join catalog_category c on c.id = i.category_id left join catalog_brand b on b.id = i.brand_id left join catalog_item v on v.id = i.variant_of_id
where i.sku = %(sku)s;

-- name: item_units
select unit_id as unit, factor from catalog_itemunit where item_id = %(item)s order by factor;

-- name: item_components
select i.sku, coalesce(tr.name, i.name) as name, k.quantity, i.unit_id as unit from catalog_kitcomponent k join catalog_item i on i.id = k.component_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where k.kit_id = %(item)s order by i.sku;

-- name: item_relations
select i.sku, coalesce(tr.name, i.name) as name, r.kind from catalog_itemrelation r join catalog_item i on i.id = r.related_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where r.item_id = %(item)s order by r.kind, r.rank, i.sku limit 30;

-- name: item_prices
select l.code, l.name, l.currency, l.tax_included, p.unit_id as unit, p.from_quantity, p.unit_price, p.valid_from, p.valid_to
from pricing_price p join pricing_pricelist l on l.id = p.price_list_id
where p.item_id = %(item)s order by l.rank, l.code, p.from_quantity limit 60;

-- name: pick_items
-- Items for a combobox: an exact or beginning number first, then by name.
select i.sku, coalesce(tr.name, i.name) as name, i.kind, i.unit_id as unit,
  (select sum(k.quantity - k.drawn) from inventory_bucket k where k.item_id = i.id and k.kind = 'on_hand') as free,
  array(select u.unit_id from catalog_itemunit u where u.item_id = i.id order by u.factor) as units
from catalog_item i
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where i.state = 'active'
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s or i.gtin = %(text)s)
order by (i.sku ilike %(start)s) desc, i.sku limit %(limit)s;
