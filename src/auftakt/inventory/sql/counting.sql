-- name: save_tolerances
insert into inventory_counttolerance as t (site_id, percent, value)
select * from unnest(%(sites)s::uuid[], %(percents)s::numeric[], %(values)s::numeric[]) order by 1
on conflict (site_id) do update set percent = excluded.percent, value = excluded.value
where (t.percent, t.value) is distinct from (excluded.percent, excluded.value)
returning site_id;

-- name: tolerances
select site_id, percent, value from inventory_counttolerance;

-- name: items_to_count
-- Items with stock at a site that nobody counts already, as a plan chooses them. Turnover is how often they left within
-- a year: class A is the first fifth of them, B the next three tenths, C the rest.
with stocked as (
  select b.item_id, i.sku, p.bin_id, n.walk, n.code
  from inventory_bucket b
  join catalog_item i on i.id = b.item_id
  left join inventory_placing p on p.item_id = b.item_id and p.site_id = b.site_id
  left join inventory_bin n on n.id = p.bin_id
  where b.site_id = %(site)s and b.kind = 'on_hand'
    and not exists (select from inventory_countline l
                    where l.site_id = b.site_id and l.item_id = b.item_id and l.state in ('open', 'waiting'))
), ranked as (
  select s.*, percent_rank() over (order by t.moves desc, s.sku) as rank,
         (select max(l.counted_at) from inventory_countline l
          where l.item_id = s.item_id and l.site_id = %(site)s) as counted_at
  from stocked s
  left join lateral (
    select count(*) as moves from inventory_move m
    join inventory_location o on o.id = m.taken_from_id and o.site_id = %(site)s and o.kind = 'stock'
    where m.item_id = s.item_id and m.at >= %(since)s and %(choose)s = 'abc'
  ) t on true
)
select r.item_id
from ranked r
where case %(choose)s
  when 'items' then r.sku = any(%(skus)s::text[])
  when 'bins' then r.bin_id is not null
    and (%(first)s = '' or r.walk collate "C" >=
         (select f.walk from inventory_bin f where f.site_id = %(site)s and f.code = %(first)s))
    and (%(last)s = '' or r.walk collate "C" <=
         (select t.walk from inventory_bin t where t.site_id = %(site)s and t.code = %(last)s))
  when 'abc' then %(abc)s = case when r.rank < 0.2 then 'A' when r.rank < 0.5 then 'B' else 'C' end
  else true end
order by case when %(choose)s = 'random' then md5(r.item_id::text || %(seed)s) end,
         case when %(choose)s = 'longest' then coalesce(r.counted_at, timestamptz 'epoch') end,
         r.walk collate "C" nulls last, r.sku
limit %(most)s;

-- name: lock_count_lines
select l.id from inventory_countline l where l.id = any(%(ids)s::uuid[]) order by l.id for update;

-- name: count_lines
-- Lines of count lists by id, of a list, or in a state; in the order somebody walks past them.
select l.id, l.list_id, c.number, l.site_id, s.code, c.due_on, l.item_id, i.sku, i.name, i.unit_id, i.tracking, l.state,
       l.books, l.counted, l.unit_value, l.counted_by, l.counted_at, l.decided_by, l.reason, l.note
from inventory_countline l
join inventory_countlist c on c.id = l.list_id
join inventory_site s on s.id = l.site_id
join catalog_item i on i.id = l.item_id
left join inventory_placing p on p.item_id = l.item_id and p.site_id = l.site_id
left join inventory_bin n on n.id = p.bin_id
where (%(ids)s::uuid[] is null or l.id = any(%(ids)s::uuid[]))
  and (%(list)s::uuid is null or l.list_id = %(list)s::uuid)
  and (%(state)s::text is null or l.state = %(state)s::text)
  and (%(site)s::uuid is null or l.site_id = %(site)s::uuid)
order by n.walk collate "C" nulls last, i.sku, l.id
limit %(limit)s;

-- name: lots_of_counts
select line_id, number, difference, expires_on from inventory_countlot where line_id = any(%(lines)s::uuid[]) order by 1, 2;

-- name: waiting_at
select site_id, item_id, id from inventory_countline
where state = 'waiting' and (site_id, item_id) in (select * from unnest(%(sites)s::uuid[], %(items)s::uuid[]));

-- name: enter_counts
update inventory_countline l
set state = w.state, books = w.books, counted = w.counted, unit_value = w.unit_value, note = w.note,
    counted_by = %(actor)s, counted_at = %(at)s, decided_by = '', decided_at = null, reason = ''
from unnest(%(ids)s::uuid[], %(states)s::text[], %(books)s::numeric[], %(counted)s::numeric[],
            %(unit_values)s::numeric[], %(notes)s::text[]) as w(id, state, books, counted, unit_value, note)
where l.id = w.id;

-- name: clear_count_lots
delete from inventory_countlot where line_id = any(%(lines)s::uuid[]);

-- name: decide_counts
update inventory_countline l
set state = w.state, reason = w.reason, decided_by = %(actor)s, decided_at = %(at)s
from unnest(%(ids)s::uuid[], %(states)s::text[], %(reasons)s::text[]) as w(id, state, reason)
where l.id = w.id;

-- name: set_count_states
update inventory_countline l set state = w.state
from unnest(%(ids)s::uuid[], %(states)s::text[]) as w(id, state)
where l.id = w.id;

-- name: count_lists
-- Count lists with something left to count, those due first in front; or all.
select c.id, c.number, s.code, c.due_on, c.chosen_by, c.note,
       count(*) as lines, count(*) filter (where l.state = 'open') as open,
       count(*) filter (where l.state = 'waiting') as waiting
from inventory_countlist c
join inventory_site s on s.id = c.site_id
join inventory_countline l on l.list_id = c.id
where (%(site)s::uuid is null or c.site_id = %(site)s::uuid)
group by c.id, s.code
having %(all)s or count(*) filter (where l.state = 'open') > 0
order by c.due_on, c.serial
limit %(limit)s;
