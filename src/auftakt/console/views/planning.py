"""The planner's bench: what is in jeopardy, how else it could be served, and taking what was chosen."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.console import formats, tables
from auftakt.console.findings import spoken
from auftakt.console.lists.planning import DEMAND, SUPPLY, TITLES, narrowed
from auftakt.console.outcomes import edge, ids
from auftakt.console.permissions import needs
from auftakt.console.queries import planning as reads
from auftakt.orders import actions
from auftakt.orders import queries as orders
from auftakt.orders.types import Alternative, Choice, Weighed
from auftakt.promising.queries import picture_state

MOST = 100
"""Lines that are weighed at once."""
_SALT = "auftakt.planning"
KINDS = {
    "soonest": gettext_lazy("Promise anew"),
    "whole": gettext_lazy("All at once"),
    "split": gettext_lazy("In parts"),
    "same_site": gettext_lazy("Later from the same site"),
    "other_site": gettext_lazy("From another site"),
    "substitute": gettext_lazy("Substitute"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An alternative as the page shows it. `token` is what is posted when it is chosen; empty where it cannot be."""

    title: Any
    made: Alternative
    token: str
    gained: int | None
    dearer: Decimal | None
    is_best: bool


@needs("orders.view")
def planning(request: HttpRequest) -> HttpResponse:
    """Demand in jeopardy, and how it is spread."""
    context: dict[str, Any] = {}
    if not request.htmx or request.htmx.boosted or request.htmx.history_restore_request:
        total, found = reads.summaries(edge(request).today)
        context = {
            "total": total, "capped": total >= reads.MANY, "summaries": [_summary(each) for each in found],
            "picture": picture_state(),
        }  # fmt: skip
    return tables.answer(request, DEMAND, template="console/planning.html", context=context)


def _summary(summary: reads.Summary) -> dict[str, Any]:
    shares = [(share, narrowed(summary.by, share)) for share in summary.shares]
    return {
        "title": TITLES[summary.by],
        "by": summary.by,
        "shares": shares,
        "rest": summary.rest,
        "others": summary.others,
    }


@needs("supply.view")
def supply(request: HttpRequest) -> HttpResponse:
    """Expected supply in jeopardy, and the lines that are hit."""
    return tables.answer(request, SUPPLY, template="console/planning_supply.html")


@needs("orders.view")
def weigh(request: HttpRequest) -> HttpResponse:
    """How else lines could be served: ticked ones, all that match, or one. Nothing is changed."""
    chosen = _chosen(request)
    if len(chosen) > MOST:
        text = _("That is more than %(count)s lines: narrow the list first.")
        messages.error(request, text % {"count": formats.number(MOST)})
        return redirect("console:planning")
    here = edge(request)
    weighed = orders.weigh(chosen, on=here.at.date(), at=here.at) if chosen else []
    if not weighed:
        messages.error(request, _("No open line was chosen: tick some in the list first."))
        return redirect("console:planning")
    cases = [{"case": each, "offers": _offers(each)} for each in weighed if each.alternatives]
    stuck = [each for each in weighed if not each.alternatives]
    advised = sum(1 for each in weighed if each.best is not None)
    return render(request, "console/planning_weigh.html", {"cases": cases, "stuck": stuck, "advised": advised})


@needs("planning.work")
@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Take what was chosen, each line as it was shown or not at all; what became of each is shown."""
    told = [found for name, text in request.POST.items() if name.startswith("choice-") and (found := _read(text))]
    if not told:
        messages.error(request, _("Nothing was chosen: choose an alternative first."))
        return redirect("console:planning")
    here = edge(request)
    outcome = actions.replan([choice for choice, _facts in told[:MOST]], actor=here.actor, at=here.at)
    wrong = {refusal.subject: refusal for refusal in outcome.refused}
    rows = [
        {
            "choice": choice,
            "facts": facts,
            "title": KINDS[choice.kind],
            "refused": [spoken(each) for each in wrong[key].findings]
            if (key := str(choice.fulfilment_line_id)) in wrong
            else [],
        }
        for choice, facts in told[:MOST]
    ]
    rows.sort(key=lambda row: not row["refused"])
    again = [refusal.subject for refusal in outcome.refused if refusal.transient]
    context = {"rows": rows, "done": len(outcome.done), "refused": len(outcome.refused), "again": again}
    return render(request, "console/planning_done.html", context)


def _chosen(request: HttpRequest) -> list[UUID]:
    if request.method != "POST":
        return list(dict.fromkeys(ids(request.GET.getlist("row"))))
    if "filter" not in request.POST:
        return list(dict.fromkeys(ids(request.POST.getlist("row"))))
    return reads.demand_ids(DEMAND.asked(QueryDict(request.POST["filter"]), limit=MOST + 1))


def _offers(each: Weighed) -> list[Offer]:
    return [_offer(each, made, place == each.best) for place, made in enumerate(each.alternatives)]


def _offer(each: Weighed, made: Alternative, is_best: bool) -> Offer:
    known = None if each.is_overdue else each.comes_on
    dearer = made.cost - each.cost if made.cost is not None and each.cost is not None else None
    gained = (known - made.arrive_on).days if known else None
    token = signing.dumps(_facts(each, made), salt=_SALT, compress=True) if made.is_given else ""
    return Offer(KINDS[made.kind], made, token, gained, dearer, is_best)


def _facts(each: Weighed, made: Alternative) -> dict[str, Any]:
    """A choice as it travels, with what tells people which it was."""
    return {
        "line": str(each.line.id),
        "seen": each.seen,
        "on": made.arrive_on.isoformat(),
        "pieces": len(made.pieces),
        "kind": made.kind,
        "site": str(made.site_id) if made.site_id else "",
        "dates": made.split_dates,
        "sites": made.split_sites,
        "order": str(each.order.id),
        "number": each.order.number,
        "customer": each.customer_name,
        "sku": each.line.sku,
        "was": each.line.arrive_on.isoformat() if each.line.arrive_on else "",
        "from": ", ".join(dict.fromkeys(piece.site_code for piece in made.pieces)),
    }


def _read(text: str) -> tuple[Choice, dict[str, Any]] | None:
    """A choice that we sealed; None for anything else."""
    try:
        told = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    choice = Choice(
        UUID(told["line"]), told["seen"], date.fromisoformat(told["on"]), told["pieces"], told["kind"],
        UUID(told["site"]) if told["site"] else None, told["dates"], told["sites"],
    )  # fmt: skip
    return choice, {**told, "on": choice.arrive_on, "was": date.fromisoformat(told["was"]) if told["was"] else None}
