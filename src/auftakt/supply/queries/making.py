"""Reads of making: resources and what is free of them, routings, work orders."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from auftakt.inventory import queries as inventory
from auftakt.platform.sql import Statements
from auftakt.supply.rules import capacity_on
from auftakt.supply.types import (
    CapacityException,
    Load,
    OperationFacts,
    ResourceFacts,
    RoutingFacts,
    ShiftDraft,
    Work,
    WorkComponentFacts,
    WorkFacts,
    WorkOperationFacts,
)

sql = Statements("auftakt.supply")


def resources(ids: Iterable[UUID] | None = None, site_id: UUID | None = None) -> dict[UUID, ResourceFacts]:
    """Resources with shifts and exceptions, by id, sorted by site and code; None means all."""
    rows = sql.rows("list_resources", ids=None if ids is None else list(ids), site=site_id)
    keys = [row[0] for row in rows]
    shifts: dict[UUID, list[ShiftDraft]] = defaultdict(list)
    for key, *row in sql.rows("list_shifts", ids=keys):
        shifts[key].append(ShiftDraft(*row))
    days: dict[UUID, list[CapacityException]] = defaultdict(list)
    for key, *row in sql.rows("list_resource_days", ids=keys):
        days[key].append(CapacityException(*row))
    return {row[0]: ResourceFacts(*row, tuple(shifts[row[0]]), tuple(days[row[0]])) for row in rows}


def capacity_days(known: Iterable[ResourceFacts], first: date, last: date) -> dict[UUID, list[Decimal]]:
    """What resources can do on each day from `first` to `last`, both included, in minutes or pieces."""
    calendars = inventory.calendars()
    count = (last - first).days + 1
    flags = {code: inventory.working_flags(each, first, last) for code, each in calendars.items()}
    always = np.ones(max(count, 0), dtype=np.bool_)
    return {
        each.id: [
            capacity_on(each, first + timedelta(index), bool(is_working))
            for index, is_working in enumerate(flags.get(each.calendar, always))
        ]
        for each in known
    }


def free_rooms(
    ids: Iterable[UUID], first: date, last: date, *, without: Sequence[UUID] = ()
) -> dict[UUID, list[Decimal]]:
    """What is free of resources on each day, both ends included, never below zero, in minutes or pieces; what the work
    orders `without` take counts as free."""
    wanted = sorted(set(ids))
    rooms = capacity_days(resources(wanted).values(), first, last) if wanted else {}
    if wanted:
        for key, day, amount in sql.rows("sum_loads", ids=wanted, first=first, last=last, without=list(without)):
            index = (day - first).days
            rooms[key][index] = max(rooms[key][index] - amount, Decimal(0))
    return rooms


def free_capacity(first: date, last: date) -> dict[UUID, NDArray[np.int64]]:
    """For each resource what is free on each day of a horizon, both ends included, in whole minutes or pieces: as
    arrays, for those who promise from memory."""
    known = resources()
    return {
        key: np.array([int(room) for room in rooms], dtype=np.int64)
        for key, rooms in free_rooms(known, first, last).items()
    }


def loads(ids: Iterable[UUID], first: date, last: date) -> list[Load]:
    """What work orders take of resources, by resource and day."""
    return [Load(*row) for row in sql.rows("list_loads", ids=list(ids), first=first, last=last)]


def routings(item_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], RoutingFacts]:
    """The routings of items, by item and site."""
    found = _routings(items=list(set(item_ids)), limit=None, after=("", ""))
    return {(each.item_id, each.site_id): each for each in found}


def routings_page(after: tuple[str, str] = ("", ""), limit: int = 50) -> list[RoutingFacts]:
    """A page of routings by sku and site, those behind a position."""
    return _routings(items=None, limit=limit, after=after)


def _routings(items: list[UUID] | None, limit: int | None, after: tuple[str, str]) -> list[RoutingFacts]:
    rows = sql.rows("list_routings", items=items, after_sku=after[0], after_site=after[1], limit=limit)
    operations: dict[UUID, list[OperationFacts]] = defaultdict(list)
    for key, *row in sql.rows("list_operations", ids=[row[0] for row in rows]):
        operations[key].append(OperationFacts(*row))
    return [RoutingFacts(*row, tuple(operations[row[0]])) for row in rows]


def work_heads(ids: Sequence[UUID]) -> dict[UUID, WorkFacts]:
    """Work orders without what they need, by id, the latest first."""
    return {row[0]: WorkFacts(*row) for row in sql.rows("work_heads", ids=list(ids))}


def work(ids: Sequence[UUID]) -> dict[UUID, Work]:
    """Work orders with their components and operations, by id."""
    heads = work_heads(ids)
    components: dict[UUID, list[WorkComponentFacts]] = defaultdict(list)
    for row in sql.rows("work_components", ids=list(heads)):
        components[row[1]].append(WorkComponentFacts(*row))
    operations: dict[UUID, list[WorkOperationFacts]] = defaultdict(list)
    for row in sql.rows("work_operations", ids=list(heads)):
        operations[row[1]].append(WorkOperationFacts(*row))
    return {key: Work(head, tuple(components[key]), tuple(operations[key])) for key, head in heads.items()}


def list_work(
    *,
    states: Sequence[str] | None = None,
    site_id: UUID | None = None,
    item_id: UUID | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[WorkFacts]:
    """A page of work orders, the latest first, before a serial."""
    rows = sql.rows(
        "list_work",
        states=None if states is None else list(states),
        site=site_id,
        item=item_id,
        before=before,
        limit=limit,
    )
    return list(work_heads([key for (key,) in rows]).values())
