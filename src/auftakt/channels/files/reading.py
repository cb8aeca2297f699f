"""Reading rows out of a file that may not be what it claims."""

import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from auftakt.values import Finding

_SAMPLE = 64 * 1024
MOST_BYTES = 500 * 1024 * 1024
_FORMULA = ("=", "@", "\t", "\r")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class FileRefusedError(ValueError):
    """The file as a whole cannot be read; the message says why and what to do, code and facts say it to programs."""

    def __init__(self, message: str, code: str = "unreadable", **facts: object) -> None:
        super().__init__(message)
        self.finding = Finding(code, message, facts={name: str(value) for name, value in facts.items()})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (the header is line 1) and its cells by column name, as text. `surplus` are cells
    beyond the last column: a separator inside a value has moved the others."""

    line: int
    cells: dict[str, str]
    surplus: int = 0


def read_rows(path: Path, *, encoding: str = "utf-8-sig") -> tuple[list[str], Iterator[Row]]:
    """Column names and rows of a CSV, XLSX or NDJSON file, gzipped or not. Raises FileRefusedError."""
    if not path.exists():
        raise FileRefusedError(f"There is no file {path}.")
    kind = Path(path.name.removesuffix(".gz")).suffix.lower()
    head = _head(path)
    if kind == ".xlsx":
        return _read_xlsx(path, head)
    if head.startswith((b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")) or b"\x00" in head:
        raise FileRefusedError(
            f"{path.name} is not the {kind or 'text'} file it claims to be: its content is binary.", "file_binary"
        )
    if kind in (".ndjson", ".jsonl"):
        return _read_ndjson(path, encoding)
    if kind in (".csv", ".txt", ".tsv"):
        return _read_csv(path, encoding)
    raise FileRefusedError(
        f"{path.name}: only .csv, .xlsx and .ndjson files (also with .gz) can be read.", "file_kind_unknown"
    )


def _head(path: Path) -> bytes:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            return bytes(file.read(_SAMPLE))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileRefusedError(f"{path.name} is not the gzip file it claims to be.", "file_damaged") from error
    except OSError as error:
        raise FileRefusedError(f"{path.name} cannot be read: {error.strerror}.") from error


def _text(path: Path, encoding: str) -> str:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            raw = bytes(file.read(MOST_BYTES + 1))
        if len(raw) > MOST_BYTES:
            raise _too_big(path)
        text = raw.decode(encoding)
    except (EOFError, zlib.error) as error:
        raise FileRefusedError(f"{path.name} ends too early: copy it again.", "file_damaged") from error
    except LookupError as error:
        raise FileRefusedError(
            f"There is no encoding {encoding!r}; name one such as utf-8 or cp1252.", "encoding_unknown"
        ) from error
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileRefusedError(
            f"{path.name} is not written in {encoding}: line {line} holds the byte {raw[error.start]:#04x}. "
            "Name its encoding, as in --encoding cp1252.",
            "encoding_wrong",
            line=line,
            encoding=encoding,
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise FileRefusedError(f"{path.name}, line {line} holds a NUL: the file is binary or damaged.", "file_binary")
    return text


def _read_csv(path: Path, encoding: str) -> tuple[list[str], Iterator[Row]]:
    text = _text(path, encoding)
    first = text.split("\n", 1)[0]
    if not first.strip():
        raise FileRefusedError(f"{path.name} is empty: the first line must hold the column names.", "file_empty")
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    names = [name.strip() for name in next(_csv_rows(path, reader))]
    _check_names(path, names)

    def rows() -> Iterator[Row]:
        for cells in _csv_rows(path, reader):
            if any(cell.strip() for cell in cells):
                told = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
                yield Row(reader.line_num, told, sum(1 for cell in cells[len(names) :] if cell.strip()))

    return names, rows()


def _csv_rows(path: Path, reader: Any) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise FileRefusedError(
            f"{path.name}, line {reader.line_num}: {error}; is a quotation mark missing?",
            "line_broken",
            line=reader.line_num,
        ) from error


def _read_xlsx(path: Path, head: bytes) -> tuple[list[str], Iterator[Row]]:
    if not head.startswith(b"PK\x03\x04"):
        raise FileRefusedError(
            f"{path.name} is not the XLSX file it claims to be: save it as XLSX, or name it .csv.", "file_not_xlsx"
        )
    _check_size(path)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefusedError(f"{path.name} cannot be read as XLSX: {error}.", "file_not_xlsx") from error
    if not sheet:
        raise FileRefusedError(f"{path.name} is empty: the first row must hold the column names.", "file_empty")
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
            raise FileRefusedError(
                f"{path.name}, line {line}, column {error.colno}: {error.msg}.", "line_broken", line=line
            ) from error
        except RecursionError as error:
            raise FileRefusedError(f"{path.name}, line {line}: nested too deeply.", "line_broken", line=line) from error
        if not isinstance(value, dict):
            raise FileRefusedError(
                f"{path.name}, line {line}: each line must be one JSON object.", "line_broken", line=line
            )
        cells = {str(name): _cell(cell) for name, cell in value.items()}
        names |= dict.fromkeys(cells)
        rows.append(Row(line, cells))
    return list(names), iter(rows)


def _check_names(path: Path, names: list[str]) -> None:
    named = [name for name in names if name]
    if len(set(named)) != len(named):
        twice = sorted({name for name in named if named.count(name) > 1})
        raise FileRefusedError(
            f"{path.name} has the column {', '.join(twice)} more than once.", "column_twice", columns=", ".join(twice)
        )


def _check_size(path: Path) -> None:
    """A small archive may unfold to what no memory holds."""
    try:
        with ZipFile(path) as archive:
            size = sum(each.file_size for each in archive.infolist())
    except (BadZipFile, OSError, ValueError) as error:
        raise FileRefusedError(f"{path.name} cannot be read as XLSX: {error}.", "file_not_xlsx") from error
    if size > MOST_BYTES:
        raise _too_big(path)


def _too_big(path: Path) -> FileRefusedError:
    text = f"{path.name} unfolds to more than {MOST_BYTES // 1024 // 1024} MB: split it into several files."
    return FileRefusedError(text, "file_too_big", most=MOST_BYTES // 1024 // 1024)


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    elif isinstance(value, datetime):
        value = value.date() if value.time().isoformat() == "00:00:00" else value.isoformat()
    elif isinstance(value, bool | list | dict):
        value = json.dumps(value)
    return "" if value is None else str(value).strip()


def is_unstorable(cell: str) -> bool:
    """Whether a cell holds a NUL or half a Unicode character, which no database keeps."""
    return _UNSTORABLE.search(cell) is not None


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would calculate this cell instead of showing it."""
    return cell.startswith(_FORMULA)


def without_defusing(cell: str) -> str:
    """The text of a cell without the apostrophe that an export puts before the sign of a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "+", "-")) else cell
