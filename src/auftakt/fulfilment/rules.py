"""What a pick leaves, what a parcel may be, where tracking leads: pure rules."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from auftakt.fulfilment.types import (
    RELEASE_LIFECYCLE,
    SHIPMENT_LIFECYCLE,
    SHORT_REASONS,
    TRACKING_CODES,
    Coded,
    Journey,
    ParcelDraft,
    ScanDraft,
    Scanned,
    Taken,
    TrackingDraft,
    WalkStep,
    WaveCandidate,
    WaveSuggestion,
)
from auftakt.values import Finding

_SYMBOLOGY = re.compile(r"^\][A-Za-z]\d")  # what a scanner may put before a code to say how it was printed
_GS1_ITEM = re.compile(r"^\(?01\)?(\d{14})")
_MICRO = Decimal("0.000001")
_HEAVIEST_KG = Decimal(40_000)
_LONGEST_MM = 20_000
_LONGEST_TRACKING = 80


def kept(quantity: Decimal, step: Decimal, taken: Iterable[Taken]) -> Decimal:
    """How much of a release line can go with what was taken: whole steps of its unit, for kits whole kits.

    `quantity` and `step` are in the order line's unit. All that was asked keeps all of it.
    """
    share = min((Fraction(each.picked) / Fraction(each.asked) for each in taken), default=Fraction(0))
    if share >= 1:
        return quantity
    steps = Fraction(quantity) * share // Fraction(step)
    return step * int(steps)


def carried(asked: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """What goes of a pick when `part` of the `whole` release line goes; exact, as units are whole."""
    return asked if part == whole else (asked * part / whole).quantize(_MICRO)


def pick_finding(taken: Taken, decimals: int, unit: str, place: str) -> Finding | None:
    """Why a pick cannot be booked as told, if so. `decimals` is how finely the base unit may be split."""
    facts = {"item": taken.sku, "asked": plain(taken.asked), "picked": str(taken.picked)}
    if taken.reason and taken.reason not in SHORT_REASONS:
        text = f"{taken.reason!r} is no reason for a short pick: use one of {', '.join(SHORT_REASONS)}."
        return Finding("reason_unknown", text, f"{place}/reason", {"reason": taken.reason})
    place = f"{place}/picked"
    if not taken.picked.is_finite() or taken.picked < 0:
        return Finding("quantity_negative", f"What was picked of {taken.sku} cannot be below zero.", place, facts)
    if taken.picked > taken.asked:
        text = f"Only {plain(taken.asked)} {unit} of {taken.sku} are asked for, not {plain(taken.picked)}."
        return Finding("picked_too_much", text, place, facts)
    if taken.picked != taken.picked.quantize(Decimal(1).scaleb(-decimals)):
        text = f"{plain(taken.picked)} {unit} of {taken.sku} is finer than the unit can be split."
        return Finding("quantity_fractional", text, place, facts)
    return None


def parcel_findings(parcels: Sequence[ParcelDraft]) -> list[Finding]:
    """All that is wrong with the boxes of a packing, each at its place."""
    if not parcels:
        return [Finding("no_parcels", "Name at least one parcel with its weight.", "/parcels")]
    findings: list[Finding] = []
    for index, parcel in enumerate(parcels):
        place = f"/parcels/{index}"
        weight = parcel.weight_kg
        if not weight.is_finite() or not 0 < weight <= _HEAVIEST_KG or weight != weight.quantize(_MICRO):
            text = f"A parcel weighs more than 0 and at most {_HEAVIEST_KG} kg, not {weight}."
            findings.append(Finding("bad_weight", text, f"{place}/weight_kg", {"weight_kg": str(weight)}))
        edges = {"length_mm": parcel.length_mm, "width_mm": parcel.width_mm, "height_mm": parcel.height_mm}
        for name, edge in edges.items():
            if edge is not None and not 0 < edge <= _LONGEST_MM:
                text = f"An edge is more than 0 and at most {_LONGEST_MM} mm, not {edge}."
                findings.append(Finding("bad_edge", text, f"{place}/{name}", {name: str(edge)}))
        findings += tracking_number_findings(parcel.tracking_number, f"{place}/tracking_number")
    return findings


def tracking_number_findings(text: str, place: str) -> list[Finding]:
    """Why a carrier's number cannot be kept, if so."""
    if len(text) <= _LONGEST_TRACKING and text.isprintable():
        return []
    message = f"A tracking number has at most {_LONGEST_TRACKING} printable characters."
    return [Finding("bad_tracking_number", message, place)]


def tracking_findings(draft: TrackingDraft) -> list[Finding]:
    """Why an event cannot be taken, if so, apart from whose it is."""
    findings: list[Finding] = []
    if draft.code not in TRACKING_CODES:
        text = f"{draft.code!r} is not an event: use one of {', '.join(TRACKING_CODES)}."
        findings.append(Finding("unknown_code", text, "/code", {"code": draft.code}))
    if draft.happened_at.tzinfo is None:
        text = "Say the instant with its offset from UTC, as in 2026-03-02T09:00:00+01:00."
        findings.append(Finding("time_without_zone", text, "/happened_at"))
    findings += [
        Finding("bad_character", "A text of an event cannot hold NUL characters.", f"/{name}")
        for name, text in (("place", draft.place), ("text", draft.text))
        if "\x00" in text
    ]
    return findings


def code_forms(text: str) -> tuple[str, ...]:
    """How a code may be written in the books, the likeliest first: as read, in capitals, as the GTIN inside it.

    A GTIN is kept with 8, 12, 13 or 14 digits and read with any number of leading zeros.
    """
    read = _SYMBOLOGY.sub("", text.strip().lstrip("\x1d"))
    if not read or len(read) > 120 or not read.isprintable():
        return ()
    forms = [read, read.upper()]
    inside = _GS1_ITEM.match(read)
    digits = inside[1] if inside else read
    if digits.isascii() and digits.isdigit() and len(digits) <= 14:
        bare = digits.lstrip("0")
        forms += [bare.zfill(length) for length in (13, 12, 14, 8) if len(bare) <= length]
    return tuple(dict.fromkeys(forms))


def take_scan(scan: ScanDraft, meanings: Sequence[Coded], steps: Sequence[WalkStep]) -> Scanned | Finding:
    """What a scan does on a walk: it books pieces of a pick, confirms the place, or is refused."""
    facts = {"code": scan.code.strip()[:120]}
    aim = next((step for step in steps if step.pick_id == scan.pick_id), None)
    if scan.pick_id and aim is None:
        return Finding("unknown_pick", "This pick is not on the walk any more: look again.", "/pick_id", facts)
    if not steps:
        return Finding("walk_unknown", "There is nothing to walk for: name a release or a wave.", "", facts)
    if not scan.code.strip():
        return _take(scan, aim) if aim else Finding("code_missing", "Scan a code, or name the pick.", "/code", facts)
    items = [meaning for meaning in meanings if meaning.kind in ("item", "lot")]
    if items:
        return _take_item(scan, items, aim, steps)
    return _confirm_place(scan, meanings, aim or next((step for step in steps if not step.is_done), steps[0]))


def _take_item(
    scan: ScanDraft, items: Sequence[Coded], aim: WalkStep | None, steps: Sequence[WalkStep]
) -> Scanned | Finding:
    ids = {item.id for item in items}
    facts = {"code": scan.code.strip()[:120], "item": items[0].word, "name": items[0].name}
    if aim:
        if aim.item_id in ids:
            return _take(scan, aim)
        text = f"Wrong item: this is {items[0].word}, but {aim.sku} is to be taken."
        return Finding("wrong_item", text, "/code", {**facts, "wanted": aim.sku, "wanted_name": aim.name})
    wanting = [step for step in steps if step.item_id in ids]
    if not wanting:
        return Finding("not_on_list", f"Wrong item: {items[0].word} is not on this list.", "/code", facts)
    return _take(scan, next((step for step in wanting if step.missing > 0), wanting[-1]))


def _take(scan: ScanDraft, step: WalkStep) -> Scanned | Finding:
    facts = {"item": step.sku, "asked": plain(step.quantity), "scanned": plain(step.scanned), "unit": step.unit}
    if not RELEASE_LIFECYCLE.allows("pick", step.release_state):
        text = f"Release {step.release_number} is {step.release_state}: it is not picked any more."
        return Finding("not_to_pick", text, "", {**facts, "release": step.release_number, "state": step.release_state})
    if not scan.quantity.is_finite() or scan.quantity <= 0:
        return Finding(
            "quantity_not_positive", f"{scan.quantity} cannot be taken: say more than zero.", "/quantity", facts
        )
    if scan.quantity > step.missing:
        if step.missing <= 0:
            text = f"All {plain(step.quantity)} {step.unit} of {step.sku} are taken already: put it back."
        else:
            text = f"Only {plain(step.missing)} {step.unit} more of {step.sku} are wanted, not {scan.quantity}."
        return Finding("scanned_too_much", text, "/quantity", {**facts, "missing": plain(step.missing)})
    if scan.quantity != scan.quantity.quantize(Decimal(1).scaleb(-step.decimals)):
        text = f"{plain(scan.quantity)} {step.unit} of {step.sku} is finer than the unit can be split."
        return Finding("quantity_fractional", text, "/quantity", facts)
    return Scanned(scan.id, "piece", replace(step, scanned=step.scanned + scan.quantity), scan.quantity)


def _confirm_place(scan: ScanDraft, meanings: Sequence[Coded], step: WalkStep) -> Scanned | Finding:
    """A bin or a release is scanned to be sure of the place; nothing is booked."""
    facts = {"code": scan.code.strip()[:120], "item": step.sku, "bin": step.bin, "release": step.release_number}
    if not meanings:
        return Finding("code_unknown", f"Nothing bears the code {facts['code']}: scan the item's own.", "/code", facts)
    for meaning in meanings:
        if (meaning.kind == "bin" and meaning.word == step.bin) or meaning.id == step.release_id:
            return Scanned(scan.id, meaning.kind, step)
    kinds = {meaning.kind for meaning in meanings}
    if "bin" in kinds:
        text = f"Wrong bin: {step.sku} lies in {step.bin or 'no bin'}."
        return Finding("wrong_bin", text, "/code", facts)
    if "release" in kinds:
        text = f"Wrong tote: {step.sku} goes to {step.release_number}."
        return Finding("wrong_tote", text, "/code", {**facts, "tote": str(step.tote or "")})
    return Finding("code_out_of_place", f"{facts['code']} is no item: scan what is to be taken.", "/code", facts)


def suggest_waves(candidates: Sequence[WaveCandidate], size: int) -> list[WaveSuggestion]:
    """Releases grouped by the day they leave and their carrier, urgent ones first, at most `size` in a wave.

    A group of one is no wave: it is picked alone.
    """
    groups: dict[tuple[Any, str], list[WaveCandidate]] = {}
    for each in sorted(candidates, key=lambda one: (one.ship_on, one.priority, one.number)):
        groups.setdefault((each.ship_on, each.carrier), []).append(each)
    return [
        WaveSuggestion(ship_on, carrier, tuple(members[start : start + size]))
        for (ship_on, carrier), members in groups.items()
        for start in range(0, len(members), size)
        if len(members[start : start + size]) > 1
    ]


def travel(journey: Journey, events: Iterable[tuple[datetime, str]]) -> Journey:
    """Where a shipment stands after events (instant, code), in whatever order they came in.

    The first report of delivery counts. A delivered shipment is not lost; a lost one may turn up. Damage stays.
    """
    state, delivered_at, is_damaged = journey.state, journey.delivered_at, journey.is_damaged
    for at, code in sorted(events):
        if code == "damaged":
            is_damaged = True
        elif code == "delivered":
            delivered_at = min(at, delivered_at) if delivered_at else at
            if SHIPMENT_LIFECYCLE.allows("deliver", state):
                state = SHIPMENT_LIFECYCLE.after("deliver")
        elif code == "lost" and SHIPMENT_LIFECYCLE.allows("lose", state):
            state = SHIPMENT_LIFECYCLE.after("lose")
    return Journey(state, delivered_at, is_damaged)


def plain(number: Decimal) -> str:
    """A quantity as people write it: 2, not 2.000000."""
    return f"{number.normalize():f}" if number.is_finite() else str(number)
