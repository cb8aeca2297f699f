"""Users and API keys from the command line."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from auftakt.cli.session import actor, err, now, out, print_json, ready_database
from auftakt.identity import actions, queries
from auftakt.identity.types import PERMISSIONS, ROLE_NAMES, ApiKeyDraft, PasswordChange, UserDraft
from auftakt.values import RefusedError

users = typer.Typer(help="Users of the console.", no_args_is_help=True)
keys = typer.Typer(help="API keys for programs.", no_args_is_help=True)


def _show_refusal(error: RefusedError) -> None:
    for refusal in error.refused:
        for finding in refusal.findings:
            err.print(f"[red]{finding.code}[/red]: {finding.message}")
    raise typer.Exit(1)


@users.command("add")
def add_user(
    email: str,
    role: Annotated[list[str], typer.Option(help=f"One or more of: {', '.join(ROLE_NAMES)}.")],
    name: Annotated[str, typer.Option(help="As shown on the console.")] = "",
    language: Annotated[str, typer.Option(help="en or de.")] = "en",
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="AUFTAKT_PASSWORD")
    ] = "",
) -> None:
    """Add a user who may log in."""
    draft = UserDraft(email, name or email, tuple(role), password, language)
    with ready_database():
        try:
            actions.create_users([draft], actor=actor(), at=now()).one()
        except RefusedError as error:
            _show_refusal(error)
    out.print(f"{email} may log in as {', '.join(role)}.")


@users.command("password")
def set_password(
    email: str,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="AUFTAKT_PASSWORD")
    ] = "",
) -> None:
    """Set a user's password."""
    with ready_database():
        user = queries.users_by_email([email]).get(email.strip().lower())
        if user is None:
            err.print(f"[red]unknown_user[/red]: no user has the address {email}; `auftakt user list` shows all.")
            raise typer.Exit(1)
        try:
            actions.change_passwords([PasswordChange(user.id, password)], actor=actor(), at=now()).one()
        except RefusedError as error:
            _show_refusal(error)
    out.print(f"The password of {email} is changed.")


@users.command("list")
def list_users(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Who may log in, and as what."""
    with ready_database():
        found = queries.list_users(limit=10_000)
    if as_json:
        print_json([asdict(user) for user in found])
        return
    table = Table("E-mail", "Name", "Roles", "Active")
    for user in found:
        table.add_row(user.email, user.name, ", ".join(user.roles), "yes" if user.is_active else "no")
    out.print(table)


@keys.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="What the key is for, as `web shop`.")],
    scope: Annotated[list[str], typer.Option(help=f"One or more of: {', '.join(PERMISSIONS)}.")],
) -> None:
    """Make an API key. The secret is shown this once."""
    with ready_database():
        try:
            made = actions.create_api_keys([ApiKeyDraft(name, tuple(scope))], actor=actor(), at=now()).one()
        except RefusedError as error:
            _show_refusal(error)
            return
    out.print(made.secret, soft_wrap=True)
    err.print("Keep it: it is not stored and cannot be shown again. Send it as `Authorization: Bearer <key>`.")


@keys.command("list")
def list_keys(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Keys, what they may do, and whether they are in force."""
    with ready_database():
        found = queries.list_api_keys()
    if as_json:
        print_json([asdict(key) for key in found])
        return
    table = Table("Prefix", "Name", "Scopes", "Made", "Revoked")
    for key in found:
        revoked = key.revoked_at.date().isoformat() if key.revoked_at else ""
        table.add_row(key.prefix, key.name, ", ".join(key.scopes), key.created_at.date().isoformat(), revoked)
    out.print(table)


@keys.command("revoke")
def revoke_key(prefix: str) -> None:
    """End a key at once."""
    with ready_database():
        found = [key for key in queries.list_api_keys() if key.prefix == prefix]
        if not found:
            err.print(f"[red]unknown_key[/red]: no key begins with {prefix}; `auftakt apikey list` shows all.")
            raise typer.Exit(1)
        try:
            actions.revoke_api_keys([found[0].id], actor=actor(), at=now()).one()
        except RefusedError as error:
            _show_refusal(error)
    out.print(f"{prefix} is revoked.")
