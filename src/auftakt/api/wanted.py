"""What somebody asks for, in the words of the trade, as a demand that promising understands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from auftakt.catalog import queries as catalog
from auftakt.catalog.types import ItemFacts
from auftakt.promising.types import Demand
from auftakt.values import Finding, new_id

_MOST = Decimal(10) ** 9
_MICRO = Decimal("0.000001")


class Wish(Protocol):
    """An item by sku or GTIN, how much of it, where to, and by when."""

    @property
    def sku(self) -> str: ...
    @property
    def gtin(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def requested_ship_on(self) -> date | None: ...
    @property
    def requested_arrival_on(self) -> date | None: ...
    @property
    def split_dates(self) -> bool: ...
    @property
    def split_sites(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish that was understood, or all that is wrong with it. `factor`: base units in one of the unit."""

    findings: tuple[Finding, ...] = ()
    item: ItemFacts | None = None
    unit: str = ""
    factor: Decimal = Decimal(1)
    demand: Demand | None = None


def understand(wishes: Sequence[Wish], *, place: str, today: date) -> list[Wanted]:
    """Each wish as a demand or its findings, at `place`/index; two statements for any number."""
    codes = catalog.skus_by_gtin({wish.gtin for wish in wishes if wish.gtin and not wish.sku})
    skus = [wish.sku or codes.get(wish.gtin, "") for wish in wishes]
    items = catalog.items_by_sku({sku for sku in skus if sku})
    return [
        _understand(wish, items.get(sku), f"{place}/{index}", today)
        for index, (wish, sku) in enumerate(zip(wishes, skus, strict=True))
    ]


def _understand(wish: Wish, item: ItemFacts | None, place: str, today: date) -> Wanted:
    found = _place_findings(wish, place, today)
    if item is None:
        return Wanted((_item_finding(wish, place), *found))
    unit = wish.unit or item.unit
    factor = item.units.get(unit)
    if item.state != "active":
        found.append(Finding("item_not_active", f"Item {item.sku} is {item.state}: it is not sold.", f"{place}/sku"))
    if item.kind == "kit" and not item.components:
        found.append(Finding("kit_without_components", f"Kit {item.sku} has no components.", f"{place}/sku"))
    if factor is None:
        message = f"{item.sku} is not traded in {wish.unit!r}; it is in: {', '.join(sorted(item.units))}."
        found.append(Finding("unknown_unit", message, f"{place}/unit"))
    elif not is_whole(wish.quantity, item, unit):
        message = f"The quantity must be above zero, in whole steps of {item.sku}'s unit."
        found.append(Finding("quantity_invalid", message, f"{place}/quantity"))
    if found or factor is None:
        return Wanted(tuple(found), item, unit)
    step = factor * Decimal(1).scaleb(-item.unit_decimals[unit])
    base = wish.quantity * factor
    demand = Demand(
        id=new_id(), item_id=item.id, components=takes(item), quantity=base,
        step=step if step == step.quantize(_MICRO) else base, country=wish.country, region=wish.region,
        requested_ship_on=wish.requested_ship_on, requested_arrival_on=wish.requested_arrival_on,
        split_dates=wish.split_dates, split_sites=wish.split_sites,
    )  # fmt: skip
    return Wanted((), item, unit, factor, demand)


def _place_findings(wish: Wish, place: str, today: date) -> list[Finding]:
    found: list[Finding] = []
    if not (len(wish.country) == 2 and wish.country.isascii() and wish.country.isalpha() and wish.country.isupper()):
        message = f"{wish.country!r} is no country code: say where to with two capital letters."
        found.append(Finding("country_unknown", message, f"{place}/country"))
    for name in ("requested_ship_on", "requested_arrival_on"):
        day = getattr(wish, name)
        if day is not None and day < today:
            found.append(Finding("date_in_past", f"{day} has passed: ask for {today} or later.", f"{place}/{name}"))
    return found


def _item_finding(wish: Wish, place: str) -> Finding:
    if wish.sku:
        return Finding("unknown_item", f"There is no item {wish.sku!r}.", f"{place}/sku")
    if wish.gtin:
        return Finding("unknown_item", f"There is no item with the GTIN {wish.gtin!r}.", f"{place}/gtin")
    return Finding("item_missing", "Name the item by its sku or its gtin.", f"{place}/sku")


def is_whole(quantity: Decimal, item: ItemFacts, unit: str) -> bool:
    """Whether a quantity is above zero and made of whole steps of the unit."""
    step = Decimal(1).scaleb(-item.unit_decimals[unit])
    return 0 < quantity < _MOST and quantity % step == 0


def takes(item: ItemFacts) -> tuple[tuple[UUID, Decimal], ...]:
    """What one of an item takes from supply: a kit its parts, goods themselves, a service nothing."""
    if item.kind == "kit":
        return tuple((part, quantity) for part, _, quantity in item.components)
    return ((item.id, Decimal(1)),) if item.kind == "stocked" else ()
