"""Replenishment: policies, runs, proposals, and the arithmetic each proposal stands on."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from auftakt.values import Lifecycle

POLICY_METHODS = ("reorder_point", "min_max", "days_of_cover", "periodic", "none")
"""When and how much: at the reorder point a lot; at the reorder point up to a maximum; at the reorder point for so many
days; every so many days up to a level; never."""

POLICY_SOURCES = ("", "buy", "transfer", "make")
"""Where it comes from; "" is as sourced: by rule, from the supplier who is asked first, or made at the site."""

KIND_OF_SOURCE = {"buy": "purchase", "transfer": "transfer", "make": "work_order"}
"""What a proposal becomes, by its source."""

PROPOSAL_LIFECYCLE = Lifecycle.of(
    "proposal",
    "proposed",
    ["released", "rejected"],
    hold=("proposed", "held"),
    unhold=("held", "proposed"),
    release=("proposed held", "released"),
    reject=("proposed held", "rejected"),
)
"""Held: what is proposed to order of its supplier is worth less than the supplier's minimum. Released: an order came of
it."""

OPEN_PROPOSALS = ("proposed", "held")
"""States in which a proposal waits for somebody; it counts as if it were ordered."""


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """When an item is ordered for a site, how much, from where; saved by item and site. Quantities in base units.

    `reorder_point`: at or below it `lot` is ordered (as often as it takes to come above it). `min_max`: up to
    `maximum`. `days_of_cover`: for `cover_days` more than the lead time. `periodic`: every `review_days`, up to what
    the lead time and the next review need. Left out, reorder point, safety stock, demand and lead time are worked out;
    `demand_days` is the window of calendar days that demand is measured in.
    """

    sku: str
    site_code: str
    method: str = "reorder_point"
    source: str = ""
    supplier_number: str = ""
    from_site: str = ""
    reorder_point: Decimal | None = None
    maximum: Decimal | None = None
    lot: Decimal = Decimal(0)
    multiple: Decimal = Decimal(0)
    cover_days: int = 0
    review_days: int = 0
    safety_stock: Decimal | None = None
    service_level: Decimal = Decimal(95)
    demand_days: int = 90
    demand_per_day: Decimal | None = None
    lead_days: int | None = None
    buyer: str = ""


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """A policy as stored, with the words of its item."""

    id: UUID
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    site_id: UUID
    site_code: str
    method: str
    source: str
    supplier_number: str
    from_site: str
    reorder_point: Decimal | None
    maximum: Decimal | None
    lot: Decimal
    multiple: Decimal
    cover_days: int
    review_days: int
    reviewed_on: date | None
    safety_stock: Decimal | None
    service_level: Decimal
    demand_days: int
    demand_per_day: Decimal | None
    lead_days: int | None
    buyer: str


@dataclass(frozen=True, slots=True)
class ReplenishmentLimitDraft:
    """Up to which value proposals are released without asking anybody; of a site and a buyer, or ("") of all.
    `internal` releases transfers and work orders too. The most particular limit counts."""

    currency: str
    amount: Decimal
    site_code: str = ""
    buyer: str = ""
    internal: bool = False


@dataclass(frozen=True, slots=True)
class SupplierTermsDraft:
    """What a supplier asks of every order: at least so much money."""

    supplier_number: str
    minimum_order: Decimal
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class RunDraft:
    """A look at the policies of a site, or ("") of all, on a day."""

    day: date
    site_code: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as it stands: policies looked at, proposals made, policies that nobody can serve, proposals released by
    themselves."""

    id: UUID
    serial: int
    number: str
    day: date
    site_code: str
    job_id: UUID
    state: str
    looked: int
    proposed: int
    sourceless: int
    released: int
    actor: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class SupplySource:
    """A way to come by an item at a site. `kind` is one of buy, transfer, make; `rule_rank` and `share` are those of a
    sourcing rule (0: no rule), `rank` the supplier's own. `ordered` is what came of it lately, against its share."""

    kind: str
    rank: int = 1
    supplier_id: UUID | None = None
    from_site_id: UUID | None = None
    rule_rank: int = 0
    share: Decimal = Decimal(100)
    ordered: Decimal = Decimal(0)
    lead_days: float = 0.0
    lead_deviation: float = 0.0
    lead_receipts: int | None = None
    minimum: Decimal = Decimal(0)
    multiple: Decimal = Decimal(0)
    terms_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PolicyNow:
    """A policy with what is known on the day of a run: demand by day of its window, and what there is and will be."""

    policy_id: UUID
    item_id: UUID
    site_id: UUID
    method: str
    source: str
    supplier_id: UUID | None
    from_site_id: UUID | None
    reorder_point: Decimal | None
    maximum: Decimal | None
    lot: Decimal
    multiple: Decimal
    cover_days: int
    review_days: int
    reviewed_on: date | None
    safety_stock: Decimal | None
    service_level: Decimal
    demand_days: int
    demand_per_day: Decimal | None
    lead_days: int | None
    buyer: str
    decimals: int
    demand_sum: float
    demand_squares: float
    on_hand: Decimal
    expected: Decimal
    drawn: Decimal
    planned: Decimal


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How a proposal came about, in base units and calendar days."""

    demand_measured: bool
    demand_per_day: Decimal
    demand_deviation: Decimal
    lead_receipts: int | None
    lead_days: Decimal
    lead_deviation: Decimal
    review_days: int
    service_level: Decimal | None
    safety_stock: Decimal
    reorder_point: Decimal
    position: Decimal
    target: Decimal
    raw: Decimal
    minimum: Decimal
    multiple: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """A proposal with its arithmetic and the words of what it names."""

    id: UUID
    serial: int
    run_id: UUID
    run_number: str
    day: date
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    decimals: int
    site_id: UUID
    site_code: str
    kind: str
    state: str
    supplier_id: UUID | None
    supplier_number: str
    supplier_name: str
    from_site: str
    buyer: str
    method: str
    quantity: Decimal
    unit_cost: Decimal | None
    currency: str
    value: Decimal | None
    due_on: date
    demand_days: int
    demand_measured: bool
    demand_per_day: Decimal
    demand_deviation: Decimal
    lead_receipts: int | None
    lead_days: Decimal
    lead_deviation: Decimal
    review_days: int
    service_level: Decimal | None
    safety_stock: Decimal
    reorder_point: Decimal
    on_hand: Decimal
    expected: Decimal
    drawn: Decimal
    planned: Decimal
    position: Decimal
    target: Decimal
    raw: Decimal
    minimum: Decimal
    multiple: Decimal
    order_id: UUID | None
    order_number: str
    decided_by: str
    decided_at: datetime | None
    note: str
    minimum_order: Decimal | None
