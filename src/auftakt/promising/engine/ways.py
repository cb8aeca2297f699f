"""The ways to a customer: from every site with a lane there, or from the sources of a sourcing rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from auftakt.promising.engine.stock import KINDS, Array
from auftakt.promising.engine.world import BUY, FOREVER, MAKE, PLAIN, ROUTE, SHIP, TERMS, TRANSFER
from auftakt.promising.types import BuyingTerms, LaneFacts, SiteOfSupply
from auftakt.supply.types import PROMISING_MODES, PromisingTerms, RuleInForce, Source
from auftakt.values import to_micro

_KIND = {"ship": SHIP, "transfer": TRANSFER, "make": MAKE, "buy": BUY, "drop_ship": BUY}
_COUNTED = {"purchase": "purchase", "transfer": "transfer", "work": "work_order"}
_ANY_SITE = Source(1, "ship")


@dataclass(frozen=True, slots=True)
class Route:
    """How a destination is reached from a site. `number` is the place of the site that ships; `stock` that of the one
    whose stock is looked at. `how` is the kind of the source, empty without a rule."""

    number: int
    site_id: UUID
    code: str
    transit_days: int
    facts: dict[str, Any]
    how: str = ""
    stock: int = -1
    supplier: str = ""
    transfer_days: int = 0
    rank: int = 1


class Lanes:
    """Lanes by destination. One to a region goes before one to its country, that before one to everywhere else."""

    def __init__(self, lanes: Sequence[LaneFacts], numbers: Mapping[int, int]) -> None:
        self._to: dict[tuple[str, str], dict[int, LaneFacts]] = {}
        for lane in lanes:
            number = numbers.get(lane.site_id.int)
            if number is not None:
                self._to.setdefault((lane.country, lane.region), {})[number] = lane

    def key(self, country: str, region: str) -> tuple[str, str]:
        """The destination as far as lanes tell it apart."""
        return (country, region) if (country, region) in self._to else (country, "")

    def to(self, country: str, region: str) -> dict[int, LaneFacts]:
        """The lane of each site (by its place) to a destination."""
        chosen: dict[int, LaneFacts] = {}
        for key in (("", ""), (country, ""), (country, region)):
            chosen |= self._to.get(key, {})
        return chosen


class Chosen(NamedTuple):
    """What a demand is served by: its routes (from, to), the number of its terms, and the rule, if there is one."""

    first: int
    last: int
    terms: int
    rule: RuleInForce | None


class Ways:
    """Routes and terms, made when they are first asked for. Routes once made stay where they are."""

    def __init__(self, sites: Sequence[SiteOfSupply], lanes: Sequence[LaneFacts], rules: Mapping[UUID, RuleInForce]):
        self.sites = tuple(sites)
        self.numbers = {site.id.int: number for number, site in enumerate(self.sites)}
        self.codes = {site.code: number for number, site in enumerate(self.sites)}
        self.lanes = Lanes(lanes, self.numbers)
        self.rules = rules
        self.routes: list[Route] = []
        self._records: list[tuple[int, ...]] = []
        self._array = np.zeros(0, dtype=ROUTE)
        self._terms: list[tuple[int, ...]] = [
            _terms_record(PromisingTerms(horizon_days=FOREVER), False),
            (1, 1, FOREVER, -1, FOREVER, -1, 0, 0, 0, 0, -1, 0),
        ]
        self._terms_array = np.array(self._terms, dtype=TERMS)
        self._known: dict[object, Chosen] = {}

    def fork(self) -> "Ways":
        """The same ways; what is added here is not seen there."""
        made = object.__new__(Ways)
        made.__dict__.update(self.__dict__)
        made.routes, made._records = list(self.routes), list(self._records)
        made._terms, made._known = list(self._terms), dict(self._known)
        return made

    def arrays(self) -> tuple[Array, Array]:
        """Routes and terms as records."""
        if len(self._array) != len(self._records):
            self._array = np.array(self._records, dtype=ROUTE)
        if len(self._terms_array) != len(self._terms):
            self._terms_array = np.array(self._terms, dtype=TERMS)
        return self._array, self._terms_array

    def plain(self, country: str, region: str) -> Chosen:
        """The routes to a destination from every site with a lane, quickest first, then cheapest."""
        key = self.lanes.key(country, region)
        known = self._known.get(key)
        if known is None:
            lanes = sorted(
                self.lanes.to(*key).items(),
                key=lambda each: (each[1].transit_days, each[1].cost, self.sites[each[0]].code),
            )
            first = len(self.routes)
            for number, lane in lanes:
                self._add(self._route(number, lane), SHIP, 1, number)
            known = self._known[key] = Chosen(first, len(self.routes), PLAIN, None)
        return known

    def by_rule(
        self, rule_id: UUID, country: str, region: str, on: date, buying: Mapping[str, BuyingTerms],
        recipes: Mapping[int, int], unit_cost: int,
    ) -> Chosen:  # fmt: skip
        """The routes of a rule to a destination, by rank; the quickest of a rank first. `buying` are the terms of each
        supplier for the item, `recipes` its recipe at each site, `unit_cost` what one of stock costs (millionths)."""
        rule = self.rules[rule_id]
        sources = tuple(each for each in rule.sources or (_ANY_SITE,) if each.holds(on))
        bought = tuple(sorted((each.supplier, buying[each.supplier]) for each in sources if each.supplier in buying))
        made = (
            tuple(sorted((number, recipe) for number, recipe in recipes.items()))
            if any(each.kind == "make" for each in sources)
            else ()
        )
        key = (rule_id, sources, self.lanes.key(country, region), bought, made, unit_cost)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._of_rule(rule, sources, key[2], dict(bought), dict(made), unit_cost)
        return known

    def _of_rule(
        self, rule: RuleInForce, sources: Sequence[Source], to: tuple[str, str], buying: Mapping[str, BuyingTerms],
        recipes: Mapping[int, int], unit_cost: int,
    ) -> Chosen:  # fmt: skip
        lanes = self.lanes.to(*to)
        found: list[tuple[tuple[Any, ...], Route, tuple[int, ...]]] = []
        for source in sources:
            here = [self.codes[source.site]] if source.site in self.codes else [] if source.site else sorted(lanes)
            for number in here:
                made = self._from_source(source, number, lanes.get(number), buying, recipes, unit_cost)
                if made is not None:
                    route, record = made
                    nearness = (source.rank, route.transit_days + route.transfer_days, record[8], route.code)
                    found.append((nearness, route, record))
        found.sort(key=lambda each: each[0])
        first = len(self.routes)
        for _, route, record in found:
            self.routes.append(route)
            self._records.append(record)
        ranked = len({each[0][0] for each in found}) > 1
        self._terms.append(_terms_record(rule.terms, ranked))
        return Chosen(first, len(self.routes), len(self._terms) - 1, rule)

    def _from_source(
        self, source: Source, number: int, lane: LaneFacts | None, buying: Mapping[str, BuyingTerms],
        recipes: Mapping[int, int], unit_cost: int,
    ) -> tuple[Route, tuple[int, ...]] | None:  # fmt: skip
        """A route by a source; None where there is no way: no lane, no terms with the supplier, no recipe."""
        if lane is None:
            return None
        kind, stock, days, lead, recipe = _KIND[source.kind], number, 0, 0, -1
        if kind == TRANSFER:
            stock, days = self.codes.get(source.from_site, -1), source.transfer_days or 0
            if stock < 0:
                return None
        elif kind == BUY:
            terms = buying.get(source.supplier)
            if terms is None:
                return None
            lead, unit_cost = terms.lead_days, to_micro(terms.unit_cost)
        elif kind == MAKE:
            recipe = recipes.get(number, -1)
            if recipe < 0:
                return None
        route = self._route(number, lane)
        facts = {**route.facts, "how": source.kind, "rank": source.rank}
        if source.from_site:
            facts["from_site"] = source.from_site
        if source.supplier:
            facts["supplier"] = source.supplier
        made = Route(
            number, route.site_id, route.code, route.transit_days, facts, source.kind, stock, source.supplier, days
        )
        record = (
            number,
            lane.transit_days,
            stock,
            days,
            kind,
            source.rank,
            lead,
            recipe,
            to_micro(lane.cost),
            unit_cost,
        )
        return made, record

    def _route(self, number: int, lane: LaneFacts) -> Route:
        site = self.sites[number]
        facts = {
            "site": site.code, "carrier": lane.carrier, "transit_days": lane.transit_days,
            "cost": str(lane.cost), "currency": lane.currency,
        }  # fmt: skip
        return Route(number, site.id, site.code, lane.transit_days, facts, stock=number)

    def _add(self, route: Route, kind: int, rank: int, stock: int) -> None:
        cost = to_micro(Decimal(route.facts["cost"]))
        self.routes.append(route)
        self._records.append((route.number, route.transit_days, stock, 0, kind, rank, 0, -1, cost, 0))


def _terms_record(terms: PromisingTerms, ranked: bool) -> tuple[int, ...]:
    counted = 1 | sum(1 << KINDS.index(_COUNTED[each]) for each in terms.counts)
    past_due = FOREVER if terms.past_due_days is None else terms.past_due_days
    return (
        PROMISING_MODES.index(terms.mode), counted, past_due, _or_never(terms.infinite_after_days), terms.horizon_days,
        _or_never(terms.make_first_after_days), terms.partial_starts, terms.lead_days,
        to_micro(terms.late_cost_per_day), to_micro(terms.split_cost), _or_never(terms.service_floor_days), ranked,
    )  # fmt: skip


def _or_never(days: int | None) -> int:
    return -1 if days is None else days
