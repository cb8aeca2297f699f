"""The calculator: worked examples of the trade, and properties that must hold for every order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auftakt.catalog.types import ItemFacts
from auftakt.compliance.types import TaxRateFacts, TaxTable
from auftakt.pricing.rules import price_order
from auftakt.pricing.types import (
    DiscountFacts,
    LineRequest,
    ManualAdjustment,
    PriceBook,
    PriceFacts,
    PriceListFacts,
    PriceRequest,
    ShippingRateFacts,
)

D = Decimal
ON = date(2026, 3, 2)
LIST = PriceListFacts(uuid4(), "RETAIL", "Retail", "EUR", "", "", 100, False, None, None)
CATEGORY = uuid4()


def an_item(weight: str = "1", tax_category: str = "standard") -> ItemFacts:
    return ItemFacts(
        uuid4(), "HELM", "Helmet", "stocked", "active", "each", 0, {"each": D(1), "case": D(12)},
        {"each": 0, "case": 0}, D(weight), tax_category, (CATEGORY,), (),
    )  # fmt: skip


ITEM = an_item()


def taxes(*rates: tuple[str, str, str]) -> TaxTable:
    rows = rates or (("DE", "standard", "19"), ("DE", "reduced", "7"))
    return TaxTable(
        ON,
        {(c, "", k): (TaxRateFacts(uuid4(), c, "", k, "VAT", D(r), None, None),) for c, k, r in rows},
    )


def a_book(*tiers: tuple[str, str], included: bool = False, **more: object) -> PriceBook:
    price_list = replace(LIST, tax_included=included)
    prices = tuple(PriceFacts(D(price), D(start), None, None) for start, price in tiers)
    book = PriceBook((price_list,), {(LIST.id, ITEM.id, "each"): prices}, (), (), taxes())
    return replace(book, **more)


def a_discount(kind: str, value: str, **more: object) -> DiscountFacts:
    found = DiscountFacts(
        f"{kind}{value}", "Spring", kind, D(value), "EUR", None, None, None, "", "", D(0), 100, True, None, None
    )
    return replace(found, **more)


def ask(quantity: str = "1", **more: object) -> PriceRequest:
    line = LineRequest("1", ITEM, str(more.pop("unit", "each")), D(quantity), more.pop("manual", None))
    request = PriceRequest("k", "EUR", "shop", "consumer", None, ON, "DE", "", "", "document", (line,))
    return replace(request, **more)


def test_a_waterfall_adds_up() -> None:
    """List 2,500 less 100 plus tax: the components sum to what is paid."""
    book = a_book(("0", "2500"), discounts=(a_discount("amount", "100"),), taxes=taxes(("DE", "standard", "8")))
    line = price_order(book, ask()).lines[0]
    assert [(step.kind, step.amount) for step in line.waterfall] == [
        ("list", D("2500.00")), ("discount", D("-100.00")), ("tax", D("192.00"))
    ]  # fmt: skip
    assert (line.net, line.gross) == (D("2400.00"), D("2592.00"))


def test_the_published_example_to_the_cent() -> None:
    """List 2,500 less 100 plus tax 200 is 2,600."""
    book = a_book(("0", "2500"), discounts=(a_discount("amount", "100"),), taxes=taxes(("DE", "standard", "8.3333")))
    line = price_order(book, ask()).lines[0]
    assert [step.amount for step in line.waterfall] == [D("2500.00"), D("-100.00"), D("200.00")]
    assert line.gross == D("2600.00")


@pytest.mark.parametrize("newest_last", [True, False])
def test_of_two_prices_in_force_the_newer_counts_however_they_are_stored(newest_last: bool) -> None:
    standing, spring = PriceFacts(D(100), D(0), None, None), PriceFacts(D(85), D(0), date(2026, 3, 1), date(2026, 4, 1))
    stored = (standing, spring) if newest_last else (spring, standing)
    book = replace(a_book(("0", "1")), prices={(LIST.id, ITEM.id, "each"): stored})
    line = price_order(book, ask("2")).lines[0]
    assert (line.list_price, line.unit_price, line.net) == (D(85), D(85), D("170.00"))
    assert price_order(book, ask(on=date(2026, 2, 28))).net == D("100.00")
    assert price_order(book, ask(on=date(2026, 4, 1))).net == D("100.00")


@pytest.mark.parametrize(("quantity", "net"), [("9", "18000.00"), ("10", "16000.00")])
def test_a_discount_from_a_quantity_on(quantity: str, net: str) -> None:
    book = a_book(("0", "2000"), discounts=(a_discount("percent", "20", from_quantity=D(10)),))
    assert price_order(book, ask(quantity)).net == D(net)


def test_the_highest_tier_reached_prices_the_whole_line() -> None:
    book = a_book(("1", "100"), ("11", "90"), ("21", "80"))
    line = price_order(book, ask("25")).lines[0]
    assert (line.list_price, line.unit_price, line.net) == (D(100), D(80), D("2000.00"))
    assert [step.kind for step in line.waterfall] == ["list", "tier", "tax"]


def test_discounts_cascade_and_one_that_does_not_stack_ends_them() -> None:
    ten, five = a_discount("percent", "10"), a_discount("percent", "5")
    assert price_order(a_book(("0", "1000"), discounts=(ten, five)), ask()).net == D("855.00")
    alone = replace(ten, stacks=False)
    assert price_order(a_book(("0", "1000"), discounts=(alone, five)), ask()).net == D("900.00")


def test_the_amount_is_rounded_once_per_line() -> None:
    assert price_order(a_book(("0", "0.335")), ask("3")).net == D("1.01")


def test_tax_on_top_and_tax_included_meet() -> None:
    top = price_order(a_book(("0", "2400")), ask())
    assert (top.net, top.tax, top.gross) == (D("2400.00"), D("456.00"), D("2856.00"))
    inside = price_order(a_book(("0", "2856"), included=True), ask())
    assert (inside.net, inside.tax, inside.gross) == (D("2400.00"), D("456.00"), D("2856.00"))
    assert [step.kind for step in inside.lines[0].waterfall] == ["list", "included_tax", "tax"]


@pytest.mark.parametrize(("percent", "codes"), [("10", []), ("50", []), ("50.01", ["adjustment_over_limit"])])
def test_a_manual_adjustment_has_a_limit(percent: str, codes: list[str]) -> None:
    manual = ManualAdjustment("percent", D(percent), "Scratched", "sales", D(50))
    answer = price_order(a_book(("0", "200")), ask(manual=manual))
    assert [finding.code for finding in answer.findings] == codes
    if not codes:
        assert answer.net == (D(200) * (100 - D(percent)) / 100).quantize(D("0.01"))


def test_a_manual_adjustment_needs_a_reason() -> None:
    answer = price_order(a_book(("0", "200")), ask(manual=ManualAdjustment("price", D(150), " ", "sales")))
    assert [(f.code, f.place) for f in answer.findings] == [("adjustment_needs_reason", "/lines/0/manual/reason")]


def test_a_case_without_a_price_of_its_own_costs_its_pieces() -> None:
    line = price_order(a_book(("0", "5")), ask("2", unit="case")).lines[0]
    assert (line.unit_price, line.net) == (D(60), D("120.00"))
    assert line.waterfall[0].label == "Retail, 12 × each"


@pytest.mark.parametrize(
    "more",
    [{"currency": "USD"}, {"price_list_code": "NONE"}, {"on": date(2020, 1, 1)}],
    ids=["currency", "list", "day"],
)
def test_a_gap_is_a_finding_never_zero(more: dict[str, object]) -> None:
    limited = replace(LIST, valid_from=date(2026, 1, 1))
    book = replace(a_book(("0", "5")), lists=(limited,))
    answer = price_order(book, ask(**more))
    assert answer.lines == ()
    assert answer.findings[0].code in ("price_missing", "price_list_unusable")


def test_an_unknown_tax_rate_is_a_finding() -> None:
    answer = price_order(a_book(("0", "5")), ask(country="XX"))
    assert [(f.code, f.place) for f in answer.findings] == [("tax_rate_missing", "/lines/0/item")]


def test_the_most_specific_list_wins() -> None:
    dealer = replace(LIST, id=uuid4(), code="DEALER", segment="dealer", rank=500)
    prices = {(LIST.id, ITEM.id, "each"): (PriceFacts(D(10), D(0), None, None),),
              (dealer.id, ITEM.id, "each"): (PriceFacts(D(7), D(0), None, None),)}  # fmt: skip
    book = replace(a_book(("0", "1")), lists=(LIST, dealer), prices=prices)
    assert price_order(book, ask(segment="dealer")).net == D("7.00")
    assert price_order(book, ask(segment="consumer")).net == D("10.00")


def shipping(*rates: tuple[str | None, str, str | None]) -> tuple[ShippingRateFacts, ...]:
    return tuple(
        ShippingRateFacts(
            "DE", "Germany", ("DE",), "EUR", D(kg) if kg else None, D(amount), D(free) if free else None, "standard"
        )
        for kg, amount, free in rates
    )


@pytest.mark.parametrize(("quantity", "net"), [("1", "4.90"), ("3", "9.90"), ("10", "0.00")])
def test_shipping_by_weight_and_free_from_a_value(quantity: str, net: str) -> None:
    book = a_book(("0", "50"), shipping=shipping(("2", "4.90", "500"), ("31.5", "9.90", "500")))
    charge = price_order(book, ask(quantity)).charges[0]
    assert charge.net == D(net) == sum(s.amount for s in charge.waterfall if s.kind != "tax")


def test_a_weight_that_no_rate_carries_is_a_finding() -> None:
    answer = price_order(a_book(("0", "50"), shipping=shipping(("2", "4.90", None))), ask("3"))
    assert [f.code for f in answer.findings] == ["shipping_rate_missing"]


amounts = st.decimals("0.01", "9999.99", places=2)


@given(
    st.lists(st.tuples(amounts, st.integers(1, 50)), min_size=1, max_size=8),
    st.booleans(),
    st.sampled_from(["line", "document"]),
    st.decimals("0", "60", places=2),
)
def test_parts_always_sum_to_the_whole(
    lines: list[tuple[Decimal, int]], included: bool, rounding: str, percent: Decimal
) -> None:
    items = [an_item() for _ in lines]
    prices = {
        (LIST.id, item.id, "each"): (PriceFacts(price, D(0), None, None),)
        for item, (price, _) in zip(items, lines, strict=True)
    }
    book = replace(
        a_book(("0", "1"), included=included), prices=prices, discounts=(a_discount("percent", str(percent)),)
    )
    asked = tuple(LineRequest(str(n), i, "each", D(q)) for n, (i, (_, q)) in enumerate(zip(items, lines, strict=True)))
    answer = price_order(book, ask(lines=asked, tax_rounding=rounding))
    assert answer.gross == answer.net + answer.tax
    assert answer.net == sum(line.net for line in answer.lines)
    assert answer.tax == sum(line.tax for line in answer.lines)
    for line in answer.lines:
        assert sum(step.amount for step in line.waterfall) == line.gross
        assert sum(step.amount for step in line.waterfall if step.kind != "tax") == line.net
    if rounding == "document" and not included:
        assert answer.tax == (answer.net * 19 / 100).quantize(D("0.01"), "ROUND_HALF_UP")
