"""Finance in the console: payments and matching, bank statements, dunning, open items, postings."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from auftakt.billing import actions
from auftakt.billing import queries as invoices
from auftakt.billing.models import (
    Allocation,
    BankLine,
    DunningBlock,
    Invoice,
    Payment,
    PaymentAttempt,
    Posting,
    Reminder,
)
from auftakt.billing.types import BankLineDraft, Receipt, StatementDraft
from auftakt.parties.models import Party
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id
from tests import build
from tests.edges.test_console import logged_in

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": build.ACTOR, "at": build.AT}
RUBBISH = ("", "x", "-5", "1e99", "NaN", "9" * 60, "1.2.3,4,5", "🚲", "' or 1=1 --", "\u202e12", "1,00,00")
PAGES = (
    "invoices", "open_items", "payments", "payment_new", "payment_matching", "bank", "bank_lines", "bank_take",
    "dunning", "reminders", "postings", "attempts",
)  # fmt: skip


@pytest.fixture
def house() -> list[Invoice]:
    """Two invoices of Radhaus Nord, 30 days overdue and more, of 50 and 20 euros net."""
    build.company()
    orders = [build.order(stage="billed", lines=[lines]) for lines in (("HELMET", "1"), ("LOCK", "1"))]
    found = invoices.invoices_of_orders(orders)
    keys = [found[key][0].id for key in orders]
    Invoice.objects.filter(id__in=keys).update(due_on=date(2026, 1, 10))
    return [Invoice.objects.get(id=key) for key in keys]


def receive(amount: str, reference: str = "B-1", **more: Any) -> Payment:
    receipt = Receipt("bank_transfer", Decimal(amount), "EUR", build.TODAY, reference, customer_number="C-1", **more)
    return Payment.objects.get(id=actions.receive_payments([receipt], **BY).one())


def take(*lines: tuple[str, str, str]) -> list[BankLine]:
    drafts = tuple(
        BankLineDraft(reference, build.TODAY, build.TODAY, Decimal(amount), "EUR", "Radhaus", "DE1", text)
        for reference, amount, text in lines
    )
    taken = actions.take_statements([StatementDraft("DE2", "march.xml", "camt", drafts)], **BY).one()
    return [BankLine.objects.get(id=key) for key in taken.fresh]


def moved() -> tuple[object, ...]:
    """Everything that finance can move."""
    return (
        Payment.objects.count(), Allocation.objects.count(), Posting.objects.count(), JournalEntry.objects.count(),
        Reminder.objects.count(), DunningBlock.objects.count(),
        list(Invoice.objects.order_by("id").values_list("paid", "credited", "dunning_level")),
        list(BankLine.objects.order_by("id").values_list("state")),
    )  # fmt: skip


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode().split("<main")[1].split("</main")[0]))


def post(client: Client, name: str, *keys: Any, **fields: Any) -> Any:
    return client.post(reverse(f"console:{name}", args=keys), fields, follow=True)


# ------------------------------------------------------------------------------------------------ rights


def test_finance_works_and_others_only_look(house: list[Invoice]) -> None:
    (line,) = take(("L-1", "5", ""))
    paid = receive("5", settles=())
    gets = [*((name,) for name in PAGES if name not in ("payment_new", "payment_matching", "bank_take")),
            ("invoice", house[0].id), ("payment", paid.id), ("bank_line", line.id), ("account", "C-1")]  # fmt: skip
    posts = [
        ("payment_match", paid.id), ("payment_unmatch", paid.id), ("payment_refund", paid.id), ("bank_book",),
        ("bank_line_book", line.id), ("bank_line_set_aside", line.id), ("bank_line_reopen", line.id), ("payment_new",),
        ("dunning_preview",), ("dunning_run",), ("dunning_block",), ("dunning_unblock", new_id()), ("bank_take",),
        ("reminders_mail",),
    ]  # fmt: skip
    viewer, warehouse, finance = logged_in("viewer"), logged_in("warehouse"), logged_in("finance")
    before = moved()
    for name, *keys in gets:
        address = reverse(f"console:{name}", args=keys)
        answers = [client.get(address).status_code for client in (finance, viewer, warehouse)]
        assert answers == [200, 200, 403], name
    for name, *keys in posts:
        address = reverse(f"console:{name}", args=keys)
        assert [client.post(address).status_code for client in (viewer, warehouse)] == [403, 403], name
    assert moved() == before
    assert (
        "data-opens"
        not in viewer.get(reverse("console:invoice", args=[house[0].id])).content.decode().split("<main")[1]
    )


def test_what_is_not_there_is_404() -> None:
    client, missing = logged_in("finance"), new_id()
    for name in ("invoice", "payment", "bank_line", "attempt", "reminder_paper"):
        assert client.get(reverse(f"console:{name}", args=[missing])).status_code == 404, name
    for name in ("account", "account_pdf", "account_csv"):
        assert client.get(reverse(f"console:{name}", args=["nobody"])).status_code == 404, name
    assert client.get(reverse("console:dunning_letter"), {"of": f"{missing}:1"}).status_code == 404


# ------------------------------------------------------------------------------------------------ payments


def test_a_payment_is_entered_in_german_and_matched_as_ticked(house: list[Invoice]) -> None:
    first, second = house
    client = logged_in("finance", language="de")
    page = client.get(reverse("console:payment_new"), {"invoice": first.id})
    assert 'value="65,33"' in page.content.decode()
    token = re.search(r'name="token" value="(\w+)"', page.content.decode())
    assert token
    fields = {
        "token": token[1], "customer": "C-1", "customer_name": "Radhaus Nord", "amount": "1.059,50", "currency": "EUR",
        "received_on": "2026-03-02", "method": "bank_transfer", "text": first.number, "settle": [first.id, second.id],
        f"amount-{first.id}": "65,33", f"amount-{second.id}": "10",
    }  # fmt: skip
    answer = post(client, "payment_new", **fields)
    paid = Payment.objects.get()
    assert (paid.amount, paid.allocated, paid.text) == (Decimal("1059.50"), Decimal("75.33"), first.number)
    assert "984,17\xa0€ bleiben als Guthaben" in answer.content.decode()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.paid, second.paid) == (Decimal("65.33"), Decimal(10))
    before = moved()
    again = post(client, "payment_new", **fields)
    assert "schon gebucht" in again.content.decode()
    assert moved() == before


def test_the_open_items_of_the_customer_are_proposed(house: list[Invoice]) -> None:
    client = logged_in("finance")
    part = client.get(
        reverse("console:payment_matching"),
        {"customer": "C-1", "amount": "29.63", "currency": "EUR", "text": f"for {house[1].number}"},
    ).content.decode()
    ticked = re.findall(r'value="([0-9a-f-]{36})" checked', part)
    assert ticked == [str(house[1].id)]
    assert "invoice number in the text, exact amount" in part
    assert (
        "Choose the customer"
        in client.get(reverse("console:payment_matching"), {"customer": "nobody"}).content.decode()
    )


@pytest.mark.parametrize("field", ["amount", "received_on", "currency", "method", "customer", "settle", "amount-of"])
def test_rubbish_in_a_payment_is_told_and_nothing_typed_is_lost(house: list[Invoice], field: str) -> None:
    client = logged_in("finance")
    good = {
        "token": "a" * 32, "customer": "C-1", "amount": "65.33", "currency": "EUR", "received_on": "2026-03-02",
        "method": "bank_transfer", "text": "remember me", "settle": house[0].id, f"amount-{house[0].id}": "65.33",
    }  # fmt: skip
    before = moved()
    for rubbish in RUBBISH:
        if field in ("settle", "amount-of") and not rubbish:
            continue
        name = f"amount-{house[0].id}" if field == "amount-of" else field
        value = str(new_id()) if field == "settle" else rubbish
        answer = post(client, "payment_new", **{**good, name: value})
        assert answer.status_code == 422, (field, rubbish)
        assert "remember me" in answer.content.decode()
        assert "Nothing was booked." in answer.content.decode()
    assert moved() == before


def test_money_on_account_is_matched_later_and_taken_back(house: list[Invoice]) -> None:
    first = house[0]
    paid = receive("100", settles=())
    client = logged_in("finance")
    page = client.get(reverse("console:payment", args=[paid.id])).content.decode()
    assert f'value="{first.id}"' in page
    post(client, "payment_match", paid.id, settle=first.id, **{f"amount-{first.id}": "65.33"})
    paid.refresh_from_db()
    assert paid.allocated == Decimal("65.33")
    before = moved()
    assert "Say why" in post(client, "payment_unmatch", paid.id, invoice=first.id, reason=" ").content.decode()
    assert moved() == before
    answer = post(client, "payment_unmatch", paid.id, invoice=first.id, reason="wrong invoice")
    paid.refresh_from_db()
    first.refresh_from_db()
    assert (paid.allocated, first.paid) == (0, 0)
    assert "wrong invoice" in text(answer)
    before = moved()
    assert (
        "undone it already" in post(client, "payment_unmatch", paid.id, invoice=first.id, reason="x").content.decode()
    )
    assert moved() == before


def test_who_matches_second_is_told_and_nothing_is_lost(house: list[Invoice]) -> None:
    paid = receive("65.33", settles=())
    one, other = logged_in("finance"), logged_in("admin")
    fields = {"settle": house[0].id, f"amount-{house[0].id}": "65.33"}
    post(one, "payment_match", paid.id, **fields)
    before = moved()
    answer = post(other, "payment_match", paid.id, settle=house[1].id, **{f"amount-{house[1].id}": "29.63"})
    assert "lie on account" in answer.content.decode()
    answer = post(other, "payment_match", paid.id, **fields)
    assert "not open any more" in answer.content.decode()
    assert moved() == before


def test_money_is_returned_with_reason_and_reference(house: list[Invoice]) -> None:
    paid = receive("100", settles=())
    client = logged_in("finance", language="de")
    before = moved()
    for amount in RUBBISH:
        post(client, "payment_refund", paid.id, amount=amount, reason="x", reference="OUT-1")
    post(client, "payment_refund", paid.id, amount="100,01", reason="x", reference="OUT-1")
    post(client, "payment_refund", paid.id, amount="100", reason="", reference="")
    assert moved() == before
    answer = post(client, "payment_refund", paid.id, amount="99,50", reason="zu viel", reference="OUT-1")
    paid.refresh_from_db()
    assert paid.refunded == Decimal("99.50")
    assert "Das Geld ist zurückgezahlt." in answer.content.decode()
    assert "OUT-1" in text(answer)


def test_an_invoice_says_what_is_not_possible_and_why(house: list[Invoice]) -> None:
    first = house[0]
    client = logged_in("finance")
    answer = post(client, "invoice_credit", first.id, whole="1", reason="damaged")
    assert "cannot be credited" in text(answer)
    page = client.get(reverse("console:invoice", args=[first.id])).content.decode()
    assert "Every line is credited already." in page
    assert "Nothing is open: no payment is awaited." in page
    assert 'data-opens="credit" disabled' in page
    before = moved()
    post(client, "invoice_credit", first.id, whole="1", reason="again")
    assert moved() == before


def test_booking_on_the_invoice_twice_is_one_payment(house: list[Invoice]) -> None:
    client = logged_in("finance")
    fields = {
        "token": "b" * 32,
        "amount": "10",
        "received_on": "2026-03-02",
        "method": "bank_transfer",
        "reference": "",
    }
    for _ in range(2):
        post(client, "invoice_pay", house[0].id, **fields)
    assert Payment.objects.count() == 1
    assert Payment.objects.get().reference.startswith("M-")


# ------------------------------------------------------------------------------------------------ bank

CAMT = """<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>DE02 1203 0000 0000 2020 51</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">65.33</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>R-1</AcctSvcrRef>
<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Radhaus Nord</Nm></Pty></Dbtr>
<DbtrAcct><Id><IBAN>DE77</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>Rechnung {number}</Ustrd></RmtInf></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-03-02</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def upload(client: Client, name: str, content: bytes, **more: str) -> Any:
    return client.post(
        reverse("console:bank_take"), {"file": SimpleUploadedFile(name, content), **more}, follow=True
    )  # fmt: skip


def test_a_camt_file_is_taken_once_and_booked_as_proposed(house: list[Invoice]) -> None:
    client = logged_in("finance")
    content = CAMT.format(number=house[0].number).encode()
    page = upload(client, "march.xml", content)
    assert "1 new line. 1 outgoing payment was left out." in page.content.decode()
    assert "0 new lines. 1 was known already." in upload(client, "march.xml", content).content.decode()
    (line,) = BankLine.objects.all()
    assert (line.payer, line.account, line.reference) == ("Radhaus Nord", "DE02120300000000202051", "R-1")
    body = page.content.decode()
    told = re.search(rf'name="as-{line.id}" value="([^"]+)"', body)
    assert told
    assert f'value="{line.id}" checked' in body
    post(client, "bank_book", line=line.id, **{f"as-{line.id}": told[1]})
    house[0].refresh_from_db()
    assert house[0].paid == Decimal("65.33")
    before = moved()
    answer = post(client, "bank_book", line=line.id, **{f"as-{line.id}": told[1]})
    assert "meanwhile" in answer.content.decode()
    assert moved() == before


def test_a_csv_file_shows_its_columns_before_it_is_taken(house: list[Invoice]) -> None:
    client = logged_in("finance", language="de")
    content = (
        "Umsätze;;\n\nBuchungstag;Valutadatum;Verwendungszweck;Beguenstigter/Zahlungspflichtiger;Kontonummer/IBAN;Betrag;"
        f"Waehrung\n02.03.2026;03.03.2026;RG {house[1].number};Radhaus;DE77;1.023,80;EUR\n"
        "02.03.2026;02.03.2026;Miete;Vermieter;DE78;-500,00;EUR\nkaputt;;;;;x;EUR\n"
    ).encode("cp1252")
    page = upload(client, "umsatz.csv", content).content.decode()
    assert "1.023,80" in page
    assert BankLine.objects.count() == 0
    carried = {
        name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1]  # type: ignore[index]
        for name in ("name", "content", "currency", "account")
    }
    columns = dict(re.findall(r'name="column-(\w+)">.*?<option value="([^"]+)" selected>', page))
    assert columns["payer"] == "Beguenstigter/Zahlungspflichtiger"
    fields = {**carried, "columns": "1", "days": "dmy", "decimal": ","}
    fields |= {f"column-{name}": head for name, head in columns.items()}
    answer = client.post(reverse("console:bank_take"), fields, follow=True)
    assert "1 neue Zeile. 1 Ausgang wurde ausgelassen." in answer.content.decode()
    assert "ausgelassen wurden: 6" in answer.content.decode()
    (line,) = BankLine.objects.all()
    assert (line.amount, line.booked_on, line.valued_on) == (
        Decimal("1023.80"), date(2026, 3, 2), date(2026, 3, 3)
    )  # fmt: skip
    assert "1 war schon bekannt" in client.post(reverse("console:bank_take"), fields, follow=True).content.decode()
    assert BankLine.objects.count() == 1


def test_files_that_are_no_statements_are_told() -> None:
    client = logged_in("finance")
    for name, content in (
        ("a.xml", b"<a><b></a>"), ("a.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), ("a.xml", b"<Document/>"),
        ("a.csv", b""), ("a.csv", b"hello"), ("a.bin", bytes(range(256)) * 4), ("a.csv", b"a;b\n" * 3),
    ):  # fmt: skip
        answer = upload(client, name, content)
        assert answer.status_code in (200, 422), content
        assert BankLine.objects.count() == 0
    assert client.post(reverse("console:bank_take"), {"content": "%%%", "name": "x"}).status_code == 422


def test_a_line_is_matched_by_hand_or_set_aside(house: list[Invoice]) -> None:
    line, interest = take(("L-1", "70", "thanks"), ("L-2", "1.5", "interest"))
    client = logged_in("finance")
    page = client.get(reverse("console:bank_line", args=[line.id]), {"customer": "C-1"}).content.decode()
    assert f'value="{house[0].id}"' in page
    before = moved()
    too_much = {"customer": "C-1", "settle": house[0].id, f"amount-{house[0].id}": "70"}
    answer = post(client, "bank_line_book", line.id, **too_much)
    assert answer.status_code == 422
    assert post(client, "bank_line_book", line.id, customer="nobody").status_code == 422
    assert moved() == before
    post(client, "bank_line_book", line.id, customer="C-1", settle=house[0].id, **{f"amount-{house[0].id}": "65.33"})
    paid = Payment.objects.get()
    assert (paid.allocated, paid.amount) == (Decimal("65.33"), Decimal(70))
    post(client, "bank_line_set_aside", interest.id, reason="")
    interest.refresh_from_db()
    assert interest.state == "waiting"
    post(client, "bank_line_set_aside", interest.id, reason="interest")
    interest.refresh_from_db()
    assert (interest.state, interest.reason) == ("set_aside", "interest")
    post(client, "bank_line_reopen", interest.id)
    interest.refresh_from_db()
    assert interest.state == "waiting"


# ------------------------------------------------------------------------------------------------ dunning


def test_letters_are_looked_at_sent_once_and_filed(house: list[Invoice]) -> None:
    client = logged_in("finance")
    keys = [str(each.id) for each in house]
    page = client.post(reverse("console:dunning_preview"), {"row": keys}).content.decode()
    levels = dict(re.findall(r'name="level-([0-9a-f-]{36})".*?<option value="(\d)" selected>', page))
    assert levels == dict.fromkeys(keys, "1")
    preview = client.get(reverse("console:dunning_letter"), {"of": [f"{key}:1" for key in keys]})
    assert preview.content.startswith(b"%PDF-")
    assert Reminder.objects.count() == 0
    fields = {"invoice": keys, **{f"level-{key}": level for key, level in levels.items()}}
    answer = client.post(reverse("console:dunning_run"), fields, follow=True)
    assert "1 letter is written." in answer.content.decode()
    (letter,) = Reminder.objects.all()
    assert letter.filed_at
    paper = client.get(reverse("console:reminder_paper", args=[letter.id]), follow=True)
    assert b"".join(paper)[:5] == b"%PDF-" if paper.streaming else paper.content[:5] == b"%PDF-"
    before = moved()
    again = client.post(reverse("console:dunning_run"), fields, follow=True)
    assert "level 1 already" in again.content.decode()
    client.post(reverse("console:dunning_run"), {"invoice": keys, f"level-{keys[0]}": "9"})
    client.post(reverse("console:dunning_run"), {"invoice": ["x", new_id()]})
    assert moved() == before
    all_that_match = client.post(reverse("console:dunning_preview"), {"filter": "level=1"}).content.decode()
    assert "Nobody is to be reminded" in all_that_match
    assert "Reminded on" in all_that_match


def test_a_block_keeps_back_and_is_lifted(house: list[Invoice]) -> None:
    client = logged_in("finance", language="de")
    party = Party.objects.get(number="C-1")
    before = moved()
    for until in ("gestern", "2020-01-01", "9" * 30):
        post(client, "dunning_block", invoice=house[0].id, reason="Streit", until=until)
    post(client, "dunning_block", invoice=house[0].id, reason="")
    post(client, "dunning_block", reason="niemand")
    assert moved() == before
    post(client, "dunning_block", invoice=house[0].id, reason="Streit", until="2199-01-01")
    post(client, "dunning_block", customer=party.id, reason="Raten")
    page = text(client.get(reverse("console:dunning"), {"blocked": "1"}))
    assert "Streit" in page
    assert "Raten" in page
    page = text(client.post(reverse("console:dunning_preview"), {"row": [each.id for each in house]}))
    assert "Niemand ist zu mahnen" in page
    for block in DunningBlock.objects.all():
        post(client, "dunning_unblock", block.id)
    assert DunningBlock.objects.filter(lifted_at=None).count() == 0
    assert "Mahnung fällig" in text(client.get(reverse("console:dunning"), {"due": "1"}))


# ------------------------------------------------------------------------------------------------ books


def test_open_items_add_up_and_lead_to_the_account(house: list[Invoice]) -> None:
    receive("10", settles=())
    client = logged_in("finance")
    page = text(client.get(reverse("console:open_items")))
    assert "€94.96" in page
    account = client.get(reverse("console:account", args=["C-1"]), {"from": "2025-01-01", "until": "2030-01-01"})
    assert "€84.96" in text(account)
    table = client.get(reverse("console:account_csv", args=["C-1"]), {"from": "2025-01-01", "until": "2030-01-01"})
    assert table.content.decode("utf-8-sig").splitlines()[-1].endswith("84.960")
    paper = client.get(
        reverse("console:account_pdf", args=["C-1"]),
        {"currency": "EUR", "from": "2025-01-01", "until": "2030-01-01"},
    )
    assert paper.content.startswith(b"%PDF-")
    assert client.get(reverse("console:account", args=["C-1"]), {"from": "x", "until": "9" * 20}).status_code == 200


def test_postings_of_a_period_balance(house: list[Invoice]) -> None:
    receive("10", settles=())
    client = logged_in("finance")
    answer = client.get(reverse("console:postings_csv"), {"from": "2026-01-01", "until": "2026-12-31"})
    rows = [line.split(",") for line in b"".join(answer).decode("utf-8-sig").splitlines()]
    assert rows[0][:7] == ["entry", "posted_on", "company", "account", "currency", "debit", "credit"]
    sums: dict[str, Decimal] = {}
    for row in rows[1:]:
        sums[row[0]] = sums.get(row[0], Decimal(0)) + Decimal(row[5]) - Decimal(row[6])
    assert set(sums.values()) == {Decimal(0)}
    assert len(rows) - 1 == Posting.objects.count()
    assert "Receivables" in text(client.get(reverse("console:postings")))


def test_an_attempt_has_a_page_on_which_it_is_settled(house: list[Invoice]) -> None:
    attempt = PaymentAttempt.objects.create(
        order_id=house[0].order_id, provider="card", operation="authorise", amount=5, currency="EUR",
        idempotency_key="k-1", state="in_doubt", started_at=build.AT,
    )  # fmt: skip
    assert "In doubt" in text(logged_in("viewer").get(reverse("console:attempts"), {"state": "in_doubt"}))
    client = logged_in("finance")
    post(client, "attempt_settle", attempt.id, state="failed", reason="asked them")
    attempt.refresh_from_db()
    assert attempt.state == "failed"


@pytest.mark.parametrize("language", ["en", "de"])
def test_lists_take_rubbish_and_every_filter(house: list[Invoice], language: str) -> None:
    receive("10", settles=())
    take(("L-1", "5", "<b>"))
    client = logged_in("finance", language=language)
    queries = (
        {"standing": "overdue"}, {"standing": "paid"}, {"standing": "credit_note"}, {"standing": "open"},
        {"standing": "on_account"}, {"standing": "matched"}, {"standing": "refund"}, {"kind": "invoice"},
        {"customer": "C-1"}, {"issued_from": "2026-01-01", "issued_to": "2027-01-01"},
        {"gross_min": "1", "gross_max": "9"}, {"blocked": "1"}, {"overdue": "1", "over90": "1", "currency": "EUR"},
        {"level": "0", "due": "1"}, {"level": "x"}, {"state": "waiting"}, {"state": "in_doubt"}, {"account": "bank"},
        {"posted_from": "2026-01-01"}, {"method": "card"},
        {"received_from": "2026-01-01", "received_to": "2026-12-31", "amount_min": "1"}, {"booked_from": "2026-01-01"},
        {"q": "100%_\\'\"<b>"}, {"after": "rubbish"}, {"sort": "total"}, {"sort": "-days_1_30"},
        {"provider": "card", "operation": "capture", "started_from": "2026-01-01", "started_to": "2026-12-31"},
        {"format": "csv"}, {"format": "xlsx"}, {"totals": "rows", "row": str(house[0].id)}, {"totals": "all"},
    )  # fmt: skip
    for name in ("invoices", "open_items", "payments", "bank_lines", "dunning", "reminders", "postings", "attempts"):
        for query in queries:
            assert client.get(reverse(f"console:{name}"), query).status_code == 200, (name, query)


def test_pages_cost_the_same_for_few_and_for_many(house: list[Invoice]) -> None:
    client = logged_in("finance")
    paid = receive("10", settles=())
    take(("L-0", "5", house[0].number))

    def counts() -> dict[str, int]:
        found = {}
        pages = [(name, []) for name in PAGES if name != "bank_take"]
        pages += [("account", ["C-1"]), ("payment", [paid.id]), ("invoice", [house[0].id])]
        for name, keys in pages:
            query = {"customer": "C-1", "amount": "5", "currency": "EUR"} if name == "payment_matching" else {}
            address = reverse(f"console:{name}", args=keys)
            client.get(address, query)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(address, query).status_code == 200
            found[name] = len(seen)
        return found

    few = counts()
    for number in range(6):
        key = build.order(stage="billed", lines=[("LOCK", "1")])
        made = invoices.invoices_of_orders([key])[key][0]
        Invoice.objects.filter(id=made.id).update(due_on=date(2026, 1, 10) + timedelta(days=number))
        receive("2", f"B-{number + 2}", settles=())
        take((f"L-{number + 1}", "5", made.number))
    assert counts() == few


def test_a_row_is_ticked_by_its_id(house: list[Invoice]) -> None:
    page = logged_in("finance").get(reverse("console:dunning")).content.decode()
    ticks = re.findall(r'<input type="checkbox" name="row" aria-label="[^"]+" value="([0-9a-f-]{36})"></td>', page)
    assert sorted(ticks) == sorted(str(each.id) for each in house)
