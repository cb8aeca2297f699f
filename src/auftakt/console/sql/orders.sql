-- name: order_measures
-- How far orders are: shares of what was ordered and not cancelled that is promised, released, shipped, billed; of the gross that is paid.
with served as (
  select f.order_id, sum(f.base_quantity) as ordered,
    sum(f.base_quantity) filter (where f.site_id is not null or f.ship_on is not null or f.state <> 'open') as promised,
    sum(f.base_quantity) filter (where f.state in ('released', 'shipped')) as released,
    sum(f.base_quantity) filter (where f.state = 'shipped') as shipped,
    sum(s.billed * f.base_quantity / f.quantity) as billed
  from orders_fulfilmentline f left join fulfilment_shipmentline s on s.fulfilment_line_id = f.id
  where f.order_id = any(%(ids)s::uuid[]) and f.state <> 'cancelled' group by f.order_id
), paid as (
  select order_id, sum(paid) as paid, sum(gross - credited) as gross from billing_invoice
  where order_id = any(%(ids)s::uuid[]) and kind = 'invoice' group by order_id
)
select o.id, coalesce(s.promised / s.ordered, 0) as promised, coalesce(s.released / s.ordered, 0) as released,
  coalesce(s.shipped / s.ordered, 0) as shipped, coalesce(s.billed / s.ordered, 0) as billed,
  (select min(f.arrive_on) from orders_fulfilmentline f where f.order_id = o.id and f.state in ('open', 'released')) as arrives_on,
  least(1, coalesce(p.paid / nullif(greatest(case when coalesce(s.billed, 0) >= s.ordered then p.gross else greatest(o.gross, p.gross) end, 0), 0), 0)) as paid
from orders_order o left join served s on s.order_id = o.id left join paid p on p.order_id = o.id
where o.id = any(%(ids)s::uuid[]) and s.ordered > 0;

-- name: order_head
select o.id, o.number, o.state, o.revision, o.content_sha256 as seen, o.channel, o.source_system, o.external_reference, o.customer_reference, o.currency, o.language,
  o.payment_method, o.payment_terms_id as payment_terms, t.name as terms_name, o.price_list_code, o.tax_included, o.requested_ship_on, o.requested_arrival_on, o.not_before_on,
  o.split_dates, o.split_sites, o.priority, o.net, o.tax, o.gross, o.notes, o.ordered_at, o.submitted_at, o.closed_at,
  o.customer_id, p.name as customer, p.number as customer_number, p.status as customer_status, p.email as customer_email, e.name as seller,
  b.name as bill_name, b.street as bill_street, b.postal_code as bill_postal_code, b.city as bill_city, b.country as bill_country, o.bill_to_id,
  s.name as ship_name, s.street as ship_street, s.postal_code as ship_postal_code, s.city as ship_city, s.country as ship_country, o.ship_to_id,
  c.perfect, c.in_full, c.on_time, c.undamaged, c.billed_right
from orders_order o join parties_party p on p.id = o.customer_id join parties_paymentterms t on t.code = o.payment_terms_id
join parties_legalentity e on e.id = o.legal_entity_id join parties_address b on b.id = o.bill_to_id join parties_address s on s.id = o.ship_to_id
left join orders_closure c on c.order_id = o.id
where o.id = %(id)s;

-- name: order_lines
-- A page of an order's lines: those behind a line number.
select l.id, l.line_number, l.external_line_id, i.sku, coalesce(tr.name, i.name) as name, i.kind, l.unit_id as unit, l.unit_factor, l.quantity, l.released, l.shipped, l.cancelled,
  l.quantity - l.released - l.shipped - l.cancelled as open, l.requested_ship_on, l.requested_arrival_on,
  l.manual_kind, l.manual_value, l.manual_reason, l.list_price, l.unit_price, l.tax_rate, l.net, l.tax, l.gross, l.waterfall,
  coalesce((select sum(s.billed) from fulfilment_shipmentline s where s.order_line_id = l.id), 0) as billed
from orders_orderline l join catalog_item i on i.id = l.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where l.order_id = %(id)s and l.line_number > %(behind)s order by l.line_number limit %(many)s;

-- name: order_entry_lines
-- All lines of an order as the entry form shows them: what is cancelled for good is not among them.
select l.line_number, l.external_line_id, i.sku, coalesce(tr.name, i.name) as name, l.unit_id as unit, l.quantity, l.cancelled, l.manual_kind, l.manual_value, l.manual_reason
from orders_orderline l join catalog_item i on i.id = l.item_id
left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
where l.order_id = %(id)s and l.quantity > l.cancelled order by l.line_number;

-- name: order_sums
-- The whole order in a row, however many lines it has: what is wanted, left, open, and when the rest is there.
select l.lines, l.units, l.fractional, l.wanted, l.left, l.lines_wanted, l.lines_left, l.open, l.released, l.open + l.released > 0 as unfinished,
  f.coming, f.undated, f.first_on, f.last_on, f.due_on
from (
  select count(*) as lines, count(distinct l.unit_id) as units, coalesce(bool_or(l.quantity %% 1 <> 0), false) as fractional,
    coalesce(sum(l.quantity - l.cancelled), 0) as wanted, coalesce(sum(l.shipped), 0) as left,
    count(*) filter (where l.quantity > l.cancelled) as lines_wanted,
    count(*) filter (where l.quantity > l.cancelled and l.shipped >= l.quantity - l.cancelled) as lines_left,
    coalesce(sum(l.quantity - l.released - l.shipped - l.cancelled), 0) as open, coalesce(sum(l.released), 0) as released
  from orders_orderline l where l.order_id = %(id)s
) l cross join (
  select count(*) filter (where f.state in ('open', 'released')) as coming,
    count(*) filter (where f.state in ('open', 'released') and f.arrive_on is null) as undated,
    min(f.arrive_on) filter (where f.state in ('open', 'released')) as first_on,
    max(f.arrive_on) filter (where f.state in ('open', 'released')) as last_on,
    max(f.arrive_on) filter (where f.state = 'shipped') as due_on
  from orders_fulfilmentline f where f.order_id = %(id)s
) f;

-- name: order_pieces
-- How lines are served: fulfilment lines with site, dates, the promise's reason, and where each stands in its policy.
select f.id, f.line_id, f.quantity, f.state, s.code as site, s.name as site_name, f.ship_on, f.arrive_on, f.first_arrive_on, f.promise, f.shipped_at
from orders_fulfilmentline f left join inventory_site s on s.id = f.site_id where f.line_id = any(%(lines)s::uuid[]) order by f.line_id, f.ship_on nulls last, f.id;

-- name: order_pegs
-- The supply each piece has drawn.
select c.demand_id, c.quantity, b.kind, b.available_on, s.code as site, i.sku, p.number as purchase
from orders_fulfilmentline f join promising_commitment c on c.demand_id = f.id join inventory_bucket b on b.id = c.bucket_id
join inventory_site s on s.id = b.site_id join catalog_item i on i.id = b.item_id
left join supply_purchaseorderline l on l.id = b.reference_id left join supply_purchaseorder p on p.id = l.purchase_order_id
where f.line_id = any(%(lines)s::uuid[]) order by c.demand_id, b.available_on nulls first;

-- name: order_charges
select id, kind, name, tax_rate, net, tax, gross, billed, waterfall from orders_ordercharge where order_id = %(id)s order by kind;

-- name: order_holds
select id, reason_code, note, placed_at, placed_by, released_at, released_by, release_note from orders_hold where order_id = %(id)s
order by released_at nulls first, placed_at desc;

-- name: order_shipments
select s.id, s.number, s.kind, s.carrier, s.tracking_number, s.state, s.shipped_at, s.delivered_at, s.is_damaged, t.code as site,
  (select count(*) from fulfilment_parcel p where p.shipment_id = s.id) as parcels,
  (select sum(p.weight_kg) from fulfilment_parcel p where p.shipment_id = s.id) as weight_kg
from fulfilment_shipment s left join inventory_site t on t.id = s.site_id where s.order_id = %(id)s order by s.shipped_at, s.number;

-- name: order_parcels
-- The boxes of the order's shipments, each with its own tracking number where the carrier gave one.
select p.shipment_id, p.number, p.weight_kg, p.length_mm, p.width_mm, p.height_mm, p.tracking_number
from fulfilment_parcel p join fulfilment_shipment s on s.id = p.shipment_id where s.order_id = %(id)s order by p.number;

-- name: order_packed
-- What is in the order's shipments: how many lines, and the first of each.
select t.shipment_id, t.line_number, t.sku, t.name, t.quantity, t.unit, t.lines
from (
  select l.shipment_id, o.line_number, i.sku, coalesce(tr.name, i.name) as name, l.quantity, o.unit_id as unit,
    count(*) over (partition by l.shipment_id) as lines,
    row_number() over (partition by l.shipment_id order by o.line_number) as place
  from fulfilment_shipmentline l join fulfilment_shipment s on s.id = l.shipment_id
  join orders_orderline o on o.id = l.order_line_id join catalog_item i on i.id = o.item_id
  left join catalog_itemtranslation tr on tr.item_id = i.id and tr.language = %(language)s
  where s.order_id = %(id)s
) t where t.place <= 8 order by t.shipment_id, t.place;

-- name: order_face
-- What a decision about an order rests on: whoever decides on another face than this one decides on old news.
select o.state || '.' || o.revision || '.' || left(o.content_sha256, 12) || '.'
  || coalesce((select trim_scale(sum(l.quantity - l.released - l.shipped - l.cancelled)) from orders_orderline l where l.order_id = o.id), 0)
  || '.' || (select count(*) from orders_hold h where h.order_id = o.id and h.released_at is null) as face
from orders_order o where o.id = %(id)s;

-- name: order_changes_since
-- What people changed on an order after an entry of the journal: entries that name differences.
select j.id, j.at, j.actor, coalesce(u.name, '') as name, j.verb, j.change
from platform_journalentry j left join identity_user u on u.email = j.actor
where j.subject_id = %(id)s and j.id > %(after)s and j.change ? 'difference' order by j.id;

-- name: names_of_people
select email, name from identity_user where email = any(%(emails)s);

-- name: order_addresses
-- The addresses an order ever named, for the words of its history.
select a.id, a.name, a.street, a.postal_code, a.city, a.country from parties_address a
where a.id = any(%(ids)s::uuid[]);

-- name: order_tracking
select e.shipment_id, e.at, e.code, e.place, e.text from fulfilment_trackingevent e join fulfilment_shipment s on s.id = e.shipment_id
where s.order_id = %(id)s order by e.at desc;

-- name: order_releases
select r.id, r.number, r.state, r.ship_on, s.code as site, s.name as site_name from fulfilment_release r join inventory_site s on s.id = r.site_id
where r.order_id = %(id)s order by r.number;

-- name: order_invoices
select i.id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.gross, i.paid, i.credited,
  case when i.kind = 'credit_note' then 'credit_note' when i.gross = i.credited then 'credited' when i.gross = i.paid + i.credited then 'paid'
       when i.due_on < %(today)s then 'overdue' when i.paid + i.credited > 0 then 'part_paid' else 'unpaid' end as standing
from billing_invoice i where i.order_id = %(id)s order by i.issued_on, i.number;

-- name: order_payments
-- Those received for the order, and those that pay its invoices: two walks along an index, where an "or" would read all.
select y.id, y.kind, y.method, y.amount, y.allocated, y.currency, y.received_on, y.reference
from billing_payment y
where y.id in (
  select p.id from billing_payment p where p.order_id = %(id)s
  union select a.payment_id from billing_allocation a join billing_invoice i on i.id = a.invoice_id where i.order_id = %(id)s
)
order by y.received_on, y.id;

-- name: order_attempts
select id, provider, operation, amount, currency, state, reason, started_at, settled_at from billing_paymentattempt where order_id = %(id)s order by id desc;

-- name: order_documents
-- Documents about the order, its releases, shipments and invoices: the newest version of each.
select distinct on (d.subject_id, d.kind, d.language) d.id, d.kind, d.number, d.version, d.language, d.filename, d.size, d.created_at
from documents_document d
where d.subject_id = any(%(subjects)s::uuid[]) order by d.subject_id, d.kind, d.language, d.version desc;

-- name: order_steps
-- Where the runs of some lines stand.
select s.id, s.state, s.kind, t.name, t.position, s.attempts, s.reason, s.due_at, s.finished_at, r.state as run_state, r.fulfilment_line_id, l.line_number, i.sku
from orchestration_stepstate s join orchestration_run r on r.id = s.run_id join orchestration_step t on t.id = s.step_id
join orders_fulfilmentline f on f.id = r.fulfilment_line_id join orders_orderline l on l.id = f.line_id join catalog_item i on i.id = l.item_id
where f.line_id = any(%(lines)s::uuid[]) and f.state <> 'cancelled' order by l.line_number, r.id, t.position;

-- name: order_failed
-- Steps of the order that failed: the first of them.
select s.id, s.kind, s.attempts, s.reason, l.line_number, i.sku
from orchestration_run r join orchestration_stepstate s on s.run_id = r.id
join orders_fulfilmentline f on f.id = r.fulfilment_line_id join orders_orderline l on l.id = f.line_id join catalog_item i on i.id = l.item_id
where r.order_id = %(id)s and s.state = 'failed' and f.state <> 'cancelled' order by l.line_number, s.id limit 20;

-- name: order_subjects
-- The ids under which documents may be filed that belong to an order.
select %(id)s::uuid as id
union all select id from fulfilment_release where order_id = %(id)s
union all select id from fulfilment_shipment where order_id = %(id)s
union all select id from billing_invoice where order_id = %(id)s
union all select id from billing_paymentattempt where order_id = %(id)s
union all select y.id from billing_payment y where y.order_id = %(id)s
union all select a.payment_id from billing_allocation a join billing_invoice i on i.id = a.invoice_id where i.order_id = %(id)s;
