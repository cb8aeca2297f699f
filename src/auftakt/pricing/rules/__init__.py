"""Pure decisions of pricing: the calculator, and what makes a draft wrong."""

from auftakt.pricing.rules.calculator import choose_lists, in_force, manual_findings, manual_price, price_order
from auftakt.pricing.rules.checks import (
    discount_findings,
    limit_findings,
    price_findings,
    price_list_findings,
    shipping_rate_findings,
    zone_findings,
)

__all__ = [
    "choose_lists",
    "discount_findings",
    "in_force",
    "limit_findings",
    "manual_findings",
    "manual_price",
    "price_findings",
    "price_list_findings",
    "price_order",
    "shipping_rate_findings",
    "zone_findings",
]
