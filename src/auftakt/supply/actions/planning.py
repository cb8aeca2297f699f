"""Work orders are planned: a draft needs nothing and brings nothing yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import ItemFacts
from auftakt.inventory import queries as inventory
from auftakt.inventory.types import SiteFacts
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import serials
from auftakt.platform.sql import Statements
from auftakt.supply import queries, rules
from auftakt.supply.types import WORK_LIFECYCLE, WorkDraft
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.supply")


@dataclass(frozen=True, slots=True)
class _Planning:
    """A draft whose names have been looked up."""

    index: int
    id: UUID
    draft: WorkDraft
    item: ItemFacts
    site: SiteFacts
    quantity: Decimal


def plan_work(drafts: Sequence[WorkDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Plan work orders. Done: their ids, in input order. Without a day one is due when its lead time has passed.

    A number that exists with the same item, site and quantity is done already. Refusals (subject: the index) name every
    problem: `item_unknown`, `item_not_stocked`, `site_unknown`, `site_closed`, `unit_unknown`, `quantity_not_positive`,
    `quantity_fractional`, `due_before_start`, `number_too_long`, `note_too_long`, `work_number_taken`.
    """
    items = catalog.items_by_sku({draft.sku for draft in drafts})
    sites = inventory.sites_by_code({draft.site_code for draft in drafts})
    plannings: list[_Planning] = []
    refused: list[Refusal] = []
    for index, (draft, key) in enumerate(zip(drafts, new_ids(len(drafts)), strict=True)):
        read = _read(index, key, draft, items, sites)
        if isinstance(read, _Planning):
            plannings.append(read)
        else:
            refused.append(Refusal(str(index), tuple(read)))
    with transaction.atomic(savepoint=False):
        ids, taken = _plan(plannings, actor, at) if plannings else ({}, [])
    refused += taken
    return Outcome(
        tuple(ids[index] for index in sorted(ids)), tuple(sorted(refused, key=lambda each: int(each.subject)))
    )


def _read(
    index: int, key: UUID, draft: WorkDraft, items: Mapping[str, ItemFacts], sites: Mapping[str, SiteFacts]
) -> _Planning | list[Finding]:
    findings = rules.work_findings(draft)
    item, site, base = items.get(draft.sku), sites.get(draft.site_code), Decimal(0)
    if site is None:
        findings.append(Finding("site_unknown", f"site {draft.site_code} is unknown; check its code", "/site_code"))
    elif not site.is_open:
        findings.append(Finding("site_closed", f"site {site.code} is closed; open it first", "/site_code"))
    if item is None:
        findings.append(Finding("item_unknown", f"item {draft.sku} is unknown; check its SKU", "/sku"))
    elif item.kind != "stocked":
        message = f"item {item.sku} is a {item.kind} and is not kept in stock"
        findings.append(Finding("item_not_stocked", message, "/sku"))
    elif not (draft.quantity.is_finite() and draft.quantity > 0):
        message = f"the quantity must be above zero, not {draft.quantity}"
        findings.append(Finding("quantity_not_positive", message, "/quantity"))
    else:
        counted = catalog.base_quantity(item, draft.quantity, draft.unit)
        if isinstance(counted, Finding):
            findings.append(counted)
        else:
            base = counted
    if findings or item is None or site is None:
        return findings
    return _Planning(index, key, draft, item, site, base)


def _due_days(plannings: Sequence[_Planning]) -> list[date]:
    """When each is due: as told, or when its lead time has passed in working days of its site."""
    open_ = [each for each in plannings if each.draft.due_on is None]
    routings = queries.routings({each.item.id for each in open_}) if open_ else {}
    calendars = inventory.calendars() if open_ else {}
    days: list[date] = []
    for each in plannings:
        if each.draft.due_on is not None:
            days.append(each.draft.due_on)
            continue
        routing = routings.get((each.item.id, each.site.id))
        count = rules.lead_time(routing.lead_days, routing.days_per_piece, each.quantity) if routing else 0
        calendar = calendars.get(each.site.shipping_calendar)
        days.append(inventory.add_working_days(calendar, each.draft.starts_on, count))
    return days


def _plan(plannings: Sequence[_Planning], actor: str, at: datetime) -> tuple[dict[int, UUID], list[Refusal]]:
    drawn = serials("supply_workorder", "serial", len(plannings))
    numbers = [each.draft.number.strip() or f"WO-{serial:06d}" for serial, each in zip(drawn, plannings, strict=True)]
    first: dict[str, tuple[int, _Planning, date]] = {}
    for serial, number, each, due in zip(drawn, numbers, plannings, _due_days(plannings), strict=True):
        first.setdefault(number, (serial, each, due))
    made = {
        key
        for (key,) in sql.rows(
            "insert_work",
            ids=[each.id for _, each, _ in first.values()],
            serials=[serial for serial, _, _ in first.values()],
            numbers=list(first),
            items=[each.item.id for _, each, _ in first.values()],
            sites=[each.site.id for _, each, _ in first.values()],
            quantities=[each.quantity for _, each, _ in first.values()],
            starts=[each.draft.starts_on for _, each, _ in first.values()],
            dues=[due for *_, due in first.values()],
            notes=[each.draft.note.strip() for _, each, _ in first.values()],
            state=WORK_LIFECYCLE.start,
            at=at,
        )
    }
    entries = [
        Entry("work_order", each.id, {"number": number, "sku": each.item.sku, "site": each.site.code,
                                      "quantity": each.quantity, "due_on": due})
        for number, (_, each, due) in first.items() if each.id in made
    ]  # fmt: skip
    journal.write("work.planned", entries, actor=actor, at=at)
    again = sorted({number for number, each in zip(numbers, plannings, strict=True) if each.id not in made})
    standing = {row[0]: row[1:] for row in sql.rows("planned_work", numbers=again)} if again else {}
    ids: dict[int, UUID] = {}
    refused: list[Refusal] = []
    for number, each in zip(numbers, plannings, strict=True):
        if each.id in made:
            ids[each.index] = each.id
        elif standing.get(number, (None,))[1:] == (each.item.id, each.site.id, each.quantity):
            ids[each.index] = standing[number][0]
        else:
            message = f"work order {number} exists with other content; use a new number"
            refused.append(Refusal.because(each.index, "work_number_taken", message, place="/number"))
    return ids, refused
