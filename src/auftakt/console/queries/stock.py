"""Stock by item and site, and the ledger behind it."""

from auftakt.console.paging import Page
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked


def stock_list(asked: Asked) -> Page:
    """Stock by item and site, as its list asks for it."""
    return asked.page(sql, "stock_rows")


def move_list(asked: Asked) -> Page:
    """The stock ledger, as its list asks for it."""
    return asked.page(sql, "move_rows")


def reservation_list(asked: Asked) -> Page:
    """Reservations."""
    return asked.page(sql, "reservation_rows")


def stock_categories() -> list[tuple[str, str]]:
    """Codes and names of categories."""
    return [(row[0], row[1]) for row in sql.rows("stock_categories")]
