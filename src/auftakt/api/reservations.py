"""Reservations: supply held for a cart, a quote or a person until an instant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router

from auftakt.api.callers import Caller
from auftakt.api.faults import Problem, missing
from auftakt.api.pages import Cursor, Limit, Text, cut, key_of, read_cursor, single
from auftakt.api.registry import Page, operation
from auftakt.api.saving import saves
from auftakt.catalog import queries as catalog
from auftakt.promising import actions, queries
from auftakt.promising.types import RESERVATION_LIFECYCLE, ReservationDraft, ReservationExtension, ReservationFacts

router = Router(tags=["promising"])
States = Annotated[str, Query(description="open, turned, released or expired; empty: all.")]


@dataclass(frozen=True, slots=True)
class ExtensionWish:
    """When the reservation is to end instead."""

    expires_at: datetime


@operation(router.get, "/reservations", needs="orders.view", answers=ReservationFacts, page=True)
def list_reservations(
    caller: Caller, owner: Text = "", sku: Text = "", state: States = "", cursor: Cursor = "", limit: Limit = 50
) -> Page:
    """List reservations, the latest first: of an owner, of an item, in a state."""
    if state and state not in RESERVATION_LIFECYCLE.states:
        raise Problem(422, "unknown_state", f"There is no state {state!r}.", place="/state")
    items = catalog.items_by_sku([sku]) if sku else {}
    if sku and sku not in items:
        raise Problem(422, "unknown_item", f"There is no item {sku!r}.", place="/sku")
    before = read_cursor(cursor, key_of)
    rows = queries.list_reservations(
        owner=owner, item_id=items[sku].id if sku else None, state=state, before=before[0] if before else None,
        limit=limit + 1,
    )  # fmt: skip
    return cut(rows, limit, lambda row: [row.id])


saves(
    router, "/reservations", name="reservation", needs="orders.edit", takes=ReservationDraft, verb=actions.reserve,
    answers=ReservationFacts,
    what="Hold supply for a cart, a quote or a user until it expires. Name the reservation on an order line to turn"
    " it into its promise.",
    example='{"owner_kind": "cart", "owner": "cart 4711", "expires_at": "2199-01-01T12:00:00Z", "sku": "HELM-2",'
    ' "quantity": "2", "country": "DE"}',
)  # fmt: skip


@operation(router.get, "/reservations/{uuid:reservation_id}", needs="orders.view", answers=ReservationFacts)
def get_reservation(caller: Caller, reservation_id: UUID) -> ReservationFacts:
    """Get a reservation with its pieces: from which site, shipping and arriving when."""
    found = queries.reservations([reservation_id])
    if reservation_id not in found:
        raise missing("reservation", reservation_id)
    return found[reservation_id]


@operation(router.delete, "/reservations/{uuid:reservation_id}", needs="orders.edit", answers=ReservationFacts)
def release_reservation(caller: Caller, reservation_id: UUID) -> ReservationFacts:
    """Release a reservation: what it holds is given back."""
    single(actions.release_reservations([reservation_id], actor=caller.actor, at=caller.at))
    return queries.reservations([reservation_id])[reservation_id]


@operation(router.post, "/reservations/{uuid:reservation_id}/extend", needs="orders.edit", answers=ReservationFacts)
def extend_reservation(caller: Caller, reservation_id: UUID, body: ExtensionWish) -> ReservationFacts:
    """Let a reservation end at another instant, later or sooner."""
    wish = ReservationExtension(reservation_id, body.expires_at)
    single(actions.extend_reservations([wish], actor=caller.actor, at=caller.at))
    return queries.reservations([reservation_id])[reservation_id]
