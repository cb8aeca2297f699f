-- name: proposal_rows
-- What is proposed to order, with where from, what it is worth, and what of each item is there.
select p.id, p.serial, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, s.code as site, p.kind, p.state,
  coalesce(v.name, f.code, s.code) as source, coalesce(v.number, '') as supplier_number, p.quantity, p.value,
  coalesce(p.value, 0) as worth, p.currency, p.due_on, p.position, p.reorder_point, p.order_id, p.order_number,
  r.number as run, p.buyer, p.position - p.reorder_point as spare
from supply_proposal p
join supply_replenishmentrun r on r.id = p.run_id
join catalog_item i on i.id = p.item_id
join inventory_site s on s.id = p.site_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join parties_party v on v.id = p.supplier_id
left join inventory_site f on f.id = p.from_site_id
where true
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s or v.name ilike %(like)s or p.order_number ilike %(start)s) -- if text
  and p.state = %(state)s -- if state
  and p.kind = %(kind)s -- if kind
  and s.code = %(site)s -- if site
  and v.number = %(supplier)s -- if supplier
  and i.sku = %(item)s -- if item
  and r.number = %(run)s -- if run
  and p.buyer = %(buyer)s -- if buyer

-- name: proposal_groups
-- What waits for somebody, by where it would be ordered: as many orders would come of it.
select p.kind, coalesce(v.number, f.code, '') as source_code, coalesce(v.name, f.code, '') as source, s.code as site,
  coalesce(p.currency, '') as currency, count(*) as proposals, sum(p.value) as value,
  bool_or(p.state = 'held') as held, t.minimum_order
from supply_proposal p
join inventory_site s on s.id = p.site_id
left join parties_party v on v.id = p.supplier_id
left join inventory_site f on f.id = p.from_site_id
left join supply_supplierterms t on t.supplier_id = p.supplier_id and t.currency = p.currency
where p.state in ('proposed', 'held')
group by 1, 2, 3, 4, 5, t.minimum_order
order by sum(p.value) desc nulls last, 3, 4
limit %(limit)s;

-- name: policy_rows
-- Policies with what there is of their items now.
select p.id, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, s.code as site, p.method, p.source,
  coalesce(v.name, '') as supplier, coalesce(f.code, '') as from_site, p.reorder_point, p.maximum, p.lot, p.cover_days,
  p.review_days, p.safety_stock, p.service_level, p.demand_per_day, p.lead_days, p.buyer, b.free, b.expected
from supply_replenishmentpolicy p
join catalog_item i on i.id = p.item_id
join inventory_site s on s.id = p.site_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
left join parties_party v on v.id = p.supplier_id
left join inventory_site f on f.id = p.from_site_id
left join lateral (
  select coalesce(sum(x.quantity) filter (where x.kind = 'on_hand'), 0) - coalesce(sum(x.drawn), 0) as free,
    coalesce(sum(x.quantity) filter (where x.kind <> 'on_hand'), 0) as expected
  from inventory_bucket x
  where x.item_id = p.item_id and x.site_id = p.site_id
    and x.kind in ('on_hand', 'purchase', 'transfer', 'work_order')
) b on true
where true
  and (i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s) -- if text
  and p.method = %(method)s -- if method
  and s.code = %(site)s -- if site
  and p.buyer = %(buyer)s -- if buyer

-- name: coming_of_item
-- What is expected of an item at a site and when, and what is on the shelf.
select b.kind, b.available_on, sum(b.quantity) as quantity, sum(b.drawn) as drawn
from inventory_bucket b
where b.item_id = %(item)s and b.site_id = %(site)s and b.quantity > 0
  and b.kind in ('on_hand', 'purchase', 'transfer', 'work_order')
group by 1, 2
order by 2 nulls first;

-- name: proposals_of_item
-- The proposals of an item that wait, and the last that were decided.
select p.id, s.code as site, p.quantity, p.state, p.due_on, p.order_number
from supply_proposal p join inventory_site s on s.id = p.site_id
where p.item_id = %(item)s and p.state in ('proposed', 'held')
order by s.code, p.serial
limit 20;
