"""The nouns of insight: what came in and what was closed on a day, and in a week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class OrdersOfDay:
    """Orders of a day in a currency, whatever became of them, and their value."""

    day: date
    currency: str
    orders: int
    gross: Decimal


@dataclass(frozen=True, slots=True)
class ClosedOfDay:
    """Orders closed on a day, and how many of them kept which part of the promise."""

    day: date
    closed: int
    perfect: int
    on_time: int
    in_full: int


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday on; the running week ends today. `gross` is per currency."""

    first: date
    last: date
    orders: int
    gross: Mapping[str, Decimal]
    closed: int
    perfect: int
    on_time: int
