-- name: verify_credit_drawn
-- What is drawn from a credit line is what its subjects hold.
select count(*) filter (where bad) as violations, count(*) as checked, min(example) filter (where bad) as example
from (
    select line.drawn <> coalesce(sum(draw.amount), 0) as bad,
           'party ' || line.party_id || ': drawn ' || line.drawn || ', held ' || coalesce(sum(draw.amount), 0) as example
    from parties_creditline line
    left join parties_creditdraw draw on draw.credit_line_id = line.party_id
    group by line.party_id
) each_line;

-- name: verify_default_addresses
-- A party with addresses in use that bill (or ship) has exactly one default for it, and that one does bill (or ship).
select count(*) filter (where bad) as violations, count(*) as checked, min(example) filter (where bad) as example
from (
    select 'party ' || party_id as example,
           count(*) filter (where is_default_bill_to) <> case when bool_or(bills) then 1 else 0 end
           or count(*) filter (where is_default_ship_to) <> case when bool_or(ships) then 1 else 0 end
           or bool_or(is_default_bill_to and not bills) or bool_or(is_default_ship_to and not ships) as bad
    from parties_address
    where archived_at is null
    group by party_id
) each_party;

-- name: verify_archived_addresses
-- An archived address is nobody's default.
select count(*) filter (where bad) as violations, count(*) as checked, min(example) filter (where bad) as example
from (
    select is_default_bill_to or is_default_ship_to as bad, 'address ' || id as example
    from parties_address
    where archived_at is not null
) each_address;
