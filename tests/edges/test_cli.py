"""The command line: what it teaches, what it answers, how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
import typer
from typer.testing import CliRunner

from auftakt.cli.commands import app
from tests.running import Installation, installation

ITEMS = "sku,name\nBELL,Bell\nLAMP,Lamp\n"


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the program, groups too."""
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_all_that_is_promised_is_there() -> None:
    names = {path[0] for path in COMMANDS if path}
    assert names >= {"up", "demo", "import", "export", "work", "verify", "bench", "user", "apikey", "migrate"}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_teaches_itself(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*path, "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output
    command = COMMANDS[path]
    assert len((command.help or "").split()) >= 4, f"{path} does not say what it is for"
    for each in command.params:
        if each.param_type_name == "option" and not each.hidden and each.name not in ("help", "password", *_TYPERS):
            assert each.help, f"{path}: --{each.name} says nothing"


_TYPERS = ("install_completion", "show_completion")


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    """An installation that is up, so that commands find a database that runs."""
    with installation() as home:
        home.up()
        yield home


def told(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_users_come_in_and_are_listed(running: Installation) -> None:
    running.environment["AUFTAKT_PASSWORD"] = "a long pass phrase 7"
    done = running.run("user", "add", "anna@example.com", "--role", "admin", "--role", "sales", "--name", "Anna")
    assert "anna@example.com may log in as admin, sales" in done.stdout
    listed = told(running.run("user", "list", "--json"))
    assert [(user["email"], user["name"], user["roles"], user["is_active"]) for user in listed] == [
        ("anna@example.com", "Anna", ["admin", "sales"], True)
    ]
    assert "password" not in json.dumps(listed)
    assert "anna@example.com" in running.run("user", "list").stdout
    again = running.run("user", "add", "anna@example.com", "--role", "admin", check=False)
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
    wrong = running.run("user", "add", "bert@example.com", "--role", "king", check=False)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (1, False)
    assert "king" in wrong.stderr


def test_a_password_is_changed(running: Installation) -> None:
    running.environment["AUFTAKT_PASSWORD"] = "another long phrase 8"
    assert "is changed" in running.run("user", "password", "anna@example.com").stdout
    unknown = running.run("user", "password", "nobody@example.com", check=False)
    assert unknown.returncode == 1
    assert "unknown_user" in unknown.stderr
    running.environment["AUFTAKT_PASSWORD"] = "short"
    assert running.run("user", "password", "anna@example.com", check=False).returncode == 1


def test_a_key_works_until_it_is_revoked(running: Installation) -> None:
    secret = running.run("apikey", "add", "web shop", "--scope", "orders.view").stdout.strip()
    assert secret.startswith("auf_")
    listed = told(running.run("apikey", "list", "--json"))
    assert [(key["name"], key["scopes"], key["revoked_at"]) for key in listed] == [("web shop", ["orders.view"], None)]
    assert secret not in json.dumps(listed)
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{running.url}/api/v1/orders", headers=headers, timeout=20).status_code == 200
    assert "is revoked" in running.run("apikey", "revoke", listed[0]["prefix"]).stdout
    until = time.monotonic() + 10
    while httpx.get(f"{running.url}/api/v1/orders", headers=headers, timeout=20).status_code != 401:
        assert time.monotonic() < until, "a revoked key ends within seconds"
        time.sleep(0.5)
    assert running.run("apikey", "revoke", "auf_00000000", check=False).returncode == 1
    assert running.run("apikey", "add", "x", "--scope", "orders.conquer", check=False).returncode == 1


def test_import_and_export_end_as_they_say(running: Installation, tmp_path: Path) -> None:
    """0: all went in; 1: rows were refused; 2: the file as a whole cannot be used."""
    good = tmp_path / "items.csv"
    good.write_text(ITEMS)
    dry = told(running.run("import", "items", str(good), "--dry-run", "--json"))
    assert (dry["taken"], dry["dry_run"]) == (2, True)
    assert told(running.run("import", "items", str(good), "--json"))["taken"] == 2
    bad = tmp_path / "more.csv"
    bad.write_text(ITEMS + "PUMP,=1+1\n")
    done = running.run("import", "items", str(bad), "--json", check=False)
    report = told(done)
    assert (done.returncode, report["rows"], report["refused"]) == (1, 3, 1)
    assert [(each["line"], each["column"], each["code"]) for each in report["problems"]] == [
        (4, "name", "formula_in_cell")
    ]
    assert Path(report["bad_file"]).exists()
    words = running.run("import", "items", str(bad), check=False)
    assert words.returncode == 1
    assert "Correct" in words.stdout
    for arguments in (
        ("import", "items", str(tmp_path / "nowhere.csv")),
        ("import", "items", str(good), "--map", "nowhere"),
        ("import", "unicorns", str(good)),
        ("export", "items", str(tmp_path / "items.doc")),
    ):
        failed = running.run(*arguments, check=False)
        assert failed.returncode == 2, arguments
        assert failed.stderr.strip()
        assert "Traceback" not in failed.stderr
    out = tmp_path / "out.ndjson"
    assert "2 rows written" in running.run("export", "items", str(out)).stdout
    assert [json.loads(line)["sku"] for line in out.read_text().splitlines()] == ["BELL", "LAMP"]


def test_verify_tells_and_ends_with_one_when_something_is_wrong(running: Installation) -> None:
    clean = running.run("verify", "--json")
    answer = told(clean)
    assert answer["violations"] == 0
    assert answer["checked"] > 0
    assert {"name", "checked", "violations", "example"} == set(answer["checks"][0])
    assert "facts checked, 0 wrong" in running.run("verify").stdout
    _change(running, "update catalog_item set kind = 'kit' where sku = 'BELL'")
    wrong = running.run("verify", "--json", check=False)
    _change(running, "update catalog_item set kind = 'stocked' where sku = 'BELL'")
    assert wrong.returncode == 1
    assert [check["name"] for check in told(wrong)["checks"] if check["violations"]] == ["catalog.kits"]


def _change(home: Installation, statement: str) -> None:
    with psycopg.connect(host=str(home.home / "run"), user="postgres", dbname="auftakt") as own:
        own.execute(statement)


def test_a_bench_prints_flat_numbers(running: Installation) -> None:
    answer = told(running.run("bench", "promise", "--json", "--items", "1000"))
    assert set(answer) == {"name", "machine", "figures", "ratios"}
    assert answer["name"] == "promise"
    for part in ("figures", "ratios"):
        assert answer[part]
        assert all(isinstance(value, int | float) for value in answer[part].values())


def test_the_worker_works_once_and_ends(running: Installation) -> None:
    assert "steps tried" in running.run("work", "--once").stdout


def test_a_killed_supervisor_leaves_nothing_that_serves(running: Installation) -> None:
    """And what is started next finds its port and its database."""
    assert running.process is not None
    children = psutil.Process(running.process.pid).children(recursive=True)
    running.process.kill()
    running.process.wait(10)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    running.up()
    assert running.run("verify", "--json").returncode == 0


def test_a_stale_number_of_the_server_is_no_obstacle(running: Installation) -> None:
    """After a crash postmaster.pid may name a process that is somebody else's by now."""
    running.kill_database()
    note = running.home / "postgres" / "postmaster.pid"
    lines = note.read_text().splitlines()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    until = time.monotonic() + 60
    while True:
        answer = running.run("user", "list", "--json", check=False)
        if answer.returncode == 0:
            break
        assert time.monotonic() < until, answer.stderr
        time.sleep(0.5)
    assert [user["email"] for user in told(answer)] == ["anna@example.com"]


def test_sigterm_stops_everything_the_database_too(running: Installation) -> None:
    assert running.process is not None
    running.wait()
    children = psutil.Process(running.process.pid).children(recursive=True)
    pid = int((running.home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    postgres = psutil.Process(pid)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(40) == 0
    assert not (running.home / "postgres" / "postmaster.pid").exists()
    _, alive = psutil.wait_procs([*children, postgres], timeout=10)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
    with pytest.raises(httpx.TransportError):
        httpx.get(running.url, timeout=5)


def test_the_demo_company_without_a_face(tmp_path: Path) -> None:
    with installation() as home:
        done = home.run("demo", "--headless", "--orders", "40", "--json")
        answer = told(done)
        wanted = "orders lines submitted promised shipped invoiced paid closed refused elapsed_s verify"
        assert set(answer) == set(wanted.split())
        assert answer["orders"] + sum(answer["refused"].values()) == 40
        assert answer["lines"] >= 40
        assert isinstance(answer["refused"], dict)
        assert answer["verify"]["violations"] == 0
        assert answer["verify"]["checked"] > 1000
        again = home.run("demo", "--headless", "--orders", "40", "--json", check=False)
        assert again.returncode == 2
        assert "holds the demo company already" in again.stderr


def test_nonsense_is_told_in_words() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "auftakt.cli.main", "conquer"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "No such command" in done.stderr
