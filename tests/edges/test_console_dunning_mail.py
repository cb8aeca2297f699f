"""Payment reminders by mail: written in the customer's language, sent once, and told how it went."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from auftakt.billing import actions as billing
from auftakt.billing import queries as invoices
from auftakt.billing.models import Invoice
from auftakt.billing.types import ReminderDraft
from auftakt.channels.mail import actions as mail
from auftakt.channels.mail import queries as mails
from auftakt.channels.mail.models import Mail, MailAttachment
from auftakt.channels.mail.types import MailAnswer
from auftakt.documents.models import Document
from auftakt.parties import actions as parties
from auftakt.parties.types import PartyDraft
from auftakt.platform import jobs
from auftakt.platform.models import Job, JournalEntry
from tests import build
from tests.edges.test_console import logged_in
from tests.edges.test_console_finance import post, text
from tests.edges.test_console_mail_and_webhooks import Mailbox

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": build.ACTOR, "at": build.AT}


@pytest.fixture
def bills() -> list[Invoice]:
    """Overdue invoices of Radhaus Nord, who has an address and is written to in German, and of Wien, who has none."""
    build.company()
    changed = PartyDraft(
        "C-1", "Radhaus Nord", segment="dealer", language="de", payment_terms="NET30", email="kasse@radhaus.example"
    )
    build.done(parties.save_parties([changed], **BY))
    orders = [build.order(stage="billed", lines=[("LOCK", "1")], customer=number) for number in ("C-1", "C-2")]
    found = invoices.invoices_of_orders(orders)
    keys = [found[key][0].id for key in orders]
    Invoice.objects.filter(id__in=keys).update(due_on=date(2026, 1, 10))
    return [Invoice.objects.get(id=key) for key in keys]


def written(*bills: Invoice, level: int = 1) -> list[Any]:
    drafts = [ReminderDraft(bill.id, level) for bill in bills]
    return list(build.done(billing.remind(drafts, build.TODAY, **BY)))


def test_letters_go_out_by_mail_in_the_customers_language_with_the_letter(bills: list[Invoice]) -> None:
    letter, nobody = written(bills[0]) + written(bills[1])
    client = logged_in("finance")
    answer = text(post(client, "reminders_mail", row=[str(letter), str(nobody)]))
    sent = Mail.objects.get()
    assert (sent.recipient, sent.kind, sent.about_id, sent.language) == (
        "kasse@radhaus.example", "reminder", letter, "de",
    )  # fmt: skip
    assert sent.subject.startswith("Zahlungserinnerung ")
    assert bills[0].number in sent.text
    paper = MailAttachment.objects.get(mail=sent).document
    assert (paper.kind, paper.subject_id) == ("reminder", letter)
    assert "In the queue" in answer
    page = client.get(reverse("console:reminders"), {"unsent": "1"})
    assert sent.about_number not in text(page)
    assert "In the queue" in text(client.get(reverse("console:invoice", args=[bills[0].id])))
    mail.deliver(server=Mailbox(MailAnswer("sent", 250)), actor="worker", at=timezone.now())
    assert "Sent" in text(client.get(reverse("console:reminders")))


def test_who_has_no_address_is_named_and_nothing_of_it_moves(bills: list[Invoice]) -> None:
    (nobody,) = written(bills[1])
    client = logged_in("finance")
    number = invoices.reminders(ids=[nobody])[0].number
    before = (Mail.objects.count(), Document.objects.count(), JournalEntry.objects.count())
    answer = client.post(reverse("console:reminders_mail"), {"row": [nobody]}, follow=True)
    assert f"The customer of {number} has no mail address" in answer.content.decode()
    assert (Mail.objects.count(), Document.objects.count(), JournalEntry.objects.count()) == before


def test_a_letter_is_mailed_once(bills: list[Invoice]) -> None:
    (letter,) = written(bills[0])
    client = logged_in("finance")
    assert "1 letter is on its way by mail." in post(client, "reminders_mail", row=[str(letter)]).content.decode()
    again = post(client, "reminders_mail", filter="").content.decode()
    assert "1 was mailed before" in again
    assert Mail.objects.count() == 1


def test_letters_are_written_and_mailed_in_one_go(bills: list[Invoice]) -> None:
    client = logged_in("finance", language="de")
    preview = client.post(reverse("console:dunning_preview"), {"row": [bills[0].id]}).content.decode()
    assert "Die Schreiben auch per Mail senden" in preview
    fields = {"invoice": [bills[0].id], f"level-{bills[0].id}": "2", "by_mail": "1"}
    post(client, "dunning_run", **fields)
    assert Mail.objects.get().subject.startswith("Mahnung ")
    assert not Mail.objects.exclude(about_type="reminder").exists()


def test_many_letters_are_a_job_that_tells_of_each(bills: list[Invoice], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auftakt.console.views.dunning.MAILED_AT_ONCE", 1)
    letters = written(bills[0]) + written(bills[1])
    client = logged_in("finance")
    answer = client.post(reverse("console:reminders_mail"), {"row": letters})
    job = Job.objects.get()
    assert answer.url == reverse("console:job", args=[job.id])
    jobs.run(job.id)
    assert Mail.objects.count() == 1
    told = text(client.get(answer.url))
    assert "Send payment reminders by mail" in told
    assert "has no mail address" in told


def test_a_batch_costs_as_many_statements_as_one(bills: list[Invoice]) -> None:
    first = written(bills[0])

    def cost(letters: list[Any]) -> int:
        with CaptureQueriesContext(connection) as seen:
            build.done(mail.reminder_mail(letters, to="a@b.example", **BY))
        return len(seen)

    orders = [build.order(stage="billed", lines=[("LOCK", "1")], customer="C-2") for _ in range(3)]
    found = invoices.invoices_of_orders(orders)
    Invoice.objects.filter(order_id__in=orders).update(due_on=date(2026, 1, 10))
    more = [key for order in orders for key in written(*Invoice.objects.filter(id=found[order][0].id))]
    assert len(set(more)) == 3
    assert cost(first) == cost(more)


def test_papers_are_filed_only_for_mails_that_go_out(bills: list[Invoice]) -> None:
    order = build.order(customer="C-2")
    before = Document.objects.count()
    assert not mail.order_confirmation([order], **BY).done
    assert not mail.order_confirmation([order], to="nonsense", **BY).done
    assert not mail.invoice_mail([bills[1].id], to="nonsense", **BY).done
    assert Document.objects.count() == before
    build.done(mail.order_confirmation([order], to="buero@bergrad.example", **BY))
    assert Document.objects.count() == before + 1
    assert mails.list_mails()[0].about_id == order
