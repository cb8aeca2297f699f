"""The planner's bench: figures that agree, alternatives that change nothing, choices taken as shown or not at all."""

import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from auftakt.cli.verify import checks
from auftakt.orders import queries as orders
from auftakt.platform.models import JournalEntry
from auftakt.promising.models import Commitment
from auftakt.supply import actions as supply
from auftakt.supply import queries as documents
from auftakt.supply.types import PriceBreak, Rescheduling, SupplierItemDraft
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(monkeypatch: pytest.MonkeyPatch) -> Client:
    build.company(stock={})
    monkeypatch.setattr(timezone, "now", lambda: build.AT)
    return logged_in("planner")


def at(route: str, **query: Any) -> str:
    told = "&".join(f"{name}={value}" for name, value in query.items())
    return reverse(f"console:{route}") + (f"?{told}" if told else "")


def rows(client: Client, path: str) -> list[Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    return list(answer.context["page"].rows)


def bought(sku: str, quantity: str, on: int, site: str = "DC") -> UUID:
    order = build.purchase(sku, quantity, build.TODAY + timedelta(days=on), site=site)
    return documents.purchases([order])[order].lines[0].id


def slips(line: UUID, on: int) -> None:
    supply.reschedule([Rescheduling(line, build.TODAY + timedelta(days=on))], actor="test", at=build.AT).one()


def shortage() -> tuple[list[UUID], UUID]:
    """Orders on tyres that slip, orders without any supply, a wish that is missed, and an order that is safe."""
    terms = SupplierItemDraft("S-1", "LOCK", 7, prices=(PriceBreak(Decimal(1), Decimal(9)),))
    build.done(supply.save_supplier_items([terms], actor="test", at=build.AT))
    tyres = bought("TYRE", "40", 5)
    made = [build.order(lines=[("TYRE", "5")], customer=customer) for customer in ("C-1", "C-2", "C-1")]
    made += [build.order(lines=[("LOCK", "3"), ("BIKE", "1")], customer="C-2")]
    slips(tyres, 30)
    bought("HELMET", "10", 12)
    wish = build.TODAY + timedelta(days=3)
    made += [build.order(lines=[("HELMET", "2")], requested_arrival_on=wish)]
    build.receive({("DC", "CHAIN-KG"): "10"})
    build.order(lines=[("CHAIN-KG", "2")])
    return made, tyres


def test_three_summaries_come_to_the_list_and_each_count_leads_to_its_lines(planner: Client) -> None:
    shortage()
    listed = rows(planner, at("planning"))
    assert Counter(row.reason for row in listed) == {"supply_late": 3, "unpromised": 2, "later_than_wished": 1}
    page = planner.get(at("planning"))
    assert page.context["total"] == len(listed) == 6
    for each in page.context["summaries"]:
        assert sum(share.lines for share, _ in each["shares"]) + each["rest"] == 6
        keys = {"customer": "customer", "item": "sku", "supplier": "supplier"}[each["by"]]
        for share, href in each["shares"]:
            found = rows(planner, href)
            assert len(found) == share.lines
            assert {row.id for row in found} == {row.id for row in listed if getattr(row, keys) == share.code}
    by_supplier = next(each for each in page.context["summaries"] if each["by"] == "supplier")
    assert {share.code: share.lines for share, _ in by_supplier["shares"]} == {"S-1": 4, "-": 2}
    for reason, count in Counter(row.reason for row in listed).items():
        assert len(rows(planner, at("planning", reason=reason))) == count


def test_late_supply_names_exactly_the_lines_that_are_hit(planner: Client) -> None:
    made, _ = shortage()
    (row,) = rows(planner, at("planning_supply"))
    assert (row.sku, row.reason, row.lines, row.orders, row.hit, row.drawn) == ("TYRE", "supply_late", 3, 3, 15, 15)
    hit = rows(planner, at("planning", supply=row.document))
    assert {each.order_id for each in hit} == set(made[:3])
    assert {(each.customer, (each.comes_on - build.TODAY).days) for each in hit} == {("C-1", 31), ("C-2", 32)}


def test_overdue_supply_is_in_jeopardy_promised_or_not(planner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    bought("TYRE", "10", 2)
    bought("LOCK", "10", 2)
    order = build.order(lines=[("TYRE", "5")], requested_arrival_on=build.TODAY + timedelta(days=9))
    assert (rows(planner, at("planning")), rows(planner, at("planning_supply"))) == ([], [])
    monkeypatch.setattr(timezone, "now", lambda: build.AT + timedelta(days=4))
    found = {row.sku: (row.reason, row.overdue_days, row.lines) for row in rows(planner, at("planning_supply"))}
    assert found == {"TYRE": ("supply_overdue", 2, 1), "LOCK": ("supply_overdue", 2, 0)}
    assert [row.sku for row in rows(planner, at("planning_supply", promised=1))] == ["TYRE"]
    assert [(row.order_id, row.reason) for row in rows(planner, at("planning"))] == [(order, "supply_overdue")]


def chosen(page: str) -> dict[str, str]:
    """What the page's form would send as it stands: the choices that are made already."""
    radios = re.findall(r'<input type="radio"[^>]*name="(choice-[^"]+)" value="([^"]*)"[^>]* checked', page)
    return dict(radios)


def test_a_shortage_is_found_and_solved(planner: Client) -> None:
    _, tyres = shortage()
    build.receive({("SHOP", "TYRE"): "10"})
    before = set(Commitment.objects.values_list("id", "bucket_id", "quantity"))
    document = rows(planner, at("planning_supply"))[0].document
    hit = rows(planner, at("planning", supply=document))
    page = planner.post(at("planning_weigh"), {"row": [str(row.id) for row in hit]}).content.decode()
    assert set(Commitment.objects.values_list("id", "bucket_id", "quantity")) == before
    choices = chosen(page)
    assert (len(choices), sum(1 for token in choices.values() if token)) == (2, 2)
    answer = planner.post(at("planning_apply"), choices)
    assert (answer.context["done"], answer.context["refused"]) == (2, 0)
    assert len(rows(planner, at("planning", supply=document))) == 1
    assert JournalEntry.objects.filter(verb="order.promised").count() == 2
    again = planner.post(at("planning_apply"), choices)
    assert (again.context["done"], again.context["refused"]) == (0, 2)
    broken = {check.name: check.example for check in checks() if check.violations}
    assert broken.keys() <= {"identity.active_admin"}
    assert documents.lines([tyres])[tyres].open == 40


def test_a_stale_choice_is_refused_and_its_line_stays(planner: Client) -> None:
    shortage()
    build.receive({("SHOP", "TYRE"): "5"})
    line = next(row for row in rows(planner, at("planning", reason="supply_late")))
    choices = chosen(planner.get(at("planning_weigh", row=line.id)).content.decode())
    build.order(lines=[("TYRE", "5")])
    stands = orders.fulfilment_lines(ids=[line.id])[line.id]
    answer = planner.post(at("planning_apply"), choices)
    assert (answer.context["done"], answer.context["refused"]) == (0, 1)
    assert orders.fulfilment_lines(ids=[line.id])[line.id] == stands
    assert str(line.id) in answer.content.decode()
    assert not JournalEntry.objects.filter(verb="order.promised").exists()


def test_a_choice_that_is_not_ours_and_a_role_that_may_not(planner: Client) -> None:
    shortage()
    build.receive({("SHOP", "TYRE"): "50"})
    before = set(Commitment.objects.values_list("id", "bucket_id", "quantity"))
    line = rows(planner, at("planning", reason="supply_late"))[0]
    choices = chosen(planner.get(at("planning_weigh", row=line.id)).content.decode())
    bent = {name: f"{token[:-3]}xyz" for name, token in choices.items()}
    assert planner.post(at("planning_apply"), bent).status_code == 302
    viewer = logged_in("viewer")
    assert viewer.get(at("planning")).status_code == 200
    assert "planning_apply" not in viewer.get(at("planning_weigh", row=line.id)).content.decode()
    assert viewer.post(at("planning_apply"), choices).status_code == 403
    assert set(Commitment.objects.values_list("id", "bucket_id", "quantity")) == before


def test_all_that_match_are_weighed_and_too_many_are_not(planner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shortage()
    build.receive({("SHOP", "TYRE"): "50"})
    page = planner.post(at("planning_weigh"), {"filter": "reason=supply_late"})
    assert len(page.context["cases"]) == 3
    monkeypatch.setattr("auftakt.console.views.planning.MOST", 2)
    assert planner.post(at("planning_weigh"), {"filter": "reason=supply_late"}).status_code == 302
    assert planner.get(at("planning_weigh")).status_code == 302


def test_the_pages_cost_the_same_statements_for_few_lines_and_for_many(planner: Client) -> None:
    shortage()
    build.receive({("SHOP", "TYRE"): "200"})
    counts: list[dict[str, int]] = []
    for _ in range(2):
        found = rows(planner, at("planning"))
        paths = [
            at("planning"),
            at("planning_supply"),
            at("planning_weigh") + "?" + "&".join(f"row={r.id}" for r in found),
        ]
        counts.append({})
        for number, path in enumerate(paths):
            with CaptureQueriesContext(connection) as seen:
                assert planner.get(path).status_code == 200
            counts[-1][str(number)] = len(seen)
        more = bought("TYRE", "60", 6)
        for _number in range(12):
            build.order(lines=[("TYRE", "5"), ("LOCK", "1")], requested_arrival_on=build.TODAY + timedelta(days=8))
        slips(more, 40)
    assert counts[0] == counts[1]
    assert max(counts[0].values()) <= 30
