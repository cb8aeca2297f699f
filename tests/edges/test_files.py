"""Files that are not what they should be: each problem is named with its place, and good rows go in."""

import csv
import gzip
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from openpyxl import Workbook, load_workbook

from auftakt.catalog import actions as catalog
from auftakt.catalog.models import Item
from auftakt.catalog.types import ItemDraft
from auftakt.channels import files
from auftakt.channels.files import FileRefusedError, MappingError
from auftakt.channels.files.exporting import export_file
from auftakt.inventory.models import Bucket
from auftakt.orders.models import Order
from auftakt.parties.models import Party
from auftakt.platform.models import JournalEntry
from tests import build

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": build.ACTOR, "at": build.AT}
ITEMS = "sku,name,weight_kg,active\n"


@pytest.fixture
def company() -> None:
    build.company()


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def take(kind: str, path: Path, **options: Any) -> files.ImportReport:
    return files.import_file(kind, path, **BY, **options)


def refused(path: Path, kind: str = "items", **options: Any) -> str:
    """Why a file as a whole cannot be used; and nothing of it went in."""
    before = JournalEntry.objects.count()
    with pytest.raises(FileRefusedError) as caught:
        take(kind, path, **options)
    assert JournalEntry.objects.count() == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def places(report: files.ImportReport) -> set[tuple[int, str, str]]:
    return {(bad.line, bad.column, bad.code) for bad in report.problems}


def xlsx(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def test_the_wrong_encoding_is_told_with_its_line(company: None, tmp_path: Path) -> None:
    path = written(tmp_path, "items.csv", f"{ITEMS}A,Plain,1,yes\nB,Fahrradträger,1,yes\n".encode("cp1252"))
    assert refused(path) == (
        "items.csv is not written in utf-8-sig: line 3 holds the byte 0xe4. Name its encoding, as in --encoding cp1252."
    )
    assert take("items", path, encoding="cp1252").taken == 2
    assert Item.objects.get(sku="B").name == "Fahrradträger"
    assert "no encoding 'klingon'" in refused(path, encoding="klingon")


def test_utf_16_is_not_taken_for_text(company: None, tmp_path: Path) -> None:
    assert "its content is binary" in refused(written(tmp_path, "items.csv", (ITEMS + "A,B,1,yes\n").encode("utf-16")))


def test_a_missing_column_is_named(company: None, tmp_path: Path) -> None:
    said = refused(written(tmp_path, "items.csv", "sku,title\nA,B\n"))
    assert said.startswith("items.csv lacks the column name; it has: sku, title.")


def test_a_repeated_column_is_named(company: None, tmp_path: Path) -> None:
    for path in (
        written(tmp_path, "items.csv", "sku,name,name\nA,B,C\n"),
        xlsx(tmp_path / "items.xlsx", [["sku", "name", "name"], ["A", "B", "C"]]),
    ):
        assert refused(path) == f"{path.name} has the column name more than once."


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("items.xlsx", b"sku,name\nA,B\n", "is not the XLSX file it claims to be"),
        ("items.xlsx", b"PK\x03\x04 and then nothing", "cannot be read as XLSX"),
        ("items.xlsx", b"", "is not the XLSX file it claims to be"),
        ("items.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "is not the .csv file it claims to be: its content is binary"),
        ("items.csv", b"PK\x03\x04\x14\x00", "is not the .csv file it claims to be: its content is binary"),
        ("items.csv", b"%PDF-1.7\n", "its content is binary"),
        ("items.csv", ITEMS.encode() + b"A,B,1,yes\n" * 9000 + b"Z,\x00,1,yes\n", "line 9002 holds a NUL"),
        ("items.csv", ITEMS.encode() + b'A,"' + b"x" * 200_000, "is a quotation mark missing?"),
        ("items.csv", b"", "items.csv is empty"),
        ("items.csv", b"\n\n", "items.csv is empty"),
        ("items.ndjson", b'{"sku": "A", "name": "B"}\n{"sku": ', "items.ndjson, line 2, column 9"),
        ("items.ndjson", b'{"sku": "A", "name": "B"}\n[1, 2]\n', "line 2: each line must be one JSON object"),
        ("items.ndjson", b"[" * 100_000, "nested too deeply"),
        ("items.csv.gz", b"sku,name\nA,B\n", "is not the gzip file it claims to be"),
        ("items.csv.gz", gzip.compress(b"sku,name\n" + bytes(range(65, 90)) * 9000, mtime=0)[:-20], "items.csv.gz"),
        ("items.doc", b"sku,name\nA,B\n", "only .csv, .xlsx and .ndjson files"),
    ],
)
def test_a_file_that_is_not_what_it_claims(company: None, tmp_path: Path, name: str, content: bytes, said: str) -> None:
    assert said in refused(written(tmp_path, name, content))
    assert not Item.objects.filter(sku="A").exists()


def test_files_and_maps_that_are_not_there(company: None, tmp_path: Path) -> None:
    assert "There is no file" in refused(tmp_path / "nowhere.csv")
    with pytest.raises(MappingError, match="There is no mapping file nowhere/items; shipped are: adventureworks"):
        files.load_map("nowhere/items")
    wrong = files.load_map("northwind/customers")
    path = written(tmp_path, "items.csv", ITEMS)
    with pytest.raises(FileRefusedError, match="The map is for customers, not for items"):
        files.import_file("items", path, wrong, **BY)
    written(tmp_path, "map.toml", "kind = ")
    with pytest.raises(MappingError, match=r"map\.toml"):
        files.load_map(str(tmp_path / "map.toml"))


@pytest.mark.parametrize("sign", ["=1+1", "@SUM(A1)", '=HYPERLINK("http://127.0.0.1")'])
def test_formulas_in_cells_are_refused(company: None, tmp_path: Path, sign: str) -> None:
    path = tmp_path / "items.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["sku", "name"], ["A", sign], ["B", "Bell"]])
    report = take("items", path)
    assert (report.taken, report.refused) == (1, 1)
    assert places(report) == {(2, "name", "formula_in_cell")}


def test_numbers_days_and_flags_are_named_by_line_and_column(company: None, tmp_path: Path) -> None:
    text = ITEMS + 'A,A,1.5,yes\nB,B,heavy,yes\nC,C,NaN,perhaps\n,D,1,no\nE,E,"1,5",yes\nF,F,1,yes,surplus\n'
    report = take("items", written(tmp_path, "items.csv", text))
    assert (report.rows, report.taken, report.refused) == (6, 1, 5)
    assert places(report) == {
        (3, "weight_kg", "bad_number"), (4, "weight_kg", "bad_number"), (4, "active", "bad_flag"),
        (5, "sku", "missing"), (6, "weight_kg", "bad_number"), (7, "", "too_many_cells"),
    }  # fmt: skip
    prices = "price_list,sku,unit_price,valid_from\nLIST,TYRE,31,2026-13-01\nLIST,TYRE,31,2026-01-31x\n"
    prices += "LIST,TYRE,31,tomorrow\nLIST,NOTHING,1,\nNOLIST,TYRE,1,\nLIST,TYRE,-1,\nLIST,TYRE,1e40,\n"
    report = take("prices", written(tmp_path, "prices.csv", prices))
    assert report.taken == 0
    assert {place[:2] for place in places(report)} == {
        (2, "valid_from"), (3, "valid_from"), (4, "valid_from"), (5, "sku"), (6, "price_list"), (7, "unit_price"),
        (8, "unit_price"),
    }  # fmt: skip
    assert all(bad.message for bad in report.problems)


def test_text_that_cannot_be_kept_is_named(company: None, tmp_path: Path) -> None:
    rows = [{"sku": "A", "name": "a\u0000b"}, {"sku": "B", "name": "Bell"}, {"sku": "C", "name": "x" * 5000}]
    path = written(tmp_path, "items.ndjson", "\n".join(json.dumps(row) for row in rows))
    report = take("items", path)
    assert (report.taken, report.refused) == (1, 2)
    assert {(bad.line, bad.column) for bad in report.problems} == {(1, "name"), (3, "name")}


def test_one_bad_row_among_good_ones_can_be_corrected(company: None, tmp_path: Path) -> None:
    rows = "".join(f"N-{number},Name {number},{number},yes\n" for number in range(1500))
    path = written(tmp_path, "items.csv", ITEMS + rows + "BAD,Bad,weight,yes\n")
    report = take("items", path)
    assert (report.rows, report.taken, report.refused) == (1501, 1500, 1)
    bad = Path(report.bad_file)
    assert bad.name == "items.bad.csv"
    text = bad.read_text()
    assert text.splitlines()[0] == "sku,name,weight_kg,active,auftakt_problem"
    assert "BAD,Bad,weight,yes" in text
    bad.write_text(text.replace("weight,yes", "2.5,yes"))
    again = take("items", bad)
    assert (again.taken, again.refused, again.bad_file) == (1, 0, "")
    assert Item.objects.get(sku="BAD").weight_kg == Decimal("2.5")


def test_an_order_with_one_bad_line_stays_out_whole(company: None, tmp_path: Path) -> None:
    text = (
        "external_reference,customer_number,line,sku,quantity\n"
        "W-1,C-1,1,BIKE,1\nW-1,C-1,2,HELMET,0\nW-2,C-2,1,LOCK,2\nW-3,NOBODY,1,LOCK,2\nW-4,C-2,1,NOTHING,1\n"
    )
    report = take("orders", written(tmp_path, "orders.csv", text))
    assert (report.taken, report.refused) == (1, 3)
    assert list(Order.objects.values_list("external_reference", flat=True)) == ["W-2"]
    assert places(report) == {
        (3, "quantity", "quantity_not_positive"), (5, "customer_number", "unknown_customer"),
        (6, "sku", "unknown_item"),
    }  # fmt: skip
    lines = Path(report.bad_file).read_text().splitlines()
    assert len(lines) == 5, "both rows of the refused order are kept for correction"


def table(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


STATE = {
    "customers": "select number, name, kind, segment, currency, language, phone, notes from parties_party order by 1",
    "items": "select sku, name, kind, state, unit_id, weight_kg, tax_category from catalog_item order by 1",
    "prices": "select item_id, unit_id, from_quantity, unit_price, valid_from from pricing_price order by 1, 2, 3",
    "stock": "select item_id, site_id, quantity, drawn from inventory_bucket order by 1, 2",
}


@pytest.mark.parametrize("kind", STATE)
@pytest.mark.parametrize("ending", ["csv", "xlsx", "ndjson"])
def test_what_is_exported_can_be_imported_and_changes_nothing(
    company: None, tmp_path: Path, kind: str, ending: str
) -> None:
    before = table(STATE[kind])
    path = tmp_path / f"{kind}.{ending}"
    assert export_file(kind, path) == len(before)
    report = take(kind, path)
    assert [(bad.line, bad.column, bad.message) for bad in report.problems] == []
    assert table(STATE[kind]) == before


def test_an_export_brings_back_what_was_lost(company: None, tmp_path: Path) -> None:
    for kind in ("customers", "stock"):
        export_file(kind, tmp_path / f"{kind}.csv")
    before = table(STATE["customers"]), table(STATE["stock"])
    Party.objects.update(name="gone", notes="gone")
    take("customers", tmp_path / "customers.csv")
    build.done(catalog.save_items([ItemDraft("BIKE", "Touring bike", activate=True)], **BY))
    build.receive({("DC", "BIKE"): "7"})
    take("stock", tmp_path / "stock.csv")
    assert (table(STATE["customers"]), table(STATE["stock"])) == before


@pytest.mark.parametrize("name", ["=1+1", "@cmd", "+49 30 1234", "-2+3", '=HYPERLINK("http://127.0.0.1","x")'])
def test_exported_cells_that_look_like_formulas_are_defused(company: None, tmp_path: Path, name: str) -> None:
    Item.objects.filter(sku="LOCK").update(name=name)
    export_file("items", tmp_path / "items.csv")
    export_file("items", tmp_path / "items.xlsx")
    with (tmp_path / "items.csv").open(newline="") as file:
        told = {row["sku"]: row["name"] for row in csv.DictReader(file)}
    assert told["LOCK"] == f"'{name}"
    sheet = load_workbook(tmp_path / "items.xlsx").active
    cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value) == f"'{name}"]
    assert [cell.data_type for cell in cells] == ["s"]
    Item.objects.filter(sku="LOCK").update(name="Lock")
    take("items", tmp_path / "items.csv")
    assert Item.objects.get(sku="LOCK").name == name, "the apostrophe is taken away again"


def test_negative_numbers_are_not_defused(company: None, tmp_path: Path) -> None:
    Bucket.objects.filter(item__sku="LOCK").update(quantity=5)
    export_file("stock", tmp_path / "stock.csv")
    assert "'" not in (tmp_path / "stock.csv").read_text()


def test_excel_days_and_numbers_are_understood(company: None, tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "prices.xlsx",
        [["price_list", "sku", "unit_price", "valid_from"], ["LIST", "TYRE", 31.5, date(2027, 1, 1)],
         ["LIST", "LOCK", "=A1", None]],
    )  # fmt: skip
    report = take("prices", path)
    assert report.taken == 1
    assert len(report.problems) == 1, "a formula without a value is not a price"
    assert table("select unit_price::text from pricing_price where valid_from = '2027-01-01'") == [("31.500000",)]
