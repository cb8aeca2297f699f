-- name: verify_job_rows
-- A job counts as refused what its rows say, and is not done while a row waits.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select j.id::text as example,
    j.refused <> count(r.id) filter (where r.state = 'refused')
      or (j.state = 'done' and count(r.id) filter (where r.state = 'waiting') > 0) as wrong
  from platform_job j left join platform_jobrow r on r.job_id = j.id
  group by j.id
) x;
