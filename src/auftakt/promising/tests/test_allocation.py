"""Demand classes and allocation rules are kept; what cannot be right moves nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

import pytest

from auftakt.catalog import actions as catalog
from auftakt.catalog import queries as reads
from auftakt.catalog.types import CategoryDraft, ItemDraft, UnitDraft
from auftakt.platform.models import JournalEntry
from auftakt.promising import actions, queries
from auftakt.promising.models import AllocationVersion, Commitment
from auftakt.promising.models import DemandClass as Row
from auftakt.promising.tests.build import BY, ON, count_statements, demand, faults, network, promise, stock
from auftakt.promising.types import (
    AllocationAdjustment,
    AllocationDraft,
    AllocationPublication,
    AllocationRetirement,
    DemandClass,
    Target,
)
from auftakt.values import Outcome

pytestmark = pytest.mark.django_db
HALF = (Target("key", Decimal(60)), Target("web", Decimal(40)))
ONE = Decimal(1)
RULE = AllocationDraft("scarce", "Scarce", HALF, sku="BIKE")


@pytest.fixture
def house() -> dict[str, object]:
    sites = network(HAM=1, MUC=2)
    catalog.save_units([UnitDraft("each", "Each")], **BY)
    catalog.save_categories([CategoryDraft("bikes", "Bikes"), CategoryDraft("city", "City", "bikes")], **BY)
    made = catalog.save_items([ItemDraft("BIKE", "Bike", category="city", activate=True)], **BY)
    assert not made.refused
    classes = [DemandClass("key", "Key accounts"), DemandClass("web", "Web shop", rank=2)]
    assert not actions.save_demand_classes(classes, **BY).refused
    return {"item": made.done[0], **sites}


def codes(outcome: Outcome[object]) -> list[str]:
    return [finding.code for refusal in outcome.refused for finding in refusal.findings]


def put(*drafts: AllocationDraft) -> Outcome[object]:
    saved = actions.save_allocation_drafts(drafts, **BY)
    assert not saved.refused, saved.refused
    return actions.publish_allocation([AllocationPublication(each.code) for each in drafts], **BY)


def test_a_tree_that_cannot_be_is_refused(house: dict[str, object]) -> None:
    before = queries.demand_classes()
    assert codes(
        actions.save_demand_classes([DemandClass("key", "Key", "web"), DemandClass("web", "Web", "key")], **BY)
    )
    assert codes(actions.save_demand_classes([DemandClass("x", "X", "nowhere")], **BY)) == ["class_unknown"]
    assert codes(actions.save_demand_classes([DemandClass("x", "X", rank=0)], **BY)) == ["rank_below_one"]
    chain = [DemandClass("l2", "2", "key"), DemandClass("l3", "3", "l2"), DemandClass("l4", "4", "l3")]
    deep = actions.save_demand_classes(chain, **BY)
    assert (deep.done, codes(deep)) == (("l2", "l3"), ["class_too_deep"])
    moved = actions.save_demand_classes([DemandClass("key", "Key accounts", "web")], **BY)
    assert codes(moved) == ["class_too_deep"]
    assert [each for each in queries.demand_classes() if each.code in ("key", "web")] == before
    assert Row.objects.count() == 4


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (AllocationDraft("r", "R", (Target("key", Decimal(101)),), sku="BIKE"), "targets_over_100"),
        (AllocationDraft("r", "R", (*HALF, Target("web", Decimal(41), ON)), sku="BIKE"), "targets_over_100"),
        (AllocationDraft("r", "R", (Target("key", Decimal(-1)),), sku="BIKE"), "target_negative"),
        (AllocationDraft("r", "R", (Target("gone", Decimal(1)),), sku="BIKE"), "class_unknown"),
        (AllocationDraft("r", "R", HALF, sku="GONE"), "item_unknown"),
        (AllocationDraft("r", "R", HALF, sku="BIKE", site="GONE"), "site_unknown"),
        (AllocationDraft("r", "R", HALF), "allocation_of_nothing"),
        (
            AllocationDraft("r", "R", (*HALF, Target("key", Decimal(1), date(2026, 3, 3))), sku="BIKE"),
            "week_not_monday",
        ),
        (AllocationDraft("r", "R", HALF, sku="BIKE", from_on=ON, until_on=ON), "period_reversed"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(house: dict[str, object], draft: AllocationDraft, code: str) -> None:
    told = JournalEntry.objects.count()
    assert codes(actions.save_allocation_drafts([draft], **BY)) == [code]
    assert not AllocationVersion.objects.exists()
    assert JournalEntry.objects.count() == told


def test_a_rule_holds_from_a_day_on_and_another_of_equal_rank_is_refused(house: dict[str, object]) -> None:
    mark = queries.allocation_mark()
    assert not put(RULE).refused
    assert queries.allocation_mark() > mark
    twin = AllocationDraft("twin", "Twin", HALF, sku="BIKE")
    assert codes(put(twin)) == ["allocation_overlaps"]
    assert [each.code for each in queries.allocation_versions(on=ON)] == ["scarce"]
    assert not put(AllocationDraft("near", "At HAM", HALF, sku="BIKE", site="HAM")).refused
    day = ON + timedelta(7)
    assert not actions.retire_allocation([AllocationRetirement("scarce", day)], **BY).refused
    assert codes(actions.publish_allocation([AllocationPublication("twin", ON)], **BY)) == ["allocation_overlaps"]
    assert not actions.publish_allocation([AllocationPublication("twin", day)], **BY).refused
    assert {each.code for each in queries.allocation_versions(on=day)} == {"near", "twin"}
    assert not faults()


def test_the_item_is_nearer_than_its_category_and_the_site_than_all(house: dict[str, object]) -> None:
    put(AllocationDraft("root", "Root", HALF, category="bikes"), AllocationDraft("leaf", "Leaf", HALF, category="city"))
    categories = catalog_path()
    item, ham, muc = house["item"], house["HAM"], house["MUC"]

    def held(site: object) -> str:
        found = queries.allocation_in_force(ON).rule(item, categories, site)  # type: ignore[arg-type]
        return found.code if found else ""

    assert held(ham) == "leaf"
    put(AllocationDraft("near", "Near", HALF, category="city", site="HAM"))
    assert (held(ham), held(muc)) == ("near", "leaf")
    put(RULE)
    assert (held(ham), held(muc)) == ("scarce", "scarce")
    few = count_statements(lambda: queries.allocation_in_force(ON))
    assert few == 3


def catalog_path() -> tuple[object, ...]:

    found = {each.code: each.id for each in reads.categories()}
    return (found["city"], found["bikes"])


def test_an_adjustment_makes_a_version_and_leaves_the_draft(house: dict[str, object]) -> None:
    put(RULE)
    actions.save_allocation_drafts([AllocationDraft("scarce", "Later", HALF[:1], sku="BIKE")], **BY)
    made = actions.adjust_allocation([AllocationAdjustment("scarce", ON, "web", Decimal(70))], **BY)
    assert not made.refused
    rule = queries.allocation_rules(["scarce"])["scarce"]
    held = rule.in_force(ON)
    assert held
    assert held.numbers(ON) == {"key": Decimal(30), "web": Decimal(70)}
    assert held.numbers(ON + timedelta(7)) == {"key": Decimal(60), "web": Decimal(40)}
    assert rule.draft
    wrong = [
        AllocationAdjustment("scarce", ON, "web", Decimal(101)),
        AllocationAdjustment("scarce", ON + timedelta(1), "web", Decimal(1)),
        AllocationAdjustment("scarce", ON - timedelta(7), "web", Decimal(1)),
        AllocationAdjustment("scarce", ON, "gone", Decimal(1)),
        AllocationAdjustment("gone", ON, "web", Decimal(1)),
    ]
    refused = actions.adjust_allocation(wrong, **BY)
    assert codes(refused) == ["total_not_kept", "week_not_monday", "week_in_past", "class_unknown", "rule_unknown"]
    assert queries.allocation_rules(["scarce"])["scarce"] == rule
    assert not faults()


def test_weeks_tell_what_was_allotted_taken_and_left(house: dict[str, object]) -> None:
    stock(("HAM", "BIKE", 100))
    promise(demand(house["item"], 70))  # type: ignore[arg-type]
    put(RULE)
    Commitment.objects.update(demand_class="key")
    facts, weeks = queries.allocated_weeks(house["item"], (), house["HAM"], ON)  # type: ignore[arg-type]
    assert facts
    assert facts.code == "scarce"
    assert [(each.demand_class, each.allotted, each.taken, each.left) for each in weeks[0].classes] == [
        ("key", 60, 70, 0), ("web", 40, 0, 30), ("", 0, 0, 0),
    ]  # fmt: skip
    assert [(each.by, each.from_class, each.quantity) for each in weeks[0].takings] == [("key", "web", 10)]


def test_what_is_promised_counts_for_its_class(house: dict[str, object]) -> None:
    """A class has half of ten: the seventh piece is not for it, and what it took is written down."""
    put(replace(RULE, targets=(Target("key", Decimal(50)), Target("web", Decimal(50))), steal_within_days=0))
    stock(("HAM", "BIKE", 10))
    item = cast(UUID, house["item"])
    first = replace(demand(item, 4), demand_class="key")
    assert promise(first)[0].pieces[0].reason["allocated"] == "key"
    assert set(Commitment.objects.values_list("demand_class", flat=True)) == {"key"}
    assert promise(replace(demand(item, 2), demand_class="key"))[0].unpromised == 2
    assert not promise(replace(demand(item, 1), demand_class="key"))[0].unpromised
    assert not promise(replace(demand(item, 5), channel="web"))[0].unpromised
    assert promise(demand(item, 1))[0].unpromised == 1
    assert not faults()
