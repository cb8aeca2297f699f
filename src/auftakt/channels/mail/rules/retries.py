"""When a mail is tried again, and when it is given up."""

from datetime import datetime, timedelta

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240))
GIVEN_UP_AFTER = timedelta(days=3)
LOST_AFTER = timedelta(minutes=10)
"""No call to a mail server lasts as long; a try that has no end after it was cut short with its worker."""


def next_try(tries: int, first_try_at: datetime, at: datetime, *, chance: float) -> datetime | None:
    """When to try again after this many tries, or None when three days of trying are enough.

    `chance` (0 to 1) spreads the wait by a fifth to both sides, so that mails of one outage do not come all at once.
    """
    if at - first_try_at >= GIVEN_UP_AFTER:
        return None
    wait = _WAITS[min(tries, len(_WAITS)) - 1]
    return at + wait * (0.8 + 0.4 * chance)
