-- name: live_subject
-- How much was written about a subject, and what came last: by the two indexes of the journal. The count makes it sure,
-- for a row that commits late has an older id.
with told as (
  select j.id, j.at, j.actor from platform_journalentry j where j.subject_id = %(subject)s
  union all
  select j.id, j.at, j.actor from platform_journalentry j
  where j.change ? 'order_id' and (j.change ->> 'order_id') = %(subject)s::text and j.subject_id <> %(subject)s
), last as (
  select id, at, actor from told order by id desc limit 1
)
select (select count(*) from told) as entries, l.id, l.at, l.actor, coalesce(u.name, '') as name
from last l left join identity_user u on u.email = l.actor;

-- name: live_house
-- The last entry of the whole journal that no transaction still running can precede.
select j.tx::text as entries, j.id, j.at, j.actor, coalesce(u.name, '') as name
from (
  select e.tx, e.id, e.at, e.actor from platform_journalentry e where e.tx < pg_snapshot_xmin(pg_current_snapshot())
  order by e.tx desc, e.id desc limit 1
) j left join identity_user u on u.email = j.actor;
