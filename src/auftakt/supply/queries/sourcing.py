"""Reads of sourcing: rules in versions, what holds on a day, assignments, and which rule a line gets."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from auftakt.platform.sql import Statements
from auftakt.supply import rules
from auftakt.supply.types import (
    AssignmentFacts,
    PromisingTerms,
    Resolved,
    RuleInForce,
    Scope,
    Source,
    SourcingCase,
    SourcingGap,
    SourcingRule,
    SourcingVersion,
    SourcingWish,
)
from auftakt.values import Finding

sql = Statements("auftakt.supply")


def sourcing_mark() -> int:
    """A number that is another one whenever a rule in force or an assignment has changed."""
    return sql.value("sourcing_mark")


def sourcing_codes(after: str = "", limit: int = 50) -> list[str]:
    """A page of rules by code, those behind one."""
    return [code for (code,) in sql.rows("sourcing_codes", after=after, limit=limit)]


def sourcing_rules(codes: Iterable[str] | None = None, ids: Iterable[UUID] | None = None) -> dict[str, SourcingRule]:
    """Rules with all their versions, by code; None means all."""
    heads = sql.rows(
        "sourcing_rules", codes=None if codes is None else sorted(set(codes)), ids=None if ids is None else list(ids)
    )
    versions: dict[UUID, list[SourcingVersion]] = defaultdict(list)
    for version in _versions([key for key, *_ in heads], None):
        versions[version.rule_id].append(version)
    return {code: SourcingRule(key, code, name, tuple(versions[key])) for key, code, name in heads}


def _versions(rule_ids: list[UUID] | None, on: date | None) -> list[SourcingVersion]:
    rows = sql.rows("sourcing_versions", rules=rule_ids, on=on)
    if not rows:
        return []
    sources: dict[UUID, list[Source]] = defaultdict(list)
    for key, *row in sql.rows("sourcing_sources", versions=[row[0] for row in rows]):
        sources[key].append(Source(*row))
    return [_version(row, tuple(sources[row[0]])) for row in rows]


def _version(row: Sequence[Any], sources: tuple[Source, ...]) -> SourcingVersion:
    key, rule_id, number, state, from_on, until_on, saved_at, published_at, mode, counts, *terms = row
    told = PromisingTerms(mode, tuple(counts), *terms)
    return SourcingVersion(key, rule_id, number, state, from_on, until_on, sources, told, saved_at, published_at)


def sourcing_gaps(version: SourcingVersion) -> list[SourcingGap]:
    """What the sources of a version lack, by their place in it."""
    found: list[SourcingGap] = []
    for place, (_, kind, is_open, lacking, items) in enumerate(
        sql.rows("sourcing_gaps", rule=version.rule_id, version=version.id)
    ):
        if not is_open:
            found.append(SourcingGap(place, "site_closed"))
        if lacking:
            code = "site_without_routing" if kind == "make" else "supplier_without_terms"
            found.append(SourcingGap(place, code, lacking, items))
    return found


def sourcing_assignments(
    ids: Iterable[UUID] | None = None,
    rule_ids: Iterable[UUID] | None = None,
    *,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[AssignmentFacts]:
    """Assignments by id, those behind one; None means all."""
    rows = sql.rows(
        "sourcing_assignments",
        ids=None if ids is None else list(ids),
        rules=None if rule_ids is None else list(rule_ids),
        after=after,
        limit=limit,
    )
    return [_assignment(row) for row in rows]


def _assignment(row: Sequence[Any]) -> AssignmentFacts:
    key, rule_id, rule, *rest = row
    return AssignmentFacts(key, rule_id, rule, Scope(*rest[:9]), *rest[9:])


def published_sourcing(on: date) -> tuple[dict[UUID, RuleInForce], rules.Assignments]:
    """The rules in force on a day, by id, and their assignments, ready to be asked. Four statements; one where no rule
    is in force."""
    held = _in_force(on)
    everything = sourcing_assignments() if held else ()
    return held, rules.Assignments(each for each in everything if each.rule_id in held)


def _in_force(on: date) -> dict[UUID, RuleInForce]:
    versions = _versions(None, on)
    if not versions:
        return {}
    named = {key: (code, name) for key, code, name in sql.rows("sourcing_rules", codes=None, ids=None)}
    return {
        each.rule_id: RuleInForce(named[each.rule_id][0], each.number, each.sources, each.terms, named[each.rule_id][1])
        for each in versions
    }


def resolve_sourcing(wishes: Sequence[SourcingWish], *, on: date) -> list[Resolved]:
    """Which rule each wish gets on a day, and which other assignments fit; six statements for any number of wishes."""
    items = {
        sku: (key, brand, tuple(categories))
        for sku, key, brand, categories in sql.rows("sourcing_items", skus=sorted({each.sku for each in wishes}))
    }
    numbers = sorted({each.customer for each in wishes} - {""})
    customers = {
        number: (key, segment) for number, key, segment, buys in sql.rows("sourcing_customers", numbers=numbers) if buys
    }
    held = _in_force(on)
    everything = sourcing_assignments()
    awake = rules.Assignments(each for each in everything if each.rule_id in held)
    sleeping = rules.Assignments(each for each in everything if each.rule_id not in held)
    answers: list[Resolved] = []
    for wish in wishes:
        findings: list[Finding] = []
        if wish.sku not in items:
            findings.append(Finding("item_unknown", f"item {wish.sku} is unknown; check its SKU", "/sku"))
        if wish.customer and wish.customer not in customers:
            message = f"{wish.customer} is not the number of a customer"
            findings.append(Finding("customer_unknown", message, "/customer"))
        if findings:
            answers.append(Resolved(wish, findings=tuple(findings)))
            continue
        item, brand, categories = items[wish.sku]
        customer, segment = customers.get(wish.customer, (None, wish.segment))
        case = SourcingCase(
            item, categories, brand, customer, segment, wish.demand_class, wish.country, wish.region, wish.channel
        )
        matches = awake.matches(case)
        answers.append(
            Resolved(
                wish,
                matches,
                held[matches[0].assignment.rule_id] if matches else None,
                tuple(each.assignment for each in sleeping.matches(case)),
                rules.explained(matches),
            )
        )
    return answers
