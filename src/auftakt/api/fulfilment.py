"""Releases, picks, parcels, shipments, tracking: the work of a site."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, missing
from auftakt.api.orders import known_order
from auftakt.api.pages import Cursor, Limit, Text, cut, key_of, read_cursor, several, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.api.statements import sql
from auftakt.fulfilment import actions, queries
from auftakt.fulfilment.types import (
    RELEASE_LIFECYCLE,
    BenchRow,
    Packing,
    ParcelDraft,
    Picked,
    ReleasePage,
    ShipmentFacts,
    Shipping,
    TrackingDraft,
)
from auftakt.inventory import queries as inventory
from auftakt.orders import queries as orders

router = Router(tags=["fulfilment"])


@dataclass(frozen=True, slots=True)
class LinesWish:
    """Fulfilment lines to be worked on."""

    fulfilment_line_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class PicksWish:
    """What was taken from the shelves: all picks of a release at once."""

    picks: tuple[Picked, ...]


@dataclass(frozen=True, slots=True)
class PackWish:
    """The boxes that the goods of a release were put into."""

    parcels: tuple[ParcelDraft, ...]


@dataclass(frozen=True, slots=True)
class ShipWish:
    """Who carries it. Only the lines and boxes named leave; none named means all."""

    carrier: str = ""
    tracking_number: str = ""
    release_line_ids: tuple[UUID, ...] = ()
    parcel_ids: tuple[UUID, ...] = ()


@operation(router.get, "/releases", needs="fulfilment.view", answers=BenchRow, page=True)
def list_releases(
    site: Text, state: Annotated[str, Query(description="released, picked, packed, shipped or cancelled")] = "released",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Page:  # fmt: skip
    """The releases of a site in a state, the soonest first."""
    if site not in inventory.sites_by_code([site]):
        raise Problem(422, "unknown_site", f"There is no site {site!r}.", place="/site")
    if state not in RELEASE_LIFECYCLE.states:
        raise Problem(422, "unknown_state", f"A release is never {state!r}.", place="/state")
    return Page(queries.bench(site, state, limit=limit).rows)


@operation(router.get, "/releases/{uuid:release_id}", needs="fulfilment.view", answers=ReleasePage)
def get_release(release_id: UUID) -> ReleasePage:
    """One release with its lines, picks, boxes and shipment."""
    found = queries.release_page(release_id)
    if found is None:
        raise missing("release", release_id)
    return found


@operation(router.post, "/releases", needs="fulfilment.work", answers=dict[str, Any])
def release_lines(caller: Caller, body: LinesWish) -> dict[str, Any]:
    """Ask sites to pick, pack and ship lines: one release for each order, site and day."""
    return several(actions.release(body.fulfilment_line_ids, actor=caller.actor, at=caller.at))


@operation(router.post, "/releases/{uuid:release_id}/recall", needs="fulfilment.work", answers=dict[str, str])
def recall_release(caller: Caller, release_id: UUID) -> dict[str, Any]:
    """Take a release back from its site: its lines are open again, with their promises."""
    return {"result": "recalled", "id": single(actions.recall([release_id], actor=caller.actor, at=caller.at))}


@operation(router.post, "/picks", needs="fulfilment.work", answers=dict[str, Any])
def report_picks(caller: Caller, body: PicksWish) -> dict[str, Any]:
    """Report what was taken from the shelves.

    A release is picked as a whole. Less than asked is a short pick: the rest is promised again.
    """
    return several(actions.pick(body.picks, actor=caller.actor, at=caller.at))


@operation(router.post, "/releases/{uuid:release_id}/pick", needs="fulfilment.work", answers=dict[str, str])
def pick_release(caller: Caller, release_id: UUID) -> dict[str, Any]:
    """Report that everything of a release was there and is picked."""
    return {"result": "picked", "id": single(actions.pick_whole([release_id], actor=caller.actor, at=caller.at))}


@operation(router.post, "/releases/{uuid:release_id}/pack", needs="fulfilment.work", answers=dict[str, str])
def pack_release(caller: Caller, release_id: UUID, body: PackWish) -> dict[str, Any]:
    """Put the picked goods of a release into boxes."""
    packing = Packing(release_id, body.parcels)
    return {"result": "packed", "id": single(actions.pack([packing], actor=caller.actor, at=caller.at))}


@operation(router.post, "/releases/{uuid:release_id}/ship", needs="fulfilment.work", answers=dict[str, str])
def ship_release(caller: Caller, release_id: UUID, body: ShipWish) -> dict[str, Any]:
    """Hand a release to the carrier, whole or in part; answers with the id of the shipment."""
    wish = Shipping(release_id, body.carrier, body.tracking_number, body.release_line_ids, body.parcel_ids)
    return {"result": "shipped", "id": single(actions.ship([wish], actor=caller.actor, at=caller.at))}


@operation(router.post, "/performances", needs="fulfilment.work", answers=dict[str, Any])
def report_performed(caller: Caller, body: LinesWish) -> dict[str, Any]:
    """Report services, and goods that are not kept in stock, as done."""
    return several(actions.perform(body.fulfilment_line_ids, actor=caller.actor, at=caller.at))


@operation(router.get, "/shipments", needs="fulfilment.view", answers=ShipmentFacts, page=True)
def list_shipments(
    number: Annotated[str, Query(max_length=120, description="Our number, or a tracking number.")] = "",
    cursor: Cursor = "", limit: Limit = 50,
) -> Page:  # fmt: skip
    """Shipments with lines, boxes and tracking, the latest first."""
    if number:
        return Page(queries.find_shipments(number))
    (before,) = read_cursor(cursor, key_of) or (None,)
    rows = sql.rows("list_shipment_ids", before=before, limit=limit + 1)
    shown = queries.shipments([row[0] for row in rows])
    return cut([shown[row[0]] for row in rows], limit, lambda each: (each.id,))


@operation(router.get, "/orders/{order}/shipments", needs="fulfilment.view", answers=ShipmentFacts, page=True)
def list_order_shipments(order: str) -> Page:
    """The shipments of an order with lines, boxes and tracking, the first one first."""
    key = known_order(order)
    if key not in orders.orders([key]):
        raise missing("order", order)
    return Page(queries.shipments_of_orders([key]).get(key, []))


@operation(router.get, "/shipments/{uuid:shipment_id}", needs="fulfilment.view", answers=ShipmentFacts)
def get_shipment(shipment_id: UUID) -> ShipmentFacts:
    """One shipment with lines, boxes and tracking."""
    found = queries.shipments([shipment_id])
    if shipment_id not in found:
        raise missing("shipment", shipment_id)
    return found[shipment_id]


saves(
    router, "/tracking-events", name="tracking_event", needs="fulfilment.work", takes=TrackingDraft,
    verb=actions.track, what="Note what a carrier says of a shipment. The same report twice changes nothing.",
)  # fmt: skip
