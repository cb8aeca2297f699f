"""Resources and routings: what can be done at a site, and how items are made there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.inventory import queries as inventory
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.platform.turns import take_turn
from auftakt.supply import queries, rules
from auftakt.supply.types import OperationDraft, ResourceDraft, ResourceFacts, RoutingDraft, RoutingFacts
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.supply")
_SHIFT = ("id", "resource_id", "position", "name", "capacity", "weekdays")
_DAY = ("id", "resource_id", "day", "capacity", "note")
_OPERATION = ("id", "routing_id", "sequence", "name", "resource_id", "setup_minutes", "run_minutes")
T = TypeVar("T")


def _sorted_out(
    drafts: Sequence[T], findings: Callable[[T], list[Finding]], key: Callable[[T], object], twice: str
) -> tuple[dict[int, T], list[Refusal]]:
    """Which drafts are good, by their place, and refusals of the others; the second of the same is one of those."""
    good: dict[int, T] = {}
    refused: list[Refusal] = []
    seen: set[object] = set()
    for index, draft in enumerate(drafts):
        found = findings(draft)
        if key(draft) in seen:
            found.append(Finding(twice, "this is named twice in the batch; name it once", ""))
        seen.add(key(draft))
        if found:
            refused.append(Refusal(str(index), tuple(found)))
        else:
            good[index] = draft
    return good, refused


def save_resources(drafts: Sequence[ResourceDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Add resources, or change those whose site and code exist, shifts, exceptions and all. Done: ids in input order.

    The same again changes nothing. Refusals (subject: the index) name every problem: `site_unknown`,
    `resource_code_malformed`, `name_missing`, `measure_unknown`, `measure_fixed` once operations rest on it,
    `calendar_unknown`, `shifts_missing`, `capacity_out_of_range`, `weekday_unknown`, `exception_repeated`,
    `exception_note_too_long`, `resource_repeated`.
    """
    sites = inventory.sites_by_code({draft.site_code for draft in drafts})
    calendars = inventory.calendars()
    with transaction.atomic(savepoint=False):
        take_turn("supply:resources")
        stored = {(each.site_code, each.code): each for each in queries.resources().values()}
        routed = {key for (key,) in sql.rows("routed_resources", ids=[each.id for each in stored.values()])}

        def findings(draft: ResourceDraft) -> list[Finding]:
            found = rules.resource_findings(draft)
            if draft.site_code not in sites:
                message = f"site {draft.site_code} is unknown; check its code"
                found.append(Finding("site_unknown", message, "/site_code"))
            if draft.calendar and draft.calendar not in calendars:
                message = f"calendar {draft.calendar} is unknown; save it first"
                found.append(Finding("calendar_unknown", message, "/calendar"))
            known = stored.get((draft.site_code, draft.code))
            if known and known.measure != draft.measure and known.id in routed:
                message = f"{draft.code} is counted in {known.measure}: operations rest on it; make another resource"
                found.append(Finding("measure_fixed", message, "/measure"))
            return found

        good, refused = _sorted_out(drafts, findings, lambda draft: (draft.site_code, draft.code), "resource_repeated")
        ids = {
            index: stored[draft.site_code, draft.code].id if (draft.site_code, draft.code) in stored else fresh
            for (index, draft), fresh in zip(good.items(), new_ids(len(good)), strict=True)
        }
        changed = [
            (ids[index], draft)
            for index, draft in good.items()
            if not _same(stored.get((draft.site_code, draft.code)), draft)
        ]
        _write_resources(changed, {code: site.id for code, site in sites.items()}, actor, at)
    return Outcome(tuple(ids.values()), tuple(refused))


def _same(known: ResourceFacts | None, draft: ResourceDraft) -> bool:
    if known is None:
        return False
    told = (draft.name.strip(), draft.measure, draft.calendar, draft.shifts)
    return told == (known.name, known.measure, known.calendar, known.shifts) and sorted(
        draft.exceptions, key=lambda each: each.day
    ) == list(known.exceptions)


def _write_resources(
    changed: Sequence[tuple[UUID, ResourceDraft]], sites: dict[str, UUID], actor: str, at: datetime
) -> None:
    if not changed:
        return
    keys = [key for key, _ in changed]
    drafts = [draft for _, draft in changed]
    sql.run(
        "save_resources",
        ids=keys,
        sites=[sites[draft.site_code] for draft in drafts],
        codes=[draft.code for draft in drafts],
        names=[draft.name.strip() for draft in drafts],
        measures=[draft.measure for draft in drafts],
        calendars=[draft.calendar for draft in drafts],
    )
    sql.run("delete_shifts", ids=keys)
    sql.run("delete_resource_days", ids=keys)
    shifts = [
        (key, place, shift.name, shift.capacity, shift.weekdays)
        for key, draft in changed
        for place, shift in enumerate(draft.shifts, 1)
    ]
    days = [(key, each.day, each.capacity, each.note) for key, draft in changed for each in draft.exceptions]
    insert_rows("supply_shift", _SHIFT, _with_ids(shifts))
    insert_rows("supply_resourceday", _DAY, _with_ids(days))
    entries = [
        Entry("resource", key, {"code": draft.code, "site": draft.site_code, "name": draft.name})
        for key, draft in changed
    ]
    journal.write("resource.saved", entries, actor=actor, at=at)


def _with_ids(rows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [(key, *row) for key, row in zip(new_ids(len(rows)), rows, strict=True)]


def save_routings(drafts: Sequence[RoutingDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Make routings what the drafts say, by item and site. Done: ids in input order. The same again changes nothing.

    Refusals (subject: the index) name every problem: `item_unknown`, `item_not_stocked`, `site_unknown`,
    `resource_unknown`, `making_time_out_of_range`, `minutes_out_of_range`, `name_too_long`, `routing_repeated`.
    """
    items = catalog.items_by_sku({draft.sku for draft in drafts})
    sites = inventory.sites_by_code({draft.site_code for draft in drafts})
    with transaction.atomic(savepoint=False):
        take_turn("supply:routings")
        machines = {(each.site_code, each.code): each for each in queries.resources().values()}

        def findings(draft: RoutingDraft) -> list[Finding]:
            return rules.routing_findings(draft) + list(_reference_findings(draft, items, sites, machines))

        good, refused = _sorted_out(drafts, findings, lambda draft: (draft.sku, draft.site_code), "routing_repeated")
        stored = queries.routings([items[draft.sku].id for draft in good.values()])
        ids: list[UUID] = []
        changed: list[tuple[UUID, RoutingDraft]] = []
        for draft, fresh in zip(good.values(), new_ids(len(good)), strict=True):
            known = stored.get((items[draft.sku].id, sites[draft.site_code].id))
            ids.append(known.id if known else fresh)
            if known is None or _as_draft(known) != _tidy(draft):
                changed.append((ids[-1], draft))
        if changed:
            sql.run(
                "save_routings",
                ids=[key for key, _ in changed],
                items=[items[draft.sku].id for _, draft in changed],
                sites=[sites[draft.site_code].id for _, draft in changed],
                lead_days=[draft.lead_days for _, draft in changed],
                per_piece=[draft.days_per_piece for _, draft in changed],
            )
            sql.run("delete_operations", ids=[key for key, _ in changed])
        rows = [
            (key, place, each.name.strip(), machines[draft.site_code, each.resource].id, each.setup_minutes,
             each.run_minutes)
            for key, draft in changed
            for place, each in enumerate(draft.operations, 1)
        ]  # fmt: skip
        insert_rows("supply_routingoperation", _OPERATION, _with_ids(rows))
        entries = [
            Entry("routing", key, {"sku": draft.sku, "site": draft.site_code, "operations": len(draft.operations)})
            for key, draft in changed
        ]
        journal.write("routing.saved", entries, actor=actor, at=at)
    return Outcome(tuple(ids), tuple(refused))


def _tidy(draft: RoutingDraft) -> RoutingDraft:
    return replace(draft, operations=tuple(replace(each, name=each.name.strip()) for each in draft.operations))


def _as_draft(known: RoutingFacts) -> RoutingDraft:
    operations = tuple(
        OperationDraft(each.resource, each.name, each.setup_minutes, each.run_minutes) for each in known.operations
    )
    return RoutingDraft(known.sku, known.site_code, known.lead_days, known.days_per_piece, operations)


def _reference_findings(
    draft: RoutingDraft, items: dict, sites: dict, machines: dict[tuple[str, str], ResourceFacts]
) -> Iterable[Finding]:
    item = items.get(draft.sku)
    if item is None:
        yield Finding("item_unknown", f"item {draft.sku} is unknown; check its SKU", "/sku")
    elif item.kind != "stocked":
        yield Finding("item_not_stocked", f"item {item.sku} is a {item.kind} and is not kept in stock", "/sku")
    if draft.site_code not in sites:
        yield Finding("site_unknown", f"site {draft.site_code} is unknown; check its code", "/site_code")
    for index, each in enumerate(draft.operations):
        if (draft.site_code, each.resource) not in machines:
            message = f"site {draft.site_code} has no resource {each.resource}; save it first"
            yield Finding("resource_unknown", message, f"/operations/{index}/resource", {"resource": each.resource})
