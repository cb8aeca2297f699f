"""Verbs on items that exist: activate, phase out, show an image."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from auftakt.catalog.types import ITEM_LIFECYCLE, ItemImage
from auftakt.platform import journal
from auftakt.platform.fields import id_list
from auftakt.platform.journal import Entry
from auftakt.platform.sql import Statements
from auftakt.values import Outcome, Refusal

sql = Statements("auftakt.catalog")


def _unknown(item_id: UUID) -> Refusal:
    return Refusal.because(item_id, "item_unknown", f"There is no item {item_id}.")


def _wrong_state(item_id: UUID, sku: str, state: str) -> Refusal:
    return Refusal.because(item_id, f"item_{state}", f"Item {sku} is {state.replace('_', ' ')}.", sku=sku, state=state)


def _locked(ids: Sequence[UUID]) -> dict[UUID, tuple[str, str, str]]:
    return {key: (sku, kind, state) for key, sku, kind, state in sql.rows("lock_states", ids=id_list(list(ids)))}


def _movable(
    move: str, ids: Sequence[UUID], stored: Mapping[UUID, tuple[str, str, str]]
) -> tuple[list[UUID], list[Refusal]]:
    able: list[UUID] = []
    refused: list[Refusal] = []
    for key in dict.fromkeys(ids):
        if key not in stored:
            refused.append(_unknown(key))
        elif not ITEM_LIFECYCLE.allows(move, stored[key][2]):
            refused.append(_wrong_state(key, stored[key][0], stored[key][2]))
        else:
            able.append(key)
    return able, refused


def activate(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Offer items for sale, from draft or again after phasing out.

    Refuses `item_unknown`, `item_active`, and a kit with a component that is not active (`component_not_active`);
    components activated in the same call count.
    """
    with transaction.atomic():
        stored = _locked(ids)
        able, refused = _movable("activate", ids, stored)
        missing: dict[UUID, list[str]] = {}
        kits = [key for key in able if stored[key][1] == "kit"]
        for kit_id, part_id, sku, state in sql.rows("parts_of", ids=kits):
            if state != "active" and part_id not in able:
                missing.setdefault(kit_id, []).append(sku)
        for kit_id, skus in missing.items():
            message = f"Activate the components first: {', '.join(sorted(skus))}."
            refused.append(Refusal.because(kit_id, "component_not_active", message, components=", ".join(skus)))
        done = [key for key in able if key not in missing]
        _move("activate", "item.activated", done, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def phase_out(ids: Sequence[UUID], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take items off sale; what is ordered is still served.

    Refuses `item_unknown`, `item_draft`, `item_phased_out`, and a component of a kit that stays active
    (`used_in_kits`); kits phased out in the same call do not count.
    """
    with transaction.atomic():
        stored = _locked(ids)
        able, refused = _movable("phase_out", ids, stored)
        kits: dict[UUID, list[str]] = {}
        for part_id, kit_id, sku, state in sql.rows("kits_of", ids=able):
            if state == "active" and kit_id not in able:
                kits.setdefault(part_id, []).append(sku)
        for part_id, skus in kits.items():
            named = ", ".join(sorted(skus))
            message = f"{stored[part_id][0]} is in active kits: {named}. Phase them out or change them."
            refused.append(Refusal.because(part_id, "used_in_kits", message, kits=named))
        done = [key for key in able if key not in kits]
        _move("phase_out", "item.phased_out", done, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))


def _move(move: str, verb: str, ids: Sequence[UUID], *, actor: str, at: datetime) -> None:
    if ids:
        sql.run("set_states", ids=list(ids), state=ITEM_LIFECYCLE.after(move))
        journal.write(verb, [Entry("item", key) for key in ids], actor=actor, at=at)


def set_images(images: Sequence[ItemImage], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Show documents as the images of items, or none. Refuses `item_unknown` and `image_unknown`."""
    refused: list[Refusal] = []
    done: list[UUID] = []
    moved: dict[UUID, UUID | None] = {}
    with transaction.atomic():
        stored = dict(sql.rows("lock_images", ids=id_list([image.item_id for image in images])))
        wished = [image.document_id for image in images if image.document_id]
        known = {key for (key,) in sql.rows("known_images", ids=wished)}
        for image in images:
            if image.item_id not in stored:
                refused.append(_unknown(image.item_id))
            elif image.document_id and image.document_id not in known:
                message = f"There is no document {image.document_id}; file the image first."
                refused.append(Refusal.because(image.item_id, "image_unknown", message, place="/document_id"))
            else:
                done.append(image.item_id)
                if stored[image.item_id] != image.document_id:
                    moved[image.item_id] = image.document_id
        if moved:
            sql.run("set_images", ids=list(moved), images=list(moved.values()))
            entries = [Entry("item", key, {"image_id": [stored[key], image]}) for key, image in moved.items()]
            journal.write("item.changed", entries, actor=actor, at=at)
    return Outcome(tuple(done), tuple(refused))
