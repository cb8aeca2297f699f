"""Tax rates by destination, over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TaxRateDraft:
    """The rate (19 means 19 %) of a tax category in a country, or a region of it, from a day up to, but not including,
    another. None is without bound. `name` is what an invoice calls the tax."""

    country: str
    tax_category: str
    name: str
    rate: Decimal
    region: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class TaxRateFacts:
    """A tax rate as stored."""

    id: UUID
    country: str
    region: str
    tax_category: str
    name: str
    rate: Decimal
    valid_from: date | None
    valid_to: date | None

    def holds(self, on: date) -> bool:
        """Whether the rate is in force on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True, slots=True)
class TaxTable:
    """The rates of some destinations. Keys are country, region in capitals ("" is the whole country), category."""

    on: date
    rates: Mapping[tuple[str, str, str], Sequence[TaxRateFacts]]

    def rate(self, country: str, region: str, tax_category: str, on: date | None = None) -> TaxRateFacts | None:
        """The rate in force, of the region if it has one of its own, else of the country. None: nobody said."""
        day = on or self.on
        for place in (region.strip().upper(), ""):
            for rate in self.rates.get((country, place, tax_category), ()):
                if rate.holds(day):
                    return rate
        return None
