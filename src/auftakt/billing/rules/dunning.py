"""When an overdue invoice is to be reminded of."""

from datetime import date

from auftakt.billing.types import DUNNING_DAYS, REMINDER_DAYS

LAST_LEVEL = len(DUNNING_DAYS)


def dunning_level(due: date, on: date) -> int:
    """The level that days overdue ask for: 0 while not overdue by 7 days, then 1; 2 from 21 days; 3 from 35 days."""
    overdue = (on - due).days
    return sum(overdue >= days for days in DUNNING_DAYS)


def next_level(due: date, on: date, level: int, dunned_on: date | None) -> int:
    """The level an invoice should rise to now, one at a time; 0 when it is not time, or the last is reached."""
    if dunning_level(due, on) <= level:
        return 0
    if dunned_on is not None and (on - dunned_on).days < REMINDER_DAYS:
        return 0
    return level + 1
