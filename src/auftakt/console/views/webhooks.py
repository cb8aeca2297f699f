"""Webhooks: endpoints, what is delivered to them, and sending again."""

import json
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as show
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from auftakt.channels.webhooks import actions, queries
from auftakt.channels.webhooks.types import ReplayPeriod, WebhookChange, WebhookDraft, WebhookFacts
from auftakt.console import tables
from auftakt.console.forms import findings_into, findings_of
from auftakt.console.lists.messages import DELIVERIES, WEBHOOKS, deliveries_of, paused_word
from auftakt.console.outcomes import back_to, day_of, edge, tell
from auftakt.console.permissions import needs
from auftakt.console.views.mails import chosen

MANAGE = "webhooks.manage"
_SECRET = "webhook_secret"  # noqa: S105 (the name under which the session keeps one until it is shown)
EVERYTHING = "*"
FAMILIES = (
    ("order.*", gettext_lazy("Orders: captured, submitted, revised, held, cancelled, closed")),
    ("fulfilment.*", gettext_lazy("Warehouse: released, picked, packed, shipped, delivered")),
    ("billing.*", gettext_lazy("Invoices, credit notes and payments")),
    ("inventory.*", gettext_lazy("Stock: received, issued, adjusted, moved")),
    ("supply.*", gettext_lazy("Purchase orders")),
    ("item.*", gettext_lazy("Items")),
    ("party.*", gettext_lazy("Customers and suppliers")),
    ("mail.*", gettext_lazy("Mails: sent, failed, in doubt")),
)
_KNOWN = tuple(code for code, _text in FAMILIES)


class WebhookForm(forms.Form):
    """An endpoint."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("Where we send what happens, by POST; it begins with https://"),
        widget=forms.URLInput(attrs={"class": "input mono", "placeholder": "https://", "autocomplete": "off"}),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Who listens there, and whom to ask"),
        widget=forms.TextInput(attrs={"class": "input"}),
    )
    everything = forms.BooleanField(required=False)
    families = forms.MultipleChoiceField(choices=FAMILIES, required=False)
    events = forms.CharField(
        label=gettext_lazy("Single events"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Such as order.submitted or billing.invoiced, separated by blanks"),
        widget=forms.TextInput(attrs={"class": "input mono", "autocomplete": "off", "autocapitalize": "off"}),
    )

    def patterns(self) -> tuple[str, ...]:
        """The patterns that were chosen."""
        data = self.cleaned_data
        if data["everything"]:
            return (EVERYTHING,)
        single = data["events"].replace(",", " ").split()
        return tuple(dict.fromkeys([*data["families"], *single]))


@needs(MANAGE)
def webhooks(request: HttpRequest) -> HttpResponse:
    """The endpoints in use."""
    return tables.answer(request, WEBHOOKS, template="console/webhooks.html")


@needs(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """Make an endpoint; its secret is shown once, on its own page."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        here, data = edge(request), form.cleaned_data
        draft = WebhookDraft(data["url"].strip(), form.patterns(), data["description"])
        outcome = actions.create([draft], actor=here.actor, at=here.at)
        if outcome.done:
            made = outcome.done[0]
            request.session[_SECRET] = [str(made.id), made.secret]
            return redirect("console:webhook", made.id)
        findings_into(form, findings_of(outcome.refused))
    return _form(request, form, None)


@needs(MANAGE)
def edit(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Change an endpoint."""
    found = _found(webhook_id)
    initial = {
        "url": found.url,
        "description": found.description,
        "everything": EVERYTHING in found.events,
        "families": [each for each in found.events if each in _KNOWN],
        "events": " ".join(each for each in found.events if each not in (*_KNOWN, EVERYTHING)),
    }
    form = WebhookForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        here, data = edge(request), form.cleaned_data
        change = WebhookChange(webhook_id, data["url"].strip(), form.patterns(), data["description"])
        outcome = actions.change([change], actor=here.actor, at=here.at)
        if tell(request, outcome, _("The webhook is saved.")) and outcome.done:
            return redirect("console:webhook", webhook_id)
        findings_into(form, findings_of(outcome.refused))
    return _form(request, form, found)


def _form(request: HttpRequest, form: WebhookForm, found: WebhookFacts | None) -> HttpResponse:
    context = {
        "form": form,
        "webhook": found,
        "families": FAMILIES,
        "chosen": form["families"].value() or [],
        "everything": form["everything"].value(),
    }
    return show(request, "console/webhook_form.html", context, status=422 if form.errors else 200)


def _found(webhook_id: UUID) -> WebhookFacts:
    found = queries.webhooks([webhook_id]).get(webhook_id)
    if found is None:
        raise Http404
    return found


@needs(MANAGE)
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """One endpoint: how it stands, what was delivered, and its secret when it was just made."""
    found = _found(webhook_id)
    here = edge(request)
    kept = request.session.get(_SECRET)
    secret = ""
    if kept and kept[0] == str(webhook_id):
        secret = request.session.pop(_SECRET)[1]
    context = {
        "webhook": found,
        "secret": secret,
        "paused": paused_word(found.paused_reason),
        "rotating": bool(found.rotated_until and found.rotated_until > here.at),
        "resting": bool(found.rest_until and found.rest_until > here.at),
        "today": here.today,
        "yesterday": here.today - timedelta(days=1),
    }
    return tables.answer(request, deliveries_of(webhook_id), template="console/webhook.html", context=context)


def _told(request: HttpRequest, webhook_id: UUID, outcome: Any, text: str) -> HttpResponse:
    tell(request, outcome, text)
    return redirect("console:webhook", webhook_id)


@needs(MANAGE)
@require_POST
def ping(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send a test."""
    here = edge(request)
    outcome = actions.ping([webhook_id], actor=here.actor, at=here.at)
    if outcome.done:
        messages.success(request, _("A test is on its way. This page shows what came back."))
        return redirect("console:delivery", outcome.done[0])
    return _told(request, webhook_id, outcome, "")


@needs(MANAGE)
@require_POST
def pause(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Leave an endpoint alone."""
    here = edge(request)
    reason = request.POST.get("reason", "")
    outcome = actions.pause([webhook_id], reason=reason, actor=here.actor, at=here.at)
    return _told(request, webhook_id, outcome, _("Paused. What happens meanwhile is kept for it."))


@needs(MANAGE)
@require_POST
def resume(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Call an endpoint again."""
    here = edge(request)
    outcome = actions.resume([webhook_id], actor=here.actor, at=here.at)
    return _told(request, webhook_id, outcome, _("Active again. What waited goes out now, in order."))


@needs(MANAGE)
@require_POST
def retire(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Never call an endpoint again."""
    here = edge(request)
    outcome = actions.retire([webhook_id], actor=here.actor, at=here.at)
    tell(request, outcome, _("The webhook is removed. What waited for it is not sent."))
    return redirect("console:webhooks")


@needs(MANAGE)
@require_POST
def rotate(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Give an endpoint a new secret."""
    here = edge(request)
    outcome = actions.rotate([webhook_id], actor=here.actor, at=here.at)
    if outcome.done:
        request.session[_SECRET] = [str(webhook_id), outcome.done[0].secret]
    return _told(request, webhook_id, outcome, "")


@needs(MANAGE)
@require_POST
def replay(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send again what happened in a period, both days included."""
    here = edge(request)
    since, until = day_of(request.POST.get("since", "")), day_of(request.POST.get("until", ""))
    if since is None or until is None:
        messages.error(request, _("Give the first and the last day of the period."))
        return redirect("console:webhook", webhook_id)
    begin = datetime.combine(since, time(), here.zone)
    period = ReplayPeriod(webhook_id, begin, datetime.combine(until + timedelta(days=1), time(), here.zone))
    outcome = actions.replay_periods([period], actor=here.actor, at=here.at)
    count = outcome.done[0].deliveries if outcome.done else 0
    return _told(request, webhook_id, outcome, _again(count))


def _again(count: int) -> str:
    text = ngettext("%(count)s delivery goes out again.", "%(count)s deliveries go out again.", count)
    return text % {"count": count}


@needs(MANAGE)
def deliveries(request: HttpRequest) -> HttpResponse:
    """Everything that was delivered, or is to be."""
    return tables.answer(request, DELIVERIES, template="console/deliveries.html")


@needs(MANAGE)
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery: what was sent, and every call with what came back."""
    page = queries.delivery_page(delivery_id)
    if page is None:
        raise Http404
    body = json.dumps(json.loads(page.body), ensure_ascii=False, indent=2)
    return show(request, "console/delivery.html", {"page": page, "delivery": page.delivery, "body": body})


@needs(MANAGE)
@require_POST
def delivery_replay(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send one delivery again."""
    here = edge(request)
    tell(request, actions.replay([delivery_id], actor=here.actor, at=here.at), _again(1))
    return redirect("console:delivery", delivery_id)


@needs(MANAGE)
@require_POST
def deliveries_replay(request: HttpRequest) -> HttpResponse:
    """Send many deliveries again."""
    here = edge(request)
    outcome = actions.replay(chosen(request, DELIVERIES), actor=here.actor, at=here.at)
    tell(request, outcome, _again(len(outcome.done)))
    return redirect(back_to(request, "/console/webhooks/deliveries/"))
