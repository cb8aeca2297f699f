"""Pure arithmetic of replenishment: how much safety, when to order, how much, and from where."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from math import ceil, sqrt
from statistics import NormalDist

from auftakt.supply.rules.terms import CURRENCIES, order_quantity, price_at
from auftakt.supply.types.replenish import (
    POLICY_METHODS,
    POLICY_SOURCES,
    Arithmetic,
    PolicyDraft,
    PolicyNow,
    ReplenishmentLimitDraft,
    SupplierTermsDraft,
    SupplySource,
)
from auftakt.supply.types.terms import PriceBreak
from auftakt.values import Finding

_LARGEST = Decimal(10) ** 12
_FINE = Decimal("0.000001")
_ZERO = Decimal(0)
_DAYS = (("cover_days", 0, 730), ("review_days", 0, 365), ("demand_days", 7, 730), ("lead_days", 0, 3650))


@lru_cache(maxsize=1024)
def safety_factor(service_level: Decimal) -> float:
    """z: how many standard deviations cover a service level in percent (the order cycles without a shortage)."""
    return NormalDist().inv_cdf(float(service_level) / 100)


def safety_stock(
    z: float, lead_days: float, demand_deviation: float, demand_per_day: float, lead_deviation: float
) -> float:
    """SS = z · sqrt(L·σd² + d²·σL²): what covers that demand and lead time vary, independently of each other.

    Source: Silver, Pyke, Thomas, "Inventory and Production Management in Supply Chains" (4th ed., 2017), ch. 6; the
    same in Chopra, Meindl, "Supply Chain Management", ch. 12. L in days, σd of the demand of a day, σL in days.
    """
    return z * sqrt(lead_days * demand_deviation**2 + demand_per_day**2 * lead_deviation**2)


def mean_and_deviation(total: float, squares: float, count: int) -> tuple[float, float]:
    """Mean and sample standard deviation of `count` values by their sum and the sum of their squares."""
    mean = total / count
    if count < 2:
        return mean, 0.0
    return mean, sqrt(max(0.0, (squares - count * mean * mean) / (count - 1)))


def source_of(wanted: str, candidates: Sequence[SupplySource]) -> SupplySource | None:
    """The source that is asked: the policy's own kind if it says one (then the candidates are of that kind), else the
    first rank of the sourcing rule, else the supplier who is asked first, else making it.

    Among sources of one rank of a rule that one is asked that is furthest below its share of what was ordered lately.
    """
    able = [each for each in candidates if not wanted or each.kind == wanted]
    ruled = [each for each in able if each.rule_rank]
    if ruled and not wanted:
        first = min(each.rule_rank for each in ruled)
        equal = [each for each in ruled if each.rule_rank == first]
        ordered = sum((each.ordered for each in equal), _ZERO)
        return max(equal, key=lambda each: (each.share * ordered / 100 - each.ordered, each.share))
    order = {"buy": 0, "make": 1, "transfer": 2}
    return min(able, key=lambda each: (order[each.kind], each.rank), default=None)


def review_is_due(now: PolicyNow, on: date) -> bool:
    """Whether a policy is looked at on a day: always, but for one that is reviewed every so many days."""
    return now.method != "periodic" or now.reviewed_on is None or now.reviewed_on + timedelta(now.review_days) <= on


def replenish(now: PolicyNow, source: SupplySource) -> Arithmetic | None:
    """What is to be ordered under a policy, with how that comes about; None while enough is there or on its way.

    Position = on hand + expected − drawn (promised, reserved) + planned (proposals and drafts that wait).
    """
    per_day, deviation = _demand(now)
    measured = now.lead_days is None
    lead = source.lead_days if measured else float(now.lead_days or 0)
    lead_deviation = source.lead_deviation if measured else 0.0
    review = now.review_days if now.method == "periodic" else 0
    if now.safety_stock is None:
        z = safety_factor(now.service_level)
        safety = _up(safety_stock(z, lead + review, deviation, per_day, lead_deviation), now.decimals)
    else:
        safety = now.safety_stock
    told = now.reorder_point if review == 0 else None
    point = _up(per_day * (lead + review), now.decimals) + safety if told is None else told
    position = now.on_hand + now.expected - now.drawn + now.planned
    target = _target(now, point, per_day, position)
    raw = target - position
    if raw <= 0 or (position > point if review == 0 else position >= point):
        return None
    multiple = now.multiple or source.multiple or Decimal(1).scaleb(-min(now.decimals, 6))
    quantity = order_quantity(raw, source.minimum, multiple)
    return Arithmetic(
        now.demand_per_day is None, _fine(per_day), _fine(deviation), source.lead_receipts if measured else None,
        _fine(lead), _fine(lead_deviation), review, None if now.safety_stock is not None else now.service_level,
        safety, point, position, target, raw, source.minimum, multiple, quantity,
    )  # fmt: skip


def _demand(now: PolicyNow) -> tuple[float, float]:
    """Demand of a day and its deviation; a demand that is told keeps the deviation that was measured."""
    mean, deviation = mean_and_deviation(now.demand_sum, now.demand_squares, now.demand_days)
    return (mean if now.demand_per_day is None else float(now.demand_per_day)), deviation


def _target(now: PolicyNow, point: Decimal, per_day: float, position: Decimal) -> Decimal:
    """The level that is ordered up to."""
    if now.method == "min_max":
        return max(now.maximum or _ZERO, point)
    if now.method == "days_of_cover":
        return point + _up(per_day * now.cover_days, now.decimals)
    if now.method == "reorder_point" and now.lot > 0 and position <= point:
        return position + ((point - position) // now.lot + 1) * now.lot
    return point


def _up(number: float, decimals: int) -> Decimal:
    """Up to what the unit can be counted in; a hair above a whole number is noise of the arithmetic, not demand."""
    return (
        Decimal(number).quantize(_FINE, ROUND_HALF_EVEN).quantize(Decimal(1).scaleb(-min(decimals, 6)), ROUND_CEILING)
    )


def _fine(number: float) -> Decimal:
    return Decimal(number).quantize(_FINE, ROUND_HALF_EVEN)


def due_on(on: date, arithmetic: Arithmetic) -> date:
    """The day on which what is ordered on a day is expected."""
    return on + timedelta(ceil(arithmetic.lead_days))


def cheaper_quantity(
    quantity: Decimal, prices: Sequence[PriceBreak], currency: str, on: date, multiple: Decimal
) -> Decimal:
    """The quantity of a higher price break where all of that costs less than the quantity asked for; else that one."""
    price = price_at(prices, quantity, currency, on)
    if price is None:
        return quantity
    best, cost = quantity, quantity * price
    for each in prices:
        if each.currency == currency and each.from_quantity > quantity:
            more = order_quantity(each.from_quantity, _ZERO, multiple)
            there = price_at(prices, more, currency, on)
            if there is not None and more * there < cost:
                best, cost = more, more * there
    return best


def value_of(quantity: Decimal, unit_cost: Decimal) -> Decimal:
    """What a proposal is worth."""
    return (quantity * unit_cost).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def projected(on_hand: Decimal, per_day: Decimal, arrivals: Sequence[tuple[int, Decimal]], days: int) -> list[Decimal]:
    """What will be in stock at the end of each day if demand goes on as measured; below zero is what would be missing.

    `arrivals` are days from today (0) and quantities.
    """
    coming = [_ZERO] * (days + 1)
    for day, quantity in arrivals:
        if day <= days:
            coming[max(0, day)] += quantity
    level, levels = on_hand, list[Decimal]()
    for day in range(days + 1):
        level += coming[day] - (per_day if day else _ZERO)
        levels.append(level)
    return levels


def policy_findings(draft: PolicyDraft) -> list[Finding]:
    """Everything wrong with a policy that needs no look at the database."""
    found: list[Finding] = []
    if draft.method not in POLICY_METHODS:
        message = f"the method is one of {', '.join(POLICY_METHODS)}, not {draft.method!r}"
        found.append(Finding("replenishment_method_unknown", message, "/method"))
    if draft.source not in POLICY_SOURCES:
        message = f"the source is empty, buy, transfer or make, not {draft.source!r}"
        found.append(Finding("replenishment_source_unknown", message, "/source"))
    for name in ("reorder_point", "maximum", "lot", "multiple", "safety_stock", "demand_per_day"):
        number: Decimal | None = getattr(draft, name)
        if number is not None and not (number.is_finite() and 0 <= number < _LARGEST):
            words = name.replace("_", " ")
            found.append(Finding("quantity_negative", f"the {words} is zero or more, not {number}", f"/{name}"))
    for name, least, most in (
        ("cover_days", 0, 730),
        ("review_days", 0, 365),
        ("demand_days", 7, 730),
        ("lead_days", 0, 3650),
    ):
        days: int | None = getattr(draft, name)
        if days is not None and not least <= days <= most:
            words = name.replace("_", " ")
            found.append(Finding("policy_days_out_of_range", f"{words}: {least} to {most}, not {days}", f"/{name}",
                                 {"least": str(least), "most": str(most)}))  # fmt: skip
    if not (draft.service_level.is_finite() and 50 <= draft.service_level <= Decimal("99.99")):
        message = f"the service level is 50 to 99.99 %, not {draft.service_level}"
        found.append(Finding("service_level_out_of_range", message, "/service_level"))
    if len(draft.buyer) > 64:
        found.append(Finding("number_too_long", "the buyer has up to 64 characters", "/buyer"))
    return found or _method_findings(draft)


def _method_findings(draft: PolicyDraft) -> list[Finding]:
    """What a method and a source cannot do without."""
    found: list[Finding] = []
    if draft.method == "min_max" and draft.maximum is None:
        found.append(Finding("maximum_missing", "say up to which maximum is ordered", "/maximum"))
    least = max(draft.reorder_point or _ZERO, draft.safety_stock or _ZERO)
    if draft.method == "min_max" and draft.maximum is not None and draft.maximum < least:
        message = f"the maximum {draft.maximum:f} is below the minimum {least:f}"
        found.append(Finding("maximum_below_minimum", message, "/maximum", {"minimum": f"{least:f}"}))
    if draft.method == "days_of_cover" and not draft.cover_days:
        found.append(Finding("cover_missing", "say for how many days is ordered", "/cover_days"))
    if draft.method == "periodic" and not draft.review_days:
        found.append(Finding("review_missing", "say every how many days it is reviewed", "/review_days"))
    if draft.source == "transfer" and not draft.from_site:
        found.append(Finding("origin_missing", "say which site it is transferred from", "/from_site"))
    if draft.from_site and draft.from_site == draft.site_code:
        found.append(Finding("same_site", "a site cannot send to itself", "/from_site"))
    return found


def limit_findings(draft: ReplenishmentLimitDraft) -> list[Finding]:
    """What is wrong with a limit for release."""
    return _money_findings(draft.currency, draft.amount, "/amount")


def supplier_findings(draft: SupplierTermsDraft) -> list[Finding]:
    """What is wrong with a supplier's minimum."""
    return _money_findings(draft.currency, draft.minimum_order, "/minimum_order")


def _money_findings(currency: str, amount: Decimal, place: str) -> list[Finding]:
    found: list[Finding] = []
    if currency not in CURRENCIES:
        message = f"currency {currency!r} is unknown; use the three letters of ISO 4217, such as EUR"
        found.append(Finding("currency_unknown", message, "/currency", {"currency": currency}))
    if not (amount.is_finite() and 0 <= amount < _LARGEST):
        found.append(Finding("amount_negative", f"an amount is zero or more, not {amount}", place))
    return found
