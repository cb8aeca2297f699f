"""Reads of allocation: demand classes, rules in versions, what holds on a day, and what each class has taken."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.platform.sql import Statements
from auftakt.promising import rules
from auftakt.promising.types import (
    AllocatedWeek,
    AllocationBook,
    AllocationFacts,
    AllocationRule,
    AllocationVersion,
    DemandClass,
    TakenByClass,
    Target,
)

sql = Statements("auftakt.promising")


def allocation_mark() -> int:
    """A number that is another one whenever a rule in force or a demand class has changed."""
    return sql.value("allocation_mark")


def demand_classes() -> list[DemandClass]:
    """All classes."""
    return [DemandClass(*row) for row in sql.rows("demand_classes")]


def allocation_rules(codes: Iterable[str] | None = None) -> dict[str, AllocationRule]:
    """Rules with all their versions, by code; None means all. Three statements."""
    heads = sql.rows("allocation_rules", codes=None if codes is None else sorted(set(codes)))
    versions: dict[UUID, list[AllocationVersion]] = defaultdict(list)
    for version in allocation_versions(rule_ids=[key for key, *_ in heads]):
        versions[version.rule_id].append(version)
    return {code: AllocationRule(key, code, name, tuple(versions[key])) for key, code, name in heads}


def allocation_versions(
    *, rule_ids: list[UUID] | None = None, on: date | None = None, later: bool = False
) -> list[AllocationVersion]:
    """Versions of rules, the newest first; with a day those that hold on it, or on it and later. Two statements."""
    rows = sql.rows("allocation_versions", rules=rule_ids, on=on, later=later)
    if not rows:
        return []
    targets: dict[UUID, list[Target]] = defaultdict(list)
    for key, *row in sql.rows("allocation_targets", versions=[row[0] for row in rows]):
        targets[key].append(Target(*row))
    return [AllocationVersion(*row, tuple(targets[row[0]])) for row in rows]


def allocation_in_force(on: date) -> AllocationBook:
    """Everything that is allocated on a day. Three statements; one where nothing is."""
    by_item: dict[tuple[UUID, UUID | None], AllocationFacts] = {}
    by_category: dict[tuple[UUID, UUID | None], AllocationFacts] = {}
    versions = allocation_versions(on=on)
    if not versions:
        return AllocationBook()
    for each in versions:
        facts = AllocationFacts(each.id, each.code, each.name, each.kind, each.basis, each.steal_within_days, each)
        if each.item_id:
            by_item[each.item_id, each.site_id] = facts
        elif each.category_id:
            by_category[each.category_id, each.site_id] = facts
    return AllocationBook(tuple(demand_classes()), by_item, by_category)


def taken_by_class(items: Iterable[UUID], on: date) -> list[TakenByClass]:
    """What each class has drawn of items by site and week."""
    return [TakenByClass(*row) for row in sql.rows("taken_by_class", items=sorted(set(items)), on=on)]


def allocated_weeks(
    item_id: UUID, categories: tuple[UUID, ...], site_id: UUID, on: date
) -> tuple[AllocationFacts | None, list[AllocatedWeek]]:
    """An item at a site by weeks: supply, and what each class was allotted, has taken and has left. Without a rule in
    force there are no weeks. Five statements."""
    book = allocation_in_force(on)
    facts = book.rule(item_id, categories, site_id)
    if facts is None:
        return None, []
    supply: dict[date, Decimal] = dict(sql.rows("supply_by_week", item=item_id, site=site_id, on=on))
    taken: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for each in taken_by_class([item_id], on):
        if each.site_id == site_id:
            taken[each.demand_class][each.week] = each.quantity
    tree = rules.DemandTree(book.classes)
    return facts, rules.allocated_weeks(facts.version, supply, taken, tree, on)


def weeks_at(sku: str, site: str, on: date) -> tuple[AllocationFacts | None, list[AllocatedWeek]] | None:
    """As `allocated_weeks`, by codes; None for an unknown item or site. Six statements."""
    for item_id, site_id, categories in sql.rows("item_at_site", sku=sku, site=site):
        return allocated_weeks(item_id, tuple(categories), site_id, on)
    return None
