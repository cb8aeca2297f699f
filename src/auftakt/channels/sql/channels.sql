-- name: export_customers
select p.number, p.name, p.kind, p.is_customer, p.is_supplier, p.segment, p.currency, p.language,
  coalesce(p.payment_terms_id, '') as payment_terms, p.vat_id, p.email, p.phone, p.notes, a.name as address_name, a.street,
  a.city, a.postal_code, a.region, a.country, c.limit as credit_limit
from parties_party p
left join parties_address a on a.party_id = p.id and a.is_default_bill_to and a.archived_at is null
left join parties_creditline c on c.party_id = p.id
order by p.number;

-- name: export_items
select i.sku, i.name, i.kind, i.unit_id as unit, i.state = 'active' as active, i.description, coalesce(c.code, '') as category,
  coalesce(b.code, '') as brand, i.weight_kg, i.gtin, i.hs_code, i.origin_country, i.tax_category,
  i.tracking, i.shelf_life_days, i.min_remaining_days
from catalog_item i
left join catalog_category c on c.id = i.category_id
left join catalog_brand b on b.id = i.brand_id
order by i.sku;

-- name: export_stock
select s.code as site, i.sku, b.quantity, b.drawn as promised, b.quantity - b.drawn as available
from inventory_bucket b
join catalog_item i on i.id = b.item_id
join inventory_site s on s.id = b.site_id
where b.kind = 'on_hand'
order by s.code, i.sku;

-- name: export_prices
select l.code as price_list, i.sku, p.unit_id as unit, p.unit_price, p.from_quantity, p.valid_from, p.valid_to
from pricing_price p
join pricing_pricelist l on l.id = p.price_list_id
join catalog_item i on i.id = p.item_id
order by l.code, i.sku, p.unit_id, p.from_quantity, p.valid_from nulls first;

-- name: export_orders
select o.number, o.source_system, o.external_reference, p.number as customer_number, o.state, o.channel, o.currency,
  o.payment_terms_id as payment_terms, o.payment_method, o.customer_reference, o.requested_ship_on, o.requested_arrival_on,
  o.ordered_at, l.external_line_id as line, i.sku, l.quantity, l.unit_id as unit, l.shipped, l.cancelled, l.unit_price, l.net,
  l.tax, l.gross
from orders_order o
join parties_party p on p.id = o.customer_id
join orders_orderline l on l.order_id = o.id
join catalog_item i on i.id = l.item_id
order by o.serial, l.line_number;

-- name: export_purchase_orders
select o.number, p.number as supplier_number, s.code as site, o.currency, o.ordered_on, o.state, i.sku,
  l.ordered as quantity, l.received, l.cancelled, l.unit_cost, l.expected_on
from supply_purchaseorder o
join parties_party p on p.id = o.supplier_id
join inventory_site s on s.id = o.site_id
join supply_purchaseorderline l on l.purchase_order_id = o.id
join catalog_item i on i.id = l.item_id
order by o.serial, l.line_number;

-- name: export_invoices
select v.number, v.kind, o.number as order_number, p.number as customer_number, v.currency, v.issued_on, v.due_on, v.net,
  v.tax, v.gross, v.paid, v.credited, v.gross - v.paid - v.credited as open, v.dunning_level
from billing_invoice v
join orders_order o on o.id = v.order_id
join parties_party p on p.id = v.customer_id
order by v.legal_entity_id, v.number;
