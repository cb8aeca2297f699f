-- name: category_rows
-- The tree, each category below its parent: the path of names is its place.
with recursive tree (id, code, name, parent_id, depth, path) as (
  select id, code, name, parent_id, 0, lower(name) from catalog_category where parent_id is null
  union all
  select c.id, c.code, c.name, c.parent_id, t.depth + 1, t.path || chr(1) || lower(c.name)
  from catalog_category c join tree t on t.id = c.parent_id where t.depth < 100
)
select t.id, t.code, t.name, t.depth, t.path, coalesce(p.name, '') as parent,
  (select count(*) from catalog_item i where i.category_id = t.id) as items
from tree t left join catalog_category p on p.id = t.parent_id
where true
  and (t.name ilike %(like)s or t.code ilike %(start)s) -- if text

-- name: category_paths
with recursive tree (code, id, path) as (
  select code, id, name::text from catalog_category where parent_id is null
  union all
  select c.code, c.id, t.path || ' › ' || c.name from catalog_category c join tree t on t.id = c.parent_id
)
select code, path from tree order by path;

-- name: brand_rows
select b.id, b.code, b.name, (select count(*) from catalog_item i where i.brand_id = b.id) as items
from catalog_brand b
where true
  and (b.name ilike %(like)s or b.code ilike %(start)s) -- if text

-- name: brand_names
select code, name from catalog_brand order by name;

-- name: unit_rows
select u.code as id, u.code, u.name, u.dimension, u.decimals from catalog_unitofmeasure u
where true
  and (u.name ilike %(like)s or u.code ilike %(start)s) -- if text

-- name: item_list
-- What is free is what lies on hand and is not promised.
select i.id, i.sku, coalesce(tr.name, i.name) as name, i.kind, i.state, i.unit_id as unit, coalesce(c.name, '') as category,
  coalesce(b.name, '') as brand, i.gtin, i.weight_kg, i.created_at,
  (select sum(k.quantity - k.drawn) from inventory_bucket k where k.item_id = i.id and k.kind = 'on_hand') as free
from catalog_item i left join catalog_category c on c.id = i.category_id left join catalog_brand b on b.id = i.brand_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where true
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s or i.gtin = %(text)s) -- if text
  and i.kind = %(kind)s -- if kind
  and i.state = %(state)s -- if state
  and i.category_id in (with recursive below (id) as (select id from catalog_category where code = %(category)s union all select s.id from catalog_category s join below on s.parent_id = below.id) select id from below) -- if category
  and b.code = %(brand)s -- if brand
  and exists (select from inventory_bucket k where k.item_id = i.id and k.kind = 'on_hand' and k.quantity > k.drawn) -- if in_stock
  and not exists (select from pricing_price p where p.item_id = i.id) -- if unpriced

-- name: site_rows
select s.id, s.code, s.name, s.kind, s.city, s.country, s.is_open, s.ships_orders, s.processing_days, s.time_zone,
  case when s.is_open then 'open_site' else 'closed_site' end as state,
  (select count(*) from promising_lane l where l.site_id = s.id) as lanes
from inventory_site s
where true
  and (s.name ilike %(like)s or s.code ilike %(start)s or s.city ilike %(start)s) -- if text
  and s.kind = %(kind)s -- if kind
  and s.is_open = (%(open)s = 'yes') -- if open

-- name: lanes_of
select country, region, carrier, transit_days, cost, currency from promising_lane
where site_id = %(site)s order by country, region;

-- name: price_list_rows
select l.id, l.code, l.name, l.currency, l.channel, l.segment, l.rank, l.tax_included, l.valid_from, l.valid_to,
  (select count(*) from (select from pricing_price p where p.price_list_id = l.id limit 10001) x) as prices
from pricing_pricelist l
where true
  and (l.name ilike %(like)s or l.code ilike %(start)s) -- if text
  and l.currency = %(currency)s -- if currency

-- name: price_grid
-- Every price of a page of items that have one in the list, by item number.
select i.sku, i.name, p.unit_id as unit, i.unit_id as base_unit, p.from_quantity, p.unit_price, p.valid_from, p.valid_to
from (
  select x.id, x.sku, coalesce(tr.name, x.name) as name, x.unit_id from catalog_item x
  left join catalog_itemtranslation tr on tr.item_id = x.id and tr.language = %(language)s
  where x.sku > %(after)s
    and (%(text)s = '' or x.sku ilike %(start)s or x.name ilike %(like)s or tr.name ilike %(like)s)
    and exists (
      select from pricing_price p join pricing_pricelist l on l.id = p.price_list_id
      where p.item_id = x.id and l.code = %(code)s
    )
  order by x.sku limit %(limit)s
) i
join pricing_price p on p.item_id = i.id
join pricing_pricelist l on l.id = p.price_list_id and l.code = %(code)s
order by i.sku, p.unit_id, p.from_quantity, p.valid_from nulls first;

-- name: discount_rows
select d.id, d.code, d.name, d.kind, d.value, d.currency, d.segment, d.channel, d.from_quantity, d.rank, d.stacks,
  d.valid_from, d.valid_to, i.sku, c.name as category, p.name as customer, p.number as customer_number
from pricing_discount d left join catalog_item i on i.id = d.item_id
left join catalog_category c on c.id = d.category_id left join parties_party p on p.id = d.customer_id
where true
  and (d.name ilike %(like)s or d.code ilike %(start)s or i.sku ilike %(start)s or p.name ilike %(like)s) -- if text
  and d.segment = %(segment)s -- if segment

-- name: zone_rows
select z.code as id, z.code, z.name, array_to_string(z.countries, ' ') as countries,
  (select count(*) from pricing_shippingrate r where r.zone_id = z.code) as rates
from pricing_shippingzone z
where true
  and (z.name ilike %(like)s or z.code ilike %(start)s) -- if text

-- name: zone_rates
select currency, up_to_kg, amount, free_from, tax_category from pricing_shippingrate
where zone_id = %(code)s order by currency, up_to_kg nulls last;

-- name: zone_by_code
select code, name, countries from pricing_shippingzone where code = %(code)s;

-- name: adjustment_limits
select role, max_percent from pricing_adjustmentlimit order by role;

-- name: terms_rows
select t.code as id, t.code, t.name, t.due_days, t.discount_days, t.discount_percent, t.prepaid,
  (select count(*) from (select from parties_party p where p.payment_terms_id = t.code limit 10001) x) as customers
from parties_paymentterms t
where true
  and (t.name ilike %(like)s or t.code ilike %(start)s) -- if text

-- name: entity_rows
select e.id, e.code, e.name, e.city, e.country, e.currency, e.vat_id, e.iban, e.tax_rounding from parties_legalentity e
where true
  and (e.name ilike %(like)s or e.code ilike %(start)s) -- if text

-- name: tax_rows
select r.id, r.country, r.region, r.tax_category, r.name, r.rate, r.valid_from, r.valid_to,
  r.country || chr(1) || r.region || chr(1) || r.tax_category || chr(1) || coalesce(r.valid_from, date '0001-01-01') as place
from compliance_taxrate r
where true
  and (r.name ilike %(like)s or r.region ilike %(start)s or r.country ilike %(start)s) -- if text
  and r.country = %(country)s -- if country
  and r.tax_category = %(category)s -- if category
  and coalesce(r.valid_from, date '0001-01-01') <= current_date and current_date < coalesce(r.valid_to, date '9999-12-31') -- if current

-- name: tax_countries
select distinct country from compliance_taxrate order by country;

-- name: user_rows
select u.id, u.name, u.email, array_to_string(u.roles, ' ') as roles, u.site_code, u.language, u.is_active, u.last_login,
  u.created_at, case when u.is_active then 'active' else 'inactive' end as state
from identity_user u
where true
  and (u.name ilike %(like)s or u.email ilike %(like)s) -- if text
  and %(role)s = any(u.roles) -- if role
  and u.is_active = (%(state)s = 'active') -- if state

-- name: roles_held
select unnest(u.roles) as role, u.id, u.name from identity_user u where u.is_active order by u.name;

-- name: key_rows
select k.id, k.name, k.prefix, k.scopes, cardinality(k.scopes) as rights, k.created_at, k.created_by, k.revoked_at,
  k.last_used_on, case when k.revoked_at is null then 'active' else 'revoked' end as state
from identity_apikey k
where true
  and (k.name ilike %(like)s or k.prefix ilike %(start)s) -- if text
  and (k.revoked_at is null) = (%(state)s = 'active') -- if state

-- name: policy_versions
select p.id, p.code, p.name, v.id as version_id, v.number, v.published_at,
  case v.state when 'retired' then 'superseded' else v.state end as state,
  array(select distinct a.item_kind from orchestration_assignment a where a.policy_id = p.id order by 1) as serves,
  (select min(a.rank) from orchestration_assignment a where a.policy_id = p.id) as rank
from orchestration_policy p join orchestration_policyversion v on v.policy_id = p.id
order by p.name, v.number desc;

-- name: policy_steps
-- Steps with the lines that stand there now. Counted from what is open, not from history.
select s.version_id, s.key, s.name, s.kind, s.position, s.after, s.lead_days,
  coalesce(o.ready, 0) as ready, coalesce(o.waiting, 0) as waiting, coalesce(o.failed, 0) as failed
from orchestration_step s
left join (
  select step_id, count(*) filter (where state = 'ready') as ready, count(*) filter (where state = 'waiting') as waiting,
    count(*) filter (where state = 'failed') as failed
  from orchestration_stepstate where state in ('ready', 'waiting', 'failed') group by step_id
) o on o.step_id = s.id
where s.version_id = any(%(versions)s)
order by s.version_id, s.position;

-- name: discount_by_code
select d.*, i.sku, c.code as category_code, p.number as customer_number
from pricing_discount d left join catalog_item i on i.id = d.item_id
left join catalog_category c on c.id = d.category_id left join parties_party p on p.id = d.customer_id
where d.code = %(code)s;
