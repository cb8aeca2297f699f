"""Work orders: the list, the form, and a page with what can be done now."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.catalog import queries as catalog
from auftakt.console import formats
from auftakt.console.datum import Datum, create, listing
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.making import load_of, work_for
from auftakt.console.lot_entry import LotEntryError, read_lots
from auftakt.console.outcomes import day_of, edge, tell
from auftakt.console.permissions import needs
from auftakt.console.queries import making
from auftakt.promising import actions as promising
from auftakt.supply import actions, queries
from auftakt.supply.types import WORK_LIFECYCLE, Work, WorkDraft, WorkFacts, WorkFinish, WorkRescheduling
from auftakt.values import Outcome


class WorkForm(forms.Form):
    """A work order to be planned."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    site_code = forms.ChoiceField(label=gettext_lazy("Site"))
    quantity = NumberField(label=gettext_lazy("Quantity"))
    starts_on = DayField(label=gettext_lazy("Starts on"), required=True)
    due_on = DayField(label=gettext_lazy("Due on"), help_text=gettext_lazy("Empty: when its lead time has passed."))
    number = CodeField(label=gettext_lazy("Number"), required=False, help_text=gettext_lazy("Empty: the next one."))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    sections = (Section("", "sku:w8 site_code:w4 quantity:w4 starts_on:w4 due_on:w4 number:w4 note:w8"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_code"].choices = making.site_codes()


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    return actions.plan_work([WorkDraft(**values)], actor=actor, at=at)


WORK = Datum(
    "work_order",
    WorkForm,
    lambda key: None,
    _save,
    "work_orders",
    gettext_lazy("Work orders"),
    gettext_lazy("New work order"),
    key="id",
    key_of=lambda values: f"{values['sku']}|{values['site_code']}",
    called="sku",
)


@needs("supply.view")
def work_orders(request: HttpRequest) -> HttpResponse:
    """The work orders."""
    table = work_for(edge(request).today)
    beside = (("resources", _("Resources")), ("bills", _("Bills of material")))
    return listing(request, table, new="work_order_new", title=WORK.new, rule="supply.edit", beside=beside)


@needs("supply.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Plan a work order."""
    sku = request.GET.get("sku", "").replace("\0", "")[:64]
    return create(request, WORK, {"sku": sku, "starts_on": edge(request).today})


def _work_or_404(key: UUID) -> Work:
    found = queries.work([key]).get(key)
    if found is None:
        raise Http404
    return found


def _parts(work: Work) -> list[dict[str, Any]]:
    """The components of a work order; of a draft, what its release would take."""
    head = work.head
    if head.state != "draft":
        free = making.shelves([part.item_id for part in work.components], head.site_code)
        return [
            {"item_id": part.item_id, "sku": part.sku, "unit": part.unit, "required": part.required,
             "reserved": part.reserved, "issued": part.issued, "free": free.get(part.item_id, Decimal(0)),
             "is_short": False}
            for part in work.components
        ]  # fmt: skip
    known = {bill.plant: bill for bill in catalog.bills([head.item_id]).get(head.item_id, ())}
    bill = known.get(head.site_code) or known.get("")
    lines = bill.on(head.starts_on) if bill else ()
    free = making.shelves([line.component_id for line in lines], head.site_code)
    rows = []
    for line in lines:
        much = catalog.needed(head.quantity, line.quantity, line.scrap_percent, line.decimals)
        there = free.get(line.component_id, Decimal(0))
        rows.append(
            {"item_id": line.component_id, "sku": line.sku, "unit": line.unit, "required": much, "reserved": None,
             "issued": None, "free": there, "is_short": there < much}
        )  # fmt: skip
    return rows


def _allowed(head: WorkFacts) -> dict[str, bool]:
    """What can be done with a work order in its state."""
    may = {verb: WORK_LIFECYCLE.allows(verb, head.state) for verb in ("release", "begin", "close", "cancel")}
    return may | {"finish": head.state == "started", "move": may["cancel"]}


@needs("supply.view")
def work_order(request: HttpRequest, work_order_id: UUID) -> HttpResponse:
    """A work order: what it needs, what takes it, who waits for it, and what can be done now."""
    work, today = _work_or_404(work_order_id), edge(request).today
    head, parts = work.head, _parts(work)
    keys = {head.item_id, *(part["item_id"] for part in parts)}
    context = {
        "work": head,
        "item": catalog.items([head.item_id])[head.item_id],
        "today": today,
        "names": catalog.item_names(keys, request.user.language),
        "parts": parts,
        "is_short": any(part["is_short"] for part in parts),
        "operations": [(each, load_of(each.amount, each.measure)) for each in work.operations],
        "holders": making.work_holders(head.bucket_id),
        "may": _allowed(head),
        "is_late": head.open > 0 and head.due_on < today and head.state not in ("finished", "closed", "cancelled"),
        "ends_late": head.ends_on is not None and head.ends_on > head.due_on,
    }
    return render(request, "console/work_order.html", context)


@needs("supply.edit")
@require_POST
def act(request: HttpRequest, work_order_id: UUID) -> HttpResponse:
    """Release, start, cancel or close a work order."""
    _work_or_404(work_order_id)
    here = edge(request)
    verbs = {
        "release": (actions.release_work, _("Released: its components are reserved.")),
        "start": (actions.start_work, _("Started: its components are issued.")),
        "cancel": (actions.cancel_work, _("Cancelled: what it held is free again.")),
        "close": (actions.close_work, _("Closed.")),
    }
    verb, done = verbs.get(request.POST.get("verb", ""), (None, ""))
    if verb is not None:
        tell(request, verb([work_order_id], actor=here.actor, at=here.at), done)
    return redirect("console:work_order", work_order_id)


def _number(request: HttpRequest, name: str) -> Decimal | None:
    """A number as typed; nothing typed is zero, and None is no number."""
    text = request.POST.get(name, "").replace("\0", "").strip()[:40]
    return formats.parse_number(text) if text else Decimal(0)


@needs("supply.edit")
@require_POST
def finish(request: HttpRequest, work_order_id: UUID) -> HttpResponse:
    """Book what came of a work order."""
    _work_or_404(work_order_id)
    here = edge(request)
    good, scrap = _number(request, "quantity"), _number(request, "scrap")
    if good is None or scrap is None:
        messages.error(request, _("This is not a number. Nothing was booked."))
    else:
        note = request.POST.get("note", "").replace("\0", "").strip()[:300]
        try:
            lots = read_lots(request.POST.get("lots", ""), good)
        except LotEntryError as fault:
            messages.error(request, str(fault))
            return redirect(reverse("console:work_order", args=[work_order_id]))
        finish = WorkFinish(work_order_id, good, scrap, note, lots)
        if tell(request, promising.finish_work([finish], actor=here.actor, at=here.at), ""):
            messages.success(request, _("Booked. Orders that waited for it can go."))
    return redirect(reverse("console:work_order", args=[work_order_id]))


@needs("supply.edit")
@require_POST
def move(request: HttpRequest, work_order_id: UUID) -> HttpResponse:
    """Move a work order to other days."""
    _work_or_404(work_order_id)
    here = edge(request)
    due, starts = day_of(request.POST.get("due_on", "")), day_of(request.POST.get("starts_on", ""))
    if due is None:
        messages.error(request, _("Give the day on which it is due."))
    else:
        wish = WorkRescheduling(work_order_id, due, starts)
        tell(request, actions.reschedule_work([wish], actor=here.actor, at=here.at), _("Moved. Promises stay with it."))
    return redirect("console:work_order", work_order_id)
