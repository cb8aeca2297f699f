"""What each line of a batch may have of supply that is allocated: rules as arrays."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import numpy as np

from auftakt.promising.engine.picture import Picture
from auftakt.promising.engine.share import CHARGE, CLAIM, NO_SHARES, ORDER, PLACE, Shares, week_number
from auftakt.promising.rules.allocation import DemandTree, allot, charge, monday, order_of_taking
from auftakt.promising.types import OPEN, AllocationFacts, Demand
from auftakt.values import from_micro, to_micro

_NEVER = -2
_FIRST_MONDAY = date(1, 1, 1)


class Claims(NamedTuple):
    """The shares of a batch; for each demand the number of its claim (−1: none) and its class; names of the classes."""

    shares: Shares
    of: list[int]
    classes: list[str]
    nodes: list[str]


def claims(picture: Picture, demands: Sequence[Demand], on: date) -> Claims:
    """What demands may have. Kits and what no rule speaks of are served as they come."""
    book = picture.allocation.book
    nothing = Claims(NO_SHARES, [-1] * len(demands), [OPEN] * len(demands), [])
    if not (book.by_item or book.by_category):
        return nothing
    plain = [demand.components == ((demand.item_id, Decimal(1)),) for demand in demands]
    items = {demand.item_id for demand, is_plain in zip(demands, plain, strict=True) if is_plain}
    places = {item: _places(picture, item, on) for item in items}
    if not any(places.values()):
        return nothing
    tree = DemandTree(book.classes)
    nodes = [OPEN, *(code for code in tree.by_priority() if code != OPEN)]
    shares = _Building(picture, tree, nodes, on)
    for item in sorted(places):
        shares.add(item, places[item])
    of: list[int] = []
    classes: list[str] = []
    for demand, is_plain in zip(demands, plain, strict=True):
        code = picture.class_of(demand, tree.classes)
        of.append(shares.claim(demand.item_id, code) if is_plain and places[demand.item_id] else -1)
        classes.append(code)
    return Claims(shares.made(len(demands)), of, classes, nodes)


def _places(picture: Picture, item: UUID, on: date) -> dict[int, AllocationFacts]:
    """The rule of an item at each site (by its number) that has some of it."""
    first, last = picture.shelf.block(picture.shelf.number(item.int))
    here: list[int] = np.unique(picture.shelf.heap.rows["site"][first:last]).tolist()
    categories = picture.items[item].categories if item in picture.items else ()
    found = {site: picture.allocation.book.rule(item, categories, picture.sites[site].id) for site in here}
    return {site: facts for site, facts in found.items() if facts is not None and facts.version.holds(on)}


class _Building:
    """Shares on their way to arrays."""

    def __init__(self, picture: Picture, tree: DemandTree, nodes: Sequence[str], on: date) -> None:
        self.picture, self.tree, self.on = picture, tree, on
        self.node = {code: number for number, code in enumerate(nodes)}
        self.places: list[tuple[int, ...]] = []
        self.left: list[list[int]] = []
        self.order: list[tuple[int, bool]] = []
        self.claims: list[tuple[int, ...]] = []
        self._known: dict[tuple[UUID, str], int] = {}
        self.taken: Mapping[tuple[UUID, UUID], dict[str, dict[date, Decimal]]] = defaultdict(lambda: defaultdict(dict))
        for each in picture.allocation.taken:
            self.taken[each.item_id, each.site_id][each.demand_class][each.week] = each.quantity

    def add(self, item: UUID, rules: Mapping[int, AllocationFacts]) -> None:
        """The weeks of an item at its sites, and what is left in each for each class."""
        picture, today = self.picture, self.on.toordinal()
        number = picture.shelf.number(item.int)
        first, last = picture.shelf.block(number)
        rows = picture.shelf.heap.rows[first:last]
        for site, facts in sorted(rules.items()):
            supply: dict[int, int] = defaultdict(int)
            for row in rows[rows["site"] == site]:
                supply[week_number(int(row["day"]), today)] += int(row["free"]) + int(row["drawn"])
            begin = week_number(today, today)
            weeks = range(begin, max(supply) + 1)
            left = self._left(item, site, facts, {week: from_micro(supply.get(week, 0)) for week in weeks})
            within = -1 if facts.steal_within_days is None else facts.steal_within_days or _NEVER
            at = len(self.left)
            self.places.append((number, site, begin, at, at + len(weeks), facts.basis == "remaining", within))
            self.left += [[left.get(code, {}).get(week, 0) for code in self.node] for week in weeks]

    def _left(
        self, item: UUID, site: int, facts: AllocationFacts, supply: Mapping[int, Decimal]
    ) -> dict[str, dict[int, int]]:
        """Of the shares of what there was, what is left in millionths; of shares of what remains, their size."""
        by_monday = {_FIRST_MONDAY + timedelta(days=week * 7): amount for week, amount in supply.items()}
        if facts.basis == "remaining":
            one = {week: Decimal(1) for week in by_monday}
            left = allot(one if facts.kind != "quantity" else by_monday, facts.version.numbers, facts.kind)
            parts = {
                code: {week: part / (by_monday[week] or 1) if facts.kind == "quantity" else part
                       for week, part in each.items()}
                for code, each in left.items()
            }  # fmt: skip
            left = {code: {week: round(part, 6) for week, part in each.items()} for code, each in parts.items()}
        else:
            left = charge(
                self.taken.get((item, self.picture.sites[site].id), {}),
                allot(by_monday, facts.version.numbers, facts.kind), self.tree, this_week=monday(self.on),
                may_steal=lambda week: facts.version.may_steal(week, self.on),
            ).left  # fmt: skip
        return {
            code: {week_number(week.toordinal(), 0): to_micro(part) for week, part in each.items()}
            for code, each in left.items()
        }

    def claim(self, item: UUID, code: str) -> int:
        """The number of the claim of a class on an item."""
        known = self._known.get((item, code))
        if known is None:
            first = len(self.order)
            path = len(self.tree.up(code))
            for at, taken_from in enumerate(order_of_taking(code, self.tree)):
                self.order.append((self.node[taken_from], at >= path))
            known = self._known[item, code] = len(self.claims)
            self.claims.append((self.picture.shelf.number(item.int), first, len(self.order)))
        return known

    def made(self, lines: int) -> Shares:
        """The arrays."""
        return Shares(
            np.array(self.claims, dtype=CLAIM), np.array(self.order, dtype=ORDER), np.array(self.places, dtype=PLACE),
            np.array(self.left, dtype=np.int64).reshape(len(self.left), len(self.node)),
            np.zeros(lines * len(self.node) * 8 + 64, dtype=CHARGE), np.zeros(1, dtype=np.int64),
        )  # fmt: skip
