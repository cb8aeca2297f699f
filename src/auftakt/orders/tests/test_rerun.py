"""Open lines promised anew as one: the preview changes nothing, and what was shown is done, or the line stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests import build

from auftakt.cli.verify import checks
from auftakt.orders import actions, queries
from auftakt.orders.rules import runs
from auftakt.orders.tests.counting import statements
from auftakt.orders.types import Cancellation, RunLine, RunWish, StrategyRule
from auftakt.promising.models import Commitment
from auftakt.promising.types import SiteClosed, SupplyAdded, SupplyMoved
from auftakt.supply import queries as documents

pytestmark = pytest.mark.django_db
A: dict[str, Any] = {"actor": build.ACTOR, "at": build.AT}
TODAY = build.TODAY
BY_PRIORITY = RunWish(
    rules=(StrategyRule("win", priority_to=1), StrategyRule("gain", priority_to=50)), strategy="lose"
)  # fmt: skip


def clean() -> dict[str, str | None]:
    return {check.name: check.example for check in checks() if check.violations}


def promised(order: UUID) -> list[tuple[int, int | None]]:
    """The pieces of an order: how much, and in how many days."""
    found = [each for each in queries.fulfilment_lines(order_ids=[order]).values() if each.quantity]
    return [(int(each.quantity), (each.arrive_on - TODAY).days if each.arrive_on else None) for each in found]


def scarce() -> tuple[UUID, UUID, UUID]:
    """Stock 100, of which X (low) has 60 and Y (high) 40; Z (top) has nothing."""
    build.company(stock={("DC", "TYRE"): "100"})
    low = build.order(lines=[("TYRE", "60")], priority=300)
    high = build.order(lines=[("TYRE", "40")], priority=50)
    return low, high, build.order(lines=[("TYRE", "50")], priority=1)


def test_the_top_order_wins_the_high_one_keeps_and_the_low_one_gets_what_is_left() -> None:
    low, high, top = scarce()
    before = list(Commitment.objects.order_by("id").values_list("bucket_id", "demand_id", "quantity"))
    lines = queries.rerun(BY_PRIORITY, on=TODAY)
    assert [(line.order_id, line.strategy, line.verdict) for line in lines] == [
        (top, "win", "better"), (high, "gain", "same"), (low, "lose", "worse"),
    ]  # fmt: skip
    assert list(Commitment.objects.order_by("id").values_list("bucket_id", "demand_id", "quantity")) == before
    assert actions.apply_run(lines, **A).refused == ()
    assert (promised(top), promised(high)) == ([(50, 1)], [(40, 1)])
    assert sorted(promised(low), key=str) == [(10, 1), (50, None)]
    assert clean() == {}
    assert actions.apply_run(lines, **A).done == ()


def test_by_default_nobody_loses() -> None:
    low, _high, top = scarce()
    assert [line.verdict for line in queries.rerun(RunWish(), on=TODAY)] == ["same"] * 3
    lines = queries.rerun(RunWish(strategy="redistribute"), on=TODAY)
    told = {line.order_id: line.verdict for line in lines}
    assert (told[top], told[low]) == ("better", "worse")
    found = runs.sums(lines)
    assert (found.better, found.worse, found.before.dateless, found.after.dateless) == (1, 1, 1, 1)


def test_a_line_that_changed_meanwhile_and_who_lives_on_it_are_left_as_they_are() -> None:
    low, high, top = scarce()
    lines = queries.rerun(BY_PRIORITY, on=TODAY)
    build.done(actions.cancel([Cancellation(low)], **A))
    outcome = actions.apply_run(lines, **A)
    assert {each.code for each in outcome.refused} == {"line_not_open"}
    assert (promised(top), promised(high)) == ([(50, 1)], [(40, 1)])
    assert clean() == {}


def test_supply_that_went_elsewhere_refuses_only_those_that_needed_it() -> None:
    _low, _high, top = scarce()
    lines = queries.rerun(BY_PRIORITY, on=TODAY)
    only_top = [line for line in lines if line.order_id == top]
    outcome = actions.apply_run(only_top, **A)
    assert [each.code for each in outcome.refused] == ["alternative_gone"]
    assert promised(top) == [(50, None)]
    assert clean() == {}


def test_customers_take_turns_where_it_is_fair() -> None:
    build.company(stock={("DC", "TYRE"): "30"})
    orders = [build.order(lines=[("TYRE", "10")], customer=each) for each in ("C-1", "C-1", "C-1", "C-2")]
    for is_fair, expected in ((False, orders), (True, [orders[0], orders[3], orders[1], orders[2]])):
        lines = queries.rerun(RunWish(strategy="redistribute", is_fair=is_fair), on=TODAY)
        assert [line.order_id for line in lines] == expected


def test_what_if_supply_slips_is_cut_or_comes_and_a_site_is_closed() -> None:
    build.company(stock={})
    purchase = build.purchase("TYRE", "20", TODAY + timedelta(days=5))
    bucket = documents.purchases([purchase])[purchase].lines[0].bucket_id
    assert bucket
    first, second = (build.order(lines=[("TYRE", "10")], priority=each) for each in (1, 2))

    def days(*changes: Any) -> dict[UUID, int | None]:
        lines: list[RunLine] = queries.rerun(RunWish(strategy="redistribute"), on=TODAY, guarded=False, changes=changes)
        return {line.order_id: (line.there_on - TODAY).days if line.there_on else None for line in lines}

    assert days() == {first: 6, second: 6}
    assert days(SupplyMoved(bucket, available_on=TODAY + timedelta(days=19))) == {first: 20, second: 20}
    assert days(SupplyMoved(bucket, left=build.Decimal(10))) == {first: 6, second: None}
    item = queries.fulfilment_lines(order_ids=[first]).popitem()[1]
    assert item.site_id
    more = SupplyAdded(item.item_id, item.site_id, build.Decimal(10))
    assert days(more)[first] == 1
    closed = SiteClosed(item.site_id, TODAY, TODAY + timedelta(days=9))
    assert days(closed) == {first: 11, second: 11}
    assert (promised(first), promised(second), clean()) == ([(10, 6)], [(10, 6)], {})


def test_the_count_of_statements_does_not_grow() -> None:
    build.company(stock={("DC", "TYRE"): "100"})
    build.order(lines=[("TYRE", "1")])
    with statements() as few:
        queries.rerun(RunWish(strategy="redistribute"), on=TODAY)
    for _ in range(5):
        build.order(lines=[("TYRE", "1")])
    with statements() as many:
        queries.rerun(RunWish(strategy="redistribute"), on=TODAY)
    assert len(few) == len(many)
