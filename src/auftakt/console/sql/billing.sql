-- name: invoice_rows
select i.id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.gross, i.paid, i.credited, i.dunning_level,
  p.name as customer, p.number as customer_number, o.id as order_id, o.number as order_number,
  case when i.kind = 'credit_note' then 'credit_note' when i.gross = i.credited then 'credited' when i.gross = i.paid + i.credited then 'paid'
       when i.due_on < %(today)s then 'overdue' when i.paid + i.credited > 0 then 'part_paid' else 'unpaid' end as standing
from billing_invoice i join parties_party p on p.id = i.customer_id join orders_order o on o.id = i.order_id
where i.id < %(before)s::uuid
  and (%(text)s = '' or i.number ilike %(start)s or o.number ilike %(start)s or p.name ilike %(like)s)
  and (%(customer)s::uuid is null or i.customer_id = %(customer)s)
  and (%(standing)s = ''
    or (%(standing)s = 'open' and i.kind = 'invoice' and i.gross > i.paid + i.credited)
    or (%(standing)s = 'overdue' and i.kind = 'invoice' and i.gross > i.paid + i.credited and i.due_on < %(today)s)
    or (%(standing)s = 'paid' and i.kind = 'invoice' and i.gross = i.paid + i.credited)
    or (%(standing)s = 'credit_note' and i.kind = 'credit_note'))
order by i.id desc limit %(limit)s;

-- name: invoice_by_id
select i.*, p.name as customer, p.number as customer_number, o.number as order_number, e.name as seller, k.number as credits_number,
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
select a.amount, a.at, y.method, y.reference, y.received_on, y.kind from billing_allocation a join billing_payment y on y.id = a.payment_id
where a.invoice_id = %(id)s order by a.at;

-- name: invoice_credit_notes
select id, number, issued_on, gross, reason from billing_invoice where credits_id = %(id)s order by issued_on, id;

-- name: attempt_rows
select t.id, t.provider, t.operation, t.amount, t.currency, t.state, t.reason, t.provider_reference, t.started_at, t.settled_at,
  o.id as order_id, o.number as order_number
from billing_paymentattempt t join orders_order o on o.id = t.order_id
where t.id < %(before)s::uuid and (%(state)s = '' or t.state = %(state)s)
order by t.id desc limit %(limit)s;

-- name: invoice_on_account
-- Money of the same customer, currency and company of ours that lies unused.
select y.id, y.method, y.reference, y.received_on, y.amount - y.allocated - y.refunded as free
from billing_invoice i join billing_payment y on y.customer_id = i.customer_id and y.currency = i.currency and y.kind = 'receipt'
where i.id = %(id)s and i.kind = 'invoice' and y.amount > y.allocated + y.refunded order by y.received_on, y.id limit 10;
