"""Reads of insight: the last weeks, from the sums of their days."""

from datetime import date

from auftakt.insight.models import ClosedDay, OrderDay
from auftakt.insight.rules import mondays, weekly
from auftakt.insight.types import ClosedOfDay, OrdersOfDay, Week


def weeks(*, today: date, count: int = 13) -> tuple[Week, ...]:
    """The last weeks, the running one at the end. Two statements, whatever the number of orders."""
    first = mondays(today, count)[0]
    ordered = OrderDay.objects.filter(day__gte=first, day__lte=today)
    closed = ClosedDay.objects.filter(day__gte=first, day__lte=today)
    return weekly(
        [OrdersOfDay(row.day, row.currency, row.orders, row.gross) for row in ordered],
        [ClosedOfDay(row.day, row.closed, row.perfect, row.on_time, row.in_full) for row in closed],
        today=today,
        count=count,
    )
