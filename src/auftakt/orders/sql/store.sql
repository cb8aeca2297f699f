-- name: update_heads
-- Orders take the values of their new version; identity, number and the day of the order stay.
update orders_order o set
  content_sha256 = n.content_sha256, state = n.state, revision = n.revision, channel = n.channel,
  legal_entity_id = n.legal_entity_id, customer_id = n.customer_id, bill_to_id = n.bill_to_id,
  ship_to_id = n.ship_to_id, currency = n.currency, language = n.language, payment_terms_id = n.payment_terms_id,
  payment_method = n.payment_method, payment_token = n.payment_token, price_list_code = n.price_list_code, tax_included = n.tax_included,
  tax_rounding = n.tax_rounding, customer_reference = n.customer_reference, requested_ship_on = n.requested_ship_on,
  requested_arrival_on = n.requested_arrival_on, not_before_on = n.not_before_on, split_dates = n.split_dates,
  split_sites = n.split_sites, priority = n.priority, net = n.net, tax = n.tax, gross = n.gross, notes = n.notes,
  submitted_at = n.submitted_at, search_text = n.search_text, received = coalesce(n.received, o.received)
from jsonb_populate_recordset(null::orders_order, %(rows)s::jsonb) n
where o.id = n.id;

-- name: remember_content
-- The same order said in other words: the next repeat is recognised at once.
update orders_order o set content_sha256 = n.mark
from unnest(%(ids)s::uuid[], %(marks)s::text[]) as n(id, mark) where o.id = n.id;

-- name: update_lines
-- Lines take the values of their new version; what was drawn on them stays.
update orders_orderline l set
  item_id = n.item_id, unit_id = n.unit_id, unit_factor = n.unit_factor, quantity = n.quantity,
  requested_ship_on = n.requested_ship_on, requested_arrival_on = n.requested_arrival_on, manual_kind = n.manual_kind,
  manual_value = n.manual_value, manual_reason = n.manual_reason, manual_by = n.manual_by, list_price = n.list_price,
  unit_price = n.unit_price, tax_category = n.tax_category, tax_rate = n.tax_rate, net = n.net, tax = n.tax,
  gross = n.gross, waterfall = n.waterfall
from jsonb_populate_recordset(null::orders_orderline, %(rows)s::jsonb) n
where l.id = n.id;

-- name: delete_lines
-- Lines of drafts only: nothing hangs on them yet.
delete from orders_orderline l where l.id = any(%(ids)s::uuid[]);

-- name: give_up_lines
-- Lines that a revision leaves out: cancelled as a whole, and worth nothing. Their open fulfilment lines go with them.
with gone as (
  update orders_orderline l set cancelled = l.quantity, net = 0, tax = 0, gross = 0, waterfall = '[]'
  where l.id = any(%(ids)s::uuid[])
  returning l.id
)
update orders_fulfilmentline f set state = 'cancelled'
from gone where f.line_id = gone.id and f.state = 'open';

-- name: delete_unbilled_charges
delete from orders_ordercharge c where c.order_id = any(%(orders)s::uuid[]) and not c.billed;

-- name: update_fulfilment_lines
update orders_fulfilmentline f set
  item_id = n.item, quantity = n.quantity, base_quantity = n.base, site_id = n.site, ship_on = n.ship,
  arrive_on = n.arrival, promise = n.reason,
  first_arrive_on = case when %(keep_first)s then coalesce(f.first_arrive_on, n.arrival) else n.arrival end
from unnest(%(ids)s::uuid[], %(items)s::uuid[], %(quantities)s::numeric[], %(bases)s::numeric[], %(sites)s::uuid[],
  %(ships)s::date[], %(arrivals)s::date[], %(reasons)s::jsonb[]) as n(id, item, quantity, base, site, ship, arrival, reason)
where f.id = n.id;

-- name: replace_fulfilment_lines
-- Their quantity is served by another fulfilment line of the same order line from now on.
update orders_fulfilmentline f set state = 'cancelled', quantity = 0, base_quantity = 0, site_id = null,
  ship_on = null, arrive_on = null
where f.id = any(%(ids)s::uuid[]) and f.state = 'open';
