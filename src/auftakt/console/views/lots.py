"""Lots and serial numbers: what lies where until when, and where a lot came from and went to."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console import formats, tables
from auftakt.console.lists.stock import LOTS
from auftakt.console.outcomes import edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.console.queries.stock import lot_head
from auftakt.fulfilment.queries import lot_trace
from auftakt.inventory import actions, queries
from auftakt.inventory.types import LotAside


@needs("stock.view")
def lots(request: HttpRequest) -> HttpResponse:
    """Every lot that lies somewhere, those that expire first in front."""
    return tables.answer(request, LOTS)


@needs("stock.view")
def lot(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Where a lot came from, where it lies, and whom it went to."""
    head = lot_head(lot_id)
    if head is None:
        raise Http404
    moves = lot_trace(lot_id)
    went: dict[UUID, dict[str, Any]] = {}
    for move in moves:
        if move.order_id and move.reason == "shipment":
            told = went.setdefault(move.order_id, {"move": move, "quantity": 0, "shipments": []})
            told["quantity"] += move.quantity
            told["shipments"].append(move.shipment_number)
    places = next(iter(queries.lots(lot_ids=[lot_id]).values()), [])
    context = {
        "lot": head,
        "today": edge(request).today,
        "places": [{"place": each, "aside": each.place.endswith("quarantine")} for each in places],
        "went": list(went.values()),
        "moves": moves,
    }
    return render(request, "console/lot.html", context)


@needs("stock.approve")
@require_POST
def write_off(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Write off what was set aside of a lot."""
    here, data = edge(request), request.POST
    number = formats.parse_number(data.get("quantity", ""))
    sites = ids([data.get("site", "")])
    if number is not None and sites:
        wish = LotAside(lot_id, sites[0], number, data.get("note", "").replace("\0", "").strip()[:300])
        tell(request, actions.write_off_lots([wish], actor=here.actor, at=here.at), _("Written off."))
    return redirect("console:lot", lot_id)
