-- name: read_order_answers
-- Orders as the API answers them, as ready JSON text: head, totals, lines with their promises.
select o.id, o.revision, o.state, o.content_sha256,
  json_build_object(
    'id', o.id, 'number', o.number, 'state', o.state, 'revision', o.revision, 'source_system', o.source_system,
    'external_reference', o.external_reference, 'customer_number', c.number, 'currency', o.currency,
    'net', trim_scale(o.net)::text, 'tax', trim_scale(o.tax)::text, 'gross', trim_scale(o.gross)::text,
    'lines', coalesce((
      select json_agg(json_build_object(
        'id', l.id, 'line_number', l.line_number, 'line', l.external_line_id, 'sku', i.sku, 'unit', l.unit_id,
        'quantity', trim_scale(l.quantity)::text, 'cancelled', trim_scale(l.cancelled)::text,
        'unit_price', trim_scale(l.unit_price)::text, 'net', trim_scale(l.net)::text, 'tax', trim_scale(l.tax)::text,
        'gross', trim_scale(l.gross)::text,
        'promises', coalesce((
          select json_agg(json_build_object(
            'id', f.id, 'quantity', trim_scale(f.quantity)::text, 'state', f.state, 'site', s.code,
            'ship_on', f.ship_on, 'arrive_on', f.arrive_on, 'reason', f.promise
          ) order by f.ship_on, f.id)
          from orders_fulfilmentline f left join inventory_site s on s.id = f.site_id
          where f.line_id = l.id and f.quantity > 0), '[]'::json)
      ) order by l.line_number)
      from orders_orderline l join catalog_item i on i.id = l.item_id where l.order_id = o.id), '[]'::json)
  )::text as answer
from orders_order o join parties_party c on c.id = o.customer_id
where o.id = any(%(ids)s::uuid[]);

-- name: read_order_marks
select o.id, o.revision, o.state, o.content_sha256 from orders_order o where o.id = any(%(ids)s::uuid[]);

-- name: lock_order
-- Nobody changes the order between the look at its version and the verb.
select o.id from orders_order o where o.id = %(id)s for no key update;
