"""`auftakt bench`: speed, as a ratio to the floor measured in the same run, on a scratch database."""

import os
import subprocess
import sys
from enum import StrEnum
from typing import Annotated
from urllib.parse import quote, urlsplit

import psycopg
import typer
from rich.table import Table

from auftakt.cli.session import now, out, print_json, ready_database
from auftakt.demo.bench import BENCHES, Report
from auftakt.demo.bench.console import MANY
from auftakt.demo.bench.promise import WIDE
from auftakt.demo.bench.replenish import POLICIES
from auftakt.platform.embedded import database, database_settings

Name = StrEnum("Name", {name: name for name in BENCHES})
SCRATCH = "auftakt_bench"


def bench(
    name: Annotated[Name, typer.Argument(help="What to measure.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    orders: Annotated[int, typer.Option(help="Of console: with how many orders.", min=1000)] = MANY,
    items: Annotated[int, typer.Option(help="Of promise: with how many items, ten buckets of each.", min=1000)] = WIDE,
    policies: Annotated[int, typer.Option(help="Of replenish: with how many policies.", min=1000)] = POLICIES,
    scratch: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Measure capture, promise, advance, console or replenish, on a scratch database that is dropped afterwards.

    Absolute figures wander with the machine; the ratios compare with bare SQL in the same run.
    """
    if scratch:
        with ready_database(migrate=True):
            told = {"console": {"orders": orders}, "promise": {"items": items}, "replenish": {"policies": policies}}
            more = told.get(name.value, {})
            _print(BENCHES[name.value](now(), **more), as_json)
        return
    with database():
        settings = database_settings()
        options = {"host": settings["HOST"] or None, "port": settings.get("PORT") or None}
        options |= {"user": settings["USER"] or None, "password": settings.get("PASSWORD") or None}
        with psycopg.connect(**options, dbname=settings["NAME"], autocommit=True) as own:
            own.execute(f"drop database if exists {SCRATCH} with (force)")
            own.execute(f"create database {SCRATCH}")
            try:
                command = [sys.executable, "-m", "auftakt.cli.main", "bench", name.value, "--scratch"]
                command += ["--orders", str(orders), "--items", str(items), "--policies", str(policies)]
                environment = {**os.environ, "DATABASE_URL": _scratch_url(settings)}
                done = subprocess.run([*command, *(["--json"] if as_json else [])], env=environment, check=False)
            finally:
                own.execute(f"drop database if exists {SCRATCH} with (force)")
    raise typer.Exit(done.returncode)


def _scratch_url(settings: dict[str, str]) -> str:
    told = os.environ.get("DATABASE_URL")
    if told:
        return urlsplit(told)._replace(path=f"/{SCRATCH}").geturl()
    return f"postgresql://{settings['USER']}@/{SCRATCH}?host={quote(settings['HOST'])}"


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        print_json(report.as_dict())
        return
    table = Table("Figure", "Value", title=f"bench {report.name}")
    for name, value in report.figures.items():
        table.add_row(name, f"{value:,}")
    for name, value in report.ratios.items():
        table.add_row(f"[bold]{name}[/bold]", f"[bold]{value:.0%}[/bold]")
    out.print(table)
