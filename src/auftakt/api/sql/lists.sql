-- name: list_shipment_ids
-- Shipments, the latest first, after a position; ids ascend in time.
select s.id from fulfilment_shipment s
where %(before)s::uuid is null or s.id < %(before)s::uuid
order by s.id desc limit %(limit)s;
