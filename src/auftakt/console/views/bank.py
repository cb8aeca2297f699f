"""Bank statements: taken from a file, matched, booked or set aside."""

import base64
import binascii
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from auftakt.billing import actions
from auftakt.billing import queries as billing
from auftakt.billing.types import BankBooking, BankLineFacts, OpenItem, Proposal, SettingAside, Share
from auftakt.channels.bank import (
    MEANINGS,
    CsvLayout,
    ReadStatement,
    Table,
    is_xml,
    look_at_csv,
    missing,
    read_camt,
    read_csv,
)
from auftakt.console import amounts, queries, tables
from auftakt.console.lists.billing import BANK
from auftakt.console.outcomes import edge, ids, said, tell
from auftakt.console.permissions import needs
from auftakt.identity.queries import may

LARGEST = 8 * 1024 * 1024
ON_A_PAGE = 40


@needs("billing.view")
def waiting(request: HttpRequest) -> HttpResponse:
    """The work list: lines that wait, each with what it is probably for; the sure ones are ticked."""
    lines = billing.bank_lines(state="waiting", limit=ON_A_PAGE)
    found = billing.proposals([billing.hint_of(line) for line in lines])
    customers = {each.customer_id for each in found if each.customer_id}
    items = {item.id: item for each in billing.open_items(list(customers)).values() for item in each}
    context = {
        "rows": [_row(line, proposal, items) for line, proposal in zip(lines, found, strict=True)],
        "counts": queries.bank_counts(),
        "may_work": may(request.user.roles, "billing.work"),
    }
    return render(request, "console/bank.html", context)


def _row(line: BankLineFacts, proposal: Proposal, items: dict[UUID, OpenItem]) -> dict[str, Any]:
    shares = [(items[share.invoice_id], share.amount) for share in proposal.shares if share.invoice_id in items]
    used = sum((amount for _item, amount in shares), Decimal(0))
    return {
        "line": line,
        "proposal": proposal,
        "shares": shares,
        "rest": line.amount - used,
        "told": _told(proposal),
        "short": len(shares) == 1 and shares[0][1] < shares[0][0].open_amount,
    }


def _told(proposal: Proposal) -> str:
    """A proposal as the form sends it back, so that what is booked is what was seen."""
    shares = ",".join(f"{share.invoice_id}={share.amount}" for share in proposal.shares)
    return f"{proposal.customer_number}|{shares}"


def _heard(text: str) -> tuple[str, tuple[Share, ...]]:
    number, _bar, listed = text.partition("|")
    shares: list[Share] = []
    for part in listed.split(",") if listed else ():
        key, _equals, amount = part.partition("=")
        try:
            shares.append(Share(UUID(key), Decimal(amount)))
        except (ValueError, InvalidOperation):
            return "", ()
    return number, tuple(shares)


@needs("billing.work")
@require_POST
def book(request: HttpRequest) -> HttpResponse:
    """Book the ticked lines as proposed."""
    here = edge(request)
    bookings: list[BankBooking] = []
    for key in dict.fromkeys(ids(request.POST.getlist("line"))):
        number, shares = _heard(request.POST.get(f"as-{key}", ""))
        bookings.append(BankBooking(key, number, shares))
    if not bookings:
        messages.error(request, _("Tick at least one line. Nothing was booked."))
        return redirect("console:bank")
    outcome = actions.book_bank_lines(bookings, actor=here.actor, at=here.at)
    count = len(outcome.done)
    tell(request, outcome, ngettext("%(n)s payment is booked.", "%(n)s payments are booked.", count) % {"n": count})
    return redirect("console:bank")


@needs("billing.view")
def lines(request: HttpRequest) -> HttpResponse:
    """All lines of bank statements, whatever became of them."""
    return tables.answer(request, BANK, template="console/bank_lines.html")


@needs("billing.view")
def line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """One line: matched by hand with a customer's open items, or set aside."""
    return _line_page(request, _line(line_id), request.GET.get("customer", "")[:64])


def _line(line_id: UUID) -> BankLineFacts:
    found = billing.bank_lines([line_id])
    if not found:
        raise Http404
    return found[0]


def _line_page(request: HttpRequest, found: BankLineFacts, number: str, **more: Any) -> HttpResponse:
    here = edge(request)
    context: dict[str, Any] = {
        "line": found, "total": found.amount, "currency": found.currency, "choices": [],
        "may_work": may(request.user.roles, "billing.work"),
    }  # fmt: skip
    if found.state == "waiting":
        customer = queries.account_head(number) if number else None
        (proposal,) = billing.proposals([billing.hint_of(found, customer.id if customer else None)])
        customer = customer or (queries.account_head(proposal.customer_number) if proposal.customer_number else None)
        context |= {"proposal": proposal, "customer": customer, "asked": number}
        if customer:
            items = [each for each in billing.open_items([customer.id])[customer.id] if each.currency == found.currency]
            context["choices"] = amounts.proposed(items, proposal.shares, here.today)
    return render(request, "console/bank_line.html", context | more, status=422 if more.get("problems") else 200)


@needs("billing.work")
@require_POST
def book_line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Book one line for the customer chosen and the invoices ticked; the rest stays on account."""
    here = edge(request)
    found = _line(line_id)
    number = request.POST.get("customer", "")[:64]
    customer = queries.account_head(number) if number else None
    if customer is None:
        return _line_page(request, found, "", problems=[_("Choose the customer who paid.")])
    items = billing.open_items([customer.id])[customer.id]
    shares, problems = amounts.chosen(request.POST, {item.id: item for item in items})
    if not problems:
        booking = BankBooking(line_id, customer.number, shares)
        outcome = actions.book_bank_lines([booking], actor=here.actor, at=here.at)
        if not outcome.refused:
            messages.success(request, _("The payment is booked."))
            return redirect("console:payment", outcome.one())
        problems = said(outcome.refused)
    fitting = [item for item in items if item.currency == found.currency]
    choices = amounts.kept(request.POST, fitting, here.today)
    return _line_page(request, _line(line_id), customer.number, problems=problems, choices=choices)


@needs("billing.work")
@require_POST
def set_aside(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Take a line off the work list that is no customer's payment."""
    here = edge(request)
    draft = SettingAside(line_id, request.POST.get("reason", "").strip())
    outcome = actions.set_aside_bank_lines([draft], actor=here.actor, at=here.at)
    tell(request, outcome, _("The line is set aside."))
    return redirect("console:bank" if outcome.done else "console:bank_lines")


@needs("billing.work")
@require_POST
def reopen(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Put a line that was set aside back on the work list."""
    here = edge(request)
    outcome = actions.reopen_bank_lines([line_id], actor=here.actor, at=here.at)
    tell(request, outcome, _("The line is on the work list again."))
    return redirect("console:bank_line", line_id)


# ------------------------------------------------------------------------------------------------ taking a file


@needs("billing.work")
def take(request: HttpRequest) -> HttpResponse:
    """Take a bank statement file: CAMT.053 at once, CSV after its columns were looked at."""
    if request.method != "POST":
        return render(request, "console/bank_take.html", {})
    name, content = _content(request)
    problem = _unreadable(content)
    if problem:
        return _taking(request, [problem])
    if is_xml(content):
        return _keep(request, read_camt(content, name))
    table = look_at_csv(content)
    layout = _layout(request, table)
    if "columns" in request.POST and not missing(layout, table.head):
        return _keep(request, read_csv(content, layout, name))
    return _columns(request, name, content, table, layout)


def _unreadable(content: bytes) -> str:
    """Why a file cannot be taken; empty when it can."""
    if not content:
        return _("Choose a file. Nothing was taken.")
    if len(content) > LARGEST:
        return _("The file is larger than 8 MB: take a shorter period.")
    if is_xml(content):
        try:
            read_camt(content, "")
        except ValueError:
            return _("This is no bank statement in CAMT format, or it is damaged.")
        return ""
    table = look_at_csv(content)
    return "" if table.rows and len(table.head) > 1 else _("This is no table: choose a CSV or CAMT file.")


def _content(request: HttpRequest) -> tuple[str, bytes]:
    """The file as uploaded, or as carried along while its columns are looked at."""
    file = request.FILES.get("file")
    if file:
        return str(file.name)[:200], file.read(LARGEST + 1)
    try:
        return request.POST.get("name", "")[:200], base64.b64decode(request.POST.get("content", ""), validate=True)
    except binascii.Error:
        return "", b""


def _layout(request: HttpRequest, table: Table) -> CsvLayout:
    """The layout as the person set it, else as it was guessed."""
    form, guess = request.POST, table.layout
    if "columns" not in form:
        return guess
    columns = {name: form.get(f"column-{name}", "") for name in MEANINGS}
    days, decimal = form.get("days", ""), form.get("decimal", "")
    return CsvLayout(
        {name: head for name, head in columns.items() if head in table.head and head},
        guess.delimiter,
        days if days in ("dmy", "mdy", "ymd") else guess.days,
        decimal if decimal in (",", ".") else guess.decimal,
        form.get("currency", "EUR").strip().upper()[:3],
        form.get("account", "").strip()[:64],
    )


def _columns(request: HttpRequest, name: str, content: bytes, table: Table, layout: CsvLayout) -> HttpResponse:
    read = read_csv(content, layout, name)
    context = {
        "name": name,
        "content": base64.b64encode(content).decode(),
        "heads": [head for head in table.head if head],
        "columns": [(meaning, layout.columns.get(meaning, "")) for meaning in MEANINGS],
        "layout": layout,
        "missing": missing(layout, table.head),
        "sample": [line for statement in read.statements for line in statement.lines][:5],
        "problems": read.problems[:5],
    }
    return render(request, "console/bank_columns.html", context)


def _keep(request: HttpRequest, read: ReadStatement) -> HttpResponse:
    """Keep what is new of a file, and tell what was in it."""
    here = edge(request)
    taken = actions.take_statements(read.statements, actor=here.actor, at=here.at).done
    fresh, known = sum(len(each.fresh) for each in taken), sum(each.known for each in taken)
    if read.problems:
        places = ", ".join(str(number) for number, _problem in read.problems[:10])
        text = _("Lines that could not be read and were left out: %(places)s.") % {"places": places}
        messages.warning(request, text)
    parts = [ngettext("%(n)s new line.", "%(n)s new lines.", fresh) % {"n": fresh}]
    if known:
        parts.append(ngettext("%(n)s was known already.", "%(n)s were known already.", known) % {"n": known})
    if read.outgoing:
        text = ngettext("%(n)s outgoing payment was left out.", "%(n)s outgoing payments were left out.", read.outgoing)
        parts.append(text % {"n": read.outgoing})
    (messages.success if fresh else messages.info)(request, " ".join(parts))
    return redirect("console:bank")


def _taking(request: HttpRequest, problems: list[str]) -> HttpResponse:
    return render(request, "console/bank_take.html", {"problems": problems}, status=422)
