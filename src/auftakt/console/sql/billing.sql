-- name: invoice_rows
select i.id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.net, i.gross, i.paid, i.credited, i.dunning_level,
  case when i.kind = 'invoice' then i.gross - i.paid - i.credited else 0 end as open,
  p.name as customer, p.number as customer_number, o.id as order_id, o.number as order_number,
  case when i.kind = 'credit_note' then 'credit_note' when i.gross = i.credited then 'credited' when i.gross = i.paid + i.credited then 'paid'
       when i.due_on < %(today)s then 'overdue' when i.paid + i.credited > 0 then 'part_paid' else 'unpaid' end as standing
from billing_invoice i join parties_party p on p.id = i.customer_id join orders_order o on o.id = i.order_id
where true
  and (i.number ilike %(start)s or i.order_id in (select id from orders_order where number ilike %(start)s) or p.name ilike %(like)s) -- if text
  and i.kind = %(kind)s -- if kind
  and i.customer_id = (select id from parties_party where number = %(customer)s) -- if customer
  and i.issued_on >= %(issued_from)s -- if issued_from
  and i.issued_on <= %(issued_to)s -- if issued_to
  and i.gross >= %(gross_min)s -- if gross_min
  and i.gross <= %(gross_max)s -- if gross_max
  and case %(standing)s when 'open' then i.kind = 'invoice' and i.gross > i.paid + i.credited when 'overdue' then i.kind = 'invoice' and i.gross > i.paid + i.credited and i.due_on < %(today)s when 'paid' then i.kind = 'invoice' and i.gross = i.paid + i.credited else i.kind = 'credit_note' end -- if standing
  and exists (select 1 from billing_dunningblock b where b.lifted_at is null and (b.until_on is null or b.until_on >= %(today)s) and (b.invoice_id = i.id or (b.invoice_id is null and b.customer_id = i.customer_id))) -- if blocked

-- name: invoice_sums
select i.currency, count(*) as invoices, sum(case when i.kind = 'invoice' then i.gross else -i.gross end) as gross,
  sum(case when i.kind = 'invoice' then i.gross - i.paid - i.credited else 0 end) as open
from billing_invoice i where i.id = any(%(ids)s::uuid[]) group by i.currency order by i.currency;

-- name: invoice_by_id
select i.*, p.name as customer, p.number as customer_number, p.email as customer_email, o.number as order_number, e.name as seller, k.number as credits_number,
  i.gross - i.paid - i.credited as open,
  case when i.kind = 'credit_note' then 'credit_note' when i.gross = i.credited then 'credited' when i.gross = i.paid + i.credited then 'paid'
       when i.due_on < %(today)s then 'overdue' when i.paid + i.credited > 0 then 'part_paid' else 'unpaid' end as standing
from billing_invoice i join parties_party p on p.id = i.customer_id join orders_order o on o.id = i.order_id
join parties_legalentity e on e.id = i.legal_entity_id left join billing_invoice k on k.id = i.credits_id
where i.id = %(id)s;

-- name: invoice_lines
select l.id, l.line_number, l.text, l.quantity, l.unit_code as unit, l.unit_price, l.tax_rate, l.net, l.tax, t.sku,
  l.quantity - coalesce((select sum(c.quantity) from billing_invoiceline c where c.credits_id = l.id), 0) as creditable
from billing_invoiceline l left join orders_orderline ol on ol.id = l.order_line_id left join catalog_item t on t.id = ol.item_id
where l.invoice_id = %(id)s order by l.line_number;

-- name: invoice_taxes
select tax_category, rate, base, tax from billing_invoicetax where invoice_id = %(id)s order by rate desc;

-- name: invoice_allocations
-- What settles the invoice, by payment, net of what was taken back; and those of which nothing is left.
select y.id as payment_id, sum(a.amount) as amount, max(a.at) as at, count(*) filter (where a.amount < 0) as taken_back,
  y.method, y.reference, y.text, y.received_on, y.kind
from billing_allocation a join billing_payment y on y.id = a.payment_id
where a.invoice_id = %(id)s group by y.id order by max(a.at), y.id;

-- name: invoice_credit_notes
select id, number, issued_on, gross, reason from billing_invoice where credits_id = %(id)s order by issued_on, id;

-- name: attempt_rows
select t.id, t.provider, t.operation, t.amount, t.currency, t.state, t.reason, t.provider_reference, t.started_at, t.settled_at,
  t.settled_by, o.id as order_id, o.number as order_number, p.name as customer, p.number as customer_number
from billing_paymentattempt t join orders_order o on o.id = t.order_id join parties_party p on p.id = o.customer_id
where true
  and (o.number ilike %(start)s or t.provider_reference ilike %(start)s) -- if text
  and t.state = %(state)s -- if state
  and t.provider = %(provider)s -- if provider
  and t.operation = %(operation)s -- if operation
  and t.started_at >= %(started_from)s -- if started_from
  and t.started_at < %(started_to)s::date + 1 -- if started_to

-- name: attempt_by_id
select t.*, o.number as order_number, p.name as customer, p.number as customer_number, i.number as invoice_number
from billing_paymentattempt t join orders_order o on o.id = t.order_id join parties_party p on p.id = o.customer_id
left join billing_invoice i on i.id = t.invoice_id where t.id = %(id)s;

-- name: invoice_on_account
-- Money of the same customer, currency and company of ours that lies unused.
select y.id, y.method, y.reference, y.received_on, y.amount - y.allocated - y.refunded as free
from billing_invoice i join billing_payment y on y.customer_id = i.customer_id and y.currency = i.currency and y.kind = 'receipt'
where i.id = %(id)s and i.kind = 'invoice' and y.amount > y.allocated + y.refunded order by y.received_on, y.id limit 10;

-- name: invoice_reminders
select r.id, r.number, r.issued_on, i.level, i.open_amount, d.id as document_id,
  (select e.state from channels_mail e where e.about_id = r.id and e.kind = 'reminder' order by e.id desc limit 1) as mail_state
from billing_reminderitem i join billing_reminder r on r.id = i.reminder_id
left join documents_document d on d.subject_id = r.id and d.kind = 'reminder'
where i.invoice_id = %(id)s order by r.issued_on, r.id;

-- name: open_item_rows
-- What customers owe by days overdue, a row for each customer and currency; the id stands for the pair.
select md5(v.customer_id::text || v.currency)::uuid as id, p.number as customer_number, p.name as customer, v.currency,
  coalesce(sum(v.open) filter (where v.days <= 0), 0) as not_due,
  coalesce(sum(v.open) filter (where v.days between 1 and 30), 0) as days_1_30,
  coalesce(sum(v.open) filter (where v.days between 31 and 60), 0) as days_31_60,
  coalesce(sum(v.open) filter (where v.days between 61 and 90), 0) as days_61_90,
  coalesce(sum(v.open) filter (where v.days > 90), 0) as days_over_90,
  coalesce(sum(v.open) filter (where v.days > 0), 0) as overdue,
  sum(v.open) as total, max(v.days) as oldest, count(*) as items,
  coalesce((select sum(y.amount - y.allocated - y.refunded) from billing_payment y where y.customer_id = v.customer_id
    and y.currency = v.currency and y.kind = 'receipt' and y.amount > y.allocated + y.refunded), 0) as on_account
from (
  select i.customer_id, i.currency, i.gross - i.paid - i.credited as open, %(today)s::date - i.due_on as days
  from billing_invoice i where i.kind = 'invoice' and i.gross > i.paid + i.credited
    and i.customer_id = (select id from parties_party where number = %(customer)s) -- if customer
) v join parties_party p on p.id = v.customer_id
where true
  and (p.name ilike %(like)s or p.number ilike %(start)s) -- if text
  and v.currency = %(currency)s -- if currency
group by v.customer_id, v.currency, p.number, p.name
having true
  and max(v.days) > 0 -- if overdue
  and max(v.days) > 90 -- if over90

-- name: open_item_sums
-- The same over everybody, by currency.
select v.currency, coalesce(sum(v.open) filter (where v.days <= 0), 0) as not_due,
  coalesce(sum(v.open) filter (where v.days between 1 and 30), 0) as days_1_30,
  coalesce(sum(v.open) filter (where v.days between 31 and 60), 0) as days_31_60,
  coalesce(sum(v.open) filter (where v.days between 61 and 90), 0) as days_61_90,
  coalesce(sum(v.open) filter (where v.days > 90), 0) as days_over_90, sum(v.open) as total, count(*) as items
from (
  select i.currency, i.gross - i.paid - i.credited as open, %(today)s::date - i.due_on as days
  from billing_invoice i where i.kind = 'invoice' and i.gross > i.paid + i.credited
    and (%(customer_id)s::uuid is null or i.customer_id = %(customer_id)s::uuid)
) v group by v.currency order by sum(v.open) desc;

-- name: open_currencies
select distinct currency from billing_invoice where kind = 'invoice' and gross > paid + credited order by currency limit 20;

-- name: owing_head
select p.id, p.number, p.name, p.currency, p.language, p.status, c.limit as credit_limit, c.drawn as credit_drawn, c.currency as credit_currency
from parties_party p left join parties_creditline c on c.party_id = p.id where p.number = %(number)s;

-- name: owing_money
-- Money that lies unused on the customer's account.
select y.id, y.method, y.reference, y.text, y.received_on, y.currency, y.amount, y.amount - y.allocated - y.refunded as free
from billing_payment y where y.customer_id = %(customer_id)s and y.kind = 'receipt' and y.amount > y.allocated + y.refunded
order by y.received_on, y.id limit 100;

-- name: payment_rows
select y.id, y.kind, y.method, y.reference, y.text, y.currency, y.amount, y.allocated, y.refunded, y.received_on,
  case when y.kind = 'receipt' then y.amount - y.allocated - y.refunded else 0 end as free,
  case when y.kind = 'refund' then 'refund' when y.amount = y.refunded then 'returned' when y.amount > y.allocated + y.refunded and y.allocated = 0 then 'unmatched'
       when y.amount > y.allocated + y.refunded then 'part_matched' else 'matched' end as standing,
  p.name as customer, p.number as customer_number, o.id as order_id, coalesce(o.number, '') as order_number
from billing_payment y join parties_party p on p.id = y.customer_id left join orders_order o on o.id = y.order_id
where true
  and (y.reference ilike %(start)s or p.name ilike %(like)s or p.number ilike %(start)s or o.number ilike %(start)s) -- if text
  and case %(standing)s when 'on_account' then y.kind = 'receipt' and y.amount > y.allocated + y.refunded when 'refund' then y.kind = 'refund' else y.kind = 'receipt' and y.amount = y.allocated + y.refunded end -- if standing
  and y.customer_id = (select id from parties_party where number = %(customer)s) -- if customer
  and y.method = %(method)s -- if method
  and y.received_on >= %(received_from)s -- if received_from
  and y.received_on <= %(received_to)s -- if received_to
  and y.amount >= %(amount_min)s -- if amount_min
  and y.amount <= %(amount_max)s -- if amount_max

-- name: payment_by_id
select y.*, case when y.kind = 'receipt' then y.amount - y.allocated - y.refunded else 0 end as free,
  case when y.kind = 'refund' then 'refund' when y.amount = y.refunded then 'returned' when y.amount > y.allocated + y.refunded and y.allocated = 0 then 'unmatched'
       when y.amount > y.allocated + y.refunded then 'part_matched' else 'matched' end as standing,
  p.name as customer, p.number as customer_number, o.number as order_number, e.name as company,
  k.id as refunded_payment, k.reference as refunded_reference, l.id as bank_line, l.account as bank_account, l.payer, l.payer_account, s.filename
from billing_payment y join parties_party p on p.id = y.customer_id left join orders_order o on o.id = y.order_id
join parties_legalentity e on e.id = y.legal_entity_id left join billing_payment k on k.id = y.refunds_id
left join billing_bankline l on l.payment_id = y.id left join billing_bankstatement s on s.id = l.statement_id
where y.id = %(id)s;

-- name: payment_refunds
select y.id, y.amount, y.currency, y.received_on, y.reference, 'succeeded' as state from billing_payment y where y.refunds_id = %(id)s
union all
select t.id, t.amount, t.currency, t.started_at::date, t.provider_reference, t.state from billing_paymentattempt t
where t.refunds_id = %(id)s and t.state <> 'succeeded'
order by 4, 1;

-- name: payment_journal
select j.at, j.actor, j.verb, coalesce(j.change ->> 'reason', '') as reason, j.change ->> 'amount' as amount from platform_journalentry j
where (j.subject_type = 'payment' and j.subject_id = %(id)s)
   or (j.verb in ('billing.paid', 'billing.released') and j.subject_id = any(%(invoices)s::uuid[]) and j.change ->> 'payment_id' = %(id)s::text)
order by j.at desc, j.id desc limit 50;

-- name: bank_rows
select l.id, l.account, l.reference, l.booked_on, l.valued_on, l.amount, l.currency, l.payer, l.payer_account, l.text, l.state,
  l.reason, l.settled_by, l.payment_id, s.filename, s.taken_at
from billing_bankline l join billing_bankstatement s on s.id = l.statement_id
where true
  and (l.payer ilike %(like)s or l.text ilike %(like)s or l.reference ilike %(start)s) -- if text
  and l.state = %(state)s -- if state
  and l.booked_on >= %(booked_from)s -- if booked_from
  and l.booked_on <= %(booked_to)s -- if booked_to
  and l.amount >= %(amount_min)s -- if amount_min
  and l.amount <= %(amount_max)s -- if amount_max

-- name: bank_counts
select count(*) as waiting, coalesce(sum(amount), 0) as amount, min(booked_on) as oldest, min(currency) as currency, count(distinct currency) as currencies
from billing_bankline where state = 'waiting';

-- name: dunning_rows
-- Overdue open items with the level each should rise to now; 0 when it is not time, the last is reached, or it is blocked.
select x.*, case when x.is_blocked or x.asked <= x.level or (x.dunned_on is not null and x.dunned_on + %(gap)s::int > %(today)s::date) then 0 else x.level + 1 end as suggested
from (
  select v.id, v.number, v.due_on, v.currency, v.gross, v.gross - v.paid - v.credited as open, v.dunning_level as level, v.dunned_on,
    (%(today)s::date - v.due_on) as days, p.name as customer, p.number as customer_number, o.id as order_id, o.number as order_number,
    b.id is not null as is_blocked, coalesce(b.reason, '') as block_reason, b.until_on as block_until,
    (select count(*)::int from unnest(%(levels)s::int[]) d where v.due_on + d <= %(today)s::date) as asked
  from billing_invoice v join parties_party p on p.id = v.customer_id join orders_order o on o.id = v.order_id
  left join lateral (
    select k.id, k.reason, k.until_on from billing_dunningblock k
    where k.lifted_at is null and (k.until_on is null or k.until_on >= %(today)s)
      and (k.invoice_id = v.id or (k.invoice_id is null and k.customer_id = v.customer_id))
    order by k.invoice_id nulls last limit 1
  ) b on true
  where v.kind = 'invoice' and v.gross > v.paid + v.credited and v.due_on < %(today)s
    and (v.number ilike %(start)s or p.name ilike %(like)s or p.number ilike %(start)s) -- if text
    and v.customer_id = (select id from parties_party where number = %(customer)s) -- if customer
    and v.dunning_level = %(level)s::int -- if level
) x
where true
  and not x.is_blocked and x.asked > x.level and (x.dunned_on is null or x.dunned_on + %(gap)s::int <= %(today)s::date) -- if due
  and x.is_blocked -- if blocked

-- name: dunning_sums
select v.currency, sum(v.gross - v.paid - v.credited) as open, count(*) as invoices, count(distinct v.customer_id) as customers
from billing_invoice v where v.id = any(%(ids)s::uuid[]) group by v.currency order by v.currency;

-- name: reminder_rows
select r.id, r.number, r.level, r.issued_on, r.currency, r.total, r.created_by, p.name as customer, p.number as customer_number,
  (select count(*) from billing_reminderitem i where i.reminder_id = r.id) as items, r.filed_at is not null as is_filed,
  m.id as mail_id, m.state as mail_state, m.recipient as mail_to
from billing_reminder r join parties_party p on p.id = r.customer_id
left join lateral (
  select e.id, e.state, e.recipient from channels_mail e where e.about_id = r.id and e.kind = 'reminder' order by e.id desc limit 1
) m on true
where true
  and m.id is null -- if unsent
  and (r.number ilike %(start)s or p.name ilike %(like)s or p.number ilike %(start)s) -- if text
  and r.customer_id = (select id from parties_party where number = %(customer)s) -- if customer
  and r.level = %(level)s::int -- if level
  and r.issued_on >= %(issued_from)s -- if issued_from
  and r.issued_on <= %(issued_to)s -- if issued_to

-- name: posting_rows
select g.id, g.entry_id, g.posted_on, g.account, g.currency, g.amount, greatest(g.amount, 0) as debit, greatest(-g.amount, 0) as credit,
  g.subject_type, g.subject_id, coalesce(nullif(coalesce(v.number, y.reference), ''), '') as document, e.code as company,
  coalesce(p.name, '') as customer, coalesce(p.number, '') as customer_number, v.id is not null as is_invoice
from billing_posting g join parties_legalentity e on e.id = g.legal_entity_id
left join billing_invoice v on v.id = g.subject_id left join billing_payment y on y.id = g.subject_id
left join parties_party p on p.id = coalesce(v.customer_id, y.customer_id)
where true
  and (v.number ilike %(start)s or y.reference ilike %(start)s) -- if text
  and g.account = %(account)s -- if account
  and g.posted_on >= %(posted_from)s -- if posted_from
  and g.posted_on <= %(posted_to)s -- if posted_to

-- name: posting_sums
-- Debit and credit by currency and account, of a period.
select g.currency, g.account, coalesce(sum(g.amount) filter (where g.amount > 0), 0) as debit, coalesce(-sum(g.amount) filter (where g.amount < 0), 0) as credit
from billing_posting g where g.posted_on >= %(posted_from)s and g.posted_on <= %(posted_to)s
group by g.currency, g.account order by g.currency, g.account;

-- name: posting_sums_of
select g.currency, g.account, coalesce(sum(g.amount) filter (where g.amount > 0), 0) as debit, coalesce(-sum(g.amount) filter (where g.amount < 0), 0) as credit
from billing_posting g where g.id = any(%(ids)s::uuid[]) group by g.currency, g.account order by g.currency, g.account;
