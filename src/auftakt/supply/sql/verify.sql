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
