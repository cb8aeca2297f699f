-- name: verify_document_content
-- What is on file is what was filed: the fingerprint and the size still fit the content.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select d.id::text as example,
    d.sha256 <> encode(sha256(d.content), 'hex') or d.size <> octet_length(d.content) as wrong
  from documents_document d
) x;

-- name: verify_document_versions
-- The versions of a paper are counted from one, without gaps.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select d.kind || ' ' || d.subject_id as example, max(d.version) <> count(*) or min(d.version) <> 1 as wrong
  from documents_document d group by d.subject_id, d.kind, d.language
) x;

-- name: verify_document_journal
-- Every document on file was journalled as filed.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.example) filter (where x.wrong) as example
from (
  select d.id::text as example,
    not exists (
      select 1 from platform_journalentry j where j.subject_id = d.id and j.verb = 'document.filed'
    ) as wrong
  from documents_document d
) x;
