"""Allocation: demand classes, rules in versions, and what each class has of an item by weeks."""

from dataclasses import dataclass

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, missing
from auftakt.api.pages import Cursor, Limit, Text, cut, read_cursor
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.promising import actions, queries
from auftakt.promising.types import (
    AllocatedWeek,
    AllocationAdjustment,
    AllocationDraft,
    AllocationPublication,
    AllocationRetirement,
    AllocationRule,
    DemandClass,
)

router = Router(tags=["allocation"])
RULE = """{"code": "scarce", "name": "Scarce", "sku": "HELM-2", "kind": "percent", "targets": [
  {"demand_class": "key", "number": "50"}, {"demand_class": "web", "number": "20"}]}"""


@dataclass(frozen=True, slots=True)
class AllocationWeeks:
    """The rule of an item at a site (empty: none, first come, first served), and its weeks."""

    rule: str
    weeks: tuple[AllocatedWeek, ...]


@operation(router.get, "/demand-classes", needs="sourcing.view", answers=DemandClass, page=True)
def list_demand_classes(caller: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List demand classes by code."""
    after = read_cursor(cursor, str)
    rows = sorted(queries.demand_classes(), key=lambda row: row.code)
    later = [row for row in rows if not after or row.code > after[0]]
    return cut(later[: limit + 1], limit, lambda row: [row.code])


saves(
    router, "/demand-classes", name="demand_class", needs="sourcing.edit", takes=DemandClass,
    what="Save a demand class by its code: below which it stands, and how much it matters there.",
    verb=actions.save_demand_classes,
)  # fmt: skip


@operation(router.get, "/allocation-rules", needs="sourcing.view", answers=AllocationRule, page=True)
def list_allocation_rules(caller: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List allocation rules by code with all their versions, the newest first."""
    after = read_cursor(cursor, str)
    rows = [row for code, row in queries.allocation_rules().items() if not after or code > after[0]]
    return cut(rows[: limit + 1], limit, lambda row: [row.code])


saves(
    router, "/allocation-rules", name="allocation_rule", needs="sourcing.edit", takes=AllocationDraft, example=RULE,
    what="Write the draft of an allocation rule by its code; nothing changes before it is published.",
    verb=actions.save_allocation_drafts,
)  # fmt: skip
saves(
    router, "/allocation-publications", name="allocation_publication", needs="sourcing.edit",
    takes=AllocationPublication, what="Let the draft of a rule hold from a day on; what held before ends.",
    verb=actions.publish_allocation,
)  # fmt: skip
saves(
    router, "/allocation-retirements", name="allocation_retirement", needs="sourcing.edit", takes=AllocationRetirement,
    what="Let no version of an allocation rule hold from a day on.", verb=actions.retire_allocation,
)  # fmt: skip
saves(
    router, "/allocation-adjustments", name="allocation_adjustment", needs="sourcing.edit", takes=AllocationAdjustment,
    what="Give a class another number in one week; the others share the rest in proportion.",
    verb=actions.adjust_allocation,
)  # fmt: skip


@operation(router.get, "/allocation-rules/{str:code}", needs="sourcing.view", answers=AllocationRule)
def get_allocation_rule(caller: Caller, code: str) -> AllocationRule:
    """Get an allocation rule with all its versions, the newest first."""
    found = queries.allocation_rules([code])
    if code not in found:
        raise missing("allocation rule", code)
    return found[code]


@operation(router.get, "/allocation-weeks", needs="sourcing.view", answers=AllocationWeeks)
def get_allocation_weeks(caller: Caller, sku: Text = "", site: Text = "") -> AllocationWeeks:
    """Tell for an item at a site, by weeks, what each class was allotted, has taken and has left."""
    found = queries.weeks_at(sku, site, caller.today)
    if found is None:
        raise Problem(422, "item_or_site_unknown", "Give the SKU of an item and the code of a site.")
    facts, weeks = found
    return AllocationWeeks(facts.code if facts else "", tuple(weeks))
