"""Pure decisions about a supplier's terms: what a quantity costs, how much can be ordered, what cannot be right."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal

from babel.core import get_global

from auftakt.supply.types import PriceBreak, SupplierItemDraft
from auftakt.values import Finding

CURRENCIES = frozenset(get_global("all_currencies"))
_LARGEST = Decimal(10) ** 12


def price_at(prices: Sequence[PriceBreak], quantity: Decimal, currency: str, on: date) -> Decimal | None:
    """The cost of one base unit when `quantity` is ordered on a day: of the breaks reached the highest."""
    reached = [
        each for each in prices if each.currency == currency and each.from_quantity <= quantity and _valid(each, on)
    ]
    return max(reached, key=lambda each: each.from_quantity).unit_price if reached else None


def _valid(price: PriceBreak, on: date) -> bool:
    return (price.valid_from or date.min) <= on <= (price.valid_to or date.max)


def order_quantity(wanted: Decimal, minimum: Decimal, multiple: Decimal) -> Decimal:
    """The least quantity not below what is wanted that the supplier takes: at least the minimum, in whole multiples."""
    quantity = max(wanted, minimum)
    if multiple <= 0:
        return quantity
    return (quantity / multiple).to_integral_value(ROUND_CEILING) * multiple


def terms_findings(draft: SupplierItemDraft) -> list[Finding]:
    """Everything wrong with terms that needs no look at the database."""
    found: list[Finding] = []
    if not 0 <= draft.lead_time_days <= 3650:
        message = f"the lead time is 0 to 3650 days, not {draft.lead_time_days}"
        found.append(Finding("lead_time_out_of_range", message, "/lead_time_days"))
    if not 1 <= draft.rank <= 1000:
        found.append(Finding("rank_out_of_range", "the rank is 1 to 1000, 1 is asked first", "/rank"))
    for name in ("minimum", "multiple"):
        number: Decimal = getattr(draft, name)
        if not (number.is_finite() and 0 <= number < _LARGEST):
            found.append(Finding("quantity_negative", f"the {name} is zero or more, not {number}", f"/{name}"))
    for name in ("over_percent", "under_percent"):
        share: Decimal = getattr(draft, name)
        if not (share.is_finite() and 0 <= share <= 100 and share == round(share, 2)):
            message = f"a tolerance is 0 to 100 %, with two decimals, not {share}"
            found.append(Finding("tolerance_out_of_range", message, f"/{name}"))
    if len(draft.supplier_sku) > 64:
        found.append(Finding("number_too_long", "the supplier's number has up to 64 characters", "/supplier_sku"))
    for index, price in enumerate(draft.prices):
        found += _price_findings(price, f"/prices/{index}")
    return found or _overlaps(draft.prices)


def _price_findings(price: PriceBreak, place: str) -> list[Finding]:
    found: list[Finding] = []
    if price.currency not in CURRENCIES:
        message = f"currency {price.currency!r} is unknown; use the three letters of ISO 4217, such as EUR"
        found.append(Finding("currency_unknown", message, f"{place}/currency", {"currency": price.currency}))
    if not (price.from_quantity.is_finite() and 0 <= price.from_quantity < _LARGEST):
        found.append(
            Finding("quantity_negative", "a price begins at a quantity of zero or more", f"{place}/from_quantity")
        )
    if not (price.unit_price.is_finite() and 0 <= price.unit_price < _LARGEST):
        message = f"the price must be zero or more, not {price.unit_price}"
        found.append(Finding("cost_out_of_range", message, f"{place}/unit_price"))
    if price.valid_from and price.valid_to and price.valid_to < price.valid_from:
        message = f"valid to {price.valid_to}, before it is valid from {price.valid_from}"
        found.append(Finding("validity_reversed", message, f"{place}/valid_to"))
    return found


def _overlaps(prices: Sequence[PriceBreak]) -> list[Finding]:
    """Two prices for the same quantity and currency on the same day: nobody could say which one counts."""
    found: list[Finding] = []
    for index, later in enumerate(prices):
        for number, earlier in enumerate(prices[:index]):
            if (earlier.currency, earlier.from_quantity) != (later.currency, later.from_quantity):
                continue
            first = max(earlier.valid_from or date.min, later.valid_from or date.min)
            if first <= min(earlier.valid_to or date.max, later.valid_to or date.max):
                message = (
                    f"prices {number + 1} and {index + 1} are both for {later.from_quantity:f} and more in"
                    f" {later.currency} on the same days; end one of them"
                )
                found.append(Finding("prices_overlap", message, f"/prices/{index}", {"with": f"/prices/{number}"}))
                break
    return found
