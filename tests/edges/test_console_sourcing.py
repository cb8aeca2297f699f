"""Sourcing in the console: a rule from the form to a line's answer; who may; what cannot be right moves nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auftakt.promising import actions as promising
from auftakt.supply import actions, queries
from auftakt.supply.types import AssignmentDraft, Scope, Source, SourcingDraft
from tests import build
from tests.edges.test_console import logged_in
from tests.edges.test_console_making import rows, send

pytestmark = pytest.mark.django_db
BY: Any = {"actor": build.ACTOR, "at": build.AT}
HEAD = {
    "code": "near",
    "name": "From the nearest",
    "mode": "atp",
    "counts": ["purchase", "work"],
    "horizon_days": "200",
    "choice": "per_line",
    "currency": "EUR",
    "partial_starts": "on",
}
SHIP = {"rank": "1", "kind": "ship", "site": "DC", "share": "100"}
MOVE = {"rank": "2", "kind": "transfer", "site": "DC", "from_site": "SHOP", "transfer_days": "2", "supplier": "S-1"}


@pytest.fixture
def client() -> Client:
    build.company()
    return logged_in("planner")


def written(client: Client, *sources: dict[str, str], status: int = 302, path: str = "new/", **more: Any) -> Any:
    address = f"/console/sourcing/{path}"
    return send(client, address, {**HEAD, **rows("sources", *sources), **more}, status)


def published(client: Client, code: str = "near") -> None:
    day = timezone.localdate().isoformat()
    send(client, f"/console/sourcing/rules/{code}/publish/", {"from_on": day})


def state() -> Any:
    return queries.sourcing_rules(), queries.sourcing_assignments(), queries.sourcing_mark()


def test_a_rule_goes_from_the_form_to_the_answer(client: Client) -> None:
    written(client, SHIP, MOVE)
    rule = queries.sourcing_rules(["near"])["near"]
    assert rule.draft is not None
    assert [(each.kind, each.supplier, each.transfer_days) for each in rule.draft.sources] == [
        ("ship", "", None),
        ("transfer", "", 2),
    ], "what a kind does not show is not meant"
    assert (rule.draft.terms.counts, rule.draft.terms.horizon_days) == (("purchase", "work"), 200)
    published(client)
    send(client, "/console/sourcing/assignments/new/", {"rule": "near", "country": "DE"})
    send(client, "/console/sourcing/assignments/new/", {"rule": "near", "sku": "BIKE"})
    seen = client.get("/console/sourcing/rules/near/").content.decode()
    assert "moved from" in seen
    assert "in 2 days" in seen
    answer = client.get("/console/sourcing/try/?sku=BIKE&customer=C-1&country=DE").content.decode()
    assert "From the nearest" in answer
    assert "Its product is wider." in answer
    assert "Item BIKE" in answer
    none = client.get("/console/sourcing/try/?sku=LOCK&country=AT").content.decode()
    assert "No assignment fits that is in force" in none
    unknown = client.get("/console/sourcing/try/?sku=NIX").content.decode()
    assert "item NIX is unknown" in unknown


def test_the_next_version_says_what_it_changes_and_holds_from_its_day(client: Client) -> None:
    written(client, SHIP, MOVE)
    published(client)
    seen = client.get("/console/sourcing/rules/near/edit/").context["sheet"].seal
    written(client, SHIP, path="rules/near/edit/", seen=seen, past_due_days="5")
    page = client.get("/console/sourcing/rules/near/?version=2").content.decode()
    assert "counts for 5 days" in page
    assert "<del>rank 2</del>" in page
    later = (timezone.localdate() + timedelta(days=5)).isoformat()
    send(client, "/console/sourcing/rules/near/publish/", {"from_on": later})
    states = [label for _, label in client.get("/console/sourcing/rules/near/").context["versions"]]
    assert states == ["scheduled", "in_force"]
    send(client, "/console/sourcing/rules/near/retire/", {"from_on": timezone.localdate().isoformat()})
    states = [label for _, label in client.get("/console/sourcing/rules/near/").context["versions"]]
    assert states == ["never_held", "never_held"]


def test_what_cannot_be_right_is_told_at_its_field_and_moves_nothing(client: Client) -> None:
    written(client, SHIP)
    before = state()
    answer = written(client, SHIP, {**SHIP, "site": "SHOP"}, status=422, code="two")
    assert "have shares of 200 % together" in answer.content.decode()
    answer = written(client, {**MOVE, "from_site": ""}, status=422, code="two")
    assert "say which site it is transferred from" in answer.content.decode()
    answer = written(client, status=422, code="two")
    assert "name at least one source" in answer.content.decode()
    send(client, "/console/sourcing/assignments/new/", {"rule": "near", "sku": "NIX"}, 422)
    send(client, "/console/sourcing/assignments/new/", {"rule": "near", "region": "BY"}, 422)
    send(client, "/console/sourcing/rules/near/publish/", {"from_on": "2020-01-01"})
    assert state() == before
    send(client, "/console/sourcing/rules/near/discard/", {})
    assert queries.sourcing_rules(["near"])["near"].versions == ()
    assert client.get("/console/sourcing/rules/near/").status_code == 200
    assert client.get("/console/sourcing/rules/near/edit/").status_code == 200


def test_assignments_are_taken_away_one_or_many(client: Client) -> None:
    written(client, SHIP)
    scopes = [Scope(sku="BIKE"), Scope(sku="LOCK"), Scope(country="DE"), Scope()]
    made = actions.assign_sourcing([AssignmentDraft("near", scope) for scope in scopes], **BY).done
    send(client, "/console/sourcing/assignments/remove/", {"row": str(made[0])})
    assert len(queries.sourcing_assignments()) == 3
    send(client, "/console/sourcing/assignments/remove/", {"filter": "country=DE"})
    assert [each.scope for each in queries.sourcing_assignments()] == [Scope(sku="LOCK"), Scope()]


def test_planners_and_administrators_edit_others_look(client: Client) -> None:
    written(client, SHIP)
    before = state()
    for role in ("sales", "order_manager"):
        reader = logged_in(role)
        for path in ("", "assignments/", "try/", "rules/near/"):
            answer = reader.get(f"/console/sourcing/{path}")
            assert answer.status_code == 200
            assert "/console/sourcing/rules/near/edit/" not in answer.content.decode()
        for path in ("rules/near/publish/", "rules/near/discard/", "assignments/remove/", "rules/near/edit/", "new/"):
            assert reader.post(f"/console/sourcing/{path}", {"from_on": "2030-01-01"}).status_code == 403
    assert logged_in("warehouse").get("/console/sourcing/").status_code == 403
    assert state() == before


def test_pages_take_as_many_statements_for_much_as_for_little(client: Client) -> None:
    def fill(count: int, name: str) -> None:
        drafts = [SourcingDraft(f"{name}{n}", "Rule", (Source(1, "ship", "DC"),)) for n in range(count)]
        build.done(promising.save_sourcing_drafts(drafts, **BY))
        scopes = [AssignmentDraft(f"{name}0", Scope(channel=f"{name}{n}")) for n in range(count)]
        build.done(actions.assign_sourcing(scopes, **BY))

    def counted() -> list[int]:
        found = []
        for path in ("", "assignments/", "rules/a0/", "try/?sku=BIKE"):
            with CaptureQueriesContext(connection) as made:
                assert client.get(f"/console/sourcing/{path}").status_code == 200
            found.append(len(made))
        return found

    fill(1, "a")
    few = counted()
    fill(30, "b")
    build.done(actions.assign_sourcing([AssignmentDraft("a0", Scope(channel=f"c{n}")) for n in range(40)], **BY))
    assert counted() == few
