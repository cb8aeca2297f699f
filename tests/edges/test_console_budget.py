"""Every page within a budget of statements, and with the same count for few rows and for many."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import build, pages

pytestmark = pytest.mark.django_db
BUDGET = 20
DEARER = {
    "order": 40,
    "order_edit": 40,
    "home": 30,
    "customer": 30,
    "item": 30,
    "invoice": 30,
    "order_new": 30,
    "planning_weigh": 30,
}


def counted(client: Client) -> dict[str, int]:
    """The statements of each page."""
    found = {}
    for address in pages.addresses():
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(address.path)
        if pages.is_page(answer):
            found[address.path] = len(seen)
    return found


def test_every_page_keeps_its_budget_with_few_rows_and_with_many() -> None:
    pages.world()
    client = pages.signed_in("admin")
    few = counted(client)
    lines = [("HELMET", "1"), ("LOCK", "2"), ("CHAIN-KG", "1.5")]
    build.receive({("DC", "HELMET"): "100", ("DC", "LOCK"): "100", ("DC", "CHAIN-KG"): "100"})
    drafts = [build.draft(lines, customer="C-1") for _ in range(25)]
    build.done(build.orders.capture(drafts, submit=True, actor="test", at=build.AT))
    for stage in ("released", "picked", "packed", "shipped", "billed", "paid"):
        for _ in range(2):
            build.order(stage=stage, lines=[("HELMET", "1")])
    many = counted(client)
    routes = {address.path: address.route for address in pages.addresses()}
    over = [f"{path}: {count}" for path, count in many.items() if count > DEARER.get(routes.get(path, ""), BUDGET)]
    assert over == [], "\n".join(over)
    grown = [f"{path}: {few[path]}, then {count}" for path, count in many.items() if count > few.get(path, count)]
    assert grown == [], "\n".join(grown)
