"""Dunning: what is overdue, who is reminded next, what the letter says, and what keeps it back."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from auftakt.billing import actions
from auftakt.billing import queries as billing
from auftakt.billing.types import DUNNING_DAYS, BlockDraft, OverdueItem, ReminderDraft
from auftakt.channels.mail import actions as mail
from auftakt.channels.mail import queries as mails
from auftakt.console import tables
from auftakt.console.lists.billing import DUNNING, REMINDERS
from auftakt.console.outcomes import back_to, day_of, edge, ids, tell
from auftakt.console.permissions import needs
from auftakt.platform import jobs
from auftakt.platform.jobs import JobDraft, RowDraft

MOST = 2000  # invoices of one run: what one person can answer for, and one transaction holds
MAILED_AT_ONCE = 25  # letters that are mailed while the person waits; a job mails more
AT_ONCE = 5  # letters that are printed while the person waits; a worker prints the others


@needs("billing.view")
def dunning(request: HttpRequest) -> HttpResponse:
    """Overdue invoices, with the level each should rise to."""
    return tables.answer(request, DUNNING, template="console/dunning.html")


@needs("billing.view")
def reminders(request: HttpRequest) -> HttpResponse:
    """Letters as sent."""
    return tables.answer(request, REMINDERS, template="console/reminders.html")


@needs("billing.work")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The letters that would go out for the ticked invoices, or for all that match: looked at before they are sent."""
    here = edge(request)
    wanted = _ticked(request, DUNNING)
    if not wanted:
        messages.error(request, _("Tick at least one invoice."))
        return redirect("console:dunning")
    items = billing.overdue(here.today, ids=wanted[:MOST])
    held_back = [item for item in items if not item.suggested]
    letters: dict[tuple[UUID, UUID, str], list[OverdueItem]] = {}
    for item in items:
        if item.suggested:
            letters.setdefault((item.legal_entity_id, item.customer_id, item.currency), []).append(item)
    context = {
        "letters": [
            {
                "customer": rows[0].customer_name,
                "number": rows[0].customer_number,
                "currency": rows[0].currency,
                "rows": rows,
                "total": sum(row.open_amount for row in rows),
                "level": max(row.suggested for row in rows),
            }
            for rows in letters.values()
        ],
        "held_back": held_back,
        "invoices": sum(len(rows) for rows in letters.values()),
        "cut": len(wanted) > MOST,
        "most": MOST,
        "levels": range(1, len(DUNNING_DAYS) + 1),
        "no_mail": mails.what_is_missing(),
    }
    return render(request, "console/dunning_preview.html", context)


def _ticked(request: HttpRequest, table: tables.Table) -> list[UUID]:
    """The rows that a list's bulk bar sent: ticked rows, or all that match."""
    if "filter" not in request.POST:
        return ids(request.POST.getlist("row"))
    found: list[UUID] = []
    query = QueryDict(request.POST["filter"]).copy()
    while len(found) <= MOST:
        page = table.read(table.asked(query, limit=1000))
        found += [row.id for row in page.rows]
        if not page.after:
            break
        query["after"] = page.after
    return found


def _drafts(request: HttpRequest) -> list[ReminderDraft]:
    """Invoices with the level that the person saw for each."""
    found: list[ReminderDraft] = []
    for key in dict.fromkeys(ids(request.POST.getlist("invoice"))):
        level = request.POST.get(f"level-{key}", "")
        if len(level) == 1 and level.isdecimal():
            found.append(ReminderDraft(key, int(level)))
    return found[:MOST]


@needs("billing.work")
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Send the reminders that were looked at. Who was reminded by somebody else meanwhile is told."""
    here = edge(request)
    drafts = _drafts(request)
    if not drafts:
        messages.error(request, _("Nothing was chosen. No reminder was sent."))
        return redirect("console:dunning")
    outcome = actions.remind(drafts, here.today, actor=here.actor, at=here.at)
    count = len(outcome.done)
    text = ngettext("%(count)s letter is written.", "%(count)s letters are written.", count) % {"count": count}
    tell(request, outcome, text)
    if count and request.POST.get("by_mail"):
        return _mailed(request, outcome.done)
    if 0 < count <= AT_ONCE:
        actions.file_reminders(outcome.done, actor=here.actor, at=here.at)
    return redirect("console:reminders" if count else "console:dunning")


@needs("billing.work")
@require_POST
def mail_letters(request: HttpRequest) -> HttpResponse:
    """Send the ticked letters by mail, or all that match: many of them as a job."""
    wanted = _ticked(request, REMINDERS)
    if not wanted:
        messages.error(request, _("Tick at least one letter."))
        return redirect("console:reminders")
    return _mailed(request, wanted[:MOST])


def _mailed(request: HttpRequest, letters: Sequence[UUID]) -> HttpResponse:
    """Ask for the mails of letters and tell what comes of it. A letter that was mailed is not mailed again."""
    here = edge(request)
    if len(letters) > MAILED_AT_ONCE:
        numbers = {each.id: each.number for each in billing.reminders(ids=letters, limit=len(letters))}
        rows = [RowDraft(str(key), number) for key, number in numbers.items()]
        draft = JobDraft(mail.MAIL_REMINDERS.name, {}, {}, rows)
        return redirect("console:job", jobs.ask([draft], actor=here.actor, at=here.at).one())
    outcome = mail.reminder_mail(letters, actor=here.actor, at=here.at)
    found = mails.mails(outcome.done).values()
    fresh = sum(1 for each in found if each.created_at == here.at)
    text = ngettext("%(count)s letter is on its way by mail.", "%(count)s letters are on their way by mail.", fresh)
    tell(request, outcome, text % {"count": fresh} if fresh else "")
    if before := len(found) - fresh:
        said = ngettext(
            "%(count)s was mailed before: how it went stands in the list.",
            "%(count)s were mailed before: how it went stands in the list.",
            before,
        )
        messages.info(request, said % {"count": before})
    return redirect(back_to(request, "/console/reminders/"))


@needs("billing.view")
def letter(request: HttpRequest) -> HttpResponse:
    """A letter as it would go out, as PDF. Nothing is stored."""
    drafts = [
        ReminderDraft(key, int(level) if len(level) == 1 and level.isdecimal() else 1)
        for key, level in _pairs(request.GET.getlist("of"))
    ]
    content = actions.preview_reminder(drafts[:200], edge(request).today)
    if not content:
        raise Http404
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="preview.pdf"'
    return answer


def _pairs(values: Sequence[str]) -> list[tuple[UUID, str]]:
    """`id:level` as addresses carry it."""
    found: list[tuple[UUID, str]] = []
    for value in values:
        key, _colon, level = value.partition(":")
        found += [(each, level) for each in ids([key])]
    return found


@needs("documents.view")
def reminder_paper(request: HttpRequest, reminder_id: UUID) -> HttpResponse:
    """A reminder as sent: put on file now if no worker did yet, then shown."""
    here = edge(request)
    outcome = actions.file_reminders([reminder_id], actor=here.actor, at=here.at)
    if outcome.refused:
        raise Http404
    return redirect("console:document", outcome.one())


@needs("billing.work")
@require_POST
def block(request: HttpRequest) -> HttpResponse:
    """Send no reminders for an invoice or a customer, for a reason, until a day or until it is lifted."""
    here = edge(request)
    text = request.POST.get("until", "").strip()
    until = day_of(text)
    back = back_to(request, "/console/dunning/")
    if text and until is None:
        messages.error(request, _("This is no day. Nothing was changed."))
        return redirect(back)
    if until and until < here.today:
        messages.error(request, _("The day has passed already. Nothing was changed."))
        return redirect(back)
    invoice, customer = (next(iter(ids([request.POST.get(name, "")])), None) for name in ("invoice", "customer"))
    draft = BlockDraft(request.POST.get("reason", "").strip(), until, invoice, None if invoice else customer)
    outcome = actions.block_dunning([draft], actor=here.actor, at=here.at)
    tell(request, outcome, _("No reminders are sent any more."))
    return redirect(back)


@needs("billing.work")
@require_POST
def unblock(request: HttpRequest, block_id: UUID) -> HttpResponse:
    """Send reminders again."""
    here = edge(request)
    outcome = actions.lift_dunning_blocks([block_id], actor=here.actor, at=here.at)
    tell(request, outcome, _("Reminders are sent again."))
    return redirect(back_to(request, "/console/dunning/"))
