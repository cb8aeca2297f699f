"""Replenishment in the console: from a policy over a run to orders; the grid, and who may."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.platform import jobs
from auftakt.supply import actions as supply
from auftakt.supply import queries
from auftakt.supply.models import Proposal, PurchaseOrder
from auftakt.supply.types import PolicyDraft, PriceBreak, SupplierItemDraft, SupplierTermsDraft
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": build.ACTOR, "at": build.AT}
LEVEL: dict[str, Any] = {"method": "min_max", "maximum": Decimal(300), "demand_per_day": Decimal(20)}


@pytest.fixture
def planner() -> Client:
    build.company(stock={})
    _deliver("TYRE")
    return logged_in("planner")


def _deliver(*skus: str) -> None:
    prices = (PriceBreak(Decimal(0), Decimal(10)),)
    terms = [SupplierItemDraft("S-1", sku, 5, multiple=Decimal(25), prices=prices) for sku in skus]
    build.done(supply.save_supplier_items(terms, **BY))


def at(route: str, *args: Any) -> str:
    return reverse(f"console:{route}", args=args)


def _run(client: Client) -> None:
    answer = client.post(at("replenishment_run"))
    assert answer.status_code == 302
    jobs.run(UUID(answer["Location"].rstrip("/").rsplit("/", 1)[1]))


def _told(client: Client, path: str, data: dict[str, Any] | None = None) -> str:
    answer = client.post(path, data, follow=True) if data is not None else client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_a_policy_to_an_order(planner: Client) -> None:
    form = {"sku": "TYRE", "site_code": "DC", "method": "min_max", "maximum": "300", "demand_per_day": "20",
            "safety_stock": "40", "service_level": "", "source": ""}  # fmt: skip
    wrong = planner.post(at("replenishment_policy_new"), form | {"maximum": "10"})
    assert "The maximum is below" in wrong.content.decode() or "below the minimum" in wrong.content.decode()
    assert queries.policies() == []
    assert planner.post(at("replenishment_policy_new"), form).status_code == 302
    (policy,) = queries.policies()
    assert (policy.safety_stock, policy.service_level, policy.cover_days) == (40, 95, 0)
    assert "TYRE" in _told(planner, at("replenishment_policies"))
    _run(planner)
    (found,) = queries.proposals()
    page = _told(planner, at("proposal", found.id))
    assert "140" in page
    assert "300" in page
    assert "TYRE" in _told(planner, at("replenishment"))
    assert "supplier" in _told(planner, at("proposals_weigh"), {"row": str(found.id)})
    assert PurchaseOrder.objects.count() == 0
    _told(planner, at("proposals_decide"), {"row": str(found.id), "verb": "approve"})
    order = PurchaseOrder.objects.get()
    assert order.number in _told(planner, at("proposal", found.id))
    _run(planner)
    assert Proposal.objects.count() == 1


def test_all_that_match_are_weighed_and_rejected(planner: Client) -> None:
    build.done(supply.save_policies([PolicyDraft("TYRE", site, **LEVEL) for site in ("DC", "SHOP")], **BY))
    _run(planner)
    page = _told(planner, at("proposals_weigh"), {"filter": "state=proposed&site=SHOP"})
    assert page.count('name="row"') == 1
    rows = [str(each.id) for each in queries.proposals()]
    _told(planner, at("proposals_decide"), {"row": rows, "verb": "reject", "note": "enough"})
    assert {each.state for each in queries.proposals()} == {"rejected"}
    assert "None of them waits" in _told(planner, at("proposals_weigh"), {"row": rows})


def test_what_is_held_says_so_and_may_be_ordered_all_the_same(planner: Client) -> None:
    build.done(supply.save_supplier_terms([SupplierTermsDraft("S-1", Decimal(5000))], **BY))
    build.done(supply.save_policies([PolicyDraft("TYRE", "DC", **LEVEL)], **BY))
    _run(planner)
    (found,) = queries.proposals()
    assert "It is held" in _told(planner, at("proposal", found.id))
    refused = _told(planner, at("proposals_decide"), {"row": str(found.id), "verb": "approve"})
    assert "takes orders from 5000" in refused
    assert not PurchaseOrder.objects.exists()
    _told(planner, at("proposals_decide"), {"row": str(found.id), "verb": "approve", "below_minimum": "on"})
    assert PurchaseOrder.objects.count() == 1


def test_the_grid_changes_only_what_was_changed(planner: Client) -> None:
    build.done(supply.save_policies([PolicyDraft("TYRE", "DC", buyer="ann", **LEVEL)], **BY))
    seen = str(planner.get(at("replenishment_grid")).context["sheet"].seal)
    first = {"sku": "TYRE", "site_code": "DC", "method": "min_max", "maximum": "400", "lot": "0", "cover_days": "0",
             "review_days": "0", "service_level": "95"}  # fmt: skip
    second = first | {"site_code": "SHOP", "method": "days_of_cover", "cover_days": "9", "maximum": ""}
    data = {"seen": seen, "policies-TOTAL_FORMS": "2", "policies-INITIAL_FORMS": "0"}
    for index, row in enumerate((first, second)):
        data |= {f"policies-{index}-{name}": value for name, value in row.items()}
    answer = planner.post(at("replenishment_grid"), data)
    assert answer.status_code == 302, answer.content.decode()
    dc, shop = queries.policies()
    assert (dc.maximum, dc.buyer, dc.demand_per_day) == (400, "ann", 20)
    assert (shop.method, shop.cover_days, shop.service_level) == ("days_of_cover", 9, 95)


def test_who_only_looks_changes_nothing(planner: Client) -> None:
    viewer = logged_in("viewer")
    assert viewer.get(at("replenishment")).status_code == 200
    for route in ("replenishment_run", "proposals_decide", "proposals_weigh", "replenishment_grid"):
        assert viewer.post(at(route)).status_code == 403


def test_pages_cost_the_same_for_few_and_many(planner: Client) -> None:
    def cost() -> list[int]:
        found: list[int] = []
        one = queries.proposals()[0].id
        for path in (at("replenishment"), at("replenishment_policies"), at("proposal", one), at("replenishment_grid")):
            with CaptureQueriesContext(connection) as caught:
                _told(planner, path)
            found.append(len(caught))
        return found

    build.done(supply.save_policies([PolicyDraft("TYRE", "DC", **LEVEL)], **BY))
    _run(planner)
    few = cost()
    _deliver("HELMET", "BIKE", "LOCK")
    many = [PolicyDraft(sku, site, **LEVEL) for sku in ("HELMET", "BIKE", "LOCK") for site in ("DC", "SHOP")]
    build.done(supply.save_policies(many, **BY))
    _run(planner)
    assert cost() == few
