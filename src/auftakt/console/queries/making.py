"""Lists and pages of making: calendars, bills of material, resources, routings, work orders."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.console.paging import Page
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked
from auftakt.inventory import queries as inventory


def calendar_list(asked: Asked) -> Page:
    """Calendars with who works by them."""
    return asked.page(sql, "calendar_rows")


def bill_list(asked: Asked) -> Page:
    """Bills of material."""
    return asked.page(sql, "bill_rows")


def bill_of(bill_id: UUID) -> tuple[UUID, str] | None:
    """The item and the plant of a bill of material."""
    rows = sql.rows("bill_of", id=bill_id)
    return (rows[0][0], rows[0][1]) if rows else None


def shelves(item_ids: Sequence[UUID], site: str = "") -> dict[UUID, Decimal]:
    """What is free on the shelf of items, at a site or everywhere."""
    return dict(sql.rows("shelves_of_items", items=list(item_ids), site=site))  # type: ignore[arg-type]


def resource_list(asked: Asked, today: date) -> Page:
    """Resources with what they have to do within a week."""
    return asked.page(sql, "resource_rows", today=today)


def routing_list(asked: Asked) -> Page:
    """Routings with the resources they lead over."""
    return asked.page(sql, "routing_rows")


def routing_of(routing_id: UUID) -> tuple[UUID, UUID] | None:
    """The item and the site of a routing."""
    rows = sql.rows("routing_of", id=routing_id)
    return (rows[0][0], rows[0][1]) if rows else None


def work_list(asked: Asked, today: date) -> Page:
    """Work orders."""
    return asked.page(sql, "work_rows", today=today)


def work_holders(bucket_id: UUID | None) -> list[Any]:
    """Orders that hold what a work order brings."""
    return sql.records("work_holders", bucket=bucket_id) if bucket_id else []


def site_codes() -> list[tuple[str, str]]:
    """Sites to choose from: code and words."""
    return [(site.code, f"{site.code} · {site.name}") for site in inventory.sites()]
