"""When could it be there? Inquiries that draw nothing, availability, and the lanes that lead to customers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, faulty
from auftakt.api.pages import Text
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.api.wanted import is_whole, takes
from auftakt.catalog import queries as catalog
from auftakt.catalog.types import ItemFacts
from auftakt.promising import actions, queries
from auftakt.promising.types import Availability, Demand, LaneDraft, LaneFacts, Promise
from auftakt.values import Finding, new_id

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
    items = catalog.items_by_sku({line.sku for line in body.lines})
    findings: list[Finding] = []
    demands: list[Demand] = []
    for index, line in enumerate(body.lines):
        item = items.get(line.sku)
        if item is None:
            findings.append(Finding("unknown_item", f"There is no item {line.sku!r}.", f"/lines/{index}/sku"))
        elif (line.unit or item.unit) not in item.units:
            message = f"{line.sku} is not traded in {line.unit!r}; it is in: {', '.join(sorted(item.units))}."
            findings.append(Finding("unknown_unit", message, f"/lines/{index}/unit"))
        elif not is_whole(line.quantity, item, line.unit or item.unit):
            message = f"The quantity must be above zero, in whole steps of {item.sku}'s unit."
            findings.append(Finding("quantity_invalid", message, f"/lines/{index}/quantity"))
        else:
            demands.append(_demand(line, item, body))
    if findings:
        raise faulty(422, findings)
    return {"promises": queries.propose(demands, on=caller.today)}


def _demand(line: InquiryLine, item: ItemFacts, body: Inquiry) -> Demand:
    unit = line.unit or item.unit
    factor = item.units[unit]
    return Demand(
        id=new_id(), item_id=item.id, components=takes(item), quantity=line.quantity * factor,
        step=factor * Decimal(1).scaleb(-item.unit_decimals[unit]), country=body.country, region=body.region,
        requested_ship_on=line.requested_ship_on, requested_arrival_on=line.requested_arrival_on,
        not_before_on=line.not_before_on, split_dates=body.split_dates, split_sites=body.split_sites,
        priority=body.priority,
    )  # fmt: skip


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
