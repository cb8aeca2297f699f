"""What a screened order asks of the floors below: a price, and a promise for each line."""

from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from auftakt.catalog.types import ItemFacts
from auftakt.orders.rules.screening import Screened
from auftakt.orders.types import WITHOUT_STOCK
from auftakt.pricing.types import LineRequest, PriceRequest
from auftakt.promising.types import Demand

_MICRO = Decimal("0.000001")
_ONE = Decimal(1)
_STEPS = tuple(_ONE.scaleb(-decimals) for decimals in range(7))


def price_request(screened: Screened, key: str) -> PriceRequest:
    """The question to pricing: all lines at once, on the day of the order, for the place it goes to."""
    draft, customer, place = screened.draft, screened.customer, screened.ship_to
    return PriceRequest(
        key=key,
        currency=screened.currency,
        channel=draft.channel,
        segment=customer.segment,
        customer_id=customer.id,
        on=screened.ordered_at.date(),
        country=place.country,
        region=place.region,
        price_list_code=draft.price_list_code,
        tax_rounding=screened.entity.tax_rounding,
        lines=tuple(
            LineRequest(line.external_line_id, line.item, line.unit, line.quantity, line.manual)
            for line in screened.lines
        ),
    )


class Wishes(Protocol):
    """What an order, or its draft, says about how it may be served."""

    @property
    def not_before_on(self) -> date | None: ...
    @property
    def split_dates(self) -> bool: ...
    @property
    def split_sites(self) -> bool: ...
    @property
    def priority(self) -> int: ...
    @property
    def channel(self) -> str: ...


class WantedLine(Protocol):
    """What a line, or its draft, says about its days and unit."""

    @property
    def unit(self) -> str: ...
    @property
    def requested_ship_on(self) -> date | None: ...
    @property
    def requested_arrival_on(self) -> date | None: ...


class Place(Protocol):
    """Where an order goes."""

    @property
    def country(self) -> str: ...
    @property
    def region(self) -> str: ...


def demand(
    key: UUID, item: ItemFacts, base: Decimal, factor: Decimal, *, line: WantedLine, order: Wishes, place: Place,
    customer_id: UUID,
) -> Demand:  # fmt: skip
    """The question to promising: `base` (in base units) of a line's item, in pieces of whole units of `factor`."""
    if item.kind in WITHOUT_STOCK:
        components: tuple[tuple[UUID, Decimal], ...] = ()
    elif item.kind == "kit":
        components = tuple((component, each) for component, _, each in item.components)
    else:
        components = ((item.id, _ONE),)
    step = factor * _STEPS[min(item.unit_decimals.get(line.unit, 0), 6)]
    return Demand(
        id=key,
        item_id=item.id,
        components=components,
        quantity=base,
        step=step if step == step.quantize(_MICRO) else base,
        country=place.country,
        region=place.region,
        requested_ship_on=line.requested_ship_on,
        requested_arrival_on=line.requested_arrival_on,
        not_before_on=order.not_before_on,
        split_dates=order.split_dates,
        split_sites=order.split_sites,
        priority=order.priority,
        customer_id=customer_id,
        channel=order.channel,
    )
