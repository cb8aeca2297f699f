"""A company and the life of its orders, through the API alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from auftakt.documents.actions import file
from auftakt.documents.models import DocumentView
from auftakt.documents.types import DocumentDraft
from auftakt.orchestration import actions as orchestration
from auftakt.orders.models import Order
from auftakt.pricing.models import Price
from tests import build
from tests.edges.api import ROOT, caller, findings, lines, order, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    build.company()
    return caller()


def get(client: Client, path: str, **asked: object) -> Any:
    answer = client.get(f"{ROOT}{path}", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def saved(client: Client, path: str, body: object) -> dict[str, Any]:
    answer = send(client, path, body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["result"] == "saved"
    return answer.json()


def test_a_company_is_built_through_the_api() -> None:
    client = caller()
    address = {"street": "Kai 1", "city": "Hamburg", "postal_code": "20457", "country": "DE",
               "is_default_bill_to": True, "is_default_ship_to": True}  # fmt: skip
    saved(client, "/payment-terms", {"code": "NET30", "name": "30 days net"})
    saved(client, "/legal-entities", {"code": "AUF", "name": "Auftakt", "street": "Kai 1", "city": "Hamburg",
                                      "country": "DE", "currency": "EUR", "postal_code": "20457"})  # fmt: skip
    saved(client, "/parties", {"number": "C-1", "name": "Radhaus", "payment_terms": "NET30", "addresses": [address],
                               "credit_limit": "10000"})  # fmt: skip
    saved(client, "/parties", {"number": "S-1", "name": "Frames", "is_customer": False, "is_supplier": True})
    saved(client, "/units", {"code": "each", "name": "Each"})
    saved(client, "/units", {"code": "case", "name": "Case"})
    saved(client, "/categories", {"code": "ALL", "name": "All"})
    saved(client, "/brands", {"code": "AUF", "name": "Auftakt"})
    item = saved(client, "/items", {"sku": "BIKE", "name": "Bike", "weight_kg": "14", "category": "ALL",
                                    "activate": True, "units": [{"unit": "case", "factor": 2}]})  # fmt: skip
    saved(client, "/sites", {"code": "DC", "name": "Centre", "kind": "distribution_centre", "country": "DE"})
    saved(client, "/sites", {"code": "SHOP", "name": "Shop", "kind": "store", "country": "DE"})
    saved(client, "/lanes", {"site_code": "DC", "country": "DE", "transit_days": 1, "cost": "4"})
    saved(client, "/price-lists", {"code": "LIST", "name": "List", "currency": "EUR"})
    saved(client, "/prices", {"price_list": "LIST", "sku": "BIKE", "unit_price": "1000"})
    saved(client, "/tax-rates", {"country": "DE", "tax_category": "standard", "name": "MwSt.", "rate": "19"})
    shipping = {"zones": [{"code": "DE", "name": "Germany", "countries": ["DE"]}],
                "rates": [{"zone": "DE", "currency": "EUR", "amount": "4.90", "free_from": "200"}]}  # fmt: skip
    assert send(client, "/shipping", shipping, "put").status_code == 200
    saved(client, "/discounts", {"code": "TEN", "name": "Ten off", "kind": "percent", "value": 10, "from_quantity": 5})
    saved(client, "/stock/receipts", {"site": "DC", "item": "BIKE", "quantity": 3})
    assert get(client, "/items", text="bike")["items"][0]["units"]["case"] == "2"
    assert get(client, f"/items/{item['id']}")["sku"] == "BIKE"
    quote = send(client, "/price-quotes", {"customer_number": "C-1", "country": "DE",
                                           "lines": [{"sku": "BIKE", "quantity": 5}]}).json()  # fmt: skip
    assert (quote["net"], quote["gross"]) == ("4500.00", "5355.00")
    gap = send(client, "/price-quotes", {"country": "DE", "lines": [{"sku": "NIX", "quantity": 0}]})
    assert findings(gap) == {("currency_missing", "/currency"), ("unknown_item", "/lines/0/sku")}
    none = send(client, "/promise-inquiries", {"country": "DE", "lines": [{"sku": "BIKE", "quantity": "0.5"}]})
    assert findings(none) == {("quantity_invalid", "/lines/0/quantity")}
    asked = send(client, "/promise-inquiries", {"country": "DE", "lines": [{"sku": "BIKE", "quantity": 4}]}).json()
    assert sum(int(piece["quantity"]) for piece in asked["promises"][0]["pieces"] if piece["site_code"] == "DC") == 3
    made = send(client, "/orders", order(lines=[{"sku": "BIKE", "quantity": 1, "unit": "case"}]))
    assert made.status_code == 201, made.content


def test_stock_moves_and_is_known_for_the_past(client: Client) -> None:
    before = timezone.now().isoformat()
    moved = saved(client, "/stock/receipts", {"site": "DC", "item": "LOCK", "quantity": 5})
    saved(client, "/stock/adjustments", {"site": "DC", "item": "LOCK", "difference": -2, "reason": "damage"})
    saved(client, "/stock/transfers", {"from_site": "DC", "to_site": "SHOP", "item": "LOCK", "quantity": 3})
    assert saved(client, "/stock/counts", {"site": "SHOP", "item": "LOCK", "counted": 2})["difference"] == "-1"
    shown = {row["site_code"]: row["on_hand"] for row in get(client, "/stock", text="LOCK")["items"]}
    assert shown == {"DC": "100", "SHOP": "2"}
    past = get(client, "/stock/at", at=before, sku="LOCK")["items"]
    assert [(row["site_code"], row["quantity"]) for row in past] == [("DC", "100")]
    item = build.item_id("LOCK")
    first = get(client, f"/items/{item}/moves", limit=2)
    rest = get(client, f"/items/{item}/moves", limit=10, cursor=first["next"])
    assert len(first["items"]) + len(rest["items"]) == 5
    assert get(client, f"/items/{item}/supply")["items"]
    assert send(client, "/stock/reversals", {"move_ids": [moved["id"]]}).json()["done"]
    too_much = send(client, "/stock/transfers", {"from_site": "SHOP", "to_site": "DC", "item": "LOCK", "quantity": 30})
    assert "stock_insufficient" in {code for code, _ in findings(too_much)}
    strange = send(client, "/stock/receipts", {"site": "MOON", "item": "LOCK", "quantity": 1, "unit": "barrel"})
    assert {code for code, _ in findings(strange)} == {"site_unknown", "unit_unknown"}
    free = {row["site_code"]: row["free_now"] for row in get(client, "/availability", sku="LOCK")["items"]}
    assert free["SHOP"] == "2"


def test_purchases_come_in_and_serve_promises(client: Client) -> None:
    soon = timezone.localdate() + timedelta(days=3)
    body = {"supplier_number": "S-1", "site_code": "DC", "currency": "EUR", "ordered_on": str(timezone.localdate()),
            "number": "PO-77",
            "lines": [{"sku": "TYRE", "quantity": 10, "expected_on": str(soon), "unit_cost": "7.5"}]}  # fmt: skip
    placed = saved(client, "/purchase-orders", body)
    made = send(client, "/orders", order(lines=[{"sku": "TYRE", "quantity": 4}])).json()
    assert made["lines"][0]["promises"][0]["ship_on"] >= str(soon)
    purchase = get(client, f"/purchase-orders/{placed['id']}")
    line = purchase["lines"][0]
    assert (purchase["head"]["number"], line["promised"]) == ("PO-77", "4")
    later = str(soon + timedelta(days=1))
    saved(client, "/purchase-reschedulings", {"line_id": line["id"], "expected_on": later})
    saved(client, "/purchase-receipts", {"line_id": line["id"], "quantity": 6})
    refused = send(client, "/purchase-receipts", {"line_id": line["id"], "quantity": 60})
    assert refused.status_code == 422
    assert {code for code, _ in findings(refused)} == {"over_receipt"}
    promised = send(client, "/purchase-cancellations", {"line_id": line["id"]})
    assert findings(promised) == {("supply_promised", "/quantity")}
    assert send(client, f"/orders/{made['id']}/cancel", {}).status_code == 200
    saved(client, "/purchase-cancellations", {"line_id": line["id"]})
    assert get(client, "/purchase-orders", text="PO-77")["items"][0]["state"] == "received"


@pytest.mark.django_db(transaction=True)
def test_an_order_goes_from_capture_to_paid(client: Client) -> None:
    orchestration.install_default_policies(actor="t", at=build.AT)
    made = send(client, "/orders", order()).json()
    orchestration.drain(actor="t", at=timezone.now())
    (release,) = get(client, "/releases", site="DC")["items"]
    key = release["release"]["id"]
    assert len(get(client, f"/releases/{key}")["picks"]) == 2
    assert send(client, f"/releases/{key}/ship", {}).status_code == 409
    assert send(client, f"/releases/{key}/pick", None).status_code == 200
    assert send(client, f"/releases/{key}/pack", {"parcels": [{"weight_kg": "15"}]}).status_code == 200
    shipped = send(client, f"/releases/{key}/ship", {"carrier": "dhl", "tracking_number": "T-1"}).json()
    event = {"code": "delivered", "happened_at": timezone.now().isoformat(), "tracking_number": "T-1"}
    saved(client, "/tracking-events", event)
    assert get(client, f"/shipments/{shipped['id']}")["state"] == "delivered"
    assert len(get(client, "/shipments")["items"]) == len(get(client, "/shipments", number="T-1")["items"]) == 1
    orchestration.drain(actor="t", at=timezone.now())
    (invoice,) = get(client, f"/orders/{made['number']}/invoices")["items"]
    assert (invoice["gross"], invoice["state"]) == ("1309.00", "open")
    receipt = {"method": "bank_transfer", "amount": "1309.00", "currency": "EUR", "reference": "BANK-1",
               "received_on": str(timezone.localdate()), "invoice_number": invoice["number"]}  # fmt: skip
    saved(client, "/payments", receipt)
    saved(client, "/payments", receipt)
    assert len(get(client, f"/orders/{made['number']}/payments")["items"]) == 1
    assert get(client, f"/invoices/{invoice['id']}")["invoice"]["state"] == "paid"
    orchestration.drain(actor="t", at=timezone.now())
    assert get(client, f"/orders/{made['number']}")["order"]["state"] == "closed"
    credit = {"invoice_id": invoice["id"], "reason": "a scratch"}
    note = saved(client, "/credit-notes", credit)
    assert get(client, f"/invoices/{note['id']}")["invoice"]["kind"] == "credit_note"
    assert get(client, f"/orders/{made['id']}/steps")["items"]
    assert get(client, "/failed-steps")["items"] == []
    assert get(client, f"/orders/{made['number']}/shipments")["items"][0]["events"][0]["code"] == "delivered"


def test_a_document_that_is_opened_is_written_down(client: Client) -> None:
    made = send(client, "/orders", order()).json()
    draft = DocumentDraft("attachment", "order", made["id"], "A-1", "en", "note.csv", "text/csv", b"a,b\n1,2\n")
    build.done(file([draft], actor="t", at=build.AT))
    (filed,) = get(client, "/documents", subject_id=made["id"])["items"]
    assert DocumentView.objects.count() == 0
    content = client.get(f"{ROOT}/documents/{filed['id']}/content")
    assert (content.content, content["Content-Type"][:8]) == (b"a,b\n1,2\n", "text/csv")
    assert "attachment" in content["Content-Disposition"]
    assert get(client, f"/documents/{filed['id']}/views")["items"][0]["actor"] == "key:shop"


@pytest.mark.django_db(transaction=True)
def test_the_journal_is_a_feed(client: Client) -> None:
    send(client, "/orders", order())
    seen: list[str] = []
    cursor = ""
    while True:
        page = get(client, "/journal", limit=10, cursor=cursor)
        if not page["items"]:
            break
        seen += [row["verb"] for row in page["items"]]
        cursor = page["next"]
    assert "order.captured" in seen
    send(client, "/orders", order("W-2"))
    assert {row["verb"] for row in get(client, "/journal", cursor=cursor)["items"]} >= {"order.captured"}
    assert len(get(client, "/journal", verb="order.captured")["items"]) == 2


def test_a_hundred_thousand_lines_with_three_bad_ones(client: Client) -> None:
    rows: list[object] = [
        {"price_list": "LIST", "sku": "TYRE", "unit_price": "29.5", "from_quantity": n + 2} for n in range(100_000)
    ]
    rows[10] = '{"price_list": "LIST"'
    rows[50_000] = {"price_list": "LIST", "sku": "NOTHING", "unit_price": "1"}
    rows[99_999] = {"price_list": "LIST", "sku": "TYRE", "unit_price": "cheap"}
    before = Price.objects.count()
    answer = lines(client, "/prices/bulk?results=refused", rows)
    told = answer.json()
    assert told["counts"] == {"saved": 99_997, "refused": 3}, told
    assert [row["line"] for row in told["results"]] == [11, 50_001, 100_000]
    assert told["results"][2]["findings"][0]["place"] == "/unit_price"
    assert Price.objects.count() == before + 99_997
    over = lines(client, "/prices/bulk", ["{}"] * 100_001)
    assert (over.status_code, over.json()["code"]) == (413, "too_many_lines")


def test_bulk_refuses_what_is_no_ndjson(client: Client) -> None:
    answer = client.post(f"{ROOT}/orders/bulk", b"a;b", content_type="application/pdf")
    assert answer.status_code == 415
    assert lines(client, "/orders/bulk", []).status_code == 400
    told = lines(client, "/items/bulk", [{"sku": "NEW", "name": "New"}, {"sku": "", "name": "x"}, [1]]).json()
    assert told["counts"] == {"saved": 1, "refused": 2}
    assert Order.objects.count() == 0


def test_states_of_parties_and_items(client: Client) -> None:
    party = get(client, "/parties", text="C-2")["items"][0]
    assert send(client, f"/parties/{party['id']}/block", None).status_code == 200
    assert send(client, f"/parties/{party['id']}/block", None).status_code == 409
    assert findings(send(client, "/orders", order(customer_number="C-2"))) == {("customer_blocked", "/customer_number")}
    assert send(client, f"/parties/{party['id']}/unblock", None).status_code == 200
    assert send(client, f"/parties/{party['id']}/credit-limit", {"limit": "500"}, "put").status_code == 200
    assert get(client, f"/parties/{party['id']}")["credit"]["limit"] == "500.00"
    item = build.item_id("DRAFTED")
    assert send(client, f"/items/{item}/activate", None).status_code == 200
    assert send(client, f"/items/{item}/activate", None).status_code == 409
    assert send(client, f"/items/{item}/phase-out", None).status_code == 200
    assert get(client, f"/items/{item}/relations")["items"] == []
    for path in ("/units", "/categories", "/brands", "/sites", "/lanes", "/payment-terms", "/legal-entities",
                 "/price-lists", "/price-lists/LIST/prices", "/discounts", "/tax-rates", "/policies"):  # fmt: skip
        assert set(get(client, path)) == {"items", "next"}


@pytest.mark.django_db(transaction=True)
def test_a_provider_is_asked_only_where_there_is_one(client: Client) -> None:
    made = send(client, "/orders", order()).json()
    answer = send(client, f"/orders/{made['number']}/authorise", None, Idempotency_Key="k")
    assert {code for code, _ in findings(answer)} == {"method_without_provider"}
    nowhere = "00000000-0000-7000-8000-000000000000"
    for path in (f"/invoices/{nowhere}/collect", f"/payment-attempts/{nowhere}/settle"):
        assert send(client, path, None).status_code == 404
    decision = {"state": "declined", "reason": "the bank says so"}
    assert send(client, f"/payment-attempts/{nowhere}/decide", decision).status_code == 404
    refund = {"amount": "1", "reason": "a scratch", "reference": "R-1"}
    assert send(client, f"/payments/{nowhere}/refunds", refund).status_code == 404
    assert get(client, "/payment-attempts/in-doubt")["items"] == []
    assert get(client, "/open-items")["items"] == []
