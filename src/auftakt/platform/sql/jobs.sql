-- name: read_jobs
select j.id, j.kind, j.title, j.arguments, j.file_id, j.actor, j.state, j.total, j.done, j.refused, j.checkpoint, j.result,
  j.fault, j.attempts, j.cancel_asked, j.created_at, j.started_at, j.touched_at, j.finished_at
from platform_job j where j.id = any(%(ids)s::uuid[]) order by j.id;

-- name: claim_job
-- One process at a time works on a job or ends it; the claim ends with the transaction, also when the process is killed.
select pg_try_advisory_xact_lock(hashtextextended(%(id)s::text, 11));

-- name: lock_jobs
select j.id, j.kind, j.state, j.actor from platform_job j where j.id = any(%(ids)s::uuid[]) order by j.id for no key update;

-- name: start_job
update platform_job j set state = 'running', started_at = coalesce(j.started_at, %(at)s), touched_at = %(at)s,
  attempts = j.attempts + 1
where j.id = %(id)s and j.state = 'queued';

-- name: next_rows
-- The rows that wait, in their order.
select r.id, r.position, r.key, r.label, r.state, r.findings
from platform_jobrow r where r.job_id = %(job)s and r.state = 'waiting'
order by r.position limit %(limit)s;

-- name: count_waiting
select count(*) from (
  select 1 from platform_jobrow r where r.job_id = %(job)s and r.state = 'waiting' limit 1) x;

-- name: store_results
-- What became of rows. A row that was not known before goes in; one that has its result already keeps it.
insert into platform_jobrow as r (id, job_id, position, key, label, state, findings)
select n.id, %(job)s, n.position, n.key, n.label, n.state, n.findings::jsonb
from unnest(%(ids)s::uuid[], %(positions)s::integer[], %(keys)s::text[], %(labels)s::text[], %(states)s::text[],
  %(findings)s::text[]) as n(id, position, key, label, state, findings)
on conflict (job_id, key) do update set
  state = excluded.state, findings = excluded.findings,
  label = case when excluded.label = '' then r.label else excluded.label end
where r.state = 'waiting'
returning r.state;

-- name: store_step
update platform_job j set done = j.done + %(done)s, refused = j.refused + %(refused)s, touched_at = %(at)s,
  checkpoint = coalesce(%(checkpoint)s::jsonb, j.checkpoint), total = coalesce(%(total)s, j.total),
  result = j.result || %(result)s::jsonb
where j.id = %(id)s;

-- name: end_job
update platform_job j set state = %(state)s::text, finished_at = %(at)s, touched_at = %(at)s, fault = %(fault)s,
  total = case when %(state)s::text = 'done' then j.done else j.total end, cancel_asked = false
where j.id = %(id)s;

-- name: ask_to_cancel
update platform_job j set cancel_asked = true where j.id = any(%(ids)s::uuid[]);

-- name: begin_again
-- From where it stood.
update platform_job j set state = 'queued', fault = '', finished_at = null, cancel_asked = false, touched_at = %(at)s
where j.id = any(%(ids)s::uuid[]);

-- name: wait_again
-- Rows wait again: those refused, or all.
with again as (
  update platform_jobrow r set state = 'waiting', findings = '[]'
  where r.job_id = %(job)s and r.state <> 'waiting' and (%(all)s or r.state = 'refused')
  returning 1
), counted as (
  select count(*) as rows from again
)
update platform_job j set done = case when %(all)s then 0 else j.done - c.rows end,
  refused = case when %(all)s then 0 else j.refused - c.rows end, result = '{}',
  checkpoint = case when %(all)s then '{}' else j.checkpoint end
from counted c where j.id = %(job)s;

-- name: forget_rows
-- A job that goes by its checkpoint begins from the start: what it told of its rows goes.
delete from platform_jobrow r where r.job_id = %(job)s;

-- name: list_jobs
-- The newest first, from a position on. A condition without its parameter is left out.
select j.id, j.kind, j.title, j.arguments, j.file_id, j.actor, j.state, j.total, j.done, j.refused, j.checkpoint, j.result,
  j.fault, j.attempts, j.cancel_asked, j.created_at, j.started_at, j.touched_at, j.finished_at
from platform_job j
where (%(actor)s = '' or j.actor = %(actor)s)
  and (%(state)s = '' or j.state = %(state)s)
  and (%(kind)s = '' or j.kind = %(kind)s)
  and (%(after)s::uuid is null or j.id < %(after)s)
order by j.id desc
limit %(limit)s;

-- name: list_rows
-- Rows of a job in their order, after a position.
select r.id, r.position, r.key, r.label, r.state, r.findings
from platform_jobrow r
where r.job_id = %(job)s and r.position > %(after)s and (%(state)s = '' or r.state = %(state)s)
order by r.position
limit %(limit)s;

-- name: count_findings
-- How often each problem was met, the most frequent first.
select f.value ->> 'code' as code, count(*) as rows
from platform_jobrow r cross join lateral jsonb_array_elements(r.findings) f
where r.job_id = %(job)s and r.state = 'refused'
group by 1 order by 2 desc, 1 limit 20;

-- name: list_notes
select n.id, n.at, n.code, n.facts, n.detail from platform_jobnote n where n.job_id = %(job)s order by n.id desc limit %(limit)s;

-- name: read_file
select f.id, f.filename, f.size, f.actor, f.created_at, f.content from platform_jobfile f where f.id = %(id)s;

-- name: read_files
select f.id, f.filename, f.size, f.actor, f.created_at from platform_jobfile f where f.id = any(%(ids)s::uuid[]);

-- name: left_jobs
-- Unfinished jobs that nobody works on and that have no message in the queue: their worker died.
select j.id from platform_job j
where j.state in ('queued', 'running') and j.touched_at < %(before)s
  and not exists (
    select 1 from procrastinate_jobs q
    where q.status = 'todo' and q.task_name = %(task)s and q.args ->> 'job_id' = j.id::text)
order by j.touched_at
limit 100;

-- name: drop_stalled_messages
-- Messages in the hands of workers that are no more.
delete from procrastinate_jobs q where q.status = 'doing' and q.worker_id is null;

-- name: prune_workers
select count(*) from procrastinate_prune_stalled_workers_v1(%(seconds)s);

-- name: worker_seen
-- When a worker last gave a sign of life.
select max(w.last_heartbeat) from procrastinate_workers w;

-- name: forget_files
-- Files whose last job ended long ago, or that no job was ever asked for.
delete from platform_jobfile f
where f.created_at < %(before)s and not exists (select 1 from platform_job j where j.file_id = f.id);

-- name: let_go_of_files
update platform_job j set file_id = null where j.file_id is not null and j.finished_at < %(before)s;
