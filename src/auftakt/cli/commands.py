"""The commands of `auftakt`."""

import typer

from auftakt.cli import access, benches, data, service
from auftakt.cli.verify import verify

app = typer.Typer(
    help="Auftakt: capture, price, promise, orchestrate, ship, invoice and collect orders.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command(rich_help_panel="Run")(service.up)
app.command(rich_help_panel="Run")(service.work)
app.command(rich_help_panel="Run")(service.demo)
app.command(rich_help_panel="Run")(service.migrate)
app.command(rich_help_panel="Run")(service.replenish)
app.command("import", rich_help_panel="Data")(data.import_file)
app.command("export", rich_help_panel="Data")(data.export_file)
app.command(rich_help_panel="Trust")(verify)
app.command(rich_help_panel="Trust")(benches.bench)
app.add_typer(access.users, name="user", rich_help_panel="Access")
app.add_typer(access.keys, name="apikey", rich_help_panel="Access")
