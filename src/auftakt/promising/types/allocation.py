"""Allocation: which demand class may have how much of scarce supply, by weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from auftakt.values import Lifecycle, versions

ALLOCATION_LIFECYCLE = Lifecycle.of(
    "allocation version",
    "draft",
    ["retired"],
    publish=("draft", "published"),
    retire=("published", "retired"),
)
# Shares in percent of the supply; quantities of a week; shares that are to each other as their numbers are.
ALLOCATION_KINDS = ("percent", "quantity", "ratio")
# Shares of what a week's supply was, or of what of it is still free.
ALLOCATION_BASES = ("original", "remaining")
# Whom supply belongs to that is allocated to nobody: it is open to all, with a class or without.
OPEN = ""
Numbers = Mapping[str, Decimal]
ByWeek = Mapping[date, Decimal]


@dataclass(frozen=True, slots=True)
class DemandClass:
    """Whose demand it is. Among those of one parent rank 1 matters most. At most three levels."""

    code: str
    name: str = ""
    parent: str = ""
    rank: int = 1


@dataclass(frozen=True, slots=True)
class Target:
    """What a class shall have; with `week` (its Monday) in that week only, instead of what it has in others."""

    demand_class: str
    number: Decimal
    week: date | None = None


@dataclass(frozen=True, slots=True)
class AllocationDraft:
    """What a rule is to say: of an item (sku) or all items of a category, at a site or, empty, at every site. It holds
    from `from_on` (None: when it is published) until before `until_on`. Supply that comes within `steal_within_days`
    from asking may be taken by a class from those that matter less; None: always, 0: never."""

    code: str
    name: str
    targets: tuple[Target, ...]
    sku: str = ""
    category: str = ""
    site: str = ""
    kind: Literal["percent", "quantity", "ratio"] = "percent"
    basis: Literal["original", "remaining"] = "original"
    steal_within_days: int | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class AllocationPublication:
    """The draft of a rule holds from a day on; without one from the day it names itself, or at once."""

    code: str
    from_on: date | None = None


@dataclass(frozen=True, slots=True)
class AllocationRetirement:
    """No version of a rule holds from a day on."""

    code: str
    from_on: date


@dataclass(frozen=True, slots=True)
class AllocationAdjustment:
    """In one week a class shall have this much; the others shrink or grow in proportion, so that the total stays."""

    code: str
    week: date
    demand_class: str
    number: Decimal


@dataclass(frozen=True, slots=True)
class AllocationVersion:
    """What a rule says or said. Published, it holds from `from_on` until before `until_on`."""

    id: UUID
    rule_id: UUID
    code: str
    name: str
    number: int
    state: str
    from_on: date | None
    until_on: date | None
    saved_at: datetime
    published_at: datetime | None
    item_id: UUID | None
    category_id: UUID | None
    site_id: UUID | None
    sku: str
    category: str
    site: str
    kind: str
    basis: str
    steal_within_days: int | None
    targets: tuple[Target, ...] = ()

    def holds(self, on: date) -> bool:
        """Whether this version is in force on a day."""
        return versions.holds(self, on)

    def may_steal(self, week: date, on: date) -> bool:
        """Whether a class may take, asked on a day, from lower ones of the supply of a week (its Monday)."""
        within = self.steal_within_days
        return within is None or (within > 0 and week <= on + timedelta(within))

    def numbers(self, week: date) -> dict[str, Decimal]:
        """What the classes shall have in a week, its adjustments in place."""
        usual = {each.demand_class: each.number for each in self.targets if each.week is None}
        return usual | {each.demand_class: each.number for each in self.targets if each.week == week}


@dataclass(frozen=True, slots=True)
class AllocationRule:
    """A rule with its versions, the newest first."""

    id: UUID
    code: str
    name: str
    versions: tuple[AllocationVersion, ...]

    @property
    def draft(self) -> AllocationVersion | None:
        """The version that is being written."""
        return versions.draft_of(self.versions)

    def in_force(self, on: date) -> AllocationVersion | None:
        """The one version that holds on a day."""
        return versions.in_force(self.versions, on)


@dataclass(frozen=True, slots=True)
class AllocationFacts:
    """The rule of an item at a site: version, basis, window, and by class and week what it shall have."""

    version_id: UUID
    code: str
    name: str
    kind: str
    basis: str
    steal_within_days: int | None
    version: AllocationVersion


@dataclass(frozen=True, slots=True)
class AllocationBook:
    """The allocation in force on a day: the tree of classes, and which rule an item has at a site."""

    classes: tuple[DemandClass, ...] = ()
    by_item: Mapping[tuple[UUID, UUID | None], AllocationFacts] = field(default_factory=dict)
    by_category: Mapping[tuple[UUID, UUID | None], AllocationFacts] = field(default_factory=dict)

    def rule(self, item_id: UUID, categories: Sequence[UUID], site_id: UUID) -> AllocationFacts | None:
        """The item's rule before that of a category, a nearer category before one above it, a rule for the site before
        one for every site. `categories` lead from the item's own up to the root. None: first come, first served."""
        for book, key in [(self.by_item, item_id), *((self.by_category, each) for each in categories)]:
            found = book.get((key, site_id)) or book.get((key, None))
            if found:
                return found
        return None


@dataclass(frozen=True, slots=True)
class TakenByClass:
    """What a class has taken of an item's supply at a site in a week (its Monday)."""

    item_id: UUID
    site_id: UUID
    week: date
    demand_class: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Taking:
    """A class took from the share of another. `steals`: from one that matters less; `over`: more than it may, because
    the rule came later or supply was cut."""

    week: date
    by: str
    from_class: str
    quantity: Decimal
    steals: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Charged:
    """What is left of each class's share by week after all that was taken, and who took from whom."""

    left: Mapping[str, ByWeek]
    takings: tuple[Taking, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassWeek:
    """A class in a week: what it was allotted, what it has taken (wherever from), and what is left of its share."""

    demand_class: str
    allotted: Decimal
    taken: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class AllocatedWeek:
    """An item at a site in a week: the supply, each class, and who took from whom."""

    week: date
    supply: Decimal
    classes: tuple[ClassWeek, ...]
    takings: tuple[Taking, ...]
