-- name: stock_rows
-- Stock per item and site: on hand, promised of it, available, and what is expected. An item that a site only expects has
-- a row too: that of what comes first.
select b.id, b.item_id, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, coalesce(c.name, '') as category, s.code as site,
  s.name as site_name, coalesce(n.code, '') as bin, h.on_hand, h.promised, h.on_hand - h.promised as available,
  coalesce(x.expected, 0) as expected, x.expected_on
from inventory_bucket b
join catalog_item i on i.id = b.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
join inventory_site s on s.id = b.site_id
left join catalog_category c on c.id = i.category_id
left join inventory_placing p on p.item_id = b.item_id and p.site_id = b.site_id
left join inventory_bin n on n.id = p.bin_id
cross join lateral (
  select case when b.kind = 'on_hand' then b.quantity else 0 end as on_hand,
    case when b.kind = 'on_hand' then b.drawn else 0 end as promised
) h
left join lateral (
  select sum(e.quantity) as expected, min(e.available_on) as expected_on from inventory_bucket e
  where e.item_id = b.item_id and e.site_id = b.site_id and e.kind <> 'on_hand' and e.quantity > 0
) x on true
where (b.kind = 'on_hand' or (b.quantity > 0 and not exists (
  select from inventory_bucket o where o.item_id = b.item_id and o.site_id = b.site_id
    and (o.kind = 'on_hand' or (o.quantity > 0 and (o.available_on, o.id) < (b.available_on, b.id))))))
  and (i.sku ilike %(like)s or i.name ilike %(like)s or tr.name ilike %(like)s or i.gtin = %(text)s or n.code ilike %(start)s) -- if text
  and s.code = %(site)s -- if site
  and i.category_id in (with recursive w (id) as (select id from catalog_category where code = %(category)s union all select k.id from w join catalog_category k on k.parent_id = w.id) select id from w) -- if category
  and h.on_hand - h.promised <= 0 -- if short
  and x.expected > 0 -- if coming
  and n.code is null and h.on_hand > 0 -- if placeless

-- name: move_rows
-- The stock ledger: what went from where to where, and why.
select m.id, m.at, m.actor, m.quantity, m.reason, m.note, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit,
  coalesce(fs.code, '') as from_site, f.kind as from_kind, coalesce(ts.code, '') as to_site, t.kind as to_kind,
  m.reverses_id, u.id as reversed_by
from inventory_move m
join catalog_item i on i.id = m.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
join inventory_location f on f.id = m.taken_from_id left join inventory_site fs on fs.id = f.site_id
join inventory_location t on t.id = m.put_to_id left join inventory_site ts on ts.id = t.site_id
left join inventory_move u on u.reverses_id = m.id
where true
  and (i.sku ilike %(start)s or m.note ilike %(like)s or m.actor ilike %(like)s) -- if text
  and m.item_id = (select id from catalog_item where sku = %(item)s) -- if item
  and (fs.code = %(site)s or ts.code = %(site)s) -- if site
  and m.reason = %(reason)s -- if reason
  and m.at >= %(on_from)s::date -- if on_from
  and m.at < %(on_to)s::date + 1 -- if on_to

-- name: stock_categories
-- The categories that stocked items are in, with those above them.
select c.code, c.name from catalog_category c order by c.name limit 300;

-- name: item_stock
-- An item's stock at every site that has or expects some, or keeps a bin for it.
select s.id as site_id, s.code as site, s.name as site_name, coalesce(max(n.code), '') as bin,
  coalesce(sum(b.quantity) filter (where b.kind = 'on_hand'), 0) as on_hand,
  coalesce(sum(b.drawn) filter (where b.kind = 'on_hand'), 0) as promised,
  coalesce(sum(b.quantity - b.drawn) filter (where b.kind = 'on_hand'), 0) as free,
  coalesce(sum(b.quantity - b.drawn) filter (where b.kind <> 'on_hand'), 0) as expected,
  min(b.available_on) filter (where b.kind <> 'on_hand' and b.quantity > 0) as expected_on
from inventory_site s
left join inventory_bucket b on b.site_id = s.id and b.item_id = %(item)s
left join inventory_placing p on p.site_id = s.id and p.item_id = %(item)s
left join inventory_bin n on n.id = p.bin_id
where b.id is not null or p.id is not null
group by s.id, s.code, s.name order by s.code;

-- name: item_supply
-- What is free of an item at each site, and from which day on: no day is what lies there.
select s.code as site, b.available_on, sum(b.quantity - b.drawn) as free
from inventory_bucket b join inventory_site s on s.id = b.site_id
where b.item_id = %(item)s
group by s.code, b.available_on order by s.code, b.available_on nulls first;

-- name: item_buckets
-- Supply of an item, piece by piece: what is there and what comes, and from which purchase or work order.
select b.id, b.kind, s.code as site, b.available_on, b.quantity, b.drawn, p.id as purchase_id, p.number as purchase,
  w.id as work_id, w.number as work
from inventory_bucket b
join inventory_site s on s.id = b.site_id
left join supply_purchaseorderline l on l.id = b.reference_id
left join supply_purchaseorder p on p.id = l.purchase_order_id
left join supply_workorder w on w.id = b.reference_id
where b.item_id = %(item)s and (b.quantity > 0 or b.kind = 'on_hand')
order by b.available_on nulls first, s.code limit 200;

-- name: item_moves
-- The newest ledger entries of an item.
select m.id, m.at, m.actor, m.quantity, m.reason, m.note, f.kind as from_kind, fs.code as from_site, t.kind as to_kind, ts.code as to_site
from inventory_move m
join inventory_location f on f.id = m.taken_from_id left join inventory_site fs on fs.id = f.site_id
join inventory_location t on t.id = m.put_to_id left join inventory_site ts on ts.id = t.site_id
where m.item_id = %(item)s order by m.at desc, m.id desc limit %(limit)s;

-- name: item_stock_at
-- On hand of an item per site at a past instant: the sum of the ledger up to it.
select s.code as site, s.name as site_name, sum(v.quantity) as on_hand
from (
  select l.site_id, m.quantity from inventory_move m join inventory_location l on l.id = m.put_to_id
  where m.item_id = %(item)s and m.at <= %(instant)s and l.kind = 'stock'
  union all
  select l.site_id, -m.quantity from inventory_move m join inventory_location l on l.id = m.taken_from_id
  where m.item_id = %(item)s and m.at <= %(instant)s and l.kind = 'stock'
) v join inventory_site s on s.id = v.site_id
group by s.code, s.name order by s.code;

-- name: item_holders
-- Who holds an item's supply: the fulfilment lines that have drawn it.
select o.id as order_id, o.number, p.name as customer, s.code as site, b.kind, b.available_on, c.quantity, f.ship_on
from promising_commitment c
join inventory_bucket b on b.id = c.bucket_id join inventory_site s on s.id = b.site_id
join orders_fulfilmentline f on f.id = c.demand_id join orders_order o on o.id = f.order_id
join parties_party p on p.id = o.customer_id
where b.item_id = %(item)s order by f.ship_on nulls last, o.number limit 100;

-- name: item_reserved
-- Open reservations that hold an item's supply, as itself or as a part of a kit: for whom, and until when.
select r.id, r.owner_kind, r.owner, r.expires_at, s.code as site, sum(c.quantity) as quantity,
  sum(sum(c.quantity)) over () as total
from promising_commitment c
join inventory_bucket b on b.id = c.bucket_id join inventory_site s on s.id = b.site_id
join promising_reservationpiece p on p.id = c.demand_id join promising_reservation r on r.id = p.reservation_id
where b.item_id = %(item)s
group by r.id, s.code order by r.expires_at, r.id, s.code limit 100;

-- name: reservation_rows
-- Reservations with the sites they hold supply at, and when the last of it ships.
select r.id, r.owner_kind, r.owner, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, r.quantity, r.state,
  r.expires_at, r.created_at, r.created_by, r.country, p.sites, p.ship_on,
  r.state = 'open' and r.expires_at <= now() as is_over
from promising_reservation r
join catalog_item i on i.id = r.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
cross join lateral (
  select coalesce(string_agg(distinct s.code, ', '), '') as sites, max(x.ship_on) as ship_on
  from promising_reservationpiece x left join inventory_site s on s.id = x.site_id
  where x.reservation_id = r.id
) p
where true
  and (r.owner ilike %(like)s or i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s) -- if text
  and r.state = %(state)s -- if state
  and r.owner_kind = %(owner_kind)s -- if owner_kind
  and i.sku = %(item)s -- if item
  and r.id in (select x.reservation_id from promising_reservationpiece x join inventory_site s on s.id = x.site_id where s.code = %(site)s) -- if site

-- name: lot_rows
-- Lots that lie somewhere: in stock, picked, set aside or on their way. One that never expires comes last.
select l.id, l.number, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, l.expires_on, l.is_serial,
  coalesce(l.expires_on, date '9999-12-31') as expires, q.on_hand, q.picked, q.aside, q.places
from inventory_lot l
join catalog_item i on i.id = l.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
join lateral (
  select coalesce(sum(s.quantity) filter (where p.kind = 'stock'), 0) as on_hand, sum(s.held) as picked,
    coalesce(sum(s.quantity) filter (where p.kind <> 'stock'), 0) as aside,
    string_agg(distinct coalesce(t.code, p.kind), ', ') as places
  from inventory_lotstock s
  join inventory_location p on p.id = s.location_id
  left join inventory_site t on t.id = p.site_id
  where s.lot_id = l.id and s.quantity > 0
) q on q.places is not null
where true
  and (l.number ilike %(start)s or i.sku ilike %(start)s or i.name ilike %(like)s or tr.name ilike %(like)s) -- if text
  and i.sku = %(item)s -- if item
  and l.expires_on < %(today)s::date -- if expired
  and l.expires_on between %(today)s::date and %(today)s::date + 30 -- if soon

-- name: lot_head
select l.id, l.number, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, l.expires_on, l.is_serial, l.created_at
from inventory_lot l
join catalog_item i on i.id = l.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where l.id = %(lot)s;
