"""Waves, and the walk past the shelves: one pick at a time, told by scanning or by hand."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.catalog.queries import item_names
from auftakt.console import formats, queries
from auftakt.console.findings import spoken
from auftakt.console.outcomes import edge, ids, said, tell
from auftakt.console.permissions import needs
from auftakt.console.queries.billing import today
from auftakt.console.views.bench import release_or_404, site_or_404
from auftakt.fulfilment import actions
from auftakt.fulfilment import queries as fulfilment
from auftakt.fulfilment.types import (
    LARGEST_WAVE,
    SHORT_REASONS,
    ScanDraft,
    Scanned,
    Shortage,
    WalkStep,
    WaveDraft,
)
from auftakt.values import Outcome

USUAL_SIZE = 8
SIZES = (4, 8, 12, 20)


@needs("fulfilment.view")
def waves(request: HttpRequest, code: str) -> HttpResponse:
    """The open waves of a site, good new ones, and releases to choose from."""
    site = site_or_404(code)
    wished = request.GET.get("size", "")
    size = int(wished) if wished.isascii() and wished.isdigit() and 2 <= int(wished) <= LARGEST_WAVE else USUAL_SIZE
    candidates = fulfilment.wave_candidates(site.id)
    context = {
        "site": site,
        "here": "waves",
        "today": edge(request).today,
        "waves": fulfilment.waves(site_id=site.id, state="open"),
        "suggestions": fulfilment.wave_suggestions(candidates, size=size),
        "candidates": candidates,
        "size": size,
        "sizes": sorted({*SIZES, size}),
        "most": LARGEST_WAVE,
    }
    return render(request, "console/waves.html", context)


@needs("fulfilment.work")
@require_POST
def create(request: HttpRequest, code: str) -> HttpResponse:
    """Put releases together to be picked in one walk."""
    here, site = edge(request), site_or_404(code)
    chosen = tuple(ids(request.POST.getlist("release")))
    outcome = actions.create_waves([WaveDraft(site.id, chosen)], actor=here.actor, at=here.at)
    if tell(request, outcome, _("The wave is made. Give each release the tote with its number.")):
        return redirect("console:wave", outcome.one())
    return redirect("console:waves", code)


def wave_or_404(wave_id: UUID) -> Any:
    """The wave that a page is about."""
    found = fulfilment.waves(ids=[wave_id])
    if not found:
        raise Http404
    return found[0]


@needs("fulfilment.view")
def wave(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """A wave: its totes, and what is taken from which bin in all."""
    found = wave_or_404(wave_id)
    steps = fulfilment.steps_of(wave_ids=[wave_id])
    releases = queries.wave_releases(wave_id)
    context = {
        "wave": found,
        "site": {"code": found.site_code},
        "today": edge(request).today,
        "releases": releases,
        "to_pack": next((row for row in releases if row.state == "picked"), None),
        "stops": stops(steps),
        "names": item_names({step.item_id for step in steps}, request.user.language),
        "is_begun": any(step.scanned or step.short_reason for step in steps),
    }
    return render(request, "console/wave.html", context)


def stops(steps: Sequence[WalkStep]) -> list[dict[str, Any]]:
    """What is taken from a bin in all, and for which totes."""
    found: dict[tuple[str, UUID], dict[str, Any]] = {}
    for step in steps:
        key = (step.bin, step.item_id)
        stop = found.setdefault(key, {"step": step, "quantity": Decimal(0), "scanned": Decimal(0), "totes": []})
        stop["quantity"] += step.quantity
        stop["scanned"] += step.scanned
        stop["totes"].append(step)
    return list(found.values())


@needs("fulfilment.work")
@require_POST
def disband(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """Take a wave apart."""
    here, found = edge(request), wave_or_404(wave_id)
    tell(
        request,
        actions.disband([wave_id], actor=here.actor, at=here.at),
        _("%(number)s is taken apart. Its releases are picked one by one.") % {"number": found.number},
    )
    return redirect("console:waves", found.site_code)


class _Walk:
    """A walk for one release or one wave: its address, its steps, and the one that is looked at."""

    def __init__(self, request: HttpRequest, *, release_id: UUID | None = None, wave_id: UUID | None = None) -> None:
        self.request, self.release_id, self.wave_id = request, release_id, wave_id
        kind, key = ("release", release_id) if release_id else ("wave", wave_id)
        found = release_or_404(key) if kind == "release" else wave_or_404(key)  # type: ignore[arg-type]
        self.number = found.number
        self.site = found.site if kind == "release" else found.site_code
        self.urls = {name: reverse(f"console:{kind}_{name}", args=[key]) for name in ("walk", "scan", "book", "undo")}
        self.urls["page"] = reverse(f"console:{kind}", args=[key])

    def steps(self) -> list[WalkStep]:
        """What is still to be picked of it, in the order of the bins."""
        releases = [self.release_id] if self.release_id else []
        found = fulfilment.steps_of(release_ids=releases, wave_ids=[self.wave_id] if self.wave_id else [])
        return [step for step in found if step.release_state == "released"]

    def context(self, wished: str, told: str = "", tone: str = "") -> dict[str, Any]:
        """What the screen shows. `wished` is the pick to look at; without one it is the first that wants something."""
        steps = self.steps()
        current = next((step for step in steps if str(step.pick_id) == wished), None)
        if current is None:
            current = next((step for step in steps if not step.is_done), None)
        place = steps.index(current) if current else -1
        done = sum(step.is_done for step in steps)
        return {
            "walk": self,
            "steps": steps,
            "step": current,
            "proposed": fulfilment.lots_to_take(current, today()) if current else [],
            "place": place + 1,
            "count": len(steps),
            "done": done,
            "short": [step for step in steps if step.short_reason and step.missing > 0],
            "name": item_names([current.item_id], self.request.user.language).get(current.item_id, current.name)
            if current
            else "",
            "before": steps[place - 1] if place > 0 else None,
            "after": steps[place + 1] if current and place + 1 < len(steps) else None,
            "last": fulfilment.last_scan([step.pick_id for step in steps]) if steps else None,
            "reasons": SHORT_REASONS,
            "scan_id": uuid4(),
            "told": told,
            "tone": tone,
        }


def _page(request: HttpRequest, walk: _Walk) -> HttpResponse:
    context = walk.context(request.GET.get("pick", ""))
    if not context["steps"]:
        return redirect(walk.urls["page"])
    return render(request, "console/walk.html", context)


@needs("fulfilment.work")
def release_walk(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """The walk for one release."""
    return _page(request, _Walk(request, release_id=release_id))


@needs("fulfilment.work")
def wave_walk(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """The walk for a wave."""
    return _page(request, _Walk(request, wave_id=wave_id))


def _uuid(text: str) -> UUID | None:
    found = ids([text])
    return found[0] if found else None


def _answer(request: HttpRequest, walk: _Walk, told: str, tone: str, wished: str = "") -> HttpResponse:
    """For the script the screen anew with what is said and sounded; without it a page that says it."""
    if request.headers.get("X-Scan"):
        context = walk.context(wished, told, tone)
        page = render_to_string("console/parts/walk_step.html", context, request)
        done = "done" if tone == "ok" and context["step"] is None else tone
        return JsonResponse({"tone": done, "told": told, "html": page})
    if told:
        (messages.error if tone == "bad" else messages.success)(request, told)
    return redirect(walk.urls["walk"] + (f"?pick={wished}" if wished else ""))


def _told(taken: Scanned, name: str) -> str:
    step = taken.step
    if taken.kind == "bin":
        return _("Right bin: %(bin)s.") % {"bin": step.bin}
    if taken.kind == "release":
        return _("Right tote: %(release)s.") % {"release": step.release_number}
    facts: Mapping[str, Any] = {
        "scanned": formats.number(step.scanned),
        "asked": formats.number(step.quantity),
        "item": name,
        "tote": step.tote,
    }
    if step.tote:
        return _("%(scanned)s of %(asked)s: %(item)s into tote %(tote)s.") % facts
    return _("%(scanned)s of %(asked)s: %(item)s.") % facts


def _scan(request: HttpRequest, walk: _Walk) -> HttpResponse:
    here, data = edge(request), request.POST
    text = data.get("quantity", "").strip()
    quantity = formats.parse_number(text) if text else Decimal(1)
    aim = _uuid(data.get("pick", ""))
    if quantity is None:
        return _answer(request, walk, _("“%(text)s” is not a number. Nothing was booked.") % {"text": text}, "bad")
    draft = ScanDraft(
        _uuid(data.get("scan", "")) or uuid4(), data.get("code", "").replace("\0", "")[:200],
        walk.release_id, walk.wave_id, aim, quantity,
    )  # fmt: skip
    outcome = actions.scan([draft], actor=here.actor, at=here.at)
    if outcome.refused:
        told = " ".join(spoken(finding) for finding in outcome.refused[0].findings)
        return _answer(request, walk, told, "bad", str(aim or ""))
    taken = outcome.done[0]
    names = item_names([taken.step.item_id], request.user.language)
    told = _told(taken, names.get(taken.step.item_id, taken.step.name))
    return _answer(request, walk, told, "ok", "" if taken.step.is_done else str(taken.step.pick_id))


@needs("fulfilment.work")
@require_POST
def release_scan(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """A code is scanned on the walk for a release, or a quantity told by hand."""
    return _scan(request, _Walk(request, release_id=release_id))


@needs("fulfilment.work")
@require_POST
def wave_scan(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """A code is scanned on the walk for a wave, or a quantity told by hand."""
    return _scan(request, _Walk(request, wave_id=wave_id))


def _undo(request: HttpRequest, walk: _Walk) -> HttpResponse:
    """Take the last scan back, or say of a pick that it will be found after all."""
    here, data = edge(request), request.POST
    found: list[Shortage] = [Shortage(key, "") for key in ids(data.getlist("found"))]
    outcome: Outcome[Any]
    if found:
        outcome = actions.mark_short(found, actor=here.actor, at=here.at)
        wished = str(found[0].pick_id)
        told = _("It is looked for again.")
    else:
        outcome = actions.unscan(ids([data.get("scan", "")]), actor=here.actor, at=here.at)
        wished = str(outcome.done[0].step.pick_id) if outcome.done else ""
        told = _("Taken back: put it on the shelf again.")
    if outcome.refused or not outcome.done:
        return _answer(request, walk, " ".join(said(outcome.refused)) or _("There is nothing to take back."), "bad")
    return _answer(request, walk, told, "ok", wished)


@needs("fulfilment.work")
@require_POST
def release_undo(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """Take the last scan of a release's walk back."""
    return _undo(request, _Walk(request, release_id=release_id))


@needs("fulfilment.work")
@require_POST
def wave_undo(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """Take the last scan of a wave's walk back."""
    return _undo(request, _Walk(request, wave_id=wave_id))


@needs("fulfilment.work")
@require_POST
def short(request: HttpRequest, pick_id: UUID) -> HttpResponse:
    """The rest of a pick is not there, is damaged or expired."""
    here, data = edge(request), request.POST
    wave_id, release_id = _uuid(data.get("wave", "")), _uuid(data.get("release", ""))
    if wave_id is None and release_id is None:
        raise Http404
    walk = _Walk(request, wave_id=wave_id) if wave_id else _Walk(request, release_id=release_id)
    shortage = Shortage(pick_id, data.get("reason", "") or "not_found")
    outcome = actions.mark_short([shortage], actor=here.actor, at=here.at)
    if outcome.refused:
        return _answer(request, walk, " ".join(said(outcome.refused)), "bad", str(pick_id))
    return _answer(request, walk, _("Written down. The rest is promised again when you finish."), "ok")


def _book(request: HttpRequest, walk: _Walk) -> HttpResponse:
    here = edge(request)
    releases = list(dict.fromkeys(step.release_id for step in walk.steps()))
    outcome = actions.pick_scanned(releases, actor=here.actor, at=here.at)
    tell(request, outcome, _("%(number)s is picked.") % {"number": walk.number})
    return redirect(walk.urls["page"])


@needs("fulfilment.work")
@require_POST
def release_book(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """All of a release is taken: book it."""
    return _book(request, _Walk(request, release_id=release_id))


@needs("fulfilment.work")
@require_POST
def wave_book(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """All of a wave is taken: book its releases."""
    return _book(request, _Walk(request, wave_id=wave_id))
