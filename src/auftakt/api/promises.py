"""When could it be there? Inquiries that draw nothing, availability, and the lanes that lead to customers."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, faulty
from auftakt.api.pages import Text
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.catalog import queries as catalog
from auftakt.promising import actions, queries
from auftakt.promising.types import Availability, LaneDraft, LaneFacts, Promise, Wish

router = Router(tags=["promising"])


@dataclass(frozen=True, slots=True)
class InquiryLine:
    """What is wanted; without a unit in the item's base unit."""

    sku: str
    quantity: Decimal
    unit: str = ""
    requested_ship_on: date | None = None
    requested_arrival_on: date | None = None
    not_before_on: date | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is wanted and where to. Lines see each other's takes, as if they were one order."""

    lines: tuple[InquiryLine, ...]
    country: str
    region: str = ""
    split_dates: bool = True
    split_sites: bool = True
    priority: int = 100


@operation(router.post, "/promise-inquiries", needs="orders.view", answers=dict[str, Any])
def inquire_promises(caller: Caller, body: Inquiry) -> dict[str, list[Promise]]:
    """Tell from where and when something could be had. Nothing is drawn; pieces without a site say what could be."""
    wishes = [
        Wish(line.quantity, line.sku, "", line.unit, body.country, body.region, line.requested_ship_on,
             line.requested_arrival_on, body.split_dates, body.split_sites)
        for line in body.lines
    ]  # fmt: skip
    places = [f"/lines/{index}" for index in range(len(wishes))]
    wanted = queries.understand(wishes, places, today=caller.today)
    findings = [finding for each in wanted for finding in each.findings]
    if findings:
        raise faulty(422, findings)
    demands = [
        replace(each.demand, not_before_on=line.not_before_on, priority=body.priority)
        for line, each in zip(body.lines, wanted, strict=True)
        if each.demand
    ]
    return {"promises": queries.propose(demands, on=caller.today)}


@operation(router.get, "/availability", needs="stock.view", answers=Availability, page=True)
def list_availability(caller: Caller, sku: Text) -> Page:
    """List what each site has of items and what is expected. `sku` may name several, separated by commas."""
    wanted = [each for each in sku.split(",") if each]
    items = catalog.items_by_sku(wanted)
    unknown = [each for each in wanted if each not in items]
    if unknown:
        raise Problem(422, "unknown_item", f"There is no item {unknown[0]!r}.")
    return Page(queries.availability([items[each].id for each in wanted], on=caller.today))


@operation(router.get, "/lanes", needs="stock.view", answers=LaneFacts, page=True)
def list_lanes(caller: Caller) -> Page:
    """List lanes: how long and how dear it is from a site to a country."""
    return Page(queries.lanes())


saves(
    router, "/lanes", name="lane", what="Add or change a lane by site, country and region.", needs="stock.edit",
    takes=LaneDraft, verb=actions.save_lanes,
)  # fmt: skip
