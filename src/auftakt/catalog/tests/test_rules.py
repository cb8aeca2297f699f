"""GTINs, units, kits and trees: without a database."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auftakt.catalog import rules
from auftakt.catalog.types import (
    ITEM_LIFECYCLE,
    CategoryDraft,
    ComponentDraft,
    ItemDraft,
    ItemFacts,
    ItemUnitDraft,
    KnownItem,
    RelationDraft,
    TranslationDraft,
)
from auftakt.values import Finding, new_id


@pytest.mark.parametrize(
    "gtin", ["4006381333931", "036000291452", "96385074", "10614141000415", "0614141000012", "5901234123457"]
)
def test_true_gtins_end_in_their_check_digit(gtin: str) -> None:
    assert rules.gtin_is_valid(gtin)
    assert not rules.gtin_is_valid(gtin[:-1] + str((int(gtin[-1]) + 1) % 10))


@given(st.text("0123456789", min_size=7, max_size=13).filter(lambda digits: len(digits) in (7, 11, 12, 13)), st.data())
def test_one_wrong_digit_is_always_found(digits: str, data: st.DataObject) -> None:
    gtin = digits + str(rules.gtin_check_digit(digits))
    assert rules.gtin_is_valid(gtin)
    place = data.draw(st.integers(0, len(gtin) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != gtin[place]]))
    assert not rules.gtin_is_valid(gtin[:place] + wrong + gtin[place + 1 :])


def test_a_gtin_of_another_length_is_none() -> None:
    assert not rules.gtin_is_valid("4006381333")
    with pytest.raises(ValueError, match="not digits"):
        rules.gtin_check_digit("12a")


BOLT = ItemFacts(
    new_id(), "BOLT", "Bolt", "stocked", "active", "each", 0,
    {"each": Decimal(1), "case": Decimal(12), "kg": Decimal("40.5")}, {"each": 0, "case": 0, "kg": 3},
    Decimal("0.02"), "standard", (), (),
)  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "unit", "expected"),
    [
        ("3", "", Decimal(3)),
        ("2", "case", Decimal(24)),
        ("2.000", "case", Decimal(24)),
        ("2", "kg", Decimal(81)),
        ("0.5", "each", "quantity_fractional"),
        ("1.5", "case", "quantity_fractional"),
        ("1", "kg", "quantity_fractional"),
        ("1", "pallet", "unit_unknown"),
        ("NaN", "", "quantity_out_of_range"),
        ("1e15", "", "quantity_out_of_range"),
    ],
)
def test_quantities_convert_or_say_why_not(quantity: str, unit: str, expected: object) -> None:
    found = rules.base_quantity(BOLT, Decimal(quantity), unit, "/lines/0/quantity")
    assert (found.code if isinstance(found, Finding) else found) == expected


def places(draft: ItemDraft) -> dict[str, str]:
    found = rules.item_findings(rules.normal_item(draft), ["each", "case"], ["BIKES"], ["ACME"])
    return {finding.place: finding.code for finding in found}


def test_an_item_is_told_everything() -> None:
    draft = ItemDraft(
        "", "", kind="thing", unit="piece", category="NONE", brand="NONE", weight_kg=Decimal(-1), length_mm=0,
        gtin="4006381333932", hs_code="12345", origin_country="Germany", tax_category="",
        units=(ItemUnitDraft("case", Decimal(0)), ItemUnitDraft("case", Decimal(2)), ItemUnitDraft("bag", Decimal(2))),
        translations=(TranslationDraft("klingon", ""),),
    )  # fmt: skip
    assert places(draft) == {
        "/sku": "sku_missing", "/name": "name_missing", "/kind": "kind_unknown", "/unit": "unit_unknown",
        "/category": "category_unknown", "/brand": "brand_unknown", "/weight_kg": "weight_invalid",
        "/length_mm": "dimension_invalid", "/gtin": "gtin_check_digit", "/hs_code": "hs_code_invalid",
        "/origin_country": "country_unknown", "/tax_category": "tax_category_missing",
        "/units/0/factor": "factor_invalid", "/units/1/unit": "unit_twice", "/units/2/unit": "unit_unknown",
        "/translations/0/language": "language_unknown", "/translations/0/name": "name_missing",
    }  # fmt: skip
    assert places(ItemDraft("A", "A", gtin="123")) == {"/gtin": "gtin_invalid"}
    good = ItemDraft("A", "A", gtin="400-6381 333931", hs_code="8712.00.30", origin_country="de", category="BIKES")
    assert places(good) == {}
    assert rules.normal_item(good).hs_code == "87120030"


def known(sku: str, kind: str = "stocked", state: str = "active", *, is_variant: bool = False) -> KnownItem:
    return KnownItem(new_id(), sku, kind, state, "each", 0, is_variant)


OTHERS = {
    each.sku: each
    for each in (
        known("PART"), known("KIT", "kit"), known("WORK", "service"), known("OLD", state="phased_out"),
        known("SMALL", is_variant=True),
    )
}  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), {"/components": "kit_without_components"}),
        ((ComponentDraft("PART"), ComponentDraft("PART")), {"/components/1/sku": "component_twice"}),
        ((ComponentDraft("KIT"),), {"/components/0/sku": "kit_in_kit"}),
        ((ComponentDraft("WORK"),), {"/components/0/sku": "component_not_stocked"}),
        ((ComponentDraft("OLD"),), {"/components/0/sku": "component_not_active"}),
        ((ComponentDraft("GONE"),), {"/components/0/sku": "component_unknown"}),
        ((ComponentDraft("PART", Decimal("0.5")),), {"/components/0/quantity": "quantity_fractional"}),
        ((ComponentDraft("PART", Decimal(0)),), {"/components/0/quantity": "quantity_not_positive"}),
        ((ComponentDraft("PART", Decimal(2)),), {}),
    ],
)
def test_what_a_kit_may_hold(parts: tuple[ComponentDraft, ...], expected: dict[str, str]) -> None:
    draft = ItemDraft("SET", "Set", kind="kit", components=parts)
    found = rules.belonging_findings(draft, None, OTHERS)
    assert {finding.place: finding.code for finding in found} == expected


def test_what_an_item_may_name_and_what_is_fixed() -> None:
    draft = ItemDraft(
        "PART", "Part", kind="service", unit="case", variant_of="SMALL", components=(ComponentDraft("PART"),),
        relations=(RelationDraft("PART"), RelationDraft("GONE"), RelationDraft("OLD", "friend")),
    )  # fmt: skip
    found = rules.belonging_findings(draft, OTHERS["PART"], OTHERS)
    assert {finding.place: finding.code for finding in found} == {
        "/kind": "kind_fixed", "/unit": "unit_fixed", "/variant_of": "variant_of_variant",
        "/components": "components_unexpected", "/relations/0/sku": "relation_to_itself",
        "/relations/1/sku": "item_unknown", "/relations/2/kind": "relation_unknown",
    }  # fmt: skip
    assert rules.belonging_findings(draft, replace(OTHERS["PART"], state="draft"), OTHERS)[0].place == "/variant_of"


def test_a_tree_has_no_circles_and_no_loose_ends() -> None:
    drafts = {
        code: CategoryDraft(code, code, parent)
        for code, parent in (("A", ""), ("B", "A"), ("C", "GONE"), ("D", "C"), ("X", "Y"), ("Y", "X"), ("R", "S"))
    }
    found = rules.tree_findings(drafts, {"R": "", "S": "R"})
    assert {code: finding.code for code, finding in found.items()} == {
        "C": "category_unknown", "D": "category_unknown", "X": "category_circular", "Y": "category_circular",
        "R": "category_circular",
    }  # fmt: skip
    assert ITEM_LIFECYCLE.faults() == []
