-- name: verify_open_purchases_are_their_buckets
-- What is open of each purchase order line stands in its supply bucket, same item, site and day.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('line ', id, ': ', open, ' open, bucket holds ', held)) filter (where wrong) as example
from (
  select l.id, l.ordered - l.received - l.cancelled as open, b.quantity as held,
         b.id is null or b.quantity <> l.ordered - l.received - l.cancelled or b.kind <> 'purchase'
         or b.item_id <> l.item_id or b.site_id <> o.site_id or b.available_on <> l.expected_on as wrong
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
-- What a line says was received came into stock by the ledger.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('line ', id, ': ', received, ' received, ', booked, ' in the ledger')) filter (where wrong) as example
from (
  select l.id, l.received, coalesce(sum(m.quantity), 0) as booked, l.received <> coalesce(sum(m.quantity), 0) as wrong
  from supply_purchaseorderline l
  left join inventory_move m on m.reference_id = l.id and m.reason = 'purchase'
  group by l.id
) c;

-- name: verify_purchase_states
-- An open order has something open, one that is not open has nothing.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('purchase order ', number, ' is ', state)) filter (where wrong) as example
from (
  select o.number, o.state,
         (o.state = 'open') <> bool_or(l.ordered > l.received + l.cancelled)
         or (o.state = 'cancelled' and bool_or(l.received > 0))
         or (o.state in ('received', 'closed') and not bool_or(l.received > 0)) as wrong
  from supply_purchaseorder o join supply_purchaseorderline l on l.purchase_order_id = o.id
  group by o.id
) c;
