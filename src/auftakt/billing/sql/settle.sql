-- name: lock_orders
-- Prepayments and invoices of one order meet here.
select o.id from orders_order o where o.id = any(%(order_ids)s::uuid[]) order by o.id for no key update;

-- name: lock_invoices
select
    v.id, v.kind, v.number, v.legal_entity_id, e.code as entity_code, v.order_id, v.customer_id, v.bill_to_id, v.currency,
    v.language, v.gross - v.paid - v.credited as open, o.tax_included, o.payment_method, o.number as order_number,
    o.payment_token
from billing_invoice v
join parties_legalentity e on e.id = v.legal_entity_id
join orders_order o on o.id = v.order_id
where v.id = any(%(invoice_ids)s::uuid[])
order by v.id
for update of v;

-- name: lock_payments
select
    p.id, p.kind, p.legal_entity_id, p.customer_id, p.order_id, coalesce(o.number, '') as order_number, p.method,
    p.currency, p.amount, p.reference, p.amount - p.allocated - p.refunded as free
from billing_payment p
left join orders_order o on o.id = p.order_id
where p.id = any(%(payment_ids)s::uuid[])
order by p.id
for update of p;

-- name: move_payments
-- `allocated` and `refunded` rise, or fall where the amount is negative. Several amounts of one payment add up.
update billing_payment p
set allocated = p.allocated + d.allocated, refunded = p.refunded + d.refunded
from (
    select u.id, sum(u.allocated) as allocated, sum(u.refunded) as refunded
    from unnest(%(ids)s::uuid[], %(allocated)s::numeric[], %(refunded)s::numeric[]) u(id, allocated, refunded)
    group by u.id
) d
where p.id = d.id;

-- name: move_invoices
-- Open items rise or fall. Several amounts of one invoice add up.
update billing_invoice v
set paid = v.paid + d.paid, credited = v.credited + d.credited
from (
    select u.id, sum(u.paid) as paid, sum(u.credited) as credited
    from unnest(%(ids)s::uuid[], %(paid)s::numeric[], %(credited)s::numeric[]) u(id, paid, credited)
    group by u.id
) d
where v.id = d.id;

-- name: find_targets
-- What each receipt is for: the invoice, the order, or the customer it names.
select
    t.place::int as place, v.id as invoice_id, v.kind as invoice_kind, o.id as order_id,
    coalesce(v.customer_id, o.customer_id, p.id) as customer_id,
    coalesce(v.legal_entity_id, o.legal_entity_id) as legal_entity_id,
    coalesce(v.currency, o.currency) as currency, p.currency as customer_currency
from unnest(%(invoices)s::text[], %(orders)s::text[], %(customers)s::text[])
    with ordinality t(invoice_number, order_number, customer_number, place)
left join billing_invoice v on v.number = t.invoice_number and t.invoice_number <> ''
left join orders_order o on o.number = t.order_number and t.order_number <> ''
left join parties_party p on p.number = t.customer_number and t.customer_number <> ''
order by t.place;

-- name: lock_open_items
-- The invoices named, and what is open for the orders and customers named.
select
    v.id, v.kind, v.number, v.order_id, v.customer_id, v.legal_entity_id, v.currency, v.due_on,
    v.gross - v.paid - v.credited as open
from billing_invoice v
where v.id = any(%(invoice_ids)s::uuid[])
   or (
       v.kind = 'invoice' and v.gross > v.paid + v.credited
       and (v.order_id = any(%(order_ids)s::uuid[]) or v.customer_id = any(%(customer_ids)s::uuid[]))
   )
order by v.id
for update of v;

-- name: read_first_legal_entity
-- Receives money that no invoice or order says whose it is.
select e.id from parties_legalentity e order by e.code limit 1;

-- name: add_receipts
-- A receipt known by method and reference is not booked again; two at once wait for each other.
insert into billing_payment (
    id, kind, legal_entity_id, customer_id, order_id, method, currency, amount, allocated, refunded, received_on,
    reference, text, created_at
)
select u.id, 'receipt', u.legal_entity_id, u.customer_id, u.order_id, u.method, u.currency, u.amount, 0, 0,
       u.received_on, u.reference, u.text, %(at)s::timestamptz
from unnest(
    %(ids)s::uuid[], %(legal_entities)s::uuid[], %(customers)s::uuid[], %(orders)s::uuid[], %(methods)s::text[],
    %(currencies)s::text[], %(amounts)s::numeric[], %(days)s::date[], %(references)s::text[], %(texts)s::text[]
) u(id, legal_entity_id, customer_id, order_id, method, currency, amount, received_on, reference, text)
order by u.method, u.reference
on conflict (method, reference) where (not reference = '') do nothing
returning id;

-- name: read_known_receipts
select p.id, p.method, p.reference, p.kind, p.customer_id, p.currency, p.amount
from unnest(%(methods)s::text[], %(references)s::text[]) u(method, reference)
join billing_payment p on p.method = u.method and p.reference = u.reference and not p.reference = '';

-- name: read_lines_to_credit
-- Lines of invoices and what is credited of each so far.
select
    il.id, il.invoice_id, il.line_number, il.order_line_id, il.charge_id, il.text, il.quantity, il.unit_code,
    il.unit_price, il.tax_category, il.tax_rate, il.net, il.tax,
    c.quantity as credited_quantity, c.net as credited_net, c.tax as credited_tax
from billing_invoiceline il
cross join lateral (
    select coalesce(sum(x.quantity), 0) as quantity, coalesce(sum(x.net), 0) as net, coalesce(sum(x.tax), 0) as tax
    from billing_invoiceline x
    where x.credits_id = il.id
) c
where il.invoice_id = any(%(invoice_ids)s::uuid[])
order by il.invoice_id, il.line_number;

-- name: read_allocated
-- What each payment holds of an invoice, the latest first.
select a.invoice_id, a.payment_id, sum(a.amount) as held
from billing_allocation a
where a.invoice_id = any(%(invoice_ids)s::uuid[])
group by a.invoice_id, a.payment_id
having sum(a.amount) > 0
order by a.invoice_id, max(a.id::text) desc;

-- name: mark_filed
update billing_invoice v set filed_at = %(at)s::timestamptz
where v.id = any(%(ids)s::uuid[]) and v.filed_at is null;

-- name: read_credit_holders
-- Orders that drew from a credit line, whatever they hold of it by now.
select distinct d.subject_id as order_id
from parties_creditdraw d
where d.subject_id = any(%(order_ids)s::uuid[]);
