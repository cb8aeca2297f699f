"""Items, and the stock of them by site: what is there, what is promised, what comes."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console import availability, formats, queries, tables
from auftakt.console.datum import listing
from auftakt.console.lists.master import ITEMS
from auftakt.console.lists.stock import MOVES, STOCK
from auftakt.console.lot_entry import LotEntryError, read_lots
from auftakt.console.outcomes import back_to, day_of, edge, tell
from auftakt.console.permissions import needs
from auftakt.console.queries.replenish import waiting
from auftakt.identity.queries import may
from auftakt.inventory import actions
from auftakt.inventory.types import REASONS, Adjustment, LotQuantity, Receipt, Transfer
from auftakt.supply import queries as supply


@needs("stock.view")
def stock(request: HttpRequest) -> HttpResponse:
    """Stock by item and site."""
    context = {"sites": queries.sites(), "reasons": REASONS}
    return tables.answer(request, STOCK, template="console/stock.html", context=context)


@needs("stock.view")
def moves(request: HttpRequest) -> HttpResponse:
    """The stock ledger: every move, the newest first."""
    return tables.answer(request, MOVES)


@needs("catalog.view")
def items(request: HttpRequest) -> HttpResponse:
    """Items by number."""
    beside = (
        ("categories", _("Categories")),
        ("brands", _("Brands")),
        ("units", _("Units")),
    )
    return listing(
        request, ITEMS, new="item_new", title=_("New item"), rule="catalog.edit", kind="items", beside=beside
    )


@needs("catalog.view")
def item(request: HttpRequest, sku: str) -> HttpResponse:
    """One item: what it is, where it is, what comes, who holds it, what it costs, what moved."""
    here = edge(request)
    past_on = day_of(request.GET.get("past", ""))
    past_at: datetime | None = queries.beginning(past_on + timedelta(days=1), here.zone) if past_on else None
    page = queries.item_page(sku, past_at=past_at)
    if page is None:
        raise Http404
    roles = request.user.roles
    totals = {
        name: sum((getattr(row, name) for row in page.stock), Decimal(0))
        for name in ("on_hand", "promised", "free", "expected")
    }
    context = {
        "page": page,
        "item": page.head,
        "totals": totals,
        "free": availability.on_page(
            page.supply, today=here.today, asked=request.GET.get("at", ""), unit=page.head.unit
        ),
        "past_on": past_on,
        "policies": supply.policies(item_ids=[page.head.id]) if may(roles, "supply.view") else [],
        "proposals": waiting(page.head.id) if may(roles, "supply.view") else [],
        "reasons": REASONS,
        "sites": queries.sites(),
        "may_edit": may(roles, "stock.edit"),
        "sees_stock": may(roles, "stock.view"),
        "sees_supply": may(roles, "supply.view"),
        "sees_prices": may(roles, "prices.view"),
        "sees_orders": may(roles, "orders.view"),
    }
    return render(request, "console/item.html", context)


def _quantity(request: HttpRequest) -> Decimal | None:
    text = request.POST.get("quantity", "")
    number = formats.parse_number(text)
    if number is None:
        messages.error(request, _("“%(text)s” is not a number. Nothing was booked.") % {"text": text})
    return number


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(back_to(request, "/console/stock/"))


def _lots(request: HttpRequest, quantity: Decimal | None) -> tuple[LotQuantity, ...] | None:
    try:
        return read_lots(request.POST.get("lots", ""), quantity)
    except LotEntryError as fault:
        messages.error(request, str(fault))
        return None


def _asked(request: HttpRequest) -> dict[str, Any]:
    return {
        "item": request.POST.get("item", "").strip(),
        "unit": request.POST.get("unit", "").strip(),
        "note": request.POST.get("note", "").strip()[:300],
    }


@needs("stock.edit")
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Goods came in without a purchase order."""
    here, quantity = edge(request), _quantity(request)
    lots = _lots(request, quantity)
    if quantity is not None and lots is not None:
        receipt = Receipt(site=request.POST.get("site", ""), quantity=quantity, lots=lots, **_asked(request))
        tell(
            request,
            actions.receive([receipt], actor=here.actor, at=here.at),
            _("Received. The stock can be promised now."),
        )
    return _back(request)


@needs("stock.edit")
@require_POST
def adjust(request: HttpRequest) -> HttpResponse:
    """Stock is more or less than the books say, with a reason."""
    here, quantity = edge(request), _quantity(request)
    lots = _lots(request, quantity)
    if quantity is not None and lots is not None:
        difference = -quantity if request.POST.get("direction") == "less" else quantity
        change = Adjustment(
            site=request.POST.get("site", ""),
            difference=difference,
            reason=request.POST.get("reason", ""),
            lots=lots,
            **_asked(request),
        )
        tell(request, actions.adjust([change], actor=here.actor, at=here.at), _("The stock is adjusted."))
    return _back(request)


@needs("stock.edit")
@require_POST
def transfer(request: HttpRequest) -> HttpResponse:
    """Move stock from one site to another."""
    here, quantity = edge(request), _quantity(request)
    lots = _lots(request, quantity)
    if quantity is not None and lots is not None:
        move = Transfer(
            from_site=request.POST.get("site", ""),
            to_site=request.POST.get("to_site", ""),
            quantity=quantity,
            lots=lots,
            **_asked(request),
        )
        tell(request, actions.transfer([move], actor=here.actor, at=here.at), _("The stock is transferred."))
    return _back(request)
