"""Lists, search, the page of an order, the preview, and that lists do not read everything."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from tests import build

from auftakt.orders import actions, queries
from auftakt.orders.models import Order
from auftakt.orders.types import OrderFilter
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

pytestmark = pytest.mark.django_db
A = {"actor": build.ACTOR, "at": build.AT}


def references(**wanted: object) -> list[str]:
    return [row.external_reference for row in queries.list_orders(OrderFilter(**wanted)).rows]  # type: ignore[arg-type]


def orders_of_a_week() -> None:
    build.company()
    for day, (sku, customer, note) in enumerate(
        [("BIKE", "C-1", "gift"), ("LOCK", "C-2", ""), ("TYRE", "C-1", "urgent gift"), ("LOCK", "C-3", "")]
    ):
        made = build.draft([(sku, "1")], customer=customer, reference=f"W-{day}", notes=note)
        made = replace(made, customer_reference=f"PO/{day}")
        build.capture(made, at=build.AT + timedelta(days=day))


def test_lists_are_narrowed_and_run_newest_first() -> None:
    orders_of_a_week()
    build.done(actions.hold([queries.list_orders().rows[0].id], "credit", **A))
    build.done(actions.cancel([build.Cancellation(queries.list_orders().rows[2].id)], **A))
    number = Order.objects.get(external_reference="W-1").number
    assert references() == ["W-3", "W-2", "W-1", "W-0"]
    assert references(customer_number="C-1") == ["W-2", "W-0"]
    assert references(sku="LOCK") == ["W-3", "W-1"]
    assert references(number=number) == ["W-1"]
    assert references(number=number[:4]) == ["W-3", "W-2", "W-1", "W-0"]
    assert references(reference="W-2") == ["W-2"]
    assert references(reference="PO/1") == ["W-1"]
    assert references(reference="PO%") == []
    assert references(state="cancelled") == ["W-1"]
    assert references(text="gift") == ["W-2", "W-0"]
    assert references(text="gift URG") == ["W-2"]
    assert references(text="radhaus berl") == ["W-2", "W-0"]
    assert references(text=number) == ["W-1"]
    assert references(on_hold=True) == ["W-3"]
    assert references(unpromised=True) == ["W-2"]
    assert references(ordered_from=build.TODAY + timedelta(days=2)) == ["W-3", "W-2"]
    assert references(ordered_to=build.TODAY) == ["W-0"]
    assert references(customer_number="C-404") == references(sku="NONE") == []
    stages = {row.external_reference: row.progress.stage for row in queries.list_orders().rows}
    assert stages == {"W-3": "promised", "W-2": "waiting", "W-1": "cancelled", "W-0": "promised"}


def test_pages_follow_each_other_without_gaps() -> None:
    build.company()
    drafts = [build.draft([("LOCK", "1")], customer="C-2") for _ in range(7)]
    build.done(actions.capture(drafts, submit=True, **A))
    seen: list[str] = []
    cursor = ""
    while True:
        page = queries.list_orders(None, cursor, 3)
        seen += [row.number for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 7
    assert queries.list_orders(None, "", 7).next_cursor == ""
    with pytest.raises(ValueError, match="cursor"):
        queries.list_orders(None, "nonsense")


EXPECTED = [
    ({}, "order_newest_first"),
    ({"state": "draft"}, "order_by_state"),
    ({"customer_number": "C-2"}, "order_by_customer"),
    ({"number": "SO-000007"}, "orders_order_number_"),
    ({"reference": "BULK-77"}, "order_by_reference"),
    ({"sku": "TYRE"}, "order_line_by_item"),
    ({"text": "bulk77"}, "order_by_text"),
    ({"unpromised": True}, "unpromised_by_order"),
    ({"on_hold": True}, "orders_order_pkey"),
]


def test_each_filter_has_its_index() -> None:
    """Among many orders no list reads them all: the plan names the index of its filter, and scans no orders.

    Scans are made dear, so that tables of few rows are planned like large ones; without an index a scan would remain.
    """
    build.company()
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    build.order(lines=[("LOCK", "1")], customer="C-1")
    many_copies(6_000)
    for wanted, index in EXPECTED:
        plans: list[str] = []

        def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if "order by o.ordered_at desc" in sql:
                plans.extend(row[0] for row in context["connection"].cursor().cursor.execute(f"explain {sql}", params))  # noqa: B023
            return execute(sql, params, many, context)

        with connection.execute_wrapper(explained):
            queries.list_orders(OrderFilter(**wanted))  # type: ignore[arg-type]
        plan = "\n".join(plans)
        assert index in plan, (wanted, plan)
        assert not re.search(r"Seq Scan on orders_(order|orderline)\b", plan), (wanted, plan)


def many_copies(count: int) -> None:
    """Copies of the one order there is, under ids of their own, with other customers and words."""
    with connection.cursor() as cursor:
        cursor.execute("select id from orders_order")
        (model,) = cursor.fetchone()
        cursor.execute("select id from parties_party where number = 'C-3'")
        (customer,) = cursor.fetchone()
        cursor.execute(
            """
            insert into orders_order
            select (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'serial', 1000 + g,
              'number', 'SO-9' || lpad(g::text, 6, '0'), 'external_reference', 'BULK-' || g, 'customer_id', %s::uuid,
              'search_text', 'bulk' || g || ' copy', 'ordered_at', o.ordered_at - g * interval '1 minute'))).*
            from orders_order o, generate_series(1, %s) g where o.id = %s
            """,
            (customer, count, model),
        )
        cursor.execute(
            """
            insert into orders_orderline
            select (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'order_id', o.id))).*
            from orders_orderline l, orders_order o where l.order_id = %s and o.id <> l.order_id
            """,
            (model,),
        )
        cursor.execute("analyze orders_order, orders_orderline, orders_fulfilmentline, orders_hold")


def test_the_timeline_tells_what_every_floor_did() -> None:
    build.company()
    order_id = build.order()
    journal.write("fulfilment.shipped", [Entry("shipment", new_id(), {"order_id": order_id})], **A)
    journal.write("fulfilment.shipped", [Entry("shipment", new_id(), {"order_id": new_id()})], **A)
    assert [entry.verb for entry in queries.timeline(order_id)] == [
        "fulfilment.shipped", "order.submitted", "order.captured", "party.credit_drawn",
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into platform_journalentry (id, at, actor, verb, subject_type, subject_id, change)"
            " select gen_random_uuid(), now(), 'a', 'v', 's', gen_random_uuid(),"
            " jsonb_build_object('order_id', gen_random_uuid()) from generate_series(1, 5000)"
        )
        cursor.execute("analyze platform_journalentry")
        cursor.execute("explain " + queries.sql.texts["read_timeline"], {"order": order_id, "limit": 9})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "journal_by_order" in plan, plan
    assert "journal_by_subject" in plan, plan
    assert "Seq Scan" not in plan, plan


def test_a_preview_prices_and_promises_and_stores_nothing() -> None:
    build.company()
    before = JournalEntry.objects.count()
    seen = queries.price_and_promise(build.draft([("BIKE", "12"), ("FITTING", "1")]), on=build.TODAY)
    assert seen.priced is not None
    assert (seen.findings, seen.priced.net, seen.currency) == ((), Decimal(12060), "EUR")
    assert [(piece.site_code, piece.quantity) for piece in seen.pieces_of(0)] == [("DC", 10), ("SHOP", 2)]
    bad = queries.price_and_promise(build.draft([("NONE", "1")]), on=build.TODAY)
    assert ([finding.place for finding in bad.findings], bad.priced, bad.pieces_of(0)) == (["/lines/0/sku"], None, ())
    assert (Order.objects.count(), JournalEntry.objects.count()) == (0, before)


def test_an_order_nobody_knows_has_no_page() -> None:
    assert queries.order_page(new_id()) is None
