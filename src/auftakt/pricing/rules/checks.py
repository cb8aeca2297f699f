"""What makes a draft of a price list, price, discount, shipping rate or limit wrong. Every problem is found."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.catalog.types import ItemFacts
from auftakt.pricing.types import (
    DISCOUNT_KINDS,
    AdjustmentLimitDraft,
    DiscountDraft,
    PriceDraft,
    PriceListDraft,
    ShippingRateDraft,
    ShippingZoneDraft,
)
from auftakt.values import Finding

_FINEST = Decimal("0.000001")


def _code(code: str) -> list[Finding]:
    if code.strip() and len(code) <= 64:
        return []
    return [Finding("code_missing", "Give a code of 1 to 64 characters.", "/code")]


def _currency(currency: str) -> list[Finding]:
    if len(currency) == 3 and currency.isalpha() and currency.isupper():
        return []
    message = f"Currency {currency!r} is unknown; use the three letters of ISO 4217, such as EUR."
    return [Finding("unknown_currency", message, "/currency")]


def _period(valid_from: date | None, valid_to: date | None) -> list[Finding]:
    if valid_from is None or valid_to is None or valid_from < valid_to:
        return []
    return [Finding("period_ends_before_it_starts", f"{valid_to} is not after {valid_from}.", "/valid_to")]


def _amount(value: Decimal, place: str) -> list[Finding]:
    if not value.is_finite() or value < 0 or value >= 10**12:
        return [Finding("amount_out_of_range", f"{value} is no sensible amount.", place)]
    if value != value.quantize(_FINEST):
        return [Finding("amount_too_fine", f"{value} has more than six decimals.", place)]
    return []


def price_list_findings(draft: PriceListDraft) -> list[Finding]:
    """Problems of a price list."""
    return _code(draft.code) + _currency(draft.currency) + _period(draft.valid_from, draft.valid_to)


def price_findings(draft: PriceDraft, lists: Mapping[str, UUID], items: Mapping[str, ItemFacts]) -> list[Finding]:
    """Problems of a price, given the lists and items there are."""
    found: list[Finding] = []
    if draft.price_list not in lists:
        message = f"There is no price list {draft.price_list!r}: save it first."
        found.append(Finding("unknown_price_list", message, "/price_list"))
    item = items.get(draft.sku)
    if item is None:
        found.append(Finding("unknown_item", f"There is no item {draft.sku!r}.", "/sku"))
    elif draft.unit and draft.unit not in item.units:
        message = f"{draft.sku} is not traded in {draft.unit!r}; it is in: {', '.join(sorted(item.units))}."
        found.append(Finding("unknown_unit", message, "/unit"))
    found += _amount(draft.unit_price, "/unit_price") + _amount(draft.from_quantity, "/from_quantity")
    return found + _period(draft.valid_from, draft.valid_to)


def discount_findings(
    draft: DiscountDraft,
    items: Mapping[str, ItemFacts],
    categories: Mapping[str, UUID],
    customers: Mapping[str, UUID],
) -> list[Finding]:
    """Problems of a discount, given what it may name."""
    found = _code(draft.code) + _amount(draft.value, "/value") + _period(draft.valid_from, draft.valid_to)
    if draft.kind not in DISCOUNT_KINDS:
        message = f"A discount is one of {', '.join(DISCOUNT_KINDS)}; not {draft.kind!r}."
        found.append(Finding("unknown_discount_kind", message, "/kind"))
    if draft.kind == "percent" and draft.value > 100:
        found.append(Finding("amount_out_of_range", "More than 100 % cannot be taken off.", "/value"))
    if draft.kind == "amount":
        found += _currency(draft.currency)
    for value, known, word, place in (
        (draft.sku, items, "item", "/sku"),
        (draft.category, categories, "category", "/category"),
        (draft.customer_number, customers, "customer", "/customer_number"),
    ):
        if value and value not in known:
            found.append(Finding(f"unknown_{word}", f"There is no {word} {value!r}.", place))
    return found


def zone_findings(draft: ShippingZoneDraft) -> list[Finding]:
    """Problems of a shipping zone."""
    found = _code(draft.code)
    wrong = [country for country in draft.countries if len(country) != 2 or not country.isupper()]
    if wrong or not draft.countries:
        message = f"Name countries by the two letters of ISO 3166; not {', '.join(wrong) or 'none'}."
        found.append(Finding("unknown_country", message, "/countries"))
    return found


def shipping_rate_findings(draft: ShippingRateDraft, zones: frozenset[str]) -> list[Finding]:
    """Problems of a shipping rate, given the zones there are."""
    found = _currency(draft.currency) + _amount(draft.amount, "/amount")
    if draft.zone not in zones:
        found.append(Finding("unknown_zone", f"There is no shipping zone {draft.zone!r}.", "/zone"))
    if draft.up_to_kg is not None and draft.up_to_kg <= 0:
        found.append(Finding("amount_out_of_range", "A weight step is above zero.", "/up_to_kg"))
    return found


def limit_findings(draft: AdjustmentLimitDraft) -> list[Finding]:
    """Problems of an adjustment limit."""
    if 0 <= draft.max_percent <= 100:
        return []
    return [Finding("amount_out_of_range", "A limit is a percentage from 0 to 100.", "/max_percent")]
