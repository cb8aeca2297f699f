"""Saving prices and quoting from the database: idempotent, complete in its refusals, constant in its statements."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.catalog import actions as catalog
from auftakt.catalog import queries as items
from auftakt.catalog.types import ItemDraft, UnitDraft
from auftakt.compliance import actions as compliance
from auftakt.compliance.types import TaxRateDraft
from auftakt.platform.models import JournalEntry
from auftakt.pricing import actions, queries
from auftakt.pricing.types import (
    AdjustmentLimitDraft,
    DiscountDraft,
    LineRequest,
    PriceDraft,
    PriceListDraft,
    PriceRequest,
    ShippingRateDraft,
    ShippingZoneDraft,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WHO = {"actor": "test", "at": AT}
D = Decimal

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]


@pytest.fixture
def company() -> None:
    catalog.save_units([UnitDraft("each", "Each")], **WHO)
    catalog.save_items([ItemDraft(f"I{n}", f"Item {n}", activate=True) for n in range(20)], **WHO)
    compliance.save_tax_rates([TaxRateDraft("DE", "standard", "VAT", D(19))], **WHO)
    actions.save_price_lists([PriceListDraft("RETAIL", "Retail", "EUR")], **WHO)
    actions.save_prices([PriceDraft("RETAIL", f"I{n}", D(10 + n)) for n in range(20)], **WHO)


def requests(count: int) -> list[PriceRequest]:
    facts = items.items_by_sku([f"I{n}" for n in range(3)])
    lines = tuple(LineRequest(sku, item, "each", D(2)) for sku, item in sorted(facts.items()))
    return [
        PriceRequest(str(n), "EUR", "shop", "", None, date(2026, 3, 2), "DE", "", "", "document", lines)
        for n in range(count)
    ]


def test_a_batch_is_priced_in_constantly_many_statements(company: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as one:
        answer = queries.quote(requests(1))
    with CaptureQueriesContext(connection) as many:
        queries.quote(requests(300))
    assert len(one) == len(many) <= 6
    assert answer[0].net == D("66.00")
    assert answer[0].gross == D("78.54")


def test_saving_twice_changes_nothing(company: None) -> None:
    before = JournalEntry.objects.count()
    assert actions.save_price_lists([PriceListDraft("RETAIL", "Retail", "EUR")], **WHO).done == ("RETAIL",)
    actions.save_prices([PriceDraft("RETAIL", f"I{n}", D(10 + n)) for n in range(20)], **WHO)
    assert JournalEntry.objects.count() == before


def test_good_prices_go_in_and_bad_ones_name_every_problem(company: None) -> None:
    outcome = actions.save_prices(
        [
            PriceDraft("RETAIL", "I0", D(5)),
            PriceDraft("NONE", "I99", D(-1)),
            PriceDraft("RETAIL", "I1", D(5), unit="box", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1)),
        ],
        **WHO,
    )
    assert outcome.done == (0,)
    assert {r.subject: sorted(f.code for f in r.findings) for r in outcome.refused} == {
        "1": ["amount_out_of_range", "unknown_item", "unknown_price_list"],
        "2": ["period_ends_before_it_starts", "unknown_unit"],
    }
    assert queries.quote(requests(1))[0].lines[0].list_price == D(5)


def test_discounts_shipping_and_limits_are_found_again(company: None) -> None:
    assert actions.save_discounts([DiscountDraft("TEN", "Ten", "percent", D(10), sku="I0")], **WHO).done == ("TEN",)
    zone = ShippingZoneDraft("DE", "Germany", ("DE",))
    rate = ShippingRateDraft("DE", "EUR", D("4.90"), free_from=D(100))
    assert actions.save_shipping([zone], [rate], **WHO).done == ("DE",)
    actions.save_adjustment_limits([AdjustmentLimitDraft("sales", D(15))], **WHO)
    answer = queries.quote(requests(1))[0]
    assert answer.lines[0].net == D("18.00")
    assert answer.charges[0].net == D("4.90")
    assert queries.adjustment_limit(["sales", "viewer"]) == D(15)
    assert queries.adjustment_limit(["viewer"]) is None


def test_a_discount_that_names_nothing_known_is_refused(company: None) -> None:
    draft = DiscountDraft("X", "X", "percent", D(101), sku="none", category="none", customer_number="none")
    outcome = actions.save_discounts([draft], **WHO)
    assert sorted(f.code for f in outcome.refused[0].findings) == [
        "amount_out_of_range", "unknown_category", "unknown_customer", "unknown_item",
    ]  # fmt: skip


def test_no_price_falls_between_two_pages(company: None) -> None:
    actions.save_prices([PriceDraft("RETAIL", f"I{n}", D(9), from_quantity=D(10)) for n in range(20)], **WHO)
    seen: list[tuple[str, Decimal]] = []
    after = ""
    while rows := queries.list_prices("RETAIL", after=after, limit=3):
        assert len({row.sku for row in rows}) <= 3
        seen += [(row.sku, row.from_quantity) for row in rows]
        after = rows[-1].sku
    assert len(seen) == len(set(seen)) == 40
