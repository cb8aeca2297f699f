"""Sales: order entry with its margin, two people on one order, the order page, notes, the confirmation by mail."""

import json
import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auftakt.catalog import actions as catalog
from auftakt.catalog.types import ItemDraft, RelationDraft
from auftakt.channels.mail.models import Mail
from auftakt.console.views.entry_form import LINE_FIELDS
from auftakt.orders import actions as orders
from auftakt.orders.models import Hold, Order, OrderLine, Revision
from auftakt.orders.types import Cancellation
from auftakt.parties import queries as parties
from auftakt.parties.models import Party, PartyNote
from auftakt.platform.models import JournalEntry
from tests import build
from tests.edges.test_console import logged_in

NEW, PREVIEW = "/console/orders/new/", "/console/orders/preview/"


def typed(*lines: tuple[str, str], customer: str = "C-1", **values: Any) -> dict[str, Any]:
    """What the entry form posts for (sku, quantity) lines."""
    columns = {
        "key": [str(at) for at in range(1, len(lines) + 1)],
        "sku": [sku for sku, _ in lines],
        "quantity": [quantity for _, quantity in lines],
    }
    empty = {name: [""] * len(lines) for name in LINE_FIELDS}
    head = {"reference": str(uuid4()), "customer": customer, "split_dates": "on", "split_sites": "on", "do": "submit"}
    return head | empty | columns | values


def form_of(client: Client, order_id: Any) -> dict[str, Any]:
    """What the edit form would post, unchanged."""
    page = client.get(f"/console/orders/{order_id}/edit/").context
    lines = page["lines"]
    values = {name: value for name, value in page["values"].items() if value not in (None, False)}
    values |= {name: "on" for name in ("split_dates", "split_sites") if values.get(name)}
    return values | {name: [line[name] for line in lines] for name in LINE_FIELDS} | {"do": "save"}


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode().split("<main")[1].split("</main")[0]))


# ------------------------------------------------------------------------------------------------ entry


@pytest.mark.django_db
def test_the_same_form_sent_twice_is_one_order() -> None:
    build.company()
    client, form = logged_in("sales"), typed(("BIKE", "1"))
    first, second = client.post(NEW, form), client.post(NEW, form)
    assert first.url == second.url
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_ten_thousand_lines_travel_as_data_and_what_is_wrong_is_shown_with_its_window() -> None:
    build.company()
    client = logged_in("sales")
    after = [[str(at), "", "HELMET", "1", "", "", ""] for at in range(2, 10_001)]
    after[7_000][2] = "NO-SUCH-ITEM"
    form = typed(("HELMET", "1"), lines_after=json.dumps(after), do="draft")
    answer = client.post(NEW, form)
    assert answer.status_code == 422
    assert not Order.objects.exists()
    assert next(line["key"] for line in answer.context["lines"]) == "7001"
    assert answer.context["jumps"][0]["key"] == "7002"
    assert len(json.loads(answer.context["lines_before"])) == 7_000
    after[7_000][2] = "HELMET"
    assert client.post(NEW, form | {"lines_after": json.dumps(after)}).status_code == 302
    order = Order.objects.get()
    assert OrderLine.objects.filter(order=order).count() == 10_000
    page = client.get(f"/console/orders/{order.id}/")
    assert len(page.context["lines"]) == 200
    assert page.context["page"].sums.lines == 10_000


@pytest.mark.django_db
def test_rubbish_in_the_hidden_lines_is_left_out() -> None:
    build.company()
    client = logged_in("sales")
    for rubbish in ("{", "[1, 2]", '{"a": 1}', '[["1"]]', "null", "[" * 2000):
        form = typed(("BIKE", "1"), lines_before=rubbish, lines_after=rubbish)
        assert client.post(NEW, form).status_code == 302
    assert OrderLine.objects.count() == 6


@pytest.mark.django_db
def test_more_lines_than_an_order_takes_are_a_word_not_an_error() -> None:
    build.company()
    after = json.dumps([["1", "", "HELMET", "1", "", "", ""]] * 20_001)
    answer = logged_in("sales").post(NEW, typed(lines_after=after, do="draft"))
    assert answer.status_code == 422
    assert "20,000 lines at most" in text_of(answer)
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_a_copy_has_the_lines_of_the_earlier_order_and_todays_prices() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "2"), ("SET", "1")])
    page = logged_in("sales").get(f"{NEW}?copy={order_id}").context
    assert [(line["sku"], line["quantity"], line["external"]) for line in page["lines"]] == [
        ("BIKE", "2", ""),
        ("SET", "1", ""),
    ]
    assert page["values"]["customer"] == "C-1"
    assert page["values"]["reference"] != Order.objects.get().external_reference
    assert logged_in("order_manager").get(f"{NEW}?copy={uuid4()}").status_code == 200


@pytest.mark.django_db
def test_a_customer_is_made_on_the_way_with_the_next_number() -> None:
    build.company()
    client = logged_in("sales")
    sheet = {
        "customer-name": "Çelik & Söhne مرحبا 🚲",
        "customer-kind": "organisation",
        "customer-street": "Hafen 1",
        "customer-postal_code": "20457",
        "customer-city": "Hamburg",
        "customer-country": "DE",
        "customer-language": "de",
        "customer-payment_terms": "NET30",
    }
    number = parties.next_customer_number()
    answer = client.post("/console/orders/new/customer/", sheet)
    assert answer.status_code == 204
    made = json.loads(answer.headers["HX-Trigger"])["customer:made"]
    assert made == {"number": number, "name": "Çelik & Söhne مرحبا 🚲"}
    assert client.post(NEW, typed(("BIKE", "1"), customer=number)).status_code == 302
    bad = client.post("/console/orders/new/customer/", sheet | {"customer-postal_code": "x", "customer-name": " "})
    assert bad.status_code == 422
    assert Party.objects.filter(number__startswith="C1").count() == 1
    assert logged_in("warehouse").post("/console/orders/new/customer/", sheet).status_code == 403


@pytest.mark.django_db
def test_the_margin_tells_of_the_account_last_prices_and_what_goes_instead() -> None:
    build.company()
    relations = (RelationDraft("LOCK", "substitute"), RelationDraft("HELMET", "cross_sell"))
    tyre = ItemDraft("TYRE", "Tyre", category="PARTS", activate=True, relations=relations)
    build.done(catalog.save_items([tyre], actor="test", at=build.AT))
    order_id = build.order(lines=[("TYRE", "4")])
    client = logged_in("sales")
    shown = client.post(PREVIEW, typed(("TYRE", "4"))).content.decode()
    assert Order.objects.get(id=order_id).number in shown
    assert "1 order under way" in shown
    assert "data-line-goto" in shown
    facts = client.get("/console/orders/new/line/", {"sku": "TYRE", "customer": "C-1", "quantity": "4", "key": "1"})
    text = facts.content.decode()
    assert "No date" in text
    assert 'data-sku="LOCK"' in text
    assert 'data-instead="1"' in text
    assert 'data-sku="HELMET"' in text
    assert "€30.00" in text
    for asked in ({}, {"sku": "x", "customer": "y"}, {"sku": "TYRE", "customer": "C-1", "quantity": "🚲"}):
        assert client.get("/console/orders/new/line/", asked).status_code == 200


@pytest.mark.django_db
def test_the_preview_costs_the_same_statements_for_one_line_and_for_many() -> None:
    build.company()
    client = logged_in("sales")
    counts = []
    for lines in ([("BIKE", "1")], [("BIKE", "1"), *[("HELMET", "1")] * 60]):
        client.post(PREVIEW, typed(*lines))
        with CaptureQueriesContext(connection) as seen:
            assert "€1,000.00" in client.post(PREVIEW, typed(*lines)).content.decode()
        counts.append(len(seen))
    assert counts[0] == counts[1]


# ------------------------------------------------------------------------------------------------ two people


@pytest.mark.django_db
@pytest.mark.parametrize("stage", ["draft", "submitted"])
def test_the_second_to_save_is_told_and_both_changes_go_together(stage: str) -> None:
    build.company()
    order_id = build.order(stage=stage, lines=[("BIKE", "1"), ("HELMET", "2")])
    kim, robin = logged_in("sales"), logged_in("order_manager")
    mine, theirs = form_of(kim, order_id), form_of(robin, order_id)
    theirs["quantity"] = ["1", "5"]
    theirs["notes"] = "Ring the bell"
    assert robin.post(f"/console/orders/{order_id}/edit/", theirs).status_code == 302
    mine["quantity"] = ["2", "2"]
    mine["notes"] = "Leave it at the door"
    answer = kim.post(f"/console/orders/{order_id}/edit/", mine)
    assert answer.status_code == 409
    text = text_of(answer)
    assert "Robin Example changed this" in text
    assert "Line 2, HELMET: Quantity" in text
    assert "2 → 5" in text
    assert "Ring the bell" in text
    assert [line["quantity"] for line in answer.context["lines"]] == ["2", "5"]
    assert answer.context["values"]["notes"] == "Leave it at the door"
    assert [str(line.quantity.normalize()) for line in OrderLine.objects.order_by("line_number")] == ["1", "5"]
    again = mine | {name: answer.context["values"][name] for name in ("seen", "opened")} | {"quantity": ["2", "5"]}
    assert kim.post(f"/console/orders/{order_id}/edit/", again).status_code == 302
    assert [str(line.quantity.normalize()) for line in OrderLine.objects.order_by("line_number")] == ["2", "5"]
    assert Order.objects.get().notes == "Leave it at the door"
    assert Revision.objects.count() == (3 if stage == "submitted" else 0)


@pytest.mark.django_db
def test_the_guard_is_what_refuses_the_second() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "1")])
    kim, robin = logged_in("sales"), logged_in("order_manager")
    mine, theirs = form_of(kim, order_id), form_of(robin, order_id)
    robin.post(f"/console/orders/{order_id}/edit/", theirs | {"quantity": ["3"]})
    without = {name: value for name, value in mine.items() if name != "seen"} | {"seen": ""}
    assert kim.post(f"/console/orders/{order_id}/edit/", without | {"quantity": ["2"]}).status_code == 302


@pytest.mark.django_db
def test_a_dialog_on_old_news_is_asked_again_and_nothing_is_lost() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "3")])
    client = logged_in("order_manager")
    face = client.get(f"/console/orders/{order_id}/").context["page"].face
    line = OrderLine.objects.get()
    orders.cancel([Cancellation(order_id, line.id, Decimal(1), "one less")], actor="test", at=timezone.now())
    answer = client.post(f"/console/orders/{order_id}/hold/", {"face": face, "reason": "fraud", "note": "ask Kim"})
    assert answer.status_code == 409
    assert "ask Kim" in answer.content.decode()
    assert not Hold.objects.exists()
    answer = client.post(f"/console/orders/{order_id}/cancel/", {"face": face, "reason": "typo ✗"})
    assert answer.status_code == 409
    assert "typo ✗" in answer.content.decode()
    assert Order.objects.get().state == "submitted"
    face = answer.context["page"].face
    assert client.post(f"/console/orders/{order_id}/cancel/", {"face": face, "reason": "typo ✗"}).status_code == 302
    assert Order.objects.get().state == "cancelled"


# ------------------------------------------------------------------------------------------------ order page


@pytest.mark.django_db
def test_the_summary_says_how_it_stands_at_every_stage() -> None:
    build.company()
    client, told = logged_in("admin"), {}
    for stage in ("draft", "submitted", "shipped", "billed", "paid", "cancelled"):
        order_id = build.order(stage=stage, lines=[("HELMET", "2")])
        context = client.get(f"/console/orders/{order_id}/").context
        told[stage] = " ".join(each.text for each in context["story"])
    assert "nothing is promised" in told["draft"]
    assert told["submitted"].startswith("Nothing has left yet; all of it arrives on")
    assert told["shipped"].startswith("Everything has left")
    assert "open, overdue since" in told["billed"]
    assert "Everything is paid" in told["paid"]
    assert told["cancelled"].startswith("Cancelled")


@pytest.mark.django_db
def test_what_cannot_be_done_says_why() -> None:
    build.company()
    client = logged_in("admin")
    shipped = client.get(f"/console/orders/{build.order(stage='shipped')}/")
    assert {deed.key: deed.why_not for deed in shipped.context["not_now"]} == {
        "hold": "everything has left",
        "cancel": "everything has left",
    }
    assert "everything has left" in text_of(shipped)
    draft = client.get(f"/console/orders/{build.order(stage='draft')}/").context
    assert {deed.key for deed in draft["not_now"]} == {"confirm"}


@pytest.mark.django_db
def test_the_history_names_what_was_changed_and_sales_may_read_it() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "1"), ("HELMET", "2")])
    client = logged_in("sales")
    form = form_of(client, order_id)
    client.post(f"/console/orders/{order_id}/edit/", form | {"quantity": ["1", "7"], "customer_reference": "PO 9"})
    text = text_of(client.get(f"/console/orders/{order_id}/"))
    assert "Line 2, HELMET: Quantity: 2 → 7" in text
    assert "Their reference: nothing → “PO 9”" in text
    assert "Robin Example" in text
    assert "Step done" not in text


@pytest.mark.django_db
def test_the_order_page_costs_the_same_statements_whatever_hangs_on_it() -> None:
    build.company()
    few = build.order(stage="billed", lines=[("HELMET", "1")])
    many = build.order(stage="billed", lines=[("HELMET", "1")] * 40 + [("LOCK", "2")] * 20)
    client = logged_in("admin")
    counts = []
    for order_id in (few, many):
        client.get(f"/console/orders/{order_id}/")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/console/orders/{order_id}/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_an_unreadable_quantity_cancels_nothing() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "3")])
    line = OrderLine.objects.get()
    logged_in("sales").post(
        f"/console/orders/{order_id}/cancel/", {"line": str(line.id), "quantity": "two", "reason": "x"}
    )
    line.refresh_from_db()
    assert line.cancelled == 0


# ------------------------------------------------------------------------------------------------ live


@pytest.mark.django_db
def test_live_answers_nothing_until_something_is_written() -> None:
    build.company()
    order_id = build.order(lines=[("BIKE", "1")])
    client = logged_in("order_manager")
    version = client.get(f"/console/orders/{order_id}/").context["live"]["version"]
    with CaptureQueriesContext(connection) as seen:
        assert client.get(f"/console/live/{order_id}/?since={version}").status_code == 204
    assert sum("platform_journalentry" in query["sql"] for query in seen) == 1
    assert len(seen) == 3  # the session and the user besides
    orders.hold([order_id], "other", "wait", actor="kim@example.org", at=timezone.now())
    news = client.get(f"/console/live/{order_id}/?since={version}").json()
    assert news["version"] != version
    assert client.get(f"/console/live/{order_id}/?since={news['version']}").status_code == 204
    assert client.get(f"/console/live/{uuid4()}/?since=0").status_code == 204
    assert Client().get(f"/console/live/{order_id}/").status_code in (302, 401)


# ------------------------------------------------------------------------------------------------ notes and mail


@pytest.mark.django_db
def test_a_note_is_seen_beside_an_order_in_the_making() -> None:
    company = build.company()
    client = logged_in("sales")
    party = company.customers["C-1"]
    answer = client.post(
        f"/console/customers/note/{party}/add/", {"text": "Ask for <Mia> 🚲", "next": "/console/customers/C-1/#notes"}
    )
    assert answer.url == "/console/customers/C-1/#notes"
    assert "Ask for &lt;Mia&gt; 🚲" in client.get("/console/customers/C-1/").content.decode()
    assert "Ask for &lt;Mia&gt; 🚲" in client.get(f"{NEW}?customer=C-1").content.decode()
    note = PartyNote.objects.get()
    assert logged_in("viewer").post(f"/console/customers/note/{note.id}/remove/").status_code == 403
    client.post(f"/console/customers/note/{note.id}/remove/")
    assert "Ask for" not in client.get("/console/customers/C-1/").content.decode()
    assert JournalEntry.objects.filter(verb__in=["party.noted", "party.note_removed"]).count() == 2


@pytest.mark.django_db
def test_the_confirmation_goes_with_the_order_when_it_is_wanted() -> None:
    build.company()
    Party.objects.filter(number="C-1").update(email="einkauf@example.org")
    client = logged_in("sales")
    client.post(NEW, typed(("BIKE", "1")))
    assert not Mail.objects.exists()
    client.post(NEW, typed(("BIKE", "1"), do="draft", send_confirmation="on"))
    assert not Mail.objects.exists()
    answer = client.post(NEW, typed(("BIKE", "1"), send_confirmation="on"))
    mail = Mail.objects.get()
    assert (mail.kind, mail.recipient, mail.language) == ("order_confirmation", "einkauf@example.org", "de")
    page = client.get(answer.url).content.decode()
    assert "einkauf@example.org" in page
    assert "In the queue" in page
    client.post(f"{answer.url}confirm/", {"to": "other@example.org", "note": "as agreed"})
    assert Mail.objects.count() == 2
    client.post(f"{answer.url}confirm/", {"to": "no address"})
    assert Mail.objects.count() == 2
