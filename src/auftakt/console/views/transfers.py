"""Transfers between our sites: made, placed, sent, received, written off."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.catalog.queries import item_names
from auftakt.console.datum import Datum, create, listing
from auftakt.console.deciding import Shown, decide, typed
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.supply import TRANSFERS
from auftakt.console.outcomes import edge, tell
from auftakt.console.permissions import needs
from auftakt.console.views.live import watched
from auftakt.console.views.purchasing import site_choices
from auftakt.identity.queries import may
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_reads
from auftakt.promising import actions as promising
from auftakt.supply import actions
from auftakt.supply import queries as supply
from auftakt.supply.types import (
    TransferCancellation,
    TransferDraft,
    TransferLineDraft,
    TransferLoss,
    TransferOrder,
    TransferReceipt,
)
from auftakt.values import Outcome


class TransferForm(forms.Form):
    """A transfer."""

    from_site = forms.ChoiceField(label=gettext_lazy("From"))
    to_site = forms.ChoiceField(label=gettext_lazy("To"))
    number = CodeField(label=gettext_lazy("Number"), required=False, help_text=gettext_lazy("Empty: the next one."))
    ship_on = DayField(label=gettext_lazy("Leaves on"), required=True)
    transit_days = NumberField(label=gettext_lazy("Days on the way"), whole=True)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=300)
    at_once = forms.BooleanField(
        label=gettext_lazy("Place it at once"),
        required=False,
        help_text=gettext_lazy("The stock is held where it lies, and expected where it goes. Otherwise it is a draft."),
    )

    sections = (
        Section("", "from_site:w6 to_site:w6 number:w4 ship_on:w4 transit_days:w4 note:w12 at_once:w12"),
        Section(gettext_lazy("Lines"), rows="lines"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_site"].choices = self.fields["to_site"].choices = site_choices()


class TransferLineForm(forms.Form):
    """A line of it."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    quantity = NumberField(label=gettext_lazy("Quantity"))


def _save(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    lines = tuple(TransferLineDraft(**line) for line in values["lines"])
    names = ("from_site", "to_site", "ship_on", "transit_days", "number", "note")
    state = "placed" if values["at_once"] else "draft"
    draft = TransferDraft(**{name: values[name] for name in names}, lines=lines, state=state)
    return actions.order_transfers([draft], actor=actor, at=at)


TRANSFER = Datum(
    "transfer_order",
    TransferForm,
    lambda number: None,
    _save,
    "transfers",
    gettext_lazy("Transfers"),
    gettext_lazy("New transfer"),
    rows={"lines": (TransferLineForm, gettext_lazy("Lines"))},
    key="number",
    called="number",
    initial={"transit_days": 2, "at_once": True},
)


@needs("supply.view")
def transfers(request: HttpRequest) -> HttpResponse:
    """Transfers between sites."""
    return listing(request, TRANSFERS, new="transfer_new", title=TRANSFER.new, rule="supply.edit")


@needs("supply.edit")
def transfer_new(request: HttpRequest) -> HttpResponse:
    """A new transfer."""
    return create(request, TRANSFER, {"ship_on": edge(request).today})


def _found(transfer_id: UUID) -> TransferOrder:
    found = supply.transfers([transfer_id]).get(transfer_id)
    if found is None:
        raise Http404
    return found


def _seen(found: TransferOrder) -> str:
    return f"{found.head.state} " + ".".join(f"{line.to_ship:f}/{line.in_transit:f}" for line in found.lines)


@needs("supply.view")
def transfer(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    """A transfer: its lines, what may be done with it, and the orders that stand on it."""
    live = watched(transfer_id)
    found = _found(transfer_id)
    buckets = [line.bucket_id for line in found.lines if line.bucket_id]
    names = item_names([line.item_id for line in found.lines], request.user.language)
    context = {
        "live": live,
        "transfer": found.head,
        "rows": [(line, names.get(line.item_id, line.item_name)) for line in found.lines],
        "standing": order_reads.standing_on(buckets) if buckets else [],
        "today": edge(request).today,
        "seen": _seen(found),
        "may_edit": may(request.user.roles, "supply.edit"),
        "is_on_its_way": found.head.state in ("shipped", "part_received"),
        "may_stop": found.head.state in ("draft", "placed"),
    }
    return render(request, "console/transfer.html", context)


@needs("supply.edit")
@require_POST
def transfer_step(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    """Place or send."""
    here, done = edge(request), request.POST.get("do", "")
    if done == "place":
        outcome = actions.place_transfers([transfer_id], actor=here.actor, at=here.at)
        tell(request, outcome, _("Placed. The stock is held where it lies, and expected where it goes."))
    elif done == "ship":
        outcome = actions.ship_transfers([transfer_id], actor=here.actor, at=here.at)
        tell(request, outcome, _("The goods are on their way."))
    return redirect("console:transfer", transfer_id)


def _decide(
    request: HttpRequest, transfer_id: UUID, faults: Sequence[str], verb: Callable[[], Outcome[Any]], done: str
) -> HttpResponse:  # fmt: skip
    """Do one thing with a transfer as its page showed it."""
    page = Shown(
        f"transfer {transfer_id}", lambda: _seen(_found(transfer_id)),
        _("Somebody else changed this transfer meanwhile. Compare, then decide again."),
    )  # fmt: skip
    decide(request, page, faults, verb, done)
    return redirect("console:transfer", transfer_id)


@needs("supply.edit")
@require_POST
def transfer_receive(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    """What came in, or, by the other button, what was lost."""
    here, amounts = edge(request), typed(request, "quantity")
    wishes = [(key, number) for key, number in amounts.values.items() if number]
    faults = amounts.faults or ([] if wishes else [_("Enter what came in.")])
    if request.POST.get("lost"):
        losses = [TransferLoss(key, number) for key, number in wishes]
        return _decide(
            request, transfer_id, faults,
            lambda: orders.write_off_transfers(losses, actor=here.actor, at=here.at), _("Written off as lost."),
        )  # fmt: skip
    receipts = [TransferReceipt(key, number) for key, number in wishes]
    return _decide(
        request, transfer_id, faults, lambda: promising.receive_transfers(receipts, actor=here.actor, at=here.at),
        _("Received. Put the goods away; orders that waited for them can go."),
    )  # fmt: skip


@needs("supply.edit")
@require_POST
def transfer_cancel(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    """Do not send it after all."""
    here = edge(request)
    wishes = [TransferCancellation(line.id) for line in _found(transfer_id).lines if line.to_ship > 0]
    faults = [] if wishes else [_("There is nothing left to cancel.")]
    return _decide(
        request, transfer_id, faults, lambda: orders.cut_transfers(wishes, actor=here.actor, at=here.at),
        _("Cancelled. The stock is free again where it lies."),
    )  # fmt: skip
