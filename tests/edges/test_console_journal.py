"""The journal in the console: what happened, by whom, to what; narrowed through indexes whatever its length."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.console import urls
from auftakt.orders import actions as orders
from auftakt.orders.models import Order
from auftakt.platform.models import JournalEntry
from auftakt.platform.sql import Statements, chosen
from tests import build
from tests.edges.test_console import logged_in
from tests.edges.test_console_jobs import page

pytestmark = pytest.mark.django_db


def seen(client: Client, **query: str) -> str:
    answer = client.get(reverse("console:journal"), query)
    assert answer.status_code == 200
    return page(answer)


def rows(client: Client, **query: str) -> int:
    return client.get(reverse("console:journal"), query).content.decode().count("<tr") - 1


def test_what_happened_is_told_in_words_with_facts_and_links() -> None:
    build.company()
    order_id = build.order(stage="shipped", lines=[("BIKE", "1")])
    orders.hold([build.order(lines=[("LOCK", "1")])], "credit", "Ask Mia", actor="ben@example.org", at=build.AT)
    client = logged_in("order_manager")
    text = seen(client)
    for told in ("Put on hold", "Credit check", "Shipped", "Order submitted", "ben@example.org"):
        assert told in text
    html = client.get(reverse("console:journal")).content.decode()
    assert reverse("console:order", args=[order_id]) in html
    assert "<dt>Total</dt>" in html
    assert str(order_id) not in text
    german = seen(logged_in("order_manager", language="de"), verb="order.held").rsplit("Was sich geändert hat", 1)[1]
    assert "Auftrag" in german
    assert "Put on hold" not in german


def test_filters_by_who_what_to_what_and_when() -> None:
    build.company()
    first, second = build.order(lines=[("LOCK", "1")]), build.order(lines=[("LOCK", "1")])
    later = build.AT + timedelta(days=40)
    orders.hold([first], "credit", actor="ben@example.org", at=build.AT)
    orders.hold([second], "credit", actor="ada@example.org", at=later)
    client = logged_in("finance")
    assert rows(client, verb="order.held") == 2
    assert rows(client, actor="ben@example.org") == 1
    number = Order.objects.get(id=first).number
    told = seen(client, q=number)
    assert number in told
    assert Order.objects.get(id=second).number not in told
    assert rows(client, q=str(second), verb="order.held") == 1
    assert rows(client, verb="order.held", day_from=later.date().isoformat()) == 1
    assert rows(client, verb="order.held", day_to=build.AT.date().isoformat()) == 1
    assert "Nothing fits" in seen(client, q="no such thing")
    for rubbish in ({"q": "'; drop"}, {"day_from": "x"}, {"verb": "nonsense"}, {"actor": "nobody"}, {"after": "?"}):
        assert client.get(reverse("console:journal"), rubbish).status_code == 200


def test_what_belongs_to_an_order_is_found_by_its_number() -> None:
    build.company()
    order_id = build.order(stage="paid", lines=[("BIKE", "1")])
    text = seen(logged_in("admin"), q=Order.objects.get(id=order_id).number)
    for told in ("Order submitted", "Released to the site", "Shipped", "Invoiced"):
        assert told in text


def test_it_is_for_those_who_may_read_it() -> None:
    for role, status in (("sales", 403), ("warehouse", 403), ("viewer", 200), ("finance", 200)):
        assert logged_in(role).get(reverse("console:journal")).status_code == status


def test_pages_follow_each_other_and_cost_the_same_for_few_and_many() -> None:
    build.company()
    ids = [build.order(lines=[("LOCK", "1")]) for _ in range(3)]
    client = logged_in("admin")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as statements:
            client.get(reverse("console:journal"), {"verb": "order.held"})
        counts.append(len(statements))
        entries = [
            JournalEntry(at=build.AT, actor="x", verb="order.held", subject_type="order", subject_id=key, change={})
            for key in ids * 40
        ]
        JournalEntry.objects.bulk_create(entries)
    with CaptureQueriesContext(connection) as statements:
        first = client.get(reverse("console:journal"), {"verb": "order.held"}).content.decode()
    assert len(statements) <= counts[0] + 1  # the names of subjects, once there are any
    assert 'rel="next"' in first
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(reverse("console:journal") + following).content.decode()
    assert 'id="page-first"' in second


def test_every_condition_goes_through_an_index() -> None:
    """On a filled table the first page of each filter is read from an index in order, or is about one subject."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into platform_journalentry (id, at, actor, verb, subject_type, subject_id, change)"
            " select gen_random_uuid(), now() - n * interval '1 minute', 'a' || n %% 7, 'v' || n %% 11, 'order',"
            " gen_random_uuid(), '{}' from generate_series(1, 30000) n",
            {},
        )
        cursor.execute("analyze platform_journalentry")
    lists = urls.journal.lists.journal(None)
    assert lists.name == "journal"
    for index, asked in (
        ("journal_by_time", {}),
        ("journal_by_verb", {"verb": "v3"}),
        ("journal_by_actor", {"actor": "a3"}),
        ("journal_by_subject", {"subjects": [str(UUID(int=3))]}),
    ):
        plan = plan_of(**asked)
        assert index in plan, plan
        assert "Seq Scan on platform_journalentry" not in plan, plan


def plan_of(**asked: object) -> str:
    text = chosen(Statements("auftakt.console").texts["journal_list"], asked)
    with connection.cursor() as cursor:
        cursor.execute(f"explain select * from (\n{text}\n) t order by t.at desc, t.id desc limit 51", asked)
        return "\n".join(row[0] for row in cursor.fetchall())
