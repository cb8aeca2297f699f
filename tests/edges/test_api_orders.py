"""Orders through the API: once each, all problems named at their place, nothing half done."""

import json
import threading
from decimal import Decimal

import pytest
from django.db import OperationalError, connection
from django.test import Client

from auftakt.api import callers
from auftakt.catalog.models import Item
from auftakt.identity.actions import create_users
from auftakt.identity.models import ApiKey, User
from auftakt.identity.types import UserDraft
from auftakt.orders.models import Order
from auftakt.orders.tests.counting import statements
from auftakt.platform import idempotency
from auftakt.platform.models import IdempotencyKey, JournalEntry
from tests import build
from tests.edges.api import ROOT, caller, findings, key, lines, order, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    build.company()
    return caller()


def test_an_order_goes_in_once(client: Client) -> None:
    answer = send(client, "/orders", order())
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["result"], made["state"], made["gross"], made["revision"]) == ("created", "submitted", "1309", 1)
    promise = made["lines"][0]["promises"][0]
    assert promise["site"] == "DC"
    assert promise["ship_on"]
    assert promise["arrive_on"]
    assert promise["reason"]["why"]
    assert answer["Location"] == f"{ROOT}/orders/{made['id']}"
    again = send(client, "/orders", order())
    assert (again.status_code, again.json()["result"], again.json()["id"]) == (200, "unchanged", made["id"])
    revised = send(client, "/orders", order(notes="in the morning"))
    assert (revised.status_code, revised.json()["result"], revised.json()["revision"]) == (200, "revised", 2)
    assert revised["ETag"] != answer["ETag"]
    assert Order.objects.count() == 1
    assert JournalEntry.objects.filter(verb="order.captured").get().actor == "key:shop"


def test_what_was_received_is_kept_as_it_came(client: Client) -> None:
    sent = order(lines=[{"sku": "CHAIN-KG", "quantity": 1.25}])
    send(client, "/orders", sent)
    with connection.cursor() as cursor:
        cursor.execute("select received::text from orders_order")
        assert json.loads(cursor.fetchone()[0]) == sent


def test_an_order_costs_few_statements_at_the_edge(client: Client) -> None:
    send(client, "/orders", order("W-0"))
    with statements() as plain:
        send(client, "/orders", order("W-1"))
    with statements() as larger:
        send(
            client, "/orders", order("W-2", lines=[{"sku": "HELMET", "quantity": 1, "line": str(n)} for n in range(60)])
        )
    assert len(plain) == len(larger)
    assert sum("identity_" in each for each in plain) == 0, "the key is believed for some seconds"


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"customer_number": "NOBODY"}, "unknown_customer", "/customer_number"),
        ({"currency": "XXQ"}, "unknown_currency", "/currency"),
        ({"lines": [{"sku": "NOTHING", "quantity": 1}]}, "unknown_item", "/lines/0/sku"),
        ({"lines": [{"sku": "BIKE", "quantity": 1, "unit": "barrel"}]}, "unknown_unit", "/lines/0/unit"),
        ({"lines": [{"sku": "BIKE", "quantity": 0}]}, "quantity_not_positive", "/lines/0/quantity"),
        ({"lines": [{"sku": "BIKE", "quantity": -2}]}, "quantity_not_positive", "/lines/0/quantity"),
        ({"lines": [{"sku": "BIKE", "quantity": "0.5"}]}, "quantity_too_fine", "/lines/0/quantity"),
        ({"lines": [{"sku": "UNPRICED", "quantity": 1}]}, "price_missing", "/lines/0/sku"),
        ({"lines": [{"sku": "DRAFTED", "quantity": 1}]}, "item_not_active", "/lines/0/sku"),
        ({"lines": []}, "no_lines", "/lines"),
        ({"requested_arrival_on": "2020-01-31"}, "date_in_past", "/requested_arrival_on"),
        ({"payment_terms": "NET999"}, "unknown_payment_terms", "/payment_terms"),
        ({"lines": [{"sku": "BIKE", "quantity": 1, "line": "a"}] * 2}, "duplicate_line", "/lines/1/line"),
    ],
)
def test_bad_content_is_named_at_its_place(client: Client, change: dict[str, object], code: str, place: str) -> None:
    answer = send(client, "/orders", order(**change))
    assert answer.status_code == 422
    assert (code, place) in findings(answer)
    assert Order.objects.count() == 0


def test_all_problems_are_told_at_once(client: Client) -> None:
    bad = order(customer_number="NOBODY", lines=[{"sku": "NOTHING", "quantity": 1}, {"sku": "BIKE", "quantity": 0}])
    answer = send(client, "/orders", bad)
    assert {place for _, place in findings(answer)} == {"/customer_number", "/lines/0/sku", "/lines/1/quantity"}
    assert all(each["message"] for each in answer.json()["findings"])


def test_more_than_the_credit_line_is_refused(client: Client) -> None:
    answer = send(client, "/orders", order(lines=[{"sku": "BIKE", "quantity": 60}]))
    assert "credit_exhausted" in {code for code, _ in findings(answer)}
    assert Order.objects.count() == 0


def test_a_kit_with_a_missing_component_is_refused(client: Client) -> None:
    Item.objects.filter(sku="LOCK").update(state="phased_out")
    answer = send(client, "/orders", order(lines=[{"sku": "SET", "quantity": 1}]))
    assert findings(answer) == {("component_missing", "/lines/0/sku")}


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"lines": [{"sku": "BIKE", "quantity": 1, "qty": 2}]}, "unknown_field", "/lines/0/qty"),
        ({"lines": [{"quantity": 1}]}, "missing_field", "/lines/0/sku"),
        ({"lines": [{"sku": 17, "quantity": 1}]}, "wrong_type", "/lines/0/sku"),
        ({"lines": [{"sku": "BIKE", "quantity": "many"}]}, "wrong_type", "/lines/0/quantity"),
        ({"lines": [{"sku": "BIKE", "quantity": True}]}, "bad_value", "/lines/0/quantity"),
        ({"lines": "BIKE"}, "wrong_type", "/lines"),
        ({"requested_ship_on": "tomorrow"}, "bad_value", "/requested_ship_on"),
        ({"ordered_at": "2026-01-01T10:00:00"}, "bad_value", "/ordered_at"),
        ({"ship_to": {"city": "Berlin"}}, "missing_field", "/ship_to/street"),
        ({"notes": "a\u0000b"}, "bad_character", "/notes"),
        ({"external_reference": ""}, "bad_value", "/external_reference"),
    ],
)
def test_bad_shape_is_named_at_its_place(client: Client, change: dict[str, object], code: str, place: str) -> None:
    answer = send(client, "/orders", order(**change))
    assert answer.status_code == 422
    assert {found for _, found in findings(answer)} >= {place}
    assert {found for found, _ in findings(answer)} & {code, "wrong_type", "bad_value"}
    assert Order.objects.count() == 0


@pytest.mark.parametrize("body", ["{", '{"a": NaN}', "[" * 100_000, b"\xff\xfe", "", '{"a": 1} {"b": 2}'])
def test_malformed_json_is_told_with_its_place(client: Client, body: str | bytes) -> None:
    answer = client.post(f"{ROOT}/orders", body, content_type="application/json")
    assert answer.status_code == 400
    assert {code for code, _ in findings(answer)} <= {"malformed_json", "body_missing"}


def test_malformed_json_names_line_and_column(client: Client) -> None:
    answer = client.post(f"{ROOT}/orders", '{"source_system": "shop",\n  oops}', content_type="application/json")
    assert answer.json()["findings"][0]["facts"] == {"line": "2", "column": "3"}


def test_ten_megabytes_are_too_much(client: Client) -> None:
    answer = client.post(f"{ROOT}/orders", b"x" * 10_000_000, content_type="application/json")
    assert answer.status_code == 413
    assert findings(answer) == {("body_too_large", "")}


def test_a_stale_etag_changes_nothing(client: Client) -> None:
    made = send(client, "/orders", order())
    key_of = made.json()["id"]
    read = client.get(f"{ROOT}/orders/{key_of}")
    assert read["ETag"] == made["ETag"]
    changed = send(client, f"/orders/{key_of}", order(notes="one"), "put", If_Match=read["ETag"])
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    stale = send(client, f"/orders/{key_of}", order(notes="two"), "put", If_Match=read["ETag"])
    assert stale.status_code == 412
    assert findings(stale) == {("order_changed", "")}
    assert Order.objects.get().notes == "one"
    assert send(client, f"/orders/{key_of}", order(notes="three"), "put", If_Match=changed["ETag"]).status_code == 200


def test_a_draft_is_submitted_held_let_go_and_cancelled(client: Client) -> None:
    made = send(client, "/orders", order(submit=False)).json()
    assert made["state"] == "draft"
    path = f"/orders/{made['number']}"
    assert send(client, f"{path}/submit", None).json()["state"] == "submitted"
    twice = send(client, f"{path}/submit", None)
    assert (twice.status_code, twice.json()["code"]) == (409, "not_a_draft")
    assert send(client, f"{path}/hold", {"reason": "fraud"}).status_code == 200
    assert client.get(f"{ROOT}{path}/progress").json()["on_hold"] is True
    assert send(client, f"{path}/hold", {"reason": "fraud"}).status_code == 409
    assert send(client, f"{path}/release-hold", {"reason": "fraud"}).status_code == 200
    line = made["lines"][1]["id"]
    part = send(client, f"{path}/cancel", {"line_id": line, "quantity": "1", "reason": "one will do"})
    assert part.json()["lines"][1]["cancelled"] == "1", part.content
    assert send(client, f"{path}/cancel", {}).json()["state"] == "cancelled"
    assert send(client, "/orders/SO-999999/cancel", {}).status_code == 404


def test_the_preview_writes_nothing(client: Client) -> None:
    answer = send(
        client, "/order-previews", order(lines=[{"sku": "BIKE", "quantity": 1}, {"sku": "NIX", "quantity": 1}])
    )
    assert answer.status_code == 200
    assert answer.json()["findings"][0]["place"] == "/lines/1/sku"
    good = send(client, "/order-previews", order()).json()
    assert good["priced"]["gross"] == "1309.00"
    assert good["promises"][0]["pieces"]
    assert Order.objects.count() == 0


def test_lists_have_pages_filters_and_fields(client: Client) -> None:
    for number in range(5):
        send(client, "/orders", order(f"W-{number}"))
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"{ROOT}/orders", {"limit": 2, "cursor": cursor, "fields": "number,state"}).json()
        assert all(set(row) == {"number", "state"} for row in page["items"])
        seen += [row["number"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 5
    assert len(client.get(f"{ROOT}/orders", {"reference": "W-3"}).json()["items"]) == 1
    assert client.get(f"{ROOT}/orders", {"state": "closed"}).json() == {"items": [], "next": None}
    for bad in ({"limit": 501}, {"cursor": "zzz"}, {"fields": "colour"}, {"colour": "red"}, {"order": "gross"}):
        answer = client.get(f"{ROOT}/orders", bad)
        assert answer.status_code == 422, (bad, answer.content)


def test_one_order_shows_everything(client: Client) -> None:
    made = send(client, "/orders", order()).json()
    shown = client.get(f"{ROOT}/orders/{made['number']}").json()
    assert shown["order"]["id"] == made["id"]
    assert shown["lines"][0]["waterfall"]
    assert shown["fulfilment_lines"][0]["promise"]
    assert shown["timeline"]
    assert client.get(f"{ROOT}/orders/{made['id']}/timeline").json()["items"]
    assert client.get(f"{ROOT}/orders/SO-4711").status_code == 404


def test_a_price_is_adjusted_only_by_those_who_may(client: Client) -> None:
    less = {"kind": "percent", "value": "10", "reason": "a scratch"}
    wanted = order(lines=[{"sku": "BIKE", "quantity": 1, "adjustment": less}])
    barred = send(caller("orders.edit"), "/orders", wanted)
    assert barred.status_code == 403
    assert findings(barred) == {("permission_missing", "/lines/0/adjustment")}
    assert Order.objects.count() == 0
    assert send(client, "/orders", wanted).json()["lines"][0]["net"] == "900"
    limits = [{"role": "sales", "max_percent": "5"}, {"role": "sales", "max_percent": "100"}]
    assert send(client, "/adjustment-limits", limits[0]).status_code == 200
    assert send(client, "/orders", {**wanted, "external_reference": "W-3"}).status_code == 422
    assert send(client, "/adjustment-limits", limits[1]).status_code == 200
    strange = order("W-2", lines=[{"sku": "BIKE", "quantity": 1, "adjustment": {**less, "kind": "double"}}])
    assert ("unknown_adjustment_kind", "/lines/0/adjustment/kind") in findings(send(client, "/orders", strange))


def test_bulk_takes_the_good_lines(client: Client) -> None:
    rows: list[object] = [
        order(f"B-{n}", lines=[{"sku": "LOCK", "quantity": 1}], customer_number="C-2") for n in range(1200)
    ]
    rows[7] = order("B-7", customer_number="NOBODY")
    rows[8] = '{"source_system": "shop", oops'
    rows[1100] = order("B-1100", lines=[{"sku": "LOCK", "quantity": 0, "qty": 1}])
    answer = lines(client, "/orders/bulk", rows)
    assert answer.status_code == 200
    told = answer.json()
    assert told["counts"] == {"created": 1197, "refused": 3}
    refused = {row["line"]: row for row in told["results"] if row["result"] == "refused"}
    assert {line: row["code"] for line, row in refused.items()} == {
        8: "unknown_customer", 9: "malformed_json", 1101: "unknown_field",
    }  # fmt: skip
    assert refused[8]["findings"][0]["place"] == "/customer_number"
    assert Order.objects.count() == 1197
    only = lines(client, "/orders/bulk?results=refused", rows[:12], Accept="application/x-ndjson")
    assert [json.loads(line)["line"] for line in only.content.splitlines()] == [8, 9]
    assert Order.objects.count() == 1197


def test_a_request_with_a_key_is_done_once(client: Client) -> None:
    first = send(client, "/orders", order(), Idempotency_Key="k-1")
    again = send(client, "/orders", order(), Idempotency_Key="k-1")
    assert (again.status_code, again.content, again["ETag"]) == (201, first.content, first["ETag"])
    assert again["Idempotency-Replayed"] == "true"
    other = send(client, "/orders", order(notes="other"), Idempotency_Key="k-1")
    assert other.status_code == 422
    assert findings(other) == {("idempotency_key_reused", "")}
    refused = send(client, "/orders", order("W-2", customer_number="NOBODY"), Idempotency_Key="k-2")
    assert (
        send(client, "/orders", order("W-2", customer_number="NOBODY"), Idempotency_Key="k-2").content
        == refused.content
    )
    assert Order.objects.count() == 1
    assert IdempotencyKey.objects.count() == 2


def test_a_request_still_running_is_told(client: Client) -> None:
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with idempotency.claimed("key:shop", "k-1"):
            held.set()
            let_go.wait(10)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(10)
    answer = send(client, "/orders", order(), Idempotency_Key="k-1")
    let_go.set()
    other.join()
    assert answer.status_code == 409
    assert findings(answer) == {("still_running", "")}
    assert answer["Retry-After"]
    assert Order.objects.count() == 0
    assert send(client, "/orders", order(), Idempotency_Key="k-1").status_code == 201


def test_keys_and_sessions(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get(f"{ROOT}/orders").status_code == 401
    for wrong in ("Bearer auf_nonsense", "Basic abc", "Bearer ", f"Bearer {key()[:-1]}x"):
        answer = Client(headers={"Authorization": wrong}).get(f"{ROOT}/orders")
        assert (answer.status_code, answer["WWW-Authenticate"][:6]) == (401, "Bearer")
    assert ApiKey.objects.filter(last_used_on=None).count() == 2
    assert client.get(f"{ROOT}/orders").status_code == 200
    assert ApiKey.objects.exclude(last_used_on=None).count() == 1
    assert callers.KEY_SECONDS < 5
    ApiKey.objects.update(revoked_at=build.AT)
    monkeypatch.setattr(callers, "_keys", {})
    assert client.get(f"{ROOT}/orders").status_code == 401
    build.done(create_users([UserDraft("v@example.com", "V", ("viewer",), "long enough")], actor="t", at=build.AT))
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get())
    assert browser.get(f"{ROOT}/orders").status_code == 200
    assert send(browser, "/orders", order()).status_code == 403


def test_a_person_writes_with_the_token_of_the_session(client: Client) -> None:
    build.done(create_users([UserDraft("s@example.com", "S", ("sales",), "long enough")], actor="t", at=build.AT))
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get())
    without = send(browser, "/orders", order())
    assert (without.status_code, without.json()["code"]) == (403, "csrf_token_missing")
    token = "a" * 32
    browser.cookies["csrftoken"] = token
    assert send(browser, "/orders", order(), X_CSRFToken=token).status_code == 201
    assert JournalEntry.objects.filter(verb="order.captured").get().actor == "user:s@example.com"


def test_too_many_requests_are_told_to_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "rate_limit", callers.RateLimit(0.5))
    assert client.get(f"{ROOT}/orders").status_code == 200
    answer = client.get(f"{ROOT}/orders")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert findings(answer) == {("too_many_requests", "")}


@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (KeyError("secret"), 500)])
def test_a_fault_is_told_and_nothing_is_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("auftakt.orders.actions.capture", broken)
        answer = send(client, "/orders", order(), Idempotency_Key="k-1")
    assert answer.status_code == status
    assert findings(answer)
    assert "secret" not in answer.content.decode()
    assert answer.has_header("Retry-After") == (status == 503)
    assert send(client, "/orders", order(), Idempotency_Key="k-1").status_code == 201


def test_amounts_are_exact(client: Client) -> None:
    made = send(client, "/orders", order(lines=[{"sku": "CHAIN-KG", "quantity": 0.125}])).json()
    assert Decimal(made["lines"][0]["quantity"]) == Decimal("0.125")
