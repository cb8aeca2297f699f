-- name: journal_list
-- What happened, by whom. Each condition has an index that also gives the order, or is about one subject.
select j.id, j.at, j.actor, j.verb, j.subject_type, j.subject_id, j.change, coalesce(u.name, j.actor) as who
from platform_journalentry j
left join identity_user u on u.email = j.actor
where true
  and j.verb = %(verb)s -- if verb
  and j.actor = %(actor)s -- if actor
  and j.at >= %(since)s::timestamptz -- if since
  and j.at < %(until)s::timestamptz -- if until
  and (j.subject_id = any(%(subjects)s::uuid[]) or (j.change ? 'order_id' and (j.change ->> 'order_id') = any(%(subjects)s::text[]))) -- if subjects

-- name: journal_actors
-- Everybody who ever acted, by hops through the index: its cost is their number, not that of what they did.
with recursive hop as (
  (select actor from platform_journalentry order by actor limit 1)
  union all
  select (select j.actor from platform_journalentry j where j.actor > h.actor order by j.actor limit 1)
  from hop h where h.actor is not null
)
select h.actor, coalesce(u.name, h.actor) as name
from hop h left join identity_user u on u.email = h.actor
where h.actor is not null
order by 2, 1 limit 300;

-- name: journal_find
-- What people know by a number, a code or an address: the ids of all that are called so.
select id from orders_order where number = %(text)s
union all select id from billing_invoice where number = %(text)s
union all select id from parties_party where number = %(text)s
union all select id from catalog_item where sku = %(text)s
union all select id from supply_purchaseorder where number = %(text)s
union all select id from inventory_site where code = %(text)s
union all select id from identity_user where email = lower(%(text)s)
limit 20;

-- name: journal_subjects
-- What the subjects of a page of the journal are called.
select 'order' as kind, id, number as name from orders_order where id = any(%(ids)s::uuid[])
union all select 'invoice', id, number from billing_invoice where id = any(%(ids)s::uuid[])
union all select 'party', id, number from parties_party where id = any(%(ids)s::uuid[])
union all select 'item', id, sku from catalog_item where id = any(%(ids)s::uuid[])
union all select 'shipment', id, number from fulfilment_shipment where id = any(%(ids)s::uuid[])
union all select 'release', id, number from fulfilment_release where id = any(%(ids)s::uuid[])
union all select 'purchase_order', id, number from supply_purchaseorder where id = any(%(ids)s::uuid[])
union all select 'site', id, code from inventory_site where id = any(%(ids)s::uuid[])
union all select 'user', id, name from identity_user where id = any(%(ids)s::uuid[])
union all select 'document', id, filename from documents_document where id = any(%(ids)s::uuid[])
union all select 'price_list', id, code from pricing_pricelist where id = any(%(ids)s::uuid[])
union all select 'job', id, kind from platform_job where id = any(%(ids)s::uuid[]);
