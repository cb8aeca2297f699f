-- name: sites_with_lanes
-- The codes of sites from which somebody can be served.
select s.code from inventory_site s where exists (select from promising_lane l where l.site_id = s.id);
