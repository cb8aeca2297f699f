-- name: prefixes_of_others
-- Prefixes that papers of another range carry already: a year follows, then the count.
select given.name, given.prefix
from unnest(%(names)s::text[], %(prefixes)s::text[]) as given (name, prefix)
where exists (
  select from billing_invoice v
  where v.number ^@ given.prefix and substr(v.number, length(given.prefix) + 1) ~ '^[0-9]{4}-[0-9]+$'
    and v.kind || ':' || v.legal_entity_id <> given.name
) or exists (
  select from billing_reminder r
  where r.number ^@ given.prefix and substr(r.number, length(given.prefix) + 1) ~ '^[0-9]{4}-[0-9]+$'
    and 'reminder:' || r.legal_entity_id <> given.name
);
