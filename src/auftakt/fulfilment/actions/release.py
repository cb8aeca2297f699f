"""Releasing: a site is asked to do lines whose goods lie on its shelf; and recalling what has not left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.actions.locking import close_waves, lock_releases, move, state_refusal
from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.types import RELEASE_LIFECYCLE, RELEASE_NUMBERS
from auftakt.inventory import actions as inventory
from auftakt.orders import actions as orders
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import numbers as drawn_numbers
from auftakt.platform.sql import insert_rows
from auftakt.promising import queries as promising
from auftakt.promising.types import Peg
from auftakt.values import Outcome, Refusal, new_ids

Pegs = Mapping[UUID, Sequence[Peg]]
RELEASE = (
    "id", "serial", "number", "order_id", "site_id", "ship_on", "state", "released_at", "picked_at", "packed_at",
)  # fmt: skip


def release(fulfilment_line_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Ask sites to do lines: one release for each order, site and day to ship, with the picks of every line.

    Done: the releases. Refused, by fulfilment line: `not_on_hand` (its supply has not all come in), `site_closed`,
    `order_on_hold`, `not_promised`, `line_not_open`, `order_not_submitted`, `unknown_line`.
    """
    chosen = list(dict.fromkeys(fulfilment_line_ids))
    with transaction.atomic():
        sql.rows("lock_orders_of_lines", ids=chosen)
        rows = {row.id: row for row in sql.records("read_lines_to_release", ids=chosen)}
        pegs: Pegs = promising.pegs([key for key in chosen if key in rows and rows[key].site_id])
        refused = [refusal for key in chosen if (refusal := _barred(rows.get(key), pegs.get(key, ())))]
        barred = {refusal.subject for refusal in refused}
        moved = orders.release_lines([key for key in chosen if str(key) not in barred], actor=actor, at=at)
        made = _store([rows[key] for key in moved.done], pegs, actor=actor, at=at)
    return Outcome(tuple(made), (*refused, *moved.refused))


def _barred(row: Any, pegs: Sequence[Peg]) -> Refusal | None:
    """Why the site cannot do a line now. What the order says against it is for the order to say."""
    if row is None or row.state != "open" or row.site_id is None:
        return None
    facts = {"order": row.order_number, "item": row.sku, "site": row.site}
    if not row.is_open:
        text = f"Site {row.site} is closed: open it, or promise order {row.order_number} from another one."
        return Refusal.because(row.id, "site_closed", text, transient=True, **facts)
    late = [peg for peg in pegs if peg.kind != "on_hand"]
    held = sum(peg.quantity for peg in pegs)
    if not pegs or late or (row.kind == "stocked" and held != row.base_quantity):
        days = [peg.available_on for peg in late if peg.available_on]
        when = f"is expected on {max(days)}" if days else "is not on the shelf"
        text = f"The supply of {row.sku} for order {row.order_number} {when} at {row.site}: receive it first."
        return Refusal.because(row.id, "not_on_hand", text, transient=True, **facts)
    return None


def _store(lines: Sequence[Any], pegs: Pegs, *, actor: str, at: datetime) -> list[UUID]:
    """Releases with their lines and picks. A kit is picked as the parts that were drawn for it."""
    if not lines:
        return []
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for line in lines:
        groups.setdefault((line.order_id, line.site_id, line.ship_on), []).append(line)
    ids = new_ids(len(groups))
    numbers = drawn_numbers(RELEASE_NUMBERS, len(groups))
    line_ids = iter(new_ids(len(lines)))
    releases: list[tuple[Any, ...]] = []
    release_lines: list[tuple[Any, ...]] = []
    wanted: list[tuple[Any, ...]] = []
    entries: list[Entry] = []
    for key, (serial, number), ((order_id, site_id, ship_on), members) in zip(
        ids, numbers, groups.items(), strict=True
    ):
        start = RELEASE_LIFECYCLE.start
        releases.append((key, serial, number, order_id, site_id, ship_on, start, at, None, None))
        change = {"order_id": order_id, "number": number, "site": members[0].site, "lines": len(members)}
        entries.append(Entry("release", key, change))
        for line in members:
            line_id = next(line_ids)
            release_lines.append((line_id, key, line.id, line.item_id, line.quantity, False))
            wanted += [(line_id, item_id, quantity) for item_id, quantity in _parts(pegs[line.id]).items()]
    insert_rows("fulfilment_release", RELEASE, releases)
    insert_rows(
        "fulfilment_releaseline",
        ("id", "release_id", "fulfilment_line_id", "item_id", "quantity", "is_cancelled"),
        release_lines,
    )
    picks = [(key, *row, 0) for key, row in zip(new_ids(len(wanted)), wanted, strict=True)]
    insert_rows("fulfilment_pick", ("id", "release_line_id", "item_id", "quantity", "picked"), picks)
    journal.write("fulfilment.released", entries, actor=actor, at=at)
    return ids


def _parts(pegs: Sequence[Peg]) -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for peg in pegs:
        sums[peg.item_id] += peg.quantity
    return sums


def recall(release_ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take releases back that have not left: their lines are open again with their promise, their boxes are emptied.

    Done: the releases. Refused: `not_to_recall` (shipped or taken back before), `unknown_release`.
    """
    chosen = list(dict.fromkeys(release_ids))
    with transaction.atomic():
        locked = lock_releases(chosen)
        refused = [refusal for key in chosen if (refusal := state_refusal(key, locked.get(key), "recall"))]
        barred = {refusal.subject for refusal in refused}
        good = [key for key in chosen if str(key) not in barred]
        if good:
            lines = sql.records("read_lines_of_releases", releases=good)
            back = orders.recall_lines([line.fulfilment_line_id for line in lines], actor=actor, at=at)
            if back.refused:
                raise RuntimeError(f"a line on a release is not released: {back.refused[0].message}")
            sql.run("cancel_release_lines", ids=[line.id for line in lines])
            tracked = [pick for line in lines for pick in line.tracked_picks]
            if tracked:
                inventory.release_lots(tracked, actor=actor, at=at)
            sql.run("delete_parcels", releases=good)
            move(good, "recall", at=at)
            close_waves([locked[key] for key in good], good, actor=actor, at=at)
            entries = [
                Entry("release", key, {"order_id": locked[key].order_id, "number": locked[key].number}) for key in good
            ]
            journal.write("fulfilment.recalled", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))
