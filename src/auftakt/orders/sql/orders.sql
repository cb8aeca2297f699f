-- name: lock_references
-- Orders that came in under these references, held until the end of the transaction.
select o.source_system, o.external_reference, o.id, o.number, o.state, o.content_sha256
from orders_order o
join unnest(%(sources)s::text[], %(references)s::text[]) as w(source, reference)
  on o.source_system = w.source and o.external_reference = w.reference and o.external_reference <> ''
order by o.id for no key update of o;

-- name: lock_orders
-- The one way orders are locked: in key order. Every verb that changes anything of an order begins here.
select o.id, o.number, o.state, o.content_sha256
from orders_order o where o.id = any(%(ids)s::uuid[])
order by o.id for no key update;

-- name: lock_orders_of_lines
-- The orders of some fulfilment lines, locked in key order.
select o.id, o.number, o.state,
  exists (select 1 from orders_hold h where h.order_id = o.id and h.released_at is null) as on_hold
from orders_order o
where o.id in (select f.order_id from orders_fulfilmentline f where f.id = any(%(ids)s::uuid[]))
order by o.id for no key update of o;

-- name: read_orders
select o.id, o.number, o.state, o.revision, o.source_system, o.external_reference, o.customer_reference, o.channel,
  o.legal_entity_id, o.customer_id, o.bill_to_id, o.ship_to_id, o.currency, o.language, o.payment_terms_id,
  o.payment_method, o.payment_token, o.price_list_code, o.tax_included, o.tax_rounding, o.requested_ship_on, o.requested_arrival_on,
  o.not_before_on, o.split_dates, o.split_sites, o.priority, o.net, o.tax, o.gross, o.notes, o.ordered_at,
  o.submitted_at, o.closed_at, t.prepaid
from orders_order o join parties_paymentterms t on t.code = o.payment_terms_id
where o.id = any(%(ids)s::uuid[]) order by o.id;

-- name: read_lines
select l.id, l.order_id, l.line_number, l.external_line_id, l.item_id, i.sku, i.name, i.kind, l.unit_id, l.unit_factor,
  l.quantity, l.released, l.shipped, l.cancelled, l.requested_ship_on, l.requested_arrival_on, l.manual_kind,
  l.manual_value, l.manual_reason, l.manual_by, l.list_price, l.unit_price, l.tax_category, l.tax_rate, l.net, l.tax,
  l.gross, l.waterfall
from orders_orderline l join catalog_item i on i.id = l.item_id
where (%(orders)s::uuid[] is null or l.order_id = any(%(orders)s::uuid[]))
  and (%(ids)s::uuid[] is null or l.id = any(%(ids)s::uuid[]))
order by l.order_id, l.line_number;

-- name: read_fulfilment_lines
select f.id, f.order_id, f.line_id, f.item_id, i.sku, i.kind, f.quantity, f.base_quantity, f.state, f.site_id,
  coalesce(s.code, ''), f.ship_on, f.arrive_on, f.first_arrive_on, f.split_from_id, f.promise, f.shipped_at
from orders_fulfilmentline f
join catalog_item i on i.id = f.item_id
left join inventory_site s on s.id = f.site_id
where (%(orders)s::uuid[] is null or f.order_id = any(%(orders)s::uuid[]))
  and (%(ids)s::uuid[] is null or f.id = any(%(ids)s::uuid[]))
order by f.order_id, f.line_id, f.ship_on nulls last, f.id;

-- name: read_charges
select c.id, c.order_id, c.kind, c.name, c.tax_category, c.tax_rate, c.net, c.tax, c.gross, c.billed, c.waterfall
from orders_ordercharge c where c.order_id = any(%(orders)s::uuid[]) order by c.order_id, c.kind;

-- name: read_served
-- What the fulfilment lines of orders say, in counts. A cancelled line of nothing was replaced and does not count.
select f.order_id, count(*), count(*) filter (where f.state = 'open' and f.ship_on is null),
  count(*) filter (where f.state = 'open'), count(*) filter (where f.state = 'released'),
  count(*) filter (where f.state = 'shipped'), count(*) filter (where f.state = 'cancelled')
from orders_fulfilmentline f
where f.order_id = any(%(orders)s::uuid[]) and f.quantity > 0
group by f.order_id;

-- name: read_held
select distinct h.order_id from orders_hold h where h.order_id = any(%(orders)s::uuid[]) and h.released_at is null;

-- name: read_timeline
-- What happened to the order, and to what speaks of it: an index of the journal for each. The `offset 0` keeps the newest
-- of all entries from being walked back instead.
select * from (
  (select j.id, j.at, j.actor, j.verb, j.subject_type, j.subject_id, j.change
   from platform_journalentry j where j.subject_id = %(order)s
   order by j.id desc limit %(limit)s)
  union all
  (select * from (
     select j.id, j.at, j.actor, j.verb, j.subject_type, j.subject_id, j.change
     from platform_journalentry j
     where j.change ? 'order_id' and (j.change ->> 'order_id') = %(order)s::text and j.subject_id <> %(order)s
     offset 0
   ) spoken order by spoken.id desc limit %(limit)s)
) t
order by t.id desc
limit %(limit)s;

-- name: list_orders
-- Newest first, from a position on. A condition stands on a line of its own and is left out unless its `if` is asked for,
-- so that each list is planned for what it asks; every condition has an index.
select o.id, o.number, o.state, o.revision, o.customer_id, p.number, p.name, o.source_system, o.external_reference,
  o.customer_reference, o.channel, o.currency, o.gross, o.ordered_at
from orders_order o
join parties_party p on p.id = o.customer_id
where true
  and o.state = %(state)s -- if state
  and o.customer_id = (select c.id from parties_party c where c.number = %(customer)s) -- if customer
  and o.number like %(number)s -- if number
  and (o.external_reference like %(reference)s or (o.customer_reference like %(reference)s and o.customer_reference <> '')) -- if reference
  and o.id in (select l.order_id from orders_orderline l where l.item_id = %(item)s) -- if item
  and exists (select 1 from orders_orderline l where l.order_id = o.id and l.item_id = %(bestseller)s offset 0) -- if bestseller
  and to_tsvector('simple'::regconfig, coalesce(o.search_text, '')) @@ to_tsquery('simple'::regconfig, %(words)s) -- if words
  and o.ordered_at >= %(since)s::timestamptz -- if since
  and o.ordered_at < %(until)s::timestamptz -- if until
  and o.id in (select h.order_id from orders_hold h where h.released_at is null) -- if on_hold
  and o.id in (select f.order_id from orders_fulfilmentline f where f.state = 'open' and f.ship_on is null) -- if unpromised
  and (o.ordered_at, o.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid) -- if after_at
order by o.ordered_at desc, o.id desc
limit %(limit)s;

-- name: is_bestseller
-- Whether an item is on so many lines that the newest orders are better asked one by one than all its lines gathered.
select count(*) >= %(many)s from (
  select 1 from orders_orderline l where l.item_id = %(item)s limit %(many)s) x;

-- name: find_order
select id from orders_order where number = %(number)s;

-- name: read_stored_drafts
-- The heads of orders as drafts have them.
select o.id, o.source_system, o.external_reference, p.number, o.channel, o.currency, o.bill_to_id, o.ship_to_id,
  o.payment_terms_id, o.payment_method, o.payment_token, o.price_list_code, o.customer_reference, o.requested_ship_on,
  o.requested_arrival_on, o.not_before_on, o.split_dates, o.split_sites, o.priority, o.notes, o.ordered_at, o.received,
  e.code
from orders_order o
join parties_party p on p.id = o.customer_id
join parties_legalentity e on e.id = o.legal_entity_id
where o.id = any(%(ids)s::uuid[]);
