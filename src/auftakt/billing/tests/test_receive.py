"""Money in: allocation, on account, idempotence, refusals."""

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.billing import actions, queries
from auftakt.billing.models import Allocation, Invoice, Payment, Posting
from auftakt.billing.tests.build import ACTOR, AT, Company, Line, company, journal, order, shipments, violations
from auftakt.billing.types import AllocationDraft, Receipt, RefundDraft
from auftakt.parties.models import CreditDraw, CreditLine
from auftakt.platform.models import JournalEntry

DAY = date(2026, 3, 20)


def invoice(home: Company, gross: str = "119.00", **more: str) -> Invoice:
    net = (D(gross) / D("1.19")).quantize(D("0.01"))
    made = order(home, [Line("1", str(net), str(D(gross) - net), ("1",))], **more)
    return Invoice.objects.get(id=actions.bill(shipments(made), actor=ACTOR, at=AT).one())


def receipt(amount: str, reference: str, **target: str) -> Receipt:
    return Receipt("bank_transfer", D(amount), "EUR", DAY, reference, **target)


def receive(*receipts: Receipt) -> list[Payment]:
    outcome = actions.receive_payments(receipts, actor=ACTOR, at=AT)
    assert not outcome.refused
    found = Payment.objects.in_bulk(outcome.done)
    return [found[key] for key in outcome.done]


def snapshot() -> tuple[object, ...]:
    return (
        Payment.objects.count(), Allocation.objects.count(), Posting.objects.count(), JournalEntry.objects.count(),
        list(Invoice.objects.order_by("id").values_list("paid", "credited")),
        list(CreditLine.objects.values_list("drawn")),
    )  # fmt: skip


@pytest.mark.django_db
def test_a_full_payment_closes_the_item_and_gives_back_credit() -> None:
    home = company(limit="500")
    bill = invoice(home)
    assert CreditLine.objects.get().drawn == D("119.00")
    (paid,) = receive(receipt("119.00", "B1", invoice_number=bill.number))
    bill.refresh_from_db()
    assert (bill.paid, paid.allocated) == (D("119.00"), D("119.00"))
    assert CreditLine.objects.get().drawn == 0
    assert CreditDraw.objects.get().amount == 0
    sides = dict(Posting.objects.filter(subject_id=paid.id).values_list("account", "amount"))
    assert sides == {"bank": D("119.00"), "receivables": D("-119.00")}
    (told,) = journal("billing.paid")
    assert (told.subject_id, told.change["order_id"], told.change["amount"]) == (
        bill.id, str(bill.order_id), "119.00"
    )  # fmt: skip
    assert violations() == {}


@pytest.mark.django_db
def test_an_underpayment_leaves_the_rest_open_even_a_cent() -> None:
    home = company(limit="500")
    bill = invoice(home)
    receive(receipt("118.99", "B1", invoice_number=bill.number))
    facts = queries.invoices([bill.id])[bill.id]
    assert (facts.open_amount, facts.state) == (D("0.01"), "partly_paid")
    assert CreditLine.objects.get().drawn == D("0.01")
    assert violations() == {}


@pytest.mark.django_db
def test_an_overpayment_stays_on_account_can_be_used_and_refunded() -> None:
    home = company()
    first, second = invoice(home), invoice(home)
    (paid,) = receive(receipt("200.00", "B1", invoice_number=first.number))
    assert queries.list_payments(on_account=True)[0].on_account == D("81.00")
    too_much = actions.allocate([AllocationDraft(paid.id, second.id, D("81.01"))], actor=ACTOR, at=AT)
    assert [refusal.code for refusal in too_much.refused] == ["account_overdrawn"]
    actions.allocate([AllocationDraft(paid.id, second.id, D("50.00"))], actor=ACTOR, at=AT)
    assert queries.invoices([second.id])[second.id].open_amount == D("69.00")
    refused = actions.refund([RefundDraft(paid.id, D("31.01"), "paid twice", "OUT-1")], actor=ACTOR, at=AT).refused
    assert refused[0].code == "account_overdrawn"
    assert actions.refund([RefundDraft(paid.id, D("31.00"), "paid twice", "OUT-1")], actor=ACTOR, at=AT).done
    paid.refresh_from_db()
    assert (paid.allocated, paid.refunded) == (D("169.00"), D("31.00"))
    assert queries.list_payments(on_account=True) == []
    again = actions.refund([RefundDraft(paid.id, D("0.01"), "again", "OUT-1")], actor=ACTOR, at=AT).refused[0]
    assert {finding.code for finding in again.findings} == {"account_overdrawn", "reference_reused"}
    assert violations() == {}


@pytest.mark.django_db
def test_the_same_receipt_is_booked_once_and_other_content_is_refused() -> None:
    home = company()
    bill = invoice(home)
    (first,) = receive(receipt("50.00", "B1", invoice_number=bill.number))
    before = snapshot()
    again = receipt("50.00", "B1", invoice_number=bill.number)
    assert receive(again, again) == [first, first]
    assert snapshot() == before
    outcome = actions.receive_payments([replace(again, amount=D("51.00"))], actor=ACTOR, at=AT)
    assert outcome.refused[0].code == "reference_reused"
    assert snapshot() == before


@pytest.mark.django_db
def test_one_receipt_twice_in_a_batch_is_one_payment() -> None:
    bill = invoice(company())
    each = receipt("50.00", "B1", invoice_number=bill.number)
    first, second = receive(each, each)
    assert first == second
    assert queries.invoices([bill.id])[bill.id].open_amount == D("69.00")


@pytest.mark.django_db(transaction=True)
def test_the_same_receipt_at_the_same_moment_is_one_payment() -> None:
    bill = invoice(company())
    each = receipt("119.00", "B1", invoice_number=bill.number)
    done: list[object] = []

    def run() -> None:
        try:
            done.extend(actions.receive_payments([each], actor=ACTOR, at=AT).done)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), len(set(done)), Payment.objects.count()) == (6, 1, 1)
    assert violations() == {}


@pytest.mark.django_db
def test_by_customer_the_longest_due_is_settled_first_and_only_in_its_currency() -> None:
    home = company()
    first, second = invoice(home), invoice(home)
    dollars = invoice(home, currency="USD")
    (paid,) = receive(receipt("150.00", "B1", customer_number="C-AUF"))
    facts = queries.invoices([first.id, second.id, dollars.id])
    opens = (facts[first.id].open_amount, facts[second.id].open_amount, facts[dollars.id].open_amount)
    assert opens == (0, D("88.00"), D("119.00"))
    assert paid.order_id is None
    assert violations() == {}


@pytest.mark.django_db
def test_money_on_account_before_any_invoice() -> None:
    home = company()
    receive(receipt("10.00", "B1", customer_number="C-AUF"))
    assert queries.list_payments(on_account=True, customer_id=home.customer.id)[0].on_account == D("10.00")
    assert queries.aging(DAY)[0].on_account == D("10.00")
    assert violations() == {}


@pytest.mark.django_db
def test_bad_receipts_are_refused_by_name_and_nothing_moves() -> None:
    home = company(limit="500")
    bill = invoice(home, number="O-1")
    before = snapshot()
    good = receipt("1.00", "R", invoice_number=bill.number)
    cases = {
        "currency_mismatch": replace(good, currency="USD"),
        "method_needs_provider": replace(good, method="card"),
        "method_unknown": replace(good, method="shells"),
        "amount_invalid": replace(good, amount=D("0.001")),
        "reference_missing": replace(good, reference=" "),
        "invoice_unknown": replace(good, invoice_number="AUF-1"),
        "order_unknown": replace(good, invoice_number="", order_number="O-2"),
        "customer_unknown": replace(good, invoice_number="", customer_number="C-2"),
        "target_missing": replace(good, invoice_number=""),
    }
    outcome = actions.receive_payments(list(cases.values()), actor=ACTOR, at=AT)
    assert [refusal.code for refusal in outcome.refused] == list(cases)
    assert outcome.done == ()
    assert snapshot() == before
    for amount in ("0", "-5", "NaN", "Infinity"):
        refused = actions.receive_payments([replace(good, amount=D(amount))], actor=ACTOR, at=AT).refused
        assert refused[0].code == "amount_invalid"
    several = replace(good, currency="USD", reference="", amount=D("-1"))
    codes = [finding.code for finding in actions.receive_payments([several], actor=ACTOR, at=AT).refused[0].findings]
    assert codes == ["amount_invalid", "reference_missing", "currency_mismatch"]
    mixed = actions.receive_payments([cases["target_missing"], good], actor=ACTOR, at=AT)
    assert (len(mixed.done), len(mixed.refused)) == (1, 1)


@pytest.mark.django_db
def test_cash_on_delivery_goes_to_cash() -> None:
    bill = invoice(company(), method="cash_on_delivery")
    (paid,) = receive(replace(receipt("119.00", "DHL-1", invoice_number=bill.number), method="cash_on_delivery"))
    assert Posting.objects.filter(subject_id=paid.id, account="cash").get().amount == D("119.00")


@pytest.mark.django_db
def test_statement_count_does_not_grow() -> None:
    home = company(limit="100000")
    counts = []
    for size in (1, 100):
        bills = [invoice(home) for _ in range(size)]
        receipts = [
            receipt("119.00", f"R{size}-{place}", invoice_number=each.number) for place, each in enumerate(bills)
        ]
        with CaptureQueriesContext(connection) as seen:
            assert len(receive(*receipts)) == size
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert violations() == {}
