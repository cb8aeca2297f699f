"""Allocation rules: drafted, published from a day on, adjusted in a week, retired; and the tree of demand classes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.platform.turns import take_turn
from auftakt.promising import queries, rules
from auftakt.promising.types import (
    AllocationAdjustment,
    AllocationDraft,
    AllocationPublication,
    AllocationRetirement,
    AllocationRule,
    AllocationVersion,
    DemandClass,
    Target,
)
from auftakt.values import Finding, Outcome, Refusal, new_id, new_ids
from auftakt.values.versions import day_findings, retiring_findings

sql = Statements("auftakt.promising")
TURN = "promising:allocation"
_TARGET = ("id", "version_id", "demand_class_id", "number", "week")


def save_demand_classes(drafts: Sequence[DemandClass], *, actor: str, at: datetime) -> Outcome[str]:
    """Create or change classes by code; a parent may come in the same batch. Done: the codes, in input order.

    Refusals (subject: the index): `class_unnamed`, `class_repeated`, `class_unknown` (the parent), `class_cycle`,
    `class_too_deep`, `rank_below_one`. A refused one is left out before the others are looked at again.
    """
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        standing = {each.code: each for each in queries.demand_classes()}
        good, refused = _sound_classes(drafts, standing)
        new = [each for each in good if standing.get(each.code) != each]
        if new:
            ids = dict(
                sql.rows(
                    "save_demand_classes",
                    ids=new_ids(len(new)),
                    codes=[each.code for each in new],
                    names=[each.name for each in new],
                    ranks=[each.rank for each in new],
                )
            )
            sql.run("hang_demand_classes", codes=[each.code for each in new], parents=[each.parent for each in new])
            sql.run("count_allocation_change")
            entries = [
                Entry("demand_class", ids[each.code], {"class": each.code, "parent": each.parent, "rank": each.rank})
                for each in new
            ]
            journal.write("demand_class.saved", entries, actor=actor, at=at)
    return Outcome(tuple(each.code for each in good), tuple(refused))


def _sound_classes(
    drafts: Sequence[DemandClass], standing: Mapping[str, DemandClass]
) -> tuple[list[DemandClass], list[Refusal]]:
    """Which drafts fit in the tree together; leaving one out may leave out others."""
    good = {index: replace(each, name=each.name.strip()) for index, each in enumerate(drafts)}
    refused: dict[int, Refusal] = {}
    while True:
        after = {**standing, **{each.code: each for each in good.values()}}
        found: dict[int, Refusal] = {}
        seen: set[str] = set()
        touched = {each.code for each in good.values()}
        for index, each in good.items():
            findings = list(rules.class_findings(each, after))
            if each.code in seen:
                findings.append(Finding("class_repeated", f"class {each.code} is named twice in the batch", "/code"))
            elif not findings:
                findings += _below_findings(each, after, touched)
            seen.add(each.code)
            if findings:
                found[index] = Refusal(str(index), tuple(findings))
        if not found:
            return list(good.values()), [refused[index] for index in sorted(refused)]
        refused |= found
        good = {index: each for index, each in good.items() if index not in found}


def _below_findings(each: DemandClass, after: Mapping[str, DemandClass], touched: Collection[str]) -> list[Finding]:
    """What would be wrong with standing classes below one that moves."""
    tree = rules.DemandTree(after.values())
    return [
        replace(finding, place="/parent")
        for code in tree.by_priority(each.code)[1:]
        if code not in touched
        for finding in rules.class_findings(after[code], after)
    ]


def save_allocation_drafts(drafts: Sequence[AllocationDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Write the next version of rules, by code; a new code is a new rule. Done: the rules' ids, in input order. Nothing
    is allocated otherwise before it is published.

    Refusals (subject: the index): those of a rule by itself (`rules.allocation_findings`: `targets_over_100`,
    `target_negative`, `period_reversed`, `week_not_monday` ...), `class_unknown`, `item_unknown`, `category_unknown`,
    `site_unknown`, `rule_repeated`.
    """
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        known = _References(drafts)
        good: dict[str, AllocationDraft] = {}
        refused: list[Refusal] = []
        for index, draft in enumerate(drafts):
            findings = [*rules.allocation_findings(draft), *known.findings(draft)]
            if draft.code in good:
                findings.append(Finding("rule_repeated", f"rule {draft.code} is named twice in the batch", "/code"))
            if findings:
                refused.append(Refusal(str(index), tuple(findings)))
            else:
                good[draft.code] = replace(draft, name=draft.name.strip())
        standing = queries.allocation_rules(good)
        ids = {
            code: standing[code].id if code in standing else fresh
            for code, fresh in zip(good, new_ids(len(good)), strict=True)
        }
        new = {code: draft for code, draft in good.items() if _says_else(standing.get(code), draft)}
        if new:
            _write(ids, new, known, at)
            entries = [
                Entry("allocation_rule", ids[code], {"rule": code, "name": draft.name}) for code, draft in new.items()
            ]
            journal.write("allocation.drafted", entries, actor=actor, at=at)
    return Outcome(tuple(ids.values()), tuple(refused))


def _says_else(standing: AllocationRule | None, draft: AllocationDraft) -> bool:
    """Whether a draft differs from the rule's draft."""
    return standing is None or standing.draft is None or _as_draft(standing.draft) != draft


def _as_draft(version: AllocationVersion) -> AllocationDraft:
    names = [name for name in AllocationDraft.__dataclass_fields__ if name != "targets"]
    return AllocationDraft(**{name: getattr(version, name) for name in names}, targets=version.targets)


def _write(ids: Mapping[str, UUID], new: Mapping[str, AllocationDraft], known: "_References", at: datetime) -> None:
    drafts = list(new.values())
    sql.run(
        "save_allocation_rules",
        ids=[ids[code] for code in new],
        codes=list(new),
        names=[draft.name for draft in drafts],
    )
    versions: dict[UUID, UUID] = dict(
        sql.rows(
            "save_allocation_versions",
            ids=new_ids(len(drafts)),
            rules=[ids[code] for code in new],
            at=at,
            from_ons=[draft.from_on for draft in drafts],
            until_ons=[draft.until_on for draft in drafts],
            items=[known.ids.get(("sku", draft.sku)) for draft in drafts],
            categories=[known.ids.get(("category", draft.category)) for draft in drafts],
            sites=[known.ids.get(("site", draft.site)) for draft in drafts],
            kinds=[draft.kind for draft in drafts],
            bases=[draft.basis for draft in drafts],
            withins=[draft.steal_within_days for draft in drafts],
        )
    )
    sql.run("delete_allocation_targets", versions=list(versions.values()))
    _write_targets({versions[ids[code]]: draft.targets for code, draft in new.items()}, known)


def _write_targets(targets: Mapping[UUID, Sequence[Target]], known: "_References") -> None:
    rows = [
        (new_id(), version, known.ids["class", each.demand_class], each.number, each.week)
        for version, told in targets.items()
        for each in told
    ]
    insert_rows("promising_allocationtarget", _TARGET, rows)


class _References:
    """The items, categories, sites and classes that drafts name."""

    def __init__(self, drafts: Sequence[AllocationDraft]) -> None:
        self.ids: dict[tuple[str, str], UUID] = {
            (kind, code): key
            for kind, code, key in sql.rows(
                "allocation_references",
                skus=sorted({each.sku for each in drafts} - {""}),
                categories=sorted({each.category for each in drafts} - {""}),
                sites=sorted({each.site for each in drafts} - {""}),
            )
        }

    def findings(self, draft: AllocationDraft) -> Iterator[Finding]:
        """What a draft names and nobody knows."""
        for kind, code, word in (
            ("sku", draft.sku, "item"), ("category", draft.category, "category"), ("site", draft.site, "site"),
        ):  # fmt: skip
            if code and (kind, code) not in self.ids:
                yield Finding(f"{word}_unknown", f"{word} {code} is unknown; check its code", f"/{kind}", {word: code})
        for index, each in enumerate(draft.targets):
            if ("class", each.demand_class) not in self.ids:
                message = f"demand class {each.demand_class} is unknown; check its code"
                facts = {"demand_class": each.demand_class}
                yield Finding("class_unknown", message, f"/targets/{index}/demand_class", facts)


def publish_allocation(publications: Sequence[AllocationPublication], *, actor: str, at: datetime) -> Outcome[UUID]:
    """The drafts of rules hold from a day on; what held of the same rules ends on that day. Done: the rules' ids.

    Refusals (subject: the index): `rule_unknown`, `rule_repeated`, `draft_missing`, `day_in_past`, `period_reversed`,
    and `allocation_overlaps` when another rule is in force for the same item or category and site on one of its days.
    """
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        standing = queries.allocation_rules({each.code for each in publications})
        held = queries.allocation_versions(on=at.date(), later=True)
        good: dict[str, date] = {}
        refused: list[Refusal] = []
        for index, each in enumerate(publications):
            draft = standing[each.code].draft if each.code in standing else None
            day = each.from_on or (draft and draft.from_on) or at.date()
            findings = list(day_findings(each.code, day, standing, good, at.date()))
            if each.code in standing and draft is None:
                message = f"rule {each.code} has no draft; write one first"
                findings.append(Finding("draft_missing", message, "/code", {"rule": each.code}))
            if draft:
                begun = replace(draft, from_on=day, state="published")
                findings += _overlap_findings(begun, held)
            if findings or draft is None:
                refused.append(Refusal(str(index), tuple(findings)))
            else:
                good[each.code] = day
                held = [other for other in held if other.rule_id != draft.rule_id] + [begun]
        ids = [standing[code].id for code in good]
        if good:
            days = list(good.values())
            sql.run("end_allocation", rules=ids, days=days)
            numbers = dict(sql.rows("publish_allocation", rules=ids, days=days, at=at))
            sql.run("count_allocation_change")
            entries = [
                Entry("allocation_rule", key, {"rule": code, "version": numbers[key], "from_on": day})
                for key, (code, day) in zip(ids, good.items(), strict=True)
            ]
            journal.write("allocation.published", entries, actor=actor, at=at)
    return Outcome(tuple(ids), tuple(refused))


def _overlap_findings(begun: AllocationVersion, held: Sequence[AllocationVersion]) -> Iterator[Finding]:
    if begun.until_on and begun.from_on and begun.until_on <= begun.from_on:
        message = f"it ends on {begun.until_on}, before it begins"
        yield Finding("period_reversed", message, "/from_on", {"day": begun.until_on.isoformat()})
    for other in held:
        if rules.equal_rank(begun, other):
            message = f"rule {other.code} is in force for the same goods at the same place; end it first"
            yield Finding("allocation_overlaps", message, "/code", {"rule": other.code})
            return


def retire_allocation(retirements: Sequence[AllocationRetirement], *, actor: str, at: datetime) -> Outcome[UUID]:
    """From a day on no version of these rules holds: first come, first served, or the next wider rule. Done: the rules'
    ids. Refusals (subject: the index): `rule_unknown`, `rule_repeated`, `day_in_past`, `nothing_in_force`."""
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        standing = queries.allocation_rules({each.code for each in retirements})
        good: dict[str, date] = {}
        refused: list[Refusal] = []
        for index, each in enumerate(retirements):
            findings = list(day_findings(each.code, each.from_on, standing, good, at.date()))
            if each.code in standing:
                findings += retiring_findings(each.code, each.from_on, standing[each.code].versions)
            if findings:
                refused.append(Refusal(str(index), tuple(findings)))
            else:
                good[each.code] = each.from_on
        ids = [standing[code].id for code in good]
        if good:
            sql.run("end_allocation", rules=ids, days=list(good.values()))
            sql.run("count_allocation_change")
            entries = [
                Entry("allocation_rule", key, {"rule": code, "from_on": day})
                for key, (code, day) in zip(ids, good.items(), strict=True)
            ]
            journal.write("allocation.retired", entries, actor=actor, at=at)
    return Outcome(tuple(ids), tuple(refused))


def adjust_allocation(adjustments: Sequence[AllocationAdjustment], *, actor: str, at: datetime) -> Outcome[UUID]:
    """In one week a class shall have so much, and the others share the rest in proportion: a new version of the rule
    says so from today on, a draft stays as it is. Done: the rules' ids, once for each adjustment.

    Refusals (subject: the index): `rule_unknown`, `nothing_in_force`, `class_unknown` (not a target of the rule),
    `week_not_monday`, `week_in_past`, and `total_not_kept` when the others cannot make up for it.
    """
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        today = at.date()
        standing = queries.allocation_rules({each.code for each in adjustments})
        held = {code: version for code, rule in standing.items() if (version := rule.in_force(today))}
        next_ones: dict[str, AllocationVersion] = {}
        done: list[UUID] = []
        refused: list[Refusal] = []
        for index, each in enumerate(adjustments):
            version = next_ones.get(each.code) or held.get(each.code)
            findings = list(_adjustment_findings(each, version, standing, today))
            if version is None or findings:
                refused.append(Refusal(str(index), tuple(findings)))
                continue
            numbers = rules.adjusted(version.numbers(each.week), each.demand_class, each.number) or {}
            kept = tuple(target for target in version.targets if target.week != each.week)
            week = tuple(Target(code, number, each.week) for code, number in numbers.items())
            next_ones[each.code] = replace(version, targets=kept + week)
            done.append(version.rule_id)
        if next_ones:
            _replace(next_ones, at)
            entries = [
                Entry("allocation_rule", version.rule_id, {"rule": code, "from_on": today})
                for code, version in next_ones.items()
            ]
            journal.write("allocation.adjusted", entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _replace(next_ones: Mapping[str, AllocationVersion], at: datetime) -> None:
    """New versions in force from today on, in the place of those that hold now. A draft is numbered before them."""
    known = _References(())
    fresh = dict(zip(next_ones, new_ids(len(next_ones)), strict=True))
    versions = list(next_ones.values())
    sql.run("end_allocation_versions", versions=[each.id for each in versions], on=at.date())
    sql.run(
        "copy_allocation",
        ids=list(fresh.values()),
        versions=[each.id for each in versions],
        until_ons=[each.until_on for each in versions],
        at=at,
        on=at.date(),
    )
    _write_targets({fresh[code]: version.targets for code, version in next_ones.items()}, known)
    sql.run("count_allocation_change")


def _adjustment_findings(
    each: AllocationAdjustment, version: AllocationVersion | None, standing: Mapping[str, Any], today: date
) -> Iterator[Finding]:
    if each.code not in standing:
        yield Finding("rule_unknown", f"rule {each.code} is unknown; check its code", "/code", {"rule": each.code})
        return
    if version is None:
        message = f"no version of {each.code} is in force; publish one first"
        yield Finding("nothing_in_force", message, "/code", {"rule": each.code})
        return
    if each.week.weekday():
        message = f"{each.week} is not a Monday; a week is named by its Monday"
        yield Finding("week_not_monday", message, "/week", {"day": each.week.isoformat()})
    elif each.week < rules.monday(today):
        yield Finding("week_in_past", f"the week of {each.week} is past", "/week", {"day": each.week.isoformat()})
    numbers = version.numbers(each.week)
    if each.demand_class not in numbers:
        message = f"rule {each.code} has no target for class {each.demand_class}"
        yield Finding("class_unknown", message, "/demand_class", {"demand_class": each.demand_class})
    elif rules.adjusted(numbers, each.demand_class, each.number) is None:
        message = "the others cannot make up for it: the week's total would not be kept"
        yield Finding("total_not_kept", message, "/number", {"total": str(sum(numbers.values()))})
