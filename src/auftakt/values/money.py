"""Money: an exact decimal amount that never travels without its currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Self

# Minor-unit digits by ISO 4217 where they are not 2.
_DIGITS = {
    "BHD": 3, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "IQD": 3, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0, "KWD": 3,
    "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0,
    "XPF": 0,
}  # fmt: skip
_STEPS = {digits: Decimal(1).scaleb(-digits) for digits in range(7)}
_ROUNDINGS = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


def currency_digits(currency: str) -> int:
    """Digits of the minor unit of an ISO 4217 currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _DIGITS.get(currency, 2)


def round_money(amount: Decimal, currency: str, rounding: str = "half_up") -> Decimal:
    """`amount` rounded to the minor unit of `currency`; commercial rounding (half up) unless told `half_even`."""
    return amount.quantize(_STEPS[currency_digits(currency)], rounding=_ROUNDINGS[rounding])


def share_out(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split `total` by `weights` into rounded parts that sum to it exactly (largest remainder).

    Raises ValueError for no weights, a negative weight, or a total finer than the currency's minor unit.
    """
    if not weights:
        raise ValueError("cannot share out over no weights")
    if min(weights) < 0:
        raise ValueError("weights must not be negative")
    if round_money(total, currency) != total:
        raise ValueError(f"{total} is finer than the minor unit of {currency}")
    whole = sum(weights, Decimal(0))
    if whole == 0:
        weights, whole = [Decimal(1)] * len(weights), Decimal(len(weights))
    step = _STEPS[currency_digits(currency)]
    units = int((total / step).to_integral_value())
    exact = [units * weight / whole for weight in weights]
    floors = [int(value.to_integral_value(rounding="ROUND_FLOOR")) for value in exact]
    missing = units - sum(floors)
    order = sorted(range(len(weights)), key=lambda i: (floors[i] - exact[i], i))
    for index in order[:missing]:
        floors[index] += 1
    return [floor * step for floor in floors]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency. Arithmetic across currencies raises ValueError."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("money is a Decimal, never a float")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 currency: {self.currency!r}")

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def rounded(self, rounding: str = "half_up") -> Self:
        """This amount in whole minor units."""
        return type(self)(round_money(self.amount, self.currency, rounding), self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
