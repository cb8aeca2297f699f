"""The bench, the papers, the cost of a batch, two people at one release, and what verify would see."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection

from auftakt.fulfilment import actions, queries
from auftakt.fulfilment.tests import build
from auftakt.fulfilment.tests.build import BY, ON
from auftakt.fulfilment.types import BillDraw, Packing, ParcelDraft, Picked, Shipping, TrackingDraft
from auftakt.values import Outcome


@pytest.mark.django_db
def test_the_bench_counts_each_state_and_lists_one() -> None:
    sites = build.company()
    build.receive("BELL", 10)
    build.released(build.order(("BELL", 1)))
    packed = build.packed(build.order(("BELL", 2)))[0]
    build.shipped(build.order(("BELL", 3)))
    bench = queries.bench("HAM", "packed")
    assert bench.counts == {"released": 1, "picked": 0, "packed": 1}
    row = bench.rows[0]
    assert (row.release.id, row.customer_name, row.city, row.country) == (packed, "Radhaus Nord", "Berlin", "DE")
    assert (row.lines, row.picks, row.parcels) == (1, 1, 1)
    assert len(queries.bench(sites["HAM"]).rows) == 1
    assert queries.bench("NOWHERE").rows == ()
    assert queries.find_release(row.release.number) == packed


@pytest.mark.django_db
def test_a_pick_list_names_parts_and_a_packing_slip_what_follows() -> None:
    build.company()
    build.receive("BELL", 8)
    build.receive("LAMP", 3)
    order = build.order(("SET", 3), ("BELL", 2), customer_reference="PO 77")
    release_id = build.released(order)[0]
    sheet = queries.pick_list_data(release_id)
    assert [(line["sku"], line["text"], line["quantity"], line.get("for_item")) for line in sheet["lines"]] == [
        ("BELL", "Klingel", 2, None), ("BELL", "Klingel", 6, "SET"), ("LAMP", "Lamp", 3, "SET")
    ]  # fmt: skip
    assert (sheet["site_code"], sheet["ship_on"], sheet["seller"]["city"]) == ("HAM", ON, "Hamburg")
    english = queries.pick_list_data(release_id, language="en")
    assert english["lines"][0]["text"] == "Bell"
    bell, set_bell, set_lamp = queries.picks([release_id])[release_id]
    actions.pick([Picked(bell.id, Decimal(2)), Picked(set_bell.id, Decimal(4)), Picked(set_lamp.id, Decimal(3))], **BY)
    actions.pack([Packing(release_id, (ParcelDraft(Decimal(1)),))], **BY)
    before = queries.slip_data(release_id)
    assert before["number"].startswith("RL-")
    actions.ship([Shipping(release_id, "dhl", "JD7")], **BY)
    slip = queries.slip_data(release_id)
    assert slip["lines"] == before["lines"]
    assert [(line["sku"], line["quantity"], line["ordered"], line["remaining"]) for line in slip["lines"]] == [
        ("SET", 2, 3, 1), ("BELL", 2, 2, 0)
    ]  # fmt: skip
    assert slip["lines"][0]["details"] == ["4 each BELL Klingel", "2 each LAMP Lamp"]
    assert (slip["number"][:3], slip["tracking_number"], slip["customer_reference"]) == ("SH-", "JD7", "PO 77")
    assert (slip["seller"]["name"], slip["recipient"]["city"]) == ("Auftakt GmbH", "Berlin")
    assert "net" not in slip
    with pytest.raises(KeyError):
        queries.slip_data(order)
    assert queries.release_page(order) is None


def _short(release_ids: list[UUID]) -> list[Picked]:
    return [Picked(pick.id, pick.quantity - 1) for found in queries.picks(release_ids).values() for pick in found]


def _counts(size: int) -> dict[str, int]:
    """Statements of every hot verb over `size` orders."""
    made = build.place([(("BELL", 3),)] * (2 * size))
    whole, short = build.served(*made[:size]), build.served(*made[size:])
    found: dict[str, int] = {}

    def measure(name: str, outcome: Outcome[UUID]) -> Outcome[UUID]:
        kept[name] = outcome
        return outcome

    kept: dict[str, Outcome[UUID]] = {}
    found["release"] = build.count_statements(
        lambda: measure("release", actions.release([line.id for line in whole], **BY))
    )
    ids = list(kept["release"].done)
    assert len(ids) == size
    found["pick"] = build.count_statements(lambda: actions.pick_whole(ids, **BY))
    boxes = (ParcelDraft(Decimal(1)),)
    found["pack"] = build.count_statements(lambda: actions.pack([Packing(key, boxes) for key in ids], **BY))
    found["ship"] = build.count_statements(
        lambda: measure("ship", actions.ship([Shipping(key, "dhl") for key in ids], **BY))
    )
    shipments = list(kept["ship"].done)
    events = [TrackingDraft("delivered", build.AT, shipment_id=key) for key in shipments]
    found["track"] = build.count_statements(lambda: actions.track(events, **BY))
    draws = [BillDraw(row.shipment_line_id, row.quantity) for row in queries.to_bill(shipment_ids=shipments)]
    found["draw_to_bill"] = build.count_statements(lambda: actions.draw_to_bill(draws, **BY))
    others = list(actions.release([line.id for line in short], **BY).done)
    found["short pick"] = build.count_statements(lambda: actions.pick(_short(others), **BY))
    found["recall"] = build.count_statements(lambda: actions.recall(others, **BY))
    services = [line.id for line in build.served(*build.place([(("SETUP", 1),)] * size))]
    found["perform"] = build.count_statements(lambda: actions.perform(services, **BY))
    return found


@pytest.mark.django_db
def test_a_hundred_cost_as_many_statements_as_one() -> None:
    build.company()
    build.receive("BELL", 5000)
    assert _counts(1) == _counts(100)
    assert not build.violations()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_release_ship_it_once() -> None:
    build.company()
    build.receive("BELL", 6)
    releases = build.packed(build.order(("BELL", 3)), build.order(("BELL", 3)))

    def ship(order: int) -> Outcome[UUID]:
        try:
            return actions.ship([Shipping(key) for key in releases[::order]], **BY)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(ship, [1, -1, 1, -1]))
    assert sum(len(outcome.done) for outcome in outcomes) == 2
    assert {refusal.code for outcome in outcomes for refusal in outcome.refused} == {"not_to_ship"}
    assert build.on_hand("BELL") == (0, 0)
    assert not build.violations()


BREAKS = {
    "verify_shipped_on_lines": "update orders_orderline set shipped = shipped - 1 where shipped > 0",
    "verify_shipped_once": "update orders_fulfilmentline set state = 'open' where state = 'shipped'",
    "verify_released_on_lines": "update orders_orderline set released = released - 1 where released > 0",
    "verify_release_lines": "update fulfilment_releaseline set quantity = quantity + 1",
    "verify_releases": "update fulfilment_release set state = 'cancelled' where state = 'packed'",
    "verify_picks": "update fulfilment_pick set picked = picked - 1 where picked > 0",
    "verify_shipments_left_the_ledger": "update inventory_move set quantity = quantity + 1 where reason = 'shipment'",
    "verify_parcels": "update fulfilment_release set state = 'picked' where state = 'packed'",
    "verify_delivered": "update fulfilment_shipment set is_damaged = true",
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", BREAKS)
def test_verify_sees_what_is_broken(name: str) -> None:
    build.company()
    build.receive("BELL", 10)
    build.shipped(build.order(("BELL", 3)))
    build.packed(build.order(("BELL", 2)))
    assert not build.violations()
    with connection.cursor() as cursor:
        cursor.execute(BREAKS[name])
    found = queries.sql.rows(name)[0]
    assert found[0] > 0
    assert found[2]
