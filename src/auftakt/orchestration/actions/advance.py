"""Moving lines along their policies: the verb that drives an order from submitted to closed."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from auftakt.orchestration.actions.steps import HANDLERS, OUTSIDE, Handler, look_again
from auftakt.orchestration.queries import sql, steps_of
from auftakt.orchestration.rules import first_steps, missed, next_steps
from auftakt.orchestration.types import Advanced, Position, Verdict
from auftakt.orders import actions as orders
from auftakt.orders.types import Closing
from auftakt.platform import journal
from auftakt.platform.journal import Entry, Happened
from auftakt.platform.sql import columns
from auftakt.values import Outcome, Refusal, new_ids

log = logging.getLogger(__name__)

READER = "orchestration"
LEASE = timedelta(minutes=5)
DEADLOCK_TRIES = 3
SUPPLY_VERBS = {
    "inventory.received",
    "inventory.adjusted",
    "inventory.transferred",
    "inventory.reversed",
    "supply.ordered",
    "supply.received",
    "supply.rescheduled",
    "supply.acknowledged",
    "supply.inspected",
    "supply.transfer_placed",
    "supply.transfer_cancelled",
    "work.released",
    "work.rescheduled",
}
FREEING_VERBS = {"order.cancelled", "order.revised", "order.line_split"}
OWN_VERBS = {"run.started", "run.refused", "step.done", "step.failed", "step.retried"}
UNAWAITED_VERBS = {
    "fulfilment.released",
    "fulfilment.picked",
    "fulfilment.packed",
    "fulfilment.parted",
    "fulfilment.tracked",
    "fulfilment.delivered",
}
MOST_UNSERVED = 10_000


@transaction.atomic
def start(order_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put the lines of submitted orders that have no run yet onto their policy. Twice changes nothing.

    Done are the orders of which a run was started. Refused: a line that no policy serves (`no_policy`).
    """
    found = sql.rows("lines_without_run", orders=sorted(set(order_ids)))
    refused = tuple(
        Refusal.because(
            line, "no_policy", "No published policy serves this line: publish one, then retry.", order=order
        )
        for line, order, version in found
        if version is None
    )
    rows = [row for row in found if row[2] is not None]
    if not rows:
        return Outcome((), refused)
    lines, of_orders, versions = columns(rows, 3)
    started = sql.rows("insert_runs", ids=new_ids(len(rows)), lines=lines, orders=of_orders, versions=versions, at=at)
    steps = steps_of(versions)
    first = [(run, step.id, step.kind) for run, version, _ in started for step in first_steps(steps[version])]
    _reach(first, at)
    counts = Counter(order for _, _, order in started)
    journal.write(
        "run.started", [Entry("order", order, {"order_id": order, "lines": n}) for order, n in counts.items()],
        actor=actor, at=at,
    )  # fmt: skip
    return Outcome(tuple(counts), refused)


def take_up(*, actor: str, at: datetime, limit: int = 2000) -> int:
    """Read what happened and let the lines concerned look again: new orders start, waiting steps wake.

    Returns how many journal entries were read; 0 when there is nothing new (or another worker is reading).
    """
    with journal.reading(READER, limit) as entries:
        concerned = {order for entry in entries if (order := _order_of(entry))}
        if any(entry.verb == "policy.published" for entry in entries):
            concerned.update(row[0] for row in sql.rows("orders_without_run", limit=MOST_UNSERVED))
        _wake(entries, sorted(concerned), at)
        if concerned:
            _report_unserved(start(sorted(concerned), actor=actor, at=at), actor=actor, at=at)
            sql.run("cancel_runs", orders=sorted(concerned), at=at)
            close(sorted(concerned), actor=actor, at=at)
    return len(entries)


def _wake(entries: Sequence[Happened], concerned: Sequence[UUID], at: datetime) -> None:
    """Let steps look again. Workers lock steps before orders: so does whoever reads, and nobody waits in a circle."""
    soon = at + LEASE
    if concerned:
        sql.run("wake_orders", orders=concerned, at=at)
        sql.run("wake_settled", orders=concerned, at=at)
    supplied = [entry for entry in entries if entry.verb in SUPPLY_VERBS]
    items = {entry.subject_id for entry in supplied if entry.subject_type == "item"}
    freeing = sorted({order for each in entries if each.verb in FREEING_VERBS and (order := _order_of(each))})
    if freeing:
        items.update(row[0] for row in sql.rows("items_of_orders", orders=freeing))
    skus = sorted({sku for entry in supplied for sku in _skus_of(entry)})
    if items or skus:
        sql.run("wake_items", items=sorted(items), skus=skus, at=at, soon=soon)
    sites = sorted({entry.subject_id for entry in entries if entry.verb == "inventory.site_saved"})
    if sites:
        sql.run("wake_sites", sites=sites, at=at, soon=soon)


def _report_unserved(outcome: Outcome[UUID], *, actor: str, at: datetime) -> None:
    entries = [
        Entry(
            "fulfilment_line",
            UUID(refusal.subject),
            {"order_id": refusal.findings[0].facts["order"], "why": refusal.code},
        )
        for refusal in outcome.refused
    ]
    journal.write("run.refused", entries, actor=actor, at=at)


def _order_of(entry: Happened) -> UUID | None:
    if entry.verb in OWN_VERBS or entry.verb in UNAWAITED_VERBS:
        return None
    if entry.subject_type == "order":
        return entry.subject_id
    told = entry.change.get("order_id")
    return UUID(told) if told else None


def _skus_of(entry: Happened) -> list[str]:
    lines = entry.change.get("lines")
    told = [entry.change, *(line for line in lines if isinstance(line, dict))] if lines else [entry.change]
    return [sku for each in told if (sku := each.get("sku"))]


def advance(*, actor: str, at: datetime, limit: int = 1000, order_ids: Sequence[UUID] | None = None) -> Advanced:
    """Try up to `limit` ready steps of each kind, one verb per kind, and store where the lines stand.

    Any number of workers may call this at once: each claims its own steps. What is claimed, done and stored is one
    transaction, so a worker that dies has done nothing; steps that call outside systems are leased instead and are
    idempotent by their attempts. Steps that fail for a passing reason are tried again with growing delay, at most
    eight times; others are `failed`, visible, and can be retried by hand.
    """
    chosen = sorted(set(order_ids)) if order_ids is not None else None
    done: Counter[str] = Counter()
    tried = waiting = failed = 0
    touched: set[UUID] = set()
    ready = {kind for (kind,) in sql.rows("ready_kinds", at=at, orders=chosen)}
    for kind, handler in [*HANDLERS.items(), *OUTSIDE.items()]:
        if kind not in ready and not any(done.values()):
            continue
        positions, verdicts = _advance_kind(kind, handler, actor=actor, at=at, limit=limit, orders=chosen)
        tried += len(positions)
        states = Counter(verdict.state for verdict in verdicts.values())
        done[kind] += states["done"]
        waiting += states["waiting"]
        failed += states["failed"]
        touched.update(position.order_id for position in positions)
    closed = close(sorted(touched), actor=actor, at=at) if touched else 0
    return Advanced(0, tried, dict(done), waiting, failed, closed)


def drain(*, actor: str, at: datetime, limit: int = 1000) -> Advanced:
    """Take up the journal and advance until nothing moves any more."""
    total = Advanced()
    while True:
        read = take_up(actor=actor, at=at)
        moved = advance(actor=actor, at=at, limit=limit)
        total = Advanced(
            0,
            total.tried + moved.tried,
            Counter(total.done) + Counter(moved.done),
            total.waiting + moved.waiting,
            total.failed + moved.failed,
            total.closed + moved.closed,
        )
        if not read and not moved.tried:
            return total


def _advance_kind(
    kind: str, handler: Handler, *, actor: str, at: datetime, limit: int, orders: Sequence[UUID] | None
) -> tuple[list[Position], dict[UUID, Verdict]]:
    if kind in OUTSIDE:
        with transaction.atomic():
            positions = _claim(kind, at, limit, orders)
            if positions:
                sql.run("lease_steps", ids=[position.state_id for position in positions], until=at + LEASE)
        verdicts = _try(positions, handler, actor, at)
        with transaction.atomic():
            positions = _still_mine(positions, at + LEASE)
            waiting = [each for each in positions if verdicts[each.state_id].state == "waiting"]
            if waiting:
                verdicts |= look_again(waiting, at)
            verdicts = {each.state_id: verdicts[each.state_id] for each in positions}
            _settle(kind, positions, verdicts, actor, at)
        return positions, verdicts
    for tries_left in reversed(range(DEADLOCK_TRIES)):
        try:
            with transaction.atomic():
                positions = _claim(kind, at, limit, orders)
                verdicts = _try(positions, handler, actor, at)
                _settle(kind, positions, verdicts, actor, at)
            return positions, verdicts
        except OperationalError as error:
            if not tries_left or not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                raise
            log.info("steps of kind %s met somebody on the same supply; trying again", kind)
    raise AssertionError("unreachable")


def _claim(kind: str, at: datetime, limit: int, orders: Sequence[UUID] | None) -> list[Position]:
    chosen = list(orders) if orders is not None else None
    return [Position(*row) for row in sql.rows("claim_steps", kind=kind, at=at, limit=limit, orders=chosen)]


def _still_mine(positions: Sequence[Position], until: datetime) -> list[Position]:
    """Those leased steps that nobody else has taken or settled meanwhile, locked."""
    if not positions:
        return []
    held = {row[0] for row in sql.rows("hold_leased", ids=[each.state_id for each in positions], until=until)}
    return [each for each in positions if each.state_id in held]


def _try(positions: Sequence[Position], handler: Handler, actor: str, at: datetime) -> dict[UUID, Verdict]:
    """The handler's verdicts. When a batch fails as a whole, its halves are tried, down to the step at fault."""
    if not positions:
        return {}
    try:
        if handler in OUTSIDE.values():
            return dict(handler(positions, actor, at))
        with transaction.atomic():
            return dict(handler(positions, actor, at))
    except (OperationalError, InterfaceError):
        raise
    except psycopg.OperationalError as error:
        raise OperationalError(*error.args) from error
    except Exception as error:
        if len(positions) > 1:
            middle = len(positions) // 2
            return _try(positions[:middle], handler, actor, at) | _try(positions[middle:], handler, actor, at)
        log.exception("step %s of line %s failed", positions[0].step_id, positions[0].fulfilment_line_id)
        reason = f"{type(error).__name__}: {error}"[:500]
        passing = isinstance(error, DatabaseError | psycopg.DatabaseError)
        return {positions[0].state_id: missed(reason, at, positions[0].attempts, passing=passing)}


def _settle(kind: str, positions: Sequence[Position], verdicts: dict[UUID, Verdict], actor: str, at: datetime) -> None:
    """Store the verdicts, reach the next steps, finish runs, and write it all down."""
    if not positions:
        return
    told = [(p, verdicts[p.state_id]) for p in positions]
    rows = [(p.state_id, v.state, v.reason[:500], v.due_at, v.is_failure) for p, v in told if v.state != "back"]
    if rows:
        ids, states, reasons, dues, failures = columns(rows, 5)
        sql.run("settle_steps", ids=ids, states=states, reasons=reasons, dues=dues, failures=failures, at=at)
    back = [p.run_id for p, v in told if v.state == "back"]
    if back:
        sql.run("rewind_runs", runs=back, reason="Given back by the warehouse.", at=at)
    finished = [p for p, v in told if v.state == "done"]
    if finished:
        _reach_next(finished, at)
    _write_down(kind, told, actor, at)


def _reach_next(finished: Sequence[Position], at: datetime) -> None:
    runs = sorted({position.run_id for position in finished})
    sql.rows("lock_runs", runs=runs)
    steps = steps_of(position.version_id for position in finished)
    reached: dict[UUID, dict[str, str]] = {}
    for run, key, state in sql.rows("reached_steps", runs=runs):
        reached.setdefault(run, {})[key] = state
    following: list[tuple[UUID, UUID, str]] = []
    for run, version in {(position.run_id, position.version_id) for position in finished}:
        here = reached[run]
        done = [key for key, state in here.items() if state == "done"]
        following += [(run, step.id, step.kind) for step in next_steps(steps[version], done, here)]
    if following:
        _reach(sorted(following), at)
    sql.run("finish_runs", runs=runs, at=at)


def _reach(steps: Sequence[tuple[UUID, UUID, str]], at: datetime) -> None:
    runs, step_ids, kinds = columns(steps, 3)
    sql.run("insert_step_states", ids=new_ids(len(steps)), runs=runs, steps=step_ids, kinds=kinds, at=at)


def _write_down(kind: str, told: Sequence[tuple[Position, Verdict]], actor: str, at: datetime) -> None:
    for state, verb in (("done", "step.done"), ("failed", "step.failed")):
        lines: dict[UUID, list[UUID]] = {}
        reasons: dict[UUID, str] = {}
        for position, verdict in told:
            if verdict.state == state:
                lines.setdefault(position.order_id, []).append(position.fulfilment_line_id)
                reasons[position.order_id] = verdict.reason
        if lines:
            entries = [
                Entry("order", order, {"order_id": order, "step": kind, "lines": ids, "reason": reasons[order]})
                for order, ids in lines.items()
            ]
            journal.write(verb, entries, actor=actor, at=at)


@transaction.atomic
def close(order_ids: Sequence[UUID], *, actor: str, at: datetime) -> int:
    """Close those of the orders of which nothing is open anywhere; their perfect-order facts become final."""
    closings = [Closing(*row) for row in sql.rows("closable_orders", orders=sorted(set(order_ids)))]
    if not closings:
        return 0
    return len(orders.close(closings, actor=actor, at=at).done)


@transaction.atomic
def retry(step_state_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Let failed steps be tried again at once. Refused: a step that has not failed (`step_not_failed`)."""
    woken = sql.rows("retry_steps", ids=sorted(set(step_state_ids)), at=at)
    done = {state_id for state_id, _, _ in woken}
    entries = [Entry("order", order, {"order_id": order, "step": kind}) for _, order, kind in woken]
    journal.write("step.retried", entries, actor=actor, at=at)
    refused = tuple(
        Refusal.because(state_id, "step_not_failed", "Only a failed step can be retried; this one has not failed.")
        for state_id in step_state_ids
        if state_id not in done
    )
    return Outcome(tuple(state_id for state_id in step_state_ids if state_id in done), refused)
