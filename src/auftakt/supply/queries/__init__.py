"""Reads of supply, by theme."""

from auftakt.supply.queries.making import (
    capacity_days,
    free_capacity,
    free_rooms,
    list_work,
    loads,
    resources,
    routings,
    routings_page,
    work,
    work_heads,
)
from auftakt.supply.queries.purchasing import (
    approval_limits,
    expected_lines,
    heads_and_lines,
    lines,
    list_purchases,
    purchases,
    sql,
)
from auftakt.supply.queries.sourcing import (
    published_sourcing,
    resolve_sourcing,
    sourcing_assignments,
    sourcing_codes,
    sourcing_gaps,
    sourcing_mark,
    sourcing_rules,
)
from auftakt.supply.queries.terms import (
    supplier_items,
    terms_of,
)
from auftakt.supply.queries.transfers import (
    list_transfers,
    transfer_heads_and_lines,
    transfer_lines,
    transfers,
)

__all__ = [
    "approval_limits",
    "capacity_days",
    "expected_lines",
    "free_capacity",
    "free_rooms",
    "heads_and_lines",
    "lines",
    "list_purchases",
    "list_transfers",
    "list_work",
    "loads",
    "published_sourcing",
    "purchases",
    "resolve_sourcing",
    "resources",
    "routings",
    "routings_page",
    "sourcing_assignments",
    "sourcing_codes",
    "sourcing_gaps",
    "sourcing_mark",
    "sourcing_rules",
    "sql",
    "supplier_items",
    "terms_of",
    "transfer_heads_and_lines",
    "transfer_lines",
    "transfers",
    "work",
    "work_heads",
]
