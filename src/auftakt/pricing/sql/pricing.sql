-- name: price_lists
-- All lists in some currencies; there are few.
select id, code, name, currency, channel, segment, rank, tax_included, valid_from, valid_to
from pricing_pricelist where currency = any(%(currencies)s::text[]);

-- name: prices
-- The prices of a batch's items, on the lists in its currencies.
select p.price_list_id, p.item_id, p.unit_id, p.unit_price, p.from_quantity, p.valid_from, p.valid_to
from pricing_price p
join pricing_pricelist l on l.id = p.price_list_id
where p.item_id = any(%(items)s::uuid[]) and l.currency = any(%(currencies)s::text[]);

-- name: discounts
-- What may apply to a batch: its items or their categories, its customers, on its days.
select code, name, kind, value, currency, item_id, category_id, customer_id, segment, channel, from_quantity, rank, stacks,
  valid_from, valid_to
from pricing_discount
where (item_id is null or item_id = any(%(items)s::uuid[]))
  and (category_id is null or category_id = any(%(categories)s::uuid[]))
  and (customer_id is null or customer_id = any(%(customers)s::uuid[]))
  and (valid_from is null or valid_from <= %(until)s) and (valid_to is null or valid_to > %(since)s)
order by rank, code;

-- name: shipping_rates
select z.code, z.name, z.countries, r.currency, r.up_to_kg, r.amount, r.free_from, r.tax_category
from pricing_shippingrate r join pricing_shippingzone z on z.code = r.zone_id
where r.currency = any(%(currencies)s::text[]);

-- name: save_price_lists
insert into pricing_pricelist as l
  (id, code, name, currency, channel, segment, rank, tax_included, valid_from, valid_to)
select * from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(currencies)s::text[], %(channels)s::text[],
  %(segments)s::text[], %(ranks)s::int[], %(included)s::bool[], %(froms)s::date[], %(tos)s::date[])
on conflict (code) do update set name = excluded.name, currency = excluded.currency, channel = excluded.channel,
  segment = excluded.segment, rank = excluded.rank, tax_included = excluded.tax_included,
  valid_from = excluded.valid_from, valid_to = excluded.valid_to
where (l.name, l.currency, l.channel, l.segment, l.rank, l.tax_included, l.valid_from, l.valid_to)
  is distinct from (excluded.name, excluded.currency, excluded.channel, excluded.segment, excluded.rank,
    excluded.tax_included, excluded.valid_from, excluded.valid_to)
returning l.id, l.code;

-- name: lists_by_code
select code, id, currency from pricing_pricelist where code = any(%(codes)s::text[]);

-- name: save_prices
insert into pricing_price as p (id, price_list_id, item_id, unit_id, from_quantity, unit_price, valid_from, valid_to)
select * from unnest(%(ids)s::uuid[], %(lists)s::uuid[], %(items)s::uuid[], %(units)s::text[], %(quantities)s::numeric[],
  %(prices)s::numeric[], %(froms)s::date[], %(tos)s::date[])
on conflict (price_list_id, item_id, unit_id, from_quantity, valid_from) do update
set unit_price = excluded.unit_price, valid_to = excluded.valid_to
where (p.unit_price, p.valid_to) is distinct from (excluded.unit_price, excluded.valid_to)
returning p.price_list_id;

-- name: save_discounts
insert into pricing_discount as d (id, code, name, kind, value, currency, item_id, category_id, customer_id, segment,
  channel, from_quantity, rank, stacks, valid_from, valid_to)
select * from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(kinds)s::text[], %(amounts)s::numeric[],
  %(currencies)s::text[], %(items)s::uuid[], %(categories)s::uuid[], %(customers)s::uuid[], %(segments)s::text[],
  %(channels)s::text[], %(quantities)s::numeric[], %(ranks)s::int[], %(stacks)s::bool[], %(froms)s::date[],
  %(tos)s::date[])
on conflict (code) do update set name = excluded.name, kind = excluded.kind, value = excluded.value,
  currency = excluded.currency, item_id = excluded.item_id, category_id = excluded.category_id,
  customer_id = excluded.customer_id, segment = excluded.segment, channel = excluded.channel,
  from_quantity = excluded.from_quantity, rank = excluded.rank, stacks = excluded.stacks,
  valid_from = excluded.valid_from, valid_to = excluded.valid_to
where (d.name, d.kind, d.value, d.currency, d.item_id, d.category_id, d.customer_id, d.segment, d.channel,
    d.from_quantity, d.rank, d.stacks, d.valid_from, d.valid_to)
  is distinct from (excluded.name, excluded.kind, excluded.value, excluded.currency, excluded.item_id,
    excluded.category_id, excluded.customer_id, excluded.segment, excluded.channel, excluded.from_quantity,
    excluded.rank, excluded.stacks, excluded.valid_from, excluded.valid_to)
returning d.id, d.code;

-- name: save_zones
insert into pricing_shippingzone (code, name, countries)
select w.code, w.name, string_to_array(w.countries, ' ')
from unnest(%(codes)s::text[], %(names)s::text[], %(countries)s::text[]) as w(code, name, countries)
on conflict (code) do update set name = excluded.name, countries = excluded.countries;

-- name: clear_rates
delete from pricing_shippingrate where zone_id = any(%(zones)s::text[]);

-- name: save_limits
insert into pricing_adjustmentlimit (role, max_percent)
select * from unnest(%(roles)s::text[], %(percents)s::numeric[])
on conflict (role) do update set max_percent = excluded.max_percent;

-- name: limit_of
-- The widest limit of some roles; none is told when no role has one.
select max(max_percent) from pricing_adjustmentlimit where role = any(%(roles)s::text[]);

-- name: list_price_lists
select id, code, name, currency, channel, segment, rank, tax_included, valid_from, valid_to
from pricing_pricelist where code > %(after)s order by code limit %(limit)s;

-- name: list_prices
-- All prices of a page of items, so that no item's prices fall between two pages.
with page as (
  select i.id from catalog_item i
  where i.sku > %(after)s and exists (
    select from pricing_price p join pricing_pricelist l on l.id = p.price_list_id
    where p.item_id = i.id and l.code = %(code)s)
  order by i.sku limit %(limit)s
)
select i.sku, i.name, p.unit_id as unit, p.from_quantity, p.unit_price, p.valid_from, p.valid_to
from pricing_price p
join pricing_pricelist l on l.id = p.price_list_id
join catalog_item i on i.id = p.item_id
where l.code = %(code)s and p.item_id in (select id from page)
order by i.sku, p.unit_id, p.from_quantity, p.valid_from nulls first;

-- name: list_discounts
select d.code, d.name, d.kind, d.value, d.currency, d.item_id, d.category_id, d.customer_id, d.segment, d.channel,
  d.from_quantity, d.rank, d.stacks, d.valid_from, d.valid_to
from pricing_discount d where d.code > %(after)s order by d.code limit %(limit)s;
