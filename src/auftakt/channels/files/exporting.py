"""Exporting to a file: rows are streamed, and nothing in a cell can be taken for a formula."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from openpyxl import Workbook

from auftakt.channels.files.reading import FileRefusedError
from auftakt.platform.sql import Statements

sql = Statements("auftakt.channels")
KINDS = ("customers", "items", "stock", "prices", "orders", "purchase-orders", "invoices")
_CHUNK = 2000


def export_file(kind: str, path: Path) -> int:
    """Write all rows of a kind, over one snapshot of the database; how many there were. Raises FileRefusedError."""
    writers: dict[str, Callable[[Path, Sequence[str], Iterable[Sequence[Any]]], int]] = {
        ".csv": _write_csv,
        ".xlsx": _write_xlsx,
        ".ndjson": _write_ndjson,
    }
    if path.suffix not in writers:
        raise FileRefusedError(f"{path.name}: name a .csv, .xlsx or .ndjson file.")
    if not path.parent.exists():
        raise FileRefusedError(f"There is no folder {path.parent}.")
    statement = sql.texts[f"export_{kind.replace('-', '_')}"]
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        first = cursor.fetchmany(_CHUNK)
        names = [column[0] for column in cursor.description or ()]
        return writers[path.suffix](path, names, _rows(first, cursor))


def _rows(first: Sequence[Sequence[Any]], cursor: Any) -> Iterator[Sequence[Any]]:
    chunk = first
    while chunk:
        yield from chunk
        chunk = cursor.fetchmany(_CHUNK)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def _cell(value: Any) -> str:
    """Text that a spreadsheet shows and does not calculate: an apostrophe stands before the sign of a formula."""
    text = "" if value is None else str(_plain(value))
    risky = text.startswith(("=", "@", "\t", "\r")) or (text.startswith(("+", "-")) and isinstance(value, str))
    return f"'{text}" if risky and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdigit()


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(value) for value in row])
            count += 1
    return count


def _write_xlsx(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("auftakt")
    sheet.append(list(names))
    count = 0
    for row in rows:
        sheet.append([_cell(value) for value in row])
        count += 1
    book.save(path)
    return count


def _write_ndjson(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            told = {name: _plain(value) for name, value in zip(names, row, strict=True) if value is not None}
            file.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")
            count += 1
    return count
