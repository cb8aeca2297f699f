"""Invoices, open items, payments, credit notes, and payment attempts whose outcome nobody knows."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.billing import actions
from auftakt.billing.types import AllocationDraft, CreditDraft, CreditPiece, Decision, Receipt
from auftakt.console import formats, queries
from auftakt.console.outcomes import day_of, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.identity.queries import may

STANDINGS = ("open", "overdue", "paid", "credit_note")
METHODS = ("bank_transfer", "cash_on_delivery", "on_account")
ATTEMPT_STATES = ("in_doubt", "started", "succeeded", "declined", "failed")


@needs("billing.view")
def invoices(request: HttpRequest) -> HttpResponse:
    """Invoices and credit notes, newest first."""
    here = edge(request)
    asked = {
        "q": request.GET.get("q", "")[:100],
        "standing": request.GET.get("standing", ""),
        "customer": request.GET.get("customer", ""),
    }
    customer = ids([asked["customer"]])
    standing = asked["standing"] if asked["standing"] in STANDINGS else ""
    page = queries.invoices(
        asked["q"], standing, customer[0] if customer else None, today=here.today, after=request.GET.get("after", "")
    )
    return render(request, "console/invoices.html", {"page": page, "asked": asked, "standings": STANDINGS})


@needs("billing.view")
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One invoice with lines, taxes, payments, credit notes."""
    here = edge(request)
    page = queries.invoice_page(invoice_id, today=here.today)
    if page is None:
        raise Http404
    roles = request.user.roles
    context = {
        "page": page,
        "invoice": page.head,
        "methods": METHODS,
        "today": here.today,
        "may_work": may(roles, "billing.work"),
        "sees_papers": may(roles, "documents.view"),
    }
    return render(request, "console/invoice.html", context)


@needs("billing.view")
@require_POST
def paper(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice as PDF: put on file now if it is not yet, then shown."""
    here = edge(request)
    outcome = actions.file_invoices([invoice_id], actor=here.actor, at=here.at)
    if not tell(request, outcome, ""):
        raise Http404
    return redirect("console:document", outcome.one())


@needs("billing.work")
@require_POST
def pay(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Book money that came in for the invoice. More than is open stays on the customer's account."""
    here = edge(request)
    page = queries.invoice_page(invoice_id, today=here.today)
    if page is None:
        raise Http404
    amount, received_on = (
        formats.parse_number(request.POST.get("amount", "")),
        day_of(request.POST.get("received_on", "")),
    )
    if amount is None or received_on is None:
        messages.error(request, _("Give the amount as a number and the day it was received. Nothing was booked."))
        return redirect("console:invoice", invoice_id)
    receipt = Receipt(
        method=request.POST.get("method", ""),
        amount=amount,
        currency=page.head.currency,
        received_on=received_on,
        reference=request.POST.get("reference", "").strip(),
        invoice_number=page.head.number,
    )
    tell(request, actions.receive_payments([receipt], actor=here.actor, at=here.at), _("The payment is booked."))
    return redirect("console:invoice", invoice_id)


@needs("billing.work")
@require_POST
def allocate(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Use money on the customer's account for the invoice, as far as either reaches."""
    here = edge(request)
    page = queries.invoice_page(invoice_id, today=here.today)
    if page is None:
        raise Http404
    chosen = ids([request.POST.get("payment", "")])
    free = {row.id: row.free for row in page.on_account}
    drafts = [AllocationDraft(key, invoice_id, min(free[key], page.head.open)) for key in chosen if key in free]
    outcome = actions.allocate(drafts, actor=here.actor, at=here.at)
    tell(request, outcome, _("The money on account is used for this invoice."))
    return redirect("console:invoice", invoice_id)


@needs("billing.work")
@require_POST
def credit(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Issue a credit note for lines of the invoice, with a reason."""
    here = edge(request)
    pieces: list[CreditPiece] = []
    for line_id, text in zip(ids(request.POST.getlist("line")), request.POST.getlist("quantity"), strict=False):
        quantity = formats.parse_number(text) if text.strip() else None
        if text.strip() and quantity is None:
            messages.error(request, _("“%(text)s” is not a number. No credit note was issued.") % {"text": text})
            return redirect("console:invoice", invoice_id)
        if quantity:
            pieces.append(CreditPiece(line_id, quantity))
    if not pieces:
        messages.error(request, _("Give the quantity to credit on at least one line. No credit note was issued."))
        return redirect("console:invoice", invoice_id)
    draft = CreditDraft(invoice_id, request.POST.get("reason", "").strip(), tuple(pieces))
    outcome = actions.credit([draft], actor=here.actor, at=here.at)
    tell(request, outcome, _("The credit note is issued."))
    return redirect("console:invoice", outcome.done[0] if outcome.done else invoice_id)


@needs("billing.view")
def attempts(request: HttpRequest) -> HttpResponse:
    """Calls to payment providers; those in doubt are settled here."""
    state = request.GET.get("state", "")
    page = queries.attempts(state if state in ATTEMPT_STATES else "", request.GET.get("after", ""))
    context = {
        "page": page,
        "state": state,
        "states": ATTEMPT_STATES,
        "may_work": may(request.user.roles, "billing.work"),
    }
    return render(request, "console/attempts.html", context)


@needs("billing.work")
@require_POST
def settle(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Settle an attempt in doubt: ask the provider, or write down what a person found out."""
    here = edge(request)
    state = request.POST.get("state", "ask")
    if state == "ask":
        outcome = actions.settle_in_doubt([attempt_id], actor=here.actor, at=here.at)
    else:
        decision = Decision(
            attempt_id,
            state,
            request.POST.get("reason", "").strip(),
            request.POST.get("provider_reference", "").strip(),
        )
        outcome = actions.decide_in_doubt([decision], actor=here.actor, at=here.at)
    tell(request, outcome, _("The attempt is settled."))
    return redirect("console:attempts")
