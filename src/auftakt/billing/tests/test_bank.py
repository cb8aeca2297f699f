"""Bank lines: taken once, booked once, set aside with a reason."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.billing import actions, queries
from auftakt.billing.models import BankLine, BankStatement, Payment
from auftakt.billing.tests.build import ACTOR, AT, company, journal, violations
from auftakt.billing.tests.test_receive import invoice, receipt, receive, snapshot
from auftakt.billing.tests.test_settling import at_once
from auftakt.billing.types import BankBooking, BankLineDraft, SettingAside, Share, StatementDraft
from auftakt.platform.models import JournalEntry

BY: dict[str, Any] = {"actor": ACTOR, "at": AT}
DAY = date(2026, 3, 20)


def line(reference: str, amount: str = "119.00", text: str = "", **more: Any) -> BankLineDraft:
    return BankLineDraft(reference, DAY, DAY, D(amount), "EUR", "Radhaus Nord", "DE02", text, **more)


def take(*lines: BankLineDraft, account: str = "DE99") -> Any:
    return actions.take_statements([StatementDraft(account, "march.xml", "camt", lines)], **BY).one()


@pytest.mark.django_db
def test_the_same_file_twice_brings_nothing_new() -> None:
    taken = take(line("A"), line("B"))
    assert (len(taken.fresh), taken.known) == (2, 0)
    before = (BankStatement.objects.count(), BankLine.objects.count(), JournalEntry.objects.count())
    again = take(line("A"), line("B"))
    assert (again.statement_id, again.fresh, again.known) == (None, (), 2)
    assert (BankStatement.objects.count(), BankLine.objects.count(), JournalEntry.objects.count()) == before
    more = take(line("B"), line("C"), line("C"))
    assert (len(more.fresh), more.known) == (1, 2)
    assert take(line("A"), account="DE77").fresh
    assert [entry.change["new"] for entry in journal("billing.statement_taken")] == [2, 1, 1]
    assert violations() == {}


@pytest.mark.django_db(transaction=True)
def test_the_same_file_by_two_at_once_is_taken_once() -> None:
    outcomes = at_once(lambda _: take(line("A"), line("B")), 3)
    assert sorted(len(taken.fresh) for taken in outcomes) == [0, 0, 2]
    assert BankLine.objects.count() == 2


@pytest.mark.django_db
def test_a_line_is_booked_as_a_payment_with_what_it_settles() -> None:
    home = company()
    bill = invoice(home)
    (key,) = take(line("A", "150.00", f"Rg {bill.number}")).fresh
    (proposal,) = queries.proposals([queries.hint_of(queries.bank_lines([key])[0])])
    assert proposal.shares == (Share(bill.id, D("119.000")),)
    paid = Payment.objects.get(
        id=actions.book_bank_lines([BankBooking(key, proposal.customer_number, proposal.shares)], **BY).one()
    )
    assert (paid.reference, paid.method, paid.received_on, paid.allocated) == ("A", "bank_transfer", DAY, D("119.00"))
    assert paid.text == f"Radhaus Nord · Rg {bill.number}"
    stored = BankLine.objects.get(id=key)
    assert (stored.state, stored.payment_id, stored.settled_by) == ("booked", paid.id, ACTOR)
    assert journal("billing.bank_line_booked")[0].change == {"payment_id": str(paid.id), "reference": "A"}
    (known,) = queries.proposals([queries.hint_of(replace(queries.bank_lines([key])[0], payer="", text=""))])
    assert (known.customer_number, known.reasons[-1]) == ("C-AUF", "known_account")
    assert violations() == {}


@pytest.mark.django_db
def test_a_line_that_was_booked_by_hand_under_its_reference_is_not_booked_again() -> None:
    home = company()
    bill = invoice(home)
    (paid,) = receive(receipt("119.00", "A", invoice_number=bill.number))
    (key,) = take(line("A")).fresh
    assert actions.book_bank_lines([BankBooking(key, "C-AUF", (Share(bill.id, D("119.00")),))], **BY).done == (paid.id,)
    assert Payment.objects.count() == 1
    assert violations() == {}


@pytest.mark.django_db
def test_lines_that_cannot_be_booked_say_why_and_nothing_moves() -> None:
    home = company()
    bill = invoice(home)
    first, second, third = take(line("A"), line("B"), line("C")).fresh
    (foreign,) = take(line("A"), account="DE77").fresh
    assert actions.book_bank_lines([BankBooking(first, "C-AUF")], **BY).done
    assert actions.set_aside_bank_lines([SettingAside(second, "interest")], **BY).done == (second,)
    before = (snapshot(), list(BankLine.objects.order_by("id").values_list("state")))
    cases = {
        "line_unknown": BankBooking(UUID(int=1), "C-AUF"),
        "line_settled": BankBooking(first, "C-AUF"),
        "customer_unknown": BankBooking(third, "C-X"),
        "reference_reused": BankBooking(foreign, "C-AUF"),
    }
    for code, booking in cases.items():
        outcome = actions.book_bank_lines([booking], **BY)
        assert ([refusal.code for refusal in outcome.refused], outcome.done) == ([code], ())
    too_much = BankBooking(third, "C-AUF", (Share(bill.id, D("119.00")),) * 2)
    (refused,) = actions.book_bank_lines([too_much], **BY).refused
    assert "settles_too_much" in {finding.code for finding in refused.findings}
    (refused,) = actions.set_aside_bank_lines([SettingAside(third, " ")], **BY).refused
    assert refused.code == "reason_missing"
    assert actions.reopen_bank_lines([third], **BY).refused[0].code == "line_settled"
    assert (snapshot(), list(BankLine.objects.order_by("id").values_list("state"))) == before
    assert actions.reopen_bank_lines([second], **BY).done == (second,)
    assert [each.id for each in queries.bank_lines(state="waiting")] == [second, third, foreign]
    assert violations() == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_book_a_line_at_once_the_second_is_told() -> None:
    bill = invoice(company())
    (key,) = take(line("A")).fresh
    outcomes = at_once(
        lambda _: actions.book_bank_lines([BankBooking(key, "C-AUF", (Share(bill.id, D("119.00")),))], **BY), 3
    )
    assert sorted(len(outcome.done) for outcome in outcomes) == [0, 0, 1]
    assert {refusal.code for outcome in outcomes for refusal in outcome.refused} == {"line_settled"}
    assert Payment.objects.count() == 1
    assert violations() == {}


@pytest.mark.django_db
def test_statements_do_not_grow_with_lines() -> None:
    home = company()
    taking, booking = [], []
    for size in (1, 50):
        bills = [invoice(home) for _ in range(size)]
        lines = [line(f"{size}-{place}", text=bill.number) for place, bill in enumerate(bills)]
        with CaptureQueriesContext(connection) as seen:
            fresh = take(*lines).fresh
        taking.append(len(seen))
        wanted = [
            BankBooking(key, "C-AUF", (Share(bill.id, D("119.00")),)) for key, bill in zip(fresh, bills, strict=True)
        ]
        with CaptureQueriesContext(connection) as seen:
            assert len(actions.book_bank_lines(wanted, **BY).done) == size
        booking.append(len(seen))
    assert taking[0] == taking[1]
    assert booking[0] == booking[1]
    assert violations() == {}
