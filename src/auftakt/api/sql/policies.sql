-- name: list_policies
-- Policies with their published version, its steps in order, and the kinds of items they serve.
select p.id, p.code, p.name, v.number as version, v.published_at,
  coalesce((select min(a.rank) from orchestration_assignment a where a.policy_id = p.id), 0) as rank,
  coalesce((select array_agg(a.item_kind order by a.item_kind) from orchestration_assignment a
    where a.policy_id = p.id), '{}') as item_kinds,
  coalesce((select jsonb_agg(jsonb_build_object('key', s.key, 'name', s.name, 'kind', s.kind, 'after', s.after,
      'lead_days', s.lead_days) order by s.position) from orchestration_step s where s.version_id = v.id),
    '[]'::jsonb)::text as steps
from orchestration_policy p
join orchestration_policyversion v on v.policy_id = p.id and v.state = 'published'
order by p.code;
