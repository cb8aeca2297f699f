"""Sourcing: rules in versions, what they are assigned to, and which rule a line gets."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, finding_json, missing
from auftakt.api.pages import Cursor, Limit, Text, cut, read_cursor, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.promising import actions as promising
from auftakt.supply import actions, queries
from auftakt.supply.types import (
    AssignmentDraft,
    AssignmentFacts,
    PromisingTerms,
    Resolved,
    Source,
    SourcingDraft,
    SourcingPublication,
    SourcingRetirement,
    SourcingRule,
    SourcingWish,
)

router = Router(tags=["sourcing"])
MOST = 1000
RULE = """{"code": "near", "name": "From the nearest warehouse", "sources": [
  {"rank": 1, "kind": "ship", "site": "HAM", "share": "60"}, {"rank": 1, "kind": "ship", "site": "LEJ", "share": "40"},
  {"rank": 2, "kind": "transfer", "site": "HAM", "from_site": "LNZ", "transfer_days": 2}],
  "terms": {"mode": "atp", "past_due_days": 5}}"""
WISHES = """{"wishes": [{"sku": "HELM-2", "customer": "10001", "country": "DE", "channel": "shop"}]}"""


@dataclass(frozen=True, slots=True)
class SourcingInquiry:
    """Up to 1,000 lines, each asked by itself."""

    wishes: tuple[SourcingWish, ...]


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """An assignment that fits too, and the part in which the winner is nearer (`not_in_force`: its rule sleeps)."""

    assignment: AssignmentFacts
    lost_by: str


@dataclass(frozen=True, slots=True)
class SourcingAnswer:
    """Which rule a wish gets: the rule's code and version, its sources in the order of their rank and its terms, the
    assignment that won, and the others. No rule: every site with a lane may ship what it has."""

    index: int
    rule: str
    version: int | None
    why: str
    sources: tuple[Source, ...]
    terms: PromisingTerms | None
    assignment: AssignmentFacts | None
    runners_up: tuple[RunnerUp, ...]
    findings: tuple[dict[str, Any], ...] = ()


@operation(router.get, "/sourcing-rules", needs="sourcing.view", answers=SourcingRule, page=True)
def list_sourcing_rules(caller: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List sourcing rules by code with all their versions, the newest first."""
    after = read_cursor(cursor, str)
    codes = queries.sourcing_codes(after[0] if after else "", limit + 1)
    found = queries.sourcing_rules(codes)
    return cut([found[code] for code in codes], limit, lambda row: [row.code])


saves(
    router, "/sourcing-rules", name="sourcing_rule", needs="sourcing.edit", takes=SourcingDraft, example=RULE,
    what="Write the draft of a sourcing rule by its code; nothing is sourced otherwise before it is published.",
    verb=promising.save_sourcing_drafts,
)  # fmt: skip
saves(
    router, "/sourcing-publications", name="sourcing_publication", needs="sourcing.edit", takes=SourcingPublication,
    what="Let the draft of a rule hold from a day on; the version before ends on that day.",
    verb=promising.publish_sourcing,
)  # fmt: skip
saves(
    router, "/sourcing-retirements", name="sourcing_retirement", needs="sourcing.edit", takes=SourcingRetirement,
    what="Let no version of a rule hold from a day on.", verb=actions.retire_sourcing,
)  # fmt: skip


@operation(router.get, "/sourcing-rules/{str:code}", needs="sourcing.view", answers=SourcingRule)
def get_sourcing_rule(caller: Caller, code: str) -> SourcingRule:
    """Get a sourcing rule with all its versions, the newest first."""
    found = queries.sourcing_rules([code])
    if code not in found:
        raise missing("sourcing rule", code)
    return found[code]


@operation(router.delete, "/sourcing-rules/{str:code}/draft", needs="sourcing.edit", answers=SourcingRule)
def discard_sourcing_draft(caller: Caller, code: str) -> SourcingRule:
    """Throw the draft of a sourcing rule away."""
    if code not in queries.sourcing_rules([code]):
        raise missing("sourcing rule", code)
    single(actions.discard_sourcing([code], actor=caller.actor, at=caller.at))
    return queries.sourcing_rules([code])[code]


@operation(router.get, "/sourcing-assignments", needs="sourcing.view", answers=AssignmentFacts, page=True)
def list_sourcing_assignments(caller: Caller, rule: Text = "", cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List what sourcing rules are assigned to, by id. `rule` is a code."""
    rules = None
    if rule:
        found = queries.sourcing_rules([rule])
        if rule not in found:
            raise Problem(422, "rule_unknown", f"There is no sourcing rule {rule!r}.")
        rules = [found[rule].id]
    after = read_cursor(cursor, UUID)
    rows = queries.sourcing_assignments(rule_ids=rules, after=after[0] if after else None, limit=limit + 1)
    return cut(rows, limit, lambda row: [row.id])


saves(
    router, "/sourcing-assignments", name="sourcing_assignment", needs="sourcing.edit", takes=AssignmentDraft,
    what="Use a sourcing rule for a scope: product, customer, place and channel, each of which may be left open.",
    verb=actions.assign_sourcing,
)  # fmt: skip


@operation(
    router.delete, "/sourcing-assignments/{uuid:assignment_id}", needs="sourcing.edit", answers=AssignmentFacts
)  # fmt: skip
def remove_sourcing_assignment(caller: Caller, assignment_id: UUID) -> AssignmentFacts:
    """Take an assignment away; lines go by the next one that fits."""
    found = queries.sourcing_assignments([assignment_id])
    if not found:
        raise missing("assignment", assignment_id)
    single(actions.unassign_sourcing([assignment_id], actor=caller.actor, at=caller.at))
    return found[0]


@operation(
    router.post, "/sourcing", needs="sourcing.view", answers=list[SourcingAnswer], example=WISHES,
    title="Ask which sourcing rule lines get, for up to 1,000 of them",
)  # fmt: skip
def resolve_sourcing(caller: Caller, body: SourcingInquiry) -> list[SourcingAnswer]:
    """Tell for each line the rule that holds today, and which others fit and in what they lost. Nothing is changed."""
    if not body.wishes:
        raise Problem(422, "no_entries", "Ask for at least one line.", place="/wishes")
    if len(body.wishes) > MOST:
        raise Problem(422, "too_many_entries", f"Ask for at most {MOST:,} lines in one call.", place="/wishes")
    found = queries.resolve_sourcing(body.wishes, on=caller.today)
    return [_answer(index, each) for index, each in enumerate(found)]


def _answer(index: int, found: Resolved) -> SourcingAnswer:
    first, *others = found.matches or (None,)
    runners = [RunnerUp(each.assignment, each.lost_by) for each in others if each]
    runners += [RunnerUp(each, "not_in_force") for each in found.asleep]
    rule = found.rule
    return SourcingAnswer(
        index,
        rule.code if rule else "",
        rule.version if rule else None,
        found.why,
        rule.sources if rule else (),
        rule.terms if rule else None,
        first.assignment if first else None,
        tuple(runners),
        tuple(finding_json(each) for each in found.findings),
    )
