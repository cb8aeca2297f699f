"""Capture: once each, filled in, all problems named with their place, and nothing of a refused draft left behind."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from tests import build

from auftakt.catalog.models import Item
from auftakt.orders import actions, queries
from auftakt.orders.models import FulfilmentLine, Order, OrderLine, Revision
from auftakt.orders.tests.counting import statements
from auftakt.orders.types import LineDraft
from auftakt.parties import queries as parties
from auftakt.parties.models import Address, CreditDraw
from auftakt.parties.types import AddressDraft
from auftakt.platform.models import JournalEntry
from auftakt.pricing.types import AdjustmentLimitDraft, ManualAdjustment
from auftakt.promising.models import Commitment

pytestmark = pytest.mark.django_db
A = {"actor": build.ACTOR, "at": build.AT}


def verbs(order_id: object) -> list[str]:
    return [entry.verb for entry in JournalEntry.objects.filter(subject_id=order_id).order_by("id")]


def drawn(number: str = "C-1") -> Decimal:
    key = parties.customers_by_number([number])[number].id
    return parties.credit([key])[key].drawn


def test_an_order_is_filled_in_priced_promised_and_written_down() -> None:
    build.company()
    page = queries.order_page(build.order(lines=[("BIKE", "2"), ("LOCK", "3")], reference="WEB-7"))
    assert page is not None
    order = page.order
    assert (order.number[:3], order.state, order.revision) == ("SO-", "submitted", 1)
    assert (order.currency, order.language, order.payment_terms, order.payment_method) == (
        "EUR", "de", "NET30", "on_account",
    )  # fmt: skip
    assert (order.net, order.tax, order.gross) == (Decimal(2060), Decimal("391.4"), Decimal("2451.4"))
    assert [(line.sku, line.quantity, line.net) for line in page.lines] == [
        ("BIKE", Decimal(2), Decimal(2000)), ("LOCK", Decimal(3), Decimal(60)),
    ]  # fmt: skip
    assert [part["source"] for part in page.lines[0].waterfall] == ["LIST", "standard"]
    assert [(piece.site_code, piece.quantity, piece.state) for piece in page.fulfilment_lines] == [
        ("DC", Decimal(2), "open"), ("DC", Decimal(3), "open"),
    ]  # fmt: skip
    assert page.fulfilment_lines[0].promise is not None
    assert page.fulfilment_lines[0].arrive_on == build.TODAY + timedelta(days=1)
    assert Commitment.objects.count() == 2
    assert drawn() == Decimal("2451.4")
    assert verbs(order.id) == ["order.captured", "order.submitted"]
    captured = JournalEntry.objects.get(subject_id=order.id, verb="order.captured").change
    assert captured["reference"] == "WEB-7"
    assert captured["filled_in"] == {
        "bill_to": "customer", "ship_to": "customer", "currency": "customer", "payment_terms": "customer",
        "payment_method": "payment terms", "legal_entity": "bill-to country", "requested_ship_on": "day of the order",
    }  # fmt: skip
    assert page.progress.stage == "promised"


def test_services_and_kits_have_their_own_fulfilment_lines() -> None:
    build.company()
    pieces = {
        piece.sku: piece
        for piece in queries.fulfilment_lines(
            order_ids=[build.order(lines=[("SET", "2"), ("FITTING", "1.5"), ("FRAME", "1")])]
        ).values()
    }
    assert pieces["SET"].site_code == "DC"
    assert {(row.bucket.item.sku, row.quantity) for row in Commitment.objects.select_related("bucket__item")} == {
        ("HELMET", Decimal(2)), ("LOCK", Decimal(4)),
    }  # fmt: skip
    assert (pieces["FITTING"].site_id, pieces["FITTING"].ship_on) == (None, build.TODAY)
    assert (pieces["FRAME"].site_id, pieces["FRAME"].ship_on) == (None, build.TODAY)


def test_a_case_is_promised_in_base_units_and_whole_cases() -> None:
    build.company(stock={("DC", "HELMET"): "30"})
    made = build.draft([("HELMET", "3")])
    made = replace(made, lines=(replace(made.lines[0], unit="case"),))
    pieces = list(queries.fulfilment_lines(order_ids=[build.capture(made)]).values())
    assert [(piece.quantity, piece.base_quantity, piece.is_promised) for piece in pieces] == [
        (Decimal(2), Decimal(24), True), (Decimal(1), Decimal(12), False),
    ]  # fmt: skip


def test_what_cannot_be_promised_waits_without_a_site() -> None:
    build.company()
    page = queries.order_page(build.order(lines=[("TYRE", "1"), ("LOCK", "1")]))
    assert page is not None
    by_sku = {piece.sku: piece for piece in page.fulfilment_lines}
    assert (by_sku["TYRE"].site_id, by_sku["TYRE"].ship_on, by_sku["LOCK"].site_code) == (None, None, "DC")
    assert page.progress.stage == "part_promised"
    assert page.progress.served.unpromised == 1


def test_the_same_again_is_the_same_order() -> None:
    build.company()
    made = build.draft([("BIKE", "1")], reference="WEB-1")
    first = actions.capture([made], submit=True, **A).one()
    again = actions.capture([replace(made, received={"delivery": 2})], submit=True, **A).one()
    assert (first.result, again.result) == ("created", "unchanged")
    assert (again.order_id, again.number, again.state) == (first.order_id, first.number, "submitted")
    assert (Order.objects.count(), Revision.objects.count(), Commitment.objects.count()) == (1, 1, 1)
    assert verbs(first.order_id) == ["order.captured", "order.submitted"]


def test_quantities_written_differently_are_the_same() -> None:
    build.company()
    made = build.draft([("BIKE", "1")], reference="WEB-1")
    build.capture(made)
    again = replace(made, lines=(LineDraft("BIKE", Decimal("1.000")),))
    assert actions.capture([again], submit=True, **A).one().result == "unchanged"


def test_other_content_under_the_same_reference_is_a_revision() -> None:
    build.company()
    made = build.draft([("BIKE", "1")], reference="WEB-1")
    first = build.capture(made)
    other = replace(made, lines=(LineDraft("BIKE", Decimal(3)), LineDraft("LOCK", Decimal(1))))
    revised = actions.capture([other], submit=True, **A).one()
    assert (revised.result, revised.order_id) == ("revised", first)
    assert {line.sku: line.quantity for line in queries.order_lines(order_ids=[first]).values()} == {
        "BIKE": Decimal(3), "LOCK": Decimal(1),
    }  # fmt: skip
    assert verbs(first) == ["order.captured", "order.submitted", "order.revised"]
    difference = Revision.objects.get(order_id=first, number=2).difference
    assert difference == {"lines": {"1": {"quantity": ["1", "3"]}, "2": {"added": ["LOCK", "1", "each"]}}}


def test_copies_in_one_batch_are_one_order() -> None:
    build.company()
    made = build.draft([("BIKE", "1")], reference="WEB-1")
    more = replace(made, lines=(LineDraft("BIKE", Decimal(2)),))
    outcome = actions.capture([made, made, more, build.draft(), more], submit=True, **A)
    assert [each.result for each in outcome.done] == ["created", "unchanged", "revised", "created", "unchanged"]
    assert len({each.order_id for each in outcome.done}) == 2
    assert Order.objects.count() == 2


def test_drafts_without_a_reference_are_all_different() -> None:
    build.company()
    made = replace(build.draft(), external_reference="")
    outcome = actions.capture([made, made], submit=True, **A)
    assert [each.result for each in outcome.done] == ["created", "created"]


def test_a_stored_draft_that_comes_to_be_submitted_is_submitted() -> None:
    build.company()
    made = build.draft([("BIKE", "1")], reference="WEB-1")
    stored = actions.capture([made], submit=False, **A).one()
    assert (stored.state, Commitment.objects.count(), drawn()) == ("draft", 0, 0)
    again = actions.capture([made], submit=True, **A).one()
    assert (again.order_id, again.state) == (stored.order_id, "submitted")
    assert Commitment.objects.count() == 1


def test_all_problems_are_named_with_their_place() -> None:
    build.company()
    bad = build.draft(
        customer="C-404",
        currency="XXX",
        payment_terms="NET99",
        payment_method="barter",
        legal_entity_code="NOBODY",
        requested_arrival_on=build.TODAY - timedelta(days=1),
        lines=[("NONE", "1")],
    )
    bad = replace(
        bad,
        lines=(
            LineDraft("NONE", Decimal(1)),
            LineDraft("BIKE", Decimal("1.5")),
            LineDraft("BIKE", Decimal(0), external_line_id="2"),
            LineDraft("BIKE", Decimal(-3), unit="parsec"),
            LineDraft("BIKE", Decimal(1), unit="kg", requested_ship_on=build.TODAY - timedelta(days=9)),
            LineDraft("DRAFTED", Decimal("NaN")),
        ),
    )
    refused = actions.capture([bad], submit=True, **A).refused
    assert [refusal.subject for refusal in refused] == ["0"]
    assert {(finding.code, finding.place) for finding in refused[0].findings} == {
        ("unknown_customer", "/customer_number"),
        ("unknown_currency", "/currency"),
        ("unknown_payment_terms", "/payment_terms"),
        ("unknown_payment_method", "/payment_method"),
        ("unknown_legal_entity", "/legal_entity_code"),
        ("date_in_past", "/requested_arrival_on"),
        ("unknown_item", "/lines/0/sku"),
        ("quantity_too_fine", "/lines/1/quantity"),
        ("duplicate_line", "/lines/2/external_line_id"),
        ("quantity_not_positive", "/lines/2/quantity"),
        ("unknown_unit", "/lines/3/unit"),
        ("quantity_not_positive", "/lines/3/quantity"),
        ("unit_not_of_item", "/lines/4/unit"),
        ("date_in_past", "/lines/4/requested_ship_on"),
        ("item_not_active", "/lines/5/sku"),
        ("bad_quantity", "/lines/5/quantity"),
    }


@pytest.mark.parametrize(
    ("values", "code", "place"),
    [
        ({"customer": "C-NOWHERE"}, "no_ship_to", "/ship_to"),
        ({"customer": "S-1"}, "not_a_customer", "/customer_number"),
        ({"lines": []}, "no_lines", "/lines"),
        ({"lines": [("UNPRICED", "1")]}, "price_missing", "/lines/0/sku"),
        ({"price_list_code": "NOPE"}, "price_list_unusable", "/price_list_code"),
        ({"ordered_at": build.AT + timedelta(days=1)}, "ordered_in_future", "/ordered_at"),
        ({"notes": "nul\x00"}, "bad_character", ""),
        ({"notes": "half \ud800"}, "bad_character", ""),
        ({"received": {"a": "nul\x00"}}, "bad_character", "/received"),
        ({"received": {"a": float("nan")}}, "bad_character", "/received"),
        ({"source_system": ""}, "source_missing", "/source_system"),
        ({"customer_reference": "x" * 121}, "too_long", "/customer_reference"),
        ({"priority": -1}, "bad_priority", "/priority"),
        ({"ship_to": AddressDraft("Ring 7", "Wien", "XX")}, "country_unknown", "/ship_to/country"),
    ],
)
def test_bad_input_is_refused_by_name_and_moves_nothing(values: dict[str, object], code: str, place: str) -> None:
    build.company()
    before = JournalEntry.objects.count()
    refused = actions.capture([build.draft(**values)], submit=True, **A).refused  # type: ignore[arg-type]
    assert [(finding.code, finding.place) for finding in refused[0].findings] == [(code, place)]
    assert (Order.objects.count(), OrderLine.objects.count(), Commitment.objects.count(), drawn()) == (0, 0, 0, 0)
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize("number", ["1E+999999", "1E-999999", "-Infinity", "sNaN", "1E+12"])
def test_monstrous_numbers_are_refused_at_once(number: str) -> None:
    build.company()
    line = LineDraft("BIKE", Decimal(number), manual=ManualAdjustment("price", Decimal(number), "why"))
    found = actions.capture([replace(build.draft(), lines=(line,))], submit=True, **A).refused[0].findings
    assert ("bad_quantity", "/lines/0/quantity") in [(finding.code, finding.place) for finding in found]


def test_a_kit_with_a_missing_component_is_refused() -> None:
    build.company()
    Item.objects.filter(sku="LOCK").update(state="phased_out")
    finding = actions.capture([build.draft([("SET", "1")])], submit=True, **A).refused[0].findings[0]
    assert (finding.code, finding.place, finding.facts["component"]) == ("component_missing", "/lines/0/sku", "LOCK")


def test_a_blocked_customer_and_a_phased_out_item_are_refused() -> None:
    company = build.company()
    build.done(build.parties.block_parties([company.customers["C-2"]], **A))
    build.done(build.catalog.phase_out([company.items["TYRE"]], **A))
    refused = actions.capture([build.draft([("TYRE", "1")], customer="C-2")], submit=True, **A).refused
    assert [finding.code for finding in refused[0].findings] == ["customer_blocked", "item_phased_out"]


def test_good_drafts_go_in_beside_refused_ones() -> None:
    build.company()
    drafts = [build.draft(), build.draft([("NONE", "1")]), build.draft([("UNPRICED", "1")]), build.draft()]
    outcome = actions.capture(drafts, submit=True, **A)
    assert [each.index for each in outcome.done] == [0, 3]
    assert [refusal.subject for refusal in outcome.refused] == ["1", "2"]
    assert Order.objects.count() == 2


def test_exhausted_credit_leaves_nothing_behind_and_the_others_go_in() -> None:
    build.company()
    away = AddressDraft("Werkstr. 9", "Bremen", "DE", "28195")
    drafts = [
        build.draft([("BIKE", "40")]), build.draft([("BIKE", "10")], ship_to=away), build.draft([("BIKE", "1")]),
    ]  # fmt: skip
    outcome = actions.capture(drafts, submit=True, **A)
    assert [each.index for each in outcome.done] == [0, 2]
    refusal = outcome.refused[0]
    assert (refusal.subject, refusal.code, refusal.transient) == ("1", "credit_exhausted", True)
    assert refusal.findings[0].facts["available"] == "2400.000"
    assert Address.objects.filter(city="Bremen").count() == 0
    assert (Order.objects.count(), CreditDraw.objects.count(), drawn()) == (2, 2, Decimal(41 * 1190))


def test_prepaid_orders_draw_no_credit() -> None:
    build.company()
    order = queries.orders([build.order(customer="C-3")]).popitem()[1]
    assert (order.payment_method, CreditDraw.objects.count()) == ("bank_transfer", 0)


def test_an_address_that_comes_with_the_order_is_kept_once() -> None:
    build.company()
    away = AddressDraft("Werkstr. 9", "Bremen", "DE", "28195", name="Lager Nord")
    ids = [build.order(ship_to=away) for _ in range(2)]
    places = {order.ship_to_id for order in queries.orders(ids).values()}
    assert len(places) == 1
    assert parties.addresses(places).popitem()[1].city == "Bremen"


def test_an_address_of_somebody_else_is_refused() -> None:
    build.company()
    foreign = parties.customers_by_number(["C-2"])["C-2"].addresses[0].id
    refused = actions.capture([build.draft(ship_to_id=foreign)], submit=True, **A).refused
    assert [(finding.code, finding.place) for finding in refused[0].findings] == [("unknown_address", "/ship_to_id")]


def test_a_draft_may_lack_a_price_until_it_is_submitted() -> None:
    build.company()
    stored = actions.capture([build.draft([("UNPRICED", "1"), ("BIKE", "1")])], submit=False, **A).one()
    lines = list(queries.order_lines(order_ids=[stored.order_id]).values())
    assert [line.unit_price for line in lines] == [None, Decimal(1000)]
    refused = actions.submit([stored.order_id], **A).refused
    assert [(finding.code, finding.place) for finding in refused[0].findings] == [("price_missing", "/lines/0/sku")]
    assert queries.orders([stored.order_id])[stored.order_id].state == "draft"


def test_adjustments_by_hand_are_held_to_the_limit_of_the_role() -> None:
    build.company()
    build.done(build.pricing.save_adjustment_limits([AdjustmentLimitDraft("sales", Decimal(10))], **A))
    made = build.draft([("BIKE", "1")])
    cheap = replace(
        made, lines=(replace(made.lines[0], manual=ManualAdjustment("percent", Decimal(20), "Friend", "m")),)
    )
    refused = actions.capture([cheap], submit=True, roles=["sales"], **A).refused
    assert refused[0].code == "adjustment_over_limit"
    line = queries.order_lines(order_ids=[build.capture(cheap)]).popitem()[1]
    assert (line.net, line.manual_reason) == (Decimal(800), "Friend")


def test_stored_drafts_are_submitted_as_of_then() -> None:
    build.company()
    order_id = build.order(stage="draft", lines=[("BIKE", "1")])
    later = build.AT + timedelta(days=2)
    assert actions.submit([order_id], actor="anna", at=later).done == (order_id,)
    order = queries.orders([order_id])[order_id]
    assert (order.state, order.submitted_at, order.ordered_at) == ("submitted", later, build.AT)
    assert verbs(order_id) == ["order.captured", "order.submitted"]
    assert FulfilmentLine.objects.filter(order_id=order_id, state="open").count() == 1
    assert [refusal.code for refusal in actions.submit([order_id], **A).refused] == ["not_a_draft"]


def test_statements_do_not_grow_with_the_batch() -> None:
    build.company(stock={("DC", "LOCK"): "10000", ("DC", "HELMET"): "10000"})
    build.order(lines=[("LOCK", "1")])

    def count(orders: int, *, submit: bool) -> list[str]:
        drafts = [build.draft([("LOCK", "1"), ("HELMET", "1")], customer="C-2") for _ in range(orders)]
        with statements() as seen:
            captured = build.done(actions.capture(drafts, submit=submit, **A))
        if not submit:
            with statements() as more:
                build.done(actions.submit([each.order_id for each in captured], **A))
            seen += more
        return seen

    for submit in (True, False):
        one, many = count(1, submit=submit), count(300, submit=submit)
        assert len(one) == len(many), sorted(set(one) ^ set(many))
    assert len(count(2, submit=True)) <= 29  # two of them ask whether there are rules
    assert connection.in_atomic_block
