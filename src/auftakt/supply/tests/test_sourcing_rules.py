"""Which rule holds for a line: one order of precedence, told as a table."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid5

import pytest

from auftakt.supply import rules
from auftakt.supply.types import AssignmentFacts, Scope, Source, SourcingCase

SPACE = UUID(int=7)


def named(code: str) -> UUID:
    return uuid5(SPACE, code)


def assignment(rule: str, told: str) -> AssignmentFacts:
    """ "sku=BIKE customer=C1 country=DE region=BY channel=shop": what it is for."""
    scope = Scope(**dict(pair.split("=") for pair in told.split()))
    return AssignmentFacts(
        named(f"{rule}:{told}"),
        named(rule),
        rule,
        scope,
        *(named(code) if code else None for code in (scope.sku, scope.category, scope.brand, scope.customer)),
    )


CASE = SourcingCase(
    named("BIKE"),
    tuple(named(code) for code in ("city", "bikes", "all")),
    named("Kiel"),
    named("C1"),
    "dealer",
    "key",
    "DE",
    "BY",
    "shop",
)

LADDER = [
    # rule, scope: each row wins against all rows below it
    ("item-customer-region-channel", "sku=BIKE customer=C1 country=DE region=BY channel=shop"),
    ("item-customer-region", "sku=BIKE customer=C1 country=DE region=BY"),
    ("item-customer-country", "sku=BIKE customer=C1 country=DE"),
    ("item-customer-channel", "sku=BIKE customer=C1 channel=shop"),
    ("item-customer", "sku=BIKE customer=C1"),
    ("item-segment", "sku=BIKE segment=dealer"),
    ("item-class-region", "sku=BIKE demand_class=key country=DE region=BY"),
    ("item-region", "sku=BIKE country=DE region=BY"),
    ("item", "sku=BIKE"),
    ("deep-customer", "category=city customer=C1"),
    ("deep", "category=city"),
    ("middle-customer-region-channel", "category=bikes customer=C1 country=DE region=BY channel=shop"),
    ("middle", "category=bikes"),
    ("root", "category=all"),
    ("brand-customer", "brand=Kiel customer=C1"),
    ("brand", "brand=Kiel"),
    ("customer", "customer=C1"),
    ("segment-channel", "segment=dealer channel=shop"),
    ("segment", "segment=dealer"),
    ("class", "demand_class=key"),
    ("region-channel", "country=DE region=BY channel=shop"),
    ("region", "country=DE region=BY"),
    ("country", "country=DE"),
    ("channel", "channel=shop"),
    ("all", ""),
]
STRANGERS = [
    ("x1", "sku=OTHER customer=C1"),
    ("x2", "category=trailers"),
    ("x3", "brand=Other"),
    ("x4", "sku=BIKE customer=C2"),
    ("x5", "sku=BIKE segment=shop"),
    ("x6", "sku=BIKE country=AT"),
    ("x7", "sku=BIKE country=AT region=BY"),
    ("x8", "sku=BIKE channel=phone"),
]


def test_each_rung_wins_against_all_below() -> None:
    everything = [assignment(*row) for row in [*reversed(LADDER), *STRANGERS]]
    for number, (rule, _) in enumerate(LADDER):
        above = {code for code, _ in LADDER[:number]}
        table = rules.Assignments(each for each in everything if each.rule not in above)
        found = table.find(CASE)
        assert found is not None
        assert found.rule_id == named(rule), f"{rule} should win on rung {number}"
        assert [match.assignment.rule for match in table.matches(CASE)] == [code for code, _ in LADDER[number:]]


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        # a case that lacks something is not for rules that ask for it
        (replace(CASE, customer_id=None, segment="", demand_class=""), "item-region"),
        (replace(CASE, region=""), "item-customer-country"),
        (replace(CASE, country="", region=""), "item-customer-channel"),
        (replace(CASE, item_id=named("NEW")), "deep-customer"),
        (replace(CASE, item_id=named("NEW"), categories=(named("all"),)), "root"),
        (replace(CASE, item_id=named("NEW"), categories=()), "brand-customer"),
        (SourcingCase(named("NEW"), country="DE", region="SN"), "country"),
        (SourcingCase(named("NEW"), channel="shop"), "channel"),
        (SourcingCase(named("NEW")), "all"),
    ],
)
def test_what_a_case_lacks_no_rule_may_ask_for(case: SourcingCase, rule: str) -> None:
    found = rules.Assignments(assignment(*row) for row in [*LADDER, *STRANGERS]).find(case)
    assert found is not None
    assert found.rule_id == named(rule)


def test_the_explanation_names_the_winner_and_in_what_the_others_lost() -> None:
    rows = [("hub", "category=bikes country=DE"), ("local", "sku=BIKE"), ("south", "sku=BIKE country=DE region=BY")]
    table = rules.Assignments(assignment(*row) for row in rows)
    assert rules.explained(table.matches(CASE)) == (
        "rule south is assigned to item BIKE, DE/BY; "
        "it is nearer than local for item BIKE (by place); hub for category bikes, DE (by product)"
    )
    assert [each.lost_by for each in table.matches(CASE)] == ["", "place", "product"]
    found = table.find(CASE)
    assert found is not None
    assert found.why == "rule south is assigned to item BIKE, DE/BY"
    assert "no sourcing rule" in rules.explained(())
    assert rules.Assignments(()).find(CASE) is None


def transfers(told: str) -> list[rules.Way]:
    """ "A>B:rule@1-5 ...": from A to B by a rule, on some days of March."""
    found = []
    for each in told.split():
        way, _, period = each.partition("@")
        path, _, rule = way.partition(":")
        first, last = (int(day) for day in period.split("-")) if period else (1, 31)
        found.append(rules.Way(rule or "r", *path.split(">"), date(2026, 3, first), date(2026, 3, last)))
    return found


@pytest.mark.parametrize(
    ("told", "way"),
    [
        ("A>B", ""),
        ("A>B B>A", "A>B B>A"),
        ("A>B B>C C>D A>D", ""),
        ("X>A A>B B>C C>A", "A>B B>C C>A"),
        ("A>B:one@1-10 B>A:two@11-31", ""),
        ("A>B:one@1-10 B>A:two@10-31", "A>B B>A"),
        ("A>C B>C C>D D>E E>C", "C>D D>E E>C"),
    ],
)
def test_goods_never_go_round_in_a_circle(told: str, way: str) -> None:
    assert " ".join(f"{each.from_site}>{each.to_site}" for each in rules.circle(transfers(told))) == way


def test_rules_meet_where_one_product_may_be_sourced_by_both() -> None:
    assigned = [
        (named("a"), named("BIKE"), None, None),
        (named("b"), None, named("bikes"), None),
        (named("c"), None, None, named("Kiel")),
        (named("d"), None, named("parts"), None),
    ]
    products = [(named("BIKE"), (named("bikes"),), named("Kiel")), (None, (named("parts"),), None)]
    sets = rules.used_together(assigned, products)
    assert frozenset({named("a"), named("b"), named("c")}) in sets
    assert frozenset({named("d")}) in sets
    assert not any(named("d") in each and named("b") in each for each in sets)


def test_a_source_holds_on_its_first_and_its_last_day() -> None:
    source = Source(1, "ship", "HAM", valid_from=date(2026, 3, 1), valid_until=date(2026, 3, 2))
    held = [source.holds(date(2026, month, day)) for month, day in ((2, 28), (3, 1), (3, 2), (3, 3))]
    assert held == [False, True, True, False]
