-- name: list_invoices
-- Newest first, by key; empty filters let all pass.
select
    v.id, v.kind, v.number, v.order_id, o.number as order_number, v.customer_id, p.number as customer_number,
    p.name as customer_name, v.currency, v.issued_on, v.due_on, v.net, v.tax, v.gross, v.paid, v.credited,
    v.dunning_level, v.credits_id
from billing_invoice v
join orders_order o on o.id = v.order_id
join parties_party p on p.id = v.customer_id
where (%(kind)s::text = '' or v.kind = %(kind)s::text)
  and (%(customer_id)s::uuid is null or v.customer_id = %(customer_id)s::uuid)
  and (%(order_id)s::uuid is null or v.order_id = %(order_id)s::uuid)
  and (%(number)s::text = '' or v.number = %(number)s::text)
  and (not %(is_open)s::boolean or (v.kind = 'invoice' and v.gross > v.paid + v.credited))
  and (%(due_before)s::date is null or v.due_on < %(due_before)s::date)
  and (%(after_on)s::date is null or (v.issued_on, v.id) < (%(after_on)s::date, %(after_id)s::uuid))
order by v.issued_on desc, v.id desc
limit %(limit)s::int;

-- name: read_invoices
select
    v.id, v.kind, v.number, v.order_id, o.number as order_number, v.customer_id, p.number as customer_number,
    p.name as customer_name, v.currency, v.issued_on, v.due_on, v.net, v.tax, v.gross, v.paid, v.credited,
    v.dunning_level, v.credits_id
from billing_invoice v
join orders_order o on o.id = v.order_id
join parties_party p on p.id = v.customer_id
where v.id = any(%(ids)s::uuid[])
   or v.order_id = any(%(order_ids)s::uuid[])
   or v.credits_id = any(%(credits)s::uuid[])
order by v.issued_on, v.id;

-- name: read_invoice_lines
select
    il.invoice_id, il.id, il.line_number, coalesce(i.sku, '') as sku, il.text, il.quantity, il.unit_code, il.unit_price,
    il.tax_category, il.tax_rate, il.net, il.tax, il.order_line_id, il.shipment_line_id,
    (select coalesce(sum(c.quantity), 0) from billing_invoiceline c where c.credits_id = il.id) as credited_quantity
from billing_invoiceline il
left join orders_orderline l on l.id = il.order_line_id
left join catalog_item i on i.id = l.item_id
where il.invoice_id = any(%(ids)s::uuid[])
order by il.invoice_id, il.line_number;

-- name: read_allocations
select a.payment_id, a.invoice_id, v.number as invoice_number, p.method, p.reference, a.amount, a.at
from billing_allocation a
join billing_payment p on p.id = a.payment_id
join billing_invoice v on v.id = a.invoice_id
where a.invoice_id = any(%(invoice_ids)s::uuid[]) or a.payment_id = any(%(payment_ids)s::uuid[])
order by a.at, a.id;

-- name: list_payments
-- Newest first, by key; empty filters let all pass.
select
    y.id, y.kind, y.customer_id, p.number as customer_number, p.name as customer_name, y.order_id,
    coalesce(o.number, '') as order_number, y.method, y.currency, y.amount, y.allocated, y.refunded, y.received_on,
    y.reference
from billing_payment y
join parties_party p on p.id = y.customer_id
left join orders_order o on o.id = y.order_id
where (%(customer_id)s::uuid is null or y.customer_id = %(customer_id)s::uuid)
  and (not %(on_account)s::boolean or (y.kind = 'receipt' and y.amount > y.allocated + y.refunded))
  and (%(after_on)s::date is null or (y.received_on, y.id) < (%(after_on)s::date, %(after_id)s::uuid))
order by y.received_on desc, y.id desc
limit %(limit)s::int;

-- name: read_payments
-- Payments by id, and those that an order's invoices or the order itself received.
select
    y.id, y.kind, y.customer_id, p.number as customer_number, p.name as customer_name, y.order_id,
    coalesce(o.number, '') as order_number, y.method, y.currency, y.amount, y.allocated, y.refunded, y.received_on,
    y.reference
from billing_payment y
join parties_party p on p.id = y.customer_id
left join orders_order o on o.id = y.order_id
where y.id = any(%(ids)s::uuid[])
   or y.order_id = any(%(order_ids)s::uuid[])
   or y.id in (
       select a.payment_id
       from billing_allocation a
       join billing_invoice v on v.id = a.invoice_id
       where v.order_id = any(%(order_ids)s::uuid[])
   )
order by y.received_on, y.id;

-- name: find_payment
select y.id from billing_payment y where y.method = %(method)s and y.reference = %(reference)s and not y.reference = '';

-- name: read_attempts
select
    a.id, a.order_id, o.number as order_number, a.invoice_id, a.provider, a.operation, a.amount, a.currency, a.state,
    a.provider_reference, a.reason, a.started_at, a.settled_at
from billing_paymentattempt a
join orders_order o on o.id = a.order_id
where a.order_id = any(%(order_ids)s::uuid[])
order by a.started_at, a.id;

-- name: list_attempts_in_doubt
-- In doubt, or begun so long ago that the process that made the call must have died.
select
    a.id, a.order_id, o.number as order_number, a.invoice_id, a.provider, a.operation, a.amount, a.currency, a.state,
    a.provider_reference, a.reason, a.started_at, a.settled_at
from billing_paymentattempt a
join orders_order o on o.id = a.order_id
where a.state in ('started', 'in_doubt')
  and (a.state = 'in_doubt' or a.started_at <= %(lost_before)s::timestamptz)
order by a.started_at, a.id
limit %(limit)s::int;

-- name: age_open_items
-- What customers owe, by days overdue, with what lies unused on their accounts; the largest total first.
with owed as (
    select v.customer_id, v.currency, v.gross - v.paid - v.credited as open, %(on)s::date - v.due_on as days
    from billing_invoice v
    where v.kind = 'invoice' and v.gross > v.paid + v.credited
      and (%(customer_id)s::uuid is null or v.customer_id = %(customer_id)s::uuid)
), aged as (
    select
        customer_id, currency,
        coalesce(sum(open) filter (where days <= 0), 0) as not_due,
        coalesce(sum(open) filter (where days between 1 and 30), 0) as days_1_30,
        coalesce(sum(open) filter (where days between 31 and 60), 0) as days_31_60,
        coalesce(sum(open) filter (where days between 61 and 90), 0) as days_61_90,
        coalesce(sum(open) filter (where days > 90), 0) as days_over_90,
        sum(open) as total
    from owed
    group by customer_id, currency
), free as (
    select y.customer_id, y.currency, sum(y.amount - y.allocated - y.refunded) as on_account
    from billing_payment y
    where y.kind = 'receipt' and y.amount > y.allocated + y.refunded
      and (%(customer_id)s::uuid is null or y.customer_id = %(customer_id)s::uuid)
    group by y.customer_id, y.currency
)
select
    p.id as customer_id, p.number as customer_number, p.name as customer_name, coalesce(a.currency, f.currency) as currency,
    coalesce(a.not_due, 0) as not_due, coalesce(a.days_1_30, 0) as days_1_30, coalesce(a.days_31_60, 0) as days_31_60,
    coalesce(a.days_61_90, 0) as days_61_90, coalesce(a.days_over_90, 0) as days_over_90,
    coalesce(a.total, 0) as total, coalesce(f.on_account, 0) as on_account
from aged a
full join free f on f.customer_id = a.customer_id and f.currency = a.currency
join parties_party p on p.id = coalesce(a.customer_id, f.customer_id)
order by total desc, p.number
limit %(limit)s::int;

-- name: read_order_billing
select
    v.order_id,
    count(*) filter (where v.kind = 'invoice')::int as invoices,
    count(*) filter (where v.kind = 'credit_note')::int as credit_notes,
    coalesce(sum(v.gross) filter (where v.kind = 'invoice'), 0) as invoiced,
    coalesce(sum(v.credited) filter (where v.kind = 'invoice'), 0) as credited,
    coalesce(sum(v.paid) filter (where v.kind = 'invoice'), 0) as paid,
    coalesce(sum(v.gross - v.paid - v.credited) filter (where v.kind = 'invoice'), 0) as open_amount
from billing_invoice v
where v.order_id = any(%(order_ids)s::uuid[])
group by v.order_id;

-- name: read_languages
select v.id, v.language from billing_invoice v where v.id = any(%(ids)s::uuid[]);

-- name: list_unfiled
-- Issued and not on file yet, the oldest first.
select v.id from billing_invoice v where v.filed_at is null order by v.id limit %(limit)s::int;

-- name: read_sheets
-- All that the printed paper says besides its lines.
select
    v.id, v.kind, v.number, v.language, v.currency, v.issued_on, v.due_on, v.net, v.tax, v.gross, v.paid, v.reason,
    e.name as seller_name, e.street as seller_street, e.postal_code as seller_postal_code, e.city as seller_city,
    e.region as seller_region, e.country as seller_country, e.vat_id as seller_vat_id, e.email as seller_email,
    e.iban, e.bank_name,
    a.name, a.street, a.postal_code, a.city, a.region, a.country,
    o.number as order_number, o.ordered_at, o.customer_reference, o.tax_included, o.payment_method,
    p.number as customer_number, p.vat_id as customer_vat_id,
    t.discount_days, t.discount_percent, t.prepaid,
    c.number as credited_number, c.issued_on as credited_on,
    s.numbers as shipment_numbers, s.shipped_at
from billing_invoice v
join parties_legalentity e on e.id = v.legal_entity_id
join parties_address a on a.id = v.bill_to_id
join orders_order o on o.id = v.order_id
join parties_party p on p.id = v.customer_id
join parties_paymentterms t on t.code = o.payment_terms_id
left join billing_invoice c on c.id = v.credits_id
cross join lateral (
    select string_agg(distinct h.number, ', ' order by h.number) as numbers, max(h.shipped_at) as shipped_at
    from billing_invoiceline il
    join fulfilment_shipmentline sl on sl.id = il.shipment_line_id
    join fulfilment_shipment h on h.id = sl.shipment_id
    where il.invoice_id = v.id
) s
where v.id = any(%(ids)s::uuid[]);
