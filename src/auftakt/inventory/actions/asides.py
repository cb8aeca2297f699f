"""Moves beside the stock: goods in quarantine, sent back, lost on the way. No supply bucket changes by them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.inventory import rules
from auftakt.inventory.actions.lots import lot_shelf, sure, write_lots
from auftakt.inventory.types import AsideMove, Movement, Place
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements, insert_rows
from auftakt.values import Outcome, Refusal, new_ids

sql = Statements("auftakt.inventory")

_COLUMNS = ("id", "item_id", "quantity", "taken_from_id", "put_to_id", "at", "actor", "reason", "note", "reference_id")


def move_aside(moves: Sequence[AsideMove], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Book moves between places that are not stock. Done: ids of the ledger entries, in input order. How much may move
    is known to the document that asks: its line holds what lies there.

    Refusals (subject: the index in the batch): `quantity_not_positive`.
    """
    refused: list[Refusal] = []
    good: list[AsideMove] = []
    for index, move in enumerate(moves):
        finding = rules.positive(move.quantity)
        if finding:
            refused.append(Refusal(str(index), (finding,)))
        else:
            good.append(move)
    if not good:
        return Outcome((), tuple(refused))
    with transaction.atomic(savepoint=False):
        places: dict[str, UUID] = dict(sql.rows("virtual_locations"))
        sites = sorted({move.site_id for move in good})
        sql.run("ensure_quarantines", ids=new_ids(len(sites)), sites=sites)
        quarantines: dict[UUID, UUID] = {}
        tracked: dict[UUID, tuple[str, str, int | None]] = {}
        for key, location, sku, tracking, shelf_life in sql.rows(
            "aside_places", sites=sites, items=sorted({move.item_id for move in good})
        ):
            if location:
                quarantines[key] = location
            else:
                tracked[key] = (sku, tracking, shelf_life)
        keys = new_ids(len(good))
        movements = [
            _movement(index, move, quarantines[move.site_id], places, tracked.get(move.item_id, ("", "none", None)))
            for index, move in enumerate(good)
        ]
        lots = lot_shelf(movements, at)
        if lots is not None:
            movements = [sure(lots, move) for move in movements]
        rows: list[tuple[object, ...]] = []
        entries: list[Entry] = []
        for key, move, booked in zip(keys, good, movements, strict=True):
            ends = (booked.taken_from.location_id, booked.put_to.location_id)
            rows.append(
                (key, move.item_id, move.quantity, *ends, at, actor, move.reason, move.note[:300], move.reference_id)
            )
            change = {
                "move_id": key, "quantity": move.quantity, "from": move.taken_from, "to": move.put_to,
                "reason": move.reason, "note": move.note,
            }  # fmt: skip
            entries.append(Entry("item", move.item_id, change))
        insert_rows("inventory_move", _COLUMNS, rows)
        write_lots(lots, list(zip(keys, movements, strict=True)), at)
        journal.write("inventory.moved_aside", entries, actor=actor, at=at)
    return Outcome(tuple(keys), tuple(refused))


def _movement(
    index: int, move: AsideMove, quarantine: UUID, places: dict[str, UUID], item: tuple[str, str, int | None]
) -> Movement:
    """A move beside the stock as lots see it."""
    source, target = (
        Place(quarantine if end == "quarantine" else places[end], None, end) for end in (move.taken_from, move.put_to)
    )
    sku, tracking, shelf_life = item
    return Movement(
        index, move.item_id, sku, source, target, move.quantity, move.reason, move.note, move.reference_id,
        tracking=tracking, shelf_life_days=shelf_life, lots=move.lots,
    )  # fmt: skip
