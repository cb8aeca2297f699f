"""Reading rows out of a file that may not be what it claims."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, ZipError

_SAMPLE = 64 * 1024
_FORMULA = ("=", "@", "\t", "\r")


class FileRefusedError(ValueError):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (the header is line 1) and its cells by column name, as text."""

    line: int
    cells: dict[str, str]


def read_rows(path: Path, *, encoding: str = "utf-8-sig") -> tuple[list[str], Iterator[Row]]:
    """Column names and rows of a CSV, XLSX or NDJSON file, gzipped or not. Raises FileRefusedError."""
    if not path.exists():
        raise FileRefusedError(f"There is no file {path}.")
    kind = Path(path.name.removesuffix(".gz")).suffix.lower()
    head = _head(path)
    if kind == ".xlsx":
        return _read_xlsx(path, head)
    if head.startswith((b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")) or b"\x00" in head:
        raise FileRefusedError(f"{path.name} is not the {kind or 'text'} file it claims to be: its content is binary.")
    if kind in (".ndjson", ".jsonl"):
        return _read_ndjson(path, encoding)
    if kind in (".csv", ".txt", ".tsv"):
        return _read_csv(path, encoding)
    raise FileRefusedError(f"{path.name}: only .csv, .xlsx and .ndjson files (also with .gz) can be read.")


def _head(path: Path) -> bytes:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            return bytes(file.read(_SAMPLE))
    except gzip.BadGzipFile as error:
        raise FileRefusedError(f"{path.name} is not the gzip file it claims to be.") from error


def _text(path: Path, encoding: str) -> str:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        raw = bytes(file.read())
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileRefusedError(
            f"{path.name} is not written in {encoding}: line {line} holds the byte {raw[error.start]:#04x}. "
            "Name its encoding, as in --encoding cp1252."
        ) from error


def _read_csv(path: Path, encoding: str) -> tuple[list[str], Iterator[Row]]:
    text = _text(path, encoding)
    first = text.split("\n", 1)[0]
    if not first.strip():
        raise FileRefusedError(f"{path.name} is empty: the first line must hold the column names.")
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    names = [name.strip() for name in next(reader)]
    _check_names(path, names)

    def rows() -> Iterator[Row]:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(reader.line_num, {name: cell.strip() for name, cell in zip(names, cells, strict=False)})

    return names, rows()


def _read_xlsx(path: Path, head: bytes) -> tuple[list[str], Iterator[Row]]:
    if not head.startswith(b"PK\x03\x04"):
        raise FileRefusedError(f"{path.name} is not the XLSX file it claims to be: save it as XLSX, or name it .csv.")
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (ZipError, OSError, ValueError) as error:
        raise FileRefusedError(f"{path.name} cannot be read as XLSX: {error}.") from error
    if not sheet:
        raise FileRefusedError(f"{path.name} is empty: the first row must hold the column names.")
    names = [_cell(value) for value in sheet[0]]
    _check_names(path, names)

    def rows() -> Iterator[Row]:
        for line, values in enumerate(sheet[1:], 2):
            cells = {name: _cell(value) for name, value in zip(names, values, strict=False)}
            if any(cells.values()):
                yield Row(line, cells)

    return names, rows()


def _read_ndjson(path: Path, encoding: str) -> tuple[list[str], Iterator[Row]]:
    names: dict[str, None] = {}
    rows: list[Row] = []
    for line, text in enumerate(_text(path, encoding).splitlines(), 1):
        if not text.strip():
            continue
        try:
            value = json.loads(text, parse_float=str, parse_int=str)
        except json.JSONDecodeError as error:
            raise FileRefusedError(f"{path.name}, line {line}, column {error.colno}: {error.msg}.") from error
        if not isinstance(value, dict):
            raise FileRefusedError(f"{path.name}, line {line}: each line must be one JSON object.")
        cells = {str(name): _cell(cell) for name, cell in value.items()}
        names |= dict.fromkeys(cells)
        rows.append(Row(line, cells))
    return list(names), iter(rows)


def _check_names(path: Path, names: list[str]) -> None:
    named = [name for name in names if name]
    if len(set(named)) != len(named):
        twice = sorted({name for name in named if named.count(name) > 1})
        raise FileRefusedError(f"{path.name} has the column {', '.join(twice)} more than once.")


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    elif isinstance(value, datetime):
        value = value.date() if value.time().isoformat() == "00:00:00" else value.isoformat()
    elif isinstance(value, bool | list | dict):
        value = json.dumps(value)
    return "" if value is None else str(value).strip()


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would calculate this cell instead of showing it."""
    return cell.startswith(_FORMULA)
