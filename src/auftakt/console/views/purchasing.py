"""Purchase orders: drafted, approved, sent, acknowledged, inspected, cut; and suppliers' terms."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from auftakt.catalog.queries import item_names
from auftakt.console.datum import Datum, create, listing
from auftakt.console.deciding import Shown, decide, typed
from auftakt.console.forms import CodeField, DayField, LookupInput, NumberField, Section
from auftakt.console.lists.supply import PURCHASES
from auftakt.console.outcomes import day_of, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.console.queries import supply as reads
from auftakt.console.queries.bench import sites
from auftakt.console.views.customer_form import CURRENCIES
from auftakt.console.views.live import watched
from auftakt.identity.queries import may
from auftakt.orders import actions as orders
from auftakt.orders import queries as order_reads
from auftakt.supply import actions
from auftakt.supply import queries as supply
from auftakt.supply.types import (
    EXPECTING,
    AcknowledgedLine,
    InspectionVerdict,
    Purchase,
    PurchaseAcknowledgement,
    PurchaseCancellation,
    PurchaseDraft,
    PurchaseLineDraft,
)
from auftakt.values import Outcome


def site_choices() -> list[tuple[str, str]]:
    """Sites to choose from."""
    return [(site.code, f"{site.code} · {site.name}") for site in sites()]


class PurchaseForm(forms.Form):
    """A purchase order as it is drafted."""

    number = CodeField(label=gettext_lazy("Number"), required=False, help_text=gettext_lazy("Empty: the next one."))
    supplier_number = CodeField(label=gettext_lazy("Supplier"), widget=LookupInput("supplier_options"))
    site_code = forms.ChoiceField(label=gettext_lazy("Into site"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    ordered_on = DayField(label=gettext_lazy("Ordered on"), required=True)

    sections = (
        Section("", "supplier_number:w6 site_code:w6 number:w4 currency:w4 ordered_on:w4"),
        Section(
            gettext_lazy("Lines"),
            rows="lines",
            note=gettext_lazy("cost and day follow from the supplier's terms where they are left out"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_code"].choices = site_choices()
        self.fields["currency"].choices = [(code, code) for code in CURRENCIES]


class PurchaseLineForm(forms.Form):
    """A line of it."""

    sku = CodeField(label=gettext_lazy("Item"), widget=LookupInput("item_options"))
    quantity = NumberField(label=gettext_lazy("Quantity"))
    unit_cost = NumberField(label=gettext_lazy("Cost of one"), required=False)
    expected_on = DayField(label=gettext_lazy("Expected on"))


def _draft(values: dict[str, Any], actor: str, at: datetime) -> Outcome[Any]:
    lines = tuple(PurchaseLineDraft(**line) for line in values["lines"])
    names = ("supplier_number", "site_code", "currency", "ordered_on", "number")
    draft = PurchaseDraft(**{name: values[name] for name in names}, lines=lines, state="draft")
    return actions.order_purchases([draft], actor=actor, at=at)


PURCHASE = Datum(
    "purchase_order",
    PurchaseForm,
    lambda number: None,
    _draft,
    "purchases",
    gettext_lazy("Purchase orders"),
    gettext_lazy("New purchase order"),
    rows={"lines": (PurchaseLineForm, gettext_lazy("Lines"))},
    key="number",
    called="number",
    initial={"currency": "EUR"},
)


@needs("supply.view")
def purchases(request: HttpRequest) -> HttpResponse:
    """The purchase orders."""
    return listing(request, PURCHASES, new="purchase_new", title=PURCHASE.new, rule="supply.edit")


@needs("supply.edit")
def purchase_new(request: HttpRequest) -> HttpResponse:
    """A purchase order, begun as a draft."""
    return create(request, PURCHASE, {"ordered_on": edge(request).today})


@needs("supply.edit")
def supplier_options(request: HttpRequest) -> JsonResponse:
    """Suppliers whose number or name fits what is typed."""
    found = reads.supplier_options(request.GET.get("q", "").replace("\0", "").strip()[:80])
    options = [{"value": row.number, "label": row.number, "title": row.name, "side": row.number} for row in found]
    return JsonResponse({"options": options})


class _Row(NamedTuple):
    """A line with its item's name."""

    line: Any
    name: str


@needs("supply.view")
def purchase(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """A purchase order: its lines, what may be done with it, and the orders that stand on it."""
    live = watched(purchase_id)
    found = _found(purchase_id)
    buckets = [line.bucket_id for line in found.lines if line.bucket_id]
    standing = order_reads.standing_on(buckets) if buckets else []
    names = item_names([line.item_id for line in found.lines], request.user.language)
    today = edge(request).today
    overdue = {line.bucket_id for line in found.lines if line.expected_on < today}
    hit = [each for each in standing if not each.in_time or each.bucket_id in overdue]
    rows = [_Row(line, names.get(line.item_id, line.item_name)) for line in found.lines]
    limits = {each.currency: each.amount for each in supply.approval_limits()}
    head = found.head
    beyond = may(request.user.roles, "supply.approve")
    limit = limits.get(head.currency)
    context = {
        "live": live,
        "purchase": head,
        "rows": rows,
        "standing": standing,
        "jeopardy": len(hit),
        "hit": list(dict.fromkeys(each.order_id for each in hit)),
        "today": today,
        "seen": seen(found),
        "may_edit": may(request.user.roles, "supply.edit"),
        "may_approve": beyond or (limit is not None and head.value <= limit),
        "limit": limit,
        "is_expected": head.state in EXPECTING,
        "open_lines": [row for row in rows if row.line.to_come > 0],
        "inspected": [row for row in rows if row.line.inspecting > 0],
    }
    return render(request, "console/purchase.html", context)


def _found(purchase_id: UUID) -> Purchase:
    found = supply.purchases([purchase_id]).get(purchase_id)
    if found is None:
        raise Http404
    return found


def seen(found: Purchase) -> str:
    """How a purchase order stood when its page was opened: what must still be so when the page decides."""
    figures = ".".join(f"{line.open:f}/{line.inspecting:f}/{line.expected_on:%y%m%d}" for line in found.lines)
    return f"{found.head.state} {figures}"


@needs("supply.edit")
@require_POST
def purchase_step(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """Approve, send or close."""
    here = edge(request)
    done = request.POST.get("do", "")
    if done == "approve":
        beyond = may(request.user.roles, "supply.approve")
        outcome = actions.approve_purchases([purchase_id], beyond_limit=beyond, actor=here.actor, at=here.at)
        tell(request, outcome, _("Approved. What is ordered is expected supply now and can be promised."))
    elif done == "send":
        outcome = actions.send_purchases([purchase_id], actor=here.actor, at=here.at)
        tell(request, outcome, _("Noted: the order went out to the supplier."))
    elif done == "close":
        outcome = actions.close([purchase_id], actor=here.actor, at=here.at)
        tell(request, outcome, _("The order is put away."))
    return redirect("console:purchase", purchase_id)


def _decide(
    request: HttpRequest, purchase_id: UUID, faults: Sequence[str], verb: Callable[[], Outcome[Any]], done: str
) -> HttpResponse:  # fmt: skip
    """Do one thing with an order as its page showed it."""
    page = Shown(
        f"receipt {purchase_id}", lambda: seen(_found(purchase_id)),
        _("Somebody else changed this order meanwhile. Compare, then decide again."),
    )  # fmt: skip
    decide(request, page, faults, verb, done)
    return redirect("console:purchase", purchase_id)


@needs("supply.edit")
@require_POST
def purchase_answer(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """What the supplier says of the order."""
    here = edge(request)
    amounts = typed(request, "quantity")
    days: dict[UUID, date | None] = {
        key: day_of(text)
        for key, text in zip(ids(request.POST.getlist("line")), request.POST.getlist("expected_on"), strict=False)
    }
    lines = tuple(AcknowledgedLine(key, amounts.values.get(key), days[key]) for key in days)
    answer = PurchaseAcknowledgement(purchase_id, lines, request.POST.get("reference", "").replace("\0", ""))
    return _decide(
        request, purchase_id, amounts.faults,
        lambda: orders.acknowledge_purchases([answer], actor=here.actor, at=here.at),
        _("The supplier's answer is noted."),
    )  # fmt: skip


@needs("supply.edit")
@require_POST
def purchase_cut(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """Cut what will not come: of some lines, or all that is open."""
    here = edge(request)
    amounts = typed(request, "quantity")
    wishes = [PurchaseCancellation(key, number) for key, number in amounts.values.items() if number]
    if request.POST.get("all"):
        wishes = [PurchaseCancellation(line.id) for line in _found(purchase_id).lines if line.to_come > 0]
    faults = amounts.faults or ([] if wishes else [_("Say how much will not come.")])
    return _decide(
        request, purchase_id, faults, lambda: orders.cut_purchases(wishes, actor=here.actor, at=here.at),
        _("Cut. It is expected no more."),
    )  # fmt: skip


@needs("supply.edit")
@require_POST
def purchase_inspect(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """What became of goods in quarantine."""
    here = edge(request)
    good, bad = typed(request, "accepted"), typed(request, "rejected")
    then, note = request.POST.get("then", "replace"), request.POST.get("note", "").replace("\0", "")[:300]
    zero = Decimal(0)
    verdicts = [
        InspectionVerdict(key, good.values.get(key, zero), bad.values.get(key, zero), then, note)
        for key in dict.fromkeys([*good.values, *bad.values])
        if good.values.get(key, zero) or bad.values.get(key, zero)
    ]
    faults = good.faults + bad.faults or ([] if verdicts else [_("Say how much is accepted or rejected.")])
    return _decide(
        request, purchase_id, faults, lambda: orders.inspect_purchases(verdicts, actor=here.actor, at=here.at),
        _("Booked. Accepted goods are stock now."),
    )  # fmt: skip
