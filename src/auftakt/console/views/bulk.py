"""One thing done with many orders: what would happen is shown first, then a job does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auftakt.channels import printing
from auftakt.console import formats
from auftakt.console.findings import spoken
from auftakt.console.lists.orders import ORDERS
from auftakt.console.outcomes import edge, ids
from auftakt.console.permissions import needs
from auftakt.console.queries.orders_list import Reader
from auftakt.console.views.order import HOLD_REASONS
from auftakt.orders import queries as orders
from auftakt.orders.types import REPROMISE_SCOPES, OrderStanding
from auftakt.platform import jobs
from auftakt.platform.jobs import JobDraft, RowDraft
from auftakt.values import Finding

SHOWN = 8
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done with many orders. `choice` names the field that decides more (a reason, a scope)."""

    name: str
    kind: str
    title: Any
    confirm: Any
    icon: str
    lead: Any
    choice: str = ""
    options: tuple[str, ...] = ()
    note: Any = ""
    tone: str = "main"
    most: int = 0


HOLD = Action(
    "hold",
    "orders.hold",
    gettext_lazy("Put orders on hold"),
    gettext_lazy("Hold %(count)s"),
    "pause",
    gettext_lazy("Nothing of a held order is released to a site until the hold is released."),
    "reason",
    HOLD_REASONS,
    gettext_lazy("Note"),
)
RELEASE = Action(
    "release",
    "orders.release",
    gettext_lazy("Release holds"),
    gettext_lazy("Release %(count)s"),
    "play",
    gettext_lazy("The orders go on as far as they can."),
    "reason",
    ("", *HOLD_REASONS),
    gettext_lazy("Note"),
)
CANCEL = Action(
    "cancel",
    "orders.cancel",
    gettext_lazy("Cancel orders"),
    gettext_lazy("Cancel %(count)s"),
    "close",
    gettext_lazy("What is open of them is given up and its supply is free again. What is with a site stays."),
    note=gettext_lazy("Reason"),
    tone="bad",
)
REPROMISE = Action(
    "repromise",
    "orders.repromise",
    gettext_lazy("Promise orders anew"),
    gettext_lazy("Promise %(count)s anew"),
    "calendar",
    gettext_lazy("Lines are promised from the supply there is now. No line loses the date it has."),
    "scope",
    REPROMISE_SCOPES,
)
PRINT = Action(
    "print",
    printing.PRINT.name,
    gettext_lazy("Print order confirmations"),
    gettext_lazy("Print %(count)s"),
    "print",
    gettext_lazy("One PDF with all of them, each in its customer's language. They are put on file, too."),
    most=printing.MOST,
)
SCOPES: Mapping[str, Any] = {
    "dateless": gettext_lazy("Lines without a date"),
    "late": gettext_lazy("Lines without a date or later than wished"),
    "all": gettext_lazy("All open lines"),
}
ALL_HOLDS = gettext_lazy("Every hold")


@dataclass(slots=True)
class Foreseen:
    """What would happen: the orders that may, and the others by the reason why not."""

    possible: list[OrderStanding] = field(default_factory=list[OrderStanding])
    barred: dict[str, list[tuple[OrderStanding, Finding]]] = field(default_factory=dict)


@needs("orders.hold")
def hold(request: HttpRequest) -> HttpResponse:
    """Put many orders on hold."""
    return _answer(request, HOLD)


@needs("orders.hold")
def release(request: HttpRequest) -> HttpResponse:
    """Release holds of many orders."""
    return _answer(request, RELEASE)


@needs("orders.cancel")
def cancel(request: HttpRequest) -> HttpResponse:
    """Cancel many orders."""
    return _answer(request, CANCEL)


@needs("orders.edit")
def repromise(request: HttpRequest) -> HttpResponse:
    """Promise many orders anew."""
    return _answer(request, REPROMISE)


@needs("documents.view")
def printed(request: HttpRequest) -> HttpResponse:
    """Print the confirmations of many orders as one paper."""
    return _answer(request, PRINT)


def _answer(request: HttpRequest, action: Action) -> HttpResponse:
    """What would happen; with `confirm`, the job that does it. A list that changed meanwhile is shown again first.

    The page has no address of its own: who comes back to it without its list is sent to the list.
    """
    if request.method != "POST":
        return redirect("console:orders")
    most = action.most or settings.AUFTAKT_BULK_LIMIT
    chosen = chosen_orders(request, most + 1)
    if not chosen:
        messages.error(request, _("No order was chosen: tick some in the list first."))
        return redirect("console:orders")
    if len(chosen) > most:
        text = _("That is more than %(count)s orders: narrow the list first.")
        messages.error(request, text % {"count": formats.number(most)})
        return redirect("console:orders")
    choice = _choice(request, action)
    foreseen = foresee(action.name, chosen, choice)
    seal = _seal(chosen)
    changed = "confirm" in request.POST and request.POST.get("seal") != seal
    if "confirm" in request.POST and not changed and foreseen.possible:
        return redirect("console:job", _ask(request, action, foreseen, choice))
    context = {
        "action": action,
        "choice": choice,
        "options": [(code, _option(action, code)) for code in action.options],
        "note": request.POST.get("note", "")[:300],
        "possible": foreseen.possible,
        "shown": foreseen.possible[:SHOWN],
        "more": len(foreseen.possible) - SHOWN,
        "barred": [_group(rows) for rows in sorted(foreseen.barred.values(), key=len, reverse=True)],
        "chosen": len(chosen),
        "begun": sum(1 for each in foreseen.possible if each.is_begun) if action is CANCEL else 0,
        "confirm": str(action.confirm) % {"count": formats.number(len(foreseen.possible))},
        "changed": changed,
        "seal": seal,
        "rows": request.POST.getlist("row") if "filter" not in request.POST else [],
        "filter": request.POST.get("filter"),
    }
    return render(request, "console/bulk.html", context)


def chosen_orders(request: HttpRequest, most: int) -> list[UUID]:
    """The orders of a posted list: the ticked ones, or all that match its `filter`; not many more than `most`."""
    if "filter" not in request.POST:
        return list(dict.fromkeys(ids(request.POST.getlist("row"))))[:most]
    here = edge(request)
    return Reader(here.actor, here.today).ids(ORDERS.asked(QueryDict(request.POST["filter"])), most)


def foresee(action: str, chosen: Sequence[UUID], choice: str) -> Foreseen:
    """Which of the orders may, and which not and why. One statement; nothing is changed."""
    found = Foreseen()
    place = {key: at for at, key in enumerate(chosen)}
    for standing in sorted(orders.standings(chosen), key=lambda each: place[each.id]):
        finding = orders.bulk_finding(action, standing, choice)
        if finding is None:
            found.possible.append(standing)
        else:
            found.barred.setdefault(finding.code, []).append((standing, finding))
    return found


def _choice(request: HttpRequest, action: Action) -> str:
    wished = request.POST.get(action.choice, "") if action.choice else ""
    return wished if wished in action.options else action.options[0] if action.options else ""


def _option(action: Action, code: str) -> Any:
    if action is REPROMISE:
        return SCOPES[code]
    return code or ALL_HOLDS


def _group(rows: Sequence[tuple[OrderStanding, Finding]]) -> dict[str, Any]:
    return {
        "text": REASONS.get(rows[0][1].code) or spoken(rows[0][1]),
        "count": len(rows),
        "examples": [standing for standing, _finding in rows[:EXAMPLES]],
        "more": max(0, len(rows) - EXAMPLES),
    }


REASONS: Mapping[str, Any] = {
    "order_ended": gettext_lazy("Closed or cancelled: nothing can be done with them any more"),
    "already_held": gettext_lazy("On hold for this reason already"),
    "not_held": gettext_lazy("No such hold is in force"),
    "nothing_open": gettext_lazy("Nothing is open any more: with the warehouse, or gone"),
    "order_not_submitted": gettext_lazy("Still a draft"),
    "nothing_to_promise": gettext_lazy("No line needs a new date"),
}


def _ask(request: HttpRequest, action: Action, foreseen: Foreseen, choice: str) -> UUID:
    here = edge(request)
    told: dict[str, str] = {"note": request.POST.get("note", "").replace("\0", "").strip()[:300]}
    if action.choice:
        told[action.choice] = choice
    rows = [RowDraft(str(each.id), each.number) for each in foreseen.possible]
    draft = JobDraft(action.kind, told, {name: value for name, value in told.items() if value}, rows)
    return jobs.ask([draft], actor=here.actor, at=here.at).one()


def _seal(chosen: Sequence[UUID]) -> str:
    """A mark of exactly these orders: what is confirmed is what was shown."""
    return sha256(b"".join(sorted(key.bytes for key in chosen))).hexdigest()[:32]
