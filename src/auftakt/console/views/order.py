"""The page that answers every question about one order, and what may be done with it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.channels.mail import actions as mail
from auftakt.channels.mail import queries as mails
from auftakt.console import formats, history, queries, story, words
from auftakt.console.outcomes import Undo, day_of, edge, ids, tell, tell_with_undo
from auftakt.console.permissions import needs
from auftakt.console.views.design import waterfall
from auftakt.console.views.documents import may_open
from auftakt.console.views.live import watched
from auftakt.fulfilment.types import TRACKING_CODES
from auftakt.identity.queries import may
from auftakt.orchestration import actions as orchestration
from auftakt.orders import actions
from auftakt.orders.types import Cancellation

AGAIN = ("sent", "failed")
"""A mail in these states is sent once more when it is asked for again."""
HOLD_REASONS = ("customer_request", "credit", "address", "payment", "fraud", "price", "other")


@needs("orders.view")
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One screen for what, when, where, why this price, why this date, who, what is paid, every document."""
    return _show(request, order_id)


def _show(request: HttpRequest, order_id: UUID, *, again: Mapping[str, str] | None = None) -> HttpResponse:
    """The page; with `again`, a dialog stands open anew with what was typed, because the order changed meanwhile."""
    here = edge(request)
    live = watched(order_id, reverse("console:order", args=[order_id]) if again else "")
    behind = request.GET.get("behind", "")
    page = queries.order_page(order_id, today=here.today, behind=int(behind[:9]) if behind.isdecimal() else 0)
    if page is None:
        raise Http404
    roles = request.user.roles
    rights = {name: may(roles, f"orders.{name}") for name in ("edit", "hold", "cancel")} | {
        "bill": may(roles, "billing.view"),
        "journal": may(roles, "journal.view"),
        "papers": may(roles, "documents.view"),
        "work": may(roles, "fulfilment.work"),
        "confirm": may(roles, "orders.edit"),
    }
    deeds = story.deeds(page, rights)
    context = {
        "page": page,
        "order": page.head,
        "live": live,
        "again": again,
        "story": story.summary(page, today=here.today, sees_money=rights["bill"]),
        "deeds": deeds,
        "not_now": [deed for deed in deeds.values() if deed.why_not],
        "holds": [hold for hold in page.holds if hold.released_at is None],
        "hold_reasons": HOLD_REASONS,
        "tracking_codes": TRACKING_CODES,
        "lines": _lines(page),
        "charges": [{"row": charge, "bars": waterfall(charge.waterfall or [])} for charge in page.charges],
        "shipments": _shipments(page),
        "documents": [row for row in page.documents if may_open(roles, row.kind)],
        "failed": page.failed,
        "mails": mails.mails_of_order(order_id),
        "no_mail": mails.what_is_missing(),
        "steps": steps_by_line(page.steps),
        "timeline": _timeline(page, everything=rights["journal"]),
        "may": rights,
    }
    return render(request, "console/order.html", context, status=409 if again else 200)


def _lines(page: queries.OrderPage) -> list[dict[str, Any]]:
    pegs: dict[UUID, list[Any]] = {}
    for peg in page.pegs:
        pegs.setdefault(peg.demand_id, []).append(peg)
    pieces: dict[UUID, list[Any]] = {}
    for piece in page.pieces:
        pieces.setdefault(piece.line_id, []).append(
            {"row": piece, "pegs": pegs.get(piece.id, []), "why": why(piece.promise)}
        )
    return [
        {
            "row": line,
            "key": str(line.id),
            "pieces": pieces.get(line.id, []),
            "bars": waterfall(line.waterfall or []),
        }
        for line in page.lines
    ]


def _shipments(page: queries.OrderPage) -> list[dict[str, Any]]:
    """What left: with what is in it, its boxes, and what the carrier said of it."""
    parts: dict[str, dict[UUID, list[Any]]] = {"events": {}, "parcels": {}, "packed": {}}
    for name, rows in (("events", page.tracking), ("parcels", page.parcels), ("packed", page.packed)):
        for row in rows:
            parts[name].setdefault(row.shipment_id, []).append(row)
    return [{"row": row} | {name: found.get(row.id, []) for name, found in parts.items()} for row in page.shipments]


def line_names(page: queries.OrderPage) -> dict[str, str]:
    """How people call the lines of an order, by their external id."""
    return {
        line.external_line_id: _("Line %(number)s") % {"number": f"{line.line_number}, {line.sku}"}
        for line in page.lines
    }


def _timeline(page: queries.OrderPage, *, everything: bool) -> list[dict[str, Any]]:
    entries = [entry for entry in page.journal if everything or entry.verb not in history.TECHNICAL]
    people = queries.people(entry.actor for entry in entries)
    places = queries.addresses(history.addresses_named(entries))
    lines = line_names(page)
    return [history.happening(entry, lines, places, people) for entry in entries]


def steps_by_line(steps: Sequence[Any]) -> list[dict[str, Any]]:
    """The steps of each run in their order, with the line they serve."""
    runs: dict[UUID, dict[str, Any]] = {}
    for step in steps:
        run = runs.setdefault(step.fulfilment_line_id, {"line": step.line_number, "sku": step.sku, "steps": []})
        run["steps"].append(step)
    return list(runs.values())


def why(promise: Mapping[str, Any] | None) -> dict[str, Any]:
    """The promise's reason for people: a sentence, facts, what each site could have done, what could be had instead."""
    if not promise:
        return {}
    facts = [
        (_("Carrier"), str(promise.get("carrier", "")).upper()),
        (_("Days in transit"), promise.get("transit_days")),
        (_("Days late"), promise.get("late_days")),
        (_("Sourcing rule"), "/".join(map(str, promise.get("rule", ())))),
        (_("How"), words.word(f"source_{promise['how']}") if promise.get("how") else ""),
        (_("Supply picture"), promise.get("epoch")),
    ]
    return {
        "text": words.word(promise.get("why", "")),
        "facts": [(name, value) for name, value in facts if value not in (None, "")],
        "divided": promise.get("divided", False),
        "candidates": [_candidate(*row) for row in promise.get("candidates") or ()],
        "could": [
            {
                **each,
                "ship_on": day_of(str(each.get("ship_on", ""))),
                "arrive_on": day_of(str(each.get("arrive_on", ""))),
            }
            for each in promise.get("could") or ()
        ],
    }


def _candidate(
    site: str, arrives: str | None, freight: str, lost: str, how: str = "", rank: int | None = None, cost: str = ""
) -> dict[str, Any]:
    """A source that was looked at, as `promising` told it: when it could have it there, what it costs, why it lost."""
    return {
        "site": site, "arrives": day_of(arrives or ""), "freight": Decimal(freight),
        "lost": lost and words.word(f"lost_{lost}"),
        "how": how and words.word(f"source_{how}"), "rank": rank, "cost": Decimal(cost) if cost else None,
    }  # fmt: skip


def _moved_on(request: HttpRequest, order_id: UUID, dialog: str) -> HttpResponse | None:
    """The page anew, with the dialog open and what was typed in it, when the order is not any more as it was shown."""
    face = request.POST.get("face", "")
    if not face or face == queries.order_face(order_id):
        return None
    typed = {name: request.POST.get(name, "") for name in ("reason", "note", "quantity")}
    return _show(request, order_id, again={"dialog": dialog, **typed})


@needs("orders.edit")
@require_POST
def submit(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Submit a draft: it is priced, promised and goes its way."""
    if again := _moved_on(request, order_id, "submit"):
        return again
    here = edge(request)
    tell(request, actions.submit([order_id], actor=here.actor, at=here.at), _("The order is submitted and on its way."))
    return redirect("console:order", order_id)


@needs("orders.hold")
@require_POST
def hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Stop the order before the warehouse, with a reason."""
    if again := _moved_on(request, order_id, "hold"):
        return again
    here = edge(request)
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "").strip()
    reason = reason if reason in HOLD_REASONS else "other"
    outcome = actions.hold([order_id], reason, note, actor=here.actor, at=here.at)
    undo = Undo(reverse("console:order_release_hold", args=[order_id]), [("reason", reason), ("note", _("undone"))])
    done = _("The order is on hold. Nothing is released to a site until the hold is released.")
    tell_with_undo(request, outcome, done, undo)
    return redirect("console:order", order_id)


@needs("orders.hold")
@require_POST
def release_hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Let the order go on."""
    reason = request.POST.get("reason", "")
    if again := _moved_on(request, order_id, f"release-{reason}"):
        return again
    here = edge(request)
    note = request.POST.get("note", "").strip()
    outcome = actions.release_holds([order_id], reason, note, actor=here.actor, at=here.at)
    done = _("The hold is released. The order goes on.")
    if reason in HOLD_REASONS:
        undo = Undo(reverse("console:order_hold", args=[order_id]), [("reason", reason), ("note", _("undone"))])
        tell_with_undo(request, outcome, done, undo)
    else:  # a hold that no person places is placed by no person again
        tell(request, outcome, done)
    return redirect("console:order", order_id)


@needs("orders.cancel")
@require_POST
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Give up the order, or what is open of one line."""
    here = edge(request)
    line = ids([request.POST.get("line", "")])
    if again := _moved_on(request, order_id, f"cancel-{line[0]}" if line else "cancel"):
        return again
    typed = request.POST.get("quantity", "")
    quantity = formats.parse_number(typed) if line else None
    if line and quantity is None:
        messages.error(request, _("“%(text)s” is not a number. Write it like 12 or 1.5.") % {"text": typed})
        return redirect("console:order", order_id)
    wish = Cancellation(order_id, line[0] if line else None, quantity, request.POST.get("reason", "").strip())
    tell(
        request,
        actions.cancel([wish], actor=here.actor, at=here.at),
        _("Cancelled. What was promised for it is free again."),
    )
    return redirect("console:order", order_id)


@needs("orders.edit")
@require_POST
def confirm(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Send the confirmation by mail, in the customer's language."""
    here = edge(request)
    to, note = request.POST.get("to", "").strip()[:254], request.POST.get("note", "").strip()[:1000]
    before = {each.id for each in mails.mails_of_order(order_id) if each.state in AGAIN}
    outcome = mail.order_confirmation([order_id], to=to, note=note, actor=here.actor, at=here.at)
    again = [key for key in outcome.done if key in before]
    if again:
        mail.requeue(again, actor=here.actor, at=here.at)
    tell(request, outcome, _("The confirmation is on its way. How it goes stands under Documents and mails."))
    return redirect("console:order", order_id)


@needs("orders.edit")
@require_POST
def retry(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Try failed steps again, now."""
    here = edge(request)
    outcome = orchestration.retry(ids(request.POST.getlist("step")), actor=here.actor, at=here.at)
    if tell(request, outcome, _("The step is tried again.")):
        orchestration.advance(actor=here.actor, at=here.at, order_ids=[order_id])
    return redirect("console:order", order_id)
