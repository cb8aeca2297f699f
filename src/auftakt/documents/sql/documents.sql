-- name: lock_papers
-- One transaction at a time adds versions of a paper; papers are locked in the order of their keys.
select pg_advisory_xact_lock(key)
from (
  select distinct hashtextextended(concat_ws('|', 'document', subject, kind, language), 0) as key
  from unnest(%(subjects)s::uuid[], %(kinds)s::text[], %(languages)s::text[]) as paper(subject, kind, language)
  order by key
) keys;

-- name: newest_versions
-- The newest version of each paper named, with the fingerprint of its content.
select distinct on (d.subject_id, d.kind, d.language) d.subject_id, d.kind, d.language, d.version, d.sha256, d.id
from documents_document d
join unnest(%(subjects)s::uuid[], %(kinds)s::text[], %(languages)s::text[]) as paper(subject, kind, language)
  on d.subject_id = paper.subject and d.kind = paper.kind and d.language = paper.language
order by d.subject_id, d.kind, d.language, d.version desc;

-- name: read_contents
select id, kind, subject_type, subject_id, number, version, language, filename, media_type, size, sha256, created_at,
  created_by, content
from documents_document where id = any(%(ids)s::uuid[]);

-- name: list_of_subjects
select id, kind, subject_type, subject_id, number, version, language, filename, media_type, size, sha256, created_at,
  created_by
from documents_document where subject_id = any(%(subjects)s::uuid[])
order by subject_id, kind, language, version desc;

-- name: list_documents
select id, kind, subject_type, subject_id, number, version, language, filename, media_type, size, sha256, created_at,
  created_by
from documents_document where id = any(%(ids)s::uuid[]);

-- name: list_views
select document_id, at, actor from documents_documentview where document_id = any(%(ids)s::uuid[]) order by id desc;
