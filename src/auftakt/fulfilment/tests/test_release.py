"""Releasing and recalling: what a site is asked to do."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from auftakt.fulfilment import actions, queries
from auftakt.fulfilment.tests import build
from auftakt.fulfilment.tests.build import BY, ON
from auftakt.fulfilment.types import Packing, ParcelDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory.types import SiteDraft
from auftakt.orders import actions as orders
from auftakt.parties import actions as parties
from auftakt.parties.types import PartyDraft
from auftakt.promising import actions as promising
from auftakt.supply import actions as supply
from auftakt.supply import queries as supply_queries
from auftakt.supply.types import PurchaseDraft, PurchaseLineDraft, PurchaseReceipt
from auftakt.values import new_id

pytestmark = pytest.mark.django_db


def test_a_release_for_each_order_site_and_day() -> None:
    build.company()
    build.receive("BELL", 20)
    build.receive("LAMP", 5)
    first = build.order(("BELL", 3), ("LAMP", 1))
    second = build.order(("BELL", 2))
    lines = build.served(first, second)
    outcome = actions.release([line.id for line in lines], **BY)
    assert not outcome.refused
    assert len(outcome.done) == 2
    found = queries.releases(ids=outcome.done)
    assert [found[key].order_id for key in outcome.done] == [first, second]
    assert all(each.state == "released" and each.ship_on == ON for each in found.values())
    assert all(each.number.startswith("RL-") and len(each.number) == 9 for each in found.values())
    assert [line.state for line in build.served(first, second)] == ["released"] * 3
    told = build.entries("fulfilment.released")
    assert [entry.change["order_id"] for entry in told] == [str(first), str(second)]
    assert [entry.change["lines"] for entry in told] == [2, 1]
    assert not build.violations()


def test_the_picks_of_a_kit_are_its_parts_in_the_order_of_the_skus() -> None:
    build.company()
    build.receive("BELL", 30)
    build.receive("LAMP", 9)
    order = build.order(("LAMP", 2), ("SET", 3), ("BELL", 1, "case"))
    release_id = build.released(order)[0]
    picks = queries.picks([release_id])[release_id]
    assert [(pick.sku, pick.for_sku, pick.quantity) for pick in picks] == [
        ("BELL", "BELL", 10), ("BELL", "SET", 6), ("LAMP", "LAMP", 2), ("LAMP", "SET", 3)
    ]  # fmt: skip
    assert not build.violations()


def test_what_is_on_hold_closed_not_there_or_released_already_is_refused_and_nothing_moves() -> None:
    build.company(HAM=1, MUC=5)
    build.receive("BELL", 5)
    build.receive("LAMP", 5, site="MUC")
    held, done, closed = build.order(("BELL", 1)), build.order(("BELL", 1)), build.order(("LAMP", 1))
    service = build.order(("SETUP", 1))
    build.released(done)
    orders.hold([held], "check", "", **BY)
    inventory.save_sites([SiteDraft("MUC", "Site MUC", "distribution_centre", "DE", is_open=False)], **BY)
    lines = [build.served(order)[0].id for order in (held, done, closed, service)]
    nobody = new_id()
    before = build.picture()
    outcome = actions.release([*lines, nobody], **BY)
    assert not outcome.done
    codes = {refusal.subject: refusal.code for refusal in outcome.refused}
    told = ["order_on_hold", "line_not_open", "site_closed", "not_promised", "unknown_line"]
    assert codes == dict(zip(map(str, [*lines, nobody]), told, strict=True))
    assert build.picture() == before


def test_supply_that_has_not_come_in_waits_and_is_released_once_it_has() -> None:
    build.company()
    parties.save_parties([PartyDraft("S1", "Supplier", is_customer=False, is_supplier=True)], **BY)
    draft = PurchaseLineDraft("BELL", Decimal(5), ON + timedelta(days=3))
    purchase = supply.order_purchases([PurchaseDraft("S1", "HAM", "EUR", ON, (draft,))], **BY).one()
    line = build.served(build.order(("BELL", 5)))[0]
    assert line.site_code == "HAM"
    refusal = actions.release([line.id], **BY).refused[0]
    assert (refusal.code, refusal.subject, refusal.transient) == ("not_on_hand", str(line.id), True)
    came = supply_queries.purchases([purchase])[purchase].lines[0].id
    assert not promising.receive_purchases([PurchaseReceipt(came, Decimal(5))], **BY).refused
    assert len(actions.release([line.id], **BY).done) == 1
    assert not build.violations()


def test_good_lines_of_a_batch_go_in_beside_refused_ones() -> None:
    build.company()
    build.receive("BELL", 2)
    good, late = build.served(build.order(("BELL", 2)))[0], build.served(build.order(("BELL", 2)))[0]
    outcome = actions.release([late.id, good.id, good.id], **BY)
    assert len(outcome.done) == 1
    assert [refusal.subject for refusal in outcome.refused] == [str(late.id)]


def test_a_recalled_release_is_open_again_with_its_promise_and_can_be_released_anew() -> None:
    build.company()
    build.receive("BELL", 5)
    order = build.order(("BELL", 5))
    before = build.served(order)
    release_id = build.packed(order)[0]
    assert actions.recall([release_id], **BY).done == (release_id,)
    assert build.served(order) == before
    assert build.on_hand("BELL") == (5, 5)
    page = queries.release_page(release_id)
    assert page
    assert (page.release.state, page.picks, page.parcels) == ("cancelled", (), ())
    assert [entry.change["order_id"] for entry in build.entries("fulfilment.recalled")] == [str(order)]
    assert not build.violations()
    assert actions.recall([release_id], **BY).refused[0].code == "not_to_recall"
    assert actions.recall([new_id()], **BY).refused[0].code == "unknown_release"
    build.shipped(order)
    assert not build.violations()


def test_packing_gives_boxes_numbers_and_packing_again_replaces_them() -> None:
    build.company()
    build.receive("BELL", 5)
    release_id = build.released(build.order(("BELL", 5)))[0]
    box = ParcelDraft(Decimal("2.5"), 300, 200, 100, "T1")
    assert actions.pack([Packing(release_id, (box,))], **BY).refused[0].code == "not_to_pack"
    actions.pick_whole([release_id], **BY)
    before = build.picture()
    bad = Packing(release_id, (replace(box, weight_kg=Decimal(0), length_mm=0), replace(box, tracking_number="x\n")))
    refusal = actions.pack([bad], **BY).refused[0]
    assert [(finding.code, finding.place) for finding in refusal.findings] == [
        ("bad_weight", "/parcels/0/weight_kg"), ("bad_edge", "/parcels/0/length_mm"),
        ("bad_tracking_number", "/parcels/1/tracking_number"),
    ]  # fmt: skip
    assert actions.pack([Packing(release_id, ())], **BY).refused[0].code == "no_parcels"
    assert build.picture() == before
    twice = actions.pack([Packing(release_id, (box, box)), Packing(release_id, (box,))], **BY)
    assert (twice.done, twice.refused[0].code) == ((release_id,), "named_twice")
    assert len(queries.parcels(release_ids=[release_id])) == 2
    actions.pack([Packing(release_id, (box,))], **BY)
    parcel = queries.parcels(release_ids=[release_id])[0]
    assert (parcel.weight_kg, parcel.length_mm, parcel.tracking_number) == (Decimal("2.5"), 300, "T1")
    assert parcel.number.startswith("PC-")
    assert [entry.change["parcels"] for entry in build.entries("fulfilment.packed")] == [2, 1]
    assert not build.violations()
