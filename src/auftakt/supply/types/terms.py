"""What a supplier delivers, and on which terms."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """The cost of one base unit from a quantity on, in a currency, from day to day (both included; None is open)."""

    from_quantity: Decimal
    unit_price: Decimal
    currency: str = "EUR"
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class SupplierItemDraft:
    """The terms on which a supplier delivers an item, in base units; saved by supplier and item.

    `rank` is the preference among the suppliers of an item, 1 first. `over_percent` of an ordered quantity may come
    more than ordered; a rest within `under_percent` is given up when the goods come. `inspects` asks that what comes
    is inspected before it is stock.
    """

    supplier_number: str
    sku: str
    lead_time_days: int = 0
    supplier_sku: str = ""
    minimum: Decimal = Decimal(0)
    multiple: Decimal = Decimal(0)
    rank: int = 1
    over_percent: Decimal = Decimal(0)
    under_percent: Decimal = Decimal(0)
    inspects: bool = False
    is_active: bool = True
    prices: tuple[PriceBreak, ...] = ()


@dataclass(frozen=True, slots=True)
class SupplierItemFacts:
    """A supplier's terms for an item, with the words of both."""

    id: UUID
    supplier_id: UUID
    supplier_number: str
    supplier_name: str
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    lead_time_days: int
    supplier_sku: str
    minimum: Decimal
    multiple: Decimal
    rank: int
    over_percent: Decimal
    under_percent: Decimal
    inspects: bool
    is_active: bool
    prices: tuple[PriceBreak, ...] = ()
