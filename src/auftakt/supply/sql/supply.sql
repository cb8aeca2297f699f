-- name: find_suppliers
select number, id, is_supplier, status from parties_party where number = any(%(numbers)s::text[]);

-- name: insert_purchases
-- A number that exists already, also one being placed at this moment by another, is left alone.
insert into supply_purchaseorder (id, serial, number, supplier_id, site_id, currency, ordered_on, state, created_at)
select w.id, w.serial, w.number, w.supplier, w.site, w.currency, w.ordered_on, w.state, %(at)s
from unnest(%(ids)s::uuid[], %(serials)s::bigint[], %(numbers)s::text[], %(suppliers)s::uuid[], %(sites)s::uuid[],
            %(currencies)s::text[], %(days)s::date[], %(states)s::text[])
  as w(id, serial, number, supplier, site, currency, ordered_on, state)
order by w.number
on conflict (number) do nothing
returning id;

-- name: placed_purchases
-- What purchase orders were placed as: the facts that never change, to compare another placing of the number with.
select o.number, o.id, o.supplier_id, o.site_id, o.currency, o.ordered_on,
       array_agg(l.item_id order by l.line_number), array_agg(l.ordered order by l.line_number)
from supply_purchaseorder o
join supply_purchaseorderline l on l.purchase_order_id = o.id
where o.number = any(%(numbers)s::text[])
group by o.id;

-- name: lock_purchases
-- The orders of some lines, locked in key order: who holds the order may write its lines.
select o.id
from supply_purchaseorder o
where o.id in (select l.purchase_order_id from supply_purchaseorderline l where l.id = any(%(lines)s::uuid[]))
   or o.id = any(%(orders)s::uuid[])
order by o.id
for update;

-- name: lock_supply_of_purchases
-- What orders will bring and the stock it will join, locked together in key order as arrivals lock them.
select b.id from inventory_bucket b
where b.id in (
  select e.id from supply_purchaseorderline l join inventory_bucket e on e.reference_id = l.id
  where l.purchase_order_id = any(%(orders)s::uuid[])
  union
  select h.id from supply_purchaseorderline l join supply_purchaseorder o on o.id = l.purchase_order_id
  join inventory_bucket h on h.item_id = l.item_id and h.site_id = o.site_id and h.kind = 'on_hand'
  where l.purchase_order_id = any(%(orders)s::uuid[]))
order by b.id
for update;

-- name: purchase_heads
select o.id, o.serial, o.number, o.supplier_id, p.number, p.name, o.site_id, s.code, s.is_open, o.currency,
       o.ordered_on, o.state, coalesce(l.lines, 0), coalesce(l.value, 0), l.expected_on, o.supplier_reference,
       coalesce(l.inspecting, 0)
from supply_purchaseorder o
join parties_party p on p.id = o.supplier_id
join inventory_site s on s.id = o.site_id
left join lateral (
  select count(*) as lines, sum(l.ordered * l.unit_cost) as value,
         min(l.expected_on) filter (where l.ordered + l.excess > l.received + l.cancelled) as expected_on,
         sum(l.inspecting) as inspecting
  from supply_purchaseorderline l where l.purchase_order_id = o.id
) l on true
where o.id = any(%(ids)s::uuid[])
order by o.serial desc;

-- name: list_purchases
-- A page of purchase orders, latest first, before a serial; text finds number, supplier or item.
select o.id, o.serial, o.number, o.supplier_id, p.number, p.name, o.site_id, s.code, s.is_open, o.currency,
       o.ordered_on, o.state, coalesce(l.lines, 0), coalesce(l.value, 0), l.expected_on, o.supplier_reference,
       coalesce(l.inspecting, 0)
from supply_purchaseorder o
join parties_party p on p.id = o.supplier_id
join inventory_site s on s.id = o.site_id
left join lateral (
  select count(*) as lines, sum(l.ordered * l.unit_cost) as value,
         min(l.expected_on) filter (where l.ordered + l.excess > l.received + l.cancelled) as expected_on,
         sum(l.inspecting) as inspecting
  from supply_purchaseorderline l where l.purchase_order_id = o.id
) l on true
where (%(before)s::bigint is null or o.serial < %(before)s::bigint)
  and (%(states)s::text[] is null or o.state = any(%(states)s::text[]))
  and (%(supplier)s::uuid is null or o.supplier_id = %(supplier)s::uuid)
  and (%(site)s::uuid is null or o.site_id = %(site)s::uuid)
  and (%(text)s::text = ''
       or o.number ilike '%%' || %(text)s::text || '%%'
       or p.number ilike %(text)s::text || '%%'
       or p.name ilike '%%' || %(text)s::text || '%%'
       or exists (select from supply_purchaseorderline x join catalog_item i on i.id = x.item_id
                  where x.purchase_order_id = o.id
                    and (i.sku ilike %(text)s::text || '%%' or i.name ilike '%%' || %(text)s::text || '%%')))
order by o.serial desc
limit %(limit)s::int;

-- name: purchase_lines
-- Lines by their own id or their order's, with what promises hold of their open quantity.
select l.id, l.purchase_order_id, o.number, l.line_number, l.item_id, i.sku, i.name, i.unit_id, u.decimals,
       l.ordered, l.received, l.cancelled, l.unit_cost, l.expected_on, b.id, coalesce(b.drawn, 0),
       l.excess, l.inspecting, l.rejected, l.over_percent, l.under_percent, l.inspects, i.tracking
from supply_purchaseorderline l
join supply_purchaseorder o on o.id = l.purchase_order_id
join catalog_item i on i.id = l.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
left join inventory_bucket b on b.reference_id = l.id
where l.id = any(%(ids)s::uuid[]) or l.purchase_order_id = any(%(orders)s::uuid[])
order by o.serial, l.line_number;

-- name: expected_lines
-- Lines of expected orders with something still to come, soonest first, after a position (day, id).
select l.id, l.purchase_order_id, o.number, l.line_number, l.item_id, i.sku, i.name, i.unit_id, u.decimals,
       l.ordered, l.received, l.cancelled, l.unit_cost, l.expected_on, b.id, coalesce(b.drawn, 0),
       l.excess, l.inspecting, l.rejected, l.over_percent, l.under_percent, l.inspects, i.tracking
from supply_purchaseorderline l
join supply_purchaseorder o on o.id = l.purchase_order_id
join catalog_item i on i.id = l.item_id
join catalog_unitofmeasure u on u.code = i.unit_id
left join inventory_bucket b on b.reference_id = l.id
where o.state in ('approved', 'sent', 'acknowledged', 'part_received')
  and l.ordered + l.excess > l.received + l.cancelled + l.inspecting
  and (%(site)s::uuid is null or o.site_id = %(site)s::uuid)
  and (%(items)s::uuid[] is null or l.item_id = any(%(items)s::uuid[]))
  and (%(after_on)s::date is null or (l.expected_on, l.id) > (%(after_on)s::date, %(after_id)s::uuid))
order by l.expected_on, l.id
limit %(limit)s::int;

-- name: change_lines
-- Lines, held by the lock on their order, to what was received, cancelled and is expected when.
update supply_purchaseorderline l
set received = w.received, cancelled = w.cancelled, excess = w.excess, inspecting = w.inspecting,
    rejected = w.rejected, expected_on = w.expected_on
from unnest(%(ids)s::uuid[], %(received)s::numeric[], %(cancelled)s::numeric[], %(excess)s::numeric[],
            %(inspecting)s::numeric[], %(rejected)s::numeric[], %(days)s::date[])
  as w(id, received, cancelled, excess, inspecting, rejected, expected_on)
where l.id = w.id;

-- name: change_states
update supply_purchaseorder o
set state = w.state
from unnest(%(ids)s::uuid[], %(states)s::text[]) as w(id, state)
where o.id = w.id;

-- name: note_references
-- The suppliers' own numbers of orders.
update supply_purchaseorder o
set supplier_reference = w.reference
from unnest(%(ids)s::uuid[], %(references)s::text[]) as w(id, reference)
where o.id = w.id;

-- name: approval_limits
select currency, amount from supply_approvallimit order by currency;

-- name: save_limits
insert into supply_approvallimit as l (id, currency, amount)
select * from unnest(%(ids)s::uuid[], %(currencies)s::text[], %(amounts)s::numeric[]) order by 2
on conflict (currency) do update set amount = excluded.amount where l.amount <> excluded.amount
returning id, currency;
