-- name: account_head
select p.id, p.number, p.name, p.status, p.currency, p.email, p.phone, p.language, t.name as terms_name, t.prepaid,
  c.currency as credit_currency, c.limit as credit_limit, c.drawn as credit_drawn
from parties_party p left join parties_paymentterms t on t.code = p.payment_terms_id left join parties_creditline c on c.party_id = p.id
where p.id = %(party)s;

-- name: account_open
-- Orders under way, by currency: the newest thousand of them.
select o.currency, count(*) as orders, sum(o.gross) as gross from (
  select r.currency, r.gross from orders_order r where r.customer_id = %(party)s and r.state = 'submitted'
  order by r.ordered_at desc, r.id desc limit 1000
) o group by o.currency order by o.currency;

-- name: account_orders
-- The newest orders of the customer, whatever became of them.
select o.id, o.number, o.state, o.gross, o.currency, o.ordered_at, o.customer_reference,
  exists (select 1 from orders_hold h where h.order_id = o.id and h.released_at is null) as on_hold
from orders_order o where o.customer_id = %(party)s order by o.ordered_at desc, o.id desc limit 5;

-- name: party_notes
select n.id, n.text, n.written_at, n.written_by, coalesce(u.name, n.written_by) as by_name, n.removed_at
from parties_partynote n left join identity_user u on u.email = n.written_by
where n.party_id = %(party)s and n.removed_at is null order by n.written_at desc, n.id desc limit %(limit)s;

-- name: last_prices
-- What a customer paid for items: the last lines of each, by the index of the customer's orders.
select t.sku, t.order_id, t.number, t.ordered_at, t.quantity, t.unit, t.unit_price, t.currency
from (
  select i.sku, o.id as order_id, o.number, o.ordered_at, l.quantity, l.unit_id as unit, l.unit_price, o.currency,
    row_number() over (partition by i.sku order by o.ordered_at desc, o.id desc, l.line_number) as place
  from (
    select r.id, r.number, r.ordered_at, r.currency from orders_order r
    where r.customer_id = %(party)s and r.state in ('submitted', 'closed') order by r.ordered_at desc, r.id desc limit 200
  ) o join orders_orderline l on l.order_id = o.id join catalog_item i on i.id = l.item_id
  where i.sku = any(%(skus)s::text[]) and l.unit_price is not null and l.quantity > l.cancelled
) t where t.place <= %(each)s order by t.sku, t.place;

-- name: prices_paid
select t.sku, t.name, t.order_id, t.number, t.ordered_at, t.quantity, t.unit, t.unit_price, t.currency
from (
  select distinct on (i.id) i.sku, coalesce(tr.name, i.name) as name, o.id as order_id, o.number, o.ordered_at, l.quantity, l.unit_id as unit, l.unit_price, o.currency
  from (
    select r.id, r.number, r.ordered_at, r.currency from orders_order r
    where r.customer_id = %(party)s and r.state in ('submitted', 'closed') order by r.ordered_at desc, r.id desc limit 50
  ) o join orders_orderline l on l.order_id = o.id join catalog_item i on i.id = l.item_id
  left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
  where l.unit_price is not null and l.quantity > l.cancelled order by i.id, o.ordered_at desc
) t order by t.ordered_at desc, t.sku limit %(limit)s;

-- name: suggestions
select t.kind, t.id, t.sku, t.name, t.unit, t.item_kind
from (
  select r.kind, i.id, i.sku, coalesce(tr.name, i.name) as name, i.unit_id as unit, i.kind as item_kind,
    row_number() over (partition by r.kind order by r.rank, i.sku) as place
  from catalog_itemrelation r join catalog_item i on i.id = r.related_id
  left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
  where r.item_id = %(item)s and i.state = 'active'
) t where t.place <= %(many)s order by t.kind, t.place;

-- name: open_invoices
select i.id, i.number, i.due_on, i.currency, i.gross - i.paid - i.credited as open, i.due_on < %(today)s as overdue
from billing_invoice i where i.customer_id = %(party)s and i.kind = 'invoice' and i.gross > i.paid + i.credited
order by i.due_on, i.number limit %(limit)s;
