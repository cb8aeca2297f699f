"""Bills of material: saved once, exploded level by level, never in a circle."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from auftakt.catalog import actions, queries, rules
from auftakt.catalog.models import Bill, BillLine
from auftakt.catalog.types import BillDraft, BillLineDraft, BillNode, ItemDraft, UnitDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import new_ids

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY: Any = {"actor": "test", "at": AT}
DAY = AT.date()


def items(*skus: str) -> dict[str, Any]:
    actions.save_units([UnitDraft("each", "Each"), UnitDraft("kg", "Kilogram", "mass", 3)], **BY)
    drafts = [ItemDraft(sku, sku.title(), unit="kg" if sku == "GREASE" else "each", activate=True) for sku in skus]
    drafts.append(ItemDraft("SETUP", "Set-up", kind="service"))
    return dict(zip([draft.sku for draft in drafts], actions.save_items(drafts, **BY).done, strict=True))


def bill(sku: str, plant: str = "", **parts: int | str) -> BillDraft:
    return BillDraft(sku, tuple(BillLineDraft(part, Decimal(per)) for part, per in parts.items()), plant)


def bicycle() -> dict[str, Any]:
    ids = items("BIKE", "WHEEL", "FRAME", "RIM", "SPOKE", "GREASE")
    wheel = BillDraft("WHEEL", (BillLineDraft("RIM"), BillLineDraft("SPOKE", Decimal(32), Decimal("12.5"))))
    assert not actions.save_bills([bill("BIKE", WHEEL=2, FRAME=1, GREASE="0.025"), wheel], **BY).refused
    return ids


def tree(nodes: list[BillNode]) -> list[tuple[int, str, Decimal, bool]]:
    return [(node.level, node.sku, node.quantity, node.is_leaf) for node in nodes]


@pytest.mark.django_db
def test_a_bicycle_is_exploded_level_by_level() -> None:
    ids = bicycle()
    assert tree(queries.explode([(ids["BIKE"], Decimal(10))], on=DAY)) == [
        (0, "BIKE", 10, False),
        (1, "WHEEL", 20, False),
        (2, "RIM", 20, True),
        (2, "SPOKE", 720, True),
        (1, "FRAME", 10, True),
        (1, "GREASE", Decimal("0.25"), True),
    ]
    assert [each[1] for each in queries.where_used([ids["WHEEL"]], DAY)[ids["WHEEL"]]] == ["BIKE"]
    assert len(queries.bill_edges(DAY)) == 5


@pytest.mark.django_db
def test_lines_hold_for_a_time_and_plants_may_differ() -> None:
    ids = bicycle()
    spring = BillLineDraft("FRAME", valid_to=date(2026, 4, 1))
    later = BillLineDraft("RIM", valid_from=date(2026, 4, 1))
    assert not actions.save_bills([BillDraft("BIKE", (spring, later)), bill("BIKE", "PLANT", GREASE=1)], **BY).refused
    one = [(ids["BIKE"], Decimal(1))]

    def parts(**asked: Any) -> list[str]:
        return [node.sku for node in queries.explode(one, **asked)][1:]

    assert parts(on=date(2026, 3, 31)) == ["FRAME"]
    assert parts(on=date(2026, 4, 1)) == ["RIM"]
    assert parts(on=DAY, plant="PLANT") == ["GREASE"]
    assert parts(on=DAY, plant="OTHER") == ["FRAME"]
    assert [bill.plant for bill in queries.bills([ids["BIKE"]])[ids["BIKE"]]] == ["", "PLANT"]


@pytest.mark.django_db
def test_the_same_again_writes_nothing_and_none_ends_it() -> None:
    bicycle()
    before = JournalEntry.objects.count()
    assert actions.save_bills([bill("BIKE", WHEEL=2, FRAME=1, GREASE="0.025")], **BY).done
    assert JournalEntry.objects.count() == before
    actions.save_bills([BillDraft("BIKE", ())], **BY).one()
    assert (Bill.objects.count(), BillLine.objects.count(), JournalEntry.objects.count()) == (1, 2, before + 1)
    assert actions.save_bills([BillDraft("FRAME", ())], **BY).done, "there was none: that is so already"


@pytest.mark.django_db
def test_circles_are_refused_with_the_way_they_go() -> None:
    bicycle()
    before = (list(BillLine.objects.order_by("id").values_list("id")), JournalEntry.objects.count())
    refused = actions.save_bills([bill("RIM", BIKE=1)], **BY).refused
    assert (refused[0].code, refused[0].findings[0].place) == ("bill_circular", "/lines/0/sku")
    assert refused[0].findings[0].facts["path"] == "RIM → BIKE → WHEEL → RIM"
    assert actions.save_bills([bill("RIM", RIM=1)], **BY).refused[0].findings[0].facts["path"] == "RIM → RIM"
    assert actions.save_bills([bill("RIM", "PLANT", FRAME=1, BIKE=1)], **BY).refused[0].code == "bill_circular"
    assert before == (list(BillLine.objects.order_by("id").values_list("id")), JournalEntry.objects.count())


@pytest.mark.django_db
def test_of_two_that_make_a_circle_the_first_stands() -> None:
    items("A", "B", "C")
    outcome = actions.save_bills([bill("A", B=1), bill("B", A=1), bill("B", "X", C=1)], **BY)
    assert (len(outcome.done), [refusal.subject for refusal in outcome.refused]) == (2, ["1"])
    turned = actions.save_bills([BillDraft("A", ()), bill("B", A=1)], **BY)
    assert not turned.refused, "what was taken out by the same batch is no circle any more"
    assert not any(queries.sql.rows(name)[0][0] for name in queries.sql.texts if name.startswith("verify_"))


@pytest.mark.django_db
def test_every_problem_is_named_and_nothing_moves() -> None:
    items("A", "B")
    bad = BillDraft(
        "SETUP",
        (
            BillLineDraft("NONE", Decimal(0), Decimal(-1)),
            BillLineDraft("SETUP", valid_from=DAY, valid_to=DAY),
            BillLineDraft("B"),
            BillLineDraft("B", valid_from=DAY),
        ),
    )
    before = JournalEntry.objects.count()
    refused = actions.save_bills([bad, bill("A", B=1), bill("A", B=2)], **BY).refused
    assert [[(finding.code, finding.place) for finding in refusal.findings] for refusal in refused] == [
        [
            ("item_not_stocked", "/sku"),
            ("component_unknown", "/lines/0/sku"),
            ("quantity_not_positive", "/lines/0/quantity"),
            ("scrap_out_of_range", "/lines/0/scrap_percent"),
            ("component_not_stocked", "/lines/1/sku"),
            ("period_ends_before_it_starts", "/lines/1/valid_to"),
            ("component_twice", "/lines/3/sku"),
        ],
        [("bill_twice", "/sku")],
    ]
    assert (Bill.objects.count(), JournalEntry.objects.count()) == (1, before + 1)


@pytest.mark.django_db
def test_many_bills_cost_as_many_statements_as_one() -> None:
    skus = [f"P{number:03d}" for number in range(200)]
    items("BIKE", *skus)

    def cost(drafts: list[BillDraft]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert not actions.save_bills(drafts, **BY).refused
        return len(caught)

    few = cost([bill("P000", BIKE=1)])
    assert cost([replace(bill(sku, BIKE=2)) for sku in skus[1:]]) <= few + 2, "COPY instead of INSERT"


def test_what_is_needed_is_rounded_up_to_what_can_be_split() -> None:
    assert rules.needed(Decimal(10), Decimal("0.25"), Decimal(0), 0) == 3
    assert rules.needed(Decimal(10), Decimal(32), Decimal("12.5"), 0) == 360
    assert rules.needed(Decimal(3), Decimal("0.025"), Decimal(10), 3) == Decimal("0.083")


@given(st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 5), max_size=3)), max_size=10))
def test_bills_that_stand_never_make_a_circle(wishes: list[tuple[int, set[int]]]) -> None:
    ids = new_ids(6)
    wished = [(key, ids[item], {ids[part] for part in parts}) for key, (item, parts) in zip(
        new_ids(len(wishes)), wishes, strict=True)]  # fmt: skip
    barred = rules.circles(wished, {})
    into: dict[Any, set[Any]] = {}
    for index, (_, item, parts) in enumerate(wished):
        if index not in barred:
            into.setdefault(item, set()).update(parts)
    assert not any(rules.path_back(item, into) for item in ids)
    for index, way in barred.items():
        assert way[0] == way[-1] == wished[index][1]
        assert way[1] in wished[index][2]
