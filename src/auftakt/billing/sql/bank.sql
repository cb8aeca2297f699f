-- name: lock_taking
-- Statements are taken one after another, so that a line is new to one of them only.
select pg_advisory_xact_lock(hashtext(current_schema() || '.billing_bankline'));

-- name: read_known_lines
select l.account, l.reference
from unnest(%(accounts)s::text[], %(references)s::text[]) u(account, reference)
join billing_bankline l on l.account = u.account and l.reference = u.reference;

-- name: lock_bank_lines
select l.id, l.account, l.reference, l.valued_on, l.booked_on, l.amount, l.currency, l.payer, l.payer_account, l.text, l.state
from billing_bankline l
where l.id = any(%(ids)s::uuid[])
order by l.id
for update;

-- name: settle_bank_lines
update billing_bankline l
set state = u.state, payment_id = u.payment_id, reason = u.reason,
    settled_at = case when u.state = 'waiting' then null else %(at)s::timestamptz end,
    settled_by = case when u.state = 'waiting' then '' else %(actor)s::text end
from unnest(%(ids)s::uuid[], %(states)s::text[], %(payments)s::uuid[], %(reasons)s::text[])
    u(id, state, payment_id, reason)
where l.id = u.id;

-- name: list_bank_lines
-- The oldest waiting first; for any other state the newest first.
select
    l.id, l.account, l.reference, l.booked_on, l.valued_on, l.amount, l.currency, l.payer, l.payer_account, l.text,
    l.state, l.payment_id, l.reason, l.settled_by, s.filename, s.taken_at
from billing_bankline l
join billing_bankstatement s on s.id = l.statement_id
where (%(state)s::text = '' or l.state = %(state)s::text)
  and (not %(any_of)s::boolean or l.id = any(%(ids)s::uuid[]))
order by
    case when %(state)s::text = 'waiting' then l.booked_on end, l.booked_on desc, l.id
limit %(limit)s::int;

-- name: read_taken_references
-- References of payments that a bank line brought already.
select y.reference
from billing_payment y
join billing_bankline l on l.payment_id = y.id
where y.method = 'bank_transfer' and y.reference = any(%(references)s::text[]) and y.reference <> '';
