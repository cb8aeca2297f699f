"""Mapping files: which column of somebody's file means what to us.

A map is TOML. `[fields]` (and `[line]`, for the lines of orders and purchase orders) name for each of our fields where
its text comes from: a column, or a table with one of

    { column = "Date", date = "%m/%d/%Y" }          a day in another notation
    { value = "EUR" }                               always the same
    { template = "{FirstName} {LastName}" }         several columns
    { column = "Country", country = true }          a country's name instead of its code
    { column = "Status", words = { "1" = "open" } } other words
    { column = "Key", lookup = "Other.csv", key = "Key", take = "Name" }   a cell of another file beside this one
    { column = "Weight", by = "Unit", scales = { LB = 0.45359237 } }   a number in several units
    { column = "Ordered", minus = "Received" }      a difference; where it is nothing, the line is left out

and optionally `default` for empty cells, and `chain` for further look-ups. `group` is the column whose rows make one
order, `where` keeps only the rows whose columns hold one of some values (`where_not` drops them), `[details]` names
another file whose rows are the lines. `[[checks]]` say what a good row looks like, one column each:

    { column = "Size", filled = true }              not empty
    { column = "Cost", at_most = "Price" }          a number not above that of another column
    { column = "Colour", among = ["Red", "Blue"] }  one of these
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel import Locale

from auftakt.channels.files.reading import FileRefusedError, Row, is_formula, is_unstorable, read_rows, without_defusing

Source = str | dict[str, Any]
_KNOWN = {
    "column",
    "value",
    "template",
    "date",
    "country",
    "words",
    "lookup",
    "key",
    "take",
    "default",
    "chain",
    "by",
    "scales",
    "minus",
}


class MappingError(ValueError):
    """The mapping file, or the file it is used on, does not fit; the message says where."""


class CellError(ValueError):
    """A cell cannot be understood."""

    def __init__(self, code: str, column: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.column = column


@dataclass(frozen=True, slots=True)
class Details:
    """The file that holds the lines: its rows join the group by the column `on`."""

    file: str
    on: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file. Without one, columns carry our own field names."""

    kind: str
    fields: dict[str, Source]
    line: dict[str, Source] = field(default_factory=dict[str, Source])
    encoding: str = "utf-8-sig"
    group: str = ""
    where: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    where_not: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    details: Details | None = None
    checks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    options: dict[str, Any] = field(default_factory=dict[str, Any])


def shipped_maps() -> list[str]:
    """The names of the mapping files that come with Auftakt, as `northwind/orders`."""
    root = Path(str(files("auftakt.channels.files") / "maps"))
    return sorted(str(path.relative_to(root).with_suffix("")) for path in root.rglob("*.toml"))


def load_map(name: str) -> Mapping:
    """A mapping file by path, or one that comes with Auftakt by name. Raises MappingError."""
    path = Path(name)
    if not path.exists():
        path = Path(str(files("auftakt.channels.files") / "maps" / f"{name.removesuffix('.toml')}.toml"))
    if not path.exists():
        raise MappingError(f"There is no mapping file {name}; shipped are: {', '.join(shipped_maps())}.")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise MappingError(f"{name} is no text in UTF-8.") from error
    return read_map(name, text)


def read_map(name: str, text: str) -> Mapping:
    """A mapping file by its text. Raises MappingError."""
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingError(f"{name}: {error}") from error
    details = told.pop("details", None)
    known = {"kind", "encoding", "group", "where", "where_not", "fields", "line", "checks", "options"}
    strange = set(told) - known
    if strange or "kind" not in told or "fields" not in told:
        raise MappingError(
            f"{name}: a map has kind and fields, and may have {', '.join(sorted(known))}; not {strange}."
        )
    for part in ("fields", "line"):
        for target, source in told.get(part, {}).items():
            if isinstance(source, dict) and not set(source) <= _KNOWN:
                raise MappingError(f"{name}: {part}.{target} has unknown words: {sorted(set(source) - _KNOWN)}.")
    try:
        return Mapping(**told, details=Details(**details) if details else None)
    except TypeError as error:
        raise MappingError(f"{name}: details are told as file and on.") from error


def stands_alone(mapping: Mapping) -> bool:
    """Whether a map needs no file beside the one it is used on: no details, no look-ups."""
    sources = [*mapping.fields.values(), *mapping.line.values()]
    return mapping.details is None and not any(
        isinstance(source, dict) and ("lookup" in source or "chain" in source) for source in sources
    )


def columns_of(sources: Iterable[Source]) -> list[str]:
    """The columns that sources read, for checking that the file has them."""
    found: dict[str, None] = {}
    for source in sources:
        if isinstance(source, str):
            found[source] = None
        elif "column" in source:
            found[source["column"]] = None
    return list(found)


class Reader:
    """Turns rows of one file into our fields."""

    def __init__(self, mapping: Mapping, folder: Path) -> None:
        self.mapping = mapping
        self.folder = folder

    def wanted(self, row: Row) -> bool:
        """Whether `where` keeps the row."""
        kept = all(row.cells.get(column, "") in allowed for column, allowed in self.mapping.where.items())
        return kept and all(row.cells.get(column, "") not in out for column, out in self.mapping.where_not.items())

    def failed_checks(self, row: Row) -> list[CellError]:
        """The checks of the map that the row does not pass."""
        return [problem for check in self.mapping.checks if (problem := _failed(check, row.cells)) is not None]

    def is_nothing(self, row: Row) -> bool:
        """Whether the row's quantity, a difference, is nothing: then there is no line."""
        source = self.mapping.line.get("quantity")
        if not isinstance(source, dict) or "minus" not in source:
            return False
        return self._value(source, row) in ("0", "")

    def values(self, sources: dict[str, Source], row: Row) -> dict[str, str]:
        """Our fields of a row, as text. Raises CellError naming the column."""
        found: dict[str, str] = {}
        for target, source in sources.items():
            text = self._value(source, row)
            if text != "":
                found[target] = text
        return found

    def _value(self, source: Source, row: Row) -> str:
        if isinstance(source, str):
            return _safe(source, row.cells.get(source, ""))
        if "value" in source:
            return str(source["value"])
        if "template" in source:
            cells = {name: _safe(name, cell) for name, cell in row.cells.items()}
            return " ".join(str(source["template"]).format_map(cells).split())
        text = _safe(source["column"], row.cells.get(source["column"], ""))
        return self._from_column(source, text, row) if text else str(source.get("default", ""))

    def _from_column(self, source: dict[str, Any], text: str, row: Row) -> str:
        column = source["column"]
        if "lookup" in source:
            text = self._looked_up(source, column, text)
        for step in source.get("chain", []):
            text = self._looked_up(step, column, text) if text else ""
        if "minus" in source:
            return _number(column, text, minus=row.cells.get(source["minus"], "") or "0")
        if "scales" in source:
            unit = row.cells.get(source["by"], "")
            if unit not in source["scales"]:
                raise CellError(
                    "unknown_unit", source["by"], f"{source['by']} is {unit!r}; the map knows {source['scales']}."
                )
            return _number(column, text, times=str(source["scales"][unit]))
        return _converted(source, column, text)

    def _looked_up(self, source: dict[str, Any], column: str, text: str) -> str:
        table = _table(self.folder / source["lookup"], source["key"], source["take"], self.mapping.encoding)
        if text in table:
            return table[text]
        if "default" in source:
            return str(source["default"])
        raise CellError("not_found", column, f"{text!r} is not in column {source['key']} of {source['lookup']}.")


def _failed(check: dict[str, Any], cells: dict[str, str]) -> CellError | None:
    column = check["column"]
    text = cells.get(column, "")
    if check.get("filled") and not text:
        return CellError("missing", column, f"{column} is empty: fill it in.")
    if "among" in check and text not in check["among"]:
        return CellError("unknown_word", column, f"{column} is {text!r}; expected one of {', '.join(check['among'])}.")
    if "at_most" in check:
        other = cells.get(check["at_most"], "")
        try:
            too_much = Decimal(text) > Decimal(other)
        except InvalidOperation:
            return CellError(
                "bad_number", column, f"{column} {text!r} and {check['at_most']} {other!r} must be numbers."
            )
        if too_much:
            return CellError("too_much", column, f"{column} {text} is above {check['at_most']} {other}: one is wrong.")
    return None


@cache
def _table(path: Path, key: str, take: str, encoding: str) -> dict[str, str]:
    names, rows = read_rows(path, encoding=encoding)
    for column in (key, *([] if "{" in take else [take])):
        if column not in names:
            raise MappingError(f"{path.name} has no column {column}; it has: {', '.join(names)}.")
    if "{" in take:
        found = ((row.cells[key], " ".join(take.format_map(row.cells).split())) for row in rows)
    else:
        found = ((row.cells[key], row.cells.get(take, "")) for row in rows)
    table: dict[str, str] = {}
    for name, text in found:
        table.setdefault(name, text)
    return table


def _safe(column: str, cell: str) -> str:
    if is_formula(cell):
        raise CellError("formula_in_cell", column, f"{column} holds a formula ({cell[:30]!r}): put the value instead.")
    if is_unstorable(cell):
        raise CellError("bad_character", column, f"{column} holds a NUL or half a Unicode character: remove it.")
    return without_defusing(cell)


def _converted(source: dict[str, Any], column: str, text: str) -> str:
    if "words" in source:
        if text not in source["words"]:
            known = ", ".join(source["words"])
            raise CellError("unknown_word", column, f"{column} is {text!r}; the map knows: {known}.")
        return str(source["words"][text])
    if "date" in source:
        try:
            return datetime.strptime(text, source["date"]).date().isoformat()  # noqa: DTZ007 (a day, no instant)
        except ValueError as error:
            raise CellError("bad_date", column, f"{column} is {text!r}; expected {source['date']}.") from error
    if source.get("country"):
        code = country_code(text)
        if not code:
            raise CellError("unknown_country", column, f"{column} is {text!r}, which is no country we know.")
        return code
    return text


def _number(column: str, text: str, *, times: str = "1", minus: str = "0") -> str:
    try:
        value = Decimal(text) * Decimal(times) - Decimal(minus)
    except InvalidOperation as error:
        raise CellError("bad_number", column, f"{column} is {text!r}, which is no number.") from error
    return f"{value.quantize(Decimal('0.000001')).normalize():f}"


_ALIASES = {"uk": "GB", "usa": "US", "holland": "NL", "czech republic": "CZ"}


@cache
def _countries() -> dict[str, str]:
    names = {**_ALIASES}
    for language in ("en", "de"):
        territories = Locale.parse(language).territories
        names |= {str(name).casefold(): str(code) for code, name in territories.items() if len(str(code)) == 2}
    return names


def country_code(text: str) -> str:
    """The ISO 3166-1 code of a country given by code or by its English or German name; empty when unknown."""
    if len(text) == 2 and text.upper() in _countries().values():
        return text.upper()
    return _countries().get(text.casefold(), "")


def details_by_group(mapping: Mapping, folder: Path) -> dict[str, list[Row]]:
    """The rows of the details file by the group they belong to."""
    assert mapping.details is not None
    names, rows = read_rows(folder / mapping.details.file, encoding=mapping.encoding)
    missing = [column for column in (mapping.details.on, *columns_of(mapping.line.values())) if column not in names]
    if missing:
        raise FileRefusedError(f"{mapping.details.file} lacks the column {', '.join(missing)}.")
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.cells[mapping.details.on], []).append(row)
    return found
