"""Orders as they came in, purchase orders in the palette, and a released hold that is put back."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.orders.models import Hold, Order
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db


def exported(client: Client, **asked: str) -> list[str]:
    answer = client.get(reverse("console:orders"), {**asked, "format": "csv"})
    rows = b"".join(answer.streaming_content).decode().splitlines()
    return [row.split(",")[0].strip("\ufeff") for row in rows[1:]]


def test_orders_are_listed_as_they_came_in_whatever_day_they_bear() -> None:
    build.company()
    client = logged_in("sales")
    ids = [
        build.capture(build.draft([("LOCK", "1")]), at=build.AT - timedelta(days=days)) for days in (0, 30, 10)
    ]  # fmt: skip
    numbers = dict(Order.objects.values_list("id", "number"))
    first, second, third = (numbers[key] for key in ids)
    assert exported(client, sort="-id") == [third, second, first]
    assert exported(client, sort="id") == [first, second, third]
    assert exported(client) == [first, third, second], "as ordered, unless asked otherwise"
    page = client.get(reverse("console:orders"), {"sort": "-id", "columns": "number,came_in"})
    assert "Came in" in page.content.decode()


def test_the_order_of_arrival_is_read_along_the_key() -> None:
    build.company()
    client = logged_in("sales")
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("console:orders"), {"sort": "-id"})
    (listed,) = [each["sql"] for each in seen.captured_queries if "t.id desc limit" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_sort = off")
        cursor.execute(f"explain (format json) {listed}")
        plan = json.dumps(cursor.fetchone()[0])
    assert "orders_order_pkey" in plan
    assert '"Sort"' not in plan


def test_the_palette_finds_purchase_orders_by_number() -> None:
    build.company()
    purchase = build.purchase("TYRE", "9", build.TODAY + timedelta(days=3), number="PO-4711")
    found = logged_in("warehouse").get(reverse("console:find"), {"q": "po-47"}).content.decode()
    assert "PO-4711" in found
    assert reverse("console:receipt", args=[purchase]) in found


def test_a_released_hold_is_put_back_by_the_button_in_the_toast() -> None:
    build.company()
    order = build.order()
    client = logged_in("order_manager")
    client.post(reverse("console:order_hold", args=[order]), {"reason": "credit"})
    page = client.post(reverse("console:order_release_hold", args=[order]), {"reason": "credit"}, follow=True)
    assert Hold.objects.get().released_at
    address = reverse("console:order_hold", args=[order])
    toast = page.content.decode().rpartition("toast-undo")[0].rpartition("<form")[2]
    assert address in toast
    assert 'value="credit"' in toast
    client.post(address, {"reason": "credit", "note": "undone"})
    assert Hold.objects.filter(released_at=None).count() == 1
