-- name: lock_orders_to_authorise
-- Orders with what is paid, credited or being captured already.
select
    o.id, o.number, o.payment_method, o.payment_token, o.currency, o.gross, o.state,
    (
        select coalesce(sum(v.paid + v.credited), 0) from billing_invoice v where v.order_id = o.id and v.kind = 'invoice'
    ) + (
        select coalesce(sum(p.amount - p.allocated - p.refunded), 0) from billing_payment p
        where p.order_id = o.id and p.kind = 'receipt'
    ) + (
        select coalesce(sum(a.amount), 0) from billing_paymentattempt a
        where a.order_id = o.id and a.operation = 'capture' and a.state in ('started', 'in_doubt')
    ) as paid
from orders_order o
where o.id = any(%(order_ids)s::uuid[])
order by o.id
for no key update of o;

-- name: read_authorisations
-- Authorisations of orders, and what of each is captured or about to be.
select
    a.id, a.order_id, a.provider, a.provider_reference, a.currency,
    a.amount - coalesce((
        select sum(c.amount) from billing_paymentattempt c
        where c.order_id = a.order_id and c.operation = 'capture' and c.target = a.provider_reference
          and c.state in ('started', 'in_doubt', 'succeeded')
    ), 0) as remaining
from billing_paymentattempt a
where a.order_id = any(%(order_ids)s::uuid[]) and a.operation = 'authorise' and a.state = 'succeeded'
order by a.order_id, a.id;

-- name: begin_attempts
-- One open attempt per order and operation; what is not given back is blocked by an earlier one.
insert into billing_paymentattempt (
    id, order_id, invoice_id, refunds_id, provider, operation, amount, currency, idempotency_key, target, state,
    provider_reference, reason, started_at, settled_by
)
select u.id, u.order_id, u.invoice_id, u.refunds_id, u.provider, u.operation, u.amount, u.currency, u.key, u.target,
       'started', '', '', %(at)s::timestamptz, ''
from unnest(
    %(ids)s::uuid[], %(orders)s::uuid[], %(invoices)s::uuid[], %(payments)s::uuid[], %(providers)s::text[],
    %(operations)s::text[], %(amounts)s::numeric[], %(currencies)s::text[], %(keys)s::text[], %(targets)s::text[]
) u(id, order_id, invoice_id, refunds_id, provider, operation, amount, currency, key, target)
order by u.order_id, u.operation
on conflict (order_id, operation) where (state in ('started', 'in_doubt')) do nothing
returning id;

-- name: read_open_attempts
-- The attempt that blocks each order.
select a.id, a.order_id, a.operation, a.state, a.started_at
from billing_paymentattempt a
where a.order_id = any(%(order_ids)s::uuid[]) and a.state in ('started', 'in_doubt')
order by a.order_id, a.id;

-- name: lock_attempts
select
    a.id, a.order_id, a.invoice_id, a.refunds_id, a.provider, a.operation, a.amount, a.currency, a.idempotency_key,
    a.target, a.state, a.started_at, o.customer_id, o.legal_entity_id
from billing_paymentattempt a
join orders_order o on o.id = a.order_id
where a.id = any(%(ids)s::uuid[])
order by a.id
for update of a;

-- name: settle_attempts
update billing_paymentattempt a
set state = u.state, provider_reference = u.reference, reason = u.reason,
    settled_at = case when u.state = 'in_doubt' then null else %(at)s::timestamptz end,
    settled_by = case when u.state = 'in_doubt' then '' else %(actor)s::text end
from unnest(%(ids)s::uuid[], %(states)s::text[], %(references)s::text[], %(reasons)s::text[])
    u(id, state, reference, reason)
where a.id = u.id;

-- name: read_captures
-- The provider's own reference of the capture behind each payment.
select p.id, a.provider, a.provider_reference
from billing_payment p
join billing_paymentattempt a on a.id = p.attempt_id
where p.id = any(%(payment_ids)s::uuid[]) and a.operation = 'capture' and a.state = 'succeeded';
