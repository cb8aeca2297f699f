-- name: list_overdue
-- Overdue open items with what blocks them, the longest overdue customer's first; empty filters let all pass.
select
    v.id, v.number, v.order_id, o.number as order_number, v.customer_id, p.number as customer_number,
    p.name as customer_name, v.legal_entity_id, v.currency, v.issued_on, v.due_on, v.gross,
    v.gross - v.paid - v.credited as open_amount, (%(on)s::date - v.due_on)::int as days, v.dunning_level as level,
    v.dunned_on, b.id as block_id, coalesce(b.reason, '') as block_reason, b.until_on as block_until,
    b.id is not null and b.invoice_id is null as is_customer_blocked
from billing_invoice v
join orders_order o on o.id = v.order_id
join parties_party p on p.id = v.customer_id
left join lateral (
    select k.id, k.reason, k.until_on, k.invoice_id
    from billing_dunningblock k
    where k.lifted_at is null and (k.until_on is null or k.until_on >= %(on)s::date)
      and (k.invoice_id = v.id or (k.invoice_id is null and k.customer_id = v.customer_id))
    order by k.invoice_id nulls last
    limit 1
) b on true
where v.kind = 'invoice' and v.gross > v.paid + v.credited and v.due_on < %(on)s::date
  and (%(customer_id)s::uuid is null or v.customer_id = %(customer_id)s::uuid)
  and (not %(any_of)s::boolean or v.id = any(%(ids)s::uuid[]))
order by v.due_on, v.id
limit %(limit)s::int;

-- name: lock_to_remind
-- Invoices before they are reminded of: what is open, their level, what blocks them, and whom the letter goes to.
select
    v.id, v.kind, v.number, v.order_id, v.customer_id, v.legal_entity_id, e.code as entity_code, v.currency, v.language,
    v.due_on, v.gross - v.paid - v.credited as open, v.dunning_level, v.dunned_on,
    coalesce(b.reason, '') as block_reason, b.until_on as block_until, b.id is not null as is_blocked
from billing_invoice v
join parties_legalentity e on e.id = v.legal_entity_id
left join lateral (
    select k.id, k.reason, k.until_on
    from billing_dunningblock k
    where k.lifted_at is null and (k.until_on is null or k.until_on >= %(on)s::date)
      and (k.invoice_id = v.id or (k.invoice_id is null and k.customer_id = v.customer_id))
    order by k.invoice_id nulls last
    limit 1
) b on true
where v.id = any(%(ids)s::uuid[])
order by v.id
for update of v;

-- name: raise_dunning
update billing_invoice v
set dunning_level = u.level, dunned_on = %(on)s::date
from unnest(%(ids)s::uuid[], %(levels)s::int[]) u(id, level)
where v.id = u.id;

-- name: lock_blocks_of
-- Blocks in force of invoices, and of customers as a whole.
select k.id, k.customer_id, k.invoice_id, k.reason, k.until_on
from billing_dunningblock k
where k.lifted_at is null
  and (k.invoice_id = any(%(invoice_ids)s::uuid[])
       or (k.invoice_id is null and k.customer_id = any(%(customer_ids)s::uuid[])))
order by k.id
for update;

-- name: lock_blocks
select k.id, k.customer_id, k.invoice_id, k.reason, k.until_on, k.lifted_at
from billing_dunningblock k
where k.id = any(%(ids)s::uuid[])
order by k.id
for update;

-- name: lift_blocks
update billing_dunningblock k set lifted_at = %(at)s::timestamptz, lifted_by = %(actor)s::text
where k.id = any(%(ids)s::uuid[]) and k.lifted_at is null;

-- name: read_blockable
-- The invoices and customers that blocks are asked for; customers are locked, so that two at once wait for each other.
select p.id as customer_id, v.id as invoice_id, v.kind
from parties_party p
left join billing_invoice v on v.customer_id = p.id and v.id = any(%(invoice_ids)s::uuid[])
where p.id in (
    select unnest(%(customer_ids)s::uuid[])
    union
    select w.customer_id from billing_invoice w where w.id = any(%(invoice_ids)s::uuid[])
)
order by p.id, v.id
for no key update of p;

-- name: list_blocks
-- Blocks in force, of an invoice or of a customer; the newest first.
select k.id, k.customer_id, k.invoice_id, k.reason, k.until_on, k.created_by
from billing_dunningblock k
where k.lifted_at is null and (k.until_on is null or k.until_on >= %(on)s::date)
  and (k.customer_id = any(%(customer_ids)s::uuid[]) or k.invoice_id = any(%(invoice_ids)s::uuid[]))
order by k.invoice_id nulls first, k.id desc;

-- name: list_reminders
-- Letters, the newest first, by key.
select
    r.id, r.number, r.customer_id, p.number as customer_number, p.name as customer_name, r.currency, r.level,
    r.issued_on, r.total, (select count(*) from billing_reminderitem i where i.reminder_id = r.id)::int as items,
    r.filed_at is not null as is_filed
from billing_reminder r
join parties_party p on p.id = r.customer_id
where (%(customer_id)s::uuid is null or r.customer_id = %(customer_id)s::uuid)
  and (%(invoice_id)s::uuid is null
       or r.id in (select i.reminder_id from billing_reminderitem i where i.invoice_id = %(invoice_id)s::uuid))
  and (%(ids)s::uuid[] is null or r.id = any(%(ids)s::uuid[]))
order by r.issued_on desc, r.id desc
limit %(limit)s::int;

-- name: list_unfiled_reminders
select r.id from billing_reminder r where r.filed_at is null order by r.id limit %(limit)s::int;

-- name: mark_reminders_filed
update billing_reminder r set filed_at = %(at)s::timestamptz where r.id = any(%(ids)s::uuid[]) and r.filed_at is null;

-- name: read_reminder_items
-- The invoices of letters, with all a letter says besides: the newest invoice's address and language are the letter's.
select
    r.id as reminder_id, r.number, r.level, r.issued_on, v.id as invoice_id, i.level as item_level,
    i.open_amount, v.number as invoice_number, v.issued_on as invoiced_on, v.due_on, v.gross, v.currency, v.language,
    o.number as order_number, p.number as customer_number,
    e.name as seller_name, e.street as seller_street, e.postal_code as seller_postal_code, e.city as seller_city,
    e.region as seller_region, e.country as seller_country, e.vat_id as seller_vat_id, e.email as seller_email,
    e.iban, e.bank_name,
    coalesce(nullif(a.name, ''), p.name) as name, a.street, a.postal_code, a.city, a.region, a.country
from billing_reminder r
join billing_reminderitem i on i.reminder_id = r.id
join billing_invoice v on v.id = i.invoice_id
join parties_legalentity e on e.id = r.legal_entity_id
join parties_address a on a.id = v.bill_to_id
join orders_order o on o.id = v.order_id
join parties_party p on p.id = v.customer_id
where r.id = any(%(ids)s::uuid[])
order by r.id, v.due_on, v.number;

-- name: read_invoices_for_a_letter
-- The same for invoices that may be reminded of: how the letter would look.
select
    v.id as invoice_id, v.gross - v.paid - v.credited as open_amount, v.number as invoice_number,
    v.issued_on as invoiced_on, v.due_on, v.gross, v.currency, v.language, v.dunning_level,
    o.number as order_number, p.number as customer_number,
    e.name as seller_name, e.street as seller_street, e.postal_code as seller_postal_code, e.city as seller_city,
    e.region as seller_region, e.country as seller_country, e.vat_id as seller_vat_id, e.email as seller_email,
    e.iban, e.bank_name,
    coalesce(nullif(a.name, ''), p.name) as name, a.street, a.postal_code, a.city, a.region, a.country
from billing_invoice v
join parties_legalentity e on e.id = v.legal_entity_id
join parties_address a on a.id = v.bill_to_id
join orders_order o on o.id = v.order_id
join parties_party p on p.id = v.customer_id
where v.id = any(%(ids)s::uuid[]) and v.kind = 'invoice' and v.gross > v.paid + v.credited
order by v.due_on, v.number;
