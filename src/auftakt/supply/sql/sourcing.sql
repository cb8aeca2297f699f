-- name: sourcing_rules
select id, code, name from supply_sourcingrule
where (%(ids)s::uuid[] is null or id = any(%(ids)s::uuid[])) and (%(codes)s::text[] is null or code = any(%(codes)s::text[]))
order by code;

-- name: sourcing_codes
select code from supply_sourcingrule where code > %(after)s order by code limit %(limit)s;

-- name: sourcing_versions
-- Versions of rules, the newest first; with a day only those that hold on it.
select v.id, v.rule_id, v.number, v.state, v.from_on, v.until_on, v.saved_at, v.published_at, v.mode, v.counts,
       v.past_due_days, v.infinite_after_days, v.horizon_days, v.make_first_after_days, v.partial_starts, v.lead_days,
       v.late_cost_per_day, v.split_cost, v.service_floor_days, v.currency, v.choice, coalesce(s.code, '')
from supply_sourcingversion v
left join inventory_site s on s.id = v.consolidate_at_id
where (%(rules)s::uuid[] is null or v.rule_id = any(%(rules)s::uuid[]))
  and (%(on)s::date is null
       or (v.from_on <= %(on)s::date and (v.until_on is null or v.until_on > %(on)s::date)))
order by v.rule_id, v.number desc;

-- name: sourcing_sources
select c.version_id, c.rank, c.kind, coalesce(s.code, ''), coalesce(f.code, ''), coalesce(p.number, ''), c.share,
       c.transfer_days, c.valid_from, c.valid_until
from supply_sourcingsource c
left join inventory_site s on s.id = c.site_id
left join inventory_site f on f.id = c.from_site_id
left join parties_party p on p.id = c.supplier_id
where c.version_id = any(%(versions)s::uuid[])
order by c.version_id, c.rank, c.position;

-- name: sourcing_assignments
select a.id, a.rule_id, r.code, coalesce(i.sku, ''), coalesce(c.code, ''), coalesce(b.code, ''), coalesce(p.number, ''),
       a.segment, a.demand_class, a.country, a.region, a.channel, a.item_id, a.category_id, a.brand_id, a.customer_id
from supply_sourcingassignment a
join supply_sourcingrule r on r.id = a.rule_id
left join catalog_item i on i.id = a.item_id
left join catalog_category c on c.id = a.category_id
left join catalog_brand b on b.id = a.brand_id
left join parties_party p on p.id = a.customer_id
where (%(ids)s::uuid[] is null or a.id = any(%(ids)s::uuid[]))
  and (%(rules)s::uuid[] is null or a.rule_id = any(%(rules)s::uuid[]))
  and (%(after)s::uuid is null or a.id > %(after)s::uuid)
order by a.id
limit %(limit)s::int;

-- name: sourcing_mark
-- Differs whenever a rule in force or an assignment has changed; a picture of them compares it.
select coalesce(max(changes), 0) from supply_sourcingmark;

-- name: count_sourcing_change
insert into supply_sourcingmark as m (id, changes) values (1, 1)
on conflict (id) do update set changes = m.changes + 1;

-- name: sourcing_items
-- Items with their brand and their categories, the item's own first, up to the root.
with recursive wanted as (
    select id, sku, brand_id, category_id from catalog_item where sku = any(%(skus)s::text[])
), up as (
    select distinct category_id as leaf, category_id as node, 0 as height from wanted where category_id is not null
    union all
    select u.leaf, c.parent_id, u.height + 1 from up u join catalog_category c on c.id = u.node
    where c.parent_id is not null
)
select w.sku, w.id, w.brand_id,
       coalesce((select array_agg(u.node order by u.height) from up u where u.leaf = w.category_id), '{}')
from wanted w;

-- name: sourcing_customers
select number, id, segment, is_customer from parties_party where number = any(%(numbers)s::text[]);

-- name: sourcing_products
-- What products there are for rules to meet on: each pair of category and brand that an item has, and single items.
select distinct null::uuid as item_id, category_id, brand_id from catalog_item
union all
select id, category_id, brand_id from catalog_item where id = any(%(items)s::uuid[]);

-- name: standing_transfers
-- Transfers of versions that hold on a day or later, with their first and last day.
select v.rule_id, r.code, f.code, s.code, greatest(v.from_on, c.valid_from, %(on)s::date),
       least(v.until_on - 1, c.valid_until)
from supply_sourcingsource c
join supply_sourcingversion v on v.id = c.version_id
join supply_sourcingrule r on r.id = v.rule_id
join inventory_site s on s.id = c.site_id
join inventory_site f on f.id = c.from_site_id
where c.kind = 'transfer' and v.state <> 'draft' and (v.until_on is null or v.until_on > %(on)s::date)
order by v.rule_id, c.position;

-- name: save_sourcing_rules
insert into supply_sourcingrule as r (id, code, name)
select * from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[])
on conflict (code) do update set name = excluded.name where r.name <> excluded.name;

-- name: save_sourcing_versions
-- Drafts: a rule's draft is changed, or its next version begun.
insert into supply_sourcingversion as v (
  id, rule_id, number, state, saved_at, mode, counts, past_due_days, infinite_after_days, horizon_days,
  make_first_after_days, partial_starts, lead_days, late_cost_per_day, split_cost, service_floor_days, currency, choice,
  consolidate_at_id)
select w.id, w.rule,
       coalesce((select max(o.number) from supply_sourcingversion o where o.rule_id = w.rule), 0) + 1, 'draft', %(at)s,
       w.mode, string_to_array(w.counts, ' '), w.past_due, w.infinite, w.horizon, w.make_first, w.partial, w.lead_days,
       w.late_cost, w.split_cost, w.floor, w.currency, w.choice, s.id
from unnest(%(ids)s::uuid[], %(rules)s::uuid[], %(modes)s::text[], %(countss)s::text[], %(past_due_days)s::int[],
            %(infinite_after_days)s::int[], %(horizon_days)s::int[], %(make_first_after_days)s::int[],
            %(partial_starts)s::bool[], %(lead_days)s::int[], %(late_cost_per_day)s::numeric[],
            %(split_cost)s::numeric[], %(service_floor_days)s::int[], %(currency)s::text[], %(choice)s::text[],
            %(consolidate_at)s::text[])
  as w(id, rule, mode, counts, past_due, infinite, horizon, make_first, partial, lead_days, late_cost, split_cost, floor,
       currency, choice, consolidate_at)
left join inventory_site s on s.code = w.consolidate_at
order by w.rule
on conflict (rule_id) where state = 'draft' do update
set saved_at = excluded.saved_at, mode = excluded.mode, counts = excluded.counts,
    past_due_days = excluded.past_due_days, infinite_after_days = excluded.infinite_after_days,
    horizon_days = excluded.horizon_days, make_first_after_days = excluded.make_first_after_days,
    partial_starts = excluded.partial_starts, lead_days = excluded.lead_days,
    late_cost_per_day = excluded.late_cost_per_day, split_cost = excluded.split_cost,
    service_floor_days = excluded.service_floor_days, currency = excluded.currency, choice = excluded.choice,
    consolidate_at_id = excluded.consolidate_at_id
returning v.rule_id, v.id;

-- name: delete_sourcing_sources
delete from supply_sourcingsource where version_id = any(%(versions)s::uuid[]);

-- name: end_sourcing
-- Versions that would hold on a day or later end on it; those that have not begun by then never do.
update supply_sourcingversion v
set state = 'retired', until_on = greatest(v.from_on, w.day)
from unnest(%(rules)s::uuid[], %(days)s::date[]) as w(rule, day)
where v.rule_id = w.rule and v.state <> 'draft' and (v.until_on is null or v.until_on > w.day)
  and (v.until_on is null or v.until_on > v.from_on)
returning v.rule_id, v.number;

-- name: publish_sourcing
update supply_sourcingversion v
set state = 'published', from_on = w.day, published_at = %(at)s
from unnest(%(rules)s::uuid[], %(days)s::date[]) as w(rule, day)
where v.rule_id = w.rule and v.state = 'draft'
returning v.rule_id, v.number;

-- name: discard_sourcing
delete from supply_sourcingversion where id = any(%(versions)s::uuid[]);

-- name: assign_sourcing
-- A scope that has a rule gets the new one; who may take it has been asked before.
insert into supply_sourcingassignment as a (id, rule_id, item_id, category_id, brand_id, customer_id, segment,
                                            demand_class, country, region, channel)
select * from unnest(%(ids)s::uuid[], %(rules)s::uuid[], %(items)s::uuid[], %(categories)s::uuid[], %(brands)s::uuid[],
                     %(customers)s::uuid[], %(segments)s::text[], %(demand_classes)s::text[], %(countries)s::text[],
                     %(regions)s::text[], %(channels)s::text[])
on conflict (item_id, category_id, brand_id, customer_id, segment, demand_class, country, region, channel)
do update set rule_id = excluded.rule_id;

-- name: unassign_sourcing
delete from supply_sourcingassignment a
using supply_sourcingrule r
where r.id = a.rule_id and a.id = any(%(ids)s::uuid[])
returning a.id, a.rule_id, r.code;

-- name: scope_ids
-- The ids behind the codes of scopes.
select 'sku', sku, id from catalog_item where sku = any(%(skus)s::text[])
union all
select 'category', code, id from catalog_category where code = any(%(categories)s::text[])
union all
select 'brand', code, id from catalog_brand where code = any(%(brands)s::text[])
union all
select 'customer', number, id from parties_party where is_customer and number = any(%(customers)s::text[]);

-- name: sourcing_gaps
-- Of the active stocked items that a rule is assigned to by item, category or brand: how many lack what a source of a
-- version needs, terms of its supplier, or a routing at its site.
with recursive below as (
  select a.category_id as id from supply_sourcingassignment a where a.rule_id = %(rule)s and a.category_id is not null
  union
  select c.id from below b join catalog_category c on c.parent_id = b.id
), items as (
  select i.id from catalog_item i
  where i.kind = 'stocked' and i.state = 'active'
    and (i.id in (select a.item_id from supply_sourcingassignment a where a.rule_id = %(rule)s)
         or i.brand_id in (select a.brand_id from supply_sourcingassignment a where a.rule_id = %(rule)s)
         or i.category_id in (select id from below))
)
select s.position, s.kind, coalesce(o.is_open, true) as is_open,
       (select count(*) from items t where case s.kind
          when 'make' then not exists (select from supply_routing r where r.item_id = t.id and r.site_id = s.site_id)
          else not exists (select from supply_supplieritem u
                           where u.item_id = t.id and u.supplier_id = s.supplier_id and u.is_active) end
        and s.kind in ('make', 'buy', 'drop_ship')) as lacking,
       (select count(*) from items) as items
from supply_sourcingsource s
left join inventory_site o on o.id = s.site_id
where s.version_id = %(version)s
order by s.rank, s.position;
