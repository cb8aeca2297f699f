"""Packing: the picked goods of a release go into boxes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.actions.locking import lock_releases, move, state_refusal, twice
from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.rules import parcel_findings
from auftakt.fulfilment.types import PARCEL_NUMBERS, Packing
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import numbers as drawn_numbers
from auftakt.platform.sql import insert_rows
from auftakt.values import Outcome, Refusal, new_ids

_PARCEL = (
    "id", "serial", "number", "release_id", "weight_kg", "length_mm", "width_mm", "height_mm", "tracking_number",
)  # fmt: skip


def pack(packings: Sequence[Packing], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Put the picked goods of releases into boxes, each with a number of its own. Packing again replaces the boxes.

    Done: the releases. Refused: `not_to_pack`, `unknown_release`, `named_twice`, `no_parcels`, `bad_weight`,
    `bad_edge`, `bad_tracking_number`.
    """
    with transaction.atomic():
        locked = lock_releases(packing.release_id for packing in packings)
        good: dict[UUID, Packing] = {}
        refused: list[Refusal] = []
        for packing in packings:
            key = packing.release_id
            refusal = state_refusal(key, locked.get(key), "pack")
            findings = parcel_findings(packing.parcels)
            if refusal:
                refused.append(refusal)
            elif findings:
                refused.append(Refusal(str(key), tuple(findings)))
            elif key in good:
                refused.append(twice(key))
            else:
                good[key] = packing
        if good:
            sql.run("delete_parcels", releases=list(good))
            _store(list(good.values()))
            move(list(good), "pack", at=at)
            entries = [
                Entry(
                    "release",
                    key,
                    {
                        "order_id": locked[key].order_id,
                        "number": locked[key].number,
                        "parcels": len(packing.parcels),
                        "weight_kg": sum(parcel.weight_kg for parcel in packing.parcels),
                    },
                )
                for key, packing in good.items()
            ]
            journal.write("fulfilment.packed", entries, actor=actor, at=at)
    return Outcome(tuple(good), tuple(refused))


def _store(packings: Sequence[Packing]) -> None:
    boxes = [(packing.release_id, parcel) for packing in packings for parcel in packing.parcels]
    keys = zip(new_ids(len(boxes)), drawn_numbers(PARCEL_NUMBERS, len(boxes)), boxes, strict=True)
    rows = [
        (
            key, serial, number, release_id, parcel.weight_kg, parcel.length_mm, parcel.width_mm,
            parcel.height_mm, parcel.tracking_number.strip(),
        )
        for key, (serial, number), (release_id, parcel) in keys
    ]  # fmt: skip
    insert_rows("fulfilment_parcel", _PARCEL, rows)
