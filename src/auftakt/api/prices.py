"""Price lists, prices, discounts, shipping, tax rates, and the price of anything."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ninja import Router

from auftakt.api.callers import Caller
from auftakt.api.faults import faulty, missing
from auftakt.api.pages import Cursor, Limit, Text, cut, read_cursor, single, write_cursor
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.catalog import queries as catalog
from auftakt.compliance import actions as compliance
from auftakt.compliance import queries as rates
from auftakt.compliance.types import TaxRateDraft, TaxRateFacts
from auftakt.parties import queries as parties
from auftakt.pricing import actions, queries
from auftakt.pricing.types import (
    AdjustmentLimitDraft,
    DiscountDraft,
    DiscountFacts,
    LineRequest,
    PricedOrder,
    PriceDraft,
    PriceListDraft,
    PriceListFacts,
    PriceRequest,
    ShippingRateDraft,
    ShippingZoneDraft,
)
from auftakt.values import Finding

router = Router(tags=["prices"])


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price of a list."""

    sku: str
    name: str
    unit: str
    from_quantity: Decimal
    unit_price: Decimal
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class ShippingDraft:
    """Shipping zones and their rates. The rates of a zone replace those it had."""

    zones: tuple[ShippingZoneDraft, ...] = ()
    rates: tuple[ShippingRateDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A line to be priced; without a unit in the item's base unit."""

    sku: str
    quantity: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class QuoteWish:
    """What shall be priced: for a customer, or for anyone of a segment, going to a country. Without a day: today."""

    lines: tuple[QuoteLine, ...]
    country: str
    region: str = ""
    currency: str = ""
    customer_number: str = ""
    segment: str = ""
    channel: str = "api"
    price_list_code: str = ""
    on: date | None = None
    tax_rounding: str = "document"
    with_shipping: bool = True


@operation(router.get, "/price-lists", needs="prices.view", answers=PriceListFacts, page=True)
def list_price_lists(caller: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List price lists by code."""
    after = read_cursor(cursor, str) or ("",)
    return cut(queries.list_price_lists(after=after[0], limit=limit + 1), limit, lambda row: [row.code])


saves(
    router, "/price-lists", name="price_list", what="Add or change a price list by its code.",
    needs="prices.edit", takes=PriceListDraft, verb=actions.save_price_lists,
)  # fmt: skip


@operation(router.get, "/price-lists/{code}/prices", needs="prices.view", answers=PriceRow, page=True)
def list_prices(caller: Caller, code: str, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List the prices of a list by SKU; `limit` counts items, each with all its prices."""
    after = read_cursor(cursor, str) or ("",)
    rows = [PriceRow(*row) for row in queries.list_prices(code, after=after[0], limit=limit)]
    if not rows and code not in {each.code for each in queries.list_price_lists(limit=10_000)}:
        raise missing("price list", code)
    skus = list(dict.fromkeys(row.sku for row in rows))
    return Page(rows, write_cursor(skus[-1]) if len(skus) == limit else "")


saves(
    router, "/prices", name="price", what="Add or change a price by list, item, unit, tier and start.",
    needs="prices.edit", takes=PriceDraft, verb=actions.save_prices,
)  # fmt: skip


@operation(router.get, "/discounts", needs="prices.view", answers=DiscountFacts, page=True)
def list_discounts(caller: Caller, cursor: Cursor = "", limit: Limit = 50) -> Page:
    """List discounts by code."""
    after = read_cursor(cursor, str) or ("",)
    return cut(queries.list_discounts(after=after[0], limit=limit + 1), limit, lambda row: [row.code])


saves(
    router, "/discounts", name="discount", what="Add or change a discount by its code.", needs="prices.edit",
    takes=DiscountDraft, verb=actions.save_discounts,
)  # fmt: skip
saves(
    router, "/adjustment-limits", name="adjustment_limit", what="Say how far a role may lower a price by hand.",
    needs="prices.edit", takes=AdjustmentLimitDraft, verb=actions.save_adjustment_limits,
)  # fmt: skip


@operation(router.put, "/shipping", needs="prices.edit", answers=dict[str, str])
def save_shipping(caller: Caller, body: ShippingDraft) -> dict[str, str]:
    """Save shipping zones and what shipping into them costs."""
    single(actions.save_shipping(body.zones, body.rates, actor=caller.actor, at=caller.at))
    return {"result": "done"}


@operation(router.get, "/tax-rates", needs="prices.view", answers=TaxRateFacts, page=True)
def list_tax_rates(caller: Caller, country: Text = "") -> Page:
    """List tax rates by country, region, category and start."""
    return Page(rates.list_rates([country] if country else None))


saves(
    router, "/tax-rates", name="tax_rate", what="Add or change a tax rate by destination, category and start.",
    needs="prices.edit", takes=TaxRateDraft, verb=compliance.save_tax_rates,
)  # fmt: skip


@operation(router.post, "/price-quotes", needs="prices.view", answers=PricedOrder)
def quote_prices(caller: Caller, body: QuoteWish) -> PricedOrder:
    """Tell what something costs, and why: each line with its waterfall. Gaps are findings, never zero."""
    findings: list[Finding] = []
    customer = parties.customers_by_number([body.customer_number]).get(body.customer_number)
    if body.customer_number and customer is None:
        findings.append(
            Finding("unknown_customer", f"There is no customer {body.customer_number!r}.", "/customer_number")
        )
    currency = body.currency or (customer.currency if customer else "")
    if not currency:
        findings.append(Finding("currency_missing", "Name a currency, or a customer who has one.", "/currency"))
    if body.tax_rounding not in ("line", "document"):
        findings.append(Finding("unknown_tax_rounding", "tax_rounding is line or document.", "/tax_rounding"))
    lines = _lines(body, findings)
    if findings:
        raise faulty(422, findings)
    request = PriceRequest(
        "quote", currency, body.channel, body.segment or (customer.segment if customer else ""),
        customer.id if customer else None, body.on or caller.today, body.country, body.region, body.price_list_code,
        body.tax_rounding, tuple(lines), body.with_shipping,
    )  # fmt: skip
    return queries.quote([request])[0]


def _lines(body: QuoteWish, findings: list[Finding]) -> list[LineRequest]:
    items = catalog.items_by_sku({line.sku for line in body.lines})
    lines: list[LineRequest] = []
    for index, line in enumerate(body.lines):
        item: Any = items.get(line.sku)
        if item is None:
            findings.append(Finding("unknown_item", f"There is no item {line.sku!r}.", f"/lines/{index}/sku"))
            continue
        unit = line.unit or item.unit
        if unit not in item.units:
            message = f"{line.sku} is not traded in {unit!r}; it is in: {', '.join(sorted(item.units))}."
            findings.append(Finding("unknown_unit", message, f"/lines/{index}/unit"))
            continue
        if not 0 < line.quantity < 10**12:
            message = "The quantity must be above zero, and not beyond reason."
            findings.append(Finding("quantity_not_positive", message, f"/lines/{index}/quantity"))
            continue
        lines.append(LineRequest(str(index + 1), item, unit, line.quantity))
    return lines
