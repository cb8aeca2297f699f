"""What work orders load their resources with: from their start on, as far as each day is free."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from auftakt.platform.fields import id_list
from auftakt.platform.sql import Statements
from auftakt.supply import queries, rules
from auftakt.values import Finding

sql = Statements("auftakt.supply")
HORIZON = 400
"""Days from its start within which a work order must find its capacity."""

Need = tuple[int, UUID, Decimal]
"""Sequence of an operation, its resource, and what it takes of it."""


class Rooms:
    """What is free of locked resources, as one work order after the other takes of it."""

    def __init__(self, resource_ids: Sequence[UUID], first: date, last: date, without: Sequence[UUID] = ()) -> None:
        wanted = id_list(list(resource_ids))
        if wanted:
            sql.rows("lock_resources", ids=wanted)
        self.first = first
        self.free = queries.free_rooms(wanted, first, last + timedelta(HORIZON), without=without)

    def take(self, needs: Sequence[Need], starts_on: date) -> list[tuple[int, UUID, date, Decimal]] | Finding:
        """Load one operation after the other, each from the day on which the one before ends; or say which resource has
        no room, and take nothing."""
        found: list[tuple[int, UUID, date, Decimal]] = []
        trial: dict[UUID, list[Decimal]] = {}
        day = starts_on
        for sequence, resource, amount in needs:
            room = trial.setdefault(resource, list(self.free[resource]))
            offset = (day - self.first).days
            spread = rules.spread(amount, day, room[offset:])
            if spread is None:
                message = f"a resource has no room for it within {HORIZON} days; add capacity, or choose another day"
                return Finding("no_capacity", message, "/starts_on", {"resource_id": str(resource)})
            for when, taken in spread:
                room[(when - self.first).days] -= taken
                found.append((sequence, resource, when, taken))
                day = when
        self.free.update(trial)
        return found
