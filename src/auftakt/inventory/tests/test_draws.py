"""Draws: never the same unit twice, whoever races; expected supply and its arrival; a follower misses nothing."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from auftakt.inventory import actions, queries, rules
from auftakt.inventory.actions import draws as drawing
from auftakt.inventory.models import Bucket, Move
from auftakt.inventory.tests.build import (
    AT,
    BY,
    DAY,
    company,
    expected,
    on_hand,
    picture,
    receive,
    state,
    violations,
)
from auftakt.inventory.types import Arrival, BucketDraw, BucketState, Issue, Receipt, StockCount
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id


def draws(bucket: UUID, *quantities: int) -> list[BucketDraw]:
    return [BucketDraw(bucket, Decimal(quantity)) for quantity in quantities]


@pytest.mark.django_db
def test_a_draw_is_whole_or_not_at_all_in_input_order() -> None:
    ids = company()
    receive(10)
    receive(4, site="MUC")
    ham, muc = on_hand(ids).id, on_hand(ids, site="MUC").id
    journal = JournalEntry.objects.count()
    wishes = [*draws(ham, 6, 5), *draws(muc, 5), *draws(ham, 3, 1, 1)]
    outcome = actions.draw(wishes, **BY)
    assert outcome.done == (ham, ham, ham)
    assert [(refusal.subject, refusal.code) for refusal in outcome.refused] == [
        ("1", "supply_gone"), ("2", "supply_gone"), ("5", "supply_gone"),
    ]  # fmt: skip
    facts = outcome.refused[1].findings[0].facts
    assert (facts["bucket_id"], facts["wanted"], Decimal(facts["available"])) == (str(muc), "5", 4)
    assert (state(ham), state(muc)) == ((10, 10), (4, 0))
    assert JournalEntry.objects.count() == journal


@pytest.mark.django_db
@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "1E+20", "11"])
def test_a_bad_draw_moves_nothing(quantity: str) -> None:
    ids = company()
    receive(10)
    before = picture()
    wish = BucketDraw(on_hand(ids).id, Decimal(quantity))
    for verb in (actions.draw, actions.give_back):
        assert verb([wish], **BY).refused
    assert actions.issue([Issue(wish.bucket_id, wish.quantity)], **BY).refused
    assert actions.draw(draws(new_id(), 1), **BY).refused[0].code == "supply_gone"
    assert picture() == before


@pytest.mark.django_db
def test_what_is_given_back_or_issued_was_drawn() -> None:
    ids = company()
    receive(10)
    ham = on_hand(ids).id
    actions.draw(draws(ham, 8), **BY)
    given = actions.give_back(draws(ham, 3, 6, 1), **BY)
    assert (given.done, [refusal.subject for refusal in given.refused]) == ((ham, ham), ["1"])
    reference = new_id()
    issued = actions.issue([Issue(ham, Decimal(3), reference), Issue(ham, Decimal(2)), Issue(ham, Decimal(1))], **BY)
    assert (issued.done, [refusal.code for refusal in issued.refused]) == ((ham, ham), ["not_drawn"])
    assert state(ham) == (6, 0)
    move = Move.objects.get(reference_id=reference)
    assert (move.quantity, move.taken_from.code, move.put_to.kind, move.reason) == (3, "HAM", "customer", "shipment")
    assert JournalEntry.objects.filter(verb="inventory.issued", subject_id=ham).count() == 2
    assert set(violations().values()) == {0}
    assert actions.reverse([move.id], **BY).refused[0].code == "move_belongs_elsewhere"


@pytest.mark.django_db
def test_expected_supply_is_not_issued_from() -> None:
    ids = company()
    bucket = actions.expect([expected(ids, 5)], **BY).one()
    actions.draw(draws(bucket, 5), **BY).one()
    before = picture()
    assert actions.issue([Issue(bucket, Decimal(1))], **BY).refused[0].code == "not_drawn"
    assert picture() == before


@pytest.mark.django_db
def test_expected_supply_is_set_by_what_brings_it() -> None:
    ids = company()
    supply = expected(ids, 5)
    bucket = actions.expect([supply], **BY).one()
    before = picture()
    assert actions.expect([supply], **BY).one() == bucket
    assert picture() == before
    actions.draw(draws(bucket, 4), **BY).one()
    later = type(supply)(*_with(supply, available_on=DAY + timedelta(days=9), quantity=Decimal(4)))
    assert actions.expect([later], **BY).one() == bucket
    assert state(bucket) == (4, 4)
    assert queries.buckets(reference_ids=[supply.reference_id])[bucket].available_on == DAY + timedelta(days=9)
    before = picture()
    bad = [
        type(supply)(*_with(supply, quantity=Decimal(3))),
        type(supply)(*_with(supply, reference_id=new_id(), kind="wish")),
        type(supply)(*_with(supply, reference_id=new_id(), quantity=Decimal(-1))),
    ]
    outcome = actions.expect([*bad, supply], **BY)
    assert [refusal.code for refusal in outcome.refused] == [
        "supply_promised", "supply_kind_unknown", "quantity_negative", "supply_repeated",
    ]  # fmt: skip
    assert outcome.refused[0].findings[0].facts["drawn"] == "4"
    moved = type(supply)(*_with(supply, site_id=ids["MUC"]))
    assert actions.expect([moved], **BY).refused[0].code == "supply_fixed"
    assert picture() == before


def _with(supply: Any, **changes: Any) -> tuple[Any, ...]:
    return tuple(changes.get(name, getattr(supply, name)) for name in supply.__slots__)


@pytest.mark.django_db
def test_an_arrival_takes_along_the_promises_that_no_longer_fit() -> None:
    ids = company()
    supply = expected(ids, 10)
    bucket = actions.expect([supply], **BY).one()
    actions.draw(draws(bucket, 7), **BY)
    arrivals = [Arrival(supply.reference_id, Decimal(quantity)) for quantity in (2, 9, 4)]
    outcome = actions.arrive([*arrivals, Arrival(new_id(), Decimal(1))], **BY)
    assert [(arrived.quantity, arrived.drawn_moved) for arrived in outcome.done] == [(2, 0), (4, 3)]
    assert [refusal.code for refusal in outcome.refused] == ["more_than_expected", "supply_unknown"]
    stock = on_hand(ids)
    assert {arrived.on_hand_bucket_id for arrived in outcome.done} == {stock.id}
    assert (state(bucket), state(stock.id)) == ((4, 4), (6, 3))
    assert set(violations().values()) == {0}
    move = Move.objects.get(id=outcome.done[0].move_id)
    assert (move.reason, move.reference_id, move.taken_from.kind) == ("purchase", supply.reference_id, "supplier")
    for quantity in ("0", "-1", "NaN"):
        assert actions.arrive([Arrival(supply.reference_id, Decimal(quantity))], **BY).refused[0].code == (
            "quantity_not_positive"
        )


@given(
    st.lists(st.integers(1, 9), max_size=5),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_arrivals_keep_promises_whole(parts: list[int], quantity: int, drawn: int) -> None:
    expected_state = BucketState(Decimal(quantity), Decimal(min(drawn, quantity)))
    moved_in_all = Decimal(0)
    for part in parts:
        if part > expected_state.quantity:
            continue
        moved = rules.arrive(expected_state, Decimal(part))
        assert 0 <= moved <= part
        moved_in_all += moved
        expected_state = BucketState(expected_state.quantity - part, expected_state.drawn - moved)
        assert 0 <= expected_state.drawn <= expected_state.quantity
    assert moved_in_all + expected_state.drawn == min(drawn, quantity)


def counted(count: int, buckets: list[UUID]) -> int:
    chosen = buckets[:count]
    with CaptureQueriesContext(connection) as captured:
        assert len(actions.draw([BucketDraw(key, Decimal(2)) for key in chosen], **BY).done) == count
        assert len(actions.give_back([BucketDraw(key, Decimal(1)) for key in chosen], **BY).done) == count
        assert len(actions.issue([Issue(key, Decimal(1)) for key in chosen], **BY).done) == count
    return len(captured)


@pytest.mark.django_db
def test_the_count_of_statements_does_not_grow_with_the_batch() -> None:
    company(items=200)
    actions.receive([Receipt("HAM", f"P{number:03d}", Decimal(9)) for number in range(200)], **BY)
    buckets = [row[0] for row in queries.bucket_rows()[0]]
    assert counted(1, buckets) == counted(200, buckets)
    with CaptureQueriesContext(connection) as captured:
        actions.draw([BucketDraw(key, Decimal(1)) for key in buckets], **BY)
    assert len(captured) == 1


def race(ids: dict[str, UUID], draw_one: Any) -> int:
    """Eight threads wish for 100 of 40 units, most in pairs over two buckets; how many units they think they have."""
    buckets = [on_hand(ids).id, on_hand(ids, site="MUC").id]
    won: list[int] = []
    start = threading.Barrier(8)

    def fight(number: int) -> None:
        start.wait()
        try:
            for _ in range(8):
                order = buckets if number % 2 else buckets[::-1]
                won.append(draw_one([BucketDraw(key, Decimal(1)) for key in order]))
        finally:
            connection.close()

    threads = [threading.Thread(target=fight, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(won)


@pytest.mark.django_db(transaction=True)
def test_two_racing_draws_never_get_the_same_unit() -> None:
    ids = company()
    receive(25)
    receive(15, site="MUC")
    assert race(ids, lambda wishes: len(actions.draw(wishes, **BY).done)) == 40
    assert (state(on_hand(ids).id), state(on_hand(ids, site="MUC").id)) == ((25, 25), (15, 15))


@pytest.mark.django_db(transaction=True)
def test_the_race_would_show_a_draw_without_its_guard() -> None:
    """Negative control: looking first and writing later, as if nobody raced, sells units that are not there."""
    ids = company()
    receive(25)
    receive(15, site="MUC")
    meet = threading.Barrier(8)

    def careless(wishes: list[BucketDraw]) -> int:
        with transaction.atomic():
            free = {key: Bucket.objects.get(id=key) for key in [wish.bucket_id for wish in wishes]}
            meet.wait()
            fitting = [wish for wish in wishes if free[wish.bucket_id].drawn < free[wish.bucket_id].quantity]
            for wish in sorted(fitting, key=lambda each: each.bucket_id):
                drawn = free[wish.bucket_id].drawn + wish.quantity
                Bucket.objects.filter(id=wish.bucket_id).update(drawn=drawn)
            return len(fitting)

    assert race(ids, careless) > 40


@pytest.mark.django_db
def test_the_check_is_the_last_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = company()
    receive(1)
    unguarded = drawing.sql.texts["draw_buckets"].replace("and b.quantity - b.drawn >= w.quantity", "")
    monkeypatch.setitem(drawing.sql.texts, "draw_buckets", unguarded)
    with pytest.raises(IntegrityError, match="bucket_not_overdrawn"), transaction.atomic():
        actions.draw(draws(on_hand(ids).id, 2), **BY)
    assert state(on_hand(ids).id) == (1, 0)


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_a_follower_misses_no_bucket_that_commits_late() -> None:
    ids = company()
    receive(5)
    receive(5, site="MUC")
    rows, horizon = queries.bucket_rows()
    assert {row[0]: (row[5], row[6]) for row in rows} == {
        on_hand(ids).id: (5, 0),
        on_hand(ids, site="MUC").id: (5, 0),
    }
    settings = connection.settings_dict
    with psycopg.connect(host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"]) as slow:
        slow.execute(
            "update inventory_bucket set drawn = 1, changed_tx = pg_current_xact_id() where id = %s",
            (on_hand(ids).id,),
        )
        actions.draw(draws(on_hand(ids, site="MUC").id, 2), **BY)
        changed, middle = queries.buckets_changed(horizon)
        assert [(row[2], row[6]) for row in changed] == [(ids["MUC"], 2)]
        slow.commit()
    changed, end = queries.buckets_changed(middle)
    assert (ids["HAM"], 1) in [(row[2], row[6]) for row in changed]
    assert queries.buckets_changed(end) == ([], end)


@pytest.mark.django_db(transaction=True)
def test_first_stock_of_an_item_made_by_two_at_once_is_one_bucket() -> None:
    ids = company()
    start = threading.Barrier(6)

    def add(number: int) -> None:
        start.wait()
        try:
            actions.receive([Receipt("HAM", "BIKE", Decimal(number))], actor="test", at=AT)
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state(on_hand(ids).id) == (21, 0)
    assert set(violations().values()) == {0}
    actions.count([StockCount("HAM", "BIKE", Decimal(20))], **BY).one()
