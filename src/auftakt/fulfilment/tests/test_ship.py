"""Shipping, performing, tracking, and what billing draws."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from auftakt.fulfilment import actions, queries
from auftakt.fulfilment.tests import build
from auftakt.fulfilment.tests.build import AT, BY
from auftakt.fulfilment.types import BillDraw, Packing, ParcelDraft, Shipping, TrackingDraft
from auftakt.inventory.models import Move
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_queries
from auftakt.values import new_id

pytestmark = pytest.mark.django_db


def test_a_shipment_takes_goods_out_of_stock_order_and_promise_at_once() -> None:
    build.company()
    build.receive("BELL", 20)
    build.receive("LAMP", 5)
    order = build.order(("BELL", 1, "case"), ("SET", 2))
    shipment_id = build.shipped(order, tracking="JD01")[0]
    shipment = queries.shipments([shipment_id])[shipment_id]
    assert (shipment.kind, shipment.state, shipment.carrier, shipment.tracking_number) == (
        "goods", "shipped", "dhl", "JD01"
    )  # fmt: skip
    assert shipment.number.startswith("SH-")
    carried = [(line.sku, line.quantity, line.unit) for line in shipment.lines]
    assert carried == [("BELL", 1, "case"), ("SET", 2, "each")]
    assert [parcel.shipment_id for parcel in shipment.parcels] == [shipment_id]
    assert build.on_hand("BELL") == (6, 0)
    assert build.on_hand("LAMP") == (3, 0)
    left = Move.objects.filter(reference_id=shipment_id, reason="shipment").order_by("item__sku", "quantity")
    assert [(move.item.sku, move.quantity) for move in left] == [("BELL", 4), ("BELL", 10), ("LAMP", 2)]
    assert [(line.state, line.shipped_at) for line in build.served(order)] == [("shipped", AT)] * 2
    assert [line.shipped for line in order_queries.order_lines(order_ids=[order]).values()] == [1, 2]
    entry = build.entries("fulfilment.shipped")[0]
    assert (entry.subject_id, entry.change["order_id"]) == (shipment_id, str(order))
    assert not build.violations()
    before = build.picture()
    again = actions.ship([Shipping(shipment.release_id or new_id())], **BY)
    assert again.refused[0].code == "not_to_ship"
    assert build.picture() == before


def test_some_lines_leave_and_the_rest_waits_on_a_release_of_its_own() -> None:
    build.company()
    build.receive("BELL", 5)
    build.receive("LAMP", 5)
    order = build.order(("BELL", 5), ("LAMP", 5))
    release_id = build.packed(order, boxes=2)[0]
    lines = {line.sku: line.id for line in queries.release_lines([release_id])[release_id]}
    first, second = queries.parcels(release_ids=[release_id])
    going = Shipping(release_id, "ups", "", (lines["BELL"],), (first.id,))
    shipment_id = actions.ship([going], **BY).one()
    shipment = queries.shipments([shipment_id])[shipment_id]
    assert ([line.sku for line in shipment.lines], [box.id for box in shipment.parcels]) == (["BELL"], [first.id])
    rest = next(each for each in queries.releases(order_ids=[order]).values() if each.id != release_id)
    assert (rest.state, rest.packed_at) == ("packed", AT)
    assert [line.id for line in queries.release_lines([rest.id])[rest.id]] == [lines["LAMP"]]
    assert [box.id for box in queries.parcels(release_ids=[rest.id])] == [second.id]
    assert build.entries("fulfilment.parted")[0].change["order_id"] == str(order)
    assert not build.violations()
    actions.ship([Shipping(rest.id)], **BY)
    assert [line.state for line in build.served(order)] == ["shipped", "shipped"]
    assert len(queries.shipments_of_orders([order])[order]) == 2
    assert not build.violations()


def test_what_cannot_leave_as_told_is_refused_with_all_that_is_wrong_and_nothing_moves() -> None:
    build.company()
    build.receive("BELL", 9)
    released, packed = build.released(build.order(("BELL", 1)))[0], build.packed(build.order(("BELL", 1)), boxes=2)[0]
    box = queries.parcels(release_ids=[packed])[0].id
    before = build.picture()
    assert actions.ship([Shipping(released)], **BY).refused[0].code == "not_to_ship"
    assert actions.ship([Shipping(new_id())], **BY).refused[0].code == "unknown_release"
    wrong = Shipping(packed, "c" * 65, "t" * 81, (new_id(),), (new_id(),))
    refusal = actions.ship([wrong], **BY).refused[0]
    assert [finding.code for finding in refusal.findings] == [
        "unknown_line", "unknown_parcel", "bad_carrier", "bad_tracking_number"
    ]  # fmt: skip
    assert actions.ship([Shipping(packed, parcel_ids=(box,))], **BY).refused[0].code == "parcel_left_behind"
    assert build.picture() == before
    twice = actions.ship([Shipping(packed), Shipping(packed)], **BY)
    assert (len(twice.done), twice.refused[0].code) == (1, "named_twice")
    assert not build.violations()


def test_services_are_performed_without_stock_and_billed_like_goods() -> None:
    build.company()
    build.receive("BELL", 1)
    order = build.order(("SETUP", 2), ("BELL", 1))
    service, bell = sorted(build.served(order), key=lambda line: line.sku, reverse=True)
    outcome = actions.perform([service.id, bell.id], **BY)
    assert [(refusal.subject, refusal.code) for refusal in outcome.refused] == [(str(bell.id), "not_performable")]
    shipment = queries.shipments(outcome.done)[outcome.done[0]]
    assert (shipment.kind, shipment.state, shipment.delivered_at) == ("service", "delivered", AT)
    assert [(line.sku, line.quantity) for line in shipment.lines] == [("SETUP", 2)]
    assert [row.shipment_line_id for row in queries.to_bill(order_ids=[order])] == [shipment.lines[0].id]
    assert build.entries("fulfilment.performed")[0].change["order_id"] == str(order)
    assert not build.violations()
    before = build.picture()
    assert actions.perform([service.id], **BY).refused[0].code == "line_not_released"
    assert actions.perform([new_id()], **BY).refused[0].code == "unknown_line"
    held = build.order(("SETUP", 1))
    orders.hold([held], "check", "", **BY)
    assert actions.perform([build.served(held)[0].id], **BY).refused[0].code == "order_on_hold"
    assert [row for row in build.picture() if row[0].startswith("fulfilment")] == [
        row for row in before if row[0].startswith("fulfilment")
    ]


def event(code: str, hours: int, **more: Any) -> TrackingDraft:
    return TrackingDraft(code, AT + timedelta(hours=hours), **more)


def test_tracking_is_taken_once_in_any_order_and_leads_to_delivery() -> None:
    build.company()
    build.receive("BELL", 2)
    order = build.order(("BELL", 1))
    shipment_id = build.shipped(order, tracking="JD01")[0]
    number = queries.shipments([shipment_id])[shipment_id].number
    late = event("delivered", 30, tracking_number="JD01", place="Berlin", text="Left with neighbour")
    assert actions.track([late, late], **BY).done == (shipment_id, shipment_id)
    actions.track([event("in_transit", 5, number=number), event("damaged", 29, shipment_id=shipment_id), late], **BY)
    actions.track([event("lost", 20, number=number), event("delivered", 40, number=number)], **BY)
    shipment = queries.shipments([shipment_id])[shipment_id]
    assert (shipment.state, shipment.delivered_at, shipment.is_damaged) == ("delivered", late.happened_at, True)
    assert [each.code for each in shipment.events] == ["in_transit", "lost", "damaged", "delivered", "delivered"]
    assert len(build.entries("fulfilment.tracked")) == 5
    assert [entry.change["order_id"] for entry in build.entries("fulfilment.delivered")] == [str(order)]
    assert not build.violations()


def test_a_lost_shipment_may_turn_up() -> None:
    build.company()
    build.receive("BELL", 2)
    shipment_id = build.shipped(build.order(("BELL", 1)))[0]
    actions.track([event("lost", 1, shipment_id=shipment_id)], **BY)
    assert queries.shipments([shipment_id])[shipment_id].state == "lost"
    assert not build.violations()
    actions.track([event("delivered", 2, shipment_id=shipment_id)], **BY)
    assert queries.shipments([shipment_id])[shipment_id].state == "delivered"
    assert not build.violations()


def test_events_of_nobody_or_of_two_or_of_no_kind_are_refused() -> None:
    build.company()
    build.receive("BELL", 2)
    orders_made = [build.order(("BELL", 1)), build.order(("BELL", 1))]
    build.shipped(*orders_made, tracking="SAME")
    before = build.picture()
    told = [
        event("delivered", 1, tracking_number="SAME"), event("delivered", 1, number="SH-999999"),
        event("delivered", 1), event("eaten", 1, tracking_number="SAME"), event("lost", 1, text="\x00"),
        TrackingDraft("lost", AT.replace(tzinfo=None), tracking_number="SAME"), event("lost", 1, number="\x00"),
    ]  # fmt: skip
    outcome = actions.track(told, **BY)
    assert [(refusal.subject, refusal.code) for refusal in outcome.refused] == [
        ("0", "ambiguous_tracking"), ("1", "unknown_shipment"), ("2", "unknown_shipment"), ("3", "unknown_code"),
        ("4", "bad_character"), ("5", "time_without_zone"), ("6", "unknown_shipment"),
    ]  # fmt: skip
    assert build.picture() == before
    assert len(queries.find_shipments("SAME")) == 2
    assert queries.find_shipments(" ") == queries.find_shipments("\x00") == []


def test_a_parcel_is_found_by_its_own_tracking_number() -> None:
    build.company()
    build.receive("BELL", 2)
    release_id = build.released(build.order(("BELL", 1)))[0]
    actions.pick_whole([release_id], **BY)
    actions.pack([Packing(release_id, (ParcelDraft(Decimal(1), tracking_number="P-1"),))], **BY)
    assert queries.find_shipments("P-1") == []
    shipment_id = actions.ship([Shipping(release_id)], **BY).one()
    assert [each.id for each in queries.find_shipments("P-1")] == [shipment_id]
    assert actions.track([event("delivered", 1, tracking_number="P-1")], **BY).done == (shipment_id,)


def test_billing_draws_no_more_than_has_left() -> None:
    build.company()
    build.receive("BELL", 5)
    order = build.order(("BELL", 5))
    shipment_id = build.shipped(order)[0]
    line = queries.to_bill(shipment_ids=[shipment_id])[0].shipment_line_id
    draws = [BillDraw(line, Decimal(n)) for n in (3, 3, 2, 0)]
    outcome = actions.draw_to_bill([*draws, BillDraw(new_id(), Decimal(1))], **BY)
    assert outcome.done == (line, line)
    assert [refusal.code for refusal in outcome.refused] == [
        "billed_too_much", "quantity_not_positive", "unknown_shipment_line"
    ]  # fmt: skip
    assert queries.to_bill(order_ids=[order]) == []
    assert not build.violations()
