"""Lists of sourcing: rules, and what they are assigned to."""

from datetime import date

from auftakt.console.paging import Page
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked


def rule_list(asked: Asked, today: date) -> Page:
    """Sourcing rules with what of them holds today."""
    return asked.page(sql, "sourcing_rows", today=today)


def assignment_list(asked: Asked, today: date) -> Page:
    """What rules are assigned to."""
    return asked.page(sql, "sourcing_assignment_rows", today=today)


def rule_codes() -> list[tuple[str, str]]:
    """Rules to choose from: code and words."""
    return [(code, f"{code} · {name}") for code, name in sql.rows("sourcing_rule_names")]


def channels() -> list[str]:
    """Channels that assignments name."""
    return [channel for (channel,) in sql.rows("sourcing_channels")]


def countries() -> list[str]:
    """Countries that assignments name."""
    return [country for (country,) in sql.rows("sourcing_countries")]
