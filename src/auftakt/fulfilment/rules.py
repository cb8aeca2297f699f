"""What a pick leaves, what a parcel may be, where tracking leads: pure rules."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from auftakt.fulfilment.types import SHIPMENT_LIFECYCLE, TRACKING_CODES, Journey, ParcelDraft, Taken, TrackingDraft
from auftakt.values import Finding

_MICRO = Decimal("0.000001")
_HEAVIEST_KG = Decimal(40_000)
_LONGEST_MM = 20_000
_LONGEST_TRACKING = 80


def numbered(prefix: str, serial: int) -> str:
    """A readable number: RL-000042."""
    return f"{prefix}-{serial:06d}"


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
