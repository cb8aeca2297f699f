"""Shipping: goods leave. The order, the promise, the stock and the books of the warehouse move in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from auftakt.fulfilment.actions.locking import lock_releases, move, state_refusal, twice
from auftakt.fulfilment.actions.release import RELEASE
from auftakt.fulfilment.queries import sql
from auftakt.fulfilment.rules import tracking_number_findings
from auftakt.fulfilment.types import RELEASE_NUMBERS, SHIPMENT_LIFECYCLE, SHIPMENT_NUMBERS, Shipping
from auftakt.inventory import actions as inventory
from auftakt.orders import actions as orders
from auftakt.platform import journal
from auftakt.platform.journal import Entry
from auftakt.platform.sequences import numbers as drawn_numbers
from auftakt.platform.sql import columns, insert_rows
from auftakt.promising import actions as promising
from auftakt.promising import queries as promises
from auftakt.values import Finding, Outcome, Refusal, new_ids

SHIPMENT = (
    "id", "serial", "number", "kind", "order_id", "release_id", "site_id", "carrier", "tracking_number", "state",
    "shipped_at", "delivered_at", "is_damaged",
)  # fmt: skip
SHIPMENT_LINE = ("id", "shipment_id", "fulfilment_line_id", "order_line_id", "quantity", "billed")
_CARRIER_LENGTH = 64


@dataclass(slots=True)
class _Load:
    """What leaves of a release, and what stays behind."""

    shipping: Shipping
    release: Any
    lines: list[Any]
    staying: list[Any]
    boxes: list[UUID]
    boxes_staying: list[UUID]


def ship(shippings: Sequence[Shipping], *, actor: str, at: datetime) -> Outcome[UUID]:
    """Picked goods leave at `at`: commitments become stock issues (reference: the shipment), lines are shipped.

    Where only some lines of a release leave, the rest is picked still and waits on a release of its own, with the boxes
    that were not named. Done: the shipments. Refused, by release: `not_to_ship`, `unknown_release`, `named_twice`,
    `unknown_line`, `unknown_parcel`, `parcel_left_behind`, `bad_tracking_number`, `bad_carrier`, `not_on_hand`.
    """
    with transaction.atomic():
        locked = lock_releases(shipping.release_id for shipping in shippings)
        loads, refused = _load(shippings, locked)
        shipments: list[UUID] = []
        if loads:
            _leave_behind([load for load in loads if load.staying], actor=actor, at=at)
            shipments = _store(loads, actor=actor, at=at)
    return Outcome(tuple(shipments), tuple(refused))


def _load(shippings: Sequence[Shipping], locked: dict[UUID, Any]) -> tuple[list[_Load], list[Refusal]]:
    lines: dict[UUID, list[Any]] = {}
    for line in sql.records("read_lines_of_releases", releases=list(locked)):
        lines.setdefault(line.release_id, []).append(line)
    boxes: dict[UUID, list[UUID]] = {}
    for box_id, release_id in sql.rows("read_boxes", releases=list(locked)):
        boxes.setdefault(release_id, []).append(box_id)
    on_hand = promises.on_hand([line.fulfilment_line_id for found in lines.values() for line in found])
    loads: dict[UUID, _Load] = {}
    refused: list[Refusal] = []
    for shipping in shippings:
        key = shipping.release_id
        refusal = state_refusal(key, locked.get(key), "ship") or (twice(key) if key in loads else None)
        if refusal is None:
            load = _choose(shipping, locked[key], lines.get(key, []), boxes.get(key, []))
            refusal = _barred(load, on_hand)
            if refusal is None:
                loads[key] = load
        if refusal:
            refused.append(refusal)
    return list(loads.values()), refused


def _choose(shipping: Shipping, release: Any, lines: Sequence[Any], boxes: Sequence[UUID]) -> _Load:
    chosen = set(shipping.release_line_ids) or {line.id for line in lines}
    leaving = set(shipping.parcel_ids) or set(boxes)
    return _Load(
        shipping,
        release,
        [line for line in lines if line.id in chosen],
        [line for line in lines if line.id not in chosen],
        [box for box in boxes if box in leaving],
        [box for box in boxes if box not in leaving],
    )


def _barred(load: _Load, on_hand: set[UUID]) -> Refusal | None:
    """All that keeps a release from leaving as told."""
    shipping, number = load.shipping, load.release.number
    facts = {"release": number}
    findings: list[Finding] = []
    if len(load.lines) < len(set(shipping.release_line_ids)):
        text = f"Not all of the lines named are on release {number}."
        findings.append(Finding("unknown_line", text, "/release_line_ids", facts))
    if len(load.boxes) < len(set(shipping.parcel_ids)):
        text = f"Not all of the parcels named are on release {number}."
        findings.append(Finding("unknown_parcel", text, "/parcel_ids", facts))
    elif load.boxes_staying and not load.staying:
        text = f"All lines of release {number} leave, so all its parcels do: name them all, or none."
        findings.append(Finding("parcel_left_behind", text, "/parcel_ids", facts))
    if len(shipping.carrier.strip()) > _CARRIER_LENGTH or not shipping.carrier.isprintable():
        text = f"The code of a carrier has at most {_CARRIER_LENGTH} printable characters."
        findings.append(Finding("bad_carrier", text, "/carrier", facts))
    findings += tracking_number_findings(shipping.tracking_number, "/tracking_number")
    if any(line.fulfilment_line_id not in on_hand for line in load.lines):
        text = f"The supply of release {number} is not all on the shelf in the books: correct the stock first."
        findings.append(Finding("not_on_hand", text, "", facts))
    return Refusal(str(shipping.release_id), tuple(findings)) if findings else None


def _leave_behind(loads: Sequence[_Load], *, actor: str, at: datetime) -> None:
    """What stays gets releases of its own, as far as it has got: packed if boxes stay, else picked."""
    if not loads:
        return
    rows: list[tuple[Any, ...]] = []
    lines: list[tuple[UUID, UUID]] = []
    boxes: list[tuple[UUID, UUID]] = []
    entries: list[Entry] = []
    numbers = drawn_numbers(RELEASE_NUMBERS, len(loads))
    for key, (serial, number), load in zip(new_ids(len(loads)), numbers, loads, strict=True):
        was = load.release
        state, packed_at = ("packed", was.packed_at) if load.boxes_staying else ("picked", None)
        stages = (was.released_at, was.picked_at, packed_at)
        rows.append((key, serial, number, was.order_id, was.site_id, was.ship_on, state, *stages))
        lines += [(line.id, key) for line in load.staying]
        boxes += [(box, key) for box in load.boxes_staying]
        change = {"order_id": was.order_id, "number": number, "from": was.number, "lines": len(load.staying)}
        entries.append(Entry("release", key, change))
    insert_rows("fulfilment_release", RELEASE, rows)
    ids, releases = columns(lines, 2)
    sql.run("move_lines", ids=ids, releases=releases)
    ids, releases = columns(boxes, 2)
    sql.run("move_parcels", ids=ids, releases=releases)
    journal.write("fulfilment.parted", entries, actor=actor, at=at)


def _store(loads: Sequence[_Load], *, actor: str, at: datetime) -> list[UUID]:
    ids = new_ids(len(loads))
    rows: list[tuple[Any, ...]] = []
    entries: list[Entry] = []
    for key, (serial, number), load in zip(ids, drawn_numbers(SHIPMENT_NUMBERS, len(loads)), loads, strict=True):
        was, shipping = load.release, load.shipping
        carrier, tracking = shipping.carrier.strip(), shipping.tracking_number.strip()
        rows.append(
            (
                key, serial, number, "goods", was.order_id, was.id, was.site_id, carrier, tracking,
                SHIPMENT_LIFECYCLE.start, at, None, False,
            )
        )  # fmt: skip
        change = {
            "order_id": was.order_id, "number": number, "release": was.number, "site": was.site, "carrier": carrier,
            "tracking_number": tracking, "lines": len(load.lines),
        }  # fmt: skip
        entries.append(Entry("shipment", key, change))
    insert_rows("fulfilment_shipment", SHIPMENT, rows)
    carried = [(key, line) for key, load in zip(ids, loads, strict=True) for line in load.lines]
    add_lines((key, line.fulfilment_line_id, line.order_line_id, line.quantity) for key, line in carried)
    shipped = orders.ship_lines([line.fulfilment_line_id for _, line in carried], actor=actor, at=at)
    if shipped.refused:
        raise RuntimeError(f"a line on a release cannot leave: {shipped.refused[0].message}")
    picked = [(pick, key) for key, line in carried for pick in line.tracked_picks]
    if picked:
        inventory.pass_lots_on(picked, actor=actor, at=at)
    issued = promising.consume([(line.fulfilment_line_id, key) for key, line in carried], actor=actor, at=at)
    if issued.refused:
        raise RuntimeError(f"the goods of a release cannot leave the books: {issued.refused[0].message}")
    boxes, shipments = columns([(box, key) for key, load in zip(ids, loads, strict=True) for box in load.boxes], 2)
    sql.run("load_parcels", ids=boxes, shipments=shipments)
    move([load.release.id for load in loads], "ship", at=at)
    journal.write("fulfilment.shipped", entries, actor=actor, at=at)
    return ids


def add_lines(lines: Iterable[tuple[UUID, UUID, UUID, Decimal]]) -> None:
    """Store what shipments carry: (shipment, fulfilment line, order line, quantity)."""
    rows = list(lines)
    insert_rows(
        "fulfilment_shipmentline",
        SHIPMENT_LINE,
        [(key, *row, 0) for key, row in zip(new_ids(len(rows)), rows, strict=True)],
    )
