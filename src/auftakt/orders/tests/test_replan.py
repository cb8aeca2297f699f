"""Lines in jeopardy: their alternatives, and taking them. What was shown is what is done, or nothing is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests import build

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft, RelationDraft
from auftakt.cli.verify import checks
from auftakt.inventory.models import Bucket
from auftakt.orders import actions, queries
from auftakt.orders.tests.counting import statements
from auftakt.orders.types import Choice, FulfilmentFacts, Weighed
from auftakt.platform.models import JournalEntry
from auftakt.promising.models import Commitment
from auftakt.supply import actions as supply
from auftakt.supply import queries as documents
from auftakt.supply.types import Rescheduling

pytestmark = pytest.mark.django_db
A: dict[str, Any] = {"actor": build.ACTOR, "at": build.AT}
TODAY = build.TODAY
COMES = TODAY + timedelta(days=5)


def clean() -> dict[str, str | None]:
    return {check.name: check.example for check in checks() if check.violations}


def bought(quantity: str = "10", on: int = 5, site: str = "DC") -> UUID:
    order = build.purchase("TYRE", quantity, TODAY + timedelta(days=on), site=site)
    return documents.purchases([order])[order].lines[0].id


def slips(line: UUID, days: int) -> None:
    supply.reschedule([Rescheduling(line, TODAY + timedelta(days=days))], **A).one()


def pieces(order: UUID) -> list[FulfilmentFacts]:
    return [each for each in queries.fulfilment_lines(order_ids=[order]).values() if each.quantity]


def weighed(*orders: UUID, after: int = 0) -> list[Weighed]:
    lines = [line.id for order in orders for line in pieces(order)]
    return queries.weigh(lines, on=TODAY + timedelta(days=after))


def choice(each: Weighed, number: int | None = None) -> Choice:
    place = each.best if number is None else number
    assert place is not None
    made = each.alternatives[place]
    return Choice(
        each.line.id, each.seen, made.arrive_on, len(made.pieces), made.kind, made.site_id, made.split_dates,
        made.split_sites,
    )  # fmt: skip


def test_a_slip_is_weighed_against_other_sites_later_supply_and_substitutes() -> None:
    build.company(stock={})
    tyre = ItemDraft("TYRE", "Tyre", category="PARTS", relations=(RelationDraft("LOCK", "substitute", 1),))
    build.done(catalog.save_items([tyre], **A))
    line = bought()
    order = build.order(lines=[("TYRE", "10")])
    slips(line, 30)
    bought(on=12)
    build.receive({("SHOP", "TYRE"): "10", ("DC", "LOCK"): "10"})
    before = Commitment.objects.values_list("bucket_id", "quantity").get()
    (each,) = weighed(order)
    assert (each.is_late, each.is_overdue, each.comes_on) == (True, False, TODAY + timedelta(days=31))
    found = [(made.kind, made.sku, made.pieces[0].site_code, made.arrive_on, made.cost) for made in each.alternatives]
    assert found[:3] == [
        ("substitute", "LOCK", "DC", TODAY + timedelta(days=1), 4),
        ("soonest", "TYRE", "SHOP", TODAY + timedelta(days=2), 6),
        ("same_site", "TYRE", "DC", TODAY + timedelta(days=13), 4),
    ]
    assert each.best == 1
    assert Commitment.objects.values_list("bucket_id", "quantity").get() == before
    assert clean() == {}
    assert actions.replan([choice(each, 2)], **A).one() == each.line.id
    (served,) = pieces(order)
    assert (served.site_code, served.arrive_on) == ("DC", TODAY + timedelta(days=13))
    (entry,) = JournalEntry.objects.filter(verb="order.promised")
    assert entry.change["lines"][0]["how"] == "same_site"
    assert Bucket.objects.get(reference_id=line).drawn == 0
    assert clean() == {}


def test_overdue_supply_is_not_promised_again() -> None:
    build.company(stock={})
    line = bought(on=1)
    order = build.order(lines=[("TYRE", "10")])
    assert weighed(order, after=3)[0].alternatives == ()
    bought(on=9)
    (each,) = weighed(order, after=3)
    assert (each.is_overdue, [made.arrive_on for made in each.alternatives]) == (True, [TODAY + timedelta(days=10)])
    later = {"actor": build.ACTOR, "at": build.AT + timedelta(days=3)}
    assert actions.replan([choice(each)], **later).one() == each.line.id
    assert Bucket.objects.get(reference_id=line).drawn == 0
    assert pieces(order)[0].arrive_on == TODAY + timedelta(days=10)
    assert clean() == {}


def test_what_is_advised_fits_together() -> None:
    build.company(stock={})
    line = bought("20")
    orders = [build.order(lines=[("TYRE", "10")], priority=priority) for priority in (2, 1)]
    slips(line, 30)
    build.receive({("SHOP", "TYRE"): "10"})
    bought("10", on=15)
    found = weighed(*orders)
    assert [each.order.id for each in found] == [orders[1], orders[0]]
    assert [each.alternatives[each.best or 0].arrive_on for each in found] == [
        TODAY + timedelta(days=2), TODAY + timedelta(days=16),
    ]  # fmt: skip
    outcome = actions.replan([choice(each) for each in found], **A)
    assert (len(outcome.done), outcome.refused, clean()) == (2, (), {})


def test_a_stale_choice_is_refused_and_moves_nothing() -> None:
    build.company(stock={})
    line = bought("20")
    orders = [build.order(lines=[("TYRE", "10")]) for _ in range(2)]
    slips(line, 30)
    build.receive({("SHOP", "TYRE"): "10"})
    bought("10", on=15)
    first, second = weighed(*orders)
    build.order(lines=[("TYRE", "10")])  # somebody else takes the stock
    before = list(Commitment.objects.order_by("id").values_list("id", "bucket_id", "quantity"))
    outcome = actions.replan([choice(first)], **A)
    assert [(each.subject, each.code) for each in outcome.refused] == [(str(first.line.id), "alternative_gone")]
    assert list(Commitment.objects.order_by("id").values_list("id", "bucket_id", "quantity")) == before
    assert not JournalEntry.objects.filter(verb="order.promised").exists()
    both = actions.replan([choice(first), choice(second)], **A)
    assert (both.done, [each.code for each in both.refused]) == ((second.line.id,), ["alternative_gone"])
    again = actions.replan([choice(second), replace(choice(second), fulfilment_line_id=UUID(int=3))], **A)
    assert [each.code for each in again.refused] == ["changed_meanwhile", "unknown_line"]
    assert clean() == {}


def test_supply_that_moved_makes_a_choice_stale() -> None:
    build.company(stock={})
    line = bought()
    order = build.order(lines=[("TYRE", "10")])
    slips(line, 30)
    build.receive({("SHOP", "TYRE"): "10"})
    (each,) = weighed(order)
    slips(line, 5)
    outcome = actions.replan([choice(each)], **A)
    assert [refusal.code for refusal in outcome.refused] == ["changed_meanwhile"]
    assert pieces(order)[0].site_code == "DC"


def test_parts_are_shown_where_the_order_wants_all_at_once_but_need_a_question() -> None:
    build.company(stock={})
    order = build.order(lines=[("TYRE", "10")], split_dates=False, split_sites=False)
    build.receive({("DC", "TYRE"): "6", ("SHOP", "TYRE"): "4"})
    bought("6", on=9)
    (each,) = weighed(order)
    kinds = {made.kind: (len(made.pieces), made.arrive_on, made.is_given) for made in each.alternatives}
    assert kinds["split"] == (2, TODAY + timedelta(days=2), False)
    assert kinds["soonest"] == (1, TODAY + timedelta(days=10), True)
    assert (each.comes_on, each.due_on, each.alternatives[each.best or 0].kind) == (None, TODAY, "soonest")


def test_one_line_and_twenty_cost_the_same_statements() -> None:
    build.company(stock={})
    line = bought("200")
    orders = [build.order(lines=[("TYRE", "5")]) for _ in range(20)]
    slips(line, 30)
    build.receive({("SHOP", "TYRE"): "100"})
    bought("200", on=12)
    counts: list[int] = []
    for some in (orders[:1], orders[1:]):
        keys = [each.id for order in some for each in pieces(order)]
        with statements() as asked:
            found = queries.weigh(keys, on=TODAY)
        with statements() as done:
            outcome = actions.replan([choice(each) for each in found], **A)
        assert (len(found), len(outcome.done) + len(outcome.refused)) == (len(some), len(some))
        counts += [len(asked), len(done)]
    assert counts[0] == counts[2]
    assert counts[1] == counts[3]
    assert clean() == {}
