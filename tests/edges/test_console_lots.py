"""Lots in the console: received by number, traced to whom they went, set aside when they expire, written off."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft
from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.models import Bucket, CountLine, Lot, Move
from auftakt.inventory.types import CountTolerance, LotAside, LotQuantity, Receipt
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_queries
from auftakt.pricing import actions as pricing
from auftakt.pricing.types import PriceDraft
from auftakt.supply import queries as supply
from tests import build
from tests.edges.test_console_warehouse import logged_in

pytestmark = pytest.mark.django_db
BY: Any = {"actor": build.ACTOR, "at": build.AT}


@pytest.fixture
def gel() -> UUID:
    build.company()
    draft = ItemDraft("GEL", "Energy gel", tracking="lot", shelf_life_days=90, activate=True)
    (key,) = build.done(catalog.save_items([draft], **BY))
    build.done(pricing.save_prices([PriceDraft("LIST", "GEL", Decimal(2))], **BY))
    return key


def receive(**told: tuple[int, int]) -> None:
    lots = tuple(
        LotQuantity(number, Decimal(quantity), build.TODAY + timedelta(days))
        for number, (quantity, days) in told.items()
    )
    total = sum((lot.quantity for lot in lots), Decimal(0))
    build.done(inventory.receive([Receipt("DC", "GEL", total, lots=lots)], **BY))


def lying(gel: UUID) -> dict[tuple[str, str], Decimal]:
    return {(lot.number, lot.place): lot.quantity for lot in stock.lots([gel]).get(gel, [])}


def post(client: Client, route: str, *args: Any, **data: Any) -> str:
    return client.post(reverse(f"console:{route}", args=args), data, follow=True).content.decode()


def test_a_delivery_is_booked_by_lot(gel: UUID) -> None:
    order = build.purchase("GEL", "10", build.TODAY)
    line = supply.purchases([order])[order].lines[0]
    client = logged_in("warehouse")
    page = client.get(reverse("console:receipt", args=[order])).content.decode()
    assert f"lots-{line.id}" in page
    mark = page.split('name="seen" value="')[1].split('"')[0]
    seen = {"seen": mark, "line": line.id, "came": "5"}
    assert "which, and how much" in post(client, "receipt_book", order, **seen)
    page = post(client, "receipt_book", order, **seen, **{f"lots-{line.id}": "A; 3; moon"})
    assert "neither a quantity nor a day" in page
    assert not Lot.objects.exists()
    post(client, "receipt_book", order, **seen, **{f"lots-{line.id}": "A; 3; 2027-01-31\nB 2"})
    assert lying(gel) == {("A", "DC"): 3, ("B", "DC"): 2}
    page = client.get(reverse("console:lot", args=[Lot.objects.get(number="A").id])).content.decode()
    assert supply.purchases([order])[order].head.number in page


def test_whom_a_lot_went_to(gel: UUID) -> None:
    receive(A=(5, 30), B=(5, 60))
    order = build.order(stage="shipped", lines=[("GEL", "6")])
    client = logged_in("warehouse")
    page = client.get(reverse("console:lot", args=[Lot.objects.get(number="A").id])).content.decode()
    assert "Radhaus Nord" in page
    assert order_queries.orders([order])[order].number in page
    listed = client.get(reverse("console:lots")).content.decode()
    assert ">B<" in listed
    assert ">A<" not in listed, "nothing of it lies here any more"


def test_expired_lots_are_set_aside_and_the_losers_promised_anew(gel: UUID) -> None:
    receive(OLD=(5, -1), NEW=(4, 60))
    order = build.order(lines=[("GEL", "6")])
    lost = build.done(orders.set_aside_expired(**BY))
    assert [each.order_id for each in lost] == [order]
    assert lying(gel) == {("NEW", "DC"): 4, ("OLD", "DC quarantine"): 5}
    bucket = Bucket.objects.get(item_id=gel, kind="on_hand")
    assert bucket.quantity == 4
    assert not orders.set_aside_expired(**BY).done
    old = Lot.objects.get(number="OLD").id
    wrong = inventory.write_off_lots([LotAside(old, bucket.site_id, Decimal(6))], **BY)
    assert [each.code for each in wrong.refused] == ["lot_not_there"]
    new = LotAside(Lot.objects.get(number="NEW").id, bucket.site_id, Decimal(1))
    assert [each.code for each in inventory.write_off_lots([new], **BY).refused] == ["lot_not_there"]
    client = logged_in("order_manager")
    post(client, "lot_write_off", old, site=bucket.site_id, quantity="5")
    assert lying(gel) == {("NEW", "DC"): 4}
    assert Move.objects.order_by("-id").first().reason == "expired"


def test_what_is_being_picked_stays_until_it_is_picked(gel: UUID) -> None:
    receive(OLD=(5, -1))
    build.order(stage="released", lines=[("GEL", "3")])
    assert not orders.set_aside_expired(**BY).done
    assert lying(gel) == {("OLD", "DC"): 3, ("OLD", "DC quarantine"): 2}


def test_a_count_beyond_tolerance_is_approved_by_another(gel: UUID) -> None:
    receive(A=(100, 30))
    build.done(inventory.save_count_tolerances([CountTolerance("DC", Decimal(5), Decimal(50))], **BY))
    counter = logged_in("warehouse")
    sheet = {"choose": "items", "item": "GEL", "due_on": "2026-12-01"}
    page = post(counter, "count_plan", "DC", **sheet)
    line = CountLine.objects.get()
    assert str(line.id) in page
    told = {"shelf": gel, "line": line.id, "counted": "", f"lots-{gel}": "A 40"}
    page = post(counter, "count_check", "DC", **told)
    assert "counted 40" in page
    page = post(counter, "count_book", "DC", **told | {"counted": "40", "books": "100"})
    assert "beyond the tolerance" in page
    assert lying(gel) == {("A", "DC"): 100}
    assert counter.get(reverse("console:counts_waiting")).status_code == 403
    boss = logged_in("order_manager")
    assert "Energy gel" in boss.get(reverse("console:counts_waiting")).content.decode()
    post(boss, "count_decide", line=line.id, decision="approve")
    assert lying(gel) == {("A", "DC"): 40}
