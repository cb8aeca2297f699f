"""Verbs of insight: the sums of days follow the journal. They tell nothing new, so they write no journal themselves."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from auftakt.platform import journal
from auftakt.platform.sql import Statements
from auftakt.values import Outcome

sql = Statements("auftakt.insight")
READER = "insight"
AT_ONCE = 5000


def refresh(*, rounds: int = 20) -> Outcome[date]:
    """Count anew the days of every order that the journal speaks of since the last time; the first time, all days.

    Does nothing while another process is at it. `rounds` bounds the work of one call.
    """
    zone = timezone.get_default_timezone_name()
    if journal.begin_at_horizon(READER) or sql.rows("zones_in_use") not in ([], [(zone,)]):
        return recount()
    done: dict[date, None] = {}
    for _ in range(rounds):
        with journal.reading(READER, AT_ONCE) as entries:
            touched = sorted({entry.subject_id for entry in entries if entry.subject_type == "order"})
            done |= dict.fromkeys(_count(touched, zone))
        if len(entries) < AT_ONCE:
            break
    return Outcome(done=tuple(done))


def _count(order_ids: Sequence[UUID], zone: str) -> list[date]:
    """Count the days of some orders from the facts."""
    days = [row[0] for row in sql.rows("days_of_orders", ids=list(order_ids), zone=zone)] if order_ids else []
    if days:
        sql.run("forget_order_days", days=days)
        sql.run("count_order_days", days=days, zone=zone)
        sql.run("forget_closed_days", days=days)
        sql.run("count_closed_days", days=days, zone=zone)
    return days


def recount() -> Outcome[date]:
    """Count all days anew: the first time, and when the installation moved to another time zone."""
    zone = timezone.get_default_timezone_name()
    with transaction.atomic():
        journal.hold_reader(READER)
        sql.run("forget_order_days", days=None)
        sql.run("count_all_order_days", zone=zone)
        sql.run("forget_closed_days", days=None)
        sql.run("count_all_closed_days", zone=zone)
    return Outcome()
