-- name: verify_shipped_on_lines
-- What an order line says was shipped is what shipments carry of it.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select concat(o.number, ' line ', l.line_number, ': ', l.shipped, ' shipped, ', coalesce(s.quantity, 0), ' on shipments')
      as example,
    l.shipped <> coalesce(s.quantity, 0) as wrong
  from orders_orderline l
  join orders_order o on o.id = l.order_id
  left join (
    select order_line_id, sum(quantity) as quantity from fulfilment_shipmentline group by order_line_id
  ) s on s.order_line_id = l.id
) x;

-- name: verify_shipped_once
-- A fulfilment line is shipped when and only when one shipment line carries all of it, for its order and order line.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select f.id::text as example,
    (f.state = 'shipped') <> (s.id is not null)
    or (s.id is not null and (s.quantity, s.order_line_id, h.order_id) is distinct from (f.quantity, f.line_id, f.order_id))
      as wrong
  from orders_fulfilmentline f
  left join fulfilment_shipmentline s on s.fulfilment_line_id = f.id
  left join fulfilment_shipment h on h.id = s.shipment_id
  where f.state = 'shipped' or s.id is not null
) x;

-- name: verify_released_on_lines
-- What an order line says is released is what lies on releases that have not left.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select concat(o.number, ' line ', l.line_number, ': ', l.released, ' released, ', coalesce(r.quantity, 0), ' on releases')
      as example,
    l.released <> coalesce(r.quantity, 0) as wrong
  from orders_orderline l
  join orders_order o on o.id = l.order_id
  left join (
    select f.line_id, sum(rl.quantity) as quantity
    from fulfilment_releaseline rl
    join fulfilment_release r on r.id = rl.release_id and r.state in ('released', 'picked', 'packed')
    join orders_fulfilmentline f on f.id = rl.fulfilment_line_id
    where not rl.is_cancelled
    group by f.line_id
  ) r on r.line_id = l.id
) x;

-- name: verify_release_lines
-- A line in force agrees with its fulfilment line: quantity, site, order, and state with the state of the release.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select concat(r.number, ' ', rl.id) as example,
    rl.quantity <> f.quantity or r.order_id <> f.order_id or r.site_id is distinct from f.site_id
    or f.state <> case r.state when 'shipped' then 'shipped' else 'released' end or r.state = 'cancelled' as wrong
  from fulfilment_releaseline rl
  join fulfilment_release r on r.id = rl.release_id
  join orders_fulfilmentline f on f.id = rl.fulfilment_line_id
  where not rl.is_cancelled
) x;

-- name: verify_releases
-- A release that has not been cancelled has lines; a shipped one its shipment, with the same lines; no other has one.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select r.number,
    (r.state = 'cancelled') = (l.lines is not null)
    or coalesce(s.shipments, 0) <> case r.state when 'shipped' then 1 else 0 end
    or (r.state = 'shipped' and s.lines is distinct from l.lines) as wrong
  from fulfilment_release r
  left join (
    select release_id, count(*) as lines from fulfilment_releaseline where not is_cancelled group by release_id
  ) l on l.release_id = r.id
  left join (
    select h.release_id, count(distinct h.id) as shipments, count(i.id) as lines
    from fulfilment_shipment h left join fulfilment_shipmentline i on i.shipment_id = h.id
    where h.release_id is not null group by h.release_id
  ) s on s.release_id = r.id
) x;

-- name: verify_picks
-- Every line in force has its picks; once picked, a stocked item's pick is what the fulfilment line holds, and never more
-- than was asked.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select concat(r.number, ' ', i.sku) as example,
    k.picks is null or k.too_much
    or (i.kind = 'stocked' and case r.state when 'released' then k.asked <> f.base_quantity or k.picked <> 0
                               else k.picked <> f.base_quantity end)
    or (r.state <> 'released' and k.none) as wrong
  from fulfilment_releaseline rl
  join fulfilment_release r on r.id = rl.release_id
  join orders_fulfilmentline f on f.id = rl.fulfilment_line_id
  join catalog_item i on i.id = rl.item_id
  left join (
    select release_line_id, count(*) as picks, sum(quantity) as asked, sum(picked) as picked,
      bool_or(picked > quantity) as too_much, bool_or(picked = 0) as none
    from fulfilment_pick group by release_line_id
  ) k on k.release_line_id = rl.id
  where not rl.is_cancelled
) x;

-- name: verify_shipments_left_the_ledger
-- What goods shipments carry, item by item as picked, is what the stock ledger moved to customers for them.
with gone as (
  select m.reference_id as shipment_id, m.item_id, sum(m.quantity) as quantity
  from inventory_move m join fulfilment_shipment s on s.id = m.reference_id
  group by 1, 2
), carried as (
  select s.id as shipment_id, k.item_id, sum(k.picked) as quantity
  from fulfilment_shipment s
  join fulfilment_releaseline rl on rl.release_id = s.release_id and not rl.is_cancelled
  join fulfilment_pick k on k.release_line_id = rl.id
  where s.kind = 'goods'
  group by 1, 2
)
select count(*) filter (where c.quantity is distinct from g.quantity) as violations, count(*) as checked,
  min(concat('shipment ', coalesce(c.shipment_id, g.shipment_id), ': ', c.quantity, ' carried, ', g.quantity, ' issued'))
    filter (where c.quantity is distinct from g.quantity) as example
from carried c full join gone g on g.shipment_id = c.shipment_id and g.item_id = c.item_id;

-- name: verify_parcels
-- A box that has left is on the shipment of its release; a box that has not is on one that is packed.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select p.number,
    case when s.id is null then r.state <> 'packed' else s.release_id is distinct from p.release_id end as wrong
  from fulfilment_parcel p
  join fulfilment_release r on r.id = p.release_id
  left join fulfilment_shipment s on s.id = p.shipment_id
) x;

-- name: verify_delivered
-- A shipment is delivered when it knows the instant; goods know it from the carrier.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select s.number,
    (s.state = 'delivered') <> (s.delivered_at is not null)
    or (s.kind = 'goods' and s.delivered_at is distinct from e.delivered_at)
    or (s.kind = 'goods' and s.is_damaged <> coalesce(e.is_damaged, false)) as wrong
  from fulfilment_shipment s
  left join (
    select shipment_id, min(at) filter (where code = 'delivered') as delivered_at, bool_or(code = 'damaged') as is_damaged
    from fulfilment_trackingevent group by shipment_id
  ) e on e.shipment_id = s.id
) x;

-- name: verify_billed_within_shipped
-- Nobody is billed for more than what left.
select count(*) filter (where not (billed between 0 and quantity)) as violations, count(*) as checked,
  min(concat('shipment line ', id, ': ', billed, ' billed of ', quantity))
    filter (where not (billed between 0 and quantity)) as example
from fulfilment_shipmentline;

-- name: verify_scans
-- What is scanned of a pick is the sum of its scans, and a scan that undoes is the mirror of what it undoes.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select concat('pick ', k.id, ': ', k.scanned, ' scanned, ', coalesce(s.quantity, 0), ' in scans') as example,
    k.scanned <> coalesce(s.quantity, 0) or coalesce(s.wrong, false) as wrong
  from fulfilment_pick k
  left join (
    select t.pick_id, sum(t.quantity) as quantity,
      bool_or(t.undoes_id is not null and (t.pick_id, t.quantity) is distinct from (o.pick_id, -o.quantity)) as wrong
    from fulfilment_scan t left join fulfilment_scan o on o.id = t.undoes_id group by t.pick_id
  ) s on s.pick_id = k.id
  where k.scanned <> 0 or s.pick_id is not null
) x;

-- name: verify_waves
-- A wave is open while one of its releases is to be picked; what is in it is of its site and was not taken back.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select w.number,
    (w.state = 'open') <> (coalesce(r.to_pick, 0) > 0) or (w.state = 'cancelled') <> (r.wave_id is null)
    or (w.state = 'open') <> (w.ended_at is null) or coalesce(r.wrong, false) as wrong
  from fulfilment_wave w
  left join (
    select r.wave_id, count(*) filter (where r.state = 'released') as to_pick,
      bool_or(r.state = 'cancelled' or r.site_id <> o.site_id) as wrong
    from fulfilment_release r join fulfilment_wave o on o.id = r.wave_id group by r.wave_id
  ) r on r.wave_id = w.id
) x;
