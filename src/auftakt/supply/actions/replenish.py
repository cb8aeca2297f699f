"""The run of replenishment: a job that looks at every policy, chunk by chunk, and proposes what is to be ordered.

A chunk is a range of items with about CHUNK policies, and a constant number of statements. Its proposals, its
checkpoint and what it counts commit together: a worker may be killed at any moment, and whoever goes on proposes
nothing twice.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.inventory import queries as stock
from auftakt.platform import jobs, journal
from auftakt.platform.jobs import Chunk, JobDraft, Kind, Note, Step
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import serials
from auftakt.platform.sql import Statements, insert_rows
from auftakt.platform.turns import take_turn
from auftakt.supply import queries, rules
from auftakt.supply.actions.proposals import release
from auftakt.supply.queries.replenish import FIRST, Sources
from auftakt.supply.types import KIND_OF_SOURCE, Arithmetic, PolicyNow, RunDraft, SupplySource
from auftakt.values import Outcome, Refusal, new_id, new_ids

sql = Statements("auftakt.supply")
CHUNK = 50_000  # policies
ORDERS = 200  # released by themselves in a chunk
TURN = "supply.replenishment"
_COLUMNS = (
    "id", "serial", "run_id", "item_id", "site_id", "kind", "state", "supplier_id", "from_site_id", "buyer", "method",
    "quantity", "unit_cost", "currency", "value", "due_on", "demand_days", "demand_measured", "demand_per_day",
    "demand_deviation", "lead_receipts", "lead_days", "lead_deviation", "review_days", "service_level", "safety_stock",
    "reorder_point", "on_hand", "expected", "drawn", "planned", "position", "target", "raw", "minimum", "multiple",
    "order_number", "decided_by", "note",
)  # fmt: skip
Wanted = tuple[PolicyNow, SupplySource, Arithmetic]


def run_replenishment(drafts: Sequence[RunDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Begin runs; a worker does them. Done: the runs' ids, in input order.

    Refusals (subject: the index): `site_unknown`, and `run_unfinished` while another run is at work.
    """
    sites = stock.sites_by_code({draft.site_code for draft in drafts})
    done: list[UUID] = []
    refused: list[Refusal] = []
    with transaction.atomic(savepoint=False):
        take_turn(TURN)
        working = _working()
        for index, draft in enumerate(drafts):
            if draft.site_code and draft.site_code not in sites:
                message = f"site {draft.site_code} is unknown; check its code"
                refused.append(Refusal.because(index, "site_unknown", message, place="/site_code"))
            elif working:
                message = f"run {working} is at work; wait for it"
                refused.append(Refusal.because(index, "run_unfinished", message, number=working, transient=True))
            else:
                key, working = _begin(draft, sites[draft.site_code].id if draft.site_code else None, actor, at)
                done.append(key)
    return Outcome(tuple(done), tuple(refused))


def _working() -> str:
    """The number of the run that a job is still to work at; "" when there is none."""
    unfinished = sql.rows("unfinished_runs")
    alive = jobs.jobs([job for *_, job in unfinished]) if unfinished else {}
    return next((number for _, number, job in unfinished if job in alive and alive[job].is_unfinished), "")


def _begin(draft: RunDraft, site_id: UUID | None, actor: str, at: datetime) -> tuple[UUID, str]:
    key, serial = new_id(), serials("supply_replenishmentrun", "serial", 1)[0]
    number = f"RR-{serial:06d}"
    arguments = {"run": str(key), "day": draft.day.isoformat(), "site": str(site_id) if site_id else ""}
    total = sql.value("count_policies", site=site_id)
    asked = JobDraft(REPLENISH.name, arguments, {"number": number}, total=total)
    job = jobs.ask([asked], actor=actor, at=at).one()
    facts = {"number": number, "day": draft.day, "site": site_id, "job": job}
    sql.run("insert_run", id=key, serial=serial, actor=actor, at=at, **facts)
    entry = Entry("replenishment_run", key, {"number": number, "day": draft.day, "site": draft.site_code})
    journal.write("replenishment.run_begun", [entry], actor=actor, at=at)
    return key, number


def _work(chunk: Chunk) -> Step:
    """The next range of items; when there is none, small orders are held and what needs nobody is released."""
    take_turn(TURN)
    told = chunk.job.arguments
    run, day = UUID(told["run"]), date.fromisoformat(told["day"])
    released = chunk.checkpoint.get("released")
    if released is not None:
        return _release_some(run, released, chunk.job.actor, chunk.at)
    after = UUID(chunk.checkpoint.get("after", str(FIRST)))
    upto = sql.value("chunk_end", after=after, size=CHUNK)
    if upto is None:
        held = sql.rows("hold_small_orders")
        _tell_held(held, chunk.job.actor, chunk.at)
        return Step(checkpoint={"released": 0})
    site = UUID(told["site"]) if told["site"] else None
    looked, proposed, sourceless = _propose(run, day, (after, upto), site, chunk.job.actor, chunk.at)
    sql.run("count_run", id=run, looked=looked, proposed=proposed, sourceless=sourceless, released=0)
    return Step(worked=looked, checkpoint={"after": str(upto)})


def _propose(
    run: UUID, day: date, items: tuple[UUID, UUID], site: UUID | None, actor: str, at: datetime
) -> tuple[int, int, int]:
    """Proposals for the policies of a range of items; how many were looked at, proposed for, and have no source."""
    policies = queries.policies_now(*items, site, day)
    sources = Sources(*items, day)
    wanted: list[Wanted] = []
    reviewed: list[UUID] = []
    sourceless = 0
    for now in policies:
        if not rules.review_is_due(now, day):
            continue
        source = rules.source_of(now.source, sources.of(now))
        if source is None:
            sourceless += 1
            continue
        if now.method == "periodic":
            reviewed.append(now.policy_id)
        arithmetic = rules.replenish(now, source)
        if arithmetic is not None:
            wanted.append((now, source, arithmetic))
    _write(run, day, wanted, actor, at)
    sql.run("note_reviews", ids=reviewed, day=day)
    return len(policies), len(wanted), sourceless


def _write(run: UUID, day: date, wanted: Sequence[Wanted], actor: str, at: datetime) -> None:
    """Price the proposals and store them."""
    prices = queries.prices_of({source.terms_id for _, source, _ in wanted if source.terms_id})
    currencies = queries.order_currencies()
    rows: list[tuple[Any, ...]] = []
    entries: list[Entry] = []
    drawn = serials("supply_proposal", "serial", len(wanted)) if wanted else []
    for key, serial, (now, source, sums) in zip(new_ids(len(wanted)), drawn, wanted, strict=True):
        cost: Decimal | None = None
        breaks = prices.get(source.terms_id, []) if source.terms_id else []
        asked = currencies.get(source.supplier_id, "") if source.supplier_id else ""
        currency = asked if any(each.currency == asked for each in breaks) else breaks[0].currency if breaks else asked
        quantity = sums.quantity
        if breaks:
            quantity = rules.cheaper_quantity(quantity, breaks, currency, day, sums.multiple)
            cost = rules.price_at(breaks, quantity, currency, day)
        value = None if cost is None else rules.value_of(quantity, cost)
        kind = KIND_OF_SOURCE[source.kind]
        rows.append(
            (key, serial, run, now.item_id, now.site_id, kind, "proposed", source.supplier_id, source.from_site_id,
             now.buyer, now.method, quantity, cost, currency, value, rules.due_on(day, sums), now.demand_days,
             sums.demand_measured, sums.demand_per_day, sums.demand_deviation, sums.lead_receipts, sums.lead_days,
             sums.lead_deviation, sums.review_days, sums.service_level, sums.safety_stock, sums.reorder_point,
             now.on_hand, now.expected, now.drawn, now.planned, sums.position, sums.target, sums.raw, sums.minimum,
             sums.multiple, "", "", "")
        )  # fmt: skip
        entries.append(Entry("proposal", key, {"item": now.item_id, "site": now.site_id, "quantity": quantity}))
    insert_rows("supply_proposal", _COLUMNS, rows)
    journal.write("replenishment.proposed", entries, actor=actor, at=at)


def _tell_held(rows: Sequence[tuple[Any, ...]], actor: str, at: datetime) -> None:
    verbs = {"held": "replenishment.held", "proposed": "replenishment.unheld"}
    journal.write_all([(verbs[state], Entry("proposal", key)) for key, state in rows], actor=actor, at=at)


def _release_some(run: UUID, after: int, actor: str, at: datetime) -> Step:
    """Release the next orders that need nobody; what is refused stays proposed, and the log says why."""
    groups = sql.rows("releasable", after=after, limit=ORDERS)
    if not groups:
        sql.run("end_run", id=run, at=at)
        entry = Entry("replenishment_run", run)
        journal.write("replenishment.run_ended", [entry], actor=actor, at=at)
        return Step(is_last=True)
    outcome = release([key for _, ids in groups for key in ids], actor=actor, at=at)
    sql.run("count_run", id=run, looked=0, proposed=0, sourceless=0, released=len(outcome.done))
    notes = [Note("not_released", {"reason": refusal.message}) for refusal in outcome.refused[:20]]
    return Step(checkpoint={"released": groups[-1][0]}, notes=notes)


REPLENISH = jobs.register(Kind("supply.replenish", _work, rows=0))
