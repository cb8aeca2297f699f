"""What needs somebody, and what the palette finds."""

from datetime import date, datetime
from typing import Any

from auftakt.console.paging import first_id, like
from auftakt.console.queries.picking import customer_options, item_options
from auftakt.console.queries.statements import sql


def home(*, today: date, midnight: datetime) -> dict[str, Any]:
    """Counts that need somebody, today's flow, the work of each site, the newest orders."""
    return {
        "counts": sql.records("home_counts", today=today)[0],
        "flow": sql.records("home_flow", today=today, midnight=midnight, first=first_id(midnight))[0],
        "sites": sql.records("bench_counts", today=today),
        "newest": sql.records("newest_orders", limit=8),
    }


def find(text: str) -> dict[str, list[Any]]:
    """What the palette offers for a typed word, by kind."""
    words = like(text)
    return {
        "orders": sql.records("find_orders", text=words["text"], start=words["start"].upper()),
        "shipments": sql.records("find_shipments", text=words["text"], start=words["start"].upper()),
        "invoices": sql.records("find_invoices", start=words["start"].upper()),
        "customers": customer_options(text, limit=5),
        "items": item_options(text, limit=5),
    }
