"""Filing, versions, views, and papers that print whatever people are called."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auftakt.documents import actions, queries, rules
from auftakt.documents.models import Document, DocumentView
from auftakt.documents.queries import sql
from auftakt.documents.types import TEMPLATES, DocumentDraft
from auftakt.platform.models import JournalEntry
from auftakt.values import new_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY: dict[str, Any] = {"actor": "anna", "at": AT}
DAY = date(2026, 3, 2)
HOSTILE = [
    "#panic()", "*x* _y_ $z$ @ref <b>", "\\", '"', "W" * 300, "🚲 日本", "a\x00b\u202e", "#sys.inputs", "// /* ", "",
]  # fmt: skip


def draft(text: str = "one", subject: UUID | None = None) -> DocumentDraft:
    content = f"a,b\n{text},2\n".encode()
    return DocumentDraft("attachment", "order", subject or new_id(), "A-1", "en", "list.csv", "text/csv", content)


def sheet(text: str = "Radhaus Müller", country: str = "DE") -> dict[str, Any]:
    place = {"name": text, "street": text, "postal_code": "10115", "city": text, "country": country}
    line = {
        "sku": text, "text": text, "details": [text], "quantity": Decimal("2.5"), "unit": "kg",
        "unit_price": Decimal("1234.5"), "tax_rate": Decimal("19"), "net": Decimal("3086.25"), "tax": Decimal("586.39"),
        "remaining": Decimal(1), "promised_on": DAY, "for_item": text,
    }  # fmt: skip
    return {
        "seller": place | {"vat_id": "DE1", "iban": "DE89370400440532013000", "bank_name": text, "email": text},
        "recipient": place, "ship_to": place, "number": "RE-1", "issued_on": DAY, "ordered_on": DAY, "shipped_on": DAY,
        "ship_on": DAY, "currency": "EUR", "lines": [line], "net": Decimal("3086.25"), "tax": Decimal("586.39"),
        "gross": Decimal("3672.64"), "notes": text, "reason": text, "customer_reference": text, "site_code": text,
        "site_name": text, "credited_number": text, "carrier": text, "tracking_number": text,
        "taxes": [{"rate": Decimal(19), "base": Decimal("3086.25"), "tax": Decimal("586.39")}],
        "terms": {"method": "bank_transfer", "due_on": DAY, "discount_percent": Decimal(2), "discount_until_on": DAY},
        "parcels": [{"number": text, "weight_kg": Decimal("1.5"), "length_mm": 100}],
        "level": 2, "pay_by": DAY, "total": Decimal("3672.64"), "from_on": DAY, "until_on": DAY,
        "opening": Decimal(0), "closing": Decimal("-3672.64"),
        "items": [
            {"number": text, "issued_on": DAY, "due_on": DAY, "days": 12, "gross": Decimal(5), "open": Decimal(4)}
        ],
        "movements": [{"on": DAY, "kind": "payment", "number": text, "amount": Decimal(-5), "balance": Decimal(-5)}],
    }  # fmt: skip


@pytest.mark.django_db
def test_content_never_changes_and_other_content_is_a_new_version() -> None:
    first = draft()
    key = actions.file([first], **BY).one()
    assert actions.file([first], **BY).one() == key
    second = actions.file([replace(first, content=b"x,y\n")], **BY).one()
    assert second != key
    assert [(facts.id, facts.version) for facts in queries.of_subject([first.subject_id])] == [(second, 2), (key, 1)]
    assert JournalEntry.objects.filter(verb="document.filed").count() == 2
    for name in sql.texts:
        if name.startswith("verify_"):
            assert sql.rows(name)[0][0] == 0
    Document.objects.filter(id=key).update(content=b"forged")
    assert sql.rows("verify_document_content")[0][:2] == (1, 2)


@pytest.mark.django_db
def test_a_file_that_is_not_what_it_claims_is_refused_and_the_others_are_kept() -> None:
    outcome = actions.file([replace(draft(), filename="a.pdf", media_type="application/pdf"), draft()], **BY)
    assert [(refusal.subject, refusal.code) for refusal in outcome.refused] == [("0", "content_mismatch")]
    assert Document.objects.count() == len(outcome.done) == 1


@pytest.mark.django_db
def test_every_view_is_recorded() -> None:
    key = actions.file([draft()], **BY).one()
    missing = new_id()
    outcome = actions.view([key, missing], actor="berta", at=AT)
    assert outcome.done[0].content == b"a,b\none,2\n"
    assert [(refusal.subject, refusal.code) for refusal in outcome.refused] == [(str(missing), "document_unknown")]
    assert list(DocumentView.objects.values_list("document_id", "actor")) == [(key, "berta")]
    assert [view.actor for view in queries.views([key])[key]] == ["berta"]
    assert JournalEntry.objects.get(verb="document.viewed").subject_id == key


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_batch() -> None:
    counts: list[int] = []
    for size in (1, 100):
        with CaptureQueriesContext(connection) as seen:
            done = actions.file([draft(str(index)) for index in range(size)], **BY).done
            actions.view(done, **BY)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", ["de", "en", "fr-CA", ""])
def test_every_paper_prints_the_same_twice(template: str, language: str) -> None:
    first = actions.render(template, sheet(), language)
    assert first.startswith(b"%PDF-")
    assert rules.look_at(first) == "application/pdf"
    assert actions.render(template, sheet(), language) == first


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("text", HOSTILE)
def test_texts_are_never_read_as_markup(template: str, text: str) -> None:
    assert actions.render(template, sheet(text, "XX"), "de").startswith(b"%PDF-")


def test_a_long_invoice_prints() -> None:
    data = sheet()
    data["lines"] *= 500
    assert len(actions.render("invoice", data, "de")) > 50_000


def test_an_unknown_template_is_named() -> None:
    with pytest.raises(ValueError, match="love_letter"):
        actions.render("love_letter", sheet(), "de")


def test_values_are_written_as_the_reader_does() -> None:
    german = rules.prepare("invoice", sheet(), "de")
    assert german["rows"][0]["amount"] == "3.086,25"
    assert german["rows"][0]["quantity"] == "2,5 kg"
    assert german["totals"][-1]["value"] == "3.672,64\xa0€"
    assert "2. März 2026" in german["closing"][0]
    assert german["address"] == ["Radhaus Müller", "Radhaus Müller", "10115 Radhaus Müller"]
    american = rules.prepare("invoice", sheet(country="US"), "en")
    assert american["rows"][0]["amount"] == "3,086.25"
    assert american["totals"][-1]["value"] == "€3,672.64"
    assert american["address"][-1] != "UNITED STATES"
    data = sheet()
    data["recipient"] = data["recipient"] | {"country": "AT"}
    assert rules.prepare("invoice", data, "de")["address"][-1] == "ÖSTERREICH"


def test_both_languages_know_the_same_words() -> None:
    assert rules.LABELS["de"].keys() == rules.LABELS["en"].keys()


def test_amounts_are_shown_with_tax_when_prices_include_it() -> None:
    shown = rules.prepare("invoice", sheet() | {"tax_included": True, "paid": Decimal("3672.64")}, "en_GB")
    assert shown["rows"][0]["amount"] == "3.672,64"  # English as written in Germany
    assert [row["kind"] for row in shown["totals"]] == ["total", "plain", "plain", "plain", "total"]
    assert shown["closing"] == ["The amount has been paid already. Thank you."]
