-- name: lines_without_run
-- Open lines of submitted orders that no policy serves yet, with the published version that will.
select distinct on (f.id) f.id, f.order_id, v.id as version_id
from orders_fulfilmentline f
join orders_order o on o.id = f.order_id and o.state = 'submitted'
join catalog_item i on i.id = f.item_id
left join orchestration_assignment a on a.item_kind in ('', i.kind)
left join orchestration_policyversion v on v.policy_id = a.policy_id and v.state = 'published'
where f.order_id = any(%(orders)s::uuid[])
  and f.state in ('open', 'released', 'shipped')
  and not exists (select 1 from orchestration_run r where r.fulfilment_line_id = f.id)
order by f.id, (v.id is null), a.rank, a.id;

-- name: insert_runs
insert into orchestration_run (id, fulfilment_line_id, order_id, version_id, state, started_at)
select w.id, w.line_id, w.order_id, w.version_id, 'running', %(at)s
from unnest(%(ids)s::uuid[], %(lines)s::uuid[], %(orders)s::uuid[], %(versions)s::uuid[])
  as w(id, line_id, order_id, version_id)
on conflict (fulfilment_line_id) do nothing
returning id, version_id, order_id;

-- name: published_steps
select s.id, s.version_id, s.key, s.kind, s.position, s.after
from orchestration_step s
where s.version_id = any(%(versions)s::uuid[])
order by s.version_id, s.position;

-- name: ready_kinds
-- The kinds of which a step is ready, so that an idle worker asks once and not once a kind.
select k.kind from unnest(array['reserve', 'release', 'ship', 'perform', 'invoice', 'collect']) as k(kind)
where exists (
  select 1 from orchestration_stepstate st
  where st.state = 'ready' and st.kind = k.kind and st.due_at <= %(at)s
    and (%(orders)s::uuid[] is null
      or exists (select 1 from orchestration_run r where r.id = st.run_id and r.order_id = any(%(orders)s::uuid[]))));

-- name: claim_steps
-- Ready steps of one kind; other workers pass by what is claimed.
select st.id as state_id, st.run_id, st.step_id, r.version_id, r.fulfilment_line_id, r.order_id, st.attempts
from orchestration_stepstate st
join orchestration_run r on r.id = st.run_id
where st.state = 'ready' and st.kind = %(kind)s and st.due_at <= %(at)s
  and (%(orders)s::uuid[] is null or r.order_id = any(%(orders)s::uuid[]))
order by st.due_at, st.id
limit %(limit)s
for update of st skip locked;

-- name: lease_steps
-- Taken for work outside the transaction: comes back by itself if the worker dies.
update orchestration_stepstate set due_at = %(until)s where id = any(%(ids)s::uuid[]);

-- name: hold_leased
-- Those leased steps that are still this worker's, locked: not cancelled meanwhile, not leased anew after a long silence.
select st.id from orchestration_stepstate st
where st.id = any(%(ids)s::uuid[]) and st.state = 'ready' and st.due_at = %(until)s
order by st.id
for update;

-- name: settle_steps
-- Attempts count failures in a row: waiting for a day or an event is none.
update orchestration_stepstate st
set state = w.state, reason = w.reason, due_at = coalesce(w.due_at, st.due_at),
    attempts = case when w.is_failure then st.attempts + 1 else 0 end,
    finished_at = case when w.state = 'done' then %(at)s::timestamptz else null end
from unnest(%(ids)s::uuid[], %(states)s::text[], %(reasons)s::text[], %(dues)s::timestamptz[], %(failures)s::bool[])
  as w(id, state, reason, due_at, is_failure)
where st.id = w.id;

-- name: lock_runs
-- Two branches of a run that end at the same moment wait for each other, so that the later one sees both done.
select r.id from orchestration_run r where r.id = any(%(runs)s::uuid[]) order by r.id for no key update;

-- name: reached_steps
-- All steps that the given runs have reached, so that the next ones can be told.
select st.run_id, s.key, st.state
from orchestration_stepstate st
join orchestration_step s on s.id = st.step_id
where st.run_id = any(%(runs)s::uuid[]);

-- name: insert_step_states
insert into orchestration_stepstate (id, run_id, step_id, kind, state, due_at, attempts, reason, reached_at)
select w.id, w.run_id, w.step_id, w.kind, 'ready', %(at)s, 0, '', %(at)s
from unnest(%(ids)s::uuid[], %(runs)s::uuid[], %(steps)s::uuid[], %(kinds)s::text[]) as w(id, run_id, step_id, kind)
on conflict (run_id, step_id) do nothing;

-- name: finish_runs
-- Runs whose every step is done.
update orchestration_run r set state = 'done', finished_at = %(at)s
where r.id = any(%(runs)s::uuid[]) and r.state = 'running'
  and not exists (
    select 1 from orchestration_step s
    left join orchestration_stepstate st on st.run_id = r.id and st.step_id = s.id
    where s.version_id = r.version_id and st.state is distinct from 'done'
  )
returning r.order_id;

-- name: cancel_runs
-- Lines that were cancelled need no policy any more.
with gone as (
  update orchestration_run r set state = 'cancelled', finished_at = %(at)s
  from orders_fulfilmentline f
  where r.order_id = any(%(orders)s::uuid[]) and r.state = 'running'
    and f.id = r.fulfilment_line_id and f.state = 'cancelled'
  returning r.id
)
update orchestration_stepstate st set state = 'skipped', finished_at = %(at)s
from gone where st.run_id = gone.id and st.state in ('ready', 'waiting', 'failed');

-- name: wake_orders
-- Something happened to these orders: whatever waits looks again, and what is planned for a later day too. Steps that
-- are ready are touched as well, because one being tried at this moment is locked: this waits for it and then sees the
-- wait that was decided a moment too early. Those that failed before keep their day, and those leased their lease.
update orchestration_stepstate st
set state = 'ready',
    due_at = case when st.state = 'waiting' then %(at)s::timestamptz
                  when st.kind = 'collect' or st.attempts > 0 then st.due_at
                  else least(st.due_at, %(at)s::timestamptz) end
from orchestration_run r
where r.order_id = any(%(orders)s::uuid[]) and r.state = 'running' and st.run_id = r.id
  and st.state in ('waiting', 'ready');

-- name: wake_items
-- Supply of these items changed: lines that wait for it, and kits that contain it, look again. What is ready is touched
-- for the reason given above.
update orchestration_stepstate st
set state = 'ready', due_at = case when st.state = 'waiting' then %(at)s::timestamptz else st.due_at end
from orchestration_run r, orders_fulfilmentline f
where (st.state = 'waiting' or (st.state = 'ready' and st.due_at <= %(soon)s)) and st.kind in ('reserve', 'release')
  and r.id = st.run_id and f.id = r.fulfilment_line_id
  and f.item_id in (
    select i.id from catalog_item i where i.id = any(%(items)s::uuid[]) or i.sku = any(%(skus)s::text[])
    union all
    select k.kit_id from catalog_kitcomponent k join catalog_item i on i.id = k.component_id
    where i.id = any(%(items)s::uuid[]) or i.sku = any(%(skus)s::text[]));

-- name: wake_sites
-- Sites changed, perhaps opened: what waits to be released to them looks again.
update orchestration_stepstate st
set state = 'ready', due_at = case when st.state = 'waiting' then %(at)s::timestamptz else st.due_at end
from orchestration_run r, orders_fulfilmentline f
where (st.state = 'waiting' or (st.state = 'ready' and st.due_at <= %(soon)s)) and st.kind in ('reserve', 'release')
  and r.id = st.run_id and f.id = r.fulfilment_line_id
  and (f.site_id is null or f.site_id = any(%(sites)s::uuid[]));

-- name: wake_settled
-- Payments that could not be fetched and have come in another way.
update orchestration_stepstate st set state = 'ready', due_at = %(at)s
from orchestration_run r
where r.order_id = any(%(orders)s::uuid[]) and r.state = 'running' and st.run_id = r.id
  and st.state = 'failed' and st.kind = 'collect'
  and not exists (
    select 1 from billing_invoice v
    where v.order_id = r.order_id and v.kind = 'invoice' and v.gross > v.paid + v.credited);

-- name: items_of_orders
-- What these orders hold of supply, the parts of kits included: others wait for it when they let go.
select distinct coalesce(k.component_id, l.item_id)
from orders_orderline l left join catalog_kitcomponent k on k.kit_id = l.item_id
where l.order_id = any(%(orders)s::uuid[]);

-- name: orders_without_run
-- Orders with a line that no policy has served so far.
select distinct o.id
from orders_order o join orders_fulfilmentline f on f.order_id = o.id
where o.state = 'submitted' and f.state in ('open', 'released', 'shipped')
  and not exists (select 1 from orchestration_run r where r.fulfilment_line_id = f.id)
limit %(limit)s;

-- name: rewind_runs
-- The warehouse gave lines back: they begin again at the earliest of reserve, release and ship that they have been at.
with first as (
  select distinct on (st.run_id) st.id, st.run_id
  from orchestration_stepstate st
  where st.run_id = any(%(runs)s::uuid[]) and st.kind in ('reserve', 'release', 'ship')
  order by st.run_id, array_position(array['reserve', 'release', 'ship'], st.kind::text), st.id
), later as (
  delete from orchestration_stepstate st using first
  where st.run_id = first.run_id and st.kind in ('reserve', 'release', 'ship') and st.id <> first.id
)
update orchestration_stepstate st
set state = 'ready', due_at = %(at)s, finished_at = null, attempts = 0, reason = %(reason)s
from first where st.id = first.id;

-- name: retry_steps
update orchestration_stepstate st set state = 'ready', due_at = %(at)s, attempts = 0
from orchestration_run r
where st.id = any(%(ids)s::uuid[]) and st.state = 'failed' and r.id = st.run_id
returning st.id, r.order_id, st.kind;

-- name: line_facts
-- What the steps need to know about their lines.
select f.id, f.state, f.site_id, f.ship_on, o.id as order_id, o.state as order_state, o.payment_method,
  exists (select 1 from orders_hold h where h.order_id = o.id and h.released_at is null) as on_hold
from orders_fulfilmentline f
join orders_order o on o.id = f.order_id
where f.id = any(%(lines)s::uuid[]);

-- name: line_shipments
-- The shipment that carried each line, and whether anything of it is still to be billed.
select l.fulfilment_line_id, l.shipment_id, l.billed < l.quantity as to_bill
from fulfilment_shipmentline l
where l.fulfilment_line_id = any(%(lines)s::uuid[]);

-- name: line_invoices
-- The invoices of each line and what is open on them.
select distinct l.fulfilment_line_id, v.id as invoice_id, v.gross - v.paid - v.credited as open
from fulfilment_shipmentline l
join billing_invoiceline b on b.shipment_line_id = l.id
join billing_invoice v on v.id = b.invoice_id and v.kind = 'invoice'
where l.fulfilment_line_id = any(%(lines)s::uuid[]);

-- name: orders_with_open_attempts
-- Orders with a call to a payment provider whose outcome is not known (yet).
select distinct a.order_id from billing_paymentattempt a
where a.order_id = any(%(orders)s::uuid[]) and a.state in ('started', 'in_doubt');

-- name: closable_orders
-- Submitted orders of which nothing is open anywhere, with their perfect-order facts. A line is on time when it arrived
-- (or, unless the carrier told us, left early enough to arrive) by the first day promised.
select o.id,
  bool_and(f.state = 'shipped' or f.quantity = 0) as in_full,
  bool_and(f.state <> 'shipped' or f.first_arrive_on is null
    or coalesce((s.delivered_at at time zone 'utc')::date,
                (f.shipped_at at time zone 'utc')::date + coalesce(f.arrive_on - f.ship_on, 0)) <= f.first_arrive_on
  ) as on_time,
  not coalesce(bool_or(s.is_damaged or s.state = 'lost'), false) as undamaged,
  not exists (select 1 from billing_invoice c where c.order_id = o.id and c.kind = 'credit_note') as billed_right
from orders_order o
join orders_fulfilmentline f on f.order_id = o.id
left join fulfilment_shipmentline l on l.fulfilment_line_id = f.id
left join fulfilment_shipment s on s.id = l.shipment_id
where o.id = any(%(orders)s::uuid[]) and o.state = 'submitted'
group by o.id
having bool_and(f.state in ('shipped', 'cancelled')) and bool_or(f.state = 'shipped')
  and not bool_or(l.billed < l.quantity)
  and not exists (
    select 1 from billing_invoice v
    where v.order_id = o.id and v.kind = 'invoice' and v.gross > v.paid + v.credited)
  and not exists (select 1 from orchestration_run r where r.order_id = o.id and r.state = 'running')
order by o.id;

-- name: find_steps
-- Steps for screens: of one order, or all that failed, newest first.
select st.id as state_id, r.order_id, o.number as order_number, r.fulfilment_line_id, p.name as policy, s.key, s.name,
  s.kind, st.state, st.reason, st.attempts, st.due_at, st.reached_at, st.finished_at
from orchestration_stepstate st
join orchestration_run r on r.id = st.run_id
join orchestration_step s on s.id = st.step_id
join orchestration_policyversion v on v.id = r.version_id
join orchestration_policy p on p.id = v.policy_id
join orders_order o on o.id = r.order_id
where (%(orders)s::uuid[] is null or r.order_id = any(%(orders)s::uuid[]))
  and (%(state)s::text is null or st.state = %(state)s)
order by st.reached_at desc, st.id desc
limit %(limit)s;

-- name: count_failed
select count(*) from (select 1 from orchestration_stepstate where state = 'failed' limit 1000) f;
