"""Promising many lines anew at once, and what might change about supply before it is done."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.promising.types.promises import Demand, Peg, Promise

WIN, GAIN, IMPROVE, REDISTRIBUTE, FILL, LOSE, SKIP = STRATEGIES = (
    "win", "gain", "improve", "redistribute", "fill", "lose", "skip",
)  # fmt: skip
"""In the order in which lines are served. Win, gain and improve never get worse; improve changes only if it gets
earlier; redistribute may come out better, the same or worse; fill gets no more than it had; lose gives all up and gets
what is left; skip stays as it is."""
GUARDED = frozenset({WIN, GAIN, IMPROVE})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to be promised anew: what it asks for, what it holds, and the day it would come if nothing were done
    (None: it has no promise)."""

    demand: Demand
    held: tuple[Peg, ...]
    strategy: str
    comes_on: date | None


@dataclass(frozen=True, slots=True)
class Rerun:
    """The new promise of each entry, None for one that stays exactly as it is; and how often was tried."""

    promises: tuple[Promise | None, ...]
    rounds: int


@dataclass(frozen=True, slots=True)
class SupplyMoved:
    """A bucket of expected supply comes on another day, or only `left` of it comes."""

    bucket_id: UUID
    available_on: date | None = None
    left: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SupplyAdded:
    """More supply than is known: on a day, or on hand."""

    item_id: UUID
    site_id: UUID
    quantity: Decimal
    available_on: date | None = None


@dataclass(frozen=True, slots=True)
class SiteClosed:
    """A site does no work on some days, the last one included."""

    site_id: UUID
    first_on: date
    last_on: date


WhatIf = SupplyMoved | SupplyAdded | SiteClosed
