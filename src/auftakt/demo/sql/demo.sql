-- name: running_low
-- Items of which less is left or expected than sold in some days, and how many to order.
select i.sku, ceil(greatest(s.sold * 1.5, 20))
from catalog_item i
join (
  select m.item_id, sum(m.quantity) as sold from inventory_move m
  where m.reason = 'shipment' and m.at >= %(since)s group by m.item_id
) s on s.item_id = i.id
join (
  select b.item_id, sum(b.quantity - b.drawn) as left_over from inventory_bucket b group by b.item_id
) b on b.item_id = i.id
where i.state = 'active' and b.left_over < s.sold * %(days)s / 60
order by i.sku;

-- name: purchases_due
select l.id, l.ordered + l.excess - l.received - l.cancelled - l.inspecting
from supply_purchaseorderline l join supply_purchaseorder o on o.id = l.purchase_order_id
where o.state in ('approved', 'sent', 'acknowledged', 'part_received') and l.expected_on <= %(on)s
  and l.ordered + l.excess > l.received + l.cancelled + l.inspecting
order by l.id;

-- name: open_releases
select id, state from fulfilment_release where state in ('released', 'picked', 'packed') order by id;

-- name: picks_of
select p.id, p.quantity, i.kind = 'kit'
from fulfilment_pick p
join fulfilment_releaseline l on l.id = p.release_line_id
join catalog_item i on i.id = l.item_id
where l.release_id = any(%(releases)s::uuid[]) and not l.is_cancelled
order by p.id;

-- name: services_due
select f.id from orders_fulfilmentline f
join catalog_item i on i.id = f.item_id and i.kind in ('service', 'non_stock')
join orders_order o on o.id = f.order_id and o.state = 'submitted'
where f.state = 'open' and o.submitted_at < %(before)s
  and not exists (select 1 from orders_hold h where h.order_id = o.id and h.released_at is null)
order by f.id;

-- name: shipments_under_way
select s.id, max(f.arrive_on) from fulfilment_shipment s
join fulfilment_shipmentline l on l.shipment_id = s.id
join orders_fulfilmentline f on f.id = l.fulfilment_line_id
where s.kind = 'goods' and s.state = 'shipped'
group by s.id having max(f.arrive_on) <= %(on)s
order by s.id;

-- name: damaged_invoices
select distinct b.invoice_id
from fulfilment_shipment s
join fulfilment_shipmentline l on l.shipment_id = s.id
join billing_invoiceline b on b.shipment_line_id = l.id
join billing_invoice v on v.id = b.invoice_id and v.kind = 'invoice' and v.credited = 0
where s.is_damaged and s.delivered_at >= %(since)s
order by b.invoice_id;

-- name: open_items
select v.number, o.payment_method, v.gross - v.paid - v.credited, v.currency, v.due_on
from billing_invoice v join orders_order o on o.id = v.order_id
where v.kind = 'invoice' and v.gross > v.paid + v.credited and o.payment_method not in ('card', 'paypal')
order by v.number;

-- name: owed_by_transfer
-- What customers may transfer these days: the longest due of each.
select x.number, x.order_number, x.open, x.name
from (
    select distinct on (p.id) v.number, o.number as order_number, v.gross - v.paid - v.credited as open, p.name, v.due_on
    from billing_invoice v join orders_order o on o.id = v.order_id join parties_party p on p.id = v.customer_id
    where v.kind = 'invoice' and v.gross > v.paid + v.credited and v.currency = 'EUR'
      and o.payment_method in ('bank_transfer', 'on_account')
    order by p.id, v.due_on, v.number
) x
order by x.due_on, x.number limit %(limit)s;

-- name: open_orders
-- Orders of which nothing is in a warehouse yet.
select o.id from orders_order o
where o.state = 'submitted'
  and not exists (select 1 from orders_fulfilmentline f where f.order_id = o.id and f.state <> 'open')
  and not exists (select 1 from orders_hold h where h.order_id = o.id and h.released_at is null)
order by o.ordered_at desc, o.id limit %(limit)s;

-- name: held_orders
select distinct h.order_id from orders_hold h
where h.released_at is null and h.reason_code = 'address_check' order by h.order_id;

-- name: count_stages
-- Orders that were submitted; and those with a promised, shipped, invoiced, paid part; and the closed ones.
select
  (select count(*) from orders_order where submitted_at is not null),
  (select count(distinct order_id) from orders_fulfilmentline where site_id is not null),
  (select count(distinct order_id) from fulfilment_shipment),
  (select count(distinct order_id) from billing_invoice where kind = 'invoice'),
  (select count(distinct order_id) from billing_invoice where kind = 'invoice' and gross = paid + credited),
  (select count(*) from orders_order where state = 'closed');
