"""A list as a file: the rows that match, the columns that are seen, in the order that is seen."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from auftakt.console.tables.columns import Column, read
from auftakt.console.tables.table import Asked, Table

XLSX_LIMIT = 100_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooManyError(Exception):
    """The list has more rows than a file of this kind should hold."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} rows")
        self.limit = limit


def every_row(table: Table, asked: Asked) -> Iterator[Any]:
    """All rows that match, page after page. A list that changes meanwhile never shows a row twice."""
    page = table.read(asked)
    yield from page.rows
    while page.after:
        following = table.asked({"after": page.after, "sort": ("-" if asked.descending else "") + asked.sort})
        page = table.read(replace(asked, after=following.after))
        yield from page.rows


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(table: Table, asked: Asked, columns: Sequence[Column]) -> StreamingHttpResponse:
    """Comma-separated values (RFC 4180, UTF-8 with a mark for spreadsheets), streamed whatever the length.

    Numbers and days are plain (1234.50, 2026-11-24); an amount is followed by its currency. Text that a spreadsheet
    would take for a formula gets an apostrophe before it.
    """
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        heads = [str(name) for column in columns for name in _names(column)]
        yield "\ufeff" + writer.writerow(heads)
        for row in every_row(table, asked):
            yield writer.writerow([text for column in columns for text in _texts(column, row)])

    return StreamingHttpResponse(lines(), "text/csv; charset=utf-8", headers=_as_file(table, "csv"))


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Rows as lines of a CSV file, with the mark for spreadsheets and the same care for formulas."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([_text(value) for value in row])


def _names(column: Column) -> list[str]:
    names = [str(column.title)] + ([f"{column.title} ({column.currency})"] if _has_currency(column) else [])
    return names + ([str(column.noted)] if column.noted else [])


def _has_currency(column: Column) -> bool:
    return column.kind in ("money", "price") and column.value is None


def _texts(column: Column, row: Any) -> list[str]:
    text = _text(column.plain(row))
    texts = [text, str(read(row, column.currency) or "")] if _has_currency(column) else [text]
    return texts + ([_text(read(row, column.note))] if column.noted else [])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, (int, date)):
        return str(value)
    return f"'{value}" if str(value).startswith(_FORMULA) else str(value)


def as_xlsx(table: Table, asked: Asked, columns: Sequence[Column]) -> HttpResponse:
    """A workbook with real numbers and days. Raises TooManyError beyond 100,000 rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(table.title)[:31].translate(str.maketrans("[]:*?/\\", "-------")))
    sheet.freeze_panes = "A2"
    columns = [each for column in columns for each in _apart(column)]
    heads = [WriteOnlyCell(sheet, str(column.title)) for column in columns]
    for index, cell in enumerate(heads, 1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(index)].width = 18
    sheet.append(heads)
    for count, row in enumerate(every_row(table, asked)):
        if count >= XLSX_LIMIT:
            raise TooManyError(XLSX_LIMIT)
        sheet.append([_cell(sheet, column, row) for column in columns])
    file = BytesIO()
    book.save(file)
    return HttpResponse(file.getvalue(), XLSX_TYPE, headers=_as_file(table, "xlsx"))


def _apart(column: Column) -> tuple[Column, ...]:
    return (column, Column(column.note, column.noted)) if column.noted else (column,)


def _cell(sheet: Any, column: Column, row: Any) -> WriteOnlyCell:
    value = column.plain(row)
    if isinstance(value, str):
        value = "".join(letter for letter in value if letter >= " " or letter == "\n")
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula
    elif _has_currency(column):
        cell.number_format = f'#,##0.00 "{read(row, column.currency) or ""}"'
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _as_file(table: Table, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{table.name}.{ending}"'}


FORMATS: Mapping[str, Callable[[Table, Asked, Sequence[Column]], Any]] = {"csv": as_csv, "xlsx": as_xlsx}
