"""Stock moves: each in the ledger, the balance beside it; bad ones refused by name, and nothing moves."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.inventory import actions, queries
from auftakt.inventory.models import Bucket, Move, Site
from auftakt.inventory.tests.build import AT, BY, company, on_hand, picture, receive, state, violations
from auftakt.inventory.types import Adjustment, BucketDraw, Receipt, SiteDraft, StockCount, Transfer
from auftakt.platform.models import JournalEntry
from auftakt.values import Refusal, new_id

pytestmark = pytest.mark.django_db


def codes(refused: tuple[Refusal, ...]) -> list[str]:
    return [finding.code for refusal in refused for finding in refusal.findings]


def test_sites_are_saved_once_and_changed_by_code() -> None:
    ids = company()
    again = [SiteDraft("HAM", "Hamburg", "distribution_centre", "DE"), SiteDraft("MUC", "München", "store", "DE")]
    before = JournalEntry.objects.filter(verb="inventory.site_saved").count()
    assert actions.save_sites(again, **BY).done == (ids["HAM"], ids["MUC"])
    assert JournalEntry.objects.filter(verb="inventory.site_saved").count() == before + 1
    assert [site.name for site in queries.sites()] == ["Hamburg", "München", "Old store"]
    assert queries.sites_by_code(["MUC", "NO"])["MUC"].kind == "store"


def test_a_wrong_site_is_told_everything() -> None:
    draft = SiteDraft("~x", " ", "castle", "XX", time_zone="Mars/Base", processing_days=-1)
    assert codes(actions.save_sites([draft], **BY).refused) == [
        "site_code_malformed", "name_missing", "site_kind_unknown", "country_unknown",
        "processing_days_out_of_range", "time_zone_unknown",
    ]  # fmt: skip
    assert not Site.objects.exists()


def test_a_receipt_is_a_ledger_entry_and_a_balance() -> None:
    ids = company()
    move_id = actions.receive([Receipt("HAM", "BIKE", Decimal(2), "case", "pallet 7")], **BY).one()
    actions.receive([Receipt(ids["HAM"], ids["BIKE"], Decimal(1))], **BY).one()
    assert state(on_hand(ids).id) == (25, 0)
    move = Move.objects.get(id=move_id)
    assert (move.quantity, move.taken_from.kind, move.put_to.code, move.reason) == (24, "supplier", "HAM", "receipt")
    entry = JournalEntry.objects.filter(verb="inventory.received").earliest("id")
    assert (entry.subject_type, entry.subject_id, entry.change["to"]) == ("item", ids["BIKE"], "HAM")
    assert set(violations().values()) == {0}


BAD_RECEIPTS: list[tuple[str, Any]] = [
    ("item_unknown", Receipt("HAM", "NO", Decimal(1))),
    ("item_not_stocked", Receipt("HAM", "SETUP", Decimal(1))),
    ("site_unknown", Receipt("NO", "BIKE", Decimal(1))),
    ("site_unknown", Receipt(new_id(), "BIKE", Decimal(1))),
    ("site_closed", Receipt("OLD", "BIKE", Decimal(1))),
    ("unit_unknown", Receipt("HAM", "BIKE", Decimal(1), "barrel")),
    ("quantity_not_positive", Receipt("HAM", "BIKE", Decimal(0))),
    ("quantity_not_positive", Receipt("HAM", "BIKE", Decimal(-3))),
    ("quantity_not_positive", Receipt("HAM", "BIKE", Decimal("NaN"))),
    ("quantity_fractional", Receipt("HAM", "BIKE", Decimal("0.5"))),
    ("quantity_fractional", Receipt("HAM", "BIKE", Decimal("1.5"), "case")),
    ("quantity_fractional", Receipt("HAM", "CHAIN", Decimal("1.005"))),
    ("quantity_out_of_range", Receipt("HAM", "BIKE", Decimal(10) ** 15)),
]


@pytest.mark.parametrize(("code", "receipt"), BAD_RECEIPTS)
def test_a_bad_receipt_is_refused_by_name_and_the_good_one_beside_it_goes_in(code: str, receipt: Receipt) -> None:
    company()
    before = picture()
    refused = actions.receive([receipt], **BY).refused
    assert code in codes(refused)
    assert refused[0].subject == "0"
    assert picture() == before
    outcome = actions.receive([receipt, Receipt("HAM", "CHAIN", Decimal("1.25"))], **BY)
    assert (len(outcome.done), len(outcome.refused)) == (1, 1)


def test_all_findings_are_told_at_once() -> None:
    company()
    refused = actions.transfer([Transfer("NO", "OLD", "NO", Decimal(-1))], **BY).refused
    assert codes(refused) == ["item_unknown", "site_unknown", "site_closed", "quantity_not_positive"]
    assert refused[0].findings[1].place == "/from_site"


def test_adjustments_need_a_reason_and_stock_that_is_not_promised() -> None:
    ids = company()
    receive(10)
    bucket = on_hand(ids)
    actions.draw([BucketDraw(bucket.id, Decimal(7))], **BY).one()
    before = picture()
    bad = [
        Adjustment("HAM", "BIKE", Decimal(-11), "damage"),
        Adjustment("HAM", "BIKE", Decimal(-4), "damage"),
        Adjustment("HAM", "BIKE", Decimal(-1), "because"),
        Adjustment("HAM", "BIKE", Decimal(0), "damage"),
        Adjustment("MUC", "BIKE", Decimal(-1), "damage"),
    ]
    outcome = actions.adjust(bad, **BY)
    assert sorted(codes(outcome.refused)) == [
        "quantity_not_positive", "reason_unknown", "stock_insufficient", "stock_insufficient", "stock_promised",
    ]  # fmt: skip
    assert [refusal.subject for refusal in outcome.refused] == ["0", "1", "2", "3", "4"]
    facts = outcome.refused[1].findings[0].facts
    assert (facts["on_hand"], facts["promised"], facts["available"], facts["wanted"]) == ("10", "7", "3", "4")
    assert picture() == before
    good = [Adjustment("HAM", "BIKE", Decimal(-3), "damage"), Adjustment("HAM", "BIKE", Decimal(1), "found")]
    assert len(actions.adjust(good, **BY).done) == 2
    assert state(bucket.id) == (8, 7)
    assert set(violations().values()) == {0}


def test_a_batch_is_settled_in_input_order() -> None:
    ids = company()
    outcome = actions.adjust(
        [
            Adjustment("HAM", "BIKE", Decimal(-1), "loss"),
            Adjustment("HAM", "BIKE", Decimal(5), "opening"),
            Adjustment("HAM", "BIKE", Decimal(-6), "loss"),
            Adjustment("HAM", "BIKE", Decimal(-4), "loss"),
        ],
        **BY,
    )
    assert [refusal.subject for refusal in outcome.refused] == ["0", "2"]
    assert state(on_hand(ids).id) == (1, 0)
    assert set(violations().values()) == {0}


def test_counting_brings_the_books_to_the_shelf_and_twice_changes_nothing() -> None:
    ids = company()
    receive(10)
    counts = [StockCount("HAM", "BIKE", Decimal(8)), StockCount("MUC", "BIKE", Decimal(1), "case")]
    assert actions.count(counts, **BY).done == (-2, 12)
    before = picture()
    assert actions.count(counts, **BY).done == (0, 0)
    assert picture() == before
    actions.draw([BucketDraw(on_hand(ids).id, Decimal(8))], **BY).one()
    bad = [StockCount("HAM", "BIKE", Decimal(7)), StockCount("HAM", "BIKE", Decimal(-1))]
    assert codes(actions.count(bad, **BY).refused) == ["stock_promised", "quantity_negative"]
    assert set(violations().values()) == {0}


def test_a_transfer_moves_what_is_not_promised() -> None:
    ids = company()
    receive(5)
    actions.transfer([Transfer("HAM", "MUC", "BIKE", Decimal(4))], **BY).one()
    assert (state(on_hand(ids).id), state(on_hand(ids, site="MUC").id)) == ((1, 0), (4, 0))
    before = picture()
    bad = [Transfer("HAM", "MUC", "BIKE", Decimal(2)), Transfer("HAM", "HAM", "BIKE", Decimal(1))]
    assert sorted(codes(actions.transfer(bad, **BY).refused)) == ["same_site", "stock_insufficient"]
    assert picture() == before
    assert JournalEntry.objects.filter(verb="inventory.transferred").count() == 1
    assert set(violations().values()) == {0}


def test_a_move_is_undone_by_its_mirror_once() -> None:
    ids = company()
    first, second = receive(5), receive(3)
    back = actions.reverse([first], **BY).one()
    assert state(on_hand(ids).id) == (3, 0)
    assert codes(actions.reverse([first, back, new_id()], **BY).refused) == [
        "move_already_reversed", "move_is_reversal", "move_unknown",
    ]  # fmt: skip
    actions.draw([BucketDraw(on_hand(ids).id, Decimal(1))], **BY).one()
    before = picture()
    assert codes(actions.reverse([second], **BY).refused) == ["stock_promised"]
    assert picture() == before
    assert set(violations().values()) == {0}
    ledger = queries.moves(ids["BIKE"], ids["HAM"])
    assert [(move.reason, move.reversed_by_id is not None) for move in ledger] == [
        ("reversal", False), ("receipt", False), ("receipt", True),
    ]  # fmt: skip
    assert queries.moves(ids["BIKE"], before=(ledger[1].at, ledger[1].id)) == ledger[2:]


def test_stock_at_a_past_instant() -> None:
    ids = company()
    key = (ids["BIKE"], ids["HAM"])
    for days, quantity in enumerate([5, 7, 11]):
        actions.receive([Receipt("HAM", "BIKE", Decimal(quantity))], actor="test", at=AT + timedelta(days=days))
    later: Any = {"actor": "test", "at": AT + timedelta(days=3)}
    actions.transfer([Transfer("HAM", "MUC", "BIKE", Decimal(20))], **later).one()
    assert queries.stock_at(AT - timedelta(seconds=1)) == {}
    assert [queries.stock_at(AT + timedelta(days=days), [ids["BIKE"]])[key] for days in range(4)] == [5, 12, 23, 3]
    assert queries.stock_at(AT + timedelta(days=9), None, [ids["MUC"]]) == {(ids["BIKE"], ids["MUC"]): 20}


def test_stock_is_listed_in_pages() -> None:
    ids = company(items=5)
    actions.receive([Receipt(site, f"P{n:03d}", Decimal(n + 1)) for n in range(5) for site in ("HAM", "MUC")], **BY)
    rows = queries.stock()
    assert len(rows) == 10
    pages: list[Any] = []
    after: tuple[str, str] | None = None
    while page := queries.list_stock("part", after=after, limit=3):
        pages += page
        after = (page[-1].sku, page[-1].site_code)
    assert pages == rows
    assert [row.available for row in queries.list_stock("P00", ids["MUC"], limit=2)] == [1, 2]
    assert queries.list_stock("100%") == []


def statements(skus: list[str]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert len(actions.receive([Receipt("HAM", sku, Decimal(1)) for sku in skus], **BY).done) == len(skus)
        moved = actions.transfer([Transfer("HAM", "MUC", sku, Decimal(1)) for sku in skus], **BY)
        assert len(moved.done) == len(skus)
        assert len(actions.count([StockCount("MUC", sku, Decimal(0)) for sku in skus], **BY).done) == len(skus)
    return len(captured)


def test_the_count_of_statements_does_not_grow_with_the_batch() -> None:
    company(items=201)
    skus = [f"P{number:03d}" for number in range(201)]
    assert statements(skus[:1]) == statements(skus[1:])


def test_verify_finds_a_balance_that_is_not_the_ledger() -> None:
    ids = company()
    receive(5)
    Bucket.objects.filter(id=on_hand(ids).id).update(quantity=6)
    assert violations()["verify_on_hand_is_the_ledger"] == 1
