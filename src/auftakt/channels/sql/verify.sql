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
