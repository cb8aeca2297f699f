-- name: verify_open_purchases_are_their_buckets
-- What is open of each purchase order line stands in its supply bucket, same item, site and day; drafts promise nothing.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('line ', id, ': ', open, ' open, bucket holds ', held)) filter (where wrong) as example
from (
  select l.id, l.ordered + l.excess - l.received - l.cancelled as open, b.quantity as held,
         case
           when o.state = 'draft' then b.id is not null
           when b.id is null then l.ordered + l.excess <> l.received + l.cancelled
           else b.quantity <> l.ordered + l.excess - l.received - l.cancelled or b.kind <> 'purchase'
             or b.item_id <> l.item_id or b.site_id <> o.site_id
             or (b.available_on <> l.expected_on and b.quantity > 0)
         end as wrong
  from supply_purchaseorderline l
  join supply_purchaseorder o on o.id = l.purchase_order_id
  left join inventory_bucket b on b.reference_id = l.id
) c;

-- name: verify_buckets_have_purchases
-- Every purchase bucket is brought by a purchase order line.
select count(*) filter (where l.id is null) as violations, count(*) as checked,
       min(concat('bucket ', b.id, ' has no purchase order line')) filter (where l.id is null) as example
from inventory_bucket b left join supply_purchaseorderline l on l.id = b.reference_id
where b.kind = 'purchase';

-- name: verify_received_is_the_ledger
-- What a line says was received, lies in quarantine and went back, the ledger says too.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('line ', id, ': ', received, ' received, ', booked, ' in the ledger')) filter (where wrong) as example
from (
  select l.id, l.received, m.booked,
         (l.received, l.inspecting, l.rejected)
           is distinct from (coalesce(m.booked, 0), coalesce(m.aside, 0), coalesce(m.back, 0)) as wrong
  from supply_purchaseorderline l
  left join (
    select reference_id,
           coalesce(sum(quantity) filter (where reason in ('purchase', 'accepted')), 0) as booked,
           coalesce(sum(quantity) filter (where reason = 'quarantine'), 0)
             - coalesce(sum(quantity) filter (where reason in ('accepted', 'rejected')), 0) as aside,
           coalesce(sum(quantity) filter (where reason = 'rejected'), 0) as back
    from inventory_move
    where reason in ('purchase', 'accepted', 'quarantine', 'rejected')
    group by reference_id
  ) m on m.reference_id = l.id
) c;

-- name: verify_purchase_states
-- An order that expects goods has something open, one that is done has nothing.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('purchase order ', number, ' is ', state)) filter (where wrong) as example
from (
  select o.number, o.state,
         (o.state in ('draft', 'approved', 'sent', 'acknowledged', 'part_received'))
           <> bool_or(l.ordered + l.excess > l.received + l.cancelled)
         or (o.state in ('draft', 'approved', 'sent', 'acknowledged', 'cancelled') and bool_or(l.received > 0))
         or (o.state = 'draft' and bool_or(l.inspecting > 0))
         or (o.state in ('part_received', 'received', 'closed') and not bool_or(l.received > 0)) as wrong
  from supply_purchaseorder o join supply_purchaseorderline l on l.purchase_order_id = o.id
  group by o.id
) c;

-- name: verify_prices_do_not_overlap
-- No supplier's item has two prices for the same quantity and currency on one day.
select count(*) filter (where wrong) as violations, count(*) as checked, min(id::text) filter (where wrong) as example
from (
  select p.id, exists (
    select from supply_supplierprice q
    where q.supplier_item_id = p.supplier_item_id and q.id <> p.id and q.currency = p.currency
      and q.from_quantity = p.from_quantity
      and coalesce(p.valid_from, '-infinity') <= coalesce(q.valid_to, 'infinity')
      and coalesce(q.valid_from, '-infinity') <= coalesce(p.valid_to, 'infinity')) as wrong
  from supply_supplierprice p
) c;

-- name: verify_transfers_are_their_buckets
-- What the destination still expects of a transfer's line stands in its bucket, same item, site and day.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('line ', id, ': ', open, ' open, bucket holds ', held)) filter (where wrong) as example
from (
  select l.id, l.quantity - l.cancelled - l.received - l.lost as open, b.quantity as held,
         case
           when o.state = 'draft' then b.id is not null
           when b.id is null then l.quantity > l.cancelled + l.received + l.lost
           else b.quantity <> l.quantity - l.cancelled - l.received - l.lost or b.kind <> 'transfer'
             or b.item_id <> l.item_id or b.site_id <> o.to_site_id
             or (b.available_on <> o.arrive_on and b.quantity > 0)
         end as wrong
  from supply_transferorderline l
  join supply_transferorder o on o.id = l.transfer_id
  left join inventory_bucket b on b.reference_id = l.id
) c;

-- name: verify_buckets_have_transfers
-- Every transfer bucket is brought by a transfer's line.
select count(*) filter (where l.id is null) as violations, count(*) as checked,
       min(concat('bucket ', b.id, ' has no transfer line')) filter (where l.id is null) as example
from inventory_bucket b left join supply_transferorderline l on l.id = b.reference_id
where b.kind = 'transfer';

-- name: verify_transfers_are_the_ledger
-- What a transfer's line says was shipped, received and lost, the ledger says too; so what is in transit is known twice.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('line ', id, ': ', shipped, ' shipped, ', received, ' received')) filter (where wrong) as example
from (
  select l.id, l.shipped, l.received,
         (l.shipped, l.received, l.lost)
           is distinct from (coalesce(m.left_for, 0), coalesce(m.came, 0), coalesce(m.gone, 0)) as wrong
  from supply_transferorderline l
  left join (
    select v.reference_id,
           coalesce(sum(v.quantity) filter (where t.kind = 'transit'), 0) as left_for,
           coalesce(sum(v.quantity) filter (where f.kind = 'transit' and t.kind = 'stock'), 0) as came,
           coalesce(sum(v.quantity) filter (where f.kind = 'transit' and t.kind = 'loss'), 0) as gone
    from inventory_move v
    join inventory_location f on f.id = v.taken_from_id
    join inventory_location t on t.id = v.put_to_id
    where v.reason in ('transfer', 'lost_in_transit') and v.reference_id is not null
    group by v.reference_id
  ) m on m.reference_id = l.id
) c;

-- name: verify_transfer_states
-- A transfer has left when all of it has, and is done when nothing is on its way.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('transfer ', number, ' is ', state)) filter (where wrong) as example
from (
  select o.number, o.state,
         (o.state in ('draft', 'placed', 'cancelled')) <> bool_and(l.shipped = 0)
         or (o.state = 'cancelled') <> bool_and(l.quantity = l.cancelled)
         or (o.state in ('shipped', 'part_received')) <> bool_or(l.shipped > l.received + l.lost)
         or (o.state not in ('draft', 'placed') and bool_or(l.quantity > l.cancelled + l.shipped)) as wrong
  from supply_transferorder o join supply_transferorderline l on l.transfer_id = o.id
  group by o.id
) c;
-- name: verify_work_is_its_bucket
-- What is open of a released or started work order stands in its bucket, same item, site and day; other ones have none.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('work order ', number, ': ', open, ' open, bucket holds ', held)) filter (where wrong) as example
from (
  select w.number, w.quantity - w.finished - w.scrapped - w.cancelled as open, b.quantity as held,
         case
           when w.state in ('released', 'started')
             then b.id is null or b.quantity <> w.quantity - w.finished - w.scrapped - w.cancelled
                  or b.kind <> 'work_order' or b.item_id <> w.item_id or b.site_id <> w.site_id
                  or b.available_on <> w.due_on
           else coalesce(b.quantity, 0) <> 0
         end as wrong
  from supply_workorder w left join inventory_bucket b on b.reference_id = w.id
) c;

-- name: verify_buckets_have_work
-- Every work order bucket is brought by a work order.
select count(*) filter (where w.id is null) as violations, count(*) as checked,
       min(concat('bucket ', b.id, ' has no work order')) filter (where w.id is null) as example
from inventory_bucket b left join supply_workorder w on w.id = b.reference_id
where b.kind = 'work_order';

-- name: verify_finished_is_the_ledger
-- What work orders say came of them came into stock by the ledger.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('work order ', number, ': ', finished, ' finished, ', booked, ' in the ledger'))
         filter (where wrong) as example
from (
  select w.number, w.finished, coalesce(sum(m.quantity), 0) as booked,
         w.finished <> coalesce(sum(m.quantity), 0) as wrong
  from supply_workorder w left join inventory_move m on m.reference_id = w.id and m.reason = 'work_order'
  group by w.id
) c;

-- name: verify_issued_is_the_ledger
-- What went into production for a component, less what came back, the ledger says too.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('component ', id, ': ', issued, ' issued, ', booked, ' in the ledger')) filter (where wrong) as example
from (
  select c.id, c.issued, coalesce(m.booked, 0) as booked, c.issued <> coalesce(m.booked, 0) as wrong
  from supply_workordercomponent c
  left join (
    select reference_id, sum(case reason when 'issued_to_work' then quantity else -quantity end) as booked
    from inventory_move where reason in ('issued_to_work', 'returned_from_work') group by reference_id
  ) m on m.reference_id = c.id
) c;

-- name: verify_work_states
-- A draft needs nothing yet; a released order holds all it needs; one that has ended holds nothing and has nothing open.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('work order ', number, ' is ', state)) filter (where wrong) as example
from (
  select w.number, w.state,
         case w.state
           when 'draft' then count(c.id) > 0
           when 'released' then bool_or(c.reserved <> c.required) or count(c.id) = 0
           when 'started' then bool_or(c.reserved <> 0) or count(c.id) = 0
           else coalesce(bool_or(c.reserved <> 0), false)
         end
         or (w.state in ('draft', 'released', 'started')) <> (w.quantity > w.finished + w.scrapped + w.cancelled)
         or (w.state = 'cancelled' and w.finished + w.scrapped > 0)
         or (w.state in ('finished', 'closed') and w.finished + w.scrapped = 0) as wrong
  from supply_workorder w left join supply_workordercomponent c on c.work_order_id = w.id
  group by w.id
) s;

-- name: verify_loads_are_the_operations
-- What an open work order takes of its resources by day is what its operations take; other ones take nothing.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('operation ', sequence, ' of ', number)) filter (where wrong) as example
from (
  select w.number, o.sequence,
         coalesce(sum(l.amount), 0) <> case when w.state in ('released', 'started') then o.amount else 0 end
         or coalesce(bool_or(l.resource_id <> o.resource_id), false) as wrong
  from supply_workorderoperation o
  join supply_workorder w on w.id = o.work_order_id
  left join supply_capacityload l on l.operation_id = o.id
  group by o.id, w.id
) s;

-- name: verify_plants_are_sites
-- The plants that bills of material name are sites.
select count(*) filter (where s.id is null) as violations, count(*) as checked,
       min(concat('bill for plant ', b.plant)) filter (where s.id is null) as example
from catalog_bill b left join inventory_site s on s.code = b.plant
where b.plant <> '';

-- name: verify_sourcing_holds_once
-- No two versions of a sourcing rule hold on one day.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('rule ', code, ' version ', number)) filter (where wrong) as example
from (
  select r.code, v.number, exists (
    select from supply_sourcingversion o
    where o.rule_id = v.rule_id and o.id <> v.id and o.state <> 'draft'
      and o.from_on < coalesce(v.until_on, 'infinity') and v.from_on < coalesce(o.until_on, 'infinity')
      and v.from_on is distinct from v.until_on and o.from_on is distinct from o.until_on) as wrong
  from supply_sourcingversion v join supply_sourcingrule r on r.id = v.rule_id
  where v.state <> 'draft'
) c;

-- name: verify_sourcing_shares
-- Sources of one rank that begin on a day have no more than everything between them.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('source ', id)) filter (where wrong) as example
from (
  select s.id, (
    select sum(o.share) from supply_sourcingsource o
    where o.version_id = s.version_id and o.rank = s.rank
      and coalesce(o.valid_from, '-infinity') <= coalesce(s.valid_from, '-infinity')
      and coalesce(s.valid_from, '-infinity') <= coalesce(o.valid_until, 'infinity')) > 100 as wrong
  from supply_sourcingsource s
) c;

-- name: verify_released_proposals_are_their_orders
-- A released proposal names an order that exists, whose line is of its item, for its site, and of its quantity.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('proposal ', serial, ' of ', order_number)) filter (where wrong) as example
from (
  select p.serial, p.order_number,
         case p.kind
           when 'purchase' then (l.ordered, l.item_id, o.site_id, o.id) is distinct from e.facts
           when 'transfer' then (t.quantity, t.item_id, h.to_site_id, h.id) is distinct from e.facts
           else (w.quantity, w.item_id, w.site_id, w.id) is distinct from e.facts
         end as wrong
  from supply_proposal p
  cross join lateral (select (p.quantity, p.item_id, p.site_id, p.order_id) as facts) e
  left join supply_purchaseorderline l on l.id = p.line_id
  left join supply_purchaseorder o on o.id = l.purchase_order_id
  left join supply_transferorderline t on t.id = p.line_id
  left join supply_transferorder h on h.id = t.transfer_id
  left join supply_workorder w on w.id = p.line_id
  where p.state = 'released'
) c;

-- name: verify_proposals_add_up
-- Position, what is missing and the value of each proposal follow from what it says it stands on.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('proposal ', serial)) filter (where wrong) as example
from (
  select serial,
         position <> on_hand + expected - drawn + planned or raw <> target - position or quantity < raw
         or quantity < minimum or coalesce(mod(quantity, nullif(multiple, 0)) <> 0, false)
         or coalesce(abs(value - quantity * unit_cost) > 0.005, false) as wrong
  from supply_proposal
) c;
