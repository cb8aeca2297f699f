"""Reads of fulfilment: a site's bench, releases, shipments with their tracking, and the data of its papers."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from auftakt.catalog import queries as catalog
from auftakt.documents.types import (
    Letterhead,
    PackingSlipSheet,
    ParcelLabelSheet,
    PickListSheet,
    SheetAddress,
    SheetLine,
    SheetParcel,
)
from auftakt.fulfilment.rules import code_forms, plain, suggest_waves
from auftakt.fulfilment.types import (
    RELEASE_LIFECYCLE,
    Bench,
    BenchRow,
    Coded,
    LotMove,
    ParcelFacts,
    PickFacts,
    ReleaseFacts,
    ReleaseLineFacts,
    ReleasePage,
    ShipmentFacts,
    ShipmentLineFacts,
    ToBill,
    TrackingFacts,
    WalkStep,
    WaveCandidate,
    WaveFacts,
    WaveSuggestion,
)
from auftakt.inventory import queries as stock
from auftakt.parties import queries as parties
from auftakt.parties.types import Addressed
from auftakt.platform.sql import Statements

sql = Statements("auftakt.fulfilment")
_WORK = tuple(sorted(RELEASE_LIFECYCLE.states - RELEASE_LIFECYCLE.ends))
_RELEASE_WIDTH = 14


def _listed(ids: Iterable[UUID] | None) -> list[UUID] | None:
    return None if ids is None else list(ids)


def bench(site: UUID | str, state: str = RELEASE_LIFECYCLE.start, *, limit: int = 200) -> Bench:
    """A site's releases in a state, soonest first, and the counts of all states that ask for work.

    The site is named by its id or its code; one that is not known has nothing to do.
    """
    site_id = sql.value("find_site", code=site) if isinstance(site, str) else site
    counts = dict.fromkeys(_WORK, 0) | dict(sql.rows("count_work", site=site_id))
    rows = sql.rows("list_work", site=site_id, state=state, limit=limit)
    return Bench(counts, tuple(BenchRow(ReleaseFacts(*row[:_RELEASE_WIDTH]), *row[_RELEASE_WIDTH:]) for row in rows))


def releases(*, ids: Iterable[UUID] | None = None, order_ids: Iterable[UUID] | None = None) -> dict[UUID, ReleaseFacts]:
    """Releases by id, of some orders or by their own ids, soonest first."""
    rows = sql.rows("read_releases", ids=_listed(ids), orders=_listed(order_ids))
    return {row[0]: ReleaseFacts(*row) for row in rows}


def find_release(number: str) -> UUID | None:
    """The id of the release with a number."""
    return sql.value("find_release", number=number)


def release_lines(release_ids: Iterable[UUID]) -> dict[UUID, list[ReleaseLineFacts]]:
    """The lines of releases by release, the cancelled ones too."""
    found: dict[UUID, list[ReleaseLineFacts]] = {}
    for row in sql.rows("read_release_lines", releases=list(release_ids)):
        found.setdefault(row[1], []).append(ReleaseLineFacts(*row))
    return found


def picks(release_ids: Iterable[UUID]) -> dict[UUID, list[PickFacts]]:
    """What to take from the shelf for releases, by release, in the order the bins are walked past."""
    found: dict[UUID, list[PickFacts]] = {}
    for row in sql.rows("read_picks", releases=list(release_ids)):
        found.setdefault(row[1], []).append(PickFacts(*row))
    return found


def steps_of(*, release_ids: Iterable[UUID] = (), wave_ids: Iterable[UUID] = ()) -> list[WalkStep]:
    """The picks of releases or waves as stops on one walk past the shelves."""
    rows = sql.rows("read_walk", releases=list(release_ids), waves=list(wave_ids))
    return [WalkStep(*row) for row in rows]


def codes(texts: Iterable[str], site_id: UUID | None = None) -> dict[str, list[Coded]]:
    """What scanned codes mean (items, bins, releases, parcels, waves), by the text as it was read; bins at a site only
    where one is named. Codes that mean nothing are left out."""
    forms = {text: code_forms(text) for text in texts}
    wanted = sorted({form for each in forms.values() for form in each})
    meant: dict[str, list[Coded]] = {}
    for code, *row in sql.rows("find_codes", codes=wanted, site=site_id) if wanted else []:
        meant.setdefault(code, []).append(Coded(*row))
    found = {
        text: list({each.id: each for form in each_forms for each in meant.get(form, ())}.values())
        for text, each_forms in forms.items()
    }
    return {text: meanings for text, meanings in found.items() if meanings}


def release_of_parcel(parcel_id: UUID) -> UUID | None:
    """The release that a parcel belongs to, or left with."""
    return sql.value("release_of_parcel", parcel=parcel_id)


def last_scan(pick_ids: Sequence[UUID]) -> UUID | None:
    """The newest scan of some picks that was not taken back."""
    return sql.value("last_scans", picks=list(pick_ids))


def waves(
    *, ids: Iterable[UUID] | None = None, site_id: UUID | None = None, state: str = "", limit: int = 50
) -> list[WaveFacts]:
    """Waves by id, or of a site in a state, the newest first."""
    return [WaveFacts(*row) for row in sql.rows("list_waves", ids=_listed(ids), site=site_id, state=state, limit=limit)]


def wave_candidates(site_id: UUID, *, limit: int = 200) -> list[WaveCandidate]:
    """Releases of a site to be picked that no wave holds, soonest first."""
    return [WaveCandidate(*row) for row in sql.rows("wave_candidates", site=site_id, limit=limit)]


def wave_suggestions(candidates: Sequence[WaveCandidate], *, size: int) -> list[WaveSuggestion]:
    """Good waves out of candidates: one ship day and carrier each, at most `size` releases."""
    return suggest_waves(candidates, size)


def parcels(
    *, release_ids: Iterable[UUID] | None = None, shipment_ids: Iterable[UUID] | None = None
) -> list[ParcelFacts]:
    """Boxes of releases, or of shipments, by number."""
    rows = sql.rows("read_parcels", releases=_listed(release_ids), shipments=_listed(shipment_ids))
    return [ParcelFacts(*row) for row in rows]


def release_page(release_id: UUID) -> ReleasePage | None:
    """All that is known of one release; None when there is none."""
    found = releases(ids=[release_id]).get(release_id)
    if found is None:
        return None
    return ReleasePage(
        release=found,
        lines=tuple(release_lines([release_id]).get(release_id, ())),
        picks=tuple(picks([release_id]).get(release_id, ())),
        parcels=tuple(parcels(release_ids=[release_id])),
        shipment=next(iter(_shipments(releases=[release_id])), None),
    )


def shipments(ids: Iterable[UUID]) -> dict[UUID, ShipmentFacts]:
    """Shipments by id with lines, parcels and events; unknown ids are left out."""
    return {each.id: each for each in _shipments(ids=list(ids))}


def shipments_of_orders(order_ids: Iterable[UUID]) -> dict[UUID, list[ShipmentFacts]]:
    """The shipments of orders by order, the first one first, with lines, parcels and events."""
    found: dict[UUID, list[ShipmentFacts]] = {}
    for each in _shipments(orders=list(order_ids)):
        found.setdefault(each.order_id, []).append(each)
    return found


def find_shipments(told: str) -> list[ShipmentFacts]:
    """Shipments by what people have in hand: our number, a parcel's, or a tracking number of either."""
    wanted = told.strip()
    if not wanted or "\x00" in wanted:
        return []
    ids = [row[0] for row in sql.rows("find_shipments", told=wanted)]
    return _shipments(ids=ids) if ids else []


def _shipments(
    *, ids: list[UUID] | None = None, orders: list[UUID] | None = None, releases: list[UUID] | None = None
) -> list[ShipmentFacts]:
    rows = sql.rows("read_shipments", ids=ids, orders=orders, releases=releases)
    keys = [row[0] for row in rows]
    lines: dict[UUID, list[ShipmentLineFacts]] = {key: [] for key in keys}
    for row in sql.rows("read_shipment_lines", shipments=keys):
        lines[row[1]].append(ShipmentLineFacts(*row))
    boxes: dict[UUID, list[ParcelFacts]] = {key: [] for key in keys}
    for box in parcels(shipment_ids=keys):
        if box.shipment_id:
            boxes[box.shipment_id].append(box)
    events: dict[UUID, list[TrackingFacts]] = {key: [] for key in keys}
    for row in sql.rows("read_events", shipments=keys):
        events[row[1]].append(TrackingFacts(*row))
    return [ShipmentFacts(*row, tuple(lines[row[0]]), tuple(boxes[row[0]]), tuple(events[row[0]])) for row in rows]


def to_bill(*, order_ids: Iterable[UUID] | None = None, shipment_ids: Iterable[UUID] | None = None) -> list[ToBill]:
    """What has left or was performed and no invoice carries yet: of orders, of shipments, or everywhere."""
    rows = sql.rows("read_to_bill", orders=_listed(order_ids), shipments=_listed(shipment_ids))
    return [ToBill(*row) for row in rows]


def _place(address: Addressed) -> SheetAddress:
    return SheetAddress(
        name=address.name, street=address.street, postal_code=address.postal_code, city=address.city,
        country=address.country, region=address.region,
    )  # fmt: skip


def pick_list_data(release_id: UUID, *, language: str = "") -> PickListSheet:
    """What the `pick_list` template is made of: what to take from the shelves, in base units, in the order
    the bins are walked past.

    Texts are in `language`, by default the customer's. Raises KeyError when there is no such release.
    """
    head = _head(release_id)
    wanted = picks([release_id]).get(release_id, [])
    names = catalog.item_names({each.item_id for each in wanted}, language or head.language)
    lines: list[SheetLine] = []
    for each in wanted:
        line = SheetLine(
            sku=each.sku, text=names.get(each.item_id, each.item_name), quantity=each.quantity, unit=each.unit
        )
        if each.bin:
            line["bin"] = each.bin
        if each.for_sku != each.sku:
            line["for_item"] = each.for_sku
        lines.append(line)
    site = Letterhead(
        name=head.site_name, street=head.site_street, postal_code=head.site_postal_code, city=head.site_city,
        country=head.site_country, region=head.site_region,
    )  # fmt: skip
    return PickListSheet(
        seller=site,
        recipient=_place(parties.addresses([head.ship_to_id])[head.ship_to_id]),
        number=head.number,
        lines=lines,
        ship_on=head.ship_on,
        site_code=head.site,
        site_name=head.site_name,
        order_number=head.order_number,
        ordered_on=head.ordered_at.astimezone(UTC).date(),
        customer_number=head.customer_number,
        customer_reference=head.customer_reference,
    )


def slip_data(release_id: UUID, *, language: str = "") -> PackingSlipSheet:
    """What the `packing_slip` template is made of: what lies in the parcels, without any price.

    Before the goods have left it carries the release's number and the day they are to leave. Texts are in `language`,
    by default the customer's. Raises KeyError when there is no such release.
    """
    head = _head(release_id)
    shipment = next(iter(_shipments(releases=[release_id])), None)
    entity = parties.legal_entities()[head.entity]
    seller = Letterhead(**_place(entity), vat_id=entity.vat_id, email=entity.email)
    sheet = PackingSlipSheet(
        seller=seller,
        recipient=_place(parties.addresses([head.ship_to_id])[head.ship_to_id]),
        number=shipment.number if shipment else head.number,
        lines=_slip_lines(release_id, language or head.language, has_left=shipment is not None),
        shipped_on=shipment.shipped_at.astimezone(UTC).date() if shipment else head.ship_on,
        parcels=[_box(each) for each in parcels(release_ids=[release_id])],
        order_number=head.order_number,
        ordered_on=head.ordered_at.astimezone(UTC).date(),
        customer_number=head.customer_number,
        customer_reference=head.customer_reference,
    )
    if shipment:
        sheet["carrier"], sheet["tracking_number"] = shipment.carrier, shipment.tracking_number
    return sheet


def label_data(release_id: UUID, *, parcel_ids: Iterable[UUID] | None = None) -> ParcelLabelSheet:
    """What the `parcel_label` template is made of: a label for each parcel of a release, or for some of them.

    Raises KeyError when there is no such release, ValueError when it has no parcels yet.
    """
    head = _head(release_id)
    wanted = None if parcel_ids is None else set(parcel_ids)
    boxes = [box for box in parcels(release_ids=[release_id]) if wanted is None or box.id in wanted]
    if not boxes:
        raise ValueError(f"release {head.number} has no parcels to label")
    shipment = next(iter(_shipments(releases=[release_id])), None)
    entity = parties.legal_entities()[head.entity]
    sheet = ParcelLabelSheet(
        seller=Letterhead(**_place(entity)),
        recipient=_place(parties.addresses([head.ship_to_id])[head.ship_to_id]),
        number=shipment.number if shipment else head.number,
        parcels=[_box(each) for each in boxes],
        order_number=head.order_number,
        customer_reference=head.customer_reference,
    )
    if shipment:
        sheet["carrier"], sheet["tracking_number"] = shipment.carrier, shipment.tracking_number
    return sheet


def _head(release_id: UUID) -> Any:
    found = sql.records("read_sheet_head", release=release_id)
    if not found:
        raise KeyError(f"there is no release {release_id}")
    return found[0]


def _box(parcel: ParcelFacts) -> SheetParcel:
    return SheetParcel(
        number=parcel.number, weight_kg=parcel.weight_kg, length_mm=parcel.length_mm, width_mm=parcel.width_mm,
        height_mm=parcel.height_mm, tracking_number=parcel.tracking_number,
    )  # fmt: skip


def _slip_lines(release_id: UUID, language: str, *, has_left: bool) -> list[SheetLine]:
    """Kits name their parts; `remaining` is what follows after this shipment."""
    rows: list[Any] = sql.records("read_sheet_lines", release=release_id)
    wanted = picks([release_id]).get(release_id, [])
    names = catalog.item_names({*(row.item_id for row in rows), *(each.item_id for each in wanted)}, language)
    parts: dict[UUID, list[str]] = {}
    for each in wanted:
        amount = each.picked or each.quantity
        text = f"{plain(amount)} {each.unit} {each.sku} {names.get(each.item_id, each.item_name)}"
        parts.setdefault(each.release_line_id, []).append(text)
    lots = _lots_by_line(release_id, wanted, language, has_left=has_left)
    lines: list[SheetLine] = []
    for row in rows:
        here = Decimal(0) if has_left else row.quantity
        line = SheetLine(
            sku=row.sku, text=names.get(row.item_id, row.sku), quantity=row.quantity, unit=row.unit,
            ordered=row.ordered, remaining=row.unshipped - here,
        )  # fmt: skip
        if row.kind == "kit":
            line["details"] = parts.get(row.id, [])
        if row.id in lots:
            line["details"] = [*line.get("details", []), *lots[row.id]]
        lines.append(line)
    return lines


def _lots_by_line(
    release_id: UUID, wanted: Sequence[PickFacts], language: str, *, has_left: bool
) -> dict[UUID, list[str]]:
    """Lot and serial numbers as a packing slip names them, by release line; nothing is asked where none are tracked."""
    tracked = {key: item.tracking for key, item in catalog.items({each.item_id for each in wanted}).items()}
    picks_of = [each for each in wanted if tracked.get(each.item_id, "none") != "none"]
    if not picks_of:
        return {}
    shipped: dict[UUID, list[tuple[str, Decimal]]] = {}
    if has_left:
        ids = [each.id for each in _shipments(releases=[release_id])]
        for (_, item), lots in stock.moved_lots(ids, "shipment").items():
            shipped.setdefault(item, []).extend((number, quantity) for number, quantity, _ in lots)
    held = {} if has_left else stock.held_lots([each.id for each in picks_of])
    words = (
        {"lot": "Charge", "serial": "Seriennummer"} if language[:2] == "de" else {"lot": "Lot", "serial": "Serial no."}
    )
    found: dict[UUID, list[str]] = {}
    for each in picks_of:
        left = each.picked or each.quantity
        own = shipped.get(each.item_id, []) if has_left else held.get(each.id, [])
        while own and left > 0:
            number, quantity = own.pop(0)
            part = min(left, quantity)
            if part < quantity:
                own.insert(0, (number, quantity - part))
            left -= part
            word = words[tracked[each.item_id]]
            amount = "" if tracked[each.item_id] == "serial" else f": {plain(part)} {each.unit}"
            found.setdefault(each.release_line_id, []).append(f"{word} {number}{amount}")
    return found


def lot_trace(lot_id: UUID, limit: int = 500) -> list[LotMove]:
    """Where a lot came from and whom it went to, the latest first."""
    return [LotMove(*row) for row in sql.rows("lot_trace", lot=lot_id, limit=limit)]


def lots_to_take(step: WalkStep, today: date) -> list[tuple[str, Decimal, date | None]]:
    """The lots that a stop proposes for what is still to be taken, the first to expire in front: number, quantity,
    last day. Empty where the item is not tracked."""
    if step.tracking == "none":
        return []
    last = max(step.ship_on, today) + timedelta(step.min_remaining_days)
    found: list[tuple[str, Decimal, date | None]] = []
    left = step.missing
    for lot in stock.lots([step.item_id], step.site_id).get(step.item_id, []):
        part = min(left, lot.quantity - lot.held)
        if part > 0 and (lot.expires_on is None or lot.expires_on >= last):
            found.append((lot.number, part, lot.expires_on))
            left -= part
    return found
