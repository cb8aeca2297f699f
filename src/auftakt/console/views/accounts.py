"""What customers owe: by days overdue, item by item, and as a statement of the account; and the books' postings."""

from datetime import date, timedelta
from itertools import chain
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _

from auftakt.billing import actions
from auftakt.billing import queries as billing
from auftakt.console import queries, tables, words
from auftakt.console.lists.billing import OPEN_ITEMS, POSTINGS
from auftakt.console.outcomes import day_of, edge
from auftakt.console.permissions import needs
from auftakt.console.tables.export import csv_lines
from auftakt.identity.queries import may


@needs("billing.view")
def open_items(request: HttpRequest) -> HttpResponse:
    """What customers owe, by customer and currency."""
    return tables.answer(
        request, OPEN_ITEMS, template="console/open_items.html", context={"sums": queries.open_item_sums()}
    )


@needs("billing.view")
def account(request: HttpRequest, number: str) -> HttpResponse:
    """A customer's account: open items, money on account, reminders, and what moved it in a period."""
    here = edge(request)
    head = queries.account_head(number)
    if head is None:
        raise Http404
    begin, end = _period(request, here.today)
    items = billing.open_items([head.id])[head.id]
    blocks = billing.blocks(here.today, customer_ids=[head.id])
    context = {
        "party": head,
        "sums": queries.open_item_sums(head.id),
        "items": [(item, (here.today - item.due_on).days) for item in items],
        "on_account": queries.account_money(head.id),
        "statements": billing.account_statements(head.id, begin, end),
        "begin": begin,
        "end": end,
        "pause": next((block for block in blocks if block.invoice_id is None), None),
        "blocked": {block.invoice_id for block in blocks if block.invoice_id},
        "reminders": billing.reminders(customer_id=head.id, limit=10),
        "may_work": may(request.user.roles, "billing.work"),
        "today": here.today,
    }
    return render(request, "console/account.html", context)


@needs("billing.view")
def account_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The statement of the account as PDF, in the customer's language."""
    head, begin, end = _asked(request, number)
    currency = request.GET.get("currency", head.currency)[:3].upper()
    content = actions.print_account(head.id, currency, begin, end)
    if not content:
        raise Http404
    return _file(content, f"{head.number}-{currency}-{end}.pdf", "application/pdf", inline=True)


@needs("billing.view")
def account_csv(request: HttpRequest, number: str) -> HttpResponse:
    """The statement of the account as CSV, all currencies."""
    head, begin, end = _asked(request, number)
    rows: list[list[Any]] = [
        [_("Currency"), _("Date"), _("Kind"), _("Number"), _("Order"), _("Due"), _("Amount"), _("Balance")]
    ]
    for statement in billing.account_statements(head.id, begin, end):
        rows.append([statement.currency, begin, _("Balance brought forward"), "", "", "", "", statement.opening])
        rows += [
            [
                statement.currency, row.on, words.money_kind(row.kind), row.number, row.order_number, row.due_on or "",
                row.amount, row.balance,
            ]
            for row in statement.rows
        ]  # fmt: skip
    return _file("".join(csv_lines(rows)).encode(), f"{head.number}-{end}.csv", "text/csv; charset=utf-8")


@needs("billing.view")
def postings(request: HttpRequest) -> HttpResponse:
    """Postings, side by side with what they are about."""
    context = {"month": edge(request).today.replace(day=1)}
    return tables.answer(request, POSTINGS, template="console/postings.html", context=context)


@needs("billing.view")
def postings_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every posting of a period as a file for bookkeeping: plain codes, one side a line, each entry balanced."""
    begin, end = _period(request, edge(request).today)
    head = (
        "entry", "posted_on", "company", "account", "currency", "debit", "credit", "document", "kind", "customer",
        "customer_name",
    )  # fmt: skip
    rows = (
        (
            row.entry_id, row.posted_on, row.legal_entity, row.account, row.currency, max(row.amount, 0),
            max(-row.amount, 0), row.subject_number, row.subject_type, row.customer_number, row.customer_name,
        )
        for row in billing.all_postings(begin, end)
    )  # fmt: skip
    answer = StreamingHttpResponse(csv_lines(chain([head], rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="postings-{begin}-{end}.csv"'
    return answer


def _asked(request: HttpRequest, number: str) -> tuple[Any, date, date]:
    head = queries.account_head(number)
    if head is None:
        raise Http404
    return head, *_period(request, edge(request).today)


def _period(request: HttpRequest, today: date) -> tuple[date, date]:
    """The period asked for; without one the last three months until today. A period the wrong way round is turned."""
    begin, end = day_of(request.GET.get("from", "")), day_of(request.GET.get("until", ""))
    end = end or today
    begin = begin or (end - timedelta(days=92)).replace(day=1)
    return min(begin, end), max(begin, end)


def _file(content: bytes, name: str, media_type: str, *, inline: bool = False) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    stem, _dot, ending = name.rpartition(".")
    kind = "inline" if inline else "attachment"
    answer["Content-Disposition"] = f'{kind}; filename="{slugify(stem) or "account"}.{ending}"'
    return answer
