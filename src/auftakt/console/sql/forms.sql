-- name: last_change
-- Who changed a thing last, and when.
select actor, at from platform_journalentry where subject_id = %(subject)s order by id desc limit 1;
