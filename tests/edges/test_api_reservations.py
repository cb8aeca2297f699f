"""Reservations through the API: a shop holds supply for a cart, and its order takes it over."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from auftakt.promising.models import Reservation
from tests import build
from tests.edges.api import ROOT, caller, findings, lines, order, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    build.company()
    return caller()


def wish(**more: Any) -> dict[str, Any]:
    until = (timezone.now() + timedelta(minutes=20)).isoformat()
    return {"owner_kind": "cart", "owner": "cart 1", "expires_at": until, "sku": "BIKE", "quantity": "4",
            "country": "DE", **more}  # fmt: skip


def test_a_cart_holds_its_bikes_until_the_order(client: Client) -> None:
    made = send(client, "/reservations", wish())
    assert made.status_code == 200, made.content
    told = made.json()
    assert (told["result"], told["state"], told["quantity"], told["sku"]) == ("saved", "open", "4", "BIKE")
    assert [(each["site_code"], each["quantity"]) for each in told["pieces"]] == [("DC", "4")]
    listed = client.get(f"{ROOT}/reservations", {"owner": "cart 1", "sku": "BIKE", "state": "open"}).json()["items"]
    assert [each["id"] for each in listed] == [told["id"]]
    later = (timezone.now() + timedelta(days=2)).isoformat()
    longer = send(client, f"/reservations/{told['id']}/extend", {"expires_at": later}).json()
    assert longer["expires_at"] > told["expires_at"]
    body = order(lines=[{"sku": "BIKE", "quantity": "4", "reservations": [told["id"]]}])
    bought = send(client, "/orders", body)
    assert bought.status_code == 201, bought.content
    assert client.get(f"{ROOT}/reservations/{told['id']}").json()["state"] == "turned"
    again = client.delete(f"{ROOT}/reservations/{told['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "reservation_ended")


def test_releasing_many_and_rubbish(client: Client) -> None:
    answer = lines(client, "/reservations/bulk", [wish(), wish(sku="NIX"), wish(owner=""), wish(quantity=2), "{"])
    results = answer.json()["results"]
    assert [each["result"] for each in results] == ["saved", "refused", "refused", "saved", "refused"]
    assert [each.get("code") for each in results[1:3]] == ["unknown_item", "owner_missing"]
    released = client.delete(f"{ROOT}/reservations/{results[0]['id']}")
    assert released.json()["state"] == "released"
    assert set(Reservation.objects.values_list("state", flat=True)) == {"released", "open"}
    strange = send(client, "/reservations", wish(expires_at="soon", colour="red"))
    assert {place for _, place in findings(strange)} == {"/expires_at", "/colour"}
    nobody = uuid4()
    assert client.get(f"{ROOT}/reservations/{nobody}").status_code == 404
    assert client.delete(f"{ROOT}/reservations/{nobody}").status_code == 404
    assert findings(client.get(f"{ROOT}/reservations", {"state": "blue"})) == {("unknown_state", "/state")}
    bad = send(client, "/orders", order(lines=[{"sku": "BIKE", "quantity": "1", "reservations": [str(nobody)]}]))
    assert findings(bad) == {("unknown_reservation", "/lines/0/reservations/0")}
    assert caller("orders.view").delete(f"{ROOT}/reservations/{results[3]['id']}").status_code == 403


def test_a_list_goes_on_where_it_stopped(client: Client) -> None:
    for _ in range(3):
        send(client, "/reservations", wish(quantity=1))
    first = client.get(f"{ROOT}/reservations", {"limit": 2}).json()
    rest = client.get(f"{ROOT}/reservations", {"limit": 2, "cursor": first["next"]}).json()
    assert len({each["id"] for each in first["items"] + rest["items"]}) == 3
    assert rest["next"] is None
