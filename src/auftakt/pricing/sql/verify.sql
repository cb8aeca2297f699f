-- name: verify_prices_of_active_lists
-- A price's unit is the item's base unit or one it trades in.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.id::text) filter (where x.wrong) as example
from (
  select p.id, p.unit_id <> i.unit_id
    and not exists (select 1 from catalog_itemunit u where u.item_id = i.id and u.unit_id = p.unit_id) as wrong
  from pricing_price p join catalog_item i on i.id = p.item_id
) x;

-- name: verify_discounts
-- A percentage is at most 100; an amount names its currency.
select count(*) filter (where x.wrong) as violations, count(*) as checked, min(x.code) filter (where x.wrong) as example
from (
  select code, case kind when 'percent' then value > 100 when 'amount' then currency = '' else true end as wrong
  from pricing_discount
) x;
