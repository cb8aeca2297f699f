"""Replenishment: the arithmetic as its rule, the run over policies, and what becomes of proposals."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from auftakt.inventory import actions as inventory
from auftakt.inventory.tests.build import AT, BY, on_hand, picture, receive
from auftakt.inventory.types import BucketDraw, Issue
from auftakt.parties import actions as parties
from auftakt.parties.types import PartyDraft
from auftakt.platform import jobs
from auftakt.platform.models import JournalEntry
from auftakt.supply import actions, queries, rules
from auftakt.supply.actions import replenish as running
from auftakt.supply.models import PurchaseOrder, ReplenishmentPolicy
from auftakt.supply.tests.test_purchases import setting, violations
from auftakt.supply.types import (
    ApprovalLimit,
    AssignmentDraft,
    PolicyDraft,
    PolicyNow,
    PriceBreak,
    ProposalFacts,
    PurchaseDraft,
    PurchaseLineDraft,
    PurchaseReceipt,
    ReplenishmentLimitDraft,
    RoutingDraft,
    RunDraft,
    Scope,
    Source,
    SourcingDraft,
    SourcingPublication,
    SupplierItemDraft,
    SupplierTermsDraft,
    SupplySource,
)
from auftakt.values import new_id

TODAY = AT.date()
D = Decimal


def now(**other: Any) -> PolicyNow:
    facts: dict[str, Any] = {
        "policy_id": new_id(), "item_id": new_id(), "site_id": new_id(), "method": "min_max", "source": "",
        "supplier_id": None, "from_site_id": None, "reorder_point": None, "maximum": D(300), "lot": D(0),
        "multiple": D(0), "cover_days": 0, "review_days": 0, "reviewed_on": None, "safety_stock": D(40),
        "service_level": D(95), "demand_days": 90, "demand_per_day": None, "lead_days": None, "buyer": "",
        "decimals": 0, "demand_sum": 1800.0, "demand_squares": 36000.0, "on_hand": D(100), "expected": D(30),
        "drawn": D(0), "planned": D(0),
    }  # fmt: skip
    return PolicyNow(**facts | other)


SUPPLIER = SupplySource("buy", lead_days=5, multiple=D(25))


def test_the_example_of_the_domain() -> None:
    """AT-IN-1: demand 20 a day, lead time 5, safety 40: reorder point 140; 130 there, up to 300 in lots of 25: 175."""
    sums = rules.replenish(now(), SUPPLIER)
    assert sums is not None
    assert (sums.demand_per_day, sums.lead_days, sums.safety_stock, sums.reorder_point) == (20, 5, 40, 140)
    assert (sums.position, sums.target, sums.raw, sums.quantity) == (130, 300, 170, 175)
    assert rules.replenish(now(planned=D(175)), SUPPLIER) is None


def test_safety_stock_is_that_of_the_books() -> None:
    """z(95 %) = 1.645; L 9 days, σd 10, d 50, σL 2: 1.645 · sqrt(9·100 + 2500·4)."""
    z = rules.safety_factor(D(95))
    assert round(z, 3) == 1.645
    assert rules.safety_stock(z, 9, 10, 50, 2) == pytest.approx(1.645 * sqrt(10900), rel=1e-3)
    assert rules.safety_stock(rules.safety_factor(D(50)), 9, 10, 50, 2) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("told", "point", "target", "quantity"),
    [
        ({"method": "reorder_point", "lot": D(60)}, 140, 190, 60),
        ({"method": "reorder_point", "lot": D(5)}, 140, 145, 15),
        ({"method": "reorder_point"}, 140, 140, 10),
        ({"method": "days_of_cover", "cover_days": 10}, 140, 340, 210),
        ({"method": "periodic", "review_days": 7}, 280, 280, 150),
        ({"method": "min_max", "reorder_point": D(130)}, 130, 300, 170),
        ({"method": "min_max", "reorder_point": D(129)}, 0, 0, None),
        ({"method": "min_max", "maximum": D(100)}, 140, 140, 10),
        ({"method": "min_max", "drawn": D(20)}, 140, 300, 190),
        ({"method": "min_max", "demand_per_day": D(30), "lead_days": 2}, 100, 0, None),
    ],
)
def test_each_method_has_its_level(told: dict[str, Any], point: int, target: int, quantity: int | None) -> None:
    sums = rules.replenish(now(**told), replace(SUPPLIER, multiple=D(0)))
    found = None if sums is None else (sums.reorder_point, sums.target, sums.quantity)
    assert found == (None if quantity is None else (point, target, quantity))


@given(
    st.decimals(0, 500, places=0), st.floats(0, 40), st.floats(0, 2), st.decimals(0, 60, places=0),
    st.sampled_from(["reorder_point", "min_max", "days_of_cover", "periodic"]),
)  # fmt: skip
def test_what_is_proposed_brings_the_position_to_the_target(
    there: Decimal, lead: float, spread: float, multiple: Decimal, method: str
) -> None:
    policy = now(method=method, on_hand=there, lot=D(30), cover_days=10, review_days=7, safety_stock=None)
    source = SupplySource("buy", lead_days=lead, lead_deviation=spread, minimum=D(12), multiple=multiple)
    sums = rules.replenish(policy, source)
    if sums is None:
        return
    after = sums.position + sums.quantity
    assert after >= sums.target
    assert sums.quantity >= 12
    assert not multiple or sums.quantity % multiple == 0
    assert rules.replenish(replace(policy, planned=sums.quantity), source) is None or method == "reorder_point"


def test_a_source_is_the_policys_own_then_the_rules_then_the_first_supplier_then_making() -> None:
    first, second, make = SupplySource("buy", 1, new_id()), SupplySource("buy", 2, new_id()), SupplySource("make")
    assert rules.source_of("", [make, second, first]) == first
    assert rules.source_of("make", [first, make]) == make
    assert rules.source_of("", [make]) == make
    assert rules.source_of("transfer", [first, make]) is None
    shared = [replace(make, share=D(30), ordered=D(20)), replace(second, share=D(70), ordered=D(80))]
    ruled = [replace(each, rule_rank=1) for each in shared]
    assert rules.source_of("", [first, *ruled]) == ruled[0]
    even = [replace(each, ordered=D(0)) for each in ruled]
    assert rules.source_of("", [first, *even]) == even[1]


def test_more_is_ordered_where_it_costs_less() -> None:
    prices = [PriceBreak(D(0), D(10)), PriceBreak(D(100), D(8))]
    asked = [rules.cheaper_quantity(D(each), prices, "EUR", TODAY, D(10)) for each in (70, 80, 90, 120)]
    assert asked == [70, 80, 100, 120]


def shop(lead: int = 5, multiple: int = 25, **terms: Any) -> dict[str, UUID]:
    """BIKE of S-1 at 10 euros, in lots; 130 there."""
    ids = setting()
    draft = SupplierItemDraft("S-1", "BIKE", lead, multiple=D(multiple), prices=(PriceBreak(D(0), D(10)),), **terms)
    assert not actions.save_supplier_items([draft], **BY).refused
    receive(130)
    return ids


def policy(**other: Any) -> PolicyDraft:
    facts: dict[str, Any] = {"method": "min_max", "maximum": D(300), "safety_stock": D(40), "demand_per_day": D(20)}
    return PolicyDraft(other.pop("sku", "BIKE"), other.pop("site_code", "HAM"), **facts | other)


def run(day: date = TODAY, **other: Any) -> UUID:
    key = actions.run_replenishment([RunDraft(day, **other)], **BY).one()
    (facts,) = queries.runs([key])
    jobs.run(facts.job_id)
    job = jobs.job(facts.job_id)
    assert job
    assert job.state == "done", [note.detail for note in jobs.notes(facts.job_id)]
    return key


def proposed(key: UUID | None = None) -> list[ProposalFacts]:
    return queries.proposals(run_id=key)


@pytest.mark.django_db
def test_a_run_proposes_once() -> None:
    shop()
    actions.save_policies([policy()], **BY).one()
    (only,) = proposed(run())
    assert (only.kind, only.supplier_number, only.quantity, only.value) == ("purchase", "S-1", 175, 1750)
    assert (only.position, only.reorder_point, only.target, only.raw) == (130, 140, 300, 170)
    assert (only.due_on, only.state) == (TODAY + timedelta(5), "proposed")
    assert proposed(run()) == []
    assert JournalEntry.objects.filter(verb="replenishment.proposed").count() == 1
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_what_was_released_counts_also_while_its_order_is_a_draft() -> None:
    shop()
    actions.save_policies([policy()], **BY)
    (only,) = proposed(run())
    assert actions.approve_proposals([only.id], **BY).done == (only.id,)
    order = PurchaseOrder.objects.get()
    (released,) = queries.proposals([only.id])
    assert (order.state, released.state, released.order_number) == ("draft", "released", order.number)
    assert proposed(run()) == []
    assert actions.approve_proposals([only.id], **BY).done == (only.id,)
    assert PurchaseOrder.objects.count() == 1
    actions.save_approval_limits([ApprovalLimit("EUR", D(5000))], **BY)
    assert not actions.approve_purchases([order.id], **BY).refused
    assert proposed(run()) == []
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_demand_and_lead_time_are_measured() -> None:
    """Nine days of the window saw 10 leave; three receipts took 4, 6 and 8 days."""
    ids = shop()
    receive(1000)
    bucket = on_hand(ids).id
    for day in range(1, 10):
        at = AT - timedelta(days=day)
        inventory.draw([BucketDraw(bucket, D(10))], actor="test", at=at)
        inventory.issue([Issue(bucket, D(10))], actor="test", at=at)
    for number, took in enumerate((4, 6, 8)):
        line = PurchaseLineDraft("BIKE", D(1), TODAY, unit_cost=D(10))
        order = PurchaseDraft("S-1", "HAM", "EUR", TODAY - timedelta(took), (line,), f"PO-{number}")
        key = actions.order_purchases([order], **BY).one()
        (placed,) = queries.purchases([key])[key].lines
        assert not actions.book_receipts([PurchaseReceipt(placed.id, D(1))], **BY).refused
    actions.save_policies([policy(safety_stock=None, demand_per_day=None, demand_days=30, maximum=D(9000),
                                  reorder_point=D(5000))], **BY)  # fmt: skip
    (only,) = proposed(run())
    assert (only.demand_per_day, only.demand_measured, only.lead_days, only.lead_receipts) == (3, True, 6, 3)
    assert float(only.demand_deviation) == pytest.approx(sqrt((900 - 30 * 9) / 29), abs=1e-6)
    assert float(only.lead_deviation) == pytest.approx(2)
    wanted = rules.safety_stock(rules.safety_factor(D(95)), 6, float(only.demand_deviation), 3, 2)
    assert only.safety_stock == -(-wanted // 1)
    assert only.position == 130 + 1000 - 90 + 3


@pytest.mark.django_db
def test_small_orders_are_held_until_they_are_worth_it() -> None:
    shop()
    terms = SupplierItemDraft("S-1", "CHAIN", 5, prices=(PriceBreak(D(0), D(10)),))
    actions.save_supplier_items([terms], **BY)
    actions.save_supplier_terms([SupplierTermsDraft("S-1", D(2000))], **BY)
    actions.save_policies([policy()], **BY)
    (held,) = proposed(run())
    assert held.state == "held"
    before = picture()
    refused = actions.approve_proposals([held.id], **BY).refused
    assert refused[0].code == "below_minimum_order"
    assert picture() == before
    assert not PurchaseOrder.objects.exists()
    actions.save_policies([policy(sku="CHAIN", maximum=D(100), reorder_point=D(50), safety_stock=D(5))], **BY)
    run()
    both = proposed()
    assert {each.state for each in both} == {"proposed"}
    assert len(actions.approve_proposals([each.id for each in both], **BY).done) == 2
    (order,) = queries.purchases([PurchaseOrder.objects.get().id]).values()
    assert (len(order.lines), order.head.value) == (2, 2750)
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_within_the_limit_nobody_is_asked() -> None:
    shop()
    actions.save_approval_limits([ApprovalLimit("EUR", D(2000))], **BY)
    limits = [ReplenishmentLimitDraft("EUR", D(100)), ReplenishmentLimitDraft("EUR", D(1750), "HAM", "ann")]
    assert not actions.save_replenishment_limits(limits, **BY).refused
    actions.save_policies([policy(buyer="bob")], **BY)
    (waits,) = proposed(run())
    assert waits.state == "proposed"
    actions.reject_proposals([waits.id], "too early", **BY)
    actions.save_policies([policy(buyer="ann")], **BY)
    assert proposed(run()) == []
    (alone,) = proposed(key := run(TODAY + timedelta(1)))
    assert (alone.state, PurchaseOrder.objects.get().state) == ("released", "approved")
    assert queries.runs([key])[0].released == 1
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_transfers_and_work_orders_are_proposed_and_released() -> None:
    shop()
    actions.save_routings([RoutingDraft("CHAIN", "HAM", 2)], **BY)
    told = {"source": "transfer", "from_site": "HAM", "safety_stock": D(0), "multiple": D(10)}
    drafts = [policy(site_code="MUC", maximum=D(120), **told), policy(sku="CHAIN", maximum=D(120))]
    assert not actions.save_policies(drafts, **BY).refused
    found = {each.kind: each for each in proposed(run())}
    assert (found["transfer"].from_site, found["transfer"].quantity) == ("HAM", 120)
    assert (found["work_order"].lead_days, found["work_order"].quantity) == (2, 120)
    assert len(actions.approve_proposals([each.id for each in found.values()], **BY).done) == 2
    assert proposed(run()) == []
    (head,) = queries.list_transfers()
    assert head.state == "placed"
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_a_sourcing_rule_says_where_from_and_shares_divide_over_time() -> None:
    """Of two suppliers of one rank, 70 and 30, that one is asked which is furthest below its share."""
    shop()
    parties.save_parties([PartyDraft("S-3", "Andere AG", is_supplier=True)], **BY)
    prices = (PriceBreak(D(0), D(9)),)
    actions.save_supplier_items([SupplierItemDraft("S-3", "BIKE", 5, rank=2, multiple=D(25), prices=prices)], **BY)
    sources = (
        Source(1, "buy", "HAM", supplier="S-1", share=D(30)),
        Source(1, "buy", "HAM", supplier="S-3", share=D(70)),
    )
    actions.save_sourcing_drafts([SourcingDraft("two", "Two suppliers", sources)], **BY)
    assert not actions.publish_sourcing([SourcingPublication("two", TODAY)], **BY).refused
    assert not actions.assign_sourcing([AssignmentDraft("two", Scope(sku="BIKE"))], **BY).refused
    actions.save_policies([policy()], **BY)
    (first,) = proposed(run())
    assert first.supplier_number == "S-3"
    actions.approve_proposals([first.id], **BY)
    actions.save_policies([policy(maximum=D(700), reorder_point=D(650))], **BY)
    (second,) = proposed(run(TODAY + timedelta(1)))
    assert second.supplier_number == "S-1"


@pytest.mark.django_db
def test_a_rejected_proposal_is_left_alone_for_the_day() -> None:
    shop()
    actions.save_policies([policy()], **BY)
    (only,) = proposed(run())
    assert actions.reject_proposals([only.id], "enough", **BY).done == (only.id,)
    assert proposed(run()) == []
    assert len(proposed(run(TODAY + timedelta(1)))) == 1
    assert actions.approve_proposals([only.id], **BY).refused[0].code == "proposal_decided"


@pytest.mark.django_db
def test_a_periodic_policy_is_looked_at_when_it_is_due() -> None:
    shop()
    actions.save_policies([policy(method="periodic", review_days=7)], **BY)
    (only,) = proposed(run())
    assert only.target == 20 * 12 + 40
    assert ReplenishmentPolicy.objects.get().reviewed_on == TODAY
    actions.reject_proposals([only.id], **BY)
    assert proposed(run(TODAY + timedelta(6))) == []
    assert len(proposed(run(TODAY + timedelta(7)))) == 1


@pytest.mark.django_db
def test_bad_policies_name_every_problem_and_change_nothing() -> None:
    shop()
    before = picture()
    drafts = [
        policy(maximum=D(10)), policy(maximum=None), policy(service_level=D(49)), policy(demand_days=-1),
        policy(sku="NO"), policy(site_code="NO"), policy(sku="CHAIN"), policy(method="magic", source="luck"),
        policy(source="transfer"), policy(method="days_of_cover"), policy(method="periodic", cover_days=-3),
        policy(sku="SETUP"), policy(supplier_number="C-1"), policy(lead_days=-1),
    ]  # fmt: skip
    outcome = actions.save_policies(drafts, **BY)
    found = [[f"{each.code} {each.place}" for each in refusal.findings] for refusal in outcome.refused]
    assert not outcome.done
    assert picture() == before
    assert found == [
        ["maximum_below_minimum /maximum"], ["maximum_missing /maximum"],
        ["service_level_out_of_range /service_level"], ["policy_days_out_of_range /demand_days"], ["item_unknown /sku"],
        ["site_unknown /site_code"], ["source_missing /source"], ["replenishment_method_unknown /method",
         "replenishment_source_unknown /source"],
        ["origin_missing /from_site"], ["cover_missing /cover_days"], ["policy_days_out_of_range /cover_days"],
        ["item_not_stocked /sku"], ["supplier_unknown /supplier_number"], ["policy_days_out_of_range /lead_days"],
    ]  # fmt: skip
    assert len(actions.save_policies([policy()] * 2, **BY).done) == 1
    count = JournalEntry.objects.count()
    actions.save_policies([policy()], **BY)
    assert JournalEntry.objects.count() == count


@pytest.mark.django_db
def test_a_killed_run_goes_on_and_proposes_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"P{number:03d}" for number in range(8)]
    setting(items=8)
    terms = [SupplierItemDraft("S-1", sku, 5, prices=(PriceBreak(D(0), D(1)),)) for sku in many]
    actions.save_supplier_items(terms, **BY)
    actions.save_policies([policy(sku=sku, site_code=site) for sku in many for site in ("HAM", "MUC")], **BY)
    monkeypatch.setattr(running, "CHUNK", 4)
    key = actions.run_replenishment([RunDraft(TODAY)], **BY).one()
    assert actions.run_replenishment([RunDraft(TODAY)], **BY).refused[0].code == "run_unfinished"
    (facts,) = queries.runs([key])
    jobs.work_chunk(facts.job_id, at=AT)
    written = running._write
    monkeypatch.setattr(running, "_write", lambda *told: (written(*told), (_ for _ in ()).throw(KeyboardInterrupt)))
    with pytest.raises(KeyboardInterrupt):
        jobs.work_chunk(facts.job_id, at=AT)
    monkeypatch.setattr(running, "_write", written)
    assert len(proposed()) == 4
    jobs.run(facts.job_id)
    (ended,) = queries.runs([key])
    assert (ended.state, ended.looked, ended.proposed, len(proposed())) == ("done", 16, 16, 16)


@pytest.mark.django_db
def test_many_policies_cost_as_many_statements_as_few() -> None:
    def cost(count: int) -> list[int]:
        skus = [f"P{number:03d}" for number in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as saving:
            actions.save_policies([policy(sku=sku) for sku in skus], **BY)
        with CaptureQueriesContext(connection) as looking:
            run(TODAY + timedelta(count))
        with CaptureQueriesContext(connection) as releasing:
            actions.approve_proposals([each.id for each in proposed() if each.state == "proposed"], **BY)
        return [len(saving), len(looking), len(releasing)]

    setting(items=60)
    terms = [SupplierItemDraft("S-1", f"P{n:03d}", 5, prices=(PriceBreak(D(0), D(1)),)) for n in range(60)]
    actions.save_supplier_items(terms, **BY)
    few = cost(20)
    assert cost(60) == few
