"""Purchase orders: what is open of a line stands in its bucket, through receipts, new days and cancellations."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.models import Bucket
from auftakt.inventory.tests import build
from auftakt.inventory.tests.build import BY, DAY, company, on_hand, picture, state
from auftakt.inventory.types import BucketDraw, SiteDraft
from auftakt.parties import actions as parties
from auftakt.parties.types import PartyDraft
from auftakt.platform.models import JournalEntry
from auftakt.supply import actions, queries
from auftakt.supply.models import PurchaseOrder, PurchaseOrderLine
from auftakt.supply.types import (
    PurchaseCancellation,
    PurchaseDraft,
    PurchaseLineDraft,
    PurchaseLineFacts,
    PurchaseReceipt,
    Rescheduling,
)
from auftakt.values import new_id

ORDERED = date(2026, 3, 2)


def setting(items: int = 0) -> dict[str, UUID]:
    ids = company(items)
    suppliers = [PartyDraft("S-1", "Ketten AG", is_supplier=True), PartyDraft("C-1", "Kunde")]
    blocked = parties.save_parties([*suppliers, PartyDraft("S-2", "Pleite AG", is_supplier=True)], **BY).done[2]
    parties.block_parties([blocked], **BY)
    return ids


def line(quantity: int | str = 10, sku: str = "BIKE", **other: Any) -> PurchaseLineDraft:
    return PurchaseLineDraft(sku, Decimal(quantity), other.pop("expected_on", DAY), **other)


def draft(*lines: PurchaseLineDraft, number: str = "PO-A", **other: Any) -> PurchaseDraft:
    facts = {"supplier_number": "S-1", "site_code": "HAM", "currency": "EUR", "ordered_on": ORDERED, **other}
    return PurchaseDraft(lines=lines or (line(),), number=number, **facts)


def place(*lines: PurchaseLineDraft, number: str = "PO-A") -> tuple[PurchaseLineFacts, ...]:
    order_id = actions.order_purchases([draft(*lines, number=number)], **BY).one()
    return queries.purchases([order_id])[order_id].lines


def violations() -> dict[str, int]:
    names = [name for name in queries.sql.texts if name.startswith("verify_")]
    return {name: queries.sql.rows(name)[0][0] for name in names} | build.violations()


def everything() -> list[Any]:
    facts = list(PurchaseOrderLine.objects.order_by("id").values_list("received", "cancelled", "expected_on"))
    return [picture(), facts, list(PurchaseOrder.objects.order_by("id").values_list("state"))]


@pytest.mark.django_db
def test_an_order_is_expected_supply_in_base_units() -> None:
    ids = setting()
    (first, second) = place(line(2, unit="case", unit_cost=Decimal(1200)), line("7.5", "CHAIN"))
    assert (first.ordered, first.unit_cost, first.open, second.ordered) == (24, 100, 24, Decimal("7.5"))
    (supply,) = stock.supply([ids["BIKE"]])
    assert (supply.reference_id, supply.kind, supply.available_on, supply.quantity) == (first.id, "purchase", DAY, 24)
    entry = JournalEntry.objects.get(verb="supply.ordered")
    assert (entry.subject_type, entry.change["number"], len(entry.change["lines"])) == ("purchase_order", "PO-A", 2)
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_the_same_number_is_one_order() -> None:
    setting()
    order_id = actions.order_purchases([draft()], **BY).one()
    before = everything()
    assert actions.order_purchases([draft(line(expected_on=DAY + timedelta(days=1)))], **BY).one() == order_id
    refused = actions.order_purchases([draft(line(11))], **BY).refused
    assert refused[0].code == "purchase_number_taken"
    assert everything() == before
    outcome = actions.order_purchases([draft(number="B"), draft(number="B"), draft(line(9), number="B")], **BY)
    assert (outcome.done[0], [refusal.subject for refusal in outcome.refused]) == (outcome.done[1], ["2"])
    assert len(set(actions.order_purchases([draft(number=""), draft(number="")], **BY).done)) == 2
    assert [head.number[:3] for head in queries.list_purchases()] == ["PO-", "PO-", "B", "PO-"]


@pytest.mark.django_db(transaction=True)
def test_the_same_number_placed_at_the_same_moment_is_one_order() -> None:
    setting()
    placed: list[UUID] = []
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        try:
            placed.append(actions.order_purchases([draft()], **BY).one())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(placed), len(set(placed)), PurchaseOrderLine.objects.count()) == (4, 1, 1)


BAD = [
    ("supplier_unknown", {"supplier_number": "C-1"}, ()),
    ("supplier_blocked", {"supplier_number": "S-2"}, ()),
    ("site_unknown", {"site_code": "NO"}, ()),
    ("site_closed", {"site_code": "OLD"}, ()),
    ("currency_unknown", {"currency": "EURO"}, ()),
    ("item_unknown", {}, (line(sku="NO"),)),
    ("item_not_stocked", {}, (line(sku="SETUP"),)),
    ("unit_unknown", {}, (line(unit="barrel"),)),
    ("quantity_not_positive", {}, (line(0),)),
    ("quantity_not_positive", {}, (line("NaN"),)),
    ("quantity_fractional", {}, (line("1.5"),)),
    ("cost_out_of_range", {}, (line(unit_cost=Decimal(-1)),)),
    ("expected_before_ordered", {}, (line(expected_on=ORDERED - timedelta(days=1)),)),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "head", "lines"), BAD)
def test_a_bad_order_is_refused_by_name(code: str, head: dict[str, Any], lines: tuple[PurchaseLineDraft, ...]) -> None:
    setting()
    before = everything()
    bad = draft(*lines, **head)
    assert actions.order_purchases([bad], **BY).refused[0].code == code
    assert actions.order_purchases([replace(draft(), lines=())], **BY).refused[0].code == "lines_missing"
    assert everything() == before
    outcome = actions.order_purchases([bad, draft()], **BY)
    assert (len(outcome.done), [refusal.subject for refusal in outcome.refused]) == (1, ["0"])


@pytest.mark.django_db
def test_receipts_turn_open_quantity_into_stock() -> None:
    ids = setting()
    first, second = place(line(10), line("5.5", "CHAIN"))
    assert first.bucket_id
    inventory.draw([BucketDraw(first.bucket_id, Decimal(8))], **BY)
    receipts = [PurchaseReceipt(first.id, Decimal(4)), PurchaseReceipt(first.id, Decimal(7))]
    outcome = actions.book_receipts(receipts, **BY)
    assert [(arrived.quantity, arrived.drawn_moved) for arrived in outcome.done] == [(4, 2)]
    refusal = outcome.refused[0]
    assert (refusal.subject, refusal.code, refusal.findings[0].facts["open"]) == ("1", "over_receipt", "6")
    assert (state(on_hand(ids).id), state(first.bucket_id)) == ((4, 2), (6, 6))
    assert set(violations().values()) == {0}
    assert PurchaseOrder.objects.get().state == "part_received"
    rest = [PurchaseReceipt(first.id, Decimal(6)), PurchaseReceipt(second.id, Decimal("5.5"))]
    assert len(actions.book_receipts(rest, **BY).done) == 2
    assert PurchaseOrder.objects.get().state == "received"
    assert state(on_hand(ids).id) == (10, 8)
    assert set(violations().values()) == {0}
    order_id = first.purchase_order_id
    assert actions.close([order_id, new_id()], **BY).done == (order_id,)
    assert actions.close([order_id], **BY).done == (order_id,)
    assert PurchaseOrder.objects.get().state == "closed"
    verbs = list(JournalEntry.objects.filter(subject_id=order_id).order_by("id").values_list("verb", flat=True))
    assert verbs == ["supply.ordered", "supply.received", "supply.received", "supply.received", "supply.closed"]


@pytest.mark.django_db
def test_a_bad_receipt_moves_nothing() -> None:
    setting()
    (only,) = place()
    before = everything()
    bad = [
        PurchaseReceipt(new_id(), Decimal(1)),
        PurchaseReceipt(only.id, Decimal(11)),
        PurchaseReceipt(only.id, Decimal(0)),
        PurchaseReceipt(only.id, Decimal("NaN")),
        PurchaseReceipt(only.id, Decimal("0.5")),
    ]
    assert [refusal.code for refusal in actions.book_receipts(bad, **BY).refused] == [
        "line_unknown", "over_receipt", "quantity_not_positive", "quantity_not_positive", "quantity_fractional",
    ]  # fmt: skip
    assert everything() == before
    assert actions.close([only.purchase_order_id], **BY).refused[0].code == "purchase_not_received"
    inventory.save_sites([SiteDraft("HAM", "Hamburg", "distribution_centre", "DE", is_open=False)], **BY)
    assert actions.book_receipts([PurchaseReceipt(only.id, Decimal(1))], **BY).refused[0].code == "site_closed"


@pytest.mark.django_db
def test_a_new_day_moves_the_supply() -> None:
    ids = setting()
    first, second = place(line(10), line(5))
    assert second.bucket_id
    inventory.draw([BucketDraw(second.bucket_id, Decimal(5))], **BY)
    later = DAY + timedelta(days=20)
    wishes = [Rescheduling(second.id, later), Rescheduling(second.id, DAY), Rescheduling(new_id(), DAY)]
    outcome = actions.reschedule(wishes, **BY)
    assert (outcome.done, [refusal.code for refusal in outcome.refused]) == (
        (second.id,), ["line_repeated", "line_unknown"],
    )  # fmt: skip
    assert [(each.available_on, each.drawn) for each in stock.supply([ids["BIKE"]])] == [(DAY, 0), (later, 5)]
    assert [each.id for each in queries.expected_lines(ids["HAM"])] == [first.id, second.id]
    assert queries.expected_lines(after=(DAY, first.id))[0].promised == 5
    entry = JournalEntry.objects.get(verb="supply.rescheduled")
    assert (entry.change["from"], entry.change["to"]) == (DAY.isoformat(), later.isoformat())
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_cancelling_stops_at_what_is_promised() -> None:
    setting()
    (only,) = place(line(10))
    assert only.bucket_id
    inventory.draw([BucketDraw(only.bucket_id, Decimal(4))], **BY)
    before = everything()
    refusal = actions.cancel([PurchaseCancellation(only.id)], **BY).refused[0]
    assert (refusal.subject, refusal.code, refusal.findings[0].facts["drawn"]) == ("0", "supply_promised", "4")
    for quantity, code in [("11", "more_than_open"), ("0", "quantity_not_positive"), ("0.5", "quantity_fractional")]:
        assert actions.cancel([PurchaseCancellation(only.id, Decimal(quantity))], **BY).refused[0].code == code
    assert everything() == before
    actions.cancel([PurchaseCancellation(only.id, Decimal(6))], **BY).one()
    assert state(only.bucket_id) == (4, 4)
    inventory.give_back([BucketDraw(only.bucket_id, Decimal(4))], **BY)
    actions.cancel([PurchaseCancellation(only.id)], **BY).one()
    assert PurchaseOrder.objects.get().state == "cancelled"
    assert actions.cancel([PurchaseCancellation(only.id)], **BY).refused[0].code == "purchase_not_open"
    assert actions.book_receipts([PurchaseReceipt(only.id, Decimal(1))], **BY).refused[0].code == "purchase_not_open"
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_orders_are_found_by_number_supplier_and_item() -> None:
    ids = setting()
    place(line(), number="PO-A")
    place(line(3, "CHAIN"), number="PO-B")
    found = {text: [head.number for head in queries.list_purchases(text)] for text in ("po-", "ketten", "CHA", "%")}
    assert found == {"po-": ["PO-B", "PO-A"], "ketten": ["PO-B", "PO-A"], "CHA": ["PO-B"], "%": []}
    head = queries.list_purchases(states=["open"], site_id=ids["HAM"], limit=1)[0]
    assert [each.number for each in queries.list_purchases(before=head.serial)] == ["PO-A"]
    assert (head.line_count, head.expected_on, head.supplier_name) == (1, DAY, "Ketten AG")


def statements(count: int, first: int) -> int:
    skus = [f"P{number:03d}" for number in range(first, first + count)]
    with CaptureQueriesContext(connection) as captured:
        drafts = [draft(line(2, sku), number=f"N-{sku}") for sku in skus]
        orders = actions.order_purchases(drafts, **BY).done
        lines = [each.id for order in queries.purchases(orders).values() for each in order.lines]
        assert len(actions.book_receipts([PurchaseReceipt(key, Decimal(1)) for key in lines], **BY).done) == count
        assert len(actions.cancel([PurchaseCancellation(key) for key in lines], **BY).done) == count
    return len(captured)


@pytest.mark.django_db
def test_the_count_of_statements_does_not_grow_with_the_batch() -> None:
    setting(items=201)
    assert statements(1, 0) == statements(200, 1)


@pytest.mark.django_db
def test_verify_finds_what_was_broken() -> None:
    setting()
    (only,) = place()
    Bucket.objects.filter(id=only.bucket_id).update(quantity=9)
    assert violations()["verify_open_purchases_are_their_buckets"] == 1
    PurchaseOrderLine.objects.update(received=10)
    found = violations()
    assert (found["verify_received_is_the_ledger"], found["verify_purchase_states"]) == (1, 1)
    PurchaseOrderLine.objects.all().delete()
    assert violations()["verify_buckets_have_purchases"] == 1
