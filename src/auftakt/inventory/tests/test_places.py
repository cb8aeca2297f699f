"""Bins: where items lie, and in which order they are walked past."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.inventory import actions, queries, rules
from auftakt.inventory.tests import build
from auftakt.inventory.tests.build import BY
from auftakt.inventory.types import PlacingDraft, StockCount
from auftakt.platform.models import JournalEntry


def test_bins_are_walked_by_turn_then_by_code_with_numbers_as_numbers() -> None:
    codes = ["B-1", "A-10-2", "A-9-2", "A-09-1", "a-10-1"]
    assert sorted(codes, key=lambda code: rules.walk_key(code, None)) == ["A-09-1", "A-9-2", "a-10-1", "A-10-2", "B-1"]
    assert rules.walk_key("Z-1", 5) < rules.walk_key("Z-0", 40) < rules.walk_key("A-1", None)


@pytest.mark.django_db
def test_items_are_placed_moved_and_taken_out() -> None:
    ids = build.company(items=1)
    drafts = [PlacingDraft("HAM", "BIKE", "b-02"), PlacingDraft("HAM", "P000", "A-03-12")]
    assert actions.place(drafts, **BY).done == (ids["BIKE"], ids["P000"])
    assert [(place.item_id, place.code) for place in queries.places(ids["HAM"]).values()] == [
        (ids["P000"], "A-03-12"),
        (ids["BIKE"], "B-02"),
    ]
    told = JournalEntry.objects.count()
    assert actions.place(drafts, **BY).done == (ids["BIKE"], ids["P000"])
    assert JournalEntry.objects.count() == told, "what is so already is not told again"
    actions.place([PlacingDraft("HAM", "BIKE", "A-01", walk=3)], **BY).one()
    assert [place.code for place in queries.places(ids["HAM"]).values()] == ["A-01", "A-03-12"]
    actions.place([PlacingDraft("HAM", "P000", "")], **BY).one()
    assert [place.code for place in queries.places(ids["HAM"]).values()] == ["A-01"]
    last = JournalEntry.objects.order_by("-id").first()
    assert (last.verb, last.change["bin"], last.change["site"]) == ("inventory.placed", "", "HAM")
    assert not any(build.violations().values())


@pytest.mark.django_db
def test_a_turn_stays_until_another_is_told() -> None:
    ids = build.company(items=1)
    actions.place([PlacingDraft("HAM", "BIKE", "Z-9", walk=1), PlacingDraft("HAM", "P000", "A-1")], **BY)
    actions.place([PlacingDraft("HAM", "BIKE", "Z-9")], **BY)
    assert [place.code for place in queries.places(ids["HAM"]).values()] == ["Z-9", "A-1"]


@pytest.mark.django_db
def test_rubbish_is_refused_with_every_problem_and_nothing_moves() -> None:
    build.company()
    before = build.picture()
    drafts = [
        PlacingDraft("NOWHERE", "NOPE", "has space", walk=-1),
        PlacingDraft("HAM", "SETUP", "A-1"),
        PlacingDraft("HAM", "BIKE", "A" * 40),
    ]
    refused = actions.place(drafts, **BY).refused
    assert {finding.code for finding in refused[0].findings} == {
        "bin_malformed", "walk_out_of_range", "item_unknown", "site_unknown",
    }  # fmt: skip
    assert [refusal.code for refusal in refused[1:]] == ["item_not_stocked", "bin_malformed"]
    assert build.picture() == before
    twice = actions.place([PlacingDraft("HAM", "BIKE", "A-1"), PlacingDraft("HAM", "BIKE", "A-2")], **BY)
    assert [refusal.code for refusal in twice.refused] == ["placing_repeated"]


@pytest.mark.django_db
def test_placing_costs_the_same_for_one_and_many() -> None:
    build.company(items=200)
    many = [PlacingDraft("HAM", f"P{number:03d}", f"B-{number}") for number in range(200)]
    counts: list[int] = []
    for batch in ([PlacingDraft("HAM", "BIKE", "A-1")], many):
        with CaptureQueriesContext(connection) as seen:
            assert not actions.place(batch, **BY).refused
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_shelves_are_read_from_bin_to_bin_with_what_the_books_say() -> None:
    ids = build.company(items=3)
    actions.place([PlacingDraft("HAM", f"P{n:03d}", f"A-{n + 1}") for n in range(3)], **BY)
    build.receive(7, "P001")
    shelves = queries.shelves(ids["HAM"], first="A-2", last="A-3")
    assert [(shelf.bin, shelf.sku, shelf.on_hand) for shelf in shelves] == [("A-2", "P001", 7), ("A-3", "P002", 0)]
    assert queries.shelves(ids["HAM"], first="NOPE") == []


@pytest.mark.django_db
def test_a_count_is_refused_when_the_books_moved_after_they_were_shown() -> None:
    ids = build.company()
    build.receive(5)
    stale = StockCount("HAM", "BIKE", Decimal(4), books=Decimal(6))
    before = build.picture()
    refusal = actions.count([stale], **BY).refused[0]
    assert (refusal.code, refusal.findings[0].facts["on_hand"]) == ("stock_moved", "5")
    assert build.picture() == before
    assert actions.count([StockCount("HAM", "BIKE", Decimal(4), books=Decimal(5))], **BY).done == (-1,)
    assert build.on_hand(ids).quantity == 4
