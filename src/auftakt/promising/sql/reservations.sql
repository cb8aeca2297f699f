-- name: read_reservations
-- Reservations as they stand, with the pieces they hold their supply by; those asked for by id, owner, item or state.
select r.id, r.owner_kind, r.owner, r.item_id, i.sku, r.quantity, i.unit_id, r.country, r.region, r.state,
       r.expires_at, r.created_at, r.created_by, r.ended_at, r.wanted_by, p.pieces
from promising_reservation r
join catalog_item i on i.id = r.item_id
cross join lateral (
  select coalesce(jsonb_agg(
    jsonb_build_array(x.id, x.quantity::text, coalesce(s.code, ''), x.ship_on, x.arrive_on) order by x.ship_on, x.id
  ), '[]')::text as pieces
  from promising_reservationpiece x left join inventory_site s on s.id = x.site_id
  where x.reservation_id = r.id
) p
where true
  and r.id = any(%(ids)s::uuid[]) -- if ids
  and r.owner = %(owner)s -- if owner
  and r.item_id = %(item)s -- if item
  and r.state = %(state)s -- if state
  and r.id < %(before)s -- if before
order by r.id desc
limit %(limit)s;

-- name: lock_reservations
-- Reservations are locked before the supply they hold, in key order.
select id from promising_reservation where id = any(%(ids)s::uuid[]) order by id for update;

-- name: lock_tied_reservations
-- Open reservations that are meant for lines.
select id, wanted_by from promising_reservation
where wanted_by = any(%(lines)s::uuid[]) and state = 'open' order by id for update;

-- name: take_expired
-- Open reservations whose time is over; those that somebody is at work on are left to them.
select id from promising_reservation
where state = 'open' and expires_at <= %(at)s
order by expires_at, id limit %(limit)s for update skip locked;

-- name: take_expired_of_items
-- The same, where they hold supply of items.
select r.id from promising_reservation r
where r.state = 'open' and r.expires_at <= %(at)s and exists (
  select from promising_reservationpiece p
  join promising_commitment c on c.demand_id = p.id
  join inventory_bucket b on b.id = c.bucket_id
  where p.reservation_id = r.id and b.item_id = any(%(items)s::uuid[])
)
order by r.id for update skip locked;

-- name: reservations_pegged_to
-- Reservations that hold supply of buckets.
select distinct p.reservation_id
from promising_commitment c join promising_reservationpiece p on p.id = c.demand_id
where c.bucket_id = any(%(buckets)s::uuid[]);

-- name: reservations_of_demands
-- Which demands are pieces of reservations.
select id, reservation_id from promising_reservationpiece where id = any(%(demands)s::uuid[]);

-- name: pieces_of_reservations
select id, reservation_id from promising_reservationpiece where reservation_id = any(%(ids)s::uuid[]);

-- name: end_reservations
update promising_reservation set state = %(state)s, ended_at = %(at)s, ended_by = %(by)s
where id = any(%(ids)s::uuid[]);

-- name: extend_reservations
update promising_reservation r set expires_at = given.until
from unnest(%(ids)s::uuid[], %(untils)s::timestamptz[]) as given (id, until)
where r.id = given.id;

-- name: tie_reservations
-- Say for which lines reservations are meant.
update promising_reservation r set wanted_by = given.line
from unnest(%(ids)s::uuid[], %(lines)s::uuid[]) as given (id, line)
where r.id = given.id;
