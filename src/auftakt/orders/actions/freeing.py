"""Stock that is not there after all, or may not be sold: promises that hold of it are freed and made anew."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from auftakt.inventory import queries as stock
from auftakt.orders import queries
from auftakt.orders.actions.shortages import promise_losers
from auftakt.orders.queries import sql
from auftakt.orders.types import FULFILMENT_LIFECYCLE, LostPromise
from auftakt.promising import actions as promising
from auftakt.promising import queries as pegs
from auftakt.promising.types import LostPeg


@dataclass(frozen=True, slots=True)
class Missing:
    """So much of an item at a site will not be there (base units)."""

    item_id: UUID
    site_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Freed:
    """A fulfilment line that gave back what it held of an item at a site."""

    demand_id: UUID
    item_id: UUID
    site_id: UUID
    peg: LostPeg


def free_stock(missing: Sequence[Missing], *, actor: str, at: datetime) -> list[Freed]:
    """Free promises of stock on hand so that what is missing can leave the books: the lowest priorities first, and
    never what the warehouse is at work on. The caller moves the stock, then calls `promise_anew`."""
    gone: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for each in missing:
        gone[each.item_id, each.site_id] += each.quantity
    shelves = stock.on_hand_buckets(gone)
    if not shelves:
        return []
    homes = {bucket: key for key, bucket in shelves.items()}
    holders = {peg.demand_id for held in pegs.pegged_to(list(homes)).values() for peg in held}
    sql.rows("lock_orders_of_lines", ids=sorted(holders))
    free = stock.free_of(list(homes))
    lines = queries.fulfilment_lines(ids=holders)
    freed: list[Freed] = []
    for bucket, held in pegs.pegged_to(list(homes)).items():
        over = gone[homes[bucket]] - free[bucket]
        movable = [
            peg
            for peg in held
            if peg.demand_id in lines and FULFILMENT_LIFECYCLE.allows("release", lines[peg.demand_id].state)
        ]
        for peg in sorted(movable, key=lambda each: (-each.priority, -each.need_on.toordinal(), each.id)):
            if over <= 0:
                break
            over -= peg.quantity
            loss = LostPeg(peg.demand_id, bucket, peg.item_id, peg.quantity, peg.priority, peg.need_on)
            freed.append(Freed(peg.demand_id, *homes[bucket], loss))
    if freed:
        promising.release(list(dict.fromkeys(each.demand_id for each in freed)), actor=actor, at=at)
    return freed


def promise_anew(freed: Sequence[Freed], *, actor: str, at: datetime) -> dict[UUID, LostPromise]:
    """Promise the losers from what there is now; each with its new days, written down at its order."""
    return promise_losers([each.peg for each in freed], actor, at)
