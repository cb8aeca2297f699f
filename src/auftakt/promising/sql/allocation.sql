-- name: demand_classes
select c.code, c.name, coalesce(p.code, ''), c.rank
from promising_demandclass c left join promising_demandclass p on p.id = c.parent_id
order by coalesce(p.code, ''), c.rank, c.code;

-- name: save_demand_classes
insert into promising_demandclass as c (id, code, name, rank)
select * from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(ranks)s::int[])
on conflict (code) do update set name = excluded.name, rank = excluded.rank
returning c.code, c.id;

-- name: hang_demand_classes
update promising_demandclass c
set parent_id = p.id
from unnest(%(codes)s::text[], %(parents)s::text[]) as w(code, parent)
left join promising_demandclass p on p.code = w.parent
where c.code = w.code and c.parent_id is distinct from p.id;

-- name: allocation_references
-- The ids behind the codes that drafts name.
select 'sku', sku, id from catalog_item where sku = any(%(skus)s::text[])
union all
select 'category', code, id from catalog_category where code = any(%(categories)s::text[])
union all
select 'site', code, id from inventory_site where code = any(%(sites)s::text[])
union all
select 'class', code, id from promising_demandclass;

-- name: allocation_rules
select id, code, name from promising_allocationrule
where %(codes)s::text[] is null or code = any(%(codes)s::text[])
order by code;

-- name: allocation_versions
-- Versions of rules, the newest first; with a day only those that hold on it or, with `later`, after it.
select v.id, v.rule_id, r.code, r.name, v.number, v.state, v.from_on, v.until_on, v.saved_at, v.published_at, v.item_id,
       v.category_id, v.site_id, coalesce(i.sku, ''), coalesce(c.code, ''), coalesce(s.code, ''), v.kind, v.basis,
       v.steal_within_days
from promising_allocationversion v
join promising_allocationrule r on r.id = v.rule_id
left join catalog_item i on i.id = v.item_id
left join catalog_category c on c.id = v.category_id
left join inventory_site s on s.id = v.site_id
where (%(rules)s::uuid[] is null or v.rule_id = any(%(rules)s::uuid[]))
  and (%(on)s::date is null
       or (v.state <> 'draft' and (%(later)s or v.from_on <= %(on)s::date)
           and (v.until_on is null or (v.until_on > %(on)s::date and v.until_on > v.from_on))))
order by r.code, v.number desc;

-- name: allocation_targets
select t.version_id, c.code, t.number, t.week
from promising_allocationtarget t join promising_demandclass c on c.id = t.demand_class_id
where t.version_id = any(%(versions)s::uuid[])
order by t.version_id, t.week nulls first, c.code;

-- name: allocation_mark
-- Differs whenever a rule in force or a demand class has changed; a picture of them compares it.
select coalesce(max(changes), 0) from promising_allocationmark;

-- name: count_allocation_change
insert into promising_allocationmark as m (id, changes) values (1, 1)
on conflict (id) do update set changes = m.changes + 1;

-- name: taken_by_class
-- What each class has drawn of items, by site and week: the Monday of the day on which supply comes; what is on hand or
-- overdue counts for the week of today.
select b.item_id, b.site_id, date_trunc('week', greatest(coalesce(b.available_on, %(on)s), %(on)s))::date,
       c.demand_class, sum(c.quantity)
from promising_commitment c join inventory_bucket b on b.id = c.bucket_id
where b.item_id = any(%(items)s::uuid[])
group by 1, 2, 3, 4
order by 1, 2, 3, 4;

-- name: supply_by_week
-- All supply of an item at a site by the week in which it comes, as in taken_by_class.
select date_trunc('week', greatest(coalesce(available_on, %(on)s), %(on)s))::date, sum(quantity)
from inventory_bucket
where item_id = %(item)s and site_id = %(site)s
group by 1
order by 1;

-- name: save_allocation_rules
insert into promising_allocationrule as r (id, code, name)
select * from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[])
on conflict (code) do update set name = excluded.name where r.name <> excluded.name;

-- name: save_allocation_versions
-- Drafts: a rule's draft is changed, or its next version begun.
insert into promising_allocationversion as v (
  id, rule_id, number, state, saved_at, from_on, until_on, item_id, category_id, site_id, kind, basis,
  steal_within_days)
select w.id, w.rule,
       coalesce((select max(o.number) from promising_allocationversion o where o.rule_id = w.rule), 0) + 1, 'draft',
       %(at)s, w.from_on, w.until_on, w.item, w.category, w.site, w.kind, w.basis, w.within
from unnest(%(ids)s::uuid[], %(rules)s::uuid[], %(from_ons)s::date[], %(until_ons)s::date[], %(items)s::uuid[],
            %(categories)s::uuid[], %(sites)s::uuid[], %(kinds)s::text[], %(bases)s::text[], %(withins)s::int[])
  as w(id, rule, from_on, until_on, item, category, site, kind, basis, within)
order by w.rule
on conflict (rule_id) where state = 'draft' do update
set saved_at = excluded.saved_at, from_on = excluded.from_on, until_on = excluded.until_on, item_id = excluded.item_id,
    category_id = excluded.category_id, site_id = excluded.site_id, kind = excluded.kind, basis = excluded.basis,
    steal_within_days = excluded.steal_within_days
returning v.rule_id, v.id;

-- name: delete_allocation_targets
delete from promising_allocationtarget where version_id = any(%(versions)s::uuid[]);

-- name: end_allocation
-- Versions that would hold on a day or later end on it; those that have not begun by then never do.
update promising_allocationversion v
set state = 'retired', until_on = greatest(v.from_on, w.day)
from unnest(%(rules)s::uuid[], %(days)s::date[]) as w(rule, day)
where v.rule_id = w.rule and v.state <> 'draft'
  and (v.until_on is null or (v.until_on > w.day and v.until_on > v.from_on));

-- name: publish_allocation
update promising_allocationversion v
set state = 'published', from_on = w.day, published_at = %(at)s
from unnest(%(rules)s::uuid[], %(days)s::date[]) as w(rule, day)
where v.rule_id = w.rule and v.state = 'draft'
returning v.rule_id, v.number;

-- name: end_allocation_versions
-- These versions end on a day; what is to begin later stays.
update promising_allocationversion set state = 'retired', until_on = greatest(from_on, %(on)s)
where id = any(%(versions)s::uuid[]);

-- name: copy_allocation
-- The next version of a rule, in force from a day on, that says what another does; its targets come apart from it.
insert into promising_allocationversion (
  id, rule_id, number, state, saved_at, published_at, from_on, until_on, item_id, category_id, site_id, kind, basis,
  steal_within_days)
select w.id, v.rule_id,
       (select max(o.number) from promising_allocationversion o where o.rule_id = v.rule_id) + 1, 'published', %(at)s,
       %(at)s, %(on)s, w.until_on, v.item_id, v.category_id, v.site_id, v.kind, v.basis, v.steal_within_days
from unnest(%(ids)s::uuid[], %(versions)s::uuid[], %(until_ons)s::date[]) as w(id, version, until_on)
join promising_allocationversion v on v.id = w.version;

-- name: item_at_site
-- An item and a site by their codes, with the item's categories, its own first, up to the root.
with recursive up as (
  select c.id, c.parent_id, 0 as height from catalog_item i join catalog_category c on c.id = i.category_id
  where i.sku = %(sku)s
  union all
  select c.id, c.parent_id, u.height + 1 from up u join catalog_category c on c.id = u.parent_id
)
select i.id, s.id, coalesce((select array_agg(u.id order by u.height) from up u), '{}')
from catalog_item i, inventory_site s
where i.sku = %(sku)s and s.code = %(site)s;
