"""How days come together to weeks. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from auftakt.insight.types import ClosedOfDay, OrdersOfDay, Week


def mondays(today: date, count: int) -> list[date]:
    """The first days of the last `count` weeks, the running one among them, the oldest first."""
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=ago) for ago in reversed(range(count))]


def weekly(
    ordered: Iterable[OrdersOfDay], closed: Iterable[ClosedOfDay], *, today: date, count: int
) -> tuple[Week, ...]:
    """The last `count` weeks, those without anything too. Days outside them are left out."""
    firsts = mondays(today, count)
    orders, gross = dict.fromkeys(firsts, 0), {first: dict[str, Decimal]() for first in firsts}
    kept = {first: [0, 0, 0] for first in firsts}
    for row in ordered:
        first = row.day - timedelta(days=row.day.weekday())
        if first in gross:
            orders[first] += row.orders
            gross[first][row.currency] = gross[first].get(row.currency, Decimal(0)) + row.gross
    for each in closed:
        first = each.day - timedelta(days=each.day.weekday())
        if first in kept:
            counts = (each.closed, each.perfect, each.on_time)
            kept[first] = [before + more for before, more in zip(kept[first], counts, strict=True)]
    return tuple(
        Week(first, min(first + timedelta(days=6), today), orders[first], gross[first], *kept[first])
        for first in firsts
    )


def main_currency(weeks: Iterable[Week]) -> str:
    """The currency most of the value is in by number of weeks and amount; empty without orders."""
    sums: dict[str, Decimal] = {}
    for week in weeks:
        for currency, amount in week.gross.items():
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return max(sums, key=lambda currency: (sums[currency], currency)) if sums else ""
