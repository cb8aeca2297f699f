"""Counting: what the shelf holds is entered without the books in sight, compared, and booked when confirmed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.catalog.queries import item_names
from auftakt.console import formats, queries
from auftakt.console.outcomes import back_to, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.console.views.bench import site_or_404
from auftakt.inventory import actions
from auftakt.inventory import queries as inventory
from auftakt.inventory.types import PlacingDraft, StockCount

MOST = 60
"""Shelves on one count sheet: as many as somebody walks past before coming back to the desk."""


def _bin(text: str) -> str:
    return text.replace("\0", "").strip().upper()[:24]


@needs("stock.edit")
def counting(request: HttpRequest, code: str) -> HttpResponse:
    """Choose bins from one to another, or an item; then the sheet to count on."""
    site = site_or_404(code)
    first, last = _bin(request.GET.get("first", "")), _bin(request.GET.get("last", ""))
    sku = request.GET.get("item", "").replace("\0", "").strip()[:64]
    shelves: list[Any] = []
    if sku:
        shelves = queries.shelves_of(site.id, sku=sku)
    elif first or last:
        shelves = inventory.shelves(site.id, first=first, last=last, limit=MOST + 1)
    context = {
        "site": site,
        "here": "counting",
        "first": first,
        "last": last,
        "item": sku,
        "is_chosen": bool(sku or first or last),
        "more": len(shelves) > MOST,
        "most": MOST,
        "shelves": _named(request, shelves[:MOST]),
        "bins": queries.bins(site.id),
    }
    return render(request, "console/counting.html", context)


def _named(request: HttpRequest, shelves: Any) -> list[dict[str, Any]]:
    names = item_names({shelf.item_id for shelf in shelves}, request.user.language)
    return [{"shelf": shelf, "name": names.get(shelf.item_id, shelf.name)} for shelf in shelves]


def _again(code: str, data: Any) -> str:
    kept = {name: data.get(name, "") for name in ("first", "last", "item") if data.get(name)}
    return reverse("console:counting", args=[code]) + (f"?{urlencode(kept)}" if kept else "")


@needs("stock.edit")
@require_POST
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Compare what was counted with the books: what differs is shown, and who holds what would be taken away."""
    site, data = site_or_404(code), request.POST
    counted: dict[UUID, Decimal] = {}
    for key, text in zip(ids(data.getlist("shelf")), data.getlist("counted"), strict=False):
        number = formats.parse_number(text) if text.strip() else None
        if text.strip() and (number is None or number < 0):
            messages.error(request, _("“%(text)s” is not a quantity. Nothing was booked.") % {"text": text})
            return redirect(_again(code, data))
        if number is not None:
            counted[key] = number
    if not counted:
        messages.error(request, _("Enter what you counted."))
        return redirect(_again(code, data))
    rows = _compared(request, site.id, counted)
    context = {
        "site": site,
        "here": "counting",
        "rows": [row for row in rows if row["difference"]],
        "right": sum(not row["difference"] for row in rows),
        "back": _again(code, data),
        "query": {name: data.get(name, "") for name in ("first", "last", "item")},
    }
    return render(request, "console/count_check.html", context)


def _compared(request: HttpRequest, site_id: UUID, counted: dict[UUID, Decimal]) -> list[dict[str, Any]]:
    shelves = queries.shelves_of(site_id, list(counted))
    names = item_names({shelf.item_id for shelf in shelves}, request.user.language)
    holders = queries.holders_at(site_id, [each.item_id for each in shelves if counted[each.item_id] < each.promised])
    return [
        {
            "shelf": shelf,
            "name": names.get(shelf.item_id, shelf.name),
            "counted": counted[shelf.item_id],
            "difference": counted[shelf.item_id] - shelf.on_hand,
            "held_back": counted[shelf.item_id] < shelf.promised,
            "holders": holders.get(shelf.item_id, []),
        }
        for shelf in shelves
    ]


@needs("stock.edit")
@require_POST
def book(request: HttpRequest, code: str) -> HttpResponse:
    """Book the confirmed differences. What the books say meanwhile must be what was shown."""
    here, site, data = edge(request), site_or_404(code), request.POST
    note = data.get("note", "").replace("\0", "").strip()[:300]
    counts: list[StockCount] = []
    for key, counted, books in zip(
        ids(data.getlist("shelf")), data.getlist("counted"), data.getlist("books"), strict=False
    ):
        try:
            counts.append(StockCount(site.id, key, Decimal(counted), note=note, books=Decimal(books)))
        except ArithmeticError:
            messages.error(request, _("“%(text)s” is not a quantity. Nothing was booked.") % {"text": counted})
            return redirect(_again(code, data))
    outcome = actions.count(counts, actor=here.actor, at=here.at)
    changed = sum(1 for difference in outcome.done if difference)
    tell(request, outcome, _("Booked: %(count)s differences, reason count.") % {"count": changed} if changed else "")
    return redirect(_again(code, data) if outcome.refused else reverse("console:counting", args=[code]))


@needs("stock.edit")
@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Say in which bin an item lies at a site."""
    here, data = edge(request), request.POST
    turn = data.get("walk", "").strip()
    draft = PlacingDraft(
        data.get("site", ""), data.get("item", "").replace("\0", "").strip(), data.get("bin", "").replace("\0", ""),
        int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 12 else None,
    )  # fmt: skip
    tell(
        request,
        actions.place([draft], actor=here.actor, at=here.at),
        _("%(item)s lies in %(bin)s now.") % {"item": draft.item, "bin": _bin(draft.bin)}
        if _bin(draft.bin)
        else _("%(item)s has no bin now.") % {"item": draft.item},
    )
    return redirect(back_to(request, "/console/stock/"))
