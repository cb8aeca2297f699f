"""Payments: entered, matched with invoices, taken back from them, returned."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.billing import actions
from auftakt.billing import queries as billing
from auftakt.billing.types import (
    PROVIDER_METHODS,
    RECEIVED_METHODS,
    AllocationDraft,
    Hint,
    OpenItem,
    Receipt,
    RefundDraft,
    ReleaseDraft,
)
from auftakt.console import amounts, formats, queries, tables
from auftakt.console.lists.billing import PAYMENTS
from auftakt.console.outcomes import day_of, edge, ids, said, tell
from auftakt.console.permissions import needs
from auftakt.identity.queries import may
from auftakt.values import new_id

_FIELDS = ("customer", "customer_name", "amount", "currency", "received_on", "method", "reference", "text")


@needs("billing.view")
def payments(request: HttpRequest) -> HttpResponse:
    """Payments and refunds."""
    return tables.answer(request, PAYMENTS, template="console/payments.html")


@needs("billing.view")
def payment(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """One payment: what it settles, what lies on account, what may become of that."""
    context = _payment_context(request, payment_id)
    return render(request, "console/payment.html", context)


def _payment_context(request: HttpRequest, payment_id: UUID) -> dict[str, Any]:
    here = edge(request)
    held = billing.held_by([payment_id])[payment_id]
    touched = {row.invoice_id for row in billing.allocations(payment_ids=[payment_id])}
    page = queries.payment_page(payment_id, list(touched))
    if page is None:
        raise Http404
    head = page.head
    may_work = may(request.user.roles, "billing.work")
    choices: list[amounts.Choice] = []
    proposal = None
    if may_work and head.free > 0:
        items = _fitting(billing.open_items([head.customer_id])[head.customer_id], head.currency, head.legal_entity_id)
        (proposal,) = billing.proposals([Hint(head.free, head.currency, head.text, customer_id=head.customer_id)])
        fit = {item.id for item in items}
        choices = amounts.proposed(items, [each for each in proposal.shares if each.invoice_id in fit], here.today)
    return {
        "page": page,
        "payment": head,
        "held": [row for row in held if row.held > 0],
        "choices": choices,
        "proposal": proposal,
        "total": head.free,
        "currency": head.currency,
        "may_work": may_work,
        "by_provider": head.method in PROVIDER_METHODS,
        "token": new_id().hex,
    }


def _fitting(items: Sequence[OpenItem], currency: str, legal_entity_id: UUID | None = None) -> list[OpenItem]:
    """The open items that money in a currency, received by one company of ours, may settle."""
    return [
        item for item in items if item.currency == currency and legal_entity_id in (None, item.legal_entity_id)
    ]  # fmt: skip


@needs("billing.work")
@require_POST
def match(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Use money on account for the invoices ticked. Somebody else may have used it meanwhile: that is told."""
    here = edge(request)
    found = billing.payments([payment_id]).get(payment_id)
    if found is None:
        raise Http404
    items = {item.id: item for item in billing.open_items([found.customer_id])[found.customer_id]}
    shares, problems = amounts.chosen(request.POST, items)
    for problem in problems:
        messages.error(request, problem)
    if not problems and not shares:
        messages.error(request, _("Tick at least one invoice. Nothing was matched."))
    elif not problems:
        drafts = [AllocationDraft(payment_id, share.invoice_id, share.amount) for share in shares]
        outcome = actions.allocate(drafts, actor=here.actor, at=here.at)
        tell(request, outcome, _("The payment is matched."))
    return redirect("console:payment", payment_id)


@needs("billing.work")
@require_POST
def unmatch(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Take the payment back from an invoice: it lies on account again."""
    here = edge(request)
    reason = request.POST.get("reason", "").strip()
    drafts = [ReleaseDraft(payment_id, key, reason) for key in ids(request.POST.getlist("invoice"))]
    outcome = actions.release_allocations(drafts, actor=here.actor, at=here.at)
    tell(request, outcome, _("The matching is undone: the money lies on account again, and the invoice is open."))
    if request.POST.get("from") == "invoice" and drafts:
        return redirect("console:invoice", drafts[0].invoice_id)
    return redirect("console:payment", payment_id)


@needs("billing.work")
@require_POST
def refund(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Return money on account the way it came."""
    here = edge(request)
    amount = amounts.typed(request.POST.get("amount", ""))
    if amount is None:
        messages.error(request, _("Give the amount as a number. Nothing was returned."))
        return redirect("console:payment", payment_id)
    reason, reference = (request.POST.get(name, "").strip() for name in ("reason", "reference"))
    draft = RefundDraft(payment_id, amount, reason[:300], reference[:120])
    outcome = actions.refund([draft], actor=here.actor, at=here.at)
    tell(request, outcome, _("The money is returned."))
    return redirect("console:payment", payment_id)


# ------------------------------------------------------------------------------------------------ entering


@needs("billing.work")
def new(request: HttpRequest) -> HttpResponse:
    """Enter a payment by hand, tick what it is for, and see what remains."""
    here = edge(request)
    if request.method == "POST" and "look" not in request.POST:
        return _book(request)
    given = request.POST if request.method == "POST" else request.GET
    values = {name: given.get(name, "").replace("\0", "")[:1000] for name in _FIELDS}
    values["received_on"] = values["received_on"] or here.today.isoformat()
    values["method"] = values["method"] or "bank_transfer"
    invoice = ids([given.get("invoice", "")])
    if invoice and not values["customer"]:
        facts = billing.invoices(invoice).get(invoice[0])
        if facts:
            values |= {
                "customer": facts.customer_number, "customer_name": facts.customer_name, "currency": facts.currency,
                "amount": formats.plain_amount(facts.open_amount, facts.currency), "text": facts.number,
            }  # fmt: skip
    token = given.get("token", "") if request.method == "POST" else ""
    return _form(request, values, token or new_id().hex)


@needs("billing.work")
def matching(request: HttpRequest) -> HttpResponse:
    """What the customer owes, with a proposal for the amount and text typed so far: the part below the form."""
    values = {name: request.GET.get(name, "").replace("\0", "")[:1000] for name in _FIELDS}
    return render(request, "console/parts/matching.html", _matching(values, edge(request).today))


def _matching(values: dict[str, str], today: date) -> dict[str, Any]:
    """The open items of the customer named, with what is proposed ticked."""
    customer = queries.account_head(values["customer"]) if values["customer"] else None
    amount = amounts.typed(values["amount"])
    context: dict[str, Any] = {"customer": customer, "total": amount, "choices": [], "proposal": None}
    if customer is None:
        return context
    items = billing.open_items([customer.id])[customer.id]
    currency = values["currency"] or (items[0].currency if items else customer.currency)
    context |= {"currency": currency, "others": sorted({item.currency for item in items} - {currency})}
    fitting, shares = _fitting(items, currency), ()
    if amount and amount > 0:
        (proposal,) = billing.proposals([Hint(amount, currency, values["text"], customer_id=customer.id)])
        context["proposal"], shares = proposal, proposal.shares
    return context | {"choices": amounts.proposed(fitting, shares, today)}


def _form(request: HttpRequest, values: dict[str, str], token: str, **more: Any) -> HttpResponse:
    context = _matching(values, edge(request).today)
    values["currency"] = values["currency"] or context.get("currency", "EUR")
    if not values["customer_name"] and context["customer"]:
        values["customer_name"] = context["customer"].name
    context |= {
        "values": values,
        "token": token,
        "methods": sorted(RECEIVED_METHODS),
        "today": edge(request).today,
        **more,
    }
    return render(request, "console/payment_new.html", context, status=422 if more.get("problems") else 200)


def _book(request: HttpRequest) -> HttpResponse:
    """Book the payment of the form. The form's own token is its reference where none was typed, so that a form sent
    twice is one payment."""
    here = edge(request)
    form = request.POST
    values = {name: form.get(name, "").replace("\0", "").strip()[:1000] for name in _FIELDS}
    token = "".join(char for char in form.get("token", "") if char.isalnum())[:32] or new_id().hex
    customer = queries.account_head(values["customer"]) if values["customer"] else None
    items = billing.open_items([customer.id])[customer.id] if customer else []
    shares, problems = amounts.chosen(form, {item.id: item for item in items})
    amount, received_on = amounts.typed(values["amount"]), day_of(values["received_on"])
    if customer is None:
        problems.insert(0, _("Choose the customer who paid."))
    if amount is None:
        problems.append(_("Give the amount as a number."))
    if received_on is None:
        problems.append(_("Give the day on which the money came."))
    reference = values["reference"][:120] or f"M-{token[-16:].upper()}"
    known = _booked(values["method"], reference)
    if known and not values["reference"]:
        messages.info(request, _("This payment is booked already: the form was sent twice."))
        return redirect("console:payment", known)
    if problems or amount is None or received_on is None or customer is None:
        return _again(request, values, token, problems, items, here.today)
    receipt = Receipt(
        method=values["method"],
        amount=amount,
        currency=values["currency"].upper(),
        received_on=received_on,
        reference=reference,
        customer_number=customer.number,
        settles=shares,
        text=values["text"],
    )
    outcome = actions.receive_payments([receipt], actor=here.actor, at=here.at)
    if outcome.refused:
        return _again(request, values, token, said(outcome.refused), items, here.today)
    rest = amount - sum((share.amount for share in shares), Decimal(0))
    text = _("The payment is booked.")
    if rest > 0:
        text = _("The payment is booked; %(rest)s stay on account.") % {"rest": formats.money(rest, receipt.currency)}
    messages.success(request, text)
    return redirect("console:payment", outcome.one())


def _booked(method: str, reference: str) -> UUID | None:
    return billing.payment_by_reference(method, reference)


def _again(
    request: HttpRequest,
    values: dict[str, str],
    token: str,
    problems: Sequence[str],
    items: Sequence[OpenItem],
    today: date,
) -> HttpResponse:
    """The form as it was left, with what is wrong."""
    choices = amounts.kept(request.POST, _fitting(items, values["currency"].upper()), today)
    return _form(request, values, token, problems=problems, choices=choices)
