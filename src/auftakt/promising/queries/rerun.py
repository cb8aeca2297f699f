"""Many lines promised anew at once, as supply stands or as it might: nothing is drawn or written."""

from collections.abc import Sequence
from datetime import date, datetime

from auftakt.inventory import queries as inventory
from auftakt.inventory.types import BucketFacts
from auftakt.promising import engine
from auftakt.promising.engine import rerun as again
from auftakt.promising.queries.promises import know, looking, movable
from auftakt.promising.types import Entry, Rerun, SiteClosed, SupplyAdded, SupplyMoved, WhatIf
from auftakt.values import new_id, to_micro


def rerun(
    entries: Sequence[Entry],
    *,
    on: date,
    at: datetime | None = None,
    guarded: bool = True,
    changes: Sequence[WhatIf] = (),
) -> Rerun:
    """What each line would be promised if all of them were promised anew, those before first, in a fork of the picture.

    Others keep what they hold, but go over to later supply that is still in time for them. Lines that must not get
    worse do not; without `guarded` they may. `changes` is what might be otherwise about supply. At most three
    statements.
    """
    moved = [each for each in changes if isinstance(each, SupplyMoved)]
    stands = inventory.buckets([each.bucket_id for each in moved]) if moved else {}
    items = again.items_of(entries) | {bucket.item_id for bucket in stands.values()}
    items |= {each.item_id for each in changes if isinstance(each, SupplyAdded)}
    own = {peg.id for each in entries for peg in each.held}
    others = [peg for peg in movable(sorted(items), on=on) if peg.id not in own]
    with looking() as picture:
        know(picture, (each.demand for each in entries), on)
        fork = again.fork_of(picture, items, on)
    _change(fork, changes, stands)
    if others:
        engine.loosen(fork, others, on)
    return again.rerun(fork, entries, on, at, guarded=guarded)


def _change(fork: engine.Picture, changes: Sequence[WhatIf], stands: dict[object, BucketFacts]) -> None:
    rows: dict[object, engine.SupplyRow] = {}
    for each in changes:
        if isinstance(each, SiteClosed):
            again.close_site(fork, each.site_id, each.first_on, each.last_on)
        elif isinstance(each, SupplyAdded):
            key = new_id()
            due = each.available_on.toordinal() if each.available_on else 0
            rows[key] = engine.SupplyRow(
                key, each.item_id, each.site_id, due, to_micro(each.quantity), 0, 1 if due else 0
            )
        elif each.bucket_id in stands:
            row = rows.get(each.bucket_id) or _row(stands[each.bucket_id])
            due = each.available_on.toordinal() if each.available_on else row.due
            quantity = row.quantity if each.left is None else to_micro(each.left)
            rows[each.bucket_id] = row._replace(due=due, quantity=quantity)
    fork.settle(rows.values())


def _row(bucket: BucketFacts) -> engine.SupplyRow:
    due = bucket.available_on.toordinal() if bucket.available_on else 0
    return engine.SupplyRow(
        bucket.id,
        bucket.item_id,
        bucket.site_id,
        due,
        to_micro(bucket.quantity),
        to_micro(bucket.drawn),
        engine.KINDS.index(bucket.kind),
    )
