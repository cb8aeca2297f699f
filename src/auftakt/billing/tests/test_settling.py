"""What a person says money is for, undoing it, and what is proposed."""

import threading
from dataclasses import replace
from decimal import Decimal as D
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.billing import actions, queries
from auftakt.billing.models import Allocation, Payment, Posting
from auftakt.billing.tests.build import ACTOR, AT, Line, company, journal, order, violations
from auftakt.billing.tests.test_receive import invoice, receipt, receive, snapshot
from auftakt.billing.types import AllocationDraft, CreditDraft, Hint, ReleaseDraft, Share
from auftakt.parties.models import CreditDraw, CreditLine, Party

BY: dict[str, Any] = {"actor": ACTOR, "at": AT}


def settling(amount: str, reference: str, *shares: tuple[UUID, str], **target: str) -> Any:
    target = target or {"customer_number": "C-AUF"}
    return replace(receipt(amount, reference, **target), settles=tuple(Share(key, D(part)) for key, part in shares))


@pytest.mark.django_db
def test_a_receipt_settles_what_it_says_and_keeps_the_rest_on_account() -> None:
    home = company(limit="500")
    first, second = invoice(home), invoice(home)
    (paid,) = receive(replace(settling("150.00", "B1", (second.id, "100.00")), text="for the\n second"))
    facts = queries.invoices([first.id, second.id])
    assert (facts[first.id].open_amount, facts[second.id].open_amount) == (D("119.00"), D("19.00"))
    assert (paid.allocated, paid.text, paid.legal_entity_id) == (D("100.00"), "for the second", home.entity.id)
    sides = dict(Posting.objects.filter(subject_id=paid.id).values_list("account", "amount"))
    assert sides == {"bank": D("150.00"), "receivables": D("-100.00"), "customer_prepayments": D("-50.00")}
    (told,) = journal("billing.received")
    assert told.change["on_account"] == "50.00"
    assert CreditLine.objects.get().drawn == D("138.00")
    assert violations() == {}


@pytest.mark.django_db
def test_a_receipt_may_stay_on_account_as_a_whole() -> None:
    bill = invoice(company())
    (paid,) = receive(settling("50.00", "B1"))
    assert (paid.allocated, queries.invoices([bill.id])[bill.id].open_amount) == (0, D("119.00"))
    assert violations() == {}


@pytest.mark.django_db
def test_what_a_receipt_may_not_settle_is_told_and_nothing_moves() -> None:
    home, other = company(), company("ZWEI")
    bill, foreign, dollars = invoice(home), invoice(other), invoice(home, currency="USD")
    note = actions.credit([CreditDraft(invoice(home).id, "broken")], **BY).one()
    before = snapshot()
    cases = {
        "invoice_overpaid": settling("200.00", "R", (bill.id, "119.01")),
        "settles_too_much": settling("50.00", "R", (bill.id, "50.01")),
        "invoice_unknown": settling("50.00", "R", (foreign.id, "50.00")),
        "currency_mismatch": settling("50.00", "R", (dollars.id, "50.00")),
        "amount_invalid": settling("50.00", "R", (bill.id, "0.001")),
        "not_an_invoice": settling("50.00", "R", (note, "1.00")),
    }
    for code, each in cases.items():
        (refused,) = actions.receive_payments([each], **BY).refused
        assert refused.code == code
    (twice,) = actions.receive_payments(
        [settling("200.00", "R", (bill.id, "100.00"), (bill.id, "19.01"))], **BY
    ).refused
    assert (twice.code, twice.findings[0].facts["open"]) == ("invoice_overpaid", "19.00")
    assert snapshot() == before


@pytest.mark.django_db
def test_two_receipts_of_a_batch_do_not_settle_the_same_twice() -> None:
    bill = invoice(company())
    outcome = actions.receive_payments(
        [settling("100.00", "B1", (bill.id, "100.00")), settling("100.00", "B2", (bill.id, "100.00"))], **BY
    )
    assert (len(outcome.done), outcome.refused[0].code) == (1, "invoice_overpaid")
    assert outcome.refused[0].findings[0].facts["open"] == "19.00"
    assert violations() == {}


@pytest.mark.django_db
def test_a_form_sent_twice_books_once() -> None:
    bill = invoice(company())
    each = settling("119.00", "F-1", (bill.id, "119.00"))
    (first,) = receive(each)
    before = snapshot()
    assert receive(each) == [first]
    assert receive(each, each) == [first, first]
    assert snapshot() == before


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_books_once() -> None:
    bill = invoice(company())
    each = settling("119.00", "F-1", (bill.id, "119.00"))
    outcomes = at_once(lambda _: actions.receive_payments([each], **BY), 4)
    assert [outcome.refused for outcome in outcomes] == [()] * 4
    assert len({outcome.done for outcome in outcomes}) == Payment.objects.count() == 1
    assert violations() == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_the_same_money_the_second_is_told() -> None:
    home = company()
    bills = [invoice(home), invoice(home)]
    (paid,) = receive(settling("119.00", "B1"))
    outcomes = at_once(
        lambda place: actions.allocate([AllocationDraft(paid.id, bills[place].id, D("119.00"))], **BY), 2
    )
    assert sorted(len(outcome.done) for outcome in outcomes) == [0, 1]
    (refused,) = [refusal for outcome in outcomes for refusal in outcome.refused]
    assert (refused.code, refused.findings[0].facts["free"]) == ("account_overdrawn", "0.00")
    assert Allocation.objects.count() == 1
    assert violations() == {}


def at_once(verb: Any, times: int) -> list[Any]:
    """What a verb answers in several threads that start together."""
    barrier = threading.Barrier(times)
    answers: list[Any] = []

    def run(place: int) -> None:
        try:
            barrier.wait(10)
            answers.append(verb(place))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


# ------------------------------------------------------------------------------------------------ undoing


@pytest.mark.django_db
def test_undoing_a_matching_puts_everything_back() -> None:
    home = company(limit="500")
    bill, other = invoice(home), invoice(home)
    (paid,) = receive(settling("200.00", "B1", (bill.id, "119.00"), (other.id, "81.00")))
    assert CreditLine.objects.get().drawn == D("38.00")
    assert actions.release_allocations([ReleaseDraft(paid.id, bill.id, "wrong invoice")], **BY).done == (paid.id,)
    paid.refresh_from_db()
    bill.refresh_from_db()
    assert (paid.allocated, bill.paid, CreditLine.objects.get().drawn) == (D("81.00"), 0, D("157.00"))
    assert list(Allocation.objects.filter(invoice=bill).order_by("amount").values_list("amount", flat=True)) == [
        D("-119.00"), D("119.00"),
    ]  # fmt: skip
    entries = Posting.objects.filter(subject_id=paid.id, account="customer_prepayments")
    assert [each.amount for each in entries] == [D("-119.00")]
    (told,) = journal("billing.released")
    assert (told.subject_id, told.change["amount"], told.change["reason"], told.change["payment_id"]) == (
        bill.id, "119.000", "wrong invoice", str(paid.id),
    )  # fmt: skip
    assert violations() == {}
    assert actions.allocate([AllocationDraft(paid.id, bill.id, D("119.00"))], **BY).done
    assert CreditLine.objects.get().drawn == D("38.00")
    assert violations() == {}


@pytest.mark.django_db
def test_part_of_a_matching_is_undone() -> None:
    bill = invoice(company())
    (paid,) = receive(settling("119.00", "B1", (bill.id, "119.00")))
    assert actions.release_allocations([ReleaseDraft(paid.id, bill.id, "retained", D("19.00"))], **BY).done
    assert queries.invoices([bill.id])[bill.id].open_amount == D("19.00")
    assert [row.held for row in queries.held_by([paid.id])[paid.id]] == [D("100.00")]
    assert violations() == {}


@pytest.mark.django_db
def test_what_cannot_be_undone_says_why_and_nothing_moves() -> None:
    home = company(limit="500")
    bill, other = invoice(home), invoice(home)
    (paid,) = receive(settling("100.00", "B1", (bill.id, "100.00")))
    before = snapshot()
    cases = {
        "payment_unknown": ReleaseDraft(UUID(int=1), bill.id, "x"),
        "reason_missing": ReleaseDraft(paid.id, bill.id, " "),
        "not_allocated": ReleaseDraft(paid.id, other.id, "x"),
        "amount_invalid": ReleaseDraft(paid.id, bill.id, "x", D("-1")),
        "released_too_much": ReleaseDraft(paid.id, bill.id, "x", D("100.01")),
    }
    outcome = actions.release_allocations(list(cases.values()), **BY)
    assert [refusal.code for refusal in outcome.refused] == list(cases)
    assert (outcome.done, snapshot()) == ((), before)
    twice = actions.release_allocations([ReleaseDraft(paid.id, bill.id, "x")] * 2, **BY)
    assert (len(twice.done), twice.refused[0].code) == (1, "not_allocated")
    assert violations() == {}


@pytest.mark.django_db
def test_undoing_goes_through_although_the_credit_is_used_up_meanwhile() -> None:
    home = company(limit="120")
    bill = invoice(home)
    (paid,) = receive(settling("119.00", "B1", (bill.id, "119.00")))
    line = CreditLine.objects.get()
    CreditDraw.objects.create(credit_line=line, subject_id=UUID(int=5), amount=D("100.00"), at=AT)
    CreditLine.objects.update(drawn=D("100.00"))
    assert actions.release_allocations([ReleaseDraft(paid.id, bill.id, "wrong")], **BY).done
    assert CreditLine.objects.get().drawn == D("120.00")
    assert CreditDraw.objects.get(subject_id=bill.order_id).amount == D("20.00")
    assert violations() == {}


@pytest.mark.django_db
def test_an_order_that_never_drew_credit_draws_none_when_its_payment_is_undone() -> None:
    home = company()
    bill = invoice(home)
    (paid,) = receive(settling("119.00", "B1", (bill.id, "119.00")))
    CreditLine.objects.create(party=home.customer, currency="EUR", limit=D(500), drawn=0)
    assert actions.release_allocations([ReleaseDraft(paid.id, bill.id, "wrong")], **BY).done
    assert CreditLine.objects.get().drawn == 0


@pytest.mark.django_db
def test_statements_do_not_grow_with_what_is_undone() -> None:
    home = company(limit="100000")
    counts = []
    for size in (1, 60):
        bills = [invoice(home) for _ in range(size)]
        paid = receive(*(settling("119.00", f"{size}-{at}", (bill.id, "119.00")) for at, bill in enumerate(bills)))
        drafts = [ReleaseDraft(each.id, bill.id, "x") for each, bill in zip(paid, bills, strict=True)]
        with CaptureQueriesContext(connection) as seen:
            assert len(actions.release_allocations(drafts, **BY).done) == size
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert violations() == {}


# ------------------------------------------------------------------------------------------------ proposals


@pytest.mark.django_db
def test_proposals_by_number_order_customer_and_amount() -> None:
    home, other = company(), company("ZWEI")
    first, second = invoice(home), invoice(home, "50.00", number="O-4711")
    third = invoice(other, "77.00")
    Party.objects.filter(id=home.customer.id).update(number="C10001")
    by_number, torn, by_order, only, nothing, known = queries.proposals([
        Hint(D("119.00"), "EUR", f"Rg. {first.number} Danke"),
        Hint(D("100.00"), "EUR", f"RECHNUNG{first.number.replace('-', ' ')} abzgl. "),
        Hint(D("50.00"), "EUR", "Bestellung o-4711"),
        Hint(D("77.00"), "EUR", "Danke"),
        Hint(D("1.23"), "EUR", "Danke"),
        Hint(D("20.00"), "EUR", "", customer_id=home.customer.id),
    ])  # fmt: skip
    assert (by_number.shares, by_number.is_sure) == ((Share(first.id, D("119.000")),), True)
    assert by_number.reasons == ("invoice_number", "exact_amount")
    assert (by_order.shares, by_order.customer_number) == ((Share(second.id, D("50.000")),), "C10001")
    (by_customer,) = queries.proposals([Hint(D("169.00"), "EUR", "Kd C10001 alles")])
    assert by_customer.reasons == ("whole_account", "customer_number")
    assert {share.invoice_id for share in by_customer.shares} == {first.id, second.id}
    assert (only.shares, only.is_sure, only.reasons) == ((Share(third.id, D("77.00")),), False, ("only_amount",))
    assert nothing.customer_id is None
    assert (known.reasons, known.is_sure) == (("oldest_first", "claimed_twice"), False)
    assert not torn.is_sure


@pytest.mark.django_db
def test_two_receipts_do_not_both_claim_an_invoice() -> None:
    bill = invoice(company())
    first, second = queries.proposals([Hint(D("119.00"), "EUR", bill.number)] * 2)
    assert (first.is_sure, second.is_sure, second.shares) == (True, False, ())
    assert "claimed_twice" in second.reasons


@pytest.mark.django_db
def test_numbers_left_without_hyphens_or_torn_apart_are_found() -> None:
    bill = invoice(company())
    number = bill.number
    for text in (number, number.replace("-", ""), number.replace("-", " "), f"RE:{number.lower()}."):
        assert queries.proposals([Hint(D("119.00"), "EUR", text)])[0].is_sure, text


@pytest.mark.django_db
def test_rubbish_in_a_text_finds_nobody() -> None:
    invoice(company())
    for text in ("", "%_\\'\"", "🚲 日本 \u202e", "9" * 900, "1 2 3 " * 300):
        assert queries.proposals([Hint(D("1.00"), "EUR", text, payer=text, payer_account=text)])[0].shares == ()


@pytest.mark.django_db
def test_proposals_cost_the_same_for_one_and_for_many() -> None:
    home = company()
    bills = [invoice(home) for _ in range(20)]
    counts = []
    for some in (bills[:1], bills):
        with CaptureQueriesContext(connection) as seen:
            found = queries.proposals([Hint(D("119.00"), "EUR", bill.number) for bill in some])
        assert all(each.is_sure for each in found)
        counts.append(len(seen))
    assert counts == [2, 2]
    assert order(home, [Line("1", "1.00", "0.19", ())])
