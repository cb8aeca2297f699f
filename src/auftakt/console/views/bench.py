"""The fulfilment bench of a site: release, pick, pack, ship."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.console import formats, queries
from auftakt.console.outcomes import back_to, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.documents import actions as documents
from auftakt.fulfilment import actions
from auftakt.fulfilment import queries as fulfilment
from auftakt.fulfilment.types import TRACKING_CODES, Packing, ParcelDraft, Picked, Shipping, TrackingDraft
from auftakt.identity.queries import may

STAGES = ("release", "pick", "pack", "ship")
STATE_OF = {"pick": "released", "pack": "picked", "ship": "packed"}
CARRIERS = ("dhl", "ups", "dpd", "gls", "fedex", "pickup")


@needs("fulfilment.view")
def sites(request: HttpRequest) -> HttpResponse:
    """The sites with their work. Somebody who works at one site goes straight there."""
    here = edge(request)
    work = queries.site_work(today=here.today)
    own = request.user.site_code
    if own and "all" not in request.GET and any(site.code == own for site in work):
        return redirect("console:bench", own)
    return render(request, "console/sites.html", {"sites": work})


@needs("fulfilment.view")
def bench(request: HttpRequest, code: str) -> HttpResponse:
    """One site's work in four stages."""
    here = edge(request)
    site = queries.site_by_code(code)
    if site is None:
        raise Http404
    work = next((row for row in queries.site_work(today=here.today) if row.code == code), None)
    counts = (
        {"release": work.to_release, "pick": work.to_pick, "pack": work.to_pack, "ship": work.to_ship}
        if work
        else dict.fromkeys(STAGES, 0)
    )
    stage = request.GET.get("stage", "")
    if stage not in STAGES:
        stage = next((name for name in ("pick", "pack", "ship", "release") if counts[name]), "release")
    context: dict[str, Any] = {
        "site": site,
        "stage": stage,
        "today": here.today,
        "may_work": may(request.user.roles, "fulfilment.work"),
        "stages": [
            (name, label, counts[name])
            for name, label in zip(STAGES, (_("Release"), _("Pick"), _("Pack"), _("Ship")), strict=True)
        ],
    }
    if stage == "release":
        context["lines"] = queries.to_release(site.id)
    else:
        context["work"] = queries.bench(site.id, STATE_OF[stage])
        for each in context["work"]:
            each["weight"] = weight(each["picks"])
    if stage == "ship":
        context["carriers"] = list(dict.fromkeys([*queries.carriers(site.id), *CARRIERS]))
    return render(request, "console/bench.html", context)


def weight(picks: list[Any]) -> Decimal:
    """What the picked goods weigh by the catalog, in kg: the suggestion for a single parcel."""
    return sum((pick.picked * pick.weight_kg for pick in picks), Decimal(0)).quantize(Decimal("0.01"))


@needs("fulfilment.work")
@require_POST
def release(request: HttpRequest, code: str) -> HttpResponse:
    """Ask the site to do the ticked lines."""
    here = edge(request)
    chosen = ids(request.POST.getlist("line"))
    outcome = actions.release(chosen, actor=here.actor, at=here.at)
    tell(request, outcome, _("Released: %(count)s pick lists wait under Pick.") % {"count": len(set(outcome.done))})
    return redirect(reverse("console:bench", args=[code]) + ("?stage=pick" if outcome.done else "?stage=release"))


def _release(release_id: UUID) -> Any:
    found = queries.release(release_id)
    if found is None:
        raise Http404
    return found


def _to(request: HttpRequest, found: Any, stage: str) -> HttpResponse:
    return redirect(back_to(request, reverse("console:bench", args=[found.site]) + f"?stage={stage}"))


@needs("fulfilment.work")
@require_POST
def pick(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Book what was taken from the shelf. Less than asked for is a short pick: the rest is promised again."""
    here, found = edge(request), _release(release_id)
    picks: list[Picked] = []
    for pick_id, text in zip(ids(request.POST.getlist("pick")), request.POST.getlist("picked"), strict=False):
        number = formats.parse_number(text)
        if number is None:
            messages.error(request, _("“%(text)s” is not a number. Nothing was booked.") % {"text": text})
            return _to(request, found, "pick")
        picks.append(Picked(pick_id, number))
    outcome = actions.pick(picks, actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is picked.") % {"number": found.number})
    return _to(request, found, "pick")


@needs("fulfilment.work")
@require_POST
def pack(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Put the picked goods into parcels."""
    here, found = edge(request), _release(release_id)
    parcels: list[ParcelDraft] = []
    for text in request.POST.getlist("weight"):
        kilograms = formats.parse_number(text) if text.strip() else None
        if text.strip() and (kilograms is None or kilograms <= 0):
            messages.error(request, _("“%(text)s” is not a weight in kg. Nothing was packed.") % {"text": text})
            return _to(request, found, "pack")
        if kilograms:
            parcels.append(ParcelDraft(weight_kg=kilograms))
    if not parcels:
        messages.error(request, _("Give the weight of at least one parcel."))
        return _to(request, found, "pack")
    outcome = actions.pack([Packing(release_id, tuple(parcels))], actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is packed.") % {"number": found.number})
    return _to(request, found, "pack")


@needs("fulfilment.work")
@require_POST
def ship(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Hand the parcels to the carrier."""
    here, found = edge(request), _release(release_id)
    shipping = Shipping(
        release_id, request.POST.get("carrier", "").strip(), request.POST.get("tracking_number", "").strip()
    )
    outcome = actions.ship([shipping], actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is on its way. Stock and order are up to date.") % {"number": found.number})
    return _to(request, found, "ship")


@needs("fulfilment.work")
@require_POST
def recall(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Take a release back that has not left: its lines can be released again."""
    here, found = edge(request), _release(release_id)
    outcome = actions.recall([release_id], actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is taken back. Its lines can be released again.") % {"number": found.number})
    return _to(request, found, "release")


@needs("fulfilment.work")
@require_POST
def perform(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """A service has been performed, or what is bought when ordered has been handed over."""
    here = edge(request)
    outcome = actions.perform(ids(request.POST.getlist("piece")), actor=here.actor, at=here.at)
    tell(request, outcome, _("Performed. The invoice follows by itself."))
    return redirect("console:order", order_id)


@needs("fulfilment.work")
@require_POST
def track(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """Write down what the carrier said of a shipment."""
    here = edge(request)
    code = request.POST.get("code", "")
    event = TrackingDraft(
        code if code in TRACKING_CODES else "",
        here.at,
        shipment_id=shipment_id,
        place=request.POST.get("place", "").strip()[:120],
        text=request.POST.get("text", "").strip()[:300],
    )
    tell(request, actions.track([event], actor=here.actor, at=here.at), _("The carrier's report is written down."))
    return redirect(back_to(request, "/console/orders/"))


@needs("fulfilment.view")
def paper(request: HttpRequest, release_id: UUID, paper: str) -> HttpResponse:
    """Pick list or packing slip of a release as PDF, in the user's or the customer's language."""
    found = _release(release_id)
    if paper == "pick-list":
        sheet, template, language = fulfilment.pick_list_data(release_id), "pick_list", request.user.language
    elif paper == "packing-slip":
        sheet, template, language = fulfilment.slip_data(release_id), "packing_slip", found.language
    else:
        raise Http404
    answer = HttpResponse(documents.render(template, sheet, language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.number}-{paper}.pdf"'
    return answer
