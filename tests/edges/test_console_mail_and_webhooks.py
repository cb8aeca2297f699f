"""Mails and webhooks in the console: what is shown, what may be done, who may, and that nothing else moves."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from auftakt.channels import outgoing
from auftakt.channels.mail import actions as mail
from auftakt.channels.mail.models import Mail
from auftakt.channels.mail.types import MailAnswer, MailDraft
from auftakt.channels.outgoing import Answer
from auftakt.channels.webhooks import actions as webhooks
from auftakt.channels.webhooks.actions.deliver import store
from auftakt.channels.webhooks.models import Webhook, WebhookDelivery
from auftakt.channels.webhooks.rules import secret_of
from auftakt.channels.webhooks.types import WebhookDraft
from auftakt.platform.journal import Happened
from auftakt.platform.models import JournalEntry
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
BY = {"actor": build.ACTOR, "at": build.AT}
MANY = {"url": "https://shop.example/hooks", "description": "the shop", "everything": "on"}


class Mailbox:
    """A mail server that answers as it is told."""

    name = "mailbox:25"

    def __init__(self, *answers: MailAnswer) -> None:
        self.answers = list(answers)

    def deliver(self, content: bytes, sender: str, to: str) -> MailAnswer:
        return self.answers.pop(0) if self.answers else MailAnswer("sent", 250, "taken")


def text(answer: Any) -> str:
    words = re.sub(r"<[^>]*>", " ", answer.content.decode().split("<main")[1].split("</main")[0])
    return " ".join(words.split())


def draft(to: str = "mia@example.com", **values: Any) -> MailDraft:
    return MailDraft("note", to, values.pop("subject", "Your bicycle"), "It is ready.\nCome and see.", **values)


def asked(*drafts: MailDraft) -> tuple[UUID, ...]:
    return build.done(mail.send(drafts or (draft(),), **BY))


def test_without_a_server_the_outbox_says_so_in_both_languages(settings: Any) -> None:
    settings.AUFTAKT_MAIL_URL = ""
    (key,) = asked()
    for language, words in (("en", "No mail server is set up"), ("de", "Es ist kein Mailserver eingerichtet")):
        client = logged_in("sales", language=language)
        assert words in text(client.get(reverse("console:mails")))
        assert words in text(client.get(reverse("console:mail", args=[key])))
    settings.AUFTAKT_MAIL_URL, settings.AUFTAKT_MAIL_FROM = "smtp://localhost:25?tls=none", "a@b.example"
    assert "No mail server" not in text(logged_in("finance").get(reverse("console:mails")))


def test_a_mail_is_shown_with_its_text_papers_and_tries() -> None:
    build.company()
    order_id = build.order()
    (key,) = build.done(mail.order_confirmation([order_id], to="einkauf@radhaus.example", **BY))
    mail.deliver(server=Mailbox(MailAnswer("later", 451, "greylisted")), **BY)
    client = logged_in("sales")
    shown = text(client.get(reverse("console:mail", args=[key])))
    for words in ("Auftragsbestätigung SO-", "einkauf@radhaus.example", "vielen Dank für Ihre Bestellung", "greylisted",
                  "mailbox:25", ".pdf", "In the queue"):  # fmt: skip
        assert words in shown
    listed = text(client.get(reverse("console:mails") + "?q=radhaus&state=queued"))
    assert "Auftragsbestätigung" in listed
    assert "Nothing fits" in text(client.get(reverse("console:mails") + "?state=sent"))


def test_a_mail_in_doubt_is_settled_or_tried_again_by_a_person() -> None:
    first, second = asked(draft(), draft("b@example.com"))
    lost = MailAnswer("in_doubt", None, "no answer")
    mail.deliver(server=Mailbox(lost, lost), **BY)
    client = logged_in("sales")
    assert "Nobody knows whether this mail arrived" in text(client.get(reverse("console:mail", args=[first])))
    client.post(reverse("console:mail_settle", args=[first]))
    client.post(reverse("console:mail_again", args=[second]))
    assert dict(Mail.objects.values_list("id", "state")) == {first: "sent", second: "queued"}
    assert "It has arrived" not in text(client.get(reverse("console:mail", args=[first])))


def test_many_mails_are_sent_again_or_taken_out() -> None:
    keys = asked(*(draft(f"m{number}@example.com") for number in range(6)))
    refusal = MailAnswer("failed", 550, "no such mailbox")
    mail.deliver(server=Mailbox(*[refusal] * 6), **BY)
    client = logged_in("sales")
    boxes = re.findall(r'name="row"[^>]* value="([^"]*)"', client.get(reverse("console:mails")).content.decode())
    assert sorted(boxes) == sorted(map(str, keys))
    client.post(reverse("console:mails_again"), {"row": [str(keys[0]), str(keys[1]), "nonsense"]})
    assert Mail.objects.filter(state="queued").count() == 2
    answer = client.post(reverse("console:mails_cancel"), {"filter": "state=failed"}, follow=True)
    assert Mail.objects.filter(state="cancelled").count() == 4
    assert "4 mails are not sent." in answer.content.decode()


def test_who_may_see_mails_and_who_may_send_them() -> None:
    (key,) = asked()
    for role in ("warehouse", "viewer"):
        client = logged_in(role)
        assert client.get(reverse("console:mails")).status_code == 403
        assert client.get(reverse("console:mail", args=[key])).status_code == 403
        for deed in ("again", "cancel", "settle"):
            assert client.post(reverse(f"console:mail_{deed}", args=[key])).status_code == 403
    assert Mail.objects.get().state == "queued"
    assert logged_in("sales").get(reverse("console:mail_cancel", args=[key])).status_code == 405
    assert Mail.objects.get().state == "queued"


def made(**fields: Any) -> tuple[Client, Webhook, str]:
    """An endpoint made in the console; the client, the endpoint, the page that follows."""
    client = logged_in("admin")
    answer = client.post(reverse("console:webhook_new"), {**MANY, **fields}, follow=True)
    assert answer.status_code == 200, answer.content
    return client, Webhook.objects.get(), answer.content.decode()


def secret(stored: str) -> str:
    """The secret of what is stored of it."""
    return secret_of(stored, settings.SECRET_KEY)


def test_a_webhook_is_made_and_its_secret_shown_once() -> None:
    client, hook, page = made()
    assert secret(hook.secret) in page
    assert (hook.url, hook.events, hook.state) == ("https://shop.example/hooks", ["*"], "active")
    address = reverse("console:webhook", args=[hook.id])
    assert secret(hook.secret) not in client.get(address).content.decode()
    assert "the shop" in text(client.get(reverse("console:webhooks")))
    client.post(reverse("console:webhook_rotate", args=[hook.id]))
    again = Webhook.objects.get()
    assert (again.old_secret, again.secret != hook.secret) == (hook.secret, True)
    first, second = client.get(address).content.decode(), client.get(address).content.decode()
    assert (secret(again.secret) in first, secret(again.secret) in second) == (True, False)
    assert "signature by the old secret" in first


def test_mistakes_come_back_with_what_was_typed(settings: Any) -> None:
    settings.AUFTAKT_WEBHOOK_NETWORKS = ""
    client = logged_in("admin", language="de")
    answer = client.post(
        reverse("console:webhook_new"), {"url": "http://10.0.0.1/x", "description": "innen", "events": "Quatsch"}
    )
    words = text(answer)
    assert answer.status_code == 422
    for said in ("Aufgerufen wird nur https", "nicht im öffentlichen Internet", "Das ist kein Ereignis"):
        assert said in words
    assert 'value="http://10.0.0.1/x"' in answer.content.decode()
    assert not Webhook.objects.exists()
    empty = client.post(reverse("console:webhook_new"), {"url": "https://shop.example"})
    assert "Wählen Sie mindestens ein Ereignis." in text(empty)


def test_a_webhook_is_changed() -> None:
    client, hook, _page = made()
    form = client.get(reverse("console:webhook_edit", args=[hook.id])).content.decode()
    assert 'name="everything" checked' in form
    fields = {"url": hook.url, "description": "", "families": ["order.*"], "events": "billing.invoiced, item.changed"}
    client.post(reverse("console:webhook_edit", args=[hook.id]), fields)
    hook.refresh_from_db()
    assert hook.events == ["order.*", "billing.invoiced", "item.changed"]
    again = client.get(reverse("console:webhook_edit", args=[hook.id])).content.decode()
    assert 'value="billing.invoiced item.changed"' in again


def told(hook: Webhook, count: int = 1) -> list[UUID]:
    """Deliveries of orders, taken up as a worker does; the tests' own transaction hides them from the reader."""
    build.company()
    for _ in range(count):
        build.order()
    entries = JournalEntry.objects.filter(verb="order.submitted").order_by("id")
    store([Happened(*(getattr(each, name) for name in Happened.__slots__)) for each in entries],
                 build.AT)  # fmt: skip
    return list(WebhookDelivery.objects.filter(webhook=hook).order_by("sequence").values_list("id", flat=True))


def answering(monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> None:
    replies = list(answers)
    monkeypatch.setattr(outgoing, "post", lambda *_: replies.pop(0) if replies else Answer(200, "thanks"))


def test_a_delivery_shows_what_was_sent_and_what_came_back(monkeypatch: pytest.MonkeyPatch) -> None:
    client, hook, _page = made()
    (key,) = told(hook)
    answering(monkeypatch, Answer(500, "<b>out of order</b>", "answered HTTP 500", 12))
    webhooks.deliver(**BY)
    answer = client.get(reverse("console:delivery", args=[key]))
    words = text(answer)
    for said in ("order.submitted", f"msg_{key.hex}", "HTTP 500", "12 ms", "SO-"):
        assert said in words
    assert "&lt;b&gt;out of order&lt;/b&gt;" in answer.content.decode()
    assert "1 call has failed in a row" in text(client.get(reverse("console:webhook", args=[hook.id])))
    client.post(reverse("console:delivery_replay", args=[key]))
    webhooks.deliver(actor=build.ACTOR, at=timezone.now())
    assert WebhookDelivery.objects.get().state == "delivered"
    listed = text(client.get(reverse("console:deliveries") + f"?state=delivered&webhook={hook.id}"))
    assert "order.submitted" in listed


def test_deliveries_are_sent_again_ticked_all_that_match_or_by_period(monkeypatch: pytest.MonkeyPatch) -> None:
    client, hook, _page = made()
    keys = told(hook, 3)
    answering(monkeypatch)
    webhooks.deliver(**BY)
    client.post(reverse("console:deliveries_replay"), {"row": [str(keys[0])]})
    assert WebhookDelivery.objects.filter(state="pending").count() == 1
    client.post(reverse("console:deliveries_replay"), {"filter": "state=delivered"})
    assert WebhookDelivery.objects.filter(state="pending").count() == 3
    webhooks.deliver(**BY)
    day = build.TODAY.isoformat()
    client.post(reverse("console:webhook_replay", args=[hook.id]), {"since": day, "until": day})
    assert WebhookDelivery.objects.filter(state="pending").count() == 3
    answer = client.post(reverse("console:webhook_replay", args=[hook.id]), {"since": "x"}, follow=True)
    assert "Give the first and the last day" in answer.content.decode()


def test_pausing_resuming_removing_and_testing() -> None:
    client, hook, _page = made()
    client.post(reverse("console:webhook_pause", args=[hook.id]), {"reason": "maintenance"})
    assert "maintenance" in text(client.get(reverse("console:webhook", args=[hook.id])))
    Webhook.objects.update(paused_reason="failing: answered HTTP 500")
    assert "failed for a day: answered HTTP 500" in text(client.get(reverse("console:webhook", args=[hook.id])))
    client.post(reverse("console:webhook_resume", args=[hook.id]))
    answer = client.post(reverse("console:webhook_ping", args=[hook.id]))
    assert answer.url == reverse("console:delivery", args=[WebhookDelivery.objects.get().id])
    assert client.get(answer.url).status_code == 200
    client.post(reverse("console:webhook_retire", args=[hook.id]))
    hook.refresh_from_db()
    assert (hook.state, WebhookDelivery.objects.get().state) == ("retired", "cancelled")
    assert "No webhook yet" in text(client.get(reverse("console:webhooks")))
    assert client.get(reverse("console:webhook", args=[hook.id])).status_code == 200


def test_only_administrators_touch_webhooks() -> None:
    hook = build.done(webhooks.create([WebhookDraft("https://shop.example/hooks")], **BY))[0]
    stored = Webhook.objects.get().secret
    for role in ("order_manager", "sales", "warehouse", "finance", "viewer"):
        client = logged_in(role)
        for name in ("webhooks", "webhook_new", "deliveries"):
            assert client.get(reverse(f"console:{name}")).status_code == 403
        for deed in ("ping", "pause", "resume", "retire", "rotate", "replay"):
            assert client.post(reverse(f"console:webhook_{deed}", args=[hook.id])).status_code == 403
    kept = Webhook.objects.get()
    assert (kept.state, kept.secret, kept.old_secret) == ("active", stored, "")
    assert not WebhookDelivery.objects.exists()


def test_lists_cost_the_same_statements_whatever_they_show() -> None:
    client, hook, _page = made()
    counts: dict[str, list[int]] = {}
    for round_ in range(2):
        asked(*(draft(f"r{round_}-{number}@example.com") for number in range(1 if round_ == 0 else 30)))
        build.done(webhooks.ping([hook.id] * 1, **BY))
        if round_:
            for _ in range(20):
                build.done(webhooks.ping([hook.id], **BY))
        for name in ("mails", "deliveries", "webhooks"):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(reverse(f"console:{name}")).status_code == 200
            counts.setdefault(name, []).append(len(seen))
    assert all(few == many for few, many in counts.values()), counts
