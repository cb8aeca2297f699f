"""Sourcing rules: drafted, published from a day on, retired."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.catalog import queries as catalog
from auftakt.inventory import queries as inventory
from auftakt.inventory.types import SiteFacts
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.platform.turns import take_turn
from auftakt.supply import queries, rules
from auftakt.supply.types import (
    Source,
    SourcingDraft,
    SourcingPublication,
    SourcingRetirement,
    SourcingRule,
)
from auftakt.values import Finding, Outcome, Refusal, new_ids
from auftakt.values.versions import day_findings, retiring_findings

sql = Statements("auftakt.supply")
TURN = "supply:sourcing"
_SOURCE = (
    "id", "version_id", "position", "rank", "kind", "site_id", "from_site_id", "supplier_id", "share", "transfer_days",
    "valid_from", "valid_until",
)  # fmt: skip
_TERMS = (
    "past_due_days", "infinite_after_days", "horizon_days", "make_first_after_days", "partial_starts", "lead_days",
    "late_cost_per_day", "split_cost", "service_floor_days", "currency", "choice", "consolidate_at",
)  # fmt: skip
Ways = dict[UUID, list[rules.Way]]


def save_sourcing_drafts(
    drafts: Sequence[SourcingDraft], *, actor: str, at: datetime, lanes_from: Collection[str] | None = None
) -> Outcome[UUID]:
    """Write the next version of rules, by code; a new code is a new rule. Done: the rules' ids, in input order. Saying
    what holds or is drafted already changes nothing. Nothing is sourced otherwise before it is published.

    `lanes_from` are the codes of sites from which there is a way to customers; None: nobody asks. Refusals (subject:
    the index) name every problem: those of a rule by itself (`rules.rule_findings`: `sources_missing`,
    `shares_over_100`, `source_without_way`, `sourcing_cycle` ...), `site_unknown`, `supplier_unknown`,
    `site_not_of_supplier`, `site_of_supplier`, `site_without_lane`, `rule_repeated`.
    """
    known = _References(drafts, lanes_from)
    good: dict[str, SourcingDraft] = {}
    refused: list[Refusal] = []
    for index, draft in enumerate(drafts):
        findings = [*rules.rule_findings(draft), *known.findings(draft)]
        if draft.code in good:
            findings.append(Finding("rule_repeated", f"rule {draft.code} is named twice in the batch", "/code"))
        if findings:
            refused.append(Refusal(str(index), tuple(findings)))
        else:
            good[draft.code] = _tidy(draft)
    if not good:
        return Outcome((), tuple(refused))
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        standing = queries.sourcing_rules(good)
        ids = {
            code: standing[code].id if code in standing else fresh
            for code, fresh in zip(good, new_ids(len(good)), strict=True)
        }
        renamed = {
            code: draft for code, draft in good.items() if code not in standing or standing[code].name != draft.name
        }
        changed = {code: draft for code, draft in good.items() if _says_else(standing.get(code), draft)}
        _write(ids, renamed, changed, known, actor, at)
    return Outcome(tuple(ids.values()), tuple(refused))


def _tidy(draft: SourcingDraft) -> SourcingDraft:
    """Sources by rank, in the order given."""
    sources = tuple(sorted(draft.sources, key=lambda each: each.rank))
    return replace(draft, name=draft.name.strip(), sources=sources)


def _says_else(standing: SourcingRule | None, draft: SourcingDraft) -> bool:
    """Whether a draft differs from the rule's draft, or from its newest version that still holds."""
    versions = standing.versions if standing else ()
    latest = next((each for each in versions if each.state != "retired"), None)
    return latest is None or (latest.sources, latest.terms) != (draft.sources, draft.terms)


def _write(
    ids: Mapping[str, UUID],
    renamed: Mapping[str, SourcingDraft],
    changed: Mapping[str, SourcingDraft],
    known: "_References",
    actor: str,
    at: datetime,
) -> None:
    if renamed:
        sql.run(
            "save_sourcing_rules",
            ids=[ids[code] for code in renamed],
            codes=list(renamed),
            names=[draft.name for draft in renamed.values()],
        )
    if changed:
        drafts = list(changed.values())
        versions: dict[UUID, UUID] = dict(
            sql.rows(
                "save_sourcing_versions",
                ids=new_ids(len(drafts)),
                rules=[ids[code] for code in changed],
                at=at,
                modes=[draft.terms.mode for draft in drafts],
                countss=[" ".join(draft.terms.counts) for draft in drafts],
                **{name: [getattr(draft.terms, name) for draft in drafts] for name in _TERMS},
            )
        )
        sql.run("delete_sourcing_sources", versions=list(versions.values()))
        rows = [
            (versions[ids[code]], place, *known.row(source))
            for code, draft in changed.items()
            for place, source in enumerate(draft.sources, 1)
        ]
        keyed = [(key, *row) for key, row in zip(new_ids(len(rows)), rows, strict=True)]
        insert_rows("supply_sourcingsource", _SOURCE, keyed)
    told = {**renamed, **changed}
    entries = [
        Entry("sourcing_rule", ids[code], {"rule": code, "name": each.name, "sources": len(each.sources)})
        for code, each in told.items()
    ]
    if renamed:
        sql.run("count_sourcing_change")
    if entries:
        journal.write("sourcing.drafted", entries, actor=actor, at=at)


class _References:
    """The sites and suppliers that drafts name."""

    def __init__(self, drafts: Sequence[SourcingDraft], lanes_from: Collection[str] | None) -> None:
        numbers = sorted({source.supplier for draft in drafts for source in draft.sources} - {""})
        self.sites: dict[str, SiteFacts] = {site.code: site for site in inventory.sites()}
        self.suppliers: dict[str, UUID] = {
            number: key for number, key, sells, _ in sql.rows("find_suppliers", numbers=numbers) if sells
        }
        self.lanes_from = lanes_from

    def row(self, source: Source) -> tuple[Any, ...]:
        """A source with ids for codes, as its table has it."""
        site, origin = self.sites.get(source.site), self.sites.get(source.from_site)
        return (
            source.rank, source.kind, site and site.id, origin and origin.id, self.suppliers.get(source.supplier),
            source.share, source.transfer_days, source.valid_from, source.valid_until,
        )  # fmt: skip

    def findings(self, draft: SourcingDraft) -> Iterator[Finding]:
        """What drafts name and nobody knows, and sites that cannot do what they are named for."""
        for index, source in enumerate(draft.sources):
            place = f"/sources/{index}"
            yield from self._site_findings(source.site, f"{place}/site")
            yield from self._site_findings(source.from_site, f"{place}/from_site")
            yield from self._lane_findings(source.site, f"{place}/site")
            if source.supplier and source.supplier not in self.suppliers:
                message = f"{source.supplier} is not the number of a supplier"
                facts = {"supplier": source.supplier}
                yield Finding("supplier_unknown", message, f"{place}/supplier", facts)
            yield from self._owner_findings(source, place)
        yield from self._site_findings(draft.terms.consolidate_at, "/terms/consolidate_at")
        yield from self._lane_findings(draft.terms.consolidate_at, "/terms/consolidate_at")

    def _site_findings(self, code: str, place: str) -> Iterator[Finding]:
        if code and code not in self.sites:
            yield Finding("site_unknown", f"site {code} is unknown; check its code", place, {"site": code})

    def _lane_findings(self, code: str, place: str) -> Iterator[Finding]:
        if code in self.sites and self.lanes_from is not None and code not in self.lanes_from:
            message = f"no lane leads from {code} to any customer; save how long transit takes from there first"
            yield Finding("site_without_lane", message, place, {"site": code})

    def _owner_findings(self, source: Source, place: str) -> Iterator[Finding]:
        """A supplier ships from the supplier's own place, and nobody else does."""
        site = self.sites.get(source.site)
        if site is None:
            return
        facts = {"site": site.code, "supplier": source.supplier}
        if source.kind == "drop_ship":
            if source.supplier and (site.kind, site.supplier) != ("supplier", source.supplier):
                message = f"{site.code} is not a place of supplier {source.supplier}; name a site that is"
                yield Finding("site_not_of_supplier", message, f"{place}/site", facts)
        elif site.kind == "supplier":
            message = f"{site.code} is a supplier's place; only a source of kind drop_ship ships from there"
            yield Finding("site_of_supplier", message, f"{place}/site", facts)


def publish_sourcing(
    publications: Sequence[SourcingPublication],
    *,
    actor: str,
    at: datetime,
    lanes_from: Collection[str] | None = None,
) -> Outcome[UUID]:
    """The drafts of rules hold from a day on; what held ends on that day, what was to begin later never does. Done: the
    rules' ids. A published version does not change any more.

    Refusals (subject: the index): `rule_unknown`, `rule_repeated`, `draft_missing`, `day_in_past`, all of
    `save_sourcing_drafts` (sites and lanes may have changed since), and `sourcing_cycle` with the way, when goods of
    one and the same product would go round in a circle by the rules in force.
    """
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        standing = queries.sourcing_rules({each.code for each in publications})
        written = {code: _as_draft(rule) for code, rule in standing.items()}
        known = _References([draft for draft in written.values() if draft], lanes_from)
        good: dict[int, SourcingPublication] = {}
        refused: dict[int, Refusal] = {}
        for index, each in enumerate(publications):
            draft = written.get(each.code)
            before = [publications[other].code for other in good]
            findings = list(day_findings(each.code, each.from_on, standing, before, at.date()))
            if draft:
                findings += [*rules.rule_findings(draft), *known.findings(draft)]
            elif each.code in standing:
                message = f"rule {each.code} has no draft; write one first"
                findings.append(Finding("draft_missing", message, "/code", {"rule": each.code}))
            if findings:
                refused[index] = Refusal(str(index), tuple(findings))
            else:
                good[index] = each
        refused |= _leave_out_circles(good, standing, at.date())
        ids = [standing[each.code].id for each in good.values()]
        days = [each.from_on for each in good.values()]
        if good:
            sql.rows("end_sourcing", rules=ids, days=days)
            numbers = dict(sql.rows("publish_sourcing", rules=ids, days=days, at=at))
            sql.run("count_sourcing_change")
            entries = [
                Entry("sourcing_rule", key, {"rule": each.code, "version": numbers[key], "from_on": each.from_on})
                for key, each in zip(ids, good.values(), strict=True)
            ]
            journal.write("sourcing.published", entries, actor=actor, at=at)
    return Outcome(tuple(ids), tuple(refused[index] for index in sorted(refused)))


def _as_draft(rule: SourcingRule) -> SourcingDraft | None:
    draft = rule.draft
    return SourcingDraft(rule.code, rule.name, draft.sources, draft.terms) if draft else None


def _leave_out_circles(
    good: dict[int, SourcingPublication], standing: Mapping[str, SourcingRule], today: date
) -> dict[int, Refusal]:
    """Takes those publications out of the good ones that would close a circle, the last first; their refusals."""
    refused: dict[int, Refusal] = {}
    before = standing_ways(today)
    together: Sequence[frozenset[UUID]] | None = None
    while True:
        found = {key: list(each) for key, each in before.items()}
        for each in good.values():
            rule = standing[each.code]
            kept = [replace(way, last=min(way.last, each.from_on - timedelta(1))) for way in found.get(rule.id, ())]
            draft = rule.draft
            found[rule.id] = kept + (rules.ways(rule.code, draft.sources, each.from_on) if draft else [])
        if together is None:
            together = sorted(rules_together([]), key=len) if _may_meet(found) else []
        trip = first_circle(found, together)
        named = {way.rule for way in trip}
        last = next((index for index in reversed(good) if good[index].code in named), None)
        if last is None:
            return refused
        refused[last] = Refusal(str(last), (circle_finding(trip, "/code"),))
        del good[last]


def standing_ways(today: date) -> Ways:
    """The transfers of all rules that hold today or later, by rule."""
    found: Ways = defaultdict(list)
    for key, code, origin, target, first, last in sql.rows("standing_transfers", on=today):
        found[key].append(rules.Way(code, origin, target, first or date.min, last or date.max))
    return found


def _may_meet(found: Ways) -> bool:
    return sum(1 for each in found.values() if each) > 1


def rules_together(
    more: Sequence[tuple[UUID, UUID | None, UUID | None, UUID | None]], without: Collection[UUID] = ()
) -> set[frozenset[UUID]]:
    """Which rules are assigned to one and the same product, with further assignments (rule, item, category, brand), and
    without some that stand."""
    assigned = [
        (each.rule_id, each.item_id, each.category_id, each.brand_id)
        for each in queries.sourcing_assignments()
        if each.id not in without
    ] + list(more)
    up: dict[UUID, tuple[UUID, ...]] = {}
    for category in catalog.categories():  # parents before children
        up[category.id] = (category.id, *up.get(category.parent_id, ())) if category.parent_id else (category.id,)
    items = sorted({item for _, item, _, _ in assigned if item})
    products = [
        (item, up.get(category, ()) if category else (), brand)
        for item, category, brand in sql.rows("sourcing_products", items=items)
    ]
    return rules.used_together(assigned, [*products, *((None, path, None) for path in up.values())])


def first_circle(found: Ways, together: Collection[frozenset[UUID]]) -> list[rules.Way]:
    """A circle that goods of some product could go round in."""
    tried: set[frozenset[UUID]] = set()
    for each in together:
        moving = frozenset(key for key in each if found.get(key))
        if moving and moving not in tried:
            tried.add(moving)
            if trip := rules.circle(way for key in sorted(moving) for way in found[key]):
                return trip
    return []


def circle_finding(trip: Sequence[rules.Way], place: str) -> Finding:
    """Goods would go round: the way, and by which rules."""
    way = ", ".join([*(each.from_site for each in trip), trip[0].from_site])
    facts = {"way": way, "rules": ", ".join(dict.fromkeys(each.rule for each in trip))}
    message = f"goods of the same product would go round in a circle: {rules.told_round(trip)}"
    return Finding("sourcing_cycle", message, place, facts)


def retire_sourcing(retirements: Sequence[SourcingRetirement], *, actor: str, at: datetime) -> Outcome[UUID]:
    """From a day on no version of these rules holds; lines go by the next assignment that fits. Done: the rules' ids.

    Refusals (subject: the index): `rule_unknown`, `rule_repeated`, `day_in_past`, `nothing_in_force` when no version
    would hold on the day or later.
    """
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        standing = queries.sourcing_rules({each.code for each in retirements})
        good: dict[str, SourcingRetirement] = {}
        refused: list[Refusal] = []
        for index, each in enumerate(retirements):
            findings = list(day_findings(each.code, each.from_on, standing, good, at.date()))
            if each.code in standing:
                findings += retiring_findings(each.code, each.from_on, standing[each.code].versions)
            if findings:
                refused.append(Refusal(str(index), tuple(findings)))
            else:
                good[each.code] = each
        ids = [standing[code].id for code in good]
        if good:
            sql.rows("end_sourcing", rules=ids, days=[each.from_on for each in good.values()])
            sql.run("count_sourcing_change")
            entries = [
                Entry("sourcing_rule", key, {"rule": code, "from_on": each.from_on})
                for key, (code, each) in zip(ids, good.items(), strict=True)
            ]
            journal.write("sourcing.retired", entries, actor=actor, at=at)
    return Outcome(tuple(ids), tuple(refused))


def discard_sourcing(codes: Sequence[str], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Throw the drafts of rules away. Done: the rules' ids. Refusals (subject: the code): `rule_unknown`,
    `draft_missing`."""
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        standing = queries.sourcing_rules(codes)
        thrown: dict[str, UUID] = {}
        refused: list[Refusal] = []
        for code in dict.fromkeys(codes):
            rule = standing.get(code)
            if rule is None:
                message = f"rule {code} is unknown; check its code"
                refused.append(Refusal.because(code, "rule_unknown", message, place="/code", rule=code))
            elif rule.draft is None:
                message = f"rule {code} has no draft"
                refused.append(Refusal.because(code, "draft_missing", message, place="/code", rule=code))
            else:
                thrown[code] = rule.draft.id
        if thrown:
            sql.run("delete_sourcing_sources", versions=list(thrown.values()))
            sql.run("discard_sourcing", versions=list(thrown.values()))
            entries = [Entry("sourcing_rule", standing[code].id, {"rule": code}) for code in thrown]
            journal.write("sourcing.discarded", entries, actor=actor, at=at)
    return Outcome(tuple(standing[code].id for code in thrown), tuple(refused))
