"""Replenishment as its pages ask for it: proposals and policies as lists, what waits, what is coming."""

from typing import Any
from uuid import UUID

from auftakt.console.paging import Page
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked
from auftakt.supply import queries as supply
from auftakt.supply.types import RunFacts

GROUPS = 12


def proposal_list(asked: Asked) -> Page:
    """Proposals."""
    return asked.page(sql, "proposal_rows")


def proposal_ids(asked: Asked) -> list[UUID]:
    """The ids of all proposals that match, as many as are asked for."""
    return [row.id for row in proposal_list(asked).rows]


def policy_list(asked: Asked) -> Page:
    """Policies with what there is of their items."""
    return asked.page(sql, "policy_rows")


def groups() -> list[Any]:
    """The orders that would come of what waits, the largest first."""
    return sql.records("proposal_groups", limit=GROUPS + 1)


def last_run() -> RunFacts | None:
    """The latest run."""
    return next(iter(supply.runs(limit=1)), None)


def coming(item_id: UUID, site_id: UUID) -> list[Any]:
    """What is on the shelf of an item at a site, and what is expected when."""
    return sql.records("coming_of_item", item=item_id, site=site_id)


def waiting(item_id: UUID) -> list[Any]:
    """The proposals of an item that wait for somebody."""
    return sql.records("proposals_of_item", item=item_id)
