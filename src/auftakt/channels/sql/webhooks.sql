-- name: add_webhooks
insert into channels_webhook (
  id, url, description, events, secret, old_secret, state, paused_reason, failures, created_at, created_by
)
select u.id, u.url, u.description, string_to_array(u.events, ' '), u.secret, '', 'active', '', 0, %(at)s::timestamptz,
  %(actor)s::text
from unnest(%(ids)s::uuid[], %(urls)s::text[], %(descriptions)s::text[], %(events)s::text[], %(secrets)s::text[])
  u(id, url, description, events, secret);

-- name: lock_webhooks
-- Endpoints in key order.
select w.id, w.url, w.description, w.events, w.secret, w.old_secret, w.old_until, w.state, w.failures, w.failing_since
from channels_webhook w where w.id = any(%(ids)s::uuid[]) order by w.id for update;

-- name: change_webhooks
update channels_webhook w
set url = u.url, description = u.description, events = string_to_array(u.events, ' ')
from unnest(%(ids)s::uuid[], %(urls)s::text[], %(descriptions)s::text[], %(events)s::text[]) u(id, url, description, events)
where w.id = u.id;

-- name: pause_webhooks
update channels_webhook w
set state = 'paused', paused_reason = u.reason, paused_at = %(at)s::timestamptz
from unnest(%(ids)s::uuid[], %(reasons)s::text[]) u(id, reason)
where w.id = u.id;

-- name: resume_webhooks
-- What waited goes out at once.
with woken as (
  update channels_webhook w
  set state = 'active', paused_reason = '', paused_at = null, failures = 0, failing_since = null, rest_until = null
  where w.id = any(%(ids)s::uuid[])
  returning w.id
)
update channels_webhookdelivery d
set next_try_at = %(at)s::timestamptz, tries = 0, first_try_at = null
from woken where d.webhook_id = woken.id and d.state = 'pending';

-- name: retire_webhooks
-- An endpoint that is gone gets nothing more; what waited for it does so no longer.
with gone as (
  update channels_webhook w set state = 'retired', paused_reason = '', paused_at = null
  where w.id = any(%(ids)s::uuid[])
  returning w.id
)
update channels_webhookdelivery d set state = 'cancelled'
from gone where d.webhook_id = gone.id and d.state = 'pending';

-- name: rotate_secrets
update channels_webhook w
set old_secret = w.secret, old_until = %(until)s::timestamptz, secret = u.secret
from unnest(%(ids)s::uuid[], %(secrets)s::text[]) u(id, secret)
where w.id = u.id;

-- name: listening_webhooks
-- Endpoints that are told of what happens; a paused one is told when it is back.
select w.id, w.events from channels_webhook w where w.state <> 'retired' order by w.id;

-- name: name_subjects
-- The numbers that people know the subjects of events by.
select s.subject_type, s.subject_id, coalesce(
  o.number, l.number, f.number, r.number, h.number, i.number, p.number, t.sku, c.number, n.code, m.about_number, ''
) as number
from unnest(%(types)s::text[], %(ids)s::uuid[]) s(subject_type, subject_id)
left join orders_order o on s.subject_type = 'order' and o.id = s.subject_id
left join lateral (
  select lo.number from orders_orderline ol join orders_order lo on lo.id = ol.order_id
  where s.subject_type = 'order_line' and ol.id = s.subject_id
) l on true
left join lateral (
  select fo.number from orders_fulfilmentline fl
  join orders_orderline ol on ol.id = fl.line_id join orders_order fo on fo.id = ol.order_id
  where s.subject_type = 'fulfilment_line' and fl.id = s.subject_id
) f on true
left join fulfilment_release r on s.subject_type = 'release' and r.id = s.subject_id
left join fulfilment_shipment h on s.subject_type = 'shipment' and h.id = s.subject_id
left join billing_invoice i on s.subject_type = 'invoice' and i.id = s.subject_id
left join parties_party p on s.subject_type = 'party' and p.id = s.subject_id
left join catalog_item t on s.subject_type = 'item' and t.id = s.subject_id
left join supply_purchaseorder c on s.subject_type = 'purchase_order' and c.id = s.subject_id
left join inventory_site n on s.subject_type = 'site' and n.id = s.subject_id
left join channels_mail m on s.subject_type = 'mail' and m.id = s.subject_id;

-- name: claim_deliveries
-- Deliveries that are due, for each endpoint in the order in which things happened; one whose subject has an earlier one
-- under way waits for it. Endpoints that fail are only probed. The claim ends by itself when its worker dies.
with due as (
  select c.id from channels_webhook w
  cross join lateral (
    select d.id from channels_webhookdelivery d
    where d.webhook_id = w.id and d.state = 'pending' and d.next_try_at <= %(at)s::timestamptz
      and not exists (
        select 1 from channels_webhookdelivery e
        where e.webhook_id = d.webhook_id and e.subject_id = d.subject_id and e.state = 'pending'
          and e.sequence < d.sequence
      )
    order by d.sequence
    limit %(each)s
    for update of d skip locked
  ) c
  where w.state = 'active' and (w.rest_until is null or w.rest_until <= %(at)s::timestamptz)
    and (w.failures > 0) = %(failing)s::boolean
  limit %(limit)s
)
update channels_webhookdelivery d
set tries = d.tries + 1, first_try_at = coalesce(d.first_try_at, %(at)s::timestamptz), next_try_at = %(until)s::timestamptz
from due, channels_webhook w
where d.id = due.id and w.id = d.webhook_id
returning d.id, d.webhook_id, w.url, d.event, d.body, d.tries, d.first_try_at, w.secret,
  case when w.old_until > %(at)s::timestamptz then w.old_secret else '' end as old_secret;

-- name: end_calls
update channels_webhookcall c
set ended_at = %(at)s::timestamptz, code = u.code, reason = u.reason, answer = u.answer, milliseconds = u.milliseconds
from unnest(%(ids)s::uuid[], %(codes)s::int[], %(reasons)s::text[], %(answers)s::text[], %(milliseconds)s::int[])
  u(id, code, reason, answer, milliseconds)
where c.id = u.id;

-- name: conclude_deliveries
-- What became of calls; a delivery that was delivered or cancelled meanwhile stays so.
update channels_webhookdelivery d
set state = u.state, code = u.code, reason = u.reason, next_try_at = coalesce(u.next_try_at, d.next_try_at),
  delivered_at = case when u.state = 'delivered' then %(at)s::timestamptz end
from unnest(%(ids)s::uuid[], %(states)s::text[], %(codes)s::int[], %(reasons)s::text[], %(nexts)s::timestamptz[])
  u(id, state, code, reason, next_try_at)
where d.id = u.id and d.state = 'pending';

-- name: note_health
update channels_webhook w
set failures = u.failures, failing_since = u.failing_since, rest_until = u.rest_until
from unnest(%(ids)s::uuid[], %(failures)s::int[], %(sinces)s::timestamptz[], %(rests)s::timestamptz[])
  u(id, failures, failing_since, rest_until)
where w.id = u.id;

-- name: lock_deliveries
select d.id, d.webhook_id, d.event, d.state, w.state as webhook_state
from channels_webhookdelivery d join channels_webhook w on w.id = d.webhook_id
where d.id = any(%(ids)s::uuid[]) order by d.id for update of d;

-- name: replay_deliveries
update channels_webhookdelivery d
set state = 'pending', tries = 0, first_try_at = null, next_try_at = %(at)s::timestamptz, code = null, reason = '',
  delivered_at = null
where d.id = any(%(ids)s::uuid[]);

-- name: replay_periods
-- All deliveries of endpoints whose events happened in a period.
with asked as (
  select * from unnest(%(webhooks)s::uuid[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[]) u(webhook_id, since, until)
), sent as (
  update channels_webhookdelivery d
  set state = 'pending', tries = 0, first_try_at = null, next_try_at = %(at)s::timestamptz, code = null, reason = '',
    delivered_at = null
  from asked a
  where d.webhook_id = a.webhook_id and d.happened_at >= a.since and d.happened_at < a.until
  returning d.webhook_id
)
select a.webhook_id, (select count(*) from sent s where s.webhook_id = a.webhook_id) from asked a;

-- name: forget_deliveries
-- What was delivered or given up long ago, some at a time, with its calls.
with old as (
  select d.id from channels_webhookdelivery d
  where d.state <> 'pending' and d.id < %(before)s::uuid
  order by d.id limit %(limit)s
), calls as (
  delete from channels_webhookcall c using old where c.delivery_id = old.id
)
delete from channels_webhookdelivery d using old where d.id = old.id;

-- name: read_webhooks
select w.id, w.url, w.description, w.events, w.state, w.paused_reason, w.paused_at, w.failures, w.failing_since, w.rest_until,
  w.old_until, w.created_at, w.created_by,
  (select count(*) from (
    select 1 from channels_webhookdelivery d where d.webhook_id = w.id and d.state = 'pending' limit 10000
  ) waiting) as pending
from channels_webhook w
where (%(ids)s::uuid[] is null or w.id = any(%(ids)s::uuid[])) and (%(retired)s::boolean or w.state <> 'retired')
order by w.id;

-- name: read_deliveries
select d.id, d.webhook_id, w.url, d.event, d.subject_type, d.subject_id, d.number, d.happened_at, d.state, d.tries, d.code,
  d.reason, d.next_try_at, d.delivered_at, d.created_at, d.body
from channels_webhookdelivery d join channels_webhook w on w.id = d.webhook_id
where d.id = any(%(ids)s::uuid[]) order by d.id;

-- name: list_deliveries
-- The newest first, behind the id `after`.
select d.id, d.webhook_id, w.url, d.event, d.subject_type, d.subject_id, d.number, d.happened_at, d.state, d.tries, d.code,
  d.reason, d.next_try_at, d.delivered_at, d.created_at
from channels_webhookdelivery d join channels_webhook w on w.id = d.webhook_id
where (%(webhook)s::uuid is null or d.webhook_id = %(webhook)s)
  and (%(state)s::text = '' or d.state = %(state)s)
  and (%(event)s::text = '' or d.event = %(event)s)
  and (%(subject)s::uuid is null or d.subject_id = %(subject)s)
  and (%(after)s::uuid is null or d.id < %(after)s)
order by d.id desc
limit %(limit)s;

-- name: read_calls
select c.id, c.delivery_id, c.started_at, c.ended_at, c.code, c.reason, c.answer, c.milliseconds
from channels_webhookcall c where c.delivery_id = any(%(ids)s::uuid[]) order by c.id;

-- name: wake_webhooks
-- A person wants to see now whether an endpoint answers: its rest is over.
update channels_webhook set rest_until = null where id = any(%(ids)s::uuid[]);
