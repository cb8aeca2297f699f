"""Replenishment: policies, runs, and the proposals they make."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Query, Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, missing
from auftakt.api.pages import Cursor, Limit, Text, cut, read_cursor, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.inventory import queries as inventory
from auftakt.supply import actions, queries
from auftakt.supply.types import (
    PolicyDraft,
    PolicyFacts,
    ProposalFacts,
    ReplenishmentLimitDraft,
    RunDraft,
    RunFacts,
    SupplierTermsDraft,
)
from auftakt.values import Outcome

router = Router(tags=["replenishment"])
States = Annotated[str, Query(description="proposed, held, released or rejected; several separated by commas.")]


@dataclass(frozen=True, slots=True)
class RunAsked:
    """A run over the policies of a site ("": of all); without a day it is today's."""

    site_code: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Proposals that orders shall come of. `below_minimum` also where their supplier asks for a larger order."""

    proposal_ids: tuple[UUID, ...]
    below_minimum: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """Proposals that nothing shall come of."""

    proposal_ids: tuple[UUID, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one of the proposals: `done`, or `refused` and why. `order_number` names what came of it."""

    id: str
    result: str
    order_number: str = ""
    code: str = ""
    message: str = ""


def _site(code: str) -> UUID | None:
    sites = inventory.sites_by_code([code]) if code else {}
    if code and code not in sites:
        raise Problem(422, "site_unknown", f"There is no site {code!r}.")
    return sites[code].id if code else None


@operation(router.get, "/replenishment-policies", needs="supply.view", answers=PolicyFacts, page=True)
def list_replenishment_policies(caller: Caller, site: Text = "", cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List policies by item and site. `site` is a code."""
    after = read_cursor(cursor, str, str)
    rows = queries.policies(site_id=_site(site), after=(after[0], after[1]) if after else None, limit=limit + 1)
    return cut(rows, limit, lambda row: [row.sku, row.site_code])


saves(
    router, "/replenishment-policies", name="replenishment_policy", needs="supply.edit", takes=PolicyDraft,
    what="Say when an item is ordered for a site, how much, and from where; by item and site.",
    verb=actions.save_policies,
)  # fmt: skip
saves(
    router, "/replenishment-limits", name="replenishment_limit", needs="supply.approve", takes=ReplenishmentLimitDraft,
    what="Say up to which value proposals of a site and a buyer are released without asking anybody.",
    verb=actions.save_replenishment_limits,
)  # fmt: skip
saves(
    router, "/supplier-minimums", name="supplier_minimum", needs="supply.edit", takes=SupplierTermsDraft,
    what="Say from which value on a supplier takes an order.", verb=actions.save_supplier_terms,
)  # fmt: skip


@operation(router.get, "/replenishment-runs", needs="supply.view", answers=RunFacts, page=True)
def list_replenishment_runs(caller: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List runs, the latest first."""
    before = read_cursor(cursor, int)
    return cut(queries.runs(before=before[0] if before else None, limit=limit + 1), limit, lambda row: [row.serial])


@operation(router.post, "/replenishment-runs", needs="supply.edit", answers=RunFacts)
def begin_replenishment_run(caller: Caller, body: RunAsked) -> RunFacts:
    """Begin a run; a worker does it. Its job tells how far it is."""
    draft = RunDraft(body.day or caller.at.date(), body.site_code)
    key = single(actions.run_replenishment([draft], actor=caller.actor, at=caller.at))
    return queries.runs([key])[0]


@operation(router.get, "/replenishment-runs/{uuid:run_id}", needs="supply.view", answers=RunFacts)
def get_replenishment_run(caller: Caller, run_id: UUID) -> RunFacts:
    """Get a run."""
    found = queries.runs([run_id])
    if not found:
        raise missing("run", run_id)
    return found[0]


@operation(router.get, "/replenishment-proposals", needs="supply.view", answers=ProposalFacts, page=True)
def list_replenishment_proposals(
    caller: Caller, run: UUID | None = None, state: States = "", site: Text = "", cursor: Cursor = "", limit: Limit = 50
) -> Page:
    """List proposals with their arithmetic, in the order they were made."""
    after = read_cursor(cursor, int)
    rows = queries.proposals(
        run_id=run,
        states=state.split(",") if state else None,
        site_id=_site(site),
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return cut(rows, limit, lambda row: [row.serial])


@operation(router.post, "/replenishment-proposals/approve", needs="supply.edit", answers=list[Decided])
def approve_replenishment_proposals(caller: Caller, body: Approval) -> list[Decided]:
    """Let orders come of proposals; what cannot be is told for each, the others are done."""
    outcome = actions.approve_proposals(
        body.proposal_ids, below_minimum=body.below_minimum, actor=caller.actor, at=caller.at
    )
    return _decided(body.proposal_ids, outcome)


@operation(router.post, "/replenishment-proposals/reject", needs="supply.edit", answers=list[Decided])
def reject_replenishment_proposals(caller: Caller, body: Rejection) -> list[Decided]:
    """Let nothing come of proposals."""
    outcome = actions.reject_proposals(body.proposal_ids, body.note, actor=caller.actor, at=caller.at)
    return _decided(body.proposal_ids, outcome)


def _decided(ids: tuple[UUID, ...], outcome: Outcome[UUID]) -> list[Decided]:
    numbers = {each.id: each.order_number for each in queries.proposals(outcome.done)}
    refused = {refusal.subject: refusal for refusal in outcome.refused}
    return [
        Decided(str(key), "refused", "", refused[str(key)].code, refused[str(key)].message)
        if str(key) in refused
        else Decided(str(key), "done", numbers.get(key, ""))
        for key in ids
    ]
