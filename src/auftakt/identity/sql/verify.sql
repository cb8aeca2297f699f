-- name: verify_active_admin
-- Where there are users, at least one active administrator is among them.
select count(*) filter (where users > 0 and admins = 0) as violations, count(*) as checked,
       min('no active administrator among ' || users || ' users') filter (where users > 0 and admins = 0) as example
from (
    select count(*) as users, count(*) filter (where is_active and 'admin' = any(roles)) as admins from identity_user
) as counted;

-- name: verify_key_digests
-- A key is stored as a SHA-256 digest and never as the secret itself.
select count(*) filter (where bad) as violations, count(*) as checked,
       min(prefix) filter (where bad) as example
from (select prefix, secret_sha256 !~ '^[0-9a-f]{64}$' or prefix !~ '^auf_[0-9a-f]{8}$' as bad from identity_apikey) k;
