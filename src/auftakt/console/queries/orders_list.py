"""The list of orders, and what the ticked ones come to: each filter and each order is carried by an index."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from auftakt.console.paging import Page, beginning, first_id, moment
from auftakt.console.queries.orders import measures
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked

MANY_LINES = 2000
"""An item on so many lines is looked for order by order, the newest first."""
MANY_FOUND = 5000
"""Words that so many orders hold are looked for order by order, the newest first."""
MANY_ORDERS = 10_000
"""Sums over all that match are made up to so many orders."""
_NUMBER = re.compile(r"\bso[-\s]?(\d{1,12})\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NOWHERE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at the list, and when: what `mine` and `late` mean."""

    me: str = ""
    today: date | None = None

    def page(self, asked: Asked) -> Page:
        """A page of orders with their measure and holds. A fixed number of statements."""
        rows = sql.listed(
            "order_rows",
            by=asked.sort,
            descending=asked.descending,
            after=asked.after,
            limit=asked.limit + 1,
            **self.parameters(asked),
        )
        page = asked.cut(rows)
        return Page(together(page.rows), page.after)

    def parameters(self, asked: Asked) -> dict[str, Any]:
        """What the statement takes for what is asked."""
        asking = asked.filters
        item = _item(asking.get("item", ""))
        midnight = beginning(self.today, timezone.get_default_timezone()) if self.today else None
        return {
            **asking,
            **_words(asked.words),
            **item,
            "site_id": _site(asking.get("site", "")),
            "only_open": asking.get("unpromised"),
            "only_submitted": asking.get("late") or asking.get("wish") or asking.get("supply"),
            asking.get("promise", ""): True,
            f"flow_{asking.get('flow', '')}": True,
            "me": self.me,
            "today": self.today,
            "midnight": midnight,
            "first_id": first_id(midnight) if midnight else None,
            "zone": timezone.get_default_timezone_name(),
        }

    def sums(self, asked: Asked, ids: Sequence[UUID] | None) -> tuple[int, list[tuple[str, Any]]]:
        """How many orders, and their value per currency: of some, or of all that match; no value beyond 10,000."""
        chosen = {"ids": list(ids)} if ids is not None else self.parameters(asked)
        if ids is not None and not ids:
            return 0, []
        rows = sql.over("order_rows", "select currency, count(*), sum(gross) from {} group by 1 order by 1",
                        limit=MANY_ORDERS + 1, **chosen)  # fmt: skip
        count = sum(row[1] for row in rows)
        return count, [(row[0], row[2]) for row in rows] if count <= MANY_ORDERS else []

    def ids(self, asked: Asked, limit: int) -> list[UUID]:
        """The orders that match, the newest first; not more than `limit`."""
        outer = "select id from {} order by ordered_at desc, id desc"
        return [row[0] for row in sql.over("order_rows", outer, limit=limit, **self.parameters(asked))]

    def count(self, asked: Asked, limit: int) -> int:
        """How many match, counted up to a limit."""
        return sql.over("order_rows", "select count(*) from {}", limit=limit, **self.parameters(asked))[0][0]


def together(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of orders with how far they are, when they arrive and why they are held."""
    ids = [row.id for row in rows]
    far = measures(ids)
    held = {row.order_id: row.reasons for row in sql.records("orders_held", ids=ids)}
    return [
        {**row._asdict(), "measure": far.get(row.id), "arrives_on": far.get(row.id, {}).get("arrives_on"),
         "holds": held.get(row.id, []), "came_in": moment(row.id)}
        for row in rows
    ]  # fmt: skip


def spelt(words: str) -> dict[str, Any]:
    """Typed words: the beginning of an order number is looked up as one, other words from their beginning."""
    found = _NUMBER.search(words)
    rest = _NUMBER.sub(" ", words) if found else words
    asked = dict.fromkeys(_WORD.findall(rest.lower()))
    return {
        "number": f"SO-{found[1]}%" if found else "",
        "words": " & ".join(f"{word}:*" for word in asked),
    }


def _words(typed: str) -> dict[str, Any]:
    """As `spelt`; of words that stand in very many orders, patterns by which the newest are read one by one."""
    asked = spelt(typed)
    if asked["words"] and sql.value("are_words_common", words=asked["words"], many=MANY_FOUND):
        patterns = [f"% {word.removesuffix(':*')}%".replace("_", "\\_") for word in asked["words"].split(" & ")]
        return {"number": asked["number"], "patterns": patterns}
    return asked


def _item(sku: str) -> dict[str, Any]:
    """The item whose orders are asked for; of an unknown one there are none."""
    if not sku:
        return {}
    found = sql.records("item_of_sku", sku=sku, many=MANY_LINES)
    if not found:
        return {"item_id": _NOWHERE}
    return {"bestseller" if found[0].is_bestseller else "item_id": found[0].id}


def _site(code: str) -> UUID | None:
    return (sql.value("site_ids", code=code) or _NOWHERE) if code else None


def channels() -> list[str]:
    """The channels through which orders came."""
    return [row[0] for row in sql.rows("order_channels")]
