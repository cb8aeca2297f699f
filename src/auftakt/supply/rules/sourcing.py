"""Pure decisions about sourcing: which rule holds for a line, and whether goods would go round in circles."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from auftakt.supply.types import Assigned, AssignmentFacts, Match, Scope, Source, SourcingCase

PRODUCT = ("sku", "category", "brand", "")
CUSTOMER = ("customer", "segment", "demand_class", "")
PLACE = ("region", "country", "")
CHANNEL = ("channel", "")
"""The order of precedence, the nearest first. Product is compared first (of two categories the deeper one is nearer),
then customer, then place, then channel. Empty: any."""

PARTS = ("product", "customer", "place", "channel")

_Key = tuple[Hashable, ...]
_Shape = tuple[str, str, str]


def levels(scope: Scope) -> tuple[str, str, str, str]:
    """How near a scope is in each part: the names of PRODUCT, CUSTOMER, PLACE and CHANNEL."""
    return (
        next(name for name in PRODUCT if not name or getattr(scope, name)),
        next(name for name in CUSTOMER if not name or getattr(scope, name)),
        next(name for name in PLACE if not name or getattr(scope, name)),
        next(name for name in CHANNEL if not name or getattr(scope, name)),
    )


def said(scope: Scope) -> str:
    """A scope in words: "item BIKE, segment dealer, DE/Bayern, channel shop"; "everything" for all."""
    product, customer, place, channel = levels(scope)
    words = [f"{'item' if product == 'sku' else product} {getattr(scope, product)}"] if product else []
    words += [f"{customer.replace('_', ' ')} {getattr(scope, customer)}"] if customer else []
    words += [f"{scope.country}/{scope.region}" if scope.region else scope.country] if place else []
    words += [f"channel {scope.channel}"] if channel else []
    return ", ".join(words) or "everything"


class Assignments:
    """All assignments, ready to be asked which rule holds for a line. Immutable once built.

    A question looks into a table by each product the line is (item, categories from the deepest up, brand, any), and
    there only for the shapes (customer × place × channel) that somebody has used.
    """

    __slots__ = ("_answers", "_shapes", "_size")

    def __init__(self, assignments: Iterable[AssignmentFacts]) -> None:
        self._size = 0
        self._answers: dict[UUID, Assigned] = {}
        found: dict[_Key, dict[_Shape, dict[_Key, AssignmentFacts]]] = defaultdict(lambda: defaultdict(dict))
        for each in assignments:
            self._size += 1
            product, *rest = levels(each.scope)
            shape = (rest[0], rest[1], rest[2])
            found[(product, *_product(each, product))][shape][_wanted(each, *shape)] = each
        self._shapes: Mapping[_Key, Sequence[tuple[_Shape, Mapping[_Key, AssignmentFacts]]]] = {
            key: sorted(shapes.items(), key=lambda item: _nearness(item[0])) for key, shapes in found.items()
        }

    def __len__(self) -> int:
        return self._size

    def find(self, case: SourcingCase) -> Assigned | None:
        """The assignment that is nearest to a case."""
        each = next(self._matching(case), None)
        if each is None:
            return None
        known = self._answers.get(each.id)
        if known is None:
            known = Assigned(each.rule_id, each.id, f"rule {each.rule} is assigned to {said(each.scope)}")
            self._answers[each.id] = known
        return known

    def matches(self, case: SourcingCase) -> tuple[Match, ...]:
        """Every assignment that fits a case, the nearest first, and in which part each other one lost."""
        found = list(self._matching(case))
        return tuple(Match(each, _lost_by(found[0], each) if index else "") for index, each in enumerate(found))

    def _matching(self, case: SourcingCase) -> Iterator[AssignmentFacts]:
        for product in _products(case):
            for shape, table in self._shapes.get(product, ()):
                each = table.get(_asked(case, *shape))
                if each is not None:
                    yield each


def explained(matches: Sequence[Match]) -> str:
    """Which assignment won, and which others fit and in what they are wider, in words."""
    if not matches:
        return "no sourcing rule is assigned: every site with a lane may ship what it has"
    first, *others = matches
    text = f"rule {first.assignment.rule} is assigned to {said(first.assignment.scope)}"
    if others:
        lost = (f"{each.assignment.rule} for {said(each.assignment.scope)} (by {each.lost_by})" for each in others)
        text += f"; it is nearer than {'; '.join(lost)}"
    return text


def _products(case: SourcingCase) -> Iterator[_Key]:
    yield ("sku", case.item_id)
    for category in case.categories:
        yield ("category", category)
    if case.brand_id is not None:
        yield ("brand", case.brand_id)
    yield ("",)


def _product(each: AssignmentFacts, level: str) -> _Key:
    ids = {"sku": each.item_id, "category": each.category_id, "brand": each.brand_id}
    return (ids[level],) if level else ()


def _wanted(each: AssignmentFacts, customer: str, place: str, channel: str) -> _Key:
    scope = each.scope
    who: Hashable = each.customer_id if customer == "customer" else getattr(scope, customer) if customer else None
    return (
        who,
        place and scope.country,
        scope.region if place == "region" else "",
        channel and scope.channel,
    )


def _asked(case: SourcingCase, customer: str, place: str, channel: str) -> _Key:
    who: Hashable = None
    if customer == "customer":
        who = case.customer_id or ""
    elif customer:
        who = getattr(case, customer)
    return (who, place and case.country, case.region if place == "region" else "", channel and case.channel)


def _nearness(shape: _Shape) -> tuple[int, int, int]:
    customer, place, channel = shape
    return CUSTOMER.index(customer), PLACE.index(place), CHANNEL.index(channel)


def _lost_by(winner: AssignmentFacts, other: AssignmentFacts) -> str:
    """The first part in which two assignments that fit the same case differ."""
    if (winner.item_id, winner.category_id, winner.brand_id) != (other.item_id, other.category_id, other.brand_id):
        return PARTS[0]
    pairs = zip(PARTS[1:], levels(winner.scope)[1:], levels(other.scope)[1:], strict=True)
    return next((part for part, mine, theirs in pairs if mine != theirs), "")


@dataclass(frozen=True, slots=True)
class Way:
    """Goods go from a site to another by a rule, from a day to a day (both included)."""

    rule: str
    from_site: str
    to_site: str
    first: date = date.min
    last: date = date.max


def ways(rule: str, sources: Iterable[Source], first: date = date.min, last: date = date.max) -> list[Way]:
    """The transfers of a rule that holds from a day to a day."""
    return [
        Way(rule, each.from_site, each.site, max(first, each.valid_from or first), min(last, each.valid_until or last))
        for each in sources
        if each.kind == "transfer" and each.from_site and each.site
    ]


def circle(found: Iterable[Way]) -> list[Way]:
    """Ways that lead back to where they began, on one and the same day; none when there is no such circle."""
    known = [each for each in found if each.first <= each.last]
    for day in sorted({each.first for each in known}):
        onward: dict[str, list[Way]] = defaultdict(list)
        for each in known:
            if each.first <= day <= each.last:
                onward[each.from_site].append(each)
        done: set[str] = set()
        for start in sorted(onward):
            if round_trip := _walk(start, onward, done):
                return round_trip
    return []


def _walk(start: str, onward: Mapping[str, Sequence[Way]], done: set[str]) -> list[Way]:
    """Depth first from a site; sites that lead to no circle are remembered in `done`."""
    path: list[Way] = []
    waiting: list[Iterator[Way]] = [iter(onward.get(start, ()))]
    on_path = [start]
    while waiting:
        way = next(waiting[-1], None)
        if way is None:
            waiting.pop()
            done.add(on_path.pop())
            if path:
                path.pop()
        elif way.to_site in on_path:
            return [*path, way][on_path.index(way.to_site) :]
        elif way.to_site not in done:
            path.append(way)
            on_path.append(way.to_site)
            waiting.append(iter(onward.get(way.to_site, ())))
    return []


def told_round(trip: Sequence[Way]) -> str:
    """A circle in words: "LEJ to HAM (rule hub), HAM to LEJ (rule south)"."""
    return ", ".join(f"{each.from_site} to {each.to_site} (rule {each.rule})" for each in trip)


def used_together(
    assignments: Iterable[tuple[UUID, UUID | None, UUID | None, UUID | None]],
    products: Iterable[tuple[UUID | None, Sequence[UUID], UUID | None]],
) -> set[frozenset[UUID]]:
    """Sets of rules that one and the same product may be sourced by: of assignments (rule, item, category, brand) and
    of the products there are (item, categories up to the root, brand)."""
    tables: tuple[dict[UUID, set[UUID]], ...] = (defaultdict(set), defaultdict(set), defaultdict(set))
    always: set[UUID] = set()
    for rule, *ids in assignments:
        if not any(ids):
            always.add(rule)
        for table, key in zip(tables, ids, strict=True):
            if key is not None:
                table[key].add(rule)
    by_item, by_category, by_brand = tables
    found = {frozenset(always)}
    for item, categories, brand in products:
        rules = set(always)
        rules |= by_item.get(item, set()) if item else set()
        rules |= by_brand.get(brand, set()) if brand else set()
        for category in categories:
            rules |= by_category.get(category, set())
        found.add(frozenset(rules))
    return found
