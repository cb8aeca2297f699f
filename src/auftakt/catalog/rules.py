"""What items, units, kits and categories must look like, GTIN check digits, conversion of units. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

from babel import Locale
from babel.localedata import locale_identifiers

from auftakt.catalog.types import (
    DIMENSIONS,
    ITEM_KINDS,
    RELATION_KINDS,
    TRACKINGS,
    BillDraft,
    BrandDraft,
    CategoryDraft,
    ItemDraft,
    ItemFacts,
    KnownItem,
    UnitDraft,
)
from auftakt.values import Finding

_HS_CODE = re.compile(r"[0-9]{6,10}")
_GTIN = re.compile(r"[0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14}")
_LARGEST = Decimal(10) ** 12
_COUNTRIES = frozenset(str(code) for code in Locale("en").territories)
_LANGUAGES = frozenset(name.replace("_", "-").lower() for name in locale_identifiers())


def gtin_check_digit(digits: str) -> int:
    """The check digit that completes a GTIN's other `digits` (7, 11, 12 or 13 of them).

    GS1 General Specifications, check digit calculation: from the right, weights 3, 1, 3 ...; the digit that lifts the
    sum to a multiple of ten. Raises ValueError for anything but digits.
    """
    if not digits.isascii() or not digits.isdigit():
        raise ValueError(f"not digits: {digits!r}")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def gtin_is_valid(gtin: str) -> bool:
    """Whether a GTIN-8, -12, -13 or -14 ends in its check digit."""
    return bool(_GTIN.fullmatch(gtin)) and gtin_check_digit(gtin[:-1]) == int(gtin[-1])


def decimals_of(number: Decimal) -> int:
    """How many decimals a number uses: 2.50 uses one."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 99


def base_quantity(item: ItemFacts, quantity: Decimal, unit: str, place: str = "/quantity") -> Decimal | Finding:
    """`quantity` of `unit` in the item's base unit ("" is the base unit), or why it makes no sense.

    Findings: `unit_unknown`, `quantity_out_of_range`, `quantity_fractional`. The sign is left to the caller.
    """
    factor = item.units.get(unit or item.unit)
    if factor is None:
        known = ", ".join(sorted(item.units))
        message = f"Item {item.sku} does not trade in {unit!r}; use one of: {known}."
        return Finding("unit_unknown", message, place.rpartition("/")[0] + "/unit", {"unit": unit, "known": known})
    if not quantity.is_finite() or abs(quantity) * factor >= _LARGEST:
        return Finding("quantity_out_of_range", f"{quantity} is not a quantity that can be stored.", place)
    base = quantity * factor
    if decimals_of(quantity) > item.unit_decimals[unit or item.unit] or decimals_of(base) > item.decimals:
        return _fractional(item.sku, quantity, unit or item.unit, place)
    return base


def _fractional(sku: str, quantity: Decimal, unit: str, place: str) -> Finding:
    message = f"{quantity.normalize():f} {unit} of item {sku} cannot be split so finely; use whole units."
    return Finding("quantity_fractional", message, place, {"quantity": str(quantity), "unit": unit})


def _missing(name: str, value: str, what: str, place: str = "") -> Iterator[Finding]:
    if not value:
        yield Finding(f"{name}_missing", f"Give {what}.", f"{place}/{name}")


def _too_long(record: object, lengths: Mapping[str, int], place: str = "") -> Iterator[Finding]:
    for name, most in lengths.items():
        if len(getattr(record, name)) > most:
            yield Finding("too_long", f"Shorten {name.replace('_', ' ')} to {most} characters.", f"{place}/{name}")


def unit_findings(draft: UnitDraft) -> list[Finding]:
    """What is wrong with a unit of measure."""
    found = [*_missing("code", draft.code, "a code such as each or kg"), *_missing("name", draft.name, "a name")]
    found += _too_long(draft, {"code": 64, "name": 100})
    if draft.dimension not in DIMENSIONS:
        found.append(Finding("dimension_unknown", f"Use one of: {', '.join(DIMENSIONS)}.", "/dimension"))
    if not 0 <= draft.decimals <= 6:
        found.append(Finding("decimals_invalid", "Give 0 to 6 decimals.", "/decimals"))
    return found


def code_findings(draft: CategoryDraft | BrandDraft) -> list[Finding]:
    """What is wrong with the code and name of a category or brand."""
    missing = [*_missing("code", draft.code, "a short code"), *_missing("name", draft.name, "a name")]
    return [*missing, *_too_long(draft, {"code": 64, "name": 200})]


def tree_findings(drafts: Mapping[str, CategoryDraft], stored: Mapping[str, str]) -> dict[str, Finding]:
    """Categories of a batch that cannot hang where they wish: by code, why not.

    `stored` maps the codes of the tree to their parents' ("" for a root). A category that hangs below a refused new
    one is refused too.
    """
    bad: dict[str, Finding] = {}
    while True:
        tree = {**stored, **{code: draft.parent for code, draft in drafts.items() if code not in bad}}
        found: dict[str, Finding] = {}
        for code, draft in drafts.items():
            if code in bad:
                continue
            if draft.parent and draft.parent not in tree:
                message = f"There is no category {draft.parent!r}; create it first."
                found[code] = Finding("category_unknown", message, "/parent", {"parent": draft.parent})
            elif _is_circular(code, tree):
                message = f"{code} would hang below itself; choose another parent."
                found[code] = Finding("category_circular", message, "/parent", {"parent": draft.parent})
        if not found:
            return bad
        bad |= found


def _is_circular(code: str, tree: Mapping[str, str]) -> bool:
    node, steps = tree[code], 0
    while node and steps <= len(tree):
        if node == code:
            return True
        node, steps = tree.get(node, ""), steps + 1
    return False


def normal_item(draft: ItemDraft) -> ItemDraft:
    """An item draft in its stored form: blanks trimmed, GTIN and HS code as bare digits, country in capitals."""
    return replace(
        draft,
        sku=draft.sku.strip(), name=" ".join(draft.name.split()), description=draft.description.strip(),
        category=draft.category.strip(), brand=draft.brand.strip(), unit=draft.unit.strip(),
        variant_of=draft.variant_of.strip(), variant=draft.variant.strip(),
        gtin=re.sub(r"[\s-]", "", draft.gtin), hs_code=re.sub(r"[\s.]", "", draft.hs_code),
        origin_country=draft.origin_country.strip().upper(), tax_category=draft.tax_category.strip(),
    )  # fmt: skip


def item_findings(
    draft: ItemDraft, units: Iterable[str], categories: Iterable[str], brands: Iterable[str]
) -> list[Finding]:
    """Everything wrong with an item by itself; units, categories and brands are those that exist."""
    found = [*_missing("sku", draft.sku, "the number by which the item is sold")]
    found += _missing("name", draft.name, "a name")
    found += _too_long(draft, {"sku": 64, "name": 200, "variant": 120, "tax_category": 64})
    if draft.kind not in ITEM_KINDS:
        found.append(Finding("kind_unknown", f"Use one of: {', '.join(ITEM_KINDS)}.", "/kind"))
    if draft.unit not in units:
        found.append(_unknown("unit", draft.unit, "/unit"))
    if draft.category and draft.category not in categories:
        found.append(_unknown("category", draft.category, "/category"))
    if draft.brand and draft.brand not in brands:
        found.append(_unknown("brand", draft.brand, "/brand"))
    found += _missing("tax_category", draft.tax_category, "a tax category such as standard")
    found += _measure_findings(draft)
    found += _tracking_findings(draft)
    found += _trade_findings(draft)
    found += _unit_list_findings(draft, set(units))
    found += _translation_findings(draft)
    return found


def _unknown(what: str, code: str, place: str) -> Finding:
    return Finding(f"{what}_unknown", f"There is no {what} {code!r}; create it first.", place, {what: code})


def _measure_findings(draft: ItemDraft) -> Iterator[Finding]:
    weight = draft.weight_kg
    if not weight.is_finite() or not 0 <= weight < _LARGEST or decimals_of(weight) > 6:
        yield Finding("weight_invalid", "Give the weight in kg, zero or more, with at most six decimals.", "/weight_kg")
    for name in ("length_mm", "width_mm", "height_mm"):
        value = getattr(draft, name)
        if value is not None and not 0 < value <= 2_000_000:
            yield Finding("dimension_invalid", "Give whole millimetres above zero, or nothing.", f"/{name}")


def _tracking_findings(draft: ItemDraft) -> Iterator[Finding]:
    if draft.tracking not in TRACKINGS:
        yield Finding("tracking_unknown", f"Use one of: {', '.join(TRACKINGS)}.", "/tracking")
    elif draft.tracking != "none" and draft.kind != "stocked":
        yield Finding("tracking_not_stocked", "Only what is kept in stock bears lot or serial numbers.", "/tracking")
    if draft.shelf_life_days is not None and not 0 < draft.shelf_life_days <= 36500:
        yield Finding("shelf_life_out_of_range", "Shelf life is 1 to 36500 days, or nothing.", "/shelf_life_days")
    if not 0 <= draft.min_remaining_days <= 36500:
        yield Finding("min_remaining_out_of_range", "It is 0 to 36500 days.", "/min_remaining_days")
    elif draft.shelf_life_days is not None and draft.min_remaining_days >= max(draft.shelf_life_days, 1):
        message = "It keeps no longer than this when it is new: it could never be shipped."
        yield Finding("min_remaining_beyond_life", message, "/min_remaining_days")


def _trade_findings(draft: ItemDraft) -> Iterator[Finding]:
    if draft.gtin and not _GTIN.fullmatch(draft.gtin):
        yield Finding("gtin_invalid", f"{draft.gtin!r} is no GTIN: it has 8, 12, 13 or 14 digits.", "/gtin")
    elif draft.gtin and not gtin_is_valid(draft.gtin):
        right = gtin_check_digit(draft.gtin[:-1])
        message = f"The check digit of {draft.gtin} should be {right}; compare the number with the package."
        yield Finding("gtin_check_digit", message, "/gtin", {"gtin": draft.gtin, "check_digit": str(right)})
    if draft.hs_code and not _HS_CODE.fullmatch(draft.hs_code):
        yield Finding("hs_code_invalid", f"{draft.hs_code!r} is no HS code: it has 6 to 10 digits.", "/hs_code")
    if draft.origin_country and (len(draft.origin_country) != 2 or draft.origin_country not in _COUNTRIES):
        message = f"{draft.origin_country!r} is not a country; use its two letters (ISO 3166-1), such as DE."
        yield Finding("country_unknown", message, "/origin_country")


def _unit_list_findings(draft: ItemDraft, units: set[str]) -> Iterator[Finding]:
    seen: set[str] = {draft.unit}
    for index, other in enumerate(draft.units or ()):
        place = f"/units/{index}"
        if other.unit not in units:
            yield _unknown("unit", other.unit, f"{place}/unit")
        if other.unit in seen:
            yield Finding("unit_twice", f"The item trades in {other.unit} already.", f"{place}/unit")
        seen.add(other.unit)
        if not _is_amount(other.factor):
            message = "Give how many base units one of it is: above zero, at most six decimals."
            yield Finding("factor_invalid", message, f"{place}/factor")


def _is_amount(number: Decimal) -> bool:
    return number.is_finite() and 0 < number < _LARGEST and decimals_of(number) <= 6


def _translation_findings(draft: ItemDraft) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, each in enumerate(draft.translations or ()):
        place = f"/translations/{index}"
        if each.language.lower() not in _LANGUAGES or len(each.language) > 8:
            message = f"{each.language!r} is not a language; use de or en."
            yield Finding("language_unknown", message, f"{place}/language")
        if each.language in seen:
            yield Finding("language_twice", f"{each.language} is in the list already.", f"{place}/language")
        seen.add(each.language)
        yield from _missing("name", each.name.strip(), "the name in this language", place)
        yield from _too_long(each, {"name": 200}, place)


def belonging_findings(draft: ItemDraft, stored: KnownItem | None, others: Mapping[str, KnownItem]) -> list[Finding]:
    """What is wrong with an item against the other items (by sku, those of the batch included) and its own past."""
    found: list[Finding] = []
    if stored is not None and stored.state != "draft":
        if stored.kind != draft.kind:
            message = f"The kind of {draft.sku} is fixed since it left draft; make another item."
            found.append(Finding("kind_fixed", message, "/kind", {"kind": stored.kind}))
        if stored.unit != draft.unit:
            message = f"The base unit of {draft.sku} is fixed since it left draft; add another unit instead."
            found.append(Finding("unit_fixed", message, "/unit", {"unit": stored.unit}))
        if stored.tracking != draft.tracking:
            message = f"How {draft.sku} is tracked is fixed since it left draft; make another item."
            found.append(Finding("tracking_fixed", message, "/tracking", {"tracking": stored.tracking}))
    if draft.variant_of:
        parent = others.get(draft.variant_of)
        if parent is None:
            found.append(_unknown("item", draft.variant_of, "/variant_of"))
        elif draft.variant_of == draft.sku or parent.is_variant:
            message = f"{draft.variant_of} is itself a variant; name the item that has the variants."
            found.append(Finding("variant_of_variant", message, "/variant_of"))
    found += _component_findings(draft, stored, others)
    found += _relation_findings(draft, others)
    return found


def _component_findings(
    draft: ItemDraft, stored: KnownItem | None, others: Mapping[str, KnownItem]
) -> Iterator[Finding]:
    if draft.kind != "kit":
        if draft.components:
            yield Finding("components_unexpected", "Only a kit has components.", "/components")
        return
    was_kit = stored is not None and stored.kind == "kit"
    if draft.components == () or (draft.components is None and not was_kit):
        yield Finding("kit_without_components", "A kit needs at least one component.", "/components")
    seen: set[str] = set()
    for index, each in enumerate(draft.components or ()):
        place = f"/components/{index}"
        part = others.get(each.sku)
        if each.sku in seen:
            yield Finding("component_twice", f"{each.sku} is in the kit already; raise its quantity.", f"{place}/sku")
        seen.add(each.sku)
        if not _is_amount(each.quantity):
            message = "Give how many are in one kit: above zero, at most six decimals."
            yield Finding("quantity_not_positive", message, f"{place}/quantity", {"quantity": str(each.quantity)})
        elif part is not None and decimals_of(each.quantity) > part.decimals:
            yield _fractional(part.sku, each.quantity, part.unit, f"{place}/quantity")
        barred = _component_barred(each.sku, part)
        if barred:
            yield Finding(*barred, f"{place}/sku", {"component": each.sku})


def _component_barred(sku: str, part: KnownItem | None) -> tuple[str, str] | None:
    if part is None:
        return "component_unknown", f"There is no item {sku!r}; create it first."
    if part.kind == "kit":
        return "kit_in_kit", f"{sku} is itself a kit; list its components."
    if part.kind != "stocked":
        return "component_not_stocked", f"{sku} is {part.kind}; a kit holds stocked items only."
    if part.state != "active":
        return "component_not_active", f"{sku} is {part.state}; activate it, or choose another component."
    return None


def _relation_findings(draft: ItemDraft, others: Mapping[str, KnownItem]) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(draft.relations or ()):
        place = f"/relations/{index}"
        if each.kind not in RELATION_KINDS:
            yield Finding("relation_unknown", f"Use one of: {', '.join(RELATION_KINDS)}.", f"{place}/kind")
        if each.sku == draft.sku:
            yield Finding("relation_to_itself", "An item is not related to itself.", f"{place}/sku")
        elif each.sku not in others:
            yield _unknown("item", each.sku, f"{place}/sku")
        if (each.sku, each.kind) in seen:
            yield Finding("relation_twice", f"{each.sku} is in the list already.", f"{place}/sku")
        seen.add((each.sku, each.kind))
        if not 0 <= each.rank <= 1_000_000:
            yield Finding("rank_invalid", "Give a rank from 0 to 1,000,000.", f"{place}/rank")


def needed(quantity: Decimal, per: Decimal, scrap_percent: Decimal, decimals: int) -> Decimal:
    """How much of a component `quantity` pieces take: what goes in and what is lost, rounded up to what its unit can be
    split into."""
    return (quantity * per * (1 + scrap_percent / 100)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_CEILING)


def bill_findings(draft: BillDraft, items: Mapping[str, ItemFacts]) -> list[Finding]:
    """What is wrong with a bill by itself and against the items that exist (by sku)."""
    found: list[Finding] = []
    item = items.get(draft.sku)
    if item is None:
        found.append(_unknown("item", draft.sku, "/sku"))
    elif item.kind != "stocked":
        message = f"{draft.sku} is {item.kind}; only a stocked item is made by a bill of material."
        found.append(Finding("item_not_stocked", message, "/sku"))
    seen: dict[str, list[tuple[date, date]]] = {}
    for index, line in enumerate(draft.lines):
        place = f"/lines/{index}"
        part = items.get(line.sku)
        if part is None:
            message = f"There is no item {line.sku!r}; create it first."
            found.append(Finding("component_unknown", message, f"{place}/sku", {"component": line.sku}))
        elif part.kind != "stocked":
            message = f"{line.sku} is {part.kind}; a bill of material holds stocked items only."
            found.append(Finding("component_not_stocked", message, f"{place}/sku", {"component": line.sku}))
        if not _is_amount(line.quantity):
            message = "Give how much goes into one: above zero, at most six decimals."
            found.append(Finding("quantity_not_positive", message, f"{place}/quantity"))
        if not (line.scrap_percent.is_finite() and 0 <= line.scrap_percent < 1000):
            message = "Give the scrap as a percentage of what goes in, 0 to below 1000."
            found.append(Finding("scrap_out_of_range", message, f"{place}/scrap_percent"))
        if line.valid_from and line.valid_to and line.valid_to <= line.valid_from:
            found.append(
                Finding("period_ends_before_it_starts", "The end must be after the start.", f"{place}/valid_to")
            )
            continue
        period = (line.valid_from or date.min, line.valid_to or date.max)
        if any(period[0] < end and start < period[1] for start, end in seen.get(line.sku, ())):
            message = f"{line.sku} is in the bill already at that time; raise its quantity."
            found.append(Finding("component_twice", message, f"{place}/sku", {"component": line.sku}))
        seen.setdefault(line.sku, []).append(period)
    return found


def path_back(item: UUID, into: Mapping[UUID, Collection[UUID]]) -> list[UUID]:
    """The way from an item through what it is made of back to itself; empty when there is none."""
    came_from: dict[UUID, UUID] = {}
    stack = [item]
    while stack:
        here = stack.pop()
        for part in into.get(here, ()):
            if part == item:
                way = [item, here]
                while way[-1] != item:
                    way.append(came_from[way[-1]])
                return way[::-1] if len(way) > 2 or here != item else [item, item]
            if part not in came_from:
                came_from[part] = here
                stack.append(part)
    return []


def circles(
    wished: Sequence[tuple[UUID, UUID, Collection[UUID]]], stored: Mapping[UUID, tuple[UUID, Collection[UUID]]]
) -> dict[int, list[UUID]]:
    """Which bills (id, item, components), taken one after the other beside the stored ones, would make an item go into
    itself: by their place, with the way it goes. Those are left out for the ones that follow."""
    bills = dict(stored)
    if not _circular({**bills, **{key: (item, parts) for key, item, parts in wished}}.values()):
        return {}
    found: dict[int, list[UUID]] = {}
    for index, (key, item, parts) in enumerate(wished):
        trial = {**bills, key: (item, parts)}
        way = path_back(item, _joined(trial.values()))
        if way:
            found[index] = way
        else:
            bills = trial
    return found


def _joined(bills: Iterable[tuple[UUID, Collection[UUID]]]) -> dict[UUID, set[UUID]]:
    into: dict[UUID, set[UUID]] = {}
    for item, parts in bills:
        into.setdefault(item, set()).update(parts)
    return into


def _circular(bills: Iterable[tuple[UUID, Collection[UUID]]]) -> bool:
    """Whether anything goes into itself: items that go into nothing left are taken away until none is left."""
    into = _joined(bills)
    uses: dict[UUID, int] = dict.fromkeys(into, 0)
    for parts in into.values():
        for part in parts:
            uses[part] = uses.get(part, 0) + 1
    free = [item for item, count in uses.items() if not count]
    taken = 0
    while free:
        item = free.pop()
        taken += 1
        for part in into.get(item, ()):
            uses[part] -= 1
            if not uses[part]:
                free.append(part)
    return taken < len(uses)
