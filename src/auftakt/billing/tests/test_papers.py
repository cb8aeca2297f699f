"""Invoices and credit notes on paper: the data, the language, and that they are filed once."""

from datetime import date
from decimal import Decimal as D
from uuid import UUID

import pytest

from auftakt.billing import actions, queries
from auftakt.billing.models import Invoice
from auftakt.billing.tests.build import ACTOR, AT, Line, company, order, shipments
from auftakt.billing.types import CreditDraft
from auftakt.documents import queries as filed
from auftakt.orders.models import Order


@pytest.mark.django_db
def test_what_an_invoice_says() -> None:
    made = order(company(), [Line("2", "100.00", "19.00", ("2",))], number="O-1", shipping="10.00")
    (bill,) = actions.bill(shipments(made), actor=ACTOR, at=AT).done
    sheet = queries.invoice_document([bill])[bill]
    assert (sheet.template, sheet.language, sheet.data["number"]) == ("invoice", "de", "AUF-2026-000001")
    assert sheet.data["seller"]["vat_id"] == "DE123456789"
    assert sheet.data["recipient"]["city"] == "Hamburg"
    assert [(line["text"], line["quantity"], line["net"]) for line in sheet.data["lines"]] == [
        ("Chain", D("2"), D("100.00")), ("Versand", D("1"), D("10.00"))
    ]  # fmt: skip
    assert sheet.data["taxes"] == [{"rate": D("19"), "base": D("110.00"), "tax": D("20.90")}]
    assert sheet.data["terms"]["due_on"] == date(2026, 4, 1)
    assert (sheet.data["order_number"], sheet.data["delivered_on"]) == ("O-1", date(2026, 3, 2))


@pytest.mark.django_db
def test_papers_are_filed_once() -> None:
    made = order(company(), [Line("2", "100.00", "19.00", ("1", "1"))])
    bills = list(actions.bill(shipments(made)[:1], actor=ACTOR, at=AT).done)
    Order.objects.update(language="fr")
    bills += actions.bill(shipments(made)[1:], actor=ACTOR, at=AT).done
    bills += actions.credit([CreditDraft(bills[0], "zurückgegeben")], actor=ACTOR, at=AT).done
    assert queries.unfiled_invoices() == sorted(bills)
    done = actions.file_invoices(bills, actor=ACTOR, at=AT).done
    facts = filed.documents(done)
    assert [(facts[key].kind, facts[key].language, facts[key].number) for key in done] == [
        ("invoice", "de", "AUF-2026-000001"),
        ("invoice", "en", "AUF-2026-000002"),
        ("credit_note", "de", "AUF-CN-2026-000001"),
    ]
    assert [facts[key].subject_id for key in done] == bills
    assert actions.file_invoices(bills, actor=ACTOR, at=AT).done == done
    assert actions.file_invoices(queries.unfiled_invoices(), actor=ACTOR, at=AT).done == ()
    assert len(filed.of_subject(bills)) == Invoice.objects.count() == 3
    assert actions.file_invoices([UUID(int=1)], actor=ACTOR, at=AT).refused[0].code == "invoice_unknown"
