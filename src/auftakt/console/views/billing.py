"""Invoices, open items, payments, credit notes, and payment attempts whose outcome nobody knows."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from auftakt.billing import actions
from auftakt.billing import queries as billing
from auftakt.billing.types import AllocationDraft, CreditDraft, CreditPiece, Decision, Receipt
from auftakt.channels.mail import actions as mail
from auftakt.channels.mail import queries as mails
from auftakt.channels.mail.types import MailFacts
from auftakt.console import amounts, formats, queries, tables
from auftakt.console.lists.billing import ATTEMPTS, INVOICES
from auftakt.console.outcomes import day_of, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.identity.queries import may
from auftakt.values import new_id

AGAIN = ("sent", "failed", "in_doubt", "cancelled")
"""A mail in these states is sent once more when it is asked for again."""
METHODS = ("bank_transfer", "cash_on_delivery", "on_account")


@needs("billing.view")
def invoices(request: HttpRequest) -> HttpResponse:
    """Invoices and credit notes."""
    return tables.answer(request, INVOICES)


@needs("billing.view")
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One invoice with lines, taxes, payments, credit notes."""
    here = edge(request)
    page = queries.invoice_page(invoice_id, today=here.today)
    if page is None:
        raise Http404
    roles = request.user.roles
    blocks = billing.blocks(here.today, invoice_ids=[invoice_id], customer_ids=[page.head.customer_id])
    mine = [block for block in blocks if block.invoice_id in (None, invoice_id)]
    context = {
        "page": page,
        "invoice": page.head,
        "methods": METHODS,
        "today": here.today,
        "days": (here.today - page.head.due_on).days,
        "pause": next((block for block in reversed(mine)), None),
        "creditable": [row for row in page.lines if row.creditable > 0],
        "held": [row for row in page.allocations if row.amount > 0],
        "token": new_id().hex,
        "mails": _mails_of(invoice_id),
        "no_mail": mails.what_is_missing(),
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
def send(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Send the invoice or credit note by mail, in the customer's language; once more when it was sent before."""
    here = edge(request)
    to, note = request.POST.get("to", "").strip()[:254], request.POST.get("note", "").strip()[:1000]
    before = {each.id for each in _mails_of(invoice_id) if each.state in AGAIN}
    outcome = mail.invoice_mail([invoice_id], to=to, note=note, actor=here.actor, at=here.at)
    again = [key for key in outcome.done if key in before]
    if again:
        mail.requeue(again, actor=here.actor, at=here.at)
    tell(request, outcome, _("The mail is on its way. How it goes stands under Mails."))
    return redirect("console:invoice", invoice_id)


def _mails_of(invoice_id: UUID) -> list[MailFacts]:
    found = billing.invoices([invoice_id]).get(invoice_id)
    return [each for each in mails.mails_of_order(found.order_id) if each.about_id == invoice_id] if found else []


@needs("billing.work")
@require_POST
def pay(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Book money that came in for the invoice. More than is open stays on the customer's account."""
    here = edge(request)
    page = queries.invoice_page(invoice_id, today=here.today)
    if page is None:
        raise Http404
    amount, received_on = amounts.typed(request.POST.get("amount", "")), day_of(request.POST.get("received_on", ""))
    if amount is None or received_on is None:
        messages.error(request, _("Give the amount as a number and the day it was received. Nothing was booked."))
        return redirect("console:invoice", invoice_id)
    receipt = Receipt(
        method=request.POST.get("method", ""),
        amount=amount,
        currency=page.head.currency,
        received_on=received_on,
        reference=request.POST.get("reference", "").strip()[:120] or _own_reference(request),
        invoice_number=page.head.number,
    )
    tell(request, actions.receive_payments([receipt], actor=here.actor, at=here.at), _("The payment is booked."))
    return redirect("console:invoice", invoice_id)


def _own_reference(request: HttpRequest) -> str:
    """A reference made from the form's own token, where none was typed: a form sent twice is one payment."""
    token = "".join(char for char in request.POST.get("token", "") if char.isalnum())
    return f"M-{token[-16:].upper()}" if token else ""


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
    if request.POST.get("whole"):
        draft = CreditDraft(invoice_id, request.POST.get("reason", "").strip())
        outcome = actions.credit([draft], actor=here.actor, at=here.at)
        tell(request, outcome, _("The credit note is issued."))
        return redirect("console:invoice", outcome.done[0] if outcome.done else invoice_id)
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
    """Calls to payment providers; those in doubt are settled on their own page."""
    return tables.answer(request, ATTEMPTS, template="console/attempts.html")


@needs("billing.view")
def attempt(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """One call to a provider: what was asked, what came of it, and how to settle it."""
    found = queries.attempt(attempt_id)
    if found is None:
        raise Http404
    context = {"attempt": found, "may_work": may(request.user.roles, "billing.work")}
    return render(request, "console/attempt.html", context)


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
    return redirect("console:attempt", attempt_id)
