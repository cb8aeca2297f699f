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
-- Customers by the beginning of the number, by the beginning of the name, and by words of which each begins one of the name or
-- number, in that order. Ranges instead of `like`: they walk along an index whatever is typed, also in a plan made for all.
select p.id, p.number, p.name, a.city, a.country, p.status
from (
  select f.id, min(f.rank) as rank from (
    (select n.id, 0 as rank from unnest(array[%(text)s::text, upper(%(text)s::text)]) typed cross join lateral (
      select c.id from parties_party c
      where c.is_customer and c.number ~>=~ typed and c.number ~<~ (typed || chr(1114111)) and typed <> ''
      order by c.number using ~<~ limit %(limit)s) n)
    union all
    (select c.id, 1 from parties_party c
      where c.is_customer and folded(c.name) ~>=~ folded(%(text)s::text) and folded(c.name) ~<~ (folded(%(text)s::text) || chr(1114111))
        and (folded(%(text)s::text) <> '' or %(text)s::text = '')
      order by folded(c.name) using ~<~ limit %(limit)s)
    union all
    (select w.id, 2 from (
      select c.id, c.name from parties_party c
      where c.is_customer and to_tsvector('simple'::regconfig, coalesce(folded(c.number), '') || ' ' || coalesce(folded(c.name), ''))
        @@ to_tsquery('simple'::regconfig, replace(nullif(folded(%(text)s::text), ''), ' ', ':* & ') || ':*')
      limit 500) w order by w.name limit %(limit)s)
  ) f group by f.id
) f join parties_party p on p.id = f.id
left join parties_address a on a.party_id = p.id and a.is_default_bill_to and a.archived_at is null
order by f.rank, p.name, p.number limit %(limit)s;

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
