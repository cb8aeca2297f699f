-- name: home_counts
-- What needs somebody now. Each count has a page that lists exactly the rows it counts.
select
  (select count(distinct order_id) from orders_hold where released_at is null) as on_hold,
  (select count(distinct order_id) from orders_fulfilmentline
    where state = 'open' and site_id is null and ship_on is null) as unpromised,
  (select count(*) from orders_order where state = 'draft') as drafts,
  (select count(distinct r.order_id) from orchestration_stepstate s join orchestration_run r on r.id = s.run_id
    where s.state = 'failed') as failed,
  (select count(*) from billing_paymentattempt where state = 'in_doubt') as in_doubt,
  (select count(*) from billing_invoice i
    where i.kind = 'invoice' and i.gross > i.paid + i.credited and i.due_on < %(today)s) as overdue;

-- name: home_flow
-- Today in figures: what was captured, promised to leave, shipped, invoiced and paid. Ids ascend with time, so that
-- `first`, the lowest id of today, keeps the count to the newest rows.
select
  (select count(*) from orders_order where ordered_at >= %(midnight)s) as captured,
  (select count(distinct order_id) from orders_fulfilmentline f
    where f.state = 'open' and f.site_id is not null and f.ship_on <= %(today)s) as due,
  (select count(*) from fulfilment_shipment where id >= %(first)s::uuid and shipped_at >= %(midnight)s) as shipped,
  (select count(*) from billing_invoice where id >= %(first)s::uuid and issued_on = %(today)s and kind = 'invoice') as invoiced,
  (select count(*) from billing_payment where id >= %(first)s::uuid and received_on = %(today)s and kind = 'receipt') as paid;

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

-- name: newest_orders
select o.id, o.number, o.state, o.gross, o.currency, o.ordered_at, p.name as customer
from orders_order o join parties_party p on p.id = o.customer_id
order by o.ordered_at desc, o.id desc limit %(limit)s;

-- name: find_orders
-- The palette: an order by the beginning of its number or by a reference.
(select id, number, state from orders_order where number like %(start)s order by number limit 6)
union (select id, number, state from orders_order where external_reference = %(text)s or customer_reference = %(text)s limit 3)
limit 6;

-- name: find_invoices
select id, number, kind from billing_invoice where number like %(start)s order by number desc limit 4;

-- name: find_shipments
select s.order_id, s.number, s.tracking_number from fulfilment_shipment s
where s.number like %(start)s or s.tracking_number = %(text)s limit 4;
