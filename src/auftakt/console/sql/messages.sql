-- name: mail_list
-- The outbox, with the names of those who asked.
select m.id, m.subject, m.recipient, m.to_name, m.kind, m.language, m.about_number, m.state, m.reason, m.tries,
  m.next_try_at, m.created_at, coalesce(u.name, m.created_by) as asked_by, m.settled_at
from channels_mail m
left join identity_user u on u.email = m.created_by
where true
  and m.state = %(state)s -- if state
  and m.kind = %(kind)s -- if kind
  and (m.recipient ilike %(like)s or m.subject ilike %(like)s or m.about_number ilike %(start)s) -- if text
  and m.created_at >= %(made_from)s -- if made_from
  and m.created_at < %(made_to)s::date + 1 -- if made_to

-- name: webhook_list
-- The endpoints in use, and how many deliveries wait for each.
select w.id, w.url, w.description, array_to_string(w.events, ', ') as events, w.state, w.paused_reason, w.failures,
  w.created_at,
  (select count(*) from (
    select 1 from channels_webhookdelivery d where d.webhook_id = w.id and d.state = 'pending' limit 1000
  ) waiting) as pending
from channels_webhook w
where w.state <> 'retired'

-- name: delivery_list
-- Deliveries to endpoints.
select d.id, d.event, d.number, d.subject_type, d.webhook_id, w.url, d.state, d.code, d.reason, d.tries, d.happened_at,
  d.next_try_at, d.delivered_at
from channels_webhookdelivery d
join channels_webhook w on w.id = d.webhook_id
where true
  and d.webhook_id = %(webhook)s::uuid -- if webhook
  and d.state = %(state)s -- if state
  and (d.event ilike %(start)s or d.number ilike %(start)s) -- if text
  and d.happened_at >= %(happened_from)s -- if happened_from
  and d.happened_at < %(happened_to)s::date + 1 -- if happened_to
