-- name: verify_line_quantities
-- What was ordered is what its fulfilment lines hold, and each balance of a line is what they say, state by state.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select o.number || ' line ' || l.line_number as example,
    (l.quantity, l.released, l.shipped, l.cancelled)
      is distinct from (s.quantity, s.released, s.shipped, s.cancelled) as wrong
  from orders_orderline l
  join orders_order o on o.id = l.order_id and o.submitted_at is not null
  left join (
    select f.line_id, sum(f.quantity) as quantity,
      coalesce(sum(f.quantity) filter (where f.state = 'released'), 0) as released,
      coalesce(sum(f.quantity) filter (where f.state = 'shipped'), 0) as shipped,
      coalesce(sum(f.quantity) filter (where f.state = 'cancelled'), 0) as cancelled
    from orders_fulfilmentline f group by f.line_id
  ) s on s.line_id = l.id
) x;

-- name: verify_fulfilment_units
-- A fulfilment line says the same in the line's unit and in base units, and belongs to the line's order and item.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select f.id::text as example,
    f.base_quantity <> f.quantity * l.unit_factor or f.order_id <> l.order_id
    or (f.item_id <> l.item_id and f.quantity > 0 and f.state <> 'cancelled') as wrong
  from orders_fulfilmentline f join orders_orderline l on l.id = f.line_id
) x;

-- name: verify_order_totals
-- An order is worth its lines and charges, and net and tax make gross everywhere.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select o.number,
    o.gross <> o.net + o.tax
    or o.net <> coalesce(l.net, 0) + coalesce(c.net, 0) or o.tax <> coalesce(l.tax, 0) + coalesce(c.tax, 0)
    or coalesce(l.gross, 0) <> coalesce(l.net + l.tax, 0) or coalesce(c.gross, 0) <> coalesce(c.net + c.tax, 0) as wrong
  from orders_order o
  left join (
    select order_id, sum(net) as net, sum(tax) as tax, sum(gross) as gross from orders_orderline group by order_id
  ) l on l.order_id = o.id
  left join (
    select order_id, sum(net) as net, sum(tax) as tax, sum(gross) as gross from orders_ordercharge group by order_id
  ) c on c.order_id = o.id
) x;

-- name: verify_waterfalls
-- The components of a price sum to the gross of its line or charge, and without the tax to the net.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.id::text) filter (where x.wrong) as example
from (
  select p.id, (p.gross, p.net) is distinct from (w.gross, w.net) as wrong
  from (
    select id, net, gross, waterfall from orders_orderline where unit_price is not null and (net, gross) <> (0, 0)
    union all select id, net, gross, waterfall from orders_ordercharge
  ) p
  left join lateral (
    select sum((c ->> 'amount')::numeric) as gross,
      coalesce(sum((c ->> 'amount')::numeric) filter (where c ->> 'kind' <> 'tax'), 0) as net
    from jsonb_array_elements(p.waterfall) c
  ) w on true
) x;

-- name: verify_revisions
-- The revisions of a submitted order are numbered 1, 2, 3 ... up to the order's own.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select o.number, (r.count, r.first, r.last) is distinct from (o.revision::bigint, 1, o.revision) as wrong
  from orders_order o
  left join (
    select order_id, count(*) as count, min(number) as first, max(number) as last
    from orders_revision group by order_id
  ) r on r.order_id = o.id
  where o.submitted_at is not null
) x;

-- name: verify_states
-- An order is cancelled when and only when all its lines are; a closed one has nothing open and its closure.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select o.number,
    (o.state = 'cancelled') <> coalesce(l.all_cancelled, false)
    or (o.state = 'closed' and (l.some_open or c.order_id is null))
    or (o.state <> 'closed' and c.order_id is not null)
    or (o.state = 'draft') <> (o.submitted_at is null and o.state <> 'cancelled') as wrong
  from orders_order o
  left join orders_closure c on c.order_id = o.id
  left join (
    select order_id, bool_and(quantity = cancelled) as all_cancelled, bool_or(quantity > shipped + cancelled) as some_open
    from orders_orderline group by order_id
  ) l on l.order_id = o.id
) x;

-- name: verify_promises_held
-- A stocked line that waits at a site holds exactly its quantity of supply there; one without a site holds none.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select f.id::text as example,
    case
      when f.state in ('shipped', 'cancelled') or f.site_id is null then h.held is not null
      when i.kind = 'stocked' then h.held is distinct from f.base_quantity or h.elsewhere
      when i.kind = 'kit' then h.held is null or h.elsewhere
      else h.held is not null
    end as wrong
  from orders_fulfilmentline f
  join catalog_item i on i.id = f.item_id
  left join lateral (
    select sum(c.quantity) as held, bool_or(b.site_id <> f.site_id) as elsewhere
    from promising_commitment c join inventory_bucket b on b.id = c.bucket_id
    where c.demand_id = f.id
  ) h on true
) x;

-- name: verify_commitments_wanted
-- Supply is held only for fulfilment lines that still wait for it, and for reservations.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select c.id::text as example, coalesce(f.state not in ('open', 'released'), p.id is null) as wrong
  from promising_commitment c left join orders_fulfilmentline f on f.id = c.demand_id
  left join promising_reservationpiece p on p.id = c.demand_id
) x;

-- name: verify_credit_of_orders
-- No order holds more credit than it is worth.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select o.number, d.amount > o.gross as wrong
  from parties_creditdraw d join orders_order o on o.id = d.subject_id
) x;

-- name: verify_references
-- What orders name without a constraint is there: legal entity, terms, unit, order, item, site.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select o.number as example, e.id is null or t.code is null as wrong
  from orders_order o
  left join parties_legalentity e on e.id = o.legal_entity_id
  left join parties_paymentterms t on t.code = o.payment_terms_id
  union all
  select l.id::text, u.code is null
  from orders_orderline l left join catalog_unitofmeasure u on u.code = l.unit_id
  union all
  select f.id::text, o.id is null or i.id is null or (f.site_id is not null and s.id is null)
  from orders_fulfilmentline f
  left join orders_order o on o.id = f.order_id
  left join catalog_item i on i.id = f.item_id
  left join inventory_site s on s.id = f.site_id
) x;
