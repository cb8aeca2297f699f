"""The calculator: prices whole orders from a price book. Pure; every step is a component of the waterfall."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from auftakt.pricing.types import (
    MANUAL_KINDS,
    Component,
    DiscountFacts,
    LineRequest,
    ManualAdjustment,
    PriceBook,
    PricedCharge,
    PricedLine,
    PricedOrder,
    PriceFacts,
    PriceListFacts,
    PriceRequest,
    ShippingRateFacts,
)
from auftakt.values import Finding, round_money, share_out

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_SIX = Decimal("0.000001")
_SHIPPED = frozenset({"stocked", "kit"})


def in_force(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Whether a half-open period of days holds a day."""
    return (valid_from is None or valid_from <= on) and (valid_to is None or on < valid_to)


def choose_lists(lists: Sequence[PriceListFacts], request: PriceRequest) -> list[PriceListFacts]:
    """The lists that may price an order, best first: named by the order; else for its segment, its channel, by rank.
    Lists with and without tax are not mixed on one order: the best one decides."""
    if request.price_list_code:
        fitting = [each for each in lists if each.code == request.price_list_code]
    else:
        fitting = [
            each for each in lists if each.channel in ("", request.channel) and each.segment in ("", request.segment)
        ]
    found = [
        each
        for each in fitting
        if each.currency == request.currency and in_force(each.valid_from, each.valid_to, request.on)
    ]
    found.sort(key=lambda each: (each.segment == "", each.channel == "", each.rank, each.code))
    return [each for each in found if each.tax_included == found[0].tax_included]


def _tiers(prices: Iterable[PriceFacts], on: date) -> list[PriceFacts]:
    """The tiers in force on a day, lowest first. Of several for one quantity, the one that started last counts."""
    newest: dict[Decimal, PriceFacts] = {}
    for price in prices:
        if in_force(price.valid_from, price.valid_to, on):
            other = newest.get(price.from_quantity)
            if other is None or (price.valid_from or date.min) > (other.valid_from or date.min):
                newest[price.from_quantity] = price
    return sorted(newest.values(), key=lambda tier: tier.from_quantity)


class _Priced:
    """A line on its way through the waterfall: unit price and amount so far, with a component for every step."""

    __slots__ = ("amount", "components", "currency", "list_price", "quantity", "unit_price")

    def __init__(self, quantity: Decimal, currency: str) -> None:
        self.quantity = quantity
        self.currency = currency
        self.list_price = self.unit_price = self.amount = _ZERO
        self.components: list[Component] = []

    def step(self, kind: str, label: str, source: str, unit_price: Decimal) -> None:
        """Go on to a new unit price; the component is what that does to the rounded amount of the line."""
        amount = round_money(unit_price * self.quantity, self.currency)
        self.components.append(Component(kind, label, source, amount - self.amount))
        self.unit_price, self.amount = unit_price, amount


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _base_price(
    book: PriceBook, lists: Sequence[PriceListFacts], line: LineRequest, request: PriceRequest
) -> _Priced | None:
    """List price and tier of a line. A unit without a price of its own costs its base units."""
    for price_list in lists:
        for unit, factor in ((line.unit, Decimal(1)), (line.item.unit, line.item.units[line.unit])):
            tiers = _tiers(book.prices.get((price_list.id, line.item.id, unit), ()), request.on)
            wanted = line.quantity * factor
            reached = [tier for tier in tiers if tier.from_quantity <= wanted]
            if not reached:
                continue
            first, best = tiers[0], reached[-1]
            priced = _Priced(line.quantity, request.currency)
            label = price_list.name if factor == 1 else f"{price_list.name}, {_plain(factor)} × {unit}"
            start = first if first.from_quantity <= wanted else best
            priced.list_price = start.unit_price * factor
            priced.step("list", label, price_list.code, priced.list_price)
            if best is not start:
                label = f"From {_plain(best.from_quantity)} {unit}"
                priced.step("tier", label, price_list.code, best.unit_price * factor)
            return priced
    return None


def _applies(discount: DiscountFacts, line: LineRequest, request: PriceRequest) -> bool:
    return (
        (discount.item_id is None or discount.item_id == line.item.id)
        and (discount.category_id is None or discount.category_id in line.item.category_ids)
        and (discount.customer_id is None or discount.customer_id == request.customer_id)
        and discount.segment in ("", request.segment)
        and discount.channel in ("", request.channel)
        and discount.from_quantity <= line.quantity * line.item.units[line.unit]
        and (discount.kind == "percent" or discount.currency == request.currency)
        and in_force(discount.valid_from, discount.valid_to, request.on)
    )


def _discount(priced: _Priced, discounts: Sequence[DiscountFacts], line: LineRequest, request: PriceRequest) -> None:
    """Take off what applies, in order of rank, each from the price so far; one that does not stack ends it."""
    for discount in discounts:
        if not _applies(discount, line, request):
            continue
        if discount.kind == "percent":
            price = (priced.unit_price * (_HUNDRED - discount.value) / _HUNDRED).quantize(_SIX, ROUND_HALF_UP)
            label = f"{discount.name} (−{_plain(discount.value)} %)"
        else:
            price = max(_ZERO, priced.unit_price - discount.value * line.item.units[line.unit])
            label = f"{discount.name} (−{_plain(discount.value)} per {line.item.unit})"
        priced.step("discount", label, discount.code, price)
        if not discount.stacks:
            return


def manual_price(before: Decimal, manual: ManualAdjustment) -> Decimal:
    """The unit price after a manual adjustment, to six decimals and never below zero."""
    if manual.kind == "percent":
        after = before * (_HUNDRED - manual.value) / _HUNDRED
    elif manual.kind == "amount":
        after = before - manual.value
    else:
        after = manual.value
    return max(_ZERO, after).quantize(_SIX, ROUND_HALF_UP)


def manual_findings(before: Decimal, manual: ManualAdjustment, place: str) -> list[Finding]:
    """What speaks against a manual adjustment: no reason, an unknown kind, a negative value, more than the role may."""
    found: list[Finding] = []
    if manual.kind not in MANUAL_KINDS:
        known = ", ".join(sorted(MANUAL_KINDS))
        found.append(
            Finding("unknown_adjustment_kind", f"Adjust by one of: {known}; not {manual.kind!r}.", f"{place}/kind")
        )
        return found
    if not manual.reason.strip():
        found.append(Finding("adjustment_needs_reason", "Say why the price is adjusted.", f"{place}/reason"))
    if manual.value < 0 or (manual.kind == "percent" and manual.value > _HUNDRED):
        found.append(Finding("adjustment_out_of_range", f"{manual.value} is no sensible value.", f"{place}/value"))
        return found
    off = _ZERO if before == 0 else (before - manual_price(before, manual)) / before * _HUNDRED
    if manual.role_limit is not None and off > manual.role_limit:
        facts = {"percent": f"{off:.4f}", "limit": str(manual.role_limit)}
        message = (
            f"The price is lowered by {off:.2f} %; your role may lower it by {_plain(manual.role_limit)} % at most."
        )
        found.append(Finding("adjustment_over_limit", message, f"{place}/value", facts))
    return found


def _adjust(priced: _Priced, manual: ManualAdjustment, place: str) -> list[Finding]:
    found = manual_findings(priced.unit_price, manual, place)
    if not found:
        words = {"percent": f"−{_plain(manual.value)} %", "amount": f"−{_plain(manual.value)}", "price": "new price"}
        label = f"{manual.reason} ({words[manual.kind]})"
        priced.step("manual", label, manual.by, manual_price(priced.unit_price, manual))
    return found


class _Amounts:
    """What is taxed: the amount of each line and charge as the prices stand, and its tax rate."""

    def __init__(self, currency: str, included: bool, rounding: str) -> None:
        self.currency, self.included, self.rounding = currency, included, rounding
        self.rows: list[tuple[Decimal, str, Decimal]] = []

    def add(self, amount: Decimal, category: str, rate: Decimal) -> int:
        self.rows.append((amount, category, rate))
        return len(self.rows) - 1

    def taxes(self) -> list[Decimal]:
        """The tax of each row. By line, each is rounded; by document, the tax of each category and rate is rounded once
        and shared out by amount (EN 16931, BR-CO-17), so that the rows sum to it."""
        if self.rounding == "line":
            return [self._tax(amount, rate) for amount, _, rate in self.rows]
        groups: dict[tuple[str, Decimal], list[int]] = {}
        for index, (_, category, rate) in enumerate(self.rows):
            groups.setdefault((category, rate), []).append(index)
        taxes = [_ZERO] * len(self.rows)
        for (_, rate), members in groups.items():
            if len(members) == 1:
                taxes[members[0]] = self._tax(self.rows[members[0]][0], rate)
                continue
            amounts = [self.rows[index][0] for index in members]
            total = self._tax(sum(amounts, _ZERO), rate)
            for index, tax in zip(members, share_out(total, amounts, self.currency), strict=True):
                taxes[index] = tax
        return taxes

    def _tax(self, amount: Decimal, rate: Decimal) -> Decimal:
        divisor = _HUNDRED + rate if self.included else _HUNDRED
        return round_money(amount * rate / divisor, self.currency)


def price_order(book: PriceBook, request: PriceRequest) -> PricedOrder:
    """Price one order: each line from list to manual adjustment, then shipping, then the tax of all together."""
    lists = choose_lists(book.lists, request)
    if not lists:
        return _unpriced(request)
    included = lists[0].tax_included
    amounts = _Amounts(request.currency, included, request.tax_rounding)
    findings: list[Finding] = []
    priced: list[tuple[LineRequest, _Priced, int, tuple[Finding, ...]]] = []
    for index, line in enumerate(request.lines):
        found: list[Finding] = []
        way = _base_price(book, lists, line, request)
        if way is None:
            findings.append(_missing(request, line, index))
            continue
        _discount(way, book.discounts, line, request)
        if line.manual is not None:
            found += _adjust(way, line.manual, f"/lines/{index}/manual")
        rate = book.taxes.rate(request.country, request.region, line.item.tax_category, request.on)
        if rate is None:
            found.append(_untaxed(request, line.item.tax_category, f"/lines/{index}/item"))
        findings += found
        row = amounts.add(way.amount, line.item.tax_category, rate.rate if rate else _ZERO)
        priced.append((line, way, row, tuple(found)))
    shipping, charge_findings = _shipping(book, request, amounts)
    findings += charge_findings
    taxes = amounts.taxes()
    lines = tuple(_line(line, way, amounts, taxes, row, found) for line, way, row, found in priced)
    charges = tuple(_charge(rate, steps, amounts, taxes, row) for rate, steps, row in shipping)
    net = sum((each.net for each in lines), _ZERO) + sum((each.net for each in charges), _ZERO)
    tax = sum((each.tax for each in lines), _ZERO) + sum((each.tax for each in charges), _ZERO)
    code = request.price_list_code or lists[0].code
    return PricedOrder(request.key, included, code, lines, charges, net, tax, net + tax, tuple(findings))


def _split(amounts: _Amounts, taxes: Sequence[Decimal], row: int, steps: list[Component]) -> tuple[Decimal, Decimal]:
    """Net and tax of a row, with the components that take tax out of an inclusive price and put it on."""
    amount, category, rate = amounts.rows[row]
    tax = taxes[row]
    net = amount - tax if amounts.included else amount
    if amounts.included and tax:
        steps.append(Component("included_tax", f"Included tax {_plain(rate)} %", category, -tax))
    steps.append(Component("tax", f"Tax {_plain(rate)} %", category, tax))
    return net, tax


def _line(
    line: LineRequest, way: _Priced, amounts: _Amounts, taxes: Sequence[Decimal], row: int, found: tuple[Finding, ...]
) -> PricedLine:
    _, category, rate = amounts.rows[row]
    steps = way.components
    net, tax = _split(amounts, taxes, row, steps)
    return PricedLine(
        line.key, way.list_price, way.unit_price, net, tax, net + tax, category, rate, tuple(steps), found
    )


_Shipping = tuple[ShippingRateFacts, list[Component], int]


def _shipping(book: PriceBook, request: PriceRequest, amounts: _Amounts) -> tuple[list[_Shipping], list[Finding]]:
    """The shipping charge: zone of the country, the smallest weight step that holds, free from a value of goods on."""
    goods = [line for line in request.lines if line.item.kind in _SHIPPED]
    rates = [rate for rate in book.shipping if request.country in rate.countries and rate.currency == request.currency]
    if not goods or not rates or not request.with_shipping:
        return [], []
    weight = sum((line.item.weight_kg * line.quantity * line.item.units[line.unit] for line in goods), _ZERO)
    fitting = [rate for rate in rates if rate.up_to_kg is None or weight <= rate.up_to_kg]
    if not fitting:
        message = f"No shipping rate of zone {rates[0].zone} carries {_plain(weight)} kg: add one, or split the order."
        return [], [Finding("shipping_rate_missing", message, "/ship_to", {"weight_kg": str(weight)})]
    rate = min(fitting, key=lambda each: (each.up_to_kg is None, each.up_to_kg or _ZERO))
    tax = book.taxes.rate(request.country, request.region, rate.tax_category, request.on)
    if tax is None:
        return [], [_untaxed(request, rate.tax_category, "/ship_to")]
    value = sum((amount for amount, _, _ in amounts.rows), _ZERO)
    label = f"Shipping to {rate.zone_name}, {weight.quantize(Decimal('0.01'), ROUND_HALF_UP)} kg"
    steps = [Component("shipping", label, rate.zone, rate.amount)]
    amount = rate.amount
    if rate.free_from is not None and value >= rate.free_from:
        steps.append(Component("free_shipping", f"Free from {_plain(rate.free_from)}", rate.zone, -rate.amount))
        amount = _ZERO
    return [(rate, steps, amounts.add(amount, rate.tax_category, tax.rate))], []


def _charge(
    rate: ShippingRateFacts, steps: list[Component], amounts: _Amounts, taxes: Sequence[Decimal], row: int
) -> PricedCharge:
    _, category, percent = amounts.rows[row]
    net, tax = _split(amounts, taxes, row, steps)
    return PricedCharge("shipping", f"Shipping, {rate.zone_name}", net, tax, net + tax, category, percent, tuple(steps))


def _missing(request: PriceRequest, line: LineRequest, index: int) -> Finding:
    message = (
        f"No price list has a price in {request.currency} for {line.item.sku} ({_plain(line.quantity)} {line.unit}) "
        f"on {request.on}: add one, or choose another list."
    )
    return Finding("price_missing", message, f"/lines/{index}/item", {"sku": line.item.sku, "unit": line.unit})


def _untaxed(request: PriceRequest, category: str, place: str) -> Finding:
    where = f"{request.country} {request.region}".strip()
    message = f"No tax rate is known for {category!r} in {where} on {request.on}: add it to the tax rates."
    return Finding("tax_rate_missing", message, place, {"country": request.country, "tax_category": category})


def _unpriced(request: PriceRequest) -> PricedOrder:
    """No list fits at all: every line lacks a price."""
    if request.price_list_code:
        message = f"Price list {request.price_list_code!r} is unknown, not in {request.currency}, or not in force."
        findings: tuple[Finding, ...] = (Finding("price_list_unusable", message, "/price_list_code"),)
    else:
        findings = tuple(_missing(request, line, index) for index, line in enumerate(request.lines))
    return PricedOrder(request.key, False, request.price_list_code, (), (), _ZERO, _ZERO, _ZERO, findings)
