"""Purchasing in the console: from a draft to goods in stock, what is cut names its orders, transfers between sites."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.cli.verify import checks
from auftakt.orders import queries as orders
from auftakt.supply import actions as supply
from auftakt.supply import queries
from auftakt.supply.models import PurchaseOrder, PurchaseOrderLine, SupplierItem, TransferOrder
from auftakt.supply.types import ApprovalLimit, PurchaseDraft, PurchaseLineDraft
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": build.ACTOR, "at": build.AT}
COMES = build.TODAY + timedelta(days=10)


@pytest.fixture
def manager() -> Client:
    build.company(stock={})
    return logged_in("order_manager")


def at(route: str, *args: Any) -> str:
    return reverse(f"console:{route}", args=args)


def said(client: Client, path: str, data: dict[str, Any]) -> str:
    answer = client.post(path, data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def seen(client: Client, path: str) -> str:
    return str(client.get(path).context["seen"])


def rows(prefix: str, *lines: dict[str, str]) -> dict[str, str]:
    told = {f"{prefix}-TOTAL_FORMS": str(len(lines)), f"{prefix}-INITIAL_FORMS": "0"}
    return told | {
        f"{prefix}-{index}-{name}": value for index, line in enumerate(lines) for name, value in line.items()
    }


def bought(state: str = "sent", **more: Any) -> UUID:
    line = PurchaseLineDraft("TYRE", Decimal(10), COMES, unit_cost=Decimal(5), **more)
    return supply.order_purchases([PurchaseDraft("S-1", "DC", "EUR", build.TODAY, (line,), state=state)], **BY).one()


def clean() -> None:
    assert {
        check.name: check.example for check in checks() if check.violations and check.name != "identity.active_admin"
    } == {}


def test_an_order_is_drafted_approved_sent_and_answered(manager: Client) -> None:
    data = {
        "supplier_number": "S-1", "site_code": "DC", "currency": "EUR", "ordered_on": str(build.TODAY), "number": "",
        **rows("lines", {"sku": "TYRE", "quantity": "10", "unit_cost": "5", "expected_on": str(COMES)}),
    }  # fmt: skip
    manager.post(at("purchase_new"), data)
    order = PurchaseOrder.objects.get()
    assert (order.state, queries.lines(list(PurchaseOrderLine.objects.values_list("id", flat=True)))) != ("sent", {})
    page = at("purchase", order.id)
    said(manager, at("purchase_step", order.id), {"do": "approve"})
    said(manager, at("purchase_step", order.id), {"do": "send"})
    assert PurchaseOrder.objects.get().state == "sent"
    first, second = (build.order(lines=[("TYRE", "5")], priority=priority) for priority in (1, 2))
    line = PurchaseOrderLine.objects.get()
    later = COMES + timedelta(days=3)
    text = said(manager, at("purchase_answer", order.id), {
        "seen": seen(manager, page), "line": str(line.id), "quantity": "6", "expected_on": str(later),
        "reference": "AB-9",
    })  # fmt: skip
    number = orders.orders([second])[second].number
    assert number in text
    assert orders.orders([first])[first].number in text
    assert (PurchaseOrder.objects.get().state, PurchaseOrder.objects.get().supplier_reference) == (
        "acknowledged",
        "AB-9",
    )
    assert "in jeopardy" in manager.get(page).content.decode()
    clean()


def test_who_may_not_approve_is_told_and_nothing_moves(manager: Client) -> None:
    order = bought("draft")
    planner = logged_in("planner")
    assert "disabled" in planner.get(at("purchase", order)).content.decode()
    said(planner, at("purchase_step", order), {"do": "approve"})
    assert PurchaseOrder.objects.get().state == "draft"
    supply.save_approval_limits([ApprovalLimit("EUR", Decimal(50))], **BY)
    said(planner, at("purchase_step", order), {"do": "approve"})
    assert PurchaseOrder.objects.get().state == "approved"
    viewer = logged_in("viewer")
    assert viewer.get(at("purchase", order)).status_code == 200
    assert viewer.post(at("purchase_step", order), {"do": "send"}).status_code == 403
    assert viewer.get(at("purchase_new")).status_code == 403


def test_old_news_decides_nothing(manager: Client) -> None:
    order = bought()
    line = PurchaseOrderLine.objects.get()
    data = {"line": str(line.id), "quantity": "4"}
    assert "meanwhile" in said(manager, at("purchase_cut", order), {**data, "seen": "sent 9/0/260101"})
    assert PurchaseOrderLine.objects.get().cancelled == 0
    now = seen(manager, at("purchase", order))
    for rubbish in ("x", "-5", "1e99", "NaN", "99"):
        said(manager, at("purchase_cut", order), {**data, "quantity": rubbish, "seen": now})
    assert PurchaseOrderLine.objects.get().cancelled == 0
    said(manager, at("purchase_cut", order), {**data, "seen": now})
    assert PurchaseOrderLine.objects.get().cancelled == 4
    clean()


def test_goods_are_inspected_and_become_stock(manager: Client) -> None:
    order = bought(inspects=True)
    line = PurchaseOrderLine.objects.get()
    receipt = at("receipt", order)
    manager.post(at("receipt_book", order), {"seen": seen(manager, receipt), "line": str(line.id), "came": "10"})
    assert PurchaseOrderLine.objects.get().inspecting == 10
    page = at("purchase", order)
    said(manager, at("purchase_inspect", order), {
        "seen": seen(manager, page), "line": str(line.id), "accepted": "7", "rejected": "3", "then": "cut",
        "note": "bent",
    })  # fmt: skip
    line.refresh_from_db()
    assert (line.received, line.rejected, line.cancelled, line.inspecting) == (7, 3, 3, 0)
    said(manager, at("purchase_step", order), {"do": "close"})
    assert PurchaseOrder.objects.get().state == "closed"
    clean()


def test_terms_are_saved_and_overlapping_prices_are_named(manager: Client) -> None:
    price = {"from_quantity": "1", "unit_price": "9,50", "currency": "EUR", "valid_from": "", "valid_to": ""}
    price["unit_price"] = "9.50"
    data = {
        "supplier_number": "S-1", "sku": "TYRE", "supplier_sku": "T-9", "rank": "1", "lead_time_days": "9",
        "minimum": "10", "multiple": "5", "over_percent": "10", "under_percent": "0", "inspects": "on",
        "is_active": "on",
    }  # fmt: skip
    answer = manager.post(at("supplier_item_new"), {**data, **rows("prices", price, price)})
    assert answer.status_code != 302
    assert not SupplierItem.objects.exists()
    assert manager.post(at("supplier_item_new"), {**data, **rows("prices", price)}).status_code == 302
    terms = SupplierItem.objects.get()
    assert (terms.lead_time_days, terms.multiple, terms.prices.count()) == (9, 5, 1)
    assert "T-9" in manager.get(at("supplier_item_edit", terms.id)).content.decode()
    assert "TYRE" in manager.get(at("supplier_items")).content.decode()


def test_a_transfer_goes_from_site_to_site(manager: Client) -> None:
    build.receive({("SHOP", "TYRE"): "10"})
    data = {
        "from_site": "SHOP", "to_site": "DC", "number": "", "ship_on": str(build.TODAY), "transit_days": "2",
        "note": "", "at_once": "on", **rows("lines", {"sku": "TYRE", "quantity": "8"}),
    }  # fmt: skip
    assert manager.post(at("transfer_new"), data).status_code == 302
    transfer = TransferOrder.objects.get()
    assert transfer.state == "placed"
    page = at("transfer", transfer.id)
    said(manager, at("transfer_step", transfer.id), {"do": "ship"})
    line = queries.transfers([transfer.id])[transfer.id].lines[0]
    came = {"seen": seen(manager, page), "line": str(line.id)}
    said(manager, at("transfer_receive", transfer.id), {**came, "quantity": "5"})
    said(
        manager,
        at("transfer_receive", transfer.id),
        {**came, "seen": seen(manager, page), "quantity": "3", "lost": "1"},
    )
    transfer.refresh_from_db()
    assert transfer.state == "received"
    clean()


def test_lists_and_pages_ask_no_more_of_many_rows(manager: Client) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert manager.get(path).status_code == 200
        return len(captured)

    first = bought()
    asked(at("purchases"))
    before = [asked(at("purchases")), asked(at("purchase", first))]
    for _ in range(8):
        bought()
    line = PurchaseLineDraft("TYRE", Decimal(1), COMES)
    many = supply.order_purchases([PurchaseDraft("S-1", "DC", "EUR", build.TODAY, (line,) * 20)], **BY).one()
    assert [asked(at("purchases")), asked(at("purchase", many))] == before
    asks = "?q=TYRE&state=sent&site=DC&on_from=2020-01-01&late=1&jeopardy=1&inspecting=1"
    for route in ("purchases", "transfers", "supplier_items"):
        assert manager.get(at(route) + asks + "&inspects=1").status_code == 200
