"""Making: resources and routings are saved once; work orders hold components, load resources, and bring supply."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.catalog.types import BillDraft, BillLineDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.models import Bucket
from auftakt.inventory.tests import build
from auftakt.inventory.tests.build import BY, company, on_hand, picture, receive
from auftakt.inventory.types import Adjustment, BucketDraw, CalendarDraft
from auftakt.supply import actions, queries, rules
from auftakt.supply.models import CapacityLoad, WorkOrder, WorkOrderComponent
from auftakt.supply.types import (
    CapacityException,
    OperationDraft,
    ResourceDraft,
    RoutingDraft,
    ShiftDraft,
    WorkDraft,
    WorkFacts,
    WorkFinish,
    WorkRescheduling,
)

MONDAY = date(2026, 3, 2)
BENCH = ResourceDraft("HAM", "bench", "Assembly bench", (ShiftDraft("early", Decimal(4)),), calendar="week")
PAINT = ResourceDraft("HAM", "paint", "Paint shop", (ShiftDraft("day", Decimal(3)),), measure="pieces")


def plant() -> dict[str, UUID]:
    """BIKE is made in HAM of two P000 (10 % scrap) and one P001: painted, then an hour and half an hour each."""
    ids = company(items=3)
    inventory.save_calendars([CalendarDraft("week", "Monday to Friday")], **BY)
    assert not actions.save_resources([BENCH, PAINT], **BY).refused
    steps = (OperationDraft("paint", "Paint"), OperationDraft("bench", "Assemble", Decimal(60), Decimal(30)))
    assert not actions.save_routings([RoutingDraft("BIKE", "HAM", 2, Decimal("0.5"), steps)], **BY).refused
    lines = (BillLineDraft("P000", Decimal(2), Decimal(10)), BillLineDraft("P001"))
    assert not actions.save_bills([BillDraft("BIKE", lines)], **BY).refused
    receive(100, "P000")
    receive(100, "P001")
    return ids


def plan(quantity: int = 4, **other: Any) -> UUID:
    return actions.plan_work([WorkDraft("BIKE", "HAM", Decimal(quantity), MONDAY, **other)], **BY).one()


def head(key: UUID) -> WorkFacts:
    return queries.work([key])[key].head


def held(ids: dict[str, UUID], sku: str) -> tuple[Decimal, Decimal]:
    bucket = on_hand(ids, sku)
    return bucket.quantity, bucket.drawn


def violations() -> dict[str, int]:
    mine = {
        name: queries.making.sql.rows(name)[0][0] for name in queries.making.sql.texts if name.startswith("verify_")
    }
    return {name: count for name, count in {**mine, **build.violations()}.items() if count}


def everything() -> list[Any]:
    works = list(WorkOrder.objects.order_by("id").values_list("id", "state", "finished", "cancelled", "due_on"))
    parts = list(WorkOrderComponent.objects.order_by("id").values_list("id", "reserved", "issued"))
    return [*picture(), works, parts, CapacityLoad.objects.count()]


@pytest.mark.django_db
def test_a_work_order_goes_from_plan_to_closed() -> None:
    ids = plant()
    key = plan()
    assert (head(key).state, head(key).due_on, head(key).bucket_id) == ("draft", date(2026, 3, 6), None)
    assert actions.release_work([key], **BY).done == (key,)
    work = queries.work([key])[key]
    assert [(part.sku, part.required, part.reserved) for part in work.components] == [("P000", 9, 9), ("P001", 4, 4)]
    assert (held(ids, "P000"), held(ids, "P001")) == ((100, 9), (100, 4))
    bucket = Bucket.objects.get(reference_id=key)
    assert (bucket.kind, bucket.quantity, bucket.available_on) == ("work_order", 4, date(2026, 3, 6))
    assert not violations()
    actions.start_work([key], **BY).one()
    assert (held(ids, "P000"), held(ids, "P001")) == ((91, 0), (96, 0))
    arrived = actions.finish_work([WorkFinish(key, Decimal(3))], **BY).one()
    assert (arrived.quantity, head(key).state, head(key).open) == (3, "started", 1)
    assert not violations()
    assert actions.finish_work([WorkFinish(key, Decimal(0), Decimal(1))], **BY).done == ()
    assert (head(key).state, head(key).scrapped, held(ids, "BIKE")) == ("finished", 1, (3, 0))
    assert CapacityLoad.objects.count() == 0
    actions.close_work([key], **BY).one()
    assert actions.close_work([key], **BY).done == (key,), "closed already"
    assert head(key).state == "closed"
    assert not violations()
    ledger = [(move.reason, move.taken_from, move.put_to) for move in stock.moves(ids["BIKE"])]
    assert ledger == [("work_order", "production", "HAM")]


@pytest.mark.django_db
def test_resources_are_loaded_as_far_as_each_day_is_free() -> None:
    """The paint shop takes three pieces a day, every day; the bench 240 minutes on working days."""
    plant()
    first, second = plan(7), plan(2)
    assert not actions.release_work([first, second], **BY).refused
    machines = {each.code: each.id for each in queries.resources().values()}
    taken = [
        (load.day.day, load.amount, load.operation)
        for load in queries.loads(machines.values(), MONDAY, date(2026, 3, 31))
    ]
    paint = [(day, amount) for day, amount, operation in taken if operation == "Paint"]
    bench = [(day, amount) for day, amount, operation in taken if operation == "Assemble"]
    assert paint == [(2, 3), (3, 3), (4, 1), (4, 2)]
    assert bench == [(4, 240), (5, 30), (5, 120)], "270 minutes from the day of the last paint, then 120"
    free = queries.free_capacity(MONDAY, date(2026, 3, 8))
    assert free[machines["paint"]].tolist() == [0, 0, 0, 3, 3, 3, 3]
    assert free[machines["bench"]].tolist() == [240, 240, 0, 90, 240, 0, 0]
    assert head(first).ends_on == date(2026, 3, 5)


@pytest.mark.django_db
def test_moving_a_work_order_moves_its_supply_and_its_load() -> None:
    plant()
    key = plan(2)
    actions.release_work([key], **BY)
    bucket = Bucket.objects.get(reference_id=key)
    inventory.draw([BucketDraw(bucket.id, Decimal(1))], **BY)
    later = date(2026, 3, 16)
    assert actions.reschedule_work([WorkRescheduling(key, date(2026, 3, 20), later)], **BY).done == (key,)
    bucket.refresh_from_db()
    assert (bucket.available_on, bucket.drawn) == (date(2026, 3, 20), 1)
    assert set(CapacityLoad.objects.values_list("day", flat=True)) == {later}
    before = everything()
    refused = actions.reschedule_work([WorkRescheduling(key, MONDAY)], **BY).refused
    assert refused[0].code == "due_before_start"
    assert everything() == before
    inventory.give_back([BucketDraw(bucket.id, Decimal(1))], **BY)
    assert not violations()


@pytest.mark.django_db
def test_cancelling_gives_components_back() -> None:
    ids = plant()
    planned, released, started = plan(1), plan(2), plan(4)
    actions.release_work([released, started], **BY)
    actions.start_work([started], **BY)
    actions.finish_work([WorkFinish(started, Decimal(1))], **BY)
    assert held(ids, "P000") == (91, 5)
    assert actions.cancel_work([planned, released, started], **BY).done == (planned, released, started)
    assert [head(key).state for key in (planned, released, started)] == ["cancelled", "cancelled", "finished"]
    assert held(ids, "P000") == (97, 0), "six of nine come back: three quarters, rounded down"
    assert held(ids, "P001") == (99, 0)
    assert (CapacityLoad.objects.count(), held(ids, "BIKE")) == (0, (1, 0))
    assert not violations()


@pytest.mark.django_db
def test_short_components_are_named_and_the_others_go_on() -> None:
    ids = plant()
    inventory.adjust([Adjustment("HAM", "P000", Decimal(-80), "damage")], **BY)
    inventory.adjust([Adjustment("HAM", "P001", Decimal(-97), "damage")], **BY)
    large, small = plan(10), plan(2)
    outcome = actions.release_work([large, small], **BY)
    assert outcome.done == (small,)
    assert [(finding.code, dict(finding.facts)) for finding in outcome.refused[0].findings] == [
        ("components_short", {"sku": "P000", "site": "HAM", "wanted": "22", "available": "20"}),
        ("components_short", {"sku": "P001", "site": "HAM", "wanted": "10", "available": "3"}),
    ]
    assert (head(large).state, held(ids, "P000")) == ("draft", (20, 5))
    assert not violations()


@pytest.mark.django_db
def test_refusals_move_nothing() -> None:
    ids = plant()
    draft, released = plan(1), plan(1)
    bare = actions.plan_work([WorkDraft("P002", "HAM", Decimal(1), MONDAY, MONDAY)], **BY).one()
    actions.release_work([released], **BY)
    bucket = Bucket.objects.get(reference_id=released)
    inventory.draw([BucketDraw(bucket.id, Decimal(1))], **BY)
    unknown = ids["HAM"]
    before = everything()
    assert [r.code for r in actions.release_work([released, bare, unknown, draft, draft], **BY).refused] == [
        "work_state", "bill_missing", "work_unknown", "work_repeated",
    ]  # fmt: skip
    assert everything() != before
    before = everything()
    assert actions.start_work([bare], **BY).refused[0].code == "work_state"
    assert actions.cancel_work([released], **BY).refused[0].code == "supply_promised"
    assert actions.close_work([released], **BY).refused[0].code == "work_state"
    assert actions.finish_work([WorkFinish(released, Decimal(1))], **BY).refused[0].code == "work_not_started"
    assert everything() == before
    actions.start_work([released, draft], **BY)
    before = everything()
    wrong = [(5, 0, "more_than_open"), (0, 0, "quantity_not_positive"), (-1, 0, "quantity_negative"),
             ("0.5", 0, "quantity_fractional"), (0, 1, "supply_promised")]  # fmt: skip
    for good, scrap, code in wrong:
        refused = actions.finish_work([WorkFinish(released, Decimal(good), Decimal(scrap))], **BY).refused
        assert refused[0].code == code
    assert everything() == before


@pytest.mark.django_db
def test_plans_with_problems_are_refused_with_all_of_them() -> None:
    plant()
    before = everything()
    bad = WorkDraft("NONE", "OLD", Decimal(0), MONDAY, date(2026, 3, 1), note="x" * 301)
    wrong = [bad, WorkDraft("SETUP", "NOWHERE", Decimal(1), MONDAY), WorkDraft("BIKE", "HAM", Decimal("0.5"), MONDAY)]
    refused = actions.plan_work(wrong, **BY).refused
    assert [[finding.code for finding in refusal.findings] for refusal in refused] == [
        ["note_too_long", "due_before_start", "site_closed", "item_unknown"],
        ["site_unknown", "item_not_stocked"],
        ["quantity_fractional"],
    ]
    assert everything() == before
    key = plan(3, number="W-1")
    assert plan(3, number="W-1") == key, "the same again is done already"
    other = actions.plan_work([WorkDraft("BIKE", "HAM", Decimal(2), MONDAY, number="W-1")], **BY)
    assert other.refused[0].code == "work_number_taken"


@pytest.mark.django_db
def test_bad_resources_and_routings_are_refused_with_all_problems() -> None:
    plant()
    bad = ResourceDraft(
        "NOWHERE", "a b", " ", (ShiftDraft("x", Decimal(25), "18"),), calendar="none",
        exceptions=(CapacityException(MONDAY, Decimal(-1)), CapacityException(MONDAY)),
    )  # fmt: skip
    refused = actions.save_resources([bad, replace(PAINT, measure="hours"), replace(BENCH, shifts=())], **BY).refused
    assert [[finding.code for finding in refusal.findings] for refusal in refused] == [
        ["resource_code_malformed", "name_missing", "capacity_out_of_range", "weekday_unknown", "capacity_out_of_range",
         "exception_repeated", "site_unknown", "calendar_unknown"],
        ["measure_fixed"],
        ["shifts_missing"],
    ]  # fmt: skip
    wrong = RoutingDraft("NONE", "HAM", -1, Decimal(-1), (OperationDraft("mill", "", Decimal(-1), Decimal(-1)),))
    refused = actions.save_routings([wrong], **BY).refused
    assert [finding.code for finding in refused[0].findings] == [
        "making_time_out_of_range", "making_time_out_of_range", "minutes_out_of_range", "minutes_out_of_range",
        "item_unknown", "resource_unknown",
    ]  # fmt: skip
    before = picture()
    steps = (OperationDraft("paint", "Paint"), OperationDraft("bench", "Assemble", Decimal(60), Decimal(30)))
    assert len(actions.save_resources([BENCH, PAINT], **BY).done) == 2
    actions.save_routings([RoutingDraft("BIKE", "HAM", 2, Decimal("0.5"), steps)], **BY).one()
    assert picture() == before, "the same again writes nothing"


@pytest.mark.django_db
def test_a_resource_without_room_is_told() -> None:
    plant()
    still = replace(PAINT, shifts=(ShiftDraft("day", Decimal(0)),))
    actions.save_resources([still], **BY).one()
    key = plan(1)
    before = everything()
    assert actions.release_work([key], **BY).refused[0].code == "no_capacity"
    assert everything() == before


@pytest.mark.django_db
def test_many_work_orders_cost_as_many_statements_as_one() -> None:
    plant()
    receive(10_000, "P000")
    receive(10_000, "P001")
    actions.save_resources([replace(PAINT, shifts=(ShiftDraft("day", Decimal(500)),))], **BY)

    def cost(count: int) -> list[int]:
        wishes = [WorkDraft("BIKE", "HAM", Decimal(2), MONDAY, MONDAY) for _ in range(count)]
        told: list[int] = []
        keys: tuple[UUID, ...] = ()

        def step(run: Any) -> Any:
            with CaptureQueriesContext(connection) as caught:
                outcome = run()
            assert not outcome.refused
            told.append(len(caught))
            return outcome.done

        keys = step(lambda: actions.plan_work(wishes, **BY))
        step(lambda: actions.release_work(keys, **BY))
        step(lambda: actions.start_work(keys, **BY))
        step(lambda: actions.finish_work([WorkFinish(key, Decimal(1)) for key in keys], **BY))
        step(lambda: actions.cancel_work(keys, **BY))
        step(lambda: actions.close_work(keys, **BY))
        return told

    few, many = cost(1), cost(40)
    assert all(more <= less + 1 for less, more in zip(few, many, strict=True)), (few, many)


def test_rules_of_time_and_room() -> None:
    assert rules.lead_time(2, Decimal("0.5"), Decimal(3)) == 4
    assert rules.spread(Decimal(5), MONDAY, [Decimal(2), Decimal(0), Decimal(4)]) == [
        (MONDAY, Decimal(2)), (date(2026, 3, 4), Decimal(3)),
    ]  # fmt: skip
    assert rules.spread(Decimal(7), MONDAY, [Decimal(2), Decimal(0), Decimal(4)]) is None
