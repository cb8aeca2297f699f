"""Shares of scarce supply: who has how much in a week, who may take from whom, and what is left.

Weeks are named by their Monday. What no class has is open to all: it belongs to `OPEN`, which stands above the tree.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from auftakt.promising.types import (
    ALLOCATION_BASES,
    ALLOCATION_KINDS,
    OPEN,
    AllocatedWeek,
    AllocationDraft,
    AllocationVersion,
    ByWeek,
    Charged,
    ClassWeek,
    DemandClass,
    Numbers,
    Taking,
)
from auftakt.values import Finding

LEVELS = 3
SMALLEST = Decimal("0.000001")
HUNDRED = Decimal(100)
Allotments = Mapping[str, ByWeek]
MaySteal = Callable[[date], bool]


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(day.weekday())


class DemandTree:
    """The classes by parent and rank. An unknown class is as none: it has what is open to all."""

    def __init__(self, classes: Iterable[DemandClass]) -> None:
        self.classes = {each.code: each for each in classes}
        self._below: dict[str, list[DemandClass]] = {}
        for each in sorted(self.classes.values(), key=lambda each: (each.rank, each.code)):
            self._below.setdefault(each.parent, []).append(each)

    def up(self, code: str) -> list[str]:
        """A class, its parent and so on, last what is open to all."""
        path = []
        while code in self.classes:
            path.append(code)
            code = self.classes[code].parent
        return [*path, OPEN]

    def below(self, code: str) -> list[DemandClass]:
        """The children of a class, what matters most first."""
        return self._below.get(code, [])

    def by_priority(self, code: str = OPEN) -> list[str]:
        """A class and all below it, what matters most first, a parent before its children."""
        return [code, *(deeper for child in self.below(code) for deeper in self.by_priority(child.code))]


def order_of_taking(code: str, tree: DemandTree, may_steal: bool = True) -> list[str]:
    """From whom a class takes, one after the other: itself, its parents, what is open to all; then, where it may,
    siblings that matter less, then uncles that do, the least important first and those below them before themselves.
    Never from one of its own or a smaller rank number."""
    path = tree.up(code)
    return [*path, *(_less_important(path, tree) if may_steal else ())]


def _less_important(path: Sequence[str], tree: DemandTree) -> Iterator[str]:
    for own in path[:-1]:
        mine = tree.classes[own]
        for other in reversed(tree.below(mine.parent)):
            if other.rank > mine.rank:
                yield from reversed(tree.by_priority(other.code))


def allot(
    supply_by_week: ByWeek, targets: Numbers | Callable[[date], Numbers], kind: str
) -> dict[str, dict[date, Decimal]]:
    """How much each class has of each week's supply, in whole millionths; what is over is open to all. Quantities that
    sum to more than there is are scaled down."""
    allotted: dict[str, dict[date, Decimal]] = {OPEN: {}}
    for week in sorted(supply_by_week):
        numbers = targets(week) if callable(targets) else targets
        rest = supply = max(supply_by_week[week], Decimal(0))
        whole = _whole(numbers, supply, kind)
        for code, number in numbers.items():
            part = (supply * number / whole).quantize(SMALLEST, ROUND_DOWN) if whole else Decimal(0)
            allotted.setdefault(code, {})[week] = part
            rest -= part
        allotted[OPEN][week] = allotted[OPEN].get(week, Decimal(0)) + rest
    return allotted


def _whole(numbers: Numbers, supply: Decimal, kind: str) -> Decimal:
    """Of what the numbers are parts."""
    total = sum(numbers.values(), Decimal(0))
    return total if kind == "ratio" else max(total, HUNDRED if kind == "percent" else supply)


def take(
    wanted: Decimal, code: str, left: Numbers, tree: DemandTree, may_steal: bool = True
) -> tuple[dict[str, Decimal], Decimal]:
    """From whom a class gets how much of a week, and what of its wish remains."""
    got: dict[str, Decimal] = {}
    for owner in order_of_taking(code, tree, may_steal):
        part = min(wanted, left.get(owner, Decimal(0)))
        if part > 0:
            got[owner] = part
            wanted -= part
    return got, wanted


def room(code: str, left: Numbers, tree: DemandTree, may_steal: bool = True) -> Decimal:
    """How much a class may take of a week in all."""
    return sum((left.get(owner, Decimal(0)) for owner in order_of_taking(code, tree, may_steal)), Decimal(0))


def of_remaining(supply: Decimal, taken: Decimal, targets: Numbers, kind: str) -> dict[str, Decimal]:
    """With basis `remaining`: what each class may have of what is still free of a week."""
    week = date.min
    return {code: found[week] for code, found in allot({week: supply - taken}, targets, kind).items()}


def charge(
    taken_by_class: Allotments,
    allotments: Allotments,
    tree: DemandTree,
    *,
    this_week: date,
    may_steal: MaySteal = lambda week: True,
) -> Charged:
    """What is left of each share after all that was taken. Each class has used its own share first; then those that
    matter least have taken in their order, so that all find what they were promised whoever came first. What a class
    has beyond what it may is taken from what is open, then from those that matter least. A share that was not used in a
    week that is past falls to the parent, in this week."""
    left: dict[str, dict[date, Decimal]] = {code: dict(weeks) for code, weeks in allotments.items()}
    takings: list[Taking] = []
    weeks = {week for each in (*taken_by_class.values(), *allotments.values()) for week in each}
    for week in sorted(weeks):
        of_week = {code: found.get(week, Decimal(0)) for code, found in left.items()}
        wanted = {code if code in tree.classes else OPEN: Decimal(0) for code in taken_by_class}
        for code, taken in taken_by_class.items():
            wanted[code if code in tree.classes else OPEN] += taken.get(week, Decimal(0))
        takings += _charge_week(week, wanted, of_week, tree, may_steal(week))
        for code, amount in of_week.items():
            past = week < this_week and amount > 0
            owner = (tree.classes[code].parent if code in tree.classes else OPEN) if past else code
            left.setdefault(code, {})[week] = Decimal(0) if past else amount
            if past:
                into = left.setdefault(owner, {})
                into[this_week] = into.get(this_week, Decimal(0)) + amount
    return Charged(left, tuple(takings))


def _charge_week(
    week: date, wanted: dict[str, Decimal], left: dict[str, Decimal], tree: DemandTree, may_steal: bool
) -> Iterator[Taking]:
    least_first = [*reversed(tree.by_priority())]
    reach = {code: order_of_taking(code, tree, may_steal) for code in least_first}
    took: dict[str, dict[str, Decimal]] = {code: {} for code in least_first}
    for code in least_first:
        _use(code, code, wanted, left, took)
    for code in least_first:
        for owner in reach[code]:
            _use(code, owner, wanted, left, took)
    for code in least_first:
        while wanted.get(code) and _exchange(code, wanted, left, took, reach):
            pass
    for code in least_first:
        parents = tree.up(code)
        for owner, part in took[code].items():
            if owner != code and part:
                yield Taking(week, code, owner, part, steals=owner not in parents)
    for code in least_first:
        for owner in (OPEN, *(each for each in least_first if each != OPEN)):
            part = min(wanted.get(code, Decimal(0)), left.get(owner, Decimal(0)))
            if part > 0:
                left[owner] -= part
                wanted[code] -= part
                yield Taking(week, code, owner, part, over=True)


def _use(
    code: str, owner: str, wanted: dict[str, Decimal], left: dict[str, Decimal], took: dict[str, dict[str, Decimal]]
) -> None:
    part = min(wanted.get(code, Decimal(0)), left.get(owner, Decimal(0)))
    if part > 0:
        left[owner] -= part
        wanted[code] -= part
        took[code][owner] = took[code].get(owner, Decimal(0)) + part


def _exchange(
    code: str,
    wanted: dict[str, Decimal],
    left: dict[str, Decimal],
    took: dict[str, dict[str, Decimal]],
    reach: Mapping[str, Sequence[str]],
) -> bool:
    """Give a class something of what it may have: another that holds it goes over to what is left for that one, by the
    shortest chain of such steps (Edmonds and Karp, 1972). False where there is no chain."""
    came: dict[str, tuple[str, str]] = {code: (code, "")}
    waiting = [code]
    for taker in waiting:
        for owner in reach[taker]:
            if left.get(owner, Decimal(0)) > 0:
                _pass_on(taker, owner, code, wanted, left, took, came)
                return True
            for holder, held in took.items():
                if holder not in came and held.get(owner, Decimal(0)) > 0:
                    came[holder] = (taker, owner)
                    waiting.append(holder)
    return False


def _pass_on(
    taker: str,
    owner: str,
    code: str,
    wanted: dict[str, Decimal],
    left: dict[str, Decimal],
    took: dict[str, dict[str, Decimal]],
    came: Mapping[str, tuple[str, str]],
) -> None:
    chain: list[tuple[str, str, str]] = []  # who gives what to whom
    giver = taker
    while giver != code:
        to, what = came[giver]
        chain.append((giver, what, to))
        giver = to
    part = min([wanted[code], left[owner], *(took[giver][what] for giver, what, _ in chain)])
    left[owner] -= part
    wanted[code] -= part
    took[taker][owner] = took[taker].get(owner, Decimal(0)) + part
    for giver, what, to in chain:
        took[giver][what] -= part
        took[to][what] = took[to].get(what, Decimal(0)) + part


def allocated_weeks(
    version: AllocationVersion, supply: ByWeek, taken: Allotments, tree: DemandTree, on: date
) -> list[AllocatedWeek]:
    """An item at a site by weeks, as people look at it."""
    allotted = allot(supply, version.numbers, version.kind)
    charged = charge(taken, allotted, tree, this_week=monday(on), may_steal=lambda week: version.may_steal(week, on))
    nothing = Decimal(0)
    told: list[AllocatedWeek] = []
    for week in sorted(supply):
        used = {code: taken.get(code, {}).get(week, nothing) for code in {*taken, *tree.by_priority()}}
        left = {code: found.get(week, nothing) for code, found in charged.left.items()}
        takings = tuple(each for each in charged.takings if each.week == week)
        if version.basis == "remaining":
            everything = sum(used.values(), nothing)
            left = of_remaining(supply[week], everything, version.numbers(week), version.kind)
            takings = ()
        unknown = sum((amount for code, amount in used.items() if code and code not in tree.classes), nothing)
        rows = tuple(
            ClassWeek(
                code, allotted.get(code, {}).get(week, nothing),
                used.get(code, nothing) + (unknown if code == OPEN else nothing), left.get(code, nothing),
            )
            for code in [*tree.by_priority()[1:], OPEN]
        )  # fmt: skip
        told.append(AllocatedWeek(week, supply[week], rows, takings))
    return told


def adjusted(numbers: Numbers, code: str, number: Decimal) -> dict[str, Decimal] | None:
    """One class has another number, the total stays: the others shrink or grow in proportion. None: it cannot be."""
    total = sum(numbers.values(), Decimal(0))
    others = {each: old for each, old in numbers.items() if each != code}
    standing, rest = sum(others.values(), Decimal(0)), total - number
    if number < 0 or rest < 0 or (rest and not standing):
        return None
    new = {each: (rest * old / standing).quantize(SMALLEST, ROUND_DOWN) for each, old in others.items() if standing}
    if new:
        largest = max(new, key=lambda each: (new[each], each))
        new[largest] += rest - sum(new.values(), Decimal(0))
    return {each: number if each == code else new.get(each, old) for each, old in numbers.items()} | {code: number}


def class_findings(draft: DemandClass, after: Mapping[str, DemandClass]) -> Iterator[Finding]:
    """What is wrong with a class in the tree as it would be."""
    if not draft.code or not draft.name.strip():
        yield Finding("class_unnamed", "a demand class needs a code and a name", "/code")
    if draft.rank < 1:
        yield Finding("rank_below_one", "ranks begin with 1, which matters most", "/rank", {"rank": draft.rank})
    if draft.parent and draft.parent not in after:
        message = f"demand class {draft.parent} is unknown; check its code"
        yield Finding("class_unknown", message, "/parent", {"demand_class": draft.parent})
    path, code = [draft.code], draft.parent
    while code in after and code not in path:
        path.append(code)
        code = after[code].parent
    if code and code in path:
        message = f"{' is below '.join([*path, code])}: a circle"
        yield Finding("class_cycle", message, "/parent", {"way": ", ".join([*path, code])})
    elif len(path) > LEVELS:
        message = f"{' is below '.join(path)}: more than {LEVELS} levels"
        yield Finding("class_too_deep", message, "/parent", {"way": ", ".join(path), "most": LEVELS})


def allocation_findings(draft: AllocationDraft) -> Iterator[Finding]:
    """What is wrong with a rule by itself."""
    if not draft.code or not draft.name.strip():
        yield Finding("rule_unnamed", "a rule needs a code and a name", "/code")
    if bool(draft.sku) == bool(draft.category):
        yield Finding("allocation_of_nothing", "name either an item or a category", "/sku")
    if draft.kind not in ALLOCATION_KINDS:
        yield Finding("kind_unknown", f"{draft.kind} is none of {', '.join(ALLOCATION_KINDS)}", "/kind")
    if draft.basis not in ALLOCATION_BASES:
        yield Finding("basis_unknown", f"{draft.basis} is none of {', '.join(ALLOCATION_BASES)}", "/basis")
    if draft.steal_within_days is not None and draft.steal_within_days < 0:
        yield Finding("window_negative", "the window has 0 days or more", "/steal_within_days")
    if draft.from_on and draft.until_on and draft.until_on <= draft.from_on:
        message = f"it ends on {draft.until_on}, before it begins"
        yield Finding("period_reversed", message, "/until_on", {"day": draft.until_on.isoformat()})
    yield from _target_findings(draft)


def _target_findings(draft: AllocationDraft) -> Iterator[Finding]:
    if not any(each.week is None for each in draft.targets):
        yield Finding("targets_missing", "say what at least one demand class shall have", "/targets")
    seen: set[tuple[str, date | None]] = set()
    for index, each in enumerate(draft.targets):
        place, facts = f"/targets/{index}", {"demand_class": each.demand_class}
        if each.number < 0:
            yield Finding("target_negative", f"{each.demand_class}: {each.number} is negative", place, facts)
        if each.week and each.week.weekday():
            message = f"{each.week} is not a Monday; a week is named by its Monday"
            yield Finding("week_not_monday", message, place, {"day": each.week.isoformat()})
        if (each.demand_class, each.week) in seen:
            yield Finding("target_repeated", f"{each.demand_class} has two targets", place, facts)
        seen.add((each.demand_class, each.week))
    usual = {each.demand_class: each.number for each in draft.targets if each.week is None}
    for week in [None, *sorted({each.week for each in draft.targets if each.week})]:
        numbers = usual | {each.demand_class: each.number for each in draft.targets if each.week == week}
        total = sum(numbers.values(), Decimal(0))
        if draft.kind == "percent" and total > HUNDRED:
            message = f"the shares sum to {total} %, more than the whole" + (f", in the week of {week}" if week else "")
            yield Finding("targets_over_100", message, "/targets", {"total": str(total)})
        if draft.kind == "ratio" and numbers and not total:
            yield Finding("ratio_of_nothing", "a ratio needs a number above 0", "/targets")


def equal_rank(one: AllocationVersion, other: AllocationVersion) -> bool:
    """Whether two versions of different rules are for the same item or category and site, on a day of both."""
    scopes = [(each.item_id, each.category_id, each.site_id) for each in (one, other)]
    days = [(each.from_on or date.min, each.until_on or date.max) for each in (one, other)]
    together = max(first for first, _ in days) < min(last for _, last in days)
    return one.rule_id != other.rule_id and scopes[0] == scopes[1] and together
