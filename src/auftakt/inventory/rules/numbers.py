"""Quantities as they are written and reckoned with."""

from decimal import Decimal

LARGEST = Decimal(10) ** 12


def plain(number: Decimal) -> str:
    """A number as people write it: without an exponent or trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_sized(quantity: Decimal) -> bool:
    """Whether a quantity can be reckoned with: a finite number below a million millions, of at most 28 digits."""
    return quantity.is_finite() and abs(quantity) < LARGEST and len(quantity.as_tuple().digits) <= 28
