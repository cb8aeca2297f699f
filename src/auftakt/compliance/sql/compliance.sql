-- name: tax_rates
-- The rates of countries in force on any day of a span, in key order.
select id, country, region, tax_category, name, rate, valid_from, valid_to
from compliance_taxrate
where country = any(%(countries)s::text[])
  and (valid_from is null or valid_from <= %(until)s::date)
  and (valid_to is null or valid_to > %(since)s::date)
order by country, region, tax_category, valid_from nulls first;

-- name: all_rates
-- Every rate ever in force in some countries, or in all.
select id, country, region, tax_category, name, rate, valid_from, valid_to
from compliance_taxrate
where %(countries)s::text[] is null or country = any(%(countries)s::text[])
order by country, region, tax_category, valid_from nulls first;

-- name: keep_others_out
-- Periods are compared with all there are, so only one saves rates at a time; readers go on.
select pg_advisory_xact_lock(hashtext('compliance_taxrate'));

-- name: change_rates
update compliance_taxrate r
set name = w.name, rate = w.rate, valid_to = w.valid_to
from unnest(%(ids)s::uuid[], %(names)s::text[], %(rates)s::numeric[], %(ends)s::date[]) as w(id, name, rate, valid_to)
where r.id = w.id;
