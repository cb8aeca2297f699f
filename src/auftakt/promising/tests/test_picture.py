"""The picture follows the database, forgets what was rolled back, and gives way to the next epoch."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from auftakt.inventory import actions as inventory
from auftakt.inventory.types import Adjustment, BucketDraw, CalendarDraft, CalendarException, SiteDraft
from auftakt.promising import actions, engine, queries
from auftakt.promising.tests import build
from auftakt.promising.tests.build import BY, ON
from auftakt.promising.types import Demand, LaneDraft
from auftakt.values import Outcome, new_id

pytestmark = pytest.mark.django_db(transaction=True)


class _UndoneError(Exception):
    pass


@pytest.fixture
def bolt() -> UUID:
    build.network(BER=1, HAM=2)
    (item,) = build.items("bolt")
    build.stock(("BER", "bolt", 10))
    return item


def free(item: UUID) -> Decimal:
    """What the picture thinks is free."""
    return Decimal(1000) - queries.propose([build.demand(item, 1000, split_dates=True)], on=ON)[0].unpromised


def elsewhere(run: Callable[[], None]) -> None:
    """In a thread, and so in a connection, of its own."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def test_it_follows_what_others_commit(bolt: UUID) -> None:
    assert free(bolt) == 10
    elsewhere(lambda: build.stock(("BER", "bolt", 5)))
    assert free(bolt) == 15
    elsewhere(lambda: inventory.adjust([Adjustment("BER", "bolt", Decimal(-3), "damage")], **BY) and None)
    assert free(bolt) == 12
    elsewhere(lambda: build.purchase("BER", "bolt", 7, 4) and None)
    assert free(bolt) == 19
    queries.refresh()
    assert free(bolt) == 19


def test_it_forgets_what_is_rolled_back(bolt: UUID) -> None:
    assert free(bolt) == 10
    with pytest.raises(_UndoneError), transaction.atomic():
        build.promise(build.demand(bolt, 4))
        assert free(bolt) == 6
        build.stock(("BER", "bolt", 1), ("HAM", "bolt", 2))
        assert free(bolt) == 7
        raise _UndoneError
    assert free(bolt) == 10
    build.promise(build.demand(bolt, 3))
    assert free(bolt) == 7


def test_a_savepoint_rolled_back_is_forgotten_too(bolt: UUID) -> None:
    with transaction.atomic():
        build.promise(build.demand(bolt, 1))
        with pytest.raises(_UndoneError), transaction.atomic():
            build.promise(build.demand(bolt, 4))
            assert free(bolt) == 5
            raise _UndoneError
        assert free(bolt) == 9
    assert free(bolt) == 9


def test_others_do_not_see_what_is_not_committed(bolt: UUID) -> None:
    seen: list[Decimal] = []
    with transaction.atomic():
        build.promise(build.demand(bolt, 4))
        assert free(bolt) == 6
        elsewhere(lambda: seen.append(free(bolt)))
    elsewhere(lambda: seen.append(free(bolt)))
    assert seen == [10, 6]


def test_a_picture_first_loaded_inside_a_transaction_that_fails_is_not_kept(bolt: UUID) -> None:
    with pytest.raises(_UndoneError), transaction.atomic():
        build.stock(("BER", "bolt", 90))
        queries.refresh()
        assert free(bolt) == 100
        queries.promises._desk.view = None
        assert free(bolt) == 100
        raise _UndoneError
    assert free(bolt) == 10


def test_a_write_by_an_older_transaction_that_commits_late_is_not_missed(bolt: UUID) -> None:
    assert free(bolt) == 10
    started, go = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            build.stock(("HAM", "bolt", 2))
            started.set()
            assert go.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert started.wait(10)
    build.stock(("BER", "bolt", 1))
    assert free(bolt) == 11
    go.set()
    thread.join()
    queries.propose([build.demand(bolt, 1)], on=ON)
    wanted = build.demand(bolt, 13, split_sites=True, split_dates=True)
    assert queries.propose([wanted], on=ON)[0].unpromised == 0


def test_every_answer_names_its_epoch_and_a_refresh_makes_the_next(bolt: UUID) -> None:
    def epoch() -> int:
        return queries.propose([build.demand(bolt, 1)], on=ON)[0].reason["epoch"]

    first = epoch()
    assert epoch() == first
    assert queries.refresh() == epoch() > first


def test_a_calendar_is_kept_from_the_next_call_on(bolt: UUID) -> None:
    def ships() -> date | None:
        return queries.propose([build.demand(bolt, 1)], on=monday)[0].pieces[0].ship_on

    today = datetime.now(UTC).date()
    monday = today + timedelta(7 - today.weekday())
    assert ships() == monday
    inventory.save_calendars([CalendarDraft("LATE", "Thursdays", "4")], **BY)
    for code in ("BER", "HAM"):
        site = SiteDraft(code, code, "distribution_centre", "DE", shipping_calendar="LATE")
        assert not inventory.save_sites([site], **BY).refused
    assert ships() == monday + timedelta(3)
    off = CalendarException(monday + timedelta(3), is_working=False)
    inventory.save_calendars([CalendarDraft("LATE", "Thursdays", "4", exceptions=(off,))], **BY)
    assert ships() == monday + timedelta(10)


def test_simulations_and_promises_do_not_see_each_other(bolt: UUID) -> None:
    with queries.simulation() as one, queries.simulation() as other:
        taken = engine.propose(one, [build.demand(bolt, 7)], ON)
        assert taken.promises[0].unpromised == 0
        assert engine.propose(one, [build.demand(bolt, 7)], ON).promises[0].unpromised == 7
        assert free(bolt) == 10
        build.promise(build.demand(bolt, 9))
        assert free(bolt) == 1
        assert engine.propose(other, [build.demand(bolt, 10)], ON).promises[0].unpromised == 0
    assert free(bolt) == 1


def test_a_stale_proposal_is_refused_and_made_again(bolt: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between proposal and draw somebody else takes the supply."""
    build.stock(("HAM", "bolt", 5))
    real = inventory.draw
    calls: list[int] = []

    def draw(draws: list[BucketDraw], *, actor: str, at: datetime) -> Outcome[UUID]:
        calls.append(len(draws))
        if len(calls) == 1:
            elsewhere(lambda: inventory.adjust([Adjustment("BER", "bolt", Decimal(-8), "theft")], **BY) and None)
        return real(draws, actor=actor, at=at)

    monkeypatch.setattr(inventory, "draw", draw)
    answer = build.promise(build.demand(bolt, 4))[0]
    assert answer.pieces[0].site_code == "HAM"
    assert len(calls) == 2
    assert build.buckets(bolt) == [("BER", "on_hand", 2, 0), ("HAM", "on_hand", 5, 4)]
    assert build.faults() == []


def test_supply_gone_in_every_round_leaves_the_demand_unpromised(bolt: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(draws: list[BucketDraw], *, actor: str, at: datetime) -> Outcome[UUID]:
        return inventory_draw([BucketDraw(each.bucket_id, each.quantity + 1000) for each in draws], actor=actor, at=at)

    inventory_draw = inventory.draw
    monkeypatch.setattr(inventory, "draw", draw)
    answer = build.promise(build.demand(bolt, 4))[0]
    assert (answer.unpromised, answer.reason["why"]) == (4, "contended")
    assert build.buckets(bolt) == [("BER", "on_hand", 10, 0)]


def race(item: UUID, threads: int, batches: int) -> list[Decimal]:
    """Threads fight for one item in batches of one to three pieces; how much each of them was promised."""
    ready = threading.Barrier(threads)
    won: list[Decimal] = []
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            ready.wait(20)
            for turn in range(batches):
                kit = Demand(new_id(), item, ((item, Decimal(2)),), Decimal(1), country="DE")
                wanted = [build.demand(item, 1 + (number + turn) % 3), kit]
                promises = build.promise(*wanted)
                won.append(build.quantities(promises[:1]) + 2 * build.quantities(promises[1:]))
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failed, failed
    return won


def test_racing_threads_are_promised_exactly_what_exists(bolt: UUID) -> None:
    build.stock(("BER", "bolt", 50), ("HAM", "bolt", 41))
    won = race(bolt, threads=12, batches=6)
    left = Decimal(101) - sum(won)
    assert left in (0, 1)
    if left:
        assert build.quantities(build.promise(build.demand(bolt, 1))) == 1
    assert sum(drawn for _, _, _, drawn in build.buckets(bolt)) == 101
    assert build.faults() == []


def test_without_the_guard_the_race_would_be_lost(bolt: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a draw that asks nobody promises more than exists, and the proof says so."""

    def unguarded(draws: list[BucketDraw], **_: Any) -> Outcome[UUID]:
        return Outcome(tuple(each.bucket_id for each in draws))

    monkeypatch.setattr(inventory, "draw", unguarded)
    won = race(bolt, threads=4, batches=3)
    assert sum(won) > 10
    assert build.faults() != []


def test_lanes_change_without_reading_the_supply_anew(bolt: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    queries.refresh()
    epoch = queries.picture_state().epoch  # type: ignore[union-attr]
    monkeypatch.setattr(queries.promises, "_load", lambda: pytest.fail("all supply is read anew"))
    actions.save_lanes([LaneDraft("BER", "FR", 5)], **BY)
    promise = queries.propose([replace(build.demand(bolt, 1), country="FR")], on=ON)[0]
    assert promise.pieces[0].site_code == "BER"
    assert queries.picture_state().epoch > epoch  # type: ignore[union-attr]
