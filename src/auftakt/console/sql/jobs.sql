-- name: job_list
-- Long work, with the names of those who asked for it.
select j.id, j.kind, j.title, j.actor, coalesce(u.name, j.actor) as asked_by, j.state, j.total, j.done, j.refused,
  j.created_at, j.finished_at
from platform_job j
left join identity_user u on u.email = j.actor
where true
  and j.actor = %(mine)s -- if mine
  and j.state = %(state)s -- if state
  and j.kind = %(kind)s -- if kind

-- name: job_rows
-- What became of the rows of one job.
select r.id, r.position, r.key, r.label, r.state, r.findings
from platform_jobrow r
where r.job_id = %(job)s
  and r.state = %(state)s -- if state
