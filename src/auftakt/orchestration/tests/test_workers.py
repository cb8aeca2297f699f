"""Many workers, workers that die, steps that fail, and events that come while a step is being tried."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from tests import build

from auftakt.fulfilment.models import Release
from auftakt.orchestration import actions, queries
from auftakt.orchestration.actions import steps as handlers
from auftakt.orchestration.models import Run, StepState
from auftakt.orchestration.rules import MOST_ATTEMPTS
from auftakt.orchestration.tests.build import (
    AT,
    BY,
    HOUR,
    at_once,
    bills,
    company,
    drain,
    pay,
    reason,
    ship,
    state,
    statements,
    steps,
    violations,
)
from auftakt.orchestration.types import PolicyDraft, Position, StepDraft, Verdict
from auftakt.orders import actions as orders
from auftakt.orders.types import Captured, OrderDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import Outcome, Refusal

advancing = import_module("auftakt.orchestration.actions.advance")
pytestmark = pytest.mark.django_db(transaction=True)


def many(count: int, sku: str = "LOCK") -> list[UUID]:
    """Orders of one piece each, captured at once."""
    drafts: list[OrderDraft] = [build.draft([(sku, "1")], customer="C-2") for _ in range(count)]
    captured: Sequence[Captured] = build.done(orders.capture(drafts, submit=True, actor="t", at=AT))
    return [each.order_id for each in captured]


def test_two_that_start_the_same_orders_start_them_once() -> None:
    company(stock={("DC", "LOCK"): "100"})
    ids = many(40)
    outcomes = at_once([lambda: actions.start(ids, **BY), lambda: actions.start(ids[::-1], **BY)] * 2)
    assert Counter(key for outcome in outcomes for key in outcome.done) == dict.fromkeys(ids, 1)
    assert (Run.objects.count(), StepState.objects.count()) == (40, 40)
    assert violations() == {}


def test_workers_share_the_work_and_nothing_is_done_twice() -> None:
    company(stock={("DC", "LOCK"): "150", ("SHOP", "LOCK"): "100"})
    ids = many(200)

    def work() -> int:
        tried = 0
        for _ in range(40):
            actions.take_up(actor="worker", at=AT)
            tried += actions.advance(actor="worker", at=AT, limit=17).tried
        return tried

    assert sum(at_once([work, work, work])) > 0
    drain()
    assert Release.objects.count() == 200
    assert Counter(StepState.objects.values_list("kind", "state")) == {
        ("reserve", "done"): 200, ("release", "done"): 200, ("ship", "waiting"): 200,
    }  # fmt: skip
    done = JournalEntry.objects.filter(verb="step.done", change__step="release")
    assert Counter(done.values_list("subject_id", flat=True)) == dict.fromkeys(ids, 1)
    assert violations() == {}


@pytest.mark.parametrize("kind", ["start", "reserve and release", "take up"])
def test_one_costs_as_many_statements_as_two_hundred(kind: str) -> None:
    company(stock={("DC", "LOCK"): "1000"})

    def counts(ids: list[UUID]) -> int:
        if kind == "start":
            with statements() as seen:
                actions.start(ids, **BY)
        elif kind == "take up":
            with statements() as seen:
                actions.take_up(**BY)
        else:
            actions.start(ids, **BY)
            with statements() as seen:
                actions.advance(**BY, order_ids=ids)
        return len(seen)

    one = counts(many(1))
    assert counts(many(200)) == one


def test_a_batch_that_fails_is_halved_down_to_the_line_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    company(stock={("DC", "LOCK"): "100"})
    ids = many(9)
    bad = ids[4]
    real = handlers.HANDLERS["release"]

    def release(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
        verdicts = real(batch, actor, at)
        if any(position.order_id == bad for position in batch):
            raise ValueError("the printer is on fire")
        return verdicts

    monkeypatch.setitem(handlers.HANDLERS, "release", release)
    moved = drain()
    assert (moved.failed, Release.objects.count()) == (1, 8)
    assert steps(bad) == {"reserve": "done", "release": "failed"}
    assert [step.order_id for step in queries.failed_steps()] == [bad]
    assert (queries.count_failed(), reason(bad, "release")) == (1, "ValueError: the printer is on fire")
    assert JournalEntry.objects.get(verb="step.failed").subject_id == bad
    assert drain().tried == 0
    monkeypatch.undo()
    build.done(actions.retry([queries.failed_steps()[0].state_id], **BY))
    drain()
    assert steps(bad) == {"reserve": "done", "release": "done", "ship": "waiting"}
    assert violations() == {}


def test_a_worker_that_dies_has_done_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order()
    actions.take_up(**BY)
    journaled = JournalEntry.objects.count()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(advancing, "_write_down", die)
    with pytest.raises(KeyboardInterrupt):
        actions.advance(**BY)
    assert steps(order_id) == {"reserve": "ready"}
    assert JournalEntry.objects.count() == journaled
    monkeypatch.undo()
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}
    assert violations() == {}


def test_a_worker_that_dies_while_it_reads_the_journal_has_read_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order()

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(advancing, "close", die)
    with pytest.raises(KeyboardInterrupt):
        actions.take_up(**BY)
    assert Run.objects.count() == 0
    monkeypatch.undo()
    drain()
    assert "ship" in steps(order_id)


def test_a_passing_trouble_backs_off_and_is_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order()
    tried: list[datetime] = []

    def busy(lines: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
        tried.append(at)
        return Outcome((), tuple(Refusal.because(key, "busy", "The dock is busy.", transient=True) for key in lines))

    monkeypatch.setattr(handlers.fulfilment, "release", busy)
    at = AT
    for _ in range(500):
        drain(at)
        if steps(order_id)["release"] == "failed":
            break
        at += HOUR
    assert len(tried) == MOST_ATTEMPTS + 1
    assert reason(order_id, "release") == "The dock is busy."
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert gaps == sorted(gaps)
    assert len(tried) == len(set(tried))
    assert drain(at + 100 * HOUR).tried == 0
    monkeypatch.undo()
    build.done(actions.retry([queries.failed_steps()[0].state_id], actor="anna", at=at))
    drain(at)
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}


def test_events_do_not_shorten_the_wait_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order()

    def busy(lines: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
        return Outcome((), tuple(Refusal.because(key, "busy", "The dock is busy.", transient=True) for key in lines))

    monkeypatch.setattr(handlers.fulfilment, "release", busy)
    for _ in range(5):
        build.done(orders.hold([order_id], "check", **BY))
        build.done(orders.release_holds([order_id], "check", **BY))
        drain()
    assert StepState.objects.get(kind="release").attempts == 1


class Paused:
    """Holds a worker in the middle of a step: after it has looked at the facts, before it stores its verdict."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        self.looked, self.go_on = threading.Event(), threading.Event()
        table = handlers.OUTSIDE if kind in handlers.OUTSIDE else handlers.HANDLERS
        real = table[kind]

        def slow(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
            verdicts = real(batch, actor, at)
            self.looked.set()
            assert self.go_on.wait(20)
            return verdicts

        monkeypatch.setitem(table, kind, slow)  # type: ignore[arg-type]

    def around(self, event: Any) -> None:
        """An event begins; a worker tries the step and does not see it yet; the event commits and is read; the worker
        goes on and stores what it saw."""
        begun, looked = threading.Event(), self.looked

        def slow_event() -> None:
            with transaction.atomic():
                event()
                begun.set()
                assert looked.wait(20)

        happening = _begin(slow_event)
        assert begun.wait(20)
        worker = _begin(lambda: actions.advance(**BY))
        happening.join(20)
        reader = _begin(lambda: actions.take_up(**BY))
        reader.join(0.5)
        self.go_on.set()
        for thread in (happening, worker, reader):
            thread.join(20)
            assert not thread.is_alive()


def _begin(work: Any) -> threading.Thread:
    """Run in a thread with a connection of its own."""

    def alone() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=alone)
    thread.start()
    return thread


def test_a_hold_released_while_the_release_is_tried_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order()
    build.done(orders.hold([order_id], "check", **BY))
    actions.take_up(**BY)
    monkeypatch.setitem(handlers.HANDLERS, "release", lambda batch, actor, at: {})
    with pytest.raises(KeyError):
        actions.advance(**BY)
    monkeypatch.undo()
    assert steps(order_id) == {"reserve": "done", "release": "ready"}
    Paused(monkeypatch, "release").around(lambda: orders.release_holds([order_id], "check", **BY))
    monkeypatch.undo()
    assert steps(order_id)["release"] == "ready"
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}


def test_an_event_would_be_lost_if_nobody_waited_for_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race without the guard: only what waits already is woken."""
    company(stock={})
    order_id = build.order(lines=[("LOCK", "1")])
    actions.take_up(**BY)
    guarded = queries.sql.texts["wake_items"]
    unguarded = guarded.replace("or (st.state = 'ready' and st.due_at <= %(soon)s)", "and %(soon)s is not null")
    assert unguarded != guarded
    monkeypatch.setitem(queries.sql.texts, "wake_items", unguarded)
    Paused(monkeypatch, "reserve").around(lambda: build.receive({("DC", "LOCK"): "5"}))
    drain()
    assert steps(order_id) == {"reserve": "waiting"}


def test_supply_that_arrives_while_the_line_is_tried_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    company(stock={})
    order_id = build.order(lines=[("LOCK", "1")])
    actions.take_up(**BY)
    Paused(monkeypatch, "reserve").around(lambda: build.receive({("DC", "LOCK"): "5"}))
    monkeypatch.undo()
    assert steps(order_id) == {"reserve": "ready"}
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}


def test_money_that_comes_while_the_collection_is_tried_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order(customer="C-2")
    drain()
    ship(order_id)
    monkeypatch.setitem(handlers.OUTSIDE, "collect", lambda batch, actor, at: {})  # type: ignore[arg-type]
    actions.take_up(**BY)
    for _ in range(2):
        try:
            actions.advance(**BY)
        except KeyError:
            StepState.objects.filter(kind="collect").update(due_at=AT)
    monkeypatch.undo()
    assert steps(order_id)["collect"] == "ready"
    Paused(monkeypatch, "collect").around(lambda: pay(order_id))
    monkeypatch.undo()
    drain()
    assert state(order_id) == "closed"
    assert violations() == {}


def test_a_leased_step_comes_back_by_itself_and_is_not_taken_twice_before(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order(customer="C-2")
    drain()
    ship(order_id)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(handlers.OUTSIDE, "collect", die)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        drain()
    monkeypatch.undo()
    assert steps(order_id)["collect"] == "ready"
    drain()
    assert steps(order_id)["collect"] == "ready"
    drain(AT + HOUR)
    assert steps(order_id)["collect"] == "waiting"
    assert bills(order_id)[0].open_amount == Decimal("1200.00")


def test_two_branches_that_end_at_the_same_moment_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    build.company()
    joining = PolicyDraft(
        "joining", "Joining",
        (StepDraft("a", "A", "reserve"), StepDraft("b", "B", "release"), StepDraft("c", "C", "ship", ("a", "b"))),
    )  # fmt: skip
    build.done(actions.publish_policies([joining], **BY))
    order_id = build.order()
    actions.take_up(**BY)
    both = threading.Barrier(2)

    def together(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
        both.wait(20)
        return {position.state_id: handlers.DONE for position in batch}

    monkeypatch.setitem(handlers.HANDLERS, "reserve", together)  # type: ignore[arg-type]
    monkeypatch.setitem(handlers.HANDLERS, "release", together)  # type: ignore[arg-type]
    at_once(
        [
            lambda kind=kind: advancing._advance_kind(
                kind, handlers.HANDLERS[kind], actor="t", at=AT, limit=10, orders=None
            )
            for kind in ("reserve", "release")
        ]
    )
    assert steps(order_id) == {"a": "done", "b": "done", "c": "ready"}


def test_a_deadlock_with_somebody_else_is_tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order()
    met: list[int] = []
    real = handlers.HANDLERS["reserve"]

    def reserve(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
        met.append(len(batch))
        if len(met) == 1:
            raise psycopg.errors.DeadlockDetected("deadlock detected")
        return real(batch, actor, at)

    monkeypatch.setitem(handlers.HANDLERS, "reserve", reserve)  # type: ignore[arg-type]
    drain()
    assert met == [1, 1]
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}
    assert violations() == {}


def test_a_lost_connection_is_the_callers_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    company()
    order_id = build.order()

    def reserve(batch: Sequence[Position], actor: str, at: datetime) -> Mapping[UUID, Verdict]:
        raise psycopg.OperationalError("the connection is closed")

    monkeypatch.setitem(handlers.HANDLERS, "reserve", reserve)  # type: ignore[arg-type]
    with pytest.raises(OperationalError):
        drain()
    assert steps(order_id) == {"reserve": "ready"}
