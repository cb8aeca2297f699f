-- name: allocation_rows
select r.id, r.code, r.name, coalesce(v.number, 0) as version, v.from_on, v.until_on,
  coalesce(i.sku, c.code, '') as product, coalesce(s.code, '') as site, coalesce(v.kind, '') as kind,
  case when v.id is not null then 'in_force'
       when exists (select from promising_allocationversion d where d.rule_id = r.id and d.from_on > %(today)s
                    and d.state <> 'draft' and (d.until_on is null or d.until_on > d.from_on)) then 'scheduled'
       when exists (select from promising_allocationversion d where d.rule_id = r.id and d.state = 'draft') then 'draft'
       else 'ended' end as state
from promising_allocationrule r
left join promising_allocationversion v on v.rule_id = r.id and v.state <> 'draft' and v.from_on <= %(today)s::date
  and (v.until_on is null or v.until_on > %(today)s::date)
left join catalog_item i on i.id = v.item_id
left join catalog_category c on c.id = v.category_id
left join inventory_site s on s.id = v.site_id
where true
  and (r.name ilike %(like)s or r.code ilike %(start)s) -- if text
  and v.id is not null -- if in_force

-- name: demand_class_rows
with recursive tree as (
  select c.id, c.code, c.name, c.rank, ''::text as parent, array[lpad(c.rank::text, 6, '0') || c.code]::text[] as path
  from promising_demandclass c where c.parent_id is null
  union all
  select c.id, c.code, c.name, c.rank, t.code::text, t.path || (lpad(c.rank::text, 6, '0') || c.code)
  from tree t join promising_demandclass c on c.parent_id = t.id
)
select id, code, name, rank, parent, array_to_string(path, '/') as place, cardinality(path) as level
from tree
where true
  and (name ilike %(like)s or code ilike %(start)s) -- if text
