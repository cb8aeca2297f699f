"""Outgoing mail through a real SMTP server on loopback: asked for once, sent once, in the customer's language."""

import email
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests import build
from tests.build import ACTOR, AT

from auftakt.billing import queries as invoices
from auftakt.channels.mail import actions, queries, rules
from auftakt.channels.mail.models import Mail, MailAttempt
from auftakt.channels.mail.types import MailAnswer, MailDraft, MailFilter
from auftakt.channels.mail_sandbox import MailSandbox, mail_sandbox
from auftakt.channels.smtp import SmtpServer
from auftakt.cli.verify import checks
from auftakt.documents import actions as documents
from auftakt.documents.types import DocumentDraft
from auftakt.fulfilment import queries as shipping
from auftakt.orders import actions as orders
from auftakt.orders.types import Cancellation
from auftakt.parties import actions as parties
from auftakt.parties.types import ContactDraft, LegalEntityDraft, PartyDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

pytestmark = pytest.mark.django_db(transaction=True)
SENDER = "orders@auftakt.example"


@pytest.fixture
def server(settings: Any) -> Iterator[MailSandbox]:
    with mail_sandbox() as running:
        settings.AUFTAKT_MAIL_URL, settings.AUFTAKT_MAIL_FROM = running.url, SENDER
        yield running


def draft(**values: Any) -> MailDraft:
    return replace(MailDraft("note", "mia@example.com", "Hello", "A text.\n.\nWith a lone dot: Grüße"), **values)


def company() -> build.Company:
    """The tiny company with mail addresses: the dealer in German, the person in English."""
    made = build.company()
    entity = LegalEntityDraft("AUF", "Auftakt Rad GmbH", "Kai 1", "Hamburg", "DE", "EUR", "20457", email=SENDER)
    build.done(parties.save_legal_entities([entity], actor=ACTOR, at=AT))
    changed = [
        PartyDraft("C-1", "Radhaus Nord", segment="dealer", language="de", payment_terms="NET30",
                   email="einkauf@radhaus.example"),
        PartyDraft("C-3", "Mia Muster", kind="person", payment_terms="PRE", email="mia@example.com"),
    ]  # fmt: skip
    build.done(parties.save_parties(changed, actor=ACTOR, at=AT))
    return made


def deliver(at: Any = AT, **more: Any) -> list[tuple[UUID, str]]:
    done = actions.deliver(actor="worker", at=at, **more).done
    return [(each.mail_id, each.state) for each in done]


def one(mail_id: UUID) -> Mail:
    return Mail.objects.get(id=mail_id)


def parsed(server: MailSandbox, index: int = -1) -> EmailMessage:
    found = email.message_from_bytes(server.received[index][1], policy=default)
    assert isinstance(found, EmailMessage)
    return found


def verbs() -> list[str]:
    return list(JournalEntry.objects.filter(subject_type="mail").order_by("tx", "id").values_list("verb", flat=True))


def violations() -> list[str]:
    return [each.name for each in checks() if each.violations]


def send(*drafts: MailDraft) -> tuple[UUID, ...]:
    return build.done(actions.send(drafts, actor=ACTOR, at=AT))


def test_a_mail_is_sent_once_and_arrives_as_written(server: MailSandbox) -> None:
    (key,) = send(draft(to_name="Mia Müller", reply_to="office@example.com"))
    assert one(key).state == "queued"
    assert deliver() == [(key, "sent")]
    assert deliver() == []
    [(to, _)] = server.received
    found = parsed(server)
    assert to == "mia@example.com"
    assert str(found["To"]) == "Mia Müller <mia@example.com>"
    assert (str(found["Reply-To"]), str(found["Subject"])) == ("office@example.com", "Hello")
    plain, html = found.get_body(("plain",)), found.get_body(("html",))
    assert plain
    assert html
    assert plain.get_content().splitlines() == ["A text.", ".", "With a lone dot: Grüße"]
    assert "<br>.<br>" in html.get_content()
    [attempt] = MailAttempt.objects.all()
    assert (attempt.outcome, attempt.code, attempt.ended_at) == ("sent", 250, AT)
    assert verbs() == ["mail.queued", "mail.sent"]
    assert violations() == []


def test_asked_for_twice_it_is_one_mail(server: MailSandbox) -> None:
    matter = new_id()
    first = send(draft(about_id=matter), draft(about_id=matter, to="MIA@EXAMPLE.COM".replace("MIA", "mia")))
    again = send(draft(about_id=matter), draft(about_id=matter, revision="2"))
    assert first[0] == first[1] == again[0]
    assert again[1] != first[0]
    assert len(deliver()) == 2
    assert send(draft(about_id=matter)) == (first[0],)
    assert deliver() == []
    assert len(verbs()) == 4


def test_it_is_asked_for_in_the_transaction_of_the_verb(server: MailSandbox) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        send(draft())
        raise RuntimeError
    assert not Mail.objects.exists()
    assert deliver() == []


def test_what_cannot_be_sent_is_refused_with_every_finding() -> None:
    bad = [
        draft(to="nobody"), draft(to="a@b.example\r\nBcc: c@d.example"), draft(subject=" ", text=""),
        draft(attachments=(new_id(),)), draft(),
    ]  # fmt: skip
    outcome = actions.send(bad, actor=ACTOR, at=AT)
    assert [(each.subject, [one.code for one in each.findings]) for each in outcome.refused] == [
        ("0", ["mail_address_bad"]),
        ("1", ["mail_address_bad"]),
        ("2", ["mail_subject_missing", "mail_text_missing"]),
        ("3", ["document_unknown"]),
    ]
    assert len(outcome.done) == Mail.objects.count() == 1


def test_a_header_cannot_be_smuggled_in(server: MailSandbox) -> None:
    send(draft(subject="Hello\r\nBcc: c@d.example", to_name="Mia\r\nX-Evil: yes"))
    assert [state for _, state in deliver()] == ["sent"]
    found = parsed(server)
    assert (found["Bcc"], found["X-Evil"]) == (None, None)
    assert str(found["Subject"]) == "Hello Bcc: c@d.example"


def test_without_a_server_mails_wait(settings: Any) -> None:
    settings.AUFTAKT_MAIL_URL = ""
    (key,) = send(draft())
    assert queries.what_is_missing() == "no_mail_server"
    assert deliver() == []
    assert (one(key).state, MailAttempt.objects.count()) == ("queued", 0)


def test_without_a_sender_mails_wait(server: MailSandbox, settings: Any) -> None:
    settings.AUFTAKT_MAIL_FROM = ""
    send(draft())
    assert queries.what_is_missing() == "no_mail_sender"
    assert deliver() == []


def test_what_is_turned_away_for_now_is_tried_again_and_given_up_after_three_days(server: MailSandbox) -> None:
    (key,) = send(draft(to="later@example.com"))
    assert deliver() == [(key, "queued")]
    waiting = one(key)
    assert timedelta(seconds=48) <= waiting.next_try_at - AT <= timedelta(seconds=72)
    assert (waiting.reason, waiting.tries) == ("try again later", 1)
    assert deliver(AT + timedelta(seconds=40)) == []
    assert deliver(AT + timedelta(minutes=2)) == [(key, "queued")]
    assert deliver(AT + timedelta(days=3)) == [(key, "failed")]
    assert verbs() == ["mail.queued", "mail.failed"]
    assert violations() == []


def test_what_is_turned_away_for_good_is_failed_and_can_be_sent_again(server: MailSandbox) -> None:
    (key,) = send(draft(to="reject@example.com"))
    assert deliver() == [(key, "failed")]
    assert one(key).reason == "there is no such mailbox"
    assert deliver(AT + timedelta(days=1)) == []
    build.done(actions.requeue([key], actor=ACTOR, at=AT))
    assert deliver() == [(key, "failed")]
    assert verbs() == ["mail.queued", "mail.failed", "mail.requeued", "mail.failed"]


def test_nobody_listening_is_no_doubt(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.AUFTAKT_MAIL_URL, settings.AUFTAKT_MAIL_FROM = f"smtp://127.0.0.1:{port}?tls=none", SENDER
    (key,) = send(draft())
    assert deliver() == [(key, "queued")]
    assert "cannot be reached" in one(key).reason


def test_no_answer_after_the_message_is_in_doubt_and_not_repeated(server: MailSandbox) -> None:
    (key,) = send(draft(to="lost@example.com"))
    assert deliver() == [(key, "in_doubt")]
    assert deliver(AT + timedelta(days=9)) == []
    assert verbs() == ["mail.queued", "mail.doubted"]
    build.done(actions.settle_as_sent([key], actor=ACTOR, at=AT))
    assert one(key).state == "sent"
    assert violations() == []


class _Killed(BaseException):
    """Stands for a worker that is killed."""


class _Deadly:
    name = "deadly"

    def deliver(self, content: bytes, sender: str, to: str) -> MailAnswer:
        """The try is on record before the call: another session sees it."""
        assert MailAttempt.objects.get().outcome == "started"
        raise _Killed


def test_a_worker_killed_while_sending_leaves_doubt_not_a_second_mail(server: MailSandbox) -> None:
    (key,) = send(draft())
    with pytest.raises(_Killed):
        deliver(server=_Deadly())
    assert one(key).state == "sending"
    assert deliver(AT + timedelta(minutes=5)) == []
    assert actions.doubt_lost(actor="worker", at=AT + timedelta(minutes=5)).done == ()
    assert actions.doubt_lost(actor="worker", at=AT + timedelta(minutes=11)).done == (key,)
    assert one(key).state == "in_doubt"
    assert server.received == []
    assert violations() == []


def test_several_workers_share_the_outbox(server: MailSandbox) -> None:
    send(*(draft(to=f"nr-{number}@example.com") for number in range(12)))

    def work() -> None:
        try:
            deliver()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(to for to, _ in server.received) == sorted(f"nr-{number}@example.com" for number in range(12))


def test_sending_again_and_cancelling_fit_the_state(server: MailSandbox) -> None:
    sent, waiting = send(draft(), draft(to="a@example.com"))
    assert deliver(limit=1) == [(sent, "sent")]
    first = str(parsed(server)["Message-ID"])
    outcome = actions.cancel([sent, waiting, new_id()], actor=ACTOR, at=AT)
    assert outcome.done == (waiting,)
    assert [each.code for each in outcome.refused] == ["mail_state", "mail_unknown"]
    assert actions.requeue([waiting], actor=ACTOR, at=AT).refused[0].code == "mail_state"
    assert actions.settle_as_sent([waiting], actor=ACTOR, at=AT).refused[0].code == "mail_state"
    build.done(actions.requeue([sent], actor=ACTOR, at=AT))
    assert deliver() == [(sent, "sent")]
    assert str(parsed(server)["Message-ID"]) != first
    assert len(server.received) == 2


def test_a_cancelled_mail_may_be_asked_for_anew(server: MailSandbox) -> None:
    matter = new_id()
    (first,) = send(draft(about_id=matter))
    build.done(actions.cancel([first], actor=ACTOR, at=AT))
    (second,) = send(draft(about_id=matter))
    assert second != first


def test_a_batch_costs_as_many_statements_as_one(server: MailSandbox) -> None:
    paper = DocumentDraft("attachment", "order", new_id(), "1", "en", "a.csv", "text/csv", b"a,b\n")
    (document,) = build.done(documents.file([paper], actor=ACTOR, at=AT))
    counts = []
    for many in (1, 40):
        with CaptureQueriesContext(connection, ) as seen:  # fmt: skip
            send(*(draft(to=f"m-{many}-{each}@example.com", about_id=new_id(), attachments=(document,))
                   for each in range(many)))  # fmt: skip
        counts.append(len([each for each in seen if not each["sql"].startswith(("COPY", "SAVEPOINT", "RELEASE"))]))
    assert counts[1] <= counts[0]


def confirmations(server: MailSandbox) -> dict[str, EmailMessage]:
    found = [parsed(server, index) for index in range(len(server.received))]
    return {str(message["To"]): message for message in found}


def papers(message: EmailMessage) -> list[tuple[str | None, bytes]]:
    return [(part.get_filename(), part.get_content()) for part in message.iter_attachments()]


def test_confirmations_in_german_and_english_with_the_paper_attached(server: MailSandbox) -> None:
    company()
    german = build.order(lines=[("BIKE", "2"), ("FITTING", "1.5")], customer_reference="B-77")
    english = build.order(customer="C-3", lines=[("HELMET", "1")], payment_method="bank_transfer")
    done = build.done(actions.order_confirmation([german, english], actor=ACTOR, at=AT, note="Bis bald!"))
    assert len(done) == 2
    assert build.done(actions.order_confirmation([german, english], actor=ACTOR, at=AT)) == done
    assert [state for _, state in deliver()] == ["sent", "sent"]
    found = confirmations(server)
    dealer = found["Radhaus Nord <einkauf@radhaus.example>"]
    text = dealer.get_body(("plain",)).get_content()
    assert str(dealer["Subject"]).startswith("Auftragsbestätigung SO-")
    assert (dealer["Content-Language"], str(dealer["Reply-To"])) == ("de", SENDER)
    assert "2 × Touring bike, Ankunft" in text
    assert "1,5 Std. Bike fitting" in text
    assert "(Ihre Referenz B-77)" in text
    assert "Bis bald!" in text
    assert text.splitlines()[-2:] == ["Freundliche Grüße", "Auftakt Rad GmbH"]
    person = found["Mia Muster <mia@example.com>"]
    assert "Thank you for your order" in person.get_body(("plain",)).get_content()
    for message in (dealer, person):
        [(name, content)] = papers(message)
        assert name
        assert name.startswith("SO-")
        assert content.startswith(b"%PDF-")
    assert violations() == []


def test_a_confirmation_says_what_is_still_ordered_and_comes_anew_with_a_revision(server: MailSandbox) -> None:
    company()
    order_id = build.order(lines=[("BIKE", "3"), ("LOCK", "1")])
    (first,) = build.done(actions.order_confirmation([order_id], actor=ACTOR, at=AT))
    lines = build.order_queries.order_lines(order_ids=[order_id])
    lock = next(each.id for each in lines.values() if each.sku == "LOCK")
    build.done(orders.cancel([Cancellation(order_id, reason="test", line_id=lock)], actor=ACTOR, at=AT))
    known = queries.gather([order_id])
    sheet = queries.confirmation_sheet(known, known.orders[order_id])
    assert [line["sku"] for line in sheet["lines"] if line["sku"]] == ["BIKE"]
    assert sheet["gross"] == sum(line["net"] + line["tax"] for line in sheet["lines"])
    assert sheet["gross"] == sum(row["base"] + row["tax"] for row in sheet["taxes"])
    del first


def test_confirmations_that_cannot_go_say_why(server: MailSandbox) -> None:
    company()
    nobody, drafted, unknown = build.order(customer="C-2"), build.order(stage="draft"), new_id()
    outcome = actions.order_confirmation([nobody, drafted, unknown], actor=ACTOR, at=AT)
    assert [(each.subject, each.code) for each in outcome.refused] == [
        (str(nobody), "no_mail_address"), (str(drafted), "order_not_submitted"), (str(unknown), "order_unknown"),
    ]  # fmt: skip
    assert not Mail.objects.exists()
    build.done(actions.order_confirmation([nobody], to="buero@bergrad.example", actor=ACTOR, at=AT))
    bad = actions.order_confirmation([nobody], to="nonsense", actor=ACTOR, at=AT)
    assert [(each.subject, each.code) for each in bad.refused] == [(str(nobody), "mail_address_bad")]


def test_a_contact_stands_in_for_a_customer_without_an_address(server: MailSandbox) -> None:
    company()
    contact = ContactDraft("Resi Berg", email="resi@bergrad.example")
    party = PartyDraft("C-2", "Bergrad Wien", language="de", payment_terms="NET30", contacts=(contact,))
    build.done(parties.save_parties([party], actor=ACTOR, at=AT))
    build.done(actions.order_confirmation([build.order(customer="C-2")], actor=ACTOR, at=AT))
    [mail] = queries.list_mails()
    assert (mail.to, mail.to_name) == ("resi@bergrad.example", "Resi Berg")


def test_invoice_and_shipment_go_out_with_their_papers(server: MailSandbox) -> None:
    company()
    order_id = build.order(stage="billed", lines=[("BIKE", "1")])
    [bill] = invoices.invoices_of_orders([order_id])[order_id]
    [shipment] = shipping.shipments_of_orders([order_id])[order_id]
    (about_bill,) = build.done(actions.invoice_mail([bill.id], actor=ACTOR, at=AT))
    (about_shipment,) = build.done(actions.shipment_notice([shipment.id], actor=ACTOR, at=AT))
    assert build.done(actions.invoice_mail([bill.id], actor=ACTOR, at=AT)) == (about_bill,)
    assert {state for _, state in deliver()} == {"sent"}
    subjects = {str(parsed(server, index)["Subject"]): parsed(server, index) for index in range(2)}
    told = subjects[f"Rechnung {bill.number}"]
    assert "Bitte zahlen Sie" in told.get_body(("plain",)).get_content()
    assert [name for name, _ in papers(told)] == [f"{bill.number}.pdf"]
    number = queries.mails([about_shipment])[about_shipment].about_number
    notice = subjects[f"Ihre Bestellung {bill.order_number} ist unterwegs"]
    assert f"Sendungsnummer: {shipment.tracking_number}" in notice.get_body(("plain",)).get_content()
    assert [name for name, _ in papers(notice)] == [f"{number}.pdf"]
    assert {each.id for each in queries.mails_of_order(order_id)} == {about_bill, about_shipment}
    assert [each.id for each in queries.list_mails(MailFilter(kind="invoice"))] == [about_bill]
    timeline = build.order_queries.timeline(order_id)
    assert "mail.sent" in {entry.verb for entry in timeline}
    assert violations() == []


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user"),
    [
        ("smtp://user:p%40ss@mail.example?tls=starttls", "mail.example", 587, "starttls", "user"),
        ("smtps://mail.example", "mail.example", 465, "tls", ""),
        ("smtp://localhost:1025?tls=none", "localhost", 1025, "none", ""),
    ],
)
def test_addresses_of_mail_servers(url: str, host: str, port: int, tls: str, user: str) -> None:
    found = SmtpServer(url)
    assert (found.host, found.port, found.tls, found.user) == (host, port, tls, user)
    assert found.password == ("p@ss" if user else "")


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://mail.example?tls=maybe", "smtp://?x=1"])
def test_an_address_of_no_mail_server_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="AUFTAKT_MAIL_URL"):
        SmtpServer(url)


@contextmanager
def plain_server() -> Iterator[str]:
    with mail_sandbox() as running:
        yield running.url.replace("tls=none", "tls=starttls")


def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for(settings: Any) -> None:
    with plain_server() as url:
        settings.AUFTAKT_MAIL_URL, settings.AUFTAKT_MAIL_FROM = url, SENDER
        (key,) = send(draft())
        assert deliver() == [(key, "queued")]


@pytest.mark.parametrize(
    ("text", "good"),
    [("mia@example.com", True), ("Mia+x@Müller.example", True), ("a@b", False), ("a b@c.example", False),
     ("a@c.example, b@c.example", False), ("<a@c.example>", False), ("a..b@c.example", False), ("", False)],
)  # fmt: skip
def test_addresses(text: str, *, good: bool) -> None:
    assert (not rules.draft_findings(draft(to=text))) is good
