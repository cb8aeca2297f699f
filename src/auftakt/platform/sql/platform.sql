-- name: read_journal
-- Entries after a reader's position that no transaction still in flight can precede.
select j.id, j.tx::text::bigint as tx, j.at, j.actor, j.verb, j.subject_type, j.subject_id, j.change
from platform_journalentry j
where (j.tx, j.id) > (%(tx)s::text::xid8, %(entry_id)s)
  and j.tx < pg_snapshot_xmin(pg_current_snapshot())
order by j.tx, j.id
limit %(limit)s;

-- name: lock_reader
-- One process at a time reads under a name; others pass by.
select tx, entry_id from platform_journalreader where name = %(name)s for update skip locked;

-- name: ensure_reader
insert into platform_journalreader (name, tx) values (%(name)s, 0) on conflict do nothing;

-- name: begin_reader
-- A new reader behind everything that no transaction still in flight can precede.
insert into platform_journalreader (name, tx, entry_id)
select %(name)s, coalesce(max(j.tx::text::bigint), 0), (array_agg(j.id))[1]
from (select tx, id from platform_journalentry where tx < pg_snapshot_xmin(pg_current_snapshot()) order by tx desc, id desc limit 1) j
on conflict do nothing;

-- name: hold_reader
select tx from platform_journalreader where name = %(name)s for update;

-- name: move_reader
update platform_journalreader set tx = %(tx)s, entry_id = %(entry_id)s where name = %(name)s;

-- name: read_horizon
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

-- name: pass_reader_over
update platform_journalreader set tx = %(to)s, entry_id = null where name = %(name)s and tx < %(to)s;

-- name: draw_numbers
-- The last of `count` gapless numbers; the row stays locked until commit.
insert into platform_sequence as s (name, value) values (%(name)s, %(count)s)
on conflict (name) do update set value = s.value + excluded.value
returning value;

-- name: next_serials
-- Numbers that need not be gapless: taken from a column's own counter, without waiting for anyone.
select nextval(pg_get_serial_sequence(%(table)s, %(column)s)) from generate_series(1, %(count)s);

-- name: claim_key
-- One process at a time works under an idempotency key; the claim ends with the session at the latest.
select pg_try_advisory_lock(hashtextextended(%(name)s, 7));

-- name: release_key
select pg_advisory_unlock(hashtextextended(%(name)s, 7));

-- name: recall_answer
select fingerprint, status, answer, headers from platform_idempotencykey where scope = %(scope)s and key = %(key)s;

-- name: keep_answer
insert into platform_idempotencykey (id, scope, key, fingerprint, status, answer, headers, created_at)
values (%(id)s, %(scope)s, %(key)s, %(fingerprint)s, %(status)s, %(answer)s, %(headers)s, %(at)s);

-- name: forget_answers
delete from platform_idempotencykey where created_at < %(before)s;

-- name: feed_journal
-- Entries after a position, for readers that keep their own; nothing still in flight can precede them.
select j.id, j.tx::text::bigint as tx, j.at, j.actor, j.verb, j.subject_type, j.subject_id, j.change
from platform_journalentry j
where (j.tx, j.id) > (%(tx)s::text::xid8, %(entry_id)s)
  and j.tx < pg_snapshot_xmin(pg_current_snapshot())
  and (%(verb)s = '' or j.verb = %(verb)s)
  and (%(subject_type)s = '' or j.subject_type = %(subject_type)s)
  and (%(subject_id)s::uuid is null or j.subject_id = %(subject_id)s)
order by j.tx, j.id
limit %(limit)s;

-- name: take_turn
-- One at a time works on a named thing, until its transaction ends.
select pg_advisory_xact_lock(hashtextextended(%(name)s, 11));

-- name: next_numbers
-- Counts of a column's own counter, and the numbers as the house writes them.
select n.serial, coalesce(r.prefix, %(prefix)s) ||
  lpad(n.serial::text, greatest(coalesce(r.digits, %(digits)s), length(n.serial::text)), '0') as number
from (
  select nextval(pg_get_serial_sequence(%(table)s, %(column)s)) as serial from generate_series(1, %(count)s)
) n left join platform_numberrange r on r.name = %(name)s
order by n.serial;

-- name: number_ranges
select name, prefix, digits from platform_numberrange where name = any(%(names)s::text[]);

-- name: lock_ranges
select pg_advisory_xact_lock(hashtextextended('auftakt number ranges', 11));

-- name: gapless_values
select name, value from platform_sequence where name = any(%(names)s::text[]);

-- name: save_range
insert into platform_numberrange as r (name, prefix, digits) values (%(name)s, %(prefix)s, %(digits)s)
on conflict (name) do update set prefix = excluded.prefix, digits = excluded.digits;

-- name: pass_by
select setval(q.seqrelid, %(count)s::bigint) from pg_sequence q
where q.seqrelid = pg_get_serial_sequence(%(table)s, %(column)s)::regclass
  and coalesce(pg_sequence_last_value(q.seqrelid), q.seqstart - 1) < %(count)s::bigint;

-- name: counter_of
select pg_get_serial_sequence(%(table)s, %(column)s);
