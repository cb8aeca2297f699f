"""A world of supply written as text, and plans written back as text.

site BER 1                      a site with one day of processing
site BER 5 12345 15:00          one that ships on the working days Monday to Friday, with a cut-off (UTC)
lane BER DE 2 4.90              two days to DE at 4.90; a region as DE/Bayern, everywhere else as *
supply bolt BER hand 50         50 on hand
supply bolt BER d10 40          40 expected on day 10
kit set bolt*2 nut*1            what one set takes
supply bolt BER d10 40 transfer  expected of a kind (purchase without one)
want A bolt 10 DE ship=d4       a demand; arrive=, latest=, from=, after=d3, split=dates,sites, least=3, prio=1,
                                step=0.5, class=vip
rule R mode=ptp late=5          a sourcing rule with its terms: counts=purchase,work past_due= infinite= horizon= lead=
                                make_first= late= split= floor=
source R 1 ship BER             its sources by rank: ship, transfer BER from=HAM days=2, buy BER by=acme, make
buys bolt acme 7 12.50          what a supplier takes: days and cost
class retail shops 2            a demand class: its parent (- for none) and its rank
share bolt key=60 web=40 basis=remaining steal=0 kind=percent   what classes have of an item
costs bolt 3                    what one of stock costs
use R bolt                      assignments: an item, or class=vip, country=DE
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

import numpy as np

from auftakt.promising.engine import Allocation, Calendars, Picture, Sourcing, SupplyRow, propose, supply_array
from auftakt.promising.engine.stock import KINDS
from auftakt.promising.types import (
    AllocationBook,
    AllocationFacts,
    AllocationVersion,
    BuyingTerms,
    Demand,
    DemandClass,
    ItemSourcing,
    LaneFacts,
    Promise,
    SiteOfSupply,
    Target,
)
from auftakt.supply.rules import Assignments
from auftakt.supply.types import AssignmentFacts, PromisingTerms, RuleInForce, Scope, Source
from auftakt.values import to_micro

_TERMS = {
    "mode": ("mode", str), "counts": ("counts", lambda text: tuple(each for each in text.split(",") if each)),
    "past_due": ("past_due_days", int), "infinite": ("infinite_after_days", int), "horizon": ("horizon_days", int),
    "make_first": ("make_first_after_days", int), "late": ("late_cost_per_day", Decimal), "lead": ("lead_days", int),
    "split": ("split_cost", Decimal), "floor": ("service_floor_days", int),
}  # fmt: skip

DAY_ZERO = date(2026, 3, 1)
SPACE = UUID("5f3c1f0e-6a6f-4c7e-9a1b-1f0e6a6f4c7e")


def key(name: str) -> UUID:
    return uuid5(SPACE, name)


def day(text: str) -> date:
    return DAY_ZERO + timedelta(days=int(text.removeprefix("d")))


class World:
    """`picture` at day 1, the demands wanted, and names for what is in a plan."""

    def __init__(self, text: str) -> None:
        self.sites: list[SiteOfSupply] = []
        self.lanes: list[LaneFacts] = []
        self.rows: list[SupplyRow] = []
        self.kits: dict[str, tuple[tuple[UUID, Decimal], ...]] = {}
        self.demands: list[Demand] = []
        self.names: dict[UUID, str] = {}
        self.rules: dict[UUID, RuleInForce] = {}
        self.uses: list[AssignmentFacts] = []
        self.buying: dict[UUID, dict[str, BuyingTerms]] = {}
        self.costs: dict[UUID, int] = {}
        self.classes: list[DemandClass] = []
        self.shares: dict[tuple[UUID, UUID | None], AllocationFacts] = {}
        for line in text.strip().splitlines():
            word, *rest = line.split()
            getattr(self, f"_{word}")(*rest)
        days = np.array([(DAY_ZERO + timedelta(number)).isoweekday() for number in range(200)])
        works = {site.calendar: np.isin(days, [int(each) for each in site.calendar]) for site in self.sites}
        sourcing = Sourcing(self.rules, Assignments(self.uses) if self.uses else None)
        self.picture = Picture(1, self.sites, self.lanes, Calendars(DAY_ZERO.toordinal(), works), sourcing)
        self.picture.items = {
            item: ItemSourcing(buying=self.buying.get(item, {}), unit_cost=self.costs.get(item, 0))
            for item in {*self.buying, *self.costs}
        }
        self.picture.load(supply_array(self.rows))
        self.picture.allocation = Allocation(AllocationBook(tuple(self.classes), self.shares, {}))

    def _site(self, code: str, processing: str = "0", weekdays: str = "1234567", cut_off: str = "") -> None:
        until = time.fromisoformat(cut_off) if cut_off else None
        self.sites.append(SiteOfSupply(key(code), code, int(processing), weekdays, "UTC", until))

    def _lane(self, code: str, place: str, transit: str, cost: str = "0") -> None:
        country, _, region = place.replace("*", "").partition("/")
        self.lanes.append(LaneFacts(key(code), country, region, "post", int(transit), Decimal(cost), "EUR"))

    def _rule(self, code: str, *rest: str) -> None:
        said = dict(word.split("=") for word in rest)
        terms = PromisingTerms(**{_TERMS[name][0]: _TERMS[name][1](value) for name, value in said.items()})
        self.rules[key(code)] = RuleInForce(code, 1, (), terms)

    def _source(self, code: str, rank: str, kind: str, site: str, *rest: str) -> None:
        said = dict(word.split("=") for word in rest)
        days = int(said["days"]) if "days" in said else None
        source = Source(
            int(rank), kind, site.replace("*", ""), said.get("from", ""), said.get("by", ""), transfer_days=days
        )
        rule = self.rules[key(code)]
        self.rules[key(code)] = replace(rule, sources=(*rule.sources, source))

    def _buys(self, item: str, supplier: str, days: str, cost: str = "0") -> None:
        self.buying.setdefault(key(item), {})[supplier] = BuyingTerms(int(days), Decimal(cost))

    def _class(self, code: str, parent: str, rank: str) -> None:
        self.classes.append(DemandClass(code, code, parent.replace("-", ""), int(rank)))

    def _share(self, item: str, *rest: str) -> None:
        said = dict(word.split("=") for word in rest)
        kind, basis, steal = (said.pop(name, "") for name in ("kind", "basis", "steal"))
        targets = tuple(Target(code, Decimal(number)) for code, number in said.items())
        at = datetime(2026, 1, 1, tzinfo=UTC)
        version = AllocationVersion(
            key("version"), key("rule"), "R", "R", 1, "published", date.min, None, at, None, key(item), None, None,
            item, "", "", kind or "percent", basis or "original", int(steal) if steal else None, targets,
        )  # fmt: skip
        self.shares[key(item), None] = AllocationFacts(
            version.id, "R", "R", version.kind, version.basis, version.steal_within_days, version
        )

    def _costs(self, item: str, cost: str) -> None:
        self.costs[key(item)] = to_micro(Decimal(cost))

    def _use(self, code: str, what: str) -> None:
        name, is_given, value = what.partition("=")
        scope = Scope(demand_class=value if name == "class" else "", country=value if name == "country" else "")
        item = None if is_given else key(what)
        self.uses.append(AssignmentFacts(key(f"{code} {what}"), key(code), code, scope, item_id=item))

    def _supply(self, item: str, site: str, when: str, quantity: str, kind: str = "purchase") -> None:
        due = 0 if when == "hand" else day(when).toordinal()
        number = sum(self.names[row.id].startswith(f"{site}@{when}") and row.item_id == key(item) for row in self.rows)
        name = f"{site}@{when}" + "'" * number
        made = key(f"{item} {name}")
        self.names[made] = name
        self.names[key(item)] = item
        self.rows.append(
            SupplyRow(
                made, key(item), key(site), due, to_micro(Decimal(quantity)), 0,
                KINDS.index(kind) if due else 0,
            )
        )  # fmt: skip

    def _kit(self, name: str, *parts: str) -> None:
        split = [part.split("*") for part in parts]
        self.kits[name] = tuple((key(item), Decimal(each)) for item, each in split)

    def _want(self, name: str, item: str, quantity: str, country: str, *rest: str) -> None:
        said = dict(word.split("=") for word in rest)
        self.names[key(name)] = name
        place, _, region = country.partition("/")
        self.demands.append(
            Demand(
                id=key(name),
                item_id=key(item),
                components=self.kits.get(item, ((key(item), Decimal(1)),)),
                quantity=Decimal(quantity),
                step=Decimal(said.get("step", "1")),
                country=place,
                region=region,
                requested_ship_on=day(said["ship"]) if "ship" in said else None,
                requested_arrival_on=day(said["arrive"]) if "arrive" in said else None,
                not_before_on=day(said["after"]) if "after" in said else None,
                split_dates="dates" in said.get("split", ""),
                split_sites="sites" in said.get("split", ""),
                priority=int(said.get("prio", "100")),
                fixed_site_id=key(said["from"]) if "from" in said else None,
                demand_class=said.get("class", ""),
                latest_on=day(said["latest"]) if "latest" in said else None,
                least=Decimal(said.get("least", "0")),
            )
        )

    def plan(self, on: str = "d1", at: datetime | None = None) -> list[Promise]:
        return propose(self.picture, self.demands, day(on), at)[0]

    def told(self, promises: list[Promise]) -> str:
        """One line a piece: name, quantity, site, ship and arrival day, and what it takes."""
        lines: list[str] = []
        for promise in promises:
            for piece in promise.pieces:
                words = [self.names[promise.demand_id], f"{piece.quantity.normalize():f}"]
                if piece.ship_on is None or piece.arrive_on is None:
                    lines.append(" ".join([*words, "-"]))
                    continue
                words.append(piece.site_code or "anywhere")
                words += [f"d{(each - DAY_ZERO).days}" for each in (piece.ship_on, piece.arrive_on)]
                taken = [
                    f"{self.names[take.item_id]}:{self.names[take.bucket_id]}*{take.quantity.normalize():f}"
                    for take in piece.takes
                ]
                if piece.making:
                    made = piece.making
                    there = (made.available_on - DAY_ZERO).days
                    taken.append(f"{made.how}*{made.quantity.normalize():f}@d{there}")
                lines.append(" ".join([*words, *taken, *filter(None, [piece.reason.get("unbacked")])]))
        return "\n".join(lines)
