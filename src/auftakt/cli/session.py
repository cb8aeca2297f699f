"""What every command needs: a database that is up to date, the clock, and who is acting."""

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console

from auftakt.platform.embedded import DatabaseError, database, is_embedded

out = Console()
err = Console(stderr=True)


def now() -> datetime:
    """The instant a command acts at."""
    return datetime.now(UTC)


def actor() -> str:
    """Who acts: the operating system's user."""
    return f"cli:{getpass.getuser()}"


def print_json(value: Any) -> None:
    """One JSON object on standard output."""
    json.dump(value, sys.stdout, cls=DjangoJSONEncoder, ensure_ascii=False)
    sys.stdout.write("\n")


def pending_migrations() -> int:
    """How many migrations the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def ready_database(*, migrate: bool | None = None) -> Iterator[int]:
    """A database with all tables. The embedded one is brought up to date by itself; a server of your own only when
    told to (`migrate`), otherwise pending migrations end the command with one sentence. Yields the server's version."""
    with database() as version:
        pending = pending_migrations()
        if pending and (is_embedded() if migrate is None else migrate):
            call_command("migrate", verbosity=0, interactive=False)
        elif pending:
            raise DatabaseError(f"{pending} migrations are pending on this database: run `auftakt migrate` first.")
        try:
            yield version
        finally:
            connection.close()
