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
