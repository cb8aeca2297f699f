-- name: customer_rows
select p.id, p.number, p.name, p.kind, p.segment, p.currency, p.status, p.email, a.city, a.country,
  c.limit as credit_limit, c.drawn as credit_drawn
from parties_party p
left join parties_address a on a.party_id = p.id and a.is_default_bill_to and a.archived_at is null
left join parties_creditline c on c.party_id = p.id
where p.is_customer
  and (p.name ilike %(like)s or p.number ilike %(start)s or p.email ilike %(like)s) -- if text
  and p.segment = %(segment)s -- if segment
  and p.status = %(status)s -- if status

-- name: segments
select distinct segment from parties_party where is_customer and segment <> '' order by segment limit 40;

-- name: pick_customers
select p.id, p.number, p.name, a.city, a.country, p.status
from parties_party p left join parties_address a on a.party_id = p.id and a.is_default_bill_to and a.archived_at is null
where p.is_customer and (p.name ilike %(like)s or p.number ilike %(start)s)
order by (p.number ilike %(start)s) desc, (p.name ilike %(start)s) desc, p.name limit %(limit)s;

-- name: customer_by_number
select p.*, t.name as terms_name, t.due_days, c.currency as credit_currency, c.limit as credit_limit, c.drawn as credit_drawn
from parties_party p left join parties_paymentterms t on t.code = p.payment_terms_id left join parties_creditline c on c.party_id = p.id
where p.number = %(number)s;

-- name: customer_addresses
select * from parties_address where party_id = %(party)s and archived_at is null
order by is_default_bill_to desc, is_default_ship_to desc, id;

-- name: customer_contacts
select * from parties_contact where party_id = %(party)s order by name;

-- name: customer_owes
-- Open items and what is overdue, per currency.
select currency, sum(gross - paid - credited) as open, sum(gross - paid - credited) filter (where due_on < %(today)s) as overdue, count(*) as invoices
from billing_invoice where customer_id = %(party)s and kind = 'invoice' and gross > paid + credited
group by currency order by currency;

-- name: customer_on_account
-- Money that lies unused on the customer's account, per currency.
select currency, sum(amount - allocated - refunded) as free from billing_payment
where customer_id = %(party)s and kind = 'receipt' and amount > allocated + refunded group by currency order by currency;

-- name: terms
select code, name from parties_paymentterms order by due_days, code;
