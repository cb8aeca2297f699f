-- name: find_open_items
-- Open items by number of invoice or order, of customers, by amount; each once, with which of these found it.
with named as (
    select v.id from billing_invoice v where replace(v.number, '-', '') = any(%(bare_numbers)s::text[])
    union
    select v.id from billing_invoice v join orders_order n on n.id = v.order_id where n.number = any(%(order_numbers)s::text[])
    union
    select v.id
    from billing_invoice v
    where v.customer_id = any(%(customer_ids)s::uuid[]) and v.kind = 'invoice' and v.gross > v.paid + v.credited
    union
    select v.id
    from unnest(%(currencies)s::text[], %(amounts)s::numeric[]) u(currency, amount)
    join billing_invoice v on v.currency = u.currency and v.gross - v.paid - v.credited = u.amount
    where v.kind = 'invoice' and v.gross > v.paid + v.credited
), asked as (
    select v.id, v.number, v.order_id, v.customer_id, v.legal_entity_id, v.currency, v.issued_on, v.due_on, v.gross,
           v.gross - v.paid - v.credited as open_amount, v.dunning_level
    from named n
    join billing_invoice v on v.id = n.id
    where v.kind = 'invoice' and v.gross > v.paid + v.credited
)
select
    a.id, a.number, o.number as order_number, a.customer_id, p.number as customer_number, p.name as customer_name,
    a.legal_entity_id, a.currency, a.issued_on, a.due_on, a.gross, a.open_amount, a.dunning_level
from asked a
join orders_order o on o.id = a.order_id
join parties_party p on p.id = a.customer_id
order by a.due_on, a.number;

-- name: find_payers
-- Customers by number, by name, by the account they paid from before.
select 'number' as found_by, upper(p.number) as what, p.id, p.number, p.name
from parties_party p
where p.number = any(%(numbers)s::text[])
union all
select 'name', lower(p.name), p.id, p.number, p.name
from parties_party p
where p.name = any(%(names)s::text[]) and p.is_customer
union all
select 'account', u.account, p.id, p.number, p.name
from unnest(%(accounts)s::text[]) u(account)
cross join lateral (
    select y.customer_id
    from billing_bankline l
    join billing_payment y on y.id = l.payment_id
    where l.payer_account = u.account and l.state = 'booked' and l.payer_account <> ''
    order by l.booked_on desc, l.id desc
    limit 1
) known
join parties_party p on p.id = known.customer_id
union all
select 'id', p.id::text, p.id, p.number, p.name
from parties_party p
where p.id = any(%(ids)s::uuid[]);

-- name: read_held
-- What a payment settles, net of what was taken back, by invoice.
select
    a.payment_id, a.invoice_id, v.number as invoice_number, v.order_id, o.number as order_number, v.issued_on, v.due_on,
    v.gross, v.gross - v.paid - v.credited as open_amount, v.currency, sum(a.amount) as held, max(a.at) as at
from billing_allocation a
join billing_invoice v on v.id = a.invoice_id
join orders_order o on o.id = v.order_id
where a.payment_id = any(%(payment_ids)s::uuid[])
group by a.payment_id, a.invoice_id, v.id, o.number
having sum(a.amount) <> 0
order by a.payment_id, v.due_on, v.number;
