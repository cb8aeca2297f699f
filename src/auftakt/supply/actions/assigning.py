"""What sourcing rules are used for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.platform.turns import take_turn
from auftakt.supply import queries, rules
from auftakt.supply.actions.sourcing import TURN, circle_finding, first_circle, rules_together, standing_ways
from auftakt.supply.types import AssignmentDraft, AssignmentFacts, Scope
from auftakt.values import Finding, Outcome, Refusal, new_ids

sql = Statements("auftakt.supply")
_REFERENCES = {"sku": "item", "category": "category", "brand": "brand", "customer": "customer"}
_Ids = Mapping[tuple[str, str], UUID]


def assign_sourcing(drafts: Sequence[AssignmentDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Use rules for scopes. Done: the ids of the assignments, in input order. Assigning again what is assigned changes
    nothing. A rule that has no version in force is assigned all the same, and passed over until it has one.

    Refusals (subject: the index) name every problem: those of a scope by itself (`rules.assignment_findings`),
    `rule_unknown`, `item_unknown`, `category_unknown`, `brand_unknown`, `customer_unknown`, `scope_repeated`,
    `scope_assigned` when another rule has the scope and the draft does not replace it, `sourcing_cycle` with the way.
    """
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        known = queries.sourcing_rules({each.rule for each in drafts})
        ids = _scope_ids(drafts)
        standing = {each.scope: each for each in queries.sourcing_assignments()}
        good: dict[int, AssignmentDraft] = {}
        refused: dict[int, Refusal] = {}
        seen: set[Scope] = set()
        for index, draft in enumerate(drafts):
            findings = rules.assignment_findings(draft)
            if draft.rule not in known:
                message = f"rule {draft.rule} is unknown; check its code"
                findings.append(Finding("rule_unknown", message, "/rule", {"rule": draft.rule}))
            findings += _unknown(draft.scope, ids) + _taken(draft, standing, seen)
            seen.add(draft.scope)
            if findings:
                refused[index] = Refusal(str(index), tuple(findings))
            else:
                good[index] = draft
        changed = {index: each for index, each in good.items() if _differs(each, standing)}
        rows = {
            index: (known[each.rule].id, *(ids.get((name, getattr(each.scope, name))) for name in _REFERENCES))
            for index, each in changed.items()
        }
        circles = _leave_out_circles(changed, rows, standing, at)
        refused |= circles
        done = {index: each for index, each in good.items() if index not in circles}
        keys = _write(changed, rows, standing, actor, at)
    made = tuple(keys.get(index) or standing[each.scope].id for index, each in done.items())
    return Outcome(made, tuple(refused[index] for index in sorted(refused)))


def _scope_ids(drafts: Sequence[AssignmentDraft]) -> _Ids:
    plural = {"sku": "skus", "category": "categories", "brand": "brands", "customer": "customers"}
    asked = {many: sorted({getattr(each.scope, one) for each in drafts} - {""}) for one, many in plural.items()}
    return {(kind, code): key for kind, code, key in sql.rows("scope_ids", **asked)}


def _unknown(scope: Scope, ids: _Ids) -> list[Finding]:
    found: list[Finding] = []
    for name, what in _REFERENCES.items():
        code = getattr(scope, name)
        if code and (name, code) not in ids:
            message = f"{what} {code} is unknown; check how it is written"
            found.append(Finding(f"{what}_unknown", message, f"/scope/{name}", {what: code}))
    return found


def _taken(draft: AssignmentDraft, standing: Mapping[Scope, AssignmentFacts], seen: set[Scope]) -> list[Finding]:
    """Two rules for one scope: nobody could say which one counts."""
    if draft.scope in seen:
        return [Finding("scope_repeated", f"{rules.said(draft.scope)} is named twice in the batch", "/scope")]
    holder = standing.get(draft.scope)
    if holder and holder.rule != draft.rule and not draft.replaces:
        message = f"rule {holder.rule} is assigned to {rules.said(draft.scope)} already; take it from there first"
        return [Finding("scope_assigned", message, "/scope", {"rule": holder.rule, "scope": rules.said(draft.scope)})]
    return []


def _differs(draft: AssignmentDraft, standing: Mapping[Scope, AssignmentFacts]) -> bool:
    holder = standing.get(draft.scope)
    return holder is None or holder.rule != draft.rule


def _leave_out_circles(
    changed: dict[int, AssignmentDraft],
    rows: Mapping[int, tuple[UUID, UUID | None, UUID | None, UUID | None, UUID | None]],
    standing: Mapping[Scope, AssignmentFacts],
    at: datetime,
) -> dict[int, Refusal]:
    """Takes those out that would let goods of a product go round in a circle, the last first; their refusals."""
    refused: dict[int, Refusal] = {}
    found = standing_ways(at.date()) if changed else {}
    if len(found) < 2 or not any(rows[index][0] in found for index in changed):
        return refused
    while True:
        replaced = {standing[each.scope].id for each in changed.values() if each.scope in standing}
        trip = first_circle(found, rules_together([rows[index][:4] for index in changed], replaced))
        named = {way.rule for way in trip}
        last = next((index for index in reversed(changed) if changed[index].rule in named), None)
        if last is None:
            return refused
        refused[last] = Refusal(str(last), (circle_finding(trip, "/rule"),))
        del changed[last]


def _write(
    changed: Mapping[int, AssignmentDraft],
    rows: Mapping[int, tuple[UUID, UUID | None, UUID | None, UUID | None, UUID | None]],
    standing: Mapping[Scope, AssignmentFacts],
    actor: str,
    at: datetime,
) -> dict[int, UUID]:
    """The ids of what was written, by index."""
    if not changed:
        return {}
    scopes = [each.scope for each in changed.values()]
    keys = [
        standing[scope].id if scope in standing else fresh
        for scope, fresh in zip(scopes, new_ids(len(scopes)), strict=True)
    ]
    given = [rows[index] for index in changed]
    sql.run(
        "assign_sourcing",
        ids=keys,
        rules=[row[0] for row in given],
        items=[row[1] for row in given],
        categories=[row[2] for row in given],
        brands=[row[3] for row in given],
        customers=[row[4] for row in given],
        segments=[scope.segment for scope in scopes],
        demand_classes=[scope.demand_class for scope in scopes],
        countries=[scope.country for scope in scopes],
        regions=[scope.region for scope in scopes],
        channels=[scope.channel for scope in scopes],
    )
    sql.run("count_sourcing_change")
    entries = [
        Entry(
            "sourcing_rule",
            row[0],
            {"rule": each.rule, "scope": rules.said(each.scope)}
            | ({"before": standing[each.scope].rule} if each.scope in standing else {}),
        )
        for row, each in zip(given, changed.values(), strict=True)
    ]
    journal.write("sourcing.assigned", entries, actor=actor, at=at)
    return dict(zip(changed, keys, strict=True))


def unassign_sourcing(assignment_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take assignments away; lines go by the next one that fits. Done: the ids taken. Refusals (subject: the id):
    `assignment_unknown`."""
    wanted = list(dict.fromkeys(assignment_ids))
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        scopes = {each.id: each for each in queries.sourcing_assignments(ids=wanted)}
        if scopes:
            sql.rows("unassign_sourcing", ids=list(scopes))
            sql.run("count_sourcing_change")
            entries = [
                Entry("sourcing_rule", each.rule_id, {"rule": each.rule, "scope": rules.said(each.scope)})
                for each in scopes.values()
            ]
            journal.write("sourcing.unassigned", entries, actor=actor, at=at)
    refused = [
        Refusal.because(key, "assignment_unknown", "this assignment is not there any more; look again")
        for key in wanted
        if key not in scopes
    ]
    return Outcome(tuple(key for key in wanted if key in scopes), tuple(refused))
