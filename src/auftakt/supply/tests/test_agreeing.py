"""From a draft to an order both sides agree on; terms, tolerances and goods in quarantine."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from auftakt.inventory import queries as stock
from auftakt.inventory.models import Bucket, Move
from auftakt.inventory.tests.build import BY, DAY, on_hand, state
from auftakt.supply import actions, queries, rules
from auftakt.supply.models import PurchaseOrder, PurchaseOrderLine, SupplierItem
from auftakt.supply.tests.test_purchases import ORDERED, draft, line, setting, violations
from auftakt.supply.types import (
    AcknowledgedLine,
    ApprovalLimit,
    InspectionVerdict,
    PriceBreak,
    PurchaseAcknowledgement,
    PurchaseCancellation,
    PurchaseReceipt,
    SupplierItemDraft,
)
from auftakt.values import new_id


def placed(*lines: Any, state: str = "sent", number: str = "PO-A") -> tuple[UUID, list[Any]]:
    key = actions.order_purchases([draft(*lines, number=number, state=state)], **BY).one()
    return key, list(queries.purchases([key])[key].lines)


def terms(**other: Any) -> SupplierItemDraft:
    return SupplierItemDraft(other.pop("supplier", "S-1"), other.pop("sku", "BIKE"), **other)


def codes(outcome: Any) -> list[list[str]]:
    return [[finding.code for finding in refusal.findings] for refusal in outcome.refused]


def test_a_price_is_that_of_the_highest_break_reached() -> None:
    prices = [
        PriceBreak(Decimal(1), Decimal(10)),
        PriceBreak(Decimal(10), Decimal(8)),
        PriceBreak(Decimal(10), Decimal(7), valid_from=date(2026, 7, 1)),
        PriceBreak(Decimal(1), Decimal(11), "USD"),
    ]
    prices[1] = PriceBreak(Decimal(10), Decimal(8), valid_to=date(2026, 6, 30))
    asked = [(9, "EUR", ORDERED), (10, "EUR", ORDERED), (99, "EUR", date(2026, 8, 1)), (5, "USD", ORDERED)]
    found = [rules.price_at(prices, Decimal(quantity), currency, on) for quantity, currency, on in asked]
    assert found == [10, 8, 7, 11]
    assert rules.price_at(prices, Decimal("0.5"), "EUR", ORDERED) is None


def test_a_quantity_is_at_least_the_minimum_in_whole_multiples() -> None:
    asked = [("1", "10", "4"), ("13", "10", "4"), ("7", "0", "0"), ("0.3", "0", "0.25")]
    found = [rules.order_quantity(*(Decimal(each) for each in row)) for row in asked]
    assert found == [12, 16, 7, Decimal("0.5")]


@pytest.mark.django_db
def test_terms_are_saved_once_and_bad_ones_change_nothing() -> None:
    setting()
    good = terms(lead_time_days=9, minimum=Decimal(2), prices=(PriceBreak(Decimal(1), Decimal(90)),), rank=2)
    assert actions.save_supplier_items([good], **BY).done == actions.save_supplier_items([good], **BY).done
    (kept,) = queries.supplier_items()
    assert (kept.lead_time_days, kept.minimum, kept.rank, kept.prices) == (9, 2, 2, good.prices)
    twice = (PriceBreak(Decimal(5), Decimal(1)), PriceBreak(Decimal(5), Decimal(2), valid_to=DAY))
    bad = [
        terms(lead_time_days=-1), terms(prices=twice), terms(supplier="C-9"), terms(sku="NOPE"),
        terms(over_percent=Decimal(101)), terms(minimum=Decimal(-1)),
        terms(prices=(PriceBreak(Decimal(1), Decimal(-1)),)),
    ]  # fmt: skip
    outcome = actions.save_supplier_items(bad, **BY)
    assert codes(outcome) == [
        ["lead_time_out_of_range"], ["prices_overlap"], ["supplier_unknown"], ["item_unknown"],
        ["tolerance_out_of_range"], ["quantity_negative"], ["cost_out_of_range"],
    ]  # fmt: skip
    assert outcome.refused[1].findings[0].place == "/prices/1"
    assert queries.supplier_items() == [kept]
    assert SupplierItem.objects.count() == 1


@pytest.mark.django_db
def test_a_draft_promises_nothing_until_it_is_approved() -> None:
    ids = setting()
    prices = (PriceBreak(Decimal(1), Decimal(90)),)
    actions.save_supplier_items([terms(lead_time_days=9, prices=prices, over_percent=Decimal(10))], **BY)
    order, (only,) = placed(line(10, unit_cost=None, expected_on=None), state="draft")
    assert (only.unit_cost, only.expected_on, only.over_percent) == (90, ORDERED + timedelta(days=9), 10)
    assert stock.supply([ids["BIKE"]]) == []
    assert codes(actions.approve_purchases([order], **BY)) == [["approval_needed"]]
    assert codes(actions.send_purchases([order], **BY)) == [["purchase_not_approved"]]
    assert stock.supply([ids["BIKE"]]) == []
    actions.save_approval_limits([ApprovalLimit("EUR", Decimal(900))], **BY)
    assert actions.approve_purchases([order], **BY).done == (order,)
    assert actions.approve_purchases([order], **BY).done == (order,)
    assert [each.quantity for each in stock.supply([ids["BIKE"]])] == [10]
    actions.send_purchases([order], **BY)
    assert PurchaseOrder.objects.get().state == "sent"
    assert codes(actions.approve_purchases([order], **BY)) == [["purchase_not_draft"]]
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_a_draft_is_dropped_without_a_trace_in_supply() -> None:
    ids = setting()
    order, (only,) = placed(state="draft")
    assert codes(actions.book_receipts([PurchaseReceipt(only.id, Decimal(1))], **BY)) == [["purchase_not_open"]]
    assert actions.cancel([PurchaseCancellation(only.id)], **BY).done == (only.id,)
    assert (PurchaseOrder.objects.get().state, stock.supply([ids["BIKE"]])) == ("cancelled", [])
    assert codes(actions.approve_purchases([order], beyond_limit=True, **BY)) == [["purchase_not_draft"]]
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_the_suppliers_answer_moves_and_cuts_supply_but_not_what_is_promised() -> None:
    setting()
    order, (first, second) = placed(line(10), line(5, "CHAIN"))
    later = DAY + timedelta(days=7)
    said = (AcknowledgedLine(first.id, Decimal(8), later), AcknowledgedLine(second.id, Decimal(5)))
    (moved,) = actions.acknowledge_purchases([PurchaseAcknowledgement(order, said, "AB-77")], **BY).one()
    assert (moved.bucket_id, moved.was_on, moved.expected_on, moved.was_open, moved.open) == (
        first.bucket_id, DAY, later, 10, 8,
    )  # fmt: skip
    head = queries.purchases([order])[order].head
    assert (head.state, head.supplier_reference) == ("acknowledged", "AB-77")
    Bucket.objects.filter(id=first.bucket_id).update(drawn=6)
    bad = [
        PurchaseAcknowledgement(order, (AcknowledgedLine(first.id, Decimal(5)),)),
        PurchaseAcknowledgement(new_id()),
    ]
    assert codes(actions.acknowledge_purchases(bad, **BY)) == [["supply_promised"], ["purchase_unknown"]]
    more = PurchaseAcknowledgement(order, (AcknowledgedLine(first.id, Decimal(9)), AcknowledgedLine(new_id())))
    assert codes(actions.acknowledge_purchases([more], **BY)) == [["more_than_open", "line_unknown"]]
    assert state(first.bucket_id) == (8, 6)
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_more_and_less_than_ordered_within_tolerance() -> None:
    ids = setting()
    tolerance = {"over_percent": Decimal(20), "under_percent": Decimal(20)}
    _, (more, less) = placed(line(10, **tolerance), line(10, "CHAIN", **tolerance))
    assert codes(actions.book_receipts([PurchaseReceipt(more.id, Decimal(13))], **BY)) == [["over_receipt"]]
    receipts = [PurchaseReceipt(more.id, Decimal(12)), PurchaseReceipt(less.id, Decimal(8))]
    assert len(actions.book_receipts(receipts, **BY).done) == 2
    rows = {each.id: each for each in PurchaseOrderLine.objects.all()}
    assert (rows[more.id].received, rows[more.id].excess) == (12, 2)
    assert (rows[less.id].received, rows[less.id].cancelled) == (8, 2)
    assert PurchaseOrder.objects.get().state == "received"
    assert state(on_hand(ids).id) == (12, 0)
    assert set(violations().values()) == {0}


@pytest.mark.django_db
def test_a_rest_within_tolerance_that_somebody_waits_for_stays_open() -> None:
    setting()
    _, (only,) = placed(line(10, under_percent=Decimal(20)))
    Bucket.objects.filter(id=only.bucket_id).update(drawn=10)
    actions.book_receipts([PurchaseReceipt(only.id, Decimal(9))], **BY)
    assert PurchaseOrder.objects.get().state == "part_received"
    assert state(only.bucket_id) == (1, 1)


@pytest.mark.django_db
def test_what_is_inspected_is_stock_once_accepted() -> None:
    ids = setting()
    _, (only,) = placed(line(10, inspects=True))
    assert actions.book_receipts([PurchaseReceipt(only.id, Decimal(6))], **BY).done == ()
    now = queries.lines([only.id])[only.id]
    assert (now.received, now.inspecting, now.open, now.to_come) == (0, 6, 10, 4)
    assert state(only.bucket_id) == (10, 0)
    assert codes(actions.book_receipts([PurchaseReceipt(only.id, Decimal(5))], **BY)) == [["over_receipt"]]
    assert codes(actions.book_inspections([InspectionVerdict(only.id, Decimal(7))], **BY)) == [["more_than_inspected"]]
    assert set(violations().values()) == {0}
    verdict = InspectionVerdict(only.id, Decimal(3), Decimal(1), "replace", "one is bent")
    ((key, arrived),) = actions.book_inspections([verdict], **BY).done
    assert arrived is not None
    assert (key, arrived.quantity, state(on_hand(ids).id), state(only.bucket_id)) == (only.id, 3, (3, 0), (7, 0))
    actions.book_inspections([InspectionVerdict(only.id, Decimal(0), Decimal(2), "cut")], **BY)
    now = queries.lines([only.id])[only.id]
    assert (now.received, now.inspecting, now.rejected, now.cancelled, now.to_come) == (3, 0, 3, 2, 5)
    ends = list(Move.objects.order_by("id").values_list("taken_from__kind", "put_to__kind", "quantity"))
    assert ends == [
        ("supplier", "quarantine", 6), ("quarantine", "supplier", 1), ("quarantine", "stock", 3),
        ("quarantine", "supplier", 2),
    ]  # fmt: skip
    assert set(violations().values()) == {0}
