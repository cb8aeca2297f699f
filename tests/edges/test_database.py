"""A database that cannot be used is told in one sentence; the embedded one needs nothing and listens on no port."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from auftakt.platform import embedded
from auftakt.platform.embedded import DatabaseError, EmbeddedServer, check_server, database_settings


def settings_for(monkeypatch: pytest.MonkeyPatch, url: str) -> dict[str, object]:
    monkeypatch.setenv("DATABASE_URL", url)
    return database_settings()


@pytest.fixture
def socket() -> str:
    return str(embedded.socket_dir())


def sentence(settings: dict[str, object]) -> str:
    with pytest.raises(DatabaseError) as caught:
        check_server(settings)
    said = str(caught.value)
    assert "\n" not in said
    return said


@pytest.mark.smoke
def test_the_embedded_server_is_recent_enough() -> None:
    assert check_server(database_settings()) >= embedded.OLDEST


def test_an_older_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "OLDEST", 99)
    assert "is too old: Auftakt needs 99 or newer" in sentence(database_settings())


def test_a_missing_database_is_named(monkeypatch: pytest.MonkeyPatch, socket: str) -> None:
    said = sentence(settings_for(monkeypatch, f"postgresql://postgres@/nowhere?host={socket}"))
    assert said.startswith("The database 'nowhere' does not exist")
    assert said.endswith("createdb nowhere.")


def test_an_unknown_user_is_named(monkeypatch: pytest.MonkeyPatch, socket: str) -> None:
    assert "knows no user 'stranger'" in sentence(
        settings_for(monkeypatch, f"postgresql://stranger@/auftakt?host={socket}")
    )


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No PostgreSQL answers at 127.0.0.1:1" in sentence(
        settings_for(monkeypatch, "postgresql://a:b@127.0.0.1:1/c")
    )


def test_another_kind_of_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatabaseError, match="must start with postgresql://"):
        settings_for(monkeypatch, "mysql://a:b@127.0.0.1/c")


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own, reachable by the user that PostgreSQL runs as."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    monkeypatch.setenv("AUFTAKT_HOME", str(tmp_path / "home"))


@pytest.fixture
def guarded(own_home: None) -> Iterator[str]:
    """A server of its own that asks for passwords."""
    server = EmbeddedServer(durable=False)
    server.start()
    rules = server.data / "pg_hba.conf"
    rules.write_text("local all all scram-sha-256\n")
    server._run("pg_ctl", "-D", server.data, "reload")
    yield str(server.socket)
    server.stop()


def test_a_wrong_password_is_named(guarded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = sentence(settings_for(monkeypatch, f"postgresql://postgres:wrong@/auftakt?host={guarded}"))
    assert said.endswith("refuses user 'postgres': check the password.")


def test_the_embedded_server_listens_on_no_port() -> None:
    pid = int((embedded.data_home() / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    assert [c for c in psutil.Process(pid).net_connections("inet") if c.status == psutil.CONN_LISTEN] == []


def test_the_last_to_leave_stops_the_server(own_home: None) -> None:
    first, second = EmbeddedServer(durable=False), EmbeddedServer(durable=False)
    first.start()
    second.start()
    first.stop()
    assert second._is_running()
    second.stop()
    assert not second._is_running()


def test_the_command_ends_in_one_sentence(socket: str) -> None:
    environment = {**os.environ, "DATABASE_URL": f"postgresql://postgres@/nowhere?host={socket}"}
    done = subprocess.run(
        [sys.executable, "-m", "auftakt.cli.main", "verify"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("auftakt: The database 'nowhere' does not exist")
    assert "Traceback" not in done.stderr
