"""Making: calendars, bills of material, resources, routings, work orders."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, missing
from auftakt.api.pages import Cursor, Limit, Text, cut, read_cursor, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.catalog import queries as catalog
from auftakt.catalog.types import BillDraft, BillFacts, BillNode
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import CalendarDraft, CalendarFacts
from auftakt.promising import actions as promising
from auftakt.supply import actions, queries
from auftakt.supply.types import (
    ResourceDraft,
    ResourceFacts,
    RoutingDraft,
    RoutingFacts,
    Work,
    WorkDraft,
    WorkFacts,
    WorkFinish,
    WorkRescheduling,
)
from auftakt.values import Outcome

router = Router(tags=["making"])
Day = Annotated[date | None, Query(description="Without one: today, and four weeks from it.")]
States = Annotated[str, Query(description="draft, released, started, finished, closed or cancelled; with commas.")]
FURTHEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class FreeDay:
    """What a resource can do on a day and what of that is free, in minutes, or in pieces where it counts those."""

    day: date
    capacity: Decimal
    free: Decimal


@operation(router.get, "/calendars", needs="stock.view", answers=CalendarFacts, page=True)
def list_calendars(caller: Caller) -> Page:
    """List working calendars by code, with their exceptions."""
    return Page(list(stock.calendars().values()))


saves(
    router, "/calendars", name="calendar", what="Add or change a working calendar by its code.", needs="sites.edit",
    takes=CalendarDraft, verb=inventory.save_calendars, subject=lambda draft: draft.code,
)  # fmt: skip


def _period(caller: Caller, first: date | None, last: date | None) -> tuple[date, date]:
    """The days asked for; without any, four weeks from today."""
    begin = first or caller.at.date()
    end = last or begin + timedelta(days=27)
    if end < begin or end - begin > FURTHEST:
        raise Problem(422, "period_too_long", "Ask for 1 to 401 days: from a day to the same or a later one.")
    return begin, end


@operation(router.get, "/calendars/{str:code}/working-days", needs="stock.view", answers=dict[str, str], page=True)
def list_working_days(caller: Caller, code: str, first: Day = None, last: Day = None) -> Page:
    """List the days on which work is done by a calendar, from a day to another."""
    found = stock.calendars().get(code)
    if found is None:
        raise missing("calendar", code)
    begin, end = _period(caller, first, last)
    return Page([{"day": day.isoformat()} for day in stock.working_days(found, begin, end)])


@operation(router.get, "/bills-of-material", needs="catalog.view", answers=BillFacts, page=True)
def list_bills(caller: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List bills of material by SKU and plant, with all their lines."""
    after = read_cursor(cursor, str, str) or ("", "")
    rows = catalog.list_bills(after, limit + 1)  # type: ignore[arg-type]
    return cut(rows, limit, lambda row: [row.sku, row.plant])


saves(
    router, "/bills-of-material", name="bill_of_material", needs="catalog.edit", takes=BillDraft,
    what="Make a bill of material what this says; one without lines ends. A circle is refused with the way it goes.",
    verb=actions.save_bills,
)  # fmt: skip


@operation(router.get, "/items/{uuid:item_id}/explosion", needs="catalog.view", answers=BillNode, page=True)
def explode_item(
    caller: Caller, item_id: UUID, on: Day = None, quantity: Annotated[Decimal, Query(gt=0, lt=10**9)] = Decimal(1),
    plant: Text = "",
) -> Page:  # fmt: skip
    """List all that goes into a quantity of an item on a day, level below level."""
    if item_id not in catalog.items([item_id]):
        raise missing("item", item_id)
    return Page(catalog.explode([(item_id, round(quantity, 6))], on=on or caller.at.date(), plant=plant))


@operation(router.get, "/resources", needs="supply.view", answers=ResourceFacts, page=True)
def list_resources(caller: Caller) -> Page:
    """List resources by site and code, with shifts and exceptions."""
    return Page(list(queries.resources().values()))


saves(
    router, "/resources", name="resource", what="Add or change a resource by its site and code.", needs="supply.edit",
    takes=ResourceDraft, verb=actions.save_resources,
)  # fmt: skip


@operation(router.get, "/resources/{uuid:resource_id}/capacity", needs="supply.view", answers=FreeDay, page=True)
def list_capacity(caller: Caller, resource_id: UUID, first: Day = None, last: Day = None) -> Page:
    """List what a resource can do on each day, and what of that is free."""
    found = queries.resources([resource_id])
    if resource_id not in found:
        raise missing("resource", resource_id)
    begin, end = _period(caller, first, last)
    whole = queries.capacity_days(found.values(), begin, end)[resource_id]
    free = queries.free_rooms([resource_id], begin, end)[resource_id]
    days = (begin + timedelta(index) for index in range(len(whole)))
    return Page([FreeDay(day, much, room) for day, much, room in zip(days, whole, free, strict=True)])


@operation(router.get, "/routings", needs="supply.view", answers=RoutingFacts, page=True)
def list_routings(caller: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List routings by SKU and site, with their operations."""
    after = read_cursor(cursor, str, str) or ("", "")
    rows = queries.routings_page(after, limit + 1)  # type: ignore[arg-type]
    return cut(rows, limit, lambda row: [row.sku, row.site_code])


saves(
    router, "/routings", name="routing", what="Make the routing of an item at a site what this says.",
    needs="supply.edit", takes=RoutingDraft, verb=actions.save_routings,
)  # fmt: skip


@operation(router.get, "/work-orders", needs="supply.view", answers=WorkFacts, page=True)
def list_work_orders(
    caller: Caller, state: States = "", site: Text = "", cursor: Cursor = "", limit: Limit = 50
) -> Page:
    """List work orders, the latest first. `site` is a code."""
    sites = stock.sites_by_code([site])
    if site and site not in sites:
        raise Problem(422, "site_unknown", f"There is no site {site!r}.")
    before = read_cursor(cursor, int)
    rows = queries.list_work(
        states=state.split(",") if state else None,
        site_id=sites[site].id if site else None,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    return cut(rows, limit, lambda row: [row.serial])


@operation(router.get, "/work-orders/{uuid:work_order_id}", needs="supply.view", answers=Work)
def get_work_order(caller: Caller, work_order_id: UUID) -> Work:
    """Get a work order with its components and operations."""
    found = queries.work([work_order_id])
    if work_order_id not in found:
        raise missing("work order", work_order_id)
    return found[work_order_id]


saves(
    router, "/work-orders", name="work_order", needs="supply.edit", takes=WorkDraft,
    what="Plan a work order. It needs and brings nothing until it is released.", verb=actions.plan_work,
)  # fmt: skip
saves(
    router, "/work-finishes", name="work_finish", needs="supply.edit", takes=WorkFinish,
    what="Book what came of a started work order; promises that waited for it move to stock on hand.",
    verb=promising.finish_work,
)  # fmt: skip
saves(
    router, "/work-reschedulings", name="work_rescheduling", needs="supply.edit", takes=WorkRescheduling,
    what="Move a work order to other days; promises stay pegged to it.", verb=actions.reschedule_work,
)  # fmt: skip


def _done(verb: Any, work_order_id: UUID, actor: str, at: datetime) -> dict[str, str]:
    if work_order_id not in queries.work_heads([work_order_id]):
        raise missing("work order", work_order_id)
    outcome = verb([work_order_id], actor=actor, at=at)
    single(Outcome(outcome.done, tuple(replace(each, subject=str(work_order_id)) for each in outcome.refused)))
    return {"result": "done"}


@operation(router.post, "/work-orders/{uuid:work_order_id}/release", needs="supply.edit", answers=dict[str, str])
def release_work_order(caller: Caller, work_order_id: UUID) -> dict[str, str]:
    """Set a planned work order to work: its components are reserved, and what it will bring can be promised."""
    return _done(actions.release_work, work_order_id, caller.actor, caller.at)


@operation(router.post, "/work-orders/{uuid:work_order_id}/start", needs="supply.edit", answers=dict[str, str])
def start_work_order(caller: Caller, work_order_id: UUID) -> dict[str, str]:
    """Begin a released work order: its components leave the shelf for production."""
    return _done(actions.start_work, work_order_id, caller.actor, caller.at)


@operation(router.post, "/work-orders/{uuid:work_order_id}/cancel", needs="supply.edit", answers=dict[str, str])
def cancel_work_order(caller: Caller, work_order_id: UUID) -> dict[str, str]:
    """Give up what is open of a work order; what it holds comes back."""
    return _done(actions.cancel_work, work_order_id, caller.actor, caller.at)


@operation(router.post, "/work-orders/{uuid:work_order_id}/close", needs="supply.edit", answers=dict[str, str])
def close_work_order(caller: Caller, work_order_id: UUID) -> dict[str, str]:
    """Put a finished work order away."""
    return _done(actions.close_work, work_order_id, caller.actor, caller.at)
