"""One order's day, told through the REST API: from capture to closed, in parts, as a service, and undone again.

The worker is called where it would run beside. Everything else is what a shop, a warehouse and an
accountant would send.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from auftakt.billing.models import Posting
from auftakt.cli.verify import checks
from auftakt.inventory.models import Bucket, Move
from auftakt.orchestration import actions as orchestration
from tests import build
from tests.edges.api import ROOT, caller, order, send

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Day:
    """The people of the story, each with the requests they make."""

    client: Client

    def get(self, path: str, **asked: object) -> Any:
        answer = self.client.get(f"{ROOT}{path}", asked)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def post(self, path: str, body: object, status: int = 200) -> Any:
        answer = send(self.client, path, body)
        assert answer.status_code == status, answer.content
        return answer.json()

    def order(self, *lines: tuple[str, str], **values: object) -> str:
        """A shop sends an order; the worker takes it up."""
        wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
        made = self.post("/orders", order(lines=wanted, **values), 201)
        self.work()
        return made["id"]

    def work(self) -> None:
        """The worker, until nothing moves any more."""
        orchestration.drain(actor="worker", at=timezone.now())

    def releases(self, order_id: str) -> list[dict[str, Any]]:
        """What the sites have been asked to do for an order."""
        found = [row["release"] for site in ("DC", "SHOP") for row in self.get("/releases", site=site)["items"]]
        return [each for each in found if each["order_id"] == order_id]

    def warehouse_ships(self, order_id: str) -> list[str]:
        """Picked, packed, handed to the carrier; the ids of the shipments."""
        shipments: list[str] = []
        for each in self.releases(order_id):
            self.post(f"/releases/{each['id']}/pick", {})
            self.post(f"/releases/{each['id']}/pack", {"parcels": [{"weight_kg": "5"}]})
            carried = {"carrier": "dhl", "tracking_number": f"T-{each['number']}"}
            shipments.append(self.post(f"/releases/{each['id']}/ship", carried)["id"])
        self.work()
        return shipments

    def invoices(self, order_id: str, kind: str = "invoice") -> list[dict[str, Any]]:
        found = self.get("/invoices", order_id=order_id, kind=kind)["items"]
        return sorted(found, key=lambda each: each["number"])

    def customer_pays(self, order_id: str) -> list[str]:
        """A bank transfer for each open invoice; the ids of the payments."""
        paid: list[str] = []
        for bill in self.invoices(order_id):
            if Decimal(bill["open_amount"]):
                receipt = {"method": "bank_transfer", "amount": bill["open_amount"], "currency": "EUR",
                           "received_on": timezone.now().date().isoformat(), "reference": f"BANK-{bill['number']}",
                           "invoice_number": bill["number"]}  # fmt: skip
                paid.append(self.post("/payments", receipt)["id"])
        self.work()
        return paid

    def state(self, order_id: str) -> str:
        return self.get(f"/orders/{order_id}")["order"]["state"]

    def steps(self, order_id: str) -> dict[tuple[str, str], int]:
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for step in self.get(f"/orders/{order_id}/steps")["items"]:
            counts[step["key"], step["state"]] += 1
        return dict(counts)


@pytest.fixture
def day() -> Day:
    build.company()
    build.done(orchestration.install_default_policies(actor="test", at=build.AT))
    made = Day(caller())
    made.work()
    return made


def on_hand(sku: str) -> tuple[Decimal, Decimal]:
    """What lies on all shelves, and how much of it is promised."""
    found = Bucket.objects.filter(item__sku=sku, kind="on_hand").values_list("quantity", "drawn")
    return sum((each[0] for each in found), Decimal(0)), sum((each[1] for each in found), Decimal(0))


def accounts() -> dict[str, Decimal]:
    """The balance of every money account that is not even."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for account, amount in Posting.objects.values_list("account", "amount"):
        sums[account] += amount
    return {account: amount for account, amount in sums.items() if amount}


def violations() -> dict[str, str | None]:
    return {check.name: check.example for check in checks() if check.violations}


def test_one_orders_day(day: Day) -> None:
    before = on_hand("BIKE")[0]
    order_id = day.order(("BIKE", "2"), ("HELMET", "3"))
    page = day.get(f"/orders/{order_id}")
    assert (page["order"]["net"], page["order"]["tax"], page["order"]["gross"]) == ("2150.00", "408.50", "2558.50")
    assert all(line["waterfall"] for line in page["lines"])
    assert all(piece["is_promised"] and piece["promise"] for piece in page["fulfilment_lines"])
    assert (
        day.post("/orders", order(lines=[{"sku": "BIKE", "quantity": "2"}, {"sku": "HELMET", "quantity": "3"}]))[
            "result"
        ]
        == "unchanged"
    )
    assert on_hand("BIKE") == (before, 2)
    (release,) = day.releases(order_id)
    assert release["state"] == "released"

    (shipment,) = day.warehouse_ships(order_id)
    assert on_hand("BIKE") == (before - 2, 0)
    assert Move.objects.filter(reference_id=shipment).count() == 2
    (bill,) = day.invoices(order_id)
    assert (bill["net"], bill["tax"], bill["gross"], bill["state"]) == ("2150.00", "408.50", "2558.50", "open")
    assert accounts() == {
        "receivables": Decimal("2558.50"),
        "revenue": Decimal(-2150),
        "tax_payable": Decimal("-408.50"),
    }

    day.customer_pays(order_id)
    assert day.state(order_id) == "closed"
    closure = day.get(f"/orders/{order_id}")["closure"]
    assert closure["perfect"], closure
    assert accounts() == {"bank": Decimal("2558.50"), "revenue": Decimal(-2150), "tax_payable": Decimal("-408.50")}
    verbs = [entry["verb"] for entry in reversed(day.get(f"/orders/{order_id}/timeline")["items"])]
    milestones = ["order.captured", "run.started", "fulfilment.released", "fulfilment.picked", "fulfilment.packed",
                  "fulfilment.shipped", "billing.invoiced", "billing.paid", "order.closed"]  # fmt: skip
    assert [verb for verb in verbs if verb in milestones] == milestones
    assert day.get(f"/orders/{order_id}/progress")["stage"] == "closed"
    assert violations() == {}


def test_what_is_there_goes_and_the_rest_follows(day: Day) -> None:
    order_id = day.order(("TEE-S", "32"))
    page = day.get(f"/orders/{order_id}")
    assert sorted((piece["quantity"], piece["is_promised"]) for piece in page["fulfilment_lines"]) == [
        ("12", False), ("20", True),
    ]  # fmt: skip
    day.warehouse_ships(order_id)
    assert [bill["gross"] for bill in day.invoices(order_id)] == ["595.00"]
    assert day.steps(order_id)["reserve", "waiting"] == 1

    today = timezone.now().date()
    purchase = {"number": "PO-7", "supplier_number": "S-1", "site_code": "DC", "currency": "EUR",
                "ordered_on": today.isoformat(),
                "lines": [{"sku": "TEE-S", "quantity": "12", "unit_cost": "9",
                           "expected_on": (today + timedelta(days=1)).isoformat()}]}  # fmt: skip
    bought = day.post("/purchase-orders", purchase)["id"]
    day.work()
    assert all(piece["is_promised"] for piece in day.get(f"/orders/{order_id}")["fulfilment_lines"])
    assert day.releases(order_id) == []
    line_id = day.get(f"/purchase-orders/{bought}")["lines"][0]["id"]
    day.post("/purchase-receipts", {"line_id": line_id, "quantity": "12"})
    orchestration.drain(actor="worker", at=timezone.now() + timedelta(days=2))
    assert len(day.releases(order_id)) == 1

    day.warehouse_ships(order_id)
    bills = day.invoices(order_id)
    assert [bill["gross"] for bill in bills] == ["595.00", "357.00"]
    assert sum(Decimal(bill["gross"]) for bill in bills) == Decimal(page["order"]["gross"])
    day.customer_pays(order_id)
    assert day.state(order_id) == "closed"
    assert on_hand("TEE-S") == (0, 0)
    assert violations() == {}


def test_a_service_is_invoiced_when_it_was_done(day: Day) -> None:
    order_id = day.order(("FITTING", "1.5"))
    assert day.steps(order_id) == {("perform", "waiting"): 1}
    assert day.invoices(order_id) == []
    (piece,) = day.get(f"/orders/{order_id}")["fulfilment_lines"]
    day.post("/performances", {"fulfilment_line_ids": [piece["id"]]})
    day.work()
    (bill,) = day.invoices(order_id)
    page = day.get(f"/orders/{order_id}")
    assert bill["gross"] == page["order"]["gross"]
    assert Decimal(bill["net"]) == Decimal(90) + sum(Decimal(each["net"]) for each in page["charges"])
    assert not Move.objects.filter(item__sku="FITTING").exists()
    day.customer_pays(order_id)
    assert day.state(order_id) == "closed"
    assert violations() == {}


def test_cancelled_credited_and_paid_back(day: Day) -> None:
    order_id = day.order(("HELMET", "10"), ("TYRE", "4"))
    day.warehouse_ships(order_id)
    (paid,) = day.customer_pays(order_id)
    assert day.state(order_id) == "submitted"
    day.post(f"/orders/{order_id}/cancel", {"reason": "no tyres to be had"})
    day.work()
    assert day.state(order_id) == "closed"
    closure = day.get(f"/orders/{order_id}")["closure"]
    assert (closure["in_full"], closure["perfect"]) == (False, False)

    (bill,) = day.invoices(order_id)
    assert bill["net"] == "500.00"
    line = day.get(f"/invoices/{bill['id']}")["lines"][0]
    credit = {"invoice_id": bill["id"], "reason": "two were scratched",
              "pieces": [{"invoice_line_id": line["id"], "quantity": "2"}]}  # fmt: skip
    day.post("/credit-notes", credit)
    (note,) = day.invoices(order_id, "credit_note")
    assert abs(Decimal(note["gross"])) == Decimal("119.00")
    day.post(f"/payments/{paid}/refunds", {"amount": "119.00", "reason": "two were scratched", "reference": "OUT-1"})
    assert accounts() == {"bank": Decimal("476.00"), "revenue": Decimal(-400), "tax_payable": Decimal(-76)}
    assert on_hand("HELMET") == (90, 0)
    day.work()
    assert day.state(order_id) == "closed"
    assert violations() == {}
