-- name: lock_orders_of_shipments
-- Pieces of one order are billed one after another, so that each sees what is billed before it.
select o.id
from orders_order o
where o.id in (
    select s.order_id from fulfilment_shipment s where s.id = any(%(shipment_ids)s::uuid[])
    union
    select s.order_id
    from fulfilment_shipmentline l
    join fulfilment_shipment s on s.id = l.shipment_id
    where l.id = any(%(shipment_line_ids)s::uuid[])
)
order by o.id
for no key update;

-- name: read_lines_to_bill
-- Shipment lines with the frozen price of their order line and what is billed of it so far.
select
    sl.id as shipment_line_id, sl.shipment_id, s.order_id, sl.order_line_id, sl.quantity - sl.billed as to_bill,
    l.line_number, l.quantity as ordered, l.cancelled, l.net, l.tax, l.unit_id as unit_code,
    coalesce(l.unit_price, 0) as unit_price, l.tax_category, coalesce(l.tax_rate, 0) as tax_rate,
    coalesce(nullif(t.name, ''), i.name) as text,
    b.quantity as billed_quantity, b.net as billed_net, b.tax as billed_tax
from fulfilment_shipmentline sl
join fulfilment_shipment s on s.id = sl.shipment_id
join orders_orderline l on l.id = sl.order_line_id
join orders_order o on o.id = s.order_id
join catalog_item i on i.id = l.item_id
left join catalog_itemtranslation t on t.item_id = i.id and t.language = o.language
cross join lateral (
    select coalesce(sum(il.quantity), 0) as quantity, coalesce(sum(il.net), 0) as net, coalesce(sum(il.tax), 0) as tax
    from billing_invoiceline il
    join billing_invoice v on v.id = il.invoice_id and v.kind = 'invoice'
    where il.order_line_id = l.id
) b
where sl.shipment_id = any(%(shipment_ids)s::uuid[]) or sl.id = any(%(shipment_line_ids)s::uuid[])
order by s.order_id, l.line_number, sl.id;

-- name: read_orders_to_bill
-- What an invoice takes over from its order.
select
    o.id, o.number, o.legal_entity_id, e.code as entity_code, o.customer_id, o.bill_to_id, o.currency, o.language,
    o.tax_included, o.payment_method, t.due_days, t.prepaid
from orders_order o
join parties_legalentity e on e.id = o.legal_entity_id
join parties_paymentterms t on t.code = o.payment_terms_id
where o.id = any(%(order_ids)s::uuid[]);

-- name: read_charges_to_bill
-- Charges of the whole order that no invoice carries yet.
select c.id, c.order_id, c.name, c.tax_category, c.tax_rate, c.net, c.tax
from orders_ordercharge c
where c.order_id = any(%(order_ids)s::uuid[]) and not c.billed
order by c.order_id, c.kind;

-- name: read_invoices_of_shipments
-- The invoices that carry shipments, for a caller who bills them again.
select distinct sl.shipment_id, il.invoice_id
from fulfilment_shipmentline sl
join billing_invoiceline il on il.shipment_line_id = sl.id
join billing_invoice v on v.id = il.invoice_id and v.kind = 'invoice'
where sl.shipment_id = any(%(shipment_ids)s::uuid[])
order by sl.shipment_id, il.invoice_id;

-- name: lock_prepayments
-- Money paid for an order before its invoice.
select p.id, p.order_id, p.legal_entity_id, p.currency, p.amount - p.allocated - p.refunded as free
from billing_payment p
where p.order_id = any(%(order_ids)s::uuid[]) and p.kind = 'receipt' and p.amount > p.allocated + p.refunded
order by p.id
for update;
