"""The nouns of pricing: price lists and discounts, what is asked, and the priced answer with its waterfall."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.catalog.types import ItemFacts
from auftakt.compliance.types import TaxTable
from auftakt.values import Finding

DISCOUNT_KINDS = ("percent", "amount")
MANUAL_KINDS = ("percent", "amount", "price")
TAX_ROUNDINGS = ("document", "line")


@dataclass(frozen=True, slots=True)
class PriceListDraft:
    """A price list, known by `code`. An empty channel or segment means all. `valid_to` is not included."""

    code: str
    name: str
    currency: str
    channel: str = ""
    segment: str = ""
    rank: int = 100
    tax_included: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """The price of one `unit` (empty: the base unit) of an item from a quantity on, in that unit."""

    price_list: str
    sku: str
    unit_price: Decimal
    unit: str = ""
    from_quantity: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class DiscountDraft:
    """A percentage, or an amount per base unit in a currency, off the lines that all its conditions fit."""

    code: str
    name: str
    kind: str
    value: Decimal
    currency: str = ""
    sku: str = ""
    category: str = ""
    customer_number: str = ""
    segment: str = ""
    channel: str = ""
    from_quantity: Decimal = Decimal(0)
    rank: int = 100
    stacks: bool = True
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ShippingZoneDraft:
    """Countries (ISO codes) that share shipping rates."""

    code: str
    name: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShippingRateDraft:
    """What shipping into a zone costs up to a weight (None: any), free from a value of goods on (None: never)."""

    zone: str
    currency: str
    amount: Decimal
    up_to_kg: Decimal | None = None
    free_from: Decimal | None = None
    tax_category: str = "standard"


@dataclass(frozen=True, slots=True)
class AdjustmentLimitDraft:
    """How far a role may lower a price by hand, in percent of the price before."""

    role: str
    max_percent: Decimal


@dataclass(frozen=True, slots=True)
class ManualAdjustment:
    """A price changed by a person: `percent` off, `amount` off each unit, or a new unit `price`.

    `role_limit` is the most that the person may take off, in percent of the price before; None is without limit.
    """

    kind: str
    value: Decimal
    reason: str
    by: str = ""
    role_limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineRequest:
    """A line to be priced: `quantity` of `unit`."""

    key: str
    item: ItemFacts
    unit: str
    quantity: Decimal
    manual: ManualAdjustment | None = None


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """An order to be priced, for a customer of a segment, on a day, going to a place."""

    key: str
    currency: str
    channel: str
    segment: str
    customer_id: UUID | None
    on: date
    country: str
    region: str
    price_list_code: str
    tax_rounding: str
    lines: tuple[LineRequest, ...]
    with_shipping: bool = True


@dataclass(frozen=True, slots=True)
class Component:
    """One step of a waterfall: what it is, in words; the rule it comes from; its effect on the line in money.

    Kinds: list, tier, discount, manual, shipping, free_shipping, included_tax (taken out of prices with tax), tax.
    All components sum to the gross amount, all but `tax` to the net.
    """

    kind: str
    label: str
    source: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its price. Unit prices are per `unit` of the request, with tax where the price list includes it."""

    key: str
    list_price: Decimal
    unit_price: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    tax_category: str
    tax_rate: Decimal
    waterfall: tuple[Component, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class PricedCharge:
    """A charge on the whole order."""

    kind: str
    name: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    tax_category: str
    tax_rate: Decimal
    waterfall: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """The answer to a PriceRequest. With findings, the amounts leave out what could not be priced."""

    key: str
    tax_included: bool
    price_list_code: str
    lines: tuple[PricedLine, ...]
    charges: tuple[PricedCharge, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceListFacts:
    """A price list as stored."""

    id: UUID
    code: str
    name: str
    currency: str
    channel: str
    segment: str
    rank: int
    tax_included: bool
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """A price as stored."""

    unit_price: Decimal
    from_quantity: Decimal
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class DiscountFacts:
    """A discount as stored."""

    code: str
    name: str
    kind: str
    value: Decimal
    currency: str
    item_id: UUID | None
    category_id: UUID | None
    customer_id: UUID | None
    segment: str
    channel: str
    from_quantity: Decimal
    rank: int
    stacks: bool
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class ShippingRateFacts:
    """A shipping rate as stored, with the name of its zone."""

    zone: str
    zone_name: str
    countries: tuple[str, ...]
    currency: str
    up_to_kg: Decimal | None
    amount: Decimal
    free_from: Decimal | None
    tax_category: str


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Everything that prices a batch: lists, prices by (list, item, unit), discounts by rank, shipping rates, taxes."""

    lists: tuple[PriceListFacts, ...]
    prices: Mapping[tuple[UUID, UUID, str], tuple[PriceFacts, ...]]
    discounts: tuple[DiscountFacts, ...]
    shipping: tuple[ShippingRateFacts, ...]
    taxes: TaxTable
    limits: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
