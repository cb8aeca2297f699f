-- name: verify_mail_outcomes
-- A mail that counts as sent was taken by a mail server, or a person says so; one being sent has exactly one open try.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select m.id::text as example,
    (m.state = 'sent' and not exists (
      select 1 from channels_mailattempt t where t.mail_id = m.id and t.outcome in ('sent', 'in_doubt')
    ))
    or (m.state = 'sending') <> exists (
      select 1 from channels_mailattempt t where t.mail_id = m.id and t.outcome = 'started'
    ) as wrong
  from channels_mail m
) x;

-- name: verify_mail_journal
-- Every mail in the outbox was journalled as asked for.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select m.id::text as example,
    not exists (
      select 1 from platform_journalentry j where j.subject_id = m.id and j.verb = 'mail.queued'
    ) as wrong
  from channels_mail m
) x;

-- name: verify_webhook_outcomes
-- A delivery that counts as delivered was taken by the other side.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select d.id::text as example,
    d.state = 'delivered' and not exists (
      select 1 from channels_webhookcall c where c.delivery_id = d.id and c.code between 200 and 299
    ) as wrong
  from channels_webhookdelivery d
) x;

-- name: verify_webhook_events
-- What an endpoint is told happened: it is in the journal, as the same event of the same subject.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select d.id::text as example,
    j.id is null or (j.verb, j.subject_type, j.subject_id) is distinct from (d.event, d.subject_type, d.subject_id) as wrong
  from channels_webhookdelivery d
  left join platform_journalentry j on j.id = d.entry_id
  where d.entry_id is not null
) x;
