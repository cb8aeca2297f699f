"""Bank files: what is read of them, whatever their shape, and the same references for the same lines."""

from datetime import date
from decimal import Decimal as D

import pytest

from auftakt.channels.bank import CsvLayout, amount_of, day_of, is_xml, look_at_csv, named, read_camt, read_csv

HEAD = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
    "<Acct><Id><IBAN>DE2</IBAN></Id></Acct>"
)
TAIL = "</Stmt></BkToCstmrStmt></Document>"


def entry(amount: str, more: str = "", *, sign: str = "CRDT", status: str = "BOOK", detail: str = "") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><DtTm>2026-03-02T10:00:00</DtTm></BookgDt>{more}<NtryDtls>{detail}</NtryDtls></Ntry>"
    )


def transaction(amount: str, text: str) -> str:
    return (
        f"<TxDtls><Refs><EndToEndId>{text}</EndToEndId></Refs>"
        f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>'
        f"<RltdPties><Dbtr><Nm>Payer {text}</Nm></Dbtr></RltdPties></TxDtls>"
    )


def test_camt_gives_booked_credits_and_splits_gathered_ones() -> None:
    content = HEAD + entry(
        "10.00", "<AcctSvcrRef>A</AcctSvcrRef>", detail=transaction("4", "x") + transaction("6", "y")
    )
    content += (
        entry("5", sign="DBIT") + entry("7", status="PDNG") + entry("x") + entry("3.50", detail=transaction("9", "z"))
    )
    read = read_camt((content + TAIL).encode(), "a.xml")
    (statement,) = read.statements
    assert [(line.amount, line.text, line.payer) for line in statement.lines] == [
        (D("4"), "x", "Payer x"), (D("6"), "y", "Payer y"), (D("3.50"), "z", "Payer z"),
    ]  # fmt: skip
    assert [line.reference for line in statement.lines[:2]] == ["A/1", "A/2"]
    assert statement.lines[2].reference.startswith("L-")
    assert (read.outgoing, read.problems, statement.lines[0].booked_on) == (1, ((4, "amount"),), date(2026, 3, 2))
    assert read_camt((content + TAIL).encode(), "b.xml").statements[0].lines == statement.lines


@pytest.mark.parametrize("content", [b"<a>", b"<!DOCTYPE a><a/>", b"<!ENTITY a>", b"<a/>", b"\x00", b"text"])
def test_what_is_no_camt_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_camt(content, "a.xml")


def test_a_csv_of_any_shape_is_understood() -> None:
    german = 'Kontoumsätze\n\n"Buchungstag";"Verwendungszweck";"Betrag";"Name Zahlungsbeteiligter"\n"31.12.26";"RG 1";"1.234,50-";"A"\n"01.12.26";"RG 2";"2,5";"B"\n'  # noqa: E501
    english = "Date,Description,Amount,Currency,Payer\n2026-12-01,RG 2,2.50,GBP,B\n12/31/2026,x,1,GBP,C\n"
    american = "Date\tAmount\tName\n12/31/2026\t1,234.50\tC\n01/02/2026\t2.00\tD\n"
    for text, days, decimal, first in (
        (german, "dmy", ",", (date(2026, 12, 1), D("2.5"))),
        (english, "dmy", ".", (date(2026, 12, 1), D("2.50"))),
        (american, "mdy", ".", (date(2026, 12, 31), D("1234.50"))),
    ):
        table = look_at_csv(text.encode("utf-8-sig"))
        layout = table.layout
        assert table.missing == []
        if text != english:
            assert (layout.days, layout.decimal) == (days, decimal)
        read = read_csv(text.encode("cp1252"), layout, "a.csv")
        if text == english:
            continue
        assert (read.statements[0].lines[0].booked_on, read.statements[0].lines[0].amount) == first


def test_equal_lines_are_kept_apart_and_named_the_same_again() -> None:
    text = "Datum;Betrag\n01.12.2026;5,00\n01.12.2026;5,00\n"
    layout = look_at_csv(text.encode()).layout
    once, again = (read_csv(text.encode(), layout, name).statements[0].lines for name in ("a", "b"))
    assert once == again
    assert len({line.reference for line in once}) == 2
    assert named("DE1", once)[0].reference == once[0].reference


@pytest.mark.parametrize(
    ("text", "decimal", "amount"),
    [
        ("1.234,56", ",", "1234.56"), ("1,234.56", ".", "1234.56"), ("12,00-", ",", "-12.00"), ("+3 €", ",", "3"),
        ("1'000.5", ".", "1000.5"), ("EUR 7", ",", "7"), ("", ",", None), ("x", ",", None), ("1e9", ".", None),
        ("NaN", ".", None), ("9" * 40, ",", None), ("1.2345", ".", None),
    ],
)  # fmt: skip
def test_amounts(text: str, decimal: str, amount: str | None) -> None:
    assert amount_of(text, decimal) == (D(amount) if amount else None)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("02.03.2026", "dmy", date(2026, 3, 2)), ("03/02/26", "mdy", date(2026, 3, 2)),
        ("2026-03-02T10:00", "ymd", date(2026, 3, 2)), ("31.02.2026", "dmy", None), ("", "dmy", None),
        ("a.b.c", "dmy", None), ("1.2", "dmy", None), ("0.0.0", "dmy", None),
    ],
)  # fmt: skip
def test_days(text: str, order: str, day: date | None) -> None:
    assert day_of(text, order) == day


def test_rubbish_is_no_table() -> None:
    for content in (b"", b"\x00\x01\x02", b"one line", b"\n\n\n", bytes(range(256)), b'"' * 99, b";;;;\n;;;;"):
        table = look_at_csv(content)
        assert table.missing
        assert read_csv(content, CsvLayout({"amount": "x", "booked_on": "y"}), "a").statements == ()
    assert is_xml(b"\xef\xbb\xbf <a/>")
