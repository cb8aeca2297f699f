-- name: verify_positions_reachable
-- Every step reached has all its predecessors done, in the version of its run.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.id::text) filter (where x.wrong) as example
from (
  select st.id,
    s.version_id <> r.version_id
    or exists (
      select 1 from unnest(s.after) as a(key)
      where not exists (
        select 1 from orchestration_step p
        join orchestration_stepstate d on d.step_id = p.id and d.run_id = r.id and d.state = 'done'
        where p.version_id = r.version_id and p.key = a.key)) as wrong
  from orchestration_stepstate st
  join orchestration_step s on s.id = st.step_id
  join orchestration_run r on r.id = st.run_id
  where st.state <> 'skipped'
) x;

-- name: verify_runs_finished
-- A run is done when all steps of its version are, and only then; a running run has somewhere to be.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.id::text) filter (where x.wrong) as example
from (
  select r.id, case r.state
    when 'done' then (select count(*) from orchestration_step s where s.version_id = r.version_id)
                     <> (select count(*) from orchestration_stepstate st where st.run_id = r.id and st.state = 'done')
    when 'running' then not exists (
      select 1 from orchestration_stepstate st where st.run_id = r.id and st.state in ('ready', 'waiting', 'failed'))
    else false end as wrong
  from orchestration_run r
) x;

-- name: verify_closed_orders_are_done
-- A closed order has no run on its way and a record of its perfect-order facts.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.number) filter (where x.wrong) as example
from (
  select o.number,
    exists (select 1 from orchestration_run r where r.order_id = o.id and r.state = 'running')
    or not exists (select 1 from orders_closure c where c.order_id = o.id) as wrong
  from orders_order o where o.state = 'closed'
) x;

-- name: verify_published_versions
-- A policy in use has at most one published version, and a published version has steps.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.id::text) filter (where x.wrong) as example
from (
  select v.id, not exists (select 1 from orchestration_step s where s.version_id = v.id) as wrong
  from orchestration_policyversion v where v.state = 'published'
) x;
