"""What a planner looks at: supply in jeopardy, demand in jeopardy, and how much of it there is."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from auftakt.console.paging import Page
from auftakt.console.queries.billing import today
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked, patterns

MANY = 20_000
"""Summaries count up to here."""
_SUMMED = """
select case when grouping(customer) = 0 then 'customer' when grouping(sku) = 0 then 'item'
    when grouping(supplier) = 0 then 'supplier' else 'all' end,
  coalesce(customer, sku, supplier, ''), coalesce(case when grouping(customer) = 0 then max(customer_name)
    when grouping(sku) = 0 then max(item_name) when grouping(supplier) = 0 then max(supplier_name) end, ''), count(*)
from {} group by grouping sets ((customer), (sku), (supplier), ()) order by 4 desc, 2
"""


class Share(NamedTuple):
    """How many lines belong to a customer, an item or a supplier."""

    code: str
    name: str
    lines: int


class Summary(NamedTuple):
    """The lines by one view, the most first; what is not named is in `rest`. All of them come to the same total."""

    by: str
    shares: Sequence[Share]
    rest: int
    others: int


def demand_list(asked: Asked) -> Page:
    """Open lines in jeopardy."""
    return asked.page(sql, "demand_in_jeopardy", today=today())


def supply_list(asked: Asked) -> Page:
    """Expected supply in jeopardy."""
    return asked.page(sql, "supply_in_jeopardy", today=today())


def demand_ids(asked: Asked) -> list[UUID]:
    """The lines a list asks for, in its order, up to its limit."""
    return [row.id for row in demand_list(asked).rows]


def summaries(on: date, *, most: int = 6) -> tuple[int, list[Summary]]:
    """All lines in jeopardy, counted at one moment: how many, and by customer, item and supplier. One statement, the
    same as that of the list."""
    found: Mapping[str, list[Share]] = {"customer": [], "item": [], "supplier": [], "all": []}
    for by, code, name, lines in sql.over("demand_in_jeopardy", _SUMMED, limit=MANY, today=on, **patterns("")):
        found[by].append(Share(code, name, lines))
    total = found["all"][0].lines if found["all"] else 0
    return total, [
        Summary(by, found[by][:most], sum(each.lines for each in found[by][most:]), len(found[by][most:]))
        for by in ("customer", "item", "supplier")
    ]
