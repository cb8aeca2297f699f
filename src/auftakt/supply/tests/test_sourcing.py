"""Sourcing rules are drafted, published from a day on, assigned and resolved; what cannot be right moves nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import BrandDraft, CategoryDraft, ItemDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.tests.build import AT, BY, company
from auftakt.inventory.types import SiteDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import PartyDraft
from auftakt.platform.models import JournalEntry
from auftakt.supply import actions, queries
from auftakt.supply.models import SourcingAssignment, SourcingRule, SourcingSource, SourcingVersion
from auftakt.supply.types import (
    AssignmentDraft,
    PromisingTerms,
    Scope,
    Source,
    SourcingDraft,
    SourcingPublication,
    SourcingRetirement,
    SourcingWish,
)

TODAY = AT.date()
SHIP = Source(1, "ship", "HAM")
HUB = SourcingDraft("hub", "From the hub", (SHIP, Source(2, "transfer", "HAM", "MUC", transfer_days=2)))


def later(days: int) -> date:
    return TODAY + timedelta(days)


def house() -> None:
    """Bikes (city bikes below) of Kiel and Linz; S-1 is a supplier with an own place DROP; C-1 is a dealer."""
    company()
    made = parties.save_parties(
        [
            PartyDraft("S-1", "Kiel Cycles", is_customer=False, is_supplier=True),
            PartyDraft("S-2", "Linz Parts", is_customer=False, is_supplier=True),
            PartyDraft("C-1", "Dealer", segment="dealer"),
        ],
        **BY,
    )
    assert not made.refused
    catalog.save_brands([BrandDraft("kiel", "Kiel"), BrandDraft("linz", "Linz")], **BY)
    tree = [CategoryDraft("bikes", "Bikes"), CategoryDraft("city", "City", "bikes"), CategoryDraft("parts", "Parts")]
    catalog.save_categories(tree, **BY)
    items = [
        ItemDraft("CITY", "City bike", category="city", brand="kiel", activate=True),
        ItemDraft("BELL", "Bell", category="parts", brand="linz", activate=True),
    ]
    assert not catalog.save_items(items, **BY).refused
    assert not inventory.save_sites([SiteDraft("DROP", "Kiel's store", "supplier", "DE", supplier="S-1")], **BY).refused


def draft(*drafts: SourcingDraft, **more: Any) -> None:
    saved = actions.save_sourcing_drafts(drafts, **BY, **more)
    assert not saved.refused, saved.refused


def publish(*drafts: SourcingDraft, on: date = TODAY) -> None:
    draft(*drafts)
    done = actions.publish_sourcing([SourcingPublication(each.code, on) for each in drafts], **BY)
    assert not done.refused, done.refused


def assign(rule: str, **scope: str) -> None:
    assert not actions.assign_sourcing([AssignmentDraft(rule, Scope(**scope))], **BY).refused


def everything() -> list[Any]:
    tables = (SourcingRule, SourcingVersion, SourcingSource, SourcingAssignment)
    rows = [sorted(map(repr, table.objects.values_list())) for table in tables]
    return [*rows, queries.sourcing_mark(), JournalEntry.objects.count()]


def holds(code: str, on: date) -> int | None:
    version = queries.sourcing_rules([code])[code].in_force(on)
    return version.number if version else None


@pytest.mark.django_db
def test_a_rule_is_drafted_published_replaced_and_retired() -> None:
    house()
    draft(HUB)
    assert holds("hub", TODAY) is None
    mark = queries.sourcing_mark()
    actions.publish_sourcing([SourcingPublication("hub", TODAY)], **BY).one()
    assert queries.sourcing_mark() != mark
    rule = queries.sourcing_rules(["hub"])["hub"]
    assert rule.versions[0].sources == HUB.sources
    assert rule.versions[0].terms == PromisingTerms()

    before = everything()
    draft(HUB)  # the same again
    assert everything() == before

    second = replace(HUB, sources=(SHIP,), terms=PromisingTerms("ctp", ("purchase",), past_due_days=3, lead_days=0))
    publish(second, on=later(10))
    assert [holds("hub", later(days)) for days in (0, 9, 10, 400)] == [1, 1, 2, 2]
    publish(replace(second, terms=PromisingTerms("lead_time", lead_days=5)), on=later(5))
    assert [holds("hub", later(days)) for days in (0, 4, 5, 10)] == [1, 1, 3, 3], "what was to begin later never does"

    actions.retire_sourcing([SourcingRetirement("hub", later(20))], **BY).one()
    assert [holds("hub", later(days)) for days in (0, 19, 20)] == [1, 3, None]
    verbs = list(
        JournalEntry.objects.filter(subject_type="sourcing_rule").order_by("id").values_list("verb", flat=True)
    )
    assert [verb.removeprefix("sourcing.") for verb in verbs] == [
        "drafted", "published", "drafted", "published", "drafted", "published", "retired",
    ]  # fmt: skip


@pytest.mark.django_db
def test_exactly_one_version_holds_on_a_day_and_verify_says_so() -> None:
    house()
    publish(HUB)
    publish(replace(HUB, sources=(SHIP,)), on=later(10))
    texts = queries.sourcing.sql.texts
    checks = [name for name in texts if name.startswith("verify_sourcing")]
    assert len(checks) == 2
    assert [queries.sourcing.sql.rows(name)[0][0] for name in checks] == [0, 0]
    SourcingVersion.objects.filter(number=1).update(until_on=later(15))
    assert sorted(queries.sourcing.sql.rows(name)[0][0] for name in checks) == [0, 2]


@pytest.mark.django_db
def test_a_published_version_never_changes() -> None:
    house()
    publish(HUB)
    said = queries.sourcing_rules(["hub"])["hub"].versions[0]
    draft(replace(HUB, sources=(SHIP,)))
    assert queries.sourcing_rules(["hub"])["hub"].versions[1] == said
    actions.discard_sourcing(["hub"], **BY).one()
    assert queries.sourcing_rules(["hub"])["hub"].versions == (said,)
    assert actions.discard_sourcing(["hub"], **BY).refused[0].code == "draft_missing"


DAY = date(2026, 5, 1)
REFUSED = [
    # sources, code, place
    ((), "sources_missing", "/sources"),
    ((Source(1, "steal", "HAM"),), "source_kind_unknown", "/sources/0/kind"),
    ((Source(0, "ship", "HAM"),), "rank_out_of_range", "/sources/0/rank"),
    ((Source(1, "make"),), "site_missing", "/sources/0/site"),
    ((SHIP, Source(1, "ship", "MUC")), "shares_over_100", "/sources/0/share"),
    ((Source(1, "ship", "HAM", share=Decimal(60)), Source(1, "ship", "MUC", share=Decimal("40.01"))),
     "shares_over_100", "/sources/0/share"),
    ((Source(1, "ship", "HAM", share=Decimal(0)),), "share_out_of_range", "/sources/0/share"),
    ((Source(1, "ship", "HAM", valid_until=DAY), Source(1, "ship", "MUC", valid_from=DAY)),
     "shares_over_100", "/sources/1/share"),
    ((SHIP, Source(2, "ship", "HAM")), "source_repeated", "/sources/1"),
    ((Source(1, "transfer", "HAM"),), "source_without_way", "/sources/0/from_site"),
    ((Source(1, "transfer", "HAM", "HAM"),), "source_without_way", "/sources/0/from_site"),
    ((Source(1, "buy", "HAM"),), "source_without_way", "/sources/0/supplier"),
    ((Source(1, "drop_ship", "DROP"),), "source_without_way", "/sources/0/supplier"),
    ((Source(1, "ship", "HAM", "MUC"),), "source_detail_unused", "/sources/0/from_site"),
    ((Source(1, "ship", "HAM", supplier="S-1"),), "source_detail_unused", "/sources/0/supplier"),
    ((Source(1, "transfer", "HAM", "MUC", transfer_days=-1),), "days_out_of_range", "/sources/0/transfer_days"),
    ((replace(SHIP, valid_from=DAY, valid_until=DAY - timedelta(1)),), "validity_reversed", "/sources/0/valid_until"),
    ((Source(1, "ship", "NIX"),), "site_unknown", "/sources/0/site"),
    ((Source(1, "buy", "HAM", supplier="C-1"),), "supplier_unknown", "/sources/0/supplier"),
    ((Source(1, "drop_ship", "DROP", supplier="S-2"),), "site_not_of_supplier", "/sources/0/site"),
    ((Source(1, "drop_ship", "HAM", supplier="S-1"),), "site_not_of_supplier", "/sources/0/site"),
    ((Source(1, "ship", "DROP"),), "site_of_supplier", "/sources/0/site"),
    ((Source(1, "ship", "OLD"),), "site_without_lane", "/sources/0/site"),
    ((Source(1, "transfer", "HAM", "MUC"), Source(2, "transfer", "MUC", "HAM")),
     "sourcing_cycle", "/sources/1/from_site"),
]  # fmt: skip
TERMS_REFUSED = [
    (PromisingTerms("hope"), "promising_mode_unknown", "/terms/mode"),
    (PromisingTerms(counts=("purchase", "dreams")), "supply_kind_unknown", "/terms/counts"),
    (PromisingTerms(choice="dearest"), "order_choice_unknown", "/terms/choice"),
    (PromisingTerms(lead_days=-1), "days_out_of_range", "/terms/lead_days"),
    (PromisingTerms(horizon_days=0), "days_out_of_range", "/terms/horizon_days"),
    (PromisingTerms(past_due_days=-1), "days_out_of_range", "/terms/past_due_days"),
    (PromisingTerms(split_cost=Decimal(-1)), "cost_out_of_range", "/terms/split_cost"),
    (PromisingTerms(currency="XXL"), "currency_unknown", "/terms/currency"),
    (PromisingTerms(consolidate_at="NIX"), "site_unknown", "/terms/consolidate_at"),
    (PromisingTerms(consolidate_at="OLD"), "site_without_lane", "/terms/consolidate_at"),
]


@pytest.mark.django_db
def test_a_rule_that_cannot_be_right_is_refused_and_nothing_moves() -> None:
    house()
    draft(HUB)
    before = everything()
    cases = [(replace(HUB, sources=sources), code, place) for sources, code, place in REFUSED]
    cases += [(replace(HUB, terms=terms), code, place) for terms, code, place in TERMS_REFUSED]
    cases += [(replace(HUB, code="a b"), "rule_code_malformed", "/code")]
    cases += [(replace(HUB, name=" "), "name_missing", "/name")]
    for wrong, code, place in cases:
        refused = actions.save_sourcing_drafts([wrong], **BY, lanes_from={"HAM", "MUC", "DROP"}).refused
        assert [(each.code, each.place) for each in refused[0].findings] == [(code, place)], wrong
    assert everything() == before


@pytest.mark.django_db
def test_shares_of_different_days_and_a_rule_by_lead_time_alone_are_fine() -> None:
    house()
    first = replace(SHIP, valid_until=DAY)
    draft(
        replace(HUB, code="days", sources=(first, Source(1, "ship", "MUC", valid_from=DAY + timedelta(1)))),
        replace(HUB, code="thirds", sources=(replace(SHIP, share=Decimal("66.67")),
                                             Source(1, "ship", "MUC", share=Decimal("33.33")))),
        SourcingDraft("lead", "By lead time", (), PromisingTerms("lead_time", lead_days=5)),
        SourcingDraft("drop", "Direct", (Source(1, "drop_ship", "DROP", supplier="S-1"),)),
    )  # fmt: skip


@pytest.mark.django_db
def test_publishing_asks_again_and_refuses_what_has_no_draft_or_day() -> None:
    house()
    draft(HUB)
    before = everything()
    wanted = [
        SourcingPublication("nix", TODAY),
        SourcingPublication("hub", TODAY - timedelta(1)),
    ]
    refused = actions.publish_sourcing(wanted, **BY).refused
    assert [(each.subject, each.code) for each in refused] == [("0", "rule_unknown"), ("1", "day_in_past")]
    closed = actions.publish_sourcing([SourcingPublication("hub", TODAY)], **BY, lanes_from={"MUC"}).refused
    assert {(each.code, each.place) for each in closed[0].findings} == {
        ("site_without_lane", "/sources/0/site"), ("site_without_lane", "/sources/1/site"),
    }  # fmt: skip
    assert actions.retire_sourcing([SourcingRetirement("hub", TODAY)], **BY).refused[0].code == "nothing_in_force"
    assert everything() == before
    actions.publish_sourcing([SourcingPublication("hub", TODAY)], **BY).one()
    assert actions.publish_sourcing([SourcingPublication("hub", TODAY)], **BY).refused[0].code == "draft_missing"


def transfer(code: str, to: str, origin: str, **period: date) -> SourcingDraft:
    return SourcingDraft(code, code, (Source(1, "transfer", to, origin, **period),))


@pytest.mark.django_db
def test_goods_of_one_product_do_not_go_round_by_several_rules() -> None:
    house()
    north, south = transfer("north", "HAM", "MUC"), transfer("south", "MUC", "HAM")
    publish(north, south)  # assigned to nothing yet: no product goes round
    assign("north", category="bikes")
    assign("south", brand="linz")  # no bike is of Linz
    before = everything()
    for scope in (Scope(sku="CITY"), Scope(brand="kiel"), Scope(category="city", country="AT"), Scope(channel="shop")):
        refused = actions.assign_sourcing([AssignmentDraft("south", scope)], **BY).refused
        assert refused[0].code == "sourcing_cycle"
        assert refused[0].findings[0].facts["way"] in ("HAM, MUC, HAM", "MUC, HAM, MUC")
    assert everything() == before

    actions.retire_sourcing([SourcingRetirement("south", TODAY)], **BY).one()
    assign("south", sku="CITY")
    draft(south)
    before = everything()
    refused = actions.publish_sourcing([SourcingPublication("south", TODAY)], **BY).refused
    assert (refused[0].code, refused[0].findings[0].place) == ("sourcing_cycle", "/code")
    assert everything() == before
    actions.retire_sourcing([SourcingRetirement("north", later(10))], **BY).one()
    assert actions.publish_sourcing([SourcingPublication("south", later(9))], **BY).refused
    assert not actions.publish_sourcing([SourcingPublication("south", later(10))], **BY).refused


@pytest.mark.django_db
def test_of_a_batch_that_closes_a_circle_the_last_is_refused() -> None:
    house()
    drafts = [transfer("north", "HAM", "MUC"), transfer("south", "MUC", "HAM"), transfer("west", "HAM", "OLD")]
    draft(*drafts)
    for each in drafts:
        assign(each.code, country="DE" if each.code == "north" else "AT" if each.code == "south" else "FR")
    outcome = actions.publish_sourcing([SourcingPublication(each.code, TODAY) for each in drafts], **BY)
    assert len(outcome.done) == 2
    assert [(each.subject, each.code) for each in outcome.refused] == [("1", "sourcing_cycle")]


@pytest.mark.django_db
def test_a_scope_has_one_rule() -> None:
    house()
    publish(HUB, replace(HUB, code="other"))
    assign("hub", category="city", segment="dealer", country="DE", region="BY", channel="shop")
    before = everything()
    same = Scope(category="city", segment="dealer", country="DE", region="BY", channel="shop")
    assert not actions.assign_sourcing([AssignmentDraft("hub", same)], **BY).refused
    cases = [
        (AssignmentDraft("other", same), "scope_assigned", "/scope"),
        (AssignmentDraft("nix", Scope()), "rule_unknown", "/rule"),
        (AssignmentDraft("hub", Scope(sku="NIX")), "item_unknown", "/scope/sku"),
        (AssignmentDraft("hub", Scope(category="NIX")), "category_unknown", "/scope/category"),
        (AssignmentDraft("hub", Scope(brand="NIX")), "brand_unknown", "/scope/brand"),
        (AssignmentDraft("hub", Scope(customer="S-1")), "customer_unknown", "/scope/customer"),
        (AssignmentDraft("hub", Scope(sku="CITY", brand="kiel")), "scope_ambiguous", "/scope/brand"),
        (AssignmentDraft("hub", Scope(customer="C-1", segment="x")), "scope_ambiguous", "/scope/segment"),
        (AssignmentDraft("hub", Scope(country="xx")), "country_unknown", "/scope/country"),
        (AssignmentDraft("hub", Scope(region="BY")), "country_missing", "/scope/country"),
        (AssignmentDraft("hub", Scope(channel="c" * 65)), "text_too_long", "/scope/channel"),
    ]
    for wrong, code, place in cases:
        refused = actions.assign_sourcing([wrong], **BY).refused
        assert [(each.code, each.place) for each in refused[0].findings] == [(code, place)], wrong
    assert everything() == before
    twice = actions.assign_sourcing([AssignmentDraft("hub"), AssignmentDraft("other")], **BY)
    assert [(each.subject, each.code) for each in twice.refused] == [("1", "scope_repeated")]

    moved = actions.assign_sourcing([AssignmentDraft("other", same, replaces=True)], **BY).one()
    assert queries.sourcing_assignments([moved])[0].rule == "other"
    assert actions.unassign_sourcing([moved], **BY).done == (moved,)
    assert actions.unassign_sourcing([moved], **BY).refused[0].code == "assignment_unknown"


@pytest.mark.django_db
def test_a_line_is_told_its_rule_the_runners_up_and_what_sleeps() -> None:
    house()
    publish(HUB, replace(HUB, code="city"), replace(HUB, code="dealer"))
    draft(replace(HUB, code="sleepy"))
    assign("hub")
    assign("city", category="city")
    assign("dealer", segment="dealer")
    assign("sleepy", sku="CITY")
    asked = [
        SourcingWish("CITY", "C-1", "DE"),
        SourcingWish("BELL", "C-1"),
        SourcingWish("BELL"),
        SourcingWish("NIX", "NIX"),
    ]
    city, bell, nobody, wrong = queries.resolve_sourcing(asked, on=TODAY)
    assert [each.assignment.rule for each in city.matches] == ["city", "dealer", "hub"]
    assert [each.lost_by for each in city.matches] == ["", "product", "product"]
    assert city.rule is not None
    assert (city.rule.code, city.rule.version, city.rule.sources) == ("city", 1, HUB.sources)
    assert [each.rule for each in city.asleep] == ["sleepy"]
    assert [each.assignment.rule for each in bell.matches] == ["dealer", "hub"]
    assert [each.assignment.rule for each in nobody.matches] == ["hub"]
    assert [each.code for each in wrong.findings] == ["item_unknown", "customer_unknown"]
    assert queries.resolve_sourcing(asked[:1], on=TODAY - timedelta(1))[0].rule is None

    held, table = queries.published_sourcing(TODAY)
    assert {each.code for each in held.values()} == {"hub", "city", "dealer"}
    assert len(table) == 3


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_batch() -> None:
    house()

    def counted(size: int, code: str) -> list[int]:
        drafts = [replace(HUB, code=f"{code}{number}") for number in range(size)]
        steps = [
            lambda: actions.save_sourcing_drafts(drafts, **BY),
            lambda: actions.publish_sourcing([SourcingPublication(each.code, TODAY) for each in drafts], **BY),
            lambda: actions.assign_sourcing(
                [AssignmentDraft(each.code, Scope(channel=each.code)) for each in drafts], **BY
            ),
            lambda: queries.published_sourcing(TODAY),
            lambda: queries.resolve_sourcing([SourcingWish("CITY", channel=each.code) for each in drafts], on=TODAY),
            lambda: actions.unassign_sourcing([each.id for each in queries.sourcing_assignments()], **BY),
            lambda: actions.retire_sourcing([SourcingRetirement(each.code, TODAY) for each in drafts], **BY),
        ]
        found = []
        for step in steps:
            with CaptureQueriesContext(
                connection,
            ) as queries_made:
                step()
            found.append(len(queries_made))
        return found

    assert counted(2, "few") == counted(12, "many")


@pytest.mark.django_db
def test_a_supplier_has_places_of_its_own() -> None:
    house()
    assert stock.sites_by_code(["DROP"])["DROP"].supplier == "S-1"
    for wrong, code in (
        (SiteDraft("DROP", "x", "store", "DE", supplier="S-1"), "site_not_of_supplier"),
        (SiteDraft("DROP", "x", "supplier", "DE", supplier="C-1"), "supplier_unknown"),
    ):
        assert inventory.save_sites([wrong], **BY).refused[0].code == code
    assert stock.sites_by_code(["DROP"])["DROP"].name == "Kiel's store"
