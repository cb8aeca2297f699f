"""Reads of pricing: the price of whole batches, in five statements whatever their size."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from auftakt.compliance import queries as compliance
from auftakt.platform.sql import Statements
from auftakt.pricing.rules import price_order
from auftakt.pricing.types import (
    DiscountFacts,
    PriceBook,
    PricedOrder,
    PriceFacts,
    PriceListFacts,
    PriceRequest,
    ShippingRateFacts,
)

sql = Statements("auftakt.pricing")


def quote(requests: Sequence[PriceRequest]) -> list[PricedOrder]:
    """Price orders, in the order asked. What has no price or no tax rate is a finding with its place, never zero."""
    if not requests:
        return []
    book = _book(requests)
    return [price_order(book, request) for request in requests]


def _book(requests: Sequence[PriceRequest]) -> PriceBook:
    lines = [line for request in requests for line in request.lines]
    items = sorted({line.item.id for line in lines})
    currencies = sorted({request.currency for request in requests})
    days = [request.on for request in requests]
    since, until = min(days), max(days)
    prices: dict[Any, list[PriceFacts]] = {}
    for price_list, item, unit, *rest in sql.rows("prices", items=items, currencies=currencies):
        prices.setdefault((price_list, item, unit), []).append(PriceFacts(*rest))
    discounts = sql.rows(
        "discounts",
        items=items,
        categories=sorted({category for line in lines for category in line.item.category_ids}),
        customers=sorted({request.customer_id for request in requests if request.customer_id}),
        since=since,
        until=until,
    )
    shipping = sql.rows("shipping_rates", currencies=currencies)
    return PriceBook(
        lists=tuple(PriceListFacts(*row) for row in sql.rows("price_lists", currencies=currencies)),
        prices={key: tuple(rows) for key, rows in prices.items()},
        discounts=tuple(DiscountFacts(*row) for row in discounts),
        shipping=tuple(
            ShippingRateFacts(code, name, tuple(countries), *rest) for code, name, countries, *rest in shipping
        ),
        taxes=compliance.tax_rates({(request.country, request.region) for request in requests}, since, until),
    )


def adjustment_limit(roles: Iterable[str]) -> Decimal | None:
    """How far someone with these roles may lower a price by hand, in percent; None when no limit is set for them."""
    return sql.value("limit_of", roles=sorted(set(roles)))


def list_price_lists(*, after: str = "", limit: int = 200) -> list[PriceListFacts]:
    """Price lists by code, after a code."""
    return [PriceListFacts(*row) for row in sql.rows("list_price_lists", after=after, limit=limit)]


def list_prices(code: str, *, after: str = "", limit: int = 200) -> list[Any]:
    """All prices of `limit` items of a list, by SKU after a SKU.

    Columns: sku, name, unit, from_quantity, unit_price, valid_from, valid_to.
    """
    return sql.records("list_prices", code=code, after=after, limit=limit)


def list_discounts(*, after: str = "", limit: int = 200) -> list[DiscountFacts]:
    """Discounts by code, after a code."""
    return [DiscountFacts(*row) for row in sql.rows("list_discounts", after=after, limit=limit)]
