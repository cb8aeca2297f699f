"""Sourcing: the ways an item comes to where it ships from, on which terms it is promised, and for whom a rule holds."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from auftakt.values import Finding, Lifecycle, versions

SOURCE_KINDS = ("ship", "make", "buy", "transfer", "drop_ship")
PROMISING_MODES = ("lead_time", "atp", "ctp", "ptp")
ORDER_CHOICES = ("per_line", "fewest_parcels", "lowest_cost", "earliest")
SUPPLY_COUNTED = ("purchase", "transfer", "work")
"""Kinds of expected supply that a rule may promise besides stock on hand."""

SOURCING_LIFECYCLE = Lifecycle.of(
    "sourcing version",
    "draft",
    ["retired"],
    publish=("draft", "published"),
    retire=("published", "retired"),
)
"""Published: it holds from a day on and never changes any more. Retired: the day on which it ends is known; it holds
until then. A draft may be thrown away."""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to get an item to where it ships from. Rank 1 is asked first.

    ship: from the stock of `site` (without one: of any site with a lane). make: made at `site`, by its routing and bill
    of material. buy: bought from `supplier` into `site`, back-to-back. transfer: from the stock of `from_site` to
    `site`, then shipped. drop_ship: `supplier` ships it direct from `site`, the supplier's own ship-from place.
    `share` is the percentage that planning gives to it among sources of the same rank. `valid_from` and `valid_until`
    are its first and its last day.
    """

    rank: int
    kind: str
    site: str = ""
    from_site: str = ""
    supplier: str = ""
    share: Decimal = Decimal(100)
    transfer_days: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the source may be used on a day."""
        return (self.valid_from or date.min) <= on <= (self.valid_until or date.max)


@dataclass(frozen=True, slots=True)
class PromisingTerms:
    """What may be promised, and which of several possible answers is given.

    `counts` is the expected supply that may be promised besides stock on hand; what of it is overdue by more than
    `past_due_days` is not (None: always). Wishes from `infinite_after_days` on are promised on the wish, nothing is
    checked nor consumed. Nothing is promised later than `horizon_days`. From `make_first_after_days` on it is made
    rather than taken from stock. `lead_days` are the working days from asking to shipping where only lead time counts.
    Costs (late_cost_per_day for each unit of the line, split_cost for each further parcel, `service_floor_days`: never
    later than the wish by more than that when something in time exists) decide in the mode ptp. `choice` is made among
    the lines of an order; parcels of several sites meet at `consolidate_at`.
    """

    mode: str = "atp"
    counts: tuple[str, ...] = SUPPLY_COUNTED
    past_due_days: int | None = None
    infinite_after_days: int | None = None
    horizon_days: int = 365
    make_first_after_days: int | None = None
    partial_starts: bool = True
    lead_days: int = 0
    late_cost_per_day: Decimal = Decimal(0)
    split_cost: Decimal = Decimal(0)
    service_floor_days: int | None = None
    currency: str = "EUR"
    choice: str = "per_line"
    consolidate_at: str = ""


@dataclass(frozen=True, slots=True)
class SourcingDraft:
    """A rule's next version, by the rule's code; it becomes the rule's draft, whatever was drafted before."""

    code: str
    name: str
    sources: tuple[Source, ...] = ()
    terms: PromisingTerms = PromisingTerms()


@dataclass(frozen=True, slots=True)
class SourcingPublication:
    """The draft of a rule holds from a day on."""

    code: str
    from_on: date


@dataclass(frozen=True, slots=True)
class SourcingRetirement:
    """From a day on no version of a rule holds."""

    code: str
    from_on: date


@dataclass(frozen=True, slots=True)
class SourcingVersion:
    """A version of a rule. It holds from `from_on` until before `until_on` (None: no end is known)."""

    id: UUID
    rule_id: UUID
    number: int
    state: str
    from_on: date | None
    until_on: date | None
    sources: tuple[Source, ...]
    terms: PromisingTerms
    saved_at: datetime
    published_at: datetime | None = None

    def holds(self, on: date) -> bool:
        """Whether this version is in force on a day."""
        return versions.holds(self, on)


@dataclass(frozen=True, slots=True)
class SourcingRule:
    """A rule with its versions, the newest first."""

    id: UUID
    code: str
    name: str
    versions: tuple[SourcingVersion, ...]

    @property
    def draft(self) -> SourcingVersion | None:
        """The version that is being written."""
        return versions.draft_of(self.versions)

    def in_force(self, on: date) -> SourcingVersion | None:
        """The one version that holds on a day."""
        return versions.in_force(self.versions, on)


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """What a rule says on a day."""

    code: str
    version: int
    sources: tuple[Source, ...]
    terms: PromisingTerms
    name: str = ""


@dataclass(frozen=True, slots=True)
class SourcingGap:
    """What a source of a version lacks: its site is closed, or so many of the items that the rule is assigned to have
    no terms of the supplier, or no routing at the site. It holds all the same; those items find nothing there."""

    source: int
    code: str
    lacking: int = 0
    items: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What an assignment is for, as people write it. Empty: any. At most one of sku, category (with all below it) and
    brand, and one of customer (a number), segment and demand class; a region needs its country."""

    sku: str = ""
    category: str = ""
    brand: str = ""
    customer: str = ""
    segment: str = ""
    demand_class: str = ""
    country: str = ""
    region: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentDraft:
    """A rule is used for a scope. A scope has one rule: with `replaces` it is taken from the rule that has it."""

    rule: str
    scope: Scope = Scope()
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """An assignment as stored, by ids and by what people call them."""

    id: UUID
    rule_id: UUID
    rule: str
    scope: Scope
    item_id: UUID | None = None
    category_id: UUID | None = None
    brand_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SourcingCase:
    """A line that asks for its rule. `categories` are ids from the item's own category up to the root."""

    item_id: UUID
    categories: tuple[UUID, ...] = ()
    brand_id: UUID | None = None
    customer_id: UUID | None = None
    segment: str = ""
    demand_class: str = ""
    country: str = ""
    region: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """The rule of a case: which assignment won, and why, in words."""

    rule_id: UUID
    assignment_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Match:
    """An assignment that fits a case. The winner is the first; of every other, `lost_by` is the part (product,
    customer, place, channel) in which the winner is nearer to the case."""

    assignment: AssignmentFacts
    lost_by: str = ""


@dataclass(frozen=True, slots=True)
class SourcingWish:
    """A line as people write it, to be asked which rule holds for it. The segment is the customer's; without a customer
    it may be given."""

    sku: str
    customer: str = ""
    country: str = ""
    region: str = ""
    channel: str = ""
    demand_class: str = ""
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Which rule holds for a wish on a day: that of the first match; the others lost. Without a match there is none,
    and every site with a lane may ship what it has. `asleep` would fit too, but no version of their rule holds on the
    day. `findings` say what of the wish is unknown."""

    wish: SourcingWish
    matches: tuple[Match, ...] = ()
    rule: RuleInForce | None = None
    asleep: tuple[AssignmentFacts, ...] = ()
    why: str = ""
    findings: tuple[Finding, ...] = ()
