"""What needs somebody, and what the palette finds."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from auftakt.console.queries.orders_list import spelt
from auftakt.console.queries.picking import customer_options, item_options
from auftakt.console.queries.statements import sql
from auftakt.identity.queries import views_of_user
from auftakt.identity.types import SavedViewFacts
from auftakt.insight.queries import weeks
from auftakt.insight.types import Week

MANY = 1000
"""Home counts up to here; what is more is `1,000+`."""


def money_work(*, today: date) -> Any:
    """Payments in doubt and overdue invoices."""
    return sql.records("home_money", today=today, limit=MANY + 1)[0]


def sites_work() -> list[Any]:
    """What each site has to release, pick, pack and ship."""
    return sql.records("home_sites", limit=MANY + 1)


def newest_orders() -> list[Any]:
    """The latest orders."""
    return sql.records("newest_orders", limit=8)


def last_weeks(*, today: date) -> Sequence[Week]:
    """A quarter of a year, week by week."""
    return weeks(today=today, count=13)


def kept_views(user_id: UUID) -> list[SavedViewFacts]:
    """The lists somebody has kept."""
    return views_of_user(user_id)


def find(text: str) -> Mapping[str, list[Any]]:
    """What the palette offers for a typed word, by kind."""
    start = text.upper()
    number = f"SO-{text.zfill(6)}" if text.isdecimal() else spelt(text)["number"].rstrip("%")
    return {
        "orders": sql.records("find_orders", number=number, starts=list({text, start})),
        "shipments": sql.records("find_shipments", text=text, start=start),
        "invoices": sql.records("find_invoices", bare=start.replace("-", "")),
        "purchases": sql.records("find_purchases", start=start),
        "customers": customer_options(text, limit=5),
        "items": item_options(text, limit=5),
    }
