"""Credit notes: never more than invoiced, balances and postings the other way round."""

from datetime import date
from decimal import Decimal as D
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from auftakt.billing import actions, queries
from auftakt.billing.models import Invoice, InvoiceLine, Payment, Posting
from auftakt.billing.tests.build import ACTOR, AT, Line, company, journal, order, shipments, violations
from auftakt.billing.types import CreditDraft, CreditPiece, Receipt
from auftakt.parties.models import CreditLine
from auftakt.platform.models import JournalEntry


def billed(quantity: str = "10", net: str = "900.00", tax: str = "171.00", **more: str) -> Invoice:
    home = company(limit="5000")
    made = order(home, [Line(quantity, net, tax, (quantity,))], **more)
    return Invoice.objects.get(id=actions.bill(shipments(made), actor=ACTOR, at=AT).one())


def pay(bill: Invoice, amount: str) -> Payment:
    receipt = Receipt("bank_transfer", D(amount), "EUR", date(2026, 3, 9), "B1", invoice_number=bill.number)
    return Payment.objects.get(id=actions.receive_payments([receipt], actor=ACTOR, at=AT).one())


def credit(bill: Invoice, quantity: str | None = None, reason: str = "returned") -> Invoice:
    line = InvoiceLine.objects.filter(invoice=bill).order_by("line_number").first()
    pieces = () if quantity is None else (CreditPiece(line.id, D(quantity)),)
    return Invoice.objects.get(id=actions.credit([CreditDraft(bill.id, reason, pieces)], actor=ACTOR, at=AT).one())


@pytest.mark.django_db
def test_three_of_ten_at_the_price_after_discount() -> None:
    bill = billed()
    note = credit(bill, "3")
    assert (note.net, note.tax, note.gross) == (D("270.00"), D("51.30"), D("321.30"))
    assert (note.kind, note.number, note.credits_id, note.reason) == (
        "credit_note", "AUF-CN-2026-000001", bill.id, "returned"
    )  # fmt: skip
    facts = queries.invoices([bill.id])[bill.id]
    assert (facts.credited, facts.open_amount) == (D("321.30"), D("749.70"))
    sides = dict(Posting.objects.filter(subject_id=note.id).values_list("account", "amount"))
    assert sides == {"receivables": D("-321.30"), "revenue": D("270.00"), "tax_payable": D("51.30")}
    assert CreditLine.objects.get().drawn == D("749.70")
    (told,) = journal("billing.credited")
    assert (told.change["order_id"], told.change["credited_number"]) == (str(bill.order_id), bill.number)
    assert violations() == {}


@pytest.mark.django_db
def test_pieces_of_a_credit_sum_to_the_line_and_never_more() -> None:
    bill = billed("3", "100.00", "19.00")
    assert [credit(bill, "1").net for _ in range(3)] == [D("33.33"), D("33.34"), D("33.33")]
    line = InvoiceLine.objects.get(invoice=bill)
    outcome = actions.credit([CreditDraft(bill.id, "again", (CreditPiece(line.id, D("1")),))], actor=ACTOR, at=AT)
    assert outcome.refused[0].code == "credited_too_much"
    assert outcome.refused[0].findings[0].facts == {"invoiced": "3.000000", "credited": "3.000000", "asked": "1"}
    assert actions.credit([CreditDraft(bill.id, "again")], actor=ACTOR, at=AT).refused[0].code == "nothing_to_credit"
    assert queries.invoices([bill.id])[bill.id].state == "credited"
    assert violations() == {}


@pytest.mark.django_db
def test_a_whole_credit_takes_back_the_shipping_charge_too() -> None:
    bill = billed(shipping="10.00")
    note = credit(bill)
    assert (note.net, note.tax, note.gross) == (bill.net, bill.tax, bill.gross)
    assert InvoiceLine.objects.filter(invoice=note).count() == 2
    assert violations() == {}


@pytest.mark.django_db
def test_what_was_paid_goes_back_on_account() -> None:
    bill = billed()
    paid = pay(bill, "1000.00")
    credit(bill, "3")  # 321.30, of which 71.00 were open
    facts = queries.invoices([bill.id])[bill.id]
    assert (facts.paid, facts.credited, facts.open_amount) == (D("749.70"), D("321.30"), 0)
    paid.refresh_from_db()
    assert (paid.allocated, queries.payments([paid.id])[paid.id].on_account) == (D("749.70"), D("250.30"))
    assert [each.amount for each in queries.allocations(invoice_ids=[bill.id])] == [D("1000.00"), D("-250.30")]
    assert CreditLine.objects.get().drawn == 0
    assert violations() == {}


@pytest.mark.django_db
def test_two_credits_for_one_invoice_in_one_call_see_each_other() -> None:
    bill = billed("3", "100.00", "19.00")
    pay(bill, "119.00")
    line = InvoiceLine.objects.get(invoice=bill)
    drafts = [CreditDraft(bill.id, "returned", (CreditPiece(line.id, D("2")),))] * 2
    outcome = actions.credit(drafts, actor=ACTOR, at=AT)
    assert (len(outcome.done), [refusal.code for refusal in outcome.refused]) == (1, ["credited_too_much"])
    assert violations() == {}


@pytest.mark.django_db
def test_bad_credits_are_refused_by_name_and_nothing_moves() -> None:
    bill = billed()
    line = InvoiceLine.objects.get(invoice=bill)
    before = (Invoice.objects.count(), Posting.objects.count(), JournalEntry.objects.count())
    cases = {
        "invoice_unknown": CreditDraft(UUID(int=1), "why"),
        "reason_missing": CreditDraft(bill.id, " "),
        "line_unknown": CreditDraft(bill.id, "why", (CreditPiece(UUID(int=1)),)),
        "credited_too_much": CreditDraft(bill.id, "why", (CreditPiece(line.id, D("11")),)),
    }
    outcome = actions.credit(list(cases.values()), actor=ACTOR, at=AT)
    assert [refusal.code for refusal in outcome.refused] == list(cases)
    for quantity in ("0", "-1"):
        draft = CreditDraft(bill.id, "why", (CreditPiece(line.id, D(quantity)),))
        assert actions.credit([draft], actor=ACTOR, at=AT).refused[0].code == "credited_too_much"
    assert (Invoice.objects.count(), Posting.objects.count(), JournalEntry.objects.count()) == before
    note = credit(bill, "1")
    assert actions.credit([CreditDraft(note.id, "why")], actor=ACTOR, at=AT).refused[0].code == "not_an_invoice"


@pytest.mark.django_db
def test_the_database_itself_refuses_an_overdrawn_open_item() -> None:
    bill = billed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(id=bill.id).update(paid=bill.gross, credited=D("0.01"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("update billing_invoiceline set net = net + 1", "verify_invoice_sums"),
        ("update billing_invoicetax set base = base + 1", "verify_tax_summaries"),
        ("update billing_invoice set paid = paid - 1 where kind = 'invoice'", "verify_open_items"),
        ("update billing_payment set allocated = allocated - 1", "verify_payments"),
        ("update billing_posting set amount = amount + 1 where account = 'revenue'", "verify_postings_balance"),
        ("delete from billing_posting where account = 'bank'", "verify_postings_balance"),
        ("update billing_posting set account = 'bank' where account = 'receivables'", "verify_receivables"),
        ("update billing_posting set account = 'customer_prepayments' where account = 'bank'", "verify_prepayments"),
        ("update fulfilment_shipmentline set billed = billed - 1", "verify_shipped_is_billed_or_to_bill"),
        ("update orders_orderline set net = net - 1", "verify_lines_not_overbilled"),
        ("update orders_ordercharge set billed = false", "verify_charges_billed_once"),
        ("update billing_invoice set sequence = sequence + 1 where kind = 'invoice'", "verify_numbers_gapless"),
        ("update billing_invoiceline set quantity = 1 where credits_id is null", "verify_credits"),
    ],
)
def test_verify_finds_what_is_broken_on_purpose(statement: str, name: str) -> None:
    bill = billed(shipping="10.00")
    pay(bill, "500.00")
    credit(bill, "3")
    assert violations() == {}
    with connection.cursor() as cursor:
        cursor.execute(statement)
    found = violations()
    assert name in found
    assert found[name][1]
