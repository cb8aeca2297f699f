"""Tests run on a real PostgreSQL: the embedded one, in a home of its own, without the wait for the disk."""

import os
import tempfile
from pathlib import Path

import django
import pytest

_home = Path(os.environ.get("TEST_HOME") or Path(tempfile.gettempdir()) / f"auftakt-test-{os.getuid()}")
_version = int(os.environ.get("TEST_POSTGRES", "18"))
os.environ["AUFTAKT_HOME"] = str(_home / str(_version))
os.environ["DJANGO_SETTINGS_MODULE"] = "auftakt.project.settings"
os.environ.pop("DATABASE_URL", None)

from auftakt.platform.embedded import EmbeddedServer

_server = EmbeddedServer(version=_version, durable=False)


def pytest_configure(config: pytest.Config) -> None:
    _server.start()
    django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    _server.stop()
