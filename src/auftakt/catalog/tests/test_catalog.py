"""Items, kits, units and categories in the database: saved once, changed in place, refused with their place."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.catalog import actions, queries
from auftakt.catalog.models import Category, Item, KitComponent
from auftakt.catalog.types import (
    BrandDraft,
    CategoryDraft,
    ComponentDraft,
    ItemDraft,
    ItemFilter,
    ItemImage,
    ItemUnitDraft,
    RelationDraft,
    TranslationDraft,
    UnitDraft,
)
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY: Any = {"actor": "test", "at": AT}
pytestmark = pytest.mark.django_db
UNITS = [UnitDraft("each", "Each"), UnitDraft("case", "Case"), UnitDraft("kg", "Kilogram", "mass", 3)]
TREE = [CategoryDraft("ROAD", "Road bikes", "BIKES"), CategoryDraft("BIKES", "Bikes")]


@pytest.fixture(autouse=True)
def groups(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("transactional_db" if "race" in request.node.name else "db")
    actions.save_units(UNITS, **BY)
    actions.save_categories(TREE, **BY)
    actions.save_brands([BrandDraft("ACME", "Acme")], **BY)


def bike(**changes: Any) -> ItemDraft:
    draft = ItemDraft(
        "BIKE", "Road bike", category="ROAD", brand="ACME", weight_kg=Decimal("8.2"), gtin="4006381333931",
        hs_code="87120030", origin_country="DE", activate=True, units=(ItemUnitDraft("case", Decimal(4)),),
        translations=(TranslationDraft("de", "Rennrad"),), relations=(RelationDraft("PUMP"),),
    )  # fmt: skip
    return replace(draft, **changes)


PUMP = ItemDraft("PUMP", "Pump", activate=True)
SET = ItemDraft(
    "SET", "Starter set", kind="kit", activate=True,
    components=(ComponentDraft("PUMP", Decimal(2)), ComponentDraft("BIKE")),
)  # fmt: skip


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def violations() -> int:
    checks = [name for name in queries.sql.texts if name.startswith("verify_")]
    assert {"verify_kits", "verify_category_tree"} <= set(checks)
    return sum(queries.sql.rows(name)[0][0] for name in checks)


def test_one_batch_may_name_itself_in_any_order() -> None:
    outcome = actions.save_items([SET, bike(), PUMP], **BY)
    kit, bicycle, pump = outcome.done
    found = queries.items_by_sku(["SET", "BIKE", "GONE"])
    assert set(found) == {"SET", "BIKE"}
    facts = found["BIKE"]
    assert (facts.id, facts.state, facts.unit, facts.decimals) == (bicycle, "active", "each", 0)
    assert facts.units == {"each": 1, "case": 4}
    assert facts.unit_decimals == {"each": 0, "case": 0}
    road, bikes = (Category.objects.get(code=code).id for code in ("ROAD", "BIKES"))
    assert facts.category_ids == (road, bikes)
    assert found["SET"].components == ((bicycle, "BIKE", Decimal(1)), (pump, "PUMP", Decimal(2)))
    assert queries.items([kit, new_id()]) == {kit: found["SET"]}
    assert [related.sku for related in queries.relations([bicycle])[bicycle]] == ["PUMP"]
    assert queries.item_names([bicycle, pump], "de-AT") == {bicycle: "Rennrad", pump: "Pump"}
    assert violations() == 0
    assert verbs().count("item.created") == 3


def test_the_same_again_writes_and_journals_nothing() -> None:
    first = actions.save_items([bike(), PUMP, SET], **BY).done
    before = verbs()
    with CaptureQueriesContext(connection) as seen:
        assert actions.save_items([bike(), PUMP, SET], **BY).done == first
        actions.save_units(UNITS, **BY)
        actions.save_categories(TREE, **BY)
        actions.save_brands([BrandDraft("ACME", "Acme")], **BY)
    assert verbs() == before
    assert not [query for query in seen if query["sql"].lower().startswith(("update", "delete", "copy"))]


def test_a_change_is_written_in_place_and_says_what_changed() -> None:
    bicycle, _ = actions.save_items([bike(), PUMP], **BY).done
    changed = bike(name="Racer", units=(ItemUnitDraft("case", Decimal(6)),), relations=(), translations=None)
    assert actions.save_items([changed], **BY).done == (bicycle,)
    change = JournalEntry.objects.latest("id").change
    assert change == {"name": ["Road bike", "Racer"], "units": [["case", "6"]], "relations": []}
    card = queries.item_cards([bicycle])[bicycle]
    assert card.units == {"each": 1, "case": 6}
    assert card.translations == {"de": ("Rennrad", "")}
    assert queries.relations([bicycle]) == {}


def test_a_refused_draft_takes_along_those_that_name_it() -> None:
    drafts = [
        bike(gtin="4006381333932"),
        replace(PUMP, variant_of="GONE"),
        SET,
        ItemDraft("LOCK", "Lock", relations=(RelationDraft("SET"),)),
        ItemDraft("BELL", "Bell"),
        ItemDraft("BELL", "Bell"),
        ItemDraft("HORN", "Horn", kind="kit"),
    ]
    outcome = actions.save_items(drafts, **BY)
    assert len(outcome.done) == 1
    told = {
        (refusal.subject, finding.facts["index"]): (finding.code, finding.place)
        for refusal in outcome.refused
        for finding in refusal.findings
    }
    assert told == {
        ("BIKE", "0"): ("gtin_check_digit", "/gtin"),
        ("PUMP", "1"): ("item_unknown", "/variant_of"),
        ("SET", "2"): ("component_unknown", "/components/1/sku"),
        ("LOCK", "3"): ("item_unknown", "/relations/0/sku"),
        ("BELL", "5"): ("sku_twice", "/sku"),
        ("HORN", "6"): ("kit_without_components", "/components"),
    }
    assert list(Item.objects.values_list("sku", flat=True)) == ["BELL"]
    assert verbs().count("item.created") == 1


def test_a_gtin_belongs_to_one_item() -> None:
    actions.save_items([bike(relations=None)], **BY)
    other = ItemDraft("OTHER", "Other", gtin="4006381333931")
    twins = [ItemDraft(sku, sku, gtin="96385074") for sku in ("A", "B")]
    outcome = actions.save_items([other, *twins], **BY)
    assert [(refusal.subject, refusal.code) for refusal in outcome.refused] == [
        ("OTHER", "gtin_taken"), ("B", "gtin_taken")
    ]  # fmt: skip


def test_kind_and_unit_are_fixed_once_active() -> None:
    actions.save_items([PUMP, ItemDraft("IDEA", "Idea")], **BY)
    outcome = actions.save_items(
        [replace(PUMP, kind="service", unit="kg"), ItemDraft("IDEA", "Idea", kind="service", unit="kg")], **BY
    )
    assert len(outcome.done) == 1
    assert [finding.code for finding in outcome.refused[0].findings] == ["kind_fixed", "unit_fixed"]
    assert queries.items_by_sku(["IDEA"])["IDEA"].kind == "service"


def test_states_follow_the_lifecycle_and_the_kits() -> None:
    drafts = [replace(each, activate=False) for each in (bike(relations=None), PUMP)]
    bicycle, pump = actions.save_items(drafts, **BY).done
    assert actions.save_items([SET], **BY).refused[0].code == "component_not_active"
    assert actions.activate([bicycle, pump, new_id()], **BY).refused[0].code == "item_unknown"
    (kit,) = actions.save_items([replace(SET, activate=False)], **BY).done
    assert actions.activate([kit], **BY).done == (kit,)
    assert actions.activate([kit], **BY).refused[0].code == "item_active"
    refused = actions.phase_out([pump], **BY).refused[0]
    assert (refused.code, refused.findings[0].facts["kits"]) == ("used_in_kits", "SET")
    assert actions.phase_out([pump, kit], **BY).done == (pump, kit)
    assert actions.phase_out([pump], **BY).refused[0].code == "item_phased_out"
    assert actions.activate([kit], **BY).refused[0].code == "component_not_active"
    assert actions.activate([kit, pump], **BY).done == (kit, pump)
    assert violations() == 0
    assert verbs()[-3:] == ["item.phased_out", "item.activated", "item.activated"]


def test_an_image_is_a_document() -> None:
    (pump,) = actions.save_items([PUMP], **BY).done
    assert actions.save_items([replace(PUMP, image_id=new_id())], **BY).refused[0].code == "image_unknown"
    assert actions.set_images([ItemImage(pump, new_id())], **BY).refused[0].code == "image_unknown"
    assert actions.set_images([ItemImage(new_id(), None)], **BY).refused[0].code == "item_unknown"
    before = verbs()
    assert actions.set_images([ItemImage(pump, None)], **BY).done == (pump,)
    assert verbs() == before


def test_units_and_categories_keep_what_hangs_on_them() -> None:
    actions.save_items([bike(relations=None), ItemDraft("SALT", "Salt", unit="kg")], **BY)
    coarser = UnitDraft("kg", "Kilogram", "count", 0)
    outcome = actions.save_units([coarser, UnitDraft("kg", "Kilo", "mass", 4), UnitDraft("", "", "size", 9)], **BY)
    assert outcome.done == ("kg",)
    assert [[finding.place for finding in refusal.findings] for refusal in outcome.refused] == [
        ["/dimension", "/decimals"], ["/code", "/name", "/dimension", "/decimals"]
    ]  # fmt: skip
    assert queries.units()["kg"].decimals == 4
    moved = actions.save_categories([CategoryDraft("BIKES", "Bikes", "ROAD"), CategoryDraft("PARTS", "Parts")], **BY)
    assert moved.refused[0].code == "category_circular"
    assert [category.path for category in queries.categories()] == [("BIKES",), ("BIKES", "ROAD"), ("PARTS",)]
    assert violations() == 0


def test_search_and_list() -> None:
    actions.save_items([bike(), PUMP, ItemDraft("BIKE-2", "100% bike")], **BY)
    assert [found.sku for found in queries.search_items("bike")] == ["BIKE", "BIKE-2"]
    assert [found.sku for found in queries.search_items("rennr")] == ["BIKE"]
    assert [found.sku for found in queries.search_items("4006381333931")] == ["BIKE"]
    assert [found.sku for found in queries.search_items("0% b")] == ["BIKE-2"]
    assert queries.search_items(" ") == []
    assert [card.sku for card in queries.list_items(ItemFilter(category="BIKES"))] == ["BIKE"]
    assert [card.sku for card in queries.list_items(ItemFilter(state="draft"), limit=1)] == ["BIKE-2"]
    assert [card.sku for card in queries.list_items(after="BIKE")] == ["BIKE-2", "PUMP"]
    assert list(queries.brands()) == ["ACME"]


def test_verify_finds_a_kit_without_components() -> None:
    actions.save_items([bike(), PUMP, SET], **BY)
    KitComponent.objects.all().delete()
    assert queries.sql.rows("verify_kits")[0] == (1, 1, "item SET")
    Item.objects.filter(sku="PUMP").update(kind="kit")
    assert queries.sql.rows("verify_kits")[0][0] == 2


def test_statements_do_not_grow_with_the_batch() -> None:
    actions.save_items([bike(relations=None, gtin=""), PUMP], **BY)

    def count(name: str, amount: int) -> tuple[int, int, int]:
        drafts = [bike(sku=f"{name}-{number}", gtin="") for number in range(amount)]
        with CaptureQueriesContext(connection) as saving:
            ids = actions.save_items(drafts, **BY).done
        assert len(ids) == amount
        moved = [replace(draft, name="Neu", units=(), translations=(), relations=()) for draft in drafts]
        with CaptureQueriesContext(connection) as changing:
            actions.save_items(moved, **BY)
        with CaptureQueriesContext(connection) as reading:
            assert len(queries.items(ids)) == amount
        return len(saving), len(changing), len(reading)

    assert count("A", 1) == count("B", 200)
    assert count("C", 1)[2] == 1


@pytest.mark.django_db(transaction=True)
def test_two_imports_that_race_make_each_item_once() -> None:
    drafts = [bike(sku=f"B-{number}", gtin="") for number in range(50)] + [PUMP]
    barrier = threading.Barrier(3)
    answers: list[tuple[UUID, ...]] = []

    def load() -> None:
        barrier.wait()
        answers.append(actions.save_items(drafts, **BY).done)
        connection.close()

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3
    assert len(set(answers)) == 1
    assert verbs().count("item.created") == 51
    assert "item.changed" not in verbs()
