"""The same done with many orders: what is foretold is what happens, and each order has its result."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from tests import build

from auftakt.orders import actions, queries
from auftakt.orders.models import Hold
from auftakt.orders.tests.counting import statements
from auftakt.platform import jobs
from auftakt.platform.jobs import JobDraft, RowDraft
from auftakt.platform.models import JournalEntry

from .test_change import pieces

pytestmark = pytest.mark.django_db
A = {"actor": build.ACTOR, "at": build.AT}


def run(kind: str, ids: list[UUID], **arguments: str) -> jobs.JobFacts:
    numbers = {each.id: each.number for each in queries.standings(ids)}
    rows = [RowDraft(str(key), numbers.get(key, "")) for key in ids]
    job_id = jobs.ask([JobDraft(kind, arguments, {}, rows)], **A).one()
    jobs.run(job_id)
    job = jobs.job(job_id)
    assert job.state == "done", jobs.notes(job_id)[0].detail
    return job


def results(job: jobs.JobFacts) -> dict[UUID, str]:
    return {UUID(row.key): row.findings[0].code if row.state == "refused" else row.state for row in jobs.rows(job.id)}


def foretold(action: str, ids: list[UUID], choice: str = "") -> dict[UUID, str]:
    judged = {each.id: queries.bulk_finding(action, each, choice) for each in queries.standings(ids)}
    return {key: finding.code if finding else "done" for key, finding in judged.items()}


def every_stage() -> list[UUID]:
    build.company(stock={("DC", "BIKE"): "60", ("DC", "LOCK"): "60"})
    ids = [build.order(stage=stage, lines=[("BIKE", "1")]) for stage in ("draft", "submitted", "released", "shipped")]
    cancelled = build.order(lines=[("BIKE", "1")])
    actions.cancel([build.Cancellation(cancelled)], **A).one()
    held = build.order(lines=[("LOCK", "2")])
    actions.hold([held], "credit", **A).one()
    actions.hold([held], "address", **A).one()
    dateless = build.order(lines=[("TYRE", "3")])
    return [*ids, cancelled, held, dateless]


@pytest.mark.parametrize(
    ("action", "kind", "choice", "arguments"),
    [
        ("hold", "orders.hold", "credit", {"reason": "credit", "note": "n"}),
        ("release", "orders.release", "credit", {"reason": "credit", "note": "n"}),
        ("release", "orders.release", "", {"reason": "", "note": "n"}),
        ("cancel", "orders.cancel", "", {"note": "n"}),
        ("repromise", "orders.repromise", "dateless", {"scope": "dateless"}),
        ("repromise", "orders.repromise", "late", {"scope": "late"}),
        ("repromise", "orders.repromise", "all", {"scope": "all"}),
    ],
)
def test_what_is_foretold_is_what_happens(action: str, kind: str, choice: str, arguments: dict[str, str]) -> None:
    ids = every_stage()
    before = JournalEntry.objects.count()
    told = foretold(action, ids, choice)
    assert JournalEntry.objects.count() == before, "looking ahead moved something"
    became = results(run(kind, ids, **arguments))
    codes = {"more_than_open": "nothing_open"}
    became = {key: codes.get(code, code) for key, code in became.items()}
    if action == "repromise":  # supply is only known when it is asked for
        told = {key: "no_supply" if became[key] == "no_supply" else code for key, code in told.items()}
    assert became == told


def test_all_holds_of_an_order_are_released_at_once() -> None:
    *_, held, _ = every_stage()
    job = run("orders.release", [held], reason="", note="paid")
    assert (job.done, job.refused) == (1, 0)
    assert set(Hold.objects.values_list("release_note", "released_by")) == {("paid", build.ACTOR)}
    entries = JournalEntry.objects.filter(verb="order.hold_released", subject_id=held).order_by("id")
    assert [entry.change["reason"] for entry in entries] == ["address", "credit"]


def test_orders_without_a_date_are_promised_when_supply_has_come() -> None:
    build.company(stock={("DC", "BIKE"): "3"})
    ids = [build.order(lines=[("BIKE", "1"), ("TYRE", "2")]) for _ in range(3)]
    refused = actions.repromise_orders(ids, "dateless", **A).refused
    assert [each.code for each in refused] == ["no_supply"] * 3
    build.receive({("DC", "TYRE"): "4"})
    outcome = actions.repromise_orders([*ids, UUID(int=7)], "dateless", **A)
    assert (len(outcome.done), [each.code for each in outcome.refused]) == (2, ["unknown_order", "no_supply"][::-1])
    dates = {key: {piece.ship_on for piece in queries.fulfilment_lines(order_ids=[key]).values()} for key in ids}
    assert all(None not in dates[key] for key in outcome.done)


def test_a_new_promise_never_takes_a_date_away() -> None:
    build.company(stock={("DC", "BIKE"): "2"})
    order_id = build.order(lines=[("BIKE", "2")])
    others = build.order(lines=[("BIKE", "1")])
    before = pieces(order_id)
    days = {key: piece.ship_on for key, piece in queries.fulfilment_lines(order_ids=[order_id]).items()}
    assert actions.repromise_orders([order_id, others], "all", **A).done == (order_id,)
    assert pieces(order_id) == before
    assert {key: piece.ship_on for key, piece in queries.fulfilment_lines(order_ids=[order_id]).items()} == days


def test_what_comes_later_than_wished_is_promised_again() -> None:
    build.company(stock={})
    build.purchase("BIKE", "5", build.TODAY + timedelta(days=40))
    order_id = build.order(lines=[("BIKE", "1")], requested_arrival_on=build.TODAY + timedelta(days=5))
    (late,) = queries.standings([order_id])
    assert (late.dateless, late.late) == (0, 1)
    assert actions.repromise_orders([order_id], "dateless", **A).refused[0].code == "nothing_to_promise"
    build.receive({("DC", "BIKE"): "1"})
    assert actions.repromise_orders([order_id], "late", **A).done == (order_id,)
    (piece,) = queries.fulfilment_lines(order_ids=[order_id]).values()
    assert piece.ship_on is not None
    assert piece.ship_on < date(2026, 3, 20)


@pytest.mark.parametrize("kind", ["hold", "release", "repromise", "standings"])
def test_one_order_costs_as_many_statements_as_fifty(kind: str) -> None:
    build.company(stock={("DC", "LOCK"): "500"})
    few, many = [build.order(lines=[("LOCK", "1")])], [build.order(lines=[("LOCK", "1")]) for _ in range(15)]
    verbs = {
        "hold": lambda ids: actions.hold(ids, "credit", **A),
        "release": lambda ids: actions.hold(ids, "credit", **A) and actions.release_holds(ids, None, **A),
        "repromise": lambda ids: actions.repromise_orders(ids, "all", **A),
        "standings": queries.standings,
    }
    counts = []
    for ids in (few, many):
        with statements() as seen:
            verbs[kind](ids)
        counts.append(len(seen))
    assert counts[0] == counts[1]
