-- name: insert_users
-- New users; an e-mail address that exists already is left out of the answer.
insert into identity_user (id, email, name, roles, password, language, site_code, is_active, created_at)
select id, email, name, string_to_array(roles, ' '), password, language, site_code, true, %(at)s
from unnest(%(ids)s::uuid[], %(emails)s::text[], %(names)s::text[], %(roles)s::text[], %(passwords)s::text[],
            %(languages)s::text[], %(sites)s::text[])
     as given (id, email, name, roles, password, language, site_code)
order by email
on conflict (email) do nothing
returning id;

-- name: lock_users
-- The users named, and every active administrator, so that the last of them can be seen and kept.
select id, email, name, roles, language, site_code, is_active, password
from identity_user
where id = any(%(ids)s) or (is_active and 'admin' = any(roles))
order by id
for update;

-- name: update_users
update identity_user u
set name = given.name, roles = string_to_array(given.roles, ' '), language = given.language,
    site_code = given.site_code, is_active = given.is_active
from unnest(%(ids)s::uuid[], %(names)s::text[], %(roles)s::text[], %(languages)s::text[], %(sites)s::text[],
            %(actives)s::boolean[])
     as given (id, name, roles, language, site_code, is_active)
where u.id = given.id;

-- name: update_passwords
update identity_user u set password = given.password
from unnest(%(ids)s::uuid[], %(passwords)s::text[]) as given (id, password)
where u.id = given.id;

-- name: revoke_keys
-- Keys that were still valid, now revoked.
with locked as (
    select id from identity_apikey where id = any(%(ids)s) and revoked_at is null order by id for update
)
update identity_apikey k set revoked_at = %(at)s from locked where k.id = locked.id
returning k.id;

-- name: known_keys
select id from identity_apikey where id = any(%(ids)s);

-- name: note_key_use
update identity_apikey set last_used_on = %(day)s
where id = any(%(ids)s) and last_used_on is distinct from %(day)s;
