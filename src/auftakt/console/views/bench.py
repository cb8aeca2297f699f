"""The fulfilment bench of a site: its work in four stages, and each release with the one thing to do with it now."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.catalog.queries import item_names
from auftakt.console import formats, queries
from auftakt.console.outcomes import back_to, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.documents import actions as documents
from auftakt.fulfilment import actions
from auftakt.fulfilment import queries as fulfilment
from auftakt.fulfilment.types import TRACKING_CODES, Packing, ParcelDraft, Picked, Shipping, TrackingDraft

STAGES = ("release", "pick", "pack", "ship")
STATE_OF = {"pick": "released", "pack": "picked", "ship": "packed"}
CARRIERS = ("dhl", "ups", "dpd", "gls", "fedex", "pickup")
MORE_PARCELS = range(2, 9)


@needs("fulfilment.view")
def sites(request: HttpRequest) -> HttpResponse:
    """The sites with their work. Somebody who works at one site goes straight there."""
    here = edge(request)
    work = queries.site_work(today=here.today)
    own = request.user.site_code
    if own and "all" not in request.GET and any(site.code == own for site in work):
        return redirect("console:bench", own)
    return render(request, "console/sites.html", {"sites": work})


def site_or_404(code: str) -> Any:
    """The site that a page is about."""
    site = queries.site_by_code(code.replace("\0", ""))
    if site is None:
        raise Http404
    return site


@needs("fulfilment.view")
def bench(request: HttpRequest, code: str) -> HttpResponse:
    """One site's work in four stages."""
    here, site = edge(request), site_or_404(code)
    version = queries.bench_version(site.id)
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
        "here": "bench",
        "stage": stage,
        "today": here.today,
        "live": {"url": reverse("console:bench_live", args=[code]), "version": version, "page": ""},
        "stages": [
            (name, label, counts[name])
            for name, label in zip(STAGES, (_("Release"), _("Pick"), _("Pack"), _("Ship")), strict=True)
        ],
    }
    if stage == "release":
        context["lines"] = queries.to_release(site.id)
    else:
        context["work"] = queries.bench(site.id, STATE_OF[stage])
    if stage == "pick":
        context["waves"] = fulfilment.waves(site_id=site.id, state="open")
    return render(request, "console/bench.html", context)


@needs("fulfilment.view")
def live(request: HttpRequest, code: str) -> HttpResponse:
    """204 while the bench of a site is as the page shows it."""
    version = queries.bench_version(site_or_404(code).id)
    if version == request.GET.get("since", ""):
        return HttpResponse(status=204)
    return JsonResponse({"version": version, "told": _("There is news at this site.")})


@needs("fulfilment.view")
@require_POST
def find(request: HttpRequest, code: str) -> HttpResponse:
    """A code scanned at the bench leads to what it is: a release, a wave, a parcel's release, an item, a bin."""
    site = site_or_404(code)
    read = request.POST.get("code", "").replace("\0", "")[:120]
    found = {meaning.kind: meaning for meaning in fulfilment.codes([read], site.id).get(read, ())}
    if "release" in found:
        return redirect("console:release", found["release"].id)
    if "wave" in found:
        return redirect("console:wave", found["wave"].id)
    if "parcel" in found:
        release_id = fulfilment.release_of_parcel(found["parcel"].id)
        return redirect("console:release", release_id)
    if "bin" in found:
        place = found["bin"].word
        return redirect(reverse("console:counting", args=[code]) + f"?first={place}&last={place}")
    if "item" in found:
        return redirect("console:item", found["item"].word)
    messages.error(request, _("“%(code)s” is no release, wave, parcel, item or bin.") % {"code": read})
    return redirect(back_to(request, reverse("console:bench", args=[code])))


@needs("fulfilment.work")
@require_POST
def release(request: HttpRequest, code: str) -> HttpResponse:
    """Ask the site to do the ticked lines."""
    here = edge(request)
    chosen = ids(request.POST.getlist("line"))
    outcome = actions.release(chosen, actor=here.actor, at=here.at)
    tell(request, outcome, _("Released: %(count)s pick lists wait under Pick.") % {"count": len(set(outcome.done))})
    return redirect(reverse("console:bench", args=[code]) + ("?stage=pick" if outcome.done else "?stage=release"))


def release_or_404(release_id: UUID) -> Any:
    """The release that a page is about."""
    found = queries.release(release_id)
    if found is None:
        raise Http404
    return found


def to_release(request: HttpRequest, found: Any) -> HttpResponse:
    """Back to where the form came from, else to the release."""
    return redirect(back_to(request, reverse("console:release", args=[found.id])))


@needs("fulfilment.view")
def one(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """One release and the one thing to do with it now: pick, pack or ship it; then its papers and the next one."""
    found = release_or_404(release_id)
    page = fulfilment.release_page(release_id)
    picks = page.picks if page else ()
    context: dict[str, Any] = {
        "release": found,
        "site": {"code": found.site, "name": found.site_name},
        "today": edge(request).today,
        "picks": picks,
        "names": item_names({pick.item_id for pick in picks}, request.user.language),
        "parcels": page.parcels if page else (),
        "shipment": page.shipment if page else None,
        "weight": weight(picks),
        "more_parcels": MORE_PARCELS,
        "is_begun": any(pick.scanned or pick.short_reason for pick in picks),
    }
    if found.state == "packed":
        context["carriers"] = list(dict.fromkeys([*queries.carriers(found.site_id), *CARRIERS]))
    if found.state == "shipped":
        stages = (("packed", _("Ship the next")), ("picked", _("Pack the next")), ("released", _("Pick the next")))
        context["next"] = next(
            ((label, row) for state, label in stages if (row := queries.next_release(found.site_id, state))), None
        )
    return render(request, "console/release.html", context)


def weight(picks: Any) -> Decimal:
    """What the picked goods weigh by the catalog, in kg: the suggestion for a single parcel."""
    return sum((pick.picked * pick.weight_kg for pick in picks), Decimal(0)).quantize(Decimal("0.01"))


@needs("fulfilment.work")
@require_POST
def pick(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Book what was taken from the shelf. Less than asked for is a short pick: the rest is promised again."""
    here, found = edge(request), release_or_404(release_id)
    reason = request.POST.get("reason", "")
    picks: list[Picked] = []
    for pick_id, text in zip(ids(request.POST.getlist("pick")), request.POST.getlist("picked"), strict=False):
        number = formats.parse_number(text)
        if number is None:
            messages.error(request, _("“%(text)s” is not a number. Nothing was booked.") % {"text": text})
            return to_release(request, found)
        picks.append(Picked(pick_id, number, reason))
    outcome = actions.pick(picks, actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is picked.") % {"number": found.number})
    return to_release(request, found)


def _edge_mm(text: str) -> int | None:
    """A typed edge in cm, in whole mm; None when there is none."""
    number = formats.parse_number(text) if text.strip() else None
    return int(number * 10) if number is not None and number.is_finite() and abs(number) < 10_000 else None


def _parcels(request: HttpRequest) -> list[ParcelDraft] | str:
    """The parcels of the form, or the text that is no weight. Rows without a weight are left out."""
    data = request.POST
    edges = [data.getlist(name) for name in ("length", "width", "height")]
    parcels: list[ParcelDraft] = []
    for at, text in enumerate(data.getlist("weight")):
        if not text.strip():
            continue
        kilograms = formats.parse_number(text)
        if kilograms is None or kilograms <= 0:
            return text
        sizes = [_edge_mm(each[at]) if at < len(each) else None for each in edges]
        parcels.append(ParcelDraft(kilograms, *sizes))
    return parcels


@needs("fulfilment.work")
@require_POST
def pack(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Put the picked goods into parcels."""
    here, found = edge(request), release_or_404(release_id)
    parcels = _parcels(request)
    if isinstance(parcels, str):
        messages.error(request, _("“%(text)s” is not a weight in kg. Nothing was packed.") % {"text": parcels})
        return to_release(request, found)
    if not parcels:
        messages.error(request, _("Give the weight of at least one parcel."))
        return to_release(request, found)
    outcome = actions.pack([Packing(release_id, tuple(parcels))], actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is packed.") % {"number": found.number})
    return to_release(request, found)


@needs("fulfilment.work")
@require_POST
def ship(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Hand the parcels to the carrier."""
    here, found = edge(request), release_or_404(release_id)
    shipping = Shipping(
        release_id, request.POST.get("carrier", "").strip(), request.POST.get("tracking_number", "").strip()
    )
    outcome = actions.ship([shipping], actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is on its way. Stock and order are up to date.") % {"number": found.number})
    return to_release(request, found)


@needs("fulfilment.work")
@require_POST
def recall(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Take a release back that has not left: its lines can be released again."""
    here, found = edge(request), release_or_404(release_id)
    outcome = actions.recall([release_id], actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is taken back. Its lines can be released again.") % {"number": found.number})
    return redirect(back_to(request, reverse("console:bench", args=[found.site]) + "?stage=release"))


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
    """Pick list, packing slip or parcel labels of a release as PDF, in the user's or the customer's language."""
    found = release_or_404(release_id)
    sheet: Any
    if paper == "pick-list":
        sheet, template, language = fulfilment.pick_list_data(release_id), "pick_list", request.user.language
    elif paper == "packing-slip":
        sheet, template, language = fulfilment.slip_data(release_id), "packing_slip", found.language
    elif paper == "label":
        try:
            sheet = fulfilment.label_data(release_id)
        except ValueError:  # nothing is packed
            raise Http404 from None
        template, language = "parcel_label", request.user.language
    else:
        raise Http404
    answer = HttpResponse(documents.render(template, sheet, language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.number}-{paper}.pdf"'
    return answer
