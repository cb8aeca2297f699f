-- name: verify_one_tax_rate_at_a_time
-- No two rates of one destination and category are in force on the same day.
select count(*) filter (where clash is not null) as violations, count(*) as checked,
       min(concat(country, ' ', region, ' ', tax_category, ': rates ', id, ' and ', clash, ' overlap'))
         filter (where clash is not null) as example
from (
  select r.id, r.country, r.region, r.tax_category, (
    select o.id from compliance_taxrate o
    where o.country = r.country and upper(o.region) = upper(r.region) and o.tax_category = r.tax_category
      and o.id > r.id
      and daterange(o.valid_from, o.valid_to) && daterange(r.valid_from, r.valid_to)
    limit 1
  ) as clash
  from compliance_taxrate r
) c;
