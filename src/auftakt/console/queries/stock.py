"""Stock by item and site, and the ledger behind it."""

from typing import Any
from uuid import UUID

from auftakt.console.paging import Page
from auftakt.console.queries.billing import today
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


def lot_list(asked: Asked) -> Page:
    """Lots that lie somewhere."""
    return asked.page(sql, "lot_rows", today=today())


def lot_head(lot_id: UUID) -> Any:
    """A lot with the words of its item; None when there is none."""
    return next(iter(sql.records("lot_head", lot=lot_id)), None)


def stock_categories() -> list[tuple[str, str]]:
    """Codes and names of categories."""
    return [(row[0], row[1]) for row in sql.rows("stock_categories")]
