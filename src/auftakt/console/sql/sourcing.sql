-- name: sourcing_rows
select r.id, r.code, r.name, coalesce(v.number, 0) as version, coalesce(v.mode, '') as mode, v.from_on,
  coalesce((select count(*) from supply_sourcingsource s where s.version_id = v.id), 0) as sources,
  (select count(*) from supply_sourcingassignment a where a.rule_id = r.id) as assignments,
  exists (select from supply_sourcingversion d where d.rule_id = r.id and d.state = 'draft') as has_draft,
  case when v.id is not null then 'in_force'
       when exists (select from supply_sourcingversion d where d.rule_id = r.id and d.from_on > %(today)s
                    and (d.until_on is null or d.until_on > d.from_on)) then 'scheduled'
       when exists (select from supply_sourcingversion d where d.rule_id = r.id and d.state = 'draft') then 'draft'
       else 'ended' end as state
from supply_sourcingrule r
left join supply_sourcingversion v on v.rule_id = r.id and v.from_on <= %(today)s::date
  and (v.until_on is null or v.until_on > %(today)s::date)
where true
  and (r.name ilike %(like)s or r.code ilike %(start)s) -- if text
  and v.id is not null -- if in_force
  and exists (select from supply_sourcingversion d where d.rule_id = r.id and d.state = 'draft') -- if draft
  and v.mode = %(mode)s -- if mode

-- name: sourcing_assignment_rows
select a.id, r.code as rule, r.name as rule_name,
  case when i.id is not null then 'item' when c.id is not null then 'category' when b.id is not null then 'brand'
       else '' end as product_kind,
  coalesce(i.sku, c.code, b.code, '') as product, coalesce(tr.name, i.name, c.name, b.name, '') as product_name,
  case when p.id is not null then 'customer' when a.segment <> '' then 'segment'
       when a.demand_class <> '' then 'demand_class' else '' end as customer_kind,
  coalesce(p.number, nullif(a.segment, ''), a.demand_class) as customer, coalesce(p.name, '') as customer_name,
  a.country, a.region, a.channel,
  exists (select from supply_sourcingversion v where v.rule_id = r.id and v.from_on <= %(today)s::date
          and (v.until_on is null or v.until_on > %(today)s::date)) as in_force
from supply_sourcingassignment a
join supply_sourcingrule r on r.id = a.rule_id
left join catalog_item i on i.id = a.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join catalog_category c on c.id = a.category_id
left join catalog_brand b on b.id = a.brand_id
left join parties_party p on p.id = a.customer_id
where true
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s or c.name ilike %(like)s or c.code ilike %(start)s or b.name ilike %(like)s or p.number ilike %(start)s or p.name ilike %(like)s or a.segment ilike %(start)s) -- if text
  and r.code = %(rule)s -- if rule
  and a.country = %(country)s -- if country
  and a.channel = %(channel)s -- if channel

-- name: sourcing_rule_names
select code, name from supply_sourcingrule order by code;

-- name: sourcing_channels
-- Channels that assignments name.
select distinct channel from supply_sourcingassignment where channel <> '' order by 1;

-- name: sourcing_countries
select distinct country from supply_sourcingassignment where country <> '' order by 1;
