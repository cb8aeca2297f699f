"""Replenishment: what is proposed to order and why, deciding on many, and beginning a run."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from auftakt.console import charts, formats, tables
from auftakt.console.findings import spoken
from auftakt.console.lists.replenish import ORDER_PAGES, PROPOSALS, kind_word
from auftakt.console.outcomes import edge, ids, said
from auftakt.console.permissions import needs
from auftakt.console.queries import replenish as reads
from auftakt.supply import actions, queries
from auftakt.supply.types import OPEN_PROPOSALS, ProposalFacts, RunDraft
from auftakt.values import Refusal

MOST = 1000
"""Proposals that are decided on at once."""
WEEKS = 8


@needs("supply.view")
def replenishment(request: HttpRequest) -> HttpResponse:
    """What is proposed, what waits for whom, and how the last run went."""
    context: dict[str, Any] = {}
    if not request.htmx or request.htmx.boosted or request.htmx.history_restore_request:
        found = reads.groups()
        context = {"run": reads.last_run(), "groups": found[: reads.GROUPS], "more": len(found) > reads.GROUPS}
    return tables.answer(request, PROPOSALS, template="console/replenishment.html", context=context)


@needs("supply.edit")
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Begin a run; its page shows how far it is."""
    here = edge(request)
    outcome = actions.run_replenishment([RunDraft(here.today)], actor=here.actor, at=here.at)
    if outcome.refused:
        messages.error(request, " ".join(said(outcome.refused)))
        return redirect("console:replenishment")
    return redirect("console:job", queries.runs(outcome.done)[0].job_id)


@needs("supply.view")
def proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """One proposal: how it came about, and what would be in stock without and with it."""
    found = next(iter(queries.proposals([proposal_id])), None)
    if found is None:
        raise Http404
    without, with_it, out_on = _projection(found, request)
    context = {
        "each": found,
        "chart": with_it,
        "chart_without": without,
        "out_on": out_on,
        "becomes": kind_word(found.kind),
        "order_page": ORDER_PAGES[found.kind],
        "is_open": found.state in OPEN_PROPOSALS,
        "least": found.quantity if found.quantity > rounded(found) else None,
        "rounded": rounded(found),
        "protects": found.lead_days + found.review_days,
    }
    return render(request, "console/proposal.html", context)


def rounded(found: ProposalFacts) -> Decimal:
    """What the source's minimum and multiple make of the missing quantity."""
    return queries.order_quantity(found.raw, found.minimum, found.multiple)


def _projection(found: ProposalFacts, request: HttpRequest) -> tuple[SafeString, SafeString, Any]:
    """Stock by the end of each day of the next weeks if demand goes on, without and with the proposal; the first day on
    which it would run out without it."""
    today = edge(request).today
    there, arrivals = Decimal(0), []
    for row in reads.coming(found.item_id, found.site_id):
        if row.available_on is None:
            there += row.quantity
        else:
            arrivals.append((max(0, (row.available_on - today).days), row.quantity))
    days = WEEKS * 7
    without = queries.projected(there, found.demand_per_day, arrivals, days)
    own = [(max(0, (found.due_on - today).days), found.quantity)] if found.state in OPEN_PROPOSALS else []
    levels = queries.projected(there, found.demand_per_day, [*arrivals, *own], days)
    out = next((today + timedelta(number) for number, level in enumerate(without) if level < 0), None)

    def drawn(values: Sequence[Decimal], key: str, title: str) -> SafeString:
        points = [
            charts.Point(
                label=formats.day_and_month(today + timedelta(number)),
                name=formats.short_day(today + timedelta(number)),
                value=max(Decimal(0), level),
                told=f"{formats.number(round(level, min(found.decimals, 6)))} {found.unit}",
            )
            for number, level in enumerate(values)
        ]
        return charts.steps(points, key=key, title=title)

    return (
        drawn(without, "without", _("Projected stock without it")),
        drawn(levels, "with", _("Projected stock with it")),
        out,
    )


def _chosen(request: HttpRequest) -> list[UUID]:
    if request.method != "POST":
        return list(dict.fromkeys(ids(request.GET.getlist("row"))))
    if "filter" in request.POST:
        return reads.proposal_ids(PROPOSALS.asked(QueryDict(request.POST["filter"]), limit=MOST + 1))
    return list(dict.fromkeys(ids(request.POST.getlist("row"))))


@needs("supply.edit")
def weigh(request: HttpRequest) -> HttpResponse:
    """The orders that would come of proposals, and what stands against it. Nothing is changed."""
    chosen = _chosen(request)
    if len(chosen) > MOST:
        text = _("That is more than %(count)s proposals: narrow the list first.")
        messages.error(request, text % {"count": formats.number(MOST)})
        return redirect("console:replenishment")
    found = [each for each in queries.proposals(chosen) if each.state in OPEN_PROPOSALS]
    if not found:
        messages.error(request, _("None of them waits for a decision: tick some that do."))
        return redirect("console:replenishment")
    groups: dict[Any, list[ProposalFacts]] = {}
    for each in found:
        single = each.id if each.kind == "work_order" else None
        groups.setdefault(
            (each.kind, each.supplier_number or each.from_site, each.site_code, each.currency, single), []
        ).append(each)
    orders = [_order(members) for members in groups.values()]
    small = sum(1 for each in orders if each["below"])
    return render(request, "console/proposals_weigh.html", {"orders": orders, "count": len(found), "small": small})


def _order(members: list[ProposalFacts]) -> dict[str, Any]:
    first = members[0]
    value = sum((each.value or Decimal(0) for each in members), Decimal(0))
    least = first.minimum_order
    return {
        "first": first,
        "becomes": kind_word(first.kind),
        "members": members,
        "value": value,
        "below": first.kind == "purchase" and least is not None and value < least,
        "unpriced": any(first.kind == "purchase" and each.unit_cost is None for each in members),
    }


@needs("supply.edit")
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Approve or reject what was shown; what could not be is told."""
    here = edge(request)
    chosen = list(dict.fromkeys(ids(request.POST.getlist("row"))))[:MOST]
    if request.POST.get("verb") == "reject":
        note = request.POST.get("note", "").replace("\0", "")[:300]
        outcome = actions.reject_proposals(chosen, note, actor=here.actor, at=here.at)
        count = len(outcome.done)
        text = ngettext("One proposal is rejected.", "%(n)s proposals are rejected.", count)
    else:
        below = request.POST.get("below_minimum") == "on"
        outcome = actions.approve_proposals(chosen, below_minimum=below, actor=here.actor, at=here.at)
        count = len(outcome.done)
        text = ngettext("One proposal is released.", "%(n)s proposals are released.", count)
    if count:
        messages.success(request, text % {"n": formats.number(count)})
    _complain(request, outcome.refused)
    if len(chosen) == 1:
        return redirect("console:proposal", chosen[0])
    return redirect("console:replenishment")


def _complain(request: HttpRequest, refused: Sequence[Refusal]) -> None:
    told = list(dict.fromkeys(spoken(finding) for refusal in refused for finding in refusal.findings))
    for text in told[:5]:
        messages.error(request, text)
