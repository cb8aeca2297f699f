"""Goods in: what suppliers still owe a site, and what came in of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.catalog.queries import item_names
from auftakt.console import formats, queries
from auftakt.console.lot_entry import LotEntryError, read_lots
from auftakt.console.outcomes import edge, ids, said, tell
from auftakt.console.permissions import needs
from auftakt.console.views.bench import site_or_404
from auftakt.inventory import queries as inventory
from auftakt.platform.turns import take_turn
from auftakt.promising import actions as promising
from auftakt.supply import queries as supply
from auftakt.supply.types import EXPECTING, Purchase, PurchaseReceipt


@needs("supply.view")
def receiving(request: HttpRequest, code: str) -> HttpResponse:
    """The purchase orders of which something is still to come, soonest first."""
    site = site_or_404(code)
    asked = request.GET.get("q", "").replace("\0", "")[:100]
    found = supply.list_purchases(asked, states=EXPECTING, site_id=site.id, limit=100)
    context = {
        "site": site,
        "here": "receiving",
        "today": edge(request).today,
        "asked": asked,
        "purchases": sorted(found, key=lambda each: (each.expected_on is None, each.expected_on)),
        "sites": queries.sites(),
    }
    return render(request, "console/receiving.html", context)


def _context(
    request: HttpRequest, purchase_id: UUID, typed: dict[str, str] | None = None, lots: dict[str, str] | None = None
) -> dict[str, Any]:
    purchase = supply.purchases([purchase_id]).get(purchase_id)
    if purchase is None:
        raise Http404
    items = [line.item_id for line in purchase.lines]
    places = inventory.places(purchase.head.site_id, items)
    names = item_names(items, request.user.language)
    gtins = queries.gtins(items)
    rows = [
        {
            "line": line,
            "id": str(line.id),
            "name": names.get(line.item_id, line.item_name),
            "bin": places[line.item_id].code if line.item_id in places else "",
            "gtin": gtins.get(line.item_id, ""),
            "typed": (typed or {}).get(str(line.id), ""),
            "lots": (lots or {}).get(str(line.id), ""),
        }
        for line in purchase.lines
    ]
    return {
        "purchase": purchase.head,
        "site": {"code": purchase.head.site_code},
        "rows": sorted(rows, key=lambda row: (row["line"].to_come <= 0, row["line"].line_number)),
        "today": edge(request).today,
        "seen": _mark(purchase),
        "is_open": purchase.head.state in EXPECTING and any(line.to_come > 0 for line in purchase.lines),
    }


@needs("supply.view")
def receipt(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """What is still to come of a purchase order, to be counted in by scanning or typing."""
    return render(request, "console/receipt.html", _context(request, purchase_id))


@needs("supply.edit")
@require_POST
def book(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """Book what came in. Nothing is booked when anything is refused, or when somebody else booked meanwhile."""
    here, data = edge(request), request.POST
    keys = ids(data.getlist("line"))
    typed = dict(zip(map(str, keys), data.getlist("came"), strict=False))
    lots = {name.removeprefix("lots-"): text for name, text in data.items() if name.startswith("lots-")}
    receipts: list[PurchaseReceipt] = []
    faults: list[str] = []
    for key in keys:
        text = typed.get(str(key), "").strip()
        number = formats.parse_number(text) if text else None
        if text and number is None:
            faults.append(_("“%(text)s” is not a number. Nothing was booked.") % {"text": text})
        elif number:
            try:
                receipts.append(PurchaseReceipt(key, number, lots=read_lots(lots.get(str(key), ""), number)))
            except LotEntryError as fault:
                faults.append(str(fault))
    if not faults and not receipts:
        faults.append(_("Scan or enter what came in."))
    if not faults:
        with transaction.atomic():
            take_turn(f"receipt {purchase_id}")
            if _mark(supply.purchases([purchase_id]).get(purchase_id)) != data.get("seen", ""):
                faults.append(_("Somebody else booked this delivery meanwhile. Compare, then book what is missing."))
            else:
                outcome = promising.receive_purchases(receipts, actor=here.actor, at=here.at)
                if not outcome.refused:
                    tell(request, outcome, _("Received. Put the goods away; orders that waited for them can go."))
                    return redirect("console:receipt", purchase_id)
                faults = said(outcome.refused)
                transaction.set_rollback(True)
    for text in faults:
        messages.error(request, text)
    return render(request, "console/receipt.html", _context(request, purchase_id, typed, lots), status=422)


def _mark(purchase: Purchase | None) -> str:
    """How far a purchase order was received: what a page shows, and what must still be so when it books."""
    return (
        ".".join(f"{line.received + line.inspecting + line.rejected:f}" for line in purchase.lines) if purchase else ""
    )
