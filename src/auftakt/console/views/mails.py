"""Outgoing mail: the outbox, one mail, sending again and taking out."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.shortcuts import render as show
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from auftakt.channels.mail import actions, queries
from auftakt.channels.mail.types import MAIL_LIFECYCLE
from auftakt.console import tables
from auftakt.console.lists.messages import MAILS
from auftakt.console.outcomes import back_to, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.documents import queries as documents
from auftakt.identity.queries import may
from auftakt.values import Outcome

_PAGE, _MOST = 500, 10_000
Verb = Callable[..., Outcome[Any]]


@needs("mail.view")
def mails(request: HttpRequest) -> HttpResponse:
    """The outbox, and whether anything can be sent at all."""
    return tables.answer(request, MAILS, template="console/mails.html", context={"missing": queries.what_is_missing()})


@needs("mail.view")
def mail(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """One mail: its text, its papers, and every try to send it."""
    page = queries.mail_page(mail_id)
    if page is None:
        raise Http404
    papers = documents.documents(page.attachments)
    state = page.mail.state
    context = {
        "page": page,
        "mail": page.mail,
        "papers": [papers[key] for key in page.attachments if key in papers],
        "missing": queries.what_is_missing(),
        "may_work": may(request.user.roles, "mail.work"),
        "can": {verb: MAIL_LIFECYCLE.allows(verb, state) for verb in ("requeue", "cancel")},
    }
    return show(request, "console/mail.html", context)


@needs("mail.work")
@require_POST
def again(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Send a mail at once, or once more."""
    here = edge(request)
    tell(request, actions.requeue([mail_id], actor=here.actor, at=here.at), _("The mail goes out in a moment."))
    return redirect("console:mail", mail_id)


@needs("mail.work")
@require_POST
def cancel(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Take a mail out that was not sent."""
    here = edge(request)
    tell(request, actions.cancel([mail_id], actor=here.actor, at=here.at), _("The mail is not sent."))
    return redirect("console:mail", mail_id)


@needs("mail.work")
@require_POST
def settle(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """A mail in doubt has arrived."""
    here = edge(request)
    outcome = actions.settle_as_sent([mail_id], actor=here.actor, at=here.at)
    tell(request, outcome, _("The mail counts as sent."))
    return redirect("console:mail", mail_id)


@needs("mail.work")
@require_POST
def mails_again(request: HttpRequest) -> HttpResponse:
    """Send many mails at once."""
    return _many(request, actions.requeue, ngettext)


@needs("mail.work")
@require_POST
def mails_cancel(request: HttpRequest) -> HttpResponse:
    """Take many mails out."""
    return _many(request, actions.cancel, None)


def _many(request: HttpRequest, verb: Verb, sends: Any) -> HttpResponse:
    here = edge(request)
    outcome = verb(chosen(request, MAILS), actor=here.actor, at=here.at)
    count = len(outcome.done)
    if sends:
        text = ngettext("%(count)s mail goes out in a moment.", "%(count)s mails go out in a moment.", count)
    else:
        text = ngettext("%(count)s mail is not sent.", "%(count)s mails are not sent.", count)
    tell(request, outcome, text % {"count": count})
    return redirect(back_to(request, "/console/mails/"))


def chosen(request: HttpRequest, table: tables.Table) -> list[UUID]:
    """The ticked rows of a list, or all that match, up to ten thousand."""
    if "filter" not in request.POST:
        return ids(request.POST.getlist("row"))
    return [row.id for row, _nth in zip(_matching(table, request.POST["filter"]), range(_MOST), strict=False)]


def _matching(table: tables.Table, query: str) -> Iterator[Any]:
    values = QueryDict(query, mutable=True)
    while True:
        page = table.read(table.asked(values, limit=_PAGE))
        yield from page.rows
        if not page.after:
            return
        values["after"] = page.after
