-- name: queue_mails
-- New mails; what is known already by kind, matter, recipient and revision is not written twice.
insert into channels_mail (
  id, kind, recipient, to_name, reply_to, language, subject, text, html, about_type, about_id, about_number, order_id, revision,
  state, round, tries, next_try_at, reason, created_at, created_by, settled_by
)
select u.id, u.kind, u.recipient, u.to_name, u.reply_to, u.language, u.subject, u.text, u.html, u.about_type, u.about_id,
  u.about_number, u.order_id, u.revision, 'queued', 1, 0, %(at)s::timestamptz, '', %(at)s::timestamptz, %(actor)s::text, ''
from unnest(
  %(ids)s::uuid[], %(kinds)s::text[], %(recipients)s::text[], %(names)s::text[], %(replies)s::text[],
  %(languages)s::text[], %(subjects)s::text[], %(texts)s::text[], %(htmls)s::text[], %(about_types)s::text[],
  %(about_ids)s::uuid[], %(about_numbers)s::text[], %(orders)s::uuid[], %(revisions)s::text[]
) u(id, kind, recipient, to_name, reply_to, language, subject, text, html, about_type, about_id, about_number, order_id,
  revision)
order by u.kind, u.about_id, u.recipient, u.revision
on conflict (kind, about_id, recipient, revision) where state <> 'cancelled' do nothing
returning id;

-- name: known_mails
-- The mail that is there already for each kind, matter, recipient and revision.
select m.kind, m.about_id, m.recipient, m.revision, m.id
from channels_mail m
join unnest(%(kinds)s::text[], %(about_ids)s::uuid[], %(recipients)s::text[], %(revisions)s::text[])
  u(kind, about_id, recipient, revision)
  on m.kind = u.kind and m.about_id = u.about_id and m.recipient = u.recipient and m.revision = u.revision
where m.state <> 'cancelled';

-- name: claim_mail
-- The next mail that is due, and the try at it, stored before the call; mails being taken by others are passed by.
with due as (
  select m.id from channels_mail m
  where m.state = 'queued' and m.next_try_at <= %(at)s::timestamptz
  order by m.next_try_at, m.id
  limit 1
  for update skip locked
), tried as (
  insert into channels_mailattempt (id, mail_id, started_at, outcome, reason, server)
  select %(attempt)s::uuid, due.id, %(at)s::timestamptz, 'started', '', %(server)s::text from due
)
update channels_mail m
set state = 'sending', tries = m.tries + 1, first_try_at = coalesce(m.first_try_at, %(at)s::timestamptz)
from due where m.id = due.id
returning m.id, m.recipient, m.to_name, m.reply_to, m.language, m.subject, m.text, m.html, m.round, m.tries, m.first_try_at,
  m.created_at;

-- name: attached_documents
select a.document_id from channels_mailattachment a where a.mail_id = %(mail)s::uuid order by a.position;

-- name: end_mail_attempts
update channels_mailattempt t
set outcome = u.outcome, code = u.code, reason = u.reason, ended_at = %(at)s::timestamptz
from unnest(%(mails)s::uuid[], %(outcomes)s::text[], %(codes)s::int[], %(reasons)s::text[]) u(mail_id, outcome, code, reason)
where t.mail_id = u.mail_id and t.outcome = 'started';

-- name: lock_sending
-- Mails that are being sent, in key order.
select m.id, m.kind, m.recipient, m.about_number, m.order_id, m.state
from channels_mail m where m.id = any(%(ids)s::uuid[]) and m.state = 'sending' order by m.id for update;

-- name: conclude_mails
update channels_mail m
set state = u.state, reason = u.reason, next_try_at = coalesce(u.next_try_at, m.next_try_at),
  settled_at = case when u.state = 'queued' then null else %(at)s::timestamptz end,
  settled_by = case when u.state = 'queued' then '' else %(actor)s::text end
from unnest(%(ids)s::uuid[], %(states)s::text[], %(reasons)s::text[], %(nexts)s::timestamptz[])
  u(id, state, reason, next_try_at)
where m.id = u.id;

-- name: lost_mails
-- Mails whose sending began long ago and never ended: the worker that had them is gone.
select t.mail_id from channels_mailattempt t
join channels_mail m on m.id = t.mail_id
where t.outcome = 'started' and m.state = 'sending' and t.started_at < %(before)s::timestamptz
order by t.mail_id limit %(limit)s;

-- name: lock_mails
select m.id, m.kind, m.recipient, m.about_number, m.order_id, m.state
from channels_mail m where m.id = any(%(ids)s::uuid[]) order by m.id for update;

-- name: requeue_mails
update channels_mail m
set state = 'queued', round = m.round + case when m.state = 'queued' then 0 else 1 end, tries = 0, first_try_at = null,
  next_try_at = %(at)s::timestamptz, reason = '', settled_at = null, settled_by = ''
where m.id = any(%(ids)s::uuid[]);

-- name: settle_mails
-- What people decide of a mail: it is not to be sent, or it has arrived.
update channels_mail m
set state = %(state)s::text, reason = %(reason)s::text, settled_at = %(at)s::timestamptz, settled_by = %(actor)s::text
where m.id = any(%(ids)s::uuid[]);

-- name: read_mails
select m.id, m.kind, m.recipient, m.to_name, m.language, m.subject, m.about_type, m.about_id, m.about_number, m.order_id,
  m.state, m.tries, m.reason, m.next_try_at, m.created_at, m.created_by, m.settled_at, m.settled_by,
  m.text, m.html, m.reply_to
from channels_mail m where m.id = any(%(ids)s::uuid[]) order by m.id;

-- name: list_mails
-- The newest first, behind the id `after`.
select m.id, m.kind, m.recipient, m.to_name, m.language, m.subject, m.about_type, m.about_id, m.about_number, m.order_id,
  m.state, m.tries, m.reason, m.next_try_at, m.created_at, m.created_by, m.settled_at, m.settled_by
from channels_mail m
where (%(state)s::text = '' or m.state = %(state)s)
  and (%(kind)s::text = '' or m.kind = %(kind)s)
  and (%(to)s::text = '' or m.recipient like %(to)s)
  and (%(order_id)s::uuid is null or m.order_id = %(order_id)s)
  and (%(about_id)s::uuid is null or m.about_id = %(about_id)s)
  and (%(after)s::uuid is null or m.id < %(after)s)
order by m.id desc
limit %(limit)s;

-- name: read_mail_attempts
select t.id, t.mail_id, t.started_at, t.ended_at, t.outcome, t.code, t.reason, t.server
from channels_mailattempt t where t.mail_id = any(%(ids)s::uuid[]) order by t.mail_id, t.id;

-- name: count_mails
-- How many mails wait, and how many ask for a person.
select m.state, count(*) from channels_mail m
where m.state in ('queued', 'sending', 'failed', 'in_doubt') group by m.state;
