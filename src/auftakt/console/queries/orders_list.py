"""The list of orders, and what the ticked ones come to: each filter and each order is carried by an index."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from auftakt.console.paging import Page, beginning, moment
from auftakt.console.queries.orders import measures
from auftakt.console.queries.statements import sql
from auftakt.console.tables.table import Asked

MANY_LINES = 20_000
"""An item on so many lines is looked for order by order, the newest first."""
NEWEST, HITS = 2000, 20
"""Words that stand in so many of the newest orders are looked for order by order, the newest first."""
TELLING = 3
"""Shorter words begin too many others: they are looked for in what the longer ones lead to."""
MANY_WAITING = 10_000
"""A set of orders that wait for somebody is gathered while it is smaller; else the newest are asked one by one."""
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
    many: frozenset[str] | None = None  # the filters with large sets, when they are known already

    def page(self, asked: Asked) -> Page:
        """A page of orders with their measure and holds. A fixed number of statements."""
        rows = sql.listed(
            "order_rows",
            by=asked.sort,
            descending=asked.descending,
            after=asked.after,
            limit=asked.limit + 1,
            **self.parameters(asked),
            **({"joined": True} if asked.sort == "customer_name" else {"looked_up": True}),
        )
        page = asked.cut(rows)
        return Page(together(page.rows), page.after)

    def parameters(self, asked: Asked) -> dict[str, Any]:
        """What the statement takes for what is asked."""
        asking = {name: value for name, value in asked.filters.items() if value not in (None, "", False)}
        waiting = {name for name in (*asking, f"flow_{asking.get('flow', '')}") if name in WAITING}
        many = waiting & self._many() if waiting else set()
        item = _item(asking.get("item", ""))
        midnight = beginning(self.today, timezone.get_default_timezone()) if self.today else None
        return {
            **asking,
            **_words(asked.words),
            **item,
            "site_id": _site(asking.get("site", "")),
            "only_open": asking.get("unpromised"),
            "only_submitted": asking.get("late") or asking.get("wish") or asking.get("supply"),
            "few_of_state": asking.get("state")
            and asked.sort != "ordered_at"
            and not _are_many_of_state(asking["state"]),
            "few_of_value": asked.sort != "gross" and _are_few_of_value(asking),
            "value_min": asking.get("value_min"),  # both ends are named where one is asked for
            "value_max": asking.get("value_max"),
            asking.get("promise", ""): True,
            f"flow_{asking.get('flow', '')}": True,
            **dict.fromkeys(many),
            **{f"many_{name}": True for name in many},
            "me": self.me,
            "today": self.today,
            "midnight": midnight,
            "zone": timezone.get_default_timezone_name(),
        }

    def _many(self) -> frozenset[str]:
        return which_are_many(self.today) if self.many is None else self.many

    def sums(self, asked: Asked, ids: Sequence[UUID] | None) -> tuple[int, list[tuple[str, Any]]]:
        """How many orders, and their value per currency: of some, or of all that match; no value beyond 10,000."""
        chosen = {"ids": list(ids)} if ids is not None else self.parameters(asked)
        if ids is not None and not ids:
            return 0, []
        rows = sql.over("order_rows", "select currency, count(*), sum(gross) from {} group by 1 order by 1",
                        limit=MANY_ORDERS + 1, order=_walked(chosen), **chosen)  # fmt: skip
        count = sum(row[1] for row in rows)
        return count, [(row[0], row[2]) for row in rows] if count <= MANY_ORDERS else []

    def ids(self, asked: Asked, limit: int) -> list[UUID]:
        """The orders that match, the newest first; not more than `limit`."""
        outer, chosen = "select id from {} order by ordered_at desc, id desc", self.parameters(asked)
        return [row[0] for row in sql.over("order_rows", outer, limit=limit, order=_walked(chosen), **chosen)]

    def count(self, asked: Asked, limit: int) -> int:
        """How many match, counted up to a limit."""
        chosen = self.parameters(asked)
        return sql.over("order_rows", "select count(*) from {}", limit=limit, order=_walked(chosen), **chosen)[0][0]


WAITING = ("hold", "unpromised", "late", "wish", "flow_promised")


def which_are_many(today: date | None) -> frozenset[str]:
    """The filters whose sets are too large to be gathered."""
    found = sql.records("are_many", today=today, many=MANY_WAITING)[0]
    return frozenset(name for name in WAITING if getattr(found, name))


def _are_many_of_state(state: str) -> bool:
    return bool(sql.value("are_many_of_state", state=state, many=MANY_WAITING))


def _are_few_of_value(asking: Mapping[str, Any]) -> bool:
    least, most = asking.get("value_min"), asking.get("value_max")
    if least is None and most is None:
        return False
    return not sql.value("are_many_of_value", least=least, most=most, many=MANY_LINES)


def _walked(chosen: Mapping[str, Any]) -> str:
    """The order in which orders are asked one by one, when they are: those that wait are among the newest."""
    return "ordered_at desc, id desc" if any(name.startswith("many_") for name in chosen) else ""


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
    """As `spelt`; of words that stand in many of the newest orders, patterns by which orders are read one by one."""
    asked = spelt(typed)
    if not asked["words"]:
        return asked
    patterns = [f"% {word.removesuffix(':*')}%".replace("_", "\\_") for word in asked["words"].split(" & ")]
    if sql.value("are_words_common", patterns=patterns, newest=NEWEST, hits=HITS):
        return {"number": asked["number"], "patterns": patterns}
    every = asked["words"].split(" & ")
    telling = [word for word in every if len(word.removesuffix(":*")) >= TELLING]
    if not telling or len(telling) == len(every):
        return asked
    return {"number": asked["number"], "words": " & ".join(telling), "patterns": patterns}


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
