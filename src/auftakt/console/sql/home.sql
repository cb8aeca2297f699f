-- name: home_money
-- What finance must look at, each counted up to a limit.
select
  (select count(*) from (select 1 from billing_paymentattempt where state = 'in_doubt' limit %(limit)s) x) as in_doubt,
  (select count(*) from (select 1 from billing_invoice i
    where i.kind = 'invoice' and i.gross > i.paid + i.credited and i.due_on < %(today)s limit %(limit)s) x) as overdue;

-- name: home_sites
-- Work per site, each counted up to a limit: lines that may be released, releases by state. What is held and
-- what waits for supply is gathered once; an order is looked up only for the lines that are left, up to the limit.
select s.id, s.code, s.name, l.ready as to_release, r.released as to_pick, r.picked as to_pack, r.packed as to_ship
from inventory_site s
cross join lateral (
  select count(*) as ready from (
    select 1 from orders_fulfilmentline f
    where f.state = 'open' and f.site_id = s.id
      and (select o.state from orders_order o where o.id = f.order_id) = 'submitted'
      and (select i.kind from catalog_item i where i.id = f.item_id) in ('stocked', 'kit')
      and f.order_id not in (select h.order_id from orders_hold h where h.released_at is null)
      and f.id not in (select c.demand_id from promising_commitment c join inventory_bucket b on b.id = c.bucket_id where b.kind <> 'on_hand')
    limit %(limit)s) x
) l
cross join lateral (
  select
    (select count(*) from (select 1 from fulfilment_release r where r.site_id = s.id and r.state = 'released' limit %(limit)s) x) as released,
    (select count(*) from (select 1 from fulfilment_release r where r.site_id = s.id and r.state = 'picked' limit %(limit)s) x) as picked,
    (select count(*) from (select 1 from fulfilment_release r where r.site_id = s.id and r.state = 'packed' limit %(limit)s) x) as packed
) r
where s.ships_orders or l.ready > 0 or r.released > 0 or r.picked > 0 or r.packed > 0
order by s.code;

-- name: newest_orders
select o.id, o.number, o.state, o.gross, o.currency, o.ordered_at, p.name as customer
from orders_order o join parties_party p on p.id = o.customer_id
order by o.ordered_at desc, o.id desc limit %(limit)s;

-- name: bench_counts
-- Work per site: lines that may be released, releases by state.
select s.id, s.code, s.name, s.city,
  coalesce(l.ready, 0) as to_release, coalesce(l.due, 0) as due,
  coalesce(r.released, 0) as to_pick, coalesce(r.picked, 0) as to_pack, coalesce(r.packed, 0) as to_ship
from inventory_site s
left join (
  select f.site_id, count(*) as ready, count(*) filter (where f.ship_on <= %(today)s) as due
  from orders_fulfilmentline f
  join orders_order o on o.id = f.order_id and o.state = 'submitted'
  join catalog_item i on i.id = f.item_id and i.kind in ('stocked', 'kit')
  where f.state = 'open' and f.site_id is not null
    and not exists (select 1 from orders_hold h where h.order_id = f.order_id and h.released_at is null)
    and not exists (select 1 from promising_commitment c join inventory_bucket b on b.id = c.bucket_id
                    where c.demand_id = f.id and b.kind <> 'on_hand')
  group by f.site_id
) l on l.site_id = s.id
left join (
  select site_id, count(*) filter (where state = 'released') as released, count(*) filter (where state = 'picked') as picked,
         count(*) filter (where state = 'packed') as packed
  from fulfilment_release where state in ('released', 'picked', 'packed') group by site_id
) r on r.site_id = s.id
where s.ships_orders or l.ready > 0 or r.released > 0 or r.picked > 0 or r.packed > 0
order by s.code;

-- name: find_orders
-- The palette: orders by the beginning of the number, or by a reference as typed or in capitals, the newest first. Ranges
-- instead of `like`: they walk along an index whatever is typed, also in a plan made for all; one beyond all letters ends them.
select o.id, o.number, o.state, o.customer_reference, p.name as customer, o.ordered_at
from (
  (select id, 0 as rank from orders_order where number ~>=~ %(number)s::text and number ~<~ (%(number)s::text || chr(1114111)) and %(number)s <> ''
    order by number using ~>~ limit 6)
  union all
  select r.id, 1 from unnest(%(starts)s::text[]) typed cross join lateral (
    select id from orders_order where external_reference ~>=~ typed and external_reference ~<~ (typed || chr(1114111))
    order by external_reference using ~<~ limit 6) r
  union all
  select r.id, 2 from unnest(%(starts)s::text[]) typed cross join lateral (
    select id from orders_order
    where customer_reference ~>=~ typed and customer_reference ~<~ (typed || chr(1114111)) and customer_reference <> ''
    order by customer_reference using ~<~ limit 6) r
) f join orders_order o on o.id = f.id join parties_party p on p.id = o.customer_id
group by o.id, p.name order by min(f.rank), o.ordered_at desc limit 6;

-- name: find_invoices
-- With or without the dashes of their numbers.
select i.id, i.number, i.kind, p.name as customer
from (
  select id, number, kind, customer_id from billing_invoice
  where replace(number, '-', '') ~>=~ %(bare)s::text and replace(number, '-', '') ~<~ (%(bare)s::text || chr(1114111)) and %(bare)s <> ''
  order by replace(number, '-', '') using ~>~ limit 4
) i join parties_party p on p.id = i.customer_id order by i.number desc;

-- name: find_shipments
-- Shipments and parcels by number or tracking number.
select order_id, number, tracking_number, kind from (
  (select s.order_id, s.number, s.tracking_number, 'shipment' as kind from fulfilment_shipment s
    where s.number ~>=~ %(start)s::text and s.number ~<~ (%(start)s::text || chr(1114111)) order by s.number using ~>~ limit 4)
  union all
  (select s.order_id, s.number, s.tracking_number, 'shipment' from fulfilment_shipment s where s.tracking_number = %(text)s and s.tracking_number <> '' limit 4)
  union all
  (select r.order_id, c.number, c.tracking_number, 'parcel' from (
    select c.release_id, c.number, c.tracking_number from fulfilment_parcel c
    where c.number ~>=~ %(start)s::text and c.number ~<~ (%(start)s::text || chr(1114111)) order by c.number using ~>~ limit 4
  ) c join fulfilment_release r on r.id = c.release_id)
  union all
  (select r.order_id, c.number, c.tracking_number, 'parcel' from fulfilment_parcel c join fulfilment_release r on r.id = c.release_id where c.tracking_number = %(text)s and c.tracking_number <> '' limit 4)
) f limit 5;

-- name: find_purchases
select p.id, p.number, s.name as supplier, p.state
from (
  select id, number, supplier_id, state from supply_purchaseorder
  where number ~>=~ %(start)s::text and number ~<~ (%(start)s::text || chr(1114111)) order by number using ~>~ limit 4
) p join parties_party s on s.id = p.supplier_id order by p.number desc;
