"""Lots that have expired leave what can be promised; who was promised of them is promised anew."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from auftakt.inventory import actions as inventory
from auftakt.inventory import queries as stock
from auftakt.inventory.types import LotAside
from auftakt.orders.actions.freeing import Missing, free_stock, promise_anew
from auftakt.orders.types import LostPromise
from auftakt.values import Outcome


def set_aside_expired(*, actor: str, at: datetime, limit: int = 1000) -> Outcome[LostPromise]:
    """Move expired lots into the quarantine of their sites. Where the rest of the stock does not cover what is
    promised, the lowest priorities lose their promise and are promised anew. What the warehouse is at work on stays
    until it is picked or taken back: picking refuses expired lots. Done: the promises lost."""
    with transaction.atomic():
        rows = stock.expired_lots(at, limit)
        if not rows:
            return Outcome()
        freed = free_stock([Missing(item, site, number) for _, item, site, number in rows], actor=actor, at=at)
        shelves = stock.on_hand_buckets({(item, site) for _, item, site, _ in rows})
        free = stock.free_of(list(shelves.values()))
        left: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
        left |= {key: free[bucket] for key, bucket in shelves.items()}
        asides: list[LotAside] = []
        for lot, item, site, quantity in rows:
            part = min(quantity, left[item, site])
            if part > 0:
                left[item, site] -= part
                asides.append(LotAside(lot, site, part))
        moved = inventory.set_aside_lots(asides, actor=actor, at=at)
        if moved.refused:
            raise RuntimeError(f"free stock of an expired lot cannot be set aside: {moved.refused[0].message}")
        told = promise_anew(freed, actor=actor, at=at)
    return Outcome(tuple(told.values()))
