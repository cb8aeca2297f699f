-- name: verify_drawn_is_committed
-- What is drawn of each bucket is what the commitments to it sum to, and what placed transfers and work orders hold of
-- the stock.
select count(*) filter (where drawn <> committed) as violations, count(*) as checked,
       min(concat('bucket ', id, ': ', drawn, ' drawn, ', committed, ' committed'))
         filter (where drawn <> committed) as example
from (
  select b.id, b.drawn, coalesce(c.quantity, 0) as committed
  from inventory_bucket b
  left join (
    select bucket_id, sum(quantity) as quantity
    from (
      select bucket_id, quantity from promising_commitment
      union all
      select h.id, l.quantity - l.cancelled - l.shipped
      from supply_transferorderline l
      join supply_transferorder o on o.id = l.transfer_id and o.state = 'placed'
      join inventory_bucket h on h.item_id = l.item_id and h.site_id = o.from_site_id and h.kind = 'on_hand'
      union all
      select h.id, p.reserved
      from supply_workordercomponent p
      join supply_workorder w on w.id = p.work_order_id
      join inventory_bucket h on h.item_id = p.item_id and h.site_id = w.site_id and h.kind = 'on_hand'
      where p.reserved > 0
    ) each_hold
    group by bucket_id
  ) c on c.bucket_id = b.id
) compared;

-- name: verify_commitments_positive
-- Every commitment holds something.
select count(*) filter (where quantity <= 0) as violations, count(*) as checked,
       min(concat('commitment ', id, ': ', quantity)) filter (where quantity <= 0) as example
from promising_commitment;

-- name: verify_one_site_per_demand
-- A demand is served from one site.
select count(*) filter (where sites > 1) as violations, count(*) as checked,
       min(concat('demand ', demand_id, ' holds supply at ', sites, ' sites')) filter (where sites > 1) as example
from (
  select c.demand_id, count(distinct b.site_id) as sites
  from promising_commitment c join inventory_bucket b on b.id = c.bucket_id
  group by c.demand_id
) held;

-- name: verify_reservations_hold
-- An open reservation holds what it says: its pieces sum to its quantity, and each holds of every item what it needs.
-- One that has ended holds nothing.
select count(*) filter (where wrong) as violations, count(*) as checked,
       min(concat('reservation ', id, ' is ', state, ' and does not hold what it should')) filter (where wrong) as example
from (
  select r.id, r.state,
    case when r.state <> 'open' then exists (
      select from promising_reservationpiece p join promising_commitment c on c.demand_id = p.id
      where p.reservation_id = r.id
    )
    else r.quantity is distinct from (
      select sum(p.quantity) from promising_reservationpiece p where p.reservation_id = r.id
    ) or exists (
      select from promising_reservationpiece p
      cross join lateral (
        select (n ->> 0)::uuid as item_id, sum((n ->> 1)::numeric) as each
        from jsonb_array_elements(r.needs) n group by 1
      ) need
      left join lateral (
        select sum(c.quantity) as held from promising_commitment c join inventory_bucket b on b.id = c.bucket_id
        where c.demand_id = p.id and b.item_id = need.item_id
      ) h on true
      where p.reservation_id = r.id and h.held is distinct from p.quantity * need.each
    ) end as wrong
  from promising_reservation r
) looked;

-- name: verify_targets_within_supply
-- Nothing allocated is negative, and the shares of a version in percent sum to no more than the whole, in every week.
select count(*) filter (where least_number < 0 or (kind = 'percent' and total > 100)) as violations,
       count(*) as checked,
       min(concat('rule ', code, ' version ', number, ': ', total, ' % in all'))
         filter (where least_number < 0 or (kind = 'percent' and total > 100)) as example
from (
  select r.code, v.number, v.kind, w.week, min(t.number) as least_number, sum(t.number) as total
  from promising_allocationversion v
  join promising_allocationrule r on r.id = v.rule_id
  cross join lateral (
    select distinct week from promising_allocationtarget a where a.version_id = v.id
  ) w
  join lateral (
    select distinct on (a.demand_class_id) a.number from promising_allocationtarget a
    where a.version_id = v.id and (a.week is null or a.week = w.week)
    order by a.demand_class_id, a.week nulls last
  ) t on true
  group by r.code, v.id, v.number, v.kind, w.week
) looked;
