"""Tests run on a real PostgreSQL: the embedded one, in a home of its own, without the wait for the disk."""

import os
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import pytest

_home = Path(os.environ.get("TEST_HOME") or Path(tempfile.gettempdir()) / f"auftakt-test-{os.getuid()}")
_version = int(os.environ.get("TEST_POSTGRES", "18"))
# A server for each process: a transaction left open in one test would hold back readers of the journal in the others.
os.environ["AUFTAKT_HOME"] = str(_home / str(_version) / os.environ.get("PYTEST_XDIST_WORKER", "alone"))
os.environ["DJANGO_SETTINGS_MODULE"] = "auftakt.project.settings"
os.environ.pop("DATABASE_URL", None)
# In tests compiled code looks where it reaches; elsewhere it trusts itself.
os.environ |= {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(_home / "compiled")}

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models.signals import pre_migrate
from procrastinate.schema import SchemaManager

from auftakt.platform.embedded import EmbeddedServer, database_settings
from auftakt.promising.engine import warm_up

# A thread of a test may have left its connection behind; the database of the tests could not be dropped.
_END_OTHERS = """select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()"""
_server = EmbeddedServer(version=_version, durable=False)


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ and config.getoption("numprocesses", None):
        warm_up()  # once, so that the workers find it compiled
    _server.start()
    settings.DATABASES["default"].update(database_settings())  # they may have been read before this file was
    django.setup()
    pre_migrate.connect(_make_functions, sender=apps.get_app_config("platform"))


def _make_functions(**_: Any) -> None:
    """What indexes of the models stand on; elsewhere a migration makes it."""
    with connection.cursor() as cursor:
        cursor.execute(import_module("auftakt.platform.migrations.0005_folded_words").FOLDED)


# What takes minutes begins first, so that no worker is left alone with it at the end.
_LONG = (
    "tests/simulation",
    "edges/test_wheel",
    "edges/test_console_rubbish",
    "edges/test_cli",
    "edges/test_verify",
    "tests/browser",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((n for n, part in enumerate(_LONG) if part in item.nodeid), len(_LONG)))


def pytest_unconfigure(config: pytest.Config) -> None:
    _server.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Tests make tables from the models, without migrations; those of the queue come from its own schema."""
    warm_up()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_END_OTHERS)
