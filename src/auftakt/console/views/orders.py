"""The list of orders, the page that answers every question about one, and what may be done with it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console import formats, queries, words
from auftakt.console.outcomes import day_of, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.console.views.design import waterfall
from auftakt.console.views.documents import may_open
from auftakt.fulfilment.types import TRACKING_CODES
from auftakt.identity.queries import may
from auftakt.orchestration import actions as orchestration
from auftakt.orders import actions
from auftakt.orders.queries import list_orders
from auftakt.orders.types import Cancellation, OrderFilter

STATES = ("draft", "submitted", "closed", "cancelled")
HOLD_REASONS = ("customer_request", "credit", "address", "payment", "fraud", "price", "other")


def wanted_orders(request: HttpRequest) -> OrderFilter:
    """The filter that an address asks for; what makes no sense in it is ignored."""
    asked = request.GET
    return OrderFilter(
        text=asked.get("q", "").strip()[:100],
        state=asked.get("state", "") if asked.get("state") in STATES else "",
        customer_number=asked.get("customer", "").strip()[:64],
        sku=asked.get("item", "").strip()[:64],
        ordered_from=day_of(asked.get("from", "")),
        ordered_to=day_of(asked.get("to", "")),
        on_hold=asked.get("hold") == "1",
        unpromised=asked.get("unpromised") == "1",
    )


@needs("orders.view")
def orders(request: HttpRequest) -> HttpResponse:
    """Orders, newest first, narrowed by filters that combine."""
    wanted, after, failed = wanted_orders(request), request.GET.get("after", ""), request.GET.get("failed") == "1"
    if failed:
        page = queries.failed_orders(after)
    else:
        try:
            found = list_orders(wanted, after)
        except ValueError:
            found = list_orders(wanted)
        page = queries.Page(found.rows, found.next_cursor)
    context = {
        "page": page,
        "measures": queries.measures(row.id for row in page.rows),
        "wanted": wanted,
        "failed": failed,
        "states": STATES,
        "asked": {
            name: request.GET.get(name, "")
            for name in ("q", "from", "to", "customer", "customer_name", "item", "item_name")
        },
        "narrowed": any(
            value for name, value in request.GET.items() if name not in ("after", "customer_name", "item_name")
        ),
    }
    return render(request, "console/orders.html", context)


@needs("orders.view")
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One screen for what, when, where, why this price, why this date, who, what is paid, every document."""
    here = edge(request)
    page = queries.order_page(order_id, today=here.today)
    if page is None:
        raise Http404
    holds = [hold for hold in page.holds if hold.released_at is None]
    pegs: dict[UUID, list[Any]] = {}
    for peg in page.pegs:
        pegs.setdefault(peg.demand_id, []).append(peg)
    pieces: dict[UUID, list[Any]] = {}
    for piece in page.pieces:
        pieces.setdefault(piece.line_id, []).append(
            {"row": piece, "pegs": pegs.get(piece.id, []), "why": why(piece.promise)}
        )
    tracking: dict[UUID, list[Any]] = {}
    for event in page.tracking:
        tracking.setdefault(event.shipment_id, []).append(event)
    roles = request.user.roles
    context = {
        "page": page,
        "order": page.head,
        "holds": holds,
        "hold_reasons": HOLD_REASONS,
        "tracking_codes": TRACKING_CODES,
        "lines": [
            {"row": line, "pieces": pieces.get(line.id, []), "bars": waterfall(line.waterfall or [])}
            for line in page.lines
        ],
        "charges": [{"row": charge, "bars": waterfall(charge.waterfall or [])} for charge in page.charges],
        "shipments": [{"row": row, "events": tracking.get(row.id, [])} for row in page.shipments],
        "documents": [row for row in page.documents if may_open(roles, row.kind)],
        "failed": [step for step in page.steps if step.state == "failed"],
        "steps": steps_by_line(page.steps),
        "timeline": [happening(entry) for entry in page.journal],
        "open": sum((line.open for line in page.lines), Decimal(0)),
        "may": {name: may(roles, f"orders.{name}") for name in ("edit", "hold", "cancel")}
        | {
            "bill": may(roles, "billing.view"),
            "journal": may(roles, "journal.view"),
            "papers": may(roles, "documents.view"),
            "work": may(roles, "fulfilment.work"),
        },
    }
    return render(request, "console/order.html", context)


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
        (_("Supply picture"), promise.get("epoch")),
    ]
    candidates = promise.get("candidates") or {}
    return {
        "text": words.word(promise.get("why", "")),
        "facts": [(name, value) for name, value in facts if value not in (None, "")],
        "divided": promise.get("divided", False),
        "candidates": [(code, day_of(str(arrives or ""))) for code, arrives in candidates.items()],
        "could": [
            {
                **each,
                "ship_on": day_of(str(each.get("ship_on", ""))),
                "arrive_on": day_of(str(each.get("arrive_on", ""))),
            }
            for each in promise.get("could") or ()
        ],
    }


TOLD = (
    "step",
    "reason",
    "reason_code",
    "note",
    "number",
    "quantity",
    "sku",
    "site",
    "carrier",
    "tracking_number",
    "provider",
    "code",
    "why",
)


def happening(entry: Any) -> dict[str, Any]:
    """A journal entry as the timeline shows it: a word, and the few facts that people ask for."""
    text, icon, tone = words.VERBS.get(entry.verb, (words.word(entry.verb.replace(".", " ")), "circle", "rest"))
    change = entry.change
    facts = [words.word(change[key]) for key in TOLD if isinstance(change.get(key), str) and change[key]]
    amount = change.get("amount") or change.get("gross")
    if amount and change.get("currency"):
        facts.append(formats.money(Decimal(str(amount)), change["currency"]))
    return {
        "at": entry.at,
        "actor": entry.actor,
        "text": text,
        "icon": icon,
        "tone": tone,
        "facts": list(dict.fromkeys(facts)),
    }


@needs("orders.edit")
@require_POST
def submit(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Submit a draft: it is priced, promised and goes its way."""
    here = edge(request)
    tell(request, actions.submit([order_id], actor=here.actor, at=here.at), _("The order is submitted and on its way."))
    return redirect("console:order", order_id)


@needs("orders.hold")
@require_POST
def hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Stop the order before the warehouse, with a reason."""
    here = edge(request)
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "").strip()
    outcome = actions.hold(
        [order_id], reason if reason in HOLD_REASONS else "other", note, actor=here.actor, at=here.at
    )
    tell(request, outcome, _("The order is on hold. Nothing is released to a site until the hold is released."))
    return redirect("console:order", order_id)


@needs("orders.hold")
@require_POST
def release_hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Let the order go on."""
    here = edge(request)
    note = request.POST.get("note", "").strip()
    reason = request.POST.get("reason", "")
    outcome = actions.release_holds([order_id], reason, note, actor=here.actor, at=here.at)
    tell(request, outcome, _("The hold is released. The order goes on."))
    return redirect("console:order", order_id)


@needs("orders.cancel")
@require_POST
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Give up the order, or what is open of one line."""
    here = edge(request)
    line = ids([request.POST.get("line", "")])
    quantity = formats.parse_number(request.POST.get("quantity", "")) if line else None
    wish = Cancellation(order_id, line[0] if line else None, quantity, request.POST.get("reason", "").strip())
    tell(
        request,
        actions.cancel([wish], actor=here.actor, at=here.at),
        _("Cancelled. What was promised for it is free again."),
    )
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
