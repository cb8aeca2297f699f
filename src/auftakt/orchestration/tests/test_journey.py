"""Orders from submitted to closed, and what stops them on the way."""

from collections import Counter
from decimal import Decimal

import pytest
from tests import build

from auftakt.fulfilment import actions as fulfilment
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import SiteDraft
from auftakt.orchestration import actions, queries
from auftakt.orchestration.models import Assignment, Policy, PolicyVersion, Run, Step, StepState
from auftakt.orchestration.rules import DEFAULT_POLICIES, SERVICE, SHIP_FROM_STOCK
from auftakt.orchestration.tests.build import (
    AT,
    BY,
    DAY,
    HOUR,
    bills,
    company,
    counted,
    drain,
    pay,
    pick_short,
    pieces,
    reason,
    releases,
    ship,
    state,
    steps,
    violations,
)
from auftakt.orchestration.types import PolicyDraft, StepDraft
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_queries
from auftakt.orders.types import Cancellation
from auftakt.platform.models import JournalEntry
from auftakt.promising import actions as promising
from auftakt.supply import queries as supply
from auftakt.supply.types import PurchaseReceipt

pytestmark = pytest.mark.django_db(transaction=True)


def told(verb: str) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(verb=verb).order_by("id"))


def test_default_policies_are_installed_once() -> None:
    first = build.done(actions.install_default_policies(**BY))
    assert build.done(actions.install_default_policies(**BY)) == first
    assert (Policy.objects.count(), PolicyVersion.objects.count(), Step.objects.count()) == (2, 2, 8)
    assert {(each.item_kind, each.policy.code) for each in Assignment.objects.select_related("policy")} == {
        ("", "ship_from_stock"), ("service", "service"), ("non_stock", "service"),
    }  # fmt: skip
    assert [entry.change["code"] for entry in told("policy.published")] == [each.code for each in DEFAULT_POLICIES]


def test_a_new_version_leaves_the_one_before_as_it_was() -> None:
    company()
    before = build.order()
    drain()
    old = PolicyVersion.objects.get(policy__code="ship_from_stock")
    written = list(Step.objects.filter(version=old).order_by("position").values())
    shorter = PolicyDraft("ship_from_stock", "Ship from stock", SHIP_FROM_STOCK.steps[:-1], rank=1000)
    (new,) = build.done(actions.publish_policies([shorter], **BY))
    assert new != old.id
    assert list(Step.objects.filter(version=old).order_by("position").values()) == written
    old.refresh_from_db()
    assert (old.state, PolicyVersion.objects.get(id=new).number) == ("retired", 2)
    after = build.order()
    drain()
    for order_id in (before, after):
        ship(order_id)
    drain()
    assert "collect" in steps(before)
    assert "collect" not in steps(after)
    assert Run.objects.get(order_id=after).version_id == new
    assert violations() == {}


def test_who_is_served_may_change_without_a_new_version() -> None:
    build.done(actions.install_default_policies(**BY))
    (version,) = build.done(
        actions.publish_policies([PolicyDraft("service", SERVICE.name, SERVICE.steps, ("service",), 10)], **BY)
    )
    assert PolicyVersion.objects.get(id=version).number == 1
    assert set(Assignment.objects.filter(policy__code="service").values_list("item_kind", flat=True)) == {"service"}


def test_a_policy_with_faults_is_refused_and_others_go_in() -> None:
    bad = PolicyDraft("bad", "Bad", (StepDraft("a", "A", "dance"),))
    outcome = actions.publish_policies([bad, SERVICE], **BY)
    assert (len(outcome.done), outcome.refused[0].subject, outcome.refused[0].code) == (1, "bad", "unknown_step_kind")
    assert not Policy.objects.filter(code="bad").exists()


def test_starting_twice_changes_nothing() -> None:
    company()
    order_id = build.order(lines=[("BIKE", "1"), ("LOCK", "2")])
    draft = build.order(stage="draft")
    assert actions.start([order_id, draft], **BY).done == (order_id,)
    assert actions.start([order_id, draft], **BY).done == ()
    assert (Run.objects.count(), StepState.objects.count()) == (2, 2)
    assert [entry.change["lines"] for entry in told("run.started")] == [2]


def test_a_line_that_no_policy_serves_is_told_and_starts_once_there_is_one() -> None:
    build.company()
    order_id = build.order()
    refusal = actions.start([order_id], **BY).refused[0]
    assert (refusal.code, refusal.subject) == ("no_policy", str(pieces(order_id)[0].id))
    drain()
    assert [entry.change["why"] for entry in told("run.refused")] == ["no_policy"]
    assert Run.objects.count() == 0
    build.done(actions.install_default_policies(**BY))
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}


def test_from_submitted_to_closed() -> None:
    company()
    order_id = build.order(lines=[("BIKE", "2")])
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}
    ship(order_id)
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "done", "invoice": "done",
                               "collect": "waiting"}  # fmt: skip
    (bill,) = bills(order_id)
    assert bill.gross == Decimal("2380.00")
    assert state(order_id) == "submitted"
    pay(order_id)
    moved = drain()
    assert (moved.closed, state(order_id)) == (1, "closed")
    page = order_queries.order_page(order_id)
    assert page is not None
    assert page.closure is not None
    assert page.closure.perfect
    assert Run.objects.get().state == "done"
    assert drain().tried == 0
    assert [entry.change["step"] for entry in told("step.done")] == ["reserve", "release", "ship", "invoice", "collect"]
    assert violations() == {}


def test_a_service_is_invoiced_when_it_is_done() -> None:
    company()
    order_id = build.order(lines=[("FITTING", "1.5")])
    drain()
    assert steps(order_id) == {"perform": "waiting"}
    build.done(fulfilment.perform([pieces(order_id)[0].id], **BY))
    drain()
    assert steps(order_id) == {"perform": "done", "invoice": "done", "collect": "waiting"}
    pay(order_id)
    drain()
    assert state(order_id) == "closed"
    assert violations() == {}


def test_a_line_without_supply_waits_until_stock_comes() -> None:
    company(stock={})
    order_id = build.order(lines=[("SET", "2")])
    drain()
    assert steps(order_id) == {"reserve": "waiting"}
    build.receive({("DC", "HELMET"): "2"})
    drain()
    assert steps(order_id) == {"reserve": "waiting"}
    build.receive({("DC", "LOCK"): "4"})
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}
    assert violations() == {}


def test_a_purchase_wakes_the_line_and_its_receipt_releases_it() -> None:
    company(stock={})
    order_id = build.order(lines=[("BIKE", "2")])
    drain()
    purchase_id = build.purchase("BIKE", "5", AT.date() + 5 * DAY)
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "ready"}
    drain(AT + 5 * DAY)
    assert steps(order_id)["release"] == "waiting"
    assert "receive it first" in reason(order_id, "release")
    (line,) = supply.purchases([purchase_id])[purchase_id].lines
    build.done(promising.receive_purchases([PurchaseReceipt(line.id, Decimal(5))], actor="t", at=AT + 5 * DAY))
    drain(AT + 5 * DAY)
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}
    assert violations() == {}


def test_what_a_cancelled_order_lets_go_goes_to_the_one_that_waits() -> None:
    company(stock={("DC", "HELMET"): "2", ("DC", "LOCK"): "4"})
    first = build.order(lines=[("SET", "2")], requested_ship_on=AT.date() + 9 * DAY)
    second = build.order(lines=[("HELMET", "1")])
    drain()
    assert steps(second) == {"reserve": "waiting"}
    build.done(orders.cancel([Cancellation(first)], **BY))
    drain()
    assert steps(second)["release"] == "done"
    assert Run.objects.get(order_id=first).state == "cancelled"
    assert violations() == {}


def test_a_hold_stops_release_and_its_end_lets_it_go() -> None:
    company()
    order_id = build.order()
    build.done(orders.hold([order_id], "credit", **BY))
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "waiting"}
    assert releases(order_id) == []
    build.done(orders.release_holds([order_id], "credit", **BY))
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}


def test_nothing_is_released_before_its_day_however_much_happens() -> None:
    company()
    order_id = build.order(requested_ship_on=AT.date() + 3 * DAY)
    for hour in range(12):
        build.done(orders.hold([order_id], "check", **BY))
        build.done(orders.release_holds([order_id], "check", **BY))
        drain(AT + hour * HOUR)
    (release,) = [step for step in queries.steps_of_orders([order_id]) if step.key == "release"]
    assert (release.state, release.attempts, release.due_at.date()) == ("ready", 0, AT.date() + 3 * DAY)
    assert releases(order_id) == []
    drain(AT + 3 * DAY)
    assert len(releases(order_id)) == 1


def test_a_short_pick_goes_back_to_reserve_and_on() -> None:
    company(stock={("DC", "HELMET"): "10"})
    order_id = build.order(lines=[("HELMET", "6")])
    drain()
    pick_short(order_id, "4")
    drain()
    assert counted(order_id)["reserve", "done"] == 2
    assert sorted(piece.quantity for piece in pieces(order_id)) == [2, 4]
    ids = releases(order_id)
    assert len(ids) == 1
    ship(order_id)
    build.done(fulfilment.ship([build.Shipping(key) for key in releases(order_id, "picked")], **BY))
    drain()
    pay(order_id)
    drain()
    assert state(order_id) == "closed"
    assert sum(bill.gross for bill in bills(order_id)) == order_queries.orders([order_id])[order_id].gross
    assert violations() == {}


def test_a_pick_that_finds_nothing_starts_its_line_again() -> None:
    company(stock={("DC", "HELMET"): "3"})
    order_id = build.order(lines=[("HELMET", "3")])
    drain()
    pick_short(order_id, "0")
    drain()
    assert steps(order_id) == {"reserve": "waiting"}
    build.receive({("SHOP", "HELMET"): "3"})
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "done", "ship": "waiting"}
    assert violations() == {}


def test_a_cancelled_line_needs_no_policy_and_the_rest_closes() -> None:
    company(stock={("DC", "BIKE"): "1"})
    order_id = build.order(lines=[("BIKE", "1"), ("TYRE", "1")])
    drain()
    ship(order_id)
    drain()
    pay(order_id)
    drain()
    assert state(order_id) == "submitted"
    tyre = next(piece for piece in pieces(order_id) if piece.sku == "TYRE")
    build.done(orders.cancel([Cancellation(order_id, tyre.line_id)], **BY))
    drain()
    assert Counter(Run.objects.values_list("state", flat=True)) == {"done": 1, "cancelled": 1}
    assert counted(order_id)["reserve", "skipped"] == 1
    assert state(order_id) == "closed"
    page = order_queries.order_page(order_id)
    assert page is not None
    assert page.closure is not None
    assert (page.closure.in_full, page.closure.perfect) == (False, False)
    assert violations() == {}


def test_a_closed_site_waits_until_it_opens() -> None:
    company()
    order_id = build.order()
    code = pieces(order_id)[0].site_code
    site = SiteDraft(code, "Distribution centre", "distribution_centre", "DE", city="Leipzig")
    closed = SiteDraft(code, "Distribution centre", "distribution_centre", "DE", city="Leipzig", is_open=False)
    build.done(inventory.save_sites([closed], **BY))
    drain()
    assert steps(order_id) == {"reserve": "done", "release": "waiting"}
    build.done(inventory.save_sites([site], **BY))
    drain()
    assert steps(order_id)["release"] == "done"


def test_retry_is_for_failed_steps_only() -> None:
    company()
    order_id = build.order()
    drain()
    step = next(each for each in queries.steps_of_orders([order_id]) if each.key == "ship")
    refusal = actions.retry([step.state_id], **BY).refused[0]
    assert refusal.code == "step_not_failed"
    assert steps(order_id)["ship"] == "waiting"


def test_branches_of_a_policy_meet_again() -> None:
    build.company()
    branching = PolicyDraft(
        "branching", "Branching",
        (
            StepDraft("reserve", "Reserve", "reserve"),
            StepDraft("also", "Reserve too", "reserve"),
            StepDraft("release", "Release", "release", ("reserve", "also")),
        ),
    )  # fmt: skip
    build.done(actions.publish_policies([branching], **BY))
    order_id = build.order()
    drain()
    assert counted(order_id) == {("reserve", "done"): 1, ("also", "done"): 1, ("release", "done"): 1}
    assert Run.objects.get().state == "done"
