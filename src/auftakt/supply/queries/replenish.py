"""Reads of replenishment: policies, limits, runs, proposals, and what a run has to know."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from auftakt.inventory import queries as stock
from auftakt.platform.sql import Statements
from auftakt.supply.queries.sourcing import published_sourcing
from auftakt.supply.rules.replenish import mean_and_deviation
from auftakt.supply.types import (
    PolicyFacts,
    PolicyNow,
    PriceBreak,
    ProposalFacts,
    ReplenishmentLimitDraft,
    RunFacts,
    Source,
    SourcingCase,
    SupplierTermsDraft,
    SupplySource,
)

sql = Statements("auftakt.supply")
FIRST = UUID(int=0)


def policies(
    ids: Iterable[UUID] | None = None,
    *,
    item_ids: Iterable[UUID] | None = None,
    skus: Iterable[str] | None = None,
    site_id: UUID | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 10_000,
) -> list[PolicyFacts]:
    """Policies by item and site, after a position (sku, site code)."""
    sku, site = after or (None, None)
    rows = sql.rows(
        "policies",
        ids=None if ids is None else list(ids),
        items=None if item_ids is None else list(item_ids),
        skus=None if skus is None else list(skus),
        site=site_id,
        after_sku=sku,
        after_site=site,
        limit=limit,
    )
    return [PolicyFacts(*row) for row in rows]


def replenishment_limits() -> list[ReplenishmentLimitDraft]:
    """Up to which value proposals need nobody, as told."""
    return [ReplenishmentLimitDraft(*row) for row in sql.rows("replenishment_limits")]


def supplier_terms() -> list[SupplierTermsDraft]:
    """What suppliers ask of every order, by number."""
    return [SupplierTermsDraft(*row) for row in sql.rows("supplier_terms")]


def runs(ids: Iterable[UUID] | None = None, *, before: int | None = None, limit: int = 50) -> list[RunFacts]:
    """Runs, the latest first, before a serial."""
    rows = sql.rows("runs", ids=None if ids is None else list(ids), before=before, limit=limit)
    return [RunFacts(*row) for row in rows]


def proposals(
    ids: Iterable[UUID] | None = None,
    *,
    run_id: UUID | None = None,
    states: Iterable[str] | None = None,
    site_id: UUID | None = None,
    after: int | None = None,
    limit: int = 10_000,
) -> list[ProposalFacts]:
    """Proposals as they were made, after a serial."""
    rows = sql.rows(
        "proposals",
        ids=None if ids is None else list(ids),
        run=run_id,
        states=None if states is None else list(states),
        site=site_id,
        after=after,
        limit=limit,
    )
    return [ProposalFacts(*row) for row in rows]


def policies_now(after: UUID, upto: UUID, site_id: UUID | None, day: date) -> list[PolicyNow]:
    """The policies of a range of items (after, upto] with what is known on a day: one statement for any number."""
    rows = sql.rows("replenish_rows", after=after, upto=upto, site=site_id, day=day)
    return [PolicyNow(*row) for row in rows]


class Sources:
    """Where the items of a range (after, upto] come from: suppliers with their terms, plants, and other sites."""

    def __init__(self, after: UUID, upto: UUID, day: date) -> None:
        self.buy: dict[UUID, list[SupplySource]] = defaultdict(list)
        for item, supplier, rank, lead, minimum, multiple, terms, count, total, squares in sql.rows(
            "replenish_suppliers", after=after, upto=upto, day=day
        ):
            days, deviation = mean_and_deviation(total, squares, count) if count else (float(lead), 0.0)
            self.buy[item].append(
                SupplySource(
                    "buy",
                    rank,
                    supplier_id=supplier,
                    lead_days=days,
                    lead_deviation=deviation,
                    lead_receipts=count,
                    minimum=minimum,
                    multiple=multiple,
                    terms_id=terms,
                )
            )
        self.make: dict[tuple[UUID, UUID], SupplySource] = {
            (item, site): SupplySource("make", lead_days=days)
            for item, site, days in sql.rows("replenish_routings", after=after, upto=upto)
        }
        self.rules = _Rules(after, upto, day)
        self.transit: dict[tuple[UUID, UUID], float] = {
            (origin, site): days for origin, site, days in sql.rows("transit_days", day=day)
        }

    def of(self, now: PolicyNow) -> list[SupplySource]:
        """The sources that a policy may use: of its own kind, supplier and site where it says so."""
        found = self.buy.get(now.item_id, [])
        if now.supplier_id:
            found = [each for each in found if each.supplier_id == now.supplier_id]
        made = self.make.get((now.item_id, now.site_id))
        if made:
            found = [*found, made]
        if now.from_site_id:
            days = self.transit.get((now.from_site_id, now.site_id), 1.0)
            found = [*found, SupplySource("transfer", from_site_id=now.from_site_id, lead_days=days)]
        return [*found, *self._ruled(now)]

    def _ruled(self, now: PolicyNow) -> list[SupplySource]:
        """The sources of the sourcing rule in force that bring the item to the site."""
        found: list[SupplySource] = []
        for told, supplier, origin in self.rules.of(now):
            party = supplier or origin
            facts = {
                "rule_rank": told.rank,
                "share": told.share,
                "ordered": self.rules.ordered.get((told.kind, now.item_id, now.site_id, party), Decimal(0)),
            }
            made = self.make.get((now.item_id, now.site_id))
            if told.kind == "buy":
                found += [
                    replace(each, **facts) for each in self.buy.get(now.item_id, []) if each.supplier_id == supplier
                ]
            elif told.kind == "make" and made:
                found.append(replace(made, **facts))
            elif told.kind == "transfer" and origin:
                planned = self.transit.get((origin, now.site_id), 1.0)
                days = planned if told.transfer_days is None else float(told.transfer_days)
                found.append(SupplySource("transfer", from_site_id=origin, lead_days=days, **facts))
        return found


class _Rules:
    """The sourcing rules in force for the items of a range. Where no rule holds, nothing is read but that."""

    def __init__(self, after: UUID, upto: UUID, day: date) -> None:
        self.day = day
        self.held, self.assignments = published_sourcing(day)
        self.products: dict[UUID, SourcingCase] = {}
        self.ordered: dict[tuple[str, UUID, UUID, UUID | None], Decimal] = {}
        if not self.held:
            return
        sources = [each for rule in self.held.values() for each in rule.sources]
        self.sites = {site.code: site.id for site in stock.sites()}
        numbers = sorted({each.supplier for each in sources if each.supplier})
        self.suppliers = {number: key for number, key, *_ in sql.rows("find_suppliers", numbers=numbers)}
        for item, brand, categories in sql.rows("replenish_products", after=after, upto=upto):
            self.products[item] = SourcingCase(item, tuple(categories), brand)
        for *key, quantity in sql.rows("ordered_lately", after=after, upto=upto, day=day):
            self.ordered[tuple(key)] = quantity  # type: ignore[index]

    def of(self, now: PolicyNow) -> list[tuple[Source, UUID | None, UUID | None]]:
        """The sources of the rule of an item that bring it into the policy's site, with supplier and site of origin."""
        if now.item_id not in self.products:
            return []
        matches = self.assignments.matches(self.products[now.item_id])
        if not matches:
            return []
        return [
            (each, self.suppliers.get(each.supplier), self.sites.get(each.from_site))
            for each in self.held[matches[0].assignment.rule_id].sources
            if each.holds(self.day) and self.sites.get(each.site) == now.site_id
        ]


def prices_of(terms_ids: Iterable[UUID]) -> dict[UUID, list[PriceBreak]]:
    """The prices of terms by quantity."""
    prices: dict[UUID, list[PriceBreak]] = {}
    for key, *price in sql.rows("supplier_prices", ids=list(terms_ids)):
        prices.setdefault(key, []).append(PriceBreak(*price))
    return prices


def order_currencies() -> dict[UUID, str]:
    """The currency of the minimum of suppliers who ask for one."""
    return dict(sql.rows("order_currencies"))  # type: ignore[arg-type]
