-- name: order_rows
-- Orders as a list: a condition stands on a line of its own and is left out unless its `if` is asked for, so that each
-- list is planned for what it asks. A set that is small (`any(array(...))`) is gathered from its own partial index and each
-- of its orders looked up; of one that is large (`many_...`) the newest orders are asked one by one. The customer is joined
-- only to sort by the name; else it is looked up for the rows that are shown.
select o.id, o.number, o.state, o.external_reference, o.customer_reference,
  p.number as customer_number, p.name as customer_name, -- if joined
  (select p.number from parties_party p where p.id = o.customer_id) as customer_number, (select p.name from parties_party p where p.id = o.customer_id) as customer_name, -- if looked_up
  o.channel, o.source_system, o.currency, o.gross, o.ordered_at, o.closed_at, o.requested_arrival_on, o.payment_method, o.priority
from orders_order o
join parties_party p on p.id = o.customer_id -- if joined
where true
  and o.state = %(state)s -- if state
  and o.id = any(array(select w.id from orders_order w where w.state = %(state)s)) -- if few_of_state
  and o.state in ('draft', 'submitted') -- if only_open
  and o.state = 'submitted' -- if only_submitted
  and o.customer_id = (select c.id from parties_party c where c.number = %(customer)s) -- if customer
  and o.channel = %(channel)s -- if channel
  and o.number like %(number)s -- if number
  and o.ctid = any(array(select w.ctid from orders_order w where to_tsvector('simple'::regconfig, coalesce(w.search_text, '')) @@ to_tsquery('simple'::regconfig, %(words)s))) -- if words
  and coalesce(' ' || o.search_text like all(%(patterns)s::text[]), false) -- if patterns
  and o.id = any(array(select l.order_id from orders_orderline l where l.item_id = %(item_id)s)) -- if item_id
  and exists (select 1 from orders_orderline l where l.order_id = o.id and l.item_id = %(bestseller)s offset 0) -- if bestseller
  and exists (select 1 from orders_fulfilmentline f where f.order_id = o.id and f.site_id = %(site_id)s and f.quantity > 0) -- if site_id
  and o.ordered_at >= %(ordered_from)s::date::timestamp at time zone %(zone)s -- if ordered_from
  and o.ordered_at < (%(ordered_to)s::date + 1)::timestamp at time zone %(zone)s -- if ordered_to
  and o.closed_at >= %(closed_from)s::date::timestamp at time zone %(zone)s -- if closed_from
  and o.closed_at < (%(closed_to)s::date + 1)::timestamp at time zone %(zone)s -- if closed_to
  and o.gross >= %(value_min)s -- if value_min
  and o.gross <= %(value_max)s -- if value_max
  and o.id = any(array(select w.id from orders_order w where w.gross >= coalesce(%(value_min)s, '-infinity'::numeric) and w.gross <= coalesce(%(value_max)s, 'infinity'::numeric))) -- if few_of_value
  and o.id = any(array(select h.order_id from orders_hold h where h.released_at is null)) -- if hold
  and exists (select 1 from orders_hold h where h.order_id = o.id and h.released_at is null offset 0) -- if many_hold
  and o.id = any(array(select h.order_id from orders_hold h where h.released_at is null and h.reason_code = %(reason)s)) -- if reason
  and o.id = any(array(select f.order_id from orders_fulfilmentline f where f.state = 'open' and f.ship_on is null)) -- if unpromised
  and exists (select 1 from orders_fulfilmentline f where f.order_id = o.id and f.state = 'open' and f.ship_on is null offset 0) -- if many_unpromised
  and o.id = any(array(select f.order_id from orders_fulfilmentline f where f.state in ('open', 'released') and f.ship_on < %(today)s)) -- if late
  and exists (select 1 from orders_fulfilmentline f where f.order_id = o.id and f.state in ('open', 'released') and f.ship_on < %(today)s offset 0) -- if many_late
  and o.id = any(array(select f.order_id from orders_fulfilmentline f where f.state in ('open', 'released') and (f.promise -> 'why') = '"later_than_wished"'::jsonb)) -- if wish
  and exists (select 1 from orders_fulfilmentline f where f.order_id = o.id and f.state in ('open', 'released') and (f.promise -> 'why') = '"later_than_wished"'::jsonb offset 0) -- if many_wish
  and o.id = any(array(select f.order_id from inventory_bucket b join promising_commitment c on c.bucket_id = b.id join orders_fulfilmentline f on f.id = c.demand_id where b.kind <> 'on_hand' and b.drawn > 0 and b.available_on < %(today)s and f.state = 'open')) -- if supply
  and o.id = any(array(select r.order_id from orchestration_stepstate s join orchestration_run r on r.id = s.run_id where s.state = 'failed')) -- if failed
  and o.currency = %(currency)s -- if currency
  and o.id = any(array(select f.order_id from orders_fulfilmentline f where f.state = 'open' and f.site_id is not null and f.ship_on <= %(today)s)) -- if flow_promised
  and exists (select 1 from orders_fulfilmentline f where f.order_id = o.id and f.state = 'open' and f.site_id is not null and f.ship_on <= %(today)s offset 0) -- if many_flow_promised
  and o.id = any(array(select r.order_id from fulfilment_release r where r.state = 'released')) -- if flow_released
  and o.id = any(array(select r.order_id from fulfilment_release r where r.state in ('picked', 'packed'))) -- if flow_picked
  and o.id = any(array(select s.order_id from fulfilment_shipment s where s.shipped_at >= %(midnight)s)) -- if flow_shipped
  and o.id = any(array(select i.order_id from billing_invoice i where i.issued_on = %(today)s and i.kind = 'invoice')) -- if flow_invoiced
  and o.id = any(array(select i.order_id from billing_payment y join billing_allocation a on a.payment_id = y.id join billing_invoice i on i.id = a.invoice_id where y.received_on = %(today)s and y.kind = 'receipt')) -- if flow_paid
  and o.ordered_at >= %(midnight)s -- if flow_captured
  and exists (select 1 from orders_closure c where c.order_id = o.id and c.perfect) -- if perfect
  and exists (select 1 from orders_closure c where c.order_id = o.id and not c.perfect) -- if imperfect
  and exists (select 1 from orders_closure c where c.order_id = o.id and c.on_time) -- if on_time
  and exists (select 1 from orders_closure c where c.order_id = o.id and not c.on_time) -- if not_on_time
  and o.id in (select r.order_id from orders_revision r where r.number = 1 and r.actor = %(me)s union all select j.subject_id from orders_order d join platform_journalentry j on j.subject_id = d.id where d.state = 'draft' and j.verb = 'order.captured' and j.actor = %(me)s) -- if mine
  and o.id = any(%(ids)s::uuid[]) -- if ids

-- name: are_words_common
-- Whether so many of the newest orders hold the words that a page is sooner full by reading on than by gathering all that do.
select count(*) filter (where coalesce(' ' || w.search_text like all(%(patterns)s::text[]), false)) >= %(hits)s
from (select o.search_text from orders_order o order by o.ordered_at desc, o.id desc limit %(newest)s) w;

-- name: are_many
-- Which of the sets that wait for somebody are too large to be gathered: each is counted up to that.
select
  (select count(*) from (select 1 from orders_hold h where h.released_at is null limit %(many)s) x) >= %(many)s as hold,
  (select count(*) from (select 1 from orders_fulfilmentline f where f.state = 'open' and f.ship_on is null limit %(many)s) x) >= %(many)s as unpromised,
  (select count(*) from (select 1 from orders_fulfilmentline f where f.state in ('open', 'released') and f.ship_on < %(today)s limit %(many)s) x) >= %(many)s as late,
  (select count(*) from (select 1 from orders_fulfilmentline f where f.state in ('open', 'released') and (f.promise -> 'why') = '"later_than_wished"'::jsonb limit %(many)s) x) >= %(many)s as wish,
  (select count(*) from (select 1 from orders_fulfilmentline f where f.state = 'open' and f.site_id is not null and f.ship_on <= %(today)s limit %(many)s) x) >= %(many)s as flow_promised;

-- name: are_many_of_value
select count(*) >= %(many)s from (
  select 1 from orders_order o where o.gross >= coalesce(%(least)s, '-infinity'::numeric) and o.gross <= coalesce(%(most)s, 'infinity'::numeric) limit %(many)s) x;

-- name: are_many_of_state
select count(*) >= %(many)s from (select 1 from orders_order o where o.state = %(state)s limit %(many)s) x;

-- name: orders_held
-- Why orders are held, in the order the holds were placed.
select h.order_id, array_agg(h.reason_code order by h.placed_at, h.id) as reasons from orders_hold h
where h.order_id = any(%(ids)s::uuid[]) and h.released_at is null group by h.order_id;

-- name: order_channels
-- The channels through which orders came: one look at the index for each.
with recursive known as (
  (select channel from orders_order order by channel limit 1)
  union all
  select (select o.channel from orders_order o where o.channel > k.channel order by o.channel limit 1) from known k where k.channel is not null
)
select channel from known where channel is not null;

-- name: item_of_sku
select i.id, (select count(*) from (select 1 from orders_orderline l where l.item_id = i.id limit %(many)s) x) >= %(many)s as is_bestseller
from catalog_item i where i.sku = %(sku)s;

-- name: site_ids
select id from inventory_site where code = %(code)s;
