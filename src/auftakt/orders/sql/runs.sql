-- name: read_run_lines
-- Open lines that may be promised anew, with all that is asked of promising and all that decides who comes first.
select f.id, f.order_id, f.line_id, f.item_id, f.base_quantity, f.quantity, f.state, f.site_id,
  coalesce(s.code, '') as site_code, f.ship_on, f.arrive_on, f.first_arrive_on, l.line_number, l.unit_id as unit, l.unit_factor,
  coalesce(l.requested_ship_on, o.requested_ship_on) as requested_ship_on,
  coalesce(l.requested_arrival_on, o.requested_arrival_on) as requested_arrival_on,
  o.number as order_number, o.priority, o.ordered_at, o.not_before_on, o.split_dates, o.split_sites, o.channel, o.customer_id,
  p.number as customer_number, p.segment, a.country, a.region
from orders_fulfilmentline f
join orders_order o on o.id = f.order_id and o.state = 'submitted'
join orders_orderline l on l.id = f.line_id
join parties_party p on p.id = o.customer_id
join parties_address a on a.id = o.ship_to_id
join catalog_item i on i.id = f.item_id
left join inventory_site s on s.id = f.site_id
where f.state = 'open' and i.kind in ('stocked', 'kit')
  and (%(site)s = '' or s.code = %(site)s) and (%(sku)s = '' or i.sku = %(sku)s)
  and (%(customer)s = '' or p.number = %(customer)s) and (%(segment)s = '' or p.segment = %(segment)s)
  and (%(channel)s = '' or o.channel = %(channel)s)
order by f.id;
