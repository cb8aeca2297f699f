-- name: lock_parties
-- The stored cards of the numbers in a batch, locked against other writers of the same cards.
select id, number, kind, name, is_customer, is_supplier, segment, currency, language,
       coalesce(payment_terms_id, ''), vat_id, email, phone, notes
from parties_party
where number = any(%(numbers)s)
order by id
for no key update;

-- name: numbers_in_use
select number from parties_party where number = any(%(numbers)s) limit 1;

-- name: highest_count
-- The highest count among the numbers that begin with a prefix.
select coalesce(max(substr(number, length(%(prefix)s::text) + 1)::bigint), 0) from parties_party
where number like %(like)s and substr(number, length(%(prefix)s::text) + 1) ~ %(count)s;

-- name: insert_parties
-- New cards; a number that somebody else has just added is left out of the answer.
insert into parties_party (id, number, kind, name, is_customer, is_supplier, segment, currency, language,
                           payment_terms_id, vat_id, email, phone, notes, status, created_at)
select id, number, kind, name, is_customer, is_supplier, segment, currency, language,
       nullif(terms, ''), vat_id, email, phone, notes, %(status)s, %(at)s
from unnest(%(ids)s::uuid[], %(numbers)s::text[], %(kinds)s::text[], %(names)s::text[], %(customers)s::boolean[],
            %(suppliers)s::boolean[], %(segments)s::text[], %(currencies)s::text[], %(languages)s::text[],
            %(terms)s::text[], %(vat_ids)s::text[], %(emails)s::text[], %(phones)s::text[], %(notes)s::text[])
     as given (id, number, kind, name, is_customer, is_supplier, segment, currency, language, terms, vat_id, email,
               phone, notes)
order by number
on conflict (number) do nothing
returning id;

-- name: update_parties
update parties_party p
set kind = given.kind, name = given.name, is_customer = given.is_customer, is_supplier = given.is_supplier,
    segment = given.segment, currency = given.currency, language = given.language,
    payment_terms_id = nullif(given.terms, ''), vat_id = given.vat_id, email = given.email, phone = given.phone,
    notes = given.notes
from unnest(%(ids)s::uuid[], %(numbers)s::text[], %(kinds)s::text[], %(names)s::text[], %(customers)s::boolean[],
            %(suppliers)s::boolean[], %(segments)s::text[], %(currencies)s::text[], %(languages)s::text[],
            %(terms)s::text[], %(vat_ids)s::text[], %(emails)s::text[], %(phones)s::text[], %(notes)s::text[])
     as given (id, number, kind, name, is_customer, is_supplier, segment, currency, language, terms, vat_id, email,
               phone, notes)
where p.id = given.id;

-- name: lock_party_ids
select id, status, name from parties_party where id = any(%(ids)s) order by id for no key update;

-- name: set_status
update parties_party set status = %(status)s where id = any(%(ids)s);

-- name: read_addresses
-- Every address of the parties, the archived ones last.
select id, party_id, name, street, postal_code, city, region, country, phone, label, bills, ships,
       is_default_bill_to, is_default_ship_to, archived_at is not null as is_archived
from parties_address
where party_id = any(%(parties)s)
order by archived_at is not null, id;

-- name: retire_addresses
-- Archive what is gone, and take the flags off what gets new ones: no party may have two defaults at any moment.
update parties_address a
set is_default_bill_to = false, is_default_ship_to = false,
    archived_at = case when given.gone then %(at)s else a.archived_at end
from unnest(%(ids)s::uuid[], %(gone)s::boolean[]) as given (id, gone)
where a.id = given.id;

-- name: flag_addresses
update parties_address a
set bills = given.bills, ships = given.ships, is_default_bill_to = given.bill_to, is_default_ship_to = given.ship_to
from unnest(%(ids)s::uuid[], %(bills)s::boolean[], %(ships)s::boolean[], %(bill_tos)s::boolean[],
            %(ship_tos)s::boolean[]) as given (id, bills, ships, bill_to, ship_to)
where a.id = given.id;

-- name: read_contacts
select id, party_id, name, role, email, phone from parties_contact where party_id = any(%(parties)s) order by id;

-- name: delete_contacts
delete from parties_contact where id = any(%(ids)s);

-- name: update_contacts
update parties_contact c set role = given.role, email = given.email, phone = given.phone
from unnest(%(ids)s::uuid[], %(roles)s::text[], %(emails)s::text[], %(phones)s::text[])
     as given (id, role, email, phone)
where c.id = given.id;

-- name: lock_credit_lines
-- Credit lines in key order: whoever draws or gives back takes them in the same order as everybody else.
select party_id, currency, "limit", drawn
from parties_creditline
where party_id = any(%(parties)s)
order by party_id
for update;

-- name: set_credit_lines
insert into parties_creditline as line (party_id, currency, "limit", drawn)
select party_id, currency, credit_limit, 0
from unnest(%(parties)s::uuid[], %(currencies)s::text[], %(limits)s::numeric[]) as given (party_id, currency, credit_limit)
order by party_id
on conflict (party_id) do update set currency = excluded.currency, "limit" = excluded."limit";

-- name: delete_settled_draws
-- Holdings of nothing, before their credit line goes.
delete from parties_creditdraw where credit_line_id = any(%(parties)s) and amount = 0;

-- name: delete_credit_lines
delete from parties_creditline where party_id = any(%(parties)s) and drawn = 0;

-- name: move_credit
-- Add to what is drawn (less than nothing when it is given back). The table's CHECK is the guard.
update parties_creditline line set drawn = line.drawn + given.amount
from unnest(%(parties)s::uuid[], %(amounts)s::numeric[]) as given (party_id, amount)
where line.party_id = given.party_id;

-- name: hold_credit
-- Add to what a subject holds.
insert into parties_creditdraw as draw (id, credit_line_id, subject_id, amount, at)
select id, party_id, subject_id, amount, %(at)s
from unnest(%(ids)s::uuid[], %(parties)s::uuid[], %(subjects)s::uuid[], %(amounts)s::numeric[])
     as given (id, party_id, subject_id, amount)
order by party_id, subject_id
on conflict (credit_line_id, subject_id) do update set amount = draw.amount + excluded.amount, at = excluded.at;

-- name: read_draws
select credit_line_id, subject_id, amount
from parties_creditdraw
where credit_line_id = any(%(parties)s) and subject_id = any(%(subjects)s);

-- name: release_credit
update parties_creditdraw draw set amount = draw.amount - given.amount, at = %(at)s
from unnest(%(parties)s::uuid[], %(subjects)s::uuid[], %(amounts)s::numeric[]) as given (party_id, subject_id, amount)
where draw.credit_line_id = given.party_id and draw.subject_id = given.subject_id;

-- name: save_terms
-- Add or change payment terms; what is the same already is left alone and out of the answer.
insert into parties_paymentterms as terms (code, name, due_days, discount_days, discount_percent, prepaid)
select code, name, due_days, discount_days, discount_percent, prepaid
from unnest(%(codes)s::text[], %(names)s::text[], %(due)s::int[], %(discount_days)s::int[], %(percents)s::numeric[],
            %(prepaid)s::boolean[]) as given (code, name, due_days, discount_days, discount_percent, prepaid)
order by code
on conflict (code) do update
set name = excluded.name, due_days = excluded.due_days, discount_days = excluded.discount_days,
    discount_percent = excluded.discount_percent, prepaid = excluded.prepaid
where (terms.name, terms.due_days, terms.discount_days, terms.discount_percent, terms.prepaid) is distinct from
      (excluded.name, excluded.due_days, excluded.discount_days, excluded.discount_percent, excluded.prepaid)
returning code;

-- name: save_entities
-- Add or change companies of ours; what is the same already is left alone and out of the answer.
insert into parties_legalentity as entity (id, code, name, street, postal_code, city, region, country, vat_id, email,
                                           iban, bank_name, currency, tax_rounding)
select id, code, name, street, postal_code, city, region, country, vat_id, email, iban, bank_name, currency, rounding
from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(streets)s::text[], %(postal_codes)s::text[],
            %(cities)s::text[], %(regions)s::text[], %(countries)s::text[], %(vat_ids)s::text[], %(emails)s::text[],
            %(ibans)s::text[], %(banks)s::text[], %(currencies)s::text[], %(roundings)s::text[])
     as given (id, code, name, street, postal_code, city, region, country, vat_id, email, iban, bank_name, currency,
               rounding)
order by code
on conflict (code) do update
set name = excluded.name, street = excluded.street, postal_code = excluded.postal_code, city = excluded.city,
    region = excluded.region, country = excluded.country, vat_id = excluded.vat_id, email = excluded.email,
    iban = excluded.iban, bank_name = excluded.bank_name, currency = excluded.currency,
    tax_rounding = excluded.tax_rounding
where (entity.name, entity.street, entity.postal_code, entity.city, entity.region, entity.country, entity.vat_id,
       entity.email, entity.iban, entity.bank_name, entity.currency, entity.tax_rounding) is distinct from
      (excluded.name, excluded.street, excluded.postal_code, excluded.city, excluded.region, excluded.country,
       excluded.vat_id, excluded.email, excluded.iban, excluded.bank_name, excluded.currency, excluded.tax_rounding)
returning id, code;

-- name: entity_ids
select code, id from parties_legalentity where code = any(%(codes)s);

-- name: read_customers_by_number
select p.id, p.number, p.name, p.status, p.segment, p.currency, p.language, p.is_customer, p.is_supplier, p.email,
       t.code, t.name, t.due_days, t.discount_days, t.discount_percent, t.prepaid
from parties_party p
left join parties_paymentterms t on t.code = p.payment_terms_id
where p.number = any(%(keys)s);

-- name: read_customers
select p.id, p.number, p.name, p.status, p.segment, p.currency, p.language, p.is_customer, p.is_supplier, p.email,
       t.code, t.name, t.due_days, t.discount_days, t.discount_percent, t.prepaid
from parties_party p
left join parties_paymentterms t on t.code = p.payment_terms_id
where p.id = any(%(keys)s);

-- name: read_active_addresses
select id, party_id, name, street, postal_code, city, region, country, phone, label, bills, ships,
       is_default_bill_to, is_default_ship_to
from parties_address
where party_id = any(%(parties)s) and archived_at is null
order by id;

-- name: read_addresses_by_id
select id, party_id, name, street, postal_code, city, region, country, phone, label, bills, ships,
       is_default_bill_to, is_default_ship_to
from parties_address
where id = any(%(ids)s);

-- name: read_credit
select party_id, currency, "limit", drawn from parties_creditline where party_id = any(%(parties)s);

-- name: search_parties
-- By number or name: the exact number first, then names that begin with the text, then those that hold it.
select p.id, p.number, p.name, coalesce(a.city, ''), coalesce(a.country, ''), p.is_customer, p.is_supplier, p.status
from parties_party p
left join lateral (
    select city, country from parties_address
    where party_id = p.id and archived_at is null
    order by is_default_ship_to desc, id
    limit 1
) a on true
where p.number ilike %(begins)s or p.name ilike %(holds)s or p.email ilike %(begins)s
order by lower(p.number) <> lower(%(text)s), p.name not ilike %(begins)s, p.name, p.id
limit %(limit)s;

-- name: list_parties
-- One page in the order of numbers.
select id, number, kind, name, is_customer, is_supplier, segment, currency, language,
       coalesce(payment_terms_id, ''), vat_id, email, phone, status, notes, created_at
from parties_party
where number > %(after)s
  and (%(holds)s = '' or number ilike %(holds)s or name ilike %(holds)s or email ilike %(holds)s)
  and (%(role)s = '' or case %(role)s when 'customer' then is_customer when 'supplier' then is_supplier end)
  and (%(segment)s = '' or segment = %(segment)s)
  and (%(status)s = '' or status = %(status)s)
order by number
limit %(limit)s;

-- name: read_cards
select id, number, kind, name, is_customer, is_supplier, segment, currency, language,
       coalesce(payment_terms_id, ''), vat_id, email, phone, status, notes, created_at
from parties_party
where id = any(%(ids)s);

-- name: list_segments
select distinct segment from parties_party where segment <> '' order by segment;

-- name: party_currencies
select id, currency from parties_party where id = any(%(ids)s);

-- name: list_terms
select code from parties_paymentterms;

-- name: read_legal_entities
-- Our own companies by code; every order asks for them.
select id, code, name, street, postal_code, city, region, country, vat_id, email, iban, bank_name, currency, tax_rounding
from parties_legalentity order by code;

-- name: remove_notes
-- Notes that are shown, taken away; those taken away already are left out.
update parties_partynote set removed_at = %(at)s, removed_by = %(actor)s
where id = any(%(ids)s::uuid[]) and removed_at is null returning id, party_id, text;
