"""Counts what really goes to the database: statements and COPYs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connection


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements run in the block, in order; savepoints are left out, COPY is in."""
    seen: list[str] = []
    copy = psycopg.Cursor.copy

    def noted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            seen.append(" ".join(sql.split())[:90])
        return execute(sql, params, many, context)

    def noted_copy(cursor: Any, statement: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(str(statement)[:90])
        return copy(cursor, statement, *args, **kwargs)

    with connection.execute_wrapper(noted), patch.object(psycopg.Cursor, "copy", noted_copy):
        yield seen
