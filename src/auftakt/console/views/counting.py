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
from auftakt.console import formats, queries, words
from auftakt.console.deciding import tell_lost
from auftakt.console.findings import spoken
from auftakt.console.lot_entry import LotEntryError, read_lots
from auftakt.console.outcomes import back_to, day_of, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.console.views.bench import site_or_404
from auftakt.inventory import actions as inventory_actions
from auftakt.inventory import queries as inventory
from auftakt.inventory.types import COUNT_CHOICES, CountDecision, CountEntry, CountPlan, PlacingDraft
from auftakt.orders import actions as orders
from auftakt.orders.types import CountTaken
from auftakt.values import Outcome

MOST_WAITING = 200
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
    chosen = _list_id(request.GET.get("list", ""))
    lines = inventory.count_lines(list_id=chosen, state="open", site_id=site.id) if chosen else {}
    shelves: list[Any] = []
    if chosen:
        shelves = queries.shelves_of(site.id, [line.item_id for line in lines.values()])
    elif sku:
        shelves = queries.shelves_of(site.id, sku=sku)
    elif first or last:
        shelves = inventory.shelves(site.id, first=first, last=last, limit=MOST + 1)
    context = {
        "site": site,
        "here": "counting",
        "first": first,
        "last": last,
        "item": sku,
        "is_chosen": bool(sku or first or last or chosen),
        "list": next((line.list_number for line in lines.values()), ""),
        "list_id": chosen or "",
        "lists": [] if chosen else inventory.count_lists(site.id),
        "waiting": sum(1 for _ in inventory.count_lines(state="waiting", site_id=site.id)),
        "choices": [(code, words.word(f"count_{code}")) for code in COUNT_CHOICES],
        "today": edge(request).today,
        "more": len(shelves) > MOST,
        "most": MOST,
        "shelves": _named(request, shelves[:MOST], {line.item_id: line.id for line in lines.values()}),
        "bins": queries.bins(site.id),
    }
    return render(request, "console/counting.html", context)


def _list_id(text: str) -> UUID | None:
    return next(iter(ids([text])), None)


def _named(request: HttpRequest, shelves: Any, lines: dict[UUID, UUID]) -> list[dict[str, Any]]:
    names = item_names({shelf.item_id for shelf in shelves}, request.user.language)
    return [
        {
            "shelf": shelf,
            "id": str(shelf.item_id),
            "name": names.get(shelf.item_id, shelf.name),
            "line": lines.get(shelf.item_id, ""),
        }
        for shelf in shelves
    ]


def _again(code: str, data: Any) -> str:
    kept = {name: data.get(name, "") for name in ("first", "last", "item", "list") if data.get(name)}
    return reverse("console:counting", args=[code]) + (f"?{urlencode(kept)}" if kept else "")


@needs("stock.edit")
@require_POST
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Compare what was counted with the books: what differs is shown, and who holds what would be taken away."""
    site, data = site_or_404(code), request.POST
    counted: dict[UUID, Decimal] = {}
    lots: dict[UUID, str] = {}
    for key, text in zip(ids(data.getlist("shelf")), data.getlist("counted"), strict=False):
        number = formats.parse_number(text) if text.strip() else None
        lots[key] = data.get(f"lots-{key}", "")
        if lots[key].strip() and not text.strip():
            try:
                number = sum((lot.quantity for lot in read_lots(lots[key])), Decimal(0))
            except LotEntryError as fault:
                messages.error(request, str(fault))
                return redirect(_again(code, data))
        if text.strip() and (number is None or number < 0):
            messages.error(request, _("“%(text)s” is not a quantity. Nothing was booked.") % {"text": text})
            return redirect(_again(code, data))
        if number is not None:
            counted[key] = number
    if not counted:
        messages.error(request, _("Enter what you counted."))
        return redirect(_again(code, data))
    lines = dict(zip(data.getlist("shelf"), data.getlist("line"), strict=False))
    rows = _compared(request, site.id, counted)
    for row in rows:
        row["lots"] = lots.get(row["shelf"].item_id, "")
        row["line"] = lines.get(str(row["shelf"].item_id), "")
    listed = [row for row in rows if row["line"]]
    context = {
        "site": site,
        "here": "counting",
        "rows": [row for row in rows if row["difference"] or row["lots"].strip()],
        "agreeing": [row for row in listed if not (row["difference"] or row["lots"].strip())],
        "right": sum(not row["difference"] for row in rows),
        "back": _again(code, data),
        "query": {name: data.get(name, "") for name in ("first", "last", "item", "list")},
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
    lines = data.getlist("line") or [""] * len(data.getlist("shelf"))
    entries: list[CountEntry] = []
    for key, counted, books, line in zip(
        ids(data.getlist("shelf")), data.getlist("counted"), data.getlist("books"), lines, strict=False
    ):
        try:
            number = Decimal(counted)
            lots = read_lots(data.get(f"lots-{key}", ""), number)
            entries.append(CountEntry(site.id, key, number, _list_id(line), lots, note, Decimal(books)))
        except ArithmeticError:
            messages.error(request, _("“%(text)s” is not a quantity. Nothing was booked.") % {"text": counted})
            return redirect(_again(code, data))
        except LotEntryError as fault:
            messages.error(request, str(fault))
            return redirect(_again(code, data))
    outcome = orders.take_counts(entries, actor=here.actor, at=here.at)
    _tell(request, outcome)
    return redirect(_again(code, data) if outcome.refused else reverse("console:counting", args=[code]))


def _tell(request: HttpRequest, outcome: Outcome[CountTaken]) -> None:
    """What was booked, what waits, and which orders lost by it."""
    booked = sum(1 for each in outcome.done if each.state == "posted" and each.difference)
    waiting = sum(1 for each in outcome.done if each.state == "waiting")
    if booked:
        messages.success(request, _("Booked: %(count)s differences, reason count.") % {"count": booked})
    elif not waiting and not outcome.refused:
        messages.success(request, _("Noted: the books are right."))
    if waiting:
        text = _("%(count)s differences are beyond the tolerance: somebody else approves them. Nothing moved for them.")
        messages.warning(request, text % {"count": waiting})
    for each in outcome.done:
        for finding in each.findings:
            messages.warning(request, f"{each.sku}: {spoken(finding)}")
    tell(request, outcome, "")
    tell_lost(request, [lost for each in outcome.done for lost in each.lost])


@needs("stock.edit")
@require_POST
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Draw up a list of items to count."""
    here, site, data = edge(request), site_or_404(code), request.POST
    due = day_of(data.get("due_on", "")) or here.today
    typed = data.get("most", "")
    most = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 30
    sku = data.get("item", "").replace("\0", "").strip()[:64]
    draft = CountPlan(
        site.code, due, data.get("choose", "")[:16], _bin(data.get("first", "")), _bin(data.get("last", "")),
        (sku,) if sku else (), data.get("abc", "A")[:1], most,
        data.get("note", "").replace("\0", "").strip()[:300],
    )  # fmt: skip
    outcome = inventory_actions.plan_counts([draft], actor=here.actor, at=here.at)
    if not tell(request, outcome, _("The list is drawn up.")):
        return redirect("console:counting", code)
    return redirect(f"{reverse('console:counting', args=[code])}?{urlencode({'list': outcome.one()})}")


@needs("stock.approve")
def waiting(request: HttpRequest) -> HttpResponse:
    """Differences beyond the tolerance, to be approved by somebody else than who counted."""
    lines = list(inventory.count_lines(state="waiting", limit=MOST_WAITING).values())
    names = item_names({line.item_id for line in lines}, request.user.language)
    context = {
        "rows": [
            {
                "line": line,
                "name": names.get(line.item_id, line.name),
                "value": None if line.unit_value is None else line.unit_value * line.difference,
                "own": line.counted_by == edge(request).actor,
            }
            for line in lines
        ],
        "lots": inventory.count_lots([line.id for line in lines]),
    }
    return render(request, "console/counts_waiting.html", context)


@needs("stock.approve")
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Approve a difference, have it counted again, or drop it."""
    here, data = edge(request), request.POST
    reason = data.get("reason", "").replace("\0", "").strip()[:300]
    wishes = [CountDecision(key, data.get("decision", "")[:16], reason) for key in ids(data.getlist("line"))]
    outcome = orders.decide_counts(wishes, actor=here.actor, at=here.at)
    done = {
        "posted": _("Approved and booked."),
        "open": _("It is to be counted again."),
        "rejected": _("Dropped. The books stay as they are."),
    }
    for each in outcome.done:
        if each.state in done:
            messages.success(request, done[each.state])
        for finding in each.findings:
            messages.error(request, f"{each.sku}: {spoken(finding)}")
    tell(request, outcome, "")
    tell_lost(request, [lost for each in outcome.done for lost in each.lost])
    return redirect("console:counts_waiting")


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
        inventory_actions.place([draft], actor=here.actor, at=here.at),
        _("%(item)s lies in %(bin)s now.") % {"item": draft.item, "bin": _bin(draft.bin)}
        if _bin(draft.bin)
        else _("%(item)s has no bin now.") % {"item": draft.item},
    )
    return redirect(back_to(request, "/console/stock/"))
