"""Named SQL: statements live in `sql/*.sql` beside the capability, as `-- name: verb_noun` followed by a reason.

    sql = Statements(__package__)
    rows = sql.rows("lock_lines", ids=[...])

Tables are named without a schema; parameters are psycopg's `%(name)s`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from django.db import connection, transaction

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_CONDITION = re.compile(r"-- if (\w+)$")


def parse(text: str) -> dict[str, str]:
    """Statements of one file by name. Raises ValueError for a name used twice."""
    parts = _NAME.split(text)
    names, bodies = parts[1::2], parts[2::2]
    if len(set(names)) != len(names):
        raise ValueError(f"a statement name is used twice: {sorted(names)}")
    return {name: body.strip().rstrip(";") for name, body in zip(names, bodies, strict=True)}


def chosen(text: str, asked: Mapping[str, Any]) -> str:
    """A statement without the lines whose `-- if NAME` is not asked for: each list is planned for what it asks.

    None, False and what is empty do not ask; zero does.
    """
    lines = ((line, _CONDITION.search(line)) for line in text.splitlines())
    return "\n".join(line for line, found in lines if not found or _asks(asked.get(found[1])))


def _asks(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", (), [])


class Statements:
    """The named statements of one capability. Each call is exactly one round trip."""

    def __init__(self, package: str) -> None:
        self.texts: dict[str, str] = {}
        for path in sorted((files(package) / "sql").iterdir(), key=lambda each: each.name):
            if path.name.endswith(".sql"):
                for name, text in parse(path.read_text("utf-8")).items():
                    if name in self.texts:
                        raise ValueError(f"{package}: statement {name} is defined twice")
                    self.texts[name] = text

    def rows(self, name: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a statement as tuples."""
        with connection.cursor() as cursor:
            cursor.execute(self.texts[name], parameters or None)
            return cursor.fetchall()

    def records(self, name: str, /, **parameters: Any) -> list[Any]:
        """All rows as named tuples with the statement's own column names."""
        return self._records(name, self.texts[name], parameters)

    def listed(
        self, name: str, /, *, by: str, descending: bool, after: Sequence[str] | None, limit: int, **asked: Any
    ) -> list[Any]:
        """`limit` rows of a statement in the order of one of its columns, from a position on (keyset).

        `by` and `id` are columns of the statement and never null; `after` holds their values in the last row seen, as
        text. Lines marked `-- if NAME` stand only when NAME is asked for.
        """
        if not by.isidentifier():
            raise ValueError(f"{by!r} is no column")
        keys = ["t.id"] if by == "id" else [f"t.{by}", "t.id"]
        text = f"select * from (\n{chosen(self.texts[name], asked)}\n) t\n"
        if after is not None:
            places = ", ".join(f"%(after_{index})s" for index in range(len(after)))
            text += f"where ({', '.join(keys)}) {'<' if descending else '>'} ({places})\n"
            asked |= {f"after_{index}": value for index, value in enumerate(after)}
            if by != "id":  # said once more alone, for a column of a joined table: its index begins where the page does
                text += f"and t.{by} {'<=' if descending else '>='} %(after_0)s\n"
        text += f"order by {', '.join(f'{key} desc' if descending else key for key in keys)} limit %(limit)s"
        return self._records(name, text, {**asked, "limit": limit})

    def over(self, name: str, outer: str, /, *, limit: int, order: str = "", **asked: Any) -> list[tuple[Any, ...]]:
        """What `outer` makes of a statement's rows, of which at most `limit` are looked at, in an order if it is told;
        `{}` stands for them.

        Lines marked `-- if NAME` stand only when NAME is asked for.
        """
        first = f"order by {order} " if order else ""
        inner = f"(select * from (\n{chosen(self.texts[name], asked)}\n) every {first}limit %(limit)s) t"
        with connection.cursor() as cursor:
            cursor.execute(outer.format(inner), {**asked, "limit": limit})
            return cursor.fetchall()

    def _records(self, name: str, text: str, parameters: Mapping[str, Any]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(text, parameters or None)
            shape = NamedTuple(name, [(column[0], Any) for column in cursor.description])  # type: ignore[misc]
            return [shape(*row) for row in cursor.fetchall()]

    def value(self, name: str, /, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        rows = self.rows(name, **parameters)
        return rows[0][0] if rows else None

    def run(self, name: str, /, **parameters: Any) -> int:
        """Execute without reading rows; the count of rows touched."""
        with connection.cursor() as cursor:
            cursor.execute(self.texts[name], parameters or None)
            return cursor.rowcount


def columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Turn rows into columns for `unnest`; `width` empty lists when there are no rows."""
    turned = [list(column) for column in zip(*rows, strict=True)]
    return turned or [[] for _ in range(width)]


_FEW = 12


def insert_rows(table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows in one statement, whatever their number: few by INSERT, which is a single round trip and planned
    once for each number of rows; many by COPY, which takes three but streams. Must run inside a transaction."""
    if not rows:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("insert_rows runs inside the verb's transaction")
    if len(rows) <= _FEW:
        row = f"({', '.join(['%s'] * len(names))})"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * len(rows))}",
                [value for each in rows for value in each],
            )
        return
    statement = f"COPY {table} ({', '.join(names)}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
