"""`auftakt import` and `auftakt export`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from auftakt.channels import files
from auftakt.channels.files import exporting
from auftakt.cli.session import actor, err, now, out, print_json, ready_database
from auftakt.demo.starter import install_starter

Kind = StrEnum("Kind", {name.replace("-", "_"): name for name in files.KINDS})
ExportKind = StrEnum("ExportKind", {name.replace("-", "_"): name for name in exporting.KINDS})
SHOWN = 20


def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="A .csv, .xlsx or .ndjson file, also with .gz.")],
    mapping: Annotated[
        str, typer.Option("--map", help="A mapping file (TOML), or one that comes along, such as northwind/orders.")
    ] = "",
    encoding: Annotated[str, typer.Option(help="Encoding of a text file; UTF-8 unless the map says otherwise.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Do everything, report, and take it back.")] = False,
    draft: Annotated[bool, typer.Option(help="Orders: store as drafts instead of submitting them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Import customers, items, stock, prices, orders or purchase orders.

    Good rows go in. Bad rows are reported by line and column, and written beside the file to be corrected and imported
    again. Importing the same file twice changes nothing. Exit code 1 when rows were refused, 2 when the file as a whole
    cannot be used.
    """
    with ready_database():
        install_starter(actor=actor(), at=now())
        try:
            told = files.load_map(mapping) if mapping else None
            report = _run(kind.value, file, told, encoding, dry_run, {"submit": not draft} if draft else {}, as_json)
        except (files.FileRefusedError, files.MappingError) as error:
            err.print(f"[red]{error}[/red]", soft_wrap=True)
            raise typer.Exit(2) from error
    _show(report, as_json)
    if report.refused:
        raise typer.Exit(1)


def _run(
    kind: str, file: Path, told: Any, encoding: str, dry_run: bool, options: dict[str, Any], quiet: bool
) -> files.ImportReport:
    columns = (TextColumn(f"Importing {kind}"), BarColumn(), TextColumn("{task.completed:,} rows"), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet) as bar:
        task = bar.add_task("rows", total=None)
        return files.import_file(
            kind,
            file,
            told,
            actor=actor(),
            at=now(),
            encoding=encoding,
            dry_run=dry_run,
            options=options,
            progress=lambda rows: bar.advance(task, rows),
        )


def _show(report: files.ImportReport, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "kind": report.kind,
                "rows": report.rows,
                "taken": report.taken,
                "unchanged": report.unchanged,
                "refused": report.refused,
                "dry_run": report.dry_run,
                "bad_file": report.bad_file,
                "problems": [
                    {"line": bad.line, "column": bad.column, "code": bad.code, "message": bad.message}
                    for bad in report.problems
                ],
            }
        )
        return
    if report.problems:
        table = Table("Line", "Column", "Problem")
        for bad in report.problems[:SHOWN]:
            table.add_row(str(bad.line), bad.column, bad.message)
        out.print(table)
        if len(report.problems) > SHOWN:
            out.print(f"... and {len(report.problems) - SHOWN:,} more problems.")
    words = "would be taken" if report.dry_run else "taken"
    out.print(
        f"{report.rows:,} rows: {report.taken:,} {words}, {report.unchanged:,} unchanged, {report.refused:,} refused."
    )
    if report.bad_file:
        out.print(f"Correct {report.bad_file} and import it again.")


def export_file(
    kind: Annotated[ExportKind, typer.Argument(help="What to export.")],
    file: Annotated[Path, typer.Argument(help="A .csv, .xlsx or .ndjson file to write.")],
) -> None:
    """Export customers, items, stock, prices, orders, purchase orders or invoices.

    Customers, items, prices and stock can be changed and imported again. Exported orders are for reading: imported over
    the orders they came from, they would be priced anew.
    """
    with ready_database():
        try:
            rows = exporting.export_file(kind.value, file)
        except files.FileRefusedError as error:
            err.print(f"[red]{error}[/red]", soft_wrap=True)
            raise typer.Exit(2) from error
    out.print(f"{rows:,} rows written to {file}.")
