"""Invoices: exact amounts, numbers without gaps, prepayments, and what verify says of it."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal as D
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from auftakt.billing import actions, queries
from auftakt.billing.models import Invoice, InvoiceLine, InvoiceTax, Posting
from auftakt.billing.tests.build import ACTOR, AT, Line, company, journal, order, shipments, violations
from auftakt.billing.types import BillPiece, InvoiceFilter, Receipt
from auftakt.fulfilment.models import ShipmentLine
from auftakt.orders.models import OrderCharge, OrderLine
from auftakt.platform.models import JournalEntry


def bill(*ids: UUID, at: datetime = AT) -> list[Invoice]:
    done = actions.bill(ids, actor=ACTOR, at=at)
    assert not done.refused
    found = Invoice.objects.in_bulk(done.done)
    return [found[key] for key in done.done]


@pytest.mark.django_db
def test_partial_invoices_sum_to_the_order_line_to_the_cent() -> None:
    home = company()
    made = order(home, [Line("3", "100.00", "19.00", ("1", "1", "1"))], shipping="9.90")
    first, second, third = (bill(key)[0] for key in shipments(made))
    assert [(each.net, each.tax, each.gross) for each in (first, second, third)] == [
        (D("43.23"), D("8.21"), D("51.44")),
        (D("33.34"), D("6.34"), D("39.68")),
        (D("33.33"), D("6.33"), D("39.66")),
    ]
    assert sum(each.gross for each in (first, second, third)) == made.gross == D("130.78")
    assert [each.number for each in (first, second, third)] == [
        "AUF-2026-000001", "AUF-2026-000002", "AUF-2026-000003"
    ]  # fmt: skip
    assert first.issued_on == date(2026, 3, 2)
    assert first.due_on == date(2026, 4, 1)
    assert OrderCharge.objects.get().billed
    assert violations() == {}


@pytest.mark.django_db
def test_one_invoice_per_order_with_its_tax_summary_and_postings() -> None:
    home = company()
    made = order(home, [
        Line("2", "100.00", "19.00", ("1", "1")),
        Line("5", "50.00", "3.50", ("5",), rate="7", category="reduced"),
        Line("1", "10.00", "1.90", ("1",)),
    ])  # fmt: skip
    other = order(home, [Line("1", "1.00", "0.19", ("1",))])
    one, two = bill(*shipments(made), *shipments(other))
    assert (one.net, one.tax, one.gross) == (D("160.00"), D("24.40"), D("184.40"))
    summary = InvoiceTax.objects.filter(invoice=one).order_by("rate").values_list("tax_category", "rate", "base", "tax")
    assert list(summary) == [("reduced", 7, D("50.00"), D("3.50")), ("standard", 19, D("110.00"), D("20.90"))]
    assert InvoiceLine.objects.filter(invoice=one).count() == 4
    assert two.order_id == other.id
    sides = dict(Posting.objects.filter(subject_id=one.id).values_list("account", "amount"))
    assert sides == {"receivables": D("184.40"), "revenue": D("-160.00"), "tax_payable": D("-24.40")}
    told = journal("billing.invoiced")
    assert [entry.change["order_id"] for entry in told] == [str(made.id), str(other.id)]
    assert told[0].change["gross"] == "184.400"
    assert violations() == {}


@pytest.mark.django_db
def test_billing_twice_gives_back_the_same_invoice_and_changes_nothing() -> None:
    made = order(company(), [Line("2", "100.00", "19.00", ("2",))])
    keys = shipments(made)
    first = bill(*keys)
    before = (Invoice.objects.count(), Posting.objects.count(), JournalEntry.objects.count())
    assert bill(*keys, *keys) == first
    assert (Invoice.objects.count(), Posting.objects.count(), JournalEntry.objects.count()) == before


@pytest.mark.django_db
def test_an_unknown_shipment_is_refused_and_the_others_are_billed() -> None:
    made = order(company(), [Line("2", "100.00", "19.00", ("2",))])
    lost = UUID(int=7)
    outcome = actions.bill([lost, *shipments(made)], actor=ACTOR, at=AT)
    assert [refusal.code for refusal in outcome.refused] == ["shipment_unknown"]
    assert len(outcome.done) == 1


@pytest.mark.django_db
def test_part_of_a_shipment_line_can_be_billed_but_never_more() -> None:
    made = order(company(), [Line("7", "100.00", "19.00", ("7",))])
    line = ShipmentLine.objects.get()
    outcome = actions.bill_pieces([BillPiece(line.id, D("2"))], actor=ACTOR, at=AT)
    assert Invoice.objects.get(id=outcome.one()).net == D("28.57")
    refused = actions.bill_pieces([BillPiece(line.id, D("6"))], actor=ACTOR, at=AT).refused
    assert refused[0].code == "billed_too_much"
    assert refused[0].findings[0].facts["to_bill"] == "5.000000"
    assert Invoice.objects.count() == 1
    (rest,) = bill(*shipments(made))
    assert (rest.net, rest.tax) == (D("71.43"), D("13.57"))
    assert violations() == {}


@pytest.mark.django_db
def test_an_order_repriced_below_what_is_billed_is_refused_and_the_others_are_billed() -> None:
    home = company()
    made = order(home, [Line("2", "100.00", "19.00", ("1", "1"))])
    first, second = shipments(made)
    bill(first)
    OrderLine.objects.update(net=D("40.00"), tax=D("7.60"))
    other = order(home, [Line("1", "1.00", "0.19", ("1",))])
    outcome = actions.bill([second, *shipments(other)], actor=ACTOR, at=AT)
    assert [(refusal.code, refusal.subject) for refusal in outcome.refused] == [("invoice_negative", str(second))]
    assert len(outcome.done) == 1
    assert ShipmentLine.objects.get(shipment=second).billed == 0


@pytest.mark.django_db
def test_numbers_run_by_legal_entity_and_year() -> None:
    ours, theirs = company("AUF"), company("NOR")
    day = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    after = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # already next year in Berlin
    numbers = [
        bill(*shipments(order(home, [Line("1", "1.00", "0.19", ("1",))])), at=at)[0].number
        for home, at in ((ours, day), (theirs, day), (ours, after), (ours, day))
    ]
    assert numbers == ["AUF-2026-000001", "NOR-2026-000001", "AUF-2027-000001", "AUF-2026-000002"]
    assert violations() == {}


@pytest.mark.django_db
def test_a_rolled_back_invoice_leaves_no_gap() -> None:
    home = company()
    first = order(home, [Line("1", "1.00", "0.19", ("1",))])
    second = order(home, [Line("1", "1.00", "0.19", ("1",))])
    with pytest.raises(RuntimeError), transaction.atomic():
        bill(*shipments(first))
        raise RuntimeError
    assert Invoice.objects.count() == 0
    assert bill(*shipments(second))[0].number == "AUF-2026-000001"


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_when_many_bill_at_once() -> None:
    home = company()
    work = [shipments(order(home, [Line("3", "10.00", "1.90", ("1", "1", "1"))])) for _ in range(8)]
    faults: list[Exception] = []

    def run(keys: list[UUID], breaks: bool) -> None:
        try:
            for key in keys:
                with transaction.atomic():
                    actions.bill([key], actor=ACTOR, at=AT)
                    if breaks:
                        transaction.set_rollback(True)
                actions.bill([key], actor=ACTOR, at=AT)
        except Exception as error:  # noqa: BLE001
            faults.append(error)
        finally:
            connection.close()

    # Each order is billed by two threads, so that pieces of one line are billed at the same moment.
    threads = [threading.Thread(target=run, args=(keys[::step], step < 0)) for keys in work for step in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"AUF-2026-{place:06d}" for place in range(1, 25)]
    assert violations() == {}


@pytest.mark.django_db
def test_money_paid_in_advance_settles_the_invoice_at_once() -> None:
    home = company(limit="1000")
    made = order(home, [Line("2", "100.00", "19.00", ("1", "1"))], number="O-1")
    receipt = Receipt("bank_transfer", D("80.00"), "EUR", date(2026, 3, 1), "B1", order_number="O-1")
    assert actions.receive_payments([receipt], actor=ACTOR, at=AT).done
    first, second = (bill(key)[0] for key in shipments(made))
    assert (first.paid, second.paid) == (D("59.50"), D("20.50"))
    assert queries.payments_of_order(made.id)[0].on_account == 0
    assert violations() == {}


@pytest.mark.django_db
def test_statement_count_does_not_grow() -> None:
    home = company()
    counts = []
    for size in (1, 100):
        keys = [
            key
            for _ in range(size)
            for key in shipments(order(home, [Line("2", "10.00", "1.90", ("1", "1"))], shipping="5.00"))
        ]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert len(actions.bill(keys, actor=ACTOR, at=AT).done) == size
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert violations() == {}


@pytest.mark.django_db
def test_lists_pages_and_progress() -> None:
    home = company()
    made = [order(home, [Line("1", "10.00", "1.90", ("1",))]) for _ in range(3)]
    facts = [bill(*shipments(each))[0] for each in made]
    first = queries.list_invoices(InvoiceFilter(customer_id=home.customer.id), limit=2)
    rest = queries.list_invoices(InvoiceFilter(), after=(first[-1].issued_on, first[-1].id), limit=2)
    assert [each.id for each in (*first, *rest)] == [each.id for each in reversed(facts)]
    assert queries.list_invoices(InvoiceFilter(state="overdue", on=date(2026, 4, 1))) == []
    assert len(queries.list_invoices(InvoiceFilter(state="overdue", on=date(2026, 4, 2)))) == 3
    page = queries.invoice_page(facts[0].id)
    assert page is not None
    assert (page.invoice.open_amount, page.invoice.state, page.lines[0].sku) == (D("11.90"), "open", "SKU-AUF")
    assert queries.invoice_page(UUID(int=1)) is None
    told = queries.billing_of_orders([made[0].id, UUID(int=1)])
    assert (told[made[0].id].invoiced, told[made[0].id].open_amount, told[UUID(int=1)].invoices) == (
        D("11.90"), D("11.90"), 0
    )  # fmt: skip
    aged = queries.aging(date(2026, 4, 11))[0]
    assert (aged.days_1_30, aged.total, aged.not_due) == (D("35.70"), D("35.70"), 0)


@pytest.mark.django_db
def test_dunning_rises_with_days_overdue_and_never_falls() -> None:
    home = company()
    (late,) = bill(*shipments(order(home, [Line("1", "10.00", "1.90", ("1",))])))
    assert late.due_on == date(2026, 4, 1)
    levels = []
    for day in (date(2026, 4, 7), date(2026, 4, 8), date(2026, 4, 8), date(2026, 4, 22), date(2026, 5, 6)):
        raised = actions.dun(day, actor=ACTOR, at=AT).done
        late.refresh_from_db()
        levels.append((late.dunning_level, len(raised)))
    assert levels == [(0, 0), (1, 1), (1, 0), (2, 1), (3, 1)]
    assert [entry.change["level"] for entry in journal("billing.dunned")] == [1, 2, 3]
    assert actions.dun(date(2026, 4, 9), actor=ACTOR, at=AT).done == ()


@pytest.mark.django_db
def test_what_is_paid_is_not_dunned() -> None:
    (paid,) = bill(*shipments(order(company(), [Line("1", "10.00", "1.90", ("1",))])))
    receipt = Receipt("bank_transfer", D("11.90"), "EUR", date(2026, 3, 1), "B1", invoice_number=paid.number)
    actions.receive_payments([receipt], actor=ACTOR, at=AT)
    assert actions.dun(date(2026, 12, 1), actor=ACTOR, at=AT).done == ()
