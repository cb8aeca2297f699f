-- name: insert_users
-- New users; an e-mail address that exists already is left out of the answer.
insert into identity_user (id, email, name, roles, password, language, site_code, formats, theme, density, is_active,
  created_at)
select id, email, name, string_to_array(roles, ' '), password, language, site_code, formats, '', 'comfortable', true, %(at)s
from unnest(%(ids)s::uuid[], %(emails)s::text[], %(names)s::text[], %(roles)s::text[], %(passwords)s::text[],
            %(languages)s::text[], %(sites)s::text[], %(formats)s::text[])
     as given (id, email, name, roles, password, language, site_code, formats)
order by email
on conflict (email) do nothing
returning id;

-- name: lock_users
-- The users named, and every active administrator, so that the last of them can be seen and kept.
select id, email, name, roles, language, site_code, is_active, password, formats, theme, density
from identity_user
where id = any(%(ids)s) or (is_active and 'admin' = any(roles))
order by id
for update;

-- name: update_users
update identity_user u
set name = given.name, roles = string_to_array(given.roles, ' '), language = given.language,
    site_code = given.site_code, is_active = given.is_active, formats = given.formats, theme = given.theme,
    density = given.density
from unnest(%(ids)s::uuid[], %(names)s::text[], %(roles)s::text[], %(languages)s::text[], %(sites)s::text[],
            %(actives)s::boolean[], %(formats)s::text[], %(themes)s::text[], %(densities)s::text[])
     as given (id, name, roles, language, site_code, is_active, formats, theme, density)
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

-- name: save_views
-- A view of the same owner, list and name takes the new query.
insert into identity_savedview (id, owner_id, list_name, name, query, is_shared)
select distinct on (owner, list_name, name) id, owner, list_name, name, query, shared
from unnest(%(ids)s::uuid[], %(owners)s::uuid[], %(lists)s::text[], %(names)s::text[], %(queries)s::text[],
            %(shares)s::boolean[]) with ordinality
     as given (id, owner, list_name, name, query, shared, place)
order by owner, list_name, name, place desc
on conflict (owner_id, list_name, name) do update set query = excluded.query, is_shared = excluded.is_shared
returning id, owner_id, list_name, name;

-- name: delete_views
delete from identity_savedview where id = any(%(ids)s::uuid[]) and owner_id = %(owner)s returning id;

-- name: save_layouts
insert into identity_layout (id, user_id, list_name, columns)
select id, user_id, list_name, string_to_array(columns, ' ')
from unnest(%(ids)s::uuid[], %(users)s::uuid[], %(lists)s::text[], %(columns)s::text[])
     as given (id, user_id, list_name, columns)
order by user_id, list_name
on conflict (user_id, list_name) do update set columns = excluded.columns;

-- name: views_of_list
-- The views of a list that a user may take: the own ones, then those that others share.
select v.id, v.list_name, v.name, v.query, v.is_shared, v.owner_id, u.name as owner_name
from identity_savedview v join identity_user u on u.id = v.owner_id
where v.list_name = %(list)s and (v.owner_id = %(user)s or v.is_shared)
order by (v.owner_id = %(user)s) desc, lower(v.name), v.id limit 100;

-- name: views_of_user
select v.id, v.list_name, v.name, v.query, v.is_shared, v.owner_id, u.name as owner_name
from identity_savedview v join identity_user u on u.id = v.owner_id
where v.owner_id = %(user)s order by v.list_name, lower(v.name), v.id limit 100;
