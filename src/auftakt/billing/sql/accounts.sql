-- name: read_account_opening
-- What a customer owed before a day, by currency: invoices and refunds less credit notes and receipts.
select x.currency, sum(x.amount) as balance
from (
    select v.currency, case when v.kind = 'invoice' then v.gross else -v.gross end as amount
    from billing_invoice v
    where v.customer_id = %(customer_id)s::uuid and v.issued_on < %(from_on)s::date
    union all
    select y.currency, case when y.kind = 'receipt' then -y.amount else y.amount end
    from billing_payment y
    where y.customer_id = %(customer_id)s::uuid and y.received_on < %(from_on)s::date
) x
group by x.currency;

-- name: read_account_rows
-- What moved a customer's account in a period, in order.
select
    v.issued_on as on_day, v.kind, v.id, v.number, o.number as order_number, v.due_on, v.currency,
    case when v.kind = 'invoice' then v.gross else -v.gross end as amount
from billing_invoice v
join orders_order o on o.id = v.order_id
where v.customer_id = %(customer_id)s::uuid and v.issued_on between %(from_on)s::date and %(until_on)s::date
union all
select
    y.received_on, case when y.kind = 'receipt' then 'payment' else 'refund' end, y.id, y.reference,
    coalesce(o.number, ''), null, y.currency, case when y.kind = 'receipt' then -y.amount else y.amount end
from billing_payment y
left join orders_order o on o.id = y.order_id
where y.customer_id = %(customer_id)s::uuid and y.received_on between %(from_on)s::date and %(until_on)s::date
order by 1, 2, 4, 3;

-- name: read_account_head
-- A customer as a statement of its account names it, and the company of ours that sends it.
select
    p.id, p.number, p.name, p.language, a.name as address_name, a.street, a.postal_code, a.city, a.region, a.country,
    e.name as seller_name, e.street as seller_street, e.postal_code as seller_postal_code, e.city as seller_city,
    e.region as seller_region, e.country as seller_country, e.vat_id as seller_vat_id, e.email as seller_email,
    e.iban, e.bank_name
from parties_party p
left join lateral (
    select d.* from parties_address d
    where d.party_id = p.id and d.archived_at is null
    order by d.is_default_bill_to desc, d.id
    limit 1
) a on true
left join lateral (
    select l.* from parties_legalentity l
    order by l.id = (
        select v.legal_entity_id from billing_invoice v where v.customer_id = p.id order by v.issued_on desc limit 1
    ) desc, l.code
    limit 1
) e on true
where p.id = %(customer_id)s::uuid;

-- name: list_postings
-- Postings of a period, the newest first by key, or all of them in the order posted for a file.
select
    g.id, g.entry_id, g.posted_on, e.code as legal_entity, g.account, g.currency, g.amount, g.subject_type, g.subject_id,
    coalesce(v.number, y.reference, '') as subject_number, coalesce(p.number, '') as customer_number,
    coalesce(p.name, '') as customer_name
from billing_posting g
join parties_legalentity e on e.id = g.legal_entity_id
left join billing_invoice v on v.id = g.subject_id
left join billing_payment y on y.id = g.subject_id
left join parties_party p on p.id = coalesce(v.customer_id, y.customer_id)
where g.posted_on between %(from_on)s::date and %(until_on)s::date
  and (%(account)s::text = '' or g.account = %(account)s::text)
  and (%(after_on)s::date is null or (g.posted_on, g.id) > (%(after_on)s::date, %(after_id)s::uuid))
order by g.posted_on, g.id
limit %(limit)s::int;

-- name: sum_postings
-- What a period's postings come to, by account and currency: debit and credit.
select
    g.account, g.currency, coalesce(sum(g.amount) filter (where g.amount > 0), 0) as debit,
    coalesce(-sum(g.amount) filter (where g.amount < 0), 0) as credit, sum(g.amount) as balance, count(*)::int as postings
from billing_posting g
where g.posted_on between %(from_on)s::date and %(until_on)s::date
group by g.account, g.currency
order by g.currency, g.account;
