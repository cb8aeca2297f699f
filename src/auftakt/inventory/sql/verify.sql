-- name: verify_on_hand_is_the_ledger
-- On hand of each item and site is all that was ever put there less all that was taken.
with ledger as (
  select m.item_id, m.site_id, sum(m.quantity) as quantity
  from (
    select v.item_id, l.site_id, v.quantity
    from inventory_move v join inventory_location l on l.id = v.put_to_id where l.kind = 'stock'
    union all
    select v.item_id, l.site_id, -v.quantity
    from inventory_move v join inventory_location l on l.id = v.taken_from_id where l.kind = 'stock'
  ) m
  group by 1, 2
), compared as (
  select coalesce(b.item_id, g.item_id) as item_id, coalesce(b.site_id, g.site_id) as site_id,
         coalesce(b.quantity, 0) as on_hand, coalesce(g.quantity, 0) as posted
  from (select item_id, site_id, quantity from inventory_bucket where kind = 'on_hand') b
  full join ledger g on g.item_id = b.item_id and g.site_id = b.site_id
)
select count(*) filter (where on_hand <> posted) as violations, count(*) as checked,
       min(concat('item ', item_id, ' at site ', site_id, ': ', on_hand, ' on hand, ', posted, ' in the ledger'))
         filter (where on_hand <> posted) as example
from compared;

-- name: verify_drawn_within_quantity
-- No bucket promises more than it holds.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('bucket ', id, ': ', drawn, ' drawn of ', quantity)) filter (where wrong) as example
from (select id, drawn, quantity, not (drawn between 0 and quantity) as wrong from inventory_bucket) b;

-- name: verify_reversals_mirror
-- A reversing move takes back exactly what it reverses, later or at the same instant.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('move ', id, ' does not mirror ', reverses_id)) filter (where wrong) as example
from (
  select r.id, r.reverses_id,
         (r.item_id, r.quantity, r.taken_from_id, r.put_to_id) is distinct from
         (m.item_id, m.quantity, m.put_to_id, m.taken_from_id) or m.reverses_id is not null as wrong
  from inventory_move r join inventory_move m on m.id = r.reverses_id
) c;

-- name: verify_sites_have_stock
-- Each site has the one location where its stock lies.
select count(*) filter (where l.id is null) as violations, count(*) as checked,
       min(s.code) filter (where l.id is null) as example
from inventory_site s left join inventory_location l on l.site_id = s.id and l.kind = 'stock';

-- name: verify_items_lie_at_their_site
-- The bin an item lies in belongs to the site it is placed at.
select count(*) filter (where b.site_id <> p.site_id) as violations, count(*) as checked,
       min(concat('item ', p.item_id, ' lies in bin ', b.code, ' of another site')) filter (where b.site_id <> p.site_id)
         as example
from inventory_placing p join inventory_bin b on b.id = p.bin_id;

-- name: verify_lots_are_the_ledger
-- What lies of a lot at a place is all that ledger entries put there less all they took.
with ledger as (
  select x.lot_id, m.location_id, sum(m.sign * x.quantity) as quantity
  from inventory_movelot x
  cross join lateral (
    select v.put_to_id as location_id, 1 as sign from inventory_move v where v.id = x.move_id
    union all
    select v.taken_from_id, -1 from inventory_move v where v.id = x.move_id) m
  join inventory_location l on l.id = m.location_id and (l.site_id is not null or l.kind = 'transit')
  group by 1, 2
), compared as (
  select coalesce(s.lot_id, g.lot_id) as lot_id, coalesce(s.location_id, g.location_id) as location_id,
         coalesce(s.quantity, 0) as lies, coalesce(g.quantity, 0) as posted
  from inventory_lotstock s full join ledger g on g.lot_id = s.lot_id and g.location_id = s.location_id
)
select count(*) filter (where lies <> posted) as violations, count(*) as checked,
       min(concat('lot ', lot_id, ' at ', location_id, ': ', lies, ' lie there, ', posted, ' in the ledger'))
         filter (where lies <> posted) as example
from compared;

-- name: verify_lots_sum_to_on_hand
-- What is on hand of a tracked item is the sum of its lots there.
with lots as (
  select s.item_id, l.site_id, sum(s.quantity) as quantity
  from inventory_lotstock s join inventory_location l on l.id = s.location_id and l.kind = 'stock'
  group by 1, 2
), compared as (
  select i.sku, b.site_id, b.quantity as on_hand, coalesce(g.quantity, 0) as lots
  from catalog_item i
  join inventory_bucket b on b.item_id = i.id and b.kind = 'on_hand'
  left join lots g on g.item_id = b.item_id and g.site_id = b.site_id
  where i.tracking <> 'none'
)
select count(*) filter (where on_hand <> lots) as violations, count(*) as checked,
       min(concat(sku, ' at site ', site_id, ': ', on_hand, ' on hand, ', lots, ' in lots'))
         filter (where on_hand <> lots) as example
from compared;

-- name: verify_moves_of_tracked_items_name_lots
-- The lots of a ledger entry of a tracked item sum to its quantity; other items have none.
with sums as (select move_id, sum(quantity) as quantity from inventory_movelot group by 1), compared as (
  select m.id, m.quantity, coalesce(s.quantity, 0) as lots, i.tracking
  from inventory_move m join catalog_item i on i.id = m.item_id left join sums s on s.move_id = m.id
  where i.tracking <> 'none' or s.move_id is not null
)
select count(*) filter (where quantity <> lots or tracking = 'none') as violations, count(*) as checked,
       min(concat('move ', id, ': ', quantity, ' moved, ', lots, ' in lots'))
         filter (where quantity <> lots or tracking = 'none') as example
from compared;

-- name: verify_serials_in_one_place
-- A serial number is one piece, in at most one place.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('serial number ', number, ' lies in ', places, ' places')) filter (where wrong) as example
from (
  select l.number, count(*) as places, sum(s.quantity) > 1 or count(*) > 1 as wrong
  from inventory_lot l join inventory_lotstock s on s.lot_id = l.id and s.quantity > 0
  where l.is_serial group by l.id
) c;

-- name: verify_held_lots_are_picked
-- What is held of a lot at a place is the sum of what was picked for something.
with sums as (select lot_id, location_id, sum(quantity) as quantity from inventory_lothold group by 1, 2), compared as (
  select coalesce(s.lot_id, h.lot_id) as lot_id, coalesce(s.held, 0) as held, coalesce(h.quantity, 0) as picked
  from inventory_lotstock s full join sums h on h.lot_id = s.lot_id and h.location_id = s.location_id
)
select count(*) filter (where held <> picked) as violations, count(*) as checked,
       min(concat('lot ', lot_id, ': ', held, ' held, ', picked, ' picked')) filter (where held <> picked) as example
from compared;
