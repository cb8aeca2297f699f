"""Tracking: what carriers say, once each, and what follows from it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.rules import tracking_findings, travel
from auftakt.fulfilment.types import Journey, TrackingDraft
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sql import columns
from auftakt.values import Outcome, Refusal, new_ids

_PLACE, _TEXT = 120, 300


def track(events: Sequence[TrackingDraft], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Take down what carriers say, in any order; the same again (shipment, instant, code) changes nothing.

    The first report of delivery sets `delivered_at`; damage marks the shipment; a lost one may still turn up. Done: the
    shipment of each event, in input order. Refused, by index: `unknown_code`, `time_without_zone`, `bad_character`,
    `unknown_shipment`, `ambiguous_tracking`.
    """
    with transaction.atomic():
        owners = _owners(events)
        refused: list[Refusal] = []
        good: dict[int, UUID] = {}
        for index, event in enumerate(events):
            findings = tracking_findings(event)
            found = owners.get(index, [])
            if findings:
                refused.append(Refusal(str(index), tuple(findings)))
            elif len(found) != 1:
                refused.append(_nobodys(index, event, len(found)))
            else:
                good[index] = found[0]
        if good:
            _store([(shipment_id, events[index]) for index, shipment_id in good.items()], actor=actor, at=at)
    return Outcome(tuple(good.values()), tuple(refused))


def _owners(events: Sequence[TrackingDraft]) -> dict[int, list[UUID]]:
    found: dict[int, list[UUID]] = defaultdict(list)
    for position, shipment_id in sql.rows(
        "find_tracked",
        positions=list(range(len(events))),
        ids=[event.shipment_id for event in events],
        numbers=[_told(event.number) for event in events],
        trackings=[_told(event.tracking_number) for event in events],
    ):
        found[position].append(shipment_id)
    return found


def _told(text: str) -> str:
    """As stored; what cannot be stored is nobody's."""
    return "" if "\x00" in text else text.strip()


def _nobodys(index: int, event: TrackingDraft, count: int) -> Refusal:
    told = event.number or event.tracking_number or str(event.shipment_id or "")
    if count:
        text = f"{told!r} belongs to {count} shipments: name the shipment by its own number."
        return Refusal.because(index, "ambiguous_tracking", text, place="/tracking_number", told=told)
    return Refusal.because(index, "unknown_shipment", f"There is no shipment {told!r}.", place="/number", told=told)


def _store(told: Sequence[tuple[UUID, TrackingDraft]], *, actor: str, at: datetime) -> None:
    locked = {row.id: row for row in sql.records("lock_shipments", ids=sorted({key for key, _ in told}))}
    once = {(key, event.happened_at, event.code): event for key, event in reversed(told)}
    rows = [
        (event_id, key, instant, code, event.place.strip()[:_PLACE], event.text.strip()[:_TEXT])
        for event_id, ((key, instant, code), event) in zip(new_ids(len(once)), once.items(), strict=True)
    ]
    ids, shipments, instants, codes, places, texts = columns(rows, 6)
    added = {
        row[0]
        for row in sql.rows(
            "add_events", ids=ids, shipments=shipments, instants=instants, codes=codes, places=places, texts=texts
        )
    }
    fresh = sorted((row for row in rows if row[0] in added), key=lambda row: (row[2], row[0]))
    if not fresh:
        return
    entries = [
        Entry(
            "shipment",
            key,
            {
                "order_id": locked[key].order_id,
                "number": locked[key].number,
                "code": code,
                "happened_at": instant,
                "place": place,
                "text": text,
            },
        )
        for _, key, instant, code, place, text in fresh
    ]
    journal.write("fulfilment.tracked", entries, actor=actor, at=at)
    _move(locked, fresh, actor=actor, at=at)


def _move(locked: dict[UUID, Any], fresh: Sequence[tuple[Any, ...]], *, actor: str, at: datetime) -> None:
    said: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
    for _, key, instant, code, _, _ in fresh:
        said[key].append((instant, code))
    moved: list[tuple[Any, ...]] = []
    entries: list[Entry] = []
    for key, events in said.items():
        row = locked[key]
        was = Journey(row.state, row.delivered_at, row.is_damaged)
        now = travel(was, events)
        if now == was:
            continue
        moved.append((key, now.state, now.delivered_at, now.is_damaged))
        if now.state == "delivered" and was.state != "delivered":
            change = {"order_id": row.order_id, "number": row.number, "delivered_at": now.delivered_at}
            entries.append(Entry("shipment", key, change))
    if moved:
        ids, states, deliveries, damages = columns(moved, 4)
        sql.run("move_shipments", ids=ids, states=states, deliveries=deliveries, damages=damages)
        journal.write("fulfilment.delivered", entries, actor=actor, at=at)
